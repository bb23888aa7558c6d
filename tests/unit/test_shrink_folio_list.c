/* What reclaim does with each page of a batch. */
#include "models/cpu.h"
#include "models/mm/lru.h"
#include "tests/unit/world.h"

enum { BATCH = 31 };

/* One scan of the inactive list's tail; returns the pages reclaimed. */
static u32 scan(struct world *w, u32 n)
{
	w->k->scan_control[w->k->machine.tasks].target = 1;
	return RUN(w, shrink_inactive_list, .lruvec = 1, .nr_to_scan = n);
}

static void one_page(struct world *w, const char *release)
{
	world_init(w, (struct world_size){ .release = release });
	world_write(w, 0);
	world_drain(w, 0);
	world_age(w, 0, 1);
}

static void touch(struct world *w)
{
	w->k->pte_flags[page_of(w, 0)] |= PTE_ACCESSED;
}

static void test_not_accessed(void)
{
	struct world w;
	u64 free;

	one_page(&w, "6.18");
	free = w.k->memory->free;
	CU_ASSERT_EQUAL(scan(&w, 1), 1);
	CU_ASSERT(is_swapped(&w, 0));
	CU_ASSERT_EQUAL(counted(&w, PGSTEAL), 1);
	CU_ASSERT_EQUAL(counted(&w, PGSCAN), 1);
	CU_ASSERT_EQUAL(w.k->slot[entry_at(&w, 0)].map, 1);
	CU_ASSERT(word_shadow(w.k->slot[entry_at(&w, 0)].cache) != 0);
	CU_ASSERT_EQUAL(w.k->memory->free, free + 1 - w.k->memory->pool_pages);
	CU_ASSERT_EQUAL(w.k->memcg[1].usage, 63);
	world_release(&w);
}

static void test_second_chance(void)
{
	struct world w;

	one_page(&w, "6.18");
	touch(&w);
	CU_ASSERT_EQUAL(scan(&w, 1), 0); /* once: kept, and remembered */
	CU_ASSERT(is_resident(&w, 0));
	CU_ASSERT(folio_at(&w, 0)->flags & FOLIO_REFERENCED);
	CU_ASSERT_FALSE(flags_at(&w, 0) & PTE_ACCESSED);
	CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON), 1);
	touch(&w);
	CU_ASSERT_EQUAL(scan(&w, 1), 0); /* twice: activated */
	CU_ASSERT_EQUAL(list_count(&w, LRU_ACTIVE_ANON), 1);
	CU_ASSERT_EQUAL(counted(&w, PGACTIVATE), 1);
	CU_ASSERT_EQUAL(w.k->lruvec[1].nonresident_age, 1);
	world_release(&w);
}

static void test_mark_wears_off(void)
{
	struct world w;

	one_page(&w, "6.18");
	touch(&w);
	CU_ASSERT_EQUAL(scan(&w, 1), 0);
	CU_ASSERT_EQUAL(scan(&w, 1), 1); /* not used since */
	world_release(&w);
}

/* Not used, but held by somebody: it stays in memory, without the mark. */
static void test_mark_is_taken(void)
{
	struct world w;
	struct folio *folio;

	one_page(&w, "6.18");
	folio = folio_at(&w, 0);
	folio->flags |= FOLIO_REFERENCED;
	folio->refs++;
	CU_ASSERT_EQUAL(scan(&w, 1), 0);
	CU_ASSERT_EQUAL(folio->flags & (FOLIO_REFERENCED | FOLIO_DIRTY | FOLIO_SWAPCACHE),
			FOLIO_DIRTY | FOLIO_SWAPCACHE);
	CU_ASSERT_EQUAL(folio->refs, 2);
	CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON), 1);
	world_release(&w);
}

static void test_locked_is_kept(void)
{
	struct world w;

	one_page(&w, "6.18");
	io_of(&w, folio_at(&w, 0))->lock = w.k->machine.config.tasks;
	CU_ASSERT_EQUAL(scan(&w, 1), 0);
	CU_ASSERT_EQUAL(io_of(&w, folio_at(&w, 0))->lock, w.k->machine.config.tasks);
	CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON), 1);
	world_release(&w);
}

static void test_writeback_is_activated(void)
{
	struct world w;

	one_page(&w, "6.18");
	io_of(&w, folio_at(&w, 0))->writeback = 1;
	CU_ASSERT_EQUAL(scan(&w, 1), 0);
	CU_ASSERT_EQUAL(list_count(&w, LRU_ACTIVE_ANON), 1);
	CU_ASSERT_EQUAL(io_of(&w, folio_at(&w, 0))->lock, 0);
	world_release(&w);
}

static void test_no_slot(void)
{
	struct world w;

	one_page(&w, "6.18");
	w.k->device[0].on_avail_list = 0;
	CU_ASSERT_EQUAL(scan(&w, 1), 0);
	CU_ASSERT(is_resident(&w, 0));
	CU_ASSERT_EQUAL(list_count(&w, LRU_ACTIVE_ANON), 1);
	CU_ASSERT_EQUAL(counted(&w, SWAP_EVENTS_FAIL), 1);
	CU_ASSERT_EQUAL(counted(&w, PGACTIVATE), 1);
	world_release(&w);
}

/* A page read in that kept its slot: clean, so that it need not be written again. */
static void test_clean_cached_page(bool dirty)
{
	struct world w;
	u32 folio, entry;

	one_page(&w, "6.18");
	CU_ASSERT_EQUAL(scan(&w, 1), 1);
	entry = entry_at(&w, 0);
	folio = RUN(&w, swapin_readahead, .entry = entry, .page = page_of(&w, 0));
	CU_ASSERT(folio != 0);
	RUN(&w, folio_put, .folio = folio);
	world_read(&w, 0); /* a hit in the cache: no read from the device, and the slot stays */
	CU_ASSERT_EQUAL(counted(&w, PGMAJFAULT), 0);
	CU_ASSERT_EQUAL(w.k->slot[entry].map, SWAP_HAS_CACHE);
	world_drain(&w, 0);
	world_age(&w, 0, 1);
	if (dirty)
		w.k->pte_flags[page_of(&w, 0)] |= PTE_DIRTY;
	CU_ASSERT_EQUAL(scan(&w, 1), 1);
	CU_ASSERT_EQUAL(entry_at(&w, 0), entry);
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), dirty ? 2 : 1);
	world_read(&w, 0);
	CU_ASSERT_PTR_NULL(w.k->machine.failure);
	world_release(&w);
}

static void test_clean_is_not_written(void)
{
	test_clean_cached_page(false);
}

static void test_dirty_is_written(void)
{
	test_clean_cached_page(true);
}

/* A fault takes the page while it is written: it waits for the folio lock and the page stays. */
static void test_fault_during_swapout(const char *release)
{
	struct world w;
	u32 reclaim, fault, folio;

	one_page(&w, release);
	folio = w.k->pte[page_of(&w, 0)];
	world_by_hand(&w);
	reclaim = ADD_ON(&w, 0, shrink_inactive_list, .lruvec = 1, .nr_to_scan = 1);
	fault = ADD_ON(&w, 1, handle_mm_fault, .page = page_of(&w, 0), .write = 1);
	CU_ASSERT(world_step_to(&w, reclaim, "pageout.FLUSH_TLB"));
	CU_ASSERT_FALSE(world_step_to(&w, fault, NULL));
	CU_ASSERT(world_is_at(&w, fault, "do_swap_page.WAIT_FOLIO")); /* reclaim has it */
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 3);
	CU_ASSERT(world_step_to(&w, reclaim, NULL)); /* is not freeable for the fault's reference */
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), 0);
	CU_ASSERT(world_step_to(&w, fault, NULL));
	CU_ASSERT(is_resident(&w, 0));
	CU_ASSERT_EQUAL(w.k->pte[page_of(&w, 0)], folio);
	CU_ASSERT_EQUAL(counted(&w, PGMAJFAULT), 0);
	CU_ASSERT_EQUAL(counted(&w, FOLIO_LOCK_WAITS), 1);
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 1); /* a write fault gives the slot back */
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 0);
	world_release(&w);
}

static void test_fault_during_swapout_618(void)
{
	test_fault_during_swapout("6.18");
}

static void test_fault_during_swapout_617(void)
{
	test_fault_during_swapout("6.17");
}

static void test_fault_during_write(void)
{
	struct world w;
	u32 reclaim, fault;

	one_page(&w, "6.18");
	world_by_hand(&w);
	reclaim = ADD_ON(&w, 0, shrink_inactive_list, .lruvec = 1, .nr_to_scan = 1);
	fault = ADD_ON(&w, 1, handle_mm_fault, .page = page_of(&w, 0));
	CU_ASSERT(world_step_to(&w, reclaim, "zram_write_page.COMPRESS"));
	CU_ASSERT(world_step_to(&w, fault, NULL)); /* the write does not hold the folio lock */
	CU_ASSERT(is_resident(&w, 0));
	CU_ASSERT(io_of(&w, folio_at(&w, 0))->writeback);
	CU_ASSERT(world_step_to(&w, reclaim, NULL));
	CU_ASSERT_EQUAL(folio_at(&w, 0)->flags & (FOLIO_SWAPCACHE | FOLIO_LRU), FOLIO_SWAPCACHE | FOLIO_LRU);
	CU_ASSERT_EQUAL(folio_at(&w, 0)->refs, 2);
	world_release(&w);
}

static void test_fault_after_write(void)
{
	struct world w;
	u32 reclaim, fault, folio;

	one_page(&w, "6.18");
	folio = w.k->pte[page_of(&w, 0)];
	world_by_hand(&w);
	reclaim = ADD_ON(&w, 0, shrink_inactive_list, .lruvec = 1, .nr_to_scan = 1);
	fault = ADD_ON(&w, 1, handle_mm_fault, .page = page_of(&w, 0));
	CU_ASSERT(world_step_to(&w, reclaim, "shrink_folio_list.RELOCK"));
	CU_ASSERT(world_step_to(&w, fault, "do_swap_page.LOCK_PTL"));
	CU_ASSERT(world_step_to(&w, reclaim, NULL)); /* cannot lock it again: leaves it */
	CU_ASSERT_EQUAL(w.k->folio_io[folio].lock, fault + 1);
	CU_ASSERT(world_step_to(&w, fault, NULL));
	CU_ASSERT(is_resident(&w, 0));
	CU_ASSERT_EQUAL(w.k->folio_io[folio].lock, 0);
	world_release(&w);
}

static void test_activated_gives_its_slot_back(void)
{
	for (u32 full = 0; full < 2; full++) {
		struct world w;
		u32 entry;

		one_page(&w, "6.18");
		scan(&w, 1);
		entry = entry_at(&w, 0);
		RUN(&w, folio_put,
		    .folio = RUN(&w, swapin_readahead, .entry = entry, .page = page_of(&w, 0)));
		world_read(&w, 0);
		world_drain(&w, 0);
		folio_at(&w, 0)->flags |= FOLIO_REFERENCED;
		if (full)
			w.k->swap->free_pages = w.k->swap->total_pages / 2 - 1;
		CU_ASSERT_EQUAL(scan(&w, 1), 0);
		CU_ASSERT(folio_at(&w, 0)->flags & FOLIO_ACTIVE);
		CU_ASSERT_EQUAL(!!(folio_at(&w, 0)->flags & FOLIO_SWAPCACHE), !full);
		CU_ASSERT_EQUAL(w.k->slot[entry].map, full ? 0 : SWAP_HAS_CACHE);
		world_release(&w);
	}
}

static void test_freed_in_batches(void)
{
	struct world w;
	u64 usage;

	world_init(&w, (struct world_size){ 0 });
	world_write_range(&w, 0, BATCH + 1);
	world_drain(&w, 0);
	world_age(&w, 0, BATCH + 1);
	usage = w.k->memcg[1].usage;
	world_by_hand(&w);
	ADD_ON(&w, 0, shrink_inactive_list, .lruvec = 1, .nr_to_scan = BATCH + 1);
	CU_ASSERT(world_step_to(&w, w.k->machine.tasks - 1, "shrink_folio_list.FREE_BATCH"));
	CU_ASSERT_EQUAL(w.k->device[0].inuse, BATCH);
	CU_ASSERT_EQUAL(w.k->memcg[1].usage, usage);
	CU_ASSERT(world_step_to(&w, w.k->machine.tasks - 1, "shrink_folio_list.FREE_REST"));
	CU_ASSERT_EQUAL(w.k->memcg[1].usage, usage - BATCH);
	CU_ASSERT(world_step_to(&w, w.k->machine.tasks - 1, NULL));
	CU_ASSERT_EQUAL(w.k->memcg[1].usage, usage - BATCH - 1);
	world_release(&w);
}

/* ---- asynchronous devices ---- */

static void one_page_on_disk(struct world *w, u32 cgroup_version)
{
	world_init(w, (struct world_size){ .device = "disk", .cgroup_version = cgroup_version });
	world_write(w, 0);
	world_drain(w, 0);
	world_age(w, 0, 1);
}

static struct folio *folio_in_cache(const struct world *w)
{
	return &w->k->folio[word_folio(w->k->slot[entry_at(w, 0)].cache)];
}

static void test_two_scans(void)
{
	struct world w;
	struct folio *folio;
	u32 entry;

	one_page_on_disk(&w, 2);
	folio = folio_at(&w, 0);
	CU_ASSERT_EQUAL(scan(&w, 1), 0);
	entry = entry_at(&w, 0);
	CU_ASSERT_PTR_EQUAL(folio_in_cache(&w), folio);
	CU_ASSERT(io_of(&w, folio)->writeback != 0);
	CU_ASSERT_EQUAL(io_of(&w, folio)->lock, 0);
	CU_ASSERT_EQUAL(folio->refs, 1); /* the cache's: a write holds none */
	CU_ASSERT_EQUAL(folio->flags & (FOLIO_RECLAIM | FOLIO_DIRTY | FOLIO_ACTIVE | FOLIO_LRU),
			FOLIO_RECLAIM | FOLIO_LRU);
	CU_ASSERT_EQUAL(w.k->count[0][BLK_WR_IOS], 1);
	world_idle(&w, 100);
	CU_ASSERT_EQUAL(io_of(&w, folio)->writeback, 0);
	CU_ASSERT_EQUAL(folio->flags & FOLIO_RECLAIM, 0);
	CU_ASSERT_EQUAL(scan(&w, 1), 1);
	CU_ASSERT_EQUAL(counted(&w, PGROTATED), 1);
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), 1);
	CU_ASSERT_EQUAL(w.k->count[0][BLK_WR_IOS], 1); /* clean: not written again */
	CU_ASSERT_EQUAL(entry_at(&w, 0), entry);
	CU_ASSERT_EQUAL(w.k->slot[entry].map, 1);
	CU_ASSERT(word_shadow(w.k->slot[entry].cache) != 0);
	CU_ASSERT_EQUAL(counted(&w, PGSTEAL), 1);
	CU_ASSERT_EQUAL(counted(&w, PGACTIVATE), 0);
	world_read(&w, 0);
	CU_ASSERT_PTR_NULL(w.k->machine.failure); /* what comes back is what was written */
	world_release(&w);
}

/* Whether reclaim wrote it or the mark was lost to a hit. Its end of I/O then takes it from the active list.
 */
static void test_met_under_writeback(void)
{
	for (u32 marked = 0; marked < 2; marked++) {
		struct world w;
		struct folio *folio;

		one_page_on_disk(&w, 2);
		folio = folio_at(&w, 0);
		CU_ASSERT_EQUAL(scan(&w, 1), 0);
		if (!marked)
			folio->flags &= ~FOLIO_RECLAIM;
		CU_ASSERT_EQUAL(scan(&w, 1), 0);
		CU_ASSERT(io_of(&w, folio)->writeback != 0); /* nobody waited */
		CU_ASSERT_EQUAL(folio->flags & (FOLIO_RECLAIM | FOLIO_ACTIVE), FOLIO_RECLAIM | FOLIO_ACTIVE);
		CU_ASSERT_EQUAL(list_count(&w, LRU_ACTIVE_ANON), 1);
		CU_ASSERT_EQUAL(counted(&w, PGACTIVATE), 1);
		world_idle(&w, 100);
		world_drain(&w, 0);
		CU_ASSERT_EQUAL(folio->flags & (FOLIO_RECLAIM | FOLIO_ACTIVE), 0);
		CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON), 1);
		CU_ASSERT_EQUAL(scan(&w, 1), 1);
		world_release(&w);
	}
}

/* A zero page is not under writeback: nothing will take the mark. */
static void test_no_mark_without_writeback(void)
{
	struct world w;
	u32 folio;

	world_init(&w, (struct world_size){ .device = "disk", .corpus = "zero" });
	world_write(&w, 0);
	CU_ASSERT_EQUAL(world_pageout(&w, 0, 1), 1);
	folio = RUN(&w, swapin_readahead, .entry = entry_at(&w, 0), .page = page_of(&w, 0));
	world_drain(&w, 0);
	w.k->folio[folio].flags |= FOLIO_DIRTY;
	w.k->folio_io[folio].lock = w.k->machine.tasks + 1;
	CU_ASSERT_EQUAL(RUN(&w, pageout, .folio = folio), PAGE_SUCCESS);
	CU_ASSERT_EQUAL(w.k->folio[folio].flags & (FOLIO_RECLAIM | FOLIO_DIRTY), 0);
	world_release(&w);
}

/* The write lies in the plug of who scans: the wait sends it, and the page is freed in the same scan. */
static void test_v1_waits(void)
{
	struct world w;
	u32 writer, waiter;
	u64 start;

	one_page_on_disk(&w, 1);
	writer = w.k->machine.tasks;
	w.k->plug[writer].depth = 1;
	CU_ASSERT_EQUAL(scan(&w, 1), 0);
	CU_ASSERT_EQUAL(w.k->count[0][BLK_WR_IOS], 0);
	waiter = w.k->machine.tasks;
	w.k->plug[waiter] = w.k->plug[writer];
	w.k->plug[writer] = (struct plug){ 0 };
	start = w.k->machine.now;
	CU_ASSERT_EQUAL(scan(&w, 1), 1);
	CU_ASSERT(w.k->machine.now - start > 10000);
	CU_ASSERT_EQUAL(w.k->count[0][BLK_WR_IOS], 1);
	CU_ASSERT_EQUAL(counted(&w, PGACTIVATE), 0);
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), 1);
	world_release(&w);
}

static void test_v1_first_time(void)
{
	struct world w;
	struct folio *folio;

	one_page_on_disk(&w, 1);
	folio = folio_at(&w, 0);
	CU_ASSERT_EQUAL(scan(&w, 1), 0);
	folio->flags &= ~FOLIO_RECLAIM;
	CU_ASSERT_EQUAL(scan(&w, 1), 0);
	CU_ASSERT(io_of(&w, folio)->writeback != 0);
	CU_ASSERT_EQUAL(folio->flags & (FOLIO_RECLAIM | FOLIO_ACTIVE), FOLIO_RECLAIM | FOLIO_ACTIVE);
	world_release(&w);
}

/* MADV_PAGEOUT of a page whose write has not ended: on nobody's behalf, so it is not waited for. */
static void test_v1_outside_of_a_cgroup(void)
{
	struct world w;
	struct folio *folio;

	one_page_on_disk(&w, 1);
	folio = folio_at(&w, 0);
	CU_ASSERT_EQUAL(scan(&w, 1), 0);
	world_read(&w, 0);
	CU_ASSERT_PTR_EQUAL(folio_at(&w, 0), folio);
	CU_ASSERT(io_of(&w, folio)->writeback != 0);
	folio->flags |= FOLIO_RECLAIM;
	CU_ASSERT_EQUAL(world_pageout(&w, 0, 1), 0);
	CU_ASSERT(io_of(&w, folio)->writeback != 0);
	CU_ASSERT(folio->flags & FOLIO_ACTIVE);
	world_release(&w);
}

/* A large folio that somebody holds could not be split, and asks for no slots. */
static void test_held_large_folio(void)
{
	struct world w;
	u32 folio;

	world_init(&w, (struct world_size){ .per_table = 16, .max_order = 2, .thp_orders = 1u << 2 });
	world_write(&w, 0);
	world_age(&w, 0, 4);
	folio = w.k->pte[page_of(&w, 0)];
	w.k->folio[folio].refs++;
	CU_ASSERT_EQUAL(scan(&w, 4), 0);
	CU_ASSERT_EQUAL(counted(&w, SLOTS_ALLOCATED), 0);
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_16_SPLIT_FAILED], 0);
	CU_ASSERT_EQUAL(list_count(&w, LRU_ACTIVE_ANON), 4);
	w.k->folio[folio].refs--;
	world_release(&w);
}

/* Entries of pages that are dropped unwritten are flushed, too. */
static void test_flush_of_dropped_pages(void)
{
	enum { SLOW_NS = 100000 };
	u64 ns[2];

	for (u32 slow = 0; slow < 2; slow++) {
		struct cpu_profile costs;
		struct world w;

		world_init(&w, (struct world_size){ .file_pages = 16 });
		world_read(&w, 0);
		world_idle(&w, 20);
		world_age(&w, 0, 16);
		costs = *w.k->cpu_profile;
		costs.tlb_flush_ns += slow * SLOW_NS;
		w.k->cpu_profile = &costs;
		ns[slow] = w.k->machine.now;
		w.k->scan_control[w.k->machine.tasks].target = 1;
		CU_ASSERT(RUN(&w, shrink_inactive_list, .lruvec = 1, .lru = LRU_INACTIVE_FILE,
			      .nr_to_scan = 16) > 0);
		ns[slow] = w.k->machine.now - ns[slow];
		world_release(&w);
	}
	CU_ASSERT_EQUAL(ns[1] - ns[0], SLOW_NS); /* once for all of them */
}

static const struct unit tests[] = {
	{ "a page that was not accessed is swapped out", test_not_accessed },
	{ "one that was is kept once and activated the second time", test_second_chance },
	{ "and reclaimed if it was not used again", test_mark_wears_off },
	{ "a scan takes the mark of a page it cannot reclaim", test_mark_is_taken },
	{ "a locked page is kept", test_locked_is_kept },
	{ "a page under writeback is activated", test_writeback_is_activated },
	{ "without a slot it is activated", test_no_slot },
	{ "a clean page in the swap cache is dropped without a write", test_clean_is_not_written },
	{ "a dirty one is written to the same slot", test_dirty_is_written },
	{ "a fault before the write gets the page back (6.18)", test_fault_during_swapout_618 },
	{ "a fault before the write gets the page back (6.17)", test_fault_during_swapout_617 },
	{ "a fault during the write maps the page, which then stays", test_fault_during_write },
	{ "a fault after the write has the page", test_fault_after_write },
	{ "when swap is getting full an activated page gives its slot back",
	  test_activated_gives_its_slot_back },
	{ "pages are freed and uncharged 31 at a time", test_freed_in_batches },
	{ "a disk's page is written in one scan and freed in the next", test_two_scans },
	{ "met under writeback it is activated, and rotated all the same", test_met_under_writeback },
	{ "what needs no writeback is not marked for rotation", test_no_mark_without_writeback },
	{ "cgroup v1 waits for it, and sends its plug", test_v1_waits },
	{ "but not the first time", test_v1_first_time },
	{ "nor in reclaim on nobody's behalf", test_v1_outside_of_a_cgroup },
	{ "a large folio that is held asks for no slots", test_held_large_folio },
	{ "entries of dropped pages are flushed", test_flush_of_dropped_pages },
};

UNIT_MAIN("shrink_folio_list", tests)
