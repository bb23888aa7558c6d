#include "tests/unit/test_plot.h"

#define HEAD "time_ns,device,cluster,used,cached,free\n"

/* Of the first device; the end of the run is no full step. */
static void test_map(void)
{
	char *folder =
	    folder_with("slots.csv", HEAD "0,0,0,0,0,511\n0,0,1,0,0,512\n0,0,2,0,0,512\n0,1,0,9,9,9\n"
					  "1000000,0,0,511,0,0\n1000000,0,1,128,64,320\n"
					  "1000000,0,2,0,0,512\n1000000,1,0,9,9,9\n"
					  "1500000,0,0,0,0,511\n1500000,0,1,0,0,512\n"
					  "1500000,0,2,0,0,512\n1500000,1,0,9,9,9\n");
	struct plot_text text;

	CU_ASSERT_TRUE_FATAL(plot_find("slots")->draw(folder, &text, NULL));
	CU_ASSERT_STRING_EQUAL(text.data, "time_ns,cluster,used_percent,cached_percent\n"
					  "0,0,0.0,0.0\n0,1,0.0,0.0\n"
					  "1000000,0,100.0,0.0\n1000000,1,25.0,12.5\n");
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(text.script, "'Slots of the first device: rand, 1 thread, swap on disk, 6.17'"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'slots in use, % of the cluster; at most 639 of them"));
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(text.script, "'slots only in the swap cache, % of the cluster; at most 64"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "set ylabel 'cluster (of 3)'"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "set yrange [0:2]"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "a step is 1.00 ms'"));
	check_drawn("slots", folder);
	plot_text_release(&text);
	folder_free(folder);
}

/* 300 clusters share 100 rows, 401 samples 134 steps, the last one of 2; all clusters are half full. */
static void test_cells(void)
{
	GString *csv = g_string_new(HEAD);
	struct plot_text text;
	u32 lines = 0;
	char *folder;

	for (u32 i = 0; i < 402 * 300; i++)
		g_string_append_printf(csv, "%u,0,%u,1,1,2\n", i / 300 * 1000, i % 300);
	folder = folder_with("slots.csv", csv->str);
	CU_ASSERT_TRUE_FATAL(plot_find("slots")->draw(folder, &text, NULL));
	for (const char *c = text.data; *c; c++)
		lines += *c == '\n';
	CU_ASSERT_EQUAL(lines, 1 + 134 * 100);
	CU_ASSERT(g_str_has_suffix(text.data, "\n399000,294,25.0,25.0\n399000,297,25.0,25.0\n"));
	plot_text_release(&text);
	folder_free(folder);
	g_string_free(csv, TRUE);
}

static void check_kept(const char *folder, const char *name, const char *wanted)
{
	char *file = g_build_filename(folder, name, NULL), *text = NULL;

	CU_ASSERT_TRUE(g_file_get_contents(file, &text, NULL, NULL));
	CU_ASSERT_STRING_EQUAL(text, wanted);
	g_free(text);
	g_free(file);
}

/* What is drawn stands beside the results, not in their place, however often and under whatever name. */
static void test_results_kept(void)
{
	static const char slots[] = HEAD "0,0,0,1,0,1\n1,0,0,1,0,1\n2,0,0,1,0,1\n";
	char *folder = folder_with("slots.csv", slots);
	char *series = g_build_filename(folder, "series.svg", NULL),
	     *oom = g_build_filename(folder, "oom.svg", NULL);
	const char *const outputs[] = { series, NULL }, *const others[] = { oom, NULL };

	add_file(folder, "series.csv", "series");
	add_file(folder, "oom.csv", "oom");
	for (u32 i = 0; i < 2; i++) {
		CU_ASSERT_TRUE(plot_write(plot_find("slots"), folder, NULL, NULL));
		CU_ASSERT_TRUE(plot_write(plot_find("slots"), folder, outputs, NULL));
		CU_ASSERT_TRUE(plot_write(plot_find("slots"), folder, others, NULL));
		check_kept(folder, "slots.csv", slots);
		check_kept(folder, "series.csv", "series");
		check_kept(folder, "oom.csv", "oom");
		check_kept(folder, "slots-data.csv",
			   "time_ns,cluster,used_percent,cached_percent\n"
			   "0,0,50.0,0.0\n1,0,50.0,0.0\n");
	}
	g_free(series);
	g_free(oom);
	folder_free(folder);
}

static void test_errors(void)
{
	check_error("slots", "hist.csv", "", "slots.csv: cannot be read (the plot needs it)");
	check_error("slots", "slots.csv", "time_ns,device,cluster,used,free\n",
		    "slots.csv: has no column cached");
	check_error("slots", "slots.csv", HEAD "0,0,0,1,0,0\n",
		    "slots.csv: no time to draw (two samples at least)");
	check_error("slots", "slots.csv", HEAD "0,0,0,0,0,1\n1,0,0,0,0,1\n",
		    "slots.csv: no slot was in use at any sample");
	check_error("slots", "slots.csv", HEAD "0,0,0,1,0,0\n0,0,1,1,0,0\n1,0,0,1,0,0\n1,0,0,1,0,0\n",
		    "slots.csv:5: cluster is 0 (1 is next)");
	check_error("slots", "slots.csv", HEAD "0,0,0,1,-2,0\n1,0,0,1,0,0\n",
		    "slots.csv:2: cached is '-2' (a whole number expected)");
}

static const struct unit tests[] = {
	{ "a cell is what is in a cluster at a sample", test_map },
	{ "many clusters and samples share cells", test_cells },
	{ "results are not overwritten", test_results_kept },
	{ "what is no map of slots is refused", test_errors },
};
UNIT_MAIN("plot of slots", tests)
