/* Up to 6.14: the slots that CPUs keep for themselves. */
#include "models/swap/slot_cache.h"

#include "sim/random.h"
#include "tests/unit/slots_of_612.h"

static u32 kept(const struct world *w, u32 cpu)
{
	return w->k->slots_cache[cpu].nr;
}

static u32 returned(const struct world *w, u32 cpu)
{
	return w->k->slots_cache[cpu].n_ret;
}

static u32 kept_slot(const struct world *w, u32 cpu, enum slot_row row, u32 i)
{
	return w->k->cached_slot[slot_row_of(w->k, cpu, row) + i];
}

static void test_refill(void)
{
	struct world w;
	u32 first = 32 * 512;

	big_device(&w, 40 * 512 - 1);
	CU_ASSERT_EQUAL(take(&w), first); /* the next cluster of the first column */
	CU_ASSERT_EQUAL(w.k->swap_slots->active, 1);
	CU_ASSERT_EQUAL(kept(&w, 0), 63);
	CU_ASSERT_EQUAL(kept(&w, 1), 0);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 64);
	CU_ASSERT_EQUAL(w.k->swap->free_pages, (s64)w.k->swap->total_pages - 64);
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 1); /* charged when it is handed out */
	CU_ASSERT_EQUAL(w.k->slot[first + 1].map, SWAP_HAS_CACHE);
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_SWAP_DEVICE), 1);
	for (u32 i = 1; i < 64; i++)
		CU_ASSERT_EQUAL(take(&w), first + i);
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_SWAP_DEVICE), 1);
	CU_ASSERT_EQUAL(take(&w), first + 64);
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_SWAP_DEVICE), 2);
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_SLOTS_ALLOC), 65);
	world_release(&w);
}

static void test_returned_in_batches(void)
{
	struct world w;
	u32 first;

	big_device(&w, 40 * 512 - 1);
	first = take(&w);
	take_all(&w, 127);
	for (u32 i = 0; i < 64; i++)
		give_on(&w, 1, first + i);
	CU_ASSERT_EQUAL(returned(&w, 1), 64);
	CU_ASSERT_EQUAL(returned(&w, 0), 0);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 128); /* nothing is free yet */
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 128);
	CU_ASSERT_EQUAL(w.k->slot[first].map, SWAP_HAS_CACHE);
	CU_ASSERT_EQUAL(w.k->slot[first].memcg, 1);
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_SWAP_DEVICE), 2);
	give_on(&w, 1, first + 64); /* fills no row: the full one goes first */
	CU_ASSERT_EQUAL(returned(&w, 1), 1);
	CU_ASSERT_EQUAL(kept_slot(&w, 1, SLOTS_RETURNED, 0), first + 64);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 64);
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 64);
	CU_ASSERT_EQUAL(w.k->slot[first].map, 0);
	CU_ASSERT_EQUAL(w.k->slot[first].memcg, 0);
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_SWAP_DEVICE), 3);
	expect_audit(&w, "");
	world_release(&w);
}

/* More than 5 x 64 x 2 free slots switch them on, fewer than 2 x 64 x 2 off. */
static void test_thresholds(void)
{
	struct world w;

	big_device(&w, 8 * 512 - 1);
	set_free(&w, 5 * 64 * CPUS);
	CU_ASSERT_EQUAL(RUN(&w, check_cache_active, .cpu = 0), false);
	set_free(&w, 5 * 64 * CPUS + 1);
	CU_ASSERT_EQUAL(RUN(&w, check_cache_active, .cpu = 0), true);
	set_free(&w, 5 * 64 * CPUS);
	CU_ASSERT_EQUAL(RUN(&w, check_cache_active, .cpu = 0), true);
	set_free(&w, 2 * 64 * CPUS);
	CU_ASSERT_EQUAL(RUN(&w, check_cache_active, .cpu = 0), true);
	set_free(&w, 2 * 64 * CPUS - 1);
	CU_ASSERT_EQUAL(RUN(&w, check_cache_active, .cpu = 0), false);
	set_free(&w, 2 * 64 * CPUS + 1);
	CU_ASSERT_EQUAL(RUN(&w, check_cache_active, .cpu = 0), false);
	world_release(&w);
}

static void test_off_means_empty(void)
{
	struct world w;
	s64 free;
	u32 first;

	big_device(&w, 8 * 512 - 1);
	first = take(&w);
	take_all(&w, 9);
	CU_ASSERT(take_on(&w, 1) != 0);
	give_on(&w, 1, first);
	give_on(&w, 0, first + 1);
	CU_ASSERT_EQUAL(slot_caches_count(w.k), 54 + 63 + 1 + 1);
	free = w.k->swap->free_pages;
	set_free(&w, 2 * 64 * CPUS - 1);
	CU_ASSERT_EQUAL(RUN(&w, check_cache_active, .cpu = 0), false);
	w.k->swap->free_pages += free - (2 * 64 * CPUS - 1);
	CU_ASSERT_EQUAL(slot_caches_count(w.k), 0);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 11 - 2);
	CU_ASSERT_EQUAL(w.k->slot[first].map, 0);
	expect_audit(&w, "");
	give_on(&w, 0, first + 2); /* is free at once */
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 8);
	CU_ASSERT_EQUAL(w.k->slot[first + 2].map, 0);
	expect_audit(&w, "");
	world_release(&w);
}

/* A row that is not full is taken to the end before a new one comes. */
static void test_scarce(void)
{
	struct world w;
	u32 n = 0;

	six_clusters(&w, CACHE); /* 47 slots, on above 40, off below 16 */
	while (take(&w))
		n++;
	CU_ASSERT_EQUAL(n, CLUSTERS * PER_CLUSTER - 1);
	CU_ASSERT_EQUAL(w.k->swap_slots->active, 0);
	CU_ASSERT_EQUAL(w.k->swap->free_pages, 0);
	CU_ASSERT_EQUAL(w.k->swap_slots->reserved, 0);
	CU_ASSERT_EQUAL(w.k->device[0].on_avail_list, 0);
	CU_ASSERT_EQUAL(counted(&w, SWAP_EVENTS_FAIL), 1);
	give_on(&w, 0, at(1, 3));
	CU_ASSERT_EQUAL(w.k->device[0].on_avail_list, 1);
	CU_ASSERT_EQUAL(take(&w), at(1, 3));
	world_idle(&w, 1); /* full clusters are looked at in vain */
	expect_audit(&w, "");
	world_release(&w);
}

/* A batch is of one device, the first that has anything. */
static void test_batch_of_one_device(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .release = "6.12", .slots = 1000, .devices = 2 });
	take_all(&w, 960); /* on above 640 and off below 256 of 2000 */
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 960);
	CU_ASSERT_EQUAL(w.k->device[1].inuse, 0);
	take(&w);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 1000); /* 40 are all that is left of it */
	CU_ASSERT_EQUAL(kept(&w, 0), 39);
	CU_ASSERT_EQUAL(w.k->swap->free_pages, 1000);
	CU_ASSERT_EQUAL(w.k->swap_slots->reserved, 0);
	take_all(&w, 40);
	CU_ASSERT_EQUAL(w.k->device[1].inuse, 64);
	expect_audit(&w, "");
	for (u32 i = 0; i < 32; i++) { /* returned in turn, freed device by device */
		give_on(&w, 0, w.k->device[0].first_slot + 600 + i);
		if (!i)
			give_on(&w, 0, w.k->device[1].first_slot + 1);
	}
	CU_ASSERT_EQUAL(returned(&w, 0), 33);
	RUN(&w, drain_slots_cache_cpu, .cpu = 0);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 968);
	CU_ASSERT_EQUAL(w.k->device[1].inuse, 0);
	expect_audit(&w, "");
	world_release(&w);
}

/* Who refills may be overtaken on the same CPU; the other waits for the row and gets the next slot of it. */
static void test_refill_is_one_at_a_time(void)
{
	struct world w;
	u32 a, b;

	six_clusters(&w, CACHE);
	world_by_hand(&w);
	a = ADD_ON(&w, 0, get_swap_slot, .cpu = 0);
	b = ADD_ON(&w, 1, get_swap_slot, .cpu = 0); /* it has left the CPU whose cache it asked */
	CU_ASSERT(world_step_to(&w, a, "get_swap_pages.LOCK_SI"));
	CU_ASSERT_FALSE(world_step_to(&w, b, NULL));
	CU_ASSERT(world_is_at(&w, b, "get_swap_slot.LOCK_CACHE"));
	CU_ASSERT(world_step_to(&w, a, NULL));
	CU_ASSERT(world_step_to(&w, b, NULL));
	CU_ASSERT_EQUAL(kept(&w, 0), CACHE - 2);
	CU_ASSERT_EQUAL(w.k->slots_cache[0].cur, 2);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, CACHE);
	world_release(&w);
}

/* Switched off after the first look: the slot must not be left behind in a cache that nobody empties again.
 */
static void test_off_while_freeing(void)
{
	struct world w;
	u32 entry, task;

	six_clusters(&w, CACHE);
	entry = take(&w);
	world_by_hand(&w);
	task = ADD_ON(&w, 0, folio_free_swap, .folio = folio_in(&w, entry));
	CU_ASSERT(world_step_to(&w, task, "free_swap_slot.LOCK_FREE"));
	w.k->swap_slots->active = 0;
	CU_ASSERT(world_step_to(&w, task, NULL));
	CU_ASSERT_EQUAL(returned(&w, 0), 0);
	CU_ASSERT_EQUAL(w.k->slot[entry].map, 0);
	world_release(&w);
}

/* 6.14 has the rows of slots to hand out only, filled from a cluster that the CPU has on each device, and
 * si->lock for its lists alone. */
static void test_614_takes_in_batches(void)
{
	struct world w;

	six_clusters_of(&w, "6.14", CACHE);
	CU_ASSERT_EQUAL(take_on(&w, 0), at(1, 0));
	CU_ASSERT_EQUAL(kept(&w, 0), CACHE - 1);
	CU_ASSERT_EQUAL(*next_slot_of(w.k, 0, 0, 0), at(1, CACHE));
	CU_ASSERT_EQUAL(take_on(&w, 1), at(2, 0));
	CU_ASSERT_EQUAL(w.k->swap->free_pages, (s64)w.k->swap->total_pages - 2 * CACHE);
	CU_ASSERT_EQUAL(w.k->swap_slots->reserved, 0);
	for (u32 i = 1; i < PER_CLUSTER; i++)
		CU_ASSERT_EQUAL(take_on(&w, 0), at(1, i));
	CU_ASSERT_EQUAL(*next_slot_of(w.k, 0, 0, 0), 0);
	CU_ASSERT_EQUAL(((struct percpu *)percpu_of(&w.k->machine, 0))->swap_hint, 0);
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_SWAP_DEVICE), 2 * 2 + 1); /* isolated, put back; found full */
	expect_audit(&w, "");
	world_release(&w);
}

static void test_614_frees_at_once(void)
{
	struct world w;
	u32 entry, before;

	six_clusters_of(&w, "6.14", CACHE);
	entry = take(&w);
	before = locks_taken(&w, CLASS_SLOTS_FREE);
	give_on(&w, 0, entry);
	CU_ASSERT_EQUAL(w.k->slot[entry].map, 0);
	CU_ASSERT_EQUAL(returned(&w, 0), 0);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, CACHE - 1);
	set_free(&w, 2 * CACHE * CPUS - 1); /* switched off, it is empty */
	CU_ASSERT_EQUAL(RUN(&w, check_cache_active, .cpu = 0), false);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 0);
	CU_ASSERT_EQUAL(slot_caches_count(w.k), 0);
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_SLOTS_FREE), before);
	world_release(&w);
}

static void test_614_last_slot(void)
{
	struct world w;
	u32 n = 0;

	six_clusters_of(&w, "6.14", CACHE);
	while (take(&w))
		n++;
	CU_ASSERT_EQUAL(n, CLUSTERS * PER_CLUSTER - 1);
	CU_ASSERT_EQUAL(w.k->swap->free_pages, 0);
	CU_ASSERT_EQUAL(w.k->swap_slots->reserved, 0);
	give_on(&w, 0, at(1, 3));
	CU_ASSERT_EQUAL(take(&w), at(1, 3));
	world_idle(&w, 1); /* full clusters are looked at in vain */
	expect_audit(&w, "");
	world_release(&w);
}

static void test_audits(void)
{
	struct world w;
	u32 slot, back;

	big_device(&w, 40 * 512 - 1);
	back = take(&w);
	give_on(&w, 0, back);
	slot = kept_slot(&w, 0, SLOTS_TAKEN, w.k->slots_cache[0].cur);
	expect_audit(&w, "");
#define WITH(lvalue, value, ...)                                                                             \
	do {                                                                                                 \
		char *expected = g_strdup_printf(__VA_ARGS__);                                               \
		__typeof__(lvalue) was = lvalue;                                                             \
                                                                                                             \
		(lvalue) = (value);                                                                          \
		expect_audit(&w, expected);                                                                  \
		(lvalue) = was;                                                                              \
		g_free(expected);                                                                            \
	} while (0)
	WITH(w.k->slot[slot].map, 1, "slot_caches: slot %u is kept by a CPU and its map says 1", slot);
	WITH(w.k->slot[slot].memcg, 1, "slot_caches: slot %u is to be handed out and has a cgroup", slot);
	WITH(w.k->slot[slot].content, 1, "slot_caches: slot %u is to be handed out and has data", slot);
	WITH(w.k->cached_slot[slot_row_of(w.k, 0, SLOTS_RETURNED)], slot,
	     "cache_bijection: slot %u has SWAP_HAS_CACHE and no folio in the cache", back);
	WITH(w.k->slots_cache[0].cur, 0,
	     "cache_bijection: slot %u has SWAP_HAS_CACHE and no folio in the cache", slot + 62);
	WITH(w.k->swap_slots->reserved, 3,
	     "slot_conservation: the machine counts %u free slots of 20479, its devices have %u of 20479",
	     20479 - 64, 20479 - 64 - 3);
	w.k->cached_slot[slot_row_of(w.k, 1, SLOTS_RETURNED)] = slot;
	w.k->slots_cache[1].n_ret = 1;
	CU_ASSERT_EQUAL(slot_caches_hold(w.k, slot), 2);
	w.k->slots_cache[1].n_ret = 0;
	world_release(&w);
}

/* Pages of a process go out and come in on either CPU, more of this and more of that in turn, with rows of
 * four slots that go on and off. */
static void random_operations(const char *release)
{
	enum { PAGES = 40, OPERATIONS = 2400, TURN = 200 };
	struct world w;
	u32 on = 0, off = 0;

	six_clusters_of(&w, release, CACHE);
	for (u32 i = 0; i < OPERATIONS; i++) {
		u64 r = random_value(42, i);
		u32 cpu = r & 1, page = random_below(r, PAGES);

		if ((r >> 1) % 8 < (i / TURN % 2 ? 1 : 7))
			world_access(&w, cpu, page, r & 16);
		else
			RUN_ON(&w, cpu, madvise_pageout, .page = page_of(&w, page),
			       .count = 1 + (r >> 8) % 8);
		expect_audit(&w, "");
		on += w.k->swap_slots->active;
		off += !w.k->swap_slots->active;
	}
	CU_ASSERT(on > OPERATIONS / 10);
	CU_ASSERT(off > OPERATIONS / 10);
	world_release(&w);
}

static void test_random_operations(void)
{
	random_operations("6.12");
	random_operations("6.14");
}

/* A swapoff switches them off: nobody switches them on again, and who was about to fill his own takes one
 * slot instead. */
static void test_disabled(void)
{
	struct world w;
	u32 task, folio;

	big_device(&w, 8 * 512 - 1);
	w.k->swap_slots->disabled = 1;
	CU_ASSERT_EQUAL(RUN(&w, check_cache_active, .cpu = 0), false);
	CU_ASSERT_EQUAL(w.k->swap_slots->active, 0);
	w.k->swap_slots->disabled = 0;
	CU_ASSERT_EQUAL(RUN(&w, check_cache_active, .cpu = 0), true);
	folio = folio_alloc(w.k, 0, 0);
	w.k->folio[folio].memcg = 1;
	world_by_hand(&w);
	task = ADD_ON(&w, 0, folio_alloc_swap, .folio = folio);
	CU_ASSERT(world_step_to(&w, task, "get_swap_slot.LOCK_CACHE"));
	w.k->swap_slots->disabled = 1;
	CU_ASSERT(world_step_to(&w, task, NULL));
	CU_ASSERT_NOT_EQUAL(w.k->folio_io[folio].swap, 0);
	CU_ASSERT_EQUAL(kept(&w, 0), 0);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 1);
	w.k->swap_slots->disabled = 0;
	world_release(&w);
}

static const struct unit tests[] = {
	{ "a CPU takes 64 slots at a time, and they are in use and nobody's", test_refill },
	{ "and gives back as many together, from the CPU that freed them", test_returned_in_batches },
	{ "caches go on above 5 x 64 free slots a CPU and off below 2 x 64", test_thresholds },
	{ "what they hold is given back when they go off", test_off_means_empty },
	{ "the last slot can be had", test_scarce },
	{ "a batch is of one device; given back, each goes to its own", test_batch_of_one_device },
	{ "a row is filled by one at a time", test_refill_is_one_at_a_time },
	{ "a slot that comes when the caches have gone off is free at once", test_off_while_freeing },
	{ "in 6.14 slots are taken in batches, from a CPU's cluster on the device",
	  test_614_takes_in_batches },
	{ "and are free as soon as they are given back", test_614_frees_at_once },
	{ "the last slot can be had there, too", test_614_last_slot },
	{ "audits find what is wrong with a cache", test_audits },
	{ "random operations leave nothing wrong", test_random_operations },
	{ "none are kept while a device is swapped off", test_disabled },
};

UNIT_MAIN("slot_cache", tests)
