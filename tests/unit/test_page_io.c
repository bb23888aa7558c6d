/* Reading and writing pages: the zeromap, what is locked when, and the readahead path's window. */
#include "tests/unit/world.h"

enum { TICK_NS = 4000000 };

static u32 swapped_page(struct world *w, struct world_size size)
{
	world_init(w, size);
	world_write(w, 0);
	CU_ASSERT_EQUAL(world_pageout(w, 0, 1), 1);
	return entry_at(w, 0);
}

static void test_zero_page(void)
{
	struct world w;
	u32 entry = swapped_page(&w, (struct world_size){ .corpus = "zero" });

	CU_ASSERT_EQUAL(w.k->slot[entry].stored, STORED_ZEROMAP);
	CU_ASSERT_EQUAL(w.k->memory->pool_bytes, 0);
	CU_ASSERT_EQUAL(counted(&w, SWPOUT_ZERO), 1);
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), 0);
	world_read(&w, 0);
	CU_ASSERT_EQUAL(counted(&w, SWPIN_ZERO), 1);
	CU_ASSERT_EQUAL(counted(&w, PSWPIN), 0);
	CU_ASSERT_EQUAL(counted(&w, PGMAJFAULT), 1); /* a major fault all the same */
	CU_ASSERT_EQUAL(w.k->slot[entry].stored, STORED_NOTHING);
	CU_ASSERT_PTR_NULL(w.k->machine.failure);
	world_release(&w);
}

static void test_slot_is_rewritten(void)
{
	struct world w;
	u32 entry = swapped_page(&w, (struct world_size){ .corpus = "zero" }), folio;

	folio = RUN(&w, swapin_readahead, .entry = entry, .page = page_of(&w, 0));
	w.k->corpus[0] = *corpus_find("incompressible");
	w.k->folio[folio].lock = w.k->machine.tasks + 1;
	CU_ASSERT_EQUAL(RUN(&w, swap_writeout, .folio = folio), PAGE_SUCCESS);
	CU_ASSERT_EQUAL(w.k->slot[entry].stored, STORED_PAGE);
	CU_ASSERT_EQUAL(w.k->memory->pool_bytes, 4096);
	w.k->corpus[0] = *corpus_find("zero");
	w.k->folio[folio].lock = w.k->machine.tasks + 1;
	CU_ASSERT_EQUAL(RUN(&w, swap_writeout, .folio = folio), PAGE_SUCCESS);
	CU_ASSERT_EQUAL(w.k->slot[entry].stored, STORED_ZEROMAP);
	CU_ASSERT_EQUAL(w.k->memory->pool_bytes, 0);
	world_release(&w);
}

static void test_what_covers_the_data(void)
{
	struct world w;
	u32 task, folio;

	world_init(&w, (struct world_size){ 0 });
	world_write(&w, 0);
	folio = w.k->pte[page_of(&w, 0)];
	world_by_hand(&w);
	task = ADD_ON(&w, 0, madvise_pageout, .page = page_of(&w, 0), .count = 1);
	CU_ASSERT(world_step_to(&w, task, "zram_write_page.COMPRESS"));
	CU_ASSERT_EQUAL(w.k->folio[folio].lock, 0);
	CU_ASSERT(w.k->folio[folio].writeback);
	CU_ASSERT(world_step_to(&w, task, "shrink_folio_list.RELOCK"));
	CU_ASSERT_FALSE(w.k->folio[folio].writeback);
	CU_ASSERT(world_step_to(&w, task, NULL));
	task = ADD_ON(&w, 0, handle_mm_fault, .page = page_of(&w, 0));
	CU_ASSERT(world_step_to(&w, task, "zram_read_page.DECOMPRESS"));
	folio = w.k->memory->folio_used;
	CU_ASSERT_EQUAL(w.k->folio[folio].lock, task + 1);
	CU_ASSERT_FALSE(w.k->folio[folio].flags & FOLIO_UPTODATE);
	CU_ASSERT(world_step_to(&w, task, NULL));
	CU_ASSERT(folio_at(&w, 0)->flags & FOLIO_UPTODATE);
	world_release(&w);
}

static void test_into_the_cache(void)
{
	struct world w;
	u32 entry = swapped_page(&w, (struct world_size){ 0 }), folio;

	folio = RUN(&w, swapin_readahead, .entry = entry, .page = page_of(&w, 0));
	CU_ASSERT(folio != 0);
	CU_ASSERT_EQUAL(word_folio(w.k->slot[entry].cache), folio);
	CU_ASSERT_EQUAL(w.k->slot[entry].map, SWAP_HAS_CACHE | 1);
	CU_ASSERT_EQUAL(w.k->folio[folio].lock, 0);
	CU_ASSERT_EQUAL(w.k->folio[folio].memcg, 1);
	CU_ASSERT_EQUAL(w.k->folio[folio].flags & (FOLIO_UPTODATE | FOLIO_SWAPCACHE),
			FOLIO_UPTODATE | FOLIO_SWAPCACHE);
	CU_ASSERT_EQUAL(counted(&w, WORKINGSET_REFAULT_ANON), 1);
	CU_ASSERT_EQUAL(counted(&w, PSWPIN), 1);
	CU_ASSERT_EQUAL(RUN(&w, swapin_readahead, .entry = entry, .page = page_of(&w, 0)), folio);
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 4); /* cache, batch, two callers */
	CU_ASSERT_EQUAL(counted(&w, PSWPIN), 1);
	world_release(&w);
}

static void test_slot_is_gone(void)
{
	struct world w;
	u32 entry = swapped_page(&w, (struct world_size){ 0 });
	u64 free;

	RUN(&w, swap_free, .entry = entry);
	free = w.k->memory->free;
	CU_ASSERT_EQUAL(RUN(&w, swapin_readahead, .entry = entry, .page = page_of(&w, 0)), 0);
	CU_ASSERT_EQUAL(w.k->memory->free, free);
	world_release(&w);
}

/* Between the bit and the folio: whoever comes sleeps whole ticks, on no queue, and keeps its page. */
static void test_window(void)
{
	struct world w;
	u32 entry = swapped_page(&w, (struct world_size){ 0 }), first, second, folio;
	u64 free = w.k->memory->free;

	world_by_hand(&w);
	first = ADD_ON(&w, 0, read_swap_cache_async, .entry = entry, .page = page_of(&w, 0));
	second = ADD_ON(&w, 1, read_swap_cache_async, .entry = entry, .page = page_of(&w, 0));
	CU_ASSERT(world_step_to(&w, first, "mem_cgroup_charge.TRY_CHARGE"));
	CU_ASSERT_EQUAL(w.k->slot[entry].map, SWAP_HAS_CACHE | 1);
	CU_ASSERT_EQUAL(word_folio(w.k->slot[entry].cache), 0);
	CU_ASSERT(world_step_to(&w, second, "read_swap_cache_async.RETRY_SLEEP"));
	CU_ASSERT_EQUAL(w.k->machine.task[second].obj, 0);
	CU_ASSERT(w.k->machine.task[second].timeout > TICK_NS);
	CU_ASSERT(w.k->machine.task[second].timeout <= 2 * TICK_NS);
	CU_ASSERT_EQUAL(w.k->memory->free, free - 2);
	CU_ASSERT_EQUAL(w.k->memcg[1].usage, 63); /* neither is charged yet: the first page's is left of 64 */
	CU_ASSERT(world_step_to(&w, first, NULL)); /* it is locked until somebody has read into it */
	CU_ASSERT_EQUAL(w.k->folio[word_folio(w.k->slot[entry].cache)].lock, first + 1);
	CU_ASSERT(world_step_to(&w, second, NULL)); /* finds the folio now; the caller waits for its lock */
	CU_ASSERT_EQUAL(counted(&w, SWAPIN_RACES), 1);
	CU_ASSERT_EQUAL(counted(&w, SWAPIN_RACE_SLEEPS), 1);
	folio = word_folio(w.k->slot[entry].cache);
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 4);
	CU_ASSERT_EQUAL(w.k->memory->free, free - 1);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "a zero page is a bit, written and read without the device", test_zero_page },
	{ "a slot may hold one after the other", test_slot_is_rewritten },
	{ "a write is covered by the writeback flag, a read by the folio lock", test_what_covers_the_data },
	{ "a page that is not private is read into the cache", test_into_the_cache },
	{ "unless its slot is free", test_slot_is_gone },
	{ "who meets the bit without the folio sleeps a tick and tries again", test_window },
};

UNIT_MAIN("page_io", tests)
