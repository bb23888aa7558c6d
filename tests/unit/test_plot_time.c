#include "tests/unit/test_plot.h"

#include "plots/samples.h"

#define SERIES                                                                                               \
	"time_ns,pswpin,pswpout,pgmajfault,workingset_refault_anon,memory.pressure:some_ns,"                 \
	"memory.pressure:full_ns\n"
#define CGROUPS                                                                                              \
	"time_ns,cgroup,memory.current,memory.max,memory.swap.current,memory.swap.max,"                      \
	"memory.pressure:some_ns,memory.pressure:full_ns\n"
#define KILLS "time_ns,cgroup,task,process,badness_pages,anon_pages,swap_pages\n"

static const char two_cgroups[] = CGROUPS "0,a,4096,8192,0,max,0,0\n"
					  "0,\"b,c\",0,max,0,max,0,0\n"
					  "1000000,a,8192,8192,4096,4096,250000,1000\n"
					  "1000000,\"b,c\",4096,max,0,max,500000,0\n"
					  "1500000,a,8192,8192,0,4096,250000,1000\n"
					  "1500000,\"b,c\",8192,max,0,max,1000000,500000\n";
static const char three_samples[] = SERIES "0,0,0,0,0,0,0\n"
					   "1000000,3,5,2,1,500000,1000\n"
					   "1500000,3,7,2,1,1000000,500000\n";

static char *whole_folder(const char *cgroups, const char *series, const char *kills)
{
	char *folder = folder_with("cgroups.csv", cgroups);

	add_file(folder, "series.csv", series);
	add_file(folder, "oom.csv", kills);
	return folder;
}

static void check_script_has(const struct plot_text *text, const char *what)
{
	bool found = strstr(text->script, what);

	CU_ASSERT_TRUE(found);
	if (!found)
		g_printerr("\nnot in the script: %s\n", what);
}

static void test_memory(void)
{
	char *folder = whole_folder(two_cgroups, three_samples, KILLS "750000,a,t,,1,100,156\n");
	struct plot_text text;

	CU_ASSERT_TRUE_FATAL(plot_find("memory")->draw(folder, &text, NULL));
	CU_ASSERT_STRING_EQUAL(
	    text.data, "time_ns,a:memory.current,a:memory.max,a:memory.swap.current,a:memory.swap.max,"
		       "\"b,c:memory.current\",\"b,c:memory.max\",\"b,c:memory.swap.current\","
		       "\"b,c:memory.swap.max\"\n"
		       "0,4096,8192,0,,0,,0,\n"
		       "1000000,8192,8192,4096,4096,4096,,0,\n"
		       "1500000,8192,8192,0,4096,8192,,0,\n");
	check_script_has(&text, "'Memory and swap: rand, 1 thread, swap on disk, 6.17'");
	check_script_has(&text, "'a: memory.max 8.00 KiB, swap.max 4.00 KiB, 1 kill'");
	check_script_has(&text, "'b,c: memory.max none, swap.max none'");
	check_script_has(&text, "'t 1.00 MiB' at graph ");
	check_script_has(&text, "'memory.max' at graph 1.01,");
	check_script_has(&text, "'+ swap.max' at graph 1.01,");
	check_script_has(&text, "set xlabel 'simulated time, µs'");
	check_drawn("memory", folder);
	plot_text_release(&text);
	folder_free(folder);
}

/* A kill of a cgroup that is not in the file is one of the machine: a line on every panel. */
static void test_global_kill(void)
{
	char *folder = whole_folder(two_cgroups, three_samples, KILLS "1500000,,t,p,1,1,0\n");
	struct plot_text text;

	CU_ASSERT_TRUE_FATAL(plot_find("memory")->draw(folder, &text, NULL));
	check_script_has(&text, "'a: memory.max 8.00 KiB, swap.max 4.00 KiB, 1 kill'");
	check_script_has(&text, "'b,c: memory.max none, swap.max none, 1 kill'");
	check_script_has(&text, "'p 4.00 KiB' at graph ");
	plot_text_release(&text);
	folder_free(folder);
}

/* The two that use least are left out, and limits far above what is used are not drawn. */
static void test_eight_cgroups(void)
{
	GString *cgroups = g_string_new(CGROUPS);
	char *folder;
	struct plot_text text;

	for (u32 i = 0; i < 24; i++)
		g_string_append_printf(cgroups, "%u000000,g%u,%u,1000000,0,1000,%u,0\n", i / 8, i % 8,
				       i % 8 == 3 ? 0 : 4096 * (9 - i % 8), i * 1000 * (i % 8));
	folder = whole_folder(cgroups->str,
			      SERIES "0,0,0,0,0,0,0\n1000000,0,0,0,0,0,0\n2000000,0,0,0,0,9,9\n", KILLS);
	CU_ASSERT_TRUE_FATAL(plot_find("memory")->draw(folder, &text, NULL));
	CU_ASSERT(g_str_has_prefix(text.data, "time_ns,g0:memory.current,"));
	CU_ASSERT_PTR_NULL(strstr(text.data, "g3:"));
	CU_ASSERT_PTR_NULL(strstr(text.data, "g7:"));
	check_script_has(&text, "'Memory and swap, 6 of 8 cgroups: ");
	CU_ASSERT_PTR_NULL(strstr(text.script, "'memory.max' at"));
	CU_ASSERT_PTR_NULL(strstr(text.script, "OOM kill"));
	check_drawn("memory", folder);
	plot_text_release(&text);
	CU_ASSERT_TRUE_FATAL(plot_find("pressure")->draw(folder, &text, NULL));
	CU_ASSERT(g_str_has_prefix(text.data, "time_ns,machine:some_percent,machine:full_percent,g3:some"));
	check_script_has(&text, "'Memory pressure, 5 of 8 cgroups: ");
	check_drawn("pressure", folder);
	plot_text_release(&text);
	folder_free(folder);
	g_string_free(cgroups, TRUE);
}

/* Thirty kills and thirty thousand samples. */
static void test_long_run(void)
{
	GString *cgroups = g_string_new(CGROUPS), *kills = g_string_new(KILLS);
	char *folder;
	struct plot_text text;

	for (u64 i = 0; i <= 30000; i++)
		g_string_append_printf(cgroups, "%" G_GUINT64_FORMAT ",g,%u,65536,%u,32768,0,0\n",
				       i * 20000000, i == 777 ? 65536 : 4096, i == 777 ? 32768 : 0);
	for (u64 i = 0; i < 30; i++)
		g_string_append_printf(kills, "%" G_GUINT64_FORMAT ",g,t,make it cut,1,1,1\n",
				       (i + 1) * 19000000000);
	folder = whole_folder(cgroups->str, three_samples, kills->str);
	CU_ASSERT_TRUE_FATAL(plot_find("memory")->draw(folder, &text, NULL));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.data, ",65536,65536,32768,32768\n"));
	CU_ASSERT(strlen(text.data) < 800 * 40);
	check_script_has(&text, "'g: memory.max 64.0 KiB, swap.max 32.0 KiB, 30 kills'");
	check_script_has(&text, "set xlabel 'simulated time, min'");
	check_drawn("memory", folder);
	plot_text_release(&text);
	folder_free(folder);
	g_string_free(cgroups, TRUE);
	g_string_free(kills, TRUE);
}

static void test_pressure(void)
{
	char *folder = whole_folder(two_cgroups, three_samples, KILLS);
	struct plot_text text;

	CU_ASSERT_TRUE_FATAL(plot_find("pressure")->draw(folder, &text, NULL));
	CU_ASSERT_STRING_EQUAL(
	    text.data, "time_ns,machine:some_percent,machine:full_percent,a:some_percent,a:full_percent,"
		       "\"b,c:some_percent\",\"b,c:full_percent\"\n"
		       "0,50.000,0.100,25.000,0.100,50.000,0.000\n"
		       "1000000,100.000,99.800,0.000,0.000,100.000,100.000\n"
		       "1500000,100.000,99.800,0.000,0.000,100.000,100.000\n");
	check_script_has(&text, "'machine: some 1.00 ms, full 500 µs in all'");
	check_script_has(&text, "set yrange [0:100]");
	check_script_has(&text, "'simulated time, µs; a step is 1.00 ms'");
	check_drawn("pressure", folder);
	plot_text_release(&text);
	folder_free(folder);
}

/* One cgroup says what the machine says; a pressure of 0.1 % is still to be seen. */
static void test_little_pressure(void)
{
	char *folder = whole_folder(CGROUPS "0,a,0,max,0,max,0,0\n1000000,a,0,max,0,max,1000,0\n",
				    SERIES "0,0,0,0,0,0,0\n1000000,0,0,0,0,1000,0\n", KILLS);
	struct plot_text text;

	CU_ASSERT_TRUE_FATAL(plot_find("pressure")->draw(folder, &text, NULL));
	CU_ASSERT_STRING_EQUAL(text.data, "time_ns,machine:some_percent,machine:full_percent\n"
					  "0,0.100,0.000\n1000000,0.100,0.000\n");
	check_script_has(&text, "set yrange [0:1]");
	check_drawn("pressure", folder);
	plot_text_release(&text);
	folder_free(folder);
}

static void test_rates(void)
{
	char *folder = folder_with("series.csv", three_samples);
	struct plot_text text;

	CU_ASSERT_TRUE_FATAL(plot_find("rates")->draw(folder, &text, NULL));
	CU_ASSERT_STRING_EQUAL(text.data, "time_ns,pswpout_per_s,pswpin_per_s,pgmajfault_per_s,"
					  "workingset_refault_anon_per_s\n"
					  "0,5000.000,3000.000,2000.000,1000.000\n"
					  "1000000,4000.000,0.000,0.000,0.000\n"
					  "1500000,4000.000,0.000,0.000,0.000\n");
	check_script_has(&text, "'Swap traffic: rand, 1 thread, swap on disk, 6.17'");
	check_script_has(&text, "'swap-out (pswpout), 7 in all'");
	check_script_has(&text, "set ylabel \"thousand pages\\nper second\"");
	check_script_has(&text, "set ylabel \"faults\\nper second\"");
	check_drawn("rates", folder);
	plot_text_release(&text);
	folder_free(folder);
}

static void test_nothing_happened(void)
{
	char *folder = folder_with("series.csv", SERIES "0,0,0,0,0,0,0\n5000000,0,0,0,0,0,0\n");

	check_drawn("rates", folder);
	folder_free(folder);
}

static void check_intervals(const u64 *time, u32 n, u32 most, const u32 *expected, u32 rows)
{
	GArray *intervals = sample_intervals(time, n, most);

	CU_ASSERT_EQUAL_FATAL(intervals->len, rows);
	for (u32 i = 0; i < rows; i++)
		CU_ASSERT_EQUAL(interval_row(intervals, i), expected[i]);
	g_array_free(intervals, TRUE);
}

static void test_intervals(void)
{
	static const u64 time[] = { 0, 10, 20, 30, 40, 44 }, last_half[] = { 0, 10, 20, 25 };

	check_intervals(time, 2, 1, (const u32[]){ 0, 1 }, 2);
	check_intervals(time, 5, 4, (const u32[]){ 0, 1, 2, 3, 4 }, 5);
	check_intervals(time, 6, 5, (const u32[]){ 0, 1, 2, 3, 5 }, 5);
	check_intervals(last_half, 4, 3, (const u32[]){ 0, 1, 2, 3 }, 4);
	check_intervals(time, 5, 2, (const u32[]){ 0, 2, 4 }, 3);
	check_intervals(time, 6, 2, (const u32[]){ 0, 5 }, 2);
	check_intervals(time, 6, 1, (const u32[]){ 0, 5 }, 2);
}

static void test_series_errors(void)
{
	check_error("rates", "hist.csv", "", "series.csv: cannot be read (the plot needs it)");
	check_error("rates", "series.csv", "time_ns,pswpin\n0,0\n", "series.csv: has no column pswpout");
	check_error("rates", "series.csv", SERIES "0,0,0,0,0,0,0\n",
		    "series.csv: no time to draw (two samples at least)");
	check_error("rates", "series.csv", SERIES "0,0,0,0,0,0,0\n1,0,0,x,0,0,0\n",
		    "series.csv:3: pgmajfault is 'x' (a whole number expected)");
	check_error("rates", "series.csv", SERIES "0,0,7,0,0,0,0\n1,0,6,0,0,0,0\n",
		    "series.csv:3: pswpout is 6 after 7 (a counter never falls)");
	check_error("rates", "series.csv", SERIES "5,0,0,0,0,0,0\n5,0,0,0,0,0,0\n",
		    "series.csv:3: time_ns is 5 after 5 (it has to grow)");
	check_error("pressure", "series.csv", "time_ns,memory.pressure:some_ns\n",
		    "series.csv: has no column memory.pressure:full_ns");
	check_error("pressure", "series.csv", three_samples,
		    "cgroups.csv: cannot be read (the plot needs it)");
	check_refused(
	    "pressure",
	    whole_folder(CGROUPS "0,a,0,max,0,max,0,0\n9,a,0,max,0,max,0,0\n", three_samples, KILLS),
	    "cgroups.csv: its samples are not those of series.csv");
}

static void test_cgroups_errors(void)
{
	check_error("memory", "hist.csv", "", "cgroups.csv: cannot be read (the plot needs it)");
	check_error("memory", "cgroups.csv", two_cgroups, "oom.csv: cannot be read (the plot needs it)");
	check_error("memory", "cgroups.csv", "time_ns,cgroup\n", "cgroups.csv: has no column memory.current");
	check_refused("memory", whole_folder(CGROUPS, three_samples, KILLS),
		      "cgroups.csv: no cgroup to draw (give the scenario one)");
	check_error("memory", "cgroups.csv", CGROUPS "0,a,0,max,0,max,0,0\n",
		    "cgroups.csv: no time to draw (two samples at least)");
	check_error("memory", "cgroups.csv",
		    CGROUPS "0,a,0,max,0,max,0,0\n0,b,0,max,0,max,0,0\n1,b,0,max,0,max,0,0\n",
		    "cgroups.csv:4: is of cgroup b at 1 (a is due, every sample has all cgroups)");
	check_error("memory", "cgroups.csv",
		    CGROUPS "0,a,0,max,0,max,0,0\n0,b,0,max,0,max,0,0\n1,a,0,max,0,max,0,0\n",
		    "cgroups.csv: ends in the middle of a sample (b is due)");
	check_error("memory", "cgroups.csv", CGROUPS "0,a,max,max,0,max,0,0\n",
		    "cgroups.csv:2: memory.current is 'max' (a whole number expected)");
	check_error("memory", "cgroups.csv", CGROUPS "0,a,0,max,0,max,9,0\n1,a,0,max,0,max,8,0\n",
		    "cgroups.csv:3: memory.pressure:some_ns is 8 after 9 (a counter never falls)");
	check_refused("memory", whole_folder(two_cgroups, three_samples, KILLS "1,a,t,p,1,-1,1\n"),
		      "oom.csv:2: anon_pages is '-1' (a whole number expected)");
}

#define PROGRESS                                                                                             \
	"time_ns,cgroup,memory.current,memory.max,memory.swap.current,memory.swap.max,"                      \
	"memory.pressure:some_ns,memory.pressure:full_ns,memory.high,memory.low,accesses,pgmajfault\n"

static const char progress[] = PROGRESS "0,a,0,max,0,max,0,0,max,0,0,0\n"
					"0,b,0,max,0,max,0,0,8192,0,0,0\n"
					"1000000,a,4096,max,0,max,0,0,max,4096,10,2\n"
					"1000000,b,8192,max,0,max,0,0,8192,0,0,0\n"
					"1500000,a,8192,max,0,max,0,0,max,4096,20,3\n"
					"1500000,b,8192,max,0,max,0,0,8192,0,4000,0\n";

static void test_progress(void)
{
	char *folder = folder_with("cgroups.csv", progress);
	struct plot_text text;

	CU_ASSERT_TRUE_FATAL(plot_find("progress")->draw(folder, &text, NULL));
	CU_ASSERT_STRING_EQUAL(text.data, "time_ns,a:accesses_per_s,b:accesses_per_s\n"
					  "0,10000.000,0.000\n"
					  "1000000,20000.000,8000000.000\n"
					  "1500000,20000.000,8000000.000\n");
	check_script_has(&text, "'a: 20 accesses, 3 major faults in all'");
	check_script_has(&text, "set yrange [0:12500./1000]");
	check_script_has(&text, "set yrange [0:8000000./1000000]");
	g_free(text.data);
	g_free(text.script);
	check_drawn("progress", folder);
	folder_free(folder);
	check_error("progress", "cgroups.csv", two_cgroups,
		    "cgroups.csv: has no columns accesses and pgmajfault (it is of an older version)");
	check_error("progress", "cgroups.csv", CGROUPS,
		    "cgroups.csv: no cgroup to draw (give the scenario one)");
	check_error("progress", "cgroups.csv",
		    PROGRESS "0,a,0,max,0,max,0,0,max,0,5,0\n1,a,0,max,0,max,0,0,max,0,4,0\n",
		    "cgroups.csv:3: accesses is 4 after 5 (a counter never falls)");
}

/* Where they are set, the limits that kill nobody are drawn too. */
static void test_memory_high_and_low(void)
{
	char *folder = whole_folder(progress, three_samples, KILLS);
	struct plot_text text;

	CU_ASSERT_TRUE_FATAL(plot_find("memory")->draw(folder, &text, NULL));
	check_script_has(&text, "'a: memory.max none, swap.max none, memory.low 4.00 KiB since 1.00 ms'");
	check_script_has(&text, "'b: memory.high 8.00 KiB, swap.max none'");
	check_script_has(&text, "'memory.low' at graph 1.01,");
	check_script_has(&text, "'memory.high' at graph 1.01,");
	g_free(text.data);
	g_free(text.script);
	check_drawn("memory", folder);
	folder_free(folder);
}

/* What is written to a cgroup's files stands on its panel, where it was written. */
static void test_memory_operations(void)
{
	char *folder = whole_folder(progress, three_samples, KILLS);
	struct plot_text text;

	add_file(folder, "scenario.json",
		 "{\"operations\": [{\"at\": \"750us\", \"cgroup\": \"b\", \"memory.high\": \"8KiB\"},\n"
		 "{\"at\": \"500us\", \"cgroup\": \"a\", \"memory.reclaim\": \"4KiB\"},\n"
		 "{\"at\": \"501us\", \"cgroup\": \"a\", \"memory.low\": \"4KiB\"},\n"
		 "{\"at\": \"9s\", \"cgroup\": \"a\", \"memory.max\": \"max\"}]}");
	CU_ASSERT_TRUE_FATAL(plot_find("memory")->draw(folder, &text, NULL));
	check_script_has(&text, "set label 'memory.reclaim 4KiB' at graph ");
	check_script_has(&text, "set label 'memory.high 8KiB' at graph ");
	check_script_has(&text, "'write to a file of the cgroup'");
	CU_ASSERT_PTR_NULL(strstr(text.script, "'memory.low 4KiB'")); /* no room beside the other */
	CU_ASSERT_PTR_NULL(strstr(text.script, "'memory.max max'"));  /* the run was over */
	g_free(text.data);
	g_free(text.script);
	check_drawn("memory", folder);
	folder_free(folder);
}

/* Of 1500 pages 168 are neither kswapd's nor those of tasks that ran short: limits were met. */
static void test_reclaim(void)
{
	char *folder =
	    folder_with("series.csv", "time_ns,pgsteal,pgsteal_kswapd,pgsteal_direct,allocstall,pageoutrun,"
				      "memory.events:max,memory.events:high\n"
				      "0,9,4,5,0,0,0,0\n1000000,1509,1304,37,1,2,5,6\n");
	struct plot_text text;

	CU_ASSERT_TRUE_FATAL(plot_find("reclaim")->draw(folder, &text, NULL));
	CU_ASSERT_STRING_EQUAL(text.data,
			       "time_ns,pgsteal_kswapd_per_s,pgsteal_direct_per_s,pgsteal_cgroup_per_s,"
			       "pageoutrun_per_s,allocstall_per_s,limits_per_s\n"
			       "0,1300000.000,32000.000,168000.000,2000.000,1000.000,11000.000\n"
			       "1000000,1300000.000,32000.000,168000.000,2000.000,1000.000,11000.000\n");
	check_script_has(&text, "'by kswapd, 1 300 in all'");
	check_script_has(&text, "'of cgroups alone, 168 in all'");
	check_script_has(&text, "($7/");
	g_free(text.data);
	g_free(text.script);
	check_drawn("reclaim", folder);
	folder_free(folder);
	check_error("reclaim", "series.csv", "time_ns\n0\n1\n", "series.csv: has no column pgsteal");
}

static const struct unit tests[] = {
	{ "progress is what each cgroup got done in each step", test_progress },
	{ "memory shows memory.high, and memory.low from when it was set", test_memory_high_and_low },
	{ "memory shows what was written to files of cgroups", test_memory_operations },
	{ "reclaim tells kswapd's pages from those of tasks and of cgroups", test_reclaim },
	{ "memory and swap are drawn by cgroup, with limits and kills", test_memory },
	{ "a kill for want of memory of the machine is on every panel", test_global_kill },
	{ "of eight cgroups those that use most are drawn", test_eight_cgroups },
	{ "a long run is thinned to its peaks", test_long_run },
	{ "pressure is in percent of each interval", test_pressure },
	{ "little pressure gets an axis of its own", test_little_pressure },
	{ "rates are per second of each interval", test_rates },
	{ "a run without swapping can be drawn", test_nothing_happened },
	{ "a short last interval joins the one before it", test_intervals },
	{ "damaged series are refused", test_series_errors },
	{ "damaged cgroups and kills are refused", test_cgroups_errors },
};
UNIT_MAIN("plots over time", tests)
