/* try_to_unmap_one() and pageout(). */
#include "models/cpu.h"
#include "models/mm/folio.h"
#include "models/mm/lru.h"
#include "tests/unit/world.h"

/* Page 0 has a slot and is in the cache, its folio locked and isolated as by reclaim. Returns the folio. */
static u32 page_with_slot(struct world *w)
{
	u32 folio;

	world_write(w, 0);
	world_drain(w, 0);
	folio = w->k->pte[page_of(w, 0)];
	lruvec_del_folio(w->k, &w->k->lruvec[1], folio);
	w->k->folio[folio].refs++;
	w->k->folio_io[folio].lock = w->k->machine.tasks + 1;
	CU_ASSERT_EQUAL(RUN(w, folio_alloc_swap, .folio = folio), 0);
	return folio;
}

static void test_unmap(void)
{
	struct world w;
	u32 folio, entry;

	world_init(&w, (struct world_size){ 0 });
	folio = page_with_slot(&w);
	entry = w.k->folio_io[folio].swap;
	CU_ASSERT_EQUAL(w.k->slot[entry].map, SWAP_HAS_CACHE);
	CU_ASSERT_EQUAL(RUN(&w, try_to_unmap_one, .folio = folio, .page = page_of(&w, 0)), true);
	CU_ASSERT_EQUAL(w.k->slot[entry].map, SWAP_HAS_CACHE | 1);
	CU_ASSERT_EQUAL(flags_at(&w, 0), PTE_SWAP | PTE_EXCLUSIVE);
	CU_ASSERT_EQUAL(entry_at(&w, 0), entry);
	CU_ASSERT_EQUAL(w.k->folio[folio].mapcount, 0);
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 2); /* the cache's and the isolation's */
	CU_ASSERT_EQUAL(w.k->mm[0].anon_pages, 0);
	CU_ASSERT_EQUAL(w.k->mm[0].swap_ents, 1);
	CU_ASSERT(w.k->folio[folio].flags & FOLIO_DIRTY); /* it was written to */
	CU_ASSERT_EQUAL(w.k->page_version[page_of(&w, 0)], 1);
	CU_ASSERT_EQUAL(w.k->folio[folio].content, content_of(page_of(&w, 0), 1));
	CU_ASSERT_EQUAL(RUN(&w, try_to_unmap_one, .folio = folio, .page = page_of(&w, 0)),
			true); /* once is enough */
	CU_ASSERT_EQUAL(w.k->slot[entry].map, SWAP_HAS_CACHE | 1);
	world_release(&w);
}

static void test_clean_page_keeps_its_content(void)
{
	struct world w;
	u32 folio;

	world_init(&w, (struct world_size){ 0 });
	folio = page_with_slot(&w);
	w.k->pte_flags[page_of(&w, 0)] &= ~PTE_DIRTY;
	w.k->folio[folio].flags &= ~FOLIO_DIRTY;
	w.k->folio[folio].content = content_of(page_of(&w, 0), 0);
	RUN(&w, try_to_unmap_one, .folio = folio, .page = page_of(&w, 0));
	CU_ASSERT_FALSE(w.k->folio[folio].flags & FOLIO_DIRTY);
	CU_ASSERT_EQUAL(w.k->page_version[page_of(&w, 0)], 0);
	CU_ASSERT_EQUAL(w.k->folio[folio].content, content_of(page_of(&w, 0), 0));
	world_release(&w);
}

/* Between the clearing of the entry and the new one there is nothing there for who looks without the lock. */
static void test_entry_is_empty_meanwhile(void)
{
	struct world w;
	u32 folio, unmap, fault;

	world_init(&w, (struct world_size){ 0 });
	folio = page_with_slot(&w);
	world_by_hand(&w);
	unmap = ADD_ON(&w, 0, try_to_unmap_one, .folio = folio, .page = page_of(&w, 0));
	fault = ADD_ON(&w, 1, handle_mm_fault, .page = page_of(&w, 0), .write = 1);
	CU_ASSERT(world_step_to(&w, unmap, "swap_duplicate.UNLOCK_CI"));
	CU_ASSERT_EQUAL(flags_at(&w, 0), 0);
	CU_ASSERT_FALSE(world_step_to(&w, fault, NULL));
	CU_ASSERT(world_is_at(&w, fault, "do_anonymous_page.LOCK_PTL"));
	CU_ASSERT(world_step_to(&w, unmap, NULL));
	CU_ASSERT(world_step_to(&w, fault, NULL)); /* sees it changed, drops its page, will fault again */
	CU_ASSERT_EQUAL(flags_at(&w, 0), PTE_SWAP | PTE_EXCLUSIVE);
	CU_ASSERT_EQUAL(w.k->mm[0].anon_pages, 0);
	world_release(&w);
}

static void test_pageout(void)
{
	struct world w;
	u32 folio, entry;

	world_init(&w, (struct world_size){ 0 });
	folio = page_with_slot(&w);
	entry = w.k->folio_io[folio].swap;
	RUN(&w, try_to_unmap_one, .folio = folio, .page = page_of(&w, 0));
	w.k->folio[folio].refs++; /* somebody else looks at it */
	CU_ASSERT_EQUAL(RUN(&w, pageout, .folio = folio), PAGE_KEEP);
	CU_ASSERT(w.k->folio[folio].flags & FOLIO_DIRTY);
	CU_ASSERT(w.k->folio_io[folio].lock != 0);
	w.k->folio[folio].refs--;
	w.k->folio_io[folio].lock = w.k->machine.tasks + 1;
	CU_ASSERT_EQUAL(RUN(&w, pageout, .folio = folio), PAGE_SUCCESS);
	CU_ASSERT_FALSE(w.k->folio[folio].flags & FOLIO_DIRTY);
	CU_ASSERT_EQUAL(w.k->folio_io[folio].lock, 0);
	CU_ASSERT_EQUAL(w.k->slot[entry].content, w.k->folio[folio].content);
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), 1);
	world_release(&w);
}

/* Nobody refers to the slot any more: it is given back instead of written, and the page is dirty again. */
static void test_nothing_to_write(void)
{
	struct world w;
	u32 folio;

	world_init(&w, (struct world_size){ 0 });
	folio = page_with_slot(&w);
	RUN(&w, try_to_unmap_one, .folio = folio, .page = page_of(&w, 0));
	RUN(&w, swap_free, .entry = w.k->folio_io[folio].swap, .nr = 1);
	w.k->folio_io[folio].lock = w.k->machine.tasks + 1;
	CU_ASSERT_EQUAL(RUN(&w, pageout, .folio = folio), PAGE_SUCCESS);
	CU_ASSERT_EQUAL(w.k->folio_io[folio].lock, 0);
	CU_ASSERT(w.k->folio[folio].flags & FOLIO_DIRTY);
	CU_ASSERT_FALSE(w.k->folio[folio].flags & FOLIO_SWAPCACHE);
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), 0);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 0);
	world_release(&w);
}

enum { ORDER = 2, FOLIO_PAGES = 1u << ORDER, SLOW_NS = 100000 };

/* Pages 0 to 3 are one folio, isolated; returns it. What the costs are may be set. */
static u32 large_folio(struct world *w, struct cpu_profile *costs)
{
	u32 folio;

	world_init(w, (struct world_size){ .per_table = 16, .max_order = ORDER, .thp_orders = 1u << ORDER });
	*costs = *w->k->cpu_profile;
	w->k->cpu_profile = costs;
	world_write(w, 0);
	folio = w->k->pte[page_of(w, 0)];
	CU_ASSERT_EQUAL_FATAL(folio_order(w->k, folio), ORDER);
	lruvec_del_folio(w->k, &w->k->lruvec[1], folio);
	w->k->folio[folio].refs++;
	return folio;
}

static u64 time_to_unmap(struct world *w, u32 folio, u32 cpu)
{
	u64 start = w->k->machine.now;

	RUN_ON(w, cpu, try_to_unmap_one, .folio = folio, .page = page_of(w, 0));
	return w->k->machine.now - start;
}

/* What is given up goes page by page, up to one that was written again: what is left is to be split. */
static void test_written_again_in_part(void)
{
	struct cpu_profile costs;
	struct world w;
	u32 folio = large_folio(&w, &costs);

	w.k->folio[folio].flags |= FOLIO_LAZYFREE;
	w.k->folio[folio].flags &= ~FOLIO_DIRTY;
	for (u32 i = 0; i < FOLIO_PAGES; i++)
		w.k->pte_flags[page_of(&w, i)] &= ~PTE_DIRTY;
	w.k->pte_flags[page_of(&w, 2)] |= PTE_DIRTY;
	CU_ASSERT_EQUAL(RUN(&w, try_to_unmap_one, .folio = folio, .page = page_of(&w, 0)), false);
	CU_ASSERT(!is_resident(&w, 1) && is_resident(&w, 2) && is_resident(&w, 3));
	CU_ASSERT(w.k->folio[folio].flags & FOLIO_PARTIALLY_MAPPED);
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_16_SPLIT_DEFERRED], 1);
	world_release(&w);
}

/* Each entry of a large folio takes its time; so do the lines that another CPU has written. */
static void test_cost_of_unmapping(void)
{
	struct cpu_profile costs;
	struct world w;
	u64 ns[2];
	u32 folio;

	for (u32 i = 0; i < 2; i++) {
		folio = large_folio(&w, &costs);
		costs.map_page_ns += i * SLOW_NS;
		w.k->folio[folio].flags |= FOLIO_LAZYFREE;
		ns[i] = time_to_unmap(&w, folio, 0); /* it stays, and all of it was looked at */
		world_release(&w);
	}
	CU_ASSERT_EQUAL(ns[1], ns[0]); /* the first one stayed */
	for (u32 i = 0; i < 2; i++) {
		folio = large_folio(&w, &costs);
		costs.map_page_ns += i * SLOW_NS;
		w.k->folio[folio].flags = (w.k->folio[folio].flags | FOLIO_LAZYFREE) & ~FOLIO_DIRTY;
		for (u32 n = 0; n < FOLIO_PAGES; n++)
			w.k->pte_flags[page_of(&w, n)] &= ~PTE_DIRTY;
		ns[i] = time_to_unmap(&w, folio, 0);
		world_release(&w);
	}
	CU_ASSERT_EQUAL(ns[1] - ns[0], (FOLIO_PAGES - 1) * SLOW_NS);
	for (u32 i = 0; i < 2; i++) {
		folio = large_folio(&w, &costs);
		costs.line_ns += i * SLOW_NS;
		w.k->folio[folio].flags |= FOLIO_LAZYFREE;
		ns[i] = time_to_unmap(&w, folio, 1);
		world_release(&w);
	}
	CU_ASSERT_EQUAL(ns[1] - ns[0], 3 * SLOW_NS);
}

static void test_pageout_flushes(void)
{
	u64 ns[2];

	for (u32 i = 0; i < 2; i++) {
		struct cpu_profile costs;
		struct world w;
		u32 folio;

		world_init(&w, (struct world_size){ 0 });
		costs = *w.k->cpu_profile;
		costs.tlb_flush_ns += i * SLOW_NS;
		w.k->cpu_profile = &costs;
		folio = page_with_slot(&w);
		RUN(&w, try_to_unmap_one, .folio = folio, .page = page_of(&w, 0));
		ns[i] = w.k->machine.now;
		CU_ASSERT_EQUAL(RUN(&w, pageout, .folio = folio), PAGE_SUCCESS);
		ns[i] = w.k->machine.now - ns[i];
		world_release(&w);
	}
	CU_ASSERT_EQUAL(ns[1] - ns[0], SLOW_NS);
}

static const struct unit tests[] = {
	{ "unmapping puts an entry in place of the page and counts it", test_unmap },
	{ "a page that was not written to stays the same content", test_clean_page_keeps_its_content },
	{ "a fault meanwhile finds nothing, and changes nothing", test_entry_is_empty_meanwhile },
	{ "a page is written unless somebody else holds it", test_pageout },
	{ "a slot that nobody refers to is given back instead", test_nothing_to_write },
	{ "a folio of which a page was written again is to be split", test_written_again_in_part },
	{ "each entry, and lines that others wrote, take their time", test_cost_of_unmapping },
	{ "before a page is written the TLB is flushed", test_pageout_flushes },
};

UNIT_MAIN("unmap", tests)
