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

/* Read before by somebody else: it is there, and the cgroup that maps it is not charged. */
static void test_cached(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .file_pages = FILE_PAGES, .files_cached = true });
	world_read(&w, 100);
	CU_ASSERT_EQUAL(mapped_pages(&w, 96, 112) + cached_pages(&w, 0, FILE_PAGES), 16 + FILE_PAGES);
	CU_ASSERT(!counted(&w, PGMAJFAULT) && !cached(&w, 100)->memcg);
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
	w.k->file[0].mmap_miss = 1000;
	world_read(&w, 400);
	CU_ASSERT_EQUAL(w.k->file[0].mmap_miss, 999); /* no more than that is counted */
	sound(&w);
	world_release(&w);
}

/* The run of pages loses its mapping, not its place in the cache. */
static void unmapped(struct world *w, u32 page, u32 n)
{
	RUN(w, madvise_dontneed, .page = page_of(w, page), .count = n);
	CU_ASSERT_EQUAL(mapped_pages(w, page, page + n), 0);
}

static u32 misses_after_read(struct world *w, u32 before, u32 page)
{
	w->k->file[0].mmap_miss = before;
	world_read(w, page);
	world_idle(w, 20);
	return w->k->file[0].mmap_miss;
}

/* A fault finds 16 pages less the one that marks the window, whether they are mapped already or not; what
 * came back to the cache is none. */
static void test_hits(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .file_pages = FILE_PAGES });
	world_read(&w, 100);
	world_idle(&w, 20);
	CU_ASSERT_EQUAL(mapped_pages(&w, 96, 112), 15);
	unmapped(&w, 100, 1);
	CU_ASSERT_EQUAL(misses_after_read(&w, 50, 100), 35);
	unmapped(&w, 100, 1);
	for (u32 page = 101; page < 104; page++)
		cached(&w, page)->flags |= FOLIO_WORKINGSET;
	CU_ASSERT_EQUAL(misses_after_read(&w, 50, 100), 38);
	world_write(&w, 105); /* a copy hides the page, and it is there all the same */
	unmapped(&w, 100, 1);
	CU_ASSERT_EQUAL(misses_after_read(&w, 50, 100), 38);
	unmapped(&w, 100, 1);
	CU_ASSERT_EQUAL(misses_after_read(&w, 5, 100), 0);
	sound(&w);
	world_release(&w);
}

/* What is busy, or could not be read, is neither found nor mapped. */
static void test_busy_pages_are_not_mapped(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .file_pages = FILE_PAGES });
	world_read(&w, 100);
	world_idle(&w, 20);
	unmapped(&w, 96, 16);
	io_of(&w, cached(&w, 101))->lock = BIT_LOCK_NOBODY;
	cached(&w, 102)->flags &= ~FOLIO_UPTODATE;
	CU_ASSERT_EQUAL(misses_after_read(&w, 50, 100), 37);
	CU_ASSERT_EQUAL(mapped_pages(&w, 96, 112), 13);
	CU_ASSERT_FALSE(is_resident(&w, 101) || is_resident(&w, 102));
	io_of(&w, cached(&w, 101))->lock = 0;
	cached(&w, 102)->flags |= FOLIO_UPTODATE;
	sound(&w);
	world_release(&w);
}

/* Who has read ahead tries the fault again, and finds all the pages a second time, with the one that was the
 * mark. */
static void test_marked_page_is_tried_again(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .file_pages = FILE_PAGES });
	world_read(&w, 100);
	world_idle(&w, 20);
	unmapped(&w, 96, 16);
	CU_ASSERT_EQUAL(misses_after_read(&w, 100, 108), 100 - 15 - 1 - 16);
	CU_ASSERT_EQUAL(mapped_pages(&w, 96, 112), 16);
	CU_ASSERT_EQUAL(counted(&w, PGFAULT), 2);
	CU_ASSERT_EQUAL(counted(&w, PGMAJFAULT), 1);
	sound(&w);
	world_release(&w);
}

/* A mark that is not that of the last window: on from the next page that is not there, unless it is far. */
static void test_mark_of_another_window(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .file_pages = FILE_PAGES });
	world_read(&w, 100);
	world_idle(&w, 20);
	world_read(&w, 108); /* 84..147 are there */
	world_idle(&w, 20);
	w.k->file[0].ra_start = 500;
	cached(&w, 114)->flags |= FOLIO_READAHEAD;
	world_read(&w, 114);
	world_idle(&w, 20);
	CU_ASSERT_EQUAL(cached_pages(&w, 0, FILE_PAGES), 64); /* the next is 34 away */
	CU_ASSERT_EQUAL(w.k->file[0].ra_start, 500);
	CU_ASSERT_FALSE(cached(&w, 114)->flags & FOLIO_READAHEAD);
	unmapped(&w, 115, 1);
	cached(&w, 115)->flags |= FOLIO_READAHEAD;
	world_read(&w, 115);
	world_idle(&w, 20);
	CU_ASSERT_EQUAL(cached_pages(&w, 0, FILE_PAGES), 64); /* 33 */
	cached(&w, 116)->flags |= FOLIO_READAHEAD;
	world_read(&w, 116);
	world_idle(&w, 20);
	CU_ASSERT_EQUAL(cached_pages(&w, 148, 180), 32);
	CU_ASSERT_EQUAL(cached_pages(&w, 0, FILE_PAGES), 96);
	CU_ASSERT(cached(&w, 148)->flags & FOLIO_READAHEAD);
	sound(&w);
	world_release(&w);
}

/* One task reads a page, another finds it locked. */
static u32 misses_of_two(const char *release)
{
	struct world w;
	u32 reader, other, misses;

	world_init(&w, (struct world_size){ .file_pages = FILE_PAGES, .release = release });
	w.k->file[0].mmap_miss = 50;
	world_by_hand(&w);
	reader = ADD_ON(&w, 0, handle_mm_fault, .page = page_of(&w, 100));
	CU_ASSERT(world_step_to(&w, reader, "filemap_fault.WAIT_READ"));
	CU_ASSERT_EQUAL(w.k->file[0].mmap_miss, 51);
	other = ADD_ON(&w, 1, handle_mm_fault, .page = page_of(&w, 101));
	CU_ASSERT(world_step_to(&w, other, "filemap_fault.WAIT_READ"));
	misses = w.k->file[0].mmap_miss;
	world_release(&w);
	return misses;
}

static void test_busy_is_no_hit(void)
{
	CU_ASSERT_EQUAL(misses_of_two("6.12"), 50);
	CU_ASSERT_EQUAL(misses_of_two("6.17"), 50);
	CU_ASSERT_EQUAL(misses_of_two("6.18"), 51);
}

/* Nothing is mapped where the OOM reaper has been. */
static void test_unstable(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .file_pages = FILE_PAGES });
	world_read(&w, 100);
	world_idle(&w, 20);
	unmapped(&w, 96, 16);
	w.k->mm[0].oom |= MM_UNSTABLE;
	RUN(&w, do_read_fault, .page = page_of(&w, 100));
	RUN(&w, do_cow_fault, .page = page_of(&w, 101));
	CU_ASSERT_EQUAL(mapped_pages(&w, 0, FILE_PAGES), 0);
	CU_ASSERT_EQUAL(cached(&w, 100)->refs + cached(&w, 101)->refs, 2);
	CU_ASSERT_EQUAL(w.k->mm[0].anon_pages + w.k->mm[0].file_pages, 0);
	w.k->mm[0].oom = 0;
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
	CU_ASSERT_EQUAL(cached(&w, 101)->mapcount, 0);
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

/* Page 100 goes and comes back, when so many pages have gone or been activated since. */
static void refault(struct world *w, u64 distance)
{
	world_init(w, (struct world_size){ .file_pages = FILE_PAGES });
	world_read(w, 100);
	world_write_range(w, FILE_PAGES, 40);
	world_idle(w, 20);
	world_drain(w, 0);
	cached(w, 100)->flags |= FOLIO_WORKINGSET;
	world_pageout(w, 100, 1);
	CU_ASSERT_PTR_NULL(cached(w, 100));
	w->k->lruvec[0].nonresident_age += distance - 1;
	w->k->lruvec[1].cost[LRU_FILE] = 0;
	world_read(w, 100);
	world_idle(w, 20);
	CU_ASSERT_EQUAL(counted(w, WORKINGSET_REFAULT_FILE), 1);
}

/* Room that other pages of files have does not count, the 40 anonymous pages do. */
static void test_refault_distance(void)
{
	struct world w;

	refault(&w, 40);
	CU_ASSERT_EQUAL(counted(&w, WORKINGSET_ACTIVATE_FILE), 1);
	CU_ASSERT_EQUAL(counted(&w, WORKINGSET_RESTORE_FILE), 1);
	CU_ASSERT_EQUAL(cached(&w, 100)->flags & (FOLIO_ACTIVE | FOLIO_WORKINGSET),
			FOLIO_ACTIVE | FOLIO_WORKINGSET);
	CU_ASSERT_EQUAL(w.k->lruvec[1].cost[LRU_FILE], 32 / 2); /* more than a quarter of the pages: halved */
	sound(&w);
	world_release(&w);
	refault(&w, 41);
	CU_ASSERT_EQUAL(counted(&w, WORKINGSET_ACTIVATE_FILE) + counted(&w, WORKINGSET_RESTORE_FILE), 0);
	CU_ASSERT_EQUAL(cached(&w, 100)->flags & (FOLIO_ACTIVE | FOLIO_WORKINGSET), 0);
	sound(&w);
	world_release(&w);
}

/* Somebody else is about to use it: it stays. */
static void test_held_page_stays(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .file_pages = FILE_PAGES });
	world_read(&w, 100);
	world_idle(&w, 20);
	world_drain(&w, 0);
	cached(&w, 100)->refs++;
	world_pageout(&w, 100, 1);
	CU_ASSERT_FATAL(cached(&w, 100) != NULL);
	CU_ASSERT_EQUAL(cached(&w, 100)->refs, 2);
	cached(&w, 100)->refs--;
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), 0);
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
		w.k->lruvec[1].cost[LRU_FILE] = 0;
		shrink(&w, LRU_ACTIVE_FILE, 16);
		CU_ASSERT_EQUAL(list_count(&w, LRU_ACTIVE_FILE), 1);
		CU_ASSERT_EQUAL(w.k->lruvec[1].cost[LRU_FILE], 1); /* which is what it cost */
		CU_ASSERT(cached(&w, 1)->flags & FOLIO_WORKINGSET);
		CU_ASSERT_FALSE(cached(&w, 0)->flags & FOLIO_WORKINGSET);
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
	u64 usage, age;

	world_init(&w, (struct world_size){ .file_pages = FILE_PAGES });
	world_read(&w, 100);
	world_idle(&w, 20);
	world_age(&w, 101, 1);
	usage = w.k->memcg[1].usage;
	RUN(&w, zap_pages, .page = page_of(&w, 0), .end = page_of(&w, FILE_PAGES));
	CU_ASSERT_EQUAL(w.k->mm[0].file_pages, 0);
	CU_ASSERT_EQUAL(cached_pages(&w, 0, FILE_PAGES), 32);
	CU_ASSERT_EQUAL(w.k->memcg[1].usage, usage);
	CU_ASSERT(cached(&w, 100)->flags & FOLIO_REFERENCED);	    /* it was used */
	CU_ASSERT_FALSE(cached(&w, 101)->flags & FOLIO_REFERENCED); /* it was not */
	world_read(&w, 100);
	CU_ASSERT_EQUAL(counted(&w, PGMAJFAULT), 1);
	age = w.k->lruvec[1].nonresident_age;
	RUN(&w, zap_pages, .page = page_of(&w, 0), .end = page_of(&w, FILE_PAGES));
	CU_ASSERT_EQUAL(cached(&w, 100)->flags & (FOLIO_ACTIVE | FOLIO_REFERENCED),
			FOLIO_ACTIVE); /* and again */
	CU_ASSERT_EQUAL(counted(&w, PGACTIVATE), 14);
	CU_ASSERT_EQUAL(w.k->lruvec[1].nonresident_age, age + 14);
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
	CU_ASSERT(is_resident(&w, 100) && cached_pages(&w, 84, 116) == 20);
	CU_ASSERT_EQUAL(counted(&w, EVENTS_MAX), 2); /* one page, tried twice, and no other after it */
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
	{ "what was read before is there, and charged to nobody", test_cached },
	{ "code is read from the fault on", test_executable },
	{ "who always misses reads single pages", test_misses },
	{ "all that a fault finds speaks for reading around", test_hits },
	{ "what is busy is not mapped along", test_busy_pages_are_not_mapped },
	{ "who reads ahead tries the fault again", test_marked_page_is_tried_again },
	{ "a mark of another window leads to the next page that is not there", test_mark_of_another_window },
	{ "a page that is being read is no hit from 6.18 on", test_busy_is_no_hit },
	{ "nothing is mapped after the OOM reaper", test_unstable },
	{ "a write makes a private copy", test_copies },
	{ "clean pages are dropped and known when they come back", test_drop_and_refault },
	{ "a page that comes back in time is active, and costs", test_refault_distance },
	{ "a page that somebody holds is not dropped", test_held_page_stays },
	{ "data has to be used twice to be active", test_data },
	{ "code once, and stays active while it is used", test_code },
	{ "pages stay in the cache when they are unmapped", test_unmapped },
	{ "readahead kills nobody", test_no_memory_for_readahead },
	{ "of two tasks that miss a page one reads it", test_two_tasks },
};

UNIT_MAIN("page cache", tests)
