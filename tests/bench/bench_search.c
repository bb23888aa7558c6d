/*
 * The explorer in worlds of the model: the allocation world of tests/unit/test_table_alloc.c, in which three
 * tasks take a slot each while table allocations may fail, with the invariant that is about it; and the
 * swap-in world scenarios/explore/swapin-swapin-zram with all invariants.
 */
#include "tests/bench/search_bench.h"

#include "models/race.h"
#include "tests/unit/alloc_world.h"

enum { TASKS = 3 };

struct world {
	struct search_bench bench;
	struct kernel *k;
	struct scenario *s;
	struct race *race;
};

static bool owned(struct machine *m, GString *why)
{
	return cluster_ownership.holds(m, why);
}

static void *allocation(void)
{
	struct world *w = g_new0(struct world, 1);

	w->k = alloc_world("6.18", TASKS);
	w->bench = (struct search_bench){ &w->k->machine, owned, TASKS };
	return w;
}

static void *swap_in(void)
{
	struct world *w = g_new0(struct world, 1);
	struct json_doc *doc = json_doc_load(SOURCE_DIR "/scenarios/explore/swapin-swapin-zram.json", NULL);
	struct kernel *k;

	BUG_ON(!doc || !scenario_include(doc, SOURCE_DIR, NULL));
	w->s = scenario_read(doc, SOURCE_DIR, NULL);
	json_doc_free(doc);
	w->race = race_new(w->s, "6.18", NULL);
	k = race_begin(w->race);
	w->bench = (struct search_bench){ (struct machine *)k, race_state_holds, 2 };
	return w;
}

static void world_free(void *context)
{
	struct world *w = context;

	kernel_free(w->k);
	race_free(w->race);
	if (w->s)
		scenario_free(w->s);
	g_free(w);
}

static const struct bench benches[] = {
	{ "states, allocation", BENCH_RATE, 0.5e6, 2e6, bench_states, allocation, world_free },
	{ "  steps tried for them", BENCH_RATE, 0, 0, bench_transitions, allocation, world_free },
	{ "  memory a state", BENCH_BYTES, 0, 0, bench_state_bytes, allocation, world_free },
	{ "  runs drawn from it", BENCH_RATE, 0.2e6, 0, bench_runs, allocation, world_free },
	{ "  steps of these", BENCH_RATE, 0, 0, bench_run_steps, allocation, world_free },
	{ "states, swap-in", BENCH_RATE, 0.5e6, 2e6, bench_states, swap_in, world_free },
	{ "  steps tried for them", BENCH_RATE, 0, 0, bench_transitions, swap_in, world_free },
	{ "  memory a state", BENCH_BYTES, 0, 0, bench_state_bytes, swap_in, world_free },
	{ "  runs drawn from it", BENCH_RATE, 0, 0, bench_runs, swap_in, world_free },
	{ "  steps of these", BENCH_RATE, 0, 0, bench_run_steps, swap_in, world_free },
};

BENCH_MAIN(benches)
