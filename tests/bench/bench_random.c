/* Random values, distributions and histograms: what a draw or a record costs. */
#include <stdlib.h>

#include "sim/dist.h"
#include "sim/histogram.h"
#include "tests/bench/bench.h"

#define DRAWS 50000000u
#define BUILDS 20u

static uint64_t run_value(void *context)
{
	u64 key = random_key(1, 2, 3), sum = 0;

	(void)context;
	for (u64 i = 0; i < DRAWS; i++) {
		u64 value = random_value(key, i);

		bench_keep(value); /* or a vectoriser would be measured */
		sum += value;
	}
	bench_keep(sum);
	return DRAWS;
}

static uint64_t run_below(void *context)
{
	u64 key = random_key(1, 2, 3);

	(void)context;
	for (u64 i = 0; i < DRAWS; i++)
		bench_keep(random_below(random_value(key, i), 12));
	return DRAWS;
}

static void *setup_zipf(void)
{
	return zipf_new(1 << 20, 990);
}

static void teardown_zipf(void *context)
{
	zipf_free(context);
}

static uint64_t run_zipf(void *context)
{
	u64 key = random_key(1, 2, 3);

	for (u64 i = 0; i < DRAWS; i++)
		bench_keep(zipf_at(context, random_value(key, i)));
	return DRAWS;
}

/* What a workload does: a page for a rank, 2^20 pages. */
static uint64_t run_zipf_scattered(void *context)
{
	u64 key = random_key(1, 2, 3);
	struct scatter s;

	scatter_init(&s, 1 << 20, key);
	for (u64 i = 0; i < DRAWS; i++)
		bench_keep(scatter_at(&s, zipf_at(context, random_value(key, i))));
	return DRAWS;
}

/* The least friendly n: nearly every second index walks. */
static uint64_t run_scatter_walking(void *context)
{
	struct scatter s;

	(void)context;
	scatter_init(&s, (1 << 20) + 1, 1);
	for (u32 i = 0; i < DRAWS; i++)
		bench_keep(scatter_at(&s, i & 0xfffff));
	return DRAWS;
}

static uint64_t run_zipf_new(void *context)
{
	(void)context;
	for (u32 i = 0; i < BUILDS; i++)
		zipf_free(zipf_new(1 << 26, 990));
	return BUILDS;
}

static uint64_t run_lognormal_new(void *context)
{
	static u64 median = 80000; /* equal ones are built once */

	(void)context;
	for (u32 i = 0; i < BUILDS; i++)
		lognormal_free(lognormal_new(median++, 10000000));
	return BUILDS;
}

static void *setup_lognormal(void)
{
	return (void *)(uintptr_t)lognormal_new(80000, 10000000);
}

static void teardown_lognormal(void *context)
{
	lognormal_free(context);
}

static uint64_t run_lognormal(void *context)
{
	u64 key = random_key(1, 2, 3);

	for (u64 i = 0; i < DRAWS; i++)
		bench_keep(lognormal_at(context, random_value(key, i)));
	return DRAWS;
}

static uint64_t run_sizes(void *context)
{
	u64 key = random_key(1, 2, 3);
	struct sizes s;

	(void)context;
	sizes_init(&s, 1000, 64, 4096);
	for (u64 i = 0; i < DRAWS; i++)
		bench_keep(sizes_at(&s, random_value(key, i)));
	return DRAWS;
}

static void *setup_histogram(void)
{
	return calloc(1, sizeof(struct histogram));
}

/* Latencies around 1 us that vary by a factor of 16. */
static uint64_t run_histogram(void *context)
{
	u64 value = 1;

	for (u64 i = 0; i < DRAWS; i++) {
		value = value * 5 + 1;
		histogram_record(context, 256 + (value >> 7 & 4095));
	}
	bench_keep(histogram_quantile(context, 990000));
	return DRAWS;
}

static const struct bench benches[] = {
	{ "random value", BENCH_TIME, 2, 1.5, run_value, NULL, NULL },
	{ "random below 12", BENCH_TIME, 2.5, 2, run_below, NULL, NULL },
	{ "zipf(0.99) draw of 2^20, with its value", BENCH_TIME, 10, 5, run_zipf, setup_zipf, teardown_zipf },
	{ "the same, scattered", BENCH_TIME, 15, 8, run_zipf_scattered, setup_zipf, teardown_zipf },
	{ "scatter over 2^20 + 1", BENCH_TIME, 20, 15, run_scatter_walking, NULL, NULL },
	{ "lognormal draw, with its value", BENCH_TIME, 10, 5, run_lognormal, setup_lognormal,
	  teardown_lognormal },
	{ "size draw, with its value", BENCH_TIME, 20, 10, run_sizes, NULL, NULL },
	{ "histogram record", BENCH_TIME, 3, 2, run_histogram, setup_histogram, free },
	{ "zipf table of 2^26", BENCH_MS, 5, 1, run_zipf_new, NULL, NULL },
	{ "lognormal table", BENCH_MS, 5, 1, run_lognormal_new, NULL, NULL },
};

BENCH_MAIN(benches)
