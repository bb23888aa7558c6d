/* Pages of files: read around and ahead, mapped along, dropped, copied, kept when the process ends. */
#include "models/mm/filemap.h"
#include "models/audit.h"
#include "models/run.h"
#include "tests/unit/world.h"

enum { FILE_PAGES = 600 };

static struct folio *cached(const struct world *w, u32 page)
{
	u32 folio = word_folio(w->k->page_cache[page_of(w, page)]);

	return folio ? &w->k->folio[folio] : NULL;
}

static u32 cached_pages(const struct world *w, u32 from, u32 to)
{
	u32 n = 0;

	for (u32 page = from; page < to; page++)
		n += cached(w, page) != NULL;
	return n;
}

static u32 mapped_pages(const struct world *w, u32 from, u32 to)
{
	u32 n = 0;

	for (u32 page = from; page < to; page++)
		n += is_resident(w, page);
	return n;
}

static void sound(struct world *w)
{
	char *wrong;

	world_idle(w, 20);
	world_drain(w, 0);
	world_drain(w, 1);
	wrong = audit(w->k);
	CU_ASSERT_STRING_EQUAL(wrong ? wrong : "", "");
	g_free(wrong);
}

static void test_read_around(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .file_pages = FILE_PAGES });
	CU_ASSERT_EQUAL(flags_at(&w, 100), PTE_FILE);
	world_read(&w, 100);
	world_idle(&w, 20);
	CU_ASSERT_EQUAL(cached_pages(&w, 0, FILE_PAGES), 32);
	CU_ASSERT_EQUAL(cached_pages(&w, 84, 116), 32);
	CU_ASSERT_EQUAL(w.k->count[0][FILE_RD_IOS], 1);
	CU_ASSERT_EQUAL(w.k->count[0][FILE_RD_PAGES], 32);
	CU_ASSERT_EQUAL(w.k->count[0][BLK_RD_IOS], 0);
	CU_ASSERT_EQUAL(counted(&w, PGMAJFAULT), 1);
	CU_ASSERT_EQUAL(counted(&w, PGFAULT), 1);
	CU_ASSERT_EQUAL(w.k->latency[LATENCY_FILE_READ].count, 1);
	CU_ASSERT(w.k->latency[LATENCY_MAJOR_FAULT].count == 1);
	CU_ASSERT_EQUAL(w.k->memcg[1].usage, 64); /* charged */
	sound(&w);
	world_release(&w);
}

/* At its ends a file has fewer pages. */
static void test_ends_of_file(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .file_pages = FILE_PAGES });
	world_read(&w, 3);
	world_idle(&w, 20);
	CU_ASSERT_EQUAL(cached_pages(&w, 0, 32), 32);
	CU_ASSERT_EQUAL(cached_pages(&w, 32, FILE_PAGES), 0);
	world_read(&w, FILE_PAGES - 1);
	world_idle(&w, 20);
	CU_ASSERT_EQUAL(cached_pages(&w, FILE_PAGES - 17, FILE_PAGES), 17);
	sound(&w);
	world_release(&w);
}

/* What is there is mapped along, 16 pages at most and aligned, but for the one that marks the window. */
static void test_fault_around(void)
{
	struct world w;
	u64 requests;

	world_init(&w, (struct world_size){ .file_pages = FILE_PAGES });
	world_read(&w, 100); /* 84..115, the mark at 108 */
	world_idle(&w, 20);
	requests = w.k->count[0][FILE_RD_IOS];
	world_read(&w, 97);
	CU_ASSERT_EQUAL(counted(&w, PGMAJFAULT), 1);
	CU_ASSERT_EQUAL(w.k->count[0][FILE_RD_IOS], requests);
	CU_ASSERT_EQUAL(mapped_pages(&w, 96, 112), 15);
	CU_ASSERT_FALSE(is_resident(&w, 108));
	CU_ASSERT_EQUAL(mapped_pages(&w, 84, 96) + mapped_pages(&w, 112, 116), 0);
	CU_ASSERT_EQUAL(w.k->mm[0].file_pages, 15);
	CU_ASSERT_EQUAL(flags_at(&w, 97), PTE_FILE | PTE_PRESENT | PTE_ACCESSED);
	CU_ASSERT_EQUAL(folio_at(&w, 97)->refs, 2);
	sound(&w);
	world_release(&w);
}

/* Meeting the mark reads on, and nobody waits for it. */
static void test_marked_page(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .file_pages = FILE_PAGES });
	world_read(&w, 100);
	world_idle(&w, 20);
	world_read(&w, 108);
	CU_ASSERT_EQUAL(counted(&w, PGMAJFAULT), 1);
	world_idle(&w, 20);
	CU_ASSERT_EQUAL(cached_pages(&w, 116, 148), 32);
	CU_ASSERT(cached(&w, 116)->flags & FOLIO_READAHEAD); /* which marks the next */
	CU_ASSERT_FALSE(cached(&w, 108)->flags & FOLIO_READAHEAD);
	world_read(&w, 116);
	world_idle(&w, 20);
	CU_ASSERT_EQUAL(cached_pages(&w, 148, 180), 32);
	CU_ASSERT_EQUAL(counted(&w, PGMAJFAULT), 1);
	sound(&w);
	world_release(&w);
}

/* From 6.17 on code is read from the fault on. */
static void test_executable(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .file_pages = FILE_PAGES, .executable = true });
	world_read(&w, 100);
	world_idle(&w, 20);
	CU_ASSERT_EQUAL(cached_pages(&w, 100, 132), 32);
	CU_ASSERT_EQUAL(cached_pages(&w, 0, FILE_PAGES), 32);
	for (u32 page = 100; page < 132; page++)
		CU_ASSERT_FALSE(cached(&w, page)->flags & FOLIO_READAHEAD);
	world_release(&w);
	world_init(&w,
		   (struct world_size){ .file_pages = FILE_PAGES, .executable = true, .release = "6.12" });
	world_read(&w, 100);
	world_idle(&w, 20);
	CU_ASSERT_EQUAL(cached_pages(&w, 84, 116), 32);
	world_release(&w);
}

/* Who misses a hundred times more than it hits reads single pages, until it hits again. */
static void test_misses(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .file_pages = FILE_PAGES });
	w.k->file[0].mmap_miss = 99;
	world_read(&w, 100);
	world_idle(&w, 20);
	CU_ASSERT_EQUAL(cached_pages(&w, 0, FILE_PAGES), 32);
	CU_ASSERT(w.k->file[0].mmap_miss < 100); /* what was mapped along counts for it */
	w.k->file[0].mmap_miss = 200;
	world_read(&w, 300);
	world_idle(&w, 20);
	CU_ASSERT_EQUAL(cached_pages(&w, 200, FILE_PAGES), 1);
	CU_ASSERT(is_resident(&w, 300));
	CU_ASSERT_EQUAL(counted(&w, PGMAJFAULT), 2);
	CU_ASSERT_EQUAL(w.k->file[0].mmap_miss, 200); /* one missed, and was found the second time */
	sound(&w);
	world_release(&w);
}

/* A write makes a private copy, which swaps; the page of the file stays what it was. */
static void test_copies(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .file_pages = FILE_PAGES });
	world_write(&w, 100); /* of a page that is not mapped */
	world_idle(&w, 20);
	CU_ASSERT_EQUAL(counted(&w, PGMAJFAULT), 1);
	CU_ASSERT_EQUAL(w.k->mm[0].anon_pages, 1);
	CU_ASSERT_FALSE(folio_at(&w, 100)->flags & FOLIO_FILE);
	CU_ASSERT(cached(&w, 100) && cached(&w, 100) != folio_at(&w, 100));
	CU_ASSERT_EQUAL(flags_at(&w, 100), PTE_FILE | PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY | PTE_WRITE);
	world_read(&w, 101);
	CU_ASSERT(folio_at(&w, 101)->flags & FOLIO_FILE);
	world_write(&w, 101); /* of one that is */
	CU_ASSERT_FALSE(folio_at(&w, 101)->flags & FOLIO_FILE);
	CU_ASSERT_EQUAL(cached(&w, 101)->mapped, 0);
	CU_ASSERT_EQUAL(cached(&w, 101)->refs, 1);
	CU_ASSERT_EQUAL(w.k->mm[0].anon_pages, 2);
	world_drain(&w, 0);
	CU_ASSERT_EQUAL(world_pageout(&w, 100, 2), 2);
	CU_ASSERT(is_swapped(&w, 100));
	world_read(&w, 100);
	CU_ASSERT(is_resident(&w, 100) && flags_at(&w, 100) & PTE_FILE);
	sound(&w);
	RUN(&w, madvise_dontneed, .page = page_of(&w, 100), .count = 2);
	CU_ASSERT_EQUAL(flags_at(&w, 100), PTE_FILE);
	CU_ASSERT_EQUAL(flags_at(&w, 101), PTE_FILE);
	world_read(&w, 100);
	CU_ASSERT(folio_at(&w, 100)->flags & FOLIO_FILE); /* as if it had never been written */
	sound(&w);
	world_release(&w);
}

/* A clean page is dropped, needs no swap, and leaves a shadow by which its return is known. */
static void test_drop_and_refault(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .file_pages = FILE_PAGES });
	world_read(&w, 100);
	world_idle(&w, 20);
	CU_ASSERT_EQUAL(world_pageout(&w, 96, 16), mapped_pages(&w, 96, 112) + 15);
	CU_ASSERT_EQUAL(mapped_pages(&w, 96, 112), 0);
	CU_ASSERT_PTR_NULL(cached(&w, 100));
	CU_ASSERT(word_shadow(w.k->page_cache[page_of(&w, 100)]) != 0);
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), 0);
	CU_ASSERT_EQUAL(flags_at(&w, 100), PTE_FILE);
	world_read(&w, 100);
	CU_ASSERT_EQUAL(counted(&w, WORKINGSET_REFAULT_FILE), 15);
	CU_ASSERT_EQUAL(counted(&w, WORKINGSET_REFAULT_ANON), 0);
	CU_ASSERT_EQUAL(counted(&w, PGMAJFAULT), 2);
	sound(&w);
	world_release(&w);
}

static void shrink(struct world *w, u32 path_lru, u32 nr)
{
	if (path_lru & 1)
		RUN(w, shrink_active_list, .lruvec = 1, .lru = path_lru, .nr_to_scan = nr);
	else
		RUN(w, shrink_inactive_list, .lruvec = 1, .lru = path_lru, .nr_to_scan = nr);
}

/* A page of data that was used once stays for a round; code is made active at once, and stays so while used.
 */
static void test_references(bool executable)
{
	struct world w;
	u32 active;

	world_init(&w, (struct world_size){ .file_pages = 16, .executable = executable });
	world_read(&w, 0);
	world_idle(&w, 20);
	active = list_count(&w, LRU_ACTIVE_FILE);
	CU_ASSERT_EQUAL(active, 0);
	CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_FILE), 16);
	shrink(&w, LRU_INACTIVE_FILE, 16);
	active = list_count(&w, LRU_ACTIVE_FILE);
	CU_ASSERT_EQUAL(active, executable ? mapped_pages(&w, 0, 16) : 0);
	if (!executable) {
		world_read(&w, 0);
		shrink(&w, LRU_INACTIVE_FILE, 16);
		CU_ASSERT_EQUAL(list_count(&w, LRU_ACTIVE_FILE), 1); /* used twice */
		CU_ASSERT_EQUAL(cached_pages(&w, 0, 16), 1);
	} else {
		world_read(&w, 0);
		world_age(&w, 1, 15);
		shrink(&w, LRU_ACTIVE_FILE, 16);
		CU_ASSERT_EQUAL(list_count(&w, LRU_ACTIVE_FILE), 1);
		CU_ASSERT_EQUAL(counted(&w, PGDEACTIVATE), active - 1);
		shrink(&w, LRU_ACTIVE_FILE, 16);
		CU_ASSERT_EQUAL(list_count(&w, LRU_ACTIVE_FILE), 0); /* it has to be used again and again */
	}
	sound(&w);
	world_release(&w);
}

static void test_data(void)
{
	test_references(false);
}

static void test_code(void)
{
	test_references(true);
}

/* Unmapped pages stay, charged, and a fault finds them. */
static void test_unmapped(void)
{
	struct world w;
	u64 usage;

	world_init(&w, (struct world_size){ .file_pages = FILE_PAGES });
	world_read(&w, 100);
	world_idle(&w, 20);
	usage = w.k->memcg[1].usage;
	RUN(&w, zap_pages, .page = page_of(&w, 0), .end = page_of(&w, FILE_PAGES));
	CU_ASSERT_EQUAL(w.k->mm[0].file_pages, 0);
	CU_ASSERT_EQUAL(cached_pages(&w, 0, FILE_PAGES), 32);
	CU_ASSERT_EQUAL(w.k->memcg[1].usage, usage);
	CU_ASSERT(cached(&w, 100)->flags & FOLIO_REFERENCED); /* it was used */
	world_read(&w, 100);
	CU_ASSERT_EQUAL(counted(&w, PGMAJFAULT), 1);
	RUN(&w, zap_pages, .page = page_of(&w, 0), .end = page_of(&w, FILE_PAGES));
	CU_ASSERT(cached(&w, 100)->flags & FOLIO_ACTIVE); /* and again */
	sound(&w);
	world_release(&w);
}

/* Readahead takes what it can get; it is the fault that insists. */
static void test_no_memory_for_readahead(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .file_pages = FILE_PAGES, .limit = 20 });
	world_read(&w, 100);
	world_idle(&w, 20);
	CU_ASSERT_EQUAL(counted(&w, EVENTS_OOM), 0);
	CU_ASSERT(is_resident(&w, 100));
	CU_ASSERT_EQUAL(cached_pages(&w, 84, 116), 20);
	sound(&w);
	world_release(&w);
}

/* Two tasks that miss one page read it once. */
static void test_two_tasks(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .file_pages = FILE_PAGES });
	ADD_ON(&w, 0, handle_mm_fault, .page = page_of(&w, 100));
	ADD_ON(&w, 1, handle_mm_fault, .page = page_of(&w, 100), .write = 1);
	CU_ASSERT(machine_run(&w.k->machine, TIME_NEVER - 1, NULL));
	world_idle(&w, 20);
	CU_ASSERT_EQUAL(cached_pages(&w, 0, FILE_PAGES), 32);
	CU_ASSERT_EQUAL(w.k->count[0][FILE_RD_PAGES], 32);
	CU_ASSERT(is_resident(&w, 100));
	sound(&w);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "a fault reads the pages around it, in one request", test_read_around },
	{ "and not beyond the ends of the file", test_ends_of_file },
	{ "pages that are there are mapped along", test_fault_around },
	{ "the marked page has the next window read", test_marked_page },
	{ "code is read from the fault on", test_executable },
	{ "who always misses reads single pages", test_misses },
	{ "a write makes a private copy", test_copies },
	{ "clean pages are dropped and known when they come back", test_drop_and_refault },
	{ "data has to be used twice to be active", test_data },
	{ "code once, and stays active while it is used", test_code },
	{ "pages stay in the cache when they are unmapped", test_unmapped },
	{ "readahead kills nobody", test_no_memory_for_readahead },
	{ "of two tasks that miss a page one reads it", test_two_tasks },
};

UNIT_MAIN("page cache", tests)
