#include "tests/unit/test_plot.h"

#define HEAD                                                                                                 \
	"scenario,second,what,published_ppm,simulated_ppm,simulated_ppm_least,simulated_ppm_most,verdict,"   \
	"met\n"

/* Percent; what was not run has no line, and the verdict says what was enough. */
static void test_lines(void)
{
	char *folder = folder_with("changes.csv", HEAD "a,6.18,x,-100000,-60000,-70000,-50000,within 2x,yes\n"
						       "a,6.18,y,-59960,-40,-1000,1000,sign,\n"
						       "a,6.18,z,40000,1000,900,1100,sign,yes\n"
						       "b,7.0,x,40000,,,,not run,\n");
	struct plot_text text = { 0 };

	CU_ASSERT_TRUE_FATAL(plot_find("published")->draw(folder, &text, NULL));
	CU_ASSERT_EQUAL(text.height, 720);
	CU_ASSERT_STRING_EQUAL(text.data,
			       "place,row,published,half,twice,simulated,least,most,met\n"
			       "1,\"6.18, a: x\",-10.0000,-5.0000,-20.0000,-6.0000,-7.0000,-5.0000,1\n"
			       "2,\"6.18, a: y\",-5.9960,-2.9980,-11.9920,-0.0040,-0.1000,0.1000,0\n"
			       "3,\"6.18, a: z\",4.0000,2.0000,8.0000,0.1000,0.0900,0.1100,1\n");
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'-10.0 %, here -6.0 %'"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "'-6.0 %, here 0.0 %'"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text.script, "most = 11.\n"));
	check_drawn("published", folder);
	plot_text_release(&text);
	folder_free(folder);
}

/* In a picture as high as they need. */
static void test_many(void)
{
	GString *rows = g_string_new(HEAD);
	struct plot_text text = { 0 };
	char *folder;

	for (u32 i = 0; i < 60; i++)
		g_string_append_printf(rows, "a,6.18,row %u,-100000,-60000,-70000,-50000,within 2x,yes\n", i);
	folder = folder_with("changes.csv", rows->str);
	CU_ASSERT_TRUE_FATAL(plot_find("published")->draw(folder, &text, NULL));
	CU_ASSERT_TRUE(text.height > 60 * 20);
	check_drawn("published", folder);
	plot_text_release(&text);
	folder_free(folder);
	g_string_free(rows, TRUE);
}

static void test_errors(void)
{
	check_error("published", "changes.csv", HEAD "b,7.0,x,40000,,,,not run,\n",
		    "changes.csv: no row was run");
	check_error("published", "changes.csv", HEAD "b,7.0,x,40000,1.5,1,2,sign,yes\n",
		    "changes.csv:2: simulated_ppm is '1.5' (a whole number expected)");
	check_error("published", "changes.csv", "scenario\n", "changes.csv: has no column what");
}

static const struct unit tests[] = {
	{ "a row is a line, in percent", test_lines },
	{ "many rows make the picture higher", test_many },
	{ "what has nothing to draw is refused", test_errors },
};
UNIT_MAIN("plot of published changes", tests)
