/* A device that has become full: slots that only the cache holds come back without anybody asking for them.
 */
#include "models/mm/memory.h"
#include "models/swap/cluster.h"
#include "models/swap/reclaim_work.h"
#include "tests/unit/world.h"

enum { PER_CLUSTER = 8, CLUSTERS = 4, USABLE = CLUSTERS * PER_CLUSTER - 1 };

static void four_clusters(struct world *w, const char *release, const char *device)
{
	world_init(w, (struct world_size){ .release = release,
					   .device = device,
					   .per_cluster = PER_CLUSTER,
					   .space_clusters = 1,
					   .slots = USABLE,
					   .devices = 2 });
	w->k->device[1].on_avail_list = 0;
}

/* A new folio takes a slot that somebody refers to. */
static u32 take(struct world *w)
{
	u32 folio = folio_alloc(w->k, 0, 0);

	w->k->folio[folio].memcg = 1;
	w->k->folio_io[folio].lock = w->k->machine.tasks + 1;
	if (RUN(w, folio_alloc_swap, .folio = folio))
		return 0;
	w->k->folio_io[folio].lock = 0;
	w->k->slot[w->k->folio_io[folio].swap].map++;
	return w->k->folio_io[folio].swap;
}

/* Until one slot is left. Every third of the others is the cache's alone, which nobody looks for as long as
 * there are free ones. */
static u32 all_but_one(struct world *w)
{
	u32 cache_only = 0;

	for (u32 i = 0; i < USABLE - 1; i++) {
		u32 slot = take(w);

		CU_ASSERT_FATAL(slot != 0);
		if (i % 3)
			continue;
		w->k->slot[slot].map--;
		cache_only++;
	}
	return cache_only;
}

static void plenty_is_free(struct world *w)
{
	w->k->swap->free_pages = (s64)w->k->swap->total_pages;
}

static void less_than_half_is_free(struct world *w)
{
	w->k->swap->free_pages = ((s64)w->k->swap->total_pages - 1) / 2;
}

/* Slots of a cluster that only the cache holds. */
static u32 left_in(const struct world *w, u32 cluster)
{
	u32 n = 0;

	for (u32 i = cluster_first(w->k, cluster); i < cluster_end(w->k, cluster); i++)
		n += slot_is_cache_only(w->k, i);
	return n;
}

/* One cluster is left over: the header takes a slot of what is in use. */
static void test_comes_back(const char *release)
{
	struct world w;
	u32 cache_only, left;

	four_clusters(&w, release, "nvme-client");
	plenty_is_free(&w);
	cache_only = all_but_one(&w);
	less_than_half_is_free(&w);
	CU_ASSERT(take(&w) != 0);
	world_idle(&w, 1);
	CU_ASSERT_EQUAL_FATAL(w.k->device[0].list[CLUSTER_FULL].count, 1);
	left = left_in(&w, w.k->device[0].list[CLUSTER_FULL].head - 1);
	CU_ASSERT(left <= PER_CLUSTER / 3 + 1 && cache_only > CLUSTERS);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, USABLE - cache_only + left);
	CU_ASSERT_EQUAL(w.k->device[0].on_avail_list, 1);
	CU_ASSERT_EQUAL(w.k->device[0].reclaim_work, 0);
	CU_ASSERT_NOT_EQUAL(w.k->swap->reclaim_idle, 0);
	world_release(&w);
}

static void test_all_full_clusters(void)
{
	test_comes_back("6.12");
	test_comes_back("6.14");
	test_comes_back("6.17");
	test_comes_back("6.18");
}

static void expect_no_work(const char *release, const char *device, bool full)
{
	struct world w;

	four_clusters(&w, release, device);
	plenty_is_free(&w);
	all_but_one(&w);
	if (full)
		less_than_half_is_free(&w);
	CU_ASSERT(take(&w) != 0);
	world_idle(&w, 1);
	CU_ASSERT_EQUAL(w.k->swap->reclaim_worker, 0);
	world_release(&w);
}

static void test_not_while_half_is_free(void)
{
	expect_no_work("6.12", "nvme-client", false);
	expect_no_work("6.18", "nvme-client", false);
}

static void test_not_where_maps_are_searched(void)
{
	expect_no_work("6.1", "nvme-client", true);
	expect_no_work("6.12", "hdd7200", true);
}

/* What the first time left is had the second time. */
static void test_again(void)
{
	struct world w;
	u32 left;

	four_clusters(&w, "6.18", "nvme-client");
	plenty_is_free(&w);
	all_but_one(&w);
	less_than_half_is_free(&w);
	CU_ASSERT(take(&w) != 0);
	world_idle(&w, 1);
	left = left_in(&w, w.k->device[0].list[CLUSTER_FULL].head - 1);
	plenty_is_free(&w);
	while (w.k->device[0].inuse < USABLE - 1)
		CU_ASSERT_FATAL(take(&w) != 0);
	less_than_half_is_free(&w);
	CU_ASSERT(take(&w) != 0);
	world_idle(&w, 1);
	CU_ASSERT(left > 0);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, USABLE - left);
	world_release(&w);
}

/* flush_work() */
static void test_swapoff_waits(void)
{
	struct world w;
	u32 task;

	world_init(&w,
		   (struct world_size){ .per_cluster = PER_CLUSTER, .space_clusters = 1, .slots = USABLE });
	world_by_hand(&w);
	swap_queue_reclaim(w.k, &w.k->device[0]);
	task = ADD_ON(&w, 1, swapoff, .device = 0);
	CU_ASSERT(world_step_to(&w, task, "swapoff.SYNC_RCU"));
	w.k->device[0].grace = 0;
	CU_ASSERT(world_step_to(&w, task, "swapoff.RECLAIMS"));
	CU_ASSERT_FALSE(world_step_to(&w, task, NULL));
	CU_ASSERT(world_step_to(&w, w.k->swap->reclaim_worker - 1, "swap_reclaim_worker.IDLE"));
	CU_ASSERT(world_step(&w, w.k->swap->reclaim_worker - 1));
	CU_ASSERT_FALSE(world_step_to(&w, w.k->swap->reclaim_worker - 1, NULL));
	CU_ASSERT(world_step_to(&w, task, NULL));
	CU_ASSERT_FALSE(w.k->device[0].has_maps);
	world_release(&w);
}

/* Work that is queued while the worker is at it is done after that, and waited for, too. */
static void test_queued_meanwhile(void)
{
	struct world w;
	struct swap_device *si;
	u32 worker;

	world_init(&w,
		   (struct world_size){ .per_cluster = PER_CLUSTER, .space_clusters = 1, .slots = USABLE });
	si = &w.k->device[0];
	world_by_hand(&w);
	swap_queue_reclaim(w.k, si);
	worker = w.k->swap->reclaim_worker - 1u;
	CU_ASSERT(world_step_to(&w, worker, "isolate_lock_cluster.LOCK_SI"));
	CU_ASSERT_EQUAL(si->reclaim_queued, 0);
	swap_queue_reclaim(w.k, si);
	CU_ASSERT(world_step_to(&w, worker, "swap_reclaim_worker.IDLE"));
	CU_ASSERT_EQUAL(si->reclaim_queued, 1);
	CU_ASSERT_NOT_EQUAL(si->reclaim_work, 0);
	CU_ASSERT(world_step_to(&w, worker, "isolate_lock_cluster.LOCK_SI"));
	CU_ASSERT(world_step_to(&w, worker, "swap_reclaim_worker.IDLE"));
	CU_ASSERT_EQUAL(si->reclaim_queued, 0);
	CU_ASSERT_EQUAL(si->reclaim_work, 0);
	world_release(&w);
}

static void test_any_device(void)
{
	struct world w;

	four_clusters(&w, "6.18", "nvme-client");
	swap_queue_reclaim(w.k, &w.k->device[1]);
	world_idle(&w, 1);
	CU_ASSERT_EQUAL(w.k->device[1].reclaim_queued, 0);
	CU_ASSERT_EQUAL(w.k->device[1].reclaim_work, 0);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "it goes through all full clusters, and the device has free slots again", test_all_full_clusters },
	{ "not while half of all swap is free", test_not_while_half_is_free },
	{ "nor where slots are looked for in swap_map", test_not_where_maps_are_searched },
	{ "whenever the last slot is taken", test_again },
	{ "swapoff waits for it", test_swapoff_waits },
	{ "what is queued while it works is done after that", test_queued_meanwhile },
	{ "it works for every device", test_any_device },
};

UNIT_MAIN("reclaim_work", tests)
