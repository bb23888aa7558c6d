/* Who watches memory.events is told by a worker, which displaces who reclaims: when, and how often; and RCU's
 * thread, which displaces who frees nodes of the swap cache. */
#include "models/mm/displace.h"
#include "models/mm/memcg_notify.h"

#include "models/swap/cache.h"
#include "tests/unit/mglru_world.h"

#define MS UINT64_C(1000000)

/* A process that only lets time pass, at HZ 250 on one CPU; its address space is as after a walk. */
static void waiting_world(struct world *w, const char *release, u32 cgroup_version,
			  enum preemption preemption)
{
	struct world_size size = {
		.release = release, .cpus = 1, .cgroup_version = cgroup_version, .preemption = preemption
	};
	struct kernel_config c = world_config(w, &size);

	c.lru = LRU_MULTI_GEN;
	w->k = kernel_new(&c, NULL);
	CU_ASSERT_FATAL(w->k != NULL);
	w->load = (struct workload){ .pattern = PATTERN_PAGEOUT, .gap_ps = 4000000000u, .accesses = 2000 };
	work_add_task(w->k, &w->load, 0, 0, true);
	machine_run(&w->k->machine, 21 * MS, NULL);
	w->k->gen_walked[0] = 0;
}

static const struct task *waiting_task(const struct world *w)
{
	return &w->k->machine.task[w->k->machine.cpu[0].current - 1];
}

/* The limit is met by a fault, which is in the kernel meanwhile. */
static void meet_limit(struct world *w)
{
	struct task *t = &w->k->machine.task[waiting_task(w)->id];
	u8 op = t->op;

	t->op = OP_ACCESS;
	memcg_memory_event(w->k, t, 1, EVENTS_MAX);
	t->op = op;
}

static bool take_displaced(struct world *w)
{
	bool displaced = w->k->gen_walked[0];

	w->k->gen_walked[0] = 0;
	return displaced;
}

static bool displaced_until(struct world *w, u64 ms)
{
	machine_run(&w->k->machine, ms * MS, NULL);
	return take_displaced(w);
}

static void test_voluntary(void)
{
	struct world w;

	waiting_world(&w, "6.12", 2, 0);
	meet_limit(&w);
	CU_ASSERT(take_displaced(&w));
	CU_ASSERT_FALSE(displaced_until(&w, 90));
	CU_ASSERT_EQUAL(w.k->count[1][EVENTS_MAX], 1);
	world_release(&w);
}

static void test_lazy(void)
{
	struct world w;

	waiting_world(&w, "6.18", 2, 0);
	meet_limit(&w);
	CU_ASSERT_FALSE(take_displaced(&w));
	CU_ASSERT_FALSE(displaced_until(&w, 23));
	CU_ASSERT(displaced_until(&w, 25)); /* with the tick at 24 */
	CU_ASSERT_FALSE(displaced_until(&w, 90));
	world_release(&w);
}

static void test_lazy_user_mode(void)
{
	struct world w;

	waiting_world(&w, "6.18", 2, 0);
	displace_was_in_user_mode(w.k, waiting_task(&w));
	CU_ASSERT_FALSE(take_displaced(&w));
	meet_limit(&w);
	displace_was_in_user_mode(w.k, waiting_task(&w));
	CU_ASSERT(take_displaced(&w));
	CU_ASSERT_FALSE(displaced_until(&w, 90)); /* the tick finds nobody waiting */
	world_release(&w);
}

static void test_full(void)
{
	struct world w;

	waiting_world(&w, "6.18", 2, PREEMPT_FULL);
	meet_limit(&w);
	CU_ASSERT(take_displaced(&w));
	world_release(&w);
}

/* In the tick from 20 to 24 ms, three of them: at most 10 ms later is 12, and a timer takes a tick more. */
static void expect_next_at_36(const char *release)
{
	struct world w;

	waiting_world(&w, release, 2, 0);
	meet_limit(&w);
	displaced_until(&w, 30);
	meet_limit(&w);
	meet_limit(&w);
	CU_ASSERT_FALSE(displaced_until(&w, 35));
	CU_ASSERT(displaced_until(&w, 37)); /* in user mode there is nothing to wait for */
	CU_ASSERT_FALSE(displaced_until(&w, 90));
	CU_ASSERT_EQUAL(w.k->count[1][EVENTS_MAX], 3);
	world_release(&w);
}

static void test_rate(void)
{
	expect_next_at_36("6.12");
	expect_next_at_36("6.18");
}

/* memory.events is a file of version 2. */
static void test_version_1(void)
{
	struct world w;

	waiting_world(&w, "6.12", 1, 0);
	meet_limit(&w);
	CU_ASSERT_FALSE(take_displaced(&w));
	CU_ASSERT_EQUAL(w.k->count[1][EVENTS_MAX], 1);
	world_release(&w);
}

static void test_charge(void)
{
	struct world w;

	world_with_generations(&w, (struct world_size){ .release = "6.12", .limit = 256 });
	world_write_range(&w, 0, 256);
	CU_ASSERT_EQUAL(w.k->memcg[1].notified_at, 0);
	world_write(&w, 256);
	CU_ASSERT_NOT_EQUAL(w.k->memcg[1].notified_at, 0);
	world_release(&w);
}

/* One grace period: with the ticks at 24 and 28 ms. Another call during it wants one more. */
static void test_grace_period(void)
{
	struct world w;

	waiting_world(&w, "6.12", 1, 0);
	displace_call_rcu(w.k, 0);
	CU_ASSERT_FALSE(displaced_until(&w, 23));
	CU_ASSERT(displaced_until(&w, 25));
	CU_ASSERT(displaced_until(&w, 29));
	CU_ASSERT_FALSE(displaced_until(&w, 90));
	displace_call_rcu(w.k, 0);
	displaced_until(&w, 93);
	displace_call_rcu(w.k, 0);
	CU_ASSERT(displaced_until(&w, 97) && displaced_until(&w, 101));
	CU_ASSERT_FALSE(displaced_until(&w, 150));
	world_release(&w);
}

/* The old swap cache gives a leaf of the XArray back with the last of its words. */
static void test_node(void)
{
	static const char *const release[] = { "6.1", "6.17", "6.18" };

	for (u32 i = 0; i < ARRAY_SIZE(release); i++) {
		struct world w;
		struct task *t;

		waiting_world(&w, release[i], 2, 0);
		t = &w.k->machine.task[waiting_task(&w)->id];
		CU_ASSERT_FATAL(swap_cache_store(w.k, t, 70, 2, SHADOW_TAG));
		swap_cache_store(w.k, t, 70, 1, 0);
		CU_ASSERT_FALSE(displaced_until(&w, 30));
		swap_cache_store(w.k, t, 71, 1, 0);
		CU_ASSERT_EQUAL(displaced_until(&w, 33), i < 2);
		CU_ASSERT_EQUAL(displaced_until(&w, 37), i < 2);
		world_release(&w);
	}
}

static const struct unit tests[] = {
	{ "with voluntary preemption the worker comes on before reclaim begins", test_voluntary },
	{ "with lazy preemption at the next tick", test_lazy },
	{ "or on the way to user mode", test_lazy_user_mode },
	{ "with full preemption at once", test_full },
	{ "every 10 ms at most, by a timer", test_rate },
	{ "not under version 1", test_version_1 },
	{ "a charge that meets the limit makes it known", test_charge },
	{ "RCU's thread comes on as a grace period begins and ends", test_grace_period },
	{ "and nodes of the swap cache want one", test_node },
};

UNIT_MAIN("memcg_notify", tests)
