/* Tasks that wait for each other. */
#include "models/work/gate.h"
#include "tests/unit/world.h"

enum { TASKS = 3 };

/* Tasks 0..2 are of a group; they never run. */
static void group(struct world *w, struct workload *load)
{
	*load = (struct workload){ .pages = 1, .gate_tasks = TASKS, .start_ns = 1 };
	world_init(w, (struct world_size){ .cpus = TASKS });
	for (u32 i = 0; i < TASKS; i++)
		work_add_task(w->k, load, 0, i, true);
}

/* Whether they wait, as bits. */
static u32 waiting(const struct world *w)
{
	u32 bits = 0;

	for (u32 i = 0; i < TASKS; i++)
		bits |= (u32)(w->k->work[i].waits != 0) << i;
	return bits;
}

static void test_opens_with_the_last(void)
{
	struct workload load;
	struct world w;

	group(&w, &load);
	for (u32 round = 0; round < 2; round++) {
		gate_arrive(w.k, 2);
		CU_ASSERT_EQUAL(waiting(&w), 4);
		gate_arrive(w.k, 0);
		CU_ASSERT_EQUAL(waiting(&w), 5);
		gate_arrive(w.k, 1);
		CU_ASSERT_EQUAL(waiting(&w), 0);
	}
	world_release(&w);
}

static void test_who_leaves_does_not_count(void)
{
	struct workload load;
	struct world w;

	group(&w, &load);
	gate_leave(w.k, 1);
	gate_arrive(w.k, 0);
	CU_ASSERT_EQUAL(waiting(&w), 1);
	gate_arrive(w.k, 2);
	CU_ASSERT_EQUAL(waiting(&w), 0);
	gate_arrive(w.k, 2);
	CU_ASSERT_EQUAL(waiting(&w), 4);
	gate_leave(w.k, 0); /* the last one that was missing */
	CU_ASSERT_EQUAL(waiting(&w), 0);
	world_release(&w);
}

static void test_who_leaves_while_it_waits(void)
{
	struct workload load;
	struct world w;

	group(&w, &load);
	gate_arrive(w.k, 0);
	gate_leave(w.k, 0);
	gate_arrive(w.k, 1);
	CU_ASSERT_EQUAL(waiting(&w), 2); /* task 2 is still missing */
	gate_arrive(w.k, 2);
	CU_ASSERT_EQUAL(waiting(&w), 0);
	gate_leave(w.k, 1);
	gate_leave(w.k, 2);
	CU_ASSERT_EQUAL(w.k->work[0].members, 0);
	CU_ASSERT_EQUAL(w.k->work[0].arrived, 0);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "the gate opens with the last of the group, again and again", test_opens_with_the_last },
	{ "who ends is not waited for", test_who_leaves_does_not_count },
	{ "who ends while it waits is counted once", test_who_leaves_while_it_waits },
};

UNIT_MAIN("gate", tests)
