/* 6.1: slots that are searched for in swap_map; on rotational devices in 6.12, too. */
#include "models/swap/scan_map.h"

#include "models/block/block.h"
#include "models/swap/cluster.h"
#include "models/swap/slot_cache.h"
#include "tests/unit/scenario_text.h"
#include "tests/unit/slots_of_612.h"

enum { HEADER = 1, SLOTS = CLUSTERS * PER_CLUSTER - 1 };

/* Caches of 64 stay off on so small a device. */
static void without_caches(struct world *w)
{
	six_clusters_of(w, "6.1", 64);
}

/* The cluster that is to be taken next, of those that are free. */
static u32 first_free(const struct world *w)
{
	return w->k->device[0].list[CLUSTER_FREE].head - 1;
}

static u32 base_of(const struct world *w, u32 cpu)
{
	return *scan_base_of(w->k, 0, cpu);
}

static bool is_free(const struct world *w, u32 cluster)
{
	return w->k->cluster[cluster].flags == CLUSTER_FREE;
}

/* Out of the map, and in no folio's hands yet. */
static bool is_taken(const struct world *w, u32 slot)
{
	return w->k->slot[slot].map == SWAP_HAS_CACHE && !w->k->slot[slot].cache;
}

/* Every slot but those. */
static void take_all_but(struct world *w, u32 n)
{
	take_all(w, SLOTS - n);
}

static void test_a_cluster_of_its_own(void)
{
	struct world w;
	u32 first, second;

	without_caches(&w);
	first = first_free(&w);
	CU_ASSERT_EQUAL(take_on(&w, 0), at(first, 0));
	CU_ASSERT(!is_free(&w, first));
	second = first_free(&w);
	CU_ASSERT_EQUAL(take_on(&w, 1), at(second, 0));
	for (u32 i = 1; i < PER_CLUSTER; i++)
		CU_ASSERT_EQUAL(take_on(&w, 0), at(first, i));
	CU_ASSERT_EQUAL(take_on(&w, 1), at(second, 1));
	CU_ASSERT_NOT_EQUAL(first_free(&w), second);
	CU_ASSERT_EQUAL(take_on(&w, 0), at(w.k->device[0].list[CLUSTER_NONFULL].tail - 1, 0));
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_SWAP_DEVICE), PER_CLUSTER + 3);
	expect_audit(&w, "");
	world_release(&w);
}

/* A hole is left alone while there are free clusters, and a cluster is free when it is empty. */
static void test_holes_wait(void)
{
	struct world w;
	u32 first, second;

	without_caches(&w);
	first = first_free(&w);
	take_all(&w, PER_CLUSTER);
	give_on(&w, 0, at(first, 2));
	CU_ASSERT(!is_free(&w, first));
	second = first_free(&w);
	CU_ASSERT_EQUAL(take(&w), at(second, 0));
	for (u32 i = 0; i < PER_CLUSTER; i++)
		if (i != 2)
			give_on(&w, 0, at(first, i));
	CU_ASSERT(is_free(&w, first));
	CU_ASSERT_EQUAL(w.k->device[0].list[CLUSTER_FREE].tail - 1, first);
	expect_audit(&w, "");
	world_release(&w);
}

/* No cluster is free: up from where the CPU took its last slot, then from the lowest up to there. */
static void test_search(void)
{
	struct world w;

	without_caches(&w);
	take_all_but(&w, 0);
	CU_ASSERT_EQUAL(w.k->device[0].highest, 0);
	CU_ASSERT_EQUAL(take(&w), 0);
	give_on(&w, 0, at(1, 3));
	give_on(&w, 0, at(4, 5));
	give_on(&w, 0, at(2, 1));
	CU_ASSERT_EQUAL(w.k->device[0].lowest, at(1, 3));
	CU_ASSERT_EQUAL(w.k->device[0].highest, at(4, 5));
	*scan_base_of(w.k, 0, 0) = at(2, 4);
	CU_ASSERT_EQUAL(take(&w), at(4, 5));
	CU_ASSERT_EQUAL(base_of(&w, 0), at(4, 6));
	CU_ASSERT_EQUAL(take(&w), at(1, 3));
	CU_ASSERT_EQUAL(take(&w), at(2, 1));
	CU_ASSERT_EQUAL(w.k->device[0].highest, 0);
	CU_ASSERT_EQUAL(w.k->device[0].on_avail_list, 0);
	CU_ASSERT_EQUAL(take(&w), 0);
	expect_audit(&w, "");
	world_release(&w);
}

static void test_lock_is_dropped(void)
{
	struct world w;
	u32 task;

	without_caches(&w);
	take_all_but(&w, 0);
	give_on(&w, 0, at(3, 3));
	set_free(&w, SLOTS); /* what only the cache holds is not wanted */
	*scan_base_of(w.k, 0, 0) = at(2, 0);
	world_by_hand(&w);
	task = ADD_ON(&w, 0, get_swap_pages, .wanted = 1);
	CU_ASSERT(world_step_to(&w, task, "scan_swap_map.DROP_SI"));
	CU_ASSERT_NOT_EQUAL(w.k->device[0].lock.owner, 0);
	CU_ASSERT(world_step_to(&w, task, "scan_swap_map.LOOK"));
	CU_ASSERT_EQUAL(w.k->device[0].lock.owner, 0);
	w.k->slot[at(3, 3)].map = 1; /* somebody else was faster: it goes on from there */
	CU_ASSERT(world_step_to(&w, task, "scan_swap_map_slots.UNLOCK_BUSY"));
	CU_ASSERT(world_step_to(&w, task, NULL));
	CU_ASSERT_EQUAL(w.k->device[0].inuse, SLOTS - 1);
	world_release(&w);
}

/* A cluster that became free during a search is at the end of the list: the first of the list is taken. */
static void test_no_breaking_in(void)
{
	struct world w;
	u32 task;

	without_caches(&w);
	take_all_but(&w, 0);
	for (u32 cluster = 4; cluster > 2; cluster--)
		for (u32 i = 0; i < PER_CLUSTER; i++)
			give_on(&w, 0, at(cluster, i));
	CU_ASSERT_EQUAL(first_free(&w), 4);
	*next_slot_of(w.k, 0, 0, 0) = 0;
	*scan_base_of(w.k, 0, 0) = at(3, 0);
	set_free(&w, SLOTS);
	world_by_hand(&w);
	task = ADD_ON(&w, 0, get_swap_pages, .wanted = 1);
	w.k->device[0].list[CLUSTER_FREE].head = 0; /* as if they became free a little later */
	CU_ASSERT(world_step_to(&w, task, "scan_swap_map.LOCK_FOUND"));
	w.k->device[0].list[CLUSTER_FREE].head = 4 + 1;
	CU_ASSERT(world_step_to(&w, task, NULL));
	CU_ASSERT(is_taken(&w, at(4, 0)));
	CU_ASSERT(is_free(&w, 3));
	world_release(&w);
}

/* With more than half of swap used, what only the cache holds is freed and taken. */
static void test_cache_only(void)
{
	struct world w;
	u32 folio;

	without_caches(&w);
	take_all_but(&w, 0);
	give_on(&w, 0, at(5, 7)); /* or nobody would look */
	folio = folio_in(&w, at(2, 2));
	w.k->folio_io[folio].lock = 0;
	*scan_base_of(w.k, 0, 0) = at(1, 0);
	CU_ASSERT_EQUAL(take(&w), at(2, 2));
	CU_ASSERT_FALSE(w.k->folio[folio].flags & FOLIO_SWAPCACHE);
	world_release(&w);
}

/* A cache is filled from the CPU's clusters; a search finds one slot, and what follows it. */
static void test_batches(void)
{
	enum { BIG = 16 };
	struct world w;
	struct world_size size = {
		.release = "6.1", .per_cluster = PER_CLUSTER, .slots = 127, .check_locks = true
	};
	struct kernel_config c = world_config(&w, &size);
	u32 first;

	c.slot_cache = 10;
	w.k = kernel_new(&c, NULL);
	CU_ASSERT_FATAL(w.k != NULL);
	first = first_free(&w);
	CU_ASSERT_EQUAL(take(&w), at(first, 0));
	CU_ASSERT_EQUAL(w.k->slots_cache[0].nr, 9);
	CU_ASSERT_EQUAL(w.k->cached_slot[slot_row_of(w.k, 0, SLOTS_TAKEN) + PER_CLUSTER] >>
			    w.k->cluster_shift,
			w.k->device[0].list[CLUSTER_NONFULL].tail - 1); /* on in the next cluster */
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_SWAP_DEVICE), 1);
	RUN(&w, drain_slots_cache_cpu, .cpu = 0);
	for (u32 i = 1; i < BIG; i++) { /* none free; holes in pairs */
		struct swap_cluster_info *ci = &w.k->cluster[i];

		for (u32 n = 0; n < PER_CLUSTER; n++)
			if (n / 2 != 1 && !w.k->slot[at(i, n)].map) {
				w.k->slot[at(i, n)].map = SWAP_MAP_BAD;
				ci->count++;
			}
		if (ci->flags == CLUSTER_FREE)
			cluster_move(w.k, i, CLUSTER_NONFULL);
	}
	*next_slot_of(w.k, 0, 0, 0) = 0;
	*scan_base_of(w.k, 0, 0) = at(5, 0);
	CU_ASSERT_EQUAL(RUN(&w, get_swap_pages, .wanted = 4, .cache = 1), 4);
	CU_ASSERT_EQUAL(w.k->cached_slot[slot_row_of(w.k, 0, SLOTS_TAKEN)], at(5, 2));
	CU_ASSERT_EQUAL(w.k->cached_slot[slot_row_of(w.k, 0, SLOTS_TAKEN) + 3], at(6, 3));
	world_release(&w);
}

/* It may be long until there is something: others run after 256 slots, and the batch ends with the first. */
static void test_patience(void)
{
	struct world w;
	u32 first, task, rescheds = 0;

	world_init(&w, (struct world_size){ .release = "6.1", .slots = 2047, .space_clusters = 8 });
	first = w.k->device[0].first_slot;
	for (u32 slot = first; slot < first + 2048; slot++)
		w.k->slot[slot].map = SWAP_MAP_BAD;
	w.k->slot[first + 1500].map = w.k->slot[first + 1502].map = 0;
	w.k->device[0].list[CLUSTER_FREE] = (struct cluster_list){ 0 };
	w.k->cluster[2].flags = CLUSTER_NONE;
	*scan_base_of(w.k, 0, 0) = first + 10;
	world_by_hand(&w);
	task = ADD_ON(&w, 0, get_swap_pages, .wanted = 2, .cache = 1);
	for (; world_step_to(&w, task, "scan_swap_map.RESCHED"); rescheds++)
		world_step(&w, task);
	CU_ASSERT_EQUAL(rescheds, (1500 - 11) / 256);
	CU_ASSERT_FALSE(is_taken(&w, first + 1502));
	CU_ASSERT(is_taken(&w, first + 1500));
	world_release(&w);
}

/* Where the list of free clusters begins is drawn, so that devices wear evenly. */
static void test_drawn_start(void)
{
	u32 seen = 0;

	for (u64 seed = 1; seed <= 20; seed++) {
		struct world w;
		struct world_size size = { .release = "6.1",
					   .per_cluster = PER_CLUSTER,
					   .space_clusters = 4,
					   .slots = 12 * PER_CLUSTER - 1 };
		struct kernel_config c = world_config(&w, &size);
		u32 head;

		c.machine.seed = seed;
		w.k = kernel_new(&c, NULL);
		CU_ASSERT_FATAL(w.k != NULL);
		head = first_free(&w);
		seen |= 1u << head;
		CU_ASSERT_EQUAL(w.k->cluster[head].next - 1, head ? head + 4 : 4); /* and then 64 MiB apart */
		world_release(&w);
	}
	CU_ASSERT_EQUAL(seen, 0x1e); /* 0 has the header, so its column begins with 4 */
}

/* Who leaves 64 MiB goes on in some others. */
static void test_another_space(void)
{
	struct world w;
	struct swap_device *si;
	u32 seen = 0;

	world_init(&w,
		   (struct world_size){
		       .release = "6.1", .per_cluster = PER_CLUSTER, .space_clusters = 1, .slots = SLOTS });
	si = &w.k->device[0];
	for (u32 i = 0; i < 40; i++) {
		*scan_base_of(w.k, 0, 0) = at(2, 7);
		take(&w);
		seen |= 1u << (base_of(&w, 0) >> w.k->cluster_shift);
		CU_ASSERT(base_of(&w, 0) >= si->lowest);
		CU_ASSERT(base_of(&w, 0) % PER_CLUSTER == 0 || base_of(&w, 0) == si->lowest ||
			  base_of(&w, 0) >> w.k->cluster_shift == 2); /* or it has not left it */
	}
	CU_ASSERT_EQUAL(seen, 0x3f);
	world_release(&w);
}

/* Nobody takes what is with the device; who finds nothing free discards it himself. */
static void test_discards(void)
{
	struct world w;
	struct world_size size = {
		.release = "6.1", .device = "nvme-client", .per_cluster = PER_CLUSTER, .slots = SLOTS
	};
	struct kernel_config c = world_config(&w, &size);
	u32 task;

	w.device[0].discard = true;
	w.k = kernel_new(&c, NULL);
	CU_ASSERT_FATAL(w.k != NULL);
	take_all_but(&w, 0);
	w.k->device[0].discarding = 1; /* the worker is busy */
	for (u32 i = 0; i < PER_CLUSTER; i++)
		give_on(&w, 0, at(3, i));
	CU_ASSERT_EQUAL(w.k->cluster[3].flags, CLUSTER_DISCARD);
	world_by_hand(&w);
	task = ADD_ON(&w, 0, get_swap_pages, .wanted = 1);
	CU_ASSERT(world_step_to(&w, task, "swap_sync_discard.DISCARD"));
	CU_ASSERT_EQUAL(w.k->device[0].lock.owner, 0);
	CU_ASSERT(world_step_to(&w, task, NULL));
	CU_ASSERT(is_taken(&w, at(3, 0)));
	w.k->device[0].discarding = 0;
	world_release(&w);
}

/* What is freed and what is taken moves the ends of what is searched. */
static void test_ends(void)
{
	struct swap_device *si;
	struct world w;

	without_caches(&w);
	si = &w.k->device[0];
	take_all_but(&w, 0);
	give_on(&w, 0, at(1, 3));
	give_on(&w, 0, at(5, 6));
	give_on(&w, 0, at(5, 7));
	*scan_base_of(w.k, 0, 0) = at(5, 6);
	CU_ASSERT_EQUAL(take(&w), at(5, 7));
	CU_ASSERT_EQUAL(si->highest, at(5, 6));
	scan_map_note_free(si, at(5, 0), 8); /* all of them */
	CU_ASSERT_EQUAL(si->highest, at(5, 7));
	CU_ASSERT_EQUAL(si->lowest, at(1, 3));
	world_release(&w);
}

/* Who takes the last slot of all has nowhere to go on. */
static void test_last_slot(void)
{
	struct world w;

	world_init(&w,
		   (struct world_size){
		       .release = "6.1", .per_cluster = PER_CLUSTER, .space_clusters = 1, .slots = SLOTS });
	take_all_but(&w, 0);
	give_on(&w, 0, at(2, 3));
	*scan_base_of(w.k, 0, 0) = at(4, 0);
	CU_ASSERT_EQUAL(take(&w), at(2, 3));
	CU_ASSERT_EQUAL(base_of(&w, 0), at(4, 0));
	world_release(&w);
}

/* Each CPU begins somewhere, at the beginning of a cluster. */
static void test_begins(void)
{
	u32 seen[CPUS] = { 0 };
	struct world w;

	for (u32 i = 0; i < 40; i++) {
		without_caches(&w);
		for (u32 n = 0; n <= i; n++) /* as many swapons */
			scan_map_init(w.k, &w.k->device[0]);
		for (u32 cpu = 0; cpu < CPUS; cpu++) {
			CU_ASSERT(base_of(&w, cpu) == HEADER || base_of(&w, cpu) % PER_CLUSTER == 0);
			CU_ASSERT(base_of(&w, cpu) < at(CLUSTERS, 0));
			seen[cpu] |= 1u << base_of(&w, cpu) / PER_CLUSTER;
		}
		world_release(&w);
	}
	CU_ASSERT_EQUAL(seen[0], 0x3f);
	CU_ASSERT_EQUAL(seen[1], 0x3f);
}

/* Swapoff came while the map was searched. */
static void test_not_while_swapped_off(void)
{
	struct world w;
	u32 task;

	without_caches(&w);
	take_all_but(&w, 0);
	give_on(&w, 0, at(3, 3));
	set_free(&w, SLOTS);
	*scan_base_of(w.k, 0, 0) = at(2, 0);
	world_by_hand(&w);
	task = ADD_ON(&w, 0, get_swap_pages, .wanted = 1);
	CU_ASSERT(world_step_to(&w, task, "scan_swap_map.LOCK_FOUND"));
	w.k->device[0].flags &= ~SWP_WRITEOK;
	CU_ASSERT(world_step_to(&w, task, NULL));
	CU_ASSERT_FALSE(is_taken(&w, at(3, 3)));
	world_release(&w);
}

/* A batch takes nothing behind the highest slot that is free, though there be free clusters. */
static void test_batch_ends_at_the_highest(void)
{
	struct world w;

	without_caches(&w);
	*next_slot_of(w.k, 0, 0, 0) = at(5, 6);
	cluster_move(w.k, 5, CLUSTER_NONFULL);
	CU_ASSERT_EQUAL(RUN(&w, get_swap_pages, .wanted = 5, .cache = 1), 2);
	CU_ASSERT(is_taken(&w, at(5, 6)) && is_taken(&w, at(5, 7)));
	CU_ASSERT_EQUAL(w.k->device[0].highest, at(5, 6));
	world_release(&w);
}

static const struct unit tests[] = {
	{ "a CPU goes upwards in a free cluster of its own", test_a_cluster_of_its_own },
	{ "holes wait until no cluster is free; one is when it is empty", test_holes_wait },
	{ "then the map is searched, up from the last slot and round to it", test_search },
	{ "without the lock: what was found may be gone", test_lock_is_dropped },
	{ "a search breaks into no free cluster but the first", test_no_breaking_in },
	{ "what only the cache holds is freed where it is met, when swap is half full", test_cache_only },
	{ "a batch goes on in the CPU's next cluster, and in holes that are near", test_batches },
	{ "a search lets others run, and then the batch ends", test_patience },
	{ "where the free list begins is drawn", test_drawn_start },
	{ "who comes to the end of 64 MiB goes on in others, drawn too", test_another_space },
	{ "who finds no free cluster discards what waits for it", test_discards },
	{ "the ends of what is free move", test_ends },
	{ "who takes the last slot stays where he was", test_last_slot },
	{ "where a CPU begins", test_begins },
	{ "nobody takes a slot of a device that is swapped off meanwhile", test_not_while_swapped_off },
	{ "a batch ends at the highest free slot", test_batch_ends_at_the_highest },
};

UNIT_MAIN("scan_map", tests)
