#include "tests/unit/test_cli.h"

static void test_round_trip(void)
{
	char *folder = test_folder(), *first, *second;

	write_file(folder, "t.csv", "page,op\n0,W\n1,W\n2,W\n0,R\n7,R\n");
	done(folder, "trace import t.csv -o t.swt --program 'a test' --licence CC0-1.0 --mark later@3");
	first = printed(folder, "trace export t.swt");
	second = printed(folder, "trace export t.swt -o -");
	CU_ASSERT_STRING_EQUAL(first, second);
	g_free(second);
	done(folder, "trace export t.swt -o u.csv");
	second = file_text(folder, "u.csv");
	CU_ASSERT_STRING_EQUAL(first, second);
	CU_ASSERT_PTR_NOT_NULL(strstr(first, "a test"));
	CU_ASSERT_PTR_NOT_NULL(strstr(first, "later"));
	done(folder, "trace import u.csv -o u.swt");
	g_free(second);
	second = printed(folder, "trace export u.swt");
	CU_ASSERT_STRING_EQUAL(first, second);
	g_free(first);
	g_free(second);
	test_folder_free(folder);
}

static void test_info(void)
{
	char *folder = test_folder();
	char *text = printed(folder, "trace info groundtruth/rand"), *csv;
	cJSON *json = parsed(printed(folder, "trace info cc1 --format json"));

	CU_ASSERT_PTR_NOT_NULL(strstr(text, "licence: CC0-1.0\n"));
	CU_ASSERT_EQUAL(at(json, "pages")->valueint, 14951);
	CU_ASSERT_EQUAL(at(json, "accesses")->valueint, 1520581);
	CU_ASSERT_EQUAL(cJSON_GetArraySize(at(json, "lru")), 5);
	CU_ASSERT_EQUAL(cJSON_GetArraySize(at(json, "slices")), 10);
	csv = printed(folder, "trace info cc1 --format csv");
	CU_ASSERT_EQUAL(csv_lines(csv), 13);
	g_free(csv);
	cJSON_Delete(json);
	g_free(text);
	test_folder_free(folder);
}

static void test_errors(void)
{
	char *folder = test_folder();
	struct said said;

	write_file(folder, "t.csv", "page,op\n0,W\n1,Q\n");
	said = swapsim(folder, "trace import t.csv -o t.swt");
	CU_ASSERT_EQUAL(said.status, 5);
	CU_ASSERT(g_str_has_prefix(said.err, "swapsim: t.csv:3:3: "));
	CU_ASSERT_FALSE(file_exists(folder, "t.swt"));
	said_release(&said);
	said = swapsim(folder, "trace info t.csv");
	CU_ASSERT_EQUAL(said.status, 5);
	said_release(&said);
	CU_ASSERT(refused(folder, "trace import t.csv", 2,
			  "swapsim: trace import: where to? (--output OUT.swt)\n"));
	CU_ASSERT(refused(folder, "trace import t.csv -o t.swt --level 20", 2,
			  "swapsim: --level 20: not possible (0 to 19)\n"));
	CU_ASSERT(refused(folder, "trace import t.csv -o t.swt --numbering odd", 2,
			  "swapsim: --numbering odd: not possible (by-column, keep, dense or tables)\n"));
	CU_ASSERT_EQUAL(entries(folder), 2);
	test_folder_free(folder);
}

static const struct unit tests[] = {
	{ "what is exported imports as the same trace", test_round_trip },
	{ "info says what is in bundled traces, in every format", test_info },
	{ "a wrong trace ends with 5 and leaves nothing", test_errors },
};
UNIT_MAIN("cli: trace", tests)
