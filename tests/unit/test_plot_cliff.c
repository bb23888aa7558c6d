#include "tests/unit/test_plot.h"

#define SWEEP                                                                                                \
	"kernel,seed,value,value_percent,complete,run_time_ns,workingset_refault_anon,"                      \
	"memory.events:oom_kill\n"
#define MEASURED "name,like,value_percent,runs,killed,refaults_median,refaults_lowest,refaults_highest\n"

static const char two_limits[] = SWEEP "a,1,100%,100,true,3000000,10,0\n"
				       "a,2,100%,100,true,5000000,30,0\n"
				       "a,3,100%,100,true,4000000,20,0\n"
				       "b,1,100%,100,true,3000000,1,0\n"
				       "a,1,50%,50,true,9000000,600,0\n"
				       "b,1,50%,50,true,8000000,700,0\n";

static char *folder_of(const char *sweep, const char *measured)
{
	char *folder = folder_with("sweep.csv", sweep);

	if (measured)
		add_file(folder, "measured.csv", measured);
	return folder;
}

static void check_script_has(const struct plot_text *text, const char *what)
{
	bool found = strstr(text->script, what);

	CU_ASSERT_TRUE(found);
	if (!found)
		g_printerr("\nnot in the script: %s\n", what);
}

static void test_curves(void)
{
	char *folder = folder_of(two_limits, NULL);
	struct plot_text text;

	CU_ASSERT_TRUE_FATAL(plot_find("cliff")->draw(folder, &text, NULL));
	CU_ASSERT_STRING_EQUAL(
	    text.data,
	    "memory_percent,a:refaults,a:refaults:lowest,a:refaults:highest,a:killed_percent,"
	    "a:time_ns,a:time_ns:lowest,a:time_ns:highest,b:refaults,b:refaults:lowest,"
	    "b:refaults:highest,b:killed_percent,b:time_ns,b:time_ns:lowest,b:time_ns:highest\n"
	    "100.0,20.0,10.0,30.0,0.0,4000000,3000000,5000000,1.0,1.0,1.0,0.0,3000000,3000000,3000000\n"
	    "50.0,600.0,600.0,600.0,0.0,9000000,9000000,9000000,700.0,700.0,700.0,0.0,8000000,8000000,"
	    "8000000\n");
	check_script_has(&text, "title 'a, simulated'");
	check_script_has(&text, "set ylabel 'refaults'");
	check_script_has(&text, "set ytics 2000000./1000000\nset ylabel \"time after the\\nfill, ms\"");
	CU_ASSERT_PTR_NULL(strstr(text.script, "OOM"));
	CU_ASSERT_PTR_NULL(strstr(text.script, "measured"));
	check_drawn("cliff", folder);
	plot_text_release(&text);
	folder_free(folder);
}

/* Points go to the curve they are like, at limits that the sweep has not got too. */
static void test_measured(void)
{
	char *folder = folder_of(two_limits, MEASURED "\"real, x\",b,100,4,0,9.5,8,11\n"
						      "\"real, x\",b,75,2,0,90,80,100\n"
						      "it's,a,100,1,0,25,25,25\n");
	struct plot_text text;

	CU_ASSERT_TRUE_FATAL(plot_find("cliff")->draw(folder, &text, NULL));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.data, ",\"real, x:refaults\",\"real, x:refaults:lowest\","
						 "\"real, x:refaults:highest\",\"real, x:killed_percent\","
						 "it's:refaults,"));
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(text.data, ",3000000,9.5,8.0,11.0,0.0,25.0,25.0,25.0,0.0\n75.0,,,,,,,,"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.data, ",,,,,,,90.0,80.0,100.0,0.0,,,,\n50.0,"));
	check_script_has(&text, "lc '#003A66' lw 2 pt 7 ps 1.4 title 'real, x, measured'");
	check_script_has(&text, "lc '#8A4B00' lw 2 pt 9 ps 1.4 title 'it''s, measured'");
	check_drawn("cliff", folder);
	plot_text_release(&text);
	folder_free(folder);
}

/* A run with a kill has no refaults to compare; where all were killed the curve has a gap. */
static void test_kills(void)
{
	char *folder = folder_of(SWEEP "a,1,100%,100,true,3000000,10,0\n"
				       "a,1,50%,50,true,9000000,600,0\n"
				       "a,2,50%,50,true,1000000,7,1\n"
				       "a,1,25%,25,true,1000000,8,2\n",
				 MEASURED "real,a,25,7,6,800,800,800\nreal,a,20,3,3,,,\n");
	struct plot_text text;

	CU_ASSERT_TRUE_FATAL(plot_find("cliff")->draw(folder, &text, NULL));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.data, "\n100.0,10.0,10.0,10.0,0.0,3000000,3000000,3000000,,,,\n"
						 "50.0,600.0,600.0,600.0,50.0,9000000,9000000,9000000,,,,\n"
						 "25.0,,,,100.0,,,,800.0,800.0,800.0,85.7\n"
						 "20.0,,,,,,,,,,,100.0\n"));
	check_script_has(&text, "killed by OOM,\\n% of runs");
	CU_ASSERT_PTR_NULL(strstr(text.script, "time after"));
	check_drawn("cliff", folder);
	plot_text_release(&text);
	folder_free(folder);
}

static void test_no_refaults(void)
{
	char *folder =
	    folder_of(SWEEP "a,1,110%,110,true,3000000,0,0\na,1,105%,105,true,3000000,0,0\n", NULL);

	check_drawn("cliff", folder);
	folder_free(folder);
}

static void test_other_sweeps(void)
{
	check_error("cliff", "sweep.csv", SWEEP "a,1,2,,true,1,1,0\n",
		    "sweep.csv: is no sweep of a memory limit (compare --sweep cgroups[0].memory.max=...)");
	check_error("cliff", "sweep.csv", SWEEP "a,1,50%,50,true,1,1,0\n",
		    "sweep.csv: no curve (at least two limits)");
	check_error("cliff", "sweep.csv",
		    SWEEP "a,1,5%,5,true,1,1,0\nb,1,5%,5,true,1,1,0\nc,1,5%,5,true,1,1,0\n"
			  "d,1,5%,5,true,1,1,0\ne,1,5%,5,true,1,1,0\n",
		    "sweep.csv: more kernels than a picture shows (at most 4)");
	check_error("cliff", "sweep.csv", "kernel,value_percent\n",
		    "sweep.csv: has no column workingset_refault_anon");
}

static void test_wrong_measurements(void)
{
	check_refused("cliff", folder_of(two_limits, MEASURED "r,c,50,1,0,1,1,1\n"),
		      "measured.csv:2: is like a kernel that the sweep has not got");
	check_refused("cliff", folder_of(two_limits, MEASURED "r,a,50,1,2,1,1,1\n"),
		      "measured.csv:2: cannot be: killed of runs");
	check_refused("cliff", folder_of(two_limits, "name,like\n"),
		      "measured.csv: has no column value_percent");
}

static const struct unit tests[] = {
	{ "medians and ranges of refaults and time are drawn", test_curves },
	{ "what was measured stands beside the curve it is like", test_measured },
	{ "runs with a kill count as killed and in no curve", test_kills },
	{ "a sweep without a refault is drawn", test_no_refaults },
	{ "other sweeps are refused", test_other_sweeps },
	{ "measurements that cannot be are refused", test_wrong_measurements },
};
UNIT_MAIN("cliff plot", tests)
