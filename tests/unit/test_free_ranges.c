/* Counts of slots in a row, and their end. */
#include "models/swap/cluster.h"
#include "models/swap/slot_cache.h"
#include "tests/unit/order_world.h"

enum { ORDER = 4, NR = 1 << ORDER };

static void large_world(struct world *w, const char *release)
{
	world_init(w, (struct world_size){ .release = release, .max_order = 9 });
}

static bool maps_are(const struct world *w, u32 entry, u32 nr, u8 map)
{
	for (u32 i = entry; i < entry + nr; i++)
		if (w->k->slot[i].map != map)
			return false;
	return true;
}

static void test_all_or_none(void)
{
	struct world w;
	u32 entry;

	large_world(&w, "6.17");
	entry = take(&w, ORDER);
	CU_ASSERT_EQUAL(RUN(&w, swap_duplicate, .entry = entry, .nr = NR), PATH_OK);
	CU_ASSERT(maps_are(&w, entry, NR, SWAP_HAS_CACHE | 2));
	RUN(&w, swap_free, .entry = entry, .nr = NR);
	CU_ASSERT_EQUAL(RUN(&w, swapcache_prepare, .entry = entry, .nr = NR), PATH_EEXIST);
	forget_folio(&w, entry);
	CU_ASSERT(maps_are(&w, entry, NR, 1));
	CU_ASSERT_EQUAL(RUN(&w, swapcache_prepare, .entry = entry + 3, .nr = 1), PATH_OK);
	CU_ASSERT_EQUAL(RUN(&w, swapcache_prepare, .entry = entry, .nr = NR), PATH_EEXIST);
	CU_ASSERT(maps_are(&w, entry, 3, 1));
	RUN(&w, swapcache_clear, .entry = entry + 3, .nr = 1);
	CU_ASSERT_EQUAL(RUN(&w, swapcache_prepare, .entry = entry, .nr = NR), PATH_OK);
	CU_ASSERT(maps_are(&w, entry, NR, SWAP_HAS_CACHE | 1));
	RUN(&w, swapcache_clear, .entry = entry, .nr = NR);
	CU_ASSERT(maps_are(&w, entry, NR, 1));
	RUN(&w, swap_free, .entry = entry + NR - 1, .nr = 1);
	CU_ASSERT_EQUAL(RUN(&w, swapcache_prepare, .entry = entry, .nr = NR), PATH_ENOENT);
	CU_ASSERT(maps_are(&w, entry, NR - 1, 1));
	world_release(&w);
}

/* What a page table entry refers to, in no cache. */
static u32 take_unowned(struct world *w)
{
	u32 entry = take(w, ORDER);

	forget_folio(w, entry);
	return entry;
}

/* Slots that are alike go back in one section of each lock, others one by one. */
static void test_together(const char *release)
{
	struct world w;
	u32 entry;
	u64 clusters, arrays;

	large_world(&w, release);
	entry = take_unowned(&w);
	clusters = locks_taken(&w, CLASS_CLUSTER);
	arrays = locks_taken(&w, CLASS_XARRAY);
	RUN(&w, swap_free, .entry = entry, .nr = NR);
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_CLUSTER), clusters + 1);
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_XARRAY) - arrays, w.k->release->cache == SWAP_CACHE_XARRAY);
	CU_ASSERT(maps_are(&w, entry, NR, 0));
	CU_ASSERT_EQUAL(cluster_of(w.k, entry)->count, 0);
	CU_ASSERT_EQUAL(cluster_of(w.k, entry)->has_table, 0);
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 0);
	CU_ASSERT_EQUAL(w.k->swap->free_pages, 4095);

	if (has_cache_bit(w.k)) { /* that they are shared memory's is their only reference */
		entry = take_unowned(&w);
		for (u32 i = 0; i < NR; i++)
			w.k->slot[entry + i].map = SWAP_MAP_SHMEM;
		arrays = locks_taken(&w, CLASS_XARRAY);
		RUN(&w, swap_free, .entry = entry, .nr = NR);
		CU_ASSERT_EQUAL(locks_taken(&w, CLASS_XARRAY) - arrays,
				w.k->release->cache == SWAP_CACHE_XARRAY);
		CU_ASSERT(maps_are(&w, entry, NR, 0));
	}

	entry = take(&w, ORDER);
	RUN(&w, swap_duplicate, .entry = entry + 1, .nr = 1);
	forget_folio(&w, entry);
	arrays = locks_taken(&w, CLASS_XARRAY);
	RUN(&w, swap_free, .entry = entry, .nr = NR);
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_XARRAY) - arrays,
			w.k->release->cache == SWAP_CACHE_XARRAY ? NR - 1 : 0);
	CU_ASSERT_EQUAL(cluster_of(w.k, entry)->count, 1);
	CU_ASSERT_EQUAL(w.k->slot[entry + 1].map, 1);
	CU_ASSERT_EQUAL(cluster_of(w.k, entry)->order, ORDER);
	world_release(&w);
}

static void test_go_back_together(void)
{
	test_together("6.17");
	test_together("6.18");
}

/* Up to 6.14 only a range that is unmapped, and all of which ends, goes back in one section. */
static void test_614(void)
{
	struct world w;
	u32 entry;
	u64 clusters, arrays;

	large_world(&w, "6.14");
	entry = take_unowned(&w);
	clusters = locks_taken(&w, CLASS_CLUSTER);
	arrays = locks_taken(&w, CLASS_XARRAY);
	RUN(&w, swap_free, .entry = entry, .nr = NR);
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_CLUSTER), clusters + 1);
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_XARRAY), arrays + NR);
	CU_ASSERT(maps_are(&w, entry, NR, 0));

	entry = take_unowned(&w);
	clusters = locks_taken(&w, CLASS_CLUSTER);
	arrays = locks_taken(&w, CLASS_XARRAY);
	RUN(&w, free_swap_and_cache, .entry = entry, .nr = NR);
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_CLUSTER), clusters + 1);
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_XARRAY), arrays + 1);
	CU_ASSERT(maps_are(&w, entry, NR, 0));

	entry = take(&w, ORDER);
	RUN(&w, swap_duplicate, .entry = entry + 1, .nr = 1);
	forget_folio(&w, entry);
	clusters = locks_taken(&w, CLASS_CLUSTER);
	RUN(&w, free_swap_and_cache, .entry = entry, .nr = NR);
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_CLUSTER), clusters + NR);
	CU_ASSERT_EQUAL(w.k->slot[entry + 1].map, 1);
	CU_ASSERT_EQUAL(cluster_of(w.k, entry)->count, 1);
	world_release(&w);
}

/* In 6.12 they go through the CPU's cache, 64 to a section of the cluster's lock; those of a folio that
 * leaves the cache do not. */
static void test_612(void)
{
	struct world w;
	u32 entry;
	u64 devices;

	large_world(&w, "6.12");
	take(&w, 0); /* switches the caches on */
	entry = take(&w, 7);
	forget_folio(&w, entry);
	CU_ASSERT_EQUAL(slot_caches_count(w.k), 63);
	RUN(&w, swap_free, .entry = entry, .nr = 60);
	CU_ASSERT_EQUAL(slot_caches_count(w.k), 63 + 60);
	CU_ASSERT(maps_are(&w, entry, 60, SWAP_HAS_CACHE));
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 129);
	RUN(&w, swap_free, .entry = entry + 60, .nr = 68);
	CU_ASSERT_EQUAL(slot_caches_count(w.k), 63 + 64);
	CU_ASSERT(maps_are(&w, entry, 64, 0));
	CU_ASSERT(maps_are(&w, entry + 64, 64, SWAP_HAS_CACHE));
	entry = take(&w, 7);
	unuse(&w, entry);
	devices = locks_taken(&w, CLASS_SWAP_DEVICE);
	CU_ASSERT_EQUAL(RUN(&w, folio_free_swap, .folio = folio_in(&w, entry)), true);
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_SWAP_DEVICE), devices + 1);
	CU_ASSERT(maps_are(&w, entry, 128, 0));
	CU_ASSERT_EQUAL(slot_caches_count(w.k), 63 + 64);
	world_release(&w);
}

/* One reference is enough for the folio to keep all its slots. */
static void test_folio_keeps_all(const char *release)
{
	struct world w;
	u32 entry, folio;

	large_world(&w, release);
	entry = take(&w, ORDER);
	folio = folio_in(&w, entry);
	RUN(&w, swap_free, .entry = entry, .nr = NR - 1);
	CU_ASSERT_EQUAL(RUN(&w, folio_free_swap, .folio = folio), false);
	CU_ASSERT_EQUAL(RUN(&w, try_to_reclaim_swap, .entry = entry), -NR);
	CU_ASSERT(maps_are(&w, entry, NR - 1, SWAP_HAS_CACHE));
	RUN(&w, swap_free, .entry = entry + NR - 1, .nr = 1);
	w.k->folio_io[folio].lock = w.k->machine.config.tasks;
	CU_ASSERT_EQUAL(RUN(&w, try_to_reclaim_swap, .entry = entry + 2), -NR);
	w.k->folio_io[folio].lock = 0;
	CU_ASSERT_EQUAL(RUN(&w, try_to_reclaim_swap, .entry = entry + 2), NR);
	CU_ASSERT(maps_are(&w, entry, NR, 0));
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 1);
	world_release(&w);
}

static void test_one_keeps_all(void)
{
	test_folio_keeps_all("6.12");
	test_folio_keeps_all("6.18");
}

/* Only the last reference of the range finds the folio; while it is mapped it is let alone. */
static void test_zapped(const char *release)
{
	struct world w;
	u32 entry, folio;

	large_world(&w, release);
	entry = take(&w, ORDER);
	folio = folio_in(&w, entry);
	RUN(&w, free_swap_and_cache, .entry = entry, .nr = NR / 2);
	CU_ASSERT_EQUAL(folio_in(&w, entry), folio);
	frame_add_rmap(w.k, folio + 3);
	w.k->folio[folio].refs++;
	RUN(&w, free_swap_and_cache, .entry = entry + NR / 2, .nr = NR / 2);
	CU_ASSERT_EQUAL(folio_in(&w, entry), folio);
	CU_ASSERT(maps_are(&w, entry, NR, SWAP_HAS_CACHE));
	frame_remove_rmap(w.k, folio + 3);
	w.k->folio[folio].refs--;
	RUN(&w, swap_duplicate, .entry = entry, .nr = NR);
	RUN(&w, free_swap_and_cache, .entry = entry, .nr = NR);
	CU_ASSERT_EQUAL(folio_in(&w, entry), 0);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, slot_caches_count(w.k));
	world_release(&w);
}

static void test_zap(void)
{
	test_zapped("6.12");
	test_zapped("6.17");
	test_zapped("6.18");
}

/* A folio leaves a shadow in each of its slots if nobody else holds it: a reference a page is the cache's. */
static void test_remove_mapping(const char *release)
{
	struct world w;
	u32 entry, folio;

	large_world(&w, release);
	entry = take(&w, ORDER);
	folio = folio_in(&w, entry);
	w.k->folio[folio].flags |= FOLIO_UPTODATE;
	w.k->folio[folio].refs++;
	CU_ASSERT_EQUAL(RUN(&w, remove_mapping, .folio = folio), false);
	w.k->folio[folio].refs--;
	CU_ASSERT_EQUAL(RUN(&w, remove_mapping, .folio = folio), true);
	CU_ASSERT(maps_are(&w, entry, NR, 1));
	for (u32 i = entry; i < entry + NR; i++) {
		CU_ASSERT_EQUAL(word_folio(w.k->slot[i].cache), 0);
		CU_ASSERT_EQUAL(w.k->slot[i].cache, w.k->slot[entry].cache);
		CU_ASSERT_NOT_EQUAL(word_shadow(w.k->slot[i].cache), 0);
	}
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 0);
	world_release(&w);
}

static void test_shadows(void)
{
	test_remove_mapping("6.12");
	test_remove_mapping("6.18");
}

/* All the nodes of the XArray that a folio needs, or none. */
static void test_no_memory_for_nodes(void)
{
	struct world w;
	u32 folio;
	u64 meta, free;

	large_world(&w, "6.17");
	folio = new_folio(&w, 7);
	meta = w.k->memory->meta_bytes;
	free = w.k->memory->free;
	w.k->memory->free = w.k->memory->min / 2 + 1; /* enough for the first of two leaves */
	CU_ASSERT_EQUAL(RUN(&w, folio_alloc_swap, .folio = folio), PATH_ENOMEM);
	CU_ASSERT_EQUAL(counted(&w, CACHE_ADD_FAILED), 1);
	w.k->memory->free = free;
	CU_ASSERT_EQUAL(w.k->memory->meta_bytes, meta);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 0);
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 0);
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 1);
	CU_ASSERT_EQUAL(RUN(&w, folio_alloc_swap, .folio = folio), PATH_OK);
	world_release(&w);
}

/* How often the cluster is locked: once for many in 6.12; one by one in 6.14 if it is not the last reference.
 */
static void test_locks(void)
{
	struct world w;
	u64 clusters;
	u32 entry;

	large_world(&w, "6.12");
	entry = take(&w, ORDER);
	clusters = locks_taken(&w, CLASS_CLUSTER);
	RUN(&w, swap_free, .entry = entry, .nr = NR); /* the folio keeps them */
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_CLUSTER) - clusters, 1);
	world_release(&w);

	for (u32 twice = 0; twice < 2; twice++) {
		large_world(&w, "6.14");
		entry = take_unowned(&w);
		if (twice)
			RUN(&w, swap_duplicate, .entry = entry, .nr = NR);
		clusters = locks_taken(&w, CLASS_CLUSTER);
		RUN(&w, free_swap_and_cache, .entry = entry, .nr = NR);
		CU_ASSERT_EQUAL(locks_taken(&w, CLASS_CLUSTER) - clusters, twice ? NR : 1);
		CU_ASSERT(maps_are(&w, entry, NR, twice));
		world_release(&w);
	}
}

/* What is given up on a device whose swapoff has come that far is swapoff's affair. */
static void test_device_goes(void)
{
	struct world w;
	u32 entry;

	large_world(&w, "6.18");
	entry = take_unowned(&w);
	percpu_ref_kill(&w.k->machine, &w.k->device[0].users);
	RUN(&w, free_swap_and_cache, .entry = entry, .nr = NR);
	CU_ASSERT(maps_are(&w, entry, NR, 1));
	world_release(&w);
}

static const struct unit tests[] = {
	{ "SWAP_HAS_CACHE is taken of all slots in a row or none", test_all_or_none },
	{ "slots that end together go back together, others one by one", test_go_back_together },
	{ "in 6.14 they go back one by one, unless all of a range end that is unmapped", test_614 },
	{ "6.12 gives them to the CPU's cache, but for a large folio's", test_612 },
	{ "a folio keeps all its slots while one is referenced, or it is locked", test_one_keeps_all },
	{ "zapping ends a folio with the last reference, unless it is mapped", test_zap },
	{ "a reclaimed folio leaves its shadow in every slot", test_shadows },
	{ "without memory for all nodes nothing is inserted", test_no_memory_for_nodes },
	{ "the cluster is locked as often as it was", test_locks },
	{ "nothing is given up on a device that goes", test_device_goes },
};

UNIT_MAIN("free ranges", tests)
