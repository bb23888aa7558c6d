/*
 * interval.h - how sure the median of differences is.
 *
 * The interval reaches from the kth smallest to the kth largest of n values, k such that n tosses of a coin
 * show less than k heads in at most 1 of 40 cases: whatever their distribution, it holds the true median in
 * 95 % of cases or more (the interval of the sign test). Whole numbers in, whole numbers out, on any machine.
 * Below 6 values not even the range of all of them is that sure, and there is none.
 *
 * k = (n - sqrt(1.96^2 n)) / 2, rounded down: never more than the binomial distribution allows, at most one
 * less.
 */
#ifndef CLI_INTERVAL_H
#define CLI_INTERVAL_H

#include "sim/types.h"

enum { INTERVAL_LEAST = 6 }; /* values */

struct interval {
	u32 n;
	s64 median; /* the lower one of two */
	bool zero;  /* every value is 0 */
	bool sure;  /* low and high are set */
	s64 low;
	s64 high;
};

/* Sorts the values. */
struct interval interval_of(s64 *value, u32 n);
/* k; 0 when there is none. */
u32 interval_rank(u32 n);

static inline bool interval_spans_zero(const struct interval *i)
{
	return i->low <= 0 && i->high >= 0;
}

#endif
