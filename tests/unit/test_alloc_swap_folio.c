/* Large folios go out to swap and come back: as a whole where that can be, else page by page. */
#include "models/audit.h"
#include "models/mm/folio.h"
#include "models/mm/memory.h"
#include "models/mm/swapin.h"
#include "models/mm/thp.h"
#include "models/mm/zap.h"
#include "tests/unit/world.h"

enum { TABLE = 16, ORDER = 2, PAGES = 1u << ORDER };

static void large_world(struct world *w, struct world_size s)
{
	s.per_table = TABLE;
	s.pages = 64;
	s.max_order = 4;
	s.thp_orders = s.thp_orders ? s.thp_orders : 1u << ORDER;
	world_init(w, s);
}

static void check_audits(struct world *w)
{
	const struct audit *const lists[] = { audits_of_mm, audits_of_swap };

	for (u32 i = 0; i < ARRAY_SIZE(lists); i++)
		for (const struct audit *a = lists[i]; a->what.name; a++) {
			GString *why = g_string_new(NULL);

			CU_ASSERT(a->what.holds(&w->k->machine, why));
			CU_ASSERT_STRING_EQUAL(why->str, "");
			g_string_free(why, TRUE);
		}
}

static u32 order_at(const struct world *w, u32 page)
{
	return folio_order(w->k, page_folio(w->k, w->k->pte[page_of(w, page)]));
}

/* Pages [0, 4) are written and swapped out. */
static void swapped_world(struct world *w, struct world_size s)
{
	large_world(w, s);
	world_write_range(w, 0, PAGES);
	CU_ASSERT_EQUAL_FATAL(world_pageout(w, 0, PAGES), PAGES);
}

static void out_and_in_as_a_whole(const char *release)
{
	struct world w;
	u64 free;

	large_world(&w, (struct world_size){ .release = release });
	free = w.k->swap->free_pages;
	world_write_range(&w, 0, PAGES);
	CU_ASSERT_EQUAL(world_pageout(&w, 0, PAGES), PAGES);
	for (u32 i = 1; i < PAGES; i++)
		CU_ASSERT_EQUAL(entry_at(&w, i), entry_at(&w, 0) + i);
	CU_ASSERT_EQUAL(entry_at(&w, 0) % PAGES, 0);
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), PAGES);
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_16_SWPOUT], 1);
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_16_SPLIT], 0);
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, PAGES);
	check_audits(&w);

	world_write(&w, 2);
	for (u32 i = 0; i < PAGES; i++) {
		CU_ASSERT(is_resident(&w, i));
		CU_ASSERT_EQUAL(!!(flags_at(&w, i) & PTE_DIRTY), i == 2);
		CU_ASSERT(flags_at(&w, i) & PTE_ACCESSED);
	}
	CU_ASSERT_EQUAL(order_at(&w, 0), ORDER);
	CU_ASSERT_EQUAL(counted(&w, PGMAJFAULT), 1);
	CU_ASSERT_EQUAL(counted(&w, PSWPIN), PAGES);
	CU_ASSERT_EQUAL(counted(&w, WORKINGSET_REFAULT_ANON), PAGES);
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_16_SWPIN], 1);
	CU_ASSERT_EQUAL(w.k->swap->free_pages, (s64)free);
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 0);
	CU_ASSERT_EQUAL(w.k->mm[0].swap_ents, 0);
	check_audits(&w);
	world_release(&w);
}

static void test_out_and_in_as_a_whole(void)
{
	out_and_in_as_a_whole("6.18");
	out_and_in_as_a_whole("7.0");
	out_and_in_as_a_whole("7.2");
}

/* One of the pages came back alone: what is left in a row is two and one. */
static void test_as_much_as_is_in_a_row(void)
{
	struct world w;

	swapped_world(&w, (struct world_size){ .thp_orders = 1u << ORDER | 1u << 1 });
	w.k->config.thp.size[ORDER] = w.k->config.thp.size[1] = THP_NEVER;
	world_read(&w, 3);
	CU_ASSERT_EQUAL(order_at(&w, 3), 0);
	w.k->config.thp.size[ORDER] = w.k->config.thp.size[1] = THP_ALWAYS;
	world_read(&w, 2);
	CU_ASSERT_EQUAL(order_at(&w, 2), 0);
	world_read(&w, 1);
	CU_ASSERT_EQUAL(order_at(&w, 1), 1);
	CU_ASSERT(is_resident(&w, 0));
	check_audits(&w);
	world_release(&w);
}

/* Pages of zeroes are not read with others. */
static void test_zeroes_are_apart(void)
{
	struct world w;
	u32 entry;

	swapped_world(&w, (struct world_size){ 0 });
	entry = entry_at(&w, 1);
	w.k->slot[entry].stored = STORED_ZEROMAP;
	world_read(&w, 0);
	CU_ASSERT_EQUAL(order_at(&w, 0), 0);
	CU_ASSERT(is_swapped(&w, 1));
	w.k->slot[entry].stored = STORED_NOTHING;
	world_release(&w);
}

static void test_who_may_not_reclaim_gets_one(void)
{
	struct world w;

	large_world(&w, (struct world_size){ .limit = 8 });
	w.k->config.thp.defrag = THP_DEFRAG_NEVER;
	world_write_range(&w, 0, 4);
	CU_ASSERT_EQUAL(world_pageout(&w, 0, 4), 4);
	world_write_range(&w, 8, 8);
	CU_ASSERT_EQUAL(w.k->memcg[1].usage, 8);
	world_read(&w, 0);
	CU_ASSERT_EQUAL(order_at(&w, 0), 0);
	CU_ASSERT(is_swapped(&w, 1));
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_16_SWPIN_FALLBACK], 1);
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_16_SWPIN_FALLBACK_CHARGE], 1);
	check_audits(&w);
	world_release(&w);
}

/* A huge page is swapped out whole and in by pages. */
static void test_huge_page(void)
{
	struct world w;

	large_world(&w, (struct world_size){ .thp_orders = 1u << 4, .per_cluster = TABLE });
	world_write_range(&w, 0, TABLE);
	CU_ASSERT_EQUAL(order_at(&w, 0), 4);
	CU_ASSERT_EQUAL(world_pageout(&w, 0, TABLE), TABLE);
	CU_ASSERT_EQUAL(counted(&w, THP_SWPOUT), 1);
	CU_ASSERT_EQUAL(w.k->count[0][THP_SPLIT_PMD], 1);
	CU_ASSERT_EQUAL(w.k->count[0][THP_SPLIT_PAGE], 0);
	world_read(&w, 5);
	CU_ASSERT_EQUAL(counted(&w, PSWPIN), 1);
	CU_ASSERT_EQUAL(order_at(&w, 5), 0);
	check_audits(&w);
	world_release(&w);
}

/* Without slots in a row it is split, and goes page by page. */
static void test_no_slots_in_a_row(void)
{
	struct world w;

	large_world(&w, (struct world_size){ .slots = 3, .per_cluster = 4, .space_clusters = 1 });
	world_write_range(&w, 0, PAGES);
	CU_ASSERT_EQUAL(world_pageout(&w, 0, PAGES), 3);
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_16_SWPOUT_FALLBACK], 1);
	CU_ASSERT_EQUAL(counted(&w, THP_SWPOUT_FALLBACK), 0); /* that is of huge pages */
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_16_SPLIT], 1);
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_16_SWPOUT], 0);
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), 3);
	check_audits(&w);
	world_release(&w);
}

/* What is partly unmapped is split before anything is written, and only what is mapped is. */
static void test_partly_mapped(void)
{
	struct world w;

	large_world(&w, (struct world_size){ .limit = 4 });
	world_write_range(&w, 0, PAGES);
	RUN(&w, madvise_dontneed, .page = page_of(&w, 1), .count = 1);
	CU_ASSERT_EQUAL(RUN(&w, try_to_free_mem_cgroup_pages, .memcg = 1, .nr_pages = 4) > 0, true);
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_16_SPLIT], 1);
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_16_SWPOUT_FALLBACK], 0);
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), PAGES - 1);
	world_drain(&w, 0);
	check_audits(&w);
	world_release(&w);
}

/* On an asynchronous device the folio is still in the swap cache: a fault maps all of it again, or the one
 * page if others are gone. */
static void test_from_the_swap_cache(void)
{
	struct world w;

	for (u32 gone = 0; gone < 2; gone++) {
		large_world(&w, (struct world_size){ .device = "nvme-client" });
		world_write_range(&w, 0, PAGES);
		world_pageout(&w, 0, PAGES);
		CU_ASSERT_EQUAL(counted(&w, PSWPOUT), PAGES);
		CU_ASSERT(is_swapped(&w, 0));
		if (gone)
			RUN(&w, madvise_dontneed, .page = page_of(&w, 3), .count = 1);
		world_read(&w, 1);
		CU_ASSERT_EQUAL(counted(&w, PSWPIN), 0);
		CU_ASSERT_EQUAL(counted(&w, PGMAJFAULT), 0);
		CU_ASSERT_EQUAL(is_resident(&w, 0), !gone);
		CU_ASSERT_EQUAL(order_at(&w, 1), ORDER);
		CU_ASSERT_EQUAL(w.k->mm[0].anon_pages, gone ? 1 : PAGES);
		check_audits(&w);
		world_release(&w);
	}
}

/* Of two faults on pages of one folio one reads it; the other throws its own away. */
static void test_two_tasks(void)
{
	struct world w;
	u32 a, b;

	swapped_world(&w, (struct world_size){ 0 });
	world_by_hand(&w);
	a = ADD_ON(&w, 0, handle_mm_fault, .page = page_of(&w, 0));
	b = ADD_ON(&w, 1, handle_mm_fault, .page = page_of(&w, 3));
	CU_ASSERT(world_step_to(&w, b, "swapcache_prepare.LOCK_CI")); /* with a folio in hand */
	CU_ASSERT(world_step_to(&w, a, "zram_read_page.DECOMPRESS"));
	CU_ASSERT(world_step_to(&w, b, "do_swap_page.RACE_SLEEP"));
	CU_ASSERT(world_step_to(&w, a, NULL));
	CU_ASSERT(world_step_to(&w, b, NULL));
	CU_ASSERT_EQUAL(counted(&w, SWAPIN_RACES), 1);
	CU_ASSERT_EQUAL(counted(&w, SWAPIN_WASTED_PAGES), PAGES);
	CU_ASSERT_EQUAL(counted(&w, PSWPIN), PAGES);
	CU_ASSERT_EQUAL(w.k->mm[0].anon_pages, PAGES);
	world_release(&w);
}

/* Up to 7.1 slots of two cgroups are not one batch; in 7.2 the swap cache looks at that. */
static void test_batch_of_one_cgroup(void)
{
	static const struct {
		const char *release;
		u32 batch;
	} kernels[] = { { "6.18", 2 }, { "7.1", 2 }, { "7.2", PAGES } };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct world w;
		u32 entry;

		swapped_world(&w, (struct world_size){ .release = kernels[i].release });
		entry = entry_at(&w, 0);
		CU_ASSERT_EQUAL(swap_pte_batch(w.k, page_of(&w, 0), page_of(&w, PAGES)), PAGES);
		w.k->slot[entry + 2].memcg = 0;
		CU_ASSERT_EQUAL(swap_pte_batch(w.k, page_of(&w, 0), page_of(&w, PAGES)), kernels[i].batch);
		w.k->pte_flags[page_of(&w, 1)] ^= PTE_EXCLUSIVE;
		CU_ASSERT_EQUAL(swap_pte_batch(w.k, page_of(&w, 0), page_of(&w, PAGES)), 1);
		world_release(&w);
	}
}

/* Nothing can be allocated: the fault has to come again, whatever the release. */
static void test_nothing_to_read_into(void)
{
	static const char *const kernels[] = { "6.12", "6.18", "7.0", "7.2" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct world w;

		swapped_world(&w, (struct world_size){ .release = kernels[i] });
		w.k->memcg[1].max = 0;
		w.k->mm[0].oom = MM_SIGKILL;
		RUN_ON(&w, 1, handle_mm_fault, .page = page_of(&w, 0)); /* a CPU without a stock */
		CU_ASSERT_EQUAL(counted(&w, VM_FAULT_OOM), 1);
		CU_ASSERT_FALSE(is_resident(&w, 0));
		world_release(&w);
	}
}

/* A page that is in the swap cache already stays what it is; the others come one by one. */
static void test_cached_ones_are_apart(void)
{
	static const char *const kernels[] = { "6.18", "7.0", "7.2" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct world w;

		swapped_world(&w, (struct world_size){ .release = kernels[i] });
		RUN(&w, madvise_willneed, .page = page_of(&w, 1), .end = page_of(&w, 2));
		world_read(&w, 0);
		CU_ASSERT_FATAL(is_resident(&w, 0));
		CU_ASSERT_EQUAL(order_at(&w, 0), 0);
		CU_ASSERT(is_swapped(&w, 1) && is_swapped(&w, 2));
		CU_ASSERT_EQUAL(w.k->count[0][MTHP_16_SWPIN], 0);
		CU_ASSERT_EQUAL(w.k->count[0][MTHP_16_SWPIN_FALLBACK], i == 2); /* the swap cache looked */
		check_audits(&w);
		world_release(&w);
	}
}

/* Slots in a row that do not begin where a folio of that size could: only as much as does. */
static void test_slots_out_of_line(void)
{
	struct world w;

	large_world(&w, (struct world_size){ .thp_orders = 1u << ORDER | 1u << 1 });
	w.k->config.thp.size[ORDER] = w.k->config.thp.size[1] = THP_NEVER;
	world_write(&w, 9);
	CU_ASSERT_EQUAL(world_pageout(&w, 9, 1), 1);
	for (u32 i = 0; i < PAGES; i++) {
		world_write(&w, i);
		CU_ASSERT_EQUAL(world_pageout(&w, i, 1), 1);
		CU_ASSERT_EQUAL(entry_at(&w, i), 2 + i);
	}
	w.k->config.thp.size[ORDER] = w.k->config.thp.size[1] = THP_ALWAYS;
	CU_ASSERT_EQUAL(swapin_orders(w.k, page_of(&w, 0), entry_at(&w, 0)), 1u << 1);
	world_read(&w, 0);
	CU_ASSERT_EQUAL(order_at(&w, 0), 1);
	CU_ASSERT(is_swapped(&w, 2));
	check_audits(&w);
	world_release(&w);
}

/* Once zswap is in use some of the slots may be there and others not. */
static void test_zswap_reads_singly(void)
{
	struct world w;

	swapped_world(&w, (struct world_size){ 0 });
	CU_ASSERT_EQUAL(swapin_orders(w.k, page_of(&w, 0), entry_at(&w, 0)), 1u << ORDER);
	w.k->config.zswap.enabled = true;
	CU_ASSERT_EQUAL(swapin_orders(w.k, page_of(&w, 0), entry_at(&w, 0)), 0);
	w.k->config.zswap.enabled = false;
	world_release(&w);
}

/* Memory is short, not the limit: that is a fallback, but none of the charge's. */
static void test_no_memory_for_a_large_one(void)
{
	struct world w;

	swapped_world(&w, (struct world_size){ 0 });
	w.k->config.thp.defrag = THP_DEFRAG_NEVER;
	w.k->memory->free = w.k->memory->min + PAGES - 1;
	world_read(&w, 0);
	CU_ASSERT_EQUAL(order_at(&w, 0), 0);
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_16_SWPIN_FALLBACK], 1);
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_16_SWPIN_FALLBACK_CHARGE], 0);
	world_release(&w);
}

/* The same in 7.0, where the swap cache decides: who finds the slots taken does not take what is there, whose
 * size may be another, but faults again. */
static void test_second_faults_again(void)
{
	struct world w;
	u32 a, b;

	swapped_world(&w, (struct world_size){ .release = "7.0" });
	world_by_hand(&w);
	a = ADD_ON(&w, 0, handle_mm_fault, .page = page_of(&w, 0));
	b = ADD_ON(&w, 1, handle_mm_fault, .page = page_of(&w, 3));
	CU_ASSERT(world_step_to(&w, b, "swap_cache_prepare_and_add.LOCK_CI"));
	CU_ASSERT(world_step_to(&w, a, "zram_read_page.DECOMPRESS"));
	CU_ASSERT(world_step_to(&w, b, "swap_cache_prepare_and_add.UNLOCK"));
	CU_ASSERT(world_step_to(&w, b, NULL));
	CU_ASSERT_FALSE(is_resident(&w, 3));
	CU_ASSERT(world_step_to(&w, a, NULL));
	CU_ASSERT(is_resident(&w, 3));
	CU_ASSERT_EQUAL(counted(&w, SWAPIN_WASTED_PAGES), PAGES);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "a folio goes out and comes in as a whole", test_out_and_in_as_a_whole },
	{ "as many pages are read as are in slots in a row", test_as_much_as_is_in_a_row },
	{ "pages of zeroes and others are not read together", test_zeroes_are_apart },
	{ "who may not reclaim at the limit reads one page", test_who_may_not_reclaim_gets_one },
	{ "a huge page goes out as a whole and comes in by pages", test_huge_page },
	{ "without slots in a row a folio is split", test_no_slots_in_a_row },
	{ "a folio that is partly unmapped is split, and what is unmapped not written", test_partly_mapped },
	{ "a folio in the swap cache is mapped as a whole if all of it is swapped",
	  test_from_the_swap_cache },
	{ "a batch of swapped pages is alike, and of one cgroup", test_batch_of_one_cgroup },
	{ "a fault that gets no page comes again", test_nothing_to_read_into },
	{ "of two faults on one folio one throws away what it allocated", test_two_tasks },
	{ "a page in the swap cache keeps its neighbours from being read with it",
	  test_cached_ones_are_apart },
	{ "slots that are out of line are not read as one", test_slots_out_of_line },
	{ "with zswap pages are read one by one", test_zswap_reads_singly },
	{ "a lack of memory is not one of room below the limit", test_no_memory_for_a_large_one },
	{ "in 7.0 the second one faults again", test_second_faults_again },
};

UNIT_MAIN("alloc_swap_folio", tests)
