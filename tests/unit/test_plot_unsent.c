#include "tests/unit/test_plot.h"

#define SERIES "time_ns,pgscan,pgsteal,memory.events:oom_kill,swap_unsent_pages,swap_writing_pages\n"

static void check_script_has(const struct plot_text *text, const char *what)
{
	bool found = strstr(text->script, what);

	CU_ASSERT_TRUE(found);
	if (!found)
		g_printerr("\nnot in the script: %s\n", what);
}

/* 400 ms; what is unsent rises from 200 to 280 ms, to @most. */
static void add_series(GString *out, const char *kernel, u32 most)
{
	for (u32 ms = 0; ms <= 400; ms++) {
		u32 unsent = ms < 200 || ms > 280 ? 0 : (ms - 200) * most / 80;

		if (kernel)
			g_string_append_printf(out, "%s,", kernel);
		g_string_append_printf(out, "%u000000,%u,%u,%u,%u,%u\n", ms, 100 + 2 * ms, 50 + ms,
				       ms > 260 && most > 160, unsent, ms == 281 ? most : 0);
	}
}

/* The burst is 81 ms: the window is 108 ms long for both kernels, and begins 10.8 ms before it. */
static void test_window(void)
{
	GString *series = g_string_new("kernel," SERIES);
	char *folder;
	struct plot_text text;

	add_series(series, "old", 160);
	add_series(series, "new", 8000);
	folder = folder_with("series.csv", series->str);
	CU_ASSERT_TRUE_FATAL(plot_find("unsent")->draw(folder, &text, NULL));
	CU_ASSERT(g_str_has_prefix(text.data,
				   "row,old:time_ns,old:unsent_pages:most,old:writing_pages:most,"
				   "old:window:time_ns,old:window:unsent_pages,old:window:writing_pages,"
				   "old:window:scanned,old:window:reclaimed,new:time_ns,"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.data, "\n0,0,0,0,190000000,0,0,0,0,0,0,0,190000000,0,0,0,0\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.data, ",268000000,136,0,156,78,"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.data, ",280000000,8000,0,180,90\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.data, ",298000000,0,0,216,108\n"));
	CU_ASSERT_PTR_NULL(strstr(text.data, ",299000000,0,0,218"));
	check_script_has(&text, "'old: at most 160 pages unsent'");
	check_script_has(&text, "'new: at most 8 000 pages unsent'");
	check_script_has(&text, "set xrange [189200000./1000000.:297200000./1000000.]");
	check_script_has(&text, "set yrange [0:8400./1000]");
	check_script_has(&text, "set arrow from 261000000./1000000.,graph 0 to 261000000./1000000.,graph 1");
	check_script_has(&text, "'OOM kill'");
	check_script_has(&text, "set ytics 2000./1000\n");
	check_drawn("unsent", folder);
	plot_text_release(&text);
	folder_free(folder);
	g_string_free(series, TRUE);
}

/* The most in a step, however short it was. */
static void test_steps(void)
{
	GString *series = g_string_new(SERIES);
	char *folder;
	struct plot_text text;

	for (u32 i = 0; i <= 4000; i++)
		g_string_append_printf(series, "%u000,%u,%u,0,%u,%u\n", i, i, i, i == 1234 ? 77 : 0,
				       i == 1236 ? 88 : 0);
	folder = folder_with("series.csv", series->str);
	CU_ASSERT_TRUE_FATAL(plot_find("unsent")->draw(folder, &text, NULL));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.data, "\n123,1230000,77,88,"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.data, "\n124,1240000,0,0,"));
	check_script_has(&text, "'6.17: at most 77 pages unsent'");
	CU_ASSERT_PTR_NULL(strstr(text.script, "OOM kill"));
	check_drawn("unsent", folder);
	plot_text_release(&text);
	folder_free(folder);
	g_string_free(series, TRUE);
}

static void test_nothing_unsent(void)
{
	char *folder = folder_with("series.csv", SERIES "0,0,0,0,0,0\n1000,0,0,0,0,0\n");

	check_drawn("unsent", folder);
	folder_free(folder);
}

static void test_refused(void)
{
	check_error("unsent", "series.csv", "time_ns,pgscan\n0,0\n",
		    "series.csv: has no column swap_unsent_pages");
	check_error("unsent", "series.csv", SERIES "0,0,0,0,0,0\n",
		    "series.csv: no time to draw (two samples at least)");
	check_error("unsent", "series.csv", SERIES "0,0,0,0,0,0\n5,0,0,0,-1,0\n",
		    "series.csv:3: swap_unsent_pages is '-1' (a whole number expected)");
	check_error("unsent", "series.csv", SERIES "5,0,0,0,0,0\n5,0,0,0,0,0\n",
		    "series.csv:3: time_ns is 5 after 5 (it has to grow)");
	check_error("unsent", "series.csv", "kernel," SERIES "a,0,0,0,0,0,0\na,1,0,0,0,0,0\nb,0,0,0,0,0,0\n",
		    "series.csv: no time to draw (two samples at least)");
	check_error("unsent", "series.csv",
		    "kernel," SERIES "a,0,0,0,0,0,0\nb,0,0,0,0,0,0\nc,0,0,0,0,0,0\nd,0,0,0,0,0,0\n",
		    "series.csv: more kernels than a picture shows (at most 3)");
	check_error("unsent", "series.csv", SERIES "0,9,9,0,0,0\n1,8,9,0,0,0\n",
		    "series.csv:3: pgscan is 8 after 9 (a counter never falls)");
}

static const struct unit tests[] = {
	{ "the window is that around the highest peak, for all kernels", test_window },
	{ "a step shows the most there was in it", test_steps },
	{ "a run without a swap write is drawn", test_nothing_unsent },
	{ "other tables are refused", test_refused },
};
UNIT_MAIN("plot of what is unsent", tests)
