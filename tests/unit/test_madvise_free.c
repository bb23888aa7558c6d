/* MADV_FREE: pages that reclaim may drop, and what saves them. */
#include "models/mm/lru.h"
#include "models/mm/memcg.h"
#include "models/run.h"
#include "tests/unit/fork_world.h"

static const char *const kernels[] = { "6.1", "6.12", "6.14", "6.17", "6.18" };

static void give_up(struct world *w, u32 first, u32 n)
{
	RUN(w, madvise_free, .page = page_of(w, first), .end = page_of(w, first) + n);
}

static u32 reclaim(struct world *w, u32 n)
{
	return RUN(w, try_to_free_mem_cgroup_pages, .memcg = 1, .nr_pages = n);
}

static u32 slots_used(const struct world *w)
{
	return (u32)(w->k->swap->total_pages - (u64)w->k->swap->free_pages);
}

static void written(struct world *w, u32 n)
{
	world_init(w, (struct world_size){ 0 });
	world_write_range(w, 0, n);
	world_drain(w, 0);
}

static void test_marked(void)
{
	struct world w;

	written(&w, 40);
	give_up(&w, 5, 10);
	CU_ASSERT_EQUAL(counted(&w, PGLAZYFREE), 0); /* in the batch */
	CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON), 40);
	CU_ASSERT_EQUAL(folio_at(&w, 5)->refs, 2);
	world_drain(&w, 0);
	CU_ASSERT_EQUAL(counted(&w, PGLAZYFREE), 10);
	CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON), 30);
	CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_FILE), 10);
	for (u32 i = 0; i < 40; i++) {
		bool given = i >= 5 && i < 15;

		CU_ASSERT_EQUAL(!(folio_at(&w, i)->flags & FOLIO_LAZYFREE), !given);
		CU_ASSERT_EQUAL(!(flags_at(&w, i) & (PTE_DIRTY | PTE_ACCESSED)), given);
		CU_ASSERT(is_resident(&w, i));
		CU_ASSERT_EQUAL(folio_at(&w, i)->refs, 1);
	}
	CU_ASSERT_EQUAL(w.k->mm[0].anon_pages, 40);
	give_up(&w, 5, 10); /* once is enough */
	world_drain(&w, 0);
	CU_ASSERT_EQUAL(counted(&w, PGLAZYFREE), 10);
	world_release(&w);
}

static void test_batch_of_31(void)
{
	struct world w;

	written(&w, 100);
	give_up(&w, 0, 30);
	CU_ASSERT_EQUAL(counted(&w, PGLAZYFREE), 0);
	give_up(&w, 30, 2); /* its drain of new pages is one of these, too */
	CU_ASSERT_EQUAL(counted(&w, PGLAZYFREE), 30);
	give_up(&w, 32, 31);
	CU_ASSERT_EQUAL(counted(&w, PGLAZYFREE), 63);
	world_release(&w);
}

static void test_active_goes_inactive(void)
{
	struct world w;
	u32 folio;

	written(&w, 1);
	folio = w.k->pte[page_of(&w, 0)];
	lruvec_del_folio(w.k, &w.k->lruvec[1], folio);
	w.k->folio[folio].flags |= FOLIO_ACTIVE | FOLIO_REFERENCED;
	lruvec_add_folio(w.k, &w.k->lruvec[1], folio);
	give_up(&w, 0, 1);
	world_drain(&w, 0);
	CU_ASSERT_EQUAL(list_count(&w, LRU_ACTIVE_ANON), 0);
	CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_FILE), 1);
	CU_ASSERT_FALSE(w.k->folio[folio].flags & (FOLIO_ACTIVE | FOLIO_REFERENCED));
	world_release(&w);
}

static void test_dropped(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct world w;

		world_init(&w, (struct world_size){ .release = kernels[i] });
		world_write_range(&w, 0, 64);
		give_up(&w, 0, 64);
		CU_ASSERT_EQUAL(reclaim(&w, 64), 64);
		CU_ASSERT_EQUAL(counted(&w, PGLAZYFREED), 64);
		CU_ASSERT_EQUAL(counted(&w, PGSTEAL), 64);
		CU_ASSERT_EQUAL(counted(&w, PSWPOUT), 0);
		CU_ASSERT_EQUAL(counted(&w, SLOTS_ALLOCATED), 0);
		CU_ASSERT_EQUAL(w.k->mm[0].anon_pages + w.k->mm[0].swap_ents, 0);
		memcg_drain_stocks(w.k, 1);
		CU_ASSERT_EQUAL(w.k->memcg[1].usage, 0);
		CU_ASSERT_EQUAL(w.k->memory->isolated[LRU_FILE], 0);
		world_read(&w, 3); /* as if it had never been used */
		CU_ASSERT(flags_at(&w, 3) & PTE_ZERO);
		world_write(&w, 4);
		CU_ASSERT(is_resident(&w, 4) && !(folio_at(&w, 4)->flags & FOLIO_LAZYFREE));
		world_release(&w);
	}
}

/* Without swap, too, where nothing else could be reclaimed. */
static void test_dropped_without_swap(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .limit = 200 });
	world_write_range(&w, 0, 150);
	w.k->swap->free_pages = 0;
	give_up(&w, 0, 100);
	world_write_range(&w, 150, 120);
	CU_ASSERT(counted(&w, PGLAZYFREED) >= 70);
	CU_ASSERT_EQUAL(counted(&w, EVENTS_OOM), 0);
	for (u32 i = 100; i < 270; i++)
		CU_ASSERT(is_resident(&w, i));
	world_release(&w);
}

/* One that somebody holds while reclaim looks: from 6.15 on it is still given up. */
static void test_held(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		bool ordinary = strcmp(kernels[i], "6.17") && strcmp(kernels[i], "6.18");
		struct world w;

		world_init(&w, (struct world_size){ .release = kernels[i] });
		world_write_range(&w, 0, 8);
		give_up(&w, 0, 8);
		world_drain(&w, 0);
		folio_at(&w, 3)->refs++;
		CU_ASSERT_EQUAL(world_pageout(&w, 0, 8), 7);
		CU_ASSERT(is_resident(&w, 3));
		CU_ASSERT_EQUAL(!(folio_at(&w, 3)->flags & FOLIO_LAZYFREE), ordinary);
		folio_at(&w, 3)->refs--;
		world_release(&w);
	}
}

static void test_write_saves(void)
{
	struct world w;

	written(&w, 64);
	give_up(&w, 0, 64);
	world_drain(&w, 0);
	world_write_range(&w, 10, 5);
	CU_ASSERT_EQUAL(world_pageout(&w, 0, 64), 59);
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), 0);
	CU_ASSERT_EQUAL(counted(&w, PGLAZYFREED), 59);
	for (u32 i = 10; i < 15; i++) {
		CU_ASSERT(is_resident(&w, i) && flags_at(&w, i) & PTE_DIRTY);
		CU_ASSERT_FALSE(folio_at(&w, i)->flags & FOLIO_LAZYFREE);
	}
	CU_ASSERT_EQUAL(list_count(&w, LRU_ACTIVE_ANON), 5);
	CU_ASSERT_EQUAL(world_pageout(&w, 10, 5), 5); /* ordinary pages */
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), 5);
	world_read(&w, 12);
	CU_ASSERT(is_resident(&w, 12));
	world_release(&w);
}

/* Reading does not: it only makes reclaim come twice. */
static void test_read_delays(void)
{
	struct world w;

	written(&w, 2);
	give_up(&w, 0, 2);
	world_drain(&w, 0);
	world_read(&w, 0);
	CU_ASSERT_EQUAL(reclaim(&w, 2), 2);
	CU_ASSERT_EQUAL(counted(&w, PGLAZYFREED), 2);
	CU_ASSERT(counted(&w, PGSCAN) > 2);
	world_release(&w);
}

static void test_held_page_stays(void)
{
	struct world w;

	written(&w, 1);
	give_up(&w, 0, 1);
	world_drain(&w, 0);
	folio_at(&w, 0)->refs++;
	CU_ASSERT_EQUAL(world_pageout(&w, 0, 1), 0);
	CU_ASSERT(is_resident(&w, 0) && folio_at(&w, 0)->flags & FOLIO_LAZYFREE);
	folio_at(&w, 0)->refs--;
	CU_ASSERT_EQUAL(world_pageout(&w, 0, 1), 1);
	CU_ASSERT_EQUAL(counted(&w, PGLAZYFREED), 1);
	world_release(&w);
}

static void test_swapped_pages_lose_their_slots(void)
{
	struct world w;
	u64 before;

	world_init(&w, (struct world_size){ .per_cluster = 64, .slots = 511 });
	world_write_range(&w, 0, 100);
	CU_ASSERT_EQUAL(world_pageout(&w, 0, 100), 100);
	before = locks_taken(&w, CLASS_CLUSTER);
	give_up(&w, 0, 90);
	CU_ASSERT_EQUAL(slots_used(&w), 10);
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_CLUSTER) - before, 2); /* two clusters, a run in each */
	CU_ASSERT_EQUAL(w.k->mm[0].swap_ents, 10);
	CU_ASSERT_EQUAL(flags_at(&w, 0), 0);
	CU_ASSERT(is_swapped(&w, 90));
	world_release(&w);
}

/* Page 3 is mapped from the cache, which keeps its slot: read while somebody held it on its way out. */
static void cached(struct world *w)
{
	u32 folio;

	written(w, 4);
	folio = w->k->pte[page_of(w, 3)];
	w->k->folio[folio].refs++;
	CU_ASSERT_EQUAL(world_pageout(w, 3, 1), 0);
	w->k->folio[folio].refs--;
	world_read(w, 3);
	CU_ASSERT(is_resident(w, 3) && folio_at(w, 3)->flags & FOLIO_SWAPCACHE);
}

static void test_cached_page_gives_up_its_slot(void)
{
	struct world w;

	cached(&w);
	CU_ASSERT_EQUAL(slots_used(&w), 1);
	give_up(&w, 3, 1);
	world_drain(&w, 0);
	CU_ASSERT_EQUAL(slots_used(&w), 0);
	CU_ASSERT(folio_at(&w, 3)->flags & FOLIO_LAZYFREE);
	CU_ASSERT_FALSE(folio_at(&w, 3)->flags & FOLIO_DIRTY);
	CU_ASSERT_EQUAL(io_of(&w, folio_at(&w, 3))->lock, 0);
	world_release(&w);
}

static void test_locked_page_is_left_alone(void)
{
	struct world w;

	cached(&w);
	io_of(&w, folio_at(&w, 3))->lock = 99;
	give_up(&w, 2, 2);
	world_drain(&w, 0);
	CU_ASSERT_EQUAL(slots_used(&w), 1);
	CU_ASSERT_FALSE(folio_at(&w, 3)->flags & FOLIO_LAZYFREE);
	CU_ASSERT_EQUAL(counted(&w, PGLAZYFREE), 1);
	io_of(&w, folio_at(&w, 3))->lock = 0;
	io_of(&w, folio_at(&w, 3))->writeback = 99; /* and one that is being written keeps its slot */
	give_up(&w, 3, 1);
	CU_ASSERT_EQUAL(slots_used(&w), 1);
	CU_ASSERT_EQUAL(io_of(&w, folio_at(&w, 3))->lock, 0);
	io_of(&w, folio_at(&w, 3))->writeback = 0;
	world_release(&w);
}

static void test_zero_page_and_nothing(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .per_table = 8 });
	world_read(&w, 1);
	world_write(&w, 9);
	give_up(&w, 0, 30);
	world_drain(&w, 0);
	CU_ASSERT_EQUAL(flags_at(&w, 1), PTE_PRESENT | PTE_ACCESSED | PTE_ZERO);
	CU_ASSERT_EQUAL(counted(&w, PGLAZYFREE), 1);
	world_release(&w);
}

/* Unmapped while it waits in the batch. */
static void test_gone_from_the_batch(void)
{
	struct world w;
	u32 folio;

	written(&w, 1);
	folio = w.k->pte[page_of(&w, 0)];
	RUN_ON(&w, 1, madvise_free, .page = page_of(&w, 0), .end = page_of(&w, 0) + 1);
	RUN(&w, madvise_dontneed, .page = page_of(&w, 0), .count = 1);
	CU_ASSERT(w.k->folio[folio].flags & FOLIO_IN_USE);
	world_drain(&w, 1);
	CU_ASSERT_EQUAL(w.k->folio[folio].flags, 0);
	CU_ASSERT_EQUAL(counted(&w, PGLAZYFREE), 0);
	CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON) + list_count(&w, LRU_INACTIVE_FILE), 0);
	world_release(&w);
}

/* Isolated by another CPU while it waits in the batch: the batch passes over it. */
static void test_isolated_from_the_batch(void)
{
	struct world w;
	u32 folio;

	written(&w, 2);
	give_up(&w, 0, 2);
	folio = w.k->pte[page_of(&w, 0)];
	lruvec_del_folio(w.k, &w.k->lruvec[1], folio);
	w.k->folio[folio].refs++;
	world_drain(&w, 0);
	CU_ASSERT_EQUAL(counted(&w, PGLAZYFREE), 1);
	CU_ASSERT_FALSE(w.k->folio[folio].flags & FOLIO_LAZYFREE);
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 2);
	world_release(&w);
}

static void test_audit(void)
{
	struct world w;
	char *wrong;

	written(&w, 50);
	give_up(&w, 0, 20);
	wrong = audit(w.k);
	CU_ASSERT_PTR_NULL(wrong);
	g_free(wrong);
	world_drain(&w, 0);
	wrong = audit(w.k);
	CU_ASSERT_PTR_NULL(wrong);
	g_free(wrong);
	world_release(&w);
}

/* A batch may hold pages of several cgroups, each of which stays on lists of its own. */
static void test_two_cgroups(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .memcgs = 4 });
	for (u32 i = 0; i < 2; i++) {
		w.k->mm[0].memcg = (u16)(2 + i);
		world_write_range(&w, 5 * i, 5);
		world_drain(&w, 0);
	}
	give_up(&w, 0, 10);
	world_drain(&w, 0);
	for (u32 i = 2; i < 4; i++) {
		CU_ASSERT_EQUAL(w.k->lruvec[i].list[LRU_INACTIVE_FILE].count, 5);
		CU_ASSERT_EQUAL(w.k->lruvec[i].list[LRU_INACTIVE_ANON].count, 0);
	}
	world_release(&w);
}

/* What a child still wants is not the parent's to give up. */
static void test_shared_is_kept(void)
{
	struct fork_world f;

	fork_world_init(&f, (struct world_size){ .pages = 4, .per_table = 4 }, 1);
	fork_write(&f, 0, 1);
	world_drain(&f.w, 0);
	CU_ASSERT_EQUAL(fork_child(&f, 0, 1), PATH_OK);
	give_up(&f.w, 1, 1);
	world_drain(&f.w, 0);
	CU_ASSERT_FALSE(fork_frame(&f, 1, 1)->flags & FOLIO_LAZYFREE);
	CU_ASSERT_EQUAL(counted(&f.w, PGLAZYFREE), 0);
	CU_ASSERT(fork_world_is_sound(&f));
	fork_world_release(&f);
}

/* A page whose slot somebody else refers to keeps it, and stays what it is. */
static void test_slot_of_another(void)
{
	struct world w;
	u32 folio, entry;

	written(&w, 1);
	folio = w.k->pte[page_of(&w, 0)];
	w.k->folio[folio].refs++; /* so that it is mapped again, in the swap cache */
	CU_ASSERT_EQUAL(world_pageout(&w, 0, 1), 0);
	w.k->folio[folio].refs--;
	entry = entry_at(&w, 0);
	w.k->slot[entry].map++;
	world_read(&w, 0);
	CU_ASSERT_FATAL(is_resident(&w, 0) && w.k->folio[folio].flags & FOLIO_SWAPCACHE);
	give_up(&w, 0, 1);
	world_drain(&w, 0);
	CU_ASSERT_FALSE(w.k->folio[folio].flags & FOLIO_LAZYFREE);
	CU_ASSERT_EQUAL(counted(&w, PGLAZYFREE), 0);
	w.k->slot[entry].map--;
	world_release(&w);
}

static const struct unit tests[] = {
	{ "pages given up are clean, on the inactive file list, and still there", test_marked },
	{ "they go there 31 at a time", test_batch_of_31 },
	{ "from the active list, too", test_active_goes_inactive },
	{ "reclaim drops them without swap", test_dropped },
	{ "even when there is no swap left", test_dropped_without_swap },
	{ "what is held while reclaim looks is an ordinary page again, up to 6.14", test_held },
	{ "one that was written again is an ordinary page", test_write_saves },
	{ "one that was read is dropped a little later", test_read_delays },
	{ "one that somebody holds stays", test_held_page_stays },
	{ "swapped pages lose their slots, those in a row together", test_swapped_pages_lose_their_slots },
	{ "a page in the swap cache loses its slot", test_cached_page_gives_up_its_slot },
	{ "one that is locked or being written is left alone", test_locked_page_is_left_alone },
	{ "the zero page and untouched pages are left alone", test_zero_page_and_nothing },
	{ "one that is unmapped in the batch is freed with it", test_gone_from_the_batch },
	{ "one that is isolated in the batch stays as it is", test_isolated_from_the_batch },
	{ "audits know pages that were given up", test_audit },
	{ "of a batch each page goes to its own cgroup's list", test_two_cgroups },
	{ "what a child has, too, is not given up", test_shared_is_kept },
	{ "a page with a slot that is wanted is not given up", test_slot_of_another },
};

UNIT_MAIN("madvise_free", tests)
