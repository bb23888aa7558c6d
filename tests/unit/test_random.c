#include "sim/random.h"
#include "tests/unit/unit.h"

#define DRAWS 1000000u

/* Chi-square of equally likely cells, times the expectation of a cell. */
static double chi_square(const u32 *cell, u32 n_cells, u32 draws)
{
	double expected = (double)draws / n_cells, sum = 0;

	for (u32 i = 0; i < n_cells; i++)
		sum += (cell[i] - expected) * (cell[i] - expected);
	return sum / expected;
}

static void test_known_answers(void)
{
	static const struct {
		u64 seed;
		u32 kind, actor;
		u64 key, first, second, last;
	} known[] = {
		{ 0, 0, 0, UINT64_C(0x48218226ff3cd4bf), UINT64_C(0xb08c3d269b68e0fd),
		  UINT64_C(0x69168df4acbae902), UINT64_C(0x41751e0a9cd48c0f) },
		{ 1, 0, 0, UINT64_C(0xdce423fc82c0d5b8), UINT64_C(0x705e5b9bc0733a9b),
		  UINT64_C(0xe7e2e8b68ecc5e2a), UINT64_C(0xd023c3ae078dfaf5) },
		{ 1, 1, 0, UINT64_C(0x958bc6556c2172b9), UINT64_C(0x72e23cfecaf16cb2),
		  UINT64_C(0xc9adabd9cf3e843a), UINT64_C(0xc0e9759e86876d8f) },
		{ 1, 0, 1, UINT64_C(0xdec1469c8d51e97b), UINT64_C(0x10f894b161728223),
		  UINT64_C(0xbbb9a93ed88c5e91), UINT64_C(0x1ba963c1b7989376) },
		{ UINT64_C(1) << 53, 7, UINT32_MAX, UINT64_C(0x4829802072f9a072),
		  UINT64_C(0x0c2b78f52e4e653c), UINT64_C(0x52526ecffd2d8d92), UINT64_C(0x32ed69ac3f22ac6a) },
	};

	CU_ASSERT_EQUAL(random_mix(0), 0);
	CU_ASSERT_EQUAL(random_mix(1), UINT64_C(0x5692161d100b05e5));
	CU_ASSERT_EQUAL(random_mix(UINT64_MAX), UINT64_C(0xb4d055fcf2cbbd7b));
	for (u32 i = 0; i < ARRAY_SIZE(known); i++) {
		u64 key = random_key(known[i].seed, known[i].kind, known[i].actor);

		CU_ASSERT_EQUAL(key, known[i].key);
		CU_ASSERT_EQUAL(random_value(key, 0), known[i].first);
		CU_ASSERT_EQUAL(random_value(key, 1), known[i].second);
		CU_ASSERT_EQUAL(random_value(key, UINT64_MAX), known[i].last);
	}
}

static void test_below_bounds(void)
{
	CU_ASSERT_EQUAL(random_below(0, 7), 0);
	CU_ASSERT_EQUAL(random_below(UINT64_MAX, 7), 6);
	CU_ASSERT_EQUAL(random_below(UINT64_MAX, 1), 0);
	CU_ASSERT_EQUAL(random_below(UINT64_MAX, 0), 0);
	CU_ASSERT_EQUAL(random_below(UINT64_MAX, UINT32_MAX), UINT32_MAX - 1);
	/* The border between 0 and 1 of 3 is a third of 2^64. */
	CU_ASSERT_EQUAL(random_below(UINT64_C(0x5555555555555555), 3), 0);
	CU_ASSERT_EQUAL(random_below(UINT64_C(0x5555555555555556), 3), 1);
}

static void test_chance_bounds(void)
{
	CU_ASSERT_FALSE(random_chance(0, 0));
	CU_ASSERT_TRUE(random_chance(0, 1));
	CU_ASSERT_FALSE(random_chance(UINT64_MAX, 999999));
	CU_ASSERT_TRUE(random_chance(UINT64_MAX, 1000000));
	CU_ASSERT_TRUE(random_chance(UINT64_MAX, UINT32_MAX));
}

static void test_chance_share(void)
{
	u64 key = random_key(1, 2, 3);
	u32 hits = 0;

	for (u32 i = 0; i < DRAWS; i++)
		hits += random_chance(random_value(key, i), 300000);
	CU_ASSERT(hits > 298000 && hits < 302000); /* 4.4 standard deviations */
}

/* 256 cells: mean 255, standard deviation 22.6; five of them either way. */
static void test_every_byte_uniform(void)
{
	static u32 cell[8][256];
	u64 key = random_key(42, 0, 0);

	for (u32 i = 0; i < DRAWS; i++) {
		u64 value = random_value(key, i);

		for (u32 byte = 0; byte < 8; byte++)
			cell[byte][value >> 8 * byte & 255]++;
	}
	for (u32 byte = 0; byte < 8; byte++) {
		double chi = chi_square(cell[byte], 256, DRAWS);

		CU_ASSERT(chi > 142 && chi < 368);
	}
}

enum direction { NTH, ACTOR, KIND, SEED, DIRECTIONS };

static u64 along(enum direction direction, u32 i)
{
	return random_value(
	    random_key(direction == SEED ? i : 9, direction == KIND ? i : 3, direction == ACTOR ? i : 5),
	    direction == NTH ? i : 0);
}

/* Pairs of neighbours fall evenly on 16 x 16 cells, whichever of the four numbers counts up. */
static void test_neighbours_independent(void)
{
	for (enum direction d = 0; d < DIRECTIONS; d++) {
		u32 high[256] = { 0 }, low[256] = { 0 };
		u64 before = along(d, 0);
		double chi;

		for (u32 i = 1; i <= DRAWS; i++) {
			u64 value = along(d, i);

			high[before >> 60 << 4 | value >> 60]++;
			low[(before & 15) << 4 | (value & 15)]++;
			before = value;
		}
		chi = chi_square(high, 256, DRAWS);
		CU_ASSERT(chi > 142 && chi < 368);
		chi = chi_square(low, 256, DRAWS);
		CU_ASSERT(chi > 142 && chi < 368);
	}
}

static void test_serial_correlation(void)
{
	for (enum direction d = 0; d < DIRECTIONS; d++) {
		double sum = 0, before = (double)along(d, 0) / 0x1p64 - 0.5;

		for (u32 i = 1; i <= DRAWS; i++) {
			double value = (double)along(d, i) / 0x1p64 - 0.5;

			sum += before * value;
			before = value;
		}
		/* Correlation: standard deviation 0.001. */
		CU_ASSERT(sum * 12 / DRAWS > -0.005 && sum * 12 / DRAWS < 0.005);
	}
}

static u64 flipped(u64 i, enum direction d, u32 bit)
{
	u64 flip = UINT64_C(1) << bit;

	return random_value(random_key(i ^ (d == SEED ? flip : 0), (u32)(7 ^ (d == KIND ? flip : 0)),
				       (u32)(11 ^ (d == ACTOR ? flip : 0))),
			    i ^ (d == NTH ? flip : 0));
}

/* Any one bit of any of the four numbers flips each bit of the value in half the cases. */
static void test_avalanche(void)
{
	enum { TRIES = 4096 };

	for (enum direction d = 0; d < DIRECTIONS; d++) {
		for (u32 bit = 0; bit < (d == NTH || d == SEED ? 64 : 32); bit++) {
			u32 flips[64] = { 0 };
			bool even = true;

			for (u64 i = 0; i < TRIES; i++) {
				u64 change = flipped(i, d, bit) ^ flipped(i, DIRECTIONS, 0);

				for (u32 out = 0; out < 64; out++)
					flips[out] += change >> out & 1;
			}
			/* Standard deviation 32; 6 of them, for there are 12 288 counts. */
			for (u32 out = 0; out < 64; out++)
				even = even && flips[out] > TRIES / 2 - 192 && flips[out] < TRIES / 2 + 192;
			CU_ASSERT(even);
		}
	}
}

/* Were a stream a shifted copy of another, a value of one would be a value of the other. */
static void test_streams_not_shifted(void)
{
	u64 key = random_key(1, 1, 1);
	bool met = false;

	for (u64 shift = 1; shift <= 1000; shift++) {
		u64 other = key + shift * RANDOM_STRIDE;

		met = met || random_value(key, shift) == random_value(other, 0);
	}
	CU_ASSERT_FALSE(met);
}

static const struct unit tests[] = {
	{ "keys and values are the documented ones on every machine", test_known_answers },
	{ "below() reaches 0 and n - 1 and no further", test_below_bounds },
	{ "chance() is never at 0 and always at a million", test_chance_bounds },
	{ "chance() comes true as often as asked", test_chance_share },
	{ "every byte of a stream is uniform", test_every_byte_uniform },
	{ "neighbouring n, actors, kinds and seeds are independent", test_neighbours_independent },
	{ "neighbouring n, actors, kinds and seeds do not correlate", test_serial_correlation },
	{ "one bit of n, actor, kind or seed changes half of the value", test_avalanche },
	{ "a stream is not a shifted copy of another", test_streams_not_shifted },
};

UNIT_MAIN("random", tests)
