#include "sim/fixed.h"
#include "sim/random.h"
#include "tests/unit/unit.h"

static void test_log2_powers(void)
{
	for (u32 bit = 0; bit < 64; bit++)
		CU_ASSERT_EQUAL(fixed_log2(UINT64_C(1) << bit), bit * FIXED_ONE);
}

/* floor(log2(x) * 2^48), by 60-digit arithmetic. */
static void test_log2_known(void)
{
	CU_ASSERT_EQUAL(fixed_log2(3), INT64_C(446127282977750));
	CU_ASSERT_EQUAL(fixed_log2(5), INT64_C(653564656432238));
	CU_ASSERT_EQUAL(fixed_log2(10), INT64_C(935039633142894));
	CU_ASSERT_EQUAL(fixed_log2(1000003), INT64_C(5610239017103196));
	CU_ASSERT_EQUAL(fixed_log2(UINT64_MAX), INT64_C(18014398509481983));
}

static void test_log2_products(void)
{
	u64 key = random_key(1, 0, 0);

	for (u64 i = 0; i < 10000; i++) {
		u64 a = 1 + random_below(random_value(key, 2 * i), UINT32_MAX);
		u64 b = 1 + random_below(random_value(key, 2 * i + 1), UINT32_MAX);
		s64 off = fixed_log2(a * b) - fixed_log2(a) - fixed_log2(b);

		CU_ASSERT(off >= 0 && off <= 2);
	}
}

static void test_exp2_whole(void)
{
	for (s64 bit = 0; bit < 64; bit++)
		CU_ASSERT_EQUAL(fixed_exp2(bit * FIXED_ONE), UINT64_C(1) << bit);
}

/* round(2^(e / 2^48)), by 60-digit arithmetic. */
static void test_exp2_known(void)
{
	static const struct {
		s64 exponent;
		u64 power;
	} known[] = {
		{ INT64_C(-140737488355328), UINT64_C(1) },
		{ INT64_C(140737488355327), UINT64_C(1) },
		{ INT64_C(140737488355328), UINT64_C(1) },
		{ INT64_C(402107109586651), UINT64_C(3) },
		{ INT64_C(4362862139015168), UINT64_C(46341) },
		{ INT64_C(11258999068426241), UINT64_C(1099511627776) },
		{ INT64_C(15903336184152064), UINT64_C(101904826760412361) },
		{ INT64_C(17592186044416000), UINT64_C(6521908912666391106) },
		{ INT64_C(17920573517245098), UINT64_C(14641190473997321777) },
		{ INT64_C(18014398509481983), UINT64_C(18446744073709506190) },
	};

	for (u32 i = 0; i < ARRAY_SIZE(known); i++) {
		u64 power = fixed_exp2(known[i].exponent);
		u64 off = power > known[i].power ? power - known[i].power : known[i].power - power;

		CU_ASSERT(off <= known[i].power >> 57);
	}
}

static void test_exp2_ends(void)
{
	CU_ASSERT_EQUAL(fixed_exp2(-1 * FIXED_ONE), 1);
	CU_ASSERT_EQUAL(fixed_exp2(-1 * FIXED_ONE - 1), 0);
	CU_ASSERT_EQUAL(fixed_exp2(INT64_MIN), 0);
	CU_ASSERT_EQUAL(fixed_exp2(64 * FIXED_ONE), UINT64_MAX);
	CU_ASSERT_EQUAL(fixed_exp2(INT64_MAX), UINT64_MAX);
}

static void test_exp2_relative_error(void)
{
	/* 2^(e + 1/2) squared is twice 2^e squared: 2^62.5 is the root of 2^125. */
	for (s64 i = 1; i < 1000; i++) {
		s64 e = 61 * FIXED_ONE + i * (FIXED_ONE / 1000);
		unsigned __int128 square =
		    (unsigned __int128)fixed_exp2(e + FIXED_ONE / 2) * fixed_exp2(e + FIXED_ONE / 2);
		unsigned __int128 twice = (unsigned __int128)fixed_exp2(e) * fixed_exp2(e) * 2;
		unsigned __int128 off = square > twice ? square - twice : twice - square;

		CU_ASSERT((off << 4) < twice >> 51); /* 2^-55 of the square */
	}
}

static void test_exp2_undoes_log2(void)
{
	u64 key = random_key(2, 0, 0);

	for (u64 i = 0; i < 10000; i++) {
		u64 x = random_value(key, i) >> (i % 63);
		u64 back, off;

		if (x == 0)
			continue;
		back = fixed_exp2(fixed_log2(x));
		off = x > back ? x - back : back - x;
		CU_ASSERT(off <= x >> 47);
	}
}

static void test_exp2_monotonic(void)
{
	u64 before = 0;

	for (s64 i = 0; i < 100000; i++) {
		u64 now = fixed_exp2(62 * FIXED_ONE - 5000 + i);

		CU_ASSERT(now >= before);
		before = now;
	}
}

static void test_scale(void)
{
	CU_ASSERT_EQUAL(fixed_scale(7, 10, 3), 23);
	CU_ASSERT_EQUAL(fixed_scale(-7, 10, 3), -23);
	CU_ASSERT_EQUAL(fixed_scale(INT64_MAX, INT64_MAX, INT64_MAX), INT64_MAX);
	CU_ASSERT_EQUAL(fixed_scale(INT64_MIN, 3, 6), INT64_MIN / 2);
}

static const struct unit tests[] = {
	{ "log2 of a power of two is exact", test_log2_powers },
	{ "log2 has the known digits", test_log2_known },
	{ "log2 of a product is the sum of the logs", test_log2_products },
	{ "exp2 of a whole number is exact", test_exp2_whole },
	{ "exp2 has the known digits", test_exp2_known },
	{ "exp2 vanishes below a half and saturates at 64 bits", test_exp2_ends },
	{ "exp2 of a half more is the square root of two times it", test_exp2_relative_error },
	{ "exp2 undoes log2 to 47 bits", test_exp2_undoes_log2 },
	{ "exp2 never falls", test_exp2_monotonic },
	{ "scale holds the whole product", test_scale },
};

UNIT_MAIN("fixed", tests)
