#include "cli/quantity.h"

#include <glib.h>

struct scale {
	const char *name;
	u64 ones;
};

/* Ascending; from which value on a name is used is its own size. */
static const struct scale counts[] = { { "", 1 }, { " M", 1000000 }, { " G", 1000000000 }, { NULL, 0 } };
static const struct scale times[] = {
	{ " ns", 1 }, { " us", 1000 }, { " ms", 1000000 }, { " s", 1000000000 }, { NULL, 0 }
};
static const struct scale sizes[] = { { " B", 1 },
				      { " KiB", 1ull << 10 },
				      { " MiB", 1ull << 20 },
				      { " GiB", 1ull << 30 },
				      { " TiB", 1ull << 40 },
				      { NULL, 0 } };
static const struct scale rates[] = {
	{ " /s", 1 }, { " k/s", 1000 }, { " M/s", 1000000 }, { " G/s", 1000000000 }, { NULL, 0 }
};

u64 mul_div(u64 a, u64 b, u64 c)
{
	unsigned __int128 result = (unsigned __int128)a * b / c;

	return result > UINT64_MAX ? UINT64_MAX : (u64)result;
}

u64 mul_div_round(u64 a, u64 b, u64 c)
{
	unsigned __int128 result = ((unsigned __int128)a * b + c / 2) / c;

	return result > UINT64_MAX ? UINT64_MAX : (u64)result;
}

/* How a value is written: its unit, and as many decimals as leave four digits. */
struct form {
	const struct scale *scale;
	u32 decimals;
};

static const u64 parts[] = { 1, 10, 100, 1000 };

static struct form form_of(u64 value, enum quantity_unit unit)
{
	static const struct scale thousandths[] = { { "", 1000 }, { NULL, 0 } };
	static const struct scale *const scales[] = {
		[UNIT_NONE] = counts, [UNIT_NS] = times,	  [UNIT_BYTES] = sizes,
		[UNIT_RATE] = rates,  [UNIT_MILLI] = thousandths,
	};
	struct form form = { .scale = scales[unit] };

	while (form.scale[1].name && value >= form.scale[1].ones)
		form.scale++;
	if (form.scale->ones == 1)
		return form;
	for (form.decimals = 3; form.decimals; form.decimals--)
		if (unit == UNIT_MILLI ||
		    mul_div_round(value, parts[form.decimals], form.scale->ones) < 10000)
			break;
	return form;
}

static char *number_in_form(u64 value, struct form form)
{
	u64 number = mul_div_round(value, parts[form.decimals], form.scale->ones);

	if (!form.decimals)
		return g_strdup_printf("%" G_GUINT64_FORMAT, number);
	return g_strdup_printf("%" G_GUINT64_FORMAT ".%0*" G_GUINT64_FORMAT, number / parts[form.decimals],
			       (int)form.decimals, number % parts[form.decimals]);
}

char *quantity(u64 value, enum quantity_unit unit)
{
	struct form form = form_of(value, unit);
	char *number = number_in_form(value, form);
	char *text = g_strconcat(number, form.scale->name, NULL);

	g_free(number);
	return text;
}

char *quantity_spread(u64 median, u64 lowest, u64 highest, enum quantity_unit unit)
{
	struct form form = form_of(median, unit);
	char *number = number_in_form(median, form);
	char *least = number_in_form(lowest, form);
	char *most = number_in_form(highest, form);
	char *text = lowest == highest
			 ? g_strconcat(number, form.scale->name, NULL)
			 : g_strdup_printf("%s%s (%s-%s)", number, form.scale->name, least, most);

	g_free(number);
	g_free(least);
	g_free(most);
	return text;
}

char *quantity_ratio(u64 a, u64 b)
{
	u64 milli;

	if (!b)
		return g_strdup("");
	milli = mul_div_round(a, 1000, b);
	if (milli >= 10000)
		return g_strdup_printf("%" G_GUINT64_FORMAT "x", mul_div_round(a, 1, b));
	return g_strdup_printf("%" G_GUINT64_FORMAT ".%03ux", milli / 1000, (u32)(milli % 1000));
}

char *quantity_change(s64 a, u64 b)
{
	u64 size = a < 0 ? -(u64)a : (u64)a, permyriad;
	const char *sign = a < 0 ? "-" : "+";

	if (!b)
		return g_strdup("");
	permyriad = mul_div_round(size, 10000, b);
	if (permyriad >= 100000)
		return g_strdup_printf("%s%" G_GUINT64_FORMAT " %%", sign, mul_div_round(size, 100, b));
	return g_strdup_printf("%s%" G_GUINT64_FORMAT ".%02u %%", permyriad ? sign : "", permyriad / 100,
			       (u32)(permyriad % 100));
}
