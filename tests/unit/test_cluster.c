/* The lists of clusters. */
#include "models/swap/cluster.h"

#include "tests/unit/world.h"

enum { CLUSTERS = 5 };

static void five_clusters(struct world *w, const char *release)
{
	world_init(w, (struct world_size){ .release = release, .per_cluster = 4, .slots = 4 * CLUSTERS - 1 });
}

/* The clusters of a list, as digits from head to tail. */
static u32 order(const struct world *w, enum cluster_flag list)
{
	u32 digits = 0;

	for (u32 c = w->k->device[0].list[list].head; c; c = w->k->cluster[c - 1].next)
		digits = digits * 10 + c - 1;
	return digits;
}

static void test_add_and_remove(void)
{
	struct world w;

	five_clusters(&w, "6.18");
	CU_ASSERT_EQUAL(order(&w, CLUSTER_FREE), 1234);
	cluster_list_del(w.k, 2);
	CU_ASSERT_EQUAL(order(&w, CLUSTER_FREE), 134);
	CU_ASSERT_EQUAL(w.k->cluster[2].flags, CLUSTER_NONE);
	cluster_list_del(w.k, 1);
	cluster_list_del(w.k, 4);
	CU_ASSERT_EQUAL(order(&w, CLUSTER_FREE), 3);
	cluster_list_append(w.k, 1, CLUSTER_FRAG);
	cluster_list_append(w.k, 2, CLUSTER_FRAG);
	CU_ASSERT_EQUAL(order(&w, CLUSTER_FRAG), 12);
	CU_ASSERT_EQUAL(w.k->device[0].list[CLUSTER_FRAG].count, 2);
	cluster_move(w.k, 1, CLUSTER_FREE); /* always to the tail */
	CU_ASSERT_EQUAL(order(&w, CLUSTER_FREE), 31);
	cluster_move(w.k, 3, CLUSTER_FREE);
	CU_ASSERT_EQUAL(order(&w, CLUSTER_FREE), 13);
	cluster_list_del(w.k, 4); /* on no list: nothing happens */
	CU_ASSERT_EQUAL(w.k->device[0].list[CLUSTER_FREE].count, 2);
	CU_ASSERT_EQUAL(w.k->cluster[3].flags, CLUSTER_FREE);
	world_release(&w);
}

static void test_where_it_belongs(void)
{
	struct world w;

	five_clusters(&w, "6.18");
	w.k->cluster[1].count = 0;
	CU_ASSERT_EQUAL(cluster_list_for(w.k, 1, false), CLUSTER_FREE);
	CU_ASSERT_EQUAL(cluster_list_for(w.k, 1, true), CLUSTER_FREE);
	w.k->cluster[1].count = 1;
	CU_ASSERT_EQUAL(cluster_list_for(w.k, 1, false), CLUSTER_FRAG);
	CU_ASSERT_EQUAL(cluster_list_for(w.k, 1, true), CLUSTER_NONFULL);
	w.k->cluster[1].count = 4;
	CU_ASSERT_EQUAL(cluster_list_for(w.k, 1, false), CLUSTER_FULL);
	CU_ASSERT(cluster_is_full(w.k, 1));
	world_release(&w);
}

static void test_usable(void)
{
	static const struct {
		enum cluster_flag flags;
		bool usable;
	} rows[] = { { CLUSTER_NONE, true }, { CLUSTER_FREE, true },  { CLUSTER_NONFULL, true },
		     { CLUSTER_FRAG, true }, { CLUSTER_FULL, false }, { CLUSTER_DISCARD, false } };
	struct world old, new;

	five_clusters(&old, "6.17");
	five_clusters(&new, "6.18");
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		old.k->cluster[1].flags = new.k->cluster[1].flags = rows[i].flags;
		new.k->cluster[1].has_table = 1;
		CU_ASSERT_EQUAL(cluster_is_usable(old.k, 1, 0), rows[i].usable);
		CU_ASSERT_EQUAL(cluster_is_usable(new.k, 1, 0), rows[i].usable);
		new.k->cluster[1].has_table = 0; /* of no use without a table */
		CU_ASSERT_FALSE(cluster_is_usable(new.k, 1, 0));
	}
	world_release(&old);
	world_release(&new);
}

static const struct unit tests[] = {
	{ "clusters go to the tail and leave from anywhere", test_add_and_remove },
	{ "its count tells the list a cluster belongs on", test_where_it_belongs },
	{ "a cluster is usable up to the frag list, from 6.18 on if it has a table", test_usable },
};

UNIT_MAIN("cluster", tests)
