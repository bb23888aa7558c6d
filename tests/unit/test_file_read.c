/* read() and write() of whole files, mapped or not. */
#include "models/cpu.h"
#include "sim/lock.h"
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

/* A page that went before it could be copied is read alone: its window has been read. */
static void test_window_went(void)
{
	struct files_world f;
	u32 index;

	fw_init(&f, (struct world_size){ 0 });
	index = index_of(&f, 1024);
	RUN(&f.w, filemap_read, .index = index, .end = index + 8, .ahead = index + 8, .memcg = 1);
	CU_ASSERT_EQUAL(f.w.k->count[0][FILE_RD_IOS], 8);
	CU_ASSERT_EQUAL(fw_cached_pages(&f, 1024, 1034), 8);
	CU_ASSERT_EQUAL(fw_cached(&f, 1026)->refs, 1 + !(fw_cached(&f, 1026)->flags & FOLIO_LRU));
	/* behind the window there is another */
	RUN(&f.w, filemap_read, .index = index + 8, .end = index + 16, .ahead = index + 8, .memcg = 1);
	CU_ASSERT_EQUAL(f.w.k->count[0][FILE_RD_IOS], 9);
	fw_sound(&f);
	world_release(&f.w);
}

/* A window begins at the first page that is not there. */
static void test_window_begins_later(void)
{
	struct files_world f;

	fw_init(&f, (struct world_size){ 0 });
	read_range(&f, 1024, 8);
	CU_ASSERT_EQUAL(f.w.k->count[0][FILE_RD_IOS], 1);
	read_range(&f, 1024, 40);
	CU_ASSERT_EQUAL(f.w.k->count[0][FILE_RD_IOS], 2);
	CU_ASSERT_EQUAL(f.w.k->count[0][FILE_RD_PAGES], 40);
	world_release(&f.w);
}

/* Two tasks have made a folio each for a page; one comes into the cache, and both go on with that. */
static void test_another_was_first(void)
{
	for (u32 write = 0; write < 2; write++) {
		struct files_world f;
		u32 index, task[2];
		u64 free;

		fw_init(&f, (struct world_size){ 0 });
		index = index_of(&f, 1024);
		free = f.w.k->memory->free;
		world_by_hand(&f.w);
		for (u32 i = 0; i < 2; i++) {
			task[i] = write ? ADD_ON(&f.w, i, generic_perform_write, .index = index,
						 .end = index + 1, .memcg = 1)
					: ADD_ON(&f.w, i, filemap_read, .index = index, .end = index + 1,
						 .ahead = index + 1, .memcg = 1);
			CU_ASSERT(world_step_to(&f.w, task[i], "filemap_add_folio.ADD"));
		}
		world_step_to(&f.w, task[1], NULL);
		if (!write) { /* it waits for the device */
			CU_ASSERT(world_is_at(&f.w, task[1], "filemap_read.WAIT_READ"));
			CU_ASSERT_FALSE(world_step_to(&f.w, task[0], NULL));
			CU_ASSERT(world_is_at(&f.w, task[0], "filemap_read.WAIT_READ"));
		} else {
			CU_ASSERT(world_step_to(&f.w, task[0], NULL));
		}
		CU_ASSERT_EQUAL(fw_cached_pages(&f, 1024, 1034), 1);
		CU_ASSERT_EQUAL(f.w.k->memory->free, free - 1); /* the other has gone */
		world_release(&f.w);
	}
}

/* write() waits for a page that somebody has locked, as one that is being read is. */
static void test_write_waits(void)
{
	struct files_world f;
	u32 task;

	fw_init(&f, (struct world_size){ 0 });
	read_range(&f, 1024, 1);
	io_of(&f.w, fw_cached(&f, 1024))->lock = BIT_LOCK_NOBODY;
	world_by_hand(&f.w);
	task = ADD_ON(&f.w, 0, generic_perform_write, .index = index_of(&f, 1024), .end = index_of(&f, 1025),
		      .memcg = 1);
	CU_ASSERT(world_step_to(&f.w, task, "generic_perform_write.LOCK"));
	CU_ASSERT_FALSE(world_step_to(&f.w, task, "generic_perform_write.COPY"));
	bit_lock_release(&f.w.k->machine, &io_of(&f.w, fw_cached(&f, 1024))->lock);
	CU_ASSERT(world_step_to(&f.w, task, NULL));
	world_release(&f.w);
}

/* Each page is copied, and that is all if it is there. */
static void test_time(void)
{
	struct cpu_profile slow;
	struct files_world f;
	u64 began;

	fw_init(&f, (struct world_size){ 0 });
	slow = *f.w.k->cpu_profile;
	slow.copy_page_ns = 1000000;
	f.w.k->cpu_profile = &slow;
	began = f.w.k->machine.now;
	RUN(&f.w, generic_perform_write, .index = index_of(&f, 1024), .end = index_of(&f, 1034), .memcg = 1);
	CU_ASSERT_EQUAL((f.w.k->machine.now - began) / slow.copy_page_ns, 10);
	began = f.w.k->machine.now;
	read_range(&f, 1024, 10);
	CU_ASSERT_EQUAL((f.w.k->machine.now - began) / slow.copy_page_ns, 10);
	world_release(&f.w);
}

/* Who waits for a page that was in use when it was evicted is stalled. */
static void test_stall(void)
{
	for (u32 workingset = 0; workingset < 2; workingset++) {
		struct files_world f;
		u32 task;

		fw_init(&f, (struct world_size){ 0 });
		world_by_hand(&f.w);
		task = ADD_ON(&f.w, 0, filemap_read, .index = index_of(&f, 1024), .end = index_of(&f, 1025),
			      .memcg = 1);
		CU_ASSERT(world_step_to(&f.w, task, "filemap_read.AGAIN"));
		if (workingset)
			fw_cached(&f, 1024)->flags |= FOLIO_WORKINGSET;
		CU_ASSERT(world_step_to(&f.w, task, "filemap_read.WAIT_READ"));
		CU_ASSERT_EQUAL(f.w.k->machine.task[task].flags & PF_MEMSTALL ? 1 : 0, workingset);
		CU_ASSERT_EQUAL(f.w.k->count[1][FOLIO_LOCK_WAITS], 1);
		fw_cached(&f, 1024)->flags |= FOLIO_UPTODATE;
		bit_lock_release(&f.w.k->machine, &io_of(&f.w, fw_cached(&f, 1024))->lock);
		CU_ASSERT(world_step_to(&f.w, task, "filemap_read.COPY"));
		CU_ASSERT_FALSE(f.w.k->machine.task[task].flags & PF_MEMSTALL);
		world_release(&f.w);
	}
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
	CU_ASSERT(fw_cached(&f, 1024)->flags & FOLIO_UPTODATE && !io_of(&f.w, fw_cached(&f, 1024))->lock);
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
	{ "a page whose window was read is read alone", test_window_went },
	{ "a window begins where something is missing", test_window_begins_later },
	{ "who comes second takes the page that is there", test_another_was_first },
	{ "write() waits for a page that is locked", test_write_waits },
	{ "each page takes the time of a copy", test_time },
	{ "waiting for a page of the working set is a stall", test_stall },
	{ "the next window is read while this one is copied", test_next_window_is_ahead },
	{ "the second read finds the pages and activates them", test_second_read_activates },
	{ "read() and faults have the same page cache", test_one_page_cache },
	{ "write() needs nothing read", test_write },
	{ "under a limit the pages of a file make way for its others", test_limit },
};
UNIT_MAIN("file_read", tests)
