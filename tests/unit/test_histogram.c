#include <string.h>

#include "sim/histogram.h"
#include "sim/random.h"
#include "tests/unit/unit.h"

static struct histogram a, b, both;

static void clear(void)
{
	memset(&a, 0, sizeof a);
	memset(&b, 0, sizeof b);
	memset(&both, 0, sizeof both);
}

/* Values of all sizes, from one bit to 64. */
static u64 any_value(u64 nth)
{
	u64 value = random_value(random_key(5, 0, 0), nth);

	return value >> (value & 63);
}

static void test_empty(void)
{
	struct histogram_range range = { 0 };

	clear();
	CU_ASSERT_EQUAL(histogram_quantile(&a, 0), 0);
	CU_ASSERT_EQUAL(histogram_quantile(&a, 1000000), 0);
	CU_ASSERT_EQUAL(histogram_mean(&a), 0);
	CU_ASSERT_FALSE(histogram_next(&a, &range));
	CU_ASSERT_FALSE(histogram_next(&a, &range));
}

/* Each bucket ends where the next begins, and is at most 1/32 of its low bound wide. */
static void test_buckets_tile(void)
{
	struct histogram_range range = { 0 };
	u64 next = 0;
	u32 n = 0;

	clear();
	for (u32 i = 0; i < HISTOGRAM_BUCKETS; i++)
		a.bucket[i] = i + 1;
	while (histogram_next(&a, &range)) {
		u64 width = range.high - range.low + 1;

		CU_ASSERT_EQUAL(range.low, next);
		CU_ASSERT_EQUAL(range.count, n + 1);
		CU_ASSERT_EQUAL(histogram_index(range.low), n);
		CU_ASSERT_EQUAL(histogram_index(range.high), n);
		CU_ASSERT(width == 1 || width <= range.low / HISTOGRAM_SUB);
		next = range.high + 1;
		n++;
	}
	CU_ASSERT_EQUAL(n, HISTOGRAM_BUCKETS);
	CU_ASSERT_EQUAL(range.high, UINT64_MAX);
}

static void test_small_values_exact(void)
{
	struct histogram_range range = { 0 };

	clear();
	histogram_record(&a, 0);
	histogram_record(&a, 63);
	histogram_record(&a, 63);
	CU_ASSERT(histogram_next(&a, &range));
	CU_ASSERT(range.low == 0 && range.high == 0 && range.count == 1);
	CU_ASSERT(histogram_next(&a, &range));
	CU_ASSERT(range.low == 63 && range.high == 63 && range.count == 2);
	CU_ASSERT_FALSE(histogram_next(&a, &range));
}

static void test_summary(void)
{
	clear();
	histogram_record(&a, 1000);
	CU_ASSERT(a.min == 1000 && a.max == 1000 && a.count == 1 && a.total == 1000);
	histogram_record(&a, 10);
	histogram_record(&a, 2001);
	CU_ASSERT(a.min == 10 && a.max == 2001 && a.count == 3 && a.total == 3011);
	CU_ASSERT_EQUAL(histogram_mean(&a), 1003);
}

static void test_total_saturates(void)
{
	clear();
	histogram_record(&a, UINT64_MAX);
	histogram_record(&a, 1);
	CU_ASSERT_EQUAL(a.total, UINT64_MAX);
	CU_ASSERT(a.min == 1 && a.max == UINT64_MAX && a.count == 2);
	histogram_record_n(&b, UINT64_C(1) << 40, UINT64_C(1) << 40);
	CU_ASSERT_EQUAL(b.total, UINT64_MAX);
	histogram_merge(&b, &a);
	CU_ASSERT_EQUAL(b.total, UINT64_MAX);
}

static void test_record_n(void)
{
	clear();
	for (u64 i = 0; i < 1000; i++) {
		u64 value = any_value(i) >> 16;

		for (u64 n = 0; n < i % 5; n++)
			histogram_record(&a, value);
		histogram_record_n(&b, value, i % 5);
	}
	CU_ASSERT(a.count == 2000);
	CU_ASSERT(memcmp(&a, &b, sizeof a) == 0);
}

static void test_merge(void)
{
	struct histogram other;

	clear();
	for (u64 i = 0; i < 1000; i++) {
		histogram_record(i % 3 ? &a : &b, 1 + (any_value(i) >> 16));
		histogram_record(&both, 1 + (any_value(i) >> 16));
	}
	other = b;
	histogram_merge(&other, &a);
	histogram_merge(&a, &b);
	CU_ASSERT(memcmp(&a, &both, sizeof a) == 0);
	CU_ASSERT(memcmp(&other, &both, sizeof a) == 0);
	memset(&b, 0, sizeof b);
	histogram_merge(&a, &b);
	CU_ASSERT(memcmp(&a, &both, sizeof a) == 0);
	histogram_merge(&b, &a);
	CU_ASSERT(memcmp(&b, &both, sizeof a) == 0);
}

/* 1..100: below 64 the buckets hold one value each, then two. */
static void test_quantiles(void)
{
	clear();
	for (u64 i = 1; i <= 100; i++)
		histogram_record(&a, i);
	CU_ASSERT_EQUAL(histogram_quantile(&a, 0), 1);
	CU_ASSERT_EQUAL(histogram_quantile(&a, 1), 1);
	CU_ASSERT_EQUAL(histogram_quantile(&a, 10000), 1);
	CU_ASSERT_EQUAL(histogram_quantile(&a, 10001), 2);
	CU_ASSERT_EQUAL(histogram_quantile(&a, 500000), 50);
	CU_ASSERT_EQUAL(histogram_quantile(&a, 900000), 91);
	CU_ASSERT_EQUAL(histogram_quantile(&a, 990000), 99);
	CU_ASSERT_EQUAL(histogram_quantile(&a, 999999), 100); /* its bucket ends at 101 */
	CU_ASSERT_EQUAL(histogram_quantile(&a, 1000000), 100);
}

static void test_quantile_error(void)
{
	enum { N = 100000 };

	clear();
	for (u64 i = 1; i <= N; i++)
		histogram_record(&a, i * i);
	for (u32 share = 0; share <= 1000000; share += 10) {
		u64 rank = share > 0 ? ((u64)share * N + 999999) / 1000000 : 1;
		u64 got = histogram_quantile(&a, share);

		CU_ASSERT(got >= rank * rank && got - rank * rank <= rank * rank / HISTOGRAM_SUB);
	}
}

/* A count so great that count * per_million needs more than 64 bits. */
static void test_quantile_of_many(void)
{
	clear();
	histogram_record_n(&a, 10, UINT64_C(1) << 62);
	histogram_record_n(&a, 20, UINT64_C(1) << 62);
	CU_ASSERT_EQUAL(histogram_quantile(&a, 500000), 10);
	CU_ASSERT_EQUAL(histogram_quantile(&a, 500001), 20);
}

static void test_counts_add_up(void)
{
	struct histogram_range range = { 0 };
	u64 count = 0, low = 0, high = 0;

	clear();
	for (u64 i = 0; i < 10000; i++)
		histogram_record(&a, any_value(i) >> 20);
	while (histogram_next(&a, &range)) {
		count += range.count;
		low += range.low * range.count;
		high += range.high * range.count;
	}
	CU_ASSERT_EQUAL(count, a.count);
	CU_ASSERT(low <= a.total && a.total <= high);
}

static const struct unit tests[] = {
	{ "an empty histogram answers 0 and has no buckets", test_empty },
	{ "buckets tile all 64-bit values, none wider than 1/32", test_buckets_tile },
	{ "values below 64 have a bucket each", test_small_values_exact },
	{ "count, total, least, greatest and mean are exact", test_summary },
	{ "the total sticks at the top instead of wrapping", test_total_saturates },
	{ "record_n is n times record", test_record_n },
	{ "merging equals recording into one, in either order", test_merge },
	{ "quantiles of 1 to 100 are the known ones", test_quantiles },
	{ "a quantile is never too low and at most 1/32 too high", test_quantile_error },
	{ "a quantile of 2^63 values does not overflow", test_quantile_of_many },
	{ "the buckets add up to count and enclose the total", test_counts_add_up },
};

UNIT_MAIN("histogram", tests)
