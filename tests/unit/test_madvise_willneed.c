/* MADV_WILLNEED: swapped pages come into the swap cache, and the faults that map them are minor. */
#include "models/run.h"
#include "tests/unit/world.h"

static u32 want(struct world *w, u32 first, u32 n)
{
	return RUN(w, madvise_willneed, .page = page_of(w, first), .end = page_of(w, first) + n);
}

static u32 cached_folio(const struct world *w, u32 page)
{
	return word_folio(w->k->slot[entry_at(w, page)].cache);
}

static void swapped(struct world *w, struct world_size size, u32 n)
{
	world_init(w, size);
	world_write_range(w, 0, n);
	world_pageout(w, 0, n);
	world_idle(w, 20); /* all writes are over; what was written waits for reclaim */
	if (cached_folio(w, 0))
		CU_ASSERT_EQUAL(RUN(w, try_to_free_mem_cgroup_pages, .memcg = 1, .nr_pages = n), n);
	for (u32 i = 0; i < n; i++)
		CU_ASSERT(is_swapped(w, i) && !cached_folio(w, i));
}

static void test_read_into_the_cache(void)
{
	static const char *const devices[] = { "zram-lz4", "nvme-client" };
	static const char *const kernels[] = { "6.1", "6.12", "6.14", "6.17", "6.18" };

	for (u32 i = 0; i < 6; i++) {
		struct world w;
		char *wrong;

		swapped(&w, (struct world_size){ .release = kernels[i / 2], .device = devices[i % 2] }, 40);
		CU_ASSERT_EQUAL(want(&w, 4, 20), 20);
		world_idle(&w, 5);
		CU_ASSERT_EQUAL(counted(&w, PSWPIN), 20);
		CU_ASSERT_EQUAL(counted(&w, SWAP_RA), 0);
		for (u32 p = 0; p < 40; p++) {
			CU_ASSERT(is_swapped(&w, p));
			CU_ASSERT_EQUAL(cached_folio(&w, p) != 0, p >= 4 && p < 24);
		}
		CU_ASSERT_EQUAL(w.k->folio_io[cached_folio(&w, 4)].lock, 0);
		CU_ASSERT_EQUAL(w.k->folio[cached_folio(&w, 4)].refs, 1);
		for (u32 p = 4; p < 24; p++)
			world_read(&w, p);
		CU_ASSERT_EQUAL(counted(&w, PGMAJFAULT), 0);
		CU_ASSERT_EQUAL(counted(&w, PSWPIN), 20);
		CU_ASSERT_EQUAL(want(&w, 4, 20), 0); /* all there */
		wrong = audit(w.k);
		CU_ASSERT_PTR_NULL(wrong);
		g_free(wrong);
		world_release(&w);
	}
}

static void test_what_is_not_swapped(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .per_table = 8 });
	world_write_range(&w, 0, 10);
	world_read(&w, 20);
	world_pageout(&w, 3, 1);
	world_pageout(&w, 7, 1);
	CU_ASSERT_EQUAL(want(&w, 0, 30), 2);
	CU_ASSERT(cached_folio(&w, 3) && cached_folio(&w, 7));
	CU_ASSERT_EQUAL(flags_at(&w, 25), 0);
	CU_ASSERT_EQUAL(counted(&w, PSWPIN), 2);
	world_release(&w);
}

/* One plug: slots in a row are read by few requests. */
static void test_one_plug(void)
{
	struct world w;
	const u64 *all;
	u64 requests;

	swapped(&w, (struct world_size){ .device = "nvme-client" }, 32);
	all = w.k->count[0];
	requests = all[BLK_RD_IOS];
	want(&w, 0, 32);
	world_idle(&w, 5);
	CU_ASSERT_EQUAL(all[BLK_RD_PAGES], 32);
	CU_ASSERT(all[BLK_RD_IOS] - requests <= 2);
	CU_ASSERT_EQUAL(w.k->plug[w.k->machine.tasks - 1].depth, 0);
	world_release(&w);
}

static void test_refaults_are_counted(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .limit = 100 });
	world_write_range(&w, 0, 150);
	CU_ASSERT(is_swapped(&w, 0));
	want(&w, 0, 10);
	CU_ASSERT_EQUAL(counted(&w, WORKINGSET_REFAULT_ANON), 10);
	CU_ASSERT(w.k->memcg[1].usage <= 100);
	world_release(&w);
}

/* They do not wait in a batch, where nobody could reclaim them. */
static void test_they_are_on_their_list(void)
{
	struct world w;

	swapped(&w, (struct world_size){ 0 }, 10);
	CU_ASSERT_EQUAL(want(&w, 0, 10), 10);
	CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON), 10);
	CU_ASSERT(w.k->folio[cached_folio(&w, 9)].flags & FOLIO_LRU);
	world_release(&w);
}

/* The slot was given up since its entry was read: the others are wanted all the same. */
static void test_one_cannot_be_had(void)
{
	struct world w;
	u8 *map;

	swapped(&w, (struct world_size){ 0 }, 10);
	map = &w.k->slot[entry_at(&w, 3)].map;
	*map -= 1;
	CU_ASSERT_EQUAL(want(&w, 0, 10), 9);
	CU_ASSERT_EQUAL(cached_folio(&w, 3), 0);
	CU_ASSERT(cached_folio(&w, 4) && cached_folio(&w, 9));
	*map += 1;
	world_release(&w);
}

static const struct unit tests[] = {
	{ "swapped pages are read into the cache, on any device", test_read_into_the_cache },
	{ "pages that are not swapped are left alone", test_what_is_not_swapped },
	{ "requests are gathered in one plug", test_one_plug },
	{ "what comes back is charged, and counts as a refault", test_refaults_are_counted },
	{ "they are on their list at once", test_they_are_on_their_list },
	{ "one that cannot be had is left out", test_one_cannot_be_had },
};

UNIT_MAIN("madvise_willneed", tests)
