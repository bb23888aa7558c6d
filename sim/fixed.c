/* fixed.c - see fixed.h. */
#include "sim/fixed.h"

#define LN2_Q64 UINT64_C(0xb17217f7d1cf79ab) /* ln 2, 64 fraction bits */
#define ONE_Q63 (UINT64_C(1) << 63)

/*
 * Squaring a number doubles its logarithm: each squaring brings the next binary digit in front of the point.
 * What a squaring rounds away is halved by each digit already known, so the errors add up to less than 2^-61.
 */
s64 fixed_log2(u64 x)
{
	int whole;
	u64 m; /* 1 <= m < 2, 63 fraction bits */
	s64 log;

	BUG_ON(x == 0);
	whole = 63 - __builtin_clzll(x);
	m = x << (63 - whole);
	log = whole;
	for (int i = 0; i < FIXED_SHIFT; i++) {
		unsigned __int128 square = (unsigned __int128)m * m >> 63;
		bool digit = square >> 64;

		m = (u64)(square >> digit);
		log = log << 1 | digit;
	}
	return log;
}

/* e^(fraction ln 2) in 63 fraction bits by Taylor's series, innermost term first. 0 <= fraction < FIXED_ONE.
 * Terms after the 20th are below 0.694^20 / 20! < 2^-63. Written out, as a division by what the compiler
 * knows takes a fifth of the time of another. */
static u64 exp2_of_fraction(u64 fraction)
{
	u64 y = (u64)((unsigned __int128)(fraction << (64 - FIXED_SHIFT)) * LN2_Q64 >> 64);
	u64 sum = ONE_Q63;

#define TERM(k) (sum = ONE_Q63 + (u64)((unsigned __int128)y * sum >> 64) / (k))
	TERM(20), TERM(19), TERM(18), TERM(17), TERM(16), TERM(15), TERM(14), TERM(13), TERM(12), TERM(11);
	TERM(10), TERM(9), TERM(8), TERM(7), TERM(6), TERM(5), TERM(4), TERM(3), TERM(2), TERM(1);
#undef TERM
	return sum;
}

u64 fixed_exp2(s64 exponent)
{
	u64 fraction = (u64)exponent & (FIXED_ONE - 1);
	s64 whole = (exponent - (s64)fraction) / FIXED_ONE;
	u64 m;

	if (whole >= 64)
		return UINT64_MAX;
	if (whole < -1)
		return 0;
	if (whole == -1)
		return 1;
	m = exp2_of_fraction(fraction);
	if (whole == 63)
		return m;
	return (m >> (63 - whole)) + (m >> (62 - whole) & 1);
}

s64 fixed_scale(s64 a, s64 b, s64 c)
{
	BUG_ON(c == 0);
	return (s64)((__int128)a * b / c);
}
