/* Page counters, hierarchy and the stocks of CPUs. */
#include "models/mm/memcg.h"

#include "models/cpu.h"
#include "tests/unit/world.h"

enum { BATCH = 64, STOCKS = 7 };

static struct task *task_on(struct world *w, u32 cpu)
{
	w->k->machine.task[cpu].cpu = cpu;
	return &w->k->machine.task[cpu];
}

static u64 usage(const struct world *w, u32 memcg)
{
	return w->k->memcg[memcg].usage;
}

static void test_batch_of_64(void)
{
	struct world w;
	u32 batch = BATCH;
	u8 no_swap = 0;

	world_init(&w, (struct world_size){ 0 });
	CU_ASSERT_EQUAL(memcg_try_charge(w.k, task_on(&w, 0), 1, 1, &batch, &no_swap), 0);
	CU_ASSERT_EQUAL(usage(&w, 1), BATCH);
	for (u32 i = 1; i < BATCH; i++)
		CU_ASSERT_EQUAL(memcg_try_charge(w.k, task_on(&w, 0), 1, 1, &batch, &no_swap), 0);
	CU_ASSERT_EQUAL(usage(&w, 1), BATCH);
	CU_ASSERT_EQUAL(memcg_try_charge(w.k, task_on(&w, 0), 1, 1, &batch, &no_swap), 0);
	CU_ASSERT_EQUAL(usage(&w, 1), 2 * BATCH);
	CU_ASSERT_EQUAL(batch, BATCH);
	CU_ASSERT_EQUAL(counted(&w, FAILCNT), 0);
	world_release(&w);
}

static void test_stock_is_per_cpu(void)
{
	struct world w;
	u32 batch = BATCH;
	u8 no_swap = 0;

	world_init(&w, (struct world_size){ 0 });
	memcg_try_charge(w.k, task_on(&w, 0), 1, 1, &batch, &no_swap);
	memcg_try_charge(w.k, task_on(&w, 1), 1, 1, &batch, &no_swap);
	CU_ASSERT_EQUAL(usage(&w, 1), 2 * BATCH);
	memcg_drain_stocks(w.k, 1);
	CU_ASSERT_EQUAL(usage(&w, 1), 2);
	world_release(&w);
}

static void test_near_the_limit(void)
{
	struct world w;
	u32 batch = BATCH;
	u8 no_swap = 0;

	world_init(&w, (struct world_size){ .limit = BATCH + 2 });
	memcg_force_charge(w.k, 1, 3);
	CU_ASSERT_EQUAL(memcg_try_charge(w.k, task_on(&w, 0), 1, 1, &batch, &no_swap),
			0); /* 63 left: page by page */
	CU_ASSERT_EQUAL(usage(&w, 1), 4);
	CU_ASSERT_EQUAL(batch, 1); /* and this charge does not try 64 again */
	CU_ASSERT_EQUAL(counted(&w, FAILCNT), 1);
	for (u32 i = 4; i < BATCH + 2; i++)
		CU_ASSERT_EQUAL(memcg_try_charge(w.k, task_on(&w, 0), 1, 1, &batch, &no_swap), 0);
	CU_ASSERT_EQUAL(counted(&w, FAILCNT), 1);
	CU_ASSERT_EQUAL(usage(&w, 1), BATCH + 2);
	CU_ASSERT_EQUAL(memcg_margin(w.k, 1), 0);
	CU_ASSERT_EQUAL(memcg_try_charge(w.k, task_on(&w, 0), 1, 1, &batch, &no_swap), 1);
	CU_ASSERT_EQUAL(usage(&w, 1), BATCH + 2);
	memcg_force_charge(w.k, 1, 1);
	CU_ASSERT_EQUAL(usage(&w, 1), BATCH + 3);
	CU_ASSERT_EQUAL(w.k->memcg[1].peak, BATCH + 3);
	CU_ASSERT_EQUAL(memcg_margin(w.k, 1), 0);
	world_release(&w);
}

static void test_hierarchy(void)
{
	struct world w;
	u32 batch = BATCH;
	u8 no_swap = 0;

	world_init(&w, (struct world_size){ .memcgs = 4, .limit = BATCH + 1 }); /* 2 and 3 below 1 */
	CU_ASSERT_EQUAL(memcg_try_charge(w.k, task_on(&w, 0), 2, 1, &batch, &no_swap), 0);
	CU_ASSERT_EQUAL(usage(&w, 2), BATCH);
	CU_ASSERT_EQUAL(usage(&w, 1), BATCH);
	CU_ASSERT_EQUAL(memcg_try_charge(w.k, task_on(&w, 0), 3, 1, &batch, &no_swap),
			0); /* the parent's limit counts */
	CU_ASSERT_EQUAL(usage(&w, 3), 1);
	CU_ASSERT_EQUAL(usage(&w, 1), BATCH + 1);
	CU_ASSERT_EQUAL(memcg_try_charge(w.k, task_on(&w, 0), 3, 1, &batch, &no_swap),
			1);		  /* which level is over */
	CU_ASSERT_EQUAL(usage(&w, 3), 1); /* all levels or none */
	memcg_drain_stocks(w.k, 1);
	CU_ASSERT_EQUAL(usage(&w, 2), 1);
	CU_ASSERT_EQUAL(usage(&w, 1), 2);
	memcg_uncharge(w.k, 2, 1);
	CU_ASSERT_EQUAL(usage(&w, 2), 0);
	CU_ASSERT_EQUAL(usage(&w, 1), 1);
	memcg_force_charge(w.k, 2, 100);
	CU_ASSERT_EQUAL(usage(&w, 2), 100);
	CU_ASSERT_EQUAL(usage(&w, 1), 101);
	world_release(&w);
}

static void test_drain_of_a_subtree(void)
{
	struct world w;
	u32 batch = BATCH;
	u8 no_swap = 0;

	world_init(&w, (struct world_size){ .memcgs = 3, .flat = true });
	memcg_try_charge(w.k, task_on(&w, 0), 1, 1, &batch, &no_swap);
	memcg_try_charge(w.k, task_on(&w, 0), 2, 1, &batch, &no_swap);
	memcg_drain_stocks(w.k, 1);
	CU_ASSERT_EQUAL(usage(&w, 1), 1);
	CU_ASSERT_EQUAL(usage(&w, 2), BATCH);
	world_release(&w);
}

static void test_seven_stocks(void)
{
	struct world w;
	u32 batch = BATCH;
	u8 no_swap = 0;

	world_init(&w, (struct world_size){ .memcgs = 9, .flat = true });
	for (u32 i = 1; i <= STOCKS; i++)
		memcg_try_charge(w.k, task_on(&w, 0), i, 1, &batch, &no_swap);
	for (u32 i = 1; i <= STOCKS; i++)
		CU_ASSERT_EQUAL(usage(&w, i), BATCH);
	memcg_try_charge(w.k, task_on(&w, 0), STOCKS + 1, 1, &batch, &no_swap); /* throws the first out */
	CU_ASSERT_EQUAL(usage(&w, 1), 1);
	CU_ASSERT_EQUAL(usage(&w, 2), BATCH);
	memcg_try_charge(w.k, task_on(&w, 0), 1, 1, &batch, &no_swap); /* and the first the second */
	CU_ASSERT_EQUAL(usage(&w, 2), 1);
	CU_ASSERT_EQUAL(usage(&w, STOCKS + 1), BATCH);
	world_release(&w);
}

/* Its counter is written by whoever has no stock: another CPU's line. */
static void test_line_of_the_counter(void)
{
	struct world w;
	u32 batch = BATCH;
	u8 no_swap = 0;

	world_init(&w, (struct world_size){ 0 });
	for (u32 cpu = 0; cpu < 2; cpu++) {
		struct task *t = task_on(&w, cpu);

		t->work_ns = 0;
		memcg_try_charge(w.k, t, 1, 1, &batch, &no_swap);
		CU_ASSERT_EQUAL(t->work_ns, cpu * w.k->cpu_profile->line_ns);
		t->work_ns = 0;
		memcg_try_charge(w.k, t, 1, 1, &batch, &no_swap);
		CU_ASSERT_EQUAL(t->work_ns, 0); /* from the stock */
	}
	world_release(&w);
}

/* Slots in a row are each given back by whoever they are charged to. */
static void test_slots_of_two(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .memcgs = 4, .flat = true });
	CU_ASSERT_TRUE(memcg_try_charge_swap(w.k, 1, 8, 1));
	CU_ASSERT_TRUE(memcg_try_charge_swap(w.k, 2, 9, 2));
	CU_ASSERT_TRUE(memcg_try_charge_swap(w.k, 3, 11, 1));
	memcg_uncharge_swap(w.k, 8, 4);
	for (u32 i = 1; i < 4; i++)
		CU_ASSERT_EQUAL(w.k->memcg[i].swap_usage, 0);
	for (u32 slot = 8; slot < 12; slot++)
		CU_ASSERT_EQUAL(w.k->slot[slot].memcg, 0);
	world_release(&w);
}

static void test_swap_charge(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .memcgs = 3 });
	memcg_try_charge_swap(w.k, 2, 7, 1);
	memcg_try_charge_swap(w.k, 1, 8, 1);
	CU_ASSERT_EQUAL(w.k->slot[7].memcg, 2);
	CU_ASSERT_EQUAL(w.k->memcg[2].swap_usage, 1);
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 2);
	memcg_uncharge_swap(w.k, 7, 1);
	CU_ASSERT_EQUAL(w.k->slot[7].memcg, 0);
	CU_ASSERT_EQUAL(w.k->memcg[2].swap_usage, 0);
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 1);
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_peak, 2);
	world_release(&w);
}

static void test_counting_is_hierarchical(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .memcgs = 3 });
	count_memcg(w.k, 2, PSWPIN, 3);
	count_memcg(w.k, 1, PSWPIN, 4);
	CU_ASSERT_EQUAL(w.k->count[2][PSWPIN], 3);
	CU_ASSERT_EQUAL(w.k->count[1][PSWPIN], 7);
	CU_ASSERT_EQUAL(w.k->count[0][PSWPIN], 7);
	world_release(&w);
}

static u64 swap_usage_after_swapin(u32 cgroup_version)
{
	struct world w;
	u64 usage;

	world_init(&w, (struct world_size){ .memcgs = 2, .cgroup_version = cgroup_version });
	w.k->folio[1].memcg = 1;
	memcg_force_charge(w.k, 1, 1);
	memcg_try_charge_swap(w.k, 1, 7, 1);
	memcg1_swapout(w.k, 1, 7);
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 1);
	memcg1_swapin(w.k, 7, 1);
	usage = w.k->memcg[1].swap_usage;
	memcg_uncharge_swap(w.k, 7, 1); /* when the slot is freed */
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 0);
	world_release(&w);
	return usage;
}

static void test_swap_limit(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .memcgs = 3, .swap_limit = 2, .slots = 20 });
	CU_ASSERT_EQUAL(memcg_nr_swap_pages(w.k, 2), 2);
	CU_ASSERT_EQUAL(memcg_nr_swap_pages(w.k, 0), 20);
	CU_ASSERT_TRUE(memcg_try_charge_swap(w.k, 2, 7, 1)); /* 2 is below 1, whose limit it is */
	CU_ASSERT_EQUAL(memcg_nr_swap_pages(w.k, 2), 1);
	CU_ASSERT_TRUE(memcg_try_charge_swap(w.k, 1, 8, 1));
	CU_ASSERT_FALSE(memcg_try_charge_swap(w.k, 2, 9, 1));
	CU_ASSERT_EQUAL(w.k->slot[9].memcg, 0);
	CU_ASSERT_EQUAL(w.k->memcg[2].swap_usage, 1);
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 2);
	CU_ASSERT_EQUAL(w.k->count[2][SWAP_EVENTS_MAX], 1);
	CU_ASSERT_EQUAL(w.k->count[2][SWAP_EVENTS_FAIL], 1);
	CU_ASSERT_EQUAL(counted(&w, SWAP_EVENTS_MAX), 1);
	CU_ASSERT_TRUE(memcg_try_charge_swap(w.k, 2, 0, 1)); /* there was no slot */
	CU_ASSERT_EQUAL(counted(&w, SWAP_EVENTS_MAX), 1);
	CU_ASSERT_EQUAL(counted(&w, SWAP_EVENTS_FAIL), 2);
	CU_ASSERT_EQUAL(memcg_nr_swap_pages(w.k, 2), 0);
	w.k->swap->free_pages = 0;
	CU_ASSERT_EQUAL(memcg_nr_swap_pages(w.k, 0), 0);
	world_release(&w);
}

static void test_swap_full(void)
{
	for (u32 version = 1; version <= 2; version++) {
		struct world w;

		world_init(&w,
			   (struct world_size){ .swap_limit = 10, .cgroup_version = version, .slots = 100 });
		w.k->folio[1].memcg = 1;
		w.k->memcg[1].swap_usage = 4;
		CU_ASSERT_FALSE(mem_cgroup_swap_full(w.k, 1));
		w.k->memcg[1].swap_usage = 5;
		CU_ASSERT_EQUAL(mem_cgroup_swap_full(w.k, 1), version == 2);
		w.k->folio[1].memcg = 0;
		CU_ASSERT_FALSE(mem_cgroup_swap_full(w.k, 1));
		w.k->swap->free_pages = 49;
		CU_ASSERT_TRUE(mem_cgroup_swap_full(w.k, 1));
		world_release(&w);
	}
}

/* One slot, which only the cache holds once the page is mapped again. */
static u32 slots_after_read(struct world *w, u32 swap_limit)
{
	struct folio *folio;

	world_init(w, (struct world_size){ .swap_limit = swap_limit });
	world_write(w, 0);
	world_drain(w, 0);
	folio = folio_at(w, 0);
	folio->refs++; /* so that it stays in the cache */
	CU_ASSERT_EQUAL(world_pageout(w, 0, 1), 0);
	folio->refs--;
	world_read(w, 0);
	CU_ASSERT(is_resident(w, 0));
	return (u32)w->k->memcg[1].swap_usage;
}

static void test_full_swap_is_given_up(void)
{
	struct world w;

	CU_ASSERT_EQUAL(slots_after_read(&w, 2), 0); /* half of two are used */
	world_release(&w);
	for (u32 limit = 2; limit <= 3; limit++) {
		CU_ASSERT_EQUAL(slots_after_read(&w, 3), 1);
		w.k->memcg[1].swap_max = limit;
		folio_at(&w, 0)->flags |= FOLIO_REFERENCED; /* so reclaim activates it */
		RUN(&w, shrink_inactive_list, .lruvec = 1, .lru = LRU_INACTIVE_ANON, .nr_to_scan = 1);
		CU_ASSERT(folio_at(&w, 0)->flags & FOLIO_ACTIVE);
		CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, limit == 3);
		world_release(&w);
	}
}

/* v1: a page takes its charge along to swap and back. */
static void test_memsw(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .cgroup_version = 1, .limit = 20, .memsw_limit = 30 });
	memcg_force_charge(w.k, 1, 20);
	w.k->folio[1].memcg = 1;
	CU_ASSERT_TRUE(memcg_try_charge_swap(w.k, 1, 7, 1)); /* costs nothing yet */
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 0);
	CU_ASSERT_EQUAL(memcg_margin(w.k, 1), 0);
	memcg1_swapout(w.k, 1, 7);
	CU_ASSERT_EQUAL(w.k->folio[1].memcg, 0);
	CU_ASSERT_EQUAL(w.k->slot[7].memcg, 1);
	CU_ASSERT_EQUAL(usage(&w, 1), 19);
	CU_ASSERT_EQUAL(w.k->memcg[1].memsw, 20);
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 1);
	CU_ASSERT_EQUAL(memcg_margin(w.k, 1), 1);
	memcg_force_charge(w.k, 1, 1); /* it comes back */
	memcg1_swapin(w.k, 7, 1);
	CU_ASSERT_EQUAL(w.k->slot[7].memcg, 0);
	CU_ASSERT_EQUAL(w.k->memcg[1].memsw, 20);
	CU_ASSERT_EQUAL(w.k->memcg[1].memsw_peak, 21);
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 0);
	memcg_uncharge_swap(w.k, 7, 1);
	CU_ASSERT_EQUAL(w.k->memcg[1].memsw, 20);
	memcg_uncharge(w.k, 1, 20);
	CU_ASSERT_EQUAL(w.k->memcg[1].memsw, 0);
	w.k->memcg[1].memsw = 29;
	CU_ASSERT_EQUAL(memcg_margin(w.k, 1), 1);
	world_release(&w);
}

/* A batch that would break the limit of both is remembered for the whole charge, though the page went well.
 */
static void test_memsw_batch(void)
{
	struct world w;
	u32 batch = BATCH;
	u8 no_swap = 0;

	world_init(&w, (struct world_size){ .cgroup_version = 1, .limit = 1000, .memsw_limit = 1000 });
	w.k->memcg[1].memsw = 1000 - BATCH;
	CU_ASSERT_EQUAL(memcg_try_charge(w.k, task_on(&w, 0), 1, 1, &batch, &no_swap), 0);
	CU_ASSERT_EQUAL(no_swap, 0);
	memcg_drain_stocks(w.k, 1);
	CU_ASSERT_EQUAL(w.k->memcg[1].memsw, 1000 - BATCH + 1);
	CU_ASSERT_EQUAL(memcg_try_charge(w.k, task_on(&w, 0), 1, 1, &batch, &no_swap), 0);
	CU_ASSERT_EQUAL(no_swap, 1);
	CU_ASSERT_EQUAL(batch, 1);
	CU_ASSERT_EQUAL(counted(&w, MEMSW_FAILCNT), 1);
	CU_ASSERT_EQUAL(counted(&w, FAILCNT), 0);
	w.k->memcg[1].memsw = 1000;
	CU_ASSERT_EQUAL(memcg_try_charge(w.k, task_on(&w, 0), 1, 1, &batch, &no_swap), 1);
	CU_ASSERT_EQUAL(usage(&w, 1), 2); /* both counters or none */
	w.k->memcg[1].memsw = 10;
	w.k->memcg[1].max = 2;
	CU_ASSERT_EQUAL(memcg_try_charge(w.k, task_on(&w, 0), 1, 1, &batch, &no_swap), 1);
	CU_ASSERT_EQUAL(w.k->memcg[1].memsw, 10);
	world_release(&w);
}

static void test_swapin_charge(void)
{
	CU_ASSERT_EQUAL(swap_usage_after_swapin(1), 0);
	CU_ASSERT_EQUAL(swap_usage_after_swapin(2), 1);
}

static const struct unit tests[] = {
	{ "a CPU charges 64 pages and takes 64 from its stock", test_batch_of_64 },
	{ "every CPU has a stock, which draining returns", test_stock_is_per_cpu },
	{ "within 64 pages of the limit a charge is of one page", test_near_the_limit },
	{ "a charge counts in all ancestors or in none", test_hierarchy },
	{ "draining returns the stocks of a subtree only", test_drain_of_a_subtree },
	{ "a CPU has stocks for seven cgroups", test_seven_stocks },
	{ "a charge beyond the stock writes the cgroup's counter", test_line_of_the_counter },
	{ "slots in a row may be several cgroups'", test_slots_of_two },
	{ "a slot is charged to a cgroup and its ancestors until it is free", test_swap_charge },
	{ "an event counts in all ancestors", test_counting_is_hierarchical },
	{ "memory.swap.max is the limit of a cgroup and all below it", test_swap_limit },
	{ "half of memory.swap.max used is a full swap, under v2 only", test_swap_full },
	{ "then a page that is read or activated gives up its slot", test_full_swap_is_given_up },
	{ "under v1 a page keeps its charge of memory and swap when it goes out", test_memsw },
	{ "a batch beyond the limit of both leaves its mark on the charge", test_memsw_batch },
	{ "a page that comes back returns its swap charge under v1 only", test_swapin_charge },
};

UNIT_MAIN("memcg", tests)
