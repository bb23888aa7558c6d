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

	CU_ASSERT(said.status == 0 || said.status == 4);
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

/* For a mail that somebody answers. */
static void test_columns(void)
{
	char *text = drawn("race/leak-migrate --kernel 6.18+table-alloc=v3 --seed 1 --columns 72");
	char *one = drawn("race/leak-same-cpu --kernel 6.18+table-alloc=v3 --seed 1");
	char *folder = test_folder();
	size_t longest;

	lines_of(text, &longest);
	CU_ASSERT(longest <= 72);
	CU_ASSERT(g_str_has_prefix(text, "step  CPU 0             CPU 1             what it does\n"));
	CU_ASSERT(g_str_has_prefix(one, "step  CPU 0                           what it does\n"));
	CU_ASSERT(refused(folder, "race race/leak-migrate --columns 10", 2,
			  "swapsim: --columns 10: not possible (60..400)\n"));
	test_folder_free(folder);
	g_free(text);
	g_free(one);
}

/* Who reads a run looks for what the schedule asked for. */
static void test_schedule_is_told(void)
{
	char *text = drawn("race/leak-migrate --kernel 6.18+table-alloc=v3 --seed 1");
	const char *held = strstr(text, "held by schedule[0]\n"), *moves = strstr(text, "~~> A\n");

	CU_ASSERT_PTR_NOT_NULL_FATAL(held);
	CU_ASSERT_PTR_NOT_NULL_FATAL(moves);
	CU_ASSERT_PTR_NOT_NULL(strstr(held, "schedule[0] lets A go\n"));
	/* it sleeps where it went to sleep, and is then elsewhere */
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "  A     .SLEEP "));
	CU_ASSERT_PTR_NULL(strstr(moves, ".SLEEP"));
	g_free(text);
}

/* Whoever waits for a lock says so where he begins to, and a fold stands in the lane of its CPU. */
static void test_waits_are_told(void)
{
	char *text = drawn(SOURCE_DIR "/tests/races/right/nvme-folio-lock.json --kernel 6.18 --seed 1");

	CU_ASSERT_PTR_NOT_NULL(strstr(text, "waits for folio lock of folio"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "which P holds"));
	g_free(text);
}

/* A run that goes round is told from both ends. */
static void test_cut(void)
{
	char *text = drawn(SOURCE_DIR "/tests/races/wrong/retries-while-parked.json --seed 1");
	size_t longest;

	CU_ASSERT(lines_of(text, &longest) < 300);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "  ... the picture is cut: "));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "held by schedule["));
	g_free(text);
}

static void test_all(void)
{
	char *text = drawn("race/leak-migrate --kernel 6.18+table-alloc=v3 --seed 1 --all");
	size_t longest;

	CU_ASSERT(lines_of(text, &longest) > 86);
	CU_ASSERT_PTR_NULL(strstr(text, "... "));
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
	{ "it can be as narrow as a mail, and one CPU takes one lane", test_columns },
	{ "what the schedule names is told", test_schedule_is_told },
	{ "a wait says what for, and who has it", test_waits_are_told },
	{ "a run that goes round is cut, and says so", test_cut },
	{ "--all folds nothing", test_all },
	{ "a run without a finding is told, too", test_without_finding },
	{ "an unknown format is an error before anything runs", test_wrong_format },
};

UNIT_MAIN("timelines of races", tests)
