/* Latency of devices over load. */
#include "tests/unit/test_plot.h"

#define NAMES                                                                                                \
	"class,preset,load,load_percent,r_p50_us:low,r_p50_us:median,r_p50_us:high,r_p50_us:ours,"           \
	"r_p99_us:low,r_p99_us:median,r_p99_us:high,r_p99_us:ours,w_p50_us:low,w_p50_us:median,"             \
	"w_p50_us:high,w_p50_us:ours,w_p99_us:low,w_p99_us:median,w_p99_us:high,w_p99_us:ours\n"
#define FIGURES(r, w) "1,2,3," r ",11,12,13,14,21,22,23," w ",31,32,33,34\n"

static void check_has(const char *text, const char *what)
{
	bool found = strstr(text, what);

	CU_ASSERT_TRUE(found);
	if (!found)
		g_printerr("\nnot there: %s\n", what);
}

/* A class's curve has the rows of that class. */
static void test_rows_of_a_class(void)
{
	char *folder =
	    folder_with("load.csv", NAMES "slow,tape,low,25," FIGURES("4", "24") "slow,tape,full,90," FIGURES(
					"5", "70000") "quick,ram,low,20," FIGURES("6", "26"));
	struct plot_text text;

	CU_ASSERT_TRUE_FATAL(plot_find("device-latency")->draw(folder, &text, NULL));
	CU_ASSERT(g_str_has_prefix(text.data, "class,load_percent,r_p50_us:low,"));
	check_has(text.data, "\nslow,90,1,2,3,5,11,12,13,14,21,22,23,70000,31,32,33,34\n");
	check_has(text.data, "\nquick,20,1,2,3,6,");
	check_has(text.script, "slow (tape): reads");
	check_has(text.script, "quick (ram): writes");
	check_has(text.script, "data every ::1::2 using 2:4:3:5 with yerrorbars");
	check_has(text.script, "data every ::3::3 using 2:6 with lines");
	check_has(text.script, "using 2:18 with lines"); /* p99 of writes */
	check_has(text.script, "set yrange [1./2:70000*2.]");
	check_has(text.script, "swap on tape, ram");
	check_drawn("device-latency", folder);
	plot_text_release(&text);
	folder_free(folder);
}

static void test_errors(void)
{
	check_error("device-latency", "load.csv", "class,preset\n", "load.csv: has no column load_percent");
	check_error("device-latency", "load.csv", NAMES, "load.csv: has no rows");
	check_error("device-latency", "load.csv", NAMES "a,b,c,5," FIGURES("x", "1"),
		    "load.csv:2: r_p50_us:ours is 'x' (a whole number expected)");
	check_error("device-latency", "load.csv",
		    NAMES "a,p,l,1," FIGURES("1", "1") "b,p,l,1," FIGURES("1", "1") "c,p,l,1," FIGURES(
			"1", "1") "d,p,l,1," FIGURES("1", "1"),
		    "load.csv:5: more than a picture shows (at most 3 classes of 8 loads)");
}

static const struct unit tests[] = {
	{ "every class has a curve of its own rows", test_rows_of_a_class },
	{ "what is missing, no number or too much is said", test_errors },
};

UNIT_MAIN("plot_device_latency", tests)
