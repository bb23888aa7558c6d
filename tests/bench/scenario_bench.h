/*
 * scenario_bench.h - benchmarks of a machine that a scenario describes, from some point of its run on.
 */
#ifndef TESTS_BENCH_SCENARIO_BENCH_H
#define TESTS_BENCH_SCENARIO_BENCH_H

#include "tests/bench/bench.h"
#include "tests/unit/scenario_text.h"

enum { BENCH_SLICE_NS = 1000000 };

struct scenario_bench {
	struct scenario *s;
	struct kernel *k;
};

static inline u64 bench_counted(const struct scenario_bench *b, enum counter id)
{
	return b->k->count[0][id];
}

/* Goes on until @n more of @id were counted; how many there were. */
static inline u64 bench_more(struct scenario_bench *b, enum counter id, u64 n)
{
	struct machine *m = &b->k->machine;
	u64 before = bench_counted(b, id);

	for (u64 until = m->now; bench_counted(b, id) - before < n; until += BENCH_SLICE_NS)
		BUG_ON(!machine_run(m, until, NULL));
	return bench_counted(b, id) - before;
}

/* Up to its @warm-th access; the text is freed. */
static inline struct scenario_bench *bench_scenario(char *text, u64 warm)
{
	struct scenario_bench *b = g_new0(struct scenario_bench, 1);
	struct build_options options;

	b->s = scenario_right_in(NULL, text);
	g_free(text);
	options = options_of(b->s, NULL);
	b->k = scenario_build(b->s, &options, NULL);
	BUG_ON(!b->k);
	bench_more(b, ACCESSES, warm);
	return b;
}

static inline void bench_scenario_free(void *context)
{
	struct scenario_bench *b = context;

	kernel_free(b->k);
	scenario_free(b->s);
	g_free(b);
}

#endif
