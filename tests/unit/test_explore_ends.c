/*
 * The bundled small worlds, searched in all the ways there are: with every state kept, with those left out
 * that nobody can tell, and without states, run by run. They see the same ends.
 */
#include "models/exploration.h"
#include "models/outcome.h"

#include "tests/unit/unit.h"

enum { STATES_MOST = 8000, RUNS_MOST = 300, STEPS_MOST = 4000 };

struct world {
	struct scenario *s;
	struct race *race;
};

/* False: it is of no use here, for something else comes of it than @verdict. */
static bool world_open_for(struct world *w, const char *file, const char *kernel, const char *verdict)
{
	char *path = g_build_filename(SOURCE_DIR "/scenarios/explore", file, NULL);
	struct json_doc *doc = json_doc_load(path, NULL);

	CU_ASSERT_PTR_NOT_NULL_FATAL(doc);
	CU_ASSERT_FATAL(scenario_include(doc, SOURCE_DIR, NULL));
	w->s = scenario_read(doc, SOURCE_DIR, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(w->s);
	json_doc_free(doc);
	g_free(path);
	w->race = g_strcmp0(race_expected(w->s, kernel), verdict) ? NULL : race_new(w->s, kernel, NULL);
	if (!w->race)
		scenario_free(w->s);
	return w->race;
}

static bool world_open(struct world *w, const char *file, const char *kernel)
{
	return world_open_for(w, file, kernel, "ok");
}

static void world_close(struct world *w)
{
	race_free(w->race);
	scenario_free(w->s);
}

static void note_outcome(struct machine *m, void *outcomes)
{
	g_hash_table_add(outcomes, outcome_text(kernel_of(m)));
}

/* @outcomes: gets them; NULL: nobody wants to know. */
static struct explore_result search_for(struct world *w, u32 reduce, u64 states, GHashTable *outcomes)
{
	struct machine *m = (struct machine *)race_begin(w->race);
	const struct explore_options o = {
		.holds = race_state_holds,
		.tasks = m->task_names,
		.preemptions = EXPLORE_NO_BOUND,
		.choices = EXPLORE_NO_BOUND,
		.unusual = EXPLORE_NO_BOUND,
		.depth = EXPLORE_NO_BOUND,
		.states = states,
		.bytes = UINT64_C(1) << 30,
		.reduce = reduce,
		.ended = outcomes ? note_outcome : NULL,
		.data = outcomes,
	};
	struct explore_result r;

	explore(m, &o, &r);
	return r;
}

static struct explore_result search(struct world *w, u32 reduce)
{
	return search_for(w, reduce, STATES_MOST, NULL);
}

static struct sample_result runs(struct world *w, u32 reduce)
{
	struct machine *m = (struct machine *)race_begin(w->race);
	const struct sample_options o = {
		.how = SAMPLE_ALL,
		.holds = race_state_holds,
		.tasks = m->task_names,
		.runs = RUNS_MOST,
		.depth = STEPS_MOST,
		.reduce = reduce,
	};
	struct sample_result r;

	sample(m, &o, &r);
	return r;
}

static bool is_through(const struct sample_result *r)
{
	return r->found.cut == EXPLORE_COMPLETE && !r->found.deep;
}

static GHashTable *outcomes_new(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static bool are_among(GHashTable *some, GHashTable *all)
{
	GHashTableIter at;
	gpointer outcome;

	g_hash_table_iter_init(&at, some);
	while (g_hash_table_iter_next(&at, &outcome, NULL))
		if (!g_hash_table_contains(all, outcome))
			return false;
	return true;
}

/* Whether something was forgotten to the end. */
static bool forget(struct world *w, u64 states)
{
	GHashTable *kept = outcomes_new(), *left = outcomes_new();
	struct explore_result all = search_for(w, 0, states, kept),
			      fewer = search_for(w, REDUCE_UNREAD, states, left);
	bool forgotten = fewer.unread;

	CU_ASSERT(!all.unread);
	if (all.cut == EXPLORE_COMPLETE) {
		CU_ASSERT_EQUAL(fewer.cut, EXPLORE_COMPLETE);
		CU_ASSERT_EQUAL(fewer.verdict, all.verdict);
		CU_ASSERT(fewer.unread ? fewer.states <= all.states : fewer.states == all.states);
		CU_ASSERT(fewer.unread || fewer.final_hash == all.final_hash);
		CU_ASSERT_EQUAL(g_hash_table_size(left), g_hash_table_size(kept));
		CU_ASSERT(are_among(left, kept));
	}
	explore_result_release(&all);
	explore_result_release(&fewer);
	g_hash_table_destroy(kept);
	g_hash_table_destroy(left);
	return forgotten;
}

/* How often there were few enough runs. */
struct tally {
	u32 searched, slept, enumerated, forgot;
};

static void compare(struct world *w, struct tally *tally)
{
	struct explore_result all = search(w, 0), fewer = search(w, REDUCE_PRIVATE);
	struct sample_result slept, plain;

	if (all.cut == EXPLORE_COMPLETE) {
		slept = runs(w, REDUCE_SLEEP);
		plain = runs(w, 0);
		tally->searched++;
		tally->forgot += forget(w, STATES_MOST);
		tally->slept += is_through(&slept);
		tally->enumerated += is_through(&plain);
		CU_ASSERT_EQUAL(fewer.final_states, all.final_states);
		CU_ASSERT_EQUAL(fewer.final_hash, all.final_hash);
		CU_ASSERT(!is_through(&slept) || slept.found.final_hash == all.final_hash);
		CU_ASSERT(!is_through(&plain) || plain.found.final_hash == all.final_hash);
		CU_ASSERT_EQUAL(slept.hits + plain.hits, 0);
		sample_result_release(&slept);
		sample_result_release(&plain);
	}
	explore_result_release(&all);
	explore_result_release(&fewer);
}

static void test_ends(void)
{
	static const char *const kernels[] = { "6.12", "6.18" };
	GDir *dir = g_dir_open(SOURCE_DIR "/scenarios/explore", 0, NULL);
	struct tally tally = { 0 };
	const char *file;

	CU_ASSERT_PTR_NOT_NULL_FATAL(dir);
	while ((file = g_dir_read_name(dir)))
		for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
			struct world w;

			if (!world_open(&w, file, kernels[i]))
				continue;
			compare(&w, &tally);
			world_close(&w);
		}
	g_dir_close(dir);
	CU_ASSERT(tally.searched >= 40);
	CU_ASSERT(tally.slept >= 15);
	CU_ASSERT(tally.enumerated >= 2);
	CU_ASSERT(tally.forgot >= 20);
}

/* ---- what nobody asks for ---- */

static void test_unread(void)
{
	enum { ALL_STATES = 100000, MORE_THAN_HALF = 20000 };
	static const char *const come_back[] = { "swapin-swapin.json", "swapin-swapin-zram.json",
						 "fork-cow.json" };
	struct explore_result fewer;
	struct world w;

	CU_ASSERT_FATAL(world_open(&w, "alloc-2x2.json", "6.12"));
	CU_ASSERT(forget(&w, ALL_STATES));
	fewer = search_for(&w, REDUCE_UNREAD, ALL_STATES, NULL);
	CU_ASSERT(fewer.states < MORE_THAN_HALF);
	explore_result_release(&fewer);
	world_close(&w);
	for (u32 i = 0; i < ARRAY_SIZE(come_back); i++) {
		CU_ASSERT_FATAL(world_open(&w, come_back[i], "6.18"));
		CU_ASSERT(!forget(&w, STATES_MOST));
		world_close(&w);
	}
}

/* The same at the same cost. */
static void test_unread_finding(void)
{
	enum { SEVERAL = 200000 };
	struct explore_result all, fewer;
	struct world w;

	CU_ASSERT_FATAL(world_open_for(&w, "alloc-2x2.json", "6.18+table-alloc=v3", "cluster_ownership"));
	all = search_for(&w, 0, SEVERAL, NULL);
	fewer = search_for(&w, REDUCE_UNREAD, SEVERAL, NULL);
	CU_ASSERT_EQUAL(all.verdict, EXPLORE_VIOLATION);
	CU_ASSERT_EQUAL(fewer.verdict, EXPLORE_VIOLATION);
	CU_ASSERT_STRING_EQUAL(fewer.invariant, all.invariant);
	CU_ASSERT_EQUAL(fewer.cost.choices, all.cost.choices);
	CU_ASSERT_EQUAL(fewer.cost.steps, all.cost.steps);
	CU_ASSERT(fewer.unread);
	CU_ASSERT(fewer.states < all.states);
	explore_result_release(&all);
	explore_result_release(&fewer);
	world_close(&w);
}

static const struct unit tests[] = {
	{ "what nobody asks for makes no difference, and who asks is heard", test_unread },
	{ "what is found takes no more for it", test_unread_finding },
	{ "with states, with fewer of them and without any the same ends are seen", test_ends },
};

UNIT_MAIN("explore_ends", tests)
