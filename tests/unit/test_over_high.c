/* memory.high and memory.swap.high: the penalty to the tick, who pays it, and when. */
#include "models/mm/over_high.h"

#include "models/mm/memcg.h"
#include "models/mm/psi.h"
#include "tests/unit/scenario_text.h"
#include "tests/unit/world.h"

enum { MIB = 256, BATCH = 64 };
#define NS_PER_SECOND UINT64_C(1000000000)

/* ---- the formula ---- */

static void test_overage(void)
{
	CU_ASSERT_EQUAL(memcg_overage(99, 100), 0);
	CU_ASSERT_EQUAL(memcg_overage(100, 100), 0);
	CU_ASSERT_EQUAL(memcg_overage(101, 100), 10485); /* 2^20 / 100 */
	CU_ASSERT_EQUAL(memcg_overage(150, 100), 524288);
	CU_ASSERT_EQUAL(memcg_overage(200, 100), 1048576);
	CU_ASSERT_EQUAL(memcg_overage(3, 0), 2 << 20); /* as of one page */
	CU_ASSERT_EQUAL(memcg_overage(0, 0), 0);
}

/* A batch charged at 101 to 110, 120, 150 and 200 MiB of 100: what the comment in the kernel says of ms, and
 * its square law at other rates. */
static void test_penalty(void)
{
	static const struct {
		u32 usage;
		u32 ticks[3]; /* at 1000, 250 and 100 Hz */
	} cases[] = {
		{ 100, { 0, 0, 0 } },		{ 101, { 6, 1, 0 } },
		{ 102, { 25, 6, 2 } },		{ 103, { 57, 14, 5 } },
		{ 104, { 102, 25, 10 } },	{ 105, { 159, 39, 15 } },
		{ 106, { 230, 57, 23 } },	{ 107, { 313, 78, 31 } },
		{ 108, { 409, 102, 40 } },	{ 109, { 518, 129, 51 } },
		{ 110, { 639, 159, 63 } },	{ 120, { 2559, 639, 255 } },
		{ 150, { 16000, 4000, 1600 } }, { 200, { 64000, 16000, 6400 } },
	};
	static const u32 hz[] = { 1000, 250, 100 };

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++)
		for (u32 h = 0; h < ARRAY_SIZE(hz); h++)
			CU_ASSERT_EQUAL(memcg_high_delay(memcg_overage(cases[i].usage * MIB, 100 * MIB),
							 BATCH, hz[h], BATCH),
					cases[i].ticks[h]);
}

/* In proportion to what was charged, whole ticks of a batch first: 639 x n / 64. */
static void test_in_proportion(void)
{
	u64 overage = memcg_overage(110 * MIB, 100 * MIB);

	CU_ASSERT_EQUAL(memcg_high_delay(overage, 1, 1000, BATCH), 9);
	CU_ASSERT_EQUAL(memcg_high_delay(overage, 32, 1000, BATCH), 319);
	CU_ASSERT_EQUAL(memcg_high_delay(overage, 65, 1000, BATCH), 648);
	CU_ASSERT_EQUAL(memcg_high_delay(overage, 128, 1000, BATCH), 1278);
	CU_ASSERT_EQUAL(memcg_high_delay(overage, 640, 1000, BATCH), 6390);
}

/* ---- the way back to user mode ---- */

struct way {
	u32 usage, high;	   /* MiB, of what cannot be reclaimed */
	u32 swap_usage, swap_high; /* pages; 0: no limit */
	u32 pages;		   /* over high */
	u32 hz;
};

static void go(struct world *w, struct way way)
{
	world_init(w, (struct world_size){ .memcgs = 3 });
	w->k->machine.config.hz = way.hz;
	w->k->machine.tick_ns = NS_PER_SECOND / way.hz;
	w->k->mm[0].memcg = 2;
	memcg_force_charge(w->k, 2, way.usage * MIB);
	w->k->memcg[1].high = way.high * MIB;
	w->k->memcg[2].swap_usage = way.swap_usage;
	w->k->memcg[2].swap_high = way.swap_high ? way.swap_high : PAGE_COUNTER_MAX;
	w->k->memcg_task[w->k->machine.tasks].pages_over_high = way.pages;
	RUN(w, mem_cgroup_handle_over_high);
}

static u64 count(const struct world *w, enum counter id)
{
	return w->k->count[2][id];
}

enum { WAKE_NS = 20000 };

/* It lasts till the end of the tick after so many. */
static bool slept(const struct world *w, u32 ticks)
{
	u64 ns = count(w, HIGH_SLEEP_NS), tick = w->k->machine.tick_ns;

	return count(w, HIGH_SLEEPS) == 1 && ns > ticks * tick && ns < (ticks + 1) * tick + WAKE_NS &&
	       w->k->machine.now / tick == ticks + 1;
}

static void expect_sleep(struct way way, u32 ticks)
{
	struct world w;

	go(&w, way);
	CU_ASSERT(slept(&w, ticks));
	CU_ASSERT_EQUAL(w.k->count[1][EVENTS_HIGH], 17); /* 16 more attempts */
	CU_ASSERT_EQUAL(w.k->local_event[1][EVENTS_HIGH - LOCAL_EVENTS_FIRST], 17);
	CU_ASSERT_EQUAL(w.k->count[2][EVENTS_HIGH], 0); /* it is the parent that is over */
	CU_ASSERT_EQUAL(w.k->memcg_task[0].pages_over_high, 0);
	psi_sample(w.k);
	CU_ASSERT(psi_sampled(w.k, 0, PSI_MEM_SOME) >= count(&w, HIGH_SLEEP_NS));
	CU_ASSERT(psi_sampled(w.k, 0, PSI_MEM_SOME) < count(&w, HIGH_SLEEP_NS) + w.k->machine.tick_ns);
	world_release(&w);
}

static void test_to_the_tick(void)
{
	expect_sleep((struct way){ 110, 100, .pages = 64, .hz = 1000 }, 639);
	expect_sleep((struct way){ 110, 100, .pages = 64, .hz = 250 }, 159);
	expect_sleep((struct way){ 110, 100, .pages = 64, .hz = 100 }, 63);
	expect_sleep((struct way){ 110, 100, .pages = 128, .hz = 1000 }, 1278);
	expect_sleep((struct way){ 102, 100, .pages = 64, .hz = 1000 }, 25);
	expect_sleep((struct way){ 102, 100, .pages = 64, .hz = 250 }, 6);
	expect_sleep((struct way){ 102, 100, .pages = 64, .hz = 100 }, 2);
}

static void test_two_seconds(void)
{
	expect_sleep((struct way){ 200, 100, .pages = 64, .hz = 1000 }, 2000);
	expect_sleep((struct way){ 200, 100, .pages = 64, .hz = 250 }, 500);
	expect_sleep((struct way){ 200, 100, .pages = 64, .hz = 100 }, 200);
	expect_sleep((struct way){ 120, 100, .pages = 64, .hz = 1000 }, 2000);
}

static void expect_no_sleep(struct way way, u64 rounds)
{
	struct world w;

	go(&w, way);
	CU_ASSERT_EQUAL(count(&w, HIGH_SLEEPS), 0);
	CU_ASSERT_EQUAL(w.k->count[1][EVENTS_HIGH], rounds);
	CU_ASSERT(w.k->machine.now < w.k->machine.tick_ns);
	world_release(&w);
}

/* A hundredth of a second is not worth it: 10 ticks of 1000, 2 of 250, 1 of 100. */
static void test_not_worth_it(void)
{
	expect_no_sleep((struct way){ 101, 100, .pages = 64, .hz = 1000 }, 1);
	expect_no_sleep((struct way){ 110, 100, .pages = 1, .hz = 1000 }, 1);  /* 9 */
	expect_no_sleep((struct way){ 101, 100, .pages = 128, .hz = 250 }, 1); /* 2 */
	expect_sleep((struct way){ 101, 100, .pages = 192, .hz = 250 }, 3);
	expect_no_sleep((struct way){ 102, 100, .pages = 32, .hz = 100 }, 1); /* 1 */
	expect_no_sleep((struct way){ 100, 100, .pages = 64, .hz = 1000 }, 0);
}

/* Of swap too, beside that of memory: 159 and 159; each found once more with every attempt. */
static void test_swap_high(void)
{
	struct world w;

	go(&w, (struct way){ 110, 100, 1100, 1000, 64, 250 });
	CU_ASSERT(slept(&w, 2 * 159));
	CU_ASSERT_EQUAL(count(&w, SWAP_EVENTS_HIGH), 17);
	CU_ASSERT_EQUAL(w.k->count[1][SWAP_EVENTS_HIGH], 17);
	world_release(&w);
	go(&w, (struct way){ 50, 100, 1100, 1000, 64, 250 });
	CU_ASSERT(slept(&w, 159));
	CU_ASSERT_EQUAL(w.k->count[1][EVENTS_HIGH], 0);
	world_release(&w);
	go(&w, (struct way){ 50, 100, 1000, 1000, 64, 250 });
	CU_ASSERT_EQUAL(count(&w, SWAP_EVENTS_HIGH), 0);
	CU_ASSERT_EQUAL(count(&w, HIGH_SLEEPS), 0);
	world_release(&w);
}

/* ---- charges ---- */

static void test_what_is_remembered(void)
{
	struct world w;
	struct task *t;
	u32 batch = BATCH;
	u8 no_swap = 0;

	world_init(&w, (struct world_size){ .memcgs = 3 });
	t = &w.k->machine.task[0];
	w.k->memcg[1].high = 100;
	memcg_try_charge(w.k, t, 2, 1, &batch, &no_swap); /* 64 */
	CU_ASSERT_EQUAL(w.k->memcg_task[0].pages_over_high, 0);
	memcg_drain_stocks(w.k, 2);
	memcg_force_charge(w.k, 2, 40);
	memcg_try_charge(w.k, t, 2, 1, &batch, &no_swap); /* 41 + 64 */
	CU_ASSERT_EQUAL(w.k->memcg_task[0].pages_over_high, 64);
	CU_ASSERT_FALSE(is_far_over_high(w.k, t));
	memcg_try_charge(w.k, t, 2, 1, &batch, &no_swap); /* from the stock */
	CU_ASSERT_EQUAL(w.k->memcg_task[0].pages_over_high, 64);
	memcg_drain_stocks(w.k, 2);
	batch = 1;
	memcg_try_charge(w.k, t, 2, 1, &batch, &no_swap); /* 43 */
	CU_ASSERT_EQUAL(w.k->memcg_task[0].pages_over_high, 64);
	w.k->memcg[2].swap_high = 5;
	w.k->memcg[2].swap_usage = 6;
	memcg_try_charge(w.k, t, 2, 1, &batch, &no_swap);
	CU_ASSERT_EQUAL(w.k->memcg_task[0].pages_over_high, 65);
	CU_ASSERT(is_far_over_high(w.k, t));
	t->flags |= PF_MEMALLOC;
	CU_ASSERT_FALSE(is_far_over_high(w.k, t));
	world_release(&w);
}

/* Within a fault there is no way back: more than a batch is made up for at once. */
static void test_at_once(void)
{
	struct world w;

	world_init(&w, (struct world_size){ 0 });
	world_fill(&w, 200);
	world_age(&w, 0, 200);
	memcg_drain_stocks(w.k, 1);
	w.k->memcg[1].high = 150;
	w.k->memcg_task[w.k->machine.tasks].pages_over_high = 1;
	world_write(&w, 200); /* with a batch of 64 that makes 65 */
	CU_ASSERT_EQUAL(counted(&w, EVENTS_HIGH), 1);
	CU_ASSERT(counted(&w, PGSTEAL) >= 65);
	CU_ASSERT(w.k->memcg[1].usage <= 200);
	CU_ASSERT_EQUAL(w.k->memcg_task[w.k->machine.tasks - 1].pages_over_high, 0);
	world_release(&w);
}

static void test_swap_is_full(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .memcgs = 3 });
	w.k->memcg[1].swap_high = 100;
	w.k->folio[1].memcg = 2;
	w.k->memcg[1].swap_usage = 49;
	CU_ASSERT_FALSE(mem_cgroup_swap_full(w.k, 1));
	w.k->memcg[1].swap_usage = 50;
	CU_ASSERT(mem_cgroup_swap_full(w.k, 1));
	world_release(&w);
}

/* ---- whole runs ---- */

static struct run_result *run(const char *machine, const char *swap, const char *cgroup, const char *more)
{
	char *text = g_strdup_printf("{'format':1,'name':'high','machine':{%s},'swap':[%s],'cgroups':[{'name'"
				     ":'g',%s}],'tasks':[{'name':"
				     "'t','cgroup':'g','workload':{'rand':{'size':'64MiB','accesses':20000,'"
				     "write_permille':300}}}]%s}",
				     machine, swap, cgroup, more);
	struct scenario *s = scenario_right(text);
	struct build_options options = options_of(s, NULL);
	GError *error = NULL;
	struct run_result *r = run_scenario(s, &options, NULL, NULL, &error);

	if (!r)
		g_error("%s", error->message);
	scenario_free(s);
	g_free(text);
	return r;
}

#define ZRAM "{'device':'zram-lz4','size':'1GiB'}"

/* With swap it is kept up with: never more than a batch above, a reclaim
 * a batch, no sleep, no event of a
 * limit.
 */
static void test_kept_up_with(void)
{
	struct run_result *r = run("'cpus':1", ZRAM, "'memory.high':'50%'", "");
	const u64 *count = r->phase[0].count[1];

	CU_ASSERT_EQUAL(r->memory_peak[1], 32 * MIB + BATCH);
	CU_ASSERT(count[EVENTS_HIGH] * BATCH >= count[PGSTEAL] / 2);
	CU_ASSERT(count[EVENTS_HIGH] * BATCH <= count[PGSTEAL]);
	CU_ASSERT_EQUAL(count[HIGH_SLEEPS], 0);
	CU_ASSERT_EQUAL(count[EVENTS_MAX], 0);
	run_result_free(r);
}

/* Without swap the first 32 MiB take no time, and then every batch does: 2 s, once it is half above. */
static void test_brought_to_a_stop(void)
{
	struct run_result *r = run("'cpus':1", "", "'memory.high':'50%'", "");
	const u64 *count = r->phase[0].count[1];
	const u64 sum = count[HIGH_SLEEP_NS];

	CU_ASSERT_EQUAL(r->memory_peak[1], 64 * MIB + BATCH - 3); /* 61 of overhead, in batches */
	CU_ASSERT_EQUAL(count[HIGH_SLEEPS], (32 * MIB + 61) / BATCH);
	CU_ASSERT(r->time_ns > sum && r->time_ns < sum + NS_PER_SECOND);
	CU_ASSERT_EQUAL(r->kill->len, 0);
	run_result_free(r);
}

/* An OOM victim does not sleep on. */
static void test_killed(void)
{
	struct run_result *r = run("'cpus':2", "", "'memory.high':'4MiB'",
				   ",'operations':[{'at':'10s','cgroup':'g','memory.max':'5MiB'}]");

	CU_ASSERT_EQUAL(r->kill->len, 1);
	CU_ASSERT_EQUAL(r->time_ns / 1000000, 10000);
	run_result_free(r);
}

/* What was charged is noted once, though the cgroup above is over its limit, too. */
static void test_noted_once(void)
{
	struct world w;
	u32 task;

	world_init(&w, (struct world_size){ .memcgs = 3 });
	memcg_force_charge(w.k, 2, 100);
	w.k->memcg[1].high = w.k->memcg[2].high = 10;
	task = ADD_ON(&w, 0, lru_add_drain, .folio = 0);
	note_pages_over_high(w.k, &w.k->machine.task[task], 2, 7);
	CU_ASSERT_EQUAL(w.k->memcg_task[task].pages_over_high, 7);
	world_release(&w);
}

/* The worst of them counts: 110 of 100 MiB here, 110 of 109 above. */
static void test_the_worst_counts(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .memcgs = 3 });
	w.k->machine.config.hz = 250;
	w.k->machine.tick_ns = NS_PER_SECOND / 250;
	w.k->mm[0].memcg = 2;
	memcg_force_charge(w.k, 2, 110 * MIB);
	w.k->memcg[2].high = 100 * MIB;
	w.k->memcg[1].high = 109 * MIB;
	w.k->memcg_task[w.k->machine.tasks].pages_over_high = 64;
	RUN(&w, mem_cgroup_handle_over_high);
	CU_ASSERT(slept(&w, 159));
	world_release(&w);
}

/* Who is to die does not reclaim for others. */
static void test_dying(void)
{
	struct world w;

	world_init(&w, (struct world_size){ 0 });
	memcg_force_charge(w.k, 1, 110 * MIB);
	w.k->memcg[1].high = 100 * MIB;
	w.k->mm[0].oom = MM_SIGKILL;
	w.k->memcg_task[w.k->machine.tasks].pages_over_high = 64;
	RUN(&w, mem_cgroup_handle_over_high);
	CU_ASSERT_EQUAL(w.k->count[1][EVENTS_HIGH], 0);
	CU_ASSERT_EQUAL(w.k->count[1][HIGH_SLEEPS], 0);
	world_release(&w);
}

/* Far more than 17 batches have to go, and go: as long as there is progress nobody sleeps. */
static void test_as_long_as_there_is_progress(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .pages = 2048, .memory = 4096 });
	world_fill(&w, 2000);
	world_age(&w, 0, 2000);
	w.k->memcg[1].high = 500;
	w.k->memcg_task[w.k->machine.tasks].pages_over_high = 64;
	RUN(&w, mem_cgroup_handle_over_high);
	CU_ASSERT_EQUAL(w.k->count[1][HIGH_SLEEPS], 0);
	CU_ASSERT(w.k->count[1][EVENTS_HIGH] > 18);
	CU_ASSERT(w.k->count[1][PGSTEAL] > 18 * 32);
	world_release(&w);
}

/* Who swaps off reads back what others have above their limit, and does not pay for it. */
static void test_swapoff(void)
{
	struct run_result *r =
	    run("'cpus':2", ZRAM, "'memory.high':'50%'", ",'operations':[{'at':'100ms','swapoff':'0'}]");

	CU_ASSERT(r->memory_peak[1] > 64 * MIB);
	run_result_free(r);
}

static const struct unit tests[] = {
	{ "overage has 20 fraction bits and a limit of 0 is one page", test_overage },
	{ "the penalty of a batch is that of the kernel's table, at 1000, 250 and 100 Hz", test_penalty },
	{ "the penalty is in proportion to the pages charged", test_in_proportion },
	{ "a task that reclaims nothing sleeps its penalty to the tick", test_to_the_tick },
	{ "it never sleeps for more than 2 s", test_two_seconds },
	{ "it does not sleep for a hundredth of a second", test_not_worth_it },
	{ "memory.swap.high adds a penalty of its own", test_swap_high },
	{ "what is charged above a limit is remembered with the task", test_what_is_remembered },
	{ "more than a batch is reclaimed before the charge is through", test_at_once },
	{ "half of memory.swap.high makes swap full", test_swap_is_full },
	{ "with swap usage stays within a batch of memory.high", test_kept_up_with },
	{ "without swap tasks are slowed down and nobody is killed", test_brought_to_a_stop },
	{ "SIGKILL ends the sleep", test_killed },
	{ "what was charged is noted once", test_noted_once },
	{ "the worst of all levels counts", test_the_worst_counts },
	{ "who is to die goes his way", test_dying },
	{ "as long as there is progress nobody sleeps", test_as_long_as_there_is_progress },
	{ "a device that is swapped off comes back above memory.high", test_swapoff },
};

UNIT_MAIN("over_high", tests)
