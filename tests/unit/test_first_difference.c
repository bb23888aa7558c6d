/* Commands are no library: the file itself is part of this test. */
#include "cli/first_difference.c"

#include "tests/unit/unit.h"

static struct scenario *bundled(const char *name)
{
	char *path = g_build_filename(SOURCE_DIR, "scenarios", name, NULL);
	struct json_doc *doc = json_doc_load(path, NULL);
	struct scenario *s;

	CU_ASSERT_PTR_NOT_NULL_FATAL(doc);
	s = scenario_read(doc, SOURCE_DIR, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	json_doc_free(doc);
	g_free(path);
	return s;
}

static void test_same(void)
{
	struct scenario *s = bundled("swap-race.json");
	const struct build_options options = { .seed = 1 };
	GError *error = NULL;

	CU_ASSERT_PTR_NULL(first_difference(s, &options, &options, &error));
	CU_ASSERT_PTR_NULL(error);
	scenario_free(s);
}

/* The first nanosecond at which fingerprints differ, the slow way. */
static u64 looked_for(const struct scenario *s, const struct build_options *a, const struct build_options *b)
{
	const struct build_options *const options[2] = { a, b };
	struct pair pair;
	u64 time = 0;

	CU_ASSERT_TRUE_FATAL(pair_init(&pair, s, options, NULL));
	while (equal_at(&pair, time))
		time++;
	pair_release(&pair);
	return time;
}

static void test_different(void)
{
	struct scenario *s = bundled("swap-race.json");
	const struct build_options a = { .seed = 1 }, b = { .seed = 2 };
	char *text = first_difference(s, &a, &b, NULL);
	char *expected =
	    g_strdup_printf("first difference at %" G_GUINT64_FORMAT " ns: task ", looked_for(s, &a, &b));

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	CU_ASSERT(g_str_has_prefix(text, expected));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, " in one run and at "));
	g_free(expected);
	g_free(text);
	scenario_free(s);
}

static void test_kernels(void)
{
	struct scenario *s = bundled("rand-50.json");
	const struct build_options a = { .kernel = "6.17", .seed = 1 }, b = { .kernel = "6.18", .seed = 1 };
	char *text = first_difference(s, &a, &b, NULL);

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	CU_ASSERT(g_str_has_prefix(text, "first difference at "));
	g_free(text);
	scenario_free(s);
}

static const struct unit tests[] = {
	{ "two runs of one seed do not differ", test_same },
	{ "runs of two seeds differ first at the nanosecond a search from the start finds", test_different },
	{ "kernels differ, and it is said where", test_kernels },
};
UNIT_MAIN("first difference", tests)
