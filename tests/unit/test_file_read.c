/* read() and write() of whole files, mapped or not. */
#include "tests/unit/files_world.h"

static u32 index_of(const struct files_world *f, u32 page)
{
	return fw_page(f, FILES, page);
}

static s64 read_range(struct files_world *f, u32 page, u32 n)
{
	return RUN(&f->w, filemap_read, .index = index_of(f, page), .end = index_of(f, page) + n, .memcg = 1);
}

/* In windows of 32 pages, the next one while this one is copied; nothing is mapped, nothing faults. */
static void test_windows(void)
{
	struct files_world f;

	fw_init(&f, (struct world_size){ 0 });
	CU_ASSERT_EQUAL(read_range(&f, 1024, 80), PATH_OK);
	CU_ASSERT_EQUAL(fw_cached_pages(&f, 0, 1224), 80);
	CU_ASSERT_EQUAL(f.w.k->count[0][FILE_RD_IOS], 3);
	CU_ASSERT_EQUAL(f.w.k->count[0][FILE_RD_PAGES], 80);
	CU_ASSERT_EQUAL(fw_counted(&f, 0, PGFAULT), 0);
	CU_ASSERT_EQUAL(fw_cached(&f, 1024)->refs, 1);
	CU_ASSERT_EQUAL(f.w.k->memcg[1].usage, 128); /* charged */
	fw_sound(&f);
	world_release(&f.w);
}

/* While the first page is waited for, the second window is under way. */
static void test_next_window_is_ahead(void)
{
	struct files_world f;
	u32 task;

	fw_init(&f, (struct world_size){ 0 });
	world_by_hand(&f.w);
	task =
	    ADD_ON(&f.w, 0, filemap_read, .index = index_of(&f, 1024), .end = index_of(&f, 1124), .memcg = 1);
	CU_ASSERT(world_step_to(&f.w, task, "filemap_read.WAIT_READ"));
	CU_ASSERT_EQUAL(fw_cached_pages(&f, 1024, 1124), 64);
	world_release(&f.w);
}

/* What is there is copied and not read; what was used twice is active. */
static void test_second_read_activates(void)
{
	struct files_world f;

	fw_init(&f, (struct world_size){ 0 });
	read_range(&f, 1024, 16);
	world_drain(&f.w, 0);
	CU_ASSERT(fw_cached(&f, 1030)->flags & FOLIO_REFERENCED);
	CU_ASSERT_EQUAL(list_count(&f.w, LRU_ACTIVE_FILE), 0);
	read_range(&f, 1024, 16);
	CU_ASSERT_EQUAL(f.w.k->count[0][FILE_RD_PAGES], 16);
	CU_ASSERT_EQUAL(list_count(&f.w, LRU_ACTIVE_FILE), 16);
	CU_ASSERT_EQUAL(fw_counted(&f, 0, PGACTIVATE), 16);
	fw_sound(&f);
	world_release(&f.w);
}

/* What read() brought a fault maps, and the other way round. */
static void test_one_page_cache(void)
{
	struct files_world f;

	fw_init(&f, (struct world_size){ 0 });
	read_range(&f, 96, 32);
	fw_access(&f, 1, 100, false);
	CU_ASSERT_EQUAL(fw_counted(&f, 1, PGMAJFAULT), 0);
	CU_ASSERT_EQUAL(fw_cached(&f, 100)->mapcount, 1);
	CU_ASSERT_EQUAL(f.w.k->count[0][FILE_RD_PAGES], 32);
	fw_sound(&f);
	world_release(&f.w);
}

/* Pages that are written come into the cache without being read. */
static void test_write(void)
{
	struct files_world f;

	fw_init(&f, (struct world_size){ 0 });
	CU_ASSERT_EQUAL(RUN(&f.w, generic_perform_write, .index = index_of(&f, 1024),
			    .end = index_of(&f, 1034), .memcg = 1),
			PATH_OK);
	CU_ASSERT_EQUAL(fw_cached_pages(&f, 1024, 1034), 10);
	CU_ASSERT_EQUAL(f.w.k->count[0][FILE_RD_PAGES], 0);
	CU_ASSERT(fw_cached(&f, 1024)->flags & FOLIO_UPTODATE && !fw_cached(&f, 1024)->lock);
	read_range(&f, 1024, 10);
	CU_ASSERT_EQUAL(f.w.k->count[0][FILE_RD_PAGES], 0);
	RUN(&f.w, generic_perform_write, .index = index_of(&f, 1024), .end = index_of(&f, 1034), .memcg = 1);
	CU_ASSERT_EQUAL(fw_cached_pages(&f, 1024, 1034), 10);
	CU_ASSERT_EQUAL(fw_cached(&f, 1024)->refs, 1 + !(fw_cached(&f, 1024)->flags & FOLIO_LRU));
	fw_sound(&f);
	world_release(&f.w);
}

/* A file larger than the cgroup: its own pages make way, and each is read once. */
static void test_limit(void)
{
	struct files_world f;

	fw_init(&f, (struct world_size){ .limit = 100 });
	CU_ASSERT_EQUAL(read_range(&f, 800, 400), PATH_OK);
	CU_ASSERT_EQUAL(f.w.k->count[0][FILE_RD_PAGES], 400);
	CU_ASSERT(fw_cached_pages(&f, 800, 1200) <= 100);
	CU_ASSERT_EQUAL(f.w.k->count[0][PSWPOUT], 0);
	fw_sound(&f);
	world_release(&f.w);
}

static const struct unit tests[] = {
	{ "a file is read in windows of 32 pages", test_windows },
	{ "the next window is read while this one is copied", test_next_window_is_ahead },
	{ "the second read finds the pages and activates them", test_second_read_activates },
	{ "read() and faults have the same page cache", test_one_page_cache },
	{ "write() needs nothing read", test_write },
	{ "under a limit the pages of a file make way for its others", test_limit },
};
UNIT_MAIN("file_read", tests)
