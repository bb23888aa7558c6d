/* MADV_DONTNEED and munmap(): pages and slots of a range are free at once, and nothing else is touched. */
#include "models/cpu.h"
#include "models/mm/memcg.h"
#include "models/run.h"
#include "models/swap/slot_cache.h"
#include "tests/unit/world.h"

static u32 slots_used(const struct world *w)
{
	return (u32)(w->k->swap->total_pages - (u64)w->k->swap->free_pages);
}

/* Mapped, swapped and zero pages across page tables; the answer is whether the audits agree. */
static void half_swapped(struct world *w, const char *release)
{
	world_init(w, (struct world_size){ .release = release, .per_table = 16 });
	world_write_range(w, 0, 100);
	world_read(w, 110);
	CU_ASSERT_EQUAL(world_pageout(w, 40, 20), 20);
}

static void check_range(struct world *w)
{
	char *wrong = audit(w->k);

	CU_ASSERT_PTR_NULL(wrong);
	g_free(wrong);
	for (u32 i = 0; i < 120; i++) {
		bool gone = (i >= 30 && i < 50) || i >= 100;

		CU_ASSERT_EQUAL(is_resident(w, i) || is_swapped(w, i), !gone);
	}
	CU_ASSERT_EQUAL(w->k->mm[0].anon_pages, 70);
	CU_ASSERT_EQUAL(w->k->mm[0].swap_ents, 10);
	memcg_drain_stocks(w->k, 1);
	CU_ASSERT_EQUAL(w->k->memcg[1].usage, 70);
	CU_ASSERT_EQUAL(w->k->memcg[1].swap_usage, 10);
}

static void test_dontneed(void)
{
	static const char *const kernels[] = { "6.1", "6.12", "6.14", "6.17", "6.18" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct world w;

		half_swapped(&w, kernels[i]);
		RUN(&w, madvise_dontneed, .page = page_of(&w, 30), .count = 20);
		RUN(&w, madvise_dontneed, .page = page_of(&w, 105), .count = 15);
		if (!i) /* 6.1: each slot goes to the CPU's cache */
			RUN(&w, drain_slots_cache_cpu, .cpu = 0);
		check_range(&w);
		CU_ASSERT_EQUAL(slots_used(&w), 10 + slot_caches_count(w.k));
		world_read(&w, 45); /* as if it had never been used */
		CU_ASSERT(flags_at(&w, 45) & PTE_ZERO);
		world_write(&w, 46);
		CU_ASSERT(is_resident(&w, 46));
		CU_ASSERT_EQUAL(counted(&w, PSWPIN), 0);
		world_release(&w);
	}
}

static void test_munmap(void)
{
	struct world w;

	half_swapped(&w, "6.18");
	RUN(&w, munmap, .page = page_of(&w, 30), .count = 20);
	RUN(&w, munmap, .page = page_of(&w, 105), .count = 15);
	check_range(&w);
	CU_ASSERT_EQUAL(w.k->latency[LATENCY_MUNMAP].count, 2);
	CU_ASSERT(w.k->latency[LATENCY_MUNMAP].total > 0);
	CU_ASSERT_EQUAL(w.k->mm[0].oom, 0); /* the process lives on */
	world_release(&w);
}

/* New pages of this CPU go onto their lists first, so that they are freed and not only let go of. */
static void test_batch_is_drained(void)
{
	struct world w;
	u32 folio;

	world_init(&w, (struct world_size){ 0 });
	world_write(&w, 0);
	folio = w.k->pte[page_of(&w, 0)];
	CU_ASSERT_FALSE(w.k->folio[folio].flags & FOLIO_LRU);
	RUN(&w, madvise_dontneed, .page = page_of(&w, 0), .count = 1);
	CU_ASSERT_EQUAL(w.k->folio[folio].flags, 0);
	world_release(&w);
}

static u64 time_of_one(struct world *w, bool munmap)
{
	u64 start = w->k->machine.now;

	if (munmap)
		RUN(w, munmap, .page = page_of(w, 0), .count = 1);
	else
		RUN(w, madvise_dontneed, .page = page_of(w, 0), .count = 1);
	return w->k->machine.now - start;
}

static void test_tlb_is_flushed(void)
{
	for (u32 munmap = 0; munmap < 2; munmap++) {
		struct world w;
		u64 fast;

		world_init(&w, (struct world_size){ .cpus = 1 });
		fast = time_of_one(&w, munmap);
		w.k->cpu_profile = cpu_profile_find("emulated");
		CU_ASSERT_EQUAL(time_of_one(&w, munmap) - fast, cpu_profile_find("emulated")->tlb_flush_ns -
								    cpu_profile_find("server")->tlb_flush_ns);
		world_release(&w);
	}
}

static const struct unit tests[] = {
	{ "after MADV_DONTNEED pages are as if they had never been used", test_dontneed },
	{ "after munmap they are gone, and its time is taken", test_munmap },
	{ "new pages of the CPU are freed, too", test_batch_is_drained },
	{ "the TLB is flushed", test_tlb_is_flushed },
};

UNIT_MAIN("munmap", tests)
