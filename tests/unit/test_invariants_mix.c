/*
 * Everything at once on every release: random operations in small worlds, steps in random order, and every
 * invariant after each of them.
 */
#include <stdio.h>

#include "models/race.h"
#include "tests/unit/mix_scenario.h"
#include "tests/unit/scenario_text.h"
#include "tests/unit/unit.h"

enum { OPERATIONS = 40, RUNS_A_SCENARIO = 2 };

static u32 scenarios_of_each(void)
{
	const char *n = g_getenv("SWAPSIM_MIX_SCENARIOS"); /* more than every build wants */

	return n ? (u32)g_ascii_strtoull(n, NULL, 10) : 40;
}

static void tell(const char *text, const char *kernel, u64 seed, const struct race_result *r)
{
	printf("\n%s, seed %" G_GUINT64_FORMAT ": %s: %s\n%s", kernel, seed, race_verdict(r), r->reason,
	       text);
}

/* Who is left when all others were killed may need more than the cgroup has. */
static bool is_too_small(const struct race_result *r)
{
	return r->reason && strstr(r->reason, "there is nobody to kill");
}

static void check_mix(u64 seed, const char *kernel)
{
	char *text = mix_scenario(seed, kernel, OPERATIONS);
	struct scenario *s = scenario_right(text);
	struct race *race = race_new(s, scenario_kernel(s), NULL);
	struct race_result r;

	CU_ASSERT_PTR_NOT_NULL_FATAL(race);
	for (u64 run = 0; run < RUNS_A_SCENARIO; run++) {
		race_run(race, run, &r);
		if (!is_too_small(&r)) {
			CU_ASSERT_STRING_EQUAL(race_verdict(&r), "ok");
			if (strcmp(race_verdict(&r), "ok"))
				tell(text, kernel, run, &r);
		}
		race_result_release(&r);
	}
	race_free(race);
	scenario_free(s);
	g_free(text);
}

static void test_nothing_is_lost(void)
{
	u32 releases;
	const struct release *release = release_list(&releases);

	for (u32 i = 0; i < releases; i++)
		for (u64 seed = 0; seed < scenarios_of_each(); seed++)
			check_mix(seed * releases + i, release[i].name);
}

static const struct unit tests[] = {
	{ "whatever is done in whatever order, every invariant holds on every release",
	  test_nothing_is_lost },
};

UNIT_MAIN("mix", tests)
