/*
 * Which figures there are, of which part of a run and of which cgroup.
 */
#include "tests/unit/test_cli.h"

/* Two cgroups; the second one's task begins late, ends, and comes again, so that phases follow the phase run.
 */
static const char late[] =
    "{\"format\": 1, \"name\": \"late\",\n"
    " \"machine\": {\"cpus\": 2, \"memory\": \"64MiB\"},\n"
    " \"swap\": [{\"device\": \"zram-lz4\", \"size\": \"16MiB\"}],\n"
    " \"cgroups\": [{\"name\": \"a\", \"memory.max\": \"768KiB\"}, {\"name\": \"b\", \"memory.max\": "
    "\"max\"}],\n"
    " \"tasks\": [{\"name\": \"t\", \"cgroup\": \"a\", \"overhead_pages\": 0,\n"
    "  \"workload\": {\"rand\": {\"size\": \"1MiB\", \"accesses\": 20000, \"think\": \"1us\"}}},\n"
    "  {\"name\": \"u\", \"cgroup\": \"b\", \"start\": \"5ms\", \"repeat\": 2, \"pause\": \"1ms\",\n"
    "  \"overhead_pages\": 0,\n"
    "  \"workload\": {\"rand\": {\"size\": \"2MiB\", \"accesses\": 20000, \"think\": \"1us\"}}}]}\n";

/* All of the second cgroup's work comes late. */
static const char only_late[] =
    "{\"format\": 1, \"name\": \"only-late\",\n"
    " \"machine\": {\"cpus\": 1, \"memory\": \"64MiB\"},\n"
    " \"swap\": [{\"device\": \"zram-lz4\", \"size\": \"16MiB\"}],\n"
    " \"cgroups\": [{\"name\": \"a\", \"memory.max\": \"max\"}],\n"
    " \"tasks\": [{\"name\": \"t\", \"cgroup\": \"a\", \"start\": \"5ms\", \"repeat\": 2, "
    "\"overhead_pages\": "
    "0,\n"
    "  \"workload\": {\"rand\": {\"size\": \"2MiB\", \"accesses\": 20000, \"think\": \"1us\"}}}]}\n";

static char *late_folder(void)
{
	char *folder = test_folder();

	write_file(folder, "late.json", late);
	write_file(folder, "only-late.json", only_late);
	return folder;
}

static u64 number(const cJSON *object, const char *key)
{
	return (u64)at(object, key)->valuedouble;
}

/* The value in a table of figures as CSV. */
static u64 figure(const char *csv, const char *key)
{
	char *start = g_strdup_printf("\n%s,", key);
	const char *line = strstr(csv, start);
	u64 value = line ? g_ascii_strtoull(line + strlen(start), NULL, 10) : UINT64_MAX;

	g_free(start);
	return value;
}

/* From the end of init to the end of the run, over all phases. */
static void test_main_part(void)
{
	char *folder = late_folder();
	char *csv = printed(folder, "run late.json --format csv");
	cJSON *json = parsed(printed(folder, "run late.json --format json"));
	const cJSON *phases = at(json, "phases"), *all = at(phases, "all"), *init = at(phases, "init");

	CU_ASSERT_PTR_NOT_NULL_FATAL(init);
	CU_ASSERT_PTR_NOT_NULL_FATAL(at(phases, "u_begun"));
	CU_ASSERT(number(at(phases, "run"), "accesses") < 15000);
	CU_ASSERT_EQUAL(figure(csv, "run_accesses"), number(all, "accesses") - number(init, "accesses"));
	CU_ASSERT_EQUAL(figure(csv, "run_time_ns"), number(all, "time_ns") - number(init, "time_ns"));
	CU_ASSERT_EQUAL(figure(csv, "accesses_per_s"),
			figure(csv, "run_accesses") * 1000000000 / figure(csv, "run_time_ns"));
	cJSON_Delete(json);
	g_free(csv);
	test_folder_free(folder);
}

/* Where nothing but idling was in the phase run, less memory is slower all the same. */
static void test_late_size(void)
{
	char *folder = late_folder();
	char *text = printed(folder, "size only-late.json --limit a --slowdown 5% --seeds 1 --format csv");
	char **line = g_strsplit(text, "\n", -1);
	u64 answer = 0;

	for (u32 i = 1; line[i]; i++)
		if (g_str_has_suffix(line[i], ",holds,true"))
			answer = g_ascii_strtoull(line[i], NULL, 10);
	CU_ASSERT(answer > 3 << 19 && answer < 9 << 18);
	g_strfreev(line);
	g_free(text);
	test_folder_free(folder);
}

static void test_cgroups(void)
{
	char *folder = late_folder();
	cJSON *json = parsed(printed(folder, "run late.json --format json"));
	cJSON *rows = parsed(printed(folder, "compare late.json --seeds 1 --format json --figures "
					     "a:pgmajfault,b:pgmajfault,a:accesses,b:run_accesses,accesses"));
	const cJSON *groups = at(json, "groups"), *row;
	u64 median[5], n = 0;

	CU_ASSERT_EQUAL_FATAL(cJSON_GetArraySize(rows), 5);
	cJSON_ArrayForEach(row, rows)
	{
		median[n++] = number(row, "median");
	}
	/* In the order in which they were asked for, behind those of the machine. */
	CU_ASSERT_EQUAL(median[0], number(at(at(json, "phases"), "all"), "accesses"));
	CU_ASSERT_EQUAL(median[1], number(at(groups, "a"), "pgmajfault"));
	CU_ASSERT(median[1] > 0);
	CU_ASSERT_EQUAL(median[2], 0);
	CU_ASSERT_EQUAL(median[3] + median[4], median[0]);
	CU_ASSERT_EQUAL(median[4], number(at(groups, "b"), "accesses"));
	cJSON_Delete(rows);
	cJSON_Delete(json);
	test_folder_free(folder);
}

static void test_tables(void)
{
	char *folder = late_folder();
	char *text = printed(folder, "compare late.json --seeds 1 --figures a:accesses_per_s,b:pgmajfault");
	char *markdown = printed(folder, "compare late.json --seeds 1 --kernel 6.17,6.18 --format markdown "
					 "--figures b:pgmajfault");
	struct said said = swapsim(folder, "compare late.json --seeds 1 --figures accesses --fail-if "
					   "'a:pgmajfault<1000000'");

	CU_ASSERT(g_regex_match_simple("\n\nCgroups\na:accesses_per_s +[0-9.]+ k/s\nb:pgmajfault +0\n", text,
				       0, 0));
	CU_ASSERT_PTR_NOT_NULL(strstr(markdown, "\n| b:pgmajfault | 0 | 0 | "));
	CU_ASSERT_EQUAL(said.status, 6);
	CU_ASSERT(g_str_has_prefix(said.err, "swapsim: --fail-if a:pgmajfault<1000000: it is "));
	said_release(&said);
	g_free(markdown);
	g_free(text);
	test_folder_free(folder);
}

/* The table of one swept parameter has the figures that were asked for, and says what they are. */
static void test_compare_sweep(void)
{
	char *folder = late_folder();
	char *text = printed(folder, "compare late.json --seeds 2 --sweep cgroups[0].memory.max=768KiB,1MiB "
				     "--figures b:accesses,swpin_zero,lock_wait_ns");

	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nmedians of seeds 1 to 2\n"));
	CU_ASSERT(
	    g_regex_match_simple("\ncgroups\\[0\\].memory.max +kernel +b:accesses +swpin_zero +lock_wait_ns\n"
				 " +768KiB +6.18 +41024 +0 +[0-9.]+ [nu]?s\n",
				 text, 0, 0));
	g_free(text);
	test_folder_free(folder);
}

#define SWEEP "sweep late.json --set cgroups[0].memory.max=768KiB,1MiB "

static void test_sweep(void)
{
	char *folder = late_folder();
	char *text = printed(folder, SWEEP "--figures b:accesses,meta_static_bytes,accesses_per_s");
	char *csv = printed(folder, SWEEP "-q -o r --format csv --figures b:accesses,fault_p99_ns");
	char *all = file_text(folder, "r/sweep.csv");

	CU_ASSERT(g_regex_match_simple("b:accesses +meta_static_bytes +accesses_per_s\n.* 41024 +[0-9.]+ KiB "
				       "+[0-9.]+ [kM]/s\n",
				       text, 0, 0));
	CU_ASSERT(g_str_has_prefix(csv, "point,kernel,seed,cgroups[0].memory.max,curve,value_percent,outcome,"
					"reason,counts,events,footprint_pages,b:accesses,fault_p99_ns\n"));
	CU_ASSERT_EQUAL(csv_lines(csv), 3);
	CU_ASSERT_PTR_NOT_NULL(strstr(all, ",pool_bytes,b:accesses\n"));
	CU_ASSERT_EQUAL(csv_lines(all), 3);
	g_free(all);
	g_free(csv);
	g_free(text);
	test_folder_free(folder);
}

/* A run has all of them, and no others. */
static void test_list(void)
{
	char *folder = late_folder();
	char *csv = printed(folder, "run late.json --format csv");
	char *list = printed(folder, "list figures --format csv");
	char **line = g_strsplit(list, "\n", -1), **row = g_strsplit(csv, "\n", -1);
	u32 n = g_strv_length(line);

	CU_ASSERT_EQUAL(n, g_strv_length(row));
	CU_ASSERT_STRING_EQUAL(line[0], "figure,of_cgroups,group");
	for (u32 i = 1; i + 1 < n; i++) {
		size_t length = (size_t)(strchr(line[i], ',') - line[i]) + 1;

		CU_ASSERT(!strncmp(line[i], row[i], length));
	}
	CU_ASSERT_PTR_NOT_NULL(strstr(list, "\npgmajfault,yes,"));
	CU_ASSERT_PTR_NOT_NULL(strstr(list, "\nfault_p99_ns,no,Latency\n"));
	g_strfreev(row);
	g_strfreev(line);
	g_free(list);
	g_free(csv);
	test_folder_free(folder);
}

/* Before anything is run. */
static void test_refused(void)
{
	static const struct {
		const char *arguments;
		const char *message;
	} list[] = {
		{ "compare late.json --figures pgfualt",
		  "--figures: there is no figure pgfualt (did you mean "
		  "pgfault?)" },
		{ "compare late.json --figures throughput",
		  "--figures: there is no figure throughput (swapsim list figures names them)" },
		{ "compare late.json --figures c:pgfault",
		  "--figures: there is no cgroup \"c\" (one of a, b)" },
		{ "compare late.json --figures a:pgmajfualt",
		  "--figures: there is no figure pgmajfualt of a cgroup (did you mean pgmajfault?)" },
		{ "compare late.json --figures a:fault_p99_ns",
		  "--figures: there is no figure fault_p99_ns of a cgroup (swapsim list figures names "
		  "them)" },
		{ "compare late.json --fail-if lock_wait_ns:plt>0",
		  "--fail-if lock_wait_ns:plt>0: there is no figure lock_wait_ns:plt (did you mean "
		  "lock_wait_ns:ptl?)" },
		{ "compare late.json --fail-if c:pgfault>0",
		  "--fail-if c:pgfault>0: there is no cgroup \"c\" (one of a, b)" },
		{ SWEEP "--figures b:acesses",
		  "--figures: there is no figure acesses of a cgroup (did you mean accesses?)" },
	};
	char *folder = late_folder();

	for (u32 i = 0; i < ARRAY_SIZE(list); i++) {
		char *message = g_strdup_printf("swapsim: %s\n", list[i].message);

		CU_ASSERT(refused(folder, list[i].arguments, 2, message));
		g_free(message);
	}
	test_folder_free(folder);
}

static const struct unit tests[] = {
	{ "the main part is all after init, whatever phases follow", test_main_part },
	{ "a limit is sized by the work of tasks that come late", test_late_size },
	{ "figures of a cgroup are its own", test_cgroups },
	{ "tables and conditions know figures of cgroups", test_tables },
	{ "a comparison over values shows the figures asked for", test_compare_sweep },
	{ "a sweep shows and keeps the figures asked for", test_sweep },
	{ "the list of figures is that of a run", test_list },
	{ "figures that there are not are refused before anything runs", test_refused },
};
UNIT_MAIN("figures", tests)
