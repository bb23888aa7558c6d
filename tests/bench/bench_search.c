/*
 * States a second that a search visits: the allocation world of tests/unit/test_table_alloc.c, three tasks
 * that take a slot each while table allocations may fail. A state is found, compared with all before and
 * kept, and the invariant is looked at.
 */
#include "tests/bench/bench.h"

#include "tests/unit/alloc_world.h"
#include "tests/unit/search.h"

enum { TASKS = 3, MOST_STATES = 1000000 };

struct world {
	struct kernel *k;
	struct search search;
};

static void *world_setup(void)
{
	struct world *w = g_new0(struct world, 1);

	w->k = alloc_world("6.18", TASKS);
	return w;
}

static uint64_t states(void *context)
{
	struct world *w = context;

	BUG_ON(!search_run(&w->search, &w->k->machine, &cluster_ownership, MOST_STATES, false));
	BUG_ON(w->search.violations || w->search.deadlocks);
	return w->search.node->len;
}

static uint64_t transitions(void *context)
{
	struct world *w = context;

	states(context);
	return w->search.transitions;
}

static void world_free(void *context)
{
	struct world *w = context;

	search_release(&w->search);
	kernel_free(w->k);
	g_free(w);
}

static const struct bench benches[] = {
	{ "states of a search, 3 tasks, about 2.4 KB each", BENCH_RATE, 0.5e6, 2e6, states, world_setup,
	  world_free },
	{ "  steps tried for them", BENCH_RATE, 0, 0, transitions, world_setup, world_free },
};

BENCH_MAIN(benches)
