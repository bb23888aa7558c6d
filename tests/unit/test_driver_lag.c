/*
 * Tasks that run their program lag behind those in the kernel, which must not show: the figures are those of
 * one event per access. Each run fails if those it is about do not have them catch up: reclaim that looks at
 * bits of others (rmap.c, unmap.c, mglru_age.c), marks and ends at which accesses are counted (work.c), a
 * kill (oom.c). What the driver has to do is in test_driver_modes.c.
 */
#include "tests/unit/scenario_text.h"
#include "tests/unit/unit.h"

#define TASKS(count, workload)                                                                               \
	"'swap':[{'device':'zram-lz4','size':'64MiB'}],'cgroups':[{'name':'g','memory.max':'70%'}],"         \
	"'tasks':[{'name':'t','count':" count ",'cgroup':'g','workload':{" workload "}}]}"
#define RANDOM(pages) "'rand':{'pages':" pages ",'accesses':20000,'write_permille':300,'think':'7ns'}"
#define CPUS(n, more) "{'format':1,'name':'t','machine':{'cpus':" n ",'memory':'64MiB'" more "},"

static u32 lag_of(const char *text, u32 *lookahead)
{
	struct scenario *s = scenario_right(text);
	struct build_options options = options_of(s, "7.2");
	struct kernel *k = scenario_build(s, &options, NULL);
	u32 lag;

	CU_ASSERT_FATAL(k != NULL);
	CU_ASSERT(machine_run(&k->machine, 1000, NULL));
	lag = k->machine.lag;
	*lookahead = k->machine.lookahead;
	kernel_free(k);
	scenario_free(s);
	return lag;
}

static u32 differences(const char *text, const char *kernel)
{
	struct scenario *s = scenario_right(text);
	struct build_options options = options_of(s, kernel);
	struct run_result *r[2];
	u32 n = 0;

	for (u32 slow = 0; slow < 2; slow++) {
		options.every_step = slow;
		r[slow] = run_scenario(s, &options, NULL, NULL, NULL);
		CU_ASSERT_FATAL(r[slow] != NULL);
	}
	n += r[0]->fingerprint_events != r[1]->fingerprint_events;
	n += r[0]->fingerprint_counts != r[1]->fingerprint_counts;
	n += r[0]->ties != r[1]->ties;
	n += memcmp(r[0]->cpu_busy_ns, r[1]->cpu_busy_ns, r[0]->cpus * sizeof(u64)) != 0;
	CU_ASSERT_EQUAL_FATAL(r[0]->phases, r[1]->phases);
	for (u32 i = 0; i < r[0]->phases; i++)
		n += memcmp(r[0]->phase[i].count, r[1]->phase[i].count,
			    r[0]->memcgs * sizeof *r[0]->phase->count) != 0;
	CU_ASSERT(r[0]->phase[0].count[0][PGFAULT] > 300);
	run_result_free(r[0]);
	run_result_free(r[1]);
	scenario_free(s);
	return n;
}

static void test_reclaim(void)
{
	static const char *const kernels[] = { "6.1", "6.17", "6.18", "7.2" };
	static const char *const runs[] = { CPUS("6", "") TASKS("6", RANDOM("300")),
					    CPUS("6", ",'lru':'mglru'") TASKS("6", RANDOM("300")),
					    CPUS("3", "") TASKS("7", RANDOM("150")),
					    CPUS("3", ",'lru':'mglru'") TASKS("7", RANDOM("150")) };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++)
		for (u32 n = 0; n < ARRAY_SIZE(runs); n++)
			CU_ASSERT_EQUAL(differences(runs[n], kernels[i]), 0);
}

static void test_marks(void)
{
	CU_ASSERT_EQUAL(differences(CPUS("6", "")
					TASKS("6", "'hotcold':{'pages':300,'accesses':20000,'think':'3ns'}"),
				    "7.2"),
			0);
}

/* The marks that a task does not come to are passed when it ends. */
static void test_ends(void)
{
	const char *text = CPUS("6", "") "'tasks':[{'name':'t','count':5,'workload':{" RANDOM(
	    "300") "}},"
		   "{'name':'e','stop':{'accesses':5000},'workload':{"
		   "'hotcold':{'pages':300,'accesses':20000,'think':'3ns'}}}]}";

	CU_ASSERT_EQUAL(differences(text, "7.2"), 0);
}

static void test_kill(void)
{
	const char *text =
	    CPUS("4", "") "'cgroups':[{'name':'g','memory.max':'4MiB'}],'tasks':["
			  "{'name':'big','cgroup':'g','workload':{'seq':{'pages':2000,'think':'5ns'}}},"
			  "{'name':'hits','count':3,'cgroup':'g','oom_score_adj':'900','workload':{'rand':{"
			  "'pages':150,'accesses':1000000,'think':'5ns'}}}]}";

	CU_ASSERT_EQUAL(differences(text, "7.2"), 0);
}

static void test_who_may(void)
{
	u32 lookahead;

	CU_ASSERT_EQUAL(lag_of(CPUS("2", "") TASKS("2", RANDOM("300")), &lookahead), lookahead);
	CU_ASSERT(lookahead > 0);
	CU_ASSERT_EQUAL(lag_of(CPUS("2", "") "'processes':[{'name':'p'}],'tasks':[{'name':'t','count':2,'"
					     "process':'p','workload':{" RANDOM("300") "}}]}",
			       &lookahead),
			0);
}

static const struct unit tests[] = {
	{ "reclaim sees every access that was made, and none that was not", test_reclaim },
	{ "so do marks", test_marks },
	{ "and ends", test_ends },
	{ "who is killed makes no access after that, and all before", test_kill },
	{ "threads of one process do not lag", test_who_may },
};
UNIT_MAIN("driver, lag", tests)
