/* mem_cgroup_charge(): when it reclaims, retries, drains, gives up or goes over the limit. */
#include "models/mm/lru.h"
#include "models/cpu.h"
#include "models/mm/memcg.h"
#include "models/mm/memory.h"
#include "tests/unit/world.h"

enum { BATCH = 64 };

static u64 usage(const struct world *w)
{
	return w->k->memcg[1].usage;
}

static void test_root_is_free(void)
{
	struct world w;

	world_init(&w, (struct world_size){ 0 });
	CU_ASSERT_EQUAL(RUN(&w, mem_cgroup_charge, .memcg = 0), PATH_OK);
	CU_ASSERT_EQUAL(w.k->memcg[0].usage, 0);
	world_release(&w);
}

static void test_reclaims_at_the_limit(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .limit = 200 });
	world_write_range(&w, 0, 200);
	CU_ASSERT_EQUAL(usage(&w), 200);
	CU_ASSERT_EQUAL(counted(&w, EVENTS_MAX), 0);
	CU_ASSERT_EQUAL(counted(&w, FAILCNT), 8); /* 192 by three batches, the last eight one by one */
	world_write(&w, 200);
	CU_ASSERT_EQUAL(counted(&w, EVENTS_MAX), 1);
	CU_ASSERT_EQUAL(counted(&w, FAILCNT), 10); /* 64, 1, and after reclaim 1, which goes well */
	CU_ASSERT(counted(&w, PGSTEAL) >= 32);
	CU_ASSERT_EQUAL(usage(&w), 201 - counted(&w, PGSTEAL));
	CU_ASSERT(is_resident(&w, 200));
	CU_ASSERT_EQUAL(w.k->latency[LATENCY_RECLAIM].count, 1);
	CU_ASSERT_EQUAL(w.k->memcg[1].peak, 200);
	world_release(&w);
}

static void test_reclaims_the_level_that_is_over(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .memcgs = 3, .limit = 200 }); /* 2 is below 1 */
	world_write_range(&w, 0, 200);
	CU_ASSERT_EQUAL(RUN(&w, mem_cgroup_charge, .memcg = 2), PATH_OK);
	CU_ASSERT(counted(&w, PGSTEAL) >= 32);
	CU_ASSERT_EQUAL(counted(&w, EVENTS_MAX), 1);
	CU_ASSERT_EQUAL(w.k->count[2][EVENTS_MAX], 0);
	world_release(&w);
}

/* Nothing to reclaim, but another CPU has a stock. */
static void test_drains_once(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .limit = 100 });
	memcg_force_charge(w.k, 1, 36);
	CU_ASSERT_EQUAL(RUN_ON(&w, 1, mem_cgroup_charge, .memcg = 1), PATH_OK);
	CU_ASSERT_EQUAL(usage(&w), 100);
	CU_ASSERT_EQUAL(RUN_ON(&w, 0, mem_cgroup_charge, .memcg = 1), PATH_OK);
	CU_ASSERT_EQUAL(usage(&w), 36 + 2);
	CU_ASSERT_EQUAL(counted(&w, EVENTS_MAX), 1);
	world_release(&w);
}

static void test_success_spares_the_stocks(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .limit = 256 });
	world_fill(&w, 136); /* 192 charged */
	CU_ASSERT_EQUAL(RUN_ON(&w, 1, mem_cgroup_charge, .memcg = 1), PATH_OK);
	CU_ASSERT_EQUAL(usage(&w), 256);
	world_write_range(&w, 136, 56 + 1);
	CU_ASSERT_EQUAL(counted(&w, EVENTS_MAX), 1);
	CU_ASSERT_EQUAL(((struct percpu *)percpu_of(&w.k->machine, 1))->stock[0].pages, 63);
	world_release(&w);
}

/* Every page could go to swap, but for the limit of memory and swap together. */
static void test_memsw_without_swap(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .cgroup_version = 1, .limit = 200, .memsw_limit = 263 });
	world_write_range(&w, 0, 200);
	CU_ASSERT_EQUAL(counted(&w, EVENTS_MAX), 0);
	world_write(&w, 200); /* 64 do not fit below 263, and the page not below 200 */
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), 0);
	CU_ASSERT_EQUAL(counted(&w, EVENTS_OOM_KILL), 1);
	CU_ASSERT_EQUAL(counted(&w, EVENTS_MAX), 35);
	world_release(&w);
	world_init(&w, (struct world_size){
			   .release = "7.1", .cgroup_version = 1, .limit = 200, .memsw_limit = 263 });
	world_write_range(&w, 0, 201); /* each try decides anew there */
	CU_ASSERT(counted(&w, PSWPOUT) >= 32);
	CU_ASSERT_EQUAL(counted(&w, EVENTS_OOM_KILL), 0);
	world_release(&w);
	world_init(&w, (struct world_size){ .cgroup_version = 1, .limit = 200, .memsw_limit = 264 });
	world_write_range(&w, 0, 201);
	CU_ASSERT(counted(&w, PSWPOUT) >= 32);
	CU_ASSERT_EQUAL(counted(&w, EVENTS_OOM_KILL), 0);
	world_release(&w);
}

/* 17 more rounds after the kill, and the page is not charged. */
static void test_dying(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .limit = 10 });
	memcg_force_charge(w.k, 1, 10);
	CU_ASSERT_EQUAL(RUN(&w, mem_cgroup_charge, .memcg = 1), PATH_ENOMEM);
	CU_ASSERT_EQUAL(counted(&w, EVENTS_MAX), 18 + 17);
	CU_ASSERT_EQUAL(counted(&w, EVENTS_OOM), 1);
	CU_ASSERT_EQUAL(counted(&w, EVENTS_OOM_KILL), 1);
	CU_ASSERT_EQUAL(counted(&w, CHARGES_REFUSED), 1);
	CU_ASSERT_EQUAL(usage(&w), 10);
	CU_ASSERT_EQUAL(w.k->mm[0].oom, MM_SIGKILL | MM_OOM_VICTIM | MM_REAP_QUEUED);
	world_release(&w);
}

/* In 7.2 who has been reaped does not even reclaim. */
static void test_reaped(void)
{
	static const char *const kernels[] = { "7.1", "7.2" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct world w;

		world_init(&w, (struct world_size){ .release = kernels[i], .limit = 200 });
		world_write_range(&w, 0, 200);
		w.k->mm[0].oom = MM_SIGKILL | MM_OOM_VICTIM | MM_OOM_SKIP;
		CU_ASSERT_EQUAL(RUN(&w, mem_cgroup_charge, .memcg = 1), i ? PATH_ENOMEM : PATH_OK);
		CU_ASSERT_EQUAL(counted(&w, EVENTS_MAX), !i);
		world_release(&w);
	}
}

/* Who is to die anyway calls the killer in vain, and gives up all the same. */
static void test_dying_already(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .limit = 10 });
	memcg_force_charge(w.k, 1, 10);
	w.k->mm[0].oom = MM_SIGKILL;
	CU_ASSERT_EQUAL(RUN(&w, mem_cgroup_charge, .memcg = 1), PATH_ENOMEM);
	CU_ASSERT_EQUAL(counted(&w, EVENTS_OOM), 1);
	CU_ASSERT_EQUAL(counted(&w, EVENTS_OOM_KILL), 0);
	CU_ASSERT_EQUAL(w.k->mm[0].oom, MM_SIGKILL | MM_OOM_VICTIM | MM_REAP_QUEUED);
	world_release(&w);
}

static void test_reclaimer_goes_over(void)
{
	struct world w;
	u32 id;

	world_init(&w, (struct world_size){ .limit = 10 });
	memcg_force_charge(w.k, 1, 10);
	id = ADD_ON(&w, 0, mem_cgroup_charge, .memcg = 1);
	w.k->machine.task[id].flags |= PF_MEMALLOC;
	CU_ASSERT(machine_run(&w.k->machine, TIME_NEVER - 1, NULL));
	CU_ASSERT_EQUAL(w.k->machine.task[id].ret, PATH_OK);
	CU_ASSERT_EQUAL(usage(&w), 11);
	CU_ASSERT_EQUAL(counted(&w, EVENTS_MAX), 1); /* from 6.0 */
	world_release(&w);
}

static void test_gives_up(void)
{
	struct world w;
	GError *error = NULL;

	world_init(&w, (struct world_size){ .limit = 10 });
	w.k->mm[0].users = 0; /* there is nobody to kill */
	memcg_force_charge(w.k, 1, 10);
	ADD_ON(&w, 0, mem_cgroup_charge, .memcg = 1);
	CU_ASSERT_FALSE(machine_run(&w.k->machine, TIME_NEVER - 1, &error));
	CU_ASSERT_FATAL(error != NULL);
	CU_ASSERT_STRING_EQUAL(error->message, "cgroup \"group\" is out of memory at 0 ms, with 10 of 10 "
					       "pages charged, and there is nobody to "
					       "kill: nothing is left to reclaim (raise the limit: "
					       "overhead is not reclaimed)");
	CU_ASSERT_EQUAL(counted(&w, EVENTS_MAX), 18); /* the first, after draining, 16 retries */
	g_error_free(error);
	world_release(&w);
}

/* Far over the limit: every round makes some progress, and there are more of them than retries. */
static void test_progress_is_unbounded(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .pages = 2048 });
	world_fill(&w, 1600);
	world_age(&w, 0, 1600);
	memcg_drain_stocks(w.k, 1);
	CU_ASSERT_EQUAL(usage(&w), 1600);
	w.k->memcg[1].max = 100;
	CU_ASSERT_EQUAL(RUN(&w, mem_cgroup_charge, .memcg = 1), PATH_OK);
	CU_ASSERT(counted(&w, EVENTS_MAX) > 20);
	CU_ASSERT(counted(&w, PGSTEAL) > 1500);
	CU_ASSERT(usage(&w) <= 100);
	world_release(&w);
}

static void test_fold_of_stock_after_reclaim(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .limit = 400 });
	world_write_range(&w, 0, 400);
	world_age(&w, 0, 400);
	w.k->memcg[1].max = 500;
	memcg_force_charge(w.k, 1, 100);
	CU_ASSERT_EQUAL(RUN(&w, mem_cgroup_charge, .memcg = 1), PATH_OK);
	/* What was reclaimed stays free but for one page: no stock was taken in this charge. */
	CU_ASSERT_EQUAL(usage(&w), 500 - counted(&w, PGSTEAL) + 1);
	world_release(&w);
}

static void test_charged_folio(void)
{
	struct world w;
	u32 folio;
	u64 free;

	world_init(&w, (struct world_size){ 0 });
	free = w.k->memory->free;
	folio = RUN(&w, alloc_charged_folio, .page = page_of(&w, 7), .memcg = 1);
	CU_ASSERT(folio != 0);
	CU_ASSERT_EQUAL(w.k->folio[folio].memcg, 1);
	CU_ASSERT_EQUAL(w.k->folio[folio].page, page_of(&w, 7));
	CU_ASSERT_EQUAL(usage(&w), BATCH);
	w.k->folio[folio].refs++;
	CU_ASSERT_EQUAL(RUN(&w, folio_put, .folio = folio), 0);
	CU_ASSERT_EQUAL(w.k->memory->free, free - 1);
	CU_ASSERT_EQUAL(RUN(&w, folio_put, .folio = folio), 1);
	CU_ASSERT_EQUAL(w.k->memory->free, free);
	CU_ASSERT_EQUAL(usage(&w), BATCH - 1);
	world_release(&w);
}

static void test_put_takes_off_the_list(void)
{
	struct world w;
	u32 folio;

	world_init(&w, (struct world_size){ 0 });
	folio = RUN(&w, alloc_charged_folio, .page = page_of(&w, 0), .memcg = 1);
	folio_add_lru(w.k, &w.k->machine.task[0], folio);
	world_drain(&w, 0);
	CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON), 1);
	CU_ASSERT_EQUAL(RUN(&w, folio_put, .folio = folio), 1);
	CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON), 0);
	world_release(&w);
}

/* What has come free in the meantime may be too little for who asks. */
static void test_margin(void)
{
	for (u32 order = 0; order <= 3; order++) {
		struct world w;

		world_init(&w, (struct world_size){ .limit = 100 });
		memcg_force_charge(w.k, 1, 100 - (1u << order));
		CU_ASSERT(RUN(&w, mem_cgroup_oom, .memcg = 1, .order = (u8)order));
		CU_ASSERT_EQUAL(counted(&w, EVENTS_OOM_KILL), 0);
		memcg_force_charge(w.k, 1, 1);
		CU_ASSERT(RUN(&w, mem_cgroup_oom, .memcg = 1, .order = (u8)order));
		CU_ASSERT_EQUAL(counted(&w, EVENTS_OOM), 2);
		CU_ASSERT_EQUAL(counted(&w, EVENTS_OOM_KILL), 1);
		world_release(&w);
	}
}

/* For a large folio of a costly order nobody is killed, and that it was refused is no failed charge. */
static void test_costly_orders(void)
{
	for (u32 order = 3; order < 5; order++) {
		struct world w;

		world_init(&w, (struct world_size){ .limit = 10, .max_order = 4 });
		memcg_force_charge(w.k, 1, 10);
		CU_ASSERT_EQUAL(RUN(&w, mem_cgroup_charge, .memcg = 1, .order = (u16)order), PATH_ENOMEM);
		CU_ASSERT_EQUAL(counted(&w, EVENTS_OOM_KILL), order < 4);
		CU_ASSERT_EQUAL(counted(&w, CHARGES_REFUSED), 0);
		CU_ASSERT_EQUAL(usage(&w), 10);
		world_release(&w);
	}
}

/* Nobody can be killed, and the one that asks was going to free memory: he gets nothing, and that is all. */
static void test_who_frees_memory_fails_alone(void)
{
	struct world w;
	u32 task;

	world_init(&w, (struct world_size){ .limit = 10 });
	memcg_force_charge(w.k, 1, 10);
	w.k->mm[0].users = 0;
	task = ADD_ON(&w, 0, mem_cgroup_charge, .memcg = 1);
	w.k->work[task].mm = WORK_NO_MM;
	w.k->work[task].oom_origin = 1;
	CU_ASSERT_TRUE(machine_run(&w.k->machine, TIME_NEVER - 1, NULL));
	CU_ASSERT_EQUAL(w.k->machine.task[task].ret, PATH_ENOMEM);
	world_release(&w);
}

/* A page that was on a list is taken off it before it is free, which takes its time. */
static void test_last_reference(void)
{
	u64 ns[2];

	for (u32 on_list = 0; on_list < 2; on_list++) {
		struct cpu_profile slow;
		struct world w;
		u32 folio;

		world_init(&w, (struct world_size){ 0 });
		slow = *w.k->cpu_profile;
		slow.isolate_ns = 100000;
		w.k->cpu_profile = &slow;
		folio = folio_alloc(w.k, 0, 0);
		if (on_list)
			lruvec_add_folio(w.k, &w.k->lruvec[0], folio);
		ns[on_list] = w.k->machine.now;
		CU_ASSERT_EQUAL(RUN(&w, folio_put, .folio = folio), 1);
		ns[on_list] = w.k->machine.now - ns[on_list];
		CU_ASSERT_EQUAL(w.k->lruvec[0].list[LRU_INACTIVE_ANON].count, 0);
		world_release(&w);
	}
	CU_ASSERT(ns[1] - ns[0] >= 100000 && ns[1] - ns[0] < 101000);
}

/* For a costly order progress is no reason to go on. */
static void test_costly_progress(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .pages = 2048, .max_order = 4 });
	world_fill(&w, 1600);
	world_age(&w, 0, 1600);
	memcg_drain_stocks(w.k, 1);
	w.k->memcg[1].max = 100;
	CU_ASSERT_EQUAL(RUN(&w, mem_cgroup_charge, .memcg = 1, .order = 4), PATH_ENOMEM);
	CU_ASSERT(counted(&w, PGSTEAL) > 400);
	CU_ASSERT(counted(&w, PGSTEAL) < 1400);
	CU_ASSERT_EQUAL(counted(&w, EVENTS_OOM_KILL), 0);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "the root is not charged", test_root_is_free },
	{ "at the limit a charge reclaims at least 32 pages and counts one event",
	  test_reclaims_at_the_limit },
	{ "it reclaims from the level that is at its limit", test_reclaims_the_level_that_is_over },
	{ "stocks are drained before giving up", test_drains_once },
	{ "but not when reclaim made room", test_success_spares_the_stocks },
	{ "a task that reclaims goes over the limit", test_reclaimer_goes_over },
	{ "18 rounds without progress and nobody to kill end the run", test_gives_up },
	{ "a victim tries 17 times more and does without the page", test_dying },
	{ "and so does one that is to die for another reason", test_dying_already },
	{ "a victim that was reaped is not charged in 7.2", test_reaped },
	{ "at the limit of memory and swap together nothing goes to swap", test_memsw_without_swap },
	{ "rounds with progress go on for ever", test_progress_is_unbounded },
	{ "a charge that had to reclaim takes no stock", test_fold_of_stock_after_reclaim },
	{ "a charged folio returns its charge with the last reference", test_charged_folio },
	{ "and leaves its list", test_put_takes_off_the_list },
	{ "room for less than the charge is no reason to let everybody live", test_margin },
	{ "nobody is killed for a costly order", test_costly_orders },
	{ "who was to free memory fails alone", test_who_frees_memory_fails_alone },
	{ "the last reference takes a page off its list", test_last_reference },
	{ "but not for a costly order", test_costly_progress },
};

UNIT_MAIN("charge", tests)
