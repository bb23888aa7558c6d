/* Allocation on a rotational device: one cluster for all CPUs, under one lock. */
#include "models/mm/memory.h"
#include "models/swap/cluster.h"
#include "tests/unit/world.h"

enum { PER_CLUSTER = 8, CLUSTERS = 6 };

static void six_clusters(struct world *w, const char *release, const char *device)
{
	world_init(w, (struct world_size){ .release = release,
					   .device = device,
					   .per_cluster = PER_CLUSTER,
					   .space_clusters = 8,
					   .slots = CLUSTERS * PER_CLUSTER - 1,
					   .check_locks = true });
}

static u32 new_folio(struct world *w)
{
	u32 folio = folio_alloc(w->k, 0, 0);

	w->k->folio[folio].memcg = 1;
	w->k->folio_io[folio].lock = w->k->machine.tasks + 1;
	return folio;
}

static u32 take_on(struct world *w, u32 cpu)
{
	u32 folio = new_folio(w);

	return RUN_ON(w, cpu, folio_alloc_swap, .folio = folio) ? 0 : w->k->folio_io[folio].swap;
}

static const char *const releases[] = { "6.14", "6.17", "6.18" };

static void test_one_cluster_for_all(void)
{
	struct world w;

	for (u32 i = 0; i < ARRAY_SIZE(releases); i++) {
		six_clusters(&w, releases[i], "disk-rot");
		u32 first = take_on(&w, 0);

		for (u32 n = 1; n < PER_CLUSTER - 1; n++)
			CU_ASSERT_EQUAL(take_on(&w, n % 2), first + n);
		CU_ASSERT_EQUAL(((struct percpu *)percpu_of(&w.k->machine, 0))->swap_hint, 0);
		CU_ASSERT_EQUAL(locks_taken(&w, CLASS_GLOBAL_CLUSTER), PER_CLUSTER - 1);
		world_release(&w);
		six_clusters(&w, releases[i], "disk");
		first = take_on(&w, 0);
		CU_ASSERT_EQUAL(cluster_of(w.k, take_on(&w, 1)) == cluster_of(w.k, first), false);
		CU_ASSERT_EQUAL(locks_taken(&w, CLASS_GLOBAL_CLUSTER), 0);
		world_release(&w);
	}
}

static void test_all_slots(void)
{
	struct world w;

	for (u32 i = 0; i < ARRAY_SIZE(releases); i++) {
		six_clusters(&w, releases[i], "disk-rot");
		for (u32 n = 0; n < CLUSTERS * PER_CLUSTER - 1; n++)
			CU_ASSERT_FATAL(take_on(&w, n % 2) != 0);
		CU_ASSERT_EQUAL(take_on(&w, 0), 0);
		CU_ASSERT_EQUAL(w.k->device[0].global_next, 0);
		CU_ASSERT_EQUAL(w.k->device[0].global_cluster_lock.owner, 0);
		world_release(&w);
	}
}

/* Emptied behind its back: up to 6.17 it starts again, in 6.18 its table is gone and it is free. */
static void test_stale_next(void)
{
	struct world w;
	u32 entry;

	for (u32 i = 0; i < ARRAY_SIZE(releases); i++) {
		six_clusters(&w, releases[i], "disk-rot");
		do {
			entry = take_on(&w, 0);
		} while (entry < 1 * PER_CLUSTER);
		RUN(&w, folio_free_swap, .folio = word_folio(w.k->slot[entry].cache));
		CU_ASSERT_EQUAL(w.k->device[0].global_next, entry + 1);
		CU_ASSERT_EQUAL(take_on(&w, 1), i == 2 ? entry + PER_CLUSTER : entry);
		world_release(&w);
	}
}

/* The other CPU waits where it would find a cluster of its own. */
static void test_one_at_a_time(void)
{
	struct world w;
	u32 a, b;

	six_clusters(&w, "6.18", "disk-rot");
	take_on(&w, 0);
	world_by_hand(&w);
	a = ADD_ON(&w, 0, folio_alloc_swap, .folio = new_folio(&w));
	b = ADD_ON(&w, 1, folio_alloc_swap, .folio = new_folio(&w));
	CU_ASSERT(world_step_to(&w, a, "cluster_alloc_swap_entry.LOCK_NEXT"));
	CU_ASSERT_FALSE(world_step_to(&w, b, "cluster_alloc_swap_entry.LOCK_NEXT"));
	CU_ASSERT(world_step_to(&w, a, NULL));
	CU_ASSERT(world_step_to(&w, b, NULL));
	world_release(&w);
}

/* Who sleeps for a table holds no lock. */
static void test_sleeper_lets_go(void)
{
	struct world w;
	u32 task;

	six_clusters(&w, "6.18", "disk-rot");
	for (u32 i = 0; i < PER_CLUSTER - 1; i++)
		take_on(&w, 0);
	task = new_folio(&w);
	w.k->memory->free = w.k->memory->min / 2; /* no table at once */
	world_by_hand(&w);
	task = ADD_ON(&w, 0, folio_alloc_swap, .folio = task);
	CU_ASSERT(world_step_to(&w, task, "swap_cluster_alloc_table.SLEEP"));
	CU_ASSERT_EQUAL(w.k->device[0].global_cluster_lock.owner, 0);
	CU_ASSERT(world_step_to(&w, task, "swap_cluster_alloc_table.LOCK_CI"));
	CU_ASSERT(w.k->device[0].global_cluster_lock.owner != 0);
	CU_ASSERT(world_step_to(&w, task, NULL));
	CU_ASSERT_EQUAL(w.k->device[0].global_cluster_lock.owner, 0);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "CPUs go on in one cluster on a rotational device, and on no other", test_one_cluster_for_all },
	{ "all its slots are given", test_all_slots },
	{ "a next slot whose cluster was emptied", test_stale_next },
	{ "one CPU allocates at a time", test_one_at_a_time },
	{ "who sleeps for a swap table lets the others go on", test_sleeper_lets_go },
};

UNIT_MAIN("alloc_global_cluster", tests)
