/*
 * test_units.c - whole numbers, sizes and durations (sim/units.h).
 */
#include "sim/units.h"
#include "tests/unit/unit.h"

#include <glib.h>

typedef const char *(*parse_fn)(const char *text, u64 *value);
typedef char *(*format_fn)(u64 value);

#define UNTOUCHED 77

static void reads(parse_fn parse, const char *text, u64 expected)
{
	u64 value = UNTOUCHED;

	CU_ASSERT_PTR_NULL(parse(text, &value));
	CU_ASSERT_EQUAL(value, expected);
}

static void refuses(parse_fn parse, const char *text, const char *expected)
{
	u64 value = UNTOUCHED;
	const char *wrong = parse(text, &value);

	CU_ASSERT_PTR_NOT_NULL_FATAL(wrong);
	CU_ASSERT_STRING_EQUAL(wrong, expected);
	CU_ASSERT_EQUAL(value, UNTOUCHED);
}

static void writes(format_fn format, parse_fn parse, u64 value, const char *expected)
{
	char *text = format(value);

	CU_ASSERT_STRING_EQUAL(text, expected);
	reads(parse, text, value);
	g_free(text);
}

static void test_numbers(void)
{
	reads(number_parse, "0", 0);
	reads(number_parse, "9007199254740993", 9007199254740993);
	reads(number_parse, "9223372036854775807", UNITS_MAX);
	refuses(number_parse, "9223372036854775808", "is too large");
	refuses(number_parse, "99999999999999999999999999999999", "is too large");
	refuses(number_parse, "", "is not a number");
	refuses(number_parse, "-1", "is not a number");
	refuses(number_parse, "+1", "is not a number");
	refuses(number_parse, " 1", "is not a number");
	refuses(number_parse, "1.0", "is not a whole number");
	refuses(number_parse, "1e3", "is not a whole number");
	refuses(number_parse, "1 ", "is not a whole number");
}

static void test_sizes(void)
{
	reads(size_parse, "4096", 4096);
	reads(size_parse, "0KiB", 0);
	reads(size_parse, "3KiB", 3072);
	reads(size_parse, "64MiB", 64ull << 20);
	reads(size_parse, "16GiB", 16ull << 30);
	reads(size_parse, "8388607TiB", 8388607ull << 40);
	refuses(size_parse, "8388608TiB", "is too large");
	refuses(size_parse, "64MB", "has an unknown unit");
	refuses(size_parse, "64 MiB", "has an unknown unit");
	refuses(size_parse, "64mib", "has an unknown unit");
	refuses(size_parse, "1.5GiB", "is not a whole number");
	refuses(size_parse, "MiB", "is not a number");
	refuses(size_parse, "max", "is not a number");
}

static void test_durations(void)
{
	reads(duration_parse, "0ns", 0);
	reads(duration_parse, "250us", 250000);
	reads(duration_parse, "10ms", 10000000);
	reads(duration_parse, "9223372036s", 9223372036000000000);
	refuses(duration_parse, "9223372037s", "is too large");
	refuses(duration_parse, "0", "has no unit");
	refuses(duration_parse, "60", "has no unit");
	refuses(duration_parse, "1m", "has an unknown unit");
	refuses(duration_parse, "0.5s", "is not a whole number");
	refuses(duration_parse, "", "is not a number");
}

static void test_format_size(void)
{
	writes(size_format, size_parse, 0, "0");
	writes(size_format, size_parse, 1023, "1023");
	writes(size_format, size_parse, 4096, "4KiB");
	writes(size_format, size_parse, 1536ull << 20, "1536MiB");
	writes(size_format, size_parse, 1ull << 40, "1TiB");
	writes(size_format, size_parse, UNITS_MAX, "9223372036854775807");
}

static void test_format_duration(void)
{
	writes(duration_format, duration_parse, 0, "0ns");
	writes(duration_format, duration_parse, 999, "999ns");
	writes(duration_format, duration_parse, 1500, "1500ns");
	writes(duration_format, duration_parse, 250000, "250us");
	writes(duration_format, duration_parse, 60000000000, "60s");
	writes(duration_format, duration_parse, UNITS_MAX, "9223372036854775807ns");
}

static const struct unit tests[] = {
	{ "numbers are exact to 2^63-1, and digits only", test_numbers },
	{ "sizes take binary units and overflow is noticed", test_sizes },
	{ "durations need a unit and overflow is noticed", test_durations },
	{ "a size is written with the largest unit that is exact and reads back", test_format_size },
	{ "a duration is written with the largest unit that is exact and reads back", test_format_duration },
};
UNIT_MAIN("units", tests)
