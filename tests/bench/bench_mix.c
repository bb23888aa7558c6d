/*
 * Everything at once on every release, at length: the random mixes of tests/unit/test_invariants_mix.c under
 * the timed driver, with all invariants after every 1000 steps and a full audit at the end of each. One that
 * does not hold ends the program with the scenario that shows it. The five runs of the benchmark are
 * different ones, and 10 million operations together; SWAPSIM_MIX_OPERATIONS says how many instead.
 */
#include <stdio.h>
#include <stdlib.h>

#include "models/work/work.h"
#include "tests/bench/bench.h"
#include "tests/unit/mix_scenario.h"
#include "tests/unit/scenario_text.h"

enum { OPERATIONS_OF_A_TASK = 1000, STEPS_BETWEEN_CHECKS = 1000 };

struct mixes {
	u64 operations;
	u64 seed; /* of the next one */
};

static void *mixes_setup(void)
{
	static u64 runs; /* before this one */
	const char *n = g_getenv("SWAPSIM_MIX_OPERATIONS");
	struct mixes *x = g_new0(struct mixes, 1);

	x->operations = (n ? g_ascii_strtoull(n, NULL, 10) : 10000000) / BENCH_RUNS;
	x->seed = runs++ << 32;
	return x;
}

static void give_up(const char *text, const char *kernel, const char *why)
{
	fprintf(stderr, "%s: %s\n%s", kernel, why, text);
	exit(1);
}

/* Operations that were done. */
static u64 run_mix(u64 seed, const char *kernel)
{
	char *text = mix_scenario(seed, kernel, OPERATIONS_OF_A_TASK), *wrong;
	struct scenario *s = scenario_right(text);
	struct build_options options = options_of(s, scenario_kernel(s));
	struct kernel *k = scenario_build(s, &options, NULL);
	GError *error = NULL;
	u64 done = 0;

	k->machine.config.check_invariants = STEPS_BETWEEN_CHECKS;
	if (!machine_run(&k->machine, TIME_NEVER - 1, &error))
		give_up(text, kernel, error->message);
	wrong = audit(k);
	if (wrong)
		give_up(text, kernel, wrong);
	for (u32 i = 0; i < k->machine.tasks; i++)
		done += k->work[i].done;
	kernel_free(k);
	scenario_free(s);
	g_free(text);
	return done;
}

static uint64_t operations(void *context)
{
	struct mixes *x = context;
	u32 releases;
	const struct release *release = release_list(&releases);
	u64 done = 0;

	while (done < x->operations)
		for (u32 i = 0; i < releases; i++)
			done += run_mix(x->seed++, release[i].name);
	return done;
}

static const struct bench benches[] = {
	{ "operations of random mixes, checked", BENCH_RATE, 0, 0, operations, mixes_setup, g_free },
};

BENCH_MAIN(benches)
