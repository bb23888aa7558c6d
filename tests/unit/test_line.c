#include "sim/line.h"

#include "tests/unit/toy.h"
#include "tests/unit/unit.h"

enum { LINE_NS = 100 };

static struct kernel *three_cpus(u32 line_ns)
{
	static const struct toy_op nothing[] = { { DO_END, 0, 0 } };
	struct machine_config c = toy_config(3);
	struct kernel *k;

	c.line_ns = line_ns;
	k = toy_new(&c);
	for (u32 cpu = 0; cpu < 3; cpu++)
		toy_add(k, nothing, cpu);
	return k;
}

/* What it costs the task on @cpu at @now. */
static u64 take(struct kernel *k, struct line *line, u32 cpu, u64 now, u32 lines)
{
	struct task *t = &k->machine.task[cpu];
	u64 ns;

	k->machine.now = now;
	line_take(&k->machine, t, line, lines);
	ns = t->work_ns;
	t->work_ns = 0;
	return ns;
}

static void test_own(void)
{
	struct kernel *k = three_cpus(LINE_NS);
	struct line line = { 0 };

	CU_ASSERT_EQUAL(take(k, &line, 0, 1000, 1), 0); /* nobody's so far */
	CU_ASSERT_EQUAL(take(k, &line, 0, 1000, 1), 0);
	CU_ASSERT_EQUAL(take(k, &line, 1, 1000, 1), LINE_NS);
	CU_ASSERT_EQUAL(take(k, &line, 1, 1100, 1), 0);
	CU_ASSERT_EQUAL(take(k, &line, 0, 2000, 3), 3 * LINE_NS);
	toy_free(k);
}

static void test_queue(void)
{
	struct kernel *k = three_cpus(LINE_NS);
	struct line line = { 0 };

	take(k, &line, 0, 1000, 1);
	CU_ASSERT_EQUAL(take(k, &line, 1, 1000, 1), LINE_NS);
	CU_ASSERT_EQUAL(take(k, &line, 2, 1000, 1), 2 * LINE_NS);
	CU_ASSERT_EQUAL(take(k, &line, 0, 1030, 1), 3 * LINE_NS - 30);
	CU_ASSERT_EQUAL(take(k, &line, 1, 5000, 1), LINE_NS);
	toy_free(k);
}

/* The work that is pending comes first. */
static void test_pending_work(void)
{
	struct kernel *k = three_cpus(LINE_NS);
	struct line line = { 0 };

	take(k, &line, 0, 1000, 1);
	CU_ASSERT_EQUAL(take(k, &line, 1, 1000, 1), LINE_NS);
	k->machine.task[2].work_ns = 500;
	CU_ASSERT_EQUAL(take(k, &line, 2, 1000, 1), 500 + LINE_NS);
	CU_ASSERT_EQUAL(line.free_at, 1600);
	toy_free(k);
}

static void test_not_known(void)
{
	struct kernel *k = three_cpus(0);
	struct line line = { 0 };

	take(k, &line, 0, 1000, 1);
	CU_ASSERT_EQUAL(take(k, &line, 1, 1000, 1), 0);
	toy_free(k);
	k = three_cpus(LINE_NS);
	machine_search(&k->machine);
	take(k, &line, 0, 1000, 1);
	CU_ASSERT_EQUAL(take(k, &line, 1, 1000, 1), 0);
	CU_ASSERT_EQUAL(line.cpu, 0); /* no part of the state of a search */
	toy_free(k);
}

static const struct unit tests[] = {
	{ "a line is the CPU's that wrote it last, and costs another one its way", test_own },
	{ "it goes to one CPU after the other", test_queue },
	{ "at the time at which it is written", test_pending_work },
	{ "it costs nothing where that is not known, and in a search", test_not_known },
};
UNIT_MAIN("line", tests)
