/*
 * histogram.h - log-linear histogram of 64-bit values, after HdrHistogram.
 *
 * Values below 2 * HISTOGRAM_SUB have a bucket each; above, every octave has HISTOGRAM_SUB buckets, so that a
 * bucket is never wider than 1/HISTOGRAM_SUB of its lowest value. All 64-bit values have a bucket: nothing is
 * clipped and no range is set up.
 *
 * A plain array of u64, no pointer and no padding: it may lie in simulated state, be copied, hashed and
 * merged in any order. All zeroes is the empty histogram; there is nothing to initialise and nothing to
 * release.
 */
#ifndef SIM_HISTOGRAM_H
#define SIM_HISTOGRAM_H

#include "sim/types.h"

#define HISTOGRAM_SUB_SHIFT 5
#define HISTOGRAM_SUB (1u << HISTOGRAM_SUB_SHIFT) /* buckets an octave; relative error at most 1/32 */
#define HISTOGRAM_BUCKETS ((65 - HISTOGRAM_SUB_SHIFT) * HISTOGRAM_SUB)

struct histogram {
	u64 count; /* values recorded; at most 2^64 - 1, not checked */
	u64 total; /* their sum; sticks at UINT64_MAX */
	u64 min;   /* meaningless while count is 0 */
	u64 max;   /* 0 while count is 0 */
	u64 bucket[HISTOGRAM_BUCKETS];
};

_Static_assert(sizeof(struct histogram) <= 16384, "a histogram stays within 16 KiB");

/* The bucket a value falls in; never falls as the value grows. */
static inline u32 histogram_index(u64 value)
{
	u32 shift = 63 - (u32)__builtin_clzll(value | HISTOGRAM_SUB) - HISTOGRAM_SUB_SHIFT;

	return (shift << HISTOGRAM_SUB_SHIFT) + (u32)(value >> shift);
}

static inline u64 histogram_add_saturating(u64 a, u64 b)
{
	return a + b < a ? UINT64_MAX : a + b;
}

static inline void histogram_record(struct histogram *h, u64 value)
{
	h->bucket[histogram_index(value)]++;
	h->total = histogram_add_saturating(h->total, value);
	h->min = h->count == 0 || value < h->min ? value : h->min;
	h->max = value > h->max ? value : h->max;
	h->count++;
}

/* As n calls of histogram_record(). n may be 0. */
void histogram_record_n(struct histogram *h, u64 value, u64 n);

/* Adds all that is recorded in from. The order of merging does not matter. */
void histogram_merge(struct histogram *h, const struct histogram *from);

/*
 * The value at or below which per_million millionths of the recorded values lie: the upper bound of the
 * bucket that holds the one of rank ceil(count * per_million / 10^6), but never above the greatest recorded
 * value. So it is never too low, and too high by less than 1/HISTOGRAM_SUB. 0 gives the exact least value, 1
 * 000 000 the exact greatest; an empty histogram gives 0. per_million <= 1 000 000.
 */
u64 histogram_quantile(const struct histogram *h, u32 per_million);

/* Mean, rounded down; 0 when empty. */
u64 histogram_mean(const struct histogram *h);

/* A bucket that is not empty. Both bounds are inclusive, so that the last one fits into 64 bits. */
struct histogram_range {
	u32 next; /* index to go on from; start with { 0 } */
	u64 low;
	u64 high;
	u64 count;
};

/*
 * Steps to the next bucket that is not empty, in ascending order; false after the last.
 *
 *	struct histogram_range range = { 0 };
 *
 *	while (histogram_next(h, &range))
 *		write(range.low, range.high, range.count);
 */
bool histogram_next(const struct histogram *h, struct histogram_range *range);

#endif
