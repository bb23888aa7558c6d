#include <stdlib.h>

#include "sim/dist.h"
#include "tests/unit/unit.h"

#define DRAWS 4000000u

static double magnitude(double x)
{
	return x < 0 ? -x : x;
}

static bool near(double got, double want, double relative)
{
	return magnitude(got - want) <= relative * want;
}

/* FNV-1a over the bytes of 64-bit words, least significant first. */
static u64 hash_words(u64 hash, const u64 *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (u32 byte = 0; byte < 8; byte++)
			hash = (hash ^ (words[i] >> 8 * byte & 255)) * UINT64_C(0x100000001b3);
	return hash;
}

#define HASH_START UINT64_C(0xcbf29ce484222325)

/* The probability of each cell as the alias table has it. Caller frees. */
static double *cell_probabilities(const struct zipf *z)
{
	double *p = calloc(z->n_cells, sizeof *p);

	for (u32 cell = 0; cell < z->n_cells; cell++) {
		double own = (double)(z->cell[cell] & ~ZIPF_ALIAS_MASK) / 0x1p64;

		p[cell] += own / z->n_cells;
		p[z->cell[cell] & ZIPF_ALIAS_MASK] += (1 - own) / z->n_cells;
	}
	return p;
}

/* The share of the first ranks, summed with 17 digits; ranks ends at the border of a cell. */
static void test_zipf_cumulative(void)
{
	static const struct {
		u32 n, skew, ranks;
		double share;
	} known[] = {
		{ 10, 1000, 1, 2520.0 / 7381 },
		{ 10, 1000, 2, 3780.0 / 7381 },
		{ 10, 2000, 1, 1270080.0 / 1968329 },
		{ 1048576, 990, 1, 0.064740326580408819 },
		{ 1048576, 990, 2, 0.097335642161722413 },
		{ 1048576, 990, 10, 0.19137936602568223 },
		{ 1048576, 990, 256, 0.40659218428868588 },
		{ 1048576, 990, 1024, 0.50201957342615233 },
		{ 1048576, 990, 65536, 0.79664327219862763 },
		{ 1048576, 990, 524288, 0.94863092212269018 },
		{ 1000003, 900, 1, 0.032915723897184689 },
		{ 1000003, 900, 256, 0.26280887745295078 },
		{ 1000003, 900, 4096, 0.44581495918009878 },
		{ 1000003, 900, 524288, 0.91805934122885213 },
		{ 1048576, 500, 1, 0.00048862955751407286 },
		{ 1048576, 500, 256, 0.014937838166077178 },
		{ 1048576, 500, 524288, 0.70689794938367179 },
		{ 1048576, 1500, 1, 0.38307979098100786 },
		{ 1048576, 1500, 256, 0.95290994566897791 },
		{ 1048576, 1500, 524288, 0.9996900846134783 },
		{ 1048576, 3000, 1, 0.83190737258102221 },
		{ 1048576, 3000, 2, 0.93589579415364998 },
		{ 1048576, 3000, 4096, 0.9999999752136588 },
		{ 1 << 26, 0, 1 << 25, 0.5 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(known); i++) {
		struct zipf *z = zipf_new(known[i].n, known[i].skew);
		double *p = cell_probabilities(z), share = 0;

		for (u32 cell = 0; cell < z->n_cells && zipf_cell_first(cell) < known[i].ranks; cell++)
			share += p[cell];
		CU_ASSERT(near(share, known[i].share, 1e-8));
		/* The far tail too, for it is where rounding would show. */
		CU_ASSERT(near(1 - share, 1 - known[i].share, 1e-6));
		free(p);
		zipf_free(z);
	}
}

static void test_zipf_cells(void)
{
	static const u32 sizes[] = {
		1, 2, 255, 256, 257, 258, 511, 1000, 65537, 1 << 20, 1 << 26, UINT32_MAX
	};

	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct zipf *z = zipf_new(sizes[i], 990);
		u64 next = 0;

		for (u32 cell = 0; cell < z->n_cells; cell++) {
			CU_ASSERT_EQUAL(zipf_cell_first(cell), next);
			CU_ASSERT((z->cell[cell] & ZIPF_ALIAS_MASK) < z->n_cells);
			next += zipf_cell_width(sizes[i], cell);
		}
		CU_ASSERT_EQUAL(next, sizes[i]);
		zipf_free(z);
	}
}

/*
 * Exact probabilities for whole skews, rank by rank within single cells: the top half of the value stays in
 * one cell while the bottom half goes through 2^22 evenly spaced places.
 */
static double worst_within_cell(const struct zipf *z, u32 cell)
{
	enum { PLACES = 1 << 22 };
	u32 first = zipf_cell_first(cell), width = zipf_cell_width(z->n, cell);
	u64 top = (((u64)cell << 32) + z->n_cells - 1) / z->n_cells << 32;
	u32 *count = calloc(width, sizeof *count);
	double sum = 0, worst = 0;

	for (u64 place = 0; place < PLACES; place++)
		count[(zipf_at(z, top | place << 10) - first) % width]++;
	for (u32 at = 0; at < width; at++) {
		double weight = 1;

		for (u32 s = 0; s < z->skew / 1000; s++)
			weight *= (double)first / (first + at + 1);
		sum += weight;
	}
	for (u32 at = 0; at < width; at++) {
		double weight = 1, off;

		for (u32 s = 0; s < z->skew / 1000; s++)
			weight *= (double)first / (first + at + 1);
		off = magnitude((double)count[at] / PLACES / (weight / sum) - 1);
		worst = off > worst ? off : worst;
	}
	free(count);
	return worst;
}

/* Only cells that own enough of themselves for the chosen value to lead to them can be looked into. */
static void check_slope(u32 skew, double allowed, u32 cells_at_least)
{
	const u32 octave = 1u << ZIPF_SHIFT;
	struct zipf *z = zipf_new(8192 + 10, skew);
	u32 cells = 0;

	for (u32 cell = 2 * octave; cell < 7 * octave; cell += 15) {
		if (z->cell[cell] >> 45 == 0)
			continue;
		CU_ASSERT(worst_within_cell(z, cell) < allowed);
		cells++;
	}
	CU_ASSERT(cells >= cells_at_least);
	zipf_free(z);
}

static void test_zipf_slope(void)
{
	check_slope(1000, 3e-5, 40);
	check_slope(2000, 7e-5, 20);
	check_slope(3000, 1.3e-4, 10);
}

/* Chi-square of draws against exact probabilities: its square distance from its mean, in variances. */
static double zipf_chi(u32 n, u32 skew)
{
	struct zipf *z = zipf_new(n, skew);
	u64 key = random_key(11, n, skew);
	u32 *count = calloc(n, sizeof *count);
	double sum = 0, chi = 0, cells = n - 1;

	for (u32 i = 0; i < DRAWS; i++)
		count[zipf_at(z, random_value(key, i))]++;
	for (u32 pass = 0; pass < 2; pass++) {
		for (u32 rank = 0; rank < n; rank++) {
			double weight = 1, expected;

			for (u32 s = 0; s < skew / 1000; s++)
				weight /= rank + 1;
			if (pass == 0) {
				sum += weight;
				continue;
			}
			expected = DRAWS * weight / sum;
			chi += (count[rank] - expected) * (count[rank] - expected) / expected;
		}
	}
	free(count);
	zipf_free(z);
	return (chi - cells) * (chi - cells) / (2 * cells);
}

static void test_zipf_draws(void)
{
	/* 25: five standard deviations. */
	CU_ASSERT(zipf_chi(10, 0) < 25);
	CU_ASSERT(zipf_chi(10, 1000) < 25);
	CU_ASSERT(zipf_chi(10, 3000) < 25);
	CU_ASSERT(zipf_chi(300, 2000) < 25);
	CU_ASSERT(zipf_chi(1000, 0) < 25);
	CU_ASSERT(zipf_chi(1000, 1000) < 25);
	CU_ASSERT(zipf_chi(10007, 1000) < 25);
}

static void test_zipf_range(void)
{
	static const u32 sizes[] = { 1, 2, 3, 257, 1000003, 1 << 26, UINT32_MAX };
	u64 key = random_key(12, 0, 0);

	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct zipf *z = zipf_new(sizes[i], i % 2 ? 0 : 990);
		bool inside = zipf_at(z, 0) < sizes[i] && zipf_at(z, UINT64_MAX) < sizes[i];

		for (u32 nth = 0; nth < 1000000; nth++)
			inside = inside && zipf_at(z, random_value(key, nth)) < sizes[i];
		CU_ASSERT(inside);
		zipf_free(z);
	}
}

static void test_zipf_known_tables(void)
{
	static const struct {
		u32 n, skew;
		u64 hash;
	} known[] = {
		{ 1, 990, UINT64_C(0xa4cdbde13e4a528a) },
		{ 1000, 0, UINT64_C(0xda536b1848361f0f) },
		{ 1000003, 900, UINT64_C(0x9a1bb24c10132e00) },
		{ 1 << 20, 990, UINT64_C(0x78f85941601102cc) },
		{ 1 << 26, 3000, UINT64_C(0xb0ec0dee40798c91) },
	};

	for (u32 i = 0; i < ARRAY_SIZE(known); i++) {
		struct zipf *z = zipf_new(known[i].n, known[i].skew);
		u64 hash = hash_words(HASH_START, z->cell, z->n_cells);

		for (u32 place = 0; place < ARRAY_SIZE(z->slope); place++) {
			u64 slope = z->slope[place];

			hash = hash_words(hash, &slope, 1);
		}
		for (u64 nth = 0; nth < 1000; nth++) {
			u64 rank = zipf_at(z, random_value(1, nth));

			hash = hash_words(hash, &rank, 1);
		}
		CU_ASSERT_EQUAL(hash, known[i].hash);
		zipf_free(z);
	}
}

static bool is_permutation(u32 n, u64 key)
{
	struct scatter s;
	u8 *seen = calloc(n, 1);
	bool good = true;

	scatter_init(&s, n, key);
	for (u32 i = 0; i < n; i++) {
		u32 at = scatter_at(&s, i);

		good = good && at < n && !seen[at];
		if (at < n)
			seen[at] = 1;
	}
	free(seen);
	return good;
}

static void test_scatter_permutes(void)
{
	static const u32 sizes[] = { 511, 512, 513, 4096, 65535, 65536, 100003, 1 << 20, (1 << 20) + 1 };

	for (u32 n = 1; n <= 300; n++)
		for (u64 key = 0; key < 20; key++)
			CU_ASSERT(is_permutation(n, key));
	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++)
		for (u64 key = 0; key < 3; key++)
			CU_ASSERT(is_permutation(sizes[i], random_mix(key)));
}

static void test_scatter_widest(void)
{
	struct scatter s;

	scatter_init(&s, UINT32_MAX, 1);
	for (u32 i = 0; i < 1000; i++) {
		CU_ASSERT(scatter_at(&s, i) < UINT32_MAX);
		CU_ASSERT(scatter_at(&s, UINT32_MAX - 1 - i) < UINT32_MAX);
		CU_ASSERT_NOT_EQUAL(scatter_at(&s, i), scatter_at(&s, i + 1));
	}
}

static void test_scatter_known(void)
{
	static const u32 want[2][8] = { { 748359, 216727, 167531, 221548, 947737, 613215, 420251, 12441 },
					{ 246360, 215887, 569668, 554856, 739112, 52764, 363851, 320083 } };
	struct scatter s;

	for (u32 i = 0; i < 8; i++) {
		scatter_init(&s, 1 << 20, 1);
		CU_ASSERT_EQUAL(scatter_at(&s, i), want[0][i]);
		scatter_init(&s, 1000003, 2);
		CU_ASSERT_EQUAL(scatter_at(&s, i), want[1][i]);
	}
}

/* Over many keys any index goes anywhere, and a neighbour goes anywhere else. */
static void check_even(u32 n)
{
	enum { KEYS = 200000 };
	u32 *image = calloc(n, sizeof *image), *gap = calloc(n, sizeof *gap);
	double expected = (double)KEYS / n, expected_gap = (double)KEYS / (n - 1);
	double chi = 0, chi_gap = 0;
	struct scatter s;

	for (u64 key = 0; key < KEYS; key++) {
		u32 at, next;

		scatter_init(&s, n, random_key(1, 1, (u32)key));
		at = scatter_at(&s, n / 2);
		next = scatter_at(&s, n / 2 + 1);
		image[at]++;
		gap[(at + n - next) % n]++;
	}
	for (u32 i = 0; i < n; i++) {
		chi += (image[i] - expected) * (image[i] - expected) / expected;
		if (i > 0)
			chi_gap += (gap[i] - expected_gap) * (gap[i] - expected_gap) / expected_gap;
	}
	CU_ASSERT_EQUAL(gap[0], 0);
	CU_ASSERT((chi - n) * (chi - n) < 25 * 2 * n);
	/* Not a perfect shuffle: the gap may be uneven by one part in ten, rms. */
	CU_ASSERT(chi_gap / KEYS < 0.01);
	free(image);
	free(gap);
}

static void test_scatter_uniform(void)
{
	check_even(64);
	check_even(100);
	check_even(1024);
}

/* Neighbours do not stay neighbours, and the first 1 % of ranks fall evenly on 64 stretches. */
static void test_scatter_spreads(void)
{
	enum { N = 1 << 20, HEAD = N / 100 };

	for (u64 key = 0; key < 20; key++) {
		u32 stretch[64] = { 0 }, close = 0;
		struct scatter s;

		scatter_init(&s, N, random_mix(key));
		for (u32 i = 0; i < HEAD; i++) {
			u32 at = scatter_at(&s, i), next = scatter_at(&s, i + 1);

			stretch[at >> 14]++;
			close += (at > next ? at - next : next - at) < N / 256;
		}
		for (u32 i = 0; i < 64; i++)
			CU_ASSERT(stretch[i] > HEAD / 64 / 2 && stretch[i] < HEAD / 64 * 3 / 2);
		CU_ASSERT(close < HEAD / 128 * 2);
	}
}

/* A disk: median 80 us, p99 10 ms. Quantiles by 40-digit arithmetic at probability value / 2^64. */
static void test_lognormal_quantiles(void)
{
	static const struct {
		u64 value;
		double time;
	} known[] = {
		{ UINT64_C(18446744073709551), 131.110 },	   /* 0.001 */
		{ UINT64_C(184467440737095516), 640 },		   /* 0.01 */
		{ UINT64_C(1844674407370955161), 5596.705 },	   /* 0.1 */
		{ UINT64_C(4611686018427387904), 19729.783 },	   /* 0.25 */
		{ UINT64_C(9223372036854775808), 80000 },	   /* 0.5 */
		{ UINT64_C(13835058055282163712), 324382.684 },	   /* 0.75 */
		{ UINT64_C(16602069666338596454), 1143529.932 },   /* 0.9 */
		{ UINT64_C(18262276632972456099), 10000000 },	   /* 0.99 */
		{ UINT64_C(18428297329635842064), 48814150.783 },  /* 0.999 */
		{ UINT64_C(18444899399302180660), 180017858.443 }, /* 0.9999 */
		{ UINT64_C(18446725626965477906), 1540650543.29 }, /* 0.999999 */
	};
	const struct lognormal *l = lognormal_new(80000, 10000000);

	for (u32 i = 0; i < ARRAY_SIZE(known); i++) {
		double got = (double)lognormal_at(l, known[i].value);

		CU_ASSERT(magnitude(got - known[i].time) <= 1 + known[i].time / 1000);
	}
	/* A quarter is a node of the table: only rounding is left. */
	CU_ASSERT(magnitude((double)lognormal_at(l, UINT64_C(13835058055282163712)) - 324382.684) < 1);
	lognormal_free(l);
}

static void test_lognormal_ends(void)
{
	const struct lognormal *l = lognormal_new(80000, 10000000);

	CU_ASSERT_EQUAL(lognormal_at(l, 0), 1); /* 0.19 ns */
	CU_ASSERT_EQUAL(lognormal_at(l, UINT64_C(1) << 31), 1);
	/* 2^-32 left of the tail: 33.028275079 s */
	CU_ASSERT(near((double)lognormal_at(l, UINT64_MAX), 33028275079.157, 1e-5));
	CU_ASSERT_EQUAL(lognormal_at(l, UINT64_MAX - (UINT64_C(1) << 31)), lognormal_at(l, UINT64_MAX));
	CU_ASSERT_EQUAL(lognormal_at(l, UINT64_C(1) << 63), 80000);
	CU_ASSERT_EQUAL(lognormal_at(l, (UINT64_C(1) << 63) - 1), 80000);
	lognormal_free(l);
	l = lognormal_new(1, INT64_MAX);
	CU_ASSERT_EQUAL(lognormal_at(l, UINT64_MAX), UINT64_MAX);
	CU_ASSERT_EQUAL(lognormal_at(l, 0), 1);
	lognormal_free(l);
}

static void test_lognormal_constant(void)
{
	static const u64 times[] = { 1, 3, 1000, 999999999, UINT64_C(86400000000000) };

	for (u32 i = 0; i < ARRAY_SIZE(times); i++) {
		const struct lognormal *l = lognormal_new(times[i], times[i]);

		for (u64 nth = 0; nth < 1000; nth++)
			CU_ASSERT_EQUAL(lognormal_at(l, random_value(3, nth)), times[i]);
		CU_ASSERT_EQUAL(lognormal_at(l, 0), times[i]);
		CU_ASSERT_EQUAL(lognormal_at(l, UINT64_MAX), times[i]);
		lognormal_free(l);
	}
}

static void test_lognormal_monotonic(void)
{
	const struct lognormal *l = lognormal_new(12000, 95000);
	u64 before = 0;
	bool rises = true;

	for (u64 i = 0; i < 1 << 20; i++) {
		u64 time = lognormal_at(l, i << 44);

		rises = rises && time >= before;
		before = time;
	}
	/* And across the borders of steps and octaves. */
	for (u32 octave = 0; octave < 34; octave++) {
		u64 border = UINT64_C(1) << (62 - octave);

		rises = rises && lognormal_at(l, border - 1) <= lognormal_at(l, border);
		rises = rises && lognormal_at(l, ~border) <= lognormal_at(l, ~border + 1);
	}
	CU_ASSERT(rises);
	lognormal_free(l);
}

static void test_lognormal_draws(void)
{
	const struct lognormal *l = lognormal_new(12000, 95000);
	u64 key = random_key(4, 4, 4);
	u32 below_median = 0, above_p99 = 0;

	for (u32 i = 0; i < DRAWS; i++) {
		u64 time = lognormal_at(l, random_value(key, i));

		below_median += time < 12000;
		above_p99 += time > 95000;
	}
	CU_ASSERT(near(below_median, DRAWS / 2.0, 0.003));
	CU_ASSERT(near(above_p99, DRAWS / 100.0, 0.025));
	lognormal_free(l);
}

static void test_lognormal_known_tables(void)
{
	static const struct {
		u64 median, p99, hash;
	} known[] = {
		{ 80000, 10000000, UINT64_C(0x8a859ef44143a08f) },
		{ 12000, 95000, UINT64_C(0x83e0d7054fc46dbb) },
		{ 1, INT64_MAX, UINT64_C(0xa832e8f650fd057f) },
	};

	for (u32 i = 0; i < ARRAY_SIZE(known); i++) {
		const struct lognormal *l = lognormal_new(known[i].median, known[i].p99);
		u64 hash = hash_words(HASH_START, l->node[0], LOGNORMAL_NODES);

		hash = hash_words(hash, l->node[1], LOGNORMAL_NODES);
		CU_ASSERT_EQUAL(hash, known[i].hash);
		lognormal_free(l);
	}
}

static void test_sizes_moments(void)
{
	static const struct {
		u32 mean, min, max;
	} cases[] = {
		{ 1000, 64, 4096 }, { 64, 63, 67 },    { 4000, 0, 4096 },
		{ 1, 0, 1000 },	    { 500, 499, 501 }, { 1 << 20, 4096, SIZES_MAX_RANGE },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		u64 key = random_key(6, 6, i);
		double below = cases[i].mean - cases[i].min, above = cases[i].max - cases[i].mean;
		double variance = below * above / (3 * SIZES_DRAWS), sum = 0, squares = 0, off;
		bool inside = true;
		struct sizes s;

		sizes_init(&s, cases[i].mean, cases[i].min, cases[i].max);
		for (u32 nth = 0; nth < DRAWS; nth++) {
			u32 size = sizes_at(&s, random_value(key, nth));
			double away = (double)size - cases[i].mean;

			inside = inside && size >= cases[i].min && size <= cases[i].max;
			sum += away;
			squares += away * away;
		}
		CU_ASSERT(inside);
		off = sum / DRAWS;
		CU_ASSERT(off * off < 16 * (variance + 0.25) / DRAWS); /* four standard deviations */
		/* Rounding adds up to a quarter. */
		CU_ASSERT(squares / DRAWS > variance * 0.98 && squares / DRAWS < variance * 1.02 + 0.26);
	}
}

/* Symmetric limits: the middle half of the range holds most, the ends almost nothing. */
static void test_sizes_bell(void)
{
	u32 eighth[8] = { 0 };
	struct sizes s;

	sizes_init(&s, 4000, 0, 8000);
	for (u32 nth = 0; nth < DRAWS; nth++) {
		u32 size = sizes_at(&s, random_value(7, nth));

		eighth[size < 8000 ? size / 1000 : 7]++;
	}
	for (u32 i = 0; i < 3; i++) {
		CU_ASSERT(eighth[i] < eighth[i + 1]);
		CU_ASSERT(near(eighth[i], eighth[7 - i], 0.06));
	}
	CU_ASSERT(eighth[0] < DRAWS / 300);
	CU_ASSERT(eighth[3] > DRAWS / 4);
}

static void test_sizes_constant(void)
{
	struct sizes s;

	for (u64 nth = 0; nth < 1000; nth++) {
		sizes_init(&s, 7, 7, 7);
		CU_ASSERT_EQUAL(sizes_at(&s, random_value(8, nth)), 7);
		sizes_init(&s, 7, 7, 4096);
		CU_ASSERT_EQUAL(sizes_at(&s, random_value(8, nth)), 7);
		sizes_init(&s, 4096, 7, 4096);
		CU_ASSERT_EQUAL(sizes_at(&s, random_value(8, nth)), 4096);
	}
}

static void test_sizes_known(void)
{
	static const u32 want[8] = { 504, 355, 1364, 2235, 794, 891, 1342, 607 };
	struct sizes s;

	sizes_init(&s, 1000, 64, 4096);
	for (u32 i = 0; i < 8; i++)
		CU_ASSERT_EQUAL(sizes_at(&s, random_value(1, i)), want[i]);
}

static const struct unit tests[] = {
	{ "zipf: the first ranks have their exact share", test_zipf_cumulative },
	{ "zipf: cells tile the ranks", test_zipf_cells },
	{ "zipf: within a cell each rank has its exact share", test_zipf_slope },
	{ "zipf: draws fit exact probabilities", test_zipf_draws },
	{ "zipf: no value leads outside", test_zipf_range },
	{ "zipf: tables and draws are the same on every machine", test_zipf_known_tables },
	{ "scatter: a permutation for every n and key", test_scatter_permutes },
	{ "scatter: stays inside at the greatest n", test_scatter_widest },
	{ "scatter: the same on every machine", test_scatter_known },
	{ "scatter: over the keys an index goes anywhere", test_scatter_uniform },
	{ "scatter: neighbours part and the head spreads", test_scatter_spreads },
	{ "lognormal: quantiles are within a thousandth", test_lognormal_quantiles },
	{ "lognormal: clamped at 2^-32 of either tail", test_lognormal_ends },
	{ "lognormal: constant when p99 is the median", test_lognormal_constant },
	{ "lognormal: never falls as the value grows", test_lognormal_monotonic },
	{ "lognormal: draws have the median and p99 asked for", test_lognormal_draws },
	{ "lognormal: tables are the same on every machine", test_lognormal_known_tables },
	{ "sizes: inside the limits, with the mean and variance stated", test_sizes_moments },
	{ "sizes: a bell", test_sizes_bell },
	{ "sizes: constant when the mean is a limit", test_sizes_constant },
	{ "sizes: the same on every machine", test_sizes_known },
};

UNIT_MAIN("dist", tests)
