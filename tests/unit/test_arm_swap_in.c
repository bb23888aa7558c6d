/* Swap on a disk with an arm: order pays, and so does where the allocator puts what is read together. */
#include "tests/unit/scenario_text.h"
#include "tests/unit/unit.h"

#define ON_DISK(tasks, kind, size, more)                                                                     \
	"{'format':1,'name':'d','machine':{'cpus':8},'swap':[{'device':'hdd7200','size':'8GiB'}],"           \
	"'cgroups':[{'name':'g','memory.max':'25%'}],'tasks':[{'name':'t','count':" tasks                    \
	",'cgroup':'g','workload':{'" kind "':{'size':'" size "','write_permille':0" more "}}}]}"

/* Pages swapped in a second of the phase after the fill. */
static u64 rate(const char *text, const char *kernel, u64 seed)
{
	struct scenario *s = scenario_right(text);
	const struct build_options options = { .kernel = kernel, .seed = seed };
	struct run_result *r = run_scenario(s, &options, NULL, NULL, NULL);
	const struct run_phase *run;
	u64 pages;

	CU_ASSERT_PTR_NOT_NULL_FATAL(r);
	run = &r->phase[r->phases - 1];
	CU_ASSERT_STRING_EQUAL(run->name, "run");
	pages = run->count[0][PSWPIN] * 1000 / ((run->end_ns - run->begin_ns) / 1000000);
	run_result_free(r);
	scenario_free(s);
	return pages;
}

static void test_order_pays(void)
{
	static const char *const kernels[] = { "6.17", "6.18" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		u64 in_order = rate(ON_DISK("1", "seq", "32MiB", ""), kernels[i], 1);
		u64 at_random = rate(ON_DISK("1", "rand", "32MiB", ",'accesses':2000"), kernels[i], 1);

		CU_ASSERT(in_order > 10 * at_random);
		CU_ASSERT(at_random > 100 && at_random < 300); /* a turn and a seek each */
	}
}

/* Published for 8 GiB by 8 processes: 1270.91 and 1849.54 KB/s each, 318 and 462 pages. Nothing is drawn
 * here, and who comes first decides where clusters lie: sizes make the difference that seeds do not. */
static void test_neighbours_pay(void)
{
	static const char *const sizes[] = { ON_DISK("8", "seq", "24MiB", ""),
					     ON_DISK("8", "seq", "32MiB", ""),
					     ON_DISK("8", "seq", "40MiB", "") };
	u64 old = 0, new = 0, shuffled = 0;

	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++) {
		old += rate(sizes[i], "6.17", 1);
		new += rate(sizes[i], "6.18", 1);
		shuffled += rate(sizes[i], "6.18+cluster-shuffle=on", 1);
	}
	CU_ASSERT(new * 100 > old * 115);
	CU_ASSERT(new * 100 < old * 200);
	CU_ASSERT(new * 100 > shuffled * 115); /* it is where clusters lie, and nothing else */
}

static const struct unit tests[] = {
	{ "a sequential swap-in is many times faster than one at random", test_order_pays },
	{ "eight of them are faster when free clusters are neighbours", test_neighbours_pay },
};

UNIT_MAIN("arm_swap_in", tests)
