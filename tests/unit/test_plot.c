#include "plots/plot.h"

#include <glib/gstdio.h>
#include <string.h>

#include "plots/csv.h"
#include "plots/gnuplot.h"
#include "sim/error.h"
#include "tests/unit/unit.h"

static const char manifest[] =
    "{\"tool\": \"swapsim\", \"version\": \"1\", \"scenario\": \"it's\",\n"
    "\"scenario_hash\": \"00ff\", \"workload\": \"rand, 1 thread\", \"devices\": \"disk\",\n"
    "\"complete\": true, \"runs\": [{\"kernel\": \"6.17\", \"seed\": 3}, {\"seed\": 5}]}\n";

static char *folder_with(const char *name, const char *text)
{
	char *folder = g_dir_make_tmp("swapsim-plot-XXXXXX", NULL);
	char *file = g_build_filename(folder, name, NULL),
	     *other = g_build_filename(folder, "manifest.json", NULL);

	CU_ASSERT_TRUE_FATAL(g_file_set_contents(file, text, -1, NULL));
	CU_ASSERT_TRUE_FATAL(g_file_set_contents(other, manifest, -1, NULL));
	g_free(file);
	g_free(other);
	return folder;
}

static void folder_free(char *folder)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while ((name = g_dir_read_name(dir))) {
		char *file = g_build_filename(folder, name, NULL);

		g_remove(file);
		g_free(file);
	}
	g_dir_close(dir);
	g_rmdir(folder);
	g_free(folder);
}

#define SWEEP_NAMES "kernel,seed,value,value_percent,accesses_per_s,fault_p99_ns,lock_wait_ns,pgmajfault\n"

/* Fails with the message, in which FOLDER/ is left out. */
static void check_error(const char *plot, const char *file, const char *text, const char *expected)
{
	char *folder = folder_with(file, text), *found;
	struct plot_text drawn = { NULL, NULL };
	GError *error = NULL;

	CU_ASSERT_FALSE(plot_find(plot)->draw(folder, &drawn, &error));
	CU_ASSERT_TRUE_FATAL(g_error_matches(error, SWAPSIM_ERROR, ERROR_IO));
	found = error->message + (g_str_has_prefix(error->message, folder) ? strlen(folder) + 1 : 0);
	CU_ASSERT_STRING_EQUAL(found, expected);
	CU_ASSERT_PTR_NULL(drawn.data);
	g_error_free(error);
	folder_free(folder);
}

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
	g_free(text.data);
	g_free(text.script);
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
	g_free(text.data);
	g_free(text.script);
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
				    "major_fault,1501,2000,1\n");
	struct plot_text text;

	CU_ASSERT_TRUE_FATAL(plot_find("latency")->draw(folder, &text, NULL));
	CU_ASSERT_STRING_EQUAL(text.data,
			       "longer_than_us,fault_share,major_fault_share,direct_reclaim_share\n"
			       "1.500,0.250000000,,\n");
	g_free(text.data);
	g_free(text.script);
	folder_free(folder);
	check_error("latency", "hist.csv", "histogram,low_ns,high_ns,count\n",
		    "hist.csv: there were no faults");
}

static void test_csv(void)
{
	char *folder = folder_with("t.csv", "a,\"b \"\"c\"\"\"\r\n\"1,\n2\",3.5\n,\n");
	char *path = g_build_filename(folder, "t.csv", NULL);
	struct csv *csv = csv_load(path, NULL);
	u32 column = 9;

	CU_ASSERT_PTR_NOT_NULL_FATAL(csv);
	CU_ASSERT(csv->columns == 2 && csv->rows == 2);
	CU_ASSERT(csv_column(csv, path, "b \"c\"", &column, NULL) && column == 1);
	CU_ASSERT_STRING_EQUAL(csv_cell(csv, 0, 0), "1,\n2");
	CU_ASSERT_EQUAL(csv_number(csv, 0, 0), 1);
	CU_ASSERT_EQUAL(csv_tenths(csv, 0, 1), 35);
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
	{ "the thrashing curve is medians in percent of the first kernel's best", test_thrashing_data },
	{ "where no task waits for a lock, latency is drawn instead", test_without_lock_waits },
	{ "what a thrashing curve cannot be drawn from is refused", test_thrashing_errors },
	{ "latency shares are those that take longer", test_latency_data },
	{ "CSV is read with quotes and any end of line", test_csv },
	{ "gnuplot's failure is reported", test_gnuplot_fails },
};
UNIT_MAIN("plot", tests)
