/*
 * search_bench.h - what is measured of a world: states a second that the explorer visits, each found,
 * compared with all others, kept, and looked at by its invariants; what a state takes of memory; runs a
 * second that are drawn from it.
 */
#ifndef TESTS_BENCH_SEARCH_BENCH_H
#define TESTS_BENCH_SEARCH_BENCH_H

#include "sim/sample.h"
#include "tests/bench/bench.h"

enum { SEARCH_STATES_MOST = 10000000, SAMPLE_RUNS = 20000, SAMPLE_STEPS_MOST = 1000 };

struct search_bench {
	struct machine *m;
	holds_fn *holds;
	u32 tasks;
};

struct search_figures {
	uint64_t states, transitions, bytes;
};

static inline struct search_figures search_all(const struct search_bench *b)
{
	const struct explore_options options = {
		.holds = b->holds,
		.tasks = b->tasks,
		.preemptions = EXPLORE_NO_BOUND,
		.choices = EXPLORE_NO_BOUND,
		.unusual = EXPLORE_NO_BOUND,
		.depth = EXPLORE_NO_BOUND,
		.states = SEARCH_STATES_MOST,
		.bytes = UINT64_C(4) << 30,
	};
	struct search_figures f;
	struct explore_result r;

	explore(b->m, &options, &r);
	BUG_ON(r.verdict != EXPLORE_CLEAN || r.cut != EXPLORE_COMPLETE);
	f = (struct search_figures){ r.states, r.transitions, r.bytes };
	explore_result_release(&r);
	return f;
}

static inline uint64_t bench_states(void *world)
{
	return search_all(world).states;
}

static inline uint64_t bench_transitions(void *world)
{
	return search_all(world).transitions;
}

static inline uint64_t bench_state_bytes(void *world)
{
	struct search_figures f = search_all(world);

	return f.bytes / f.states;
}

static inline struct sample_result sample_some(const struct search_bench *b)
{
	const struct sample_options options = {
		.how = SAMPLE_WALK,
		.holds = b->holds,
		.tasks = b->tasks,
		.seed = 1,
		.runs = SAMPLE_RUNS,
		.depth = SAMPLE_STEPS_MOST,
		.unusual = 8,
	};
	struct sample_result r, figures;

	sample(b->m, &options, &r);
	BUG_ON(r.hits);
	figures = r;
	sample_result_release(&r);
	return figures;
}

static inline uint64_t bench_runs(void *world)
{
	return sample_some(world).runs;
}

static inline uint64_t bench_run_steps(void *world)
{
	return sample_some(world).steps;
}

#endif
