/* Counts of slots, and what their end does. */
#include "sim/rcu.h"
#include "tests/unit/world.h"

/* Page 0 is swapped out. */
static u32 swapped_page(struct world *w, const char *release)
{
	world_init(w, (struct world_size){ .release = release });
	world_write(w, 0);
	CU_ASSERT_EQUAL(world_pageout(w, 0, 1), 1);
	return entry_at(w, 0);
}

static void test_count(void)
{
	struct world w;
	u32 entry = swapped_page(&w, "6.18");

	CU_ASSERT_EQUAL(w.k->slot[entry].map, 1);
	CU_ASSERT_EQUAL(RUN(&w, swap_duplicate, .entry = entry, .nr = 1), PATH_OK);
	CU_ASSERT_EQUAL(swap_count(w.k, entry), 2);
	RUN(&w, swap_free, .entry = entry, .nr = 1);
	CU_ASSERT_EQUAL(swap_count(w.k, entry), 1);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 1);
	CU_ASSERT(w.k->slot[entry].cache != 0); /* the shadow stays as long as the slot */
	RUN(&w, swap_free, .entry = entry, .nr = 1);
	CU_ASSERT_EQUAL(w.k->slot[entry].map, 0);
	CU_ASSERT_EQUAL(w.k->slot[entry].cache, 0);
	CU_ASSERT_EQUAL(w.k->slot[entry].memcg, 0);
	CU_ASSERT_EQUAL(w.k->slot[entry].stored, STORED_NOTHING);
	CU_ASSERT_EQUAL(w.k->slot[entry].content, 0);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 0);
	CU_ASSERT_EQUAL(w.k->swap->free_pages, (s64)w.k->swap->total_pages);
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 0);
	CU_ASSERT_EQUAL(w.k->memory->pool_bytes, 0);
	world_release(&w);
}

static void test_claim(void)
{
	struct world w;
	u32 entry = swapped_page(&w, "6.18");

	CU_ASSERT_EQUAL(RUN(&w, swapcache_prepare, .entry = entry, .nr = 1), PATH_OK);
	CU_ASSERT_EQUAL(w.k->slot[entry].map, SWAP_HAS_CACHE | 1);
	CU_ASSERT_EQUAL(RUN(&w, swapcache_prepare, .entry = entry, .nr = 1), PATH_EEXIST);
	RUN(&w, swap_free, .entry = entry, .nr = 1);
	CU_ASSERT_EQUAL(w.k->slot[entry].map, SWAP_HAS_CACHE); /* the claim keeps it */
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 1);
	CU_ASSERT_EQUAL(RUN(&w, swapcache_prepare, .entry = entry, .nr = 1), PATH_EEXIST);
	RUN(&w, swapcache_clear, .entry = entry, .nr = 1);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 0);
	CU_ASSERT_EQUAL(RUN(&w, swapcache_prepare, .entry = entry, .nr = 1), PATH_ENOENT);
	world_release(&w);
}

static void test_free_swap(void)
{
	struct world w;
	u32 entry = swapped_page(&w, "6.18");
	u32 folio = RUN(&w, read_swap_cache_async, .entry = entry, .page = page_of(&w, 0));

	world_drain(&w, 0);
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 2);
	CU_ASSERT_EQUAL(RUN(&w, folio_free_swap, .folio = folio), false); /* the page table refers to it */
	w.k->slot[entry].map = SWAP_HAS_CACHE;
	w.k->folio_io[folio].writeback = 1;
	CU_ASSERT_EQUAL(RUN(&w, folio_free_swap, .folio = folio), false); /* it is being written */
	w.k->folio_io[folio].writeback = 0;
	CU_ASSERT_EQUAL(RUN(&w, folio_free_swap, .folio = folio), true);
	CU_ASSERT_EQUAL(w.k->folio[folio].flags & (FOLIO_SWAPCACHE | FOLIO_DIRTY), FOLIO_DIRTY);
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 1);
	CU_ASSERT_EQUAL(w.k->folio_io[folio].swap, 0);
	CU_ASSERT_EQUAL(w.k->slot[entry].map, 0);
	CU_ASSERT_EQUAL(RUN(&w, folio_free_swap, .folio = folio), false);
	world_release(&w);
}

static void test_reclaim_of_a_slot(void)
{
	struct world w;
	u32 entry = swapped_page(&w, "6.18"), folio;

	CU_ASSERT_EQUAL(RUN(&w, try_to_reclaim_swap, .entry = entry), 0); /* a shadow, no folio */
	folio = RUN(&w, read_swap_cache_async, .entry = entry, .page = page_of(&w, 0));
	w.k->slot[entry].map = SWAP_HAS_CACHE;
	w.k->folio_io[folio].lock = w.k->machine.config.tasks;
	CU_ASSERT_EQUAL(RUN(&w, try_to_reclaim_swap, .entry = entry), -1);
	w.k->folio_io[folio].lock = 0;
	CU_ASSERT_EQUAL(RUN(&w, try_to_reclaim_swap, .entry = entry), 1);
	CU_ASSERT_EQUAL(w.k->folio_io[folio].lock, 0);
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 2); /* ours and the batch's */
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 0);
	world_release(&w);
}

/* The only slot of a cluster other than the header's is freed: 6.18 gives the table back. */
static void test_table_is_freed_after_rcu(void)
{
	struct world w;
	u64 free;

	world_init(&w, (struct world_size){ .per_cluster = 2, .slots = 7 });
	world_write_range(&w, 0, 2);
	world_pageout(&w, 0, 1); /* slot 1, with the header */
	free = w.k->memory->free + w.k->memory->pool_pages;
	world_pageout(&w, 1, 1);
	CU_ASSERT_EQUAL(entry_at(&w, 1), 2);
	CU_ASSERT_EQUAL(w.k->memory->meta_bytes, 2 * 4096);
	CU_ASSERT_EQUAL(w.k->memory->free + w.k->memory->pool_pages, free); /* a page for a table */
	RUN(&w, swap_free, .entry = 2, .nr = 1);
	CU_ASSERT_EQUAL(w.k->cluster[1].has_table, 0);
	CU_ASSERT_EQUAL(w.k->cluster[1].flags, CLUSTER_FREE);
	CU_ASSERT_EQUAL(w.k->memory->meta_bytes, 2 * 4096);
	CU_ASSERT_EQUAL(rcu_waiting(&w.k->machine), 1);
	world_idle(&w, 20); /* a grace period is three ticks */
	CU_ASSERT_EQUAL(rcu_waiting(&w.k->machine), 0);
	CU_ASSERT_EQUAL(w.k->memory->meta_bytes, 4096);
	CU_ASSERT_EQUAL(w.k->memory->meta_peak, 2 * 4096);
	world_release(&w);
}

/* A page that is mapped again keeps its slot, unless its cgroup's swap is half full. */
static void test_mapped_again(void)
{
	struct world w;
	u32 entry = swapped_page(&w, "6.18"), folio;

	folio = RUN(&w, read_swap_cache_async, .entry = entry, .page = page_of(&w, 0));
	w.k->folio_io[folio].lock = 0;
	w.k->slot[entry].map = SWAP_HAS_CACHE;
	w.k->folio[folio].mapcount = 1;
	w.k->memcg[1].swap_max = 3;
	CU_ASSERT_EQUAL(RUN(&w, try_to_reclaim_swap, .entry = entry, .unmapped = true), -1);
	w.k->memcg[1].swap_max = 2;
	CU_ASSERT_EQUAL(RUN(&w, try_to_reclaim_swap, .entry = entry, .unmapped = true), 1);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 0);
	w.k->folio[folio].mapcount = 0;
	world_release(&w);
}

static const struct unit tests[] = {
	{ "a slot lives as long as it is referred to", test_count },
	{ "or claimed, by one at a time", test_claim },
	{ "a folio gives its slot up if nobody else refers to it and nothing is written", test_free_swap },
	{ "a slot that only the cache holds can be had unless its folio is busy", test_reclaim_of_a_slot },
	{ "the table of an emptied cluster is memory again after a grace period",
	  test_table_is_freed_after_rcu },
	{ "a page that is mapped again keeps its slot while there is room", test_mapped_again },
};

UNIT_MAIN("free", tests)
