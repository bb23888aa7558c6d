/*
 * The races of scenarios/race without their schedules: the explorer finds by itself what each of them was
 * written for, and what it finds happens again under a schedule.
 */
#include "models/exploration.h"

#include "tests/unit/unit.h"

static struct scenario *scenario(const char *name)
{
	char *path = g_strdup_printf("%s/scenarios/race/%s.json", SOURCE_DIR, name);
	struct json_doc *doc = json_doc_load(path, NULL);
	struct scenario *s;

	CU_ASSERT_PTR_NOT_NULL_FATAL(doc);
	CU_ASSERT_FATAL(scenario_include(doc, SOURCE_DIR, NULL));
	s = scenario_read(doc, SOURCE_DIR, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	json_doc_free(doc);
	g_free(path);
	return s;
}

static const struct exploration_options usual = {
	.preemptions = EXPLORE_NO_BOUND,
	.choices = EXPLORE_NO_BOUND,
	.depth = EXPLORE_NO_BOUND,
	.states = 200000,
	.bytes = UINT64_C(1) << 30,
	.seeds = 20,
};

static const struct {
	const char *scenario;
	const char *kernel; /* NULL: the scenario's */
	const char *verdict;
	u32 preemptions, choices, switches;
} found[] = {
	{ "bypass-reuse", NULL, "content", 0, 0, 2 },
	{ "bypass-zram-notify", NULL, "content", 0, 0, 1 },
	{ "bypass-zswap-load", NULL, "content", 0, 0, 1 },
	{ "leak-alloc-fails", NULL, "cluster_ownership", 0, 2, 0 },
	{ "leak-migrate", NULL, "cluster_ownership", 0, 2, 0 },
	{ "leak-other-device", NULL, "cluster_ownership", 0, 2, 0 },
	{ "leak-same-cpu", NULL, "cluster_ownership", 0, 1, 2 },
	{ "swapoff-avail-list", "6.18+avail-list-recheck=off", "lifetime", 0, 0, 2 },
	{ "swapoff-readahead", NULL, "lifetime", 0, 0, 2 }, /* a step that fails, to a state that is fine */
	{ "swapoff-zap", NULL, "lifetime", 0, 0, 2 },
	{ "zswap-cycle", NULL, "progress", 0, 0, 0 },
	{ "zswap-self", NULL, "progress", 0, 0, 0 },
	{ "zswap-self", "6.18+zswap-skip-if-exists=off", "progress", 0, 0, 0 },
};

static void test_finds(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(found); i++) {
		struct scenario *s = scenario(found[i].scenario);
		struct race *race = race_new(s, found[i].kernel, NULL);
		struct exploration x;

		exploration_run(race, &usual, &x);
		CU_ASSERT_STRING_EQUAL(exploration_verdict(&x), found[i].verdict);
		CU_ASSERT_EQUAL(x.found.cost.preemptions, found[i].preemptions);
		CU_ASSERT_EQUAL(x.found.cost.choices, found[i].choices);
		CU_ASSERT_EQUAL(x.found.cost.switches, found[i].switches);
		CU_ASSERT(x.fewest_switches);
		CU_ASSERT_EQUAL(x.witness.seeds, usual.seeds);
		CU_ASSERT(x.witness.schedule.constraints <= found[i].choices + found[i].switches + 1);
		exploration_release(&x);
		race_free(race);
		scenario_free(s);
	}
}

/* The leak of an allocation that fails is the cheapest; that of a migration is behind it, and there is no
 * third. */
static void test_goes_on(void)
{
	struct scenario *s = scenario("leak-migrate");
	struct race *race = race_new(s, NULL, NULL);
	struct exploration x[3];
	const char *known[3] = { NULL };
	struct exploration_options o = usual;

	for (u32 i = 0; i < ARRAY_SIZE(x); i++) {
		exploration_run(race, &o, &x[i]);
		known[i] = x[i].found.key;
		o.known = known;
	}
	CU_ASSERT_STRING_EQUAL(exploration_verdict(&x[1]), "cluster_ownership");
	CU_ASSERT_STRING_NOT_EQUAL(x[0].found.key, x[1].found.key);
	CU_ASSERT_EQUAL(x[1].found.cost.choices, 2);
	CU_ASSERT_EQUAL(x[1].found.cost.switches, 1);
	CU_ASSERT_EQUAL(x[1].witness.seeds, usual.seeds);
	CU_ASSERT_STRING_EQUAL(exploration_verdict(&x[2]), "ok");
	CU_ASSERT_EQUAL(x[2].found.cut, EXPLORE_COMPLETE);
	for (u32 i = 0; i < ARRAY_SIZE(x); i++)
		exploration_release(&x[i]);
	race_free(race);
	scenario_free(s);
}

/* Two real-time threads, of which one asks for ever: no lock and no invariant tells. It hangs on when a
 * device is done, or a grace period ends. */
static void test_livelock(void)
{
	static const char *const names[] = { "livelock-rt", "livelock-shmem" };

	for (u32 i = 0; i < ARRAY_SIZE(names); i++) {
		struct scenario *s = scenario(names[i]);
		struct race *race = race_new(s, NULL, NULL);
		struct exploration x;

		exploration_run(race, &usual, &x);
		CU_ASSERT_EQUAL(x.found.verdict, EXPLORE_DOOMED);
		CU_ASSERT_STRING_EQUAL(exploration_verdict(&x), "progress");
		CU_ASSERT(x.found.doomed > 0);
		CU_ASSERT_EQUAL(x.witness.seeds, usual.seeds);
		CU_ASSERT(x.witness.schedule.constraints <= 3);
		exploration_release(&x);
		race_free(race);
		scenario_free(s);
	}
}

static const struct {
	const char *scenario;
	const char *kernel;
} clean[] = {
	{ "bypass-reuse", "6.17" },	{ "bypass-zram-notify", "6.17" }, { "bypass-zswap-load", "6.17" },
	{ "leak-alloc-fails", "6.18" }, { "leak-alloc-fails", "6.17" },	  { "leak-migrate", "6.18" },
	{ "leak-same-cpu", "6.18" },	{ "bypass-window", "6.17" },	  { "has-cache-window", "6.17" },
	{ "livelock-rt", "6.17" },	{ "zswap-self", "6.17" },
};

static void test_proves(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(clean); i++) {
		struct scenario *s = scenario(clean[i].scenario);
		struct race *race = race_new(s, clean[i].kernel, NULL);
		struct exploration x;
		char *statement;

		exploration_run(race, &usual, &x);
		CU_ASSERT_STRING_EQUAL(exploration_verdict(&x), "ok");
		CU_ASSERT_EQUAL(x.found.cut, EXPLORE_COMPLETE);
		CU_ASSERT_EQUAL(x.found.doomed, 0);
		statement = exploration_statement(&x, &usual);
		CU_ASSERT(g_str_has_prefix(
		    statement, "proved: no violation and no deadlock, and an end can always be "
			       "reached, whatever the order of steps and the decisions of nature; "));
		g_free(statement);
		exploration_release(&x);
		race_free(race);
		scenario_free(s);
	}
}

/* What is likely says only what is tried first; where nothing is found, nothing else is tried. */
static void test_likely_clean(void)
{
	static const char *const kernels[] = { NULL, "6.17" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct scenario *s = scenario("bypass-zram-notify");
		struct race *race = race_new(s, kernels[i], NULL);
		struct exploration_options o = usual;
		struct exploration all, proved;

		exploration_run(race, &o, &all);
		o.clean = true;
		exploration_run(race, &o, &proved);
		CU_ASSERT_STRING_EQUAL(exploration_verdict(&proved), exploration_verdict(&all));
		CU_ASSERT_EQUAL(proved.found.states, all.found.states);
		CU_ASSERT_EQUAL(proved.found.final_states, all.found.final_states);
		CU_ASSERT_EQUAL(proved.found.cost.choices, all.found.cost.choices);
		CU_ASSERT_EQUAL(proved.found.cost.switches, all.found.cost.switches);
		CU_ASSERT_EQUAL(proved.found.cost.steps, all.found.cost.steps);
		CU_ASSERT_EQUAL(proved.fewest_switches, !kernels[i]);
		if (all.found.verdict == EXPLORE_CLEAN)
			CU_ASSERT(proved.found.transitions < all.found.transitions);
		exploration_release(&all);
		exploration_release(&proved);
		race_free(race);
		scenario_free(s);
	}
}

/* What leaves states out leaves none of the ends out. */
static void test_reduction(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(clean); i++) {
		struct scenario *s = scenario(clean[i].scenario);
		struct race *race = race_new(s, clean[i].kernel, NULL);
		struct exploration_options o = usual;
		struct exploration all, fewer;

		exploration_run(race, &o, &all);
		o.reduce = REDUCE_PRIVATE;
		exploration_run(race, &o, &fewer);
		CU_ASSERT_EQUAL(fewer.found.verdict, EXPLORE_CLEAN);
		CU_ASSERT_EQUAL(fewer.found.final_states, all.found.final_states);
		CU_ASSERT_EQUAL(fewer.found.final_hash, all.found.final_hash);
		CU_ASSERT(fewer.found.states < all.found.states);
		exploration_release(&all);
		exploration_release(&fewer);
		race_free(race);
		scenario_free(s);
	}
}

static const struct unit tests[] = {
	{ "what the races show is found without their schedules, at its least cost, and happens again",
	  test_finds },
	{ "behind a finding there may be others, and it is known when there are none", test_goes_on },
	{ "a task that asks for ever is a dead end, and it happens again", test_livelock },
	{ "the fixed kernels are proved free of it", test_proves },
	{ "who expects nothing gets the same answer, and if nothing is there sooner", test_likely_clean },
	{ "unlocking at once leaves out states and no end", test_reduction },
};

UNIT_MAIN("exploration", tests)
