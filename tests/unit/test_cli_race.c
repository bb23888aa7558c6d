/* swapsim race: verdicts, exit statuses, lists. */
#include "tests/unit/test_cli.h"

#define LEAK SOURCE_DIR "/scenarios/race/leak-migrate.json"

/* The exit status; what was said is looked through for @out and @err. */
static int status_of(const char *arguments, const char *out, const char *err)
{
	char *folder = test_folder();
	struct said said = swapsim(folder, arguments);
	int status = said.status;

	CU_ASSERT(strstr(said.out, out) != NULL);
	CU_ASSERT(strstr(said.err, err) != NULL);
	if (!strstr(said.out, out) || !strstr(said.err, err))
		g_printerr("\nswapsim %s\nsaid %s%s", arguments, said.err, said.out);
	said_release(&said);
	test_folder_free(folder);
	return status;
}

static void test_expected(void)
{
	CU_ASSERT_EQUAL(status_of("race " LEAK, "6.18+table-alloc=v3  cluster_ownership    100", ""), 0);
	CU_ASSERT_EQUAL(status_of("race " LEAK " --seeds 3..5 --kernel 6.18", "6.18    ok           3", ""),
			0);
	CU_ASSERT_EQUAL(status_of("race race/leak-same-cpu --seed 7", "infeasible", ""), 0);
}

static void test_finding(void)
{
	CU_ASSERT_EQUAL(status_of("race " LEAK " --kernel 6.18 --set 'expect.\"6.18\"=content'", "DIFFERS",
				  "race: 6.18: ok, expected was content in 100 seeds"),
			3);
	CU_ASSERT_EQUAL(
	    status_of("race " LEAK " --kernel 6.18+table-alloc=v3+nonfull-first=on", "cluster_ownership",
		      "race: 6.18+table-alloc=v3+nonfull-first=on: cluster_ownership in 100 seeds"),
	    3);
	CU_ASSERT_EQUAL(status_of("race " LEAK " --kernel 6.12 --seed 1", "infeasible",
				  "race: 6.12: infeasible in 1 seed"),
			4);
}

static void test_usage(void)
{
	char *folder = test_folder();

	CU_ASSERT(refused(folder, "race " LEAK " --seed 1 --seeds 2", 2,
			  "swapsim: race: --seed and --seeds exclude each other (expected one of them)\n"));
	CU_ASSERT(
	    refused(folder, "race", 2, "swapsim: race: too few arguments (usage: swapsim race FILE)\n"));
	test_folder_free(folder);
}

/* It goes on for long and says nothing, so it says beforehand how else. */
static void test_workload(void)
{
	static const char text[] = "{ \"format\": 1, \"name\": \"w\", \"machine\": { \"memory\": \"256MiB\" "
				   "}, \"tasks\": [ { \"name\": \"t\", "
				   "\"workload\": { \"seq\": { \"pages\": 64, \"passes\": 1 } } } ] }\n";
	char *folder = test_folder();
	struct said said;

	write_file(folder, "w.json", text);
	CU_ASSERT(
	    refused(folder, "race w.json", 2,
		    "swapsim: race: w has no schedule and much work, and a run looks at every step of it "
		    "(expected a \"schedule\", or --seed or --seeds; swapsim run --audit runs it in "
		    "time)\n"));
	said = swapsim(folder, "race w.json --seeds 2");
	CU_ASSERT_EQUAL(said.status, 0);
	CU_ASSERT_STRING_EQUAL(
	    said.err, "swapsim: warning: race: w has no schedule, and every step of 2 runs of all its "
		      "work is looked at (--seed for one run; swapsim run --audit runs it in time)\n");
	said_release(&said);
	test_folder_free(folder);
}

/* It tells of the runs until then. At first the program may not have come to them yet. */
static void test_interrupted(void)
{
	char *folder = test_folder();
	struct said said = { 0 };

	for (u32 milliseconds = 200; milliseconds < 20000; milliseconds *= 2) {
		said_release(&said);
		said = swapsim_interrupted(
		    folder, "race " LEAK " --kernel 6.18,6.17,7.0,7.1,7.2 --seeds 10000", milliseconds);
		if (!said.status || strstr(said.out, "\n6.18 "))
			break;
	}
	CU_ASSERT_EQUAL(said.status, 130);
	CU_ASSERT(strstr(said.out, "\n6.18 ") != NULL);
	CU_ASSERT(strstr(said.out, "\n7.2 ") == NULL);
	CU_ASSERT_STRING_EQUAL(said.err, "swapsim: interrupted: the result is not complete\n");
	said_release(&said);
	test_folder_free(folder);
}

/* Who is on a CPU and cannot be preempted there goes on, though a task of higher priority waits for it. */
static void test_priorities(void)
{
	static const char *const preemption[] = { "none", "voluntary", "full" };
	static const char text[] =
	    "{ \"format\": 1, \"name\": \"w\", \"machine\": { \"memory\": \"1MiB\" }, "
	    "\"swap\": [ { \"device\": \"zram-lz4\", \"size\": \"16KiB\" } ], "
	    "\"tasks\": [ { \"name\": \"A\", \"overhead_pages\": 0, "
	    "\"do\": [ { \"op\": \"write\", \"page\": \"a0\" }, { \"op\": \"swap_out\", \"page\": \"a0\" } ] "
	    "}, "
	    "{ \"name\": \"B\", \"overhead_pages\": 0, \"priority\": 1, "
	    "\"do\": [ { \"op\": \"write\", \"page\": \"b0\" } ] } ], "
	    "\"setup\": [ { \"task\": \"B\", \"op\": \"write\", \"page\": \"b1\" } ] }\n";
	char *folder = test_folder();

	write_file(folder, "w.json", text);
	for (u32 i = 0; i < ARRAY_SIZE(preemption); i++) {
		char *line =
		    g_strdup_printf("race w.json --seeds 20 --set machine.preemption=%s", preemption[i]);
		struct said said = swapsim(folder, line);

		CU_ASSERT_EQUAL(said.status, 0);
		CU_ASSERT_STRING_EQUAL(said.err, "");
		CU_ASSERT(strstr(said.out, "6.18    ok          20 ") != NULL);
		said_release(&said);
		g_free(line);
	}
	test_folder_free(folder);
}

/* Setup is one thing after the other, and who is ready lets a task go that the OOM killer took meanwhile. */
static void test_priorities_in_setup(void)
{
	static const char text[] =
	    "{ \"format\": 1, \"name\": \"w\", \"machine\": { \"memory\": \"1MiB\" }, "
	    "\"cgroups\": [ { \"name\": \"g\", \"memory.max\": \"16KiB\" } ], "
	    "\"tasks\": [ { \"name\": \"A\", \"overhead_pages\": 0, \"cgroup\": \"g\", "
	    "\"do\": [ { \"op\": \"read\", \"page\": \"a0\" } ] }, "
	    "{ \"name\": \"B\", \"overhead_pages\": 0, \"cgroup\": \"g\", \"priority\": 1, "
	    "\"do\": [ { \"op\": \"read\", \"page\": \"b0\" } ] } ], \"setup\": [ "
	    "{ \"task\": \"A\", \"op\": \"write\", \"page\": \"a0\" }, "
	    "{ \"task\": \"A\", \"op\": \"write\", \"page\": \"a1\" }, "
	    "{ \"task\": \"A\", \"op\": \"write\", \"page\": \"a2\" }, "
	    "{ \"task\": \"B\", \"op\": \"write\", \"page\": \"b0\" }, "
	    "{ \"task\": \"B\", \"op\": \"write\", \"page\": \"b1\" } ] }\n";
	char *folder = test_folder();
	struct said said;

	write_file(folder, "w.json", text);
	said = swapsim(folder, "race w.json --seeds 5");
	CU_ASSERT_EQUAL(said.status, 0);
	CU_ASSERT_STRING_EQUAL(said.err, "");
	said_release(&said);
	test_folder_free(folder);
}

/* What happens in time is judged alike. */
static void test_time(void)
{
	char *folder = test_folder();

	CU_ASSERT(
	    refused(folder, "race " LEAK " --time --timeline text", 2,
		    "swapsim: race: --time and --timeline exclude each other (expected one of them)\n"));
	test_folder_free(folder);
	CU_ASSERT_EQUAL(status_of("race " LEAK " --kernel 6.18+table-alloc=v3 --time", "delayed at", ""), 0);
	CU_ASSERT_EQUAL(status_of("race " LEAK " --kernel 6.18+table-alloc=v3+nonfull-first=on --time",
				  "delayed at", ": cluster_ownership in 1 seed"),
			3);
	CU_ASSERT_EQUAL(status_of("race " LEAK " --kernel 6.12 --time", "infeasible in time",
				  "race: 6.12: infeasible in 1 seed"),
			4);
	CU_ASSERT_EQUAL(status_of("race " LEAK " --kernel 6.18 --time", "", ""), 0);
}

/* Whoever finds it in a mail can have it again. */
static void test_origin(void)
{
	CU_ASSERT_EQUAL(status_of("race " LEAK " --seeds 2", "  fingerprint of all\n", ""), 0);
	CU_ASSERT_EQUAL(status_of("race " LEAK " --seed 2", "  match  seed  steps  fingerprint\n", ""), 0);
	CU_ASSERT_EQUAL(status_of("race " LEAK " --seed 2", ", scenario leak-migrate ", ""), 0);
}

static void test_repeats(void)
{
	char *folder = test_folder();
	char *one = printed(folder, "race " LEAK " --format csv --seeds 20");
	char *two = printed(folder, "race " LEAK " --format csv --seeds 20");

	CU_ASSERT_STRING_EQUAL(one, two);
	CU_ASSERT(strstr(one, "cluster 2 of device 0 is on no list") ||
		  strstr(one, "cluster 1 of device 0 is on no list"));
	g_free(one);
	g_free(two);
	test_folder_free(folder);
}

static void test_timeline(void)
{
	CU_ASSERT_EQUAL(status_of("race " LEAK " --kernel 6.18+table-alloc=v3 --timeline text",
				  "#env atomic_alloc: fails", ""),
			0);
}

/* Also where audits of a machine at rest add to what is said of it. */
static void test_invariants_once(void)
{
	char *folder = test_folder(), *text = printed(folder, "list invariants --format csv");
	GHashTable *names = g_hash_table_new(g_str_hash, g_str_equal);
	char **line = g_strsplit(text, "\n", -1);

	for (u32 i = 0; line[i] && *line[i]; i++)
		CU_ASSERT(g_hash_table_add(names, strtok(line[i], ",")));
	CU_ASSERT(g_hash_table_size(names) > 20);
	g_hash_table_unref(names);
	g_strfreev(line);
	g_free(text);
	test_folder_free(folder);
}

static void test_lists(void)
{
	char *folder = test_folder();
	cJSON *windows = parsed(printed(folder, "list windows --format json"));
	bool found = false;
	const cJSON *row;

	cJSON_ArrayForEach(row, windows)
	{
		found = found || (!strcmp(text_at(row, "window"), "isolated_dropped") &&
				  !strcmp(text_at(row, "opens"), "swap_cluster_alloc_table.DROP_CI"));
	}
	CU_ASSERT(found);
	cJSON_Delete(windows);
	CU_ASSERT_EQUAL(status_of("list invariants", "cluster_ownership  after every step", ""), 0);
	test_invariants_once();
	CU_ASSERT_EQUAL(status_of("list steps", "swap_cluster_alloc_table.SLEEP ", ""), 0);
	CU_ASSERT_EQUAL(status_of("list choices", "atomic_alloc     ok or fail", ""), 0);
	CU_ASSERT_EQUAL(status_of("list scenarios", "race/leak-migrate ", ""), 0);
	test_folder_free(folder);
}

static const struct unit tests[] = {
	{ "who cannot be preempted goes on before a higher priority", test_priorities },
	{ "in setup priorities keep nobody from its turn", test_priorities_in_setup },
	{ "an interrupted race tells of the runs until then, and ends with 130", test_interrupted },
	{ "what was expected ends with 0", test_expected },
	{ "what was not is a finding, and infeasible without expectation an invalid scenario", test_finding },
	{ "one seed or several", test_usage },
	{ "a workload without a schedule is warned of", test_workload },
	{ "in time the exit status is that of the verdict, too", test_time },
	{ "the verdicts say of which version and scenario they are", test_origin },
	{ "a repeated run says the same", test_repeats },
	{ "the timeline shows what led there", test_timeline },
	{ "windows, choices and races are listed", test_lists },
};

UNIT_MAIN("cli_race", tests)
