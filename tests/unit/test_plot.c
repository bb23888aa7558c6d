#include "tests/unit/test_plot.h"

#include "plots/csv.h"
#include "plots/gnuplot.h"
#include "plots/scale.h"

#define SWEEP_NAMES "kernel,seed,value,value_percent,accesses_per_s,fault_p99_ns,lock_wait_ns,pgmajfault\n"

static void test_thrashing_data(void)
{
	char *folder = folder_with("sweep.csv", SWEEP_NAMES "6.17,1,50%,50,250,2000,9000,3\n"
							    "6.18,1,50%,50,300,1500,1,2000\n"
							    "6.17,1,100%,100,1000,10,0,0\n"
							    "6.17,2,100%,100,900,12,0,0\n"
							    "6.17,3,100%,100,1100,11,0,0\n");
	struct plot_text text;

	CU_ASSERT_TRUE_FATAL(plot_find("thrashing")->draw(folder, &text, NULL));
	CU_ASSERT_STRING_EQUAL(strchr(text.data, '\n'),
			       "\n100.0,100.00,90.00,110.00,,,,0.011,0.010,0.012,,,,,,,,,"
			       "\n50.0,25.00,25.00,25.00,3000.000,3000.000,3000.000,2.000,2.000,2.000,30.00,"
			       "30.00,30.00,,,,1.500,1.500,1.500\n");
	/* Halfway in work lies a third of the way down from 100 % to 25 %, that is, two thirds up. */
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'half speed at 67 %' at 66.6, "));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'Thrashing: rand, 1 thread, swap on disk'"));
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(text.script, "'swapsim 1, scenario it''s 00ff, seeds 3-5, median and range'"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "set ylabel \"lock wait per\\nmajor fault, ns\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "with yerrorbars"));
	check_drawn("thrashing", folder);
	plot_text_release(&text);
	folder_free(folder);
}

static void test_without_lock_waits(void)
{
	char *folder = folder_with("sweep.csv", SWEEP_NAMES "6.17,1,50%,50,250,2000,0,3\n"
							    "6.17,1,100%,100,1000,10,0,0\n");
	struct plot_text text;

	CU_ASSERT_TRUE_FATAL(plot_find("thrashing")->draw(folder, &text, NULL));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "set ylabel \"fault latency,"));
	CU_ASSERT_PTR_NULL(strstr(text.script, "yerrorbars"));
	plot_text_release(&text);
	folder_free(folder);
}

/* The second curve is the better one: it is the measure, and nothing is above the frame. */
static void test_thrashing_best(void)
{
	char *folder = folder_with("sweep.csv", SWEEP_NAMES "a,1,50%,50,250,2000,0,3\n"
							    "a,1,100%,100,1000,10,0,0\n"
							    "b,1,50%,50,2000,2000,0,3\n"
							    "b,1,100%,100,1900,10,0,0\n");
	struct plot_text text;

	CU_ASSERT_TRUE_FATAL(plot_find("thrashing")->draw(folder, &text, NULL));
	CU_ASSERT_STRING_EQUAL(
	    strchr(text.data, '\n'),
	    "\n100.0,50.00,50.00,50.00,,,,0.010,0.010,0.010,95.00,95.00,95.00,,,,0.010,0.010,"
	    "0.010\n50.0,12.50,12.50,12.50,,,,2.000,2.000,2.000,100.00,100.00,100.00,,,,2.000,"
	    "2.000,2.000\n");
	CU_ASSERT_PTR_NULL(strstr(text.script, "lw 9"));
	CU_ASSERT_PTR_NULL(strstr(text.script, "was killed"));
	plot_text_release(&text);
	folder_free(folder);
	folder = folder_with("sweep.csv", SWEEP_NAMES "a,1,50%,50,250,2000,0,3\n"
						      "a,1,100%,100,1000,10,0,0\n"
						      "b,1,50%,50,260,2000,0,3\n"
						      "b,1,100%,100,990,10,0,0\n");
	CU_ASSERT_TRUE_FATAL(plot_find("thrashing")->draw(folder, &text, NULL));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "lw 9"));
	plot_text_release(&text);
	folder_free(folder);
}

#define CURVES                                                                                               \
	"kernel,seed,value,value_percent,curve,outcome,accesses_per_s,fault_p99_ns,lock_wait_ns,"            \
	"pgmajfault\n"

/* What is in no curve is marked where it would have been, and half speed is not sought there. */
static void test_thrashing_lost(void)
{
	char *folder = folder_with("sweep.csv", CURVES "6.18,1,x,100,a,ok,1000,10,0,0\n"
						       "6.18,1,x,75,a,ok,900,10,0,0\n"
						       "6.18,1,x,50,a,killed,3000,10,0,0\n"
						       "6.18,1,x,25,a,failed,,,,\n"
						       "6.18,1,x,25,b,invalid,,,,\n");
	struct plot_text text;

	CU_ASSERT_TRUE_FATAL(plot_find("thrashing")->draw(folder, &text, NULL));
	CU_ASSERT_PTR_NOT_NULL(strstr(
	    text.script, "set label at 50.0, graph 0.950 point pt 2 ps 1.2 lw 2 lc '#B07A00' front\n"
			 "set label at 25.0, graph 0.950 point pt 2 ps 1.2 lw 2 lc '#B07A00' front\n"
			 "set label at 25.0, graph 0.900 point pt 2 ps 1.2 lw 2 lc '#0072B2' front\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "some run was killed, or did not come to its end"));
	CU_ASSERT_PTR_NULL(strstr(text.script, "half speed"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.data, "\n50.0,,,,,,,,,,,,,"));
	check_drawn("thrashing", folder);
	plot_text_release(&text);
	folder_free(folder);
	/* compare has no outcomes, but it counts kills. */
	folder = folder_with("sweep.csv", "kernel,seed,value,value_percent,accesses_per_s,fault_p99_ns,"
					  "lock_wait_ns,pgmajfault,memory.events:oom_kill\n"
					  "6.18,1,x,100,1000,10,0,0,0\n6.18,1,x,75,900,10,0,0,0\n"
					  "6.18,1,x,50,3000,10,0,0,1\n");
	CU_ASSERT_TRUE_FATAL(plot_find("thrashing")->draw(folder, &text, NULL));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "set label at 50.0, graph 0.950 point"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.data, "\n100.0,100.00,"));
	plot_text_release(&text);
	folder_free(folder);
}

#define DEVICE(name, useful)                                                                                 \
	"6.18,1,x,100," #name ",ok,1000,10,0,0\n6.18,1,x,50," #name ",ok," #useful ",2000000,0,3\n"

/* Three of four curves would lie on the floor of a linear axis; the fourth decides nothing. */
static void test_thrashing_steep(void)
{
	char *folder = folder_with(
	    "sweep.csv",
	    "kernel,seed,value,value_percent,curve,outcome,accesses_per_s,fault_p99_ns,lock_wait_ns,"
	    "pgmajfault\n" DEVICE(a, 900) DEVICE(b, 49) DEVICE(c, 10) DEVICE(d, 1));
	struct plot_text text;

	CU_ASSERT_TRUE_FATAL(plot_find("thrashing")->draw(folder, &text, NULL));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "set logscale y\nset yrange [*:130]"));
	CU_ASSERT_PTR_NULL(strstr(text.script, "half speed"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "set key at screen 0.095,0.925 left top horizontal"));
	check_drawn("thrashing", folder);
	plot_text_release(&text);
	folder_free(folder);
	folder = folder_with(
	    "sweep.csv",
	    "kernel,seed,value,value_percent,curve,outcome,accesses_per_s,fault_p99_ns,lock_wait_ns,"
	    "pgmajfault\n" DEVICE(a, 900) DEVICE(b, 51) DEVICE(c, 10) DEVICE(d, 1));
	CU_ASSERT_TRUE_FATAL(plot_find("thrashing")->draw(folder, &text, NULL));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "set yrange [0:105]"));
	plot_text_release(&text);
	folder_free(folder);
}

static void test_thrashing_errors(void)
{
	check_error("thrashing", "hist.csv", "", "sweep.csv: cannot be read (the plot needs it)");
	check_error("thrashing", "sweep.csv", "kernel,value_percent\n6.17,50\n",
		    "sweep.csv: has no column accesses_per_s");
	check_error("thrashing", "sweep.csv", "kernel,seed\n6.17\n",
		    "sweep.csv:2: not a table (2 fields expected)");
	check_error("thrashing", "sweep.csv", SWEEP_NAMES "6.17,1,50%,50,250,2000,0,3\n",
		    "sweep.csv: no curve (at least two limits, and some accesses)");
	check_error("thrashing", "sweep.csv", SWEEP_NAMES "6.17,1,2,,250,2000,0,3\n",
		    "sweep.csv: is no sweep of a memory limit (compare --sweep cgroups[0].memory.max=...)");
}

static void test_latency_data(void)
{
	char *folder =
	    folder_with("hist.csv", "histogram,low_ns,high_ns,count\nfault,1,1500,3\nfault,1501,2000,1\n"
				    "major_fault,1501,2000,1\nrace_sleep,1,500,1\nrace_sleep,501,2000,1\n");
	struct plot_text text;

	CU_ASSERT_TRUE_FATAL(plot_find("latency")->draw(folder, &text, NULL));
	CU_ASSERT_STRING_EQUAL(
	    text.data, "longer_than_us,fault_share,major_fault_share,direct_reclaim_share,race_sleep_share\n"
		       "1.500,0.250000000,,,\n0.500,,,,0.500000000\n");
	plot_text_release(&text);
	folder_free(folder);
	check_error("latency", "hist.csv", "histogram,low_ns,high_ns,count\n",
		    "hist.csv: no distribution to draw (two faults at least)");
}

/* 1000 faults of 1 to 1000 ms: the one of rank 500 took 500 ms, and so on. */
static void test_latency_percentiles(void)
{
	GString *csv = g_string_new("histogram,low_ns,high_ns,count\n");
	char *folder;
	struct plot_text text;

	for (u32 i = 1; i <= 1000; i++)
		g_string_append_printf(csv, "fault,%u000000,%u000000,1\n", i, i);
	folder = folder_with("hist.csv", csv->str);
	CU_ASSERT_TRUE_FATAL(plot_find("latency")->draw(folder, &text, NULL));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'500 ms' at screen 0.498,0.882 right"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'900 ms' at"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'990 ms' at"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'999 ms' at"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'1.00 s' at"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "first 990000000./1000,10000./1000000 point"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "set yrange [1e-3:1]"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'1 s' 1000000000./1000"));
	CU_ASSERT_PTR_NULL(strstr(text.script, "major faults"));
	check_drawn("latency", folder);
	plot_text_release(&text);
	g_string_free(csv, TRUE);
	folder_free(folder);
}

static void check_number(const struct scale *scale, u64 value, const char *expected)
{
	GString *text = g_string_new(NULL);

	scale_number(text, scale, value);
	g_string_append_printf(text, " %s", scale->unit);
	CU_ASSERT_STRING_EQUAL(text->str, expected);
	g_string_free(text, TRUE);
}

static void test_scales(void)
{
	GString *text = g_string_new(NULL);

	check_number(scale_time(1999), 1999, "1999 ns");
	check_number(scale_time(5000000), 1234500, "1.23 ms");
	check_number(scale_time(299000000000), 60000000000, "60.0 s");
	check_number(scale_time(600000000000), 600000000000, "10.0 min");
	check_number(scale_bytes(30 << 20), 29 << 20, "29.0 MiB");
	check_number(scale_bytes(UINT64_MAX), UINT64_MAX, "16777216 TiB");
	check_number(scale_count(4999), 4999, "4999 ");
	check_number(scale_count(120000), 119999, "120 thousand ");
	scale_append_bytes(text, 1 << 20);
	scale_append_time(text, 1000);
	scale_append_count(text, 1234567);
	scale_append_count(text, 999);
	CU_ASSERT_STRING_EQUAL(text->str, "1.00 MiB1.00 µs1 234 567999");
	g_string_free(text, TRUE);
}

static void test_csv(void)
{
	char *folder = folder_with("t.csv", "a,\"b \"\"c\"\"\"\r\n\"1,\n2\",3.5\n,\n");
	char *path = g_build_filename(folder, "t.csv", NULL);
	struct csv *csv = csv_load(path, NULL);
	GError *error = NULL;
	u32 column = 9;
	u64 whole;

	CU_ASSERT_PTR_NOT_NULL_FATAL(csv);
	CU_ASSERT(csv->columns == 2 && csv->rows == 2);
	CU_ASSERT(csv_column(csv, path, "b \"c\"", &column, NULL) && column == 1);
	CU_ASSERT_STRING_EQUAL(csv_cell(csv, 0, 0), "1,\n2");
	CU_ASSERT_EQUAL(csv_number(csv, 0, 0), 1);
	CU_ASSERT_EQUAL(csv_tenths(csv, 0, 1), 35);
	CU_ASSERT_FALSE(csv_whole(csv, "t.csv", 0, 1, &whole, &error));
	CU_ASSERT_STRING_EQUAL(error->message, "t.csv:2: b \"c\" is '3.5' (a whole number expected)");
	g_clear_error(&error);
	CU_ASSERT_EQUAL(csv_tenths(csv, 1, 1), 0);
	csv_free(csv);
	g_free(path);
	folder_free(folder);
}

static void test_gnuplot_fails(void)
{
	char *folder = folder_with("x.gp", "set nonsense\n");
	GError *error = NULL;

	CU_ASSERT_FALSE(gnuplot_run(folder, "x.gp", &error));
	CU_ASSERT(g_error_matches(error, SWAPSIM_ERROR, ERROR_IO));
	CU_ASSERT(g_str_has_prefix(error->message, "gnuplot failed on x.gp: "));
	g_clear_error(&error);
	folder_free(folder);
}

static const struct unit tests[] = {
	{ "the thrashing curve is medians in percent of the best", test_thrashing_data },
	{ "the best of all curves is the measure", test_thrashing_best },
	{ "runs that were lost are marked where they would have been", test_thrashing_lost },
	{ "where no task waits for a lock, latency is drawn instead", test_without_lock_waits },
	{ "an axis is logarithmic where most curves fall to the floor", test_thrashing_steep },
	{ "what a thrashing curve cannot be drawn from is refused", test_thrashing_errors },
	{ "latency shares are those that take longer", test_latency_data },
	{ "percentiles of latency are marked and written out", test_latency_percentiles },
	{ "units follow the largest value on an axis", test_scales },
	{ "CSV is read with quotes and any end of line", test_csv },
	{ "gnuplot's failure is reported", test_gnuplot_fails },
};
UNIT_MAIN("plot", tests)
