/* Shared memory: faults, what reclaim does with its pages, swap and back, holes. */
#include "models/swap/zswap.h"
#include "tests/unit/shmem_world.h"

static void test_write_of_one_is_read_by_other(void)
{
	struct shm s;
	u32 folio;

	shm_init(&s, (struct world_size){ .memcgs = 3, .flat = true });
	CU_ASSERT_EQUAL(shm_flags(&s, 0, 5), PTE_FILE);
	shm_write(&s, 0, 5);
	folio = shm_folio(&s, 5);
	CU_ASSERT_FATAL(folio != 0);
	CU_ASSERT_EQUAL(s.w.k->pte[shm_page(&s, 0, 5)], folio);
	CU_ASSERT_EQUAL(shm_flags(&s, 0, 5), PTE_FILE | PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY | PTE_WRITE);
	CU_ASSERT_EQUAL(s.w.k->folio[folio].refs, 3); /* mapped, in the page cache, in a batch */
	CU_ASSERT(s.w.k->folio[folio].flags & FOLIO_DIRTY);
	CU_ASSERT_EQUAL(s.w.k->mm[SHM_SEGMENT].anon_pages, 1);
	shm_read(&s, 1, 5);
	CU_ASSERT_EQUAL(s.w.k->pte[shm_page(&s, 1, 5)], folio);
	CU_ASSERT_EQUAL(shm_flags(&s, 1, 5), PTE_FILE | PTE_PRESENT | PTE_ACCESSED | PTE_WRITE);
	CU_ASSERT_EQUAL(s.w.k->folio[folio].mapcount, 2);
	CU_ASSERT_EQUAL(s.w.k->mm[0].shmem_pages, 1);
	CU_ASSERT_EQUAL(s.w.k->mm[1].shmem_pages, 1);
	CU_ASSERT_EQUAL(s.w.k->mm[1].anon_pages, 0);
	CU_ASSERT_EQUAL(s.w.k->folio[folio].memcg, 1); /* who touched it first pays */
	CU_ASSERT_EQUAL(s.w.k->memcg[1].shmem, 1);
	CU_ASSERT_EQUAL(s.w.k->memcg[2].shmem, 0);
	CU_ASSERT_EQUAL(s.w.k->memcg[0].shmem, 1);
	shm_write(&s, 1, 5); /* no fault: it may be written */
	CU_ASSERT_EQUAL(s.w.k->count[0][PGFAULT], 2);
	shm_sound(&s);
	CU_ASSERT_EQUAL(list_count(&s.w, LRU_INACTIVE_ANON), 1);
	shm_release(&s);
}

static void test_read_maps_what_is_around(void)
{
	struct shm s;

	shm_init(&s, (struct world_size){ 0 });
	for (u32 page = 0; page < 40; page++)
		shm_write(&s, 0, page);
	shm_read(&s, 1, 20);
	for (u32 page = 0; page < 40; page++)
		CU_ASSERT_EQUAL(shm_flags(&s, 1, page) & PTE_PRESENT, page / 16 == 1);
	shm_write(&s, 1, 35); /* a write does not */
	CU_ASSERT_EQUAL(s.w.k->mm[1].shmem_pages, 17);
	CU_ASSERT_EQUAL(s.w.k->count[0][PGMAJFAULT], 0);
	shm_sound(&s);
	shm_release(&s);
}

static void test_unwritten_page_is_dropped(void)
{
	struct shm s;

	shm_init(&s, (struct world_size){ 0 });
	shm_read(&s, 0, 5);
	CU_ASSERT_FALSE(s.w.k->folio[shm_folio(&s, 5)].flags & FOLIO_DIRTY);
	CU_ASSERT_EQUAL(shm_pageout(&s, 5, 1), 1);
	CU_ASSERT_EQUAL(shm_flags(&s, SHM_SEGMENT, 5), 0);
	CU_ASSERT_EQUAL(s.w.k->memcg[1].shmem, 0);
	CU_ASSERT_EQUAL(s.w.k->memcg[1].swap_usage, 0);
	shm_sound(&s);
	shm_release(&s);
}

static void swap_out_and_in(const char *release, const char *device, bool read_around)
{
	struct shm s;
	u32 slot;

	shm_init(&s, (struct world_size){ .release = release, .device = device, .memcgs = 3, .flat = true });
	shm_write(&s, 0, 5);
	shm_pageout(&s, 5, 1);
	world_idle(&s.w, 20);
	slot = shm_slot(&s, 5);
	CU_ASSERT_FATAL(slot != 0);
	CU_ASSERT_EQUAL(s.w.k->slot[slot].map & ~SWAP_HAS_CACHE, SWAP_MAP_SHMEM);
	CU_ASSERT_EQUAL(s.w.k->slot[slot].memcg, 1);
	CU_ASSERT_EQUAL(swap_count(s.w.k, slot), 1);
	CU_ASSERT_EQUAL(shm_flags(&s, 0, 5), PTE_FILE);
	CU_ASSERT_EQUAL(s.w.k->mm[SHM_SEGMENT].anon_pages, 0);
	CU_ASSERT_EQUAL(s.w.k->mm[SHM_SEGMENT].swap_ents, 1);
	CU_ASSERT_EQUAL(s.w.k->mm[0].swap_ents, 0);
	CU_ASSERT_EQUAL(counted(&s.w, PSWPOUT), 1);
	shm_sound(&s);
	shm_pageout(&s, 5, 1); /* nothing there */
	shm_read(&s, 1, 5);
	CU_ASSERT_FATAL(shm_folio(&s, 5) != 0);
	CU_ASSERT_EQUAL(swap_count(s.w.k, slot), 0);
	CU_ASSERT_EQUAL(s.w.k->folio[shm_folio(&s, 5)].memcg, 1); /* as the slot says */
	CU_ASSERT(s.w.k->folio[shm_folio(&s, 5)].flags & FOLIO_DIRTY);
	CU_ASSERT_FALSE(s.w.k->folio[shm_folio(&s, 5)].flags & FOLIO_SWAPCACHE);
	CU_ASSERT_EQUAL(s.w.k->mm[SHM_SEGMENT].swap_ents, 0);
	CU_ASSERT_EQUAL(s.w.k->count[2][PGMAJFAULT], read_around);
	shm_sound(&s);
	shm_release(&s);
}

static void test_swap_out_and_in(void)
{
	static const char *const releases[] = { "6.12", "6.14", "6.17", "6.18" };

	for (u32 i = 0; i < ARRAY_SIZE(releases); i++) {
		swap_out_and_in(releases[i], "zram-lz4", 1);
		swap_out_and_in(releases[i], "nvme-client", 0); /* written, and still in the swap cache */
	}
}

/* What is read around the swap cache has SWAP_HAS_CACHE, and who comes second looks again until it is there.
 */
static void test_bypass_from_6_14_on(void)
{
	struct shm s;
	u32 a, b, slot;

	shm_init(&s, (struct world_size){ .release = "6.17" });
	shm_write(&s, 0, 5);
	shm_pageout(&s, 5, 1);
	slot = shm_slot(&s, 5);
	world_by_hand(&s.w);
	a = ADD_ON(&s.w, 0, handle_mm_fault, .page = shm_page(&s, 0, 5));
	b = ADD_ON(&s.w, 1, handle_mm_fault, .page = shm_page(&s, 1, 5));
	CU_ASSERT(world_step_to(&s.w, a, "zram_read_page.DECOMPRESS"));
	CU_ASSERT_EQUAL(s.w.k->slot[slot].map, SWAP_MAP_SHMEM | SWAP_HAS_CACHE);
	CU_ASSERT_EQUAL(word_folio(s.w.k->slot[slot].cache), 0);
	CU_ASSERT(world_step_to(&s.w, b, "folio_put.FREE"));
	CU_ASSERT_EQUAL(counted(&s.w, SWAPIN_RACES), 1);
	CU_ASSERT_EQUAL(counted(&s.w, SWAPIN_WASTED_PAGES), 1);
	CU_ASSERT(world_step_to(&s.w, b, "shmem_get_folio.LOOKUP"));
	CU_ASSERT(world_step_to(&s.w, a, NULL));
	CU_ASSERT(world_step_to(&s.w, b, NULL));
	CU_ASSERT_EQUAL(s.w.k->folio[shm_folio(&s, 5)].mapcount, 2);
	CU_ASSERT_EQUAL(counted(&s.w, PGMAJFAULT), 1);
	CU_ASSERT_EQUAL(s.w.k->slot[slot].map, 0);
	shm_release(&s);
}

/* Slots beside it are read ahead, whoever's they are, and those of hits are counted for the machine. */
static void test_readahead_is_by_slots(void)
{
	struct shm s;

	shm_init(&s, (struct world_size){ .release = "6.18", .device = "nvme-client" });
	s.w.k->config.page_cluster = 3;
	for (u32 page = 0; page < 16; page++)
		shm_write(&s, 0, page * 20);
	for (u32 page = 0; page < 16; page++)
		shm_pageout(&s, page * 20, 1);
	world_idle(&s.w, 20);
	for (u32 page = 0; page < 16; page++)
		shm_pageout(&s, page * 20, 1);
	RUN(&s.w, try_to_free_pages, .start = 0);
	world_idle(&s.w, 20);
	CU_ASSERT_EQUAL(counted(&s.w, PSWPOUT), 16);
	shm_read(&s, 0, 0);
	CU_ASSERT(counted(&s.w, SWAP_RA) > 0);
	world_idle(&s.w, 20);
	shm_read(&s, 0, 40);
	CU_ASSERT_EQUAL(counted(&s.w, SWAP_RA_HIT), 1);
	CU_ASSERT_EQUAL(s.w.k->swap->ra_hits, 1);
	shm_sound(&s);
	shm_release(&s);
}

/* References of several processes count together. */
static void test_used_by_two_is_active(void)
{
	struct shm s;
	u32 folio;

	shm_init(&s, (struct world_size){ 0 });
	shm_write(&s, 0, 5);
	shm_read(&s, 1, 5);
	world_drain(&s.w, 0);
	folio = shm_folio(&s, 5);
	CU_ASSERT_EQUAL(RUN(&s.w, folio_referenced, .folio = folio), 2);
	CU_ASSERT_EQUAL(RUN(&s.w, folio_referenced, .folio = folio), 0);
	shm_read(&s, 1, 5);
	CU_ASSERT_EQUAL(RUN(&s.w, folio_referenced, .folio = folio), 1);
	CU_ASSERT_EQUAL(shm_pageout(&s, 5, 1), 0); /* MADV_PAGEOUT leaves what others have mapped, too */
	CU_ASSERT(shm_flags(&s, 0, 5) & PTE_PRESENT);
	shm_sound(&s);
	shm_release(&s);
}

static void test_segment_outlives_its_processes(void)
{
	struct shm s;

	shm_init(&s, (struct world_size){ 0 });
	for (u32 page = 0; page < 40; page++)
		shm_write(&s, page & 1, page);
	shm_pageout(&s, 0, 1);
	RUN(&s.w, exit_mmap, .mm = 0);
	RUN(&s.w, exit_mmap, .mm = 1);
	CU_ASSERT_EQUAL(s.w.k->mm[0].shmem_pages, 0);
	CU_ASSERT_EQUAL(s.w.k->mm[1].shmem_pages, 0);
	CU_ASSERT_EQUAL(s.w.k->mm[SHM_SEGMENT].anon_pages, 39);
	CU_ASSERT_EQUAL(s.w.k->mm[SHM_SEGMENT].swap_ents, 1);
	shm_sound(&s);
	shm_read(&s, 1, 7);
	CU_ASSERT_EQUAL(s.w.k->page_version[shm_index(&s, 7)], 1); /* what was written is known */
	shm_sound(&s);
	shm_release(&s);
}

static void test_next_process_has_it(void)
{
	struct shm s;

	shm_init(&s, (struct world_size){ 0 });
	shm_write(&s, 0, 7);
	RUN(&s.w, exit_mmap, .mm = 1);
	RUN(&s.w, exec_mmap, .mm = 1);
	shm_read(&s, 1, 7);
	CU_ASSERT_EQUAL(s.w.k->folio[shm_folio(&s, 7)].mapcount, 2);
	shm_sound(&s);
	shm_release(&s);
}

static void test_device_goes_away(void)
{
	static const char *const releases[] = { "6.12", "6.17" };

	for (u32 i = 0; i < ARRAY_SIZE(releases); i++) {
		struct shm s;

		shm_init(&s, (struct world_size){ .release = releases[i], .devices = 2, .slots = 20 });
		for (u32 page = 0; page < 30; page++)
			shm_write(&s, 0, page);
		shm_pageout(&s, 0, 30);
		CU_ASSERT_EQUAL(s.w.k->device[0].inuse, 20);
		CU_ASSERT_EQUAL(RUN(&s.w, shmem_unuse, .device = 0), PATH_OK);
		for (u32 page = 0; page < 30; page++)
			CU_ASSERT(shm_folio(&s, page) || device_of(s.w.k, shm_slot(&s, page))->number == 1);
		CU_ASSERT_EQUAL(s.w.k->mm[SHM_SEGMENT].anon_pages, 20);
		CU_ASSERT_EQUAL(s.w.k->count[0][PGMAJFAULT], 0); /* nobody's fault */
		shm_sound(&s);
		shm_release(&s);
	}
}

static void test_hole(void)
{
	struct shm s;
	u32 slot;

	shm_init(&s, (struct world_size){ 0 });
	for (u32 page = 0; page < 10; page++)
		shm_write(&s, 0, page);
	shm_pageout(&s, 2, 2);
	shm_read(&s, 1, 5);
	slot = shm_slot(&s, 3);
	CU_ASSERT_FATAL(slot != 0);
	shm_punch(&s, 3, 4);
	CU_ASSERT_EQUAL(swap_count(s.w.k, slot), 0);
	for (u32 page = 0; page < 10; page++)
		CU_ASSERT_EQUAL(shm_folio(&s, page) || shm_slot(&s, page), page < 3 || page > 6);
	for (u32 page = 3; page < 7; page++) {
		CU_ASSERT_EQUAL(shm_flags(&s, SHM_SEGMENT, page), 0);
		CU_ASSERT_EQUAL(shm_flags(&s, 0, page), PTE_FILE);
		CU_ASSERT_EQUAL(shm_flags(&s, 1, page), PTE_FILE);
	}
	CU_ASSERT_EQUAL(s.w.k->memcg[1].shmem, 5);
	CU_ASSERT_EQUAL(s.w.k->memcg[1].swap_usage, 1);
	shm_sound(&s);
	shm_write(&s, 1, 5);
	CU_ASSERT(shm_folio(&s, 5) != 0);
	shm_sound(&s);
	shm_release(&s);
}

/* Two tasks at faults, reclaim and holes. */
static void mix(const char *release, const char *device, u32 seed)
{
	struct shm s;
	struct machine *m;
	u64 random = seed;

	shm_init(&s, (struct world_size){ .release = release,
					  .device = device,
					  .pages = 24,
					  .slots = 40,
					  .per_cluster = 16,
					  .per_table = 8,
					  .memory = 400,
					  .min = 4,
					  .space_clusters = 1,
					  .preemption = PREEMPT_FULL });
	m = &s.w.k->machine;
	m->config.check_invariants = 1;
	for (u32 i = 0; i < 60; i++) {
		for (u32 cpu = 0; cpu < 2; cpu++) {
			u32 page, what;

			random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
			page = (u32)(random >> 33) % 24;
			what = random >> 40 & 15;
			if (what == 0)
				ADD_ON(&s.w, cpu, shmem_punch_hole, .page = shm_page(&s, cpu, page),
				       .count = MIN(3, 24 - page));
			else if (what < 3)
				ADD_ON(&s.w, cpu, madvise_pageout, .page = shm_page(&s, cpu, page),
				       .count = MIN(8, 24 - page));
			else if (what < 6)
				ADD_ON(&s.w, cpu, try_to_free_mem_cgroup_pages, .memcg = 1, .nr_pages = 4);
			else
				ADD_ON(&s.w, cpu, handle_mm_fault, .page = shm_page(&s, cpu, page),
				       .write = what & 1);
		}
		CU_ASSERT_FATAL(machine_run(m, TIME_NEVER - 1, NULL));
	}
	CU_ASSERT(counted(&s.w, PSWPOUT) > 0);
	CU_ASSERT(counted(&s.w, PGMAJFAULT) > 0);
	shm_sound(&s);
	shm_release(&s);
}

static void test_random_mix(void)
{
	static const char *const releases[] = { "6.12", "6.14", "6.17", "6.18" };

	for (u32 i = 0; i < ARRAY_SIZE(releases); i++) {
		for (u32 seed = 1; seed < 8; seed++) {
			mix(releases[i], "zram-lz4", seed);
			mix(releases[i], "nvme-client", seed);
		}
	}
}

/* 73 bytes of a page of 4096 for each of 64 indices: a page of nodes for 449 of them. */
static void test_index_takes_memory(void)
{
	struct shm s;

	shm_init(&s, (struct world_size){ .pages = 1000, .memcgs = 3, .flat = true });
	for (u32 page = 0; page < 448; page++)
		shm_write(&s, 0, page);
	CU_ASSERT_EQUAL(s.w.k->mm[SHM_SEGMENT].overhead_pages, 0);
	shm_write(&s, 0, 448);
	CU_ASSERT_EQUAL(s.w.k->mm[SHM_SEGMENT].overhead_pages, 1);
	CU_ASSERT_EQUAL(s.w.k->mm[SHM_SEGMENT].memcg, 1);
	for (u32 page = 0; page < 960; page++)
		shm_write(&s, 1, page);
	CU_ASSERT_EQUAL(s.w.k->mm[SHM_SEGMENT].nodes, 15);
	CU_ASSERT_EQUAL(s.w.k->mm[SHM_SEGMENT].overhead_pages, 1); /* the other cgroup pays for none */
	shm_sound(&s);
	shm_release(&s);
	shm_init(&s, (struct world_size){ .pages = 449 }); /* the last node is one, too */
	for (u32 page = 0; page < 449; page++)
		shm_write(&s, 0, page);
	CU_ASSERT_EQUAL(s.w.k->mm[SHM_SEGMENT].nodes, 8);
	CU_ASSERT_EQUAL(s.w.k->mm[SHM_SEGMENT].overhead_pages, 1);
	shm_punch(&s, 448, 1);
	shm_write(&s, 0, 448); /* it was there */
	CU_ASSERT_EQUAL(s.w.k->mm[SHM_SEGMENT].nodes, 8);
	shm_sound(&s);
	shm_release(&s);
}

/* Without any swap a large folio is not even split. */
static void test_no_swap(void)
{
	struct shm s;

	shm_init(&s, (struct world_size){ .max_order = 2, .per_table = 16 });
	s.mm[SHM_SEGMENT].huge_order = 2;
	shm_write(&s, 0, 4);
	CU_ASSERT_EQUAL(RUN(&s.w, swapoff, .device = 0), PATH_OK);
	CU_ASSERT_EQUAL(shm_pageout(&s, 4, 4), 0);
	CU_ASSERT_EQUAL(folio_order(s.w.k, shm_folio(&s, 4)), 2);
	CU_ASSERT_EQUAL(s.w.k->count[0][MTHP_16_SPLIT], 0);
	CU_ASSERT(s.w.k->folio[shm_folio(&s, 4)].flags & FOLIO_DIRTY);
	shm_sound(&s);
	shm_release(&s);
}

/* A hole that begins in one large folio and ends in another is written to both; what is not in it is not. */
static void test_hole_across_two(void)
{
	struct shm s;
	u32 before[8];

	shm_init(&s, (struct world_size){ .max_order = 2, .per_table = 16 });
	s.mm[SHM_SEGMENT].huge_order = 2;
	shm_write(&s, 0, 4);
	shm_write(&s, 0, 8);
	for (u32 i = 0; i < 8; i++) {
		s.w.k->pte_flags[shm_page(&s, 0, 4 + i)] &= ~PTE_DIRTY;
		before[i] = s.w.k->page_version[shm_index(&s, 4 + i)];
	}
	shm_punch(&s, 6, 4);
	for (u32 i = 0; i < 8; i++)
		CU_ASSERT_EQUAL(s.w.k->page_version[shm_index(&s, 4 + i)] != before[i], i >= 2 && i < 6);
	shm_sound(&s);
	shm_release(&s);
}

/* Who holds a page that was truncated has nothing to write. */
static void test_hole_under_a_held_page(void)
{
	struct shm s;
	u32 folio;

	shm_init(&s, (struct world_size){ 0 });
	shm_write(&s, 0, 4);
	world_drain(&s.w, 0);
	folio = shm_folio(&s, 4);
	s.w.k->folio[folio].refs++;
	shm_punch(&s, 4, 1);
	CU_ASSERT_FALSE(s.w.k->folio[folio].flags & (FOLIO_DIRTY | FOLIO_SHMEM));
	RUN(&s.w, folio_put, .folio = folio);
	shm_sound(&s);
	shm_release(&s);
}

/* zswap does not want the page, and it may not be written: from 6.17 on it is put back where it was. */
static void test_takes_back(void)
{
	static const char *const kernels[] = { "6.14", "6.17", "7.2" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct shm s;

		shm_init_with(&s,
			      (struct world_size){
				  .release = kernels[i], .corpus = "incompressible", .device = "disk" },
			      true);
		shm_write(&s, 0, 4);
		world_drain(&s.w, 0);
		s.w.k->zswap_memcg[1].writeback = 0;
		CU_ASSERT_EQUAL(shm_pageout(&s, 4, 1), 0);
		CU_ASSERT_EQUAL(shm_folio(&s, 4) != 0, i > 0);
		CU_ASSERT_EQUAL(shm_slot(&s, 4) != 0, i == 0);
		if (i) {
			CU_ASSERT_EQUAL(s.w.k->device[0].inuse, 0);
			CU_ASSERT_EQUAL(s.w.k->folio[shm_folio(&s, 4)].flags &
					    (FOLIO_DIRTY | FOLIO_SWAPCACHE),
					FOLIO_DIRTY);
		}
		shm_release(&s);
	}
}

/* What was written is in no other place. */
static void test_dirty_page_is_not_dropped(void)
{
	struct shm s;
	u32 folio;

	shm_init(&s, (struct world_size){ 0 });
	shm_write(&s, 0, 4);
	world_drain(&s.w, 0);
	folio = shm_folio(&s, 4);
	RUN(&s.w, madvise_dontneed, .page = shm_page(&s, 0, 4), .count = 1);
	s.w.k->folio[folio].refs++;
	CU_ASSERT_EQUAL(s.w.k->folio[folio].refs, 2);
	CU_ASSERT(s.w.k->folio[folio].flags & FOLIO_DIRTY);
	CU_ASSERT_EQUAL(RUN(&s.w, remove_mapping, .folio = folio), 0);
	CU_ASSERT_EQUAL(shm_folio(&s, 4), folio);
	s.w.k->folio[folio].refs--;
	shm_release(&s);
}

static const struct unit tests[] = {
	{ "what one process writes, the other has; who touched it first pays",
	  test_write_of_one_is_read_by_other },
	{ "a read maps what is there around it, a write does not", test_read_maps_what_is_around },
	{ "a page that was never written is dropped, and leaves a hole", test_unwritten_page_is_dropped },
	{ "a page goes to swap and comes back on every release", test_swap_out_and_in },
	{ "who finds the slot claimed looks again until the page is there", test_bypass_from_6_14_on },
	{ "readahead is by slots", test_readahead_is_by_slots },
	{ "a page that two processes used was used twice", test_used_by_two_is_active },
	{ "a segment outlives its processes", test_segment_outlives_its_processes },
	{ "so has the next process in its address space", test_next_process_has_it },
	{ "what is on a device that goes away comes back", test_device_goes_away },
	{ "a hole is empty in memory, in swap and in all mappings", test_hole },
	{ "the nodes of its index take memory", test_index_takes_memory },
	{ "everything holds at every step of a random mix", test_random_mix },
	{ "without swap nothing is split", test_no_swap },
	{ "a hole is written to the folios at its ends", test_hole_across_two },
	{ "a page that is truncated is clean", test_hole_under_a_held_page },
	{ "what zswap refuses and may not be written is taken back", test_takes_back },
	{ "what was written is not dropped", test_dirty_page_is_not_dropped },
};

UNIT_MAIN("shmem", tests)
