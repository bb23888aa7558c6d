#include "tests/unit/test_cli.h"

/* A file of a result folder with the first @old replaced. */
static void change_file(const char *folder, const char *name, const char *old, const char *new)
{
	char *text = file_text(folder, name);
	char **part = g_strsplit(text, old, 2);
	char *changed = g_strjoinv(new, part);

	CU_ASSERT_EQUAL(g_strv_length(part), 2);
	write_file(folder, name, changed);
	g_free(changed);
	g_strfreev(part);
	g_free(text);
}

static void test_same(void)
{
	char *folder = test_folder(), *text;

	done(folder, "run small.json -q -o a");
	done(folder, "run small.json -q -o b");
	text = printed(folder, "diff a b --exit-code");
	CU_ASSERT_STRING_EQUAL(text, "A: a, on 6.18, seed 1\n"
				     "B: b, on 6.18, seed 1\n\n"
				     "scenario, figures, series and histograms: the same\n\n"
				     "events: the same (by their fingerprints)\n");
	g_free(text);
	test_folder_free(folder);
}

static void test_exit_code(void)
{
	char *folder = test_folder();
	struct said said;

	done(folder, "run small.json -q -o a");
	done(folder, "run small.json -q -o b -s 2");
	done(folder, "diff a b --no-rerun");
	said = swapsim(folder, "diff a b --no-rerun --exit-code");
	CU_ASSERT_EQUAL(said.status, 3);
	CU_ASSERT_STRING_EQUAL(said.err, "swapsim: diff: a and b differ\n");
	CU_ASSERT_PTR_NOT_NULL(strstr(said.out, "\nseed "));
	CU_ASSERT_PTR_NOT_NULL(strstr(said.out, "\nphase all\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(said.out, "events: not compared: not both have events.csv, and nothing "
						"was to be run again\n"));
	said_release(&said);
	test_folder_free(folder);
}

/* Key by key, under the names that --set takes, numbers with their difference. */
static void test_scenario(void)
{
	char *folder = test_folder(), *csv, *text;

	done(folder, "run small.json -q -o a");
	done(folder, "run small.json -q -o b --set tasks[0].workload.rand.accesses=3350 "
		     "--set cgroups[0].memory.max=60%");
	csv = printed(folder, "diff a b --no-rerun --format csv");
	CU_ASSERT(g_str_has_prefix(csv, "section,object,name,a,b,difference,percent\nscenario,,"));
	CU_ASSERT_PTR_NOT_NULL(strstr(csv, "\nscenario,,cgroups[0].memory.max,50%,60%,,\n"));
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(csv, "\nscenario,,tasks[0].workload.rand.accesses,3000,3350,+350,+11.7%\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(csv, "\nphases,all,pswpin,"));
	CU_ASSERT_PTR_NOT_NULL(strstr(csv, "\ngroups,g,pswpin,"));
	CU_ASSERT_PTR_NOT_NULL(strstr(csv, "\nlatency,fault,count,"));
	CU_ASSERT_PTR_NOT_NULL(strstr(csv, "\nhist,fault,"));
	CU_ASSERT_PTR_NULL(strstr(csv, "machine."));
	text = printed(folder, "diff a b --no-rerun --format markdown");
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "| cgroups[0].memory.max | 50% | 60% |  |  |\n"));
	g_free(text);
	g_free(csv);
	test_folder_free(folder);
}

/* What a file says is what is reported, not what a run would give. */
static void test_files(void)
{
	char *folder = test_folder(), *csv;

	done(folder, "run small.json -q -o a");
	done(folder, "run small.json -q -o b");
	change_file(folder, "b/summary.json", "\"ties\": ", "\"ties\": 1");
	change_file(folder, "b/summary.json", "\"swap_slots\"", "\"swap_slits\"");
	change_file(folder, "b/series.csv", "\n20000000,", "\n20000001,");
	change_file(folder, "b/hist.csv", "\nmajor_fault,", "\nmajor_fault,1,2,77\nmajor_fault,");
	csv = printed(folder, "diff a b --format csv");
	CU_ASSERT(g_str_has_prefix(csv, "section,object,name,a,b,difference,percent\nrun,,ties,"));
	CU_ASSERT_PTR_NOT_NULL(strstr(csv, "\nmemory,,swap_slots,4096,,,\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(csv, "\nmemory,,swap_slits,,4096,,\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(
	    csv,
	    "\nseries,\"first row that differs, time_ns 20000000\",time_ns,20000000,20000001,+1,+0.0%\n"));
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(csv, "\nhist,major_fault,\"first bucket that differs, 1 to 2 ns\",0,77,+77,\n"));
	g_free(csv);
	test_folder_free(folder);
}

/* The logs, read line by line, say where two runs part. */
static u64 lines_in_common(const char *folder)
{
	char *a = file_text(folder, "a/events.csv"), *b = file_text(folder, "b/events.csv");
	u64 n = 0;

	for (u32 i = 0; a[i] && a[i] == b[i]; i++)
		n += a[i] == '\n';
	g_free(a);
	g_free(b);
	return n - 1; /* the names of the columns */
}

static void test_events(void)
{
	char *folder = test_folder(), *by_log, *by_run, *file, *expected;
	cJSON *json;

	done(folder, "run small.json -q -o a --events");
	done(folder, "run small.json -q -o b --events -s 2");
	by_log = printed(folder, "diff a b");
	expected = g_strdup_printf("events: %" G_GUINT64_FORMAT
				   " in common (by both events.csv), then they part:\n  in A task ",
				   lines_in_common(folder));
	CU_ASSERT_PTR_NOT_NULL(strstr(by_log, expected));
	json = parsed(printed(folder, "diff a b -c 3 --format json"));
	CU_ASSERT_EQUAL((u64)at(at(json, "events"), "common")->valuedouble, lines_in_common(folder));
	CU_ASSERT_EQUAL(cJSON_GetArraySize(at(at(json, "events"), "before")), 3);
	CU_ASSERT_EQUAL(cJSON_GetArraySize(at(at(json, "events"), "a")), 4);
	CU_ASSERT_EQUAL(cJSON_GetArraySize(at(at(json, "events"), "b")), 4);
	cJSON_Delete(json);
	file = g_build_filename(folder, "a", "events.csv", NULL);
	g_remove(file);
	by_run = printed(folder, "diff a b");
	CU_ASSERT_PTR_NOT_NULL(strstr(by_run, " in common (both run again), then they part:\n"));
	CU_ASSERT_STRING_EQUAL(strstr(by_log, "then they part"), strstr(by_run, "then they part"));
	g_free(file);
	g_free(expected);
	g_free(by_log);
	g_free(by_run);
	test_folder_free(folder);
}

/* A log that ends sooner differs where it ends. */
static void test_cut_log(void)
{
	char *folder = test_folder(), *text, *cut;
	u64 left = 10;

	done(folder, "run small.json -q -o a --events");
	done(folder, "run small.json -q -o b --events");
	change_file(folder, "b/manifest.json", "\"events\": \"", "\"events\": \"x");
	text = file_text(folder, "b/events.csv");
	for (cut = text; left; cut++)
		left -= *cut == '\n';
	*cut = 0;
	write_file(folder, "b/events.csv", text);
	g_free(text);
	text = printed(folder, "diff a b -c 0");
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "events: 9 in common (by both events.csv), then they part:\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n  in B it ends\n"));
	CU_ASSERT_PTR_NULL(strstr(text, "B goes on"));
	CU_ASSERT_PTR_NULL(strstr(text, "in common\n "));
	g_free(text);
	write_file(folder, "b/events.csv", "time_ns,cpu,task,step\n12,0,x,a.B\n");
	text = printed(folder, "diff a b");
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(text, "events: not compared: b/events.csv:2: not a line time_ns,cpu,task,step\n"));
	g_free(text);
	test_folder_free(folder);
}

/* Ties are not in the manifest: running it again gives something else, and that is said. */
static void test_other_run(void)
{
	char *folder = test_folder(), *text;

	done(folder, "run small.json -q -o a");
	done(folder, "run small.json -q -o b");
	change_file(folder, "b/manifest.json", "\"events\": \"", "\"events\": \"0");
	text = printed(folder, "diff a b");
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "events: not compared: b, run again, has other events than it "
					    "had (was it run with --ties, or changed since?)\n"));
	g_free(text);
	change_file(folder, "b/manifest.json", "\"version\": \"", "\"version\": \"9");
	text = printed(folder, "diff a b");
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "events: not compared: b is of swapsim 9"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nversion "));
	g_free(text);
	test_folder_free(folder);
}

static void test_refused(void)
{
	char *folder = test_folder();

	done(folder, "run small.json -q -o a");
	done(folder, "compare small.json -q --seeds 2 --kernel 6.18 -o c");
	CU_ASSERT(
	    refused(folder, "diff a", 2, "swapsim: diff: too few arguments (usage: swapsim diff A B)\n"));
	CU_ASSERT(refused(folder, "diff a none", 1,
			  "swapsim: none/manifest.json: cannot be read (a result folder of swapsim run has "
			  "it)\n"));
	CU_ASSERT(
	    refused(folder, "diff c a", 2,
		    "swapsim: c: written by swapsim compare (diff takes two folders of swapsim run)\n"));
	CU_ASSERT(refused(folder, "diff a a -c -1", 2, "swapsim: --context -1: not possible (0 to 1000)\n"));
	write_file(folder, "a/summary.json", "{\"format\": 1");
	CU_ASSERT(
	    refused(folder, "diff a a", 1, "swapsim: a/summary.json: not a JSON object (run it again)\n"));
	write_file(folder, "a/manifest.json", "{\"tool\": \"other\"}");
	CU_ASSERT(refused(folder, "diff a a", 1, "swapsim: a: not a result folder of swapsim\n"));
	test_folder_free(folder);
}

static const struct unit tests[] = {
	{ "two runs of one scenario are the same", test_same },
	{ "a difference is no error unless it was asked for", test_exit_code },
	{ "scenarios are compared key by key", test_scenario },
	{ "every file is compared", test_files },
	{ "the first event that differs is found in logs, and by running again", test_events },
	{ "a log that ends, or is none", test_cut_log },
	{ "a run that cannot be done again is not compared", test_other_run },
	{ "what is no result of run is refused", test_refused },
};
UNIT_MAIN("diff", tests)
