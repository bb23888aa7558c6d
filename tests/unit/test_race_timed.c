/* Schedules in virtual time: who is held up, how long that has to be, and that the delays alone do it. */
#include "tests/unit/unit.h"

#include <string.h>

#include "models/race_timed.h"
#include "models/scenario.h"

static struct scenario *load(const char *name)
{
	char *path = g_strdup_printf(SOURCE_DIR "/scenarios/race/%s.json", name);
	struct json_doc *doc = json_doc_load(path, NULL);
	struct scenario *s;

	CU_ASSERT_FATAL(doc != NULL);
	s = scenario_read(doc, SOURCE_DIR, NULL);
	json_doc_free(doc);
	g_free(path);
	CU_ASSERT_FATAL(s != NULL);
	return s;
}

static const struct schedule_delay *only_delay(const struct race_timing *t, const char *step)
{
	CU_ASSERT_EQUAL_FATAL(t->delay->len, 1);
	CU_ASSERT_STRING_EQUAL(g_array_index(t->step, char *, 0), step);
	return &g_array_index(t->delay, struct schedule_delay, 0);
}

/* Both on one CPU: A has to sleep, for however short a time, or B does not get it. */
static void test_any_sleep_is_enough(void)
{
	struct scenario *s = load("leak-same-cpu");
	const struct schedule_delay *d;
	struct race_timing t;

	CU_ASSERT_FATAL(race_time(s, "6.18+table-alloc=v3", 1, &t, NULL));
	CU_ASSERT_EQUAL(t.held.verdict, VERDICT_REPRODUCED);
	CU_ASSERT_EQUAL(t.delayed.verdict, VERDICT_REPRODUCED);
	CU_ASSERT_STRING_EQUAL(t.delayed.invariant, "cluster_ownership");
	d = only_delay(&t, "swap_cluster_alloc_table.SLEEP");
	CU_ASSERT_EQUAL(d->ns, 1);
	CU_ASSERT_EQUAL(d->asleep, 1);
	CU_ASSERT_EQUAL(d->nth, 1);
	CU_ASSERT_STRING_EQUAL(g_array_index(t.end, char *, 0), "until B is done with folio_alloc_swap");
	race_timing_release(&t);
	scenario_free(s);
}

/* On a CPU of its own B is there first anyway; held up until it was, A slept for a while. */
static void test_no_delay_needed(void)
{
	struct scenario *s = load("leak-migrate");
	struct race_timing t;

	CU_ASSERT_FATAL(race_time(s, "6.18+table-alloc=v3", 1, &t, NULL));
	CU_ASSERT_STRING_EQUAL(t.held.invariant, "cluster_ownership");
	CU_ASSERT_EQUAL(t.delayed.verdict, VERDICT_REPRODUCED);
	CU_ASSERT_EQUAL(only_delay(&t, "swap_cluster_alloc_table.SLEEP")->ns, 0);
	race_timing_release(&t);
	scenario_free(s);
}

/* What is mended stays so however long somebody sleeps; what is not there cannot be reached. */
static void test_verdicts(void)
{
	struct scenario *s = load("leak-migrate");
	struct race_timing t;

	CU_ASSERT_FATAL(race_time(s, "6.18", 1, &t, NULL));
	CU_ASSERT_EQUAL(t.held.verdict, VERDICT_NOT_REPRODUCED);
	race_timing_release(&t);
	CU_ASSERT_FATAL(race_time(s, "6.17", 1, &t, NULL));
	CU_ASSERT_EQUAL(t.held.verdict, VERDICT_INFEASIBLE);
	CU_ASSERT_STRING_EQUAL(t.held.reason, "A ended without being in isolated_dropped");
	race_timing_release(&t);
	scenario_free(s);
}

/* One seed, one result. */
static void test_repeats(void)
{
	struct scenario *s = load("leak-same-cpu");
	struct race_timing a, b;

	CU_ASSERT_FATAL(race_time(s, "6.18+table-alloc=v3", 7, &a, NULL));
	CU_ASSERT_FATAL(race_time(s, "6.18+table-alloc=v3", 7, &b, NULL));
	CU_ASSERT_EQUAL(a.held.fingerprint, b.held.fingerprint);
	CU_ASSERT_EQUAL(a.delayed.fingerprint, b.delayed.fingerprint);
	CU_ASSERT_NOT_EQUAL(a.held.fingerprint, 0);
	race_timing_release(&a);
	race_timing_release(&b);
	scenario_free(s);
}

static const struct unit tests[] = {
	{ "where two share a CPU any sleep is enough, and none is not", test_any_sleep_is_enough },
	{ "a delay that is not needed is told to be none", test_no_delay_needed },
	{ "a fixed kernel is fine in time, too, and an older one never gets there", test_verdicts },
	{ "two runs are one result", test_repeats },
};

UNIT_MAIN("races in time", tests)
