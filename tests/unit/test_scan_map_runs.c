/* Searches of swap_map that are long, and those on rotational devices: runs, times. */
#include "models/swap/scan_map.h"

#include "models/block/block.h"
#include "models/cpu.h"
#include "tests/unit/slots_of_612.h"

enum { HEADER = 1, SLOTS = CLUSTERS * PER_CLUSTER - 1 };

static void rotational(struct world *w, const char *release)
{
	world_init(w, (struct world_size){ .release = release,
					   .device = "disk-rot",
					   .per_cluster = PER_CLUSTER,
					   .space_clusters = 8,
					   .slots = SLOTS,
					   .check_locks = true });
}

/* From the lowest slot on, whatever CPU; then in runs of a cluster's length wherever one is free. */
static void test_rotational(void)
{
	static const char *const releases[] = { "6.1", "6.12" };

	for (u32 i = 0; i < ARRAY_SIZE(releases); i++) {
		struct world w;

		rotational(&w, releases[i]);
		for (u32 n = HEADER; n <= 12; n++)
			CU_ASSERT_EQUAL(take_on(&w, n % 2), n);
		CU_ASSERT_EQUAL(w.k->device[0].cluster_nr, 2 * PER_CLUSTER - 12);
		give_on(&w, 0, 6);
		for (u32 n = 13; n <= 2 * PER_CLUSTER; n++)
			CU_ASSERT_EQUAL(take(&w), n);
		CU_ASSERT_EQUAL(w.k->device[0].cluster_nr, 0);
		CU_ASSERT_EQUAL(w.k->device[0].lowest, 6);
		CU_ASSERT_EQUAL(take(&w), 2 * PER_CLUSTER + 1); /* the first run of eight, across clusters */
		give_on(&w, 0, 2 * PER_CLUSTER + 1);
		for (u32 n = 0; n < 6; n++)
			give_on(&w, 1, 8 + n);
		w.k->device[0].cluster_nr = 0;
		CU_ASSERT_EQUAL(take(&w), 2 * PER_CLUSTER + 1); /* six in a row will not do */
		expect_audit(&w, "");
		world_release(&w);
	}
}

static void test_rotational_to_the_end(void)
{
	static const char *const releases[] = { "6.1", "6.12" };

	for (u32 i = 0; i < ARRAY_SIZE(releases); i++) {
		struct world w;

		rotational(&w, releases[i]);
		take_all(&w, SLOTS);
		CU_ASSERT_EQUAL(take(&w), 0);
		CU_ASSERT_EQUAL(w.k->swap->free_pages, 0);
		give_on(&w, 0, 20);
		give_on(&w, 0, 9);
		CU_ASSERT(take(&w) != 0);
		CU_ASSERT(take(&w) != 0);
		CU_ASSERT_EQUAL(take(&w), 0);
		CU_ASSERT_EQUAL(w.k->device[0].inuse, SLOTS);
		expect_audit(&w, "");
		world_release(&w);
	}
}

/* A batch on a rotational device uses up its run, too. */
static void test_rotational_batch(void)
{
	struct world w;

	rotational(&w, "6.1");
	CU_ASSERT_EQUAL(RUN(&w, get_swap_pages, .wanted = 4, .cache = 1), 4);
	CU_ASSERT_EQUAL(w.k->device[0].cluster_nr, PER_CLUSTER - 4);
	CU_ASSERT_EQUAL(RUN(&w, get_swap_pages, .wanted = 6, .cache = 1), 6);
	CU_ASSERT_EQUAL(w.k->device[0].cluster_nr, 0);
	CU_ASSERT_EQUAL(w.k->device[0].lowest, HEADER + 10);
	world_release(&w);
}

/* With fewer free slots than a run has, none is looked for: it goes on from where it was. */
static void test_no_room_for_a_run(void)
{
	struct world w;

	rotational(&w, "6.1");
	take_all(&w, SLOTS);
	give_on(&w, 0, 3);
	give_on(&w, 0, 30);
	w.k->device[0].global_next = 20;
	w.k->device[0].cluster_nr = 0;
	CU_ASSERT_EQUAL(take(&w), 30);
	CU_ASSERT_EQUAL(w.k->device[0].cluster_nr, PER_CLUSTER - 1);
	world_release(&w);
}

/* Whatever was taken before, a device that is swapped on is filled from its first slot on. */
static void test_begins(void)
{
	struct world w;

	rotational(&w, "6.1");
	take(&w);
	scan_map_init(w.k, &w.k->device[0]);
	CU_ASSERT_EQUAL(w.k->device[0].global_next, HEADER);
	CU_ASSERT_EQUAL(w.k->device[0].cluster_nr, 0);
	world_release(&w);
}

/* A profile on which to look at 64 slots takes a millisecond. */
static void slow_scans(struct world *w, struct cpu_profile *slow)
{
	*slow = *w->k->cpu_profile;
	slow->slot_scan_ns = 1000000;
	w->k->cpu_profile = slow;
}

static u64 ms_to_take(struct world *w)
{
	u64 began = w->k->machine.now;

	CU_ASSERT_EQUAL(RUN(w, get_swap_pages, .wanted = 1, .cache = 1), 1);
	return (w->k->machine.now - began) / 1000000;
}

static void all_bad(struct world *w)
{
	for (u32 i = 0; i < 2048; i++)
		w->k->slot[w->k->device[0].first_slot + i].map = SWAP_MAP_BAD;
}

/* A search takes time for what it passes over, and so does a slot that is taken. */
static void test_search_takes_time(void)
{
	enum { TO = 1500, FROM = 10 };
	struct cpu_profile slow;
	struct world w;
	u32 first;

	world_init(&w, (struct world_size){ .release = "6.1", .slots = 2047, .space_clusters = 8 });
	first = w.k->device[0].first_slot;
	all_bad(&w);
	w.k->slot[first + TO].map = 0;
	w.k->device[0].list[CLUSTER_FREE] = (struct cluster_list){ 0 };
	w.k->cluster[2].flags = CLUSTER_NONE;
	*scan_base_of(w.k, 0, 0) = first + FROM;
	slow_scans(&w, &slow);
	CU_ASSERT_EQUAL(ms_to_take(&w), (TO - FROM - 1) / 64 + 1);
	world_release(&w);
}

/* So does one for a run, which lets others run after 256 slots, too. */
static void test_run_search_takes_time(void)
{
	struct cpu_profile slow;

	for (u32 by_hand = 0; by_hand < 2; by_hand++) {
		u32 task, rescheds = 0;
		struct world w;

		world_init(&w, (struct world_size){ .release = "6.1", .device = "disk-rot", .slots = 2047 });
		for (u32 slot = 0; slot < 2047; slot += 300)
			w.k->slot[w.k->device[0].first_slot + slot].map = SWAP_MAP_BAD;
		slow_scans(&w, &slow);
		if (!by_hand) {
			CU_ASSERT_EQUAL(ms_to_take(&w), 2048 / 64 + 1);
			world_release(&w);
			continue;
		}
		world_by_hand(&w);
		task = ADD_ON(&w, 0, get_swap_pages, .wanted = 1, .cache = 1);
		for (; world_step_to(&w, task, "scan_swap_map_empty.RESCHED"); rescheds++)
			world_step(&w, task);
		CU_ASSERT_EQUAL(rescheds, 2048 / 256);
		world_release(&w);
	}
}

static const struct unit tests[] = {
	{ "a rotational device is filled in runs, also in 6.12", test_rotational },
	{ "to the last slot", test_rotational_to_the_end },
	{ "a batch uses up a run", test_rotational_batch },
	{ "no run is looked for where there is no room for one", test_no_room_for_a_run },
	{ "from the first slot on after swapon", test_begins },
	{ "a search takes time", test_search_takes_time },
	{ "so does one for a run, and lets others run", test_run_search_takes_time },
};

UNIT_MAIN("scan_map: runs", tests)
