/* The end of an address space: nothing is left of it, and who holds a page of it frees that. */
#include "models/mm/lru.h"
#include "models/mm/memcg.h"
#include "models/run.h"
#include "models/swap/cache.h"
#include "models/swap/slot_cache.h"
#include "tests/unit/scenario_text.h"
#include "tests/unit/world.h"

static const char *const kernels[] = { "6.1", "6.12", "6.14", "6.17", "6.18" };

static void zap(struct world *w, u32 first, u32 n)
{
	RUN(w, zap_pages, .page = page_of(w, first), .end = page_of(w, first) + n);
}

static u32 slots_used(const struct world *w)
{
	return (u32)(w->k->swap->total_pages - (u64)w->k->swap->free_pages);
}

/* Mapped, swapped, zero and untouched pages in several page tables. */
static void test_nothing_left(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct world w;
		u64 free;

		world_init(&w, (struct world_size){ .release = kernels[i], .per_table = 64 });
		free = w.k->memory->free;
		world_write_range(&w, 10, 300);
		world_read(&w, 500);
		CU_ASSERT_EQUAL(world_pageout(&w, 100, 90), 90);
		CU_ASSERT_EQUAL(w.k->mm[0].anon_pages, 210);
		w.k->mm[0].overhead_pages = 5; /* as if they had been taken at the start */
		memcg_force_charge(w.k, 1, 5);
		w.k->memory->free -= 5;
		RUN(&w, exit_mmap, .mm = 0);
		if (!i) /* 6.1: each slot goes to the CPU's cache */
			RUN(&w, drain_slots_cache_cpu, .cpu = 0);
		memcg_drain_stocks(w.k, 1);
		world_idle(&w, 20); /* emptied swap tables are freed after a grace period */
		CU_ASSERT_EQUAL(w.k->mm[0].anon_pages + w.k->mm[0].swap_ents + w.k->mm[0].overhead_pages, 0);
		CU_ASSERT_EQUAL(w.k->mm[0].oom, MM_OOM_SKIP);
		for (u32 p = 0; p < 1024; p++)
			CU_ASSERT(!flags_at(&w, p) && !w.k->pte[page_of(&w, p)]);
		CU_ASSERT_EQUAL(w.k->memcg[1].usage, 0);
		CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 0);
		CU_ASSERT_EQUAL(slots_used(&w), slot_caches_count(w.k));
		CU_ASSERT_EQUAL(w.k->memory->pool_bytes, 0);
		CU_ASSERT_EQUAL(w.k->memory->free, free);
		CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON) + list_count(&w, LRU_ACTIVE_ANON), 0);
		world_release(&w);
	}
}

static void test_slots_in_a_row(void)
{
	struct world w;
	u64 before;

	world_init(&w, (struct world_size){ .per_cluster = 64, .slots = 511 });
	world_write_range(&w, 0, 100);
	CU_ASSERT_EQUAL(world_pageout(&w, 0, 100), 100);
	CU_ASSERT_EQUAL(entry_at(&w, 99), 100); /* slots 1..63 of the first cluster, 37 of the second */
	before = locks_taken(&w, CLASS_CLUSTER);
	zap(&w, 0, 100);
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_CLUSTER) - before, 2);
	CU_ASSERT_EQUAL(slots_used(&w), 0);
	world_release(&w);
}

static void test_batches_of_31(void)
{
	struct world w;
	u64 before, ptl;

	world_init(&w, (struct world_size){ 0 });
	world_write_range(&w, 0, 63);
	world_drain(&w, 0);
	before = locks_taken(&w, CLASS_LRU);
	ptl = locks_taken(&w, CLASS_PTL);
	zap(&w, 0, 63);
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_LRU) - before, 3);
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_PTL) - ptl, 3);
	world_release(&w);
}

/* Mapped from the cache, which keeps the slot: read while somebody else held the page on its way out. */
static u32 cached_page(struct world *w, u32 page)
{
	u32 folio;

	world_write(w, page);
	world_drain(w, 0);
	folio = w->k->pte[page_of(w, page)];
	w->k->folio[folio].refs++;
	CU_ASSERT_EQUAL(world_pageout(w, page, 1), 0);
	CU_ASSERT(is_swapped(w, page) && w->k->folio[folio].flags & FOLIO_SWAPCACHE);
	w->k->folio[folio].refs--;
	return folio;
}

static void test_mapped_and_cached(void)
{
	struct world w;
	u32 folio;

	world_init(&w, (struct world_size){ 0 });
	folio = cached_page(&w, 3);
	world_read(&w, 3);
	CU_ASSERT_EQUAL(w.k->pte[page_of(&w, 3)], folio);
	CU_ASSERT_EQUAL(slots_used(&w), 1);
	zap(&w, 3, 1);
	CU_ASSERT_EQUAL(slots_used(&w), 0);
	CU_ASSERT_EQUAL(w.k->folio[folio].flags, 0); /* free */
	world_release(&w);
}

static void test_swapped_and_cached(void)
{
	struct world w;
	u32 folio;

	world_init(&w, (struct world_size){ 0 });
	folio = cached_page(&w, 3);
	zap(&w, 3, 1);
	CU_ASSERT_EQUAL(slots_used(&w), 0);
	CU_ASSERT_EQUAL(w.k->folio[folio].flags, 0);
	CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON), 0);
	world_release(&w);
}

/* Somebody is at work on the page: its slot stays, until reclaim meets a page that nobody needs. */
static void test_locked_stays(void)
{
	for (u32 mapped = 0; mapped < 2; mapped++) {
		struct world w;
		u32 folio;

		world_init(&w, (struct world_size){ 0 });
		folio = cached_page(&w, 3);
		if (mapped)
			world_read(&w, 3);
		w.k->folio_io[folio].lock = 99;
		zap(&w, 3, 1);
		CU_ASSERT_EQUAL(slots_used(&w), 1);
		CU_ASSERT_EQUAL(w.k->folio[folio].refs, 1); /* the cache's */
		CU_ASSERT_EQUAL(w.k->slot[w.k->folio_io[folio].swap].map, SWAP_HAS_CACHE);
		w.k->folio_io[folio].lock = 0;
		RUN(&w, try_to_free_mem_cgroup_pages, .memcg = 1, .nr_pages = 1);
		CU_ASSERT_EQUAL(slots_used(&w), 0);
		CU_ASSERT_EQUAL(w.k->folio[folio].flags, 0);
		world_release(&w);
	}
}

static void test_held_page(void)
{
	struct world w;
	u32 folio;

	world_init(&w, (struct world_size){ 0 });
	world_write(&w, 0);
	world_drain(&w, 0);
	folio = w.k->pte[page_of(&w, 0)];
	w.k->folio[folio].refs++; /* isolated, say */
	zap(&w, 0, 1);
	CU_ASSERT_EQUAL(w.k->mm[0].anon_pages, 0);
	CU_ASSERT_EQUAL(w.k->folio[folio].memcg, 1);
	CU_ASSERT_EQUAL(w.k->folio[folio].mapcount, 0);
	CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON), 1);
	CU_ASSERT_EQUAL(RUN(&w, folio_put, .folio = folio), 1);
	CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON), 0);
	world_release(&w);
}

/* The pages of another CPU's batch go when that is drained. */
static void test_other_batch(void)
{
	struct world w;
	u32 folio;

	world_init(&w, (struct world_size){ 0 });
	world_access(&w, 1, 0, true);
	folio = w.k->pte[page_of(&w, 0)];
	zap(&w, 0, 1);
	CU_ASSERT(w.k->folio[folio].flags & FOLIO_IN_USE);
	world_drain(&w, 1);
	CU_ASSERT_EQUAL(w.k->folio[folio].flags, 0);
	memcg_drain_stocks(w.k, 1);
	CU_ASSERT_EQUAL(w.k->memcg[1].usage, 0);
	world_release(&w);
}

static void test_unstable(void)
{
	struct world w;

	world_init(&w, (struct world_size){ 0 });
	w.k->mm[0].oom = MM_UNSTABLE;
	world_write(&w, 0);
	CU_ASSERT_EQUAL(flags_at(&w, 0), 0);
	memcg_drain_stocks(w.k, 1);
	CU_ASSERT_EQUAL(w.k->memcg[1].usage, 0);
	world_release(&w);
}

/* ---- tasks ---- */

static void test_last_task(void)
{
	struct scenario *s = scenario_right(
	    "{'format':1,'name':'t','machine':{'cpus':2,'memory':'64MiB'},'cgroups':[{'name':'g'}],"
	    "'processes':[{'name':'p'}],'tasks':[{'name':'a','process':'p','cgroup':'g','workload':{'seq':{"
	    "'pages':100}}},{'name':'b','process':'p','cgroup':'g','workload':{'seq':{'pages':100,'passes':"
	    "100,"
	    "'fill':'none','think':'1us'}}}]}");
	struct build_options options = options_of(s, "6.18");
	struct kernel *k = scenario_build(s, &options, NULL);

	CU_ASSERT_EQUAL(k->mm[0].users, 2);
	CU_ASSERT(machine_run(&k->machine, 5000000, NULL));
	CU_ASSERT_EQUAL(k->machine.tasks_left, 1);
	CU_ASSERT_EQUAL(k->mm[0].users, 1);
	CU_ASSERT_EQUAL(k->mm[0].anon_pages, 100);
	CU_ASSERT(machine_run(&k->machine, TIME_NEVER - 1, NULL));
	CU_ASSERT_EQUAL(k->mm[0].users, 0);
	CU_ASSERT_EQUAL(k->mm[0].anon_pages, 0);
	CU_ASSERT_EQUAL(k->mm[0].overhead_pages, 0);
	kernel_free(k);
	scenario_free(s);
}

static void no_kill(struct kernel *k, const struct oom_kill *kill)
{
	(void)k;
	g_error("process %u was killed", kill->mm);
}

/* Several processes under both versions, with swap that only one of them at a time finds room in. */
static void test_after_a_run(void)
{
	for (u32 i = 4; i < 2 * ARRAY_SIZE(kernels); i++) { /* before: CPUs gather slots with their charges */
		char *text = g_strdup_printf(
		    "{'format':1,'name':'t','machine':{'cpus':2,'memory':'64MiB','cgroup_version':%u},"
		    "'swap':[{'device':'zram-lz4','size':'8MiB'}],'cgroups':[{'name':'g','memory.max':'60%%'}"
		    "],"
		    "'tasks':[{'name':'a','count':3,'cgroup':'g','workload':{'zipf':{'pages':700,'accesses':"
		    "3000,"
		    "'write_permille':300,'think':'1us'}}}]}",
		    1 + i % 2);
		struct scenario *s = scenario_right(text);
		struct build_options options = options_of(s, kernels[i / 2]);
		struct kernel *k = scenario_build(s, &options, NULL);
		char *wrong;

		k->on_oom_kill = no_kill;
		CU_ASSERT(machine_run(&k->machine, TIME_NEVER - 1, NULL));
		CU_ASSERT(k->count[0][PSWPIN] > 500);
		memcg_drain_stocks(k, 1);
		CU_ASSERT_EQUAL(k->memcg[1].usage + k->memcg[1].swap_usage + k->memcg[1].memsw, 0);
		CU_ASSERT_EQUAL(k->swap->free_pages, (s64)(k->swap->total_pages - slot_caches_count(k)));
		CU_ASSERT_EQUAL(k->memory->pool_bytes, 0);
		CU_ASSERT(k->memcg[1].swap_peak > 500);
		wrong = audit(k);
		CU_ASSERT_PTR_NULL(wrong);
		g_free(wrong);
		kernel_free(k);
		scenario_free(s);
		g_free(text);
	}
}

static const struct unit tests[] = {
	{ "nothing is left of a process that has ended", test_nothing_left },
	{ "slots in a row are freed under one lock of their cluster", test_slots_in_a_row },
	{ "pages are freed by as many as a batch holds", test_batches_of_31 },
	{ "a mapped page in the swap cache gives up its slot", test_mapped_and_cached },
	{ "a swapped page in the swap cache goes with its slot", test_swapped_and_cached },
	{ "a locked page keeps its slot until reclaim finds it", test_locked_stays },
	{ "a page that is held is freed by who holds it", test_held_page },
	{ "a page in another CPU's batch is freed by that", test_other_batch },
	{ "nothing is mapped where the reaper is at work", test_unstable },
	{ "the last task of a process takes its memory with it", test_last_task },
	{ "after a run all charges are zero, under both versions", test_after_a_run },
};

UNIT_MAIN("exit", tests)
