/*
 * The bundled small worlds, searched in all the ways there are: with every state kept, with those left out
 * that nobody can tell, and without states, run by run. They see the same ends.
 */
#include "models/exploration.h"

#include "tests/unit/unit.h"

enum { STATES_MOST = 8000, RUNS_MOST = 300, STEPS_MOST = 4000 };

struct world {
	struct scenario *s;
	struct race *race;
};

/* False: it is of no use here. */
static bool world_open(struct world *w, const char *file, const char *kernel)
{
	char *path = g_build_filename(SOURCE_DIR "/scenarios/explore", file, NULL);
	struct json_doc *doc = json_doc_load(path, NULL);

	CU_ASSERT_PTR_NOT_NULL_FATAL(doc);
	CU_ASSERT_FATAL(scenario_include(doc, SOURCE_DIR, NULL));
	w->s = scenario_read(doc, SOURCE_DIR, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(w->s);
	json_doc_free(doc);
	g_free(path);
	w->race = g_strcmp0(race_expected(w->s, kernel), "ok") ? NULL : race_new(w->s, kernel, NULL);
	if (!w->race)
		scenario_free(w->s);
	return w->race;
}

static void world_close(struct world *w)
{
	race_free(w->race);
	scenario_free(w->s);
}

static struct explore_result search(struct world *w, u32 reduce)
{
	struct machine *m = (struct machine *)race_begin(w->race);
	const struct explore_options o = {
		.holds = race_state_holds,
		.tasks = m->task_names,
		.preemptions = EXPLORE_NO_BOUND,
		.choices = EXPLORE_NO_BOUND,
		.unusual = EXPLORE_NO_BOUND,
		.depth = EXPLORE_NO_BOUND,
		.states = STATES_MOST,
		.bytes = UINT64_C(1) << 30,
		.reduce = reduce,
	};
	struct explore_result r;

	explore(m, &o, &r);
	return r;
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

/* How often there were few enough runs. */
struct tally {
	u32 searched, slept, enumerated;
};

static void compare(struct world *w, struct tally *tally)
{
	struct explore_result all = search(w, 0), fewer = search(w, REDUCE_PRIVATE);
	struct sample_result slept, plain;

	if (all.cut == EXPLORE_COMPLETE) {
		slept = runs(w, REDUCE_SLEEP);
		plain = runs(w, 0);
		tally->searched++;
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
}

static const struct unit tests[] = {
	{ "with states, with fewer of them and without any the same ends are seen", test_ends },
};

UNIT_MAIN("explore_ends", tests)
