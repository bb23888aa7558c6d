#include "sim/sample.h"

#include "sim/snapshot.h"
#include "tests/unit/toy.h"
#include "tests/unit/unit.h"

#define DO(what)                                                                                             \
	{                                                                                                    \
		DO_##what, 0, 0                                                                              \
	}

static const struct toy_op adds[] = { { DO_ADD, 0, 1 }, { DO_ADD, 0, 2 }, { DO_ADD, 0, 8 }, DO(END) };
static const struct toy_op adds_more[] = { { DO_ADD, 0, 4 }, { DO_CHOOSE, 0, 3 }, DO(WORK), DO(END) };
static const struct toy_op one_two[] = { { DO_MUTEX, 0, 0 }, { DO_MUTEX, 1, 0 }, DO(END) };
static const struct toy_op sleeps[] = { { DO_TICKS, 0, 1 },    { DO_ADD, 0, 1 },	  { DO_MUTEX, 0, 0 },
					{ DO_CALL_RCU, 0, 3 }, { DO_MUTEX_UNLOCK, 0, 0 }, DO(END) };
static const struct toy_op asks[] = { { DO_CHOOSE, 0, 3 }, { DO_MUTEX, 0, 0 },	      { DO_DEPTH, 0, 2 },
				      { DO_ADD, 0, 2 },	   { DO_MUTEX_UNLOCK, 0, 0 }, DO(END) };
static const struct toy_op two_one[] = { { DO_MUTEX, 1, 0 }, { DO_MUTEX, 0, 0 }, DO(END) };

static struct kernel *world(const struct toy_op *a, const struct toy_op *b)
{
	struct machine_config config = toy_config(2);
	struct kernel *k;

	config.tasks = 2;
	config.preemption = PREEMPT_FULL;
	k = toy_new(&config);
	machine_search(&k->machine);
	toy_add(k, a, 0);
	toy_add(k, b, 1);
	return k;
}

static bool adds_up(struct machine *m, GString *why)
{
	if (m->tasks_left || kernel_of(m)->world->shared == 15)
		return true;
	if (why)
		g_string_append_printf(why, "sum: it is %u", kernel_of(m)->world->shared);
	return false;
}

static bool fine(struct machine *m, GString *why)
{
	(void)m, (void)why;
	return true;
}

static struct sample_options runs_of(enum sampling how, holds_fn *holds)
{
	return (struct sample_options){ .how = how,
					.holds = holds,
					.tasks = 2,
					.seed = 1,
					.runs = 300,
					.depth = 100,
					.unusual = 4,
					.changes = 2,
					.steps = 14 };
}

/* Its decisions lead to what it says. */
static void expect_again(struct kernel *k, const struct explore_result *r)
{
	struct decision_reader reader = { 0 };
	void *start = g_malloc(snapshot_bytes(&k->machine, SNAPSHOT_RUN));

	snapshot_save(&k->machine, SNAPSHOT_RUN, start);
	for (u32 i = 0; i < r->decisions; i++)
		decision_follow(&k->machine, &r->decision[i], &reader);
	CU_ASSERT(!adds_up(&k->machine, NULL));
	snapshot_load(&k->machine, SNAPSHOT_RUN, start);
	g_free(start);
}

static void test_finds(void)
{
	for (u32 how = 0; how < NR_SAMPLINGS; how++) {
		struct kernel *k = world(adds, adds_more);
		struct sample_options o = runs_of(how, adds_up);
		struct sample_result r, again;

		sample(&k->machine, &o, &r);
		CU_ASSERT_EQUAL(r.runs, 300);
		CU_ASSERT(r.hits > 0 && r.hits < 300);
		CU_ASSERT_EQUAL(r.found.verdict, EXPLORE_VIOLATION);
		CU_ASSERT_STRING_EQUAL(r.found.invariant, "sum");
		CU_ASSERT_EQUAL(r.found.decisions, r.found.cost.steps);
		expect_again(k, &r.found);
		sample(&k->machine, &o, &again);
		CU_ASSERT_EQUAL(again.first, r.first);
		CU_ASSERT_EQUAL(again.hits, r.hits);
		CU_ASSERT_EQUAL(again.steps, r.steps);
		sample_result_release(&again);
		sample_result_release(&r);
		toy_free(k);
	}
}

static bool never_more(void *data, u64 known)
{
	(void)data;
	(void)known;
	return true;
}

/* Before the first of them or, of all there are, after some steps. */
static void test_stopped(void)
{
	for (u32 how = 0; how < NR_SAMPLINGS; how++) {
		struct kernel *k = world(adds, adds_more);
		struct sample_options o = runs_of(how, fine);
		struct sample_result r;

		o.stop = never_more;
		sample(&k->machine, &o, &r);
		CU_ASSERT_EQUAL(r.found.cut, EXPLORE_CUT_STOPPED);
		CU_ASSERT_EQUAL(r.runs, 0);
		sample_result_release(&r);
		toy_free(k);
	}
}

static void test_usual(void)
{
	struct kernel *k = world(adds, adds_more);
	struct sample_options o = runs_of(SAMPLE_WALK, adds_up);
	struct sample_result r;

	o.unusual = 0;
	sample(&k->machine, &o, &r);
	CU_ASSERT_EQUAL(r.found.cost.choices, 0);
	sample_result_release(&r);
	o.holds = fine;
	sample(&k->machine, &o, &r);
	CU_ASSERT_EQUAL(r.found.verdict, EXPLORE_CLEAN);
	CU_ASSERT_EQUAL(r.ends, 300);
	sample_result_release(&r);
	toy_free(k);
}

static void test_deadlock(void)
{
	struct kernel *k = world(one_two, two_one);
	struct sample_options o = runs_of(SAMPLE_POS, fine);
	struct sample_result r;

	sample(&k->machine, &o, &r);
	CU_ASSERT_EQUAL(r.found.verdict, EXPLORE_DEADLOCK);
	CU_ASSERT_STRING_EQUAL(r.found.invariant, "progress");
	sample_result_release(&r);
	toy_free(k);
}

/* ---- where runs get ---- */

static GHashTable *seen;

static bool is_noted(struct machine *m, GString *why)
{
	u64 hash = snapshot_hash(m);

	(void)why;
	g_hash_table_add(seen, g_memdup2(&hash, sizeof hash));
	return true;
}

static bool was_seen(struct machine *m, GString *why)
{
	u64 hash = snapshot_hash(m);

	(void)why;
	return g_hash_table_contains(seen, &hash);
}

/* Whatever the run before left behind is gone when one begins. */
static void test_reachable(void)
{
	enum { FEWEST_STEPS = 15 };
	struct explore_options all = { .holds = is_noted,
				       .tasks = 2,
				       .preemptions = EXPLORE_NO_BOUND,
				       .choices = EXPLORE_NO_BOUND,
				       .unusual = EXPLORE_NO_BOUND,
				       .depth = EXPLORE_NO_BOUND,
				       .states = 100000,
				       .bytes = 1 << 28 };
	struct sample_options o = runs_of(SAMPLE_WALK, was_seen);
	struct kernel *k = world(sleeps, asks);
	struct explore_result every;
	struct sample_result r;

	seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	explore(&k->machine, &all, &every);
	CU_ASSERT_EQUAL(every.cut, EXPLORE_COMPLETE);
	CU_ASSERT(g_hash_table_size(seen) > 100);
	sample(&k->machine, &o, &r);
	CU_ASSERT_EQUAL(r.hits, 0);
	CU_ASSERT_EQUAL(r.ends, 300);
	CU_ASSERT(r.steps >= 300 * FEWEST_STEPS);
	g_hash_table_destroy(seen);
	explore_result_release(&every);
	sample_result_release(&r);
	toy_free(k);
}

/* The cost of what is found: that of the run up to there, and not of those before it. */
static void test_cost(void)
{
	u32 unusual = 0;

	for (u32 how = 0; how < NR_SAMPLINGS; how++) {
		struct kernel *k = world(adds, adds_more);
		struct sample_options o = runs_of(how, adds_up);
		struct decision_reader reader = { 0 };
		struct explore_cost cost = { 0 };
		struct sample_result r;
		void *start = g_malloc(snapshot_bytes(&k->machine, SNAPSHOT_RUN));
		u32 last = 0;

		o.unusual = 2;
		sample(&k->machine, &o, &r);
		CU_ASSERT_EQUAL_FATAL(r.found.verdict, EXPLORE_VIOLATION);
		snapshot_save(&k->machine, SNAPSHOT_RUN, start);
		for (u32 i = 0; i < r.found.decisions; i++) {
			struct next next = r.found.decision[i].next;
			bool step = next.kind == NEXT_STEP;

			cost.preemptions +=
			    step && explore_preempts(&k->machine, &k->machine.task[next.number]);
			cost.switches += step && last && last != next.number + 1u;
			cost.choices += r.found.decision[i].answers > 0; /* none is made twice in a step */
			last = step ? next.number + 1u : last;
			decision_follow(&k->machine, &r.found.decision[i], &reader);
		}
		CU_ASSERT_EQUAL(r.found.cost.preemptions, cost.preemptions);
		CU_ASSERT_EQUAL(r.found.cost.switches, cost.switches);
		CU_ASSERT_EQUAL(r.found.cost.choices, cost.choices);
		unusual += cost.choices;
		snapshot_load(&k->machine, SNAPSHOT_RUN, start);
		g_free(start);
		sample_result_release(&r);
		toy_free(k);
	}
	CU_ASSERT(unusual > 0);
}

/* A run ends at the depth at the latest, and of all there are it is said that some did. */
static void test_depth(void)
{
	enum { DEPTH = 5 };

	for (u32 how = 0; how < NR_SAMPLINGS; how++) {
		struct kernel *k = world(adds, adds_more);
		struct sample_options o = runs_of(how, fine);
		struct sample_result r;

		o.depth = DEPTH;
		sample(&k->machine, &o, &r);
		CU_ASSERT_EQUAL(r.ends, 0);
		CU_ASSERT(how == SAMPLE_ALL ? r.found.deep : r.steps == 300 * DEPTH);
		sample_result_release(&r);
		toy_free(k);
	}
}

/* Another seed, other runs. */
static void test_seeds(void)
{
	for (u32 how = 0; how < SAMPLE_ALL; how++) {
		struct kernel *k = world(adds, adds_more);
		struct sample_options o = runs_of(how, adds_up);
		struct sample_result r, other;

		sample(&k->machine, &o, &r);
		o.seed = 2;
		sample(&k->machine, &o, &other);
		CU_ASSERT(r.hits != other.hits || r.first != other.first || r.steps != other.steps);
		sample_result_release(&other);
		sample_result_release(&r);
		toy_free(k);
	}
}

static const struct unit tests[] = {
	{ "runs get where a search does, and nowhere else", test_reachable },
	{ "every way of drawing finds a lost update, and the same again with the same seed", test_finds },
	{ "they are stopped when somebody says so", test_stopped },
	{ "nature can be told to decide as usual", test_usual },
	{ "a deadlock is found, too", test_deadlock },
	{ "what is found costs what its run did", test_cost },
	{ "no run is longer than it may be", test_depth },
	{ "another seed makes other runs", test_seeds },
};

UNIT_MAIN("sample", tests)
