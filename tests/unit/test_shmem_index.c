/*
 * Shared memory: what an index takes, how a large folio is mapped, and faults that get less than they asked
 * for or come second.
 */
#include "models/cpu.h"
#include "models/mm/memcg.h"
#include "models/mm/memory.h"
#include "models/swap/zswap.h"
#include "sim/percpu_ref.h"
#include "tests/unit/shmem_world.h"

enum { ORDER = 2, NR = 1u << ORDER, FIRST = 8, ENTRY = 64, OTHER = 128 };

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

/* A folio that is nobody's. */
static u32 new_folio(struct shm *s, u32 order)
{
	u32 folio = folio_alloc(s->w.k, order, 0);

	CU_ASSERT_FATAL(folio != 0);
	s->w.k->folio[folio].flags |= FOLIO_UNSEEN;
	return folio;
}

/* ---- what an index takes ---- */

static void test_makes_way(void)
{
	enum { VERIFIED = 1, NOT = 2, EITHER = VERIFIED | NOT };
	static const struct {
		u32 order[NR], has[NR]; /* of the entries at the four indices; 0: none */
		u32 folio, entry;
		u32 taken; /* with and without shmem-verify-before-split */
	} as[] = {
		{ { 0 }, { 0 }, ORDER, 0, EITHER },
		{ { 0 }, { 0, OTHER }, ORDER, 0, 0 },
		{ { 0 }, { 0 }, ORDER, ENTRY, 0 },
		{ { ORDER }, { ENTRY }, ORDER, ENTRY, EITHER },
		{ { ORDER }, { OTHER }, ORDER, ENTRY, 0 },
		{ { ORDER }, { ENTRY }, 0, ENTRY, NOT }, /* with the rest of a large one, which is lost */
		{ { 0 }, { ENTRY, ENTRY + 1, ENTRY + 2, ENTRY + 3 }, ORDER, ENTRY, VERIFIED },
		{ { 0 }, { ENTRY, ENTRY + 1, OTHER, ENTRY + 3 }, ORDER, ENTRY, 0 },
		{ { 0 }, { ENTRY, OTHER }, ORDER, ENTRY, 0 },
		{ { 0 }, { ENTRY }, ORDER, ENTRY, NOT },
		{ { 0 }, { 0, ENTRY }, 0, 0, EITHER },
	};

	for (u32 i = 0; i < 2 * ARRAY_SIZE(as); i++) {
		u32 row = i / 2, verified = i % 2, folio, base;
		struct shm s;
		bool taken;

		init_on(&s, verified ? "6.17" : "6.14", "zram-lz4");
		base = shm_index(&s, FIRST);
		for (u32 p = 0; p < NR; p++)
			if (as[row].has[p])
				index_store_entry(s.w.k, base + p, as[row].order[p], as[row].has[p]);
		folio = new_folio(&s, as[row].folio);
		taken = index_store_folio(s.w.k, folio, base, as[row].entry);
		CU_ASSERT_EQUAL(taken, as[row].taken >> !verified & 1);
		CU_ASSERT_EQUAL(shm_folio(&s, FIRST) == folio, taken);
		if (taken) /* a large one is seen page by page */
			CU_ASSERT_EQUAL(!!(s.w.k->folio[folio].flags & FOLIO_UNSEEN), as[row].folio > 0);
		shm_release(&s);
	}
}

/* A folio that fills a leaf of the index has no use for it. */
static void test_leaves(void)
{
	static const struct {
		u32 order, nodes;
	} as[] = { { 5, 1 }, { 6, 0 } };

	for (u32 i = 0; i < ARRAY_SIZE(as); i++) {
		struct shm s;

		shm_init(&s, (struct world_size){ .pages = 1024, .max_order = 6 });
		CU_ASSERT(index_store_folio(s.w.k, new_folio(&s, as[i].order), shm_index(&s, 64), 0));
		CU_ASSERT_EQUAL(s.w.k->mm[SHM_SEGMENT].nodes, as[i].nodes);
		shm_release(&s);
	}
}

/* Pages count in the cgroups above theirs, too. */
static void test_counts_upwards(void)
{
	struct shm s;

	shm_init(&s, (struct world_size){ .memcgs = 3 });
	shm_write(&s, 1, 5);
	for (u32 memcg = 0; memcg < 3; memcg++)
		CU_ASSERT_EQUAL(s.w.k->memcg[memcg].shmem, 1);
	shm_punch(&s, 5, 1);
	for (u32 memcg = 0; memcg < 3; memcg++)
		CU_ASSERT_EQUAL(s.w.k->memcg[memcg].shmem, 0);
	shm_release(&s);
}

/* ---- mappings ---- */

/* Who maps less than the whole segment. */
static void test_short_mapping(void)
{
	enum { SHORT = 10 };

	for (u32 write = 0; write < 2; write++) {
		struct shm s;

		init_on(&s, "6.18", "zram-lz4");
		vma_of(s.w.k, shm_page(&s, 1, 0))->pages = SHORT;
		s.mm[SHM_SEGMENT].huge_order = ORDER;
		shm_write(&s, 0, FIRST);
		CU_ASSERT_EQUAL(folio_order(s.w.k, shm_folio(&s, FIRST)), ORDER);
		shm_access(&s, 1, FIRST + 1, write);
		CU_ASSERT_EQUAL(s.w.k->mm[1].shmem_pages, write ? 1 : SHORT - FIRST);
		for (u32 page = SHORT; page < 16; page++)
			CU_ASSERT_FALSE(shm_flags(&s, 1, page) & PTE_PRESENT);
		shm_punch(&s, FIRST, NR);
		shm_write(&s, 1, FIRST + 1); /* what lies beyond its end is not made */
		CU_ASSERT_EQUAL(folio_order(s.w.k, shm_folio(&s, FIRST + 1)), 0);
		shm_release(&s);
	}
}

/* A folio that does not fit into a page table, or is mapped in part already, is mapped page by page. */
static void test_mapped_in_part(void)
{
	struct shm s;

	shm_init(&s, (struct world_size){ .max_order = 3, .per_table = 4, .pages = 64 });
	s.mm[SHM_SEGMENT].huge_order = 3;
	shm_write(&s, 0, FIRST + 1);
	CU_ASSERT_EQUAL(folio_order(s.w.k, shm_folio(&s, FIRST)), 3);
	CU_ASSERT_EQUAL(s.w.k->mm[0].shmem_pages, 1);
	shm_sound(&s);
	shm_release(&s);
	init_on(&s, "6.18", "zram-lz4");
	s.mm[SHM_SEGMENT].huge_order = ORDER;
	shm_write(&s, 0, FIRST);
	RUN(&s.w, madvise_dontneed, .page = shm_page(&s, 0, FIRST + 2), .count = 1);
	CU_ASSERT_EQUAL(s.w.k->mm[0].shmem_pages, NR - 1);
	shm_write(&s, 0, FIRST + 2);
	CU_ASSERT_EQUAL(s.w.k->mm[0].shmem_pages, NR);
	CU_ASSERT_EQUAL(folio_mapcount(s.w.k, shm_folio(&s, FIRST)), NR);
	shm_sound(&s);
	shm_release(&s);
}

/* What was written through a mapping is known to the folio when that is gone. */
static void test_unmapped_dirty(void)
{
	for (u32 written = 0; written < 2; written++) {
		struct shm s;
		u32 folio;

		shm_init(&s, (struct world_size){ 0 });
		shm_read(&s, 0, 4);
		folio = shm_folio(&s, 4);
		CU_ASSERT_FALSE(s.w.k->folio[folio].flags & FOLIO_DIRTY);
		if (written)
			shm_write(&s, 0, 4);
		RUN(&s.w, madvise_dontneed, .page = shm_page(&s, 0, 4), .count = 1);
		CU_ASSERT_EQUAL(!!(s.w.k->folio[folio].flags & FOLIO_DIRTY), written);
		shm_release(&s);
	}
}

/* ---- faults that get less ---- */

/* Who may not reclaim for a large folio takes a page, for which he may. */
static void test_falls_back(void)
{
	struct shm s;

	shm_init(&s, (struct world_size){ .limit = 6, .max_order = 4, .per_table = 16, .pages = 64 });
	for (u32 page = 0; page < 4; page++)
		shm_write(&s, 0, page);
	world_drain(&s.w, 0);
	s.mm[SHM_SEGMENT].huge_order = ORDER;
	s.w.k->config.thp.defrag = THP_DEFRAG_NEVER;
	shm_write(&s, 0, FIRST);
	CU_ASSERT_EQUAL(folio_order(s.w.k, shm_folio(&s, FIRST)), 0);
	CU_ASSERT_EQUAL(counted(&s.w, PGSTEAL), 0);
	CU_ASSERT(shm_folio(&s, FIRST) != 0);
	CU_ASSERT(shm_flags(&s, 0, FIRST) & PTE_PRESENT);
	shm_sound(&s);
	shm_release(&s);
}

/* Who wants what there is, and nothing new. */
static void test_nothing_new(void)
{
	struct shm s;

	shm_init(&s, (struct world_size){ 0 });
	CU_ASSERT_EQUAL(
	    RUN(&s.w, shmem_get_folio, .page = shm_index(&s, 4), .fault = shm_page(&s, 0, 4), .noalloc = 1),
	    0);
	CU_ASSERT_EQUAL(shm_folio(&s, 4), 0);
	shm_release(&s);
}

/* All pages of a large folio are cleared; the first is part of what a fault takes. */
static void test_clearing_takes_time(void)
{
	struct cpu_profile slow;
	struct shm s;
	u64 began;

	init_on(&s, "6.18", "zram-lz4");
	s.mm[SHM_SEGMENT].huge_order = ORDER;
	slow = *s.w.k->cpu_profile;
	slow.clear_page_ns = 1000000;
	s.w.k->cpu_profile = &slow;
	began = s.w.k->machine.now;
	shm_read(&s, 0, FIRST);
	CU_ASSERT_EQUAL((s.w.k->machine.now - began) / slow.clear_page_ns, NR - 1);
	shm_release(&s);
}

/* ---- from swap ---- */

/* Pages FIRST to FIRST + 3 are in slots in a row, and their index says that this is one entry. */
static u32 large_entry(struct shm *s)
{
	u32 page = 0, slot = 0;

	for (; (slot + 1) % NR || !slot; page++) { /* so that the next slots are in line */
		CU_ASSERT_FATAL(page < FIRST);
		shm_write(s, 0, page);
		shm_pageout(s, page, 1);
		slot = shm_slot(s, page);
	}
	for (u32 i = 0; i < NR; i++) {
		shm_write(s, 0, FIRST + i);
		shm_pageout(s, FIRST + i, 1);
	}
	world_idle(&s->w, 20);
	slot = shm_slot(s, FIRST);
	CU_ASSERT_EQUAL_FATAL(slot % NR, 0);
	for (u32 i = 0; i < NR; i++) {
		CU_ASSERT_EQUAL_FATAL(shm_slot(s, FIRST + i), slot + i);
		s->w.k->index_order[shm_index(s, FIRST + i)] = ORDER;
	}
	return slot;
}

/* A synchronous device is read as a whole, unless zswap may have part of it, or it cannot be charged. */
static void test_comes_back_as_it_can(void)
{
	static const char *const kernels[] = { "6.17", "6.18", "7.0", "7.2" };

	for (u32 i = 0; i < 3 * ARRAY_SIZE(kernels); i++) {
		struct world_size size = { .release = kernels[i / 3],
					   .max_order = 4,
					   .per_cluster = 16,
					   .per_table = 16,
					   .space_clusters = 4,
					   .pages = 64 };
		u32 how = i % 3, expected = how ? 0 : ORDER;
		struct shm s;

		shm_init_with(&s, size, how == 1);
		large_entry(&s);
		if (how == 2) {
			memcg_drain_stocks(s.w.k, 1);
			s.w.k->memcg[1].max = s.w.k->memcg[1].usage + NR - 1;
			s.w.k->config.thp.defrag = THP_DEFRAG_NEVER;
		}
		shm_read(&s, 0, FIRST + 1);
		CU_ASSERT_FATAL(shm_folio(&s, FIRST + 1) != 0);
		CU_ASSERT_EQUAL(folio_order(s.w.k, shm_folio(&s, FIRST + 1)), expected);
		CU_ASSERT_EQUAL(shm_folio(&s, FIRST + 2) != 0, expected > 0);
		CU_ASSERT_EQUAL(s.w.k->folio_io[shm_folio(&s, FIRST + 1)].swap, 0);
		CU_ASSERT_EQUAL(s.w.k->latency[LATENCY_MAJOR_FAULT].count, 1);
		CU_ASSERT_EQUAL(counted(&s.w, PGSCAN), 0);
		shm_sound(&s);
		shm_release(&s);
	}
}

/* What is lost to who was faster is as large as it was to be; then a page is tried, and that, too. */
static void test_wasted(void)
{
	struct shm s;
	u32 a, b;

	init_on(&s, "6.17", "zram-lz4");
	large_entry(&s);
	world_by_hand(&s.w);
	a = ADD_ON(&s.w, 0, handle_mm_fault, .page = shm_page(&s, 0, FIRST));
	b = ADD_ON(&s.w, 1, handle_mm_fault, .page = shm_page(&s, 1, FIRST + 1));
	CU_ASSERT(world_step_to(&s.w, b, "alloc_charged_folio.ALLOC"));
	CU_ASSERT(world_step_to(&s.w, a, "zram_read_page.DECOMPRESS"));
	CU_ASSERT(world_step_to(&s.w, b, "shmem_get_folio.LOOKUP"));
	CU_ASSERT_EQUAL(counted(&s.w, SWAPIN_RACES), 2);
	CU_ASSERT_EQUAL(counted(&s.w, SWAPIN_WASTED_PAGES), NR + 1);
	CU_ASSERT(world_step_to(&s.w, a, NULL));
	CU_ASSERT(world_step_to(&s.w, b, NULL));
	CU_ASSERT_EQUAL(s.w.k->latency[LATENCY_MAJOR_FAULT].count, 1);
	shm_release(&s);
}

/* Up to 6.13 synchronous devices are read into the swap cache, too, and an entry is split once. */
static void test_read_into_cache(void)
{
	struct shm s;
	u32 slot, task, lookups = 0;

	init_on(&s, "6.12", "zram-lz4");
	slot = large_entry(&s);
	world_by_hand(&s.w);
	task = ADD_ON(&s.w, 0, handle_mm_fault, .page = shm_page(&s, 0, FIRST + 2));
	while (!world_is_at(&s.w, task, "zram_read_page.DECOMPRESS")) {
		lookups += world_is_at(&s.w, task, "shmem_get_folio.LOOKUP");
		CU_ASSERT_FATAL(world_step(&s.w, task));
	}
	CU_ASSERT(word_folio(s.w.k->slot[slot + 2].cache) != 0);
	while (world_step(&s.w, task))
		lookups += world_is_at(&s.w, task, "shmem_get_folio.LOOKUP");
	CU_ASSERT_EQUAL(lookups, 1);
	CU_ASSERT(shm_folio(&s, FIRST + 2) != 0);
	shm_release(&s);
}

/* Who has read a page, and finds that another has taken it into the index, has had a major fault. */
static void test_major_though_second(void)
{
	struct shm s;
	u32 a, b;

	shm_init(&s, (struct world_size){ .release = "6.12" });
	shm_write(&s, 0, 5);
	shm_pageout(&s, 5, 1);
	world_by_hand(&s.w);
	a = ADD_ON(&s.w, 0, handle_mm_fault, .page = shm_page(&s, 0, 5));
	b = ADD_ON(&s.w, 1, handle_mm_fault, .page = shm_page(&s, 1, 5));
	CU_ASSERT(world_step_to(&s.w, a, "shmem_swapin_folio.LOCK_FOLIO"));
	CU_ASSERT(world_step_to(&s.w, b, NULL));
	CU_ASSERT(shm_folio(&s, 5) != 0);
	CU_ASSERT_EQUAL(s.w.k->latency[LATENCY_MAJOR_FAULT].count, 0);
	CU_ASSERT(world_step_to(&s.w, a, NULL));
	CU_ASSERT_EQUAL(s.w.k->latency[LATENCY_MAJOR_FAULT].count, 1);
	CU_ASSERT_EQUAL(counted(&s.w, PGMAJFAULT), 1);
	shm_release(&s);
}

/* From 7.0 on who comes second takes what the first one has put into the swap cache. */
static void test_second_takes_it(void)
{
	static const char *const kernels[] = { "7.0", "7.1", "7.2" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct shm s;
		u32 a, b;

		shm_init(&s, (struct world_size){ .release = kernels[i] });
		shm_write(&s, 0, 5);
		shm_pageout(&s, 5, 1);
		world_by_hand(&s.w);
		a = ADD_ON(&s.w, 0, handle_mm_fault, .page = shm_page(&s, 0, 5));
		b = ADD_ON(&s.w, 1, handle_mm_fault, .page = shm_page(&s, 1, 5));
		CU_ASSERT(world_step_to(&s.w, b, "alloc_charged_folio.ALLOC"));
		CU_ASSERT(world_step_to(&s.w, a, "zram_read_page.DECOMPRESS"));
		while (world_step(&s.w, b))
			CU_ASSERT_FALSE(world_is_at(&s.w, b, "shmem_get_folio.LOOKUP"));
		CU_ASSERT(world_step_to(&s.w, a, NULL));
		CU_ASSERT(world_step_to(&s.w, b, NULL));
		CU_ASSERT_EQUAL(s.w.k->folio[shm_folio(&s, 5)].mapcount, 2);
		CU_ASSERT_EQUAL(s.w.k->folio[shm_folio(&s, 5)].refs, 4); /* two, the cache's, a batch's */
		shm_release(&s);
	}
}

/* ---- who waits ---- */

/* For a page of the working set that is read: that is a stall. Of one in the index, or in the swap cache. */
static void test_stall(void)
{
	for (u32 i = 0; i < 4; i++) {
		bool cached = i & 1, workingset = i & 2;
		struct shm s;
		u32 folio, task;

		shm_init(&s, (struct world_size){ .device = "nvme-client" });
		shm_write(&s, 0, 5);
		folio = shm_folio(&s, 5);
		if (cached)
			shm_pageout(&s, 5, 1);
		s.w.k->folio[folio].flags &= ~(FOLIO_UPTODATE | FOLIO_WORKINGSET);
		s.w.k->folio[folio].flags |= workingset ? FOLIO_WORKINGSET : 0;
		s.w.k->folio_io[folio].lock = BIT_LOCK_NOBODY;
		world_by_hand(&s.w);
		task = ADD_ON(&s.w, 1, handle_mm_fault, .page = shm_page(&s, 1, 5), .write = 1);
		CU_ASSERT(world_step_to(&s.w, task,
					cached ? "shmem_swapin_folio.LOCK_FOLIO" : "shmem_get_folio.LOCK"));
		CU_ASSERT_EQUAL(!!(s.w.k->machine.task[task].flags & PF_MEMSTALL_MASK), workingset);
		CU_ASSERT_EQUAL(s.w.k->count[0][FOLIO_LOCK_WAITS], 1);
		bit_lock_release(&s.w.k->machine, &s.w.k->folio_io[folio].lock);
		while (world_is_at(&s.w, task,
				   cached ? "shmem_swapin_folio.LOCK_FOLIO" : "shmem_get_folio.LOCK"))
			CU_ASSERT_FATAL(world_step(&s.w, task));
		CU_ASSERT_FALSE(s.w.k->machine.task[task].flags & PF_MEMSTALL_MASK);
		shm_release(&s);
	}
}

/* ---- taken back ---- */

/* zswap does not want it, and meanwhile it is truncated: then there is nothing to take back. */
static void test_truncated_before_taken_back(void)
{
	static const char *const kernels[] = { "6.17", "7.0", "7.2" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct shm s;
		u32 out, hole;

		shm_init_with(&s,
			      (struct world_size){
				  .release = kernels[i], .corpus = "incompressible", .device = "disk" },
			      true);
		shm_write(&s, 0, 4);
		world_drain(&s.w, 0);
		s.w.k->zswap_memcg[1].writeback = 0;
		world_by_hand(&s.w);
		out = ADD_ON(&s.w, 0, madvise_pageout, .page = shm_page(&s, 0, 4), .count = 1);
		CU_ASSERT(world_step_to(&s.w, out, "shmem_writeout.LOCK_BACK"));
		CU_ASSERT(shm_slot(&s, 4) != 0);
		hole = ADD_ON(&s.w, 1, shmem_punch_hole, .page = shm_page(&s, 1, 4), .count = 1);
		CU_ASSERT(world_step_to(&s.w, hole, NULL));
		CU_ASSERT_EQUAL(shm_slot(&s, 4), 0);
		CU_ASSERT(world_step_to(&s.w, out, NULL));
		CU_ASSERT_PTR_NULL(s.w.k->machine.failure);
		CU_ASSERT_EQUAL(shm_folio(&s, 4), 0);
		CU_ASSERT_EQUAL(s.w.k->device[0].inuse, 0);
		CU_ASSERT_EQUAL(s.w.k->memcg[1].shmem, 0);
		CU_ASSERT_EQUAL(s.w.k->memcg[1].swap_usage, 0);
		shm_release(&s);
	}
}

/* A fault whose page is truncated when it has looked at the entry gets a new one, not none. */
static void test_truncated_under_fault(void)
{
	static const char *const kernels[] = { "6.12", "6.17", "6.18", "7.0", "7.2" };
	static const char *const device[] = { "zram-lz4", "nvme-client" };

	for (u32 i = 0; i < 2 * ARRAY_SIZE(kernels); i++) {
		struct shm s;
		u32 fault, hole;

		shm_init(&s, (struct world_size){ .release = kernels[i / 2], .device = device[i % 2] });
		shm_write(&s, 0, 5);
		shm_pageout(&s, 5, 1);
		world_idle(&s.w, 20);
		RUN(&s.w, try_to_free_pages, .start = 0); /* out of the swap cache, too */
		world_by_hand(&s.w);
		fault = ADD_ON(&s.w, 0, handle_mm_fault, .page = shm_page(&s, 0, 5));
		CU_ASSERT(world_step_to(&s.w, fault, "shmem_swapin_folio.CONFIRM"));
		world_step(&s.w, fault);
		hole = ADD_ON(&s.w, 1, shmem_punch_hole, .page = shm_page(&s, 1, 5), .count = 1);
		CU_ASSERT(world_step_to(&s.w, hole, NULL));
		CU_ASSERT_EQUAL(shm_slot(&s, 5), 0);
		CU_ASSERT(world_step_to(&s.w, fault, NULL));
		CU_ASSERT(shm_flags(&s, 0, 5) & PTE_PRESENT);
		CU_ASSERT_EQUAL(counted(&s.w, PSWPIN), 0);
		shm_release(&s);
	}
}

/* Of a device that is about to be gone nothing comes; who came for another entry than there is looks again.
 */
static void test_device_is_gone(void)
{
	for (u32 other = 0; other < 2; other++) {
		struct shm s;
		u32 slot;

		shm_init(&s, (struct world_size){ .release = "6.18" });
		shm_write(&s, 0, 5);
		shm_pageout(&s, 5, 1);
		slot = shm_slot(&s, 5);
		percpu_ref_kill(&s.w.k->machine, &s.w.k->device[0].users);
		CU_ASSERT_EQUAL(RUN(&s.w, shmem_swapin_folio, .page = shm_index(&s, 5),
				    .fault = shm_page(&s, 0, 5), .entry = slot + other),
				other ? SHMEM_EEXIST : 0);
		shm_release(&s);
	}
}

static const struct unit tests[] = {
	{ "a folio takes the place of what it was read from", test_makes_way },
	{ "a leaf of the index is for what is smaller", test_leaves },
	{ "pages count in all cgroups above", test_counts_upwards },
	{ "nothing is mapped or made beyond the end of a mapping", test_short_mapping },
	{ "what cannot be mapped whole is mapped page by page", test_mapped_in_part },
	{ "what was written through a mapping is dirty", test_unmapped_dirty },
	{ "a page where a large folio is not to be had", test_falls_back },
	{ "nothing for who wants nothing new", test_nothing_new },
	{ "a large folio is cleared", test_clearing_takes_time },
	{ "a large entry comes back as it can", test_comes_back_as_it_can },
	{ "who is second loses all of what he read", test_wasted },
	{ "6.12 reads into the swap cache", test_read_into_cache },
	{ "who read it has had a major fault", test_major_though_second },
	{ "from 7.0 on the second one takes it", test_second_takes_it },
	{ "to wait for the working set is a stall", test_stall },
	{ "what is truncated meanwhile is not taken back", test_truncated_before_taken_back },
	{ "a fault on a page that is truncated meanwhile", test_truncated_under_fault },
	{ "nothing comes from a device that goes", test_device_is_gone },
};

UNIT_MAIN("indices of shared memory", tests)
