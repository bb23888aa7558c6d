/*
 * States a second that a search visits: the allocation world of tests/unit/test_table_alloc.c, three tasks
 * that take a slot each while table allocations may fail. A state is found, compared with all before and
 * kept, and the invariant is looked at.
 */
#include "tests/bench/bench.h"

#include "models/block/device.h"
#include "models/mm/memory.h"
#include "models/paths.h"
#include "models/swap/ownership.h"
#include "tests/unit/search.h"

enum { CPUS = 2, TASKS = 3, SLOTS_PER_CLUSTER = 4, CLUSTERS = 3, MOST_STATES = 1000000 };

static const struct swap_device_config device = { "zram-lz4", CLUSTERS *SLOTS_PER_CLUSTER - 1 };
static const struct memcg_config memcg = { "", UINT64_MAX / 2, 0 };
static const struct mm_config mm = { .name = "p", .pages = 4 };

struct world {
	struct kernel *k;
	struct search search;
};

static void *world_setup(void)
{
	struct world *w = g_new0(struct world, 1);
	struct kernel_config c = kernel_config_default();

	c.machine.cpus = CPUS;
	c.machine.tasks = TASKS;
	c.machine.stack_bytes = 512;
	c.machine.wait_buckets = 1;
	c.machine.events = 1;
	c.slots_per_cluster = SLOTS_PER_CLUSTER;
	c.space_clusters = 1;
	c.pages_per_table = 4;
	c.memory_pages = 16;
	c.min_free_pages = 4;
	c.devices = c.memcgs = c.mms = 1;
	c.device = &device;
	c.memcg = &memcg;
	c.mm = &mm;
	w->k = kernel_new(&c, NULL);
	BUG_ON(!w->k);
	w->k->machine.searching = true;
	for (u32 i = 0; i < TASKS; i++) {
		struct folio_alloc_swap *f =
		    machine_add_task(&w->k->machine, PATH_folio_alloc_swap, sizeof *f, i % CPUS, false, 0);

		f->folio = folio_alloc(w->k);
		w->k->folio[f->folio].lock = i + 1;
	}
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
	{ "states of a search, 3 tasks, about 2.8 KB each", BENCH_RATE, 0.5e6, 2e6, states, world_setup,
	  world_free },
	{ "  steps tried for them", BENCH_RATE, 0, 0, transitions, world_setup, world_free },
};

BENCH_MAIN(benches)
