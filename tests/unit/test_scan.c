/* Inside a cluster: the scan, slots that only the cache holds, full clusters. */
#include "models/cpu.h"
#include "models/mm/memory.h"
#include "models/swap/cluster.h"
#include "tests/unit/world.h"

enum { PER_CLUSTER = 8, CLUSTERS = 4 };

static void four_clusters(struct world *w, const char *release)
{
	world_init(w, (struct world_size){ .release = release,
					   .per_cluster = PER_CLUSTER,
					   .space_clusters = 1,
					   .slots = CLUSTERS * PER_CLUSTER - 1 });
}

/* A new folio asks for a slot: the slot, 0 if there is none. The folio is not locked afterwards. */
static u32 take(struct world *w)
{
	u32 folio = folio_alloc(w->k, 0, 0);
	bool none;

	w->k->folio[folio].memcg = 1;
	w->k->folio_io[folio].lock = w->k->machine.tasks + 1;
	none = RUN(w, folio_alloc_swap, .folio = folio);
	w->k->folio_io[folio].lock = 0;
	return none ? 0 : w->k->folio_io[folio].swap;
}

static void take_all(struct world *w, u32 n)
{
	while (n--)
		CU_ASSERT_FATAL(take(w) != 0);
}

static u32 folio_in(const struct world *w, u32 entry)
{
	return word_folio(w->k->slot[entry].cache);
}

static void set_hint(struct world *w, u32 slot)
{
	((struct percpu *)percpu_of(&w->k->machine, 0))->swap_hint = slot;
}

static u32 hint(const struct world *w)
{
	return ((struct percpu *)percpu_of(&w->k->machine, 0))->swap_hint;
}

static void make_full(struct world *w)
{
	w->k->swap->free_pages = w->k->swap->total_pages / 2 - 1;
}

static void test_passes_over_used_slots(void)
{
	struct world w;

	four_clusters(&w, "6.18");
	take_all(&w, 4);
	set_hint(&w, 2);
	CU_ASSERT_EQUAL(take(&w), 5);
	CU_ASSERT_EQUAL(hint(&w), 6);
	world_release(&w);
}

static void test_takes_from_the_cache_when_full(void)
{
	struct world w;
	u32 folio;

	four_clusters(&w, "6.18");
	take_all(&w, 4);
	folio = folio_in(&w, 3);
	w.k->slot[1].map++;						 /* somebody refers to it */
	w.k->folio_io[folio_in(&w, 2)].lock = w.k->machine.config.tasks; /* busy */
	make_full(&w);
	set_hint(&w, 1);
	CU_ASSERT_EQUAL(take(&w), 3);
	CU_ASSERT(folio_in(&w, 3) != folio);
	CU_ASSERT_EQUAL(w.k->folio[folio].flags & (FOLIO_SWAPCACHE | FOLIO_DIRTY), FOLIO_DIRTY);
	CU_ASSERT_EQUAL(w.k->folio_io[folio].swap, 0);
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 1);
	CU_ASSERT_EQUAL(w.k->folio_io[folio].lock, 0);
	CU_ASSERT_EQUAL(w.k->cluster[0].count, 5); /* header and four */
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 4);
	world_release(&w);
}

static void test_not_just_half_full(void)
{
	struct world w;

	four_clusters(&w, "6.18");
	take_all(&w, 4);
	w.k->swap->free_pages = (w.k->swap->total_pages + 1) / 2;
	set_hint(&w, 1);
	CU_ASSERT_FALSE(vm_swap_full(w.k));
	CU_ASSERT_EQUAL(take(&w), 5);
	w.k->swap->free_pages = w.k->swap->total_pages / 2;
	CU_ASSERT(vm_swap_full(w.k)); /* 15 of 31 */
	world_release(&w);
}

static void test_hint_is_lost_on_failure(void)
{
	struct world w;

	four_clusters(&w, "6.18");
	take_all(&w, PER_CLUSTER - 1);
	RUN(&w, folio_free_swap, .folio = folio_in(&w, 2)); /* free, but before the hint */
	CU_ASSERT_EQUAL(w.k->cluster[0].flags, CLUSTER_NONFULL);
	set_hint(&w, 5);
	w.k->device[0].on_avail_list = 0; /* nowhere else to look */
	CU_ASSERT_EQUAL(take(&w), 0);
	CU_ASSERT_EQUAL(hint(&w), 0);
	CU_ASSERT_EQUAL(w.k->cluster[0].flags, CLUSTER_FRAG); /* put where a scanned cluster belongs */
	world_release(&w);
}

static void test_relocation(void)
{
	struct world w;

	four_clusters(&w, "6.18");
	CU_ASSERT_EQUAL(w.k->cluster[0].flags, CLUSTER_NONFULL);
	take(&w);
	CU_ASSERT_EQUAL(w.k->cluster[0].flags, CLUSTER_FRAG);
	take_all(&w, PER_CLUSTER - 2);
	CU_ASSERT_EQUAL(w.k->cluster[0].flags, CLUSTER_FULL);
	take(&w);
	CU_ASSERT_EQUAL(w.k->cluster[1].flags, CLUSTER_FRAG);
	RUN(&w, folio_free_swap, .folio = folio_in(&w, 4));
	CU_ASSERT_EQUAL(w.k->cluster[0].flags, CLUSTER_NONFULL);
	RUN(&w, folio_free_swap, .folio = folio_in(&w, PER_CLUSTER));
	CU_ASSERT_EQUAL(w.k->cluster[1].flags, CLUSTER_FREE);
	world_release(&w);
}

static void test_full_clusters(void)
{
	struct world w;

	four_clusters(&w, "6.18");
	take_all(&w, 2 * PER_CLUSTER - 1); /* 0 and 1 */
	w.k->folio_io[folio_in(&w, 3)].lock = w.k->machine.config.tasks;
	w.k->slot[4].map++;
	RUN(&w, swap_reclaim_full_clusters, .device = 0);
	CU_ASSERT_EQUAL(w.k->cluster[0].flags, CLUSTER_NONFULL);
	CU_ASSERT_EQUAL(w.k->cluster[0].count, 3); /* header, busy, referred to */
	CU_ASSERT_EQUAL(w.k->cluster[1].flags, CLUSTER_FULL);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 2 + PER_CLUSTER);
	for (u32 i = 0; i < PER_CLUSTER; i++)
		w.k->slot[PER_CLUSTER + i].map++;
	RUN(&w, swap_reclaim_full_clusters, .device = 0); /* nothing to be had */
	CU_ASSERT_EQUAL(w.k->cluster[1].flags, CLUSTER_FULL);
	CU_ASSERT_EQUAL(w.k->cluster[1].lock.owner, 0);
	w.k->cluster[1].lock.owner = w.k->machine.config.tasks;
	RUN(&w, swap_reclaim_full_clusters, .device = 0);
	CU_ASSERT_EQUAL(w.k->cluster[1].flags, CLUSTER_FULL);
	world_release(&w);
}

/* 6.17 comes to the nonfull list after it has reclaimed a full cluster, 6.18 before. */
static void test_when_full_clusters_are_reclaimed(void)
{
	struct world w;

	four_clusters(&w, "6.17");
	take_all(&w, CLUSTERS * PER_CLUSTER - 2); /* one slot is left: the last of cluster 0 */
	w.k->cluster[0].lock.owner = w.k->machine.config.tasks;
	set_hint(&w, 0);
	CU_ASSERT(vm_swap_full(w.k));
	CU_ASSERT(take(&w) >= PER_CLUSTER);
	world_release(&w);

	four_clusters(&w, "6.18");
	take_all(&w, CLUSTERS * PER_CLUSTER - 2);
	w.k->cluster[CLUSTERS - 1].lock.owner = w.k->machine.config.tasks;
	set_hint(&w, 0);
	CU_ASSERT_EQUAL(take(&w), 0);
	CU_ASSERT(w.k->device[0].list[CLUSTER_NONFULL].count == 1);
	CU_ASSERT(take(&w) != 0);
	world_release(&w);

	four_clusters(&w, "6.18");
	take_all(&w, CLUSTERS * PER_CLUSTER - 2);
	w.k->cluster[CLUSTERS - 1].lock.owner = w.k->machine.config.tasks;
	set_hint(&w, 0);
	w.k->swap->free_pages = w.k->swap->total_pages; /* not full: nothing is reclaimed */
	CU_ASSERT_EQUAL(take(&w), 0);
	CU_ASSERT_EQUAL(w.k->device[0].list[CLUSTER_NONFULL].count, 0);
	world_release(&w);
}

/* A full cluster is scanned only by a hint that comes while somebody else has it isolated. */
static void test_full_cluster_is_not_scanned(void)
{
	struct world w;

	four_clusters(&w, "6.18");
	take_all(&w, PER_CLUSTER - 1);
	make_full(&w);
	cluster_list_del(w.k, 0);
	set_hint(&w, 3);
	CU_ASSERT_EQUAL(take(&w), PER_CLUSTER);
	CU_ASSERT_EQUAL(w.k->cluster[0].flags, CLUSTER_FULL);
	CU_ASSERT_EQUAL(w.k->cluster[0].count, PER_CLUSTER);
	world_release(&w);
}

/* While the lock is dropped the only slot in use, the third, goes, and in 6.18 the cluster's table with it.
 */
static u32 slot_after_emptying(const char *release)
{
	struct world w;
	u32 folio, task, entry, first = PER_CLUSTER;

	four_clusters(&w, release);
	while (take(&w) != first + 2)
		;
	RUN(&w, folio_free_swap, .folio = folio_in(&w, first));
	RUN(&w, folio_free_swap, .folio = folio_in(&w, first + 1));
	make_full(&w);
	set_hint(&w, first + 2);
	folio = folio_alloc(w.k, 0, 0);
	w.k->folio[folio].memcg = 1;
	world_by_hand(&w);
	task = ADD_ON(&w, 0, folio_alloc_swap, .folio = folio);
	CU_ASSERT(world_step_to(&w, task, "try_to_reclaim_swap.LOOKUP"));
	CU_ASSERT(world_step_to(&w, ADD_ON(&w, 1, folio_free_swap, .folio = folio_in(&w, first + 2)), NULL));
	CU_ASSERT_EQUAL(w.k->cluster[1].flags, CLUSTER_FREE);
	CU_ASSERT(world_step_to(&w, task, NULL));
	entry = w.k->folio_io[folio].swap;
	world_release(&w);
	return entry;
}

static void test_cluster_empties_meanwhile(void)
{
	CU_ASSERT_EQUAL(slot_after_emptying("6.17"), PER_CLUSTER); /* from its beginning */
	CU_ASSERT_EQUAL(slot_after_emptying("6.18"), 2 * PER_CLUSTER);
}

static void test_empty_cluster_gives_its_table_back(void)
{
	struct world w;

	four_clusters(&w, "6.18");
	cluster_list_del(w.k, 1);
	w.k->cluster[1].has_table = 1;
	RUN(&w, relocate_cluster, .cluster = 1 + 1);
	CU_ASSERT_EQUAL(w.k->cluster[1].flags, CLUSTER_FREE);
	CU_ASSERT_EQUAL(w.k->cluster[1].has_table, 0);
	world_release(&w);
}

/* Between the lookup of the folio of a slot and its lock it goes to the fifth slot of the cluster. Returns
 * where it is when who wanted the slot is done with it; -1: he never is. */
static s32 slot_of_moved(const char *release)
{
	u32 task, folio, first = PER_CLUSTER;
	struct world w;
	s32 slot;

	four_clusters(&w, release);
	while (take(&w) != first + 1)
		;
	folio = folio_in(&w, first);
	world_by_hand(&w);
	task = ADD_ON(&w, 0, try_to_reclaim_swap, .entry = first);
	CU_ASSERT(world_step_to(&w, task, "try_to_reclaim_swap.TRY_LOCK"));
	CU_ASSERT(world_step_to(&w, ADD_ON(&w, 1, folio_free_swap, .folio = folio), NULL));
	((struct percpu *)percpu_of(&w.k->machine, 1))->swap_hint = first + 4;
	CU_ASSERT(world_step_to(&w, ADD_ON(&w, 1, folio_alloc_swap, .folio = folio), NULL));
	CU_ASSERT_EQUAL(w.k->folio_io[folio].swap, first + 4);
	w.k->folio_io[folio].lock = 0;
	slot = world_step_to(&w, task, NULL) ? (s32)w.k->folio_io[folio].swap : -1;
	world_release(&w);
	return slot;
}

static void test_folio_moves_meanwhile(void)
{
	CU_ASSERT_EQUAL(slot_of_moved("6.17"), -1);
	CU_ASSERT_EQUAL(slot_of_moved("6.17+reclaim-slot-recheck=off"), 0); /* freed, too */
	CU_ASSERT_EQUAL(slot_of_moved("6.18"), PER_CLUSTER + 4);
	CU_ASSERT_EQUAL(slot_of_moved("7.2"), PER_CLUSTER + 4);
}

static u64 time_to_take(struct world *w)
{
	u64 start = w->k->machine.now;

	CU_ASSERT(take(w) != 0);
	return w->k->machine.now - start;
}

static void test_cost(void)
{
	struct cpu_profile slow;
	struct world w;
	u64 ns[2];

	four_clusters(&w, "6.18");
	take(&w);
	slow = *w.k->cpu_profile;
	ns[0] = time_to_take(&w);
	slow.slot_scan_ns += 12345;
	w.k->cpu_profile = &slow;
	ns[1] = time_to_take(&w);
	CU_ASSERT_EQUAL(ns[1] - ns[0], 12345);
	world_release(&w);
}

/* A cluster that was chosen before swapoff began gives nothing any more. */
static void test_not_at_swapoff(void)
{
	struct world w;
	u32 task, folio;

	four_clusters(&w, "6.18");
	take(&w);
	folio = folio_alloc(w.k, 0, 0);
	w.k->folio[folio].memcg = 1;
	world_by_hand(&w);
	task = ADD_ON(&w, 0, folio_alloc_swap, .folio = folio);
	CU_ASSERT(world_step_to(&w, task, "folio_alloc_swap.LOCK_HINT"));
	w.k->device[0].flags &= ~SWP_WRITEOK;
	w.k->device[0].on_avail_list = 0;
	CU_ASSERT(world_step_to(&w, task, NULL));
	CU_ASSERT_EQUAL(w.k->folio_io[folio].swap, 0);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 1);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "a scan passes over used slots", test_passes_over_used_slots },
	{ "when swap is getting full it takes slots that only the cache holds",
	  test_takes_from_the_cache_when_full },
	{ "which is when less than half is free", test_not_just_half_full },
	{ "a scan without success costs the hint and moves the cluster", test_hint_is_lost_on_failure },
	{ "clusters go nonfull, frag, full and back", test_relocation },
	{ "an isolated cluster that is empty goes back without its table",
	  test_empty_cluster_gives_its_table_back },
	{ "one full cluster is reclaimed at a time", test_full_clusters },
	{ "only when swap is getting full, and too late for 6.18", test_when_full_clusters_are_reclaimed },
	{ "a full cluster is not scanned", test_full_cluster_is_not_scanned },
	{ "a cluster that empties during the scan is begun again if it is still usable",
	  test_cluster_empties_meanwhile },
	{ "a folio that has another slot by then is let alone", test_folio_moves_meanwhile },
	{ "a scan takes its time", test_cost },
	{ "nothing is taken once swapoff has begun", test_not_at_swapoff },
};

UNIT_MAIN("scan", tests)
