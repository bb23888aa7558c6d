/* dist.c - see dist.h. */
#include "sim/dist.h"

#include <glib.h>

#include "sim/fixed.h"

typedef unsigned __int128 u128;

#define SIZES_UNIT ((UINT64_C(1) << 33) * SIZES_DRAWS) /* one byte of the sum of all draws */

static u32 zipf_cell_of(u32 rank)
{
	u32 octave = 31 - (u32)__builtin_clz(rank | 1u << ZIPF_SHIFT) - ZIPF_SHIFT;

	return (octave << ZIPF_SHIFT) + (rank >> octave);
}

/*
 * The sum of x^-s over the width integers x around middle / 2, in units of 2^-62: width times the weight in
 * the middle, and the second-order term of the midpoint rule. The next term is below 10^-9 of the sum.
 */
static u128 zipf_weight(u32 skew, u64 middle, u64 width)
{
	s64 exponent = 62 * FIXED_ONE + fixed_scale(skew, FIXED_ONE - fixed_log2(middle), 1000);
	u128 weight = fixed_exp2(exponent);
	u128 bend = (u128)skew * (skew + 1000) * (width * width - 1);

	bend = (bend << 40) / ((u128)middle * middle * 6000000);
	return (weight + (weight * bend >> 40)) * width;
}

/*
 * Vose's method: a cell that has less than the average takes the rest from one that has more. weight is in
 * units in which the average cell has total, and is used up.
 */
static void zipf_fill_alias(struct zipf *z, u128 *weight, u64 total)
{
	u32 *stack = g_new(u32, z->n_cells); /* the poor from the bottom, the rich from the top */
	u32 poor = 0, rich = z->n_cells;

	for (u32 i = 0; i < z->n_cells; i++) {
		z->cell[i] = i;
		if (weight[i] < total)
			stack[poor++] = i;
		else
			stack[--rich] = i;
	}
	while (poor > 0 && rich < z->n_cells) {
		u32 from = stack[rich], to = stack[--poor];

		z->cell[to] = (u64)((weight[to] << (64 - ZIPF_ALIAS_BITS)) / total) << ZIPF_ALIAS_BITS | from;
		weight[from] -= total - weight[to];
		if (weight[from] < total) {
			rich++;
			stack[poor++] = from;
		}
	}
	g_free(stack);
}

struct zipf *zipf_new(u32 n, u32 skew)
{
	u32 n_cells = zipf_cell_of(n - 1) + 1;
	struct zipf *z;
	u128 *weight;
	u128 sum = 0;
	u64 total = 0;
	u32 shift = 0;

	BUG_ON(n == 0 || skew > ZIPF_MAX_SKEW);
	z = g_malloc(sizeof *z + n_cells * sizeof z->cell[0]);
	weight = g_new(u128, n_cells);
	z->n = n;
	z->skew = skew;
	z->n_cells = n_cells;
	for (u32 i = 0; i < 1u << ZIPF_SHIFT; i++)
		z->slope[i] = (u32)(((u64)skew << 32) / (1000 * (2 * (i + (1u << ZIPF_SHIFT)) + 1)));
	for (u32 i = 0; i < n_cells; i++) {
		u64 width = zipf_cell_width(n, i);

		weight[i] = zipf_weight(skew, 2 * (u64)zipf_cell_first(i) + width + 1, width);
		sum += weight[i];
	}
	/* One bit short of 64, so that a weight shifted up by the bits of a threshold stays within 128. */
	while (sum >> shift >> 63)
		shift++;
	for (u32 i = 0; i < n_cells; i++) {
		total += (u64)(weight[i] >> shift);
		weight[i] = (weight[i] >> shift) * n_cells;
	}
	zipf_fill_alias(z, weight, total);
	g_free(weight);
	return z;
}

void zipf_free(struct zipf *z)
{
	g_free(z);
}

void scatter_init(struct scatter *s, u32 n, u64 key)
{
	u32 bits;

	BUG_ON(n == 0);
	bits = n > 1 ? 32 - (u32)__builtin_clz(n - 1) : 0;
	s->n = n;
	s->mask = (u32)((UINT64_C(1) << bits) - 1);
	s->shift = bits > 1 ? (bits + 1) / 2 : 1;
	for (u32 i = 0; i < SCATTER_ROUNDS; i++) {
		u64 value = random_value(key, i);

		s->multiply[i] = (u32)value | 1;
		s->add[i] = (u32)(value >> 32);
	}
}

/*
 * The standard normal distribution by integers. A distance z from the mean is in units of 2^-32, a density or
 * a probability in units of 2^-61. Tail areas are summed from far outside inwards, all terms positive, by
 * Simpson's rule, whose relative error per step of 1/64 is below 10^-6 even at the outer end.
 */
#define NORMAL_STEP (UINT64_C(1) << 26)
#define NORMAL_FAR (9 * (UINT64_C(1) << 32))	    /* 2^-63 of the area lies beyond */
#define NORMAL_LOG2_PEAK INT64_C(373164905645807)   /* log2(sqrt(2 pi)), fixed point */
#define NORMAL_HALF_LOG2_E INT64_C(203041276517399) /* log2(e) / 2, fixed point */
#define NORMAL_Z99 INT64_C(9991588038)		    /* the 99th percentile, units of z */

static u64 normal_density(u64 z)
{
	u64 square = (u64)((u128)z * z >> 32);
	s64 power = (s64)((u128)square * NORMAL_HALF_LOG2_E >> 32);

	return fixed_exp2(61 * FIXED_ONE - NORMAL_LOG2_PEAK - power);
}

/* The area between z - width and z, the density at z being known and that at z - width wanted. */
static u64 normal_area(u64 z, u64 width, u64 density, u64 *inner)
{
	*inner = normal_density(z - width);
	return (u64)((u128)(density + 4 * normal_density(z - width / 2) + *inner) * width / 6 >> 32);
}

/* z[i]: how far out the tail begins whose probability is that of node i. Node 0 is the middle. */
static void normal_tails(u64 *z)
{
	u64 outer = NORMAL_FAR, tail = 0;
	u64 density = normal_density(outer), inner;
	u64 area = normal_area(outer, NORMAL_STEP, density, &inner);

	for (u32 i = LOGNORMAL_NODES - 1; i > 0; i--) {
		u32 octave = (i - 1) / LOGNORMAL_STEPS;
		u64 wanted = (UINT64_C(1) << (59 - LOGNORMAL_STEPS_SHIFT - octave)) *
			     (2 * LOGNORMAL_STEPS - (i - octave * LOGNORMAL_STEPS));
		u64 width, slope, got;

		while (tail + area < wanted) {
			outer -= NORMAL_STEP;
			tail += area;
			density = inner;
			area = normal_area(outer, NORMAL_STEP, density, &inner);
		}
		/* A straight line within the step, then one step of Newton's. */
		width = (u64)((u128)NORMAL_STEP * (wanted - tail) / area);
		got = tail + normal_area(outer, width, density, &slope);
		z[i] = outer - width + (u64)fixed_scale((s64)got - (s64)wanted, (s64)1 << 32, (s64)slope);
	}
	z[0] = 0;
}

/* Most machines want tables that another one had. As many as this are kept that nobody uses. */
enum { LOGNORMALS_KEPT = 64 };

struct shared_lognormal {
	struct lognormal table;
	u64 median, p99;
	u32 users;
	struct shared_lognormal *next;
};

G_LOCK_DEFINE_STATIC(lognormals);
static struct shared_lognormal *lognormals;
static u32 lognormals_unused;

static void lognormal_fill(struct lognormal *l, u64 median, u64 p99)
{
	static u64 z[LOGNORMAL_NODES];
	s64 middle = fixed_log2(median), spread = fixed_log2(p99) - middle;

	if (!z[1])
		normal_tails(z);
	l->node[0][0] = median;
	l->node[1][0] = median;
	for (u32 i = 1; i < LOGNORMAL_NODES; i++) {
		s64 away = fixed_scale(spread, (s64)z[i], NORMAL_Z99);
		u64 low = fixed_exp2(middle - away);

		l->node[0][i] = low > 0 ? low : 1;
		l->node[1][i] = fixed_exp2(middle + away);
	}
}

const struct lognormal *lognormal_new(u64 median, u64 p99)
{
	struct shared_lognormal *s;

	BUG_ON(median == 0 || p99 < median || p99 >> 63);
	G_LOCK(lognormals);
	for (s = lognormals; s && (s->median != median || s->p99 != p99);)
		s = s->next;
	if (s) {
		lognormals_unused -= !s->users;
	} else {
		s = g_new(struct shared_lognormal, 1);
		s->median = median;
		s->p99 = p99;
		s->users = 0;
		s->next = lognormals;
		lognormal_fill(&s->table, median, p99);
		lognormals = s;
	}
	s->users++;
	G_UNLOCK(lognormals);
	return &s->table;
}

void lognormal_free(const struct lognormal *l)
{
	struct shared_lognormal **at = &lognormals, *s;

	if (!l)
		return;
	G_LOCK(lognormals);
	while (&(*at)->table != l)
		at = &(*at)->next;
	s = *at;
	if (!--s->users && ++lognormals_unused > LOGNORMALS_KEPT) {
		lognormals_unused--;
		*at = s->next;
		g_free(s);
	}
	G_UNLOCK(lognormals);
}

void sizes_init(struct sizes *s, u32 mean, u32 min, u32 max)
{
	BUG_ON(mean < min || max < mean || max - min > SIZES_MAX_RANGE);
	s->min = min;
	s->below = mean - min;
	s->above = s->below > 0 ? max - mean : 0;
	s->split = s->above > 0 ? (u32)(((u64)s->above << 32) / (s->below + s->above)) : 0;
}

u32 sizes_at(const struct sizes *s, u64 value)
{
	u64 sum = 0; /* of SIZES_DRAWS draws, above min, in units of 2^-33 */

	for (u64 i = 1; i <= SIZES_DRAWS; i++) {
		u64 draw = random_mix(value + i * RANDOM_STRIDE);
		u64 place = 2 * (draw & UINT32_MAX) + 1;
		bool below = draw >> 32 < s->split;

		sum += place * dist_select(below, s->below, s->above);
		sum += (u64)dist_select(below, 0, s->below) << 33;
	}
	return s->min + (u32)((sum + (value & (SIZES_UNIT - 1))) / SIZES_UNIT);
}
