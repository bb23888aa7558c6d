/* The swap cache allocates (7.2): looked up twice, charged by the winner. */
#include "models/mm/folio.h"
#include "models/mm/memcg.h"
#include "tests/unit/world.h"

static u32 swapped_page(struct world *w, struct world_size size)
{
	size.release = size.release ? size.release : "7.2";
	world_init(w, size);
	w->k->lruvec[0].nonresident_age = w->k->lruvec[1].nonresident_age = 77; /* for the shadow */
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

	CU_ASSERT_NOT_EQUAL(slot_shadow(w.k, entry), SHADOW_TAG);
	w.k->memcg[1].max = 0;
	CU_ASSERT(RUN_ON(&w, 1, swap_cache_alloc, .entry = entry, .page = page_of(&w, 0),
			 .fault = page_of(&w, 0), .orders = 1) == -PATH_ENOMEM);
	CU_ASSERT_EQUAL(w.k->slot[entry].cache, word);
	CU_ASSERT_EQUAL(w.k->memory->free, free);
	CU_ASSERT_EQUAL(counted(&w, WORKINGSET_REFAULT_ANON), 0);
	CU_ASSERT_EQUAL(w.k->count[0][mthp_counter(1, MTHP_SWPIN_FALLBACK_CHARGE)], 0);
	world_release(&w);
}

/* With its shadow the folio is a refault; it is in the batch of its CPU. */
static void test_refault(void)
{
	struct world w;
	u32 entry = swapped_page(&w, (struct world_size){ 0 });

	CU_ASSERT(RUN(&w, swap_cache_alloc, .entry = entry, .page = page_of(&w, 0), .fault = page_of(&w, 0),
		      .orders = 1) > 0);
	CU_ASSERT_EQUAL(counted(&w, WORKINGSET_REFAULT_ANON), 1);
	world_drain(&w, 0);
	CU_ASSERT(w.k->folio[word_folio(w.k->slot[entry].cache)].flags & FOLIO_LRU);
	world_release(&w);
}

/* By patch each folio is charged before, or only large ones. */
static void test_charge_first(void)
{
	static const char *const kernels[] = { "7.2", "7.2+charge=order-as-charged",
					       "7.2+charge=before-insert" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct world w;
		u32 a, b;

		swapped_page(&w, (struct world_size){ .release = kernels[i] });
		world_by_hand(&w);
		a = ADD_ON(&w, 0, handle_mm_fault, .page = page_of(&w, 0));
		b = ADD_ON(&w, 1, handle_mm_fault, .page = page_of(&w, 0));
		CU_ASSERT(world_step_to(&w, b, "swap_cache_alloc_order.LOCK_CI"));
		CU_ASSERT(world_step_to(&w, a, "zram_read_page.DECOMPRESS"));
		CU_ASSERT(world_step_to(&w, b, "do_swap_page.WAIT_FOLIO"));
		CU_ASSERT_EQUAL(counted(&w, SWAPIN_WASTED_CHARGES), i == 2);
		world_release(&w);
	}
}

/* Under cgroup v1 the slot's charge becomes the page's. */
static void test_swapin_v1(void)
{
	struct world w;
	u32 entry = swapped_page(&w, (struct world_size){ .cgroup_version = 1, .memsw_limit = 1000 });

	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 1);
	world_read(&w, 0);
	CU_ASSERT(is_resident(&w, 0));
	CU_ASSERT_EQUAL(w.k->slot[entry].memcg, 0);
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 0);
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

/* Two pages side by side in swap, the first of which asks for a folio of both. */
static u32 two_pages(struct world *w)
{
	u32 entry;

	world_init(w, (struct world_size){ .release = "7.2", .max_order = 2, .thp_orders = 1u << 1 });
	world_write_range(w, 0, 8);
	CU_ASSERT(world_pageout(w, 0, 8) > 0);
	entry = entry_at(w, 4);
	CU_ASSERT_EQUAL_FATAL(entry % 2, 0);
	CU_ASSERT_EQUAL(w->k->slot[entry].memcg, w->k->slot[entry + 1].memcg);
	return entry;
}

/* The other has a folio, has no reference, or comes to be another cgroup's. */
static void test_other_slot(void)
{
	enum { HAS_FOLIO, NOT_IN_USE, OTHER_CGROUP, NR_REASONS };

	for (u32 reason = 0; reason < NR_REASONS; reason++) {
		struct world w;
		u32 entry = two_pages(&w), task;

		if (reason == HAS_FOLIO)
			CU_ASSERT(alloc(&w, entry + 1, 1) > 0);
		if (reason == NOT_IN_USE)
			RUN(&w, swap_free, .entry = entry + 1, .nr = 1);
		world_by_hand(&w);
		task = ADD_ON(&w, 1, swap_cache_alloc_order, .entry = entry, .page = page_of(&w, 4),
			      .fault = page_of(&w, 4), .order = 1);
		CU_ASSERT(world_step_to(&w, task, "swap_cache_alloc_order.UNLOCK_CHECK"));
		if (reason == OTHER_CGROUP)
			w.k->slot[entry + 1].memcg = 0;
		CU_ASSERT(world_step_to(&w, task, NULL));
		CU_ASSERT_EQUAL(word_folio(w.k->slot[entry].cache), 0);
		CU_ASSERT_EQUAL(counted(&w, SWAPIN_WASTED_PAGES), reason == OTHER_CGROUP ? 2 : 0);
		world_release(&w);
	}
}

/* Two pages that are more than the cgroup may have are counted as such, and one is tried. */
static void test_large_charge(void)
{
	for (u32 before = 0; before < 2; before++) {
		struct world w;
		u32 entry = two_pages(&w);

		w.k->patch.charge = before ? CHARGE_BEFORE_INSERT : CHARGE_AFTER_INSERT;
		memcg_drain_stocks(w.k, 1);
		w.k->memcg[1].max = w.k->memcg[1].usage + 1;
		CU_ASSERT(alloc(&w, entry, 1u << 1 | 1) > 0);
		CU_ASSERT_EQUAL(w.k->count[0][mthp_counter(1, MTHP_SWPIN_FALLBACK_CHARGE)], 1);
		CU_ASSERT_EQUAL(word_folio(w.k->slot[entry + 1].cache), 0);
		world_release(&w);
	}
}

/* A folio that came since the fault looked is found before any lock is taken. */
static void test_looks_in_the_cache_first(void)
{
	struct world w;
	u32 a, b;
	u64 locks;

	swapped_page(&w, (struct world_size){ 0 });
	world_by_hand(&w);
	a = ADD_ON(&w, 0, handle_mm_fault, .page = page_of(&w, 0));
	b = ADD_ON(&w, 1, handle_mm_fault, .page = page_of(&w, 0));
	CU_ASSERT(world_step_to(&w, b, "swapin_sync.LOOKUP"));
	CU_ASSERT(world_step_to(&w, a, "zram_read_page.DECOMPRESS"));
	locks = locks_taken(&w, CLASS_CLUSTER);
	CU_ASSERT(world_step_to(&w, b, "do_swap_page.WAIT_FOLIO"));
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_CLUSTER) - locks, 0);
	world_release(&w);
}

/* Whom a slot is charged to and whether its page is zeroes are in the cluster, and its lock guards them. */
static u64 locks_of_swap_out(const char *release, const char *corpus)
{
	struct world w;
	u64 locks;

	world_init(&w, (struct world_size){ .release = release, .corpus = corpus });
	world_write_range(&w, 0, 2);
	CU_ASSERT_EQUAL(world_pageout(&w, 0, 1), 1); /* the CPU has its cluster */
	locks = locks_taken(&w, CLASS_CLUSTER);
	CU_ASSERT_EQUAL(world_pageout(&w, 1, 1), 1);
	locks = locks_taken(&w, CLASS_CLUSTER) - locks;
	world_release(&w);
	return locks;
}

static void test_locks_of_swap_out(void)
{
	CU_ASSERT_EQUAL(locks_of_swap_out("7.0", NULL), 4); /* take, count, see whether it is used, evict */
	CU_ASSERT_EQUAL(locks_of_swap_out("7.1", NULL), 3);
	CU_ASSERT_EQUAL(locks_of_swap_out("7.2", NULL), 5);
}

/* Under cgroup v1 the slot's charge goes as soon as its page is read, be it still swapped. */
static void test_read_v1(void)
{
	struct world w;
	u32 entry = swapped_page(&w, (struct world_size){ .cgroup_version = 1, .memsw_limit = 1000 });

	CU_ASSERT_EQUAL(w.k->slot[entry].memcg, 1);
	CU_ASSERT(RUN(&w, swap_cache_read_folio, .entry = entry, .page = page_of(&w, 0)) > 0);
	CU_ASSERT_EQUAL(swap_count(w.k, entry), 1);
	CU_ASSERT_EQUAL(w.k->slot[entry].memcg, 0);
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 0);
	world_release(&w);
}

/* Whether what is charged is in the cache by then, as patch charge says: a page, and two in one folio. */
static void test_charged_when(void)
{
	static const struct {
		u32 patch;
		bool cached[2]; /* [order] */
	} as[] = {
		{ CHARGE_AFTER_INSERT, { true, true } },
		{ CHARGE_BEFORE_INSERT, { false, false } },
		{ CHARGE_ORDER_AS_CHARGED, { true, false } },
	};

	for (u32 i = 0; i < 2 * ARRAY_SIZE(as); i++) {
		struct world w;
		u32 entry, order = i % 2, task;

		entry = two_pages(&w);
		w.k->patch.charge = (u8)as[i / 2].patch;
		world_by_hand(&w);
		task = ADD_ON(&w, 0, swap_cache_alloc, .entry = entry, .page = page_of(&w, 0),
			      .fault = page_of(&w, 0), .orders = 1u << order);
		CU_ASSERT(world_step_to(&w, task, "mem_cgroup_charge.TRY_CHARGE"));
		CU_ASSERT_EQUAL(word_folio(w.k->slot[entry].cache) != 0, as[i / 2].cached[order]);
		CU_ASSERT(world_step_to(&w, task, NULL));
		CU_ASSERT_EQUAL(folio_order(w.k, word_folio(w.k->slot[entry].cache)), order);
		world_release(&w);
	}
}

static const struct unit tests[] = {
	{ "who finds a folio allocates nothing", test_seen_before_allocating },
	{ "who loses the race has charged nothing", test_loser_does_not_charge },
	{ "a folio that cannot be charged gives the shadow back", test_failed_charge },
	{ "a folio with a shadow is a refault", test_refault },
	{ "by patch folios are charged before", test_charge_first },
	{ "under cgroup v1 the slot's charge goes", test_swapin_v1 },
	{ "a slot with a folio, and one that is not in use", test_errors },
	{ "a large folio needs slots that are alike", test_other_slot },
	{ "a large folio that cannot be charged is counted", test_large_charge },
	{ "a folio is as large as the slots allow", test_orders },
	{ "the swap cache is looked at before the slot", test_looks_in_the_cache_first },
	{ "a swap-out locks the cluster for the cgroup and for zeroes", test_locks_of_swap_out },
	{ "under cgroup v1 a slot's charge goes when its page is read", test_read_v1 },
	{ "what is charged is in the cache by then, or not", test_charged_when },
};

UNIT_MAIN("cache_orders", tests)
