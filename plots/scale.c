#include "plots/scale.h"

struct step {
	struct scale scale;
	u64 from; /* the least value it is for */
};

static const struct scale *choose(const struct step *steps, u32 n, u64 value)
{
	while (n > 1 && value < steps[n - 1].from)
		n--;
	return &steps[n - 1].scale;
}

/* A unit begins where there are two of it, minutes where seconds take four digits or nearly so. */
static const struct step times[] = {
	{ { "ns", 1 }, 0 },
	{ { "µs", 1000 }, 2000 },
	{ { "ms", 1000000 }, 2000000 },
	{ { "s", 1000000000 }, 2000000000 },
	{ { "min", 60000000000 }, 300000000000 },
};

static const struct step sizes[] = {
	{ { "bytes", 1 }, 0 },
	{ { "KiB", 1ULL << 10 }, 2ULL << 10 },
	{ { "MiB", 1ULL << 20 }, 2ULL << 20 },
	{ { "GiB", 1ULL << 30 }, 2ULL << 30 },
	{ { "TiB", 1ULL << 40 }, 2ULL << 40 },
};

static const struct step counts[] = {
	{ { "", 1 }, 0 },
	{ { "thousand ", 1000 }, 5000 },
	{ { "million ", 1000000 }, 5000000 },
};

const struct scale *scale_time(u64 longest_ns)
{
	return choose(times, ARRAY_SIZE(times), longest_ns);
}

const struct scale *scale_bytes(u64 most)
{
	return choose(sizes, ARRAY_SIZE(sizes), most);
}

const struct scale *scale_count(u64 most)
{
	return choose(counts, ARRAY_SIZE(counts), most);
}

u64 scale_tics(u64 most)
{
	static const u32 factor[] = { 1, 2, 5 };
	u64 ten = 1;
	u32 i = 0;

	while (most / (ten * factor[i]) > 5) {
		i = (i + 1) % ARRAY_SIZE(factor);
		ten *= i ? 1 : 10;
	}
	return ten * factor[i];
}

void scale_number(GString *out, const struct scale *scale, u64 value)
{
	unsigned __int128 whole = value;
	u32 decimals = 0, fraction = 1;

	if (scale->one > 1) {
		decimals = value < 10 * scale->one ? 2 : value < 100 * scale->one;
		for (u32 i = 0; i < decimals; i++)
			fraction *= 10;
		whole = (whole * fraction + scale->one / 2) / scale->one;
	}
	g_string_append_printf(out, "%" G_GUINT64_FORMAT, (u64)(whole / fraction));
	if (decimals)
		g_string_append_printf(out, ".%0*u", (int)decimals, (u32)(whole % fraction));
}

/* From one of a unit on: an axis needs room for several, a single value does not. */
static void append(GString *out, const struct step *steps, u32 n, u64 value)
{
	while (n > 1 && value < steps[n - 1].scale.one)
		n--;
	scale_number(out, &steps[n - 1].scale, value);
	g_string_append_printf(out, " %s", steps[n - 1].scale.unit);
}

void scale_append_time(GString *out, u64 ns)
{
	append(out, times, ARRAY_SIZE(times), ns);
}

void scale_append_bytes(GString *out, u64 bytes)
{
	append(out, sizes, ARRAY_SIZE(sizes), bytes);
}

void scale_append_count(GString *out, u64 count)
{
	char digits[24];
	int n = g_snprintf(digits, sizeof digits, "%" G_GUINT64_FORMAT, count);

	for (int i = 0; i < n; i++) {
		if (i && (n - i) % 3 == 0)
			g_string_append_c(out, ' ');
		g_string_append_c(out, digits[i]);
	}
}
