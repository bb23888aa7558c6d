/* Who has hold of a cluster that is on no list: one operation, or others that have dropped its lock. */
#include "models/swap/ownership.h"

#include "models/swap/cluster.h"
#include "tests/unit/world.h"

enum { CLUSTER = 1 };

static void cluster_on_no_list(struct world *w)
{
	world_init(w, (struct world_size){ .per_cluster = 8, .space_clusters = 1, .slots = 31 });
	world_by_hand(w);
	cluster_list_del(w->k, CLUSTER);
}

static bool holds(struct world *w, const char *because)
{
	GString *why = g_string_new(NULL);
	bool yes = cluster_ownership.holds(&w->k->machine, why);

	if (!yes)
		CU_ASSERT_STRING_EQUAL(why->str, because);
	g_string_free(why, TRUE);
	return yes;
}

static void test_one_has_it(void)
{
	struct world w;

	cluster_on_no_list(&w);
	CU_ASSERT_FALSE(holds(&w, "cluster 1 of device 0 is on no list and 0 operations hold it"));
	ADD_ON(&w, 0, swap_cluster_alloc_table, .cluster = CLUSTER + 1);
	CU_ASSERT_TRUE(holds(&w, ""));
	world_release(&w);
}

static void test_two_have_it(void)
{
	struct world w;

	cluster_on_no_list(&w);
	for (u32 i = 0; i < 2; i++)
		ADD_ON(&w, i, swap_cluster_alloc_table, .cluster = CLUSTER + 1);
	CU_ASSERT_FALSE(holds(&w, "cluster 1 of device 0 is on no list and 2 operations hold it"));
	world_release(&w);
}

/* Who scans it does so for the one that took it off its list. */
static void test_a_scan_is_for_another(void)
{
	struct world w;

	cluster_on_no_list(&w);
	ADD_ON(&w, 0, alloc_swap_scan_cluster, .cluster = CLUSTER + 1);
	CU_ASSERT_FALSE(holds(&w, "cluster 1 of device 0 is on no list and 0 operations hold it"));
	ADD_ON(&w, 1, swap_cluster_alloc_table, .cluster = CLUSTER + 1);
	CU_ASSERT_TRUE(holds(&w, ""));
	world_release(&w);
}

/* Who has dropped the cluster's lock to reclaim a slot may find that another has taken it meanwhile. */
static void test_lock_is_dropped(void)
{
	enum { SLOTS = 7 /* of the first cluster, the header's has one */ };
	struct world w;
	u32 first;

	world_init(&w, (struct world_size){
			   .device = "nvme-client", .per_cluster = 8, .space_clusters = 1, .slots = 31 });
	world_write_range(&w, 0, SLOTS);
	world_pageout(&w, 0, SLOTS);
	CU_ASSERT_EQUAL_FATAL(w.k->cluster[0].flags, CLUSTER_FULL);
	w.k->slot[1].map = SWAP_HAS_CACHE; /* nobody refers to it any more */
	world_by_hand(&w);
	first = ADD_ON(&w, 0, swap_reclaim_full_clusters, .device = 0, .to_scan = 1);
	CU_ASSERT(world_step_to(&w, first, "try_to_reclaim_swap.TRY_LOCK"));
	CU_ASSERT_TRUE(holds(&w, ""));
	ADD_ON(&w, 1, swap_cluster_alloc_table, .cluster = 0 + 1);
	CU_ASSERT_TRUE(holds(&w, ""));
	world_release(&w);
}

static const struct unit tests[] = {
	{ "one operation has a cluster that is on no list", test_one_has_it },
	{ "two are one too many", test_two_have_it },
	{ "who scans it has it from somebody", test_a_scan_is_for_another },
	{ "who has dropped its lock does not count", test_lock_is_dropped },
};

UNIT_MAIN("ownership", tests)
