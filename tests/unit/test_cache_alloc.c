/* The swap cache without SWAP_HAS_CACHE (7.0): how a swapped page gets a folio, and who charges it. */
#include "tests/unit/world.h"

/* Page 0 is swapped out and not in the cache. */
static u32 swapped_page(struct world *w, struct world_size size)
{
	world_init(w, size);
	world_write(w, 0);
	world_pageout(w, 0, 1);
	if (!device_of(w->k, entry_at(w, 0))->synchronous) { /* it was only written */
		world_idle(w, 100);
		w->k->scan_control[w->k->machine.tasks].target = 1;
		CU_ASSERT_EQUAL(RUN(w, shrink_inactive_list, .lruvec = 1, .nr_to_scan = 1), 1);
	}
	CU_ASSERT_EQUAL_FATAL(word_folio(w->k->slot[entry_at(w, 0)].cache), 0);
	return entry_at(w, 0);
}

static void test_never_around_the_cache(void)
{
	struct world w;
	u32 entry = swapped_page(&w, (struct world_size){ .release = "7.0" }), fault, folio;
	u64 locks;

	world_by_hand(&w);
	locks = locks_taken(&w, CLASS_CLUSTER);
	fault = ADD_ON(&w, 0, handle_mm_fault, .page = page_of(&w, 0));
	CU_ASSERT(world_step_to(&w, fault, "zram_read_page.DECOMPRESS"));
	folio = word_folio(w.k->slot[entry].cache);
	CU_ASSERT_NOT_EQUAL_FATAL(folio, 0);
	CU_ASSERT_EQUAL(w.k->folio[folio].lock, fault + 1);
	CU_ASSERT_EQUAL(w.k->slot[entry].map, 1);
	CU_ASSERT(world_step_to(&w, fault, "swap_put_entries_cluster.LOCK_CI"));
	CU_ASSERT(is_resident(&w, 0)); /* before the reference goes */
	CU_ASSERT_EQUAL(w.k->slot[entry].map, 1);
	CU_ASSERT(world_step_to(&w, fault, "do_swap_page.UNLOCK_PTL"));
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 0); /* and out of the cache, as the device is synchronous */
	CU_ASSERT(world_step_to(&w, fault, NULL));
	CU_ASSERT_EQUAL(counted(&w, WORKINGSET_REFAULT_ANON), 1);
	CU_ASSERT_EQUAL(counted(&w, PGMAJFAULT), 1);
	/* put it there, give up the reference, see that there is none, take it out */
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_CLUSTER) - locks, 4);
	world_release(&w);
}

/* Who comes second has allocated for nothing, and waits for the lock, no tick. */
static void test_loser_waits_for_the_folio(void)
{
	struct world w;

	swapped_page(&w, (struct world_size){ .release = "7.0" });
	ADD_ON(&w, 0, handle_mm_fault, .page = page_of(&w, 0));
	ADD_ON(&w, 1, handle_mm_fault, .page = page_of(&w, 0));
	CU_ASSERT(machine_run(&w.k->machine, TIME_NEVER - 1, NULL));
	CU_ASSERT(is_resident(&w, 0));
	CU_ASSERT_EQUAL(counted(&w, SWAPIN_RACES), 1);
	CU_ASSERT_EQUAL(counted(&w, SWAPIN_WASTED_PAGES), 1);
	CU_ASSERT_EQUAL(counted(&w, SWAPIN_WASTED_CHARGES), 1);
	CU_ASSERT_EQUAL(counted(&w, SWAPIN_RACE_SLEEPS), 0);
	CU_ASSERT_EQUAL(counted(&w, FOLIO_LOCK_WAITS), 1);
	CU_ASSERT_EQUAL(counted(&w, PSWPIN), 1);
	CU_ASSERT_EQUAL(w.k->memcg[1].usage, 2 * 64 - 2);
	world_release(&w);
}

/* Whether A's page is in the swap cache, and charged, when its charge begins; and what B's costs then. */
static void expect_order(const char *release, const char *device, bool cached, u32 wasted_charges)
{
	struct world w;
	u32 entry = swapped_page(&w, (struct world_size){ .release = release, .device = device }), a, b;

	world_by_hand(&w);
	a = ADD_ON(&w, 0, handle_mm_fault, .page = page_of(&w, 0));
	b = ADD_ON(&w, 1, handle_mm_fault, .page = page_of(&w, 0));
	CU_ASSERT(world_step_to(&w, b, "alloc_charged_folio.ALLOC"));
	CU_ASSERT(world_step_to(&w, a, "mem_cgroup_charge.TRY_CHARGE"));
	CU_ASSERT_EQUAL(word_folio(w.k->slot[entry].cache) != 0, cached);
	CU_ASSERT(world_step_to(
	    &w, a, strcmp(device, "zram-lz4") ? "submit_bio.SUBMIT" : "zram_read_page.DECOMPRESS"));
	while (world_step(&w, b))
		;
	CU_ASSERT_EQUAL(counted(&w, SWAPIN_WASTED_PAGES), 1);
	CU_ASSERT_EQUAL(counted(&w, SWAPIN_WASTED_CHARGES), wasted_charges);
	world_release(&w);
}

static void test_order_of_charge(void)
{
	expect_order("7.0", "nvme-client", true, 0);
	expect_order("7.0-fix", "nvme-client", false, 1);
	expect_order("7.0+charge=order-as-charged", "nvme-client", true, 0);
	expect_order("7.0", "zram-lz4", false, 1);
	expect_order("7.0-fix", "zram-lz4", false, 1);
	expect_order("7.0+charge=order-as-charged", "zram-lz4", true, 0);
}

/* The folio is there before it is charged, and leaves with its shadow. */
static void test_failed_charge(void)
{
	struct world w;
	u32 entry = swapped_page(&w, (struct world_size){ .release = "7.0", .device = "nvme-client" });
	u64 free = w.k->memory->free;

	CU_ASSERT_NOT_EQUAL(word_shadow(w.k->slot[entry].cache), 0);
	w.k->memcg[1].max = 0;
	CU_ASSERT_EQUAL(RUN_ON(&w, 1, swap_cache_alloc_folio, .entry = entry, .page = page_of(&w, 0)), 0);
	CU_ASSERT_EQUAL(w.k->slot[entry].cache, 0);
	CU_ASSERT_EQUAL(w.k->slot[entry].map, 1);
	CU_ASSERT_EQUAL(w.k->memory->free, free);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "a page of a synchronous device goes through the swap cache", test_never_around_the_cache },
	{ "who comes second waits for the winner's folio", test_loser_waits_for_the_folio },
	{ "a page is charged before it is in the swap cache, or after", test_order_of_charge },
	{ "what cannot be charged leaves the swap cache", test_failed_charge },
};

UNIT_MAIN("cache_alloc", tests)
