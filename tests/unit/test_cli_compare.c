#include "tests/unit/test_cli.h"

#define ONE_TASK "--set tasks[0].count=1 --set machine.memory_stat_every=0 "
#define BOTH "--kernel 6.17,6.18 "
#define SIX "--seeds 7..12 " /* times are neither all shorter nor all longer */

static void test_equal_counts(void)
{
	char *folder = test_folder();
	char *text = printed(folder, "compare small.json " ONE_TASK BOTH "--seeds 2");
	char *again = printed(folder, "compare small.json " ONE_TASK "-k6.17,6.18 -s=2 -j1");
	char **lines = g_strsplit(text, "\n", -1);

	CU_ASSERT_STRING_EQUAL(text, again);
	CU_ASSERT(g_str_has_prefix(text,
				   "small: rand, 1 thread, swap on zram-lz4\n"
				   "medians (lowest-highest) of seeds 1 to 2; ratios to the first kernel\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nEvent counts: equal on every kernel, seed by seed."));
	for (u32 i = 0; lines[i]; i++)
		CU_ASSERT(g_utf8_strlen(lines[i], -1) <= 100);
	g_strfreev(lines);
	g_free(again);
	g_free(text);
	test_folder_free(folder);
}

static void test_several_tasks(void)
{
	char *folder = test_folder();
	char *text = printed(folder, "compare small.json " BOTH "--seeds 4..6");

	CU_ASSERT_PTR_NOT_NULL(strstr(text, " of seeds 4 to 6;"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nEvent counts: kernels differ by "));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "would be equal.\n"));
	g_free(text);
	test_folder_free(folder);
}

/* What the table shows is what single runs show. */
static void test_medians(void)
{
	char *folder = test_folder();
	char *text = printed(folder, "compare small.json --seeds 3 --format csv");
	u64 value[3];
	char *row;

	for (u32 seed = 1; seed <= 3; seed++) {
		char *line = g_strdup_printf("run small.json --seed %u --format csv", seed);
		char *run = printed(folder, line);

		value[seed - 1] = g_ascii_strtoull(strstr(run, "\ntime_ns,") + 9, NULL, 10);
		g_free(run);
		g_free(line);
	}
	for (u32 i = 0; i < 3; i++) {
		for (u32 j = i + 1; j < 3; j++) {
			u64 larger = MAX(value[i], value[j]);

			value[i] = MIN(value[i], value[j]);
			value[j] = larger;
		}
	}
	row = g_strdup_printf(
	    "figure,kernel,median,lowest,highest,permille_of_first,pairs,change_median,change_low,"
	    "change_high,verdict\ntime_ns,6.18,%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT
	    ",1000,3,0,,,\n",
	    value[1], value[0], value[2]);
	CU_ASSERT(g_str_has_prefix(text, row));
	csv_lines(text);
	g_free(row);
	g_free(text);
	test_folder_free(folder);
}

static void test_formats(void)
{
	char *folder = test_folder();
	char *markdown = printed(folder, "compare small.json " BOTH "--seeds 2 --format markdown");
	cJSON *json = parsed(printed(folder, "compare small.json " BOTH "--seeds 2 --format json"));
	const cJSON *first = cJSON_GetArrayItem(json, 0);

	CU_ASSERT_PTR_NOT_NULL(strstr(
	    markdown, "\nmedians of seeds 1 to 2\n\n| figure | 6.17 | 6.18 | change | 95 % interval | n |\n"
		      "|---|---:|---:|---:|---:|---:|\n"));
	CU_ASSERT_STRING_EQUAL(text_at(first, "figure"), "time_ns");
	CU_ASSERT_STRING_EQUAL(text_at(first, "kernel"), "6.17");
	CU_ASSERT_EQUAL(at(first, "permille_of_first")->valueint, 1000);
	cJSON_Delete(json);
	g_free(markdown);
	test_folder_free(folder);
}

/* Metadata has nothing to do with seeds, times have. */
static void test_changes(void)
{
	char *folder = test_folder();
	char *letter = printed(folder, "compare small.json " BOTH SIX "--format markdown --figures "
				       "meta_static_bytes,run_time_ns,accesses,swpin_zero");
	char *text = printed(folder, "compare small.json " BOTH SIX
				     "--figures meta_static_bytes,run_time_ns,accesses");
	char *csv = printed(folder, "compare small.json " BOTH SIX
				    "--format csv --figures accesses,meta_static_bytes");
	char **row = g_strsplit(letter, "\n", -1);

	CU_ASSERT(g_str_has_prefix(row[6], "| of it in the main part | "));
	CU_ASSERT_PTR_NOT_NULL(strstr(row[6], " | no difference | -"));
	CU_ASSERT(g_str_has_suffix(row[6], " % | 6 |"));
	CU_ASSERT_STRING_EQUAL(row[8], "| accesses | 7024 | 7024 | equal | 0.00 % to 0.00 % | 6 |");
	CU_ASSERT_STRING_EQUAL(row[9], "| swpin_zero | 0 | 0 | equal | 0 to 0 | 6 |");
	CU_ASSERT(g_regex_match_simple(
	    "^\\| static \\| [0-9.]+ KiB \\| [0-9.]+ KiB \\| (-[0-9.]+ %) \\| \\1 to \\1 \\| 6 \\|$", row[11],
	    0, 0));
	CU_ASSERT_STRING_EQUAL(row[12], "");
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "  ~"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n~: no difference, "));
	CU_ASSERT(g_regex_match_simple("7024 +7024 +1.000x\n", text, 0, 0));
	CU_ASSERT_PTR_NOT_NULL(strstr(csv, "\naccesses,6.17,7024,7024,7024,1000,6,0,0,0,equal\n"
					   "accesses,6.18,7024,7024,7024,1000,6,0,0,0,equal\n"
					   "meta_static_bytes,6.17,"));
	CU_ASSERT(g_regex_match_simple(",6,(-[0-9]+),\\1,\\1,less\n$", csv, 0, 0));
	CU_ASSERT_EQUAL(csv_lines(csv), 5);
	g_strfreev(row);
	g_free(csv);
	g_free(text);
	g_free(letter);
	test_folder_free(folder);
}

/* A lock that is gone: seeds that had more than the median of it do not fall below nothing. */
static void test_at_most_all(void)
{
	char *folder = test_folder();
	char *letter = printed(folder, "compare small.json " BOTH SIX "--format markdown --figures "
				       "lock_contended:xa_lock");
	char *csv =
	    printed(folder, "compare small.json " BOTH SIX "--format csv --figures lock_contended:xa_lock");
	char **cell = g_strsplit(strstr(csv, "6.18,0,0,0,0,6,"), ",", -1);
	char **before = g_strsplit(strstr(csv, "6.17,"), ",", -1);

	CU_ASSERT(g_ascii_strtoll(cell[7], NULL, 10) < -g_ascii_strtoll(before[1], NULL, 10));
	CU_ASSERT_PTR_NOT_NULL(strstr(letter, " | 0 | -100.00 % | -100.00 % to -"));
	g_strfreev(before);
	g_strfreev(cell);
	g_free(csv);
	g_free(letter);
	test_folder_free(folder);
}

/* Five pairs agree by chance in one case of sixteen. */
static void test_few_seeds(void)
{
	struct said said;
	char *folder = test_folder();
	char *text = printed(folder, "compare small.json " BOTH "--seeds 5 --figures meta_static_bytes");

	CU_ASSERT_PTR_NULL(strstr(text, "~"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nTo tell changes from chance takes 6 seeds at least.\n"));
	g_free(text);
	text = printed(folder,
		       "compare small.json " BOTH "--seeds 5 --figures meta_static_bytes --format markdown");
	CU_ASSERT(g_regex_match_simple("\n\\| static \\| .* \\| -[0-9.]+ % \\| - \\| 5 \\|\n", text, 0, 0));
	g_free(text);
	done(folder, "compare small.json " BOTH "--seeds 1 --figures pgfault -o r");
	text = file_text(folder, "r/compare.csv");
	CU_ASSERT(csv_lines(text) > 100);
	g_free(text);
	said = swapsim(folder, "compare small.json --seeds 1 --figures pgfualt");
	CU_ASSERT_STRING_EQUAL(said.err,
			       "swapsim: --figures: there is no figure pgfualt (did you mean pgfault?)\n");
	said_release(&said);
	test_folder_free(folder);
}

static void test_wide_comparison(void)
{
	char *folder = test_folder();
	char *text =
	    printed(folder, "compare small.json --seeds 2 --kernel 6.17,6.18,6.18+table-alloc=v3,6.17");
	char **lines = g_strsplit(text, "\n", -1);
	u32 tables = 0;

	for (u32 i = 0; lines[i]; i++) {
		CU_ASSERT(g_utf8_strlen(lines[i], -1) <= 100);
		tables += g_str_has_prefix(lines[i], "figure ");
	}
	CU_ASSERT(tables > 1);
	g_strfreev(lines);
	g_free(text);
	test_folder_free(folder);
}

static void test_thresholds(void)
{
	char *folder = test_folder();
	struct said said;

	done(folder,
	     "compare small.json " ONE_TASK BOTH "--seeds 1 --fail-if pswpout>100% --fail-if pswpout<100%");
	said = swapsim(folder, "compare small.json " ONE_TASK BOTH
			       "--seeds 1 --fail-if pswpout>100% --fail-if meta_static_bytes>0");
	CU_ASSERT_EQUAL(said.status, 6);
	CU_ASSERT(g_str_has_prefix(said.err, "swapsim: --fail-if meta_static_bytes>0: it is "));
	CU_ASSERT(g_str_has_suffix(said.err, " on 6.17\n"));
	CU_ASSERT(strlen(said.out) > 1000);
	said_release(&said);
	said = swapsim(folder, "compare small.json " BOTH "--seeds 1 --fail-if 'lock_wait_ns:xa_lock<100%'");
	CU_ASSERT_EQUAL(said.status, 6);
	said_release(&said);
	said = swapsim(folder, "compare small.json --seeds 1 --fail-if pgfualt>1");
	CU_ASSERT_EQUAL(said.status, 2);
	said_release(&said);
	test_folder_free(folder);
}

static void test_folders(void)
{
	char *folder = test_folder(), *text;
	cJSON *manifest;

	done(folder, "compare small.json " BOTH "--seeds 2 -o a");
	text = file_text(folder, "a/runs.csv");
	CU_ASSERT(g_str_has_prefix(text, "kernel,seed,complete,time_ns,"));
	CU_ASSERT_EQUAL(csv_lines(text), 5);
	g_free(text);
	done(folder, "compare small.json " BOTH "--sweep cgroups[0].memory.max=60%,1MiB -o b");
	text = file_text(folder, "b/sweep.csv");
	CU_ASSERT(g_str_has_prefix(text, "kernel,seed,value,value_percent,complete,time_ns,"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n6.18,1,60%,60,true,"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n6.18,1,1MiB,25.0,true,"));
	CU_ASSERT_EQUAL(csv_lines(text), 5);
	g_free(text);
	manifest = parsed(file_text(folder, "b/manifest.json"));
	CU_ASSERT_STRING_EQUAL(text_at(manifest, "sweep"), "cgroups[0].memory.max");
	CU_ASSERT_EQUAL(cJSON_GetArraySize(at(manifest, "runs")), 4);
	CU_ASSERT_EQUAL(entries(folder), 3);
	cJSON_Delete(manifest);
	test_folder_free(folder);
}

/* 64 KiB of swap cannot take half a MiB. */
static void test_sweep_into_trouble(void)
{
	char *folder = test_folder();
	char *text = printed(folder, "compare small.json " ONE_TASK BOTH
				     "--set swap[0].size=64KiB --set tasks[0].oom_score_adj=-1000 "
				     "--sweep cgroups[0].memory.max=110%,50% -o r");
	cJSON *manifest = parsed(file_text(folder, "r/manifest.json"));
	struct said said;

	CU_ASSERT_PTR_NOT_NULL(
	    strstr(text, "\nnot run to the end: 6.17, seed 1, 50%: cgroup \"g\" is out of memory"));
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(text_at(cJSON_GetArrayItem(at(manifest, "runs"), 3), "failure"), "out of memory"));
	said = swapsim(folder, "compare small.json --set swap[0].size=64KiB --seeds 2 --set "
			       "tasks[0].oom_score_adj=-1000");
	CU_ASSERT_EQUAL(said.status, 4);
	CU_ASSERT(g_str_has_prefix(said.err, "swapsim: 6.18, seed 1: cgroup \"g\" is out of memory"));
	said_release(&said);
	said = swapsim(folder, "compare small.json --set tasks[0].overhead_pages=9 --sweep "
			       "cgroups[0].memory.max=50%,4KiB");
	CU_ASSERT_EQUAL(said.status, 4);
	CU_ASSERT(g_str_has_prefix(said.err, "swapsim: with --sweep cgroups[0].memory.max=4KiB: "));
	said_release(&said);
	cJSON_Delete(manifest);
	g_free(text);
	test_folder_free(folder);
}

/* Adds a run's series, with the kernel before each row but the head. */
static void add_series(GString *out, const char *folder, const char *kernel)
{
	char *line = g_strdup_printf("run small.json --kernel %s --seed 4 -o %s", kernel, kernel);
	char *file = g_build_filename(kernel, "series.csv", NULL), *text;
	char **lines;

	done(folder, line);
	text = file_text(folder, file);
	lines = g_strsplit(text, "\n", -1);
	if (!out->len)
		g_string_append_printf(out, "kernel,%s\n", lines[0]);
	for (u32 i = 1; *lines[i]; i++)
		g_string_append_printf(out, "%s,%s\n", kernel, lines[i]);
	g_strfreev(lines);
	g_free(text);
	g_free(file);
	g_free(line);
}

static void test_extras(void)
{
	char *folder = test_folder(), *text;
	GString *series = g_string_new(NULL);

	write_file(folder, "real.csv", "name\nx\n");
	done(folder, "compare small.json " BOTH "--seeds 4..5 --series --measured real.csv -o c");
	text = file_text(folder, "c/measured.csv");
	CU_ASSERT_STRING_EQUAL(text, "name\nx\n");
	g_free(text);
	add_series(series, folder, "6.17");
	add_series(series, folder, "6.18");
	text = file_text(folder, "c/series.csv");
	CU_ASSERT_STRING_EQUAL(text, series->str);
	g_string_free(series, TRUE);
	g_free(text);
	done(folder, "compare small.json --seeds 1 -o c --force");
	CU_ASSERT_FALSE(file_exists(folder, "c/measured.csv"));
	CU_ASSERT_FALSE(file_exists(folder, "c/series.csv"));
	test_folder_free(folder);
}

static void test_extras_refused(void)
{
	char *folder = test_folder();

	write_file(folder, "real.csv", "name\nx\n");
	CU_ASSERT(refused(folder, "compare small.json --series", 2,
			  "swapsim: compare: --series: into which folder? (--output DIR)\n"));
	CU_ASSERT(refused(folder, "compare small.json --measured real.csv", 2,
			  "swapsim: compare: --measured: into which folder? (--output DIR)\n"));
	CU_ASSERT(refused(folder, "compare small.json --series --sweep machine.cpus=1,2 -o d", 2,
			  "swapsim: compare: --series: not of a sweep (run one value of it: --set)\n"));
	CU_ASSERT(refused(folder, "compare small.json --measured nothing.csv -o d", 1,
			  "swapsim: nothing.csv: cannot be read\n"));
	CU_ASSERT_FALSE(file_exists(folder, "d"));
	test_folder_free(folder);
}

/* So many runs that some are over and some are not, after a while that is long enough on any machine. */
#define LONG                                                                                                 \
	"compare small.json " ONE_TASK BOTH "--set tasks[0].workload.rand.accesses=500000 --seeds 30 "       \
	"--jobs 1 --figures pswpin,pgmajfault "
#define HEADING "\nINTERRUPTED: figures are of the "

/* Some runs are short of a process. */
static void test_kills(void)
{
	char *folder = test_folder(), *text;

	text = printed(folder, "compare small.json " ONE_TASK BOTH "--seeds 2 --figures pswpin "
			       "--set swap[0].size=256KiB");
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(text, "\nThe OOM killer came in 2 of 2 runs on 6.17, 2 of 2 on 6.18:\n"));
	g_free(text);
	text = printed(folder, "compare small.json " ONE_TASK BOTH "--seeds 2 --figures pswpin");
	CU_ASSERT_PTR_NULL(strstr(text, "OOM killer"));
	g_free(text);
	test_folder_free(folder);
}

static struct said interrupted_midway(const char *folder, const char *arguments)
{
	struct said said = { 0 };

	for (u32 milliseconds = 500; milliseconds < 20000; milliseconds *= 2) {
		said_release(&said);
		said = swapsim_interrupted(folder, arguments, milliseconds);
		if (strstr(said.out, HEADING) && !strstr(said.out, HEADING "0 runs"))
			break;
	}
	CU_ASSERT_EQUAL(said.status, 130);
	return said;
}

/* A part of a run is no figure, and no run is no 0. */
static void test_interrupted(void)
{
	char *folder = test_folder();
	struct said said = interrupted_midway(folder, LONG "-o r --force");
	char *text;
	cJSON *manifest;

	CU_ASSERT_PTR_NOT_NULL(strstr(said.out, " runs of 60 that came to their end\n"));
	CU_ASSERT_PTR_NULL(strstr(said.out, "0.000x"));
	CU_ASSERT_PTR_NULL(strstr(said.out, "Event counts"));
	CU_ASSERT_STRING_EQUAL(said.err, "swapsim: interrupted: the result is not complete\n");
	said_release(&said);
	manifest = parsed(file_text(folder, "r/manifest.json"));
	CU_ASSERT_TRUE(cJSON_IsFalse(at(manifest, "complete")));
	cJSON_Delete(manifest);
	text = file_text(folder, "r/compare.csv");
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\npswpin,6.18,,,,,0,,,,\n"));
	CU_ASSERT_PTR_NULL(strstr(text, "\npswpin,6.17,,,,,0,,,,\n"));
	g_free(text);
	text = file_text(folder, "r/runs.csv");
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n6.17,1,true,"));
	g_free(text);
	said = interrupted_midway(folder, LONG "--format markdown");
	CU_ASSERT_PTR_NOT_NULL(strstr(said.out, " | - | - | - | 0 |\n"));
	CU_ASSERT_PTR_NULL(strstr(said.out, "0.00 %"));
	said_release(&said);
	test_folder_free(folder);
}

static const struct unit tests[] = {
	{ "with one task every kernel counts the same, whatever the number of jobs", test_equal_counts },
	{ "with several tasks counts differ, and the comparison says why", test_several_tasks },
	{ "medians, lowest and highest are those of single runs", test_medians },
	{ "Markdown and JSON hold the same table", test_formats },
	{ "a change is told from chance, and a letter says how sure it is", test_changes },
	{ "few seeds tell nothing, and it says so", test_few_seeds },
	{ "nothing falls by more than all of it", test_at_most_all },
	{ "more kernels than a mail is wide make several tables", test_wide_comparison },
	{ "a threshold that is missed ends with 6, after the result", test_thresholds },
	{ "a folder holds every run, and a sweep its values", test_folders },
	{ "a sweep goes on where a machine cannot; a comparison does not", test_sweep_into_trouble },
	{ "series and measurements go into the folder when asked", test_extras },
	{ "series and measurements need a folder, and a file", test_extras_refused },
	{ "that processes were killed is said, with how often", test_kills },
	{ "an interrupted one has the figures of whole runs, and says so", test_interrupted },
};
UNIT_MAIN("cli: compare", tests)
