#include "tests/unit/test_plot.h"

#define HEAD                                                                                                 \
	"figure,kernel,median,lowest,highest,permille_of_first,pairs,change_median,change_low,change_high,"  \
	"verdict\n"

static char *forest_of(const char *rows, struct plot_text *text)
{
	char *csv = g_strconcat(HEAD, rows, NULL), *folder = folder_with("compare.csv", csv);

	g_free(csv);
	CU_ASSERT_TRUE_FATAL(plot_find("forest")->draw(folder, text, NULL));
	return folder;
}

/* Changes over the first kernel's median; what was 0, and what nobody chose, has no line. */
static void test_ratios(void)
{
	struct plot_text text;
	char *folder = forest_of("run_time_ns,6.17,1000,1,1,1000,6,0,0,0,equal\n"
				 "run_time_ns,6.18,900,1,1,900,6,-100,-120,-30,less\n"
				 "lock_wait_ns,6.17,0,0,0,,6,0,0,0,equal\n"
				 "lock_wait_ns,6.18,5,5,5,,6,5,5,5,more\n"
				 "pgmajfault,6.17,3,3,3,1000,6,0,0,0,equal\n"
				 "pgmajfault,6.18,4,3,5,1333,6,1,-1,2,no difference\n"
				 "pgsteal,6.17,3,3,3,1000,6,0,0,0,equal\n"
				 "pgsteal,6.18,4,3,5,1333,6,1,-1,2,no difference\n",
				 &text);

	CU_ASSERT_STRING_EQUAL(text.data, "place,figure,kernel,other,ratio,low,high,decided\n"
					  "1.000,run_time_ns,6.18,1,0.900000,0.880000,0.970000,1\n"
					  "2.000,pgmajfault,6.18,1,1.333333,0.666667,1.666666,0\n");
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'6.18 over 6.17'"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'-10.0 % (-12.0 to -3.0)'"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'+33.3 % (-33.3 to +66.7)'"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "('run_time_ns' 1, 'pgmajfault' 2)"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "most = 2000000./1000000\n"));
	check_drawn("forest", folder);
	plot_text_release(&text);
	folder_free(folder);
}

/* One of five may be beyond the axis, and two kernels stand beside each other. */
static void test_axis(void)
{
	static const char *const figures[] = { "run_time_ns", "fault_p50_ns", "pgmajfault", "pswpin",
					       "meta_dynamic_peak_bytes" };
	GString *rows = g_string_new(NULL);
	struct plot_text text;
	char *folder;

	for (u32 i = 0; i < ARRAY_SIZE(figures); i++) {
		g_string_append_printf(rows, "%s,6.12,1000,1,1,1000,6,0,0,0,equal\n", figures[i]);
		g_string_append_printf(rows, "%s,6.17,1000,1,1,1000,6,0,0,0,equal\n", figures[i]);
		g_string_append_printf(rows, "%s,6.18,9,1,1,9,6,%d,%d,40,x\n", figures[i], i == 4 ? -990 : 20,
				       i == 4 ? -2000 : -20);
	}
	folder = forest_of(rows->str, &text);
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(text.data, "\n1.200,run_time_ns,6.18,2,1.020000,0.980000,1.040000,0\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.data, "\n4.800,meta_dynamic_peak_bytes,6.17,1,1.000000,"));
	CU_ASSERT(g_str_has_suffix(text.data, ",6.18,2,0.010000,-1.000000,1.040000,0\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "most = 1050000./1000000\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'6.17 over 6.12'"));
	check_drawn("forest", folder);
	plot_text_release(&text);
	folder_free(folder);
	g_string_free(rows, TRUE);
}

static void test_errors(void)
{
	check_error("forest", "hist.csv", "", "compare.csv: cannot be read (the plot needs it)");
	check_error("forest", "compare.csv", "figure,kernel,median\n",
		    "compare.csv: has no column change_median");
	check_error("forest", "compare.csv", "value,figure,kernel\n",
		    "compare.csv: is a sweep, which plot thrashing draws (compare without --sweep)");
	check_error("forest", "compare.csv", HEAD "pswpin,6.17,3,3,3,1000,6,0,0,0,equal\n",
		    "compare.csv: no changes to draw (two kernels at least)");
	check_error("forest", "compare.csv",
		    HEAD "pswpin,6.17,3,3,3,1000,5,0,,,\npswpin,6.18,3,3,3,1000,5,0,,,\n",
		    "compare.csv: no intervals (compare with 6 seeds at least)");
	check_error("forest", "compare.csv",
		    HEAD "pswpin,6.17,3,3,3,1000,6,0,0,0,\npswpin,6.18,3,3,3,1000,6,0,x,0,\n",
		    "compare.csv:3: change_low is 'x' (a whole number expected)");
	check_error("forest", "compare.csv",
		    HEAD "pswpin,1,3,3,3,,6,0,0,0,\npswpin,2,3,3,3,,6,0,0,0,\npswpin,3,3,3,3,,6,0,0,0,\n"
			 "pswpin,4,3,3,3,,6,0,0,0,\n",
		    "compare.csv: more kernels than a picture shows (at most 3)");
}

static const struct unit tests[] = {
	{ "changes are multiples of the first kernel's median, with intervals", test_ratios },
	{ "one figure far off does not press the others together", test_axis },
	{ "without two kernels and six seeds there is no forest", test_errors },
};
UNIT_MAIN("plot of changes", tests)
