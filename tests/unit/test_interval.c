/* Commands are no library: the file itself is part of this test. */
#include "cli/interval.c"

#include "tests/unit/unit.h"

/* Less than @rank heads of n tosses, in 2^n. */
static unsigned __int128 less_than(u32 rank, u32 n)
{
	unsigned __int128 sum = 0, ways = 1;

	for (u32 i = 0; i < rank; i++) {
		sum += ways;
		ways = ways * (n - i) / (i + 1);
	}
	return sum;
}

static void test_rank(void)
{
	for (u32 n = 1; n <= 100; n++) {
		unsigned __int128 all = (unsigned __int128)1 << n;
		u32 rank = interval_rank(n);

		CU_ASSERT(less_than(rank, n) * 40 <= all);
		CU_ASSERT(less_than(rank + 2, n) * 40 > all);
		CU_ASSERT_EQUAL(!rank, n < 6);
	}
	CU_ASSERT_EQUAL(interval_rank(10), 2);
	CU_ASSERT_EQUAL(interval_rank(20), 6);
	CU_ASSERT_EQUAL(interval_rank(10000), 4902);
}

static void test_interval(void)
{
	s64 value[] = { 5, -3, 9, 0, 7, 1, 4, INT64_MAX, INT64_MIN, 2 };
	struct interval i = interval_of(value, 10);

	CU_ASSERT_EQUAL(i.n, 10);
	CU_ASSERT_EQUAL(i.median, 2);
	CU_ASSERT_TRUE(i.sure);
	CU_ASSERT_EQUAL(i.low, -3);
	CU_ASSERT_EQUAL(i.high, 9);
	CU_ASSERT_TRUE(interval_spans_zero(&i));
	i = interval_of(value + 3, 6);
	CU_ASSERT_EQUAL(i.low, 1);
	CU_ASSERT_EQUAL(i.high, 9);
	CU_ASSERT_EQUAL(i.median, 4);
	CU_ASSERT_FALSE(interval_spans_zero(&i));
	i = interval_of(value, 5);
	CU_ASSERT_FALSE(i.sure);
	CU_ASSERT_FALSE(i.zero);
	i = interval_of((s64[]){ 0, 0, 0, 0, 0, 0 }, 6);
	CU_ASSERT_TRUE(i.zero);
	i = interval_of((s64[]){ 0, 0, 0, 0, 0, 1 }, 6);
	CU_ASSERT_FALSE(i.zero);
	i = interval_of(value, 0);
	CU_ASSERT_EQUAL(i.median, 0);
}

static void test_zero(void)
{
	struct interval i = { .low = 0, .high = 0 };

	CU_ASSERT_TRUE(interval_spans_zero(&i));
	i.high = 3;
	CU_ASSERT_TRUE(interval_spans_zero(&i));
	i.low = 1;
	CU_ASSERT_FALSE(interval_spans_zero(&i));
	i = (struct interval){ .low = -2, .high = -1 };
	CU_ASSERT_FALSE(interval_spans_zero(&i));
}

static const struct unit tests[] = {
	{ "it is as sure as it says, and hardly wider than needed", test_rank },
	{ "its ends are values", test_interval },
	{ "an end at zero spans it", test_zero },
};
UNIT_MAIN("interval", tests)
