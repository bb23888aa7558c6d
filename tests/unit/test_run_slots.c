/* What is in clusters over time, of a device that is switched off. */
#include "models/run.h"

#include "tests/unit/scenario_text.h"
#include "tests/unit/unit.h"

/* It has no free slots any more, and has lost none. */
static void test_off(void)
{
	struct scenario *s = scenario_right(
	    "{'format':1,'name':'off','machine':{'memory':'64MiB'},"
	    "'swap':[{'device':'zram-lz4','size':'8MiB'}],'operations':[{'at':'30ms','swapoff':0}],"
	    "'tasks':[{'name':'a','workload':{'seq':{'size':'1MiB','passes':400,'think':'1us'}}}]}");
	struct build_options options = options_of(s, "6.18");
	u64 before = 0, after = 0, lost = 0;
	struct run_result *r;

	options.slots = true;
	r = run_scenario(s, &options, NULL, NULL, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(r);
	for (u32 i = 0; i < r->clusters->len; i++) {
		const struct run_cluster_sample *c =
		    &g_array_index(r->clusters, struct run_cluster_sample, i);

		*(c->time_ns < 30000000 ? &before : &after) += c->free;
		lost += c->lost;
	}
	CU_ASSERT(before > 0);
	CU_ASSERT_EQUAL(after, 0);
	CU_ASSERT_EQUAL(lost, 0);
	run_result_free(r);
	scenario_free(s);
}

static const struct unit tests[] = {
	{ "a device that is off has no free slots", test_off },
};

UNIT_MAIN("run: slots", tests)
