/* The swap cache without SWAP_HAS_CACHE (7.0): slots come with their folio, and go with it and their count.
 */
#include "tests/unit/order_world.h"

static void init(struct world *w)
{
	world_init(w, (struct world_size){ .release = "7.0", .max_order = 2 });
}

static void test_slot_comes_with_the_folio(void)
{
	struct world w;
	u32 folio, entry, task;
	u64 locks;

	init(&w);
	take(&w, 0); /* the CPU has its cluster */
	folio = new_folio(&w, 0);
	locks = locks_taken(&w, CLASS_CLUSTER);
	world_by_hand(&w);
	task = ADD_ON(&w, 0, folio_alloc_swap, .folio = folio);
	CU_ASSERT(world_step_to(&w, task, "alloc_swap_scan_cluster.UNLOCK_CI"));
	entry = w.k->folio_io[folio].swap;
	CU_ASSERT_EQUAL(folio_in(&w, entry), folio);
	CU_ASSERT_EQUAL(swap_count(w.k, entry), 0);
	CU_ASSERT(slot_is_cache_only(w.k, entry));
	CU_ASSERT(world_step_to(&w, task, NULL));
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_CLUSTER) - locks, 1);
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 2);
	world_release(&w);
}

static void test_refused_charge(void)
{
	struct world w;
	u32 folio;

	world_init(&w, (struct world_size){ .release = "7.0", .swap_limit = 1 });
	take(&w, 0);
	folio = new_folio(&w, 0);
	CU_ASSERT_EQUAL(RUN(&w, folio_alloc_swap, .folio = folio), PATH_ENOMEM);
	CU_ASSERT_FALSE(w.k->folio[folio].flags & FOLIO_SWAPCACHE);
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 1);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 1);
	world_release(&w);
}

static void test_last_reference_or_folio(void)
{
	struct world w;
	u32 one, other, folio;

	init(&w);
	one = take(&w, 0);
	other = take(&w, 0);
	unuse(&w, one);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 2); /* it has a folio */
	folio = folio_in(&w, one);
	CU_ASSERT_FALSE(w.k->folio[folio].flags & FOLIO_DIRTY);
	CU_ASSERT_EQUAL(RUN(&w, folio_free_swap, .folio = folio), true);
	CU_ASSERT(w.k->folio[folio].flags & FOLIO_DIRTY); /* there is no other copy */
	CU_ASSERT_EQUAL(w.k->folio_io[folio].swap, 0);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 1);
	forget_folio(&w, other);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 1); /* it has a reference */
	RUN(&w, swap_free, .entry = other, .nr = 1);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 0);
	world_release(&w);
}

/* Of a folio of four, two slots are in use. */
static void test_part_of_a_folio(void)
{
	struct world w;
	u32 entry, folio;

	init(&w);
	entry = take(&w, 2);
	folio = folio_in(&w, entry);
	RUN(&w, swap_free, .entry = entry, .nr = 1);
	RUN(&w, swap_free, .entry = entry + 2, .nr = 1);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 4);
	CU_ASSERT_EQUAL(RUN(&w, folio_free_swap, .folio = folio), false);
	forget_folio(&w, entry);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 2);
	CU_ASSERT(slot_is_free(w.k, entry) && slot_is_free(w.k, entry + 2));
	CU_ASSERT_EQUAL(swap_count(w.k, entry + 1) + swap_count(w.k, entry + 3), 2);
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 1);
	world_release(&w);
}

/* Whichever of them nobody refers to. */
static void test_any_part(void)
{
	for (u32 unused = 0; unused < 16; unused++) {
		struct world w;
		u32 entry, folio;

		init(&w);
		entry = take(&w, 2);
		for (u32 i = 0; i < 4; i++) {
			w.k->slot[entry + i].content = 7;
			if (unused & 1u << i)
				RUN(&w, swap_free, .entry = entry + i, .nr = 1);
		}
		w.k->folio[folio_in(&w, entry)].flags |= FOLIO_UNSEEN;
		folio = folio_in(&w, entry);
		forget_folio(&w, entry);
		CU_ASSERT_FALSE(w.k->folio[folio].flags & FOLIO_UNSEEN); /* it may be partly mapped now */
		for (u32 i = 0; i < 4; i++) {
			CU_ASSERT_EQUAL(slot_is_free(w.k, entry + i), (unused >> i) & 1);
			CU_ASSERT_EQUAL(w.k->slot[entry + i].content, (unused >> i) & 1 ? 0 : 7);
			CU_ASSERT_EQUAL(w.k->slot[entry + i].memcg, !((unused >> i) & 1));
		}
		CU_ASSERT_EQUAL(w.k->device[0].inuse, 4 - (u32)__builtin_popcount(unused));
		world_release(&w);
	}
}

/* Under cgroup v1 the charge of a page that is evicted becomes its slot's, and is gone if that is freed. */
static void test_eviction_v1(void)
{
	struct world w;
	u32 kept, unused;

	world_init(&w, (struct world_size){ .release = "7.0", .cgroup_version = 1, .memsw_limit = 100 });
	kept = take(&w, 0);
	unused = take(&w, 0);
	unuse(&w, unused);
	w.k->memcg[0].usage = w.k->memcg[1].usage = w.k->memcg[0].memsw = w.k->memcg[1].memsw = 2;
	CU_ASSERT_EQUAL(RUN(&w, remove_mapping, .folio = folio_in(&w, kept)), true);
	CU_ASSERT_EQUAL(w.k->slot[kept].memcg, 1);
	CU_ASSERT_EQUAL(w.k->memcg[1].usage, 1);
	CU_ASSERT_EQUAL(w.k->memcg[1].memsw, 2);
	CU_ASSERT_EQUAL(RUN(&w, remove_mapping, .folio = folio_in(&w, unused)), true);
	CU_ASSERT_EQUAL(w.k->slot[unused].memcg, 0);
	CU_ASSERT_EQUAL(w.k->memcg[1].memsw, 1);
	world_release(&w);
}

/* What nobody refers to cannot be given back. */
static void test_given_back_twice(void)
{
	GError *error = NULL;
	struct world w;
	u32 entry;

	init(&w);
	entry = take(&w, 0);
	unuse(&w, entry);
	ADD_ON(&w, 0, swap_free, .entry = entry, .nr = 1);
	CU_ASSERT_FALSE(machine_run(&w.k->machine, TIME_NEVER - 1, &error));
	CU_ASSERT(error && strstr(error->message, "slot_conservation"));
	g_clear_error(&error);
	world_release(&w);
}

/* Reclaim removes the folio, leaves a shadow, and frees the slot nobody needs, in one section. */
static void test_eviction(void)
{
	struct world w;
	u32 kept, unused;
	u64 locks;

	init(&w);
	kept = take(&w, 0);
	unused = take(&w, 0);
	unuse(&w, unused);
	locks = locks_taken(&w, CLASS_CLUSTER);
	CU_ASSERT_EQUAL(RUN(&w, remove_mapping, .folio = folio_in(&w, kept)), true);
	CU_ASSERT_EQUAL(RUN(&w, remove_mapping, .folio = folio_in(&w, unused)), true);
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_CLUSTER) - locks, 2);
	CU_ASSERT_NOT_EQUAL(word_shadow(w.k->slot[kept].cache), 0);
	CU_ASSERT_EQUAL(w.k->slot[unused].cache, 0);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 1);
	world_release(&w);
}

/* Under cgroup v1 the folio gives its charge to the slot as it leaves; the shadow names its cgroup all the
 * same.
 */
static void test_shadow_names_the_cgroup(void)
{
	static const char *const kernels[] = { "6.18", "7.0", "7.1", "7.2" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct world w;
		struct world_size size = { .release = kernels[i], .cgroup_version = 1 };
		struct kernel_config c = world_config(&w, &size);
		u32 entry;

		c.lru = LRU_MULTI_GEN;
		w.k = kernel_new(&c, NULL);
		w.k->mm[0].users = 1;
		world_write(&w, 0);
		CU_ASSERT_EQUAL(world_pageout(&w, 0, 1), 1);
		entry = entry_at(&w, 0);
		CU_ASSERT_EQUAL(slot_shadow(w.k, entry) >> SHADOW_MEMCG_SHIFT & 0xffff, 1);
		CU_ASSERT_EQUAL(w.k->slot[entry].memcg, 1);
		world_release(&w);
	}
}

/* Who comes by way of the slot counts with the cluster locked, others from 7.1 on without. */
static void test_count_and_lock(void)
{
	static const struct {
		const char *release;
		u32 by_folio;
	} kernels[] = { { "7.0", 2 }, { "7.1", 1 }, { "7.2", 1 } };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct world w;
		u32 one, other;
		u64 locks;

		world_init(&w, (struct world_size){ .release = kernels[i].release });
		one = take(&w, 0);
		other = take(&w, 0);
		unuse(&w, one);
		unuse(&w, other);
		locks = locks_taken(&w, CLASS_CLUSTER);
		CU_ASSERT_EQUAL(RUN(&w, folio_free_swap, .folio = folio_in(&w, one)), true);
		CU_ASSERT_EQUAL(locks_taken(&w, CLASS_CLUSTER) - locks, kernels[i].by_folio);
		locks = locks_taken(&w, CLASS_CLUSTER);
		CU_ASSERT_EQUAL(RUN(&w, try_to_reclaim_swap, .entry = other), 1);
		CU_ASSERT_EQUAL(locks_taken(&w, CLASS_CLUSTER) - locks, 2);
		world_release(&w);
	}
}

/* Runs of slots end together, one that has a folio or another reference does not end with them. */
static void test_zap(void)
{
	struct world w;
	u32 entry[8];

	init(&w);
	for (u32 i = 0; i < ARRAY_SIZE(entry); i++) {
		entry[i] = take(&w, 0);
		CU_ASSERT_EQUAL_FATAL(entry[i], entry[0] + i);
		if (i != 3 && i != 6)
			forget_folio(&w, entry[i]);
	}
	RUN(&w, swap_duplicate, .entry = entry[5], .nr = 1);
	w.k->folio_io[folio_in(&w, entry[3])].lock = w.k->machine.config.tasks;
	RUN(&w, free_swap_and_cache, .entry = entry[0], .nr = 8);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 2);
	CU_ASSERT(slot_is_free(w.k, entry[6]));	      /* and its folio is gone */
	CU_ASSERT(slot_is_cache_only(w.k, entry[3])); /* somebody has its lock */
	CU_ASSERT_EQUAL(swap_count(w.k, entry[5]), 1);
	w.k->folio_io[folio_in(&w, entry[3])].lock = 0;
	CU_ASSERT_EQUAL(RUN(&w, try_to_reclaim_swap, .entry = entry[3]), 1);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 1);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "a slot is taken and has its folio in one section", test_slot_comes_with_the_folio },
	{ "a folio whose swap is not granted leaves the cache and its slot", test_refused_charge },
	{ "a slot is free when it has neither a reference nor a folio", test_last_reference_or_folio },
	{ "each slot of a large folio for itself", test_part_of_a_folio },
	{ "whichever of its slots are in use", test_any_part },
	{ "a charge goes over to the slot, or goes with it", test_eviction_v1 },
	{ "a slot that nobody refers to is not given back", test_given_back_twice },
	{ "reclaim takes a folio out in one section", test_eviction },
	{ "a shadow names the cgroup that its folio had", test_shadow_names_the_cgroup },
	{ "who has the slot counts under the cluster's lock", test_count_and_lock },
	{ "slots that are given up end together in runs", test_zap },
};

UNIT_MAIN("cache_del", tests)
