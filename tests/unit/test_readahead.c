/* Swap readahead: the window, what is read in it, and what hits teach it. */
#include "models/block/block.h"
#include "models/mm/memcg.h"
#include "models/swap/readahead.h"

#include "tests/unit/world.h"

enum { FAR = 1000, PAGES = 90, PER_TABLE = 32 };

static void settle(struct world *w)
{
	world_idle(w, 100);
}

/* All pages are in swap, page i in slot i + 1 of the device. */
static void swapped_world(struct world *w, struct world_size size, u32 page_cluster)
{
	size.pages = size.pages ? size.pages : PAGES;
	world_init(w, size);
	world_fill(w, size.pages);
	CU_ASSERT_EQUAL(world_pageout(w, 0, size.pages), 0);
	settle(w);
	RUN(w, shrink_inactive_list, .lruvec = 1, .nr_to_scan = size.pages);
	CU_ASSERT_EQUAL(w->k->mm[0].swap_ents, size.pages);
	CU_ASSERT_EQUAL(list_count(w, LRU_INACTIVE_ANON) + list_count(w, LRU_ACTIVE_ANON), 0);
	CU_ASSERT_EQUAL(entry_at(w, size.pages - 1), size.pages);
	w->k->config.page_cluster = page_cluster;
}

static struct vma *mapping(const struct world *w, u32 page)
{
	return vma_of(w->k, page_of(w, page));
}

static u32 cached(const struct world *w, u32 slot)
{
	return word_folio(w->k->slot[slot].cache);
}

/* The slots that are in the cache, "3-5 7" */
static void check_cached(const struct world *w, const char *expected)
{
	GString *s = g_string_new(NULL);
	u32 max = w->k->device[0].clusters << w->k->cluster_shift; /* what lies beyond the device, too */

	for (u32 first = 0, end; first < max; first = end + 1) {
		for (end = first; end < max && cached(w, end);)
			end++;
		if (end == first)
			continue;
		g_string_append_printf(s, s->len ? " %u" : "%u", first);
		if (end > first + 1)
			g_string_append_printf(s, "-%u", end - 1);
	}
	CU_ASSERT_STRING_EQUAL(s->str, expected);
	if (strcmp(s->str, expected))
		printf("\n  is: %s\nnot: %s\n", s->str, expected);
	g_string_free(s, TRUE);
}

static u32 read_ahead(struct world *w, u32 page)
{
	return RUN(w, swapin_readahead, .entry = entry_at(w, page), .page = page_of(w, page));
}

/* ---- the window around an address ---- */

struct vma_row {
	u32 cluster, prev, hits, window, page; /* what is known, and the fault */
	const char *slots;		       /* read: pages + 1 */
	u32 next_window;
};

static void check_vma_row(const struct vma_row *row, u32 per_table)
{
	struct world w;
	struct vma *vma;

	swapped_world(&w, (struct world_size){ .device = "disk", .per_table = per_table }, row->cluster);
	vma = mapping(&w, 0);
	vma->ra_prev = page_of(&w, row->prev);
	vma->ra_hits = row->hits;
	vma->ra_window = row->window;
	read_ahead(&w, row->page);
	check_cached(&w, row->slots);
	CU_ASSERT_EQUAL(vma->ra_prev, page_of(&w, row->page));
	CU_ASSERT_EQUAL(vma->ra_window, row->next_window);
	CU_ASSERT_EQUAL(vma->ra_hits, 0);
	world_release(&w);
}

static void test_vma_size(void)
{
	static const struct vma_row rows[] = {
		{ 3, FAR, 0, 0, 40, "41", 1 },	   /* no hits */
		{ 3, 39, 0, 0, 40, "41-42", 2 },   /* none, but the neighbour */
		{ 3, 39, 1, 0, 40, "41-44", 4 },   /* 3, rounded up */
		{ 3, 39, 2, 0, 40, "41-44", 4 },   /* 4 */
		{ 3, 39, 3, 0, 40, "41-48", 8 },   /* 5, rounded up */
		{ 3, 39, 6, 0, 40, "41-48", 8 },   /* 8 */
		{ 3, 39, 20, 0, 40, "41-48", 8 },  /* 32, capped */
		{ 1, 39, 6, 0, 40, "41-42", 2 },   /* capped at 2 */
		{ 2, 39, 63, 0, 40, "41-44", 4 },  /* capped at 4 */
		{ 3, FAR, 0, 8, 40, "40-43", 4 },  /* half of the last one, around the page */
		{ 3, FAR, 0, 4, 40, "41-42", 2 },  /* half */
		{ 3, FAR, 0, 3, 40, "41", 1 },	   /* half, rounded down */
		{ 3, 39, 0, 8, 40, "41-44", 4 },   /* more than 2 */
		{ 3, 39, 1, 4, 40, "41-44", 4 },   /* less than 4 */
		{ 3, FAR, 1, 32, 40, "34-49", 16 } /* half of the last one even above what is allowed */
	};

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++)
		check_vma_row(&rows[i], 128);
}

static void test_vma_place(void)
{
	static const struct vma_row rows[] = {
		{ 3, 39, 4, 0, 40, "41-48", 8 },   { 3, 41, 4, 0, 40, "34-41", 8 },
		{ 3, FAR, 4, 0, 40, "38-45", 8 },  { 3, 40, 4, 0, 40, "38-45", 8 }, /* the same page again */
		{ 3, 41, 1, 0, 40, "38-41", 4 },   { 3, FAR, 1, 0, 40, "40-43", 4 },
		{ 5, FAR, 30, 0, 40, "26-57", 32 }
	};

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++)
		check_vma_row(&rows[i], 128);
}

static void test_vma_clipped(void)
{
	static const struct vma_row rows[] = {
		{ 3, FAR, 4, 0, 1, "1-6", 8 },	   { 3, 1, 4, 0, 0, "1", 8 },
		{ 3, FAR, 4, 0, 33, "33-38", 8 }, /* page 32 is the first of the second table */
		{ 3, 30, 4, 0, 31, "32", 8 },	   { 3, 87, 4, 0, 88, "89-90", 8 }, /* 89 is the last page */
		{ 5, FAR, 62, 0, 40, "33-57", 32 }
	};

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++)
		check_vma_row(&rows[i], PER_TABLE);
}

/* Where a window would begin below the first page there can be. */
static void test_vma_small_tables(void)
{
	static const struct vma_row rows[] = { { 3, 2, 4, 0, 1, "1-2", 8 },
					       { 3, 1, 4, 0, 0, "1", 8 },
					       { 4, FAR, 14, 0, 1, "1-4", 16 } };

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++)
		check_vma_row(&rows[i], 4);
}

/* 32 at most, however large page-cluster is. */
static void test_vma_ceiling(void)
{
	static const struct vma_row row = { 6, 9, 63, 0, 10, "11-42", 32 };

	check_vma_row(&row, 128);
}

static void test_vma_beginning(void)
{
	struct world w;

	swapped_world(&w, (struct world_size){ .device = "disk", .per_table = 128 }, 3);
	read_ahead(&w, 40); /* as if 4 had been hit */
	check_cached(&w, "38-45");
	world_release(&w);
}

static void test_no_page_cluster(void)
{
	static const char *const device[] = { "disk", "disk-rot" };

	for (u32 i = 0; i < ARRAY_SIZE(device); i++) {
		struct world w;

		swapped_world(&w, (struct world_size){ .device = device[i] }, 0);
		read_ahead(&w, 40);
		check_cached(&w, "41");
		CU_ASSERT_EQUAL(mapping(&w, 40)->ra_hits, RA_HITS_INITIAL);
		CU_ASSERT_EQUAL(mapping(&w, 40)->ra_prev, 0);
		CU_ASSERT_EQUAL(w.k->swap->ra_hits, RA_HITS_INITIAL);
		CU_ASSERT_EQUAL(w.k->swap->ra_prev, 0);
		world_release(&w);
	}
}

static void test_vma_reads_what_is_swapped(void)
{
	struct world w;
	u32 folio;

	swapped_world(&w, (struct world_size){ .device = "disk", .per_table = 128 }, 3);
	w.k->config.page_cluster = 0;
	world_read(&w, 39);		     /* resident, and its slot still in the cache */
	folio = read_ahead(&w, 41);	     /* in the cache already */
	w.k->pte_flags[page_of(&w, 42)] = 0; /* nothing there */
	w.k->config.page_cluster = 3;
	settle(&w);
	mapping(&w, 40)->ra_prev = FAR;
	read_ahead(&w, 40);
	check_cached(&w, "38-42 44-45");
	CU_ASSERT_EQUAL(counted(&w, PSWPIN), 2 + 5); /* 37, 38, 40, 43, 44 */
	CU_ASSERT_EQUAL(counted(&w, SWAP_RA), 4);
	CU_ASSERT_EQUAL(w.k->folio[folio].flags & FOLIO_READAHEAD, 0); /* was not read for this window */
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 2);		       /* the cache's and that of the first */
	world_release(&w);
}

/* ---- the window of slots ---- */

struct slot_row {
	u32 cluster, prev, hits, window, offset;
	const char *slots;
	u32 next_prev, next_window;
};

static void check_slot_row(const struct slot_row *row)
{
	struct world w;

	swapped_world(&w, (struct world_size){ .device = "disk-rot", .slots = PAGES, .per_cluster = 128 },
		      row->cluster);
	w.k->swap->ra_prev = row->prev;
	w.k->swap->ra_hits = row->hits;
	w.k->swap->ra_window = row->window;
	read_ahead(&w, row->offset - 1);
	check_cached(&w, row->slots);
	CU_ASSERT_EQUAL(w.k->swap->ra_prev, row->next_prev);
	CU_ASSERT_EQUAL(w.k->swap->ra_window, row->next_window);
	CU_ASSERT_EQUAL(w.k->swap->ra_hits, 0);
	CU_ASSERT_EQUAL(mapping(&w, 0)->ra_hits, RA_HITS_INITIAL); /* the mapping's is not used */
	world_release(&w);
}

static void test_slots(void)
{
	static const struct slot_row rows[] = {
		{ 3, FAR, 0, 0, 42, "42", 42, 1 },   /* no hits: the place is noted */
		{ 3, 41, 0, 0, 42, "42-43", 42, 2 }, /* the neighbour */
		{ 3, 43, 0, 0, 42, "42-43", 42, 2 }, /* aligned, whichever way */
		{ 3, 42, 0, 0, 43, "42-43", 43, 2 },
		{ 3, FAR, 1, 0, 42, "40-43", FAR, 4 }, /* hits: it is not */
		{ 3, FAR, 4, 0, 42, "40-47", FAR, 8 },
		{ 3, FAR, 9, 0, 47, "40-47", FAR, 8 }, /* capped */
		{ 3, FAR, 0, 8, 42, "40-43", 42, 4 },  /* half of the last one */
		{ 3, FAR, 4, 0, 3, "1-7", FAR, 8 },    /* 0 is the header */
		{ 3, FAR, 4, 0, 8, "8-15", FAR, 8 },
		{ 3, FAR, 4, 0, 89, "88-90", FAR, 8 },	/* the device ends */
		{ 6, FAR, 62, 0, 42, "1-63", FAR, 64 }, /* more than 32 */
		{ 6, FAR, 62, 0, 64, "64-90", FAR, 64 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++)
		check_slot_row(&rows[i]);
}

/* Of the second device, where it is not slot 0 of all. */
static void test_header(void)
{
	struct world w;
	u32 first, page = 0;

	world_init(&w, (struct world_size){
			   .device = "disk-rot", .devices = 2, .slots = 20, .per_cluster = 32, .pages = 40 });
	world_fill(&w, 40);
	world_pageout(&w, 0, 40);
	settle(&w);
	RUN(&w, shrink_inactive_list, .lruvec = 1, .nr_to_scan = 40);
	first = w.k->device[1].first_slot;
	while (page < 39 && entry_at(&w, page) != first + 3)
		page++;
	CU_ASSERT_EQUAL(entry_at(&w, page), first + 3);
	w.k->config.page_cluster = 3;
	read_ahead(&w, page);
	for (u32 slot = 0; slot < 9; slot++)
		CU_ASSERT_EQUAL(!!cached(&w, first + slot), slot > 0 && slot < 8);
	CU_ASSERT_EQUAL(w.k->slot[first].map, SWAP_MAP_BAD);
	world_release(&w);
}

/* They may be of any process: what is free, or in the cache already, is passed over. */
static void test_slots_in_use(void)
{
	struct world w;
	u32 folio;

	swapped_world(&w, (struct world_size){ .device = "disk-rot" }, 0);
	folio = read_ahead(&w, 40);
	settle(&w);
	RUN(&w, swap_free, .entry = 44, .nr = 1);
	w.k->config.page_cluster = 3;
	read_ahead(&w, 41);
	check_cached(&w, "40-43 45-47");
	CU_ASSERT_EQUAL(counted(&w, SWAP_RA), 5);
	CU_ASSERT_EQUAL(w.k->folio[folio].flags & FOLIO_READAHEAD, 0);
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 2);
	world_release(&w);
}

/* A page that readahead by slots brought in is charged to whom its slot is charged, not to the reader. */
static void test_charged_to_the_slots(void)
{
	struct world w;

	swapped_world(&w, (struct world_size){ .device = "disk-rot", .memcgs = 3, .flat = true }, 3);
	w.k->slot[43].memcg = 2;
	w.k->memcg[1].swap_usage--;
	w.k->memcg[2].swap_usage++;
	read_ahead(&w, 40);
	CU_ASSERT_EQUAL(w.k->folio[cached(&w, 43)].memcg, 2);
	CU_ASSERT_EQUAL(w.k->folio[cached(&w, 42)].memcg, 1);
	CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON) + list_count(&w, LRU_ACTIVE_ANON), 7);
	world_release(&w);
}

/* ---- what becomes of a window ---- */

static void test_one_request(void)
{
	struct world w;
	u32 target;

	swapped_world(&w, (struct world_size){ .device = "disk", .per_table = 128 }, 3);
	target = read_ahead(&w, 40);
	CU_ASSERT_EQUAL(cached(&w, 41), target);
	CU_ASSERT_EQUAL(w.k->count[0][BLK_RD_IOS], 1); /* one plug, merged */
	CU_ASSERT_EQUAL(w.k->count[0][BLK_RD_PAGES], 8);
	CU_ASSERT_EQUAL(counted(&w, PSWPIN), 8);
	CU_ASSERT_EQUAL(counted(&w, SWAP_RA), 7);
	for (u32 slot = 38; slot <= 45; slot++) {
		const struct folio *folio = &w.k->folio[cached(&w, slot)];

		CU_ASSERT(io_of(&w, folio)->lock != 0); /* until it is read */
		CU_ASSERT_EQUAL(folio->refs, 1 + (slot == 41));
		CU_ASSERT_EQUAL(!!(folio->flags & FOLIO_READAHEAD), slot != 41);
		CU_ASSERT(folio->flags & FOLIO_LRU); /* not left in the CPU's batch */
		CU_ASSERT_FALSE(folio->flags & FOLIO_UPTODATE);
	}
	settle(&w);
	for (u32 slot = 38; slot <= 45; slot++) {
		CU_ASSERT_EQUAL(w.k->folio_io[cached(&w, slot)].lock, 0);
		CU_ASSERT(w.k->folio[cached(&w, slot)].flags & FOLIO_UPTODATE);
		CU_ASSERT_EQUAL(w.k->folio[cached(&w, slot)].content,
				content_of(page_of(&w, slot - 1), w.k->page_version[page_of(&w, slot - 1)]));
	}
	world_release(&w);
}

/* One page needs no plug: it is sent at once, and stays in the batch. */
static void test_single_page(void)
{
	struct world w;
	u32 task, folio;

	swapped_world(&w, (struct world_size){ .device = "disk" }, 3);
	mapping(&w, 40)->ra_hits = 0;
	world_by_hand(&w);
	task = ADD_ON(&w, 0, swapin_readahead, .entry = entry_at(&w, 40), .page = page_of(&w, 40));
	CU_ASSERT(world_step_to(&w, task, "submit_bio.ISSUE"));
	CU_ASSERT_EQUAL(w.k->plug[task].depth, 0);
	CU_ASSERT(world_step_to(&w, task, NULL));
	folio = cached(&w, 41);
	CU_ASSERT_EQUAL(w.k->count[0][BLK_RD_IOS], 1);
	CU_ASSERT_FALSE(w.k->folio[folio].flags & (FOLIO_LRU | FOLIO_READAHEAD));
	CU_ASSERT_EQUAL(counted(&w, SWAP_RA), 0);
	world_release(&w);
}

static void test_zero_pages(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .device = "disk", .corpus = "zero", .per_table = 128 });
	world_fill(&w, PAGES);
	world_pageout(&w, 0, PAGES);
	w.k->config.page_cluster = 3;
	read_ahead(&w, 40);
	for (u32 slot = 38; slot <= 45; slot++)
		CU_ASSERT_EQUAL(w.k->folio_io[cached(&w, slot)].lock, 0); /* filled and unlocked at once */
	CU_ASSERT_EQUAL(counted(&w, SWPIN_ZERO), 8);
	CU_ASSERT_EQUAL(counted(&w, PSWPIN), 0);
	CU_ASSERT_EQUAL(counted(&w, SWAP_RA), 7);
	CU_ASSERT_EQUAL(w.k->count[0][BLK_RD_IOS], 0);
	world_release(&w);
}

/* When the last page of the window is charged nothing is sent yet. */
static void test_plugged_until_the_end(void)
{
	struct world w;
	u32 task;

	swapped_world(&w, (struct world_size){ .device = "disk", .per_table = 128 }, 3);
	world_by_hand(&w);
	task = ADD_ON(&w, 0, swapin_readahead, .entry = entry_at(&w, 40), .page = page_of(&w, 40));
	CU_ASSERT(world_step_to(&w, task, "swapin_readahead.FLUSH"));
	CU_ASSERT_EQUAL(w.k->count[0][BLK_RD_IOS], 1);
	CU_ASSERT_EQUAL(w.k->plug[task].depth, 0);
	world_release(&w);
	swapped_world(&w, (struct world_size){ .device = "disk", .per_table = 128 }, 3);
	world_by_hand(&w);
	task = ADD_ON(&w, 0, swapin_readahead, .entry = entry_at(&w, 40), .page = page_of(&w, 40));
	for (u32 i = 0; i < 8; i++) {
		CU_ASSERT(world_step_to(&w, task, "submit_bio.SUBMIT"));
		CU_ASSERT_EQUAL(w.k->count[0][BLK_RD_IOS], 0);
		CU_ASSERT_EQUAL(w.k->plug[task].depth, 1);
		CU_ASSERT_EQUAL(w.k->plug[task].pages, i);
		machine_step(&w.k->machine, &w.k->machine.task[task]);
	}
	world_release(&w);
}

/* What reclaim writes for a page of the window lies in the window's plug, behind its first read. */
static void test_reclaim_inside(void)
{
	struct world w;
	u64 most = 0;
	u32 task;

	swapped_world(&w, (struct world_size){ .device = "disk", .per_table = 1024, .pages = 600 }, 3);
	for (u32 i = 0; i < 200; i++)
		RUN(&w, handle_mm_fault, .page = page_of(&w, i), .write = 1);
	settle(&w);
	world_drain(&w, 0);
	world_age(&w, 0, 200);
	RUN(&w, shrink_active_list, .lruvec = 1, .nr_to_scan = 200);
	memcg_drain_stocks(w.k, 1);
	w.k->memcg[1].max = w.k->memcg[1].usage + 2; /* the first pages of the window fit */
	mapping(&w, 400)->ra_hits = 8;
	world_by_hand(&w);
	task = ADD_ON(&w, 0, swapin_readahead, .entry = entry_at(&w, 400), .page = page_of(&w, 400));
	while (!world_is_at(&w, task, "swapin_readahead.FLUSH") &&
	       w.k->machine.task[task].state != TASK_DONE) {
		if (plug_unsent_pages(w.k) > most)
			most = plug_unsent_pages(w.k);
		machine_step(&w.k->machine, &w.k->machine.task[task]);
	}
	CU_ASSERT(most > BLK_PLUG_FLUSH_PAGES);
	CU_ASSERT_EQUAL(plug_unsent_pages(w.k), 0);
	CU_ASSERT_EQUAL(w.k->count[0][BLK_WR_PAGES], w.k->count[0][PSWPOUT]);
	world_release(&w);
}

/* ---- hits ---- */

static void test_hit(void)
{
	struct world w;
	u32 folio;

	swapped_world(&w, (struct world_size){ .device = "disk", .per_table = 128 }, 3);
	read_ahead(&w, 40);
	folio = cached(&w, 45);
	swap_update_readahead(w.k, page_of(&w, 44), folio);
	CU_ASSERT_FALSE(w.k->folio[folio].flags & FOLIO_READAHEAD);
	CU_ASSERT_EQUAL(mapping(&w, 44)->ra_hits, 1);
	CU_ASSERT_EQUAL(mapping(&w, 44)->ra_prev, page_of(&w, 44));
	CU_ASSERT_EQUAL(mapping(&w, 44)->ra_window, 8);
	CU_ASSERT_EQUAL(counted(&w, SWAP_RA_HIT), 1);
	swap_update_readahead(w.k, page_of(&w, 44), folio); /* again: no longer a page read ahead */
	CU_ASSERT_EQUAL(mapping(&w, 44)->ra_hits, 1);
	CU_ASSERT_EQUAL(counted(&w, SWAP_RA_HIT), 1);
	swap_update_readahead(w.k, page_of(&w, 40), cached(&w, 41)); /* the target: only the place */
	CU_ASSERT_EQUAL(mapping(&w, 44)->ra_prev, page_of(&w, 40));
	CU_ASSERT_EQUAL(mapping(&w, 44)->ra_hits, 1);
	mapping(&w, 44)->ra_hits = 63; /* as many as the kernel's word holds */
	swap_update_readahead(w.k, page_of(&w, 43), cached(&w, 44));
	CU_ASSERT_EQUAL(mapping(&w, 44)->ra_hits, 63);
	CU_ASSERT_EQUAL(counted(&w, SWAP_RA_HIT), 2);
	CU_ASSERT_EQUAL(w.k->swap->ra_hits, RA_HITS_INITIAL);
	world_release(&w);
}

static void test_hit_by_slots(void)
{
	struct world w;

	swapped_world(&w, (struct world_size){ .device = "disk-rot" }, 3);
	read_ahead(&w, 40);
	CU_ASSERT_EQUAL(w.k->swap->ra_hits, 0);
	swap_update_readahead(w.k, page_of(&w, 44), cached(&w, 45));
	swap_update_readahead(w.k, page_of(&w, 40), cached(&w, 41));
	CU_ASSERT_EQUAL(w.k->swap->ra_hits, 1);
	CU_ASSERT_EQUAL(counted(&w, SWAP_RA_HIT), 1);
	CU_ASSERT_EQUAL(mapping(&w, 44)->ra_prev, 0); /* the mapping's is not kept */
	w.k->swap->ra_hits = UINT8_MAX;
	swap_update_readahead(w.k, page_of(&w, 43), cached(&w, 44));
	CU_ASSERT_EQUAL(w.k->swap->ra_hits, UINT8_MAX);
	CU_ASSERT_EQUAL(counted(&w, SWAP_RA_HIT), 2);
	world_release(&w);
}

/* Faults in order: the window that is read ahead is hit, so that the next one is as large. */
static void test_sweep(void)
{
	struct world w;

	swapped_world(&w, (struct world_size){ .device = "disk", .per_table = 128 }, 3);
	for (u32 i = 0; i < 64; i++)
		world_read(&w, i);
	CU_ASSERT_EQUAL(counted(&w, PGMAJFAULT), 1 + 8); /* 0-4, of a window around 0; then eight of 8 */
	CU_ASSERT_EQUAL(counted(&w, PSWPIN), 5 + 8 * 8);
	CU_ASSERT_EQUAL(counted(&w, SWAP_RA), 4 + 8 * 7);
	CU_ASSERT_EQUAL(counted(&w, SWAP_RA_HIT), 64 - 9);
	world_release(&w);
}

/* The flag is PG_reclaim's: a hit on a page that is being written counts as one on a page read ahead, and
 * keeps it from the tail of its list. */
static void test_hit_on_a_page_being_written(void)
{
	struct world w;
	u32 folio;

	world_init(&w, (struct world_size){ .device = "disk" });
	w.k->config.page_cluster = 3;
	world_write_range(&w, 0, 2);
	folio = w.k->pte[page_of(&w, 0)];
	CU_ASSERT_EQUAL(world_pageout(&w, 0, 2), 0);
	CU_ASSERT(w.k->folio[folio].flags & FOLIO_RECLAIM);
	world_read(&w, 0);
	CU_ASSERT_EQUAL(w.k->pte[page_of(&w, 0)], folio);
	CU_ASSERT(w.k->folio_io[folio].writeback != 0);
	CU_ASSERT_FALSE(w.k->folio[folio].flags & FOLIO_RECLAIM);
	CU_ASSERT_EQUAL(counted(&w, SWAP_RA_HIT), 1);
	CU_ASSERT_EQUAL(mapping(&w, 0)->ra_hits, RA_HITS_INITIAL + 1);
	settle(&w);
	CU_ASSERT_EQUAL(w.k->folio_io[folio].writeback, 0);
	world_drain(&w, 0);
	CU_ASSERT_EQUAL(counted(&w, PGROTATED), 1); /* the other one */
	world_release(&w);
}

/* ---- two mappings ---- */

static void test_mappings_apart(void)
{
	static const u32 vma_pages[2] = { 64, 64 };
	struct world_size size = { .device = "disk", .per_table = 64, .pages = 128 };
	struct world w;
	struct kernel_config c = world_config(&w, &size);

	w.mm.vmas = 2;
	w.mm.vma_pages = vma_pages;
	w.k = kernel_new(&c, NULL);
	w.k->mm[0].users = 1;
	world_fill(&w, 128);
	world_pageout(&w, 0, 128);
	settle(&w);
	RUN(&w, shrink_inactive_list, .lruvec = 1, .nr_to_scan = 128);
	w.k->config.page_cluster = 3;
	CU_ASSERT(mapping(&w, 0) != mapping(&w, 64));
	mapping(&w, 0)->ra_hits = 0;
	read_ahead(&w, 32);
	check_cached(&w, "33");
	CU_ASSERT_EQUAL(mapping(&w, 64)->ra_hits, RA_HITS_INITIAL);
	read_ahead(&w, 64 + 32); /* knows nothing of the other */
	check_cached(&w, "33 94-101");
	swap_update_readahead(w.k, page_of(&w, 100), cached(&w, 101));
	CU_ASSERT_EQUAL(mapping(&w, 64)->ra_hits, 1);
	CU_ASSERT_EQUAL(mapping(&w, 0)->ra_hits, 0);
	CU_ASSERT_EQUAL(mapping(&w, 0)->ra_prev, page_of(&w, 32));
	world_release(&w);
}

static const struct unit tests[] = {
	{ "hits, the last place and the last window make the next one", test_vma_size },
	{ "it lies ahead, behind or around", test_vma_place },
	{ "within the mapping and its page table", test_vma_clipped },
	{ "also where those are smaller than it", test_vma_small_tables },
	{ "and has 32 pages at most", test_vma_ceiling },
	{ "a mapping begins with a window of 8", test_vma_beginning },
	{ "page-cluster 0 reads nothing ahead and learns nothing", test_no_page_cluster },
	{ "of a window the swapped pages are read that are not in the cache",
	  test_vma_reads_what_is_swapped },
	{ "on a rotational device it is an aligned window of slots", test_slots },
	{ "without the header of the device", test_header },
	{ "of which those in use are read that are not in the cache", test_slots_in_use },
	{ "on behalf of whom they are charged to", test_charged_to_the_slots },
	{ "a window is read in one request", test_one_request },
	{ "a window of one page is sent at once", test_single_page },
	{ "zero pages are filled, and read by nobody", test_zero_pages },
	{ "a window is plugged until its end", test_plugged_until_the_end },
	{ "with what reclaim writes meanwhile", test_reclaim_inside },
	{ "a hit is counted once, for the mapping", test_hit },
	{ "or for all, where windows are of slots", test_hit_by_slots },
	{ "a sweep reads everything ahead", test_sweep },
	{ "a hit on a page being written counts, and keeps it from the tail",
	  test_hit_on_a_page_being_written },
	{ "each mapping knows its own", test_mappings_apart },
};

UNIT_MAIN("readahead", tests)
