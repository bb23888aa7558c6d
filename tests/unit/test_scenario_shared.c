/* Shared memory in scenarios: what is wrong, what it is a part of, and that it runs. */
#include "tests/unit/unit.h"

#include "models/race.h"
#include "models/work/work.h"
#include "tests/unit/scenario_text.h"

#define HEAD "{'format':1,'name':'t','swap':[{'device':'zram-lz4','size':'4MiB'}],"
#define SHARED "'shared_memory':[{'name':'m','size':'64KiB'}],"
#define TASK(name, more) "{'name':'" name "'," more "'workload':{'seq':{'pages':8}}}"

static void check_error(const char *text, const char *message)
{
	GError *error = NULL;
	struct scenario *s = scenario_from(text, &error);

	CU_ASSERT_PTR_NULL(s);
	CU_ASSERT_FATAL(error != NULL);
	CU_ASSERT_EQUAL(error->code, ERROR_SCENARIO);
	CU_ASSERT_STRING_EQUAL(error->message, message);
	if (strcmp(error->message, message))
		printf("\n  is: %s\nnot: %s\n", error->message, message);
	g_error_free(error);
}

static void test_errors(void)
{
	check_error(HEAD SHARED "'tasks':[" TASK("a", "'shares':'n',") "]}",
		    "s.json:1:145: tasks[0].shares: unknown shared memory \"n\" (expected one of m)");
	check_error(HEAD "'tasks':[" TASK("a", "'shares':'n',") "]}",
		    "s.json:1:99: tasks[0].shares: unknown shared memory \"n\" (expected one listed in "
		    "\"shared_memory\", which is empty)");
	check_error(HEAD SHARED
		    "'processes':[{'name':'p','shares':'n'}],'tasks':[" TASK("a", "'process':'p',") "]}",
		    "s.json:1:149: processes[0].shares: unknown shared memory \"n\" (expected one of m)");
	check_error(
	    HEAD "'shared_memory':[{'name':'m','size':'4KiB'},{'name':'m','size':'4KiB'}],"
		 "'tasks':[" TASK("a", "'shares':'m',") "]}",
	    "s.json:1:121: shared_memory[1].name: shared_memory[0] has this name too (expected another)");
	check_error(
	    HEAD "'shared_memory':[{'name':'m','size':'4097'}],'tasks':[" TASK("a", "") "]}",
	    "s.json:1:105: shared_memory[0].size: is not in whole pages (expected a multiple of 4KiB)");
	check_error(
	    HEAD "'shared_memory':[{'name':'m','size':'16KiB'}],'tasks':[" TASK("a", "'shares':'m',") "]}",
	    "s.json:1:124: tasks[0]: works on 8 pages of shared memory \"m\", which has 4 (expected fewer, "
	    "or more there)");
	check_error(HEAD SHARED "'tasks':[" TASK("a", "'shares':'m','backing':'file',") "]}",
		    "s.json:1:159: tasks[0].backing: is a matter of the shared memory (expected in "
		    "\"shared_memory\")");
	check_error(HEAD SHARED "'tasks':[" TASK("a", "'shares':'m','contents':'zero',") "]}",
		    "s.json:1:160: tasks[0].contents: is a matter of the shared memory (expected in "
		    "\"shared_memory\")");
	check_error(HEAD SHARED
		    "'processes':[{'name':'p'}],'tasks':[" TASK("a", "'process':'p','shares':'m',") "]}",
		    "s.json:1:186: tasks[0].shares: is a matter of the process (expected in \"processes\")");
	check_error(HEAD "'shared_memory':[{'name':'m','size':'4KiB','contents':'soup'}],'tasks':[" TASK(
			"a", "") "]}",
		    "s.json:1:123: shared_memory[0].contents: unknown contents \"soup\" (expected one of "
		    "half-random, "
		    "python-heap, elf-file, redis-benchmark, incompressible, zero, const)");
	check_error(HEAD "'tasks':[{'name':'a','do':[{'op':'truncate','page':'a0'}]}]}",
		    "s.json:1:120: tasks[0].do[0].page: \"a0\" is a page of task a's own (expected one that "
		    "\"shares\")");
	check_error(HEAD "'tasks':[{'name':'a','do':[{'op':'read','page':'a0','pages':2}]}]}",
		    "s.json:1:129: tasks[0].do[0].pages: is of no use to an access (expected none, or 1)");
}

/* It counts once, and a share of it is one of the cgroup whose process has it first. */
static void test_data_counts_once(void)
{
	struct scenario *s = scenario_right(
	    HEAD
	    "'cgroups':[{'name':'g','memory.max':'50%'},{'name':'h'}]," SHARED
	    "'tasks':[" TASK("a", "'shares':'m','cgroup':'g','overhead_pages':0,") "," TASK(
		"b", "'shares':'m','cgroup':'g','overhead_pages':0,") "," TASK("c", "'cgroup':'h',") "]}");
	struct build_options options = options_of(s, "6.18");
	struct kernel *k = scenario_build(s, &options, NULL);

	CU_ASSERT_EQUAL(scenario_footprint_pages(s), 16 + 8);
	CU_ASSERT_FATAL(k != NULL);
	CU_ASSERT_EQUAL(k->config.mms, 4);
	CU_ASSERT_EQUAL(k->memcg[1].max, 8);
	CU_ASSERT_EQUAL(k->config.mm[0].shares, 3);
	CU_ASSERT_EQUAL(k->config.mm[1].shares, 3);
	CU_ASSERT_EQUAL(k->config.mm[2].shares, 0);
	CU_ASSERT_STRING_EQUAL(k->config.mm[3].name, "m");
	CU_ASSERT(k->config.mm[3].segment);
	CU_ASSERT_EQUAL(k->mm[0].pages, 16); /* all of it */
	CU_ASSERT_EQUAL(k->mm[2].pages, 8);
	kernel_free(k);
	scenario_free(s);
}

/* Of all that share it, the first task fills it. */
static void test_it_is_filled_once(void)
{
	struct scenario *s = scenario_right(HEAD SHARED "'tasks':[" TASK("a", "'shares':'m',") "," TASK(
	    "b", "'shares':'m',") "," TASK("c", "") "]}");
	struct build_options options = options_of(s, "6.18");
	struct kernel *k = scenario_build(s, &options, NULL);

	CU_ASSERT_FATAL(k != NULL);
	CU_ASSERT_TRUE(k->workload[0].fill);
	CU_ASSERT_FALSE(k->workload[1].fill);
	CU_ASSERT_TRUE(k->workload[2].fill);
	kernel_free(k);
	scenario_free(s);
}

/* A child has its parent's mapping of it, with nothing in it yet; whoever writes, both see it. */
static void test_is_forked_along(void)
{
	struct scenario *s = scenario_right(
	    "{'format':1,'name':'t','machine':{'kernel':'6.18','memory':'2MiB','cpus':2,'pages_per_table':4,"
	    "'slots_per_cluster':4},'swap':[{'device':'zram-lz4','size':'64KiB'}],"
	    "'shared_memory':[{'name':'m','size':'32KiB'}],'tasks':["
	    "{'name':'A','shares':'m','overhead_pages':0,'do':[{'op':'write','page':'a0'},"
	    "{'op':'fork','child':'B'},{'op':'write','page':'a1'},{'op':'swap_out','page':'a0','pages':8},"
	    "{'op':'read','page':'a2'}]},"
	    "{'name':'B','fork_of':'A','overhead_pages':0,'do':[{'op':'write','page':'b2'},"
	    "{'op':'read','page':'b0'},{'op':'truncate','page':'b1'},{'op':'swap_out','page':'b0'}]}]}");
	struct build_options options = options_of(s, "6.18");
	struct race *race = race_new(s, "6.18", NULL);
	struct race_result r;
	struct kernel *k;

	CU_ASSERT_PTR_NOT_NULL_FATAL(race);
	for (u64 seed = 0; seed < 50; seed++) {
		race_run(race, seed, &r);
		CU_ASSERT_STRING_EQUAL(race_verdict(&r), "ok");
		race_result_release(&r);
	}
	race_free(race);
	k = scenario_build(s, &options, NULL);
	CU_ASSERT(machine_run(&k->machine, TIME_NEVER - 1, NULL));
	CU_ASSERT_EQUAL(k->config.mm[1].shares, 2);
	CU_ASSERT_EQUAL(k->mm[1].anon_pages + k->mm[1].swap_ents, 0);
	CU_ASSERT(k->mm[2].anon_pages + k->mm[2].swap_ents >= 2); /* the segment's */
	kernel_free(k);
	scenario_free(s);
}

static const struct unit tests[] = {
	{ "errors name the place and say what would be right", test_errors },
	{ "a child shares it with its parent", test_is_forked_along },
	{ "shared memory counts as data once", test_data_counts_once },
	{ "and is filled once", test_it_is_filled_once },
};

UNIT_MAIN("shared memory of scenarios", tests)
