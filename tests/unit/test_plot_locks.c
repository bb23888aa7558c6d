#include "tests/unit/test_plot.h"

#define FIGURES "figure,kernel,median,lowest,highest,permille_of_first\n"

static void test_comparison(void)
{
	char *folder = folder_with("compare.csv", FIGURES "time_ns,6.17,9,9,9,1000\ntime_ns,6.18,9,9,9,1000\n"
							  "lock_wait_ns,6.17,2500,2400,2600,1000\n"
							  "lock_wait_ns,6.18,900,,,360\n"
							  "lock_wait_ns:ptl,6.17,500,400,600,1000\n"
							  "lock_wait_ns:ptl,6.18,900,900,900,1800\n"
							  "lock_contended:ptl,6.17,1234,7,2000,1000\n"
							  "lock_contended:ptl,6.18,1,1,1,0\n"
							  "lock_wait_ns:ci->lock,6.17,2000,2000,2000,1000\n"
							  "lock_wait_ns:ci->lock,6.18,0,0,0,0\n"
							  "lock_wait_ns:idle,6.17,0,0,0,\n");
	struct plot_text text;

	/* Longest first; who is never waited for is left out. */
	CU_ASSERT_TRUE_FATAL(plot_find("locks")->draw(folder, &text, NULL));
	CU_ASSERT_STRING_EQUAL(text.data, "lock,kernel,wait_ns,wait_lowest_ns,wait_highest_ns,contended\n"
					  "ci->lock,6.17,2000,2000,2000,0\nci->lock,6.18,0,0,0,0\n"
					  "ptl,6.17,500,400,600,1234\nptl,6.18,900,900,900,1\n");
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'Waiting for locks: rand, 1 thread, swap on disk'"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'6.17: 2.50 µs in all'"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'500 ns, 1 234 waits' at first 600./"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'900 ns, 1 wait' at"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'none' at first 0./"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "set ytics ('ci->lock' 1, 'ptl' 2)"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "with xerrorbars"));
	check_drawn("locks", folder);
	plot_text_release(&text);
	folder_free(folder);
}

static void test_run(void)
{
	char *folder =
	    folder_with("summary.json",
			"{\"kernel\": \"6.18\", \"lock_wait_ns\": 3000000, \"locks\": {\n"
			"\"a\": {\"contended\": 0, \"wait_ns\": 0}, \"b\": {\"contended\": 3, \"wait_ns\": "
			"3000000}}}\n");
	struct plot_text text;

	CU_ASSERT_TRUE_FATAL(plot_find("locks")->draw(folder, &text, NULL));
	CU_ASSERT_STRING_EQUAL(text.data, "lock,kernel,wait_ns,wait_lowest_ns,wait_highest_ns,contended\n"
					  "b,6.18,3000000,3000000,3000000,3\n");
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'6.18: 3.00 ms in all'"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "all tasks together, ms'"));
	CU_ASSERT_PTR_NULL(strstr(text.script, "xerrorbars"));
	check_drawn("locks", folder);
	plot_text_release(&text);
	folder_free(folder);
}

/* 4 kernels have room for 6 classes. */
static void test_many(void)
{
	GString *csv = g_string_new(FIGURES);
	char *folder;
	struct plot_text text;

	for (u32 i = 0; i < 40; i++)
		g_string_append_printf(csv, "lock_wait_ns:a_rather_long_name_of_lock_%u,%u,%u,1,%u,1\n",
				       i / 4, i % 4, i * 1000 + 1, i * 2000 + 1);
	folder = folder_with("compare.csv", csv->str);
	CU_ASSERT_TRUE_FATAL(plot_find("locks")->draw(folder, &text, NULL));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.data, "lock_4,0,16001,1,32001,0\n"));
	CU_ASSERT_PTR_NULL(strstr(text.data, "lock_3,"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, ", µs (4 with shorter waits left out)'"));
	check_drawn("locks", folder);
	plot_text_release(&text);
	folder_free(folder);
	g_string_free(csv, TRUE);
}

static void test_errors(void)
{
	check_error("locks", "hist.csv", "",
		    "summary.json: no locks in it, nor a compare.csv beside it (the plot needs either)");
	check_error("locks", "summary.json", "{\"kernel\": \"6.18\"",
		    "summary.json: no locks in it, nor a compare.csv beside it (the plot needs either)");
	check_error("locks", "compare.csv", "figure,kernel\n", "compare.csv: has no column median");
	check_error("locks", "compare.csv", "value,figure,kernel,median,lowest,highest\n",
		    "compare.csv: is a sweep, which plot thrashing draws (compare without --sweep)");
	check_error("locks", "compare.csv", FIGURES "lock_wait_ns:ptl,6.17,1,,1,\n",
		    "compare.csv:2: lowest is '' (a whole number expected)");
	check_error("locks", "compare.csv",
		    FIGURES "lock_wait_ns,1,1,1,1,\nlock_wait_ns,2,1,1,1,\nlock_wait_ns,3,1,1,1,\n"
			    "lock_wait_ns,4,1,1,1,\nlock_wait_ns,5,1,1,1,\n",
		    "compare.csv: more kernels than a picture shows (at most 4)");
}

static void test_nobody_waits(void)
{
	check_error("locks", "compare.csv", FIGURES "lock_wait_ns:ptl,6.17,0,0,5,\n",
		    "compare.csv: nobody waited for a lock (several tasks and CPUs do)");
}

static const struct unit tests[] = {
	{ "a comparison's locks are bars by class and kernel", test_comparison },
	{ "a run's locks are bars by class", test_run },
	{ "of many locks those waited for longest are drawn", test_many },
	{ "what has no locks is refused", test_errors },
	{ "where nobody waits there is nothing to draw", test_nobody_waits },
};
UNIT_MAIN("plot of locks", tests)
