/* Which slot a page gets. */
#include "models/mm/memory.h"
#include "models/swap/cluster.h"
#include "tests/unit/world.h"

enum { PER_CLUSTER = 8, CLUSTERS = 6 };

static void six_clusters(struct world *w, const char *release)
{
	world_init(w, (struct world_size){ .release = release,
					   .per_cluster = PER_CLUSTER,
					   .space_clusters = 2,
					   .slots = CLUSTERS * PER_CLUSTER - 1 });
}

/* A new folio asks for a slot; the slot, 0 if there is none. */
static u32 take_on(struct world *w, u32 cpu)
{
	u32 folio = folio_alloc(w->k, 0, 0);

	w->k->folio[folio].memcg = 1;
	w->k->folio_io[folio].lock = w->k->machine.tasks + 1;
	return RUN_ON(w, cpu, folio_alloc_swap, .folio = folio) ? 0 : w->k->folio_io[folio].swap;
}

static u32 take(struct world *w)
{
	return take_on(w, 0);
}

static void take_all(struct world *w, u32 n)
{
	while (n--)
		CU_ASSERT_FATAL(take(w) != 0);
}

/* The folio leaves the cache and nobody refers to the slot. */
static void give(struct world *w, u32 entry)
{
	u32 folio = word_folio(w->k->slot[entry].cache);

	RUN(w, folio_free_swap, .folio = folio);
}

static u32 hint(const struct world *w, u32 cpu)
{
	return ((struct percpu *)percpu_of(&w->k->machine, cpu))->swap_hint;
}

static u32 at(u32 cluster, u32 slot)
{
	return cluster * PER_CLUSTER + slot;
}

static void test_one_after_the_other(void)
{
	struct world w;

	six_clusters(&w, "6.18");
	for (u32 i = 1; i < PER_CLUSTER; i++) {
		CU_ASSERT_EQUAL(take(&w), i); /* 6.18: partly used clusters first, so that of the header */
		CU_ASSERT_EQUAL(hint(&w, 0), i + 1 < PER_CLUSTER ? i + 1 : 0);
	}
	CU_ASSERT_EQUAL(w.k->cluster[0].flags, CLUSTER_FULL);
	CU_ASSERT_EQUAL(take(&w), at(1, 0));
	CU_ASSERT_EQUAL(w.k->cluster[1].flags, CLUSTER_FRAG);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, PER_CLUSTER);
	CU_ASSERT_EQUAL(w.k->swap->free_pages, (s64)w.k->swap->total_pages - PER_CLUSTER);
	CU_ASSERT_EQUAL(w.k->slot[at(1, 0)].map, SWAP_HAS_CACHE);
	CU_ASSERT(word_folio(w.k->slot[at(1, 0)].cache) != 0);
	CU_ASSERT_EQUAL(w.k->slot[at(1, 0)].memcg, 1);
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, PER_CLUSTER);
	world_release(&w);
}

static void test_header_comes_last_in_617(void)
{
	struct world w;

	six_clusters(&w,
		     "6.17"); /* free clusters first, and two columns of them: 1 is not free, 2, 4, 1, 3, 5 */
	static const u8 clusters[] = { 2, 4, 1, 3, 5 };

	for (u32 i = 0; i < ARRAY_SIZE(clusters); i++) {
		CU_ASSERT_EQUAL(take(&w), at(clusters[i], 0));
		take_all(&w, PER_CLUSTER - 1);
	}
	CU_ASSERT_EQUAL(take(&w), at(0, 1));
	world_release(&w);
}

static void test_shuffle_is_a_patch(void)
{
	struct world w;

	six_clusters(&w, "6.17+cluster-shuffle=off");
	CU_ASSERT_EQUAL(take(&w), at(1, 0));
	world_release(&w);
	six_clusters(&w, "6.18+cluster-shuffle=on");
	take_all(&w, PER_CLUSTER - 1);
	CU_ASSERT_EQUAL(take(&w), at(2, 0));
	world_release(&w);
}

static void test_cpus_have_their_own_clusters(void)
{
	struct world w;

	six_clusters(&w, "6.18");
	CU_ASSERT_EQUAL(take_on(&w, 0), 1);
	CU_ASSERT_EQUAL(take_on(&w, 1), at(1, 0));
	CU_ASSERT_EQUAL(take_on(&w, 0), 2);
	CU_ASSERT_EQUAL(take_on(&w, 1), at(1, 1));
	world_release(&w);
}

/* Orders of the lists: nonfull 2, frag 3 (left by CPU 1), free 4 and 5. */
static void test_list_order(void)
{
	struct world w;

	six_clusters(&w, "6.18");
	take_all(&w, 3 * PER_CLUSTER - 1); /* 0, 1 and 2 are full */
	take_on(&w, 1);			   /* 3 */
	give(&w, at(2, 5));
	CU_ASSERT_EQUAL(w.k->cluster[2].flags, CLUSTER_NONFULL);
	CU_ASSERT_EQUAL(w.k->cluster[3].flags, CLUSTER_FRAG);
	CU_ASSERT_EQUAL(take(&w), at(2, 5)); /* nonfull */
	CU_ASSERT_EQUAL(take(&w), at(4, 0)); /* free */
	take_all(&w, 2 * PER_CLUSTER - 1);
	CU_ASSERT_EQUAL(take(&w), at(3, 1)); /* frag */
	world_release(&w);

	six_clusters(&w, "6.17"); /* 2, 4, 1, 3, 5, 0 */
	take_all(&w, 3 * PER_CLUSTER);
	take_on(&w, 1); /* 3 */
	give(&w, at(2, 5));
	CU_ASSERT_EQUAL(take(&w), at(5, 0)); /* free */
	take_all(&w, PER_CLUSTER - 1);
	CU_ASSERT_EQUAL(take(&w), at(0, 1)); /* nonfull, in order of arrival */
	take_all(&w, PER_CLUSTER - 2);
	CU_ASSERT_EQUAL(take(&w), at(2, 5));
	CU_ASSERT_EQUAL(take(&w), at(3, 1)); /* frag */
	world_release(&w);
}

static void test_freed_goes_to_the_tail_of_nonfull(void)
{
	struct world w;

	six_clusters(&w, "6.18");
	take_all(&w, 3 * PER_CLUSTER - 1);
	give(&w, at(2, 0));
	give(&w, at(1, 0));
	give(&w, at(2, 1)); /* is on the list already and stays where it is */
	CU_ASSERT_EQUAL(w.k->device[0].list[CLUSTER_NONFULL].head, 2 + 1);
	CU_ASSERT_EQUAL(w.k->device[0].list[CLUSTER_NONFULL].tail, 1 + 1);
	CU_ASSERT_EQUAL(take(&w), at(2, 0));
	CU_ASSERT_EQUAL(take(&w), at(2, 1));
	CU_ASSERT_EQUAL(take(&w), at(1, 0));
	world_release(&w);
}

static void test_emptied_goes_to_the_tail_of_free(void)
{
	struct world w;

	six_clusters(&w, "6.18");
	take_all(&w, 2 * PER_CLUSTER - 1);
	CU_ASSERT_EQUAL(w.k->device[0].list[CLUSTER_FREE].head, 2 + 1);
	for (u32 i = 0; i < PER_CLUSTER; i++)
		give(&w, at(1, i));
	CU_ASSERT_EQUAL(w.k->cluster[1].flags, CLUSTER_FREE);
	CU_ASSERT_EQUAL(w.k->device[0].list[CLUSTER_FREE].tail, 1 + 1);
	CU_ASSERT_EQUAL(take(&w), at(2, 0));
	world_release(&w);
}

static void test_locked_cluster_is_skipped(void)
{
	struct world w;

	six_clusters(&w, "6.18");
	w.k->cluster[0].lock.owner = w.k->machine.config.tasks;
	w.k->cluster[1].lock.owner = w.k->machine.config.tasks;
	CU_ASSERT_EQUAL(take(&w), at(2, 0)); /* the second of the free list */
	CU_ASSERT_EQUAL(w.k->device[0].list[CLUSTER_FREE].head, 1 + 1);
	world_release(&w);
	six_clusters(&w, "6.18");
	for (u32 i = 0; i < CLUSTERS; i++) /* lists that are not empty and yield nothing */
		w.k->cluster[i].lock.owner = w.k->machine.config.tasks;
	CU_ASSERT_EQUAL(take(&w), 0);
	CU_ASSERT_EQUAL(counted(&w, SWAP_EVENTS_FAIL), 1);
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 0);
	world_release(&w);
}

/* A hint may lead to a cluster that has become full, or empty and without a table. */
static void test_stale_hints(void)
{
	struct world w;

	six_clusters(&w, "6.18");
	take_all(&w, 3);
	((struct percpu *)percpu_of(&w.k->machine, 1))->swap_hint = 4;
	take_all(&w, PER_CLUSTER - 4);
	CU_ASSERT_EQUAL(take_on(&w, 1), at(1, 0)); /* full */
	CU_ASSERT_EQUAL(hint(&w, 1), at(1, 1));
	give(&w, at(1, 0));
	CU_ASSERT_EQUAL(w.k->cluster[1].has_table, 0);
	CU_ASSERT_EQUAL(take_on(&w, 1), at(2, 0)); /* empty: its table is gone */
	world_release(&w);
	six_clusters(&w, "6.17");
	CU_ASSERT_EQUAL(take_on(&w, 1), at(2, 0));
	give(&w, at(2, 0));
	CU_ASSERT_EQUAL(take_on(&w, 1), at(2, 0)); /* 6.17 starts it again from its beginning */
	world_release(&w);
}

static void test_full_device(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .per_cluster = PER_CLUSTER, .slots = 10, .devices = 2 });
	take_all(&w, 10);
	CU_ASSERT_EQUAL(w.k->device[0].on_avail_list, 0);
	CU_ASSERT_EQUAL(take(&w), w.k->device[1].first_slot + 1); /* the next device */
	take_all(&w, 9);
	CU_ASSERT_EQUAL(w.k->swap->free_pages, 0);
	CU_ASSERT_EQUAL(take(&w), 0);
	give(&w, 4);
	CU_ASSERT_EQUAL(w.k->device[0].on_avail_list, 1);
	CU_ASSERT_EQUAL(take(&w), 4);
	CU_ASSERT_EQUAL(w.k->device[0].users.count + w.k->device[1].users.count, 2);
	world_release(&w);
}

/* Below half of the min watermark there is no table: the cluster goes to the tail of the free list. */
static void test_no_table(void)
{
	struct world w;
	u32 folio, entry;
	u64 free;

	six_clusters(&w, "6.18");
	take_all(&w, PER_CLUSTER - 1);
	folio = folio_alloc(w.k, 0, 0);
	w.k->folio[folio].memcg = 1;
	free = w.k->memory->free;
	w.k->memory->free = w.k->memory->min / 2;
	CU_ASSERT_EQUAL(RUN(&w, folio_alloc_swap, .folio = folio), PATH_ENOMEM);
	CU_ASSERT_EQUAL(w.k->count[0][TABLE_ALLOC_FAILED], 2); /* with the locks held, and without */
	CU_ASSERT_EQUAL(w.k->device[0].list[CLUSTER_FREE].head, 2 + 1);
	CU_ASSERT_EQUAL(w.k->device[0].list[CLUSTER_FREE].tail, 1 + 1);
	CU_ASSERT_EQUAL(w.k->cluster[1].lock.owner, 0);
	w.k->memory->free = w.k->memory->min / 2 + 1;
	CU_ASSERT_EQUAL(RUN(&w, folio_alloc_swap, .folio = folio), PATH_OK);
	entry = w.k->folio_io[folio].swap;
	CU_ASSERT_EQUAL(entry, at(2, 0));
	CU_ASSERT_EQUAL(w.k->count[0][TABLE_ALLOC_FAILED], 2);
	CU_ASSERT_EQUAL(w.k->cluster[2].has_table, 1);
	w.k->memory->free = free;
	world_release(&w);
}

static void test_other_lists_need_no_table(void)
{
	struct world w;
	u32 folio;

	six_clusters(&w, "6.18");
	take(&w);
	folio = folio_alloc(w.k, 0, 0);
	w.k->folio[folio].memcg = 1;
	w.k->memory->free = w.k->memory->min / 2;
	CU_ASSERT_EQUAL(RUN_ON(&w, 1, folio_alloc_swap, .folio = folio), PATH_OK);
	CU_ASSERT_EQUAL(w.k->folio_io[folio].swap, 2); /* of the frag list */
	CU_ASSERT_EQUAL(w.k->device[0].list[CLUSTER_FREE].tail, 1 + 1);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "a CPU takes slots one after the other, and fills the header's cluster first in 6.18",
	  test_one_after_the_other },
	{ "and last in 6.17, free clusters 64 MiB apart", test_header_comes_last_in_617 },
	{ "which is a patch", test_shuffle_is_a_patch },
	{ "CPUs allocate from clusters of their own", test_cpus_have_their_own_clusters },
	{ "6.18: nonfull, free, frag; 6.17: free, nonfull, frag", test_list_order },
	{ "a cluster that has a slot again goes to the tail of nonfull",
	  test_freed_goes_to_the_tail_of_nonfull },
	{ "an emptied one to the tail of free", test_emptied_goes_to_the_tail_of_free },
	{ "a locked cluster is passed over", test_locked_cluster_is_skipped },
	{ "a hint to a cluster that is of no use any more is not followed", test_stale_hints },
	{ "without memory for a table a free cluster goes to the tail", test_no_table },
	{ "and the other lists are tried", test_other_lists_need_no_table },
	{ "a full device is passed over until a slot is free", test_full_device },
};

UNIT_MAIN("alloc", tests)
