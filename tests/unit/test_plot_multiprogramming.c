#include "tests/unit/test_plot.h"

#define HEAD                                                                                                 \
	"point,kernel,seed,swap[0].device,tasks[0].count,curve,value_percent,outcome,reason,accesses_per_s," \
	"pgmajfault,accesses\n"

/* Two devices, three seeds where something is left to chance, a kill, and a point that only one device has.
 */
static const char table[] = HEAD "0,6.18,1,zram,2,x,,ok,,2000000,1,1000\n"
				 "1,6.18,2,zram,2,x,,ok,,4000000,3,1000\n"
				 "2,6.18,3,zram,2,x,,ok,,3000000,2,1000\n"
				 "3,6.18,1,zram,16,x,,ok,,1000000,250,1000\n"
				 "4,6.18,1,disk,2,x,,ok,,5000000,0,1000\n"
				 "5,6.18,1,disk,16,x,,killed,t,9000000,9,10\n"
				 "6,6.18,1,disk,4,x,,ok,,5000000,0,0\n";

static void test_curves(void)
{
	char *folder = folder_with("sweep.csv", table);
	struct plot_text text;

	CU_ASSERT_TRUE_FATAL(plot_find("multiprogramming")->draw(folder, &text, NULL));
	CU_ASSERT(g_str_has_prefix(text.data, "tasks,zram:accesses_per_s,zram:accesses_per_s:lowest,"
					      "zram:accesses_per_s:highest,"
					      "zram:major_faults_per_1000_accesses,"));
	CU_ASSERT_STRING_EQUAL(strchr(text.data, '\n'),
			       "\n2,3000000,2000000,4000000,2.000,1.000,3.000,5000000,5000000,5000000,0.000,"
			       "0.000,0.000\n4,,,,,,,5000000,5000000,5000000,0.000,0.000,0.000\n"
			       "16,1000000,1000000,1000000,250.000,250.000,250.000,,,,,,\n");
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'Multiprogramming: rand, swap on disk'"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'zram: most at 2'"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'disk: most at 2'"));
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(text.script, "'tasks (1 run that failed or had an OOM kill left out)'"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "set ylabel \"million accesses\\nper second\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "yerrorbars"));
	check_drawn("multiprogramming", folder);
	plot_text_release(&text);
	folder_free(folder);
}

/* One device: the curve is that of the kernel. */
static void test_one_curve(void)
{
	char *folder = folder_with("sweep.csv", HEAD "0,6.18,1,zram,1,x,,ok,,2000,1,1000\n"
						     "1,6.18,1,zram,2,x,,ok,,1000,1,1000\n");
	struct plot_text text;

	CU_ASSERT_TRUE_FATAL(plot_find("multiprogramming")->draw(folder, &text, NULL));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'6.18: most at 1'"));
	CU_ASSERT_PTR_NULL(strstr(text.script, "yerrorbars"));
	CU_ASSERT_PTR_NULL(strstr(text.script, "left out"));
	check_drawn("multiprogramming", folder);
	plot_text_release(&text);
	folder_free(folder);
}

/* Per thousand of the swap-ins, and microseconds. */
static void test_contenders(void)
{
	char *folder = folder_with(
	    "sweep.csv", "point,kernel,seed,tasks[0].count,curve,outcome,swapin_wasted_pages,pgmajfault,"
			 "fault_p999_ns\n"
			 "0,6.18,1,1,x,ok,0,1000,4500\n"
			 "1,6.18,1,8,x,ok,500,1000,8000000\n"
			 "2,7.2,1,8,x,ok,1,1000,9001\n");
	struct plot_text text;

	CU_ASSERT_TRUE_FATAL(plot_find("contenders")->draw(folder, &text, NULL));
	CU_ASSERT_STRING_EQUAL(
	    strchr(text.data, '\n'),
	    "\n1,0.000,0.000,0.000,4.500,4.500,4.500,,,,,,\n"
	    "8,500.000,500.000,500.000,8000.000,8000.000,8000.000,1.000,1.000,1.000,9.001,9.001,"
	    "9.001\n");
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'7.2'"));
	check_drawn("contenders", folder);
	plot_text_release(&text);
	folder_free(folder);
}

static void test_errors(void)
{
	GString *many = g_string_new(HEAD);

	for (u32 i = 0; i < 14; i++)
		g_string_append_printf(many, "%u,6.18,1,d%u,%u,x,,ok,,1,1,1\n", i, i / 2, i % 2 + 1);
	check_error("multiprogramming", "hist.csv", "", "sweep.csv: cannot be read (the plot needs it)");
	check_error("multiprogramming", "sweep.csv", "kernel,seed,value,complete\n",
		    "sweep.csv: has no column curve");
	check_error("multiprogramming", "sweep.csv",
		    "kernel,seed,swap[0].device,curve,outcome,accesses_per_s,pgmajfault,accesses\n",
		    "sweep.csv: is no sweep of a number of tasks (sweep --set tasks[0].count=1,2,4,...)");
	check_error("multiprogramming", "sweep.csv", HEAD "0,6.18,1,zram,1,x,,ok,,2000,1,1000\n",
		    "sweep.csv: no curve (at least two numbers of tasks that went well, and some accesses)");
	check_error("multiprogramming", "sweep.csv", HEAD "0,6.18,1,zram,-1,x,,ok,,2000,1,1000\n",
		    "sweep.csv:2: tasks[0].count is '-1' (a whole number expected)");
	check_error("multiprogramming", "sweep.csv", many->str,
		    "sweep.csv: more curves than a picture shows (at most 6)");
	g_string_free(many, TRUE);
}

static const struct unit tests[] = {
	{ "contenders are what they do for nothing, and how long a fault takes", test_contenders },
	{ "throughput is medians over seeds, a curve a device", test_curves },
	{ "a curve without other axes is named after its kernel", test_one_curve },
	{ "what is no sweep of tasks is refused", test_errors },
};
UNIT_MAIN("plot of multiprogramming", tests)
