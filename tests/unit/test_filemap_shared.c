/* Files that several processes have mapped: read once, mapped by all, spared and dropped with regard to all.
 */
#include "models/mm/rmap.h"
#include "tests/unit/files_world.h"

/* One has it read and pays for it; the other finds it there, and maps what is around it. */
static void test_read_once(void)
{
	struct files_world f;

	fw_init(&f, (struct world_size){ 0 });
	fw_access(&f, 0, 100, false);
	world_idle(&f.w, 20);
	fw_access(&f, 1, 100, false);
	CU_ASSERT_EQUAL(f.w.k->count[0][FILE_RD_PAGES], 32);
	CU_ASSERT_EQUAL(fw_counted(&f, 0, PGMAJFAULT), 1);
	CU_ASSERT_EQUAL(fw_counted(&f, 1, PGMAJFAULT), 0);
	CU_ASSERT_EQUAL(fw_counted(&f, 1, PGFAULT), 1);
	CU_ASSERT_EQUAL(f.w.k->memcg[1].usage, 64); /* the first toucher's, with its stock */
	CU_ASSERT_EQUAL(f.w.k->memcg[2].usage, 0);
	CU_ASSERT_EQUAL(fw_cached(&f, 100)->mapcount, 2);
	CU_ASSERT_EQUAL(fw_cached(&f, 100)->refs, 3);
	CU_ASSERT(fw_flags(&f, 1, 101) & PTE_PRESENT);
	CU_ASSERT_EQUAL(f.w.k->mm[1].file_pages, 15); /* not the one that marks the window */
	fw_sound(&f);
	world_release(&f.w);
}

/* A walk comes to every process that has the page mapped as a file's, and to no other. */
static void test_reverse_map(void)
{
	struct files_world f;
	u32 folio;

	fw_init(&f, (struct world_size){ 0 });
	fw_access(&f, 0, 100, false);
	world_idle(&f.w, 20);
	folio = (u32)(fw_cached(&f, 100) - f.w.k->folio);
	CU_ASSERT_EQUAL(rmap_first(f.w.k, folio), fw_page(&f, 0, 100));
	CU_ASSERT_EQUAL(rmap_next(f.w.k, folio, fw_page(&f, 0, 100)), fw_page(&f, 1, 100));
	CU_ASSERT_EQUAL(rmap_next(f.w.k, folio, fw_page(&f, 1, 100)), 0);
	world_release(&f.w);
}

static void age(struct files_world *f, u32 process, u32 page)
{
	f->w.k->pte_flags[fw_page(f, process, page)] &= ~PTE_ACCESSED;
}

/* Reclaim drops what nobody has used, unmaps it from all, and the return of it is a refault. */
static void test_reclaim_unmaps_all(void)
{
	struct files_world f;

	fw_init(&f, (struct world_size){ 0 });
	fw_access(&f, 0, 100, false);
	world_idle(&f.w, 20);
	fw_access(&f, 1, 100, false);
	for (u32 page = 96; page < 112; page++) {
		age(&f, 0, page);
		age(&f, 1, page);
	}
	for (u32 i = 0; i < 4 && fw_cached(&f, 100); i++)
		RUN(&f.w, try_to_free_mem_cgroup_pages, .memcg = 1, .nr_pages = 32);
	CU_ASSERT_PTR_NULL(fw_cached(&f, 100));
	CU_ASSERT_EQUAL(fw_flags(&f, 0, 100), PTE_FILE);
	CU_ASSERT_EQUAL(fw_flags(&f, 1, 100), PTE_FILE);
	CU_ASSERT_EQUAL(f.w.k->mm[0].file_pages + f.w.k->mm[1].file_pages, 0);
	CU_ASSERT_EQUAL(f.w.k->count[0][PSWPOUT], 0);
	fw_access(&f, 1, 100, false);
	CU_ASSERT(fw_counted(&f, 1, WORKINGSET_REFAULT_FILE) > 0); /* and now it is the other's */
	fw_sound(&f);
	world_release(&f.w);
}

/* What one process uses stays in all; what two use is active at once. */
static void test_references_of_all(void)
{
	struct files_world f;
	u32 folio;

	fw_init(&f, (struct world_size){ 0 });
	fw_access(&f, 0, 100, false);
	world_idle(&f.w, 20);
	fw_access(&f, 1, 100, false);
	folio = (u32)(fw_cached(&f, 100) - f.w.k->folio);
	CU_ASSERT_EQUAL(RUN(&f.w, folio_referenced, .folio = folio), 2);
	CU_ASSERT_EQUAL(RUN(&f.w, folio_referenced, .folio = folio), 0);
	fw_access(&f, 1, 100, false);
	CU_ASSERT_EQUAL(RUN(&f.w, folio_referenced, .folio = folio), 1);
	world_release(&f.w);
}

/* MADV_PAGEOUT leaves alone what another process has, too. */
static void test_pageout_spares_shared(void)
{
	struct files_world f;

	fw_init(&f, (struct world_size){ 0 });
	fw_access(&f, 0, 100, false);
	world_idle(&f.w, 20);
	fw_access(&f, 1, 100, false);
	CU_ASSERT_EQUAL(RUN(&f.w, madvise_pageout, .page = fw_page(&f, 0, 100), .count = 1), 0);
	RUN(&f.w, madvise_dontneed, .page = fw_page(&f, 1, 100), .count = 1);
	CU_ASSERT_EQUAL(RUN(&f.w, madvise_pageout, .page = fw_page(&f, 0, 100), .count = 1), 1);
	fw_sound(&f);
	world_release(&f.w);
}

/* A write makes a copy for the writer alone. */
static void test_copies_are_private(void)
{
	struct files_world f;

	fw_init(&f, (struct world_size){ 0 });
	fw_access(&f, 0, 100, false);
	world_idle(&f.w, 20);
	fw_access(&f, 1, 100, false);
	fw_access(&f, 1, 100, true);
	CU_ASSERT_EQUAL(fw_cached(&f, 100)->mapcount, 1);
	CU_ASSERT_EQUAL(f.w.k->mm[1].anon_pages, 1);
	CU_ASSERT_EQUAL(f.w.k->mm[0].anon_pages, 0);
	CU_ASSERT_FALSE(fw_flags(&f, 0, 100) & PTE_WRITE);
	fw_sound(&f);
	world_release(&f.w);
}

/* The pages of one that ends stay mapped in the other, and in the cache when nobody is left. */
static void test_exit(void)
{
	struct files_world f;

	fw_init(&f, (struct world_size){ 0 });
	fw_access(&f, 0, 100, false);
	world_idle(&f.w, 20);
	fw_access(&f, 1, 100, false);
	RUN(&f.w, exit_mmap, .mm = 0);
	CU_ASSERT_EQUAL(fw_cached(&f, 100)->mapcount, 1);
	CU_ASSERT(fw_flags(&f, 1, 100) & PTE_PRESENT);
	RUN(&f.w, exit_mmap, .mm = 1);
	CU_ASSERT_EQUAL(fw_cached(&f, 100)->mapcount, 0);
	CU_ASSERT_EQUAL(f.w.k->memcg[1].usage, 64);
	RUN(&f.w, exec_mmap, .mm = 1);
	fw_access(&f, 1, 100, false);
	CU_ASSERT_EQUAL(f.w.k->count[0][FILE_RD_PAGES], 32);
	fw_sound(&f);
	world_release(&f.w);
}

/* Two fault on the same page: one of them reads, the other waits for it. */
static void test_one_reads_for_both(void)
{
	struct files_world f;
	u32 a, b;

	fw_init(&f, (struct world_size){ 0 });
	world_by_hand(&f.w);
	a = ADD_ON(&f.w, 0, handle_mm_fault, .page = fw_page(&f, 0, 100));
	b = ADD_ON(&f.w, 1, handle_mm_fault, .page = fw_page(&f, 1, 100));
	CU_ASSERT(world_step_to(&f.w, a, "filemap_fault.WAIT_READ"));
	CU_ASSERT(world_step_to(&f.w, b, "filemap_fault.WAIT_READ"));
	CU_ASSERT_EQUAL(f.w.k->count[0][FILE_RD_PAGES], 32);
	CU_ASSERT_EQUAL(fw_cached_pages(&f, 0, FILES_PAGES), 32);
	CU_ASSERT_EQUAL(fw_counted(&f, 1, PGMAJFAULT), 0);
	world_release(&f.w);
}

static const struct unit tests[] = {
	{ "what one has read the other maps", test_read_once },
	{ "a walk comes to all mappings", test_reverse_map },
	{ "reclaim unmaps a page from all", test_reclaim_unmaps_all },
	{ "references of all mappings count", test_references_of_all },
	{ "MADV_PAGEOUT leaves alone what others have", test_pageout_spares_shared },
	{ "copies are the writer's own", test_copies_are_private },
	{ "a process that ends leaves the page cache as it is", test_exit },
	{ "of two that want a page one reads it", test_one_reads_for_both },
};
UNIT_MAIN("filemap_shared", tests)
