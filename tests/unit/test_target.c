/*
 * Runs that are drawn to get to a target: who is in one of the two windows waits there for another one, and
 * that takes them there sooner.
 */
#include "models/target.h"

#include "models/race.h"
#include "sim/sample.h"
#include "tests/unit/unit.h"

enum { SEEDS = 20, RUNS_MOST = 1000, DEPTH = 1000, UNUSUAL = 8 };

/* Runs until the target was reached, over all seeds. */
static u64 runs_to(struct race *race, const struct target *target, bool steered)
{
	u64 runs = 0;

	for (u64 seed = 1; seed <= SEEDS; seed++) {
		struct kernel *k = race_begin(race);
		const struct sample_options o = {
			.how = SAMPLE_WALK,
			.holds = target_is_missed,
			.keeps = steered ? target_keeps : NULL,
			.tasks = ((struct machine *)k)->task_names,
			.seed = seed,
			.runs = RUNS_MOST,
			.depth = DEPTH,
			.unusual = UNUSUAL,
		};
		struct sample_result r;

		k->target = target;
		sample((struct machine *)k, &o, &r);
		runs += r.hits ? r.first : RUNS_MOST;
		sample_result_release(&r);
	}
	return runs;
}

static void compare(const char *file, const char *windows, u64 times)
{
	char *path = g_build_filename(SOURCE_DIR "/scenarios/explore", file, NULL);
	struct json_doc *doc = json_doc_load(path, NULL);
	struct target *target;
	struct scenario *s;
	struct race *race;
	u64 steered, unsteered;

	CU_ASSERT_PTR_NOT_NULL_FATAL(doc);
	s = scenario_read(doc, SOURCE_DIR, NULL);
	json_doc_free(doc);
	race = race_new(s, "6.18", NULL);
	target = target_parse((struct machine *)race_begin(race), windows, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(target);
	steered = runs_to(race, target, true);
	unsteered = runs_to(race, target, false);
	CU_ASSERT(steered >= SEEDS);
	CU_ASSERT(times * steered < unsteered);
	target_free(target);
	race_free(race);
	scenario_free(s);
	g_free(path);
}

static void test_steered(void)
{
	compare("swapout-zap.json", "try_to_unmap_one,zap_pages", 100);
	compare("swapin-reuse.json", "entry_unchecked,folio_free_swap", 3);
	compare("swapoff-swapin.json", "entry_unchecked,try_to_unuse", 2);
}

static const struct unit tests[] = {
	{ "who waits in a window is met there sooner", test_steered },
};

UNIT_MAIN("target", tests)
