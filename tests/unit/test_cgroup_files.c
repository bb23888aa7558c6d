/* What is written to files of cgroups while they run. */
#include "models/mm/cgroup_files.h"

#include "tests/unit/scenario_text.h"
#include "tests/unit/unit.h"

enum { MIB = 256 };

/* 40 MiB that are written at once and then held for 8 s, 1 page of it in use. */
#define HELD_WITH(keys)                                                                                      \
	"'processes':[{'name':'p','overhead_pages':0" keys                                                   \
	"}],'tasks':[{'name':'fill','process':'p','cgroup':'g','workload':{'seq':{'size':'40MiB','passes':1" \
	",'write_permille':1000,'fill':'none'}}},{'name':'hold','process':'p','cgroup':'g','workload':{"     \
	"'rand':{'pages':1,'accesses':2000,'think':'4ms','fill':'none'}}}]"
#define HELD HELD_WITH("")
#define ZRAM "{'device':'zram-lz4','size':'1GiB'}"

static struct run_result *run(const char *swap, const char *operations, const char *tasks)
{
	char *text =
	    g_strdup_printf("{'format':1,'name':'ops','machine':{'cpus':2},'swap':[%s],'cgroups':[{"
			    "'name':'top'},{'name':'g','parent':'top'}],'operations':[%s],%s,'stop':{"
			    "'after':'5s'}}",
			    swap, operations, tasks);
	struct scenario *s = scenario_right(text);
	struct build_options options = options_of(s, NULL);
	GError *error = NULL;
	struct run_result *r = run_scenario(s, &options, NULL, NULL, &error);

	if (!r)
		g_error("%s", error->message);
	scenario_free(s);
	g_free(text);
	return r;
}

static u64 counted(const struct run_result *r, enum counter id)
{
	return r->phase[0].count[2][id];
}

/* memory.current of g at a sample, of which there is one every 20 ms. */
static u64 usage_at(const struct run_result *r, u32 ms)
{
	for (u32 i = 0; i < r->cgroups->len; i++) {
		const struct run_cgroup_sample *sample =
		    &g_array_index(r->cgroups, struct run_cgroup_sample, i);

		if (sample->memcg == 2 && sample->time_ns == ms * UINT64_C(1000000))
			return sample->memory_pages;
	}
	BUG();
}

static void test_reclaim(void)
{
	struct run_result *r = run(ZRAM, "{'at':'1s','cgroup':'g','memory.reclaim':'16MiB'}", HELD);

	CU_ASSERT(usage_at(r, 1000) >= 40 * MIB);
	CU_ASSERT(counted(r, PGSTEAL) >= 16 * MIB);
	CU_ASSERT(counted(r, PGSTEAL) < 16 * MIB + 64);
	CU_ASSERT_EQUAL(counted(r, PGSTEAL_PROACTIVE), counted(r, PGSTEAL));
	CU_ASSERT_EQUAL(counted(r, PGSCAN_PROACTIVE), counted(r, PGSCAN));
	CU_ASSERT(usage_at(r, 1200) < 24 * MIB + 64);
	CU_ASSERT_EQUAL(r->phase[0].pressure[0][PSI_MEM_SOME], 0);
	CU_ASSERT_EQUAL(counted(r, EVENTS_MAX) + counted(r, EVENTS_HIGH), 0);
	CU_ASSERT_EQUAL(counted(r, RECLAIM_SHORT), 0);
	run_result_free(r);
}

/* Of the file that was written to, and in all. */
static bool fell_short(const struct run_result *r, u32 memcg, u32 times)
{
	return r->phase[0].count[memcg][RECLAIM_SHORT] == times &&
	       r->phase[0].count[0][RECLAIM_SHORT] == times;
}

/* From above, through cgroups; as much as there is, and then no more (EAGAIN). */
static void test_reclaim_all(void)
{
	struct run_result *r = run(ZRAM, "{'at':'1s','cgroup':'top','memory.reclaim':'1GiB'}", HELD);

	CU_ASSERT(usage_at(r, 3000) < 128);
	CU_ASSERT(r->time_ns == UINT64_C(5000000000));
	CU_ASSERT(fell_short(r, 1, 1));
	CU_ASSERT_EQUAL(counted(r, RECLAIM_SHORT), 0);
	run_result_free(r);
	r = run("", "{'at':'1s','cgroup':'g','memory.reclaim':'1MiB'}", HELD);
	CU_ASSERT_EQUAL(counted(r, PGSTEAL), 0);
	CU_ASSERT(fell_short(r, 2, 1));
	run_result_free(r);
}

static void test_protected(void)
{
	struct run_result *r = run(ZRAM,
				   "{'at':'500ms','cgroup':'g','memory.low':'30MiB'},"
				   "{'at':'1s','cgroup':'top','memory.reclaim':'5MiB'}",
				   HELD);

	CU_ASSERT(usage_at(r, 2000) >= 34 * MIB && usage_at(r, 2000) <= 35 * MIB + 64);
	CU_ASSERT_EQUAL(counted(r, EVENTS_LOW), 0);
	CU_ASSERT(fell_short(r, 1, 0));
	run_result_free(r);
	r = run(ZRAM,
		"{'at':'500ms','cgroup':'g','memory.min':'30MiB'},"
		"{'at':'1s','cgroup':'top','memory.reclaim':'20MiB'}",
		HELD);
	CU_ASSERT(usage_at(r, 2000) >= 29 * MIB && usage_at(r, 2000) <= 30 * MIB + 64);
	CU_ASSERT(fell_short(r, 1, 1));
	run_result_free(r);
}

/* It may be more than had to go: each priority reclaims up to all that is wanted. */
static void test_max(void)
{
	struct run_result *r = run(ZRAM, "{'at':'1s','cgroup':'g','memory.max':'10MiB'}", HELD);

	CU_ASSERT(usage_at(r, 1200) <= 10 * MIB);
	CU_ASSERT_EQUAL(r->cgroup[2].memory_max_pages, 10 * MIB);
	CU_ASSERT_EQUAL(counted(r, PGSTEAL_PROACTIVE), 0);
	CU_ASSERT_EQUAL(r->kill->len, 0);
	run_result_free(r);
}

/* Without swap: 16 attempts, and then the killer; once, for it waits until the victim is gone. */
static void test_max_kills(void)
{
	struct run_result *r = run("", "{'at':'1s','cgroup':'g','memory.max':'10MiB'}", HELD);
	const struct run_kill *kill = &g_array_index(r->kill, struct run_kill, 0);

	CU_ASSERT_EQUAL_FATAL(r->kill->len, 1);
	CU_ASSERT_EQUAL(kill->time_ns / 1000000, 1000);
	CU_ASSERT_STRING_EQUAL(kill->cgroup, "g");
	CU_ASSERT_EQUAL(kill->anon_pages, 40 * MIB);
	CU_ASSERT_EQUAL(counted(r, EVENTS_OOM_KILL), 1);
	CU_ASSERT_EQUAL(counted(r, EVENTS_MAX), 0);
	CU_ASSERT(r->time_ns < 1100000000);
	run_result_free(r);
}

/* Nobody may be killed: usage stays above the limit, and the run goes on. */
static void test_max_gives_up(void)
{
	struct run_result *r =
	    run("", "{'at':'1s','cgroup':'g','memory.max':'10MiB'}", HELD_WITH(",'oom_score_adj':'-1000'"));

	CU_ASSERT_EQUAL(r->kill->len, 0);
	CU_ASSERT_EQUAL(counted(r, EVENTS_OOM), 1);
	CU_ASSERT(usage_at(r, 2000) >= 40 * MIB);
	run_result_free(r);
}

static void test_high(void)
{
	struct run_result *r = run(ZRAM, "{'at':'1s','cgroup':'g','memory.high':'10MiB'}", HELD);

	CU_ASSERT(usage_at(r, 1200) <= 10 * MIB);
	CU_ASSERT_EQUAL(r->cgroup[2].memory_high_pages, 10 * MIB);
	run_result_free(r);
	r = run("", "{'at':'1s','cgroup':'g','memory.high':'10MiB'}", HELD);
	CU_ASSERT_EQUAL(r->kill->len, 0);
	CU_ASSERT(usage_at(r, 2000) >= 40 * MIB);
	run_result_free(r);
}

/* What is swapped out stays so, what is not cannot any more. */
static void test_swap_max(void)
{
	struct run_result *r = run(ZRAM,
				   "{'at':'1s','cgroup':'g','memory.reclaim':'20MiB'},"
				   "{'at':'2s','cgroup':'g','memory.swap.max':'8MiB'},"
				   "{'at':'3s','cgroup':'g','memory.reclaim':'10MiB'}",
				   HELD);

	CU_ASSERT(r->cgroup[2].swap_pages >= 20 * MIB && r->cgroup[2].swap_pages < 20 * MIB + 64);
	CU_ASSERT_EQUAL(r->cgroup[2].swap_max_pages, 8 * MIB);
	CU_ASSERT(usage_at(r, 4000) > 19 * MIB);
	run_result_free(r);
}

/* Those that only say what holds from then on; and what "max" is. */
static void test_values(void)
{
	struct run_result *r = run(ZRAM,
				   "{'at':0,'cgroup':'g','memory.min':'1MiB'},"
				   "{'at':'1ms','cgroup':'g','memory.low':'max'},"
				   "{'at':'2ms','cgroup':'g','memory.swap.high':'50%'}",
				   HELD);

	CU_ASSERT_EQUAL(r->cgroup[2].memory_min_pages, MIB);
	CU_ASSERT_EQUAL(r->cgroup[2].memory_low_pages, PAGE_COUNTER_MAX);
	CU_ASSERT_EQUAL(r->cgroup[2].swap_high_pages, 20 * MIB);
	CU_ASSERT_EQUAL(r->cgroup[1].memory_min_pages, 0);
	run_result_free(r);
}

/* ---- in scenarios ---- */

static char *why_not(const char *version, const char *cgroup, const char *operations)
{
	char *text = g_strdup_printf("{'format':1,'name':'ops','machine':{'cgroup_version':%s},'cgroups':[{"
				     "'name':'g'%s}],'operations':[%s],%s}",
				     version, cgroup, operations, HELD);
	GError *error = NULL;
	struct scenario *s = scenario_from(text, &error);
	char *why;

	CU_ASSERT_PTR_NULL_FATAL(s);
	why = g_strdup(strchr(strchr(strchr(error->message, ':') + 1, ':') + 1, ':') + 2);
	g_error_free(error);
	g_free(text);
	return why;
}

static void test_mistakes(void)
{
	static const struct {
		const char *version, *cgroup, *operations, *why;
	} cases[] = {
		{ "2", "", "{'at':'1s','cgroup':'h','memory.max':'1MiB'}",
		  "operations[0].cgroup: unknown cgroup \"h\" (expected one of g)" },
		{ "2", "", "{'at':'1s','memory.max':'1MiB'}",
		  "operations[0]: missing key \"cgroup\" (expected a name: a letter or _, then letters, "
		  "digits, _ or -)" },
		{ "1", "", "{'at':'1s','cgroup':'g','memory.max':'1MiB'}",
		  "operations[0]: is of cgroup v2 (expected machine.cgroup_version 2)" },
		{ "1", ",'memory.high':'1MiB'", "",
		  "cgroups[0].\"memory.high\": is of cgroup v2 (expected machine.cgroup_version 2)" },
		{ "1", ",'memory.swap.high':'1MiB'", "",
		  "cgroups[0].\"memory.swap.high\": is of cgroup v2 (expected machine.cgroup_version 2)" },
		{ "1", ",'memory.min':'1MiB'", "",
		  "cgroups[0].\"memory.min\": is of cgroup v2 (expected machine.cgroup_version 2)" },
		{ "1", ",'memory.low':'max'", "",
		  "cgroups[0].\"memory.low\": is of cgroup v2 (expected machine.cgroup_version 2)" },
		{ "1", ",'memory.oom.group':true", "",
		  "cgroups[0].\"memory.oom.group\": is of cgroup v2 (expected machine.cgroup_version 2)" },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		char *why = why_not(cases[i].version, cases[i].cgroup, cases[i].operations);

		CU_ASSERT_STRING_EQUAL(why, cases[i].why);
		g_free(why);
	}
}

static void test_too_late(void)
{
	struct scenario *s = scenario_right(
	    "{'format':1,'name':'ops','cgroups':[{'name':'g'}],'stop':{'after':'1s'},'operations':["
	    "{'at':'1s','cgroup':'g','memory.max':'50MiB'}]," HELD "}");

	CU_ASSERT_PTR_NOT_NULL_FATAL(scenario_warnings(s)[0]);
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(scenario_warnings(s)[0],
		   "operations[0].at: comes when the run is over (expected less than stop.after)"));
	CU_ASSERT_PTR_NULL(scenario_warnings(s)[1]);
	scenario_free(s);
}

/* The file that is written and the file that is read are of one name. */
static void test_names(void)
{
	for (u32 i = 0; i < NR_CGROUP_FILES; i++)
		CU_ASSERT(g_str_has_prefix(cgroup_file_name[i], "memory."));
}

static const struct unit tests[] = {
	{ "memory.reclaim reclaims what it is asked for, and is no stall", test_reclaim },
	{ "memory.reclaim of all ends when there is no more, and says so", test_reclaim_all },
	{ "memory.reclaim leaves what is protected", test_protected },
	{ "a lower memory.max is kept at once", test_max },
	{ "a lower memory.max kills what cannot be reclaimed", test_max_kills },
	{ "a lower memory.max that nobody can be killed for is given up", test_max_gives_up },
	{ "a lower memory.high is reclaimed for, and kills nobody", test_high },
	{ "a lower memory.swap.max takes nothing back", test_swap_max },
	{ "the other files hold from then on", test_values },
	{ "what is wrong with an operation is told where it is", test_mistakes },
	{ "an operation after the end is doubtful", test_too_late },
	{ "files have names", test_names },
};

UNIT_MAIN("cgroup_files", tests)
