/* Which pages get large folios, what is charged for them, and what is left when one cannot be had. */
#include "models/audit.h"
#include "models/cpu.h"
#include "models/mm/folio.h"
#include "models/mm/memory.h"
#include "models/mm/thp.h"
#include "tests/unit/world.h"

enum { TABLE = 16, ORDER = 2, PAGES = 1u << ORDER };

static void large_world(struct world *w, struct world_size s)
{
	s.per_table = TABLE;
	s.pages = s.pages ? s.pages : 64;
	s.max_order = 4;
	world_init(w, s);
}

static void check_audits(struct world *w)
{
	struct machine *m = &w->k->machine;

	for (const struct audit *a = audits_of_mm; a->what.name; a++) {
		GString *why = g_string_new(NULL);

		CU_ASSERT(a->what.holds(m, why));
		CU_ASSERT_STRING_EQUAL(why->str, "");
		g_string_free(why, TRUE);
	}
}

static void test_folio_around_the_page(void)
{
	struct world w;
	u64 free;

	large_world(&w, (struct world_size){ .thp_orders = 1u << ORDER });
	free = w.k->memory->free;
	world_write(&w, 6);
	for (u32 i = 4; i < 8; i++) {
		CU_ASSERT(is_resident(&w, i));
		CU_ASSERT_EQUAL(w.k->pte[page_of(&w, i)], w.k->pte[page_of(&w, 4)] + i - 4);
		CU_ASSERT_EQUAL(!!(flags_at(&w, i) & PTE_DIRTY), i == 6);
	}
	CU_ASSERT(!is_resident(&w, 3) && !is_resident(&w, 8));
	CU_ASSERT_EQUAL(folio_order(w.k, w.k->pte[page_of(&w, 4)]), ORDER);
	CU_ASSERT_EQUAL(folio_mapcount(w.k, w.k->pte[page_of(&w, 4)]), PAGES);
	CU_ASSERT_EQUAL(folio_at(&w, 4)->page, page_of(&w, 4));
	CU_ASSERT_EQUAL(w.k->memory->free, free - PAGES);
	CU_ASSERT_EQUAL(w.k->mm[0].anon_pages, PAGES);
	CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON), PAGES); /* it does not wait in a batch */
	CU_ASSERT_EQUAL(counted(&w, PGFAULT), 1);
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_16_ANON_FAULT_ALLOC], 1);
	check_audits(&w);
	world_release(&w);
}

/* The largest order whose pages are all missing, and within the mapping. */
static void test_largest_that_fits(void)
{
	struct world w;

	large_world(&w, (struct world_size){ .pages = 30, .thp_orders = 1u << 1 | 1u << 2 | 1u << 3 });
	world_write(&w, 1);
	CU_ASSERT_EQUAL(folio_order(w.k, w.k->pte[page_of(&w, 0)]), 3);
	world_read(&w, 12);
	world_write(&w, 9);
	CU_ASSERT_EQUAL(folio_order(w.k, w.k->pte[page_of(&w, 8)]), 2);
	world_write(&w, 14);
	CU_ASSERT_EQUAL(folio_order(w.k, w.k->pte[page_of(&w, 14)]), 1);
	world_write(&w, 13);
	CU_ASSERT_EQUAL(folio_order(w.k, w.k->pte[page_of(&w, 13)]), 0);
	world_write(&w, 28); /* the mapping ends at 30 */
	CU_ASSERT_EQUAL(folio_order(w.k, w.k->pte[page_of(&w, 28)]), 1);
	check_audits(&w);
	world_release(&w);
}

static void test_advice_and_settings(void)
{
	struct world w;
	struct thp_config *thp;

	large_world(&w, (struct world_size){ 0 });
	thp = &w.k->config.thp;
	CU_ASSERT_EQUAL(thp_allowable_orders(w.k, page_of(&w, 0)), 0);
	thp->size[2] = THP_MADVISE;
	thp->size[3] = THP_INHERIT;
	thp->size[1] = THP_ALWAYS;
	CU_ASSERT_EQUAL(thp_allowable_orders(w.k, page_of(&w, 0)), 1u << 1);
	thp->enabled = THP_ALWAYS;
	CU_ASSERT_EQUAL(thp_allowable_orders(w.k, page_of(&w, 0)), 1u << 1 | 1u << 3);
	thp->enabled = THP_NEVER;
	w.k->vma[0].hugepage = true;
	CU_ASSERT_EQUAL(thp_allowable_orders(w.k, page_of(&w, 0)), 1u << 1 | 1u << 2);
	world_release(&w);
}

static void test_what_may_be_reclaimed(void)
{
	static const u32 gfp[][2] = {
		[THP_DEFRAG_ALWAYS] = { GFP_NO_KSWAPD | GFP_NORETRY, GFP_NO_KSWAPD },
		[THP_DEFRAG_DEFER] = { GFP_NO_RECLAIM, GFP_NO_RECLAIM },
		[THP_DEFRAG_DEFER_MADVISE] = { GFP_NO_RECLAIM, GFP_NO_KSWAPD },
		[THP_DEFRAG_MADVISE] = { GFP_NO_KSWAPD | GFP_NO_RECLAIM, GFP_NO_KSWAPD },
		[THP_DEFRAG_NEVER] = { GFP_NO_KSWAPD | GFP_NO_RECLAIM, GFP_NO_KSWAPD | GFP_NO_RECLAIM },
	};
	struct world w;

	large_world(&w, (struct world_size){ 0 });
	for (u32 i = 0; i < ARRAY_SIZE(gfp); i++) {
		w.k->config.thp.defrag = i;
		for (u32 advised = 0; advised < 2; advised++) {
			w.k->vma[0].hugepage = (u16)advised;
			CU_ASSERT_EQUAL(thp_gfp(w.k, page_of(&w, 0)), gfp[i][advised]);
		}
	}
	world_release(&w);
}

/* Who may not reclaim gets less when the cgroup is at its limit, and reclaims for a single page only. */
static void test_charge_falls_back(void)
{
	struct world w;

	large_world(&w, (struct world_size){ .limit = 6, .thp_orders = 1u << 1 | 1u << 2 });
	w.k->config.thp.defrag = THP_DEFRAG_NEVER;
	world_write(&w, 0);
	world_write(&w, 4); /* 4 + 2 */
	CU_ASSERT_EQUAL(folio_order(w.k, w.k->pte[page_of(&w, 4)]), 1);
	CU_ASSERT_EQUAL(w.k->memcg[1].usage, 6);
	CU_ASSERT_EQUAL(counted(&w, EVENTS_MAX), 0);
	world_write(&w, 8);
	CU_ASSERT_EQUAL(folio_order(w.k, w.k->pte[page_of(&w, 8)]), 0);
	CU_ASSERT(counted(&w, EVENTS_MAX) > 0);
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_16_ANON_FAULT_FALLBACK], 2);
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_16_ANON_FAULT_FALLBACK_CHARGE], 2);
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_8_ANON_FAULT_FALLBACK_CHARGE], 1);
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_8_ANON_FAULT_ALLOC], 1);
	CU_ASSERT_EQUAL(counted(&w, CHARGES_REFUSED), 0);
	world_release(&w);
}

/* Who may, reclaims as much as the folio needs. */
static void test_charge_reclaims(void)
{
	struct world w;

	large_world(&w, (struct world_size){ .limit = 8, .thp_orders = 1u << ORDER });
	world_write_range(&w, 0, 16);
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_16_ANON_FAULT_ALLOC], 4);
	CU_ASSERT(w.k->memcg[1].usage <= 8);
	CU_ASSERT(counted(&w, PSWPOUT) >= 8);
	check_audits(&w);
	world_release(&w);
}

/* There is memory for single pages only, and nobody may reclaim for more. */
static void test_memory_falls_back(void)
{
	struct world w;

	large_world(&w, (struct world_size){ .thp_orders = 1u << ORDER });
	w.k->config.thp.defrag = THP_DEFRAG_NEVER;
	CU_ASSERT(memory_take(w.k, w.k->memory->free - w.k->memory->min - 3, 0));
	world_write(&w, 0);
	CU_ASSERT_EQUAL(folio_order(w.k, w.k->pte[page_of(&w, 0)]), 0);
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_16_ANON_FAULT_FALLBACK], 1);
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_16_ANON_FAULT_FALLBACK_CHARGE], 0);
	CU_ASSERT_EQUAL(counted(&w, ALLOCSTALL), 0);
	world_release(&w);
}

static void test_stock_serves_many(void)
{
	struct world w;

	large_world(&w, (struct world_size){ .thp_orders = 1u << 4 | 1u << ORDER });
	world_write(&w, 0); /* a whole table */
	CU_ASSERT_EQUAL(w.k->memcg[1].usage, 64);
	world_write_range(&w, 16, 48);
	CU_ASSERT_EQUAL(w.k->memcg[1].usage, 64);
	world_release(&w);
}

/* A folio of a whole table is there only as long as the table has not been one of entries. */
static void test_huge_page(void)
{
	struct world w;

	large_world(&w, (struct world_size){ .thp_orders = 1u << 4 });
	world_write(&w, 17);
	CU_ASSERT_EQUAL(folio_order(w.k, w.k->pte[page_of(&w, 16)]), 4);
	CU_ASSERT_EQUAL(w.k->mm[0].anon_pages, TABLE);
	CU_ASSERT_EQUAL(counted(&w, THP_FAULT_ALLOC), 1);
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_64_ANON_FAULT_ALLOC], 1);
	check_audits(&w);

	RUN(&w, madvise_dontneed, .page = page_of(&w, 16), .count = TABLE);
	CU_ASSERT_EQUAL(w.k->mm[0].anon_pages, 0);
	world_write(&w, 17); /* it was whole, and may be so again */
	CU_ASSERT_EQUAL(counted(&w, THP_FAULT_ALLOC), 2);

	RUN(&w, madvise_dontneed, .page = page_of(&w, 16), .count = 3);
	CU_ASSERT_EQUAL(w.k->count[0][THP_SPLIT_PMD], 1);
	CU_ASSERT_EQUAL(w.k->count[0][THP_DEFERRED_SPLIT_PAGE], 1);
	CU_ASSERT(folio_at(&w, 19)[-3].flags & FOLIO_PARTIALLY_MAPPED);
	RUN(&w, madvise_dontneed, .page = page_of(&w, 16), .count = TABLE);
	world_write(&w, 17);
	CU_ASSERT_EQUAL(counted(&w, THP_FAULT_ALLOC), 2);
	CU_ASSERT_EQUAL(folio_order(w.k, w.k->pte[page_of(&w, 17)]), 0);
	check_audits(&w);
	world_release(&w);
}

static void test_huge_page_falls_back(void)
{
	struct world w;

	large_world(&w, (struct world_size){ .limit = 9, .thp_orders = 1u << 4 | 1u << ORDER });
	w.k->config.thp.defrag = THP_DEFRAG_NEVER;
	world_write(&w, 0);
	CU_ASSERT_EQUAL(folio_order(w.k, w.k->pte[page_of(&w, 0)]), ORDER);
	CU_ASSERT_EQUAL(counted(&w, THP_FAULT_ALLOC), 0);
	CU_ASSERT_EQUAL(w.k->count[0][THP_FAULT_FALLBACK], 1);
	CU_ASSERT_EQUAL(w.k->count[0][THP_FAULT_FALLBACK_CHARGE], 1);
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_64_ANON_FAULT_FALLBACK_CHARGE], 1);
	world_release(&w);
}

/* Who comes second to pages of a folio gives its own back. */
static void test_two_tasks(void)
{
	struct world w;
	u64 free;
	u32 a, b;

	large_world(&w, (struct world_size){ .thp_orders = 1u << ORDER });
	free = w.k->memory->free;
	world_by_hand(&w);
	a = ADD_ON(&w, 0, handle_mm_fault, .page = page_of(&w, 0), .write = 1);
	b = ADD_ON(&w, 1, handle_mm_fault, .page = page_of(&w, 3), .write = 1);
	CU_ASSERT(world_step_to(&w, a, "do_anonymous_page.LOCK_PTL"));
	CU_ASSERT(world_step_to(&w, b, NULL));
	CU_ASSERT(world_step_to(&w, a, NULL));
	CU_ASSERT_EQUAL(w.k->memory->free, free - PAGES);
	CU_ASSERT_EQUAL(w.k->mm[0].anon_pages, PAGES);
	CU_ASSERT_EQUAL(w.k->memcg[1].usage, 2 * 64 - PAGES);
	world_release(&w);
}

static void test_part_of_a_folio_goes(void)
{
	struct world w;
	u64 free;

	large_world(&w, (struct world_size){ .thp_orders = 1u << ORDER });
	free = w.k->memory->free;
	world_write(&w, 0);
	RUN(&w, madvise_dontneed, .page = page_of(&w, 1), .count = 2);
	CU_ASSERT_EQUAL(w.k->memory->free, free - PAGES); /* until it is split */
	CU_ASSERT_EQUAL(folio_at(&w, 0)->refs, 2);
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_16_SPLIT_DEFERRED], 1);
	check_audits(&w);
	world_write(&w, 1);
	CU_ASSERT_EQUAL(folio_order(w.k, w.k->pte[page_of(&w, 1)]), 0);
	RUN(&w, madvise_dontneed, .page = page_of(&w, 0), .count = 4);
	CU_ASSERT_EQUAL(w.k->memory->free, free);
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_16_SPLIT_DEFERRED], 1);
	check_audits(&w);
	world_release(&w);
}

/* Of two pages one is gone: there is no room in the folio to queue it. One in the swap cache is reclaim's. */
static void test_what_is_not_queued(void)
{
	struct world w;

	large_world(&w, (struct world_size){ .thp_orders = 1u << 1 });
	world_write(&w, 0);
	RUN(&w, madvise_dontneed, .page = page_of(&w, 1), .count = 1);
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_8_SPLIT_DEFERRED], 0);
	CU_ASSERT_FALSE(folio_at(&w, 0)->flags & FOLIO_PARTIALLY_MAPPED);
	world_release(&w);

	large_world(&w, (struct world_size){ .thp_orders = 1u << ORDER });
	world_write(&w, 0);
	folio_at(&w, 0)->flags |= FOLIO_SWAPCACHE; /* on its way out */
	RUN(&w, madvise_dontneed, .page = page_of(&w, 1), .count = 1);
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_16_SPLIT_DEFERRED], 0);
	folio_at(&w, 0)->flags &= ~FOLIO_SWAPCACHE;
	world_release(&w);
}

/* Memory is short, not the limit. */
static void test_no_memory_for_a_huge_page(void)
{
	struct world w;

	large_world(&w, (struct world_size){ .thp_orders = 1u << 4 });
	w.k->config.thp.defrag = THP_DEFRAG_NEVER;
	CU_ASSERT(memory_take(w.k, w.k->memory->free - w.k->memory->min - 3, 0));
	world_write(&w, 0);
	CU_ASSERT_EQUAL(w.k->count[0][THP_FAULT_FALLBACK], 1);
	CU_ASSERT_EQUAL(w.k->count[0][THP_FAULT_FALLBACK_CHARGE], 0);
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_64_ANON_FAULT_FALLBACK_CHARGE], 0);
	world_release(&w);
}

/* All of it has to be cleared, and nothing is mapped where the reaper is at work. */
static void test_huge_page_is_cleared(void)
{
	struct world w;
	u64 start, clear_ns;

	large_world(&w, (struct world_size){ .thp_orders = 1u << 4 });
	clear_ns = w.k->cpu_profile->clear_page_ns;
	start = w.k->machine.now;
	world_write(&w, 0);
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_64_ANON_FAULT_ALLOC], 1);
	CU_ASSERT(w.k->machine.now - start >= (TABLE - 1) * clear_ns);
	w.k->mm[0].oom = MM_UNSTABLE;
	world_write(&w, TABLE);
	CU_ASSERT_EQUAL(flags_at(&w, TABLE), 0);
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_64_ANON_FAULT_ALLOC], 1);
	w.k->mm[0].oom = 0;
	check_audits(&w);
	world_release(&w);
}

/* All of a folio is cleared before it is mapped, and from then on the table is one of entries. */
static void test_folio_is_cleared(void)
{
	enum { SLOW_NS = 100000 };
	u64 ns[2];

	for (u32 slow = 0; slow < 2; slow++) {
		struct cpu_profile costs;
		struct world w;

		large_world(&w, (struct world_size){ .thp_orders = 1u << ORDER });
		costs = *w.k->cpu_profile;
		costs.clear_page_ns += slow * SLOW_NS;
		w.k->cpu_profile = &costs;
		ns[slow] = w.k->machine.now;
		world_write(&w, 0);
		ns[slow] = w.k->machine.now - ns[slow];
		CU_ASSERT_EQUAL(page_table_of(w.k, page_of(&w, 0))->has_ptes, 1);
		CU_ASSERT_EQUAL(page_table_of(w.k, page_of(&w, TABLE))->has_ptes, 0);
		world_release(&w);
	}
	CU_ASSERT_EQUAL(ns[1] - ns[0], (PAGES - 1) * SLOW_NS);
}

static const struct unit tests[] = {
	{ "a first write gets a folio around the page, mapped as a whole", test_folio_around_the_page },
	{ "the folio is the largest that fits among what is there", test_largest_that_fits },
	{ "sizes are allowed as settings and advice say", test_advice_and_settings },
	{ "what may be reclaimed for a folio goes by defrag and advice", test_what_may_be_reclaimed },
	{ "at the limit of a cgroup a folio gets smaller where nobody may reclaim", test_charge_falls_back },
	{ "at the limit room for a folio is reclaimed where that may be", test_charge_reclaims },
	{ "without memory in a row a folio gets smaller", test_memory_falls_back },
	{ "a CPU's stock serves charges of several pages", test_stock_serves_many },
	{ "a huge page takes the place of a table that is empty and always was", test_huge_page },
	{ "a huge page that cannot be had becomes a smaller folio", test_huge_page_falls_back },
	{ "of two tasks that touch one range the second gives its folio back", test_two_tasks },
	{ "pages of a folio that are given back stay until it is split", test_part_of_a_folio_goes },
	{ "two pages, or those of a folio in the swap cache, are not queued to be split",
	  test_what_is_not_queued },
	{ "a lack of memory for a huge page is not one of room below the limit",
	  test_no_memory_for_a_huge_page },
	{ "a huge page is cleared, and not mapped where the reaper is", test_huge_page_is_cleared },
	{ "all of a folio is cleared", test_folio_is_cleared },
};

UNIT_MAIN("huge_memory", tests)
