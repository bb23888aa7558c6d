/* The swap cache allocates (7.2): looked up twice, charged by the winner. */
#include "tests/unit/world.h"

static u32 swapped_page(struct world *w, struct world_size size)
{
	size.release = size.release ? size.release : "7.2";
	world_init(w, size);
	world_write(w, 0);
	CU_ASSERT_EQUAL(world_pageout(w, 0, 1), 1);
	return entry_at(w, 0);
}

/* Who comes when the folio is there allocates nothing. */
static void test_seen_before_allocating(void)
{
	struct world w;
	u32 entry = swapped_page(&w, (struct world_size){ 0 }), a, b;

	world_by_hand(&w);
	a = ADD_ON(&w, 0, handle_mm_fault, .page = page_of(&w, 0));
	b = ADD_ON(&w, 1, handle_mm_fault, .page = page_of(&w, 0));
	CU_ASSERT(world_step_to(&w, b, "swap_cache_alloc_order.LOCK_CHECK")); /* it saw no folio */
	CU_ASSERT(world_step_to(&w, a, "mem_cgroup_charge.TRY_CHARGE"));
	CU_ASSERT_NOT_EQUAL(word_folio(w.k->slot[entry].cache), 0);
	CU_ASSERT_EQUAL(w.k->folio[word_folio(w.k->slot[entry].cache)].memcg, 0);
	CU_ASSERT(world_step_to(&w, b, "do_swap_page.WAIT_FOLIO"));
	CU_ASSERT_EQUAL(counted(&w, SWAPIN_WASTED_PAGES), 0);
	CU_ASSERT(world_step_to(&w, a, NULL));
	CU_ASSERT(world_step_to(&w, b, NULL));
	CU_ASSERT(is_resident(&w, 0));
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 0);
	CU_ASSERT_EQUAL(counted(&w, PSWPIN), 1);
	world_release(&w);
}

/* Who comes between has allocated for nothing, and charged nothing. */
static void test_loser_does_not_charge(void)
{
	struct world w;
	u32 a, b;

	swapped_page(&w, (struct world_size){ 0 });
	world_by_hand(&w);
	a = ADD_ON(&w, 0, handle_mm_fault, .page = page_of(&w, 0));
	b = ADD_ON(&w, 1, handle_mm_fault, .page = page_of(&w, 0));
	CU_ASSERT(world_step_to(&w, b, "swap_cache_alloc_order.LOCK_CI"));
	CU_ASSERT(world_step_to(&w, a, "zram_read_page.DECOMPRESS"));
	CU_ASSERT(world_step_to(&w, b, "do_swap_page.WAIT_FOLIO"));
	CU_ASSERT_EQUAL(counted(&w, SWAPIN_RACES), 1);
	CU_ASSERT_EQUAL(counted(&w, SWAPIN_WASTED_PAGES), 1);
	CU_ASSERT_EQUAL(counted(&w, SWAPIN_WASTED_CHARGES), 0);
	world_release(&w);
}

/* A folio that cannot be charged leaves, and its shadow is there again. */
static void test_failed_charge(void)
{
	struct world w;
	u32 entry = swapped_page(&w, (struct world_size){ 0 });
	u64 word = w.k->slot[entry].cache, free = w.k->memory->free;

	CU_ASSERT_NOT_EQUAL(slot_shadow(w.k, entry), 0);
	w.k->memcg[1].max = 0;
	CU_ASSERT(RUN_ON(&w, 1, swap_cache_alloc, .entry = entry, .page = page_of(&w, 0),
			 .fault = page_of(&w, 0), .orders = 1) == -PATH_ENOMEM);
	CU_ASSERT_EQUAL(w.k->slot[entry].cache, word);
	CU_ASSERT_EQUAL(w.k->memory->free, free);
	world_release(&w);
}

static s64 alloc(struct world *w, u32 entry, u32 orders)
{
	return RUN_ON(w, 1, swap_cache_alloc, .entry = entry, .page = page_of(w, 0), .fault = page_of(w, 0),
		      .orders = orders);
}

static void test_errors(void)
{
	struct world w;
	u32 entry = swapped_page(&w, (struct world_size){ 0 });

	CU_ASSERT(alloc(&w, entry, 1) > 0);
	CU_ASSERT_EQUAL(alloc(&w, entry, 1), -PATH_EEXIST);
	CU_ASSERT_EQUAL(alloc(&w, entry + 1, 1), -PATH_ENOENT);
	world_release(&w);
}

/* Slots around it that are not alike mean a smaller folio. */
static void test_orders(void)
{
	struct world w;
	u32 entry;

	world_init(&w, (struct world_size){ .release = "7.2", .max_order = 2, .thp_orders = 1u << 1 });
	world_write_range(&w, 0, 8);
	CU_ASSERT(world_pageout(&w, 0, 8) > 0);
	entry = entry_at(&w, 4);
	CU_ASSERT_EQUAL(entry % 2, 0);
	slot_note_zero(w.k, entry + 1, true);
	w.k->slot[entry + 1].stored = STORED_ZEROMAP;
	CU_ASSERT(alloc(&w, entry, 1u << 1 | 1) > 0);
	CU_ASSERT_EQUAL(word_folio(w.k->slot[entry + 1].cache), 0);
	CU_ASSERT_EQUAL(w.k->count[0][mthp_counter(1, MTHP_SWPIN_FALLBACK)], 1);
	entry = entry_at(&w, 6);
	CU_ASSERT(alloc(&w, entry, 1u << 1 | 1) > 0);
	CU_ASSERT_NOT_EQUAL(word_folio(w.k->slot[entry + 1].cache), 0);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "who finds a folio allocates nothing", test_seen_before_allocating },
	{ "who loses the race has charged nothing", test_loser_does_not_charge },
	{ "a folio that cannot be charged gives the shadow back", test_failed_charge },
	{ "a slot with a folio, and one that is not in use", test_errors },
	{ "a folio is as large as the slots allow", test_orders },
};

UNIT_MAIN("cache_orders", tests)
