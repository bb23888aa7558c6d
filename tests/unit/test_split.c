/* A large folio becomes pages: what they keep, where they go, and when it cannot be. */
#include "models/audit.h"
#include "models/mm/folio.h"
#include "models/mm/huge_memory.h"
#include "models/mm/lru.h"
#include "models/mm/split.h"
#include "tests/unit/world.h"

enum { ORDER = 2, PAGES = 1u << ORDER };

static void large_world(struct world *w, struct world_size s)
{
	s.per_table = 16;
	s.pages = 64;
	s.max_order = 4;
	s.thp_orders = 1u << ORDER;
	world_init(w, s);
}

static u32 folio_of(const struct world *w, u32 page)
{
	return page_folio(w->k, w->k->pte[page_of(w, page)]);
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

/* Split as somebody who holds the folio and its lock; @list as of split_folio(). */
static bool split(struct world *w, u32 folio, struct folio_list *list)
{
	bool done;

	w->k->folio_io[folio].lock = 1;
	w->k->folio[folio].refs++;
	done = split_folio(w->k, folio, list);
	w->k->folio[folio].refs--;
	w->k->folio_io[folio].lock = 0;
	return done;
}

static void test_pages_keep_what_they_are(void)
{
	struct world w;
	u32 folio;

	large_world(&w, (struct world_size){ 0 });
	world_write(&w, 4);
	folio = folio_of(&w, 4);
	w.k->folio[folio].flags |= FOLIO_WORKINGSET | FOLIO_REFERENCED;
	for (u32 i = 0; i < PAGES; i++)
		w.k->folio[folio + i].content = 100 + i;
	w.k->folio[folio + 2].flags &= ~FOLIO_EXCLUSIVE; /* each frame's own */
	CU_ASSERT(split(&w, folio, NULL));
	for (u32 i = 0; i < PAGES; i++) {
		CU_ASSERT_EQUAL(folio_of(&w, 4 + i), folio + i);
		CU_ASSERT_EQUAL(folio_order(w.k, folio + i), 0);
		CU_ASSERT_EQUAL(w.k->folio[folio + i].page, page_of(&w, 4 + i));
		CU_ASSERT_EQUAL(w.k->folio[folio + i].content, 100 + i);
		CU_ASSERT_EQUAL(w.k->folio[folio + i].refs, 1);
		CU_ASSERT_EQUAL(w.k->folio[folio + i].flags, FOLIO_UPTODATE | FOLIO_LRU | FOLIO_IN_USE |
								 FOLIO_WORKINGSET | FOLIO_REFERENCED |
								 (i == 2 ? 0 : FOLIO_EXCLUSIVE));
		CU_ASSERT_EQUAL(w.k->folio[folio + i].memcg, 1);
		CU_ASSERT_EQUAL(w.k->folio_io[folio + i].lock, 0);
	}
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_16_SPLIT], 1);
	CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON), PAGES);
	check_audits(&w);
	world_release(&w);
}

/* On the list they are where it was: the head nearest the tail, then the last one. */
static void test_pages_take_its_place(void)
{
	struct world w;
	struct folio_list *list;
	u32 folio, expected[3 * PAGES], n = 0;

	large_world(&w, (struct world_size){ 0 });
	for (u32 i = 0; i < 3; i++)
		world_write(&w, i * PAGES);
	list = &w.k->lruvec[1].list[LRU_INACTIVE_ANON];
	folio = folio_of(&w, PAGES);
	CU_ASSERT(split(&w, folio, NULL));
	expected[n++] = folio_of(&w, 0);
	expected[n++] = folio;
	for (u32 i = PAGES - 1; i; i--)
		expected[n++] = folio + i;
	expected[n++] = folio_of(&w, 2 * PAGES);
	CU_ASSERT_EQUAL(list->tail, expected[0]);
	for (u32 i = 1; i < n; i++)
		CU_ASSERT_EQUAL(w.k->folio[expected[i - 1]].prev, expected[i]);
	CU_ASSERT_EQUAL(list->head, expected[n - 1]);
	CU_ASSERT_EQUAL(list->count, 3 * PAGES);
	check_audits(&w);
	world_release(&w);
}

static void test_unmapped_pages_are_free(void)
{
	struct world w;
	u64 free;

	large_world(&w, (struct world_size){ 0 });
	free = w.k->memory->free;
	world_write(&w, 0);
	RUN(&w, madvise_dontneed, .page = page_of(&w, 1), .count = 2);
	CU_ASSERT(split(&w, folio_of(&w, 0), NULL));
	CU_ASSERT_EQUAL(w.k->memory->free, free - 2);
	CU_ASSERT_EQUAL(w.k->memcg[1].usage, 64 - 2);
	CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON), 2);
	CU_ASSERT(!(folio_at(&w, 0)->flags & FOLIO_PARTIALLY_MAPPED));
	check_audits(&w);
	world_release(&w);
}

static void test_split_of_an_isolated_folio(void)
{
	struct world w;
	struct folio_list list = { 0 };
	u32 folio;

	large_world(&w, (struct world_size){ 0 });
	world_write(&w, 0);
	folio = folio_of(&w, 0);
	lruvec_del_folio(w.k, &w.k->lruvec[1], folio);
	CU_ASSERT(split(&w, folio, &list));
	CU_ASSERT_EQUAL(list.count, PAGES - 1);
	for (u32 i = PAGES - 1; i; i--) {
		CU_ASSERT_EQUAL(folio_list_take(w.k, &list), folio + i);
		CU_ASSERT_EQUAL(w.k->folio[folio + i].refs, 2);
		CU_ASSERT(!(w.k->folio[folio + i].flags & FOLIO_LRU));
	}
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 1);
	world_release(&w);
}

static void test_held_folio_is_not_split(void)
{
	struct world w;
	u32 folio;

	large_world(&w, (struct world_size){ 0 });
	world_write(&w, 0);
	folio = folio_of(&w, 0);
	w.k->folio[folio].refs++;
	CU_ASSERT(!split(&w, folio, NULL));
	CU_ASSERT_EQUAL(folio_order(w.k, folio), ORDER);
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_16_SPLIT_FAILED], 1);
	w.k->folio[folio].refs--;
	w.k->folio_io[folio].writeback = 1;
	CU_ASSERT(!split(&w, folio, NULL));
	w.k->folio_io[folio].writeback = 0;
	CU_ASSERT(split(&w, folio, NULL));
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_16_SPLIT_FAILED], 2);
	check_audits(&w);
	world_release(&w);
}

/* What is advised in part is split first. */
static void test_advice_to_a_part(void)
{
	struct world w;

	large_world(&w, (struct world_size){ 0 });
	world_write(&w, 0);
	CU_ASSERT_EQUAL(world_pageout(&w, 1, 2), 2);
	CU_ASSERT(is_resident(&w, 0) && is_swapped(&w, 1) && is_swapped(&w, 2) && is_resident(&w, 3));
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_16_SPLIT], 1);
	check_audits(&w);

	world_write(&w, 4);
	RUN(&w, madvise_free, .page = page_of(&w, 5), .end = page_of(&w, 6));
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_16_SPLIT], 2);
	world_idle(&w, 1);
	RUN_ON(&w, 0, lru_lazyfree, .folio = 0);
	CU_ASSERT(folio_at(&w, 5)->flags & FOLIO_LAZYFREE);
	CU_ASSERT(!(folio_at(&w, 4)->flags & FOLIO_LAZYFREE));
	check_audits(&w);

	world_write(&w, 8);
	RUN(&w, madvise_free, .page = page_of(&w, 8), .end = page_of(&w, 12));
	CU_ASSERT_EQUAL(w.k->count[0][MTHP_16_SPLIT], 2);
	CU_ASSERT(folio_at(&w, 8)->flags & FOLIO_LAZYFREE); /* nor does it wait in a batch */
	CU_ASSERT_EQUAL(counted(&w, PGLAZYFREE), PAGES + 1);
	CU_ASSERT_EQUAL(world_pageout(&w, 8, 4), PAGES);
	CU_ASSERT_EQUAL(counted(&w, PGLAZYFREED), PAGES);
	CU_ASSERT(!is_resident(&w, 8) && !is_swapped(&w, 8));
	check_audits(&w);
	world_release(&w);
}

static void test_locked_folio_is_left_alone(void)
{
	struct world w;
	u32 folio;

	large_world(&w, (struct world_size){ 0 });
	world_write(&w, 0);
	folio = folio_of(&w, 0);
	w.k->folio_io[folio].lock = 1;
	CU_ASSERT_EQUAL(world_pageout(&w, 1, 2), 0);
	CU_ASSERT_EQUAL(folio_order(w.k, folio), ORDER);
	w.k->folio_io[folio].lock = 0;
	world_release(&w);
}

/* Each page has its own slot, and the swap cache's reference. */
static void test_split_in_swap_cache(void)
{
	struct world w;
	u32 folio, entry;

	large_world(&w, (struct world_size){ .device = "nvme-client" });
	world_write(&w, 4);
	folio = folio_of(&w, 4);
	world_pageout(&w, 4, PAGES);
	world_idle(&w, 5);
	entry = entry_at(&w, 4);
	CU_ASSERT_EQUAL_FATAL(word_folio(w.k->slot[entry].cache), folio);
	CU_ASSERT(split(&w, folio, NULL));
	for (u32 i = 0; i < PAGES; i++) {
		CU_ASSERT_EQUAL(w.k->folio_io[folio + i].swap, entry + i);
		CU_ASSERT_EQUAL(word_folio(w.k->slot[entry + i].cache), folio + i);
		CU_ASSERT(w.k->folio[folio + i].flags & FOLIO_SWAPCACHE);
		CU_ASSERT_EQUAL(w.k->folio[folio + i].refs, 1);
	}
	world_drain(&w, 0);
	check_audits(&w);
	world_release(&w);
}

/* Of a huge page it is counted once more, done or not. */
static void test_huge_page_counts(void)
{
	for (u32 huge = 0; huge < 2; huge++) {
		struct world w;
		u32 folio;

		world_init(&w, (struct world_size){ .per_table = 16,
						    .pages = 64,
						    .max_order = 4,
						    .thp_orders = 1u << (huge ? 4 : ORDER) });
		world_write(&w, 0);
		world_drain(&w, 0);
		folio = folio_of(&w, 0);
		w.k->folio[folio].refs++;
		CU_ASSERT_FALSE(split(&w, folio, NULL));
		CU_ASSERT_EQUAL(w.k->count[0][THP_SPLIT_PAGE_FAILED], huge);
		w.k->folio[folio].refs--;
		split_huge_pmd(w.k, page_of(&w, 0));
		CU_ASSERT(split(&w, folio, NULL));
		CU_ASSERT_EQUAL(w.k->count[0][THP_SPLIT_PAGE], huge);
		CU_ASSERT_EQUAL(w.k->count[0][THP_SPLIT_PAGE_FAILED], huge);
		world_release(&w);
	}
}

/* Of a huge page, which is mapped by one entry, part is to go: that entry is split first. */
static void test_advice_to_part_of_a_huge_page(void)
{
	struct world w;

	large_world(&w, (struct world_size){ 0 });
	w.k->config.thp.size[4] = THP_ALWAYS;
	world_write(&w, 16);
	CU_ASSERT_EQUAL(folio_order(w.k, folio_of(&w, 16)), 4);
	CU_ASSERT_EQUAL(world_pageout(&w, 17, 2), 2);
	CU_ASSERT_EQUAL(w.k->count[0][THP_SPLIT_PMD], 1);
	CU_ASSERT_EQUAL(w.k->count[0][THP_SPLIT_PAGE], 1);
	check_audits(&w);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "pages keep the contents, flags and mappings they had", test_pages_keep_what_they_are },
	{ "pages take the folio's place on its list", test_pages_take_its_place },
	{ "pages in the swap cache have a slot each", test_split_in_swap_cache },
	{ "a huge page counts apart", test_huge_page_counts },
	{ "pages that nothing maps are free", test_unmapped_pages_are_free },
	{ "pages of an isolated folio go to the list that is given", test_split_of_an_isolated_folio },
	{ "a folio that somebody holds, or that is being written, is not split",
	  test_held_folio_is_not_split },
	{ "advice to a part of a folio splits it, to all of it does not", test_advice_to_a_part },
	{ "a folio that is locked is left alone by advice to a part of it", test_locked_folio_is_left_alone },
	{ "the entry of a huge page is split before it", test_advice_to_part_of_a_huge_page },
};

UNIT_MAIN("split", tests)
