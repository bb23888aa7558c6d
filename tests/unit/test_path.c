#include "sim/path.h"

#include "tests/unit/toy.h"
#include "tests/unit/unit.h"

#define DEPTH(n)                                                                                             \
	{                                                                                                    \
		DO_DEPTH, 0, n                                                                               \
	}
#define WORK(ns)                                                                                             \
	{                                                                                                    \
		DO_WORK, 0, ns                                                                               \
	}
#define DONE                                                                                                 \
	{                                                                                                    \
		DO_END, 0, 0                                                                                 \
	}

static void test_registry(void)
{
	struct machine_config c = toy_config(1);
	struct kernel *k = toy_new(&c);
	const struct path *depth = &k->machine.path[PATH_depth];
	u32 hashes = 0;

	CU_ASSERT_EQUAL(depth->steps, 3);
	CU_ASSERT_STRING_EQUAL(depth->step_name[0], "START");
	CU_ASSERT_STRING_EQUAL(depth->step_name[1], "ENTRY");
	CU_ASSERT_STRING_EQUAL(depth->step_name[2], "DEEPER");
	CU_ASSERT_PTR_NULL(depth->step_name[3]);
	for (u32 p = 0; p < NR_PATHS; p++)
		for (u32 s = 0; s < k->machine.path[p].steps; s++)
			for (u32 q = 0; q < NR_PATHS; q++)
				for (u32 r = 0; r < k->machine.path[q].steps; r++)
					hashes += k->machine.path[p].step[s].hash ==
						  k->machine.path[q].step[r].hash;
	/* Each is equal to itself alone: the same name in two paths is two steps. */
	CU_ASSERT_EQUAL(hashes,
			k->machine.path[0].steps + k->machine.path[1].steps + k->machine.path[2].steps);
	toy_free(k);
}

static void test_calls(void)
{
	static const struct toy_op script[] = { DEPTH(0), DEPTH(3), DEPTH(6), DONE };

	for (u32 fast = 0; fast < 2; fast++) {
		struct machine_config c = toy_config(1);
		struct kernel *k;
		struct task *t;

		c.fall_through = fast;
		k = toy_new(&c);
		t = toy_add(k, script, 0);
		CU_ASSERT(toy_finish(k));
		CU_ASSERT_EQUAL(k->note[0].mark, 100);
		CU_ASSERT_EQUAL(k->note[1].mark, 100 + 1 + 2 + 3);
		CU_ASSERT_EQUAL(k->note[2].mark, 100 + 1 + 2 + 3 + 4 + 5 + 6);
		/* A level is one step of 10 ns; calling and returning take no time. */
		CU_ASSERT_EQUAL(k->note[2].time, 10 + 40 + 70);
		CU_ASSERT_EQUAL(k->machine.steps, 1 + 4 + 7 + 2);
		CU_ASSERT_EQUAL(t->sp, 0);
		CU_ASSERT_EQUAL(t->state, TASK_DONE);
		toy_free(k);
	}
}

static void test_stack(void)
{
	static const struct toy_op script[] = { WORK(20), DEPTH(3), DONE };
	struct machine_config c = toy_config(1);
	struct kernel *k = toy_new(&c);
	struct machine *m = &k->machine;
	struct task *t = toy_add(k, script, 0);
	const struct depth *frame;
	char name[64];

	CU_ASSERT_EQUAL(t->sp, sizeof(struct frame) + sizeof(struct script));
	CU_ASSERT_STRING_EQUAL(machine_step_name(m, t, 0, name, sizeof name), "script.START");
	CU_ASSERT(machine_run(m, 25, NULL));
	CU_ASSERT_STRING_EQUAL(machine_step_name(m, t, 0, name, sizeof name), "script.WORK");
	CU_ASSERT(machine_run(m, 55, NULL));
	CU_ASSERT_STRING_EQUAL(machine_step_name(m, t, 0, name, sizeof name), "depth.ENTRY");
	CU_ASSERT_STRING_EQUAL(machine_step_name(m, t, 1, name, sizeof name), "depth.DEEPER");
	CU_ASSERT_STRING_EQUAL(machine_step_name(m, t, 2, name, sizeof name), "depth.DEEPER");
	CU_ASSERT_STRING_EQUAL(machine_step_name(m, t, 3, name, sizeof name), "script.DEPTH");
	CU_ASSERT_PTR_NULL(machine_step_name(m, t, 4, name, sizeof name));
	/* Frames lie one behind the other, rounded up to words. */
	CU_ASSERT_EQUAL(t->sp, 16 + 3 * 16);
	frame = (const struct depth *)(frame_at(m, t, t->frame) + 1);
	CU_ASSERT_EQUAL(frame->levels, 1);
	toy_free(k);
}

/* What lies behind a frame of 7 bytes is part of the stack, and must not tell what was there before. */
static void test_frame_is_clean(void)
{
	static const struct toy_op script[] = { WORK(20), DONE };
	struct machine_config c = toy_config(1);
	struct kernel *k = toy_new(&c);
	struct task *t = toy_add(k, script, 0);
	u8 *top = (u8 *)frame_at(&k->machine, t, t->sp);

	memset(top, 0xff, 64);
	frame_push(&k->machine, t, (struct frame *)top, PATH_depth, 7);
	CU_ASSERT_EQUAL(top[sizeof(struct frame) + 7], 0);
	CU_ASSERT_EQUAL(top[sizeof(struct frame) + 8], 0xff);
	toy_free(k);
}

static void test_costs(void)
{
	static const struct toy_op script[] = { DEPTH(1), WORK(100), { DO_NOTE, 0, 1 }, DONE };
	struct machine_config c = toy_config(1);
	struct kernel *k = toy_new(&c);

	CU_ASSERT(machine_set_cost(&k->machine, "depth.ENTRY", 500));
	CU_ASSERT(machine_set_cost(&k->machine, "script.WORK", 0));
	CU_ASSERT(!machine_set_cost(&k->machine, "depth.NONE", 1));
	CU_ASSERT(!machine_set_cost(&k->machine, "dept.ENTRY", 1));
	CU_ASSERT(!machine_set_cost(&k->machine, "depth", 1));
	CU_ASSERT(!machine_set_cost(&k->machine, "depths.ENTRY", 1));
	toy_add(k, script, 0);
	CU_ASSERT(toy_finish(k));
	CU_ASSERT_EQUAL(toy_time_of(k, 0, 1), 2 * 500 + 100);
	toy_free(k);
}

static const struct unit tests[] = {
	{ "a path's steps are known by name", test_registry },
	{ "a path calls itself and gets back what it returned", test_calls },
	{ "the stack tells where a task is", test_stack },
	{ "a frame leaves nothing of older ones in the state", test_frame_is_clean },
	{ "a step costs what its operation does unless set by name", test_costs },
};
UNIT_MAIN("path", tests)
