#include "tests/unit/test_plot.h"

#define HEAD                                                                                                 \
	"kernel,dev,pat,args,ratio,pc,lru,thp,swapmb,phase,figure,predicted,predicted_min,predicted_max,"    \
	"measured,measured_min,measured_max,verdict,judged\n"
#define ROW(kernel, limit, rest) kernel ",disk,seq,wr:0," limit ",3,classic,none,,run," rest "\n"
#define REFAULTS "workingset_refault_anon,"

static void draw(const char *plot, const char *folder, struct plot_text *text)
{
	GError *error = NULL;

	CU_ASSERT_TRUE_FATAL(plot_find(plot)->draw(folder, text, &error));
}

/* A point a judged figure; what is hardly anything is drawn at 20, and a row without a prediction nowhere. */
static void test_scatter(void)
{
	char *folder = folder_with(
	    "predictions.csv", HEAD ROW("6.18", "75", "pswpin,100,90,110,120.5,120,121,MISSES,yes")
				   ROW("6.18", "50", "pswpin,3,3,3,0,0,0,holds,yes")
				       ROW("6.18", "50", "pgfault,3,3,3,0,0,0,holds,")
					   ROW("6.18", "25", "pswpin,,,,9,9,9,MISSES,yes")
					       ROW("6.18", "25", "pswpout,900,9,990,800,8,880,holds,yes"));
	struct plot_text text;

	draw("fidelity", folder, &text);
	CU_ASSERT_STRING_EQUAL(text.data,
			       "figure,device,holds,measured,predicted,kernel,workload,limit,phase\n"
			       "0,0,0,120.5,100.0,6.18,seq wr:0,75,run\n"
			       "0,0,1,20.0,20.0,6.18,seq wr:0,50,run\n"
			       "1,0,1,800.0,900.0,6.18,seq wr:0,25,run\n");
	check_drawn("fidelity", folder);
	plot_text_release(&text);
	folder_free(folder);
}

static void test_curves(void)
{
	char *folder = folder_with("predictions.csv",
				   HEAD ROW("6.18", "75", REFAULTS "500,400,600,550,500,560,holds,yes")
				       ROW("6.18", "25", REFAULTS "900,900,900,910,905,920,holds,yes")
					   ROW("6.18", "50", REFAULTS "700,700,700,710,705,720,holds,yes")
					       ROW("6.12", "50", REFAULTS "701,701,701,710,705,720,holds,yes")
						   ROW("6.12", "high50", REFAULTS "1,1,1,1,1,1,holds,yes")
						       ROW("6.12", "50", "pswpin,1,1,1,1,1,1,holds,yes"));
	struct plot_text text;

	draw("fidelity-curves", folder, &text);
	CU_ASSERT_STRING_EQUAL(text.data,
			       "workload,device,kernel,limit,predicted,predicted_min,predicted_max,"
			       "measured,measured_min,measured_max\n"
			       "0,0,0,50,701,701,701,710,705,720\n"
			       "0,0,1,25,900,900,900,910,905,920\n"
			       "0,0,1,50,700,700,700,710,705,720\n"
			       "0,0,1,75,500,400,600,550,500,560\n");
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'disk: seq wr:0'"));
	check_drawn("fidelity-curves", folder);
	plot_text_release(&text);
	folder_free(folder);
}

static void test_errors(void)
{
	check_error("fidelity", "predictions.csv", HEAD, "predictions.csv: nothing is judged");
	check_error("fidelity-curves", "predictions.csv",
		    HEAD ROW("6.18", "75", REFAULTS "500,400,600,550,500,560,holds,yes"),
		    "predictions.csv: no curve (at least three limits of a workload)");
	check_error("fidelity", "predictions.csv", "kernel\n6.18\n", "predictions.csv: has no column dev");
}

static const struct unit tests[] = {
	{ "a judged figure is a point", test_scatter },
	{ "a curve is the refaults of a kernel over its limits", test_curves },
	{ "what has nothing to draw is refused", test_errors },
};
UNIT_MAIN("plot of fidelity", tests)
