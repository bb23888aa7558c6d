/* MADV_PAGEOUT. */
#include "models/cpu.h"
#include "models/mm/lru.h"
#include "models/run.h"
#include "tests/unit/world.h"

static void test_pages_go_out(void)
{
	struct world w;

	world_init(&w, (struct world_size){ 0 });
	world_write_range(&w, 0, 10);
	CU_ASSERT_EQUAL(world_pageout(&w, 2, 4), 4); /* they were just used: no matter */
	for (u32 i = 0; i < 10; i++)
		CU_ASSERT_EQUAL(is_swapped(&w, i), i >= 2 && i < 6);
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), 4);
	CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON), 6);
	CU_ASSERT_EQUAL(w.k->mm[0].anon_pages, 6);
	CU_ASSERT_EQUAL(w.k->mm[0].swap_ents, 4);
	CU_ASSERT_EQUAL(world_pageout(&w, 0, 10), 6);
	CU_ASSERT_EQUAL(world_pageout(&w, 0, 10), 0);
	CU_ASSERT_EQUAL(w.k->memory->isolated[LRU_ANON], 0);
	CU_ASSERT_FALSE(w.k->machine.task[w.k->machine.tasks - 1].flags & PF_MEMALLOC);
	world_release(&w);
}

static void test_across_page_tables(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .per_table = 8 });
	world_write_range(&w, 0, 30);
	CU_ASSERT_EQUAL(world_pageout(&w, 5, 20), 20);
	CU_ASSERT(is_resident(&w, 4) && is_swapped(&w, 5) && is_swapped(&w, 24) && is_resident(&w, 25));
	world_release(&w);
}

static void test_what_is_not_on_a_list(void)
{
	struct world w;

	world_init(&w, (struct world_size){ 0 });
	world_read(&w, 0); /* the zero page */
	world_write(&w, 1);
	world_drain(&w, 0);
	w.k->memory->isolated[LRU_ANON] = 0;
	lruvec_del_folio(w.k, &w.k->lruvec[1], w.k->pte[page_of(&w, 1)]); /* isolated by somebody */
	CU_ASSERT_EQUAL(world_pageout(&w, 0, 3), 0);
	CU_ASSERT(is_resident(&w, 0) && is_resident(&w, 1));
	world_release(&w);
}

/* Reclaim on nobody's behalf: the shadow is the root's. */
static void test_shadow_is_the_roots(void)
{
	struct world w;
	u64 shadow;

	world_init(&w, (struct world_size){ 0 });
	world_write(&w, 0);
	world_pageout(&w, 0, 1);
	shadow = word_shadow(w.k->slot[entry_at(&w, 0)].cache);
	CU_ASSERT(shadow != 0);
	CU_ASSERT_EQUAL(shadow >> SHADOW_MEMCG_SHIFT & 0xffff, 0);
	CU_ASSERT_EQUAL(w.k->lruvec[0].nonresident_age, 1);
	CU_ASSERT_EQUAL(w.k->lruvec[1].nonresident_age, 0);
	world_release(&w);
}

static void test_active_pages_are_remembered(void)
{
	struct world w;
	u32 folio;

	world_init(&w, (struct world_size){ 0 });
	world_write_range(&w, 0, 2);
	world_drain(&w, 0);
	folio = w.k->pte[page_of(&w, 0)];
	lruvec_del_folio(w.k, &w.k->lruvec[1], folio);
	w.k->folio[folio].flags |= FOLIO_ACTIVE;
	lruvec_add_folio(w.k, &w.k->lruvec[1], folio);
	CU_ASSERT_EQUAL(world_pageout(&w, 0, 2), 2);
	CU_ASSERT(w.k->slot[entry_at(&w, 0)].cache & SHADOW_WORKINGSET);
	CU_ASSERT_FALSE(w.k->slot[entry_at(&w, 1)].cache & SHADOW_WORKINGSET);
	world_release(&w);
}

static void test_kept_page_goes_back(void)
{
	struct world w;

	world_init(&w, (struct world_size){ 0 });
	world_write(&w, 0);
	io_of(&w, folio_at(&w, 0))->lock = w.k->machine.config.tasks;
	folio_at(&w, 0)->flags |= FOLIO_REFERENCED;
	CU_ASSERT_EQUAL(world_pageout(&w, 0, 1), 0);
	CU_ASSERT(is_resident(&w, 0));
	CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON), 1);
	CU_ASSERT_EQUAL(folio_at(&w, 0)->refs, 1);
	CU_ASSERT_FALSE(folio_at(&w, 0)->flags & FOLIO_REFERENCED);
	CU_ASSERT(flags_at(&w, 0) & PTE_ACCESSED);
	world_release(&w);
}

/* Each is taken off its own cgroup's list. */
static void test_two_cgroups(void)
{
	struct world w;
	char *wrong;

	world_init(&w, (struct world_size){ .memcgs = 4 });
	for (u32 i = 0; i < 2; i++) {
		w.k->mm[0].memcg = (u16)(2 + i);
		world_write_range(&w, 10 * i, 10);
		world_drain(&w, 0);
	}
	CU_ASSERT_EQUAL(world_pageout(&w, 5, 10), 10);
	CU_ASSERT_EQUAL(w.k->lruvec[2].list[LRU_INACTIVE_ANON].count, 5);
	CU_ASSERT_EQUAL(w.k->lruvec[3].list[LRU_INACTIVE_ANON].count, 5);
	CU_ASSERT_EQUAL(w.k->memcg[2].swap_usage, 5);
	CU_ASSERT_EQUAL(w.k->memcg[3].swap_usage, 5);
	wrong = audit(w.k);
	CU_ASSERT_PTR_NULL(wrong);
	g_free(wrong);
	world_release(&w);
}

/* What reclaim needs it may take from the reserves. */
static void test_reclaims_with_the_reserves(void)
{
	struct world w;
	u32 task;

	world_init(&w, (struct world_size){ 0 });
	world_write(&w, 0);
	world_drain(&w, 0);
	world_by_hand(&w);
	task = ADD_ON(&w, 0, madvise_pageout, .page = page_of(&w, 0), .count = 1);
	CU_ASSERT(world_step_to(&w, task, "shrink_folio_list.TRYLOCK"));
	CU_ASSERT(w.k->machine.task[task].flags & PF_MEMALLOC);
	CU_ASSERT(world_step_to(&w, task, "madvise_pageout.LOCK_BACK"));
	CU_ASSERT_FALSE(w.k->machine.task[task].flags & PF_MEMALLOC);
	CU_ASSERT(world_step_to(&w, task, NULL));
	world_release(&w);
}

/* MADV_DONTNEED: to give pages back takes time for each. */
static void test_freeing_takes_time(void)
{
	struct cpu_profile slow;
	struct world w;
	u64 began;

	world_init(&w, (struct world_size){ 0 });
	world_write_range(&w, 0, 10);
	world_drain(&w, 0);
	slow = *w.k->cpu_profile;
	slow.free_folio_ns = 1000000;
	w.k->cpu_profile = &slow;
	began = w.k->machine.now;
	RUN(&w, madvise_dontneed, .page = page_of(&w, 0), .count = 7);
	CU_ASSERT_EQUAL((w.k->machine.now - began) / slow.free_folio_ns, 7);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "pages of the range go out, used or not, and no others", test_pages_go_out },
	{ "a range may cross page tables", test_across_page_tables },
	{ "the zero page and pages on no list stay", test_what_is_not_on_a_list },
	{ "the shadow left is the root's", test_shadow_is_the_roots },
	{ "and tells that the page was active", test_active_pages_are_remembered },
	{ "a page that cannot go is put back, its mark cleared, its accessed bit not",
	  test_kept_page_goes_back },
	{ "pages of two cgroups are taken off their own lists", test_two_cgroups },
	{ "reclaim may use the reserves", test_reclaims_with_the_reserves },
	{ "pages that are given back take time", test_freeing_takes_time },
};

UNIT_MAIN("madvise", tests)
