/* How long it takes from a scenario to its result where next to nothing is to be done. */
#include "tests/bench/bench.h"
#include "tests/unit/scenario_text.h"

enum { RUNS = 50 };

static uint64_t smallest(void *context)
{
	(void)context;
	for (u32 i = 0; i < RUNS; i++) {
		struct scenario *s = scenario_right(
		    "{'format':1,'name':'s','machine':{'memory':'8MiB'},'swap':[{'device':'zram-lz4','size':"
		    "'8MiB'}],'tasks':[{'name':'t','workload':{'seq':{'pages':16}}}]}");
		struct build_options options = options_of(s, NULL);
		struct run_result *r = run_scenario(s, &options, NULL, NULL, NULL);

		BUG_ON(!r);
		run_result_free(r);
		scenario_free(s);
	}
	return RUNS;
}

static const struct bench benches[] = {
	{ "from a small scenario to its result", BENCH_MS, 50, 10, smallest, NULL, NULL },
};
BENCH_MAIN(benches)
