#include "tests/unit/test_cli.h"

/* One thread over 2 MiB; all its data is in use all the time. */
#define ONE "--set tasks[0].count=1 --seeds 2 "

static void test_answer(void)
{
	char *folder = test_folder();
	char *text = printed(folder, "size small.json " ONE "--limit g --slowdown 100% --step 64KiB");
	cJSON *rows = parsed(
	    printed(folder, "size small.json " ONE "--limit g --slowdown 100% --step 64KiB --format json"));
	const cJSON *row;
	u64 answer = 0, best = UINT64_MAX;

	cJSON_ArrayForEach(row, rows)
	{
		u64 value = (u64)at(row, "value_bytes")->valuedouble;
		bool holds = !strcmp(text_at(row, "verdict"), "holds");

		CU_ASSERT_EQUAL(at(row, "seeds")->valueint, 2);
		CU_ASSERT_EQUAL(holds, at(row, "good")->valueint == 2);
		CU_ASSERT(!holds || at(row, "slowdown_permyriad_worst")->valuedouble <= 10000);
		if (holds)
			best = MIN(best, value);
		if (!strcmp(text_at(row, "answer"), "true"))
			answer = value;
	}
	/* The data and no more: less is much slower, as each of its pages is used often. */
	CU_ASSERT_EQUAL(answer, best);
	CU_ASSERT(answer > (2u << 20) - (256u << 10) && answer <= (2u << 20) + (64u << 10));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nmemory.max of cgroup \"g\" = "));
	CU_ASSERT(g_str_has_suffix(
	    text, " bytes) keeps the slowdown within 100.00 % and kills nobody, with any of 2 seeds.\n"));
	cJSON_Delete(rows);
	g_free(text);
	test_folder_free(folder);
}

/* Where no value will do, it says who is killed with the largest. */
static void test_killed(void)
{
	char *folder = test_folder();
	struct said said = swapsim(folder, "size small.json -q " ONE "--swap-max g --no-kill --to 64KiB");

	CU_ASSERT_EQUAL(said.status, 6);
	CU_ASSERT(
	    g_regex_match_simple("^swapsim: size: no memory.swap.max of cgroup \"g\" up to 64.00 KiB kills "
				 "nobody, with any of 2 seeds \\(process \"t\" of cgroup \"g\" "
				 "killed at [0-9.]+ [mu]s\\)\n$",
				 said.err, 0, 0));
	said_release(&said);
	test_folder_free(folder);
}

/* 2 MiB of data, half of which stays in memory: the other half has to go to swap, in whole batches. */
static void test_swap(void)
{
	char *folder = test_folder();
	char *device = printed(folder, "size small.json " ONE "--zram 0 --no-kill --format csv");
	char *cap = printed(folder, "size small.json " ONE "--swap-max g --no-kill --from 0 --format csv");
	char **rows = g_strsplit(device, "\n", -1);
	u64 bytes = 0;

	for (u32 i = 0; rows[i]; i++)
		if (g_str_has_suffix(rows[i], ",holds,true"))
			bytes = g_ascii_strtoull(rows[i], NULL, 10);
	CU_ASSERT(bytes > 1u << 20 && bytes < (1u << 20) + (384u << 10));
	CU_ASSERT(g_str_has_prefix(device, "value_bytes,seeds,good,killed,failed,slowdown_permyriad_median,"
					   "slowdown_permyriad_worst,pgmajfault_median,verdict,answer\n"
					   "8192,2,0,2,0,0,0,0,kills,false\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(cap, "\n0,2,0,2,0,0,0,0,kills,false\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(cap, ",holds,true\n"));
	g_strfreev(rows);
	g_free(cap);
	g_free(device);
	test_folder_free(folder);
}

static void test_no_answer(void)
{
	char *folder = test_folder();
	struct said said = swapsim(folder, "size small.json " ONE "--zram 0 --slowdown 5% --to 4MiB");

	CU_ASSERT_EQUAL(said.status, 6);
	CU_ASSERT_PTR_NOT_NULL(strstr(said.out, "too slow\n"));
	CU_ASSERT_STRING_EQUAL(said.err,
			       "swapsim: size: no size of swap[0] (zram-lz4) up to 4.000 MiB keeps the "
			       "slowdown within 5.00 % and kills nobody, with any of 2 seeds\n");
	said_release(&said);
	said = swapsim(folder, "size small.json --seeds 1 --limit g --no-kill --to 4KiB --set "
			       "tasks[0].overhead_pages=9");
	CU_ASSERT_EQUAL(said.status, 6);
	CU_ASSERT_STRING_EQUAL(said.err,
			       "swapsim: size: no memory.max of cgroup \"g\" up to 4.000 KiB kills nobody, "
			       "with one seed (--set cgroups[0].\"memory.max\": is 1 pages, which the "
			       "overhead of its processes fills (expected more than 18 pages))\n");
	said_release(&said);
	test_folder_free(folder);
}

static void test_smallest(void)
{
	char *folder = test_folder();
	char *text =
	    printed(folder, "size small.json " ONE "--limit g --no-kill --from 3MiB --to 4MiB --seeds 1");

	CU_ASSERT(g_str_has_suffix(
	    text, "\nmemory.max of cgroup \"g\" = 3.000 MiB (3145728 bytes) kills nobody, "
		  "with one seed.\nIt is the smallest value that was asked for (--from).\n"));
	g_free(text);
	test_folder_free(folder);
}

static void test_same_with_jobs(void)
{
	char *folder = test_folder();
	char *a = printed(folder, "size small.json --limit g --slowdown 50% --over p50 --jobs 1");
	char *b = printed(folder, "size small.json --limit g --slowdown 50% --over median --jobs 3");

	CU_ASSERT_STRING_EQUAL(a, b);
	CU_ASSERT_PTR_NOT_NULL(strstr(a, ", with 50 % of 3 seeds.\n"));
	g_free(a);
	g_free(b);
	test_folder_free(folder);
}

static void test_errors(void)
{
	char *folder = test_folder();

	CU_ASSERT(refused(folder, "size small.json --no-kill", 2,
			  "swapsim: size: what is to be sized? (one of --limit, --swap-max and --zram)\n"));
	CU_ASSERT(refused(folder, "size small.json --limit g", 2,
			  "swapsim: size: what is to hold? (--slowdown, --no-kill or both)\n"));
	CU_ASSERT(refused(folder, "size small.json --limit h --no-kill", 2,
			  "swapsim: --limit h: not possible (one of g)\n"));
	CU_ASSERT(refused(folder, "size small.json --zram 1 --no-kill", 2,
			  "swapsim: --zram 1: not possible (a swap device of the scenario, from 0)\n"));
	CU_ASSERT(refused(folder, "size small.json --limit g --slowdown 10", 2,
			  "swapsim: --slowdown 10: not possible (10%, 2.5%, ...)\n"));
	CU_ASSERT(refused(folder, "size small.json --limit g --no-kill --over best", 2,
			  "swapsim: --over best: not possible (worst, median, or p1 to p100)\n"));
	CU_ASSERT(refused(folder, "size small.json --limit g --no-kill --from 2MiB --to 1MiB", 2,
			  "swapsim: --from 2MiB: not possible (at most --to)\n"));
	CU_ASSERT(refused(folder, "size small.json --limit g --no-kill --to 1MB", 2,
			  "swapsim: --to 1MB: not possible (bytes, or with KiB, MiB, GiB or TiB)\n"));
	test_folder_free(folder);
}

/* What was tried is told, after a while that is long enough on any machine, and nothing is said to be the
 * answer. */
static void test_interrupted(void)
{
	char *folder = test_folder();
	struct said said = { 0 };

	for (u32 milliseconds = 500; milliseconds < 20000; milliseconds *= 2) {
		said_release(&said);
		said = swapsim_interrupted(folder,
					   "size small.json --set tasks[0].count=1 --set "
					   "tasks[0].workload.rand.accesses=10000000 --seeds 1 --limit g "
					   "--slowdown 10% --format csv",
					   milliseconds);
		if (strstr(said.out, ",holds,"))
			break;
	}
	CU_ASSERT_EQUAL(said.status, 130);
	CU_ASSERT(g_str_has_prefix(said.out, "value_bytes,"));
	CU_ASSERT_PTR_NOT_NULL(strstr(said.out, "\n2314240,1,1,0,0,0,0,0,holds,false\n"));
	CU_ASSERT_PTR_NULL(strstr(said.out, ",true\n"));
	CU_ASSERT_STRING_EQUAL(said.err,
			       "swapsim: interrupted: there is no answer yet, only that 2.207 MiB holds\n");
	said_release(&said);
	test_folder_free(folder);
}

static const struct unit tests[] = {
	{ "the answer is the smallest value that holds", test_answer },
	{ "swap is sized so that what does not fit in memory has a place", test_swap },
	{ "who is killed is told where no value will do", test_killed },
	{ "without an answer it ends with 6 and says why", test_no_answer },
	{ "the smallest value that was asked for may be the answer", test_smallest },
	{ "the number of jobs changes nothing", test_same_with_jobs },
	{ "what is asked is checked", test_errors },
	{ "an interrupted search tells what it tried, and no answer", test_interrupted },
};
UNIT_MAIN("cli: size", tests)
