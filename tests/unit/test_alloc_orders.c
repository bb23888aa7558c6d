/* Which slots a large folio gets, and what single pages may take of its clusters. */
#include "models/swap/cluster.h"
#include "models/swap/slot_cache.h"
#include "tests/unit/order_world.h"

enum { PER_CLUSTER = 8, CLUSTERS = 6, MAX_ORDER = 3 };

static void six_clusters(struct world *w, const char *release)
{
	world_init(w, (struct world_size){ .release = release,
					   .per_cluster = PER_CLUSTER,
					   .space_clusters = 2,
					   .max_order = MAX_ORDER,
					   .slots = CLUSTERS * PER_CLUSTER - 1 });
}

static u32 at(u32 cluster, u32 slot)
{
	return cluster * PER_CLUSTER + slot;
}

static u32 order_of(const struct world *w, u32 entry)
{
	return cluster_of(w->k, entry)->order;
}

static void test_aligned_and_in_clusters_of_its_order(void)
{
	struct world w;

	six_clusters(&w, "6.18");
	CU_ASSERT_EQUAL(take(&w, 1), at(1, 0)); /* the header's cluster is of order 0 */
	CU_ASSERT_EQUAL(take(&w, 2), at(2, 0));
	CU_ASSERT_EQUAL(take(&w, 1), at(1, 2)); /* each order goes on in its own */
	CU_ASSERT_EQUAL(take(&w, 0), at(0, 1));
	CU_ASSERT_EQUAL(take(&w, 2), at(2, 4));
	CU_ASSERT_EQUAL(take(&w, 2), at(3, 0));
	CU_ASSERT_EQUAL(order_of(&w, at(1, 0)), 1);
	CU_ASSERT_EQUAL(order_of(&w, at(2, 0)), 2);
	CU_ASSERT_EQUAL(order_of(&w, at(0, 1)), 0);
	CU_ASSERT_EQUAL(take_on(&w, 1, 1), at(4, 0)); /* another CPU, which leaves the frag cluster alone */
	world_release(&w);
}

static void test_every_word_names_the_folio(void)
{
	struct world w;
	u32 entry, folio;

	six_clusters(&w, "6.17");
	entry = take(&w, 2);
	folio = folio_in(&w, entry);
	for (u32 i = 0; i < 4; i++) {
		CU_ASSERT_EQUAL(word_folio(w.k->slot[entry + i].cache), folio);
		CU_ASSERT_EQUAL(w.k->slot[entry + i].map, SWAP_HAS_CACHE | 1);
		CU_ASSERT_EQUAL(w.k->slot[entry + i].memcg, 1);
	}
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 1 + 4);
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 4);
	CU_ASSERT_EQUAL(counted(&w, SLOTS_ALLOCATED), 4);
	CU_ASSERT_EQUAL(w.k->xa_leaf[entry >> 6], 4);
	give(&w, entry);
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 1);
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 0);
	CU_ASSERT_EQUAL(w.k->xa_leaf[entry >> 6], 0);
	world_release(&w);
}

static void test_order_lasts_until_empty(void)
{
	struct world w;
	u32 a, b;

	six_clusters(&w, "6.18");
	a = take(&w, 1);
	b = take(&w, 1);
	give(&w, a);
	CU_ASSERT_EQUAL(order_of(&w, a), 1);
	CU_ASSERT_EQUAL(cluster_list_of(w.k, 0, list_named(CLUSTER_NONFULL, 1))->count, 1);
	give(&w, b);
	CU_ASSERT_EQUAL(order_of(&w, a), 0);
	CU_ASSERT_EQUAL(cluster_of(w.k, a)->flags, CLUSTER_FREE);
	CU_ASSERT_EQUAL(cluster_list_of(w.k, 0, list_named(CLUSTER_NONFULL, 1))->count, 0);
	world_release(&w);
}

/* A hint to a cluster that has come to another order is not followed, but by a single page. */
static void test_hints_of_another_order(void)
{
	struct world w;
	u32 a;

	six_clusters(&w, "6.18");
	a = take(&w, 1);
	*swap_hint_of_cpu(w.k, 0, 2) = a;
	*swap_hint_of_cpu(w.k, 1, 0) = a + 2;
	CU_ASSERT_EQUAL(take(&w, 2), at(2, 0));
	CU_ASSERT_EQUAL(take_on(&w, 1, 0), a + 2);
	CU_ASSERT_EQUAL(order_of(&w, a), 1);
	world_release(&w);
}

static void test_larger_than_a_cluster(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .per_cluster = 4, .max_order = MAX_ORDER, .slots = 63 });
	CU_ASSERT_EQUAL(RUN(&w, folio_alloc_swap, .folio = new_folio(&w, 3)), PATH_EAGAIN);
	CU_ASSERT_EQUAL(RUN(&w, folio_alloc_swap, .folio = new_folio(&w, 2)), PATH_OK);
	CU_ASSERT_EQUAL(counted(&w, SWAP_EVENTS_FAIL), 0);
	world_release(&w);
}

/* One as large as a cluster needs one that is free. */
static void test_as_large_as_a_cluster(void)
{
	struct world w;
	u32 first;

	six_clusters(&w, "6.18");
	first = take(&w, 3);
	CU_ASSERT_EQUAL(first, at(1, 0));
	CU_ASSERT_EQUAL(cluster_of(w.k, first)->flags, CLUSTER_FULL);
	take_all(&w, 3, 4);
	CU_ASSERT_EQUAL(take(&w, 3), 0);
	CU_ASSERT_EQUAL(counted(&w, SWAP_EVENTS_FAIL), 1);
	give(&w, first);
	CU_ASSERT_EQUAL(take(&w, 3), first);
	world_release(&w);
}

/* What single pages take when no cluster of their order and no free one is left. */
static void test_steal(const char *release)
{
	struct world w;
	u32 ones, twos[4];

	six_clusters(&w, release);
	twos[0] = take(&w, 2);
	take(&w, 2);
	twos[2] = take(&w, 2);
	ones = take(&w, 1);
	take_all(&w, 3, 2);
	take_all(&w, 0, PER_CLUSTER - 1); /* the header's cluster is full as well */
	CU_ASSERT_EQUAL(w.k->device[0].list[CLUSTER_FREE].count, 0);
	give(&w, twos[0]); /* nonfull; the other two are frag */
	CU_ASSERT_EQUAL(take(&w, 0), ones + 2);
	CU_ASSERT_EQUAL(order_of(&w, ones), 1);
	take_all(&w, 0, 5);
	CU_ASSERT_EQUAL(take(&w, 0), twos[2] + 4); /* frag before nonfull */
	take_all(&w, 0, 3);
	CU_ASSERT_EQUAL(take(&w, 0), twos[0]);
	take_all(&w, 0, 3);
	CU_ASSERT_EQUAL(take(&w, 0), 0);
	world_release(&w);
}

static void test_steals_when_nothing_else_is_left(void)
{
	test_steal("6.12");
	test_steal("6.14");
	test_steal("6.17");
	test_steal("6.18");
}

static void test_large_ones_do_not_steal(const char *release)
{
	struct world w;
	u32 first;

	six_clusters(&w, release);
	take_all(&w, 3, 4);
	first = take(&w, 2);
	CU_ASSERT_EQUAL(take(&w, 1),
			0); /* half of a cluster of order 2 and most of one of order 0 are free */
	CU_ASSERT_EQUAL(take(&w, 2), first + 4);
	world_release(&w);
}

static void test_nobody_else_steals(void)
{
	test_large_ones_do_not_steal("6.18");
	test_large_ones_do_not_steal("6.17");
}

/* Two clusters of order 1 with a hole for a single page each, and then one with room for two. */
static void fragment(struct world *w, u32 *room)
{
	u32 entry[12];

	for (u32 i = 0; i < 12; i++)
		entry[i] = take(w, 1);
	take_all(w, 3, 2);
	for (u32 c = 0; c < 3; c++) {
		forget_folio(w, entry[4 * c]); /* one of its slots remains */
		RUN(w, swap_free, .entry = entry[4 * c], .nr = 1);
	}
	for (u32 c = 0; c < 3; c++)
		CU_ASSERT_EQUAL(take(w, 1), 0); /* each is scanned, and on the frag list now */
	RUN(w, swap_free, .entry = entry[8] + 1, .nr = 1);
	*room = entry[8];
}

static void test_one_frag_cluster(void)
{
	struct world w;
	u32 room;

	six_clusters(&w, "6.18");
	fragment(&w, &room);
	cluster_move(w.k, room / PER_CLUSTER, CLUSTER_FRAG); /* as if it had been scanned: the last */
	CU_ASSERT_EQUAL(take(&w, 1), 0);
	CU_ASSERT_EQUAL(take(&w, 1), 0);
	CU_ASSERT_EQUAL(take(&w, 1), room);
	world_release(&w);
	six_clusters(&w, "6.17");
	fragment(&w, &room);
	cluster_move(w.k, room / PER_CLUSTER, CLUSTER_FRAG);
	CU_ASSERT_EQUAL(take(&w, 1), room);
	world_release(&w);
}

static void test_nonfull_or_free_first(void)
{
	struct world w;
	u32 a, last;

	six_clusters(&w, "6.18");
	a = take(&w, 2);
	take(&w, 2);
	give(&w, a);
	CU_ASSERT_EQUAL(take_on(&w, 1, 2), a);
	world_release(&w);
	six_clusters(&w, "6.17");
	a = take(&w, 2);
	last = take(&w, 2);
	give(&w, a);
	CU_ASSERT_NOT_EQUAL(take_on(&w, 1, 2) / PER_CLUSTER, last / PER_CLUSTER);
	world_release(&w);
}

static u32 *hint_of(struct world *w, u32 order)
{
	return w->k->release->slot_caches ? next_slot_of(w->k, 0, 0, order)
					  : swap_hint_of_cpu(w->k, 0, order);
}

/* A range with folios that only the cache holds is as good as a free one when swap is more than half full. */
static void test_reclaims_a_range(const char *release)
{
	struct world w;
	u32 one, other, folio;

	six_clusters(&w, release);
	one = take(&w, 1);
	other = take(&w, 1);
	folio = folio_in(&w, one);
	unuse(&w, one);
	take_all(&w, 3, 2);
	*hint_of(&w, 1) = one;
	CU_ASSERT_EQUAL(take(&w, 1), other + 2);
	take_all(&w, 3, 2);
	CU_ASSERT(vm_swap_full(w.k));
	*hint_of(&w, 1) = one;
	CU_ASSERT_EQUAL(take(&w, 1), one);
	CU_ASSERT_EQUAL(w.k->folio[folio].flags & FOLIO_SWAPCACHE, 0);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 4 * PER_CLUSTER + 6);
	world_release(&w);
}

/* A range is given up if one folio in it is busy, or if somebody takes a slot of it meanwhile. */
static void test_gives_up_a_range(const char *release)
{
	struct world w;
	u32 first, folio;

	six_clusters(&w, release);
	take_all(&w, 3, 3);
	first = take(&w, 2);
	folio = folio_in(&w, first);
	unuse(&w, first);
	CU_ASSERT(vm_swap_full(w.k));
	w.k->folio_io[folio].lock = w.k->machine.config.tasks;
	*hint_of(&w, 2) = first;
	CU_ASSERT_EQUAL(take(&w, 2), first + 4);
	w.k->folio_io[folio].lock = 0;
	CU_ASSERT_EQUAL(w.k->slot[first].map, SWAP_HAS_CACHE);
	world_release(&w);
}

/* A full cluster is made one that is not, of its order. */
static void test_reclaims_a_full_cluster(const char *release)
{
	struct world w;
	u32 first, got = 0;

	six_clusters(&w, release);
	first = take(&w, 2);
	take(&w, 2);
	take_all(&w, 3, 4);
	unuse(&w, first);
	for (u32 i = 0; i < CLUSTERS && !got; i++)
		got = take(&w, 2);
	CU_ASSERT_EQUAL(got, first);
	world_release(&w);
}

/* Two folios that only the cache holds make a range; the first goes while it is looked for. Returns whether
 * the range is had all the same. */
static bool gone_meanwhile(const char *release)
{
	struct world w;
	u32 first, task;
	bool had;

	six_clusters(&w, release);
	take(&w, 0);
	first = take(&w, 0);
	CU_ASSERT_EQUAL(first % 2, 0);
	CU_ASSERT_EQUAL(take(&w, 0), first + 1);
	unuse(&w, first);
	unuse(&w, first + 1);
	w.k->cluster[first / PER_CLUSTER].order = 1; /* of single pages, for once */
	w.k->swap->free_pages = 0;		     /* as good as full */
	*hint_of(&w, 1) = first;
	world_by_hand(&w);
	task = ADD_ON(&w, 0, folio_alloc_swap, .folio = new_folio(&w, 1));
	CU_ASSERT(world_step_to(&w, task, "try_to_reclaim_swap.LOOKUP"));
	CU_ASSERT(world_step_to(
	    &w, ADD_ON(&w, 1, folio_free_swap, .folio = folio_in(&w, first), .anyway = true), NULL));
	CU_ASSERT(world_step_to(&w, task, "alloc_swap_scan_cluster.UNLOCK_CI"));
	had = folio_in(&w, first) && folio_nr_pages(w.k, folio_in(&w, first)) == 2;
	world_release(&w);
	return had;
}

static void test_gone_meanwhile(void)
{
	CU_ASSERT_FALSE(gone_meanwhile("6.18"));
	CU_ASSERT(gone_meanwhile("7.0"));
	CU_ASSERT(gone_meanwhile("7.2"));
}

static void test_ranges_are_reclaimed(void)
{
	static const char *const releases[] = { "6.12", "6.14", "6.17", "6.18" };

	for (u32 i = 0; i < ARRAY_SIZE(releases); i++) {
		test_reclaims_a_range(releases[i]);
		test_gives_up_a_range(releases[i]);
		test_reclaims_a_full_cluster(releases[i]);
	}
}

static void test_one_device_is_enough(void)
{
	struct world w;

	world_init(&w,
		   (struct world_size){
		       .per_cluster = 8, .space_clusters = 2, .max_order = 3, .slots = 15, .devices = 2 });
	take(&w, 2);
	take(&w, 2);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 8);
	w.k->swap->avail_order[0] = 0; /* the walk begins with the full one */
	CU_ASSERT_EQUAL(take(&w, 2), 0);
	CU_ASSERT(take(&w, 0) != 0);
	world_release(&w);
}

static void test_not_out_of_slot_caches(const char *release)
{
	struct world w;
	u32 entry;

	world_init(&w, (struct world_size){ .release = release, .max_order = 9 });
	take(&w, 0);
	CU_ASSERT_EQUAL(slot_caches_count(w.k), 63);
	entry = take(&w, 4);
	CU_ASSERT_EQUAL(slot_caches_count(w.k), 63);
	CU_ASSERT_EQUAL(*next_slot_of(w.k, 0, 0, 4), entry + 16);
	CU_ASSERT_EQUAL(slots_reserved(w.k), 0);
	CU_ASSERT_EQUAL(w.k->swap->free_pages, 4095 - 64 - 16);
	give(&w, entry);
	CU_ASSERT_EQUAL(w.k->slot[entry].map, 0); /* nor into one */
	CU_ASSERT_EQUAL(w.k->swap->free_pages, 4095 - 64);
	world_release(&w);
}

static void test_slot_caches_are_for_single_pages(void)
{
	test_not_out_of_slot_caches("6.12");
	test_not_out_of_slot_caches("6.14");
}

static void test_rotational(void)
{
	struct world w;
	u32 entry;

	world_init(&w, (struct world_size){ .device = "hdd7200", .max_order = 9 });
	entry = take_on(&w, 0, 4);
	CU_ASSERT_EQUAL(take_on(&w, 1, 4), entry + 16); /* all CPUs go on in one cluster of each order */
	CU_ASSERT_EQUAL(*swap_hint_of(w.k, 0, &w.k->device[0], 4), entry + 32);
	CU_ASSERT_NOT_EQUAL(take(&w, 5) / 512, entry / 512);
	world_release(&w);
	world_init(&w, (struct world_size){ .device = "hdd7200", .max_order = 9, .release = "6.12" });
	CU_ASSERT_EQUAL(take(&w, 4), 0);
	CU_ASSERT(take(&w, 0) != 0);
	world_release(&w);
}

static void test_swap_max(const char *release)
{
	struct world w;
	u32 folio;

	world_init(&w, (struct world_size){ .release = release, .max_order = 4, .swap_limit = 20 });
	folio = new_folio(&w, 4);
	CU_ASSERT_EQUAL(RUN(&w, folio_alloc_swap, .folio = folio), PATH_OK);
	folio = new_folio(&w, 3);
	CU_ASSERT_EQUAL(RUN(&w, folio_alloc_swap, .folio = folio), PATH_ENOMEM);
	CU_ASSERT_EQUAL(counted(&w, SWAP_EVENTS_MAX), 1);
	CU_ASSERT_EQUAL(counted(&w, SWAP_EVENTS_FAIL), 1);
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 16);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 16);
	CU_ASSERT_EQUAL(RUN(&w, folio_alloc_swap, .folio = new_folio(&w, 2)), PATH_OK);
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 20);
	world_release(&w);
}

static void test_charged_as_a_whole(void)
{
	test_swap_max("6.12");
	test_swap_max("6.18");
}

static const struct unit tests[] = {
	{ "slots of a large folio are in a row, aligned, in a cluster of its order",
	  test_aligned_and_in_clusters_of_its_order },
	{ "each names the folio, and is counted and charged", test_every_word_names_the_folio },
	{ "a cluster keeps its order until it is empty", test_order_lasts_until_empty },
	{ "a hint to a cluster of another order is followed by single pages only",
	  test_hints_of_another_order },
	{ "a folio larger than a cluster is refused", test_larger_than_a_cluster },
	{ "one as large as a cluster needs a free one", test_as_large_as_a_cluster },
	{ "single pages steal when nothing else is left, frag before nonfull, small orders first",
	  test_steals_when_nothing_else_is_left },
	{ "larger ones do not", test_nobody_else_steals },
	{ "of frag clusters 6.18 tries one, 6.17 all", test_one_frag_cluster },
	{ "6.18 takes nonfull clusters before free ones for each order", test_nonfull_or_free_first },
	{ "what only the cache holds in a range makes room when swap is getting full",
	  test_ranges_are_reclaimed },
	{ "a folio that has just gone does not spoil its range from 7.0 on", test_gone_meanwhile },
	{ "a large folio is tried on one device", test_one_device_is_enough },
	{ "slot caches are for single pages", test_slot_caches_are_for_single_pages },
	{ "on a rotational device all CPUs go on in one cluster of each order; 6.12 has none there",
	  test_rotational },
	{ "memory.swap.max takes a large folio as a whole", test_charged_as_a_whole },
};

UNIT_MAIN("alloc orders", tests)
