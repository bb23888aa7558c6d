#include "sim/arena.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

struct world {
	struct arena arena;
	u32 *small;
	u64 *large;
	u8 *stats;
	u8 *owned;
	u32 large_region;
};

static struct world *world_new(void)
{
	struct world *w = calloc(1, sizeof *w);

	arena_add(&w->arena, "small", (void **)&w->small, sizeof *w->small, 3, REGION_STATE);
	w->large_region =
	    arena_add(&w->arena, "large", (void **)&w->large, sizeof *w->large, 5000, REGION_STATE);
	arena_add(&w->arena, "stats", (void **)&w->stats, 1, 100, REGION_STATS);
	arena_add(&w->arena, "owned", (void **)&w->owned, 1, 100, REGION_OWNER);
	arena_map(&w->arena);
	return w;
}

static void world_free(struct world *w)
{
	arena_release(&w->arena);
	free(w);
}

static void test_layout(void)
{
	struct world *w = world_new();

	for (u32 i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(w->small[i], 0);
	CU_ASSERT_EQUAL((uintptr_t)w->small % 8, 0);
	CU_ASSERT_EQUAL((uintptr_t)w->large % 4096, 0);
	CU_ASSERT((u8 *)w->small >= w->arena.base + 8);
	CU_ASSERT((u8 *)(w->small + 3) <= (u8 *)w->large);
	CU_ASSERT((u8 *)(w->large + 5000) <= w->stats);
	CU_ASSERT(w->stats + 100 <= w->owned);
	CU_ASSERT(w->owned + 100 <= w->arena.base + w->arena.bytes);
	world_free(w);
}

static void test_places(void)
{
	struct world *w = world_new();

	CU_ASSERT_EQUAL(arena_place(&w->arena, NULL), 0);
	CU_ASSERT_NOT_EQUAL(arena_place(&w->arena, &w->small[0]), 0);
	CU_ASSERT_PTR_EQUAL(arena_at(&w->arena, arena_place(&w->arena, &w->large[4999])), &w->large[4999]);
	world_free(w);
}

/* 1 TiB of slots at a byte each, of which one is used. */
static void test_sparse(void)
{
	struct arena a = { 0 };
	u8 *huge;
	u32 region = arena_add(&a, "huge", (void **)&huge, 4096, 1u << 28, REGION_STATE);

	arena_map(&a);
	huge[(1ull << 40) - 1] = 7;
	CU_ASSERT_EQUAL(huge[(1ull << 40) - 1], 7);
	arena_set_live(&a, region, 0);
	CU_ASSERT_EQUAL(arena_snapshot_bytes(&a, true), 8);
	arena_release(&a);
	CU_ASSERT_PTR_NULL(a.base);
}

static void *save(const struct world *w, bool statistics)
{
	u64 bytes = arena_snapshot_bytes(&w->arena, statistics);
	u8 *copy = malloc(bytes + 1);

	copy[bytes] = 0x5a; /* nothing is written behind the end */
	arena_save(&w->arena, copy, statistics);
	CU_ASSERT_EQUAL(copy[bytes], 0x5a);
	return copy;
}

static void test_snapshot(void)
{
	struct world *w = world_new();
	void *copy;

	arena_set_live(&w->arena, w->large_region, 10);
	CU_ASSERT_EQUAL(arena_snapshot_bytes(&w->arena, true), 3 * 8 + 12 + 80 + 100);
	CU_ASSERT_EQUAL(arena_snapshot_bytes(&w->arena, false), 2 * 8 + 12 + 80);
	w->small[2] = 1;
	w->large[9] = 2;
	w->stats[0] = 3;
	w->owned[0] = 4;
	copy = save(w, true);
	arena_set_live(&w->arena, w->large_region, 20);
	w->small[2] = w->large[9] = w->large[10] = w->large[19] = w->stats[0] = w->owned[0] = 9;
	arena_load(&w->arena, copy, true);
	CU_ASSERT_EQUAL(w->small[2], 1);
	CU_ASSERT_EQUAL(w->large[9], 2);
	CU_ASSERT_EQUAL(w->stats[0], 3);
	CU_ASSERT_EQUAL(w->owned[0], 9); /* its owner's business */
	CU_ASSERT_EQUAL(w->arena.region[w->large_region].live, 10);
	/* What was live later is as if it had never been. */
	CU_ASSERT_EQUAL(w->large[10], 0);
	CU_ASSERT_EQUAL(w->large[19], 0);
	free(copy);
	copy = save(w, false);
	w->small[2] = w->stats[0] = 9;
	arena_load(&w->arena, copy, false);
	CU_ASSERT_EQUAL(w->small[2], 1);
	CU_ASSERT_EQUAL(w->stats[0], 9);
	free(copy);
	world_free(w);
}

static void test_hash(void)
{
	struct world *w = world_new();
	u64 empty, one;

	arena_set_live(&w->arena, w->large_region, 10);
	empty = arena_hash(&w->arena);
	w->stats[5] = w->owned[5] = 1;
	w->large[10] = 1;
	CU_ASSERT_EQUAL(arena_hash(&w->arena), empty);
	w->large[9] = 1;
	one = arena_hash(&w->arena);
	CU_ASSERT_NOT_EQUAL(one, empty);
	w->large[9] = 0;
	w->large[8] = 1;
	CU_ASSERT_NOT_EQUAL(arena_hash(&w->arena), one);
	w->large[8] = 0;
	arena_set_live(&w->arena, w->large_region, 9);
	CU_ASSERT_NOT_EQUAL(arena_hash(&w->arena), empty);
	world_free(w);
}

/* The hash names steps in golden files: these values must never change. */
static void test_hash_values(void)
{
	CU_ASSERT_EQUAL(hash_bytes("", 0, 0), UINT64_C(0x0));
	CU_ASSERT_EQUAL(hash_bytes("do_swap_page.LOOKUP", 19, 0), UINT64_C(0x85c8d944fef45945));
	CU_ASSERT_EQUAL(hash_bytes("do_swap_page.LOOKUP", 19, 1), UINT64_C(0x5352db97c22159ab));
}

/* Of many small states that differ in a byte or two no two have one hash. */
static int compare(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

static void test_hash_collisions(void)
{
	enum { BYTES = 40, N = BYTES * 15 * (BYTES - 1) * 15 / 2 };
	u64 *hash = malloc(N * sizeof *hash);
	u8 state[BYTES] = { 0 };
	u32 n = 0, equal = 0;

	CU_ASSERT_NOT_EQUAL(hash_state(state, 3, 0), hash_state(state, 2, 0));
	CU_ASSERT_NOT_EQUAL(hash_state(state, 16, 0), hash_state(state, 16, 1));
	CU_ASSERT_NOT_EQUAL(hash_state(state, 0, 0), hash_state(state, 0, 1));
	for (u32 i = 0; i < BYTES; i++)
		for (u32 j = i + 1; j < BYTES; j++)
			for (u32 v = 0; v < 15 * 15; v++) {
				state[i] = 1 + v / 15;
				state[j] = 1 + v % 15;
				hash[n++] = hash_state(state, BYTES, 0);
				state[i] = state[j] = 0;
			}
	CU_ASSERT_EQUAL(n, N);
	qsort(hash, n, sizeof *hash, compare);
	for (u32 i = 1; i < n; i++)
		equal += hash[i] == hash[i - 1];
	CU_ASSERT_EQUAL(equal, 0);
	free(hash);
}

static void test_trim(void)
{
	struct world *w = world_new();
	u64 before = arena_snapshot_bytes(&w->arena, false);

	arena_trim(&w->arena, "large", 10);
	CU_ASSERT_EQUAL(before - arena_snapshot_bytes(&w->arena, false), 4990 * sizeof *w->large);
	CU_ASSERT_EQUAL(w->arena.region[w->large_region].max, 10);
	world_free(w);
}

static const struct unit tests[] = {
	{ "small regions are packed, large ones begin on a page, none overlap", test_layout },
	{ "a place leads back to its object, and 0 to none", test_places },
	{ "what is not touched is not paid for", test_sparse },
	{ "a snapshot brings back what is live and clears what was not", test_snapshot },
	{ "a region that was cut short is copied no further", test_trim },
	{ "a hash is of the live bytes of state alone", test_hash },
	{ "hashes of names are what they always were", test_hash_values },
	{ "states that differ in little differ in hash", test_hash_collisions },
};
UNIT_MAIN("arena", tests)
