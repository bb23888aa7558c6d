/* zswap: what it writes to the device, when, and what comes in its way. */
#include "models/mm/memcg.h"
#include "sim/next.h"
#include "sim/percpu_ref.h"
#include "sim/wait_for.h"
#include "tests/unit/zswap_world.h"

enum { TICK_NS = 4000000, SECOND_NS = 1000000000 };

/* ---- writing back ---- */

static void test_oldest_first(void)
{
	struct world w;

	zswap_world(&w, (struct world_size){ .device = "disk" }, (struct zswap_config){ 0 });
	swapped_out(&w, 3);
	CU_ASSERT_EQUAL(RUN(&w, zswap_lru_walk, .memcg = 1, .nr_to_walk = 3), 0); /* a second chance */
	CU_ASSERT_EQUAL(counted(&w, ZSWPWB), 0);
	CU_ASSERT_EQUAL(RUN(&w, zswap_lru_walk, .memcg = 1, .nr_to_walk = 1), 1);
	CU_ASSERT_EQUAL(counted(&w, ZSWPWB), 1);
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), 1);
	CU_ASSERT_FALSE(is_kept(&w, 0));
	CU_ASSERT(is_kept(&w, 1) && is_kept(&w, 2));
	CU_ASSERT_EQUAL(w.k->slot[entry_at(&w, 0)].content, content_of(page_of(&w, 0), 1));
	kept_of(&w, 1)->referenced = 1; /* passed over once more */
	CU_ASSERT_EQUAL(RUN(&w, zswap_lru_walk, .memcg = 1, .nr_to_walk = 2), 1);
	CU_ASSERT(is_kept(&w, 1));
	CU_ASSERT_FALSE(is_kept(&w, 2));
	world_idle(&w, 10);
	release(&w);
}

static void test_only_one_is_looked_at_once(void)
{
	struct world w;

	zswap_world(&w, (struct world_size){ .device = "disk" }, (struct zswap_config){ 0 });
	swapped_out(&w, 1);
	CU_ASSERT_EQUAL(RUN(&w, zswap_lru_walk, .memcg = 1, .nr_to_walk = 128), 0);
	CU_ASSERT_EQUAL(RUN(&w, zswap_lru_walk, .memcg = 1, .nr_to_walk = 128), 1);
	world_idle(&w, 10);
	release(&w);
}

static void check_written_back(const char *device)
{
	struct world w;

	zswap_world(&w, (struct world_size){ .device = device }, (struct zswap_config){ 0 });
	swapped_out(&w, 1);
	forget_references(&w, 1);
	CU_ASSERT_EQUAL(RUN(&w, zswap_lru_walk, .memcg = 1, .nr_to_walk = 1), 1);
	world_idle(&w, 10);
	CU_ASSERT_EQUAL(w.k->memory->zswap_bytes, 0);
	CU_ASSERT_EQUAL(RUN(&w, try_to_free_mem_cgroup_pages, .memcg = 1, .nr_pages = 1), 1); /* its folio */
	world_read(&w, 0);
	CU_ASSERT_EQUAL(counted(&w, ZSWPIN), 0);
	CU_ASSERT_EQUAL(counted(&w, PSWPIN), 1);
	CU_ASSERT_EQUAL(w.k->zswap_memcg[1].nr_disk_swapins, 1);
	release(&w);
}

static void test_written_back_is_read_from_the_device(void)
{
	check_written_back("disk");
	check_written_back("zram-lz4");
}

/* Its folio is the next to be reclaimed as soon as it is written. */
static void test_written_back_is_rotated(void)
{
	struct world w;

	zswap_world(&w, (struct world_size){ .device = "disk" }, (struct zswap_config){ 0 });
	swapped_out(&w, 1);
	forget_references(&w, 1);
	CU_ASSERT_EQUAL(RUN(&w, zswap_lru_walk, .memcg = 1, .nr_to_walk = 1), 1);
	world_drain(&w, 0);
	world_idle(&w, 10);
	for (u32 cpu = 0; cpu < 2; cpu++)
		world_drain(&w, cpu);
	CU_ASSERT_EQUAL(counted(&w, PGROTATED), 1);
	release(&w);
}

/* The slot has another entry by the time its folio is there. */
static void check_recheck(const char *release_name)
{
	struct world w;
	u32 slot;

	zswap_world(&w, (struct world_size){ .release = release_name, .device = "disk" },
		    (struct zswap_config){ 0 });
	swapped_out(&w, 2);
	slot = entry_at(&w, 0);
	CU_ASSERT_EQUAL(RUN(&w, zswap_writeback_entry, .entry = zswap_entry_at(w.k, entry_at(&w, 1)),
			    .slot = slot, .page = page_of(&w, 1)),
			PATH_ENOMEM);
	world_drain(&w, 0);
	CU_ASSERT(is_kept(&w, 0) && is_kept(&w, 1));
	CU_ASSERT_EQUAL(w.k->slot[slot].map, 1);
	CU_ASSERT_EQUAL(word_folio(w.k->slot[slot].cache), 0);
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), 0);
	CU_ASSERT_EQUAL(w.k->memory->isolated[LRU_ANON], 0);
	world_read(&w, 0);
	release(&w); /* no folio is left locked, or referenced */
}

static void test_recheck(void)
{
	check_recheck("6.12");
	check_recheck("6.17");
	check_recheck("6.18");
}

/* Nothing is read into the cache of a device whose swapoff waits for its users. */
static void test_device_goes(void)
{
	static const char *const kernels[] = { "6.12", "6.17", "6.18", "7.0", "7.2" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct world w;
		u32 slot;

		zswap_world(&w, (struct world_size){ .release = kernels[i], .device = "disk" },
			    (struct zswap_config){ 0 });
		swapped_out(&w, 1);
		slot = entry_at(&w, 0);
		percpu_ref_kill(&w.k->machine, &w.k->device[0].users);
		/* in 7.2 as if somebody had the page, which ends a walk of the shrinker */
		CU_ASSERT_EQUAL(RUN(&w, zswap_writeback_entry, .entry = zswap_entry_at(w.k, slot),
				    .slot = slot, .page = page_of(&w, 0)),
				i < 4 ? PATH_ENOMEM : PATH_EEXIST);
		CU_ASSERT(is_kept(&w, 0));
		CU_ASSERT_EQUAL(word_folio(w.k->slot[slot].cache), 0);
		CU_ASSERT_EQUAL(counted(&w, PSWPOUT), 0);
		world_release(&w);
	}
}

/* Page 0 is in the swap cache and kept; two older than it are not in the cache. */
static u32 cached_and_kept(struct world *w, const char *release_name)
{
	u32 folio, slot;

	zswap_world(w, (struct world_size){ .release = release_name, .device = "disk" },
		    (struct zswap_config){ 0 });
	swapped_out(w, 3);
	slot = entry_at(w, 0);
	folio = RUN(w, swapin_readahead, .entry = slot, .page = page_of(w, 0));
	RUN(w, folio_put, .folio = folio);
	w->k->folio_io[folio].lock = w->k->machine.tasks + 1;
	CU_ASSERT_EQUAL(RUN(w, zswap_store, .folio = folio), true);
	w->k->folio[folio].flags &= ~FOLIO_DIRTY;
	w->k->folio_io[folio].lock = 0;
	forget_references(w, 3);
	zswap_lru_rotate(w->k, zswap_entry_at(w->k, entry_at(w, 1)));
	zswap_lru_rotate(w->k, zswap_entry_at(w->k, entry_at(w, 2)));
	return folio;
}

/* A page that is in the swap cache is not written; up to 7.1 it is looked up there, in 7.2 the slot says so.
 */
static void test_cached_page(void)
{
	static const char *const kernels[] = { "6.18", "7.1", "7.2" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct world w;
		u32 slot, task;

		cached_and_kept(&w, kernels[i]);
		slot = entry_at(&w, 0);
		CU_ASSERT_EQUAL(RUN(&w, zswap_writeback_entry, .entry = zswap_entry_at(w.k, slot),
				    .slot = slot, .page = page_of(&w, 0)),
				PATH_EEXIST);
		CU_ASSERT(is_kept(&w, 0));
		world_by_hand(&w);
		task = ADD_ON(&w, 0, zswap_writeback_entry, .entry = zswap_entry_at(w.k, slot), .slot = slot,
			      .page = page_of(&w, 0));
		CU_ASSERT_EQUAL(world_step_to(&w, task, "swap_cache_alloc_order.LOCK_CHECK"), i == 2);
		world_release(&w);
	}
}

static void test_walk_meets_a_cached_page(void)
{
	struct world w;

	cached_and_kept(&w, "6.18");
	CU_ASSERT_EQUAL(RUN(&w, zswap_lru_walk, .memcg = 1, .nr_to_walk = 2, .dynamic = 1),
			ZSWAP_WALK_STOPPED);
	CU_ASSERT_EQUAL(w.k->count[0][ZSWAP_REJECT_RECLAIM_FAIL], 1);
	CU_ASSERT(is_kept(&w, 0) && is_kept(&w, 1));
	zswap_lru_rotate(w.k, w.k->zswap_memcg[1].head);
	zswap_lru_rotate(w.k, w.k->zswap_memcg[1].head);
	CU_ASSERT_EQUAL(RUN(&w, zswap_lru_walk, .memcg = 1, .nr_to_walk = 2), 1); /* goes on with the next */
	CU_ASSERT(is_kept(&w, 0));
	CU_ASSERT_FALSE(is_kept(&w, 1));
	world_idle(&w, 10);
	release(&w);
}

/* Or older data would be written to the device after newer. */
static void test_refused_page_drops_what_was_kept(void)
{
	struct world w;
	u32 folio = cached_and_kept(&w, "6.18");

	w.k->zswap_memcg[1].max = 0;
	CU_ASSERT_EQUAL(RUN(&w, zswap_store, .folio = folio), false);
	CU_ASSERT_FALSE(is_kept(&w, 0));
	world_release(&w);
}

/* ---- the shrinker ---- */

static void test_count(void)
{
	struct world w;

	zswap_world(&w, (struct world_size){ .corpus = "incompressible" },
		    (struct zswap_config){ .shrinker_enabled = true });
	swapped_out(&w, 4);
	CU_ASSERT_EQUAL(zswap_shrinker_count(w.k, 1), 4);
	w.k->zswap_memcg[1].nr_disk_swapins = 3;
	CU_ASSERT_EQUAL(zswap_shrinker_count(w.k, 1), 1);
	CU_ASSERT_EQUAL(zswap_shrinker_count(w.k, 1), 4); /* they protect once */
	w.k->zswap_memcg[1].nr_disk_swapins = 10;
	CU_ASSERT_EQUAL(zswap_shrinker_count(w.k, 1), 0);
	CU_ASSERT_EQUAL(w.k->zswap_memcg[1].nr_disk_swapins, 6);
	release(&w);
	zswap_world(&w, (struct world_size){ 0 }, (struct zswap_config){ .shrinker_enabled = true });
	swapped_out(&w, 100); /* about half a page each, and so about half as many */
	CU_ASSERT_EQUAL(zswap_shrinker_count(w.k, 1), w.k->memory->zswap_bytes / 4096);
	release(&w);
}

/* One call of the shrinker at a priority of reclaim. */
static void shrink_at(struct world *w, s8 priority)
{
	u32 task = w->k->machine.tasks;

	w->k->scan_control[task].priority = priority;
	RUN(w, shrink_slab, .memcg = 1);
	w->k->scan_control[task].priority = 0;
}

static void test_what_is_left_is_deferred(void)
{
	struct world w;

	zswap_world(&w, (struct world_size){ .corpus = "incompressible" },
		    (struct zswap_config){ .shrinker_enabled = true });
	swapped_out(&w, 8);
	forget_references(&w, 8);
	shrink_at(&w, 12);
	CU_ASSERT_EQUAL(w.k->zswap_memcg[1].nr_deferred, 0);
	shrink_at(&w, 2); /* (8 >> 2) * 2: less than all and less than a batch */
	CU_ASSERT_EQUAL(w.k->zswap_memcg[1].nr_deferred, 4);
	CU_ASSERT_EQUAL(counted(&w, ZSWPWB), 0);
	shrink_at(&w, 1); /* (4 >> 1) + (8 >> 1) * 2 */
	CU_ASSERT_EQUAL(counted(&w, ZSWPWB), 8);
	CU_ASSERT_EQUAL(w.k->zswap_memcg[1].nr_deferred, 4 + 8 - 10);
	release(&w);
}

static void test_deferred_is_bounded(void)
{
	struct world w;
	u64 freeable;

	zswap_world(&w, (struct world_size){ .device = "disk" },
		    (struct zswap_config){ .shrinker_enabled = true });
	swapped_out(&w, 100);
	freeable = zswap_shrinker_count(w.k, 1);
	CU_ASSERT(freeable > 32 && 2 * freeable <= 100);
	w.k->zswap_memcg[1].nr_deferred = 1000;
	shrink_at(&w, 0); /* twice as many as there are, which have their second chance */
	CU_ASSERT_EQUAL(counted(&w, ZSWPWB), 0);
	CU_ASSERT_EQUAL(w.k->zswap_memcg[1].nr_deferred, 2 * freeable);
	release(&w);
}

static void test_less_than_a_batch_waits(void)
{
	struct world w;

	zswap_world(&w, (struct world_size){ .corpus = "incompressible" },
		    (struct zswap_config){ .shrinker_enabled = true });
	swapped_out(&w, 100);
	forget_references(&w, 100);
	shrink_at(&w, 2);
	CU_ASSERT_EQUAL(counted(&w, ZSWPWB), 0);
	CU_ASSERT_EQUAL(w.k->zswap_memcg[1].nr_deferred, 50);
	release(&w);
}

/* Twice as many pages as the cgroup may have. */
static u64 written_back(bool shrinker)
{
	struct world w;
	u64 pages;

	zswap_world(&w, (struct world_size){ .device = "disk", .limit = 300 },
		    (struct zswap_config){ .shrinker_enabled = shrinker });
	world_fill(&w, 600);
	for (u32 i = 0; i < 1200; i++)
		world_read(&w, i % 600);
	pages = counted(&w, ZSWPWB);
	world_idle(&w, 100);
	release(&w);
	return pages;
}

static void test_reclaim_calls_the_shrinker(void)
{
	CU_ASSERT_EQUAL(written_back(false), 0);
	CU_ASSERT(written_back(true) > 100);
}

/* ---- swap-in that meets its own entry ---- */

/* A swap-in of page 0, which is kept and the next to be written back, has to reclaim for its charge. */
static u32 about_to_swap_in(struct world *w, const char *release_name, const char *device)
{
	zswap_world(w, (struct world_size){ .release = release_name, .device = device },
		    (struct zswap_config){ .shrinker_enabled = true });
	world_fill(w, 128);
	world_pageout(w, 0, 16);
	forget_references(w, 16);
	memcg_drain_stocks(w->k, 1);
	w->k->memcg[1].max = w->k->memcg[1].usage;
	return ADD_ON(w, 0, swapin_readahead, .entry = entry_at(w, 0), .page = page_of(w, 0));
}

static u32 times_on_stack(struct world *w, u32 id, const char *path)
{
	struct machine *m = &w->k->machine;
	u32 times = 0;
	char name[128];

	for (u32 depth = 0; machine_step_name(m, &m->task[id], depth, name, sizeof name); depth++)
		times += g_str_has_prefix(name, path);
	return times;
}

static void check_waits_for_itself(const char *release_name)
{
	struct world w;
	u32 id = about_to_swap_in(&w, release_name, "zram-lz4");
	GString *why = g_string_new(NULL);
	u32 slot = entry_at(&w, 0);
	u64 before;

	world_by_hand(&w);
	CU_ASSERT(world_step_to(&w, id, "read_swap_cache_async.RETRY_SLEEP"));
	CU_ASSERT_EQUAL(times_on_stack(&w, id, "read_swap_cache_async."), 2);
	CU_ASSERT_EQUAL(times_on_stack(&w, id, "zswap_writeback_entry."), 1);
	CU_ASSERT_EQUAL(w.k->slot[slot].map, SWAP_HAS_CACHE | 1);
	CU_ASSERT_EQUAL(word_folio(w.k->slot[slot].cache), 0);
	machine_step(&w.k->machine, &w.k->machine.task[id]); /* asleep */
	CU_ASSERT_FALSE(progress_invariant.holds(&w.k->machine, why));
	CU_ASSERT_PTR_NOT_NULL(strstr(why->str, "SWAP_HAS_CACHE of slot"));
	g_string_free(why, TRUE);
	/* round and round, and nothing changes that anybody else could wait for */
	for (u32 round = 0; round < 3; round++) {
		before = w.k->count[1][SWAPIN_RACE_SLEEPS];
		next_do(&w.k->machine, (struct next){ NEXT_TIMEOUT, id });
		machine_step(&w.k->machine, &w.k->machine.task[id]);
		CU_ASSERT(world_step_to(&w, id, "read_swap_cache_async.RETRY_SLEEP"));
		CU_ASSERT_EQUAL(w.k->count[1][SWAPIN_RACE_SLEEPS], before + 1);
		machine_step(&w.k->machine, &w.k->machine.task[id]);
	}
	world_release(&w);
}

static void test_waits_for_itself(void)
{
	check_waits_for_itself("6.12+zswap-skip-if-exists=off");
	check_waits_for_itself("6.17+zswap-skip-if-exists=off");
	check_waits_for_itself("6.18+zswap-skip-if-exists=off");
}

static void check_skips(const char *release_name)
{
	struct world w;
	u32 id = about_to_swap_in(&w, release_name, "zram-lz4");

	world_by_hand(&w);
	CU_ASSERT(world_step_to(&w, id, NULL));
	CU_ASSERT(w.k->count[0][ZSWAP_REJECT_RECLAIM_FAIL] > 0);
	CU_ASSERT_NOT_EQUAL(word_folio(w.k->slot[entry_at(&w, 0)].cache), 0);
	CU_ASSERT_EQUAL(counted(&w, ZSWPIN), 1);
	world_release(&w);
}

static void test_skips_its_own(void)
{
	check_skips("6.12");
	check_skips("6.17");
	check_skips("6.18");
}

/* With time: the sleeps are ticks, and there is no end to them. */
static void test_deadlock_in_time(void)
{
	struct world w;
	u32 id = about_to_swap_in(&w, "6.18+zswap-skip-if-exists=off", "disk");

	machine_run(&w.k->machine, w.k->machine.now + SECOND_NS, NULL);
	CU_ASSERT_NOT_EQUAL(w.k->machine.task[id].state, TASK_DONE);
	CU_ASSERT(counted(&w, SWAPIN_RACE_SLEEPS) > SECOND_NS / TICK_NS / 2 - 5);
	world_release(&w);
	id = about_to_swap_in(&w, "6.18", "disk");
	machine_run(&w.k->machine, w.k->machine.now + SECOND_NS, NULL);
	CU_ASSERT_EQUAL(w.k->machine.task[id].state, TASK_DONE);
	CU_ASSERT_EQUAL(counted(&w, SWAPIN_RACE_SLEEPS), 0);
	world_release(&w);
}

/* The shrinker ends at a page that is in the swap cache, though there are more batches to look at. */
static void test_shrinker_ends_at_a_cached_page(void)
{
	enum { KEPT = 300 };
	struct world w;
	u32 folio, slot;

	zswap_world(&w, (struct world_size){ .corpus = "incompressible", .device = "disk" },
		    (struct zswap_config){ .shrinker_enabled = true });
	swapped_out(&w, KEPT);
	slot = entry_at(&w, 0);
	folio = RUN(&w, swapin_readahead, .entry = slot, .page = page_of(&w, 0));
	RUN(&w, folio_put, .folio = folio);
	w.k->folio_io[folio].lock = w.k->machine.tasks + 1;
	CU_ASSERT_EQUAL(RUN(&w, zswap_store, .folio = folio), true);
	w.k->folio[folio].flags &= ~FOLIO_DIRTY;
	w.k->folio_io[folio].lock = 0;
	forget_references(&w, KEPT);
	for (u32 i = 1; i < KEPT; i++)
		zswap_lru_rotate(w.k, zswap_entry_at(w.k, entry_at(&w, i)));
	shrink_at(&w, 0);
	CU_ASSERT_EQUAL(counted(&w, ZSWPWB), 0);
	CU_ASSERT_EQUAL(w.k->count[0][ZSWAP_REJECT_RECLAIM_FAIL], 1);
	world_release(&w);
}

/* The worker gives up after rounds in which there was nothing to write, though an earlier one wrote. */
static void test_worker_gives_up(void)
{
	struct world w;
	u32 worker;

	zswap_world(&w, (struct world_size){ .device = "disk" }, (struct zswap_config){ 0 });
	w.k->config.zswap.accept_threshold_percent = 0;
	swapped_out(&w, 3);
	forget_references(&w, 3);
	world_by_hand(&w);
	worker = w.k->machine.tasks;
	zswap_queue_shrink(w.k);
	while (!counted(&w, ZSWPWB) && world_step(&w, worker))
		;
	w.k->zswap_memcg[1].writeback = 0; /* from the next one on */
	CU_ASSERT_FALSE(world_step_to(&w, worker, NULL));
	CU_ASSERT(world_is_at(&w, worker, "zswap_shrink_worker.IDLE"));
	CU_ASSERT_EQUAL(counted(&w, ZSWPWB), 1);
	CU_ASSERT(w.k->memory->zswap_pages > 0);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "the oldest goes first, after a second chance", test_oldest_first },
	{ "a walk ends with the list", test_only_one_is_looked_at_once },
	{ "what was written back is read from the device", test_written_back_is_read_from_the_device },
	{ "and is the next to be reclaimed", test_written_back_is_rotated },
	{ "an entry that is another one by now is left alone", test_recheck },
	{ "so is one whose device is being swapped off", test_device_goes },
	{ "a page in the swap cache is not written back", test_cached_page },
	{ "the shrinker stops at a page in the swap cache, others do not", test_walk_meets_a_cached_page },
	{ "a page that is refused drops what was kept of it", test_refused_page_drops_what_was_kept },
	{ "swap-ins from the device protect as many entries, once", test_count },
	{ "what the shrinker was not asked to do at once adds up", test_what_is_left_is_deferred },
	{ "but not to more than twice what there is", test_deferred_is_bounded },
	{ "less than a batch of 128 waits, unless it is all", test_less_than_a_batch_waits },
	{ "reclaim writes back if the shrinker is enabled", test_reclaim_calls_the_shrinker },
	{ "a swap-in whose charge writes back its own entry waits for itself", test_waits_for_itself },
	{ "zswap-skip-if-exists passes over it", test_skips_its_own },
	{ "without it the task sleeps tick after tick", test_deadlock_in_time },
	{ "the shrinker ends at a page that is in the swap cache", test_shrinker_ends_at_a_cached_page },
	{ "the worker gives up when there is nothing left", test_worker_gives_up },
};

UNIT_MAIN("zswap writeback", tests)
