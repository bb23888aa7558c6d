/* The swap cache without SWAP_HAS_CACHE (7.0): how a swapped page gets a folio, and who charges it. */
#include "tests/unit/world.h"

static u32 folio_in(const struct world *w, u32 entry)
{
	return word_folio(w->k->slot[entry].cache);
}

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
	CU_ASSERT_EQUAL(w.k->folio_io[folio].lock, fault + 1);
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

static s64 alloc_folio(struct world *w, u32 entry, bool pin)
{
	return RUN_ON(w, 1, swap_cache_alloc_folio, .entry = entry, .page = page_of(w, 0), .pin = pin);
}

/* With the charge first the swap cache has not seen the folio, and keeps the shadow. */
static void test_failed_charge_first(void)
{
	struct world w;
	u32 entry = swapped_page(&w, (struct world_size){ .release = "7.0-fix", .device = "nvme-client" });
	u64 free = w.k->memory->free, word = w.k->slot[entry].cache;

	w.k->memcg[1].max = 0;
	CU_ASSERT_EQUAL(alloc_folio(&w, entry, false), 0);
	CU_ASSERT_EQUAL(w.k->slot[entry].cache, word);
	CU_ASSERT_EQUAL(w.k->slot[entry].map, 1);
	CU_ASSERT_EQUAL(w.k->memory->free, free);
	world_release(&w);
}

/* The first brings a new folio, a refault, the second takes that; a slot that is not in use gets none. The
 * device is held meanwhile, and no longer. */
static void test_found(void)
{
	struct world w;
	u32 entry = swapped_page(&w, (struct world_size){ .release = "7.0", .device = "nvme-client" });
	u64 free = w.k->memory->free;
	s64 folio;

	CU_ASSERT_EQUAL(alloc_folio(&w, entry + 1, true), 0);
	CU_ASSERT_EQUAL(w.k->memory->free, free);
	CU_ASSERT_EQUAL(counted(&w, SWAPIN_RACES), 0); /* nothing was allocated for it */
	folio = alloc_folio(&w, entry, true);
	CU_ASSERT_EQUAL(folio, folio_in(&w, entry) | SWAPIN_NEW);
	CU_ASSERT_EQUAL(counted(&w, WORKINGSET_REFAULT_ANON), 1);
	free = w.k->memory->free;
	CU_ASSERT_EQUAL(alloc_folio(&w, entry, true), folio_in(&w, entry));
	CU_ASSERT_EQUAL(w.k->memory->free, free);
	CU_ASSERT_EQUAL(w.k->device[0].users.count, 1);
	percpu_ref_kill(&w.k->machine, &w.k->device[0].users);
	CU_ASSERT_EQUAL(alloc_folio(&w, entry, true), 0);
	world_release(&w);
}

/* Two that have a folio each: the second gives its own up and takes the first one's. */
static void test_two_folios(void)
{
	struct world w;
	u32 entry = swapped_page(&w, (struct world_size){ .release = "7.0", .device = "nvme-client" }),
	    task[2];
	u64 free = w.k->memory->free;

	world_by_hand(&w);
	for (u32 i = 0; i < 2; i++) {
		task[i] = ADD_ON(&w, i, swap_cache_alloc_folio, .entry = entry, .page = page_of(&w, 0));
		CU_ASSERT(world_step_to(&w, task[i], "swap_cache_prepare_and_add.LOCK_CI"));
	}
	CU_ASSERT(world_step_to(&w, task[0], NULL));
	CU_ASSERT(world_step_to(&w, task[1], "swap_cache_prepare_and_add.LOOKUP"));
	CU_ASSERT(world_step_to(&w, task[1], NULL));
	CU_ASSERT_EQUAL(w.k->memory->free, free - 1);
	/* the cache's, each one's, and the batch's */
	CU_ASSERT_EQUAL(w.k->folio[folio_in(&w, entry)].refs, 4);
	CU_ASSERT_EQUAL(w.k->folio_io[folio_in(&w, entry)].lock, task[0] + 1);
	CU_ASSERT_EQUAL(counted(&w, SWAPIN_RACES), 1);
	world_release(&w);
}

/* The last reference goes while a folio is allocated: the slot is another's by then. */
static void test_slot_goes(void)
{
	struct world w;
	u32 entry = swapped_page(&w, (struct world_size){ .release = "7.0", .device = "nvme-client" }), task;
	u64 free = w.k->memory->free;

	world_by_hand(&w);
	task = ADD_ON(&w, 0, swap_cache_alloc_folio, .entry = entry, .page = page_of(&w, 0));
	CU_ASSERT(world_step_to(&w, task, "swap_cache_prepare_and_add.LOCK_CI"));
	CU_ASSERT(world_step_to(&w, ADD_ON(&w, 1, swap_free, .entry = entry, .nr = 1), NULL));
	CU_ASSERT(world_step_to(&w, task, NULL));
	CU_ASSERT_EQUAL(folio_in(&w, entry), 0);
	CU_ASSERT_EQUAL(w.k->memory->free, free);
	world_release(&w);
}

/* Under cgroup v1 the slot's charge becomes the page's. */
static void test_swapin_v1(void)
{
	struct world w;
	u32 entry = swapped_page(
	    &w, (struct world_size){ .release = "7.0", .cgroup_version = 1, .memsw_limit = 1000 });

	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 1);
	world_read(&w, 0);
	CU_ASSERT(is_resident(&w, 0));
	CU_ASSERT_EQUAL(w.k->slot[entry].memcg, 0);
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 0);
	world_release(&w);
	entry = swapped_page(
	    &w, (struct world_size){
		    .release = "7.0", .device = "nvme-client", .cgroup_version = 1, .memsw_limit = 1000 });
	CU_ASSERT_EQUAL(w.k->slot[entry].memcg, 1);
	CU_ASSERT(alloc_folio(&w, entry, false) > 0);
	CU_ASSERT_EQUAL(w.k->slot[entry].map, 1); /* though the page is still swapped to it */
	CU_ASSERT_EQUAL(w.k->slot[entry].memcg, 0);
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 0);
	world_release(&w);
}

/* What is mapped is somebody's: whoever maps it next has to find it at its page. */
static void test_seen_once_mapped(void)
{
	struct world w;
	u32 entry = swapped_page(&w, (struct world_size){ .release = "7.0", .device = "nvme-client" });
	u32 folio = (u32)alloc_folio(&w, entry, false);

	CU_ASSERT(w.k->folio[folio].flags & FOLIO_UNSEEN);
	w.k->folio[folio].flags |= FOLIO_UPTODATE;
	w.k->folio[folio].content = w.k->slot[entry].content;
	w.k->folio_io[folio].lock = 0;
	world_read(&w, 0);
	CU_ASSERT_EQUAL(w.k->pte[page_of(&w, 0)], folio);
	CU_ASSERT_FALSE(w.k->folio[folio].flags & FOLIO_UNSEEN);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "a page of a synchronous device goes through the swap cache", test_never_around_the_cache },
	{ "who comes second waits for the winner's folio", test_loser_waits_for_the_folio },
	{ "a page is charged before it is in the swap cache, or after", test_order_of_charge },
	{ "what cannot be charged leaves the swap cache", test_failed_charge },
	{ "what cannot be charged before never comes there", test_failed_charge_first },
	{ "who finds a folio takes it", test_found },
	{ "of two folios for a slot one stays", test_two_folios },
	{ "a slot that goes meanwhile gets no folio", test_slot_goes },
	{ "under cgroup v1 the slot's charge goes", test_swapin_v1 },
	{ "a folio that is mapped is known", test_seen_once_mapped },
};

UNIT_MAIN("cache_alloc", tests)
