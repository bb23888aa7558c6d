#include "tests/unit/test_plot.h"

#define HEAD "histogram,low_pages,high_pages,count\n"

/* Every page has a bar of its own up to 8; 8 and 9 share one. */
static void test_bars(void)
{
	char *folder = folder_with("hist_pages.csv", HEAD "refault_distance,6,6,3\nrefault_distance,8,8,1\n"
							  "refault_distance,9,9,4\nrefault_distance,10,10,1\n"
							  "refault_distance_activated,6,6,3\n"
							  "refault_distance_activated,8,8,1\n"
							  "workingset_size,7,7,1\nworkingset_size,8,8,7\n"
							  "workingset_size,11,11,1\n");
	struct plot_text text;

	CU_ASSERT_TRUE_FATAL(plot_find("refaults")->draw(folder, &text, NULL));
	CU_ASSERT_STRING_EQUAL(text.data, "low_pages,high_pages,activated,not_activated\n"
					  "6,6,3,0\n7,7,0,0\n8,9,1,4\n10,11,0,1\n");
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'Refault distance: rand, 1 thread, swap on disk, 6.17'"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'activated: 4 (44 %)'"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'not activated: 5 (56 %)'"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "p10-p90: 8 pages (7 to 11)'"));
	/* 8 is the first half of a bar; the band is from the upper end of 6 to that of 11. */
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "set arrow from 8.500, graph 0"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "rectangle from 7.000, graph 0 to 10.000, graph 1"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "set xrange [6:10]"));
	check_drawn("refaults", folder);
	plot_text_release(&text);
	folder_free(folder);
}

/* The line is in the picture where all distances are beyond it, and where there is no working set. */
static void test_line_apart(void)
{
	char *folder = folder_with("hist_pages.csv", HEAD
				   "refault_distance,1048576,1081343,100000\nworkingset_size,0,0,100000\n");
	struct plot_text text;

	CU_ASSERT_TRUE_FATAL(plot_find("refaults")->draw(folder, &text, NULL));
	CU_ASSERT(g_str_has_prefix(text.data, "low_pages,high_pages,activated,not_activated\n0,0,0,0\n"));
	CU_ASSERT(g_str_has_suffix(text.data, "\n1048576,1310719,0,100000\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "set arrow from 1.000, graph 0"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "p10-p90: 0 pages'"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'524 288' 72"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "set ylabel 'thousand refaults'"));
	check_drawn("refaults", folder);
	plot_text_release(&text);
	folder_free(folder);
}

static void test_errors(void)
{
	check_error("refaults", "hist.csv", "", "hist_pages.csv: cannot be read (the plot needs it)");
	check_error("refaults", "hist_pages.csv", HEAD, "hist_pages.csv: there were no refaults");
	check_error("refaults", "hist_pages.csv", "histogram,low_pages,count\n",
		    "hist_pages.csv: has no column high_pages");
	check_error("refaults", "hist_pages.csv", HEAD "refault_distance,1,x,1\n",
		    "hist_pages.csv:2: high_pages is 'x' (a whole number expected)");
}

static const struct unit tests[] = {
	{ "refaults are bars by distance, with the line that decides", test_bars },
	{ "the working set's line is in every picture", test_line_apart },
	{ "without refaults there is nothing to draw", test_errors },
};
UNIT_MAIN("plot of refaults", tests)
