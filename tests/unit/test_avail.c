/* Which device gives the next slot: priorities, and turns among equals. */
#include "models/swap/avail.h"

#include "models/mm/memory.h"
#include "models/swap/slot_cache.h"
#include "tests/unit/world.h"

enum { PER_CLUSTER = 8, SLOTS = 3 * PER_CLUSTER - 1, MOST = 3 };

/* Three devices of three clusters; priorities 0 are not given. */
static void three_devices(struct world *w, const char *release, const u32 *priority, u32 kept)
{
	struct world_size size = { .release = release,
				   .per_cluster = PER_CLUSTER,
				   .space_clusters = 8,
				   .slots = SLOTS,
				   .devices = MOST,
				   .check_locks = true };
	struct kernel_config c = world_config(w, &size);

	for (u32 i = 0; i < MOST; i++)
		w->device[i].priority = priority[i];
	c.slot_cache = kept;
	w->k = kernel_new(&c, NULL);
	CU_ASSERT_FATAL(w->k != NULL);
}

/* A new folio asks for a slot; the device it is on, NO_DEVICE if there is none. */
static u32 take_on(struct world *w, u32 cpu)
{
	u32 folio = folio_alloc(w->k, 0, 0);

	w->k->folio[folio].memcg = 1;
	w->k->folio_io[folio].lock = w->k->machine.tasks + 1;
	if (RUN_ON(w, cpu, folio_alloc_swap, .folio = folio))
		return NO_DEVICE;
	return device_of(w->k, w->k->folio_io[folio].swap)->number;
}

static void expect_devices(struct world *w, const char *expected)
{
	for (; *expected; expected++)
		CU_ASSERT_EQUAL(take_on(w, 0), (u32)*expected - '0');
}

static void test_defaults(void)
{
	struct world w;

	three_devices(&w, "6.18", (const u32[]){ 0, 0, 0 }, 64);
	for (u32 i = 0; i < MOST; i++)
		CU_ASSERT_EQUAL(w.k->device[i].priority, -2 - (s32)i);
	for (u32 i = 0; i < MOST; i++)
		for (u32 n = 0; n < SLOTS; n++)
			CU_ASSERT_EQUAL(take_on(&w, 0), i);
	CU_ASSERT_EQUAL(take_on(&w, 0), NO_DEVICE);
	world_release(&w);
}

/* From 6.19 on they take turns. */
static void test_equal_defaults(void)
{
	struct world w;

	three_devices(&w, "7.0", (const u32[]){ 0, 0, 0 }, 64);
	for (u32 i = 0; i < MOST; i++)
		CU_ASSERT_EQUAL(w.k->device[i].priority, -1);
	for (u32 i = 0; i < 2 * MOST; i++)
		for (u32 n = 0; n < PER_CLUSTER - (i < MOST); n++)
			CU_ASSERT_EQUAL(take_on(&w, 0), i % MOST);
	world_release(&w);
}

static void test_priorities(void)
{
	struct world w;

	three_devices(&w, "6.18", (const u32[]){ 0, 1, 7 }, 64);
	CU_ASSERT_EQUAL(w.k->device[0].priority, -2);
	CU_ASSERT_EQUAL(w.k->device[1].priority, 1);
	for (u32 i = MOST; i--;)
		for (u32 n = 0; n < SLOTS; n++)
			CU_ASSERT_EQUAL(take_on(&w, 0), i);
	world_release(&w);
}

/* A CPU keeps to its cluster until that is full; only then is it another device's turn. */
static void test_turns(void)
{
	struct world w;

	three_devices(&w, "6.18", (const u32[]){ 5, 5, 5 }, 64);
	expect_devices(&w, "0000000"); /* the header's cluster has seven */
	expect_devices(&w, "1111111");
	expect_devices(&w, "2222222");
	expect_devices(&w, "00000000");
	expect_devices(&w, "11111111");
	world_release(&w);
	three_devices(&w, "6.18", (const u32[]){ 5, 0, 5 }, 64);
	expect_devices(&w, "0000000");
	expect_devices(&w, "2222222");
	expect_devices(&w, "00000000");
	world_release(&w);
}

/* One walk for each CPU's first cluster; from then on both have a hint, each to another device. */
static void test_hints_are_over_all_devices(void)
{
	struct world w;

	three_devices(&w, "6.17", (const u32[]){ 5, 5, 5 }, 64);
	for (u32 i = 0; i < PER_CLUSTER; i++) {
		CU_ASSERT_EQUAL(take_on(&w, 0), 0);
		CU_ASSERT_EQUAL(take_on(&w, 1), 1);
	}
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_SWAP_AVAIL), 2);
	CU_ASSERT_EQUAL(take_on(&w, 1), 2);
	CU_ASSERT_EQUAL(take_on(&w, 0), 0);
	world_release(&w);
}

/* 6.12: each refill of a CPU's cache is one walk. */
static void test_turn_of_each_refill(void)
{
	struct world w;

	three_devices(&w, "6.12", (const u32[]){ 5, 5, 5 }, 2);
	expect_devices(&w, "001122001122");
	world_release(&w);
	three_devices(&w, "6.12", (const u32[]){ 0, 0, 0 }, 2);
	expect_devices(&w, "000000000000");
	world_release(&w);
}

static u32 first_of(struct world *w)
{
	u32 next = 0;

	return swap_avail_take(w->k, &next);
}

static void test_walk(void)
{
	static const u32 equal[] = { 5, 5, 5 };
	struct world w;
	u32 next = 0;

	three_devices(&w, "6.18", equal, 64);
	CU_ASSERT_EQUAL(swap_avail_take(w.k, &next), 0); /* 1 2 0 */
	CU_ASSERT_EQUAL(swap_avail_take(w.k, &next), 1); /* 2 0 1 */
	CU_ASSERT_EQUAL(swap_avail_take(w.k, &next), 2); /* 0 1 2 */
	w.k->device[0].on_avail_list = 0;		 /* it was to be next */
	CU_ASSERT_EQUAL(swap_avail_take(w.k, &next), 1); /* 0 2 1 */
	swap_avail_add(w.k, 0);				 /* 2 1 0 */
	CU_ASSERT_EQUAL(first_of(&w), 2);
	swap_avail_add(w.k, 1); /* it is there: nothing happens */
	CU_ASSERT_EQUAL(first_of(&w), 1);
	for (u32 i = 0; i < MOST; i++)
		w.k->device[i].on_avail_list = 0;
	CU_ASSERT_EQUAL(first_of(&w), NO_DEVICE);
	world_release(&w);
}

static void test_walk_ends(void)
{
	struct world w;
	u32 next = 0;

	three_devices(&w, "6.18", (const u32[]){ 9, 0, 0 }, 64);
	CU_ASSERT_EQUAL(swap_avail_take(w.k, &next), 0);
	CU_ASSERT_EQUAL(swap_avail_take(w.k, &next), 1);
	CU_ASSERT_EQUAL(swap_avail_take(w.k, &next), 2);
	CU_ASSERT_EQUAL(swap_avail_take(w.k, &next), NO_DEVICE);
	CU_ASSERT_EQUAL(swap_avail_take(w.k, &next), NO_DEVICE);
	world_release(&w);
}

/* A swapoff that fails puts the device back: it offers slots only if it has any. */
static void test_comes_back_as_it_is(void)
{
	for (u32 full = 0; full < 2; full++) {
		struct world w;

		three_devices(&w, "6.18", (const u32[]){ 0, 0, 0 }, 64);
		for (u32 n = 0; n < SLOTS - !full; n++)
			CU_ASSERT_EQUAL(take_on(&w, 0), 0);
		swap_avail_remove(w.k, 0);
		swap_avail_insert(w.k, 0);
		CU_ASSERT_EQUAL(w.k->device[0].on_avail_list, !full);
		world_release(&w);
	}
}

/* Up to 6.18 those behind one that goes move up; where all are equal they stay what they are. */
static void test_priorities_after_one_is_gone(void)
{
	static const struct {
		const char *release;
		s32 before, after;
	} kernels[] = { { "6.18", -4, -3 }, { "7.0", -1, -1 } };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct world w;

		three_devices(&w, kernels[i].release, (const u32[]){ 0, 0, 0 }, 64);
		CU_ASSERT_EQUAL(w.k->device[2].priority, kernels[i].before);
		swap_avail_remove(w.k, 0);
		CU_ASSERT_EQUAL(w.k->device[2].priority, kernels[i].after);
		world_release(&w);
	}
}

static const struct unit tests[] = {
	{ "without priorities devices are used one after the other", test_defaults },
	{ "from 6.19 on devices without a priority take turns", test_equal_defaults },
	{ "the highest first, those without one last", test_priorities },
	{ "equal ones take turns, once for each cluster a CPU needs", test_turns },
	{ "a CPU has one hint over all devices", test_hints_are_over_all_devices },
	{ "6.12: once for each refill of a CPU's cache", test_turn_of_each_refill },
	{ "what was taken goes behind its equals, and the walk on", test_walk },
	{ "a walk over unequal devices ends", test_walk_ends },
	{ "a device that comes back offers what it has", test_comes_back_as_it_is },
	{ "priorities by default move up, or are equal", test_priorities_after_one_is_gone },
};

UNIT_MAIN("avail", tests)
