/* What 6.1 does otherwise than later releases, beside where it finds slots (test_scan_map.c). */
#include "models/mm/memcg.h"
#include "models/mm/workingset.h"
#include "models/mm/zap.h"
#include "tests/unit/scenario_text.h"
#include "tests/unit/world.h"

enum { TICK_NS = 4000000 };

static void swapped_page(struct world *w, struct world_size size)
{
	world_init(w, size);
	world_write(w, 0);
	CU_ASSERT_EQUAL(world_pageout(w, 0, 1), 1);
}

/* Nobody else has the page, and the first store to it faults for nothing. */
static void test_mapped_read_only(void)
{
	static const char *const kernels[] = { "6.1", "6.12" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct world w;
		u32 folio;

		swapped_page(&w, (struct world_size){ .release = kernels[i] });
		world_read(&w, 0);
		CU_ASSERT_EQUAL(!(flags_at(&w, 0) & PTE_WRITE), !i);
		folio = w.k->pte[page_of(&w, 0)];
		world_write(&w, 0);
		CU_ASSERT_EQUAL(flags_at(&w, 0) & (PTE_WRITE | PTE_DIRTY), PTE_WRITE | PTE_DIRTY);
		CU_ASSERT_EQUAL(w.k->pte[page_of(&w, 0)], folio);
		CU_ASSERT_EQUAL(counted(&w, PGFAULT), 2 + !i);
		CU_ASSERT_EQUAL(w.k->mm[0].anon_pages, 1);
		world_release(&w);
		swapped_page(&w, (struct world_size){ .release = kernels[i] });
		world_write(&w, 0);
		CU_ASSERT_EQUAL(counted(&w, PGFAULT), 2);
		CU_ASSERT_EQUAL(flags_at(&w, 0) & (PTE_WRITE | PTE_DIRTY), PTE_WRITE | PTE_DIRTY);
		world_release(&w);
	}
}

/* It is not asked whether the cache holds the slot, which stays. */
static void test_reused_page_keeps_its_slot(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .release = "6.1", .device = "disk" });
	world_write(&w, 0);
	world_pageout(&w, 0, 1);
	world_idle(&w, 20);
	CU_ASSERT_EQUAL(world_pageout(&w, 0, 1), 0);
	world_read(&w, 0);
	CU_ASSERT(folio_at(&w, 0)->flags & FOLIO_SWAPCACHE);
	world_write(&w, 0);
	CU_ASSERT(folio_at(&w, 0)->flags & FOLIO_SWAPCACHE);
	CU_ASSERT(flags_at(&w, 0) & PTE_DIRTY);
	world_release(&w);
}

static void test_zeroes_are_written(void)
{
	struct world w;

	swapped_page(&w, (struct world_size){ .release = "6.1", .corpus = "zero" });
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), 1);
	CU_ASSERT_EQUAL(counted(&w, SWPOUT_ZERO), 0);
	CU_ASSERT_NOT_EQUAL(w.k->slot[entry_at(&w, 0)].stored, STORED_ZEROMAP);
	world_read(&w, 0);
	CU_ASSERT_EQUAL(counted(&w, PSWPIN), 1);
	CU_ASSERT_EQUAL(counted(&w, SWPIN_ZERO), 0);
	world_release(&w);
}

/* The slot is claimed while the page is allocated and charged; who comes second has nothing to throw away. */
static void test_claimed_first(void)
{
	struct world w;
	u32 a, b, entry;
	u64 free;

	swapped_page(&w, (struct world_size){ .release = "6.1" });
	entry = entry_at(&w, 0);
	world_by_hand(&w);
	a = ADD_ON(&w, 0, handle_mm_fault, .page = page_of(&w, 0));
	b = ADD_ON(&w, 1, handle_mm_fault, .page = page_of(&w, 0));
	CU_ASSERT(world_step_to(&w, a, "alloc_charged_folio.ALLOC"));
	CU_ASSERT_EQUAL(w.k->slot[entry].map, SWAP_HAS_CACHE | 1);
	free = w.k->memory->free;
	CU_ASSERT(world_step_to(&w, b, "swapin_claim.RACE_SLEEP"));
	CU_ASSERT_EQUAL(w.k->memory->free, free);
	CU_ASSERT(world_step_to(&w, a, NULL));
	CU_ASSERT_EQUAL(w.k->slot[entry].map, SWAP_HAS_CACHE); /* in the row to be given back */
	CU_ASSERT(world_step_to(&w, b, NULL));
	CU_ASSERT_EQUAL(counted(&w, SWAPIN_RACES), 1);
	CU_ASSERT_EQUAL(counted(&w, SWAPIN_WASTED_PAGES), 0);
	CU_ASSERT_EQUAL(counted(&w, PGMAJFAULT), 1);
	world_release(&w);
}

static void test_loser_sleeps_a_tick(void)
{
	struct world w;

	swapped_page(&w, (struct world_size){ .release = "6.1" });
	ADD_ON(&w, 0, handle_mm_fault, .page = page_of(&w, 0));
	ADD_ON(&w, 1, handle_mm_fault, .page = page_of(&w, 0));
	CU_ASSERT(machine_run(&w.k->machine, TIME_NEVER - 1, NULL));
	CU_ASSERT_EQUAL(counted(&w, SWAPIN_RACE_SLEEPS), 1);
	CU_ASSERT(counted(&w, SWAPIN_RACE_SLEEP_NS) >= TICK_NS);
	CU_ASSERT(is_resident(&w, 0));
	world_release(&w);
}

/* The patch that made the claim can be taken out there, too. */
static void test_no_claim(void)
{
	struct world w;
	u32 a;

	swapped_page(&w, (struct world_size){ .release = "6.1+bypass-pin=off" });
	world_by_hand(&w);
	a = ADD_ON(&w, 0, handle_mm_fault, .page = page_of(&w, 0));
	CU_ASSERT(world_step_to(&w, a, "zram_read_page.DECOMPRESS"));
	CU_ASSERT_EQUAL(w.k->slot[entry_at(&w, 0)].map, 1);
	CU_ASSERT(world_step_to(&w, a, NULL));
	world_release(&w);
}

/* A page read alone is there when the read returns; later the fault waits for its lock, and starts over. */
static void test_read_is_waited_for(void)
{
	static const char *const kernels[] = { "6.1", "6.12" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct world w;

		world_init(&w, (struct world_size){ .release = kernels[i], .device = "disk" });
		world_write(&w, 0);
		world_pageout(&w, 0, 1);
		world_idle(&w, 50);
		world_pageout(&w, 0, 1);
		RUN(&w, handle_mm_fault, .page = page_of(&w, 0));
		CU_ASSERT(is_resident(&w, 0));
		CU_ASSERT_EQUAL(counted(&w, FOLIO_LOCK_WAITS), i * counted(&w, PSWPIN));
		world_release(&w);
	}
}

/* Who finds a slot claimed on its way into the cache keeps no page while it sleeps. */
static void test_no_page_while_asleep(void)
{
	static const char *const kernels[] = { "6.1", "6.12" };
	u64 taken[2];

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct world w;
		u32 a, b, entry;
		u64 free;

		swapped_page(&w, (struct world_size){ .release = kernels[i] });
		entry = entry_at(&w, 0);
		world_by_hand(&w);
		a = ADD_ON(&w, 0, read_swap_cache_async, .entry = entry, .page = page_of(&w, 0));
		b = ADD_ON(&w, 1, read_swap_cache_async, .entry = entry, .page = page_of(&w, 0));
		CU_ASSERT(world_step_to(&w, a, "swap_cache_add_folio.LOCK_XA"));
		free = w.k->memory->free;
		CU_ASSERT(world_step_to(&w, b, "read_swap_cache_async.RETRY_SLEEP"));
		taken[i] = free - w.k->memory->free;
		CU_ASSERT(world_step_to(&w, a, NULL));
		CU_ASSERT(world_step_to(&w, b, NULL));
		world_release(&w);
	}
	CU_ASSERT_EQUAL(taken[0], 0);
	CU_ASSERT_EQUAL(taken[1], 1);
}

static void test_freed_singly(void)
{
	static const char *const kernels[] = { "6.1", "6.12" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct world w;

		world_init(&w, (struct world_size){ .release = kernels[i] });
		world_write_range(&w, 0, 16);
		CU_ASSERT_EQUAL(world_pageout(&w, 0, 16), 16);
		CU_ASSERT_EQUAL(swap_pte_batch(w.k, page_of(&w, 0), page_of(&w, 16)), i ? 16 : 1);
		world_release(&w);
	}
}

/* Neither pages that were not reclaimed nor those kept active cost anything, and a write is one, not 32. */
static void test_cost(void)
{
	static const char *const kernels[] = { "6.1", "6.12" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct world w;

		world_init(&w, (struct world_size){ .release = kernels[i] });
		world_fill(&w, 800);
		RUN(&w, lru_note_cost, .memcg = 1, .cost = lru_cost(w.k, 3, 5));
		CU_ASSERT_EQUAL(w.k->lruvec[1].cost[LRU_ANON], i ? 3 * 32 + 5 : 3);
		world_release(&w);
	}
}

/* A reclaimer of a group looks at all of its children, and does not note where it left off. */
static void test_whole_walk(void)
{
	static const char *const kernels[] = { "6.1", "6.12" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct world w;

		world_init(&w, (struct world_size){ .release = kernels[i], .memcgs = 4 });
		world_fill(&w, 800);
		world_age(&w, 0, 800);
		CU_ASSERT(RUN(&w, try_to_free_mem_cgroup_pages, .memcg = 1, .nr_pages = 32) >= 32);
		CU_ASSERT_EQUAL(w.k->lruvec[1].iter > 0, i);
		world_release(&w);
	}
}

static void test_batch_of_15(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .release = "6.1" });
	world_write_range(&w, 0, 14);
	CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON), 0);
	world_write(&w, 14);
	CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON), 15);
	world_release(&w);
}

static void test_no_zswap(void)
{
	static const char text[] = "{'format':1,'name':'t','machine':{'kernel':'6.1','zswap':{'enabled':%s}},"
				   "'swap':[{'device':'disk','size':'1MiB'}],"
				   "'tasks':[{'name':'a','workload':{'seq':{'pages':8,'passes':1}}}]}";
	char *with = g_strdup_printf(text, "true"), *without = g_strdup_printf(text, "false");
	GError *error = NULL;

	CU_ASSERT_PTR_NULL(scenario_from(with, &error));
	CU_ASSERT_PTR_NOT_NULL_FATAL(error);
	CU_ASSERT_STRING_EQUAL(error->message, "s.json:1:58: machine.zswap: zswap of release 6.1 is not "
					       "modelled (there is that of 6.12 and later)");
	g_error_free(error);
	scenario_free(scenario_right(without));
	g_free(with);
	g_free(without);
}

/* A page that is read without neighbours is there when it has been read, one with neighbours may not be. */
static void test_waits_where_it_reads(void)
{
	for (u32 ahead = 0; ahead < 2; ahead++) {
		struct world w;
		u32 task;

		world_init(&w, (struct world_size){ .release = "6.1", .device = "disk", .pages = 64 });
		world_fill(&w, 64);
		world_pageout(&w, 0, 64);
		world_idle(&w, 100);
		RUN(&w, shrink_inactive_list, .lruvec = 1, .nr_to_scan = 64);
		w.k->config.page_cluster = ahead ? 3 : 0;
		world_by_hand(&w);
		task = ADD_ON(&w, 0, swapin_readahead, .entry = entry_at(&w, 40), .page = page_of(&w, 40));
		CU_ASSERT_EQUAL(world_step_to(&w, task, NULL), ahead);
		CU_ASSERT_EQUAL(world_is_at(&w, task, "swap_read_folio.WAIT"), !ahead);
		world_release(&w);
	}
}

static const struct unit tests[] = {
	{ "a read maps a swapped page read-only, and a store to it faults", test_mapped_read_only },
	{ "the page that is stored to keeps its slot", test_reused_page_keeps_its_slot },
	{ "pages of zeroes are written", test_zeroes_are_written },
	{ "a slot is claimed before a page is allocated for it", test_claimed_first },
	{ "who comes second sleeps a tick", test_loser_sleeps_a_tick },
	{ "without bypass-pin nothing is claimed", test_no_claim },
	{ "a read alone is waited for where it is read", test_read_is_waited_for },
	{ "who finds a slot claimed keeps no page while it sleeps", test_no_page_while_asleep },
	{ "swapped pages in a row are freed one by one", test_freed_singly },
	{ "the cost of a list is its writes", test_cost },
	{ "reclaim walks all cgroups", test_whole_walk },
	{ "new pages are gathered by 15", test_batch_of_15 },
	{ "zswap is refused", test_no_zswap },
	{ "a page alone is waited for where it is read", test_waits_where_it_reads },
};

UNIT_MAIN("release, older", tests)
