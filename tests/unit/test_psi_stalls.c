/* Who is stalled for want of memory, path by path, and no longer than that; see mm/psi.h. */
#include "models/mm/memory.h"
#include "models/mm/psi.h"
#include "tests/unit/files_world.h"

static bool is_stalled(const struct world *w, u32 task)
{
	return w->k->machine.task[task].flags & PF_MEMSTALL_MASK;
}

/* At that step of the task, and not when it is done. */
static void expect_stall(struct world *w, u32 task, const char *step)
{
	CU_ASSERT_FALSE(is_stalled(w, task));
	CU_ASSERT(world_step_to(w, task, step));
	CU_ASSERT(is_stalled(w, task));
	CU_ASSERT(world_step_to(w, task, NULL));
	CU_ASSERT_FALSE(is_stalled(w, task));
}

static void test_direct_reclaim(void)
{
	struct world w;

	world_init(&w, (struct world_size){ 0 });
	world_write_range(&w, 0, 64);
	world_by_hand(&w);
	expect_stall(&w, ADD_ON(&w, 0, try_to_free_pages, .start = 0), "try_to_free_pages.BEGIN_RECLAIM");
	world_release(&w);
}

/* Who lets kswapd go first waits for memory, too. */
static void test_throttled(void)
{
	struct world w;
	u32 task;

	world_init(&w, (struct world_size){ 0 });
	world_write_range(&w, 0, 64);
	world_by_hand(&w);
	w.k->memory->free = w.k->memory->min / 2;
	task = ADD_ON(&w, 0, try_to_free_pages, .start = 0);
	CU_ASSERT_FALSE(world_step_to(&w, task, "try_to_free_pages.BEGIN_RECLAIM"));
	CU_ASSERT(world_is_at(&w, task, "try_to_free_pages.THROTTLE"));
	CU_ASSERT(is_stalled(&w, task));
	world_release(&w);
}

static void test_kswapd(void)
{
	struct world w;

	world_init(&w, (struct world_size){ 0 });
	world_write_range(&w, 0, 64);
	world_by_hand(&w);
	expect_stall(&w, ADD_ON(&w, 0, balance_pgdat, .before = 0), "balance_pgdat.ROUND");
	world_release(&w);
}

/* A page of the working set that is read from swap. */
static void test_swap_in(void)
{
	for (u32 workingset = 0; workingset < 2; workingset++) {
		struct world w;
		u32 folio, task, slot;

		world_init(&w, (struct world_size){ 0 });
		world_write(&w, 3);
		world_pageout(&w, 3, 1);
		slot = entry_at(&w, 3);
		folio = (u32)RUN(&w, read_swap_cache_async, .entry = slot, .page = page_of(&w, 3));
		CU_ASSERT_FATAL(folio != 0);
		w.k->folio[folio].flags &= ~FOLIO_WORKINGSET;
		w.k->folio[folio].flags |= workingset ? FOLIO_WORKINGSET : 0;
		world_by_hand(&w);
		task = ADD_ON(&w, 0, swap_read_folio, .folio = folio, .entry = slot);
		CU_ASSERT(world_step_to(&w, task, "zram_read_page.DECOMPRESS"));
		CU_ASSERT_EQUAL(is_stalled(&w, task), workingset);
		CU_ASSERT(world_step_to(&w, task, NULL));
		CU_ASSERT_FALSE(is_stalled(&w, task));
		world_release(&w);
	}
}

/* Who sends reads of which one is of the working set. */
static void test_readahead(void)
{
	for (u32 workingset = 0; workingset < 2; workingset++) {
		struct files_world f;
		u32 task, index;

		fw_init(&f, (struct world_size){ 0 });
		world_by_hand(&f.w);
		index = fw_page(&f, FILES, 1024);
		task = ADD_ON(&f.w, 0, filemap_read, .index = index, .end = index + 1, .memcg = 1);
		CU_ASSERT(world_step_to(&f.w, task, "filemap_add_folio.ADD"));
		if (workingset)
			f.w.k->folio[f.w.k->memory->folio_used].flags |= FOLIO_WORKINGSET;
		CU_ASSERT(world_step_to(&f.w, task, "submit_bio.SUBMIT"));
		CU_ASSERT(fw_cached(&f, 1024) != NULL);
		CU_ASSERT_EQUAL(is_stalled(&f.w, task), workingset);
		CU_ASSERT(world_step_to(&f.w, task, "filemap_read.AGAIN"));
		CU_ASSERT_FALSE(is_stalled(&f.w, task));
		world_release(&f.w);
	}
}

static const struct unit tests[] = {
	{ "who reclaims for the machine", test_direct_reclaim },
	{ "who is throttled for its sake", test_throttled },
	{ "kswapd", test_kswapd },
	{ "who reads a page of the working set from swap", test_swap_in },
	{ "or from a file", test_readahead },
};

UNIT_MAIN("psi: who is stalled", tests)
