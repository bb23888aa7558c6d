#include "sim/coverage.h"

#include "sim/explore.h"
#include "tests/unit/toy.h"
#include "tests/unit/unit.h"

#define DO(what)                                                                                             \
	{                                                                                                    \
		DO_##what, 0, 0                                                                              \
	}

static const struct toy_op adds[] = { { DO_ADD, 0, 1 }, DO(END) };
static const struct toy_op adds_alone[] = { DO(LOCK), { DO_ADD, 0, 1 }, DO(UNLOCK), DO(END) };
static const struct window windows[] = {
	{ .name = "half_added", .open = "script.ADD_READ", .close = "script.ADD_WRITE" },
	{ .name = "asleep", .open = "script.MUTEX", .close = "script.MUTEX_UNLOCK" },
	{ 0 },
};

static struct kernel *world(const struct toy_op *script)
{
	struct machine_config config = toy_config(2);
	struct kernel *k;

	config.tasks = 2;
	k = toy_new(&config);
	k->machine.window = windows;
	machine_search(&k->machine);
	toy_add(k, script, 0);
	toy_add(k, script, 1);
	return k;
}

static bool fine(struct machine *m, GString *why)
{
	(void)m, (void)why;
	return true;
}

static bool not_both(struct machine *m, GString *why)
{
	struct stretch half;
	bool both = true;

	BUG_ON(!stretch_find(m, "half_added", &half, NULL));
	for (u32 i = 0; i < 2; i++)
		both = both && stretch_contains(m, &half, &m->task[i]);
	if (both && why)
		g_string_append(why, "both: they are");
	return !both;
}

static char *coverage_of(const struct toy_op *script, holds_fn *holds, enum seen *seen, bool complete)
{
	struct kernel *k = world(script);
	struct coverage c;
	const struct explore_options o = {
		.holds = holds,
		.tasks = 2,
		.preemptions = EXPLORE_NO_BOUND,
		.choices = EXPLORE_NO_BOUND,
		.unusual = EXPLORE_NO_BOUND,
		.depth = EXPLORE_NO_BOUND,
		.states = 100000,
		.bytes = 1 << 30,
		.coverage = &c,
	};
	struct explore_result r;
	GString *text = g_string_new(NULL);

	coverage_init(&c, &k->machine);
	explore(&k->machine, &o, &r);
	*seen = coverage_seen(&c, 0, 0);
	CU_ASSERT(c.entered[0] && !c.entered[1]);
	coverage_text(&c, complete, text);
	coverage_release(&c);
	explore_result_release(&r);
	toy_free(k);
	return g_string_free(text, FALSE);
}

static void expect(const struct toy_op *script, holds_fn *holds, bool complete, enum seen expected,
		   const char *row, const char *rest)
{
	enum seen seen;
	char *text = coverage_of(script, holds, &seen, complete);

	CU_ASSERT_EQUAL(seen, expected);
	CU_ASSERT(strstr(text, row) != NULL);
	CU_ASSERT(strstr(text, rest) != NULL);
	g_free(text);
}

static void test_together(void)
{
	expect(adds, fine, true, SEEN_TOGETHER, "   1 half_added                o\n",
	       "  unreachable: asleep\n");
}

static void test_never(void)
{
	expect(adds_alone, fine, true, SEEN_NEVER, "   1 half_added                -\n", "- unreachable\n");
	expect(adds_alone, fine, false, SEEN_NEVER, "   1 half_added                .\n",
	       "  never entered: asleep\n");
}

static void test_violated(void)
{
	expect(adds, not_both, false, SEEN_VIOLATED, "   1 half_added                X\n",
	       "X where it went wrong");
}

static const struct unit tests[] = {
	{ "two tasks in one window are seen", test_together },
	{ "a lock keeps them from it, and that is proved by a search that is through", test_never },
	{ "where an invariant fails is marked", test_violated },
};

UNIT_MAIN("coverage", tests)
