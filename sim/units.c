/*
 * units.c - whole numbers, sizes and durations. See units.h.
 */
#include "sim/units.h"

#include <glib.h>
#include <string.h>

struct unit_name {
	const char *name;
	u64 factor;
};

/* Largest first: a writer takes the first that divides. */
static const struct unit_name size_units[] = {
	{ "TiB", 1ull << 40 }, { "GiB", 1ull << 30 }, { "MiB", 1ull << 20 }, { "KiB", 1ull << 10 }, { "", 1 },
};
static const struct unit_name duration_units[] = {
	{ "s", 1000000000 },
	{ "ms", 1000000 },
	{ "us", 1000 },
	{ "ns", 1 },
};

/* The digits at the start of text; *end is what follows them. */
static const char *digits_parse(const char *text, u64 *value, const char **end)
{
	u64 sum = 0;
	const char *c;

	for (c = text; *c >= '0' && *c <= '9'; c++) {
		u64 digit = (u64)(*c - '0');

		if (sum > (UNITS_MAX - digit) / 10)
			return "is too large";
		sum = sum * 10 + digit;
	}
	if (c == text)
		return "is not a number";
	*value = sum;
	*end = c;
	return NULL;
}

const char *number_parse(const char *text, u64 *value)
{
	const char *end;
	u64 sum;
	const char *wrong = digits_parse(text, &sum, &end);

	if (wrong)
		return wrong;
	if (*end)
		return "is not a whole number";
	*value = sum;
	return NULL;
}

static const char *unit_parse(const char *text, const struct unit_name *units, size_t n, u64 *value)
{
	const char *end;
	u64 sum;
	const char *wrong = digits_parse(text, &sum, &end);

	if (wrong)
		return wrong;
	if (*end == '.')
		return "is not a whole number";
	for (size_t i = 0; i < n; i++) {
		if (strcmp(end, units[i].name) != 0)
			continue;
		if (sum > UNITS_MAX / units[i].factor)
			return "is too large";
		*value = sum * units[i].factor;
		return NULL;
	}
	return *end ? "has an unknown unit" : "has no unit";
}

static char *unit_format(const struct unit_name *units, size_t n, u64 value)
{
	size_t i = 0;

	while (i < n - 1 && (value == 0 || value % units[i].factor != 0))
		i++;
	return g_strdup_printf("%" G_GUINT64_FORMAT "%s", value / units[i].factor, units[i].name);
}

const char *size_parse(const char *text, u64 *bytes)
{
	return unit_parse(text, size_units, ARRAY_SIZE(size_units), bytes);
}

const char *duration_parse(const char *text, u64 *ns)
{
	return unit_parse(text, duration_units, ARRAY_SIZE(duration_units), ns);
}

char *size_format(u64 bytes)
{
	return unit_format(size_units, ARRAY_SIZE(size_units), bytes);
}

char *duration_format(u64 ns)
{
	return unit_format(duration_units, ARRAY_SIZE(duration_units), ns);
}
