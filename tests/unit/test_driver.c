#include "sim/error.h"
#include "tests/unit/toy.h"
#include "tests/unit/unit.h"

#define WORK(ns)                                                                                             \
	{                                                                                                    \
		DO_WORK, 0, ns                                                                               \
	}
#define NOTE(mark)                                                                                           \
	{                                                                                                    \
		DO_NOTE, 0, mark                                                                             \
	}
#define HOOK(n)                                                                                              \
	{                                                                                                    \
		DO_EVENT, 0, n                                                                               \
	}
#define DONE                                                                                                 \
	{                                                                                                    \
		DO_END, 0, 0                                                                                 \
	}

static void stop(struct machine *m, struct task *t, u32 n)
{
	(void)t;
	(void)n;
	machine_stop(m);
}

static void fail(struct machine *m, struct task *t, u32 n)
{
	machine_fail(m, ERROR_SCENARIO, "task %u at %u", t->id, n);
}

static void test_stop(void)
{
	static const struct toy_op script[] = {
		WORK(90), NOTE(1), HOOK(0), NOTE(2), WORK(90), NOTE(3), DONE
	};
	static const struct toy_op other[] = { WORK(95), NOTE(4), DONE };

	for (u32 fast = 0; fast < 2; fast++) {
		struct machine_config c = toy_config(2);
		struct kernel *k;

		c.fall_through = fast;
		k = toy_new(&c);
		k->on_event = stop;
		toy_add(k, script, 0);
		toy_add(k, other, 1);
		CU_ASSERT(toy_finish(k));
		CU_ASSERT_EQUAL(k->machine.now, 100);
		CU_ASSERT_EQUAL(k->notes, 2); /* what is left of the step is done */
		CU_ASSERT_EQUAL(k->machine.tasks_left, 2);
		toy_free(k);
	}
}

static void test_fail(void)
{
	static const struct toy_op script[] = {
		WORK(90), HOOK(1), HOOK(2), NOTE(1), WORK(10), NOTE(2), DONE
	};
	struct machine_config c = toy_config(1);
	struct kernel *k = toy_new(&c);
	GError *error = NULL;

	k->on_event = fail;
	toy_add(k, script, 0);
	CU_ASSERT(!machine_run(&k->machine, TIME_NEVER, &error));
	CU_ASSERT(g_error_matches(error, SWAPSIM_ERROR, ERROR_SCENARIO));
	CU_ASSERT_STRING_EQUAL(error->message, "task 0 at 1");
	CU_ASSERT_EQUAL(k->notes, 1);
	g_clear_error(&error);
	CU_ASSERT(!machine_run(&k->machine, TIME_NEVER, NULL));
	toy_free(k);
}

static void test_until(void)
{
	static const struct toy_op script[] = { WORK(90), NOTE(1), WORK(90), NOTE(2), DONE };
	struct machine_config c = toy_config(1);
	struct kernel *k = toy_new(&c);

	toy_add(k, script, 0);
	CU_ASSERT(machine_run(&k->machine, 99, NULL));
	CU_ASSERT_EQUAL(k->notes, 0);
	CU_ASSERT_EQUAL(k->machine.now, 99);
	CU_ASSERT(machine_run(&k->machine, 100, NULL)); /* what is due then is done */
	CU_ASSERT_EQUAL(k->notes, 1);
	CU_ASSERT_EQUAL(k->machine.now, 100);
	CU_ASSERT(machine_run(&k->machine, 1000, NULL));
	CU_ASSERT_EQUAL(k->notes, 2);
	CU_ASSERT_EQUAL(k->machine.now, 210); /* when the last task was done */
	CU_ASSERT_EQUAL(k->machine.tasks_left, 0);
	toy_free(k);
}

static void again(struct machine *m, u32 mark)
{
	toy_note(kernel_of(m), NULL, mark);
	machine_at(m, m->now + 1000, EVENT_TOY_IRQ, mark);
}

static void test_periodic(void)
{
	static const struct toy_op waits[] = { { DO_WAIT, 0, 3500 }, { DO_WAIT, 0, 0 }, DONE };
	struct machine_config c = toy_config(1);
	struct kernel *k = toy_new(&c);
	GError *error = NULL;

	machine_on_periodic_event(&k->machine, EVENT_TOY_IRQ, again);
	machine_at(&k->machine, 1000, EVENT_TOY_IRQ, 9);
	toy_add(k, waits, 0);
	CU_ASSERT(!machine_run(&k->machine, TIME_NEVER - 1, &error));
	CU_ASSERT_STRING_EQUAL(error->message, "no task can go on: 1 of 1 wait for each other");
	CU_ASSERT_STRING_EQUAL(toy_order_of(k, 9), "eee");
	g_clear_error(&error);
	toy_free(k);
}

struct effort {
	u64 events;
	u32 user_runs;
};

static struct effort effort_of(bool fall_through, bool inline_hits)
{
	static const struct toy_op script[] = {
		{ DO_USER, 0, 50 }, { DO_DEPTH, 0, 9 }, { DO_USER, 0, 50 }, DONE
	};
	struct machine_config c = toy_config(1);
	struct kernel *k;
	struct effort effort;

	c.fall_through = fall_through;
	c.inline_hits = inline_hits;
	k = toy_new(&c);
	toy_add(k, script, 0);
	memset(k->world->page, PAGE_PRESENT, TOY_PAGES);
	CU_ASSERT(toy_finish(k));
	CU_ASSERT_EQUAL(k->machine.steps, 1 + 10 + 2 + 1);
	effort = (struct effort){ k->machine.events.sequence - EVENT_ORDERS, k->user_runs };
	toy_free(k);
	return effort;
}

static void test_effort(void)
{
	struct effort plain = effort_of(false, false), fall = effort_of(true, false),
		      fast = effort_of(true, true);

	CU_ASSERT(plain.events >= 12 && plain.user_runs >= 100);
	CU_ASSERT(fall.events < plain.events);
	CU_ASSERT_EQUAL(fall.user_runs, plain.user_runs);
	/* One to start, a pause at each name that is met for the first time. */
	CU_ASSERT(fast.events <= 5);
	CU_ASSERT_EQUAL(fast.user_runs, 2);
}

struct seen {
	u32 n;
	u64 last_time;
	u32 entries;
	u32 pages;
};

static void see(struct machine *m, void *data, const struct log_entry *e)
{
	struct seen *seen = data;

	CU_ASSERT(e->path < m->paths);

	CU_ASSERT(e->time >= seen->last_time);
	seen->last_time = e->time;
	seen->n++;
	seen->entries += e->path == PATH_page_fault && e->step == 1;
	seen->pages += e->path == PATH_page_fault && e->op == OP_LOCK;
}

static void test_log(void)
{
	static const struct toy_op script[] = { { DO_USER, 0, 30 }, WORK(50), DONE };
	struct machine_config c = toy_config(2);
	struct seen seen = { 0 };
	u64 fingerprint = 0;

	for (u32 watched = 0; watched < 2; watched++) {
		struct kernel *k = toy_new(&c);

		if (watched) {
			k->machine.log = see;
			k->machine.log_data = &seen;
		}
		for (u32 i = 0; i < 3; i++)
			toy_add(k, script, 0);
		CU_ASSERT(toy_finish(k));
		if (watched) {
			CU_ASSERT_EQUAL(k->machine.fingerprint, fingerprint);
			CU_ASSERT_EQUAL(seen.n, k->machine.steps);
			CU_ASSERT(seen.entries >= 3 && seen.entries == seen.pages);
		}
		fingerprint = k->machine.fingerprint;
		toy_free(k);
	}
}

static const struct unit tests[] = {
	{ "a stop ends the run with the step in hand", test_stop },
	{ "a failure ends it too, and the first is reported", test_fail },
	{ "a run ends at the time it is given, and goes on from there", test_until },
	{ "a periodic event does not keep a deadlocked run alive", test_periodic },
	{ "what falls through or runs inline needs no event", test_effort },
	{ "a log sees every step and changes nothing", test_log },
};
UNIT_MAIN("driver", tests)
