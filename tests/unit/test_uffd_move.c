/* UFFDIO_MOVE: what was at one page is at another, and who looks for it finds it there. */
#include "models/audit.h"
#include "models/mm/rmap.h"
#include "sim/lock.h"
#include "tests/unit/world.h"

enum { TABLE = 8 };

static void world_of(struct world *w, const char *release, const char *device)
{
	world_init(w, (struct world_size){ .release = release,
					   .device = device,
					   .pages = 4 * TABLE,
					   .per_table = TABLE,
					   .moves = true });
}

static s64 move(struct world *w, u32 from, u32 to)
{
	return RUN(w, uffd_move, .page = page_of(w, from), .to = page_of(w, to));
}

/* All that can be said of the state, and nothing is left locked. */
static void expect_sound(struct world *w)
{
	GString *why = g_string_new(NULL);

	world_drain(w, 0);
	CU_ASSERT(audit_state(w->k, why));
	CU_ASSERT_STRING_EQUAL(why->str, "");
	for (u32 i = 0; i < 4; i++)
		CU_ASSERT_EQUAL(page_table_of(w->k, page_of(w, i * TABLE))->ptl.owner, 0);
	g_string_free(why, TRUE);
}

/* The device holds what is swapped, and reclaim has done with it. */
static void swap_out(struct world *w, u32 page)
{
	world_pageout(w, page, 1);
	world_idle(w, 2);
}

static void test_mapped(void)
{
	struct world w;
	u32 frame;

	world_of(&w, "6.18", "zram-lz4");
	world_write(&w, 1);
	frame = w.k->pte[page_of(&w, 1)];
	CU_ASSERT_EQUAL(move(&w, 1, TABLE), PATH_OK);
	CU_ASSERT_EQUAL(flags_at(&w, 1), 0);
	CU_ASSERT_EQUAL(w.k->pte[page_of(&w, TABLE)], frame);
	CU_ASSERT_EQUAL(flags_at(&w, TABLE) & (PTE_PRESENT | PTE_WRITE | PTE_DIRTY),
			PTE_PRESENT | PTE_WRITE | PTE_DIRTY);
	CU_ASSERT(rmap_reaches(w.k, frame, page_of(&w, TABLE)));
	CU_ASSERT_EQUAL(w.k->folio[frame].lock, 0);
	expect_sound(&w);
	swap_out(&w, TABLE);
	CU_ASSERT(is_swapped(&w, TABLE));
	world_read(&w, TABLE); /* what was written is there, or the machine fails */
	world_write(&w, 1);
	swap_out(&w, 1);
	world_read(&w, 1);
	expect_sound(&w);
	world_release(&w);
}

static void test_swapped(void)
{
	struct world w;
	u32 entry;

	world_of(&w, "6.12", "zram-lz4");
	world_write(&w, 3);
	swap_out(&w, 3);
	entry = entry_at(&w, 3);
	CU_ASSERT_EQUAL(move(&w, 3, 2), PATH_OK); /* in one page table */
	CU_ASSERT_EQUAL(flags_at(&w, 3), 0);
	CU_ASSERT_EQUAL(entry_at(&w, 2), entry);
	CU_ASSERT(flags_at(&w, 2) & PTE_EXCLUSIVE);
	CU_ASSERT_EQUAL(swap_count(w.k, entry), 1);
	CU_ASSERT_EQUAL(w.k->device[0].users.count, 1);
	expect_sound(&w);
	world_read(&w, 2);
	expect_sound(&w);
	world_release(&w);
}

/* Back and forth: each page holds what it got last. */
static void test_there_and_back(void)
{
	struct world w;

	world_of(&w, "6.17", "zram-lz4");
	world_write(&w, 0);
	CU_ASSERT_EQUAL(move(&w, 0, 9), PATH_OK);
	swap_out(&w, 9);
	world_write(&w, 0);
	swap_out(&w, 0);
	CU_ASSERT_EQUAL(move(&w, 0, 17), PATH_OK);
	CU_ASSERT_EQUAL(move(&w, 9, 0), PATH_OK);
	CU_ASSERT_EQUAL(move(&w, 17, 9), PATH_OK);
	expect_sound(&w);
	world_read(&w, 0);
	world_write(&w, 9);
	swap_out(&w, 0);
	swap_out(&w, 9);
	world_read(&w, 9);
	world_read(&w, 0);
	expect_sound(&w);
	world_release(&w);
}

/* Its page in the swap cache goes along. */
static void test_cached(void)
{
	struct world w;
	u32 folio;

	world_of(&w, "6.18", "nvme-client");
	world_write(&w, 3);
	swap_out(&w, 3);
	folio = word_folio(w.k->slot[entry_at(&w, 3)].cache);
	CU_ASSERT_FATAL(folio != 0);
	CU_ASSERT_EQUAL(move(&w, 3, 20), PATH_OK);
	CU_ASSERT_EQUAL(w.k->folio[folio].page, page_of(&w, 20));
	CU_ASSERT_EQUAL(w.k->folio[folio].lock, 0);
	world_read(&w, 20);
	CU_ASSERT_EQUAL(w.k->pte[page_of(&w, 20)], folio);
	expect_sound(&w);
	world_release(&w);
}

static void test_zero_page(void)
{
	struct world w;

	world_of(&w, "6.18", "zram-lz4");
	world_read(&w, 5);
	CU_ASSERT(flags_at(&w, 5) & PTE_ZERO);
	CU_ASSERT_EQUAL(move(&w, 5, 12), PATH_OK);
	CU_ASSERT(flags_at(&w, 12) & PTE_ZERO);
	CU_ASSERT_FALSE(flags_at(&w, 12) & PTE_WRITE);
	CU_ASSERT_EQUAL(flags_at(&w, 5), 0);
	expect_sound(&w);
	world_release(&w);
}

static void test_refusals(void)
{
	struct world w;

	world_of(&w, "6.18", "zram-lz4");
	world_write(&w, 0);
	world_write(&w, 1);
	CU_ASSERT_EQUAL(move(&w, 0, 1), PATH_EEXIST);
	CU_ASSERT_EQUAL(move(&w, 2, 3), PATH_ENOENT);
	folio_at(&w, 0)->flags &= ~FOLIO_EXCLUSIVE;
	CU_ASSERT_EQUAL(move(&w, 0, 3), PATH_EBUSY);
	swap_out(&w, 0);
	w.k->pte_flags[page_of(&w, 0)] &= ~PTE_EXCLUSIVE;
	CU_ASSERT_EQUAL(move(&w, 0, 3), PATH_EBUSY);
	CU_ASSERT(is_swapped(&w, 0));
	CU_ASSERT_EQUAL(flags_at(&w, 3), 0);
	expect_sound(&w);
	world_release(&w);

	world_init(&w, (struct world_size){ .file_pages = 1, .moves = true });
	world_read(&w, 0);
	CU_ASSERT_EQUAL(move(&w, 0, 5), PATH_EINVAL);
	world_release(&w);

	world_init(&w,
		   (struct world_size){ .pages = 64, .max_order = 2, .thp_orders = 1u << 2, .moves = true });
	world_write(&w, 0);
	CU_ASSERT_EQUAL(move(&w, 1, 32), PATH_EBUSY);
	world_release(&w);
}

/* Another page is there when the lock of the folio has been waited for. */
static void test_changes_while_waiting(void)
{
	struct world w;
	u32 task, folio;

	world_of(&w, "6.18", "zram-lz4");
	world_write(&w, 0);
	folio = w.k->pte[page_of(&w, 0)];
	world_by_hand(&w);
	w.k->folio[folio].lock = BIT_LOCK_NOBODY;
	task = ADD_ON(&w, 0, uffd_move, .page = page_of(&w, 0), .to = page_of(&w, TABLE));
	CU_ASSERT(world_step_to(&w, task, "uffd_move.LOCK_FOLIO"));
	CU_ASSERT_FALSE(world_step_to(&w, task, NULL));
	bit_lock_release(&w.k->machine, &w.k->folio[folio].lock);
	w.k->pte_flags[page_of(&w, 0)] = 0;
	CU_ASSERT(world_step_to(&w, task, NULL));
	CU_ASSERT_EQUAL(w.k->folio[folio].lock, 0);
	CU_ASSERT_EQUAL(w.k->folio[folio].page, page_of(&w, 0));
	CU_ASSERT_EQUAL(flags_at(&w, TABLE), 0);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "a mapped page", test_mapped },
	{ "a swapped page", test_swapped },
	{ "its folio in the swap cache goes along", test_cached },
	{ "pages hold what was moved there", test_there_and_back },
	{ "the zero page", test_zero_page },
	{ "not to where something is, nor what others have, too", test_refusals },
	{ "what has changed while a lock was waited for is not moved", test_changes_while_waiting },
};

UNIT_MAIN("uffd_move", tests)
