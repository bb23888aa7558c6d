/*
 * Sets of pages: members, ends and steps over what is empty.
 */
#include "tests/unit/unit.h"

#include "sim/types.h"
#include "traces/page_set.h"

static const u32 members[] = { 0, 1, 63, 64, 127, 4000, 65535, 65536, 70000, (1u << 28) - 1 };

static void test_steps(void)
{
	struct page_set set = { 0 };
	u32 page = 0;

	CU_ASSERT_EQUAL(page_set_next(&set, 0), PAGE_SET_NONE);
	for (u32 i = 0; i < ARRAY_SIZE(members); i++)
		page_set_add(&set, members[i]);
	for (u32 i = 0; i < ARRAY_SIZE(members); i++) {
		page = page_set_next(&set, page);
		CU_ASSERT_EQUAL(page, members[i]);
		CU_ASSERT_EQUAL(page_set_next(&set, page), page);
		page++;
	}
	CU_ASSERT_EQUAL(page_set_next(&set, page), PAGE_SET_NONE);
	CU_ASSERT_EQUAL(page_set_next(&set, PAGE_SET_NONE), PAGE_SET_NONE);
	page_set_release(&set);
}

static void test_count_and_end(void)
{
	struct page_set set = { 0 };

	CU_ASSERT_EQUAL(page_set_end(&set), 0);
	CU_ASSERT_EQUAL(page_set_count(&set), 0);
	for (u32 i = 0; i < ARRAY_SIZE(members); i++) {
		page_set_add(&set, members[i]);
		CU_ASSERT_EQUAL(page_set_end(&set), members[i] + 1);
		CU_ASSERT_EQUAL(page_set_count(&set), i + 1);
	}
	page_set_release(&set);
}

static void test_ranges(void)
{
	struct page_set set = { 0 }, other = { 0 };

	page_set_add_range(&set, 65530, 65550);
	CU_ASSERT_EQUAL(page_set_count(&set), 21);
	page_set_add_range(&other, 65536, 65540);
	page_set_subtract(&set, &other);
	CU_ASSERT_EQUAL(page_set_count(&set), 16);
	CU_ASSERT(page_set_has(&set, 65535) && !page_set_has(&set, 65536));
	CU_ASSERT_EQUAL(page_set_next(&set, 65536), 65541);
	page_set_release(&set);
	page_set_release(&other);
}

static const struct unit tests[] = {
	{ "the next member is found across words and missing pieces", test_steps },
	{ "count and end follow the members", test_count_and_end },
	{ "ranges are added and taken out to the page", test_ranges },
};
UNIT_MAIN("page set", tests)
