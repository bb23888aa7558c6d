/* Direct reclaim of a cgroup: how much is looked at, when it stops, when it tries again. */
#include "models/mm/kswapd.h"
#include "models/mm/lru.h"
#include "models/mm/memcg.h"
#include "models/mm/protection.h"
#include "tests/unit/world.h"

#define FRESH "6.18+stats-ratelimited=off"

/* @inactive pages that were not used of late, and as many more active ones. */
static void world_of_lists(struct world *w, const char *release, u32 inactive, u32 active)
{
	world_init(w, (struct world_size){ .release = release, .pages = inactive + active, .slots = 16383 });
	world_fill(w, inactive + active);
	world_age(w, 0, inactive + active);
	for (u32 i = inactive; i < inactive + active; i++) {
		u32 folio = w->k->pte[page_of(w, i)];

		lruvec_del_folio(w->k, &w->k->lruvec[1], folio);
		w->k->folio[folio].flags |= FOLIO_ACTIVE;
		lruvec_add_folio(w->k, &w->k->lruvec[1], folio);
	}
}

static void lock_pages(struct world *w, u32 first, u32 n)
{
	for (u32 i = first; i < first + n; i++)
		io_of(w, folio_at(w, i))->lock = w->k->machine.config.tasks;
}

/* Pages scanned by one call of shrink_lruvec(). */
static u64 shrink(struct world *w, struct scan_control sc)
{
	u64 before = counted(w, PGSCAN);

	sc.target = 1;
	w->k->scan_control[w->k->machine.tasks] = sc;
	RUN(w, shrink_lruvec, .lruvec = 1);
	return counted(w, PGSCAN) - before;
}

static u32 reclaim(struct world *w)
{
	return RUN(w, try_to_free_mem_cgroup_pages, .memcg = 1, .nr_pages = 1);
}

static void test_share(void)
{
	struct world w;

	world_of_lists(&w, FRESH, 3200, 0);
	CU_ASSERT_EQUAL(shrink(&w, (struct scan_control){ .priority = 5, .nr_to_reclaim = 9999 }), 30);
	world_release(&w);
	world_of_lists(&w, FRESH, 3200, 0); /* a = 2A, f = A, t = 3A: 60 x 3/2 of 60 x 3/2 + 140 x 3 */
	CU_ASSERT_EQUAL(
	    shrink(&w, (struct scan_control){ .priority = 5, .nr_to_reclaim = 9999, .cost = { 5000 } }), 17);
	CU_ASSERT_EQUAL(
	    shrink(&w, (struct scan_control){ .priority = 1, .nr_to_reclaim = 9999, .cost = { 5000 } }),
	    278); /* of 1591; the weights are whole numbers: 89 of 508 */
	world_release(&w);
	world_of_lists(&w, FRESH, 320, 0);
	w.k->config.swappiness = 0;
	CU_ASSERT_EQUAL(shrink(&w, (struct scan_control){ .priority = 0, .nr_to_reclaim = 9999 }), 0);
	w.k->config.swappiness = 60;
	w.k->swap->free_pages = 0;
	CU_ASSERT_EQUAL(shrink(&w, (struct scan_control){ .priority = 0, .nr_to_reclaim = 9999 }), 0);
	w.k->swap->free_pages = 16383;
	CU_ASSERT_EQUAL(shrink(&w, (struct scan_control){ .priority = 0, .nr_to_reclaim = 9999 }), 320);
	world_release(&w);
}

static void test_ends_in_its_chunk(void)
{
	struct world w;

	world_of_lists(&w, FRESH, 320, 0);
	CU_ASSERT_EQUAL(shrink(&w, (struct scan_control){ .nr_to_reclaim = 32 }), 32);
	for (u32 i = 32; i < 320; i += 2)
		w.k->pte_flags[page_of(&w, i)] |= PTE_ACCESSED; /* every other one is kept */
	CU_ASSERT_EQUAL(shrink(&w, (struct scan_control){ .nr_to_reclaim = 32 }), 64);
	/* What earlier passes have found does not end this one. */
	CU_ASSERT_EQUAL(shrink(&w, (struct scan_control){ .nr_to_reclaim = 32, .nr_reclaimed = 31 }), 64);
	world_release(&w);
}

/* Pages a call frees when the tail of the list is clean: measured on kernels, and not near 32. */
static void test_yield_of_a_call(void)
{
	static const struct {
		u32 pages;
		u32 steals;
	} rows[] = { { 8192 - 61, 41 }, { 5406 - 61, 54 } }; /* 50 % and 33 % of 64 MiB */

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		struct world w;

		world_of_lists(&w, FRESH, rows[i].pages, 0);
		w.k->lruvec[1].cost[LRU_ANON] = 1000;
		CU_ASSERT_EQUAL(reclaim(&w), rows[i].steals);
		CU_ASSERT_EQUAL(counted(&w, PGSTEAL), rows[i].steals);
		CU_ASSERT_EQUAL(counted(&w, PGSCAN), rows[i].steals);
		CU_ASSERT_FALSE(w.k->machine.task[w.k->machine.tasks - 1].flags & PF_MEMALLOC);
		world_release(&w);
	}
}

static void test_full_walk(void)
{
	struct release without;
	struct world w;

	world_of_lists(&w, FRESH, 320, 0);
	lock_pages(&w, 0, 320);
	CU_ASSERT_EQUAL(reclaim(&w), 0);
	CU_ASSERT(counted(&w, PGSCAN) >= 2 * 320 && counted(&w, PGSCAN) < 3 * 320);
	world_release(&w);
	world_of_lists(&w, FRESH, 320, 0);
	without = *w.k->release;
	without.full_walk = 0;
	w.k->release = &without;
	lock_pages(&w, 0, 320);
	CU_ASSERT_EQUAL(reclaim(&w), 0);
	CU_ASSERT(counted(&w, PGSCAN) >= 320 && counted(&w, PGSCAN) < 2 * 320);
	world_release(&w);
}

static void test_forced_deactivation(void)
{
	struct world w;

	world_of_lists(&w, FRESH, 320, 160); /* not low, nothing came back: active pages are left alone */
	lock_pages(&w, 0, 320);
	CU_ASSERT(reclaim(&w) > 0);
	CU_ASSERT(counted(&w, PGDEACTIVATE) > 0);
	CU_ASSERT(counted(&w, PGSCAN) > 2 * 320); /* after the two walks without it */
	world_release(&w);
}

static void test_deactivation(void)
{
	struct world w;

	world_of_lists(&w, FRESH, 0, 40);
	for (u32 i = 0; i < 40; i++)
		w.k->pte_flags[page_of(&w, i)] |= PTE_ACCESSED;
	/* Nothing is to be scanned at this priority, but the inactive list is low: 32 pages are moved. */
	CU_ASSERT_EQUAL(shrink(&w, (struct scan_control){ .priority = 12, .nr_to_reclaim = 32 }), 0);
	CU_ASSERT_EQUAL(counted(&w, PGREFILL), 32);
	CU_ASSERT_EQUAL(counted(&w, PGDEACTIVATE), 32);
	CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON), 32);
	CU_ASSERT_EQUAL(folio_at(&w, 0)->flags & (FOLIO_ACTIVE | FOLIO_WORKINGSET), FOLIO_WORKINGSET);
	CU_ASSERT_FALSE(flags_at(&w, 0) & PTE_ACCESSED); /* used, and moved all the same */
	CU_ASSERT_EQUAL(folio_at(&w, 39)->flags & (FOLIO_ACTIVE | FOLIO_WORKINGSET), FOLIO_ACTIVE);
	CU_ASSERT(flags_at(&w, 39) & PTE_ACCESSED);
	CU_ASSERT_EQUAL(w.k->memory->isolated[LRU_ANON], 0);
	world_release(&w);
	world_of_lists(&w, FRESH, 0, 40);
	w.k->swap->total_pages = 0; /* no swap: no use in it */
	shrink(&w, (struct scan_control){ .priority = 12, .nr_to_reclaim = 32 });
	CU_ASSERT_EQUAL(counted(&w, PGREFILL), 0);
	world_release(&w);
}

static void test_refaults_allow_deactivation(void)
{
	struct world w;

	world_of_lists(&w, FRESH, 320, 160);
	lock_pages(&w, 0, 300);
	w.k->lruvec[1].activated[LRU_ANON] = 1; /* a page came back active since the last reclaim */
	CU_ASSERT(reclaim(&w) > 0);
	CU_ASSERT(counted(&w, PGREFILL) >= 160); /* at all priorities, priority 0 included */
	CU_ASSERT_EQUAL(w.k->lruvec[1].activated_then[LRU_ANON], 1);
	world_release(&w);
	world_of_lists(&w, FRESH, 320, 160);
	lock_pages(&w, 0, 300);
	CU_ASSERT(reclaim(&w) > 0);
	CU_ASSERT_EQUAL(counted(&w, PGREFILL), 0);
	world_release(&w);
}

static void test_isolation_throttle(void)
{
	struct world w;
	u64 start;

	world_of_lists(&w, FRESH, 80, 0);
	w.k->memory->isolated[LRU_ANON] = 10;
	CU_ASSERT_EQUAL(RUN(&w, shrink_inactive_list, .lruvec = 1, .nr_to_scan = 1), 1);
	CU_ASSERT_EQUAL(counted(&w, RECLAIM_THROTTLED), 0);
	start = w.k->machine.now;
	CU_ASSERT_EQUAL(RUN(&w, shrink_inactive_list, .lruvec = 1, .nr_to_scan = 1), 0); /* 10 > 79 / 8 */
	CU_ASSERT_EQUAL(counted(&w, RECLAIM_THROTTLED), 1);
	CU_ASSERT(w.k->machine.now - start > 20000000 && w.k->machine.now - start < 26000000);
	w.k->mm[0].oom = MM_SIGKILL; /* who is to die need not go on */
	CU_ASSERT_EQUAL(RUN(&w, shrink_inactive_list, .lruvec = 1, .nr_to_scan = 1), 32);
	w.k->config.cgroup_version = 1;
	w.k->scan_control[w.k->machine.tasks].target = 1; /* of a cgroup, not of the machine */
	CU_ASSERT_EQUAL(RUN(&w, shrink_inactive_list, .lruvec = 1, .nr_to_scan = 1), 1);
	world_release(&w);
}

static void test_throttle_ends_early(void)
{
	struct world w;
	u64 start;
	u32 id;

	world_of_lists(&w, FRESH, 80, 0);
	w.k->memory->isolated[LRU_ANON] = 11;
	start = w.k->machine.now;
	id = ADD_ON(&w, 0, shrink_inactive_list, .lruvec = 1, .nr_to_scan = 1);
	CU_ASSERT(machine_run(&w.k->machine, start + 5000000, NULL));
	CU_ASSERT_EQUAL(w.k->machine.task[id].state, TASK_BLOCKED);
	w.k->memory->isolated[LRU_ANON] = 0;
	RUN_ON(&w, 1, shrink_inactive_list, .lruvec = 1, .nr_to_scan = 1);
	CU_ASSERT_EQUAL(w.k->machine.task[id].state, TASK_DONE);
	CU_ASSERT_EQUAL(w.k->machine.task[id].ret, 1);
	CU_ASSERT(w.k->machine.now - start < 10000000);
	world_release(&w);
}

static void test_folio_about_to_go(void)
{
	struct world w;
	u32 folio;

	world_of_lists(&w, FRESH, 2, 0);
	folio = w.k->pte[page_of(&w, 0)];
	w.k->folio[folio].refs = 0; /* as folio_put() leaves it before it has the list's lock */
	CU_ASSERT_EQUAL(RUN(&w, shrink_inactive_list, .lruvec = 1, .nr_to_scan = 1), 0);
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 0);
	CU_ASSERT_EQUAL(w.k->lruvec[1].list[LRU_INACTIVE_ANON].head, folio);
	CU_ASSERT_EQUAL(RUN(&w, shrink_inactive_list, .lruvec = 1, .nr_to_scan = 1), 1);
	world_release(&w);
}

static void test_cost(void)
{
	struct world w;

	world_of_lists(&w, FRESH, 3200, 0);
	w.k->pte_flags[page_of(&w, 0)] |= PTE_ACCESSED;
	CU_ASSERT_EQUAL(RUN(&w, shrink_inactive_list, .lruvec = 1, .nr_to_scan = 3), 2);
	CU_ASSERT_EQUAL(w.k->lruvec[1].cost[LRU_ANON], 2 * 32 + 1); /* two written, one looked at in vain */
	CU_ASSERT_EQUAL(w.k->lruvec[1].cost[LRU_FILE], 0);
	world_release(&w);
}

static void test_scan_drains_its_cpu(void)
{
	struct world w;
	u32 task;

	world_init(&w, (struct world_size){ .release = FRESH });
	world_write(&w, 0);
	world_age(&w, 0, 1);
	CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON), 0);
	CU_ASSERT_EQUAL(RUN(&w, shrink_inactive_list, .lruvec = 1, .nr_to_scan = 1), 1);
	world_write_range(&w, 1, 4);
	world_drain(&w, 0);
	world_by_hand(&w);
	task = ADD_ON(&w, 0, try_to_free_mem_cgroup_pages, .memcg = 1, .nr_pages = 1);
	CU_ASSERT(world_step_to(&w, task, "shrink_inactive_list.LOCK_LRU"));
	CU_ASSERT(w.k->machine.task[task].flags & PF_MEMALLOC); /* what it charges itself is forced */
	world_release(&w);
}

/* When memory.low gives way at last, active pages are spared again. */
static void test_low_gives_way(void)
{
	struct world w;

	world_of_lists(&w, FRESH, 320, 160);
	memcg_drain_stocks(w.k, 1);
	w.k->memcg[1].protection[PROTECT_LOW].wanted = 1000;
	protection_update(w.k, 1);
	w.k->scan_control[w.k->machine.tasks] =
	    (struct scan_control){ .nr_to_reclaim = 32, .full_walk = 1, .skipped_deactivate = 1 };
	CU_ASSERT(RUN(&w, do_try_to_free_pages) >= 32);
	CU_ASSERT_EQUAL(counted(&w, EVENTS_LOW) > 0, true);
	CU_ASSERT_EQUAL(counted(&w, PGDEACTIVATE), 0);
	world_release(&w);
}

/* Who gets nowhere rests for a tick while much is being written, but not when the daemon has given up. */
static void test_vain_throttling(void)
{
	for (u32 failures = 0; failures <= MAX_RECLAIM_RETRIES; failures += MAX_RECLAIM_RETRIES) {
		struct world w;
		u64 begin;

		world_of_lists(&w, FRESH, 320, 0);
		lock_pages(&w, 0, 320);
		w.k->memory->kswapd_failures = failures;
		w.k->memory->writeback = 1000;
		w.k->scan_control[w.k->machine.tasks] = (struct scan_control){ .nr_to_reclaim = 32 };
		begin = w.k->machine.now;
		CU_ASSERT_EQUAL(RUN(&w, do_try_to_free_pages), 0);
		CU_ASSERT_EQUAL(w.k->machine.now - begin >= w.k->machine.tick_ns, !failures);
		w.k->memory->writeback = 0;
		world_release(&w);
	}
}

/* Up to 6.14 the lock is not taken once more to note that no active page was in use. */
static void test_no_cost_of_active(void)
{
	u64 locks[2];

	for (u32 notes = 0; notes < 2; notes++) {
		struct release release;
		struct world w;

		world_of_lists(&w, "6.14+stats-ratelimited=off", 64, 64);
		release = *w.k->release;
		release.notes_no_cost = notes;
		w.k->release = &release;
		locks[notes] = locks_taken(&w, CLASS_LRU);
		RUN(&w, shrink_active_list, .lruvec = 1, .lru = LRU_ACTIVE_ANON, .nr_to_scan = 16);
		locks[notes] = locks_taken(&w, CLASS_LRU) - locks[notes];
		CU_ASSERT_EQUAL(counted(&w, PGDEACTIVATE), 16);
		world_release(&w);
	}
	CU_ASSERT_EQUAL(locks[0], locks[1] + 1);
}

static const struct unit tests[] = {
	{ "a pass looks at 30 % of a list before there is any cost, at 17.6 % after, at all at the end",
	  test_share },
	{ "a pass ends in the chunk in which its own yield reaches 32", test_ends_in_its_chunk },
	{ "a call frees 41 pages at 50 % of 64 MiB and 54 at 33 %", test_yield_of_a_call },
	{ "a call without success is repeated with a full walk", test_full_walk },
	{ "and then with active pages that were spared", test_forced_deactivation },
	{ "deactivation clears accessed bits unseen and marks the working set", test_deactivation },
	{ "pages that came back active allow it for a whole call", test_refaults_allow_deactivation },
	{ "a page written costs 32, one looked at in vain 1", test_cost },
	{ "a scan drains its CPU's batch first, and reclaims as a reclaimer", test_scan_drains_its_cpu },
	{ "too much isolated makes a reclaimer sleep once under cgroup v2", test_isolation_throttle },
	{ "and wakes it when that is over", test_throttle_ends_early },
	{ "a folio that nobody holds is not isolated", test_folio_about_to_go },
	{ "when memory.low gives way active pages are spared", test_low_gives_way },
	{ "who gets nowhere does not rest when kswapd has given up", test_vain_throttling },
	{ "no cost of active pages is noted with the lock, or not at all", test_no_cost_of_active },
};

UNIT_MAIN("reclaim", tests)
