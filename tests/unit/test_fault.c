/* Faults on missing and on write-protected pages. */
#include "tests/unit/world.h"

static void test_first_write(void)
{
	struct world w;

	world_init(&w, (struct world_size){ 0 });
	world_write(&w, 3);
	CU_ASSERT_EQUAL(flags_at(&w, 3), PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY | PTE_WRITE);
	CU_ASSERT_EQUAL(folio_at(&w, 3)->page, page_of(&w, 3));
	CU_ASSERT_EQUAL(folio_at(&w, 3)->memcg, 1);
	CU_ASSERT_EQUAL(folio_at(&w, 3)->mapcount, 1);
	CU_ASSERT_EQUAL(w.k->mm[0].anon_pages, 1);
	CU_ASSERT_EQUAL(counted(&w, PGFAULT), 1);
	CU_ASSERT_EQUAL(counted(&w, PGMAJFAULT), 0);
	CU_ASSERT_EQUAL(w.k->latency[LATENCY_FAULT].count, 1);
	CU_ASSERT_EQUAL(w.k->latency[LATENCY_MAJOR_FAULT].count, 0);
	world_write(&w, 3);
	CU_ASSERT_EQUAL(counted(&w, PGFAULT), 1);
	world_release(&w);
}

static void test_first_read(void)
{
	struct world w;
	u64 free;

	world_init(&w, (struct world_size){ 0 });
	free = w.k->memory->free;
	world_read(&w, 0);
	CU_ASSERT_EQUAL(flags_at(&w, 0), PTE_PRESENT | PTE_ACCESSED | PTE_ZERO);
	CU_ASSERT_EQUAL(w.k->memory->free, free);
	CU_ASSERT_EQUAL(w.k->memcg[1].usage, 0);
	CU_ASSERT_EQUAL(w.k->mm[0].anon_pages, 0);
	world_write(&w, 0);
	CU_ASSERT_EQUAL(counted(&w, PGFAULT), 2);
	CU_ASSERT_EQUAL(flags_at(&w, 0), PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY | PTE_WRITE);
	CU_ASSERT_EQUAL(w.k->memory->free, free - 1);
	CU_ASSERT_EQUAL(w.k->mm[0].anon_pages, 1);
	world_release(&w);
}

static void test_two_tasks(u8 write, const char *lost_step)
{
	struct world w;
	u32 a, b;
	u64 free;

	world_init(&w, (struct world_size){ 0 });
	if (write == 2)
		world_read(&w, 0);
	free = w.k->memory->free;
	world_by_hand(&w);
	a = ADD_ON(&w, 0, handle_mm_fault, .page = page_of(&w, 0), .write = 1);
	b = ADD_ON(&w, 1, handle_mm_fault, .page = page_of(&w, 0), .write = 1);
	CU_ASSERT(world_step_to(&w, a, lost_step));
	CU_ASSERT(world_step_to(&w, b, NULL));
	CU_ASSERT(world_step_to(&w, a, NULL));
	CU_ASSERT_EQUAL(w.k->memory->free, free - 1); /* the loser's page is free again */
	CU_ASSERT_EQUAL(w.k->mm[0].anon_pages, 1);
	CU_ASSERT(is_resident(&w, 0));
	CU_ASSERT_EQUAL(w.k->memcg[1].usage, 2 * 64 - 1);
	world_release(&w);
}

static void test_two_tasks_missing(void)
{
	test_two_tasks(1, "do_anonymous_page.LOCK_PTL");
}

static void test_two_tasks_zero_page(void)
{
	test_two_tasks(2, "do_wp_page.LOCK_PTL");
}

/* Who finds, with a page in hand, that another task was first, takes that one's page. */
static void test_second_to_page_cache(void)
{
	struct world w;
	struct folio *folio;
	u32 late;

	world_init(&w, (struct world_size){ .file_pages = 600 });
	w.k->file[0].mmap_miss = 500; /* so many that pages are read alone */
	world_by_hand(&w);
	late = ADD_ON(&w, 0, filemap_fault, .page = page_of(&w, 100), .tried = 1);
	CU_ASSERT(world_step_to(&w, late, "filemap_add_folio.ADD"));
	CU_ASSERT(
	    world_step_to(&w, ADD_ON(&w, 1, filemap_add_folio, .index = page_of(&w, 100), .memcg = 1), NULL));
	folio = &w.k->folio[word_folio(w.k->page_cache[page_of(&w, 100)])];
	io_of(&w, folio)->lock = 0; /* it has been read */
	CU_ASSERT(world_step_to(&w, late, "filemap_fault.LOCK"));
	CU_ASSERT_EQUAL(folio->refs, 4); /* the cache, the batch, the first task, the second */
	world_release(&w);
}

static const struct unit tests[] = {
	{ "the first write maps a new page", test_first_write },
	{ "the first read maps the zero page, a write replaces it", test_first_read },
	{ "of two tasks that miss a page one maps it", test_two_tasks_missing },
	{ "of two tasks that write to the zero page one maps a page", test_two_tasks_zero_page },
	{ "who comes second to the page cache takes what is there", test_second_to_page_cache },
};

UNIT_MAIN("fault", tests)
