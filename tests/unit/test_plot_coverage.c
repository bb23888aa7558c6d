#include "tests/unit/test_plot.h"

#define HEAD "kernel,first,second,seen,complete\n"

/* Row and column by the order of the names; what was not seen is proved where the search was complete. */
static void test_cells(void)
{
	char *folder = folder_with("windows.csv",
				   HEAD "6.12,a,a,apart,1\n6.12,b,a,same_object,1\n6.12,b,b,violated,1\n"
					"6.18,a,a,apart,0\n6.18,b,a,together,0\n6.18,b,b,not_entered,0\n");
	struct plot_text text;

	CU_ASSERT_TRUE_FATAL(plot_find("coverage")->draw(folder, &text, NULL));
	CU_ASSERT_STRING_EQUAL(text.data,
			       "kernel,column,row,value,mark\n6.12,0,0,2,-\n6.12,0,1,4,s\n6.12,1,1,5,X\n"
			       "6.18,0,0,1,.\n6.18,0,1,3,o\n6.18,1,1,0,\n");
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "set ytics ('a 1' 0, 'b 2' 1)"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "set yrange [1.5:-0.5]"));
	check_drawn("coverage", folder);
	plot_text_release(&text);
	folder_free(folder);
}

static void test_errors(void)
{
	check_error("coverage", "series.csv", "", "windows.csv: cannot be read (the plot needs it)");
	check_error("coverage", "windows.csv", "kernel,first,second,seen\n",
		    "windows.csv: has no column complete");
	check_error("coverage", "windows.csv", HEAD, "windows.csv: no windows in it");
	check_error("coverage", "windows.csv", HEAD "6.12,a,a,often,1\n",
		    "windows.csv:2: seen is 'often' (not_entered, apart, together, same_object or violated)");
	check_error("coverage", "windows.csv",
		    HEAD "1,a,a,apart,1\n2,a,a,apart,1\n3,a,a,apart,1\n4,a,a,apart,1\n5,a,a,apart,1\n",
		    "windows.csv:6: more than a picture shows (at most 4 kernels and 64 windows)");
}

static const struct unit tests[] = {
	{ "a cell is two windows of a kernel", test_cells },
	{ "what is no table of windows is refused", test_errors },
};
UNIT_MAIN("plot of windows", tests)
