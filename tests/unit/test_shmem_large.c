/*
 * Large folios of shared memory, and swap entries that stand at several indices: made whole, read back whole
 * or in part, split, truncated; and what went wrong with them before it was fixed.
 */
#include "tests/unit/shmem_world.h"

enum { ORDER = 2, FIRST = 8 /* page of the large entry */ };

static void init_on(struct shm *s, const char *release, const char *device)
{
	shm_init(s, (struct world_size){ .release = release,
					 .device = device,
					 .max_order = 4,
					 .per_cluster = 16,
					 .per_table = 16,
					 .space_clusters = 4,
					 .pages = 64 });
}

/* Pages FIRST to FIRST + 3 are in slots in a row, and their index says that this is one entry. */
static u32 large_entry(struct shm *s)
{
	u32 slot = 0;

	for (u32 page = 0; (slot + 1) % (1u << ORDER) || !slot;
	     page++) { /* so that the next slots are in line */
		CU_ASSERT_FATAL(page < FIRST);
		shm_write(s, 0, page);
		shm_pageout(s, page, 1);
		slot = shm_slot(s, page);
	}
	for (u32 i = 0; i < 1u << ORDER; i++) {
		shm_write(s, 0, FIRST + i);
		shm_pageout(s, FIRST + i, 1);
	}
	world_idle(&s->w, 20);
	RUN(&s->w, try_to_free_pages, .start = 0); /* out of the swap cache, too */
	world_idle(&s->w, 20);
	slot = shm_slot(s, FIRST);
	CU_ASSERT_EQUAL_FATAL(slot % (1u << ORDER), 0);
	for (u32 i = 0; i < 1u << ORDER; i++) {
		CU_ASSERT_EQUAL_FATAL(shm_slot(s, FIRST + i), slot + i);
		s->w.k->index_order[shm_index(s, FIRST + i)] = ORDER;
	}
	return slot;
}

/* As readahead leaves it. */
static u32 read_into_cache(struct shm *s, u32 slot)
{
	u32 folio = (u32)RUN(&s->w, read_swap_cache_async, .entry = slot, .page = shm_page(s, 0, 0));

	CU_ASSERT_FATAL(folio != 0);
	if (RUN(&s->w, swap_read_folio, .folio = folio, .entry = slot) == READ_DONE)
		s->w.k->folio_io[folio].lock = 0;
	RUN(&s->w, folio_put, .folio = folio);
	world_idle(&s->w, 20);
	return folio;
}

static u32 order_at(const struct shm *s, u32 page)
{
	return folio_order(s->w.k, shm_folio(s, page));
}

/* ---- as it should be ---- */

static void test_large_folio(void)
{
	struct shm s;
	u32 folio;

	init_on(&s, "6.17", "zram-lz4");
	s.mm[SHM_SEGMENT].huge_order = ORDER;
	shm_write(&s, 0, 6);
	folio = shm_folio(&s, 6);
	CU_ASSERT_EQUAL(order_at(&s, 6), ORDER);
	for (u32 page = 4; page < 8; page++) {
		CU_ASSERT_EQUAL(shm_folio(&s, page), folio);
		CU_ASSERT(shm_flags(&s, 0, page) & PTE_PRESENT); /* all of it */
	}
	CU_ASSERT_EQUAL(s.w.k->folio[folio].refs, 4 + 4); /* mapped, and in the page cache */
	CU_ASSERT_EQUAL(s.w.k->memcg[1].shmem, 4);
	shm_read(&s, 1, 5);
	CU_ASSERT_EQUAL(folio_mapcount(s.w.k, folio), 8);
	shm_sound(&s);
	RUN(&s.w, exit_mmap, .mm = 1);
	CU_ASSERT_EQUAL(folio_mapcount(s.w.k, folio), 4);
	shm_sound(&s);
	shm_punch(&s, 4, 4);
	CU_ASSERT_EQUAL(shm_folio(&s, 6), 0);
	CU_ASSERT_EQUAL(s.w.k->memcg[1].shmem, 0);
	shm_write(&s, 0, 13); /* where there is something in the way a page has to do */
	s.mm[SHM_SEGMENT].huge_order = 3;
	shm_write(&s, 0, 9);
	CU_ASSERT_EQUAL(order_at(&s, 9), 0);
	shm_sound(&s);
	shm_release(&s);
}

/* Both who had it used it: the second one to go makes it active. */
static void test_activation_counts_pages(void)
{
	struct shm s;

	init_on(&s, "6.17", "zram-lz4");
	s.mm[SHM_SEGMENT].huge_order = ORDER;
	shm_write(&s, 0, 4);
	shm_read(&s, 1, 5);
	RUN(&s.w, exit_mmap, .mm = 0);
	CU_ASSERT_EQUAL(s.w.k->count[0][PGACTIVATE], 0);
	RUN(&s.w, exit_mmap, .mm = 1);
	CU_ASSERT_EQUAL(s.w.k->count[0][PGACTIVATE], 1u << ORDER);
	shm_sound(&s);
	shm_release(&s);
}

static void test_part_of_large_folio(void)
{
	struct shm s;

	init_on(&s, "6.17", "zram-lz4");
	s.mm[SHM_SEGMENT].huge_order = ORDER;
	shm_write(&s, 0, 4);
	shm_punch(&s, 6, 4); /* what is cut off is zeroed and stays */
	CU_ASSERT_EQUAL(order_at(&s, 4), ORDER);
	CU_ASSERT_EQUAL(shm_flags(&s, 0, 5) & PTE_PRESENT, PTE_PRESENT);
	CU_ASSERT_EQUAL(shm_flags(&s, 0, 6), PTE_FILE);
	CU_ASSERT_EQUAL(s.w.k->count[0][THP_SPLIT_PMD], 0); /* it was not mapped by one entry */
	shm_sound(&s);
	shm_read(&s, 0, 6);
	shm_sound(&s);
	shm_release(&s);
}

static void test_reclaimed_large_folio_is_not_lost(void)
{
	struct shm s;

	init_on(&s, "6.17", "zram-lz4");
	s.mm[SHM_SEGMENT].huge_order = ORDER;
	shm_write(&s, 0, 4);
	shm_pageout(&s, 4, 4);
	shm_pageout(&s, 4, 4);
	shm_sound(&s);
	CU_ASSERT(counted(&s.w, PSWPOUT) > 0);
	for (u32 page = 4; page < 8; page++)
		shm_read(&s, 1, page);
	CU_ASSERT_EQUAL(s.w.k->mm[SHM_SEGMENT].swap_ents, 0);
	shm_sound(&s);
	shm_release(&s);
}

static void test_large_entry_comes_back_whole(void)
{
	struct shm s;
	u32 slot;

	init_on(&s, "6.17", "zram-lz4");
	slot = large_entry(&s);
	shm_sound(&s);
	shm_read(&s, 0, FIRST + 2);
	CU_ASSERT_EQUAL(order_at(&s, FIRST), ORDER);
	CU_ASSERT_EQUAL(s.w.k->folio[shm_folio(&s, FIRST)].page, shm_index(&s, FIRST));
	CU_ASSERT_EQUAL(s.w.k->mm[0].shmem_pages, 4);
	for (u32 i = 0; i < 4; i++)
		CU_ASSERT_EQUAL(s.w.k->slot[slot + i].map, 0);
	CU_ASSERT_EQUAL(counted(&s.w, PGMAJFAULT), 1);
	shm_sound(&s);
	shm_release(&s);
}

/* On a device that is not synchronous pages come one by one, and the entry is split for the first. */
static void test_large_entry_is_split(void)
{
	static const char *const releases[] = { "6.12", "6.14", "6.17", "6.18" };

	for (u32 i = 0; i < ARRAY_SIZE(releases); i++) {
		struct shm s;

		init_on(&s, releases[i], "nvme-client");
		large_entry(&s);
		shm_read(&s, 0, FIRST + 2);
		CU_ASSERT_EQUAL(order_at(&s, FIRST + 2), 0);
		for (u32 page = FIRST; page < FIRST + 4; page++)
			CU_ASSERT_EQUAL(index_order(s.w.k, shm_index(&s, page)), 0);
		shm_sound(&s);
		shm_read(&s, 0, FIRST);
		shm_sound(&s);
		shm_release(&s);
	}
}

/* What is far from the page stays large, from 6.15 on. */
static void test_split_goes_no_further_than_it_must(void)
{
	struct shm s;
	u32 base;

	shm_init(&s, (struct world_size){ .release = "6.17", .pages = 1024 });
	base = shm_index(&s, 512);
	index_store_entry(s.w.k, base, 9, 512);
	index_split(s.w.k, base + 70);
	CU_ASSERT_EQUAL(s.w.k->index_order[base + 63], 6);
	CU_ASSERT_EQUAL(s.w.k->index_order[base + 64], 0);
	CU_ASSERT_EQUAL(s.w.k->index_order[base + 70], 0);
	CU_ASSERT_EQUAL(s.w.k->index_order[base + 95], 0);
	CU_ASSERT_EQUAL(s.w.k->index_order[base + 96], 5);
	CU_ASSERT_EQUAL(s.w.k->index_order[base + 128], 6);
	CU_ASSERT_EQUAL(index_entry(s.w.k, base + 70), 512 + 70);
	CU_ASSERT_EQUAL(index_entry(s.w.k, base + 100), 512 + 96);
	CU_ASSERT_EQUAL(index_entry(s.w.k, base + 511), 512 + 448);
	index_erase(s.w.k, base, 9);
	CU_ASSERT_EQUAL(s.w.k->mm[SHM_SEGMENT].swap_ents, 0);
	shm_release(&s);
	shm_init(&s, (struct world_size){ .release = "6.14", .pages = 1024 });
	index_store_entry(s.w.k, base, 9, 512);
	index_split(s.w.k, base + 70);
	CU_ASSERT_EQUAL(s.w.k->index_order[base + 511], 0);
	shm_release(&s);
}

static void test_hole_in_large_entry(void)
{
	struct shm s;
	u32 slot;

	init_on(&s, "6.18", "zram-lz4");
	slot = large_entry(&s);
	shm_punch(&s, FIRST + 2, 10); /* it reaches over the border: it comes back */
	CU_ASSERT_EQUAL(order_at(&s, FIRST), ORDER);
	CU_ASSERT_EQUAL(swap_count(s.w.k, slot), 0);
	shm_sound(&s);
	shm_punch(&s, FIRST, 4);
	CU_ASSERT_EQUAL(shm_folio(&s, FIRST), 0);
	shm_sound(&s);
	shm_release(&s);
	init_on(&s, "6.18", "nvme-client");
	slot = large_entry(&s);
	shm_punch(&s, FIRST, 4); /* all of it goes at once, unread */
	CU_ASSERT_EQUAL(swap_count(s.w.k, slot + 3), 0);
	CU_ASSERT_EQUAL(counted(&s.w, PSWPIN), 0);
	shm_sound(&s);
	shm_release(&s);
}

/* ---- what went wrong ---- */

/* Whether a fault ends, in steps that are enough for any that does. */
static bool ends(struct shm *s, u32 page)
{
	u32 task;

	world_by_hand(&s->w);
	task = ADD_ON(&s->w, 0, handle_mm_fault, .page = shm_page(s, 0, page));
	for (u32 i = 0; i < 5000; i++)
		if (!world_step(&s->w, task) || s->w.k->machine.task[task].state == TASK_DONE)
			break;
	return s->w.k->machine.task[task].state == TASK_DONE;
}

/* 058313515d5a: a page of its own takes the place of an entry of four. */
static void test_page_in_place_of_large_entry(void)
{
	struct shm s;
	u32 slot;

	init_on(&s, "6.14+shmem-split-before-insert=off", "zram-lz4");
	slot = large_entry(&s);
	read_into_cache(&s, slot);
	shm_read(&s, 0, FIRST);
	CU_ASSERT_EQUAL(order_at(&s, FIRST), 0);
	CU_ASSERT_EQUAL(shm_flags(&s, SHM_SEGMENT, FIRST + 1), PTE_DIRTY); /* it had data */
	CU_ASSERT_EQUAL(swap_count(s.w.k, slot + 1), 1);		   /* and that is lost */
	shm_release(&s);
	init_on(&s, "6.14", "zram-lz4");
	slot = large_entry(&s);
	read_into_cache(&s, slot);
	shm_read(&s, 0, FIRST);
	CU_ASSERT_EQUAL(shm_slot(&s, FIRST + 1), slot + 1);
	shm_sound(&s);
	shm_release(&s);
	init_on(&s, "6.17", "zram-lz4");
	slot = large_entry(&s);
	read_into_cache(&s, slot);
	shm_read(&s, 0, FIRST);
	CU_ASSERT_EQUAL(shm_slot(&s, FIRST + 1), slot + 1);
	shm_sound(&s);
	shm_release(&s);
}

/* a05dd8ae5cbb: one page of it is in the swap cache, and who wants another tries for all of it for ever. */
static void test_cached_part_is_in_the_way(void)
{
	static const struct {
		const char *release;
		bool ends;
	} rows[] = {
		{ "6.14", false },
		{ "6.14+shmem-fallback-cached=on", true },
		{ "6.17", true },
		{ "6.17+shmem-fallback-cached=off", true },
		{ "6.17+shmem-fallback-cached=off+shmem-verify-before-split=off", false },
	};

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		struct shm s;
		u32 slot;

		init_on(&s, rows[i].release, "zram-lz4");
		slot = large_entry(&s);
		read_into_cache(&s, slot + 3);
		CU_ASSERT_EQUAL(ends(&s, FIRST + 1), rows[i].ends);
		shm_release(&s);
	}
}

/* 8a1968bd997f: the entry is split between the look at its order and its end. */
static void test_truncate_frees_what_is_not_there(void)
{
	for (u32 fixed = 0; fixed < 2; fixed++) {
		struct shm s;
		u32 slot, task;

		init_on(&s, fixed ? "6.18" : "6.18+shmem-free-swap-order=off", "zram-lz4");
		slot = large_entry(&s);
		world_by_hand(&s.w);
		task = ADD_ON(&s.w, 0, shmem_free_swap, .page = shm_index(&s, FIRST),
			      .end = shm_index(&s, FIRST + 4), .entry = slot);
		CU_ASSERT(world_step_to(&s.w, task, "shmem_free_swap.LOCK_INDEX"));
		index_split(s.w.k, shm_index(&s, FIRST));
		CU_ASSERT(world_step_to(&s.w, task, NULL));
		CU_ASSERT_EQUAL(shm_slot(&s, FIRST + 1), slot + 1);
		CU_ASSERT_EQUAL(swap_count(s.w.k, slot + 1), fixed);
		shm_release(&s);
	}
}

/* 2030dddf9545: an entry that begins before the range is refused, and looked at again, and refused. */
static void test_truncate_does_not_get_on(void)
{
	for (u32 fixed = 0; fixed < 2; fixed++) {
		struct shm s;
		struct machine *m;
		u32 task;

		init_on(&s, fixed ? "6.18" : "6.18+shmem-truncate-advances=off", "zram-lz4");
		large_entry(&s);
		m = &s.w.k->machine;
		world_by_hand(&s.w);
		task = ADD_ON(&s.w, 0, shmem_undo_range, .page = shm_index(&s, FIRST + 2),
			      .end = shm_index(&s, FIRST + 20), .fault = shm_page(&s, 0, FIRST + 2));
		CU_ASSERT(world_step_to(&s.w, task, "shmem_get_folio.LOOKUP"));
		/* as if another had swapped it out again after it was read for the border */
		s.w.k->pte_flags[shm_index(&s, FIRST + 2)] = 0;
		while (!world_is_at(&s.w, task, "shmem_undo_range.RESCHED"))
			CU_ASSERT_FATAL(world_step(&s.w, task));
		s.w.k->pte_flags[shm_index(&s, FIRST + 2)] = PTE_SWAP | PTE_DIRTY;
		for (u32 i = 0; i < 5000 && m->task[task].state != TASK_DONE; i++)
			world_step(&s.w, task);
		CU_ASSERT_EQUAL(m->task[task].state == TASK_DONE, fixed);
		shm_release(&s);
	}
}

/* Read as a large folio, truncated in part, and so written as a whole: what it holds of the other pages is
 * zeroes. */
static void test_zeroes_go_along(void)
{
	struct shm s;

	init_on(&s, "6.18", "zram-lz4");
	s.mm[SHM_SEGMENT].huge_order = ORDER;
	shm_read(&s, 0, 4);
	shm_punch(&s, 6, 4);
	shm_pageout(&s, 4, 4);
	CU_ASSERT(shm_slot(&s, 4) != 0);
	shm_sound(&s);
	shm_read(&s, 0, 5);
	shm_sound(&s);
	shm_release(&s);
}

/* Swap has room for a page, but not for a large folio. */
static void test_split_is_counted(void)
{
	static const char *const kernels[] = { "6.14", "6.18", "7.0", "7.2" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct shm s;

		init_on(&s, kernels[i], "zram-lz4");
		s.mm[SHM_SEGMENT].huge_order = ORDER;
		shm_write(&s, 0, 4);
		s.w.k->memcg[1].swap_max = 2;
		shm_pageout(&s, 4, 4);
		CU_ASSERT_EQUAL(order_at(&s, 5), 0);
		CU_ASSERT_EQUAL(s.w.k->mm[SHM_SEGMENT].swap_ents, 2);
		CU_ASSERT_EQUAL(s.w.k->count[0][mthp_counter(ORDER, MTHP_SWPOUT_FALLBACK)], i >= 2);
		shm_sound(&s);
		shm_release(&s);
	}
}

static const struct unit tests[] = {
	{ "a large folio is mapped, shared and truncated whole", test_large_folio },
	{ "of one that becomes active all pages count", test_activation_counts_pages },
	{ "of one that lies across a border a part is zeroed", test_part_of_large_folio },
	{ "what nobody wrote goes to swap as zeroes", test_zeroes_go_along },
	{ "a large folio that is reclaimed is not lost", test_reclaimed_large_folio_is_not_lost },
	{ "one that is split since swap has no room for it is counted from 7.0 on", test_split_is_counted },
	{ "a large entry comes back whole from a synchronous device", test_large_entry_comes_back_whole },
	{ "it is split for a page alone", test_large_entry_is_split },
	{ "but no further than it must", test_split_goes_no_further_than_it_must },
	{ "a hole in a large entry", test_hole_in_large_entry },
	{ "a page takes the place of a large entry only where that was not split",
	  test_page_in_place_of_large_entry },
	{ "a part in the swap cache is in nobody's way where there is a way around",
	  test_cached_part_is_in_the_way },
	{ "truncate frees what it erased, whatever it saw before", test_truncate_frees_what_is_not_there },
	{ "truncate gets on behind an entry that it must leave", test_truncate_does_not_get_on },
};

UNIT_MAIN("large folios of shared memory", tests)
