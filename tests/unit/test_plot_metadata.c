#include "tests/unit/test_plot.h"

#define SERIES "time_ns,swap_used_pages,swap_meta_bytes\n"
#define SUMMARY "{\"kernel\": \"6.18\", \"memory\": {\"swap_slots\": 1000, \"meta_static_bytes\": 3000}}"
#define FIGURES                                                                                              \
	"figure,kernel,median\nmeta_static_bytes,6.17,3000\nmeta_static_bytes,6.18,2000\n"                   \
	"meta_static_millibytes_per_slot,6.17,3000\nmeta_static_millibytes_per_slot,6.18,2000\n"

static void test_run(void)
{
	char *folder = folder_with("series.csv", SERIES "0,0,0\n10,512,4096\n20,0,4096\n");
	struct plot_text text;

	add_file(folder, "summary.json", SUMMARY);
	CU_ASSERT_TRUE_FATAL(plot_find("metadata")->draw(folder, &text, NULL));
	CU_ASSERT_STRING_EQUAL(text.data, "kernel,curve,time_ns,swap_used_bytes,metadata_bytes_per_slot\n"
					  "6.18,0,0,0,3.000\n6.18,0,10,2097152,7.096\n6.18,0,20,0,7.096\n");
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'6.18: static 3.00'"));
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(text.script, "'swap in use, MiB (all devices: 3.91 MiB; a point a sample)'"));
	check_drawn("metadata", folder);
	plot_text_release(&text);
	folder_free(folder);
}

static void test_legend_is_rounded(void)
{
	char *folder = folder_with("series.csv", SERIES "0,0,0\n10,512,4096\n");
	struct plot_text text;

	add_file(folder, "summary.json",
		 "{\"kernel\": \"6.18\", \"memory\": {\"swap_slots\": 1000, \"meta_static_bytes\": 3188}}");
	CU_ASSERT_TRUE_FATAL(plot_find("metadata")->draw(folder, &text, NULL));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'6.18: static 3.19'"));
	plot_text_release(&text);
	folder_free(folder);
}

static void test_comparison(void)
{
	char *folder =
	    folder_with("series.csv", "kernel," SERIES "6.17,0,0,0\n6.17,10,1,1000\n6.18,0,1,500\n");
	struct plot_text text;

	add_file(folder, "compare.csv", FIGURES);
	CU_ASSERT_TRUE_FATAL(plot_find("metadata")->draw(folder, &text, NULL));
	CU_ASSERT_STRING_EQUAL(text.data, "kernel,curve,time_ns,swap_used_bytes,metadata_bytes_per_slot\n"
					  "6.17,0,0,0,3.000\n6.17,0,10,4096,4.000\n6.18,1,0,4096,2.500\n");
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'Swap metadata: rand, 1 thread, swap on disk'"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'6.18: static 2.00'"));
	check_drawn("metadata", folder);
	plot_text_release(&text);
	folder_free(folder);
}

static void check_run_refused(const char *series, const char *summary, const char *expected)
{
	char *folder = folder_with("series.csv", series);

	add_file(folder, "summary.json", summary);
	check_refused("metadata", folder, expected);
}

static void test_errors(void)
{
	char *folder = folder_with("series.csv", "kernel," SERIES "6.12,0,1,1\n");

	add_file(folder, "compare.csv", FIGURES);
	check_refused("metadata", folder, "series.csv:2: kernel 6.12 is not in compare.csv");
	check_error("metadata", "series.csv", SERIES,
		    "summary.json: no memory in it, nor a compare.csv beside it (the plot needs either)");
	check_error("metadata", "summary.json", SUMMARY, "series.csv: cannot be read (the plot needs it)");
	check_run_refused(SERIES "0,0,0\n", SUMMARY, "series.csv: no swap was in use at any sample");
	check_run_refused(SERIES "0,x,0\n", SUMMARY,
			  "series.csv:2: swap_used_pages is 'x' (a whole number expected)");
	check_run_refused("time_ns,swap_used_pages\n", SUMMARY, "series.csv: has no column swap_meta_bytes");
	check_run_refused(SERIES, "{\"kernel\": \"6.18\", \"memory\": {\"swap_slots\": 0}}",
			  "summary.json: there is no swap in it");
}

static const struct unit tests[] = {
	{ "a run's metadata is per slot of all devices", test_run },
	{ "the legend has the nearest hundredth", test_legend_is_rounded },
	{ "a comparison has a curve a kernel", test_comparison },
	{ "what has no metadata is refused", test_errors },
};
UNIT_MAIN("plot of metadata", tests)
