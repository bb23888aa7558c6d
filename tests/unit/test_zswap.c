/* zswap: what it keeps, refuses and gives back, and what cgroups may have of it. */
#include "models/block/block.h"
#include "models/mm/memory.h"
#include "tests/unit/zswap_world.h"

/* ---- keep and give back ---- */

static void check_store(const char *release_name)
{
	struct world w;
	u64 bytes = 0;

	zswap_world(&w, (struct world_size){ .release = release_name, .device = "disk" },
		    (struct zswap_config){ 0 });
	swapped_out(&w, 10);
	for (u32 i = 0; i < 10; i++) {
		CU_ASSERT_EQUAL(kept_of(&w, i)->content, content_of(page_of(&w, i), 1));
		CU_ASSERT_EQUAL(w.k->slot[entry_at(&w, i)].content, 0); /* the device has never seen it */
		bytes += zswap_compressed_bytes(w.k, page_of(&w, i), content_of(page_of(&w, i), 1));
	}
	CU_ASSERT(bytes > 10 * 1800 && bytes < 10 * 2400);
	CU_ASSERT_EQUAL(w.k->memory->zswap_bytes, bytes);
	CU_ASSERT_EQUAL(w.k->memory->zswap_pages, (bytes + 4095) / 4096);
	CU_ASSERT_EQUAL(w.k->zswap_memcg[1].bytes, bytes);
	CU_ASSERT_EQUAL(w.k->zswap_memcg[1].stored, 10);
	CU_ASSERT_EQUAL(w.k->zswap_memcg[1].own_pages, (bytes + 4095) / 4096);
	CU_ASSERT_EQUAL(bytes % 16, 0);
	CU_ASSERT_EQUAL(counted(&w, ZSWPOUT), 10);
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), 0);
	CU_ASSERT_EQUAL(w.k->count[0][BLK_WR_IOS], 0);
	CU_ASSERT_EQUAL(counted(&w, PGSTEAL), 0); /* MADV_PAGEOUT is no scan */
	for (u32 i = 0; i < 10; i++)
		CU_ASSERT(!is_resident(&w, i)); /* gone at once: nothing was left to be waited for */
	release(&w);
}

static void test_store(void)
{
	check_store("6.12");
	check_store("6.17");
	check_store("6.18");
}

static void test_load_takes_it_away(void)
{
	struct world w;
	u32 slot;

	zswap_world(&w, (struct world_size){ .device = "disk" }, (struct zswap_config){ 0 });
	swapped_out(&w, 1);
	slot = entry_at(&w, 0);
	world_read(&w, 0);
	CU_ASSERT(is_resident(&w, 0));
	CU_ASSERT_EQUAL(zswap_entry_at(w.k, slot), 0);
	CU_ASSERT_EQUAL(w.k->memory->zswap_bytes, 0);
	CU_ASSERT_EQUAL(w.k->zswap->stored_pages, 0);
	CU_ASSERT_EQUAL(folio_at(&w, 0)->flags & (FOLIO_DIRTY | FOLIO_SWAPCACHE),
			FOLIO_DIRTY | FOLIO_SWAPCACHE); /* it is the only copy */
	CU_ASSERT_EQUAL(counted(&w, ZSWPIN), 1);
	CU_ASSERT_EQUAL(counted(&w, PSWPIN), 0);
	CU_ASSERT_EQUAL(counted(&w, PGMAJFAULT), 1);
	CU_ASSERT_EQUAL(w.k->zswap_memcg[1].nr_disk_swapins, 0);
	/* and so it is written again, although nobody wrote to it */
	world_drain(&w, 0);
	world_age(&w, 0, 1);
	CU_ASSERT_EQUAL(world_pageout(&w, 0, 1), 1);
	CU_ASSERT_EQUAL(counted(&w, ZSWPOUT), 2);
	CU_ASSERT_EQUAL(entry_at(&w, 0), slot);
	release(&w);
}

/* On a synchronous device the page may be thrown away before it is mapped. */
static void test_load_around_the_cache_leaves_it(void)
{
	struct world w;
	u32 slot, fault;

	zswap_world(&w, (struct world_size){ 0 }, (struct zswap_config){ 0 });
	swapped_out(&w, 1);
	slot = entry_at(&w, 0);
	world_by_hand(&w);
	fault = ADD_ON(&w, 0, handle_mm_fault, .page = page_of(&w, 0));
	CU_ASSERT(world_step_to(&w, fault, "do_swap_page.LOCK_PTL"));
	CU_ASSERT_EQUAL(counted(&w, ZSWPIN), 1);
	CU_ASSERT(zswap_entry_at(w.k, slot) != 0);
	CU_ASSERT(world_step_to(&w, fault, NULL)); /* the slot goes, and the entry with it */
	CU_ASSERT_EQUAL(zswap_entry_at(w.k, slot), 0);
	CU_ASSERT_EQUAL(w.k->memory->zswap_bytes, 0);
	release(&w);
}

static void check_dropped(const char *release_name)
{
	struct world w;

	zswap_world(&w, (struct world_size){ .release = release_name, .device = "disk" },
		    (struct zswap_config){ 0 });
	swapped_out(&w, 10);
	RUN(&w, madvise_dontneed, .page = page_of(&w, 2), .count = 8);
	CU_ASSERT_EQUAL(w.k->zswap->stored_pages, 2);
	CU_ASSERT_EQUAL(w.k->zswap_memcg[1].count, 2);
	RUN(&w, madvise_dontneed, .page = page_of(&w, 0), .count = 1);
	CU_ASSERT_EQUAL(w.k->zswap->stored_pages, 1); /* 6.12: before its slot is given back */
	release(&w);
}

static void test_dropped_with_the_slot(void)
{
	check_dropped("6.12");
	check_dropped("6.17");
	check_dropped("6.18");
}

/* ---- what pages hold ---- */

static void test_same_filled(void)
{
	struct world w;

	zswap_world(&w, (struct world_size){ .corpus = "const", .device = "disk" },
		    (struct zswap_config){ 0 });
	swapped_out(&w, 10);
	CU_ASSERT_EQUAL(counted(&w, ZSWPOUT), 10);
	CU_ASSERT_EQUAL(counted(&w, SWPOUT_ZERO), 0);
	CU_ASSERT_EQUAL(w.k->memory->zswap_bytes, 10 * 32); /* compressed like any other page */
	release(&w);
}

static void test_zeroes_do_not_get_there(void)
{
	struct world w;

	zswap_world(&w, (struct world_size){ .corpus = "zero", .device = "disk" },
		    (struct zswap_config){ 0 });
	swapped_out(&w, 10);
	CU_ASSERT_EQUAL(counted(&w, ZSWPOUT), 0);
	CU_ASSERT_EQUAL(counted(&w, SWPOUT_ZERO), 10);
	release(&w);
}

static void test_incompressible(void)
{
	struct world w;

	zswap_world(&w, (struct world_size){ .release = "6.17", .corpus = "incompressible" },
		    (struct zswap_config){ 0 });
	swapped_out(&w, 10);
	CU_ASSERT_EQUAL(counted(&w, ZSWPOUT), 0);
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), 10);
	CU_ASSERT_EQUAL(w.k->count[0][ZSWAP_REJECT_COMPRESS_POOR], 10);
	release(&w);
	zswap_world(&w, (struct world_size){ .release = "6.18", .corpus = "incompressible" },
		    (struct zswap_config){ 0 });
	swapped_out(&w, 10);
	CU_ASSERT_EQUAL(counted(&w, ZSWPOUT), 10);
	CU_ASSERT_EQUAL(w.k->memory->zswap_pages, 10);
	world_read(&w, 3);
	CU_ASSERT_EQUAL(w.k->memory->zswap_pages, 9);
	release(&w);
}

static void test_no_memory(void)
{
	struct world w;

	zswap_world(&w, (struct world_size){ .corpus = "incompressible", .device = "disk" },
		    (struct zswap_config){ 0 });
	world_fill(&w, 1);
	w.k->memory->free = 0;
	world_pageout(&w, 0, 1);
	CU_ASSERT_EQUAL(w.k->count[0][ZSWAP_REJECT_ALLOC_FAIL], 1);
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), 1);
	CU_ASSERT_EQUAL(w.k->memory->zswap_bytes, 0);
	world_release(&w);
}

/* ---- the pool's limit ---- */

static const struct zswap_config twenty_pages = { .max_pool_percent = 1, .accept_threshold_percent = 50 };

static void test_hysteresis(void)
{
	static const struct {
		u32 pages;
		bool full;
	} then[] = { { 19, false }, { 20, true },  { 19, true }, { 11, true },
		     { 10, false }, { 19, false }, { 25, true } };
	struct world w;

	zswap_world(&w, (struct world_size){ .memory = 2000 }, twenty_pages);
	for (u32 i = 0; i < ARRAY_SIZE(then); i++) {
		w.k->memory->zswap_pages = then[i].pages;
		CU_ASSERT_EQUAL(zswap_check_limits(w.k), then[i].full);
	}
	CU_ASSERT_EQUAL(w.k->count[0][ZSWAP_POOL_LIMIT_HIT], 2);
	world_release(&w);
}

static void test_worker_makes_room(void)
{
	struct world w;

	zswap_world(&w, (struct world_size){ .corpus = "incompressible", .device = "disk", .memory = 2000 },
		    twenty_pages);
	swapped_out(&w,
		    32); /* one batch of reclaim: all are sent off before the disk has written the first */
	CU_ASSERT(counted(&w, ZSWPOUT) >= 20);
	CU_ASSERT(w.k->count[0][ZSWAP_POOL_LIMIT_HIT] > 0);
	CU_ASSERT(counted(&w, PSWPOUT) > 0); /* what was refused went to the device */
	world_idle(&w, 100);
	CU_ASSERT_EQUAL(w.k->memory->zswap_pages, 10);
	CU_ASSERT(counted(&w, ZSWPWB) >= 10);
	CU_ASSERT_FALSE(is_kept(&w, 0));
	CU_ASSERT_FALSE(is_kept(&w, 9)); /* the oldest */
	CU_ASSERT_EQUAL(counted(&w, ZSWPOUT) + counted(&w, PSWPOUT) - counted(&w, ZSWPWB), 32);
	for (u32 i = 0; i < 32; i++)
		world_read(&w, i); /* maps what was written last, or the run ends */
	release(&w);
}

/* It goes on from the cgroup after the one it did last. */
static void test_worker_takes_cgroups_in_turn(void)
{
	struct world w;

	zswap_world(
	    &w,
	    (struct world_size){
		.corpus = "incompressible", .device = "disk", .memory = 2000, .memcgs = 3, .flat = true },
	    twenty_pages);
	world_write_range(&w, 0, 5);
	w.k->mm[0].memcg = 2;
	world_write_range(&w, 5, 6);
	world_drain(&w, 0);
	world_pageout(&w, 0, 11);
	forget_references(&w, 11);
	zswap_queue_shrink(w.k); /* one more than the threshold */
	world_idle(&w, 10);
	CU_ASSERT_EQUAL(w.k->zswap_memcg[1].count, 4);
	CU_ASSERT_EQUAL(w.k->zswap_memcg[2].count, 6);
	world_write(&w, 11);
	world_drain(&w, 0);
	world_pageout(&w, 11, 1);
	zswap_queue_shrink(w.k);
	world_idle(&w, 10);
	CU_ASSERT_EQUAL(w.k->zswap_memcg[1].count, 4);
	CU_ASSERT_EQUAL(w.k->zswap_memcg[2].count, 6);
	w.k->mm[0].memcg = 1;
	world_release(&w);
}

/* An entry that it passes over is a failure, and 16 of them are enough, even if others could be written. */
static void test_worker_passes_over_16(void)
{
	struct world w;

	zswap_world(&w, (struct world_size){ .corpus = "incompressible", .device = "disk", .memory = 2000 },
		    twenty_pages);
	swapped_out(&w, 18);
	kept_of(&w, 17)->referenced = 0;
	zswap_queue_shrink(w.k);
	world_idle(&w, 10);
	CU_ASSERT_EQUAL(counted(&w, ZSWPWB), 0);
	zswap_queue_shrink(w.k); /* one that is referenced is left */
	world_idle(&w, 10);
	CU_ASSERT_EQUAL(counted(&w, ZSWPWB), 8);
	CU_ASSERT_FALSE(is_kept(&w, 17));
	CU_ASSERT(is_kept(&w, 16));
	release(&w);
}

/* 16 walks over all cgroups in which there is nothing that may be written. */
static void test_worker_gives_up(void)
{
	struct world w;

	zswap_world(&w, (struct world_size){ .memory = 2000 }, twenty_pages);
	w.k->memory->zswap_pages = 30;
	zswap_queue_shrink(w.k);
	world_idle(&w, 10);
	CU_ASSERT(w.k->zswap->shrink_idle);
	CU_ASSERT_EQUAL(w.k->zswap->worker, 1);
	CU_ASSERT_EQUAL(w.k->machine.task[0].state, TASK_BLOCKED);
	world_release(&w);
}

/* There is more to do when it has seen that there is nothing and is about to sleep. */
static void test_worker_hears(void)
{
	struct world w;

	zswap_world(&w, (struct world_size){ .memory = 2000 }, twenty_pages);
	world_by_hand(&w);
	zswap_queue_shrink(w.k);
	CU_ASSERT(world_step_to(&w, 0, "zswap_shrink_worker.IDLE"));
	zswap_queue_shrink(w.k);
	CU_ASSERT(world_step_to(&w, 0, "zswap_shrink_worker.NEXT"));
	CU_ASSERT(world_step_to(&w, 0, "zswap_shrink_worker.IDLE"));
	CU_ASSERT_FALSE(world_step(&w, 0)); /* once */
	world_release(&w);
}

/* ---- cgroups ---- */

static void test_memory_zswap_max(void)
{
	struct world w;

	zswap_world(&w, (struct world_size){ .corpus = "incompressible", .device = "disk" },
		    (struct zswap_config){ 0 });
	zswap_set_max(w.k, 1, 1);
	world_fill(&w, 4);
	world_pageout(&w, 0, 1);
	CU_ASSERT(is_kept(&w, 0));
	world_pageout(&w, 1, 1); /* the one that is kept gets its second chance */
	CU_ASSERT_EQUAL(counted(&w, ZSWPOUT), 1);
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), 1);
	world_pageout(&w, 2, 1); /* and goes */
	CU_ASSERT_EQUAL(counted(&w, ZSWPOUT), 2);
	CU_ASSERT_EQUAL(counted(&w, ZSWPWB), 1);
	CU_ASSERT_FALSE(is_kept(&w, 0));
	CU_ASSERT(is_kept(&w, 2));
	zswap_set_max(w.k, 1, 0);
	kept_of(&w, 2)->referenced = 1;
	world_pageout(&w, 3, 1);
	CU_ASSERT_EQUAL(counted(&w, ZSWPOUT), 2);
	world_idle(&w, 10);
	release(&w);
}

/* The limit is looked at once: when an entry goes, the page is kept, whatever else there is. Only whole pages
 * count. */
static void test_memory_zswap_max_is_asked_once(void)
{
	struct world w;

	zswap_world(&w, (struct world_size){ .corpus = "const", .device = "disk" },
		    (struct zswap_config){ 0 });
	zswap_set_max(w.k, 1, 1);
	swapped_out(&w, 10);
	CU_ASSERT_EQUAL(counted(&w, ZSWPOUT), 10);
	zswap_set_max(w.k, 1, 0);
	forget_references(&w, 1);
	world_write(&w, 10);
	world_drain(&w, 0);
	world_pageout(&w, 10, 1);
	CU_ASSERT_EQUAL(counted(&w, ZSWPWB), 1);
	CU_ASSERT(is_kept(&w, 10));
	world_write(&w, 11);
	world_drain(&w, 0);
	world_pageout(&w, 11, 1);
	CU_ASSERT_EQUAL(counted(&w, ZSWPWB), 1);
	CU_ASSERT_FALSE(is_kept(&w, 11));
	CU_ASSERT_EQUAL(w.k->zswap->worker, 0); /* which is none of the worker's business */
	world_idle(&w, 10);
	release(&w);
}

/* What is given back is kept up to a page, for the next to be charged. */
static void test_charge_by_the_page(void)
{
	struct world w;

	zswap_world(&w, (struct world_size){ .corpus = "incompressible", .device = "disk" },
		    (struct zswap_config){ 0 });
	swapped_out(&w, 4);
	CU_ASSERT_EQUAL(w.k->zswap_memcg[1].own_pages, 4);
	world_read(&w, 0);
	CU_ASSERT_EQUAL(w.k->zswap_memcg[1].own_bytes, 3 * 4096);
	CU_ASSERT_EQUAL(w.k->zswap_memcg[1].own_pages, 4);
	world_read(&w, 1);
	CU_ASSERT_EQUAL(w.k->zswap_memcg[1].own_pages, 2);
	release(&w);
}

/* The limit of a cgroup above counts what is kept below. */
static void test_limit_above(void)
{
	struct world w;

	zswap_world(&w, (struct world_size){ .memcgs = 3, .corpus = "incompressible" },
		    (struct zswap_config){ 0 });
	swapped_out(&w, 3);
	zswap_set_max(w.k, 1, 3);
	CU_ASSERT_FALSE(zswap_may_store(w.k, 2));
	zswap_set_max(w.k, 1, 4);
	CU_ASSERT(zswap_may_store(w.k, 2));
	w.k->mm[0].memcg = 2;
	world_write(&w, 3);
	world_drain(&w, 0);
	world_pageout(&w, 3, 1);
	CU_ASSERT_EQUAL(w.k->zswap_memcg[2].stored, 1);
	CU_ASSERT_EQUAL(w.k->zswap_memcg[1].stored, 4);
	CU_ASSERT_FALSE(zswap_may_store(w.k, 1));
	w.k->mm[0].memcg = 1;
	release(&w);
}

/* What cannot be kept stays in memory. */
static void test_writeback_off(void)
{
	struct world w;

	zswap_world(&w, (struct world_size){ .memcgs = 3, .corpus = "incompressible", .device = "disk" },
		    (struct zswap_config){ .shrinker_enabled = true });
	swapped_out(&w, 2);
	w.k->zswap_memcg[1].writeback = 0;
	CU_ASSERT_FALSE(zswap_writeback_enabled(w.k, 2));
	CU_ASSERT_EQUAL(zswap_shrinker_count(w.k, 1), 0);
	CU_ASSERT_EQUAL(RUN(&w, zswap_shrink_memcg, .memcg = 1), PATH_ENOENT);
	world_write(&w, 2);
	world_drain(&w, 0);
	CU_ASSERT_EQUAL(world_pageout(&w, 2, 1), 0); /* it would only take more memory */
	CU_ASSERT_EQUAL(w.k->count[0][ZSWAP_REJECT_COMPRESS_POOR], 1);
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), 0);
	CU_ASSERT_EQUAL(list_count(&w, LRU_ACTIVE_ANON), 1);
	CU_ASSERT(w.k->folio[word_folio(w.k->slot[entry_at(&w, 2)].cache)].flags & FOLIO_DIRTY);
	world_read(&w, 2);
	release(&w);
}

static void test_no_charge_under_v1(void)
{
	struct world w;

	zswap_world(&w, (struct world_size){ .cgroup_version = 1 }, (struct zswap_config){ 0 });
	swapped_out(&w, 10);
	CU_ASSERT_EQUAL(w.k->zswap->stored_pages, 10);
	CU_ASSERT_EQUAL(w.k->zswap_memcg[1].stored, 0);
	CU_ASSERT_EQUAL(w.k->zswap_memcg[1].own_pages, 0);
	zswap_set_max(w.k, 1, 0); /* nor has it a limit */
	CU_ASSERT(zswap_may_store(w.k, 1));
	release(&w);
}

/* What is kept of a slot takes the place of what was. */
static void test_one_of_each_slot(void)
{
	struct world w;
	u32 folio, slot, bytes, entry;

	zswap_world(&w, (struct world_size){ .device = "disk" }, (struct zswap_config){ 0 });
	swapped_out(&w, 1);
	slot = entry_at(&w, 0);
	bytes = kept_of(&w, 0)->bytes;
	folio = folio_alloc(w.k, 0, 0);
	w.k->folio[folio].memcg = 1;
	w.k->folio[folio].content = 77;
	w.k->folio_io[folio].swap = slot;
	CU_ASSERT(memory_zswap_add(w.k, bytes));
	entry = zswap_insert(w.k, &w.k->machine.task[0], folio, bytes);
	CU_ASSERT_EQUAL(w.k->zswap->stored_pages, 1);
	CU_ASSERT_EQUAL(w.k->zswap_memcg[1].stored, 1);
	CU_ASSERT_EQUAL(w.k->zswap_memcg[1].bytes, bytes);
	CU_ASSERT_EQUAL(zswap_entry_at(w.k, slot), entry);
	CU_ASSERT_EQUAL(w.k->zswap_entry[entry].content, 77);
	world_release(&w);
}

/* A slot is in the zeromap or has an entry, whatever it was before. */
static void test_zeroes_and_entries(void)
{
	struct world w;
	u32 slot, folio;

	zswap_world(&w, (struct world_size){ .device = "disk" }, (struct zswap_config){ 0 });
	swapped_out(&w, 1);
	slot = entry_at(&w, 0);
	CU_ASSERT(is_kept(&w, 0));
	folio = RUN(&w, swapin_readahead, .entry = slot, .page = page_of(&w, 0));
	for (u32 i = 0; i < 3; i++) {
		bool zero = i == 1;

		w.k->corpus[0] = *corpus_find(zero ? "zero" : "half-random");
		w.k->folio_io[folio].lock = w.k->machine.tasks + 1;
		CU_ASSERT_EQUAL(RUN(&w, swap_writeout, .folio = folio), PAGE_SUCCESS);
		CU_ASSERT_EQUAL(is_kept(&w, 0), !zero);
		CU_ASSERT_EQUAL(w.k->slot[slot].stored == STORED_ZEROMAP, zero);
	}
	world_release(&w);
}

static const struct unit tests[] = {
	{ "a page is compressed, kept and charged, and the device is not asked", test_store },
	{ "a swap-in into the cache takes it away and leaves the page dirty", test_load_takes_it_away },
	{ "a swap-in around the cache leaves it to the end of the slot",
	  test_load_around_the_cache_leaves_it },
	{ "it goes with its slot", test_dropped_with_the_slot },
	{ "a page of one word is compressed like any other", test_same_filled },
	{ "a page of zeroes is a matter of the zeromap", test_zeroes_do_not_get_there },
	{ "a page that does not get smaller is kept from 6.18 on", test_incompressible },
	{ "without memory the page goes to the device", test_no_memory },
	{ "a full pool takes nothing until the accept threshold", test_hysteresis },
	{ "the worker brings a full pool down to the accept threshold", test_worker_makes_room },
	{ "the worker takes one of each cgroup in turn", test_worker_takes_cgroups_in_turn },
	{ "the worker gives up after passing over 16", test_worker_passes_over_16 },
	{ "the worker gives up when there is nothing to be written", test_worker_gives_up },
	{ "and does not miss that there is more when it goes to sleep", test_worker_hears },
	{ "memory.zswap.max lets one in for one that goes", test_memory_zswap_max },
	{ "memory.zswap.max is looked at once, in whole pages", test_memory_zswap_max_is_asked_once },
	{ "what is kept is charged by the page", test_charge_by_the_page },
	{ "memory.zswap.max counts what is below", test_limit_above },
	{ "with memory.zswap.writeback off nothing goes to the device", test_writeback_off },
	{ "cgroup v1 does not charge for it", test_no_charge_under_v1 },
	{ "a slot has one entry", test_one_of_each_slot },
	{ "a slot is in the zeromap or has an entry", test_zeroes_and_entries },
};

UNIT_MAIN("zswap", tests)
