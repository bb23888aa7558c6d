/*
 * dist.h - integer distributions: zipf, scatter, lognormal, sizes.
 *
 * Each sampler turns one 64-bit random value (random.h) into one outcome and keeps no state, so that an
 * outcome is as reproducible as the value. What is built is read-only afterwards and may be shared by tasks,
 * machines and threads. Building and sampling use integers only; tests/unit/test_dist.c pins the tables.
 */
#ifndef SIM_DIST_H
#define SIM_DIST_H

#include "sim/random.h"
#include "sim/types.h"

/*
 * A choice that falls at random is guessed wrong half the time, some 15 cycles each. Spelt as arithmetic it
 * stays free of a branch whatever the compiler thinks best.
 */
static inline u32 dist_select(bool first, u32 a, u32 b)
{
	return b ^ ((a ^ b) & -(u32)first);
}

static inline u64 dist_negate_if(bool negate, u64 x)
{
	return (x ^ -(u64)negate) + negate;
}

/*
 * zipf - rank r of 0..n-1 with a probability proportional to (r + 1)^-(skew / 1000).
 *
 * The first 2^(ZIPF_SHIFT + 1) ranks have a cell each; above, every octave has 2^ZIPF_SHIFT cells, within
 * which the probability falls along a straight line. Cells are drawn by the alias method (Walker 1977, Vose
 * 1991). So a table of a million ranks is 14 KiB, stays in the first-level cache, and takes time O(log n) to
 * build. Price: a rank's probability is off by less than skew * (skew + 1000) / 10^6 * 10^-5 of itself (1
 * part in 50 000 at skew 1, 1 in 8 000 at skew 3), which needs 10^9 draws or more to be noticed; and ranks
 * rarer than 2^-50 may never come.
 */
#define ZIPF_SHIFT 7
#define ZIPF_MAX_SKEW 3000
#define ZIPF_ALIAS_BITS 12 /* low bits of a cell: the other cell; the rest: how much of it is its own */
#define ZIPF_ALIAS_MASK ((UINT64_C(1) << ZIPF_ALIAS_BITS) - 1)

struct zipf {
	u32 n;			     /* ranks */
	u32 skew;		     /* thousandths */
	u32 n_cells;		     /* at most 1 << ZIPF_ALIAS_BITS */
	u32 slope[1u << ZIPF_SHIFT]; /* fall of probability over half a cell, by place in the octave, 2^-32 */
	u64 cell[];
};

/* n >= 1, skew <= ZIPF_MAX_SKEW; 0 is the uniform distribution. About a millisecond. Free with zipf_free().
 */
struct zipf *zipf_new(u32 n, u32 skew);
void zipf_free(struct zipf *z);

/* First rank of a cell, and how many ranks it has. */
static inline u32 zipf_cell_first(u32 cell)
{
	u32 octave = cell >> ZIPF_SHIFT;

	octave -= octave > 0;
	return (cell - (octave << ZIPF_SHIFT)) << octave;
}

static inline u32 zipf_cell_width(u32 n, u32 cell)
{
	u32 octave = cell >> ZIPF_SHIFT;
	u32 width = 1u << (octave - (octave > 0));
	u32 left = n - zipf_cell_first(cell);

	return width < left ? width : left;
}

/*
 * The top half of value picks the cell, the bottom half the place in it. A place in the upper half of a cell
 * is mirrored into the lower half as often as it takes to tilt the cell from level to the slope it ought to
 * have.
 */
static inline u32 zipf_at(const struct zipf *z, u64 value)
{
	unsigned __int128 pick = (unsigned __int128)value * z->n_cells;
	u32 cell = (u32)(pick >> 64);
	u64 entry = z->cell[cell];
	unsigned __int128 place;
	u32 octave, width, at;
	s64 tilt;

	cell = dist_select((u64)pick < (entry & ~ZIPF_ALIAS_MASK), cell, (u32)(entry & ZIPF_ALIAS_MASK));
	octave = cell >> ZIPF_SHIFT;
	octave -= octave > 0;
	width = zipf_cell_width(z->n, cell);
	place = (unsigned __int128)(value << 32 | value >> 32) * width;
	at = (u32)(place >> 64);
	tilt = ((2 * (s64)at + 1 - width) * z->slope[cell & ((1u << ZIPF_SHIFT) - 1)]) >> octave;
	at = dist_select((s64)((u64)place >> 32) < tilt, width - 1 - at, at);
	return zipf_cell_first(cell) + at;
}

/*
 * scatter - a keyed permutation of 0..n-1 that needs no table: where the popular ranks lie among the pages.
 *
 * Rounds of shift-xor, multiply and add on the smallest power of two that holds n, each a bijection; what
 * falls outside is sent through again until it falls inside (cycle walking), less than twice on average. Over
 * the keys an index goes anywhere with equal odds; the odds of where its neighbour goes are uneven by 7 % at
 * n = 64, by less than can be measured from n = 4096 on.
 */
#define SCATTER_ROUNDS 3

struct scatter {
	u32 n;
	u32 mask;
	u32 shift;
	u32 multiply[SCATTER_ROUNDS];
	u32 add[SCATTER_ROUNDS];
};

/* n >= 1. The permutation is a function of n and key alone. */
void scatter_init(struct scatter *s, u32 n, u64 key);

/* index < n. */
static inline u32 scatter_at(const struct scatter *s, u32 index)
{
	do {
		for (int i = 0; i < SCATTER_ROUNDS; i++) {
			index ^= index >> s->shift;
			index = (index * s->multiply[i] + s->add[i]) & s->mask;
		}
		index ^= index >> s->shift;
	} while (index >= s->n);
	return index;
}

/*
 * lognormal - times given by their median and 99th percentile.
 *
 * Quantiles are tabled at LOGNORMAL_STEPS points in each octave of tail probability, straight lines between.
 * They are within 0.1 % and a nanosecond of the true ones as long as p99 is below 1000 medians. Clamped where
 * either tail has 2^-32 left (6.2 standard deviations), and to 1..UINT64_MAX. The outcome never falls as the
 * value grows, so two distributions given the same value move together.
 */
#define LOGNORMAL_STEPS_SHIFT 5
#define LOGNORMAL_STEPS (1u << LOGNORMAL_STEPS_SHIFT)
#define LOGNORMAL_OCTAVES 31u
#define LOGNORMAL_NODES (LOGNORMAL_OCTAVES * LOGNORMAL_STEPS + 1)

struct lognormal {
	u64 node[2][LOGNORMAL_NODES]; /* below and above, from the median outwards */
};

/* 1 <= median <= p99 < 2^63; equal ones give a constant. About a millisecond the first time, then shared by
 * all who ask for the same, in all threads. Every one of them calls lognormal_free(). */
const struct lognormal *lognormal_new(u64 median, u64 p99);
void lognormal_free(const struct lognormal *l);

static inline u64 lognormal_at(const struct lognormal *l, u64 value)
{
	bool above = value >> 63;
	u64 tail = (value ^ -(u64)above) | 1; /* the tail's probability in units of 2^-64 */
	u32 octave = (u32)__builtin_clzll(tail) - 1;
	const u64 *node = l->node[above];
	u64 place, inner, away;
	u32 step;

	if (octave >= LOGNORMAL_OCTAVES)
		return node[LOGNORMAL_NODES - 1];
	place = ~tail << (octave + 2); /* within the octave, 0 at the end nearer the median */
	step = octave * LOGNORMAL_STEPS + (u32)(place >> (64 - LOGNORMAL_STEPS_SHIFT));
	place <<= LOGNORMAL_STEPS_SHIFT;
	inner = node[step];
	away = (u64)((unsigned __int128)dist_negate_if(!above, node[step + 1] - inner) * place >> 64);
	return inner + dist_negate_if(!above, away);
}

/*
 * sizes - a bell between min and max with a given mean: compressed pages, requests.
 *
 * The average of SIZES_DRAWS draws; a draw is uniform below the mean or uniform above it, the odds such that
 * the two balance. Rounded up or down at random in proportion, so that the expectation is the mean itself
 * (within (max - min) * 2^-33). Standard deviation: the root of (mean - min)(max - mean) / (3 SIZES_DRAWS).
 * Skewed to the longer side; a mean at min or max gives a constant.
 */
#define SIZES_DRAWS 4
#define SIZES_MAX_RANGE ((1u << 28) - 1)

struct sizes {
	u32 min;
	u32 below; /* mean - min */
	u32 above; /* max - mean */
	u32 split; /* a 32-bit draw below this is one below the mean */
};

/* min <= mean <= max, max - min <= SIZES_MAX_RANGE. */
void sizes_init(struct sizes *s, u32 mean, u32 min, u32 max);
u32 sizes_at(const struct sizes *s, u64 value);

#endif
