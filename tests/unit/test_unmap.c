/* try_to_unmap_one() and pageout(). */
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

static const struct unit tests[] = {
	{ "unmapping puts an entry in place of the page and counts it", test_unmap },
	{ "a page that was not written to stays the same content", test_clean_page_keeps_its_content },
	{ "a fault meanwhile finds nothing, and changes nothing", test_entry_is_empty_meanwhile },
	{ "a page is written unless somebody else holds it", test_pageout },
	{ "a slot that nobody refers to is given back instead", test_nothing_to_write },
};

UNIT_MAIN("unmap", tests)
