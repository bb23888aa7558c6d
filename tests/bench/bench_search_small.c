/*
 * The explorer where a state is small: tasks of tests/unit/toy.h that add to one number without a lock.
 */
#include "tests/bench/search_bench.h"

#include "tests/unit/toy.h"

enum { TASKS = 3, ADDS = 5 };

struct world {
	struct search_bench bench;
	struct kernel *k;
};

static bool at_most_all(struct machine *m, GString *why)
{
	(void)why;
	return kernel_of(m)->world->shared <= TASKS * ADDS;
}

static void *counting(void)
{
	static const struct toy_op adds[ADDS + 1] = { [0 ... ADDS - 1] = { DO_ADD, 0, 1 }, { DO_END, 0, 0 } };
	struct world *w = g_new0(struct world, 1);
	struct machine_config config = toy_config(2);

	config.tasks = TASKS;
	config.preemption = PREEMPT_FULL;
	w->k = toy_new(&config);
	machine_search(&w->k->machine);
	for (u32 i = 0; i < TASKS; i++)
		toy_add(w->k, adds, i % 2);
	w->bench = (struct search_bench){ &w->k->machine, at_most_all, TASKS };
	return w;
}

static void world_free(void *context)
{
	struct world *w = context;

	toy_free(w->k);
	g_free(w);
}

static const struct bench benches[] = {
	{ "states, tasks that count", BENCH_RATE, 1e6, 3e6, bench_states, counting, world_free },
	{ "  steps tried for them", BENCH_RATE, 0, 0, bench_transitions, counting, world_free },
	{ "  memory a state", BENCH_BYTES, 0, 0, bench_state_bytes, counting, world_free },
	{ "  runs drawn from it", BENCH_RATE, 0.2e6, 0, bench_runs, counting, world_free },
	{ "  steps of these", BENCH_RATE, 0, 0, bench_run_steps, counting, world_free },
};

BENCH_MAIN(benches)
