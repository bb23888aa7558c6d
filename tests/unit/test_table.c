/* Commands are no library: the files themselves are part of this test. */
#include "cli/quantity.c"
#include "sim/suggest.h"
#include "cli/table.c"

#include "tests/unit/unit.h"

static struct table *sample(void)
{
	struct table *t = table_new();

	table_column(t, "name", TABLE_LEFT);
	table_column(t, "n", TABLE_RIGHT);
	table_heading(t, "Part");
	table_text(t, "a, \"b\" | c");
	table_number(t, 12345);
	table_printf(t, "%s", "\303\274");
	table_none(t);
	return t;
}

static void check(enum table_format format, const char *expected)
{
	struct table *t = sample();
	char *text = table_write(t, format);

	CU_ASSERT_STRING_EQUAL(text, expected);
	g_free(text);
	table_free(t);
}

static void test_text(void)
{
	check(TABLE_TEXT, "name            n\n\nPart\na, \"b\" | c  12345\n\303\274\n");
}

static void test_markdown(void)
{
	check(TABLE_MARKDOWN,
	      "| name | n |\n|---|---:|\n| **Part** | |\n| a, \"b\" \\| c | 12345 |\n| \303\274 |  |\n");
}

static void test_csv(void)
{
	check(TABLE_CSV, "name,n\n\"a, \"\"b\"\" | c\",12345\n\303\274,\n");
}

static void test_json(void)
{
	check(TABLE_JSON, "[\n  {\n    \"name\": \"a, \\\"b\\\" | c\",\n    \"n\": 12345\n  },\n"
			  "  {\n    \"name\": \"\303\274\",\n    \"n\": null\n  }\n]\n");
}

static void test_wrap(void)
{
	GString *long_text = g_string_new("begin");
	struct table *t = table_new();
	char *text, **lines;

	table_column(t, "word", TABLE_LEFT);
	table_column(t, "text", TABLE_LEFT);
	for (u32 n = 0; n < 40; n++)
		g_string_append(long_text, " words");
	table_text(t, "x");
	table_text(t, long_text->str);
	text = table_write(t, TABLE_TEXT);
	lines = g_strsplit(text, "\n", -1);
	CU_ASSERT(g_str_has_prefix(lines[1], "x     begin words"));
	CU_ASSERT(g_str_has_prefix(lines[2], "      words words"));
	for (u32 i = 0; lines[i]; i++)
		CU_ASSERT(strlen(lines[i]) <= TABLE_WIDTH);
	g_strfreev(lines);
	g_free(text);
	g_string_free(long_text, TRUE);
	table_free(t);
}

static void test_quantities(void)
{
	static const struct {
		u64 value;
		enum quantity_unit unit;
		const char *text;
	} cases[] = {
		{ 0, UNIT_NONE, "0" },
		{ 999999, UNIT_NONE, "999999" },
		{ 1000000, UNIT_NONE, "1.000 M" },
		{ 1234567, UNIT_NONE, "1.235 M" },
		{ 12345678901, UNIT_NONE, "12.35 G" },
		{ UINT64_MAX, UNIT_NONE, "18446744074 G" },
		{ 999, UNIT_NS, "999 ns" },
		{ 1000, UNIT_NS, "1.000 us" },
		{ 9999499, UNIT_NS, "9.999 ms" },
		{ 9999500, UNIT_NS, "10.00 ms" },
		{ 123456789012, UNIT_NS, "123.5 s" },
		{ 1023, UNIT_BYTES, "1023 B" },
		{ 1536, UNIT_BYTES, "1.500 KiB" },
		{ 1ull << 40, UNIT_BYTES, "1.000 TiB" },
		{ 2500, UNIT_RATE, "2.500 k/s" },
		{ 12345, UNIT_MILLI, "12.345" },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		char *text = quantity(cases[i].value, cases[i].unit);

		CU_ASSERT_STRING_EQUAL(text, cases[i].text);
		g_free(text);
	}
}

static void test_spread(void)
{
	char *apart = quantity_spread(1500000, 900000, 12000000, UNIT_NS);
	char *same = quantity_spread(7, 7, 7, UNIT_NS);
	char *count = quantity_spread(100, 99, 104, UNIT_NONE);

	CU_ASSERT_STRING_EQUAL(apart, "1.500 ms (0.900-12.000)");
	CU_ASSERT_STRING_EQUAL(same, "7 ns");
	CU_ASSERT_STRING_EQUAL(count, "100 (99-104)");
	g_free(apart);
	g_free(same);
	g_free(count);
}

static void test_ratio(void)
{
	char *text[] = { quantity_ratio(1, 3), quantity_ratio(5, 0), quantity_ratio(99, 1),
			 quantity_ratio(0, 7) };
	const char *const expected[] = { "0.333x", "", "99x", "0.000x" };

	for (u32 i = 0; i < ARRAY_SIZE(text); i++) {
		CU_ASSERT_STRING_EQUAL(text[i], expected[i]);
		g_free(text[i]);
	}
	CU_ASSERT_EQUAL(mul_div(UINT64_MAX, 10, 20), UINT64_MAX / 2);
	CU_ASSERT_EQUAL(mul_div(UINT64_MAX, 2, 1), UINT64_MAX);
}

static void test_suggestions(void)
{
	static const char *const names[] = { "run", "compare", "list", NULL };

	CU_ASSERT_STRING_EQUAL(suggest("rnu", names), "run");
	CU_ASSERT_STRING_EQUAL(suggest("comprae", names), "compare");
	CU_ASSERT_STRING_EQUAL(suggest("lists", names), "list");
	CU_ASSERT_PTR_NULL(suggest("plot", names));
	CU_ASSERT_PTR_NULL(suggest("", names));
}

static const struct unit tests[] = {
	{ "text is aligned by letters, numbers on the right", test_text },
	{ "Markdown escapes what would end a cell", test_markdown },
	{ "CSV is quoted where it has to be", test_csv },
	{ "JSON has numbers as numbers and nothing as null", test_json },
	{ "a long last column goes on below itself", test_wrap },
	{ "quantities have four digits and a unit", test_quantities },
	{ "a spread is written in the unit of its middle", test_spread },
	{ "ratios and products do not overflow", test_ratio },
	{ "what was meant is the nearest name, if it is near", test_suggestions },
};
UNIT_MAIN("table", tests)
