/* Numbers of pages that are mapped, moved and given back. */
#include "tests/unit/unit.h"
#include "traces/address_map.h"

static void test_by_touch(void)
{
	struct address_map map;

	address_map_init(&map, false);
	CU_ASSERT_EQUAL(address_map_get(&map, 7000), 0);
	CU_ASSERT_EQUAL(address_map_get(&map, 5), 1);
	CU_ASSERT_EQUAL(address_map_get(&map, 7000), 0);
	CU_ASSERT_EQUAL(address_map_get(&map, 7001), 2);
	CU_ASSERT_EQUAL(map.numbers, 3);
	CU_ASSERT_EQUAL(map.owner[1], 6);
	address_map_release(&map);
}

static void test_by_table(void)
{
	struct address_map map;

	address_map_init(&map, true);
	CU_ASSERT_EQUAL(address_map_get(&map, 5 * 512 + 9), 9);
	CU_ASSERT_EQUAL(address_map_get(&map, 2 * 512 + 511), 1023);
	CU_ASSERT_EQUAL(address_map_get(&map, 5 * 512 + 8), 8);
	CU_ASSERT_EQUAL(address_map_get(&map, 3 * 512), 1024); /* another table, however near */
	CU_ASSERT_EQUAL(map.numbers, 3 * 512);
	address_map_release(&map);
}

/* Over what was never touched in one step, also where that is most of an address space. */
static void test_next(void)
{
	struct address_map map;
	u64 page = 0;

	address_map_init(&map, true);
	address_map_get(&map, 1ull << 35);
	address_map_get(&map, 100);
	address_map_get(&map, 600);
	CU_ASSERT_EQUAL(address_map_next(&map, &page, UINT64_MAX), 512 + 100);
	CU_ASSERT_EQUAL(page++, 100);
	CU_ASSERT_EQUAL(address_map_next(&map, &page, UINT64_MAX), 1024 + 88);
	CU_ASSERT_EQUAL(page++, 600);
	CU_ASSERT_EQUAL(address_map_next(&map, &page, 1ull << 35), ADDRESS_MAP_NONE);
	CU_ASSERT_EQUAL(address_map_next(&map, &page, UINT64_MAX), 0);
	CU_ASSERT_EQUAL(page++, 1ull << 35);
	CU_ASSERT_EQUAL(address_map_next(&map, &page, UINT64_MAX), ADDRESS_MAP_NONE);
	address_map_release(&map);
}

/* What moves keeps its number; its old place gets another one, and the page it comes upon loses its own. */
static void test_move(void)
{
	struct address_map map;

	address_map_init(&map, true);
	address_map_get(&map, 3);
	address_map_get(&map, 4);
	address_map_get(&map, 1030);
	address_map_move(&map, 3, 1029, 2);
	CU_ASSERT_EQUAL(address_map_get(&map, 1029), 3);
	CU_ASSERT_EQUAL(address_map_get(&map, 1030), 4);
	CU_ASSERT_EQUAL(address_map_get(&map, 5), 5);
	CU_ASSERT_EQUAL(address_map_get(&map, 3), 1024 + 3);
	CU_ASSERT_EQUAL(address_map_get(&map, 6), 1024 + 6); /* and so do those beside it */
	CU_ASSERT_EQUAL(map.owner[512 + 6], 0);
	address_map_release(&map);
}

static void test_forget(void)
{
	struct address_map map;

	for (u32 by_table = 0; by_table < 2; by_table++) {
		u32 before, after;

		address_map_init(&map, by_table);
		before = address_map_get(&map, 77);
		address_map_forget(&map, 77);
		after = address_map_get(&map, 77);
		CU_ASSERT_NOT_EQUAL(after, before);
		CU_ASSERT_EQUAL(map.owner[before], 0);
		CU_ASSERT_EQUAL(map.owner[after], 78);
		address_map_release(&map);
	}
}

static const struct unit tests[] = {
	{ "pages are numbered as they are touched", test_by_touch },
	{ "or by page table", test_by_table },
	{ "the next page that was touched is found far away", test_next },
	{ "pages move with their numbers", test_move },
	{ "a number that is forgotten is not used again", test_forget },
};
UNIT_MAIN("address map", tests)
