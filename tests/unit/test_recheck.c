/* Checks behind a lock that can be left out. */
#include "models/recheck.h"

#include "models/exploration.h"
#include "sim/stretch.h"
#include "tests/unit/world.h"

static void test_names(void)
{
	const struct release *release;
	struct patches p;
	GError *error = NULL;

	for (u32 i = 0; i < NR_RECHECKS; i++) {
		char *text = g_strdup_printf("6.17+unchecked=%s", recheck_info[i].name);

		CU_ASSERT(release_parse(text, &release, &p, NULL));
		CU_ASSERT_EQUAL(p.unchecked, UINT64_C(1) << i);
		g_free(text);
	}
	CU_ASSERT(release_parse("6.18+unchecked=anon-pte+unchecked=huge-pmd", &release, &p, NULL));
	CU_ASSERT_EQUAL(p.unchecked, UINT64_C(1) << RECHECK_ANON_PTE | UINT64_C(1) << RECHECK_HUGE_PMD);
	CU_ASSERT_FALSE(release_parse("6.18+unchecked=pte", &release, &p, &error));
	CU_ASSERT_PTR_NOT_NULL(strstr(error->message, "\"pte\" (one of anon-pte, "));
	g_error_free(error);
}

static void test_no_release_lacks_any(void)
{
	u32 n;
	const struct release *release = release_list(&n);

	for (u32 i = 0; i < n; i++)
		CU_ASSERT_EQUAL(release[i].patches.unchecked, 0);
}

/* "path.STEP", or several with a comma between, or a path. */
static void test_steps_exist(void)
{
	struct world w;
	struct machine *m;

	world_init(&w, (struct world_size){ .release = "6.17" });
	m = &w.k->machine;
	for (u32 i = 0; i < NR_RECHECKS; i++) {
		char **step = g_strsplit(recheck_info[i].step, ", ", -1);

		for (u32 k = 0; step[k]; k++) {
			struct stretch s;

			CU_ASSERT(stretch_find(m, step[k], &s, NULL));
		}
		g_strfreev(step);
	}
	world_release(&w);
}

/* One that everybody needs, left out of a world of its own and put back. */
static const char *verdict_of(const char *world_name, const char *kernel)
{
	static const struct exploration_options usual = {
		.preemptions = EXPLORE_NO_BOUND,
		.choices = EXPLORE_NO_BOUND,
		.depth = EXPLORE_NO_BOUND,
		.states = 20000,
		.bytes = UINT64_C(1) << 30,
	};
	char *path = g_strdup_printf("%s/scenarios/explore/%s.json", SOURCE_DIR, world_name);
	struct json_doc *doc = json_doc_load(path, NULL);
	struct scenario *s = doc ? scenario_read(doc, SOURCE_DIR, NULL) : NULL;
	struct race *race = s ? race_new(s, kernel, NULL) : NULL;
	struct exploration x;
	const char *verdict;

	CU_ASSERT_PTR_NOT_NULL_FATAL(race);
	exploration_run(race, &usual, &x);
	CU_ASSERT(x.found.cut == EXPLORE_COMPLETE);
	verdict = g_intern_string(exploration_verdict(&x));
	exploration_release(&x);
	race_free(race);
	scenario_free(s);
	json_doc_free(doc);
	g_free(path);
	return verdict;
}

static void test_is_missed(void)
{
	static const char *const missed[][3] = {
		{ "fault-fault", "6.18+unchecked=anon-pte", "lifetime" },
		{ "swapin-zap", "6.17+unchecked=swapin-pte", "slot_conservation" },
		{ "swapout-zap", "6.12+unchecked=unmap-pte", "lifetime" },
		{ "swapoff-slots", "6.12+unchecked=slots-used", "progress" },
		{ "shmem-truncate", "6.18+unchecked=shmem-erase", "lifetime" },
		{ "shmem-truncate", "6.18+unchecked=shmem-entry", "ok" },
	};

	for (u32 i = 0; i < ARRAY_SIZE(missed); i++) {
		CU_ASSERT_STRING_EQUAL(verdict_of(missed[i][0], missed[i][1]), missed[i][2]);
		CU_ASSERT_STRING_EQUAL(verdict_of(missed[i][0], "6.17"), "ok");
	}
}

static const struct unit tests[] = {
	{ "every one of them can be left out by its name", test_names },
	{ "no release lacks any", test_no_release_lacks_any },
	{ "each stands behind a step there is", test_steps_exist },
	{ "what is left out is missed", test_is_missed },
};
UNIT_MAIN("checks behind a lock", tests)
