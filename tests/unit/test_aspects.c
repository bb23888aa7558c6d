/*
 * What has not changed need not be looked at again: in the bundled small worlds, as they are and with a check
 * taken out, invariants that are looked at only where something changed say the same as all of them.
 */
#include "models/aspects.h"

#include <string.h>

#include "models/race.h"
#include "sim/sample.h"
#include "tests/unit/unit.h"

enum { RUNS = 25, FEW = 5, DEPTH = 400, UNUSUAL = 6 };

static u32 looked, differed, failed;

static bool both_hold(struct machine *m, GString *why)
{
	u32 unchanged = m->unchanged;
	u8 was_excused = m->was_excused, excused;
	bool still = race_state_holds(m, NULL), all;

	excused = m->excused;
	m->unchanged = 0;
	all = race_state_holds(m, why);
	m->unchanged = unchanged;
	m->was_excused = was_excused;
	m->excused = excused;
	looked += unchanged != 0;
	failed += unchanged && !all;
	differed += still != all;
	return all;
}

struct world {
	struct scenario *s;
	struct race *race; /* NULL: it is not for this release */
};

static struct world open_world(const char *file, const char *kernel)
{
	char *path = g_build_filename(SOURCE_DIR "/scenarios/explore", file, NULL);
	struct json_doc *doc = json_doc_load(path, NULL);
	struct world w;

	CU_ASSERT_PTR_NOT_NULL_FATAL(doc);
	CU_ASSERT_FATAL(scenario_include(doc, SOURCE_DIR, NULL));
	w.s = scenario_read(doc, SOURCE_DIR, NULL);
	json_doc_free(doc);
	w.race = race_new(w.s, kernel, NULL);
	g_free(path);
	return w;
}

static void close_world(struct world *w)
{
	race_free(w->race);
	scenario_free(w->s);
}

static void compare(const char *file, const char *kernel, u32 runs)
{
	struct world w = open_world(file, kernel);

	if (w.race) {
		struct machine *m = (struct machine *)race_begin(w.race);
		const struct sample_options o = {
			.holds = both_hold,
			.tasks = m->task_names,
			.seed = 1,
			.runs = runs,
			.depth = DEPTH,
			.unusual = UNUSUAL,
		};
		struct sample_result r;

		sample(m, &o, &r);
		sample_result_release(&r);
	}
	close_world(&w);
}

static void test_worlds(void)
{
	static const char *const kernels[] = { "6.12",
					       "6.17",
					       "6.18",
					       "7.2",
					       "6.18+unchecked=unmap-pte",
					       "7.2+unchecked=swapin-pte",
					       "6.18+unchecked=claim-count",
					       "6.18+unchecked=free-count",
					       "7.2+unchecked=claim-cache" };
	GDir *dir = g_dir_open(SOURCE_DIR "/scenarios/explore", 0, NULL);
	const char *file;

	CU_ASSERT_PTR_NOT_NULL_FATAL(dir);
	looked = differed = failed = 0;
	while ((file = g_dir_read_name(dir)))
		for (u32 i = 0; i < ARRAY_SIZE(kernels); i++)
			compare(file, kernels[i], unit_runs(RUNS, FEW));
	g_dir_close(dir);
	CU_ASSERT_EQUAL(differed, 0);
	CU_ASSERT(looked > 4000 * unit_runs(RUNS, FEW));
	CU_ASSERT(failed > 4 * unit_runs(RUNS, FEW));
}

/* A cluster that somebody lets go of: all that changes is what he does. */
static void test_work(void)
{
	looked = differed = failed = 0;
	compare("alloc-2x2.json", "6.18+table-alloc=v3", 50 * RUNS);
	CU_ASSERT_EQUAL(differed, 0);
	CU_ASSERT(failed > 0);
}

/* Misspelt it would be of all aspects, and looked at for nothing. */
static void test_regions(void)
{
	static const char *const names[] = { "task",	 "cpu",	  "percpu",  "stack",  "memory",   "swap",
					     "mm",	 "memcg", "lruvec",  "work",   "folio",	   "pte",
					     "folio_io", "slot",  "cluster", "device", "pte_flags" };
	struct world w = open_world("alloc-3x1.json", "6.18");
	const struct arena *a = &((struct machine *)race_begin(w.race))->arena;
	u32 found = 0;

	for (u32 i = 0; i < a->regions; i++)
		for (u32 n = 0; n < ARRAY_SIZE(names); n++)
			if (!strcmp(a->region[i].name, names[n]))
				found += a->region[i].aspects != UINT32_MAX;
	CU_ASSERT_EQUAL(found, ARRAY_SIZE(names));
	close_world(&w);
}

static const struct unit tests[] = {
	{ "what has not changed holds as before", test_worlds },
	{ "it may change by what somebody does", test_work },
	{ "regions are known by their names", test_regions },
};

UNIT_MAIN("aspects", tests)
