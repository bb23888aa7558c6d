/*
 * swapsim race --timeline: the run with the finding, step by step.
 */
#include "tests/unit/test_cli.h"

static u32 lines_of(const char *text, size_t *longest)
{
	char **line = g_strsplit(text, "\n", -1);
	u32 n = 0;

	*longest = 0;
	for (; line[n] && (*line[n] || line[n + 1]); n++)
		*longest = MAX(*longest, strlen(line[n]));
	g_strfreev(line);
	return n;
}

/* What stands in FILE after race ARGUMENTS --timeline-out FILE. */
static char *drawn(const char *arguments)
{
	char *folder = test_folder(), *text = NULL;
	char *line = g_strdup_printf("race %s --timeline-out tl", arguments);
	char *file = g_build_filename(folder, "tl", NULL);
	struct said said = swapsim_in(folder, NULL, line);

	CU_ASSERT_EQUAL(said.status, 0);
	CU_ASSERT_PTR_NULL(strstr(said.out, "step  CPU 0"));
	CU_ASSERT_TRUE_FATAL(g_file_get_contents(file, &text, NULL, NULL));
	said_release(&said);
	g_free(line);
	g_free(file);
	test_folder_free(folder);
	return text;
}

static void test_text(void)
{
	static const char *const races[] = { "leak-migrate", "leak-same-cpu", "leak-alloc-fails",
					     "leak-other-device" };

	for (u32 i = 0; i < G_N_ELEMENTS(races); i++) {
		char *arguments = g_strdup_printf("race/%s --seeds 20", races[i]);
		char *text = drawn(arguments);
		size_t longest;

		CU_ASSERT(lines_of(text, &longest) <= 40);
		CU_ASSERT(longest <= 100);
		CU_ASSERT(g_str_has_prefix(text, "step  CPU 0"));
		CU_ASSERT(strstr(text, "list free -> none") != NULL);
		CU_ASSERT(strstr(text, "LETS GO OF cluster") != NULL);
		CU_ASSERT(strstr(text, "** cluster_ownership: cluster") != NULL);
		g_free(text);
		g_free(arguments);
	}
}

static void test_below(void)
{
	char *folder = test_folder();
	struct said said = swapsim_in(folder, NULL, "race race/leak-migrate --seed 7 --timeline text");

	CU_ASSERT_EQUAL(said.status, 0);
	CU_ASSERT(strstr(said.out, "\n\nstep  CPU 0") != NULL);
	CU_ASSERT(strstr(said.out, "and nobody else refers to it.\n") != NULL);
	said_release(&said);
	test_folder_free(folder);
}

static void test_formats(void)
{
	char *svg = drawn("race/leak-migrate --seed 1 --timeline svg");
	char *json = drawn("race/leak-migrate --seed 1 --timeline json");
	cJSON *doc = cJSON_Parse(json);

	CU_ASSERT(g_str_has_prefix(svg, "<svg "));
	CU_ASSERT(strstr(svg, ">A goes on on CPU 1<") != NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(doc);
	CU_ASSERT(cJSON_GetArraySize(cJSON_GetObjectItem(doc, "steps")) > 40);
	CU_ASSERT(cJSON_GetArraySize(cJSON_GetObjectItem(doc, "rows")) < 40);
	cJSON_Delete(doc);
	g_free(json);
	g_free(svg);
}

static void test_wide(void)
{
	char *text = drawn("race/leak-migrate --seed 1 --wide");
	size_t longest;

	lines_of(text, &longest);
	CU_ASSERT(longest > 100 && longest <= 160);
	g_free(text);
}

/* No finding: the first run is told all the same. */
static void test_without_finding(void)
{
	char *text = drawn("race/leak-migrate --kernel 6.18 --seed 1");

	CU_ASSERT(g_str_has_prefix(text, "step  CPU 0"));
	CU_ASSERT_PTR_NULL(strstr(text, "**"));
	g_free(text);
}

static void test_wrong_format(void)
{
	char *folder = test_folder();
	struct said said = swapsim_in(folder, NULL, "race race/leak-migrate --timeline png");

	CU_ASSERT_EQUAL(said.status, 2);
	CU_ASSERT_STRING_EQUAL(said.out, "");
	CU_ASSERT(strstr(said.err, "--timeline png: not possible (text, svg or json)") != NULL);
	said_release(&said);
	test_folder_free(folder);
}

static const struct unit tests[] = {
	{ "every leak is told in 40 lines of 100 columns", test_text },
	{ "without a file it stands below the verdicts", test_below },
	{ "as a picture and as JSON", test_formats },
	{ "--wide has room for 160 columns", test_wide },
	{ "a run without a finding is told, too", test_without_finding },
	{ "an unknown format is an error before anything runs", test_wrong_format },
};

UNIT_MAIN("timelines of races", tests)
