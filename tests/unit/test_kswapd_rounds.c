/* What reclaim for the machine does beside reclaiming: aging, waiting, going on where it left off. */
#include "models/mm/kswapd.h"

#include "models/mm/lru.h"
#include "models/mm/oom.h"
#include "models/mm/scan_balance.h"
#include "tests/unit/short_world.h"

static void make_active(struct world *w, u32 pages)
{
	for (u32 i = 0; i < pages; i++) {
		u32 folio = w->k->pte[page_of(w, i)];

		lruvec_del_folio(w->k, &w->k->lruvec[1], folio);
		w->k->folio[folio].flags |= FOLIO_ACTIVE;
		lruvec_add_folio(w->k, &w->k->lruvec[1], folio);
	}
}

/* A batch of active pages becomes inactive where too few are. */
static void test_ages(void)
{
	for (u32 active = 0; active < 2; active++) {
		struct world w;

		short_of_memory_on(&w, "6.18+stats-ratelimited=off", 1024);
		world_fill(&w, 100);
		make_active(&w, active ? 100 : 40);
		RUN(&w, kswapd_age_node, .i = 0);
		CU_ASSERT_EQUAL(counted(&w, PGDEACTIVATE), active * 32);
		world_release(&w);
	}
}

/* With generations the first round begins where as much is looked at as is to be had. */
static void test_first_priority(void)
{
	struct world w;
	struct world_size size = { .memory = MEMORY, .min = MIN };
	struct kernel_config c = world_config(&w, &size);
	struct scan_control *sc;

	c.lru = LRU_MULTI_GEN;
	w.k = kernel_new(&c, NULL);
	w.k->mm[0].users = 1;
	world_fill(&w, 800);
	sc = &w.k->scan_control[w.k->machine.tasks];
	*sc = (struct scan_control){ .nr_to_reclaim = 200, .priority = DEF_PRIORITY };
	RUN(&w, kswapd_age_node, .i = 0);
	CU_ASSERT(sc->priority < DEF_PRIORITY && sc->priority > 0);
	world_release(&w);
}

/* Nothing that is written is done: the daemon comes to such pages once more, and waits. */
static void test_waits_for_writes(void)
{
	for (u32 lru = LRU_CLASSIC; lru <= LRU_MULTI_GEN; lru++) {
		struct world w;
		struct world_size size = { .memory = MEMORY, .min = MIN, .device = "nvme-client" };
		struct kernel_config c = world_config(&w, &size);
		u32 daemon;

		c.lru = lru;
		w.k = kernel_new(&c, NULL);
		w.k->mm[0].users = 1;
		world_fill(&w, 60);
		world_age(&w, 0, 60);
		hide_free(&w, 110);
		w.k->memory->throttled_writes = 7;
		world_by_hand(&w);
		CU_ASSERT(
		    world_step_to(&w, ADD_ON(&w, 0, alloc_pages_slowpath, .gfp = GFP_NO_RECLAIM), NULL));
		daemon = w.k->memory->kswapd - 1u;
		CU_ASSERT_EQUAL(world_step_to(&w, daemon, "balance_pgdat.THROTTLE"), lru == LRU_CLASSIC);
		if (lru == LRU_CLASSIC) {
			CU_ASSERT_EQUAL(w.k->memory->writeback_node, 1);
			CU_ASSERT_EQUAL(w.k->memory->throttled_writes, 0);
			w.k->memory->free = w.k->memory->high + 1; /* somebody gave up his memory */
			CU_ASSERT(world_step_to(&w, daemon, "kswapd.NAP"));
			CU_ASSERT_EQUAL(w.k->memory->writeback_node, 0);
		}
		world_release(&w);
	}
}

/* It is woken while it is about to fall asleep: it looks again first. */
static void test_naps_first(void)
{
	struct world w;
	u64 naps;

	short_of_memory(&w, 1024);
	world_fill(&w, 800);
	world_age(&w, 0, 800);
	hide_free(&w, 125);
	world_write(&w, 800);
	world_idle(&w, 50); /* it naps for a tenth of a second */
	CU_ASSERT_FALSE(w.k->memory->kswapd_asleep);
	naps = machine_counted(&w, PAGEOUTRUN);
	hide_free(&w, 110);
	world_write(&w, 801);
	world_idle(&w, 10);
	CU_ASSERT_EQUAL(machine_counted(&w, PAGEOUTRUN), naps + 1);
	CU_ASSERT(w.k->memory->free > w.k->memory->high);
	world_release(&w);
}

/* Pages that cannot go to swap are not to be had. */
static void test_what_is_reclaimable(void)
{
	struct world w;

	short_of_memory(&w, 1024);
	world_fill(&w, 100);
	CU_ASSERT_EQUAL(reclaimable_pages(w.k), 100);
	w.k->swap->free_pages = 0;
	CU_ASSERT_EQUAL(reclaimable_pages(w.k), 0);
	world_release(&w);
}

/* Each of three cgroups is good for half of what is wanted: who comes second begins with the third. */
static void test_walk_goes_on(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .memcgs = 5, .pages = 1024 });
	w.k->config.swappiness = MAX_SWAPPINESS;
	for (u32 i = 0; i < 3; i++) {
		w.k->mm[0].memcg = (u16)(2 + i);
		world_write_range(&w, 300 * i, 300);
		world_drain(&w, 0);
	}
	world_age(&w, 0, 900);
	for (u32 i = 0; i < 2; i++) {
		w.k->scan_control[w.k->machine.tasks] =
		    (struct scan_control){ .target = 1, .priority = 4, .nr_to_reclaim = 32 };
		RUN(&w, shrink_node, .i = 0);
		CU_ASSERT_EQUAL(in_cgroup(&w, 2), 300 - (300 >> 4));
		CU_ASSERT_EQUAL(in_cgroup(&w, 3), 300 - (300 >> 4));
		CU_ASSERT_EQUAL(in_cgroup(&w, 4), i ? 300 - (300 >> 4) : 300);
	}
	world_release(&w);
}

/* Who is to die does not wait for the daemon. */
static void test_dying_do_not_wait(void)
{
	for (u32 dying = 0; dying < 2; dying++) {
		struct world w;

		short_of_memory(&w, 1024);
		hide_free(&w, 50);
		w.k->mm[0].oom = dying ? MM_SIGKILL : 0;
		world_by_hand(&w);
		CU_ASSERT_EQUAL(world_step_to(&w, ADD_ON(&w, 0, try_to_free_pages, .start = 0),
					      "try_to_free_pages.BEGIN_RECLAIM"),
				dying);
		world_release(&w);
	}
}

/* Who waits for the daemon goes on when half of min is free, and not only when all is well. */
static void test_lets_go(void)
{
	struct world w;
	u32 task, daemon;

	short_of_memory(&w, 1024);
	world_fill(&w, 800);
	world_age(&w, 0, 800);
	hide_free(&w, MIN / 2);
	world_by_hand(&w);
	task = ADD_ON(&w, 0, try_to_free_pages, .start = 0);
	CU_ASSERT_FALSE(world_step_to(&w, task, "try_to_free_pages.BEGIN_RECLAIM"));
	daemon = w.k->memory->kswapd - 1u;
	while (w.k->memory->free <= MIN / 2)
		CU_ASSERT_FATAL(world_step(&w, daemon));
	CU_ASSERT(world_step_to(&w, daemon, "balance_pgdat.ROUND"));
	CU_ASSERT(w.k->memory->free < w.k->memory->high);
	CU_ASSERT(world_step_to(&w, task, "try_to_free_pages.BEGIN_RECLAIM"));
	world_release(&w);
}

/* A round that looked at less than is wanted is followed by one that looks at more, whatever it gave. */
static void test_more_each_round(void)
{
	struct world w;
	u32 task;

	short_of_memory_on(&w, "6.18+stats-ratelimited=off", 1024);
	world_fill(&w, 800);
	world_age(&w, 0, 800);
	hide_free(&w, 60);
	task = w.k->machine.tasks;
	RUN(&w, balance_pgdat);
	CU_ASSERT(w.k->memory->free > 150);
	/* 800 >> 12, 800 >> 11 and so on come to what is missing at 800 >> 4 */
	CU_ASSERT(w.k->scan_control[task].priority < 4);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "a round makes active pages inactive", test_ages },
	{ "with generations it begins with as much as is wanted", test_first_priority },
	{ "it waits for writes, but not with generations", test_waits_for_writes },
	{ "who is woken from its nap balances", test_naps_first },
	{ "what cannot be swapped cannot be reclaimed", test_what_is_reclaimable },
	{ "the next walk goes on where the last one left off", test_walk_goes_on },
	{ "who is to die does not wait for it", test_dying_do_not_wait },
	{ "who waits for it goes on as soon as there is enough", test_lets_go },
	{ "a round looks at more than the last, until it is enough", test_more_each_round },
};

UNIT_MAIN("kswapd: rounds", tests)
