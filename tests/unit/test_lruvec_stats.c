/* Statistics that reclaim goes by: how old they are, and whose they are. */
#include "models/mm/lruvec_stats.h"

#include "tests/unit/world.h"

#define SECOND UINT64_C(1000000000)

/* The task only lets time pass, until @until. */
static void pass_time(struct world *w, u64 until)
{
	machine_run(&w->k->machine, until, NULL);
}

static void waiting_world(struct world *w, const char *release, u64 monitor_ns)
{
	struct world_size size = { .release = release, .memcgs = 3 };
	struct kernel_config c = world_config(w, &size);

	c.memory_stat_ns = monitor_ns;
	w->k = kernel_new(&c, NULL);
	CU_ASSERT_FATAL(w->k != NULL);
	w->load = (struct workload){ .pattern = PATTERN_PAGEOUT, .gap_ps = 4000000000u, .accesses = 2000 };
	work_add_task(w->k, &w->load, 0, 0, true);
	w->k->lruvec[2].list[LRU_ACTIVE_ANON].count = 5;
}

static void test_worker(void)
{
	struct world w;

	waiting_world(&w, "6.18", 1000 * SECOND);
	CU_ASSERT_EQUAL(lruvec_stats(w.k, 2)->size[LRU_ACTIVE_ANON], 0);
	pass_time(&w, 2 * SECOND + 8000000); /* at the latest; when first, is chance */
	CU_ASSERT_EQUAL(lruvec_stats(w.k, 2)->size[LRU_ACTIVE_ANON], 5);
	w.k->lruvec[2].list[LRU_ACTIVE_ANON].count = 6;
	CU_ASSERT_EQUAL(lruvec_stats(w.k, 2)->size[LRU_ACTIVE_ANON], 5);
	pass_time(&w, 4 * SECOND + 8000000);
	CU_ASSERT_EQUAL(lruvec_stats(w.k, 2)->size[LRU_ACTIVE_ANON], 6);
	w.k->lruvec[2].list[LRU_ACTIVE_ANON].count = 0;
	world_release(&w);
}

static void test_monitor(void)
{
	struct world w;

	waiting_world(&w, "6.18", 20000000);
	pass_time(&w, 24000000);
	CU_ASSERT_EQUAL(lruvec_stats(w.k, 2)->size[LRU_ACTIVE_ANON], 5);
	w.k->lruvec[2].list[LRU_ACTIVE_ANON].count = 7;
	pass_time(&w, 44000000);
	CU_ASSERT_EQUAL(lruvec_stats(w.k, 2)->size[LRU_ACTIVE_ANON], 7);
	w.k->lruvec[2].list[LRU_ACTIVE_ANON].count = 0;
	world_release(&w);
}

/* When in its period the monitor begins hangs on the seed, and on nothing else. */
static void test_monitor_phase(void)
{
	u32 early = 0;

	for (u64 seed = 1; seed <= 32; seed++) {
		struct world_size size = { .release = "6.18", .memcgs = 3 };
		struct world w;
		struct kernel_config c = world_config(&w, &size);

		c.memory_stat_ns = 16000000;
		c.machine.seed = seed;
		w.k = kernel_new(&c, NULL);
		CU_ASSERT_FATAL(w.k != NULL);
		w.load =
		    (struct workload){ .pattern = PATTERN_PAGEOUT, .gap_ps = 4000000000u, .accesses = 2000 };
		work_add_task(w.k, &w.load, 0, 0, true);
		w.k->lruvec[2].list[LRU_ACTIVE_ANON].count = 5;
		pass_time(&w, 8500000);
		early += lruvec_stats(w.k, 2)->size[LRU_ACTIVE_ANON] == 5;
		pass_time(&w, 16500000);
		CU_ASSERT_EQUAL(lruvec_stats(w.k, 2)->size[LRU_ACTIVE_ANON], 5);
		w.k->lruvec[2].list[LRU_ACTIVE_ANON].count = 0;
		world_release(&w);
	}
	CU_ASSERT(early >= 8 && early <= 24);
}

/* The reader displaces who runs, and the multi-gen LRU sees a switch to it. */
static void test_reader_displaces(void)
{
	struct world_size size = { .release = "6.12", .memcgs = 3 };
	struct world w;
	struct kernel_config c = world_config(&w, &size);

	c.memory_stat_ns = 20000000;
	c.lru = LRU_MULTI_GEN;
	w.k = kernel_new(&c, NULL);
	CU_ASSERT_FATAL(w.k != NULL);
	w.load = (struct workload){ .pattern = PATTERN_PAGEOUT, .gap_ps = 4000000000u, .accesses = 2000 };
	work_add_task(w.k, &w.load, 0, 0, true);
	pass_time(&w, 22000000);
	w.k->gen_walked[0] = 0; /* as after a walk */
	pass_time(&w, 42000000);
	CU_ASSERT_NOT_EQUAL(w.k->gen_walked[0], 0);
	world_release(&w);
}

static void expect_fresh(const char *release, u64 monitor_ns)
{
	struct world w;

	waiting_world(&w, release, monitor_ns);
	CU_ASSERT_EQUAL(lruvec_stats(w.k, 2)->size[LRU_ACTIVE_ANON], 5);
	w.k->lruvec[2].list[LRU_ACTIVE_ANON].count = 0;
	world_release(&w);
}

static void test_fresh_by_default(void)
{
	expect_fresh("6.18", 0);
}

static void test_fresh(void)
{
	expect_fresh("6.18+stats-ratelimited=off", 1000 * SECOND);
}

static void test_subtree(void)
{
	struct world w;

	waiting_world(&w, "6.18", 1000 * SECOND);
	w.k->lruvec[1].list[LRU_ACTIVE_ANON].count = 3;
	w.k->lruvec[1].list[LRU_INACTIVE_ANON].count = 4;
	w.k->lruvec[1].activated[LRU_ANON] = 9;
	lruvec_stats_flush(w.k);
	CU_ASSERT_EQUAL(lruvec_stats(w.k, 0)->size[LRU_ACTIVE_ANON], 8);
	CU_ASSERT_EQUAL(lruvec_stats(w.k, 1)->size[LRU_ACTIVE_ANON], 8);
	CU_ASSERT_EQUAL(lruvec_stats(w.k, 1)->size[LRU_INACTIVE_ANON], 4);
	CU_ASSERT_EQUAL(lruvec_stats(w.k, 1)->activated[LRU_ANON], 9);
	CU_ASSERT_EQUAL(lruvec_stats(w.k, 2)->size[LRU_ACTIVE_ANON], 5);
	CU_ASSERT_FALSE(lruvec_stats_hide_low_inactive(w.k, 2));
	w.k->lruvec[1].list[LRU_ACTIVE_ANON].count = 50;
	w.k->lruvec[2].flushed = (struct lruvec_stats){ 0 };
	CU_ASSERT(lruvec_stats_hide_low_inactive(w.k, 2)); /* 5 active, 0 inactive: low, and nobody knows */
	world_release(&w);
}

/* Pages in generations are counted, too. */
static void test_generations(void)
{
	struct world w;
	struct world_size size = { .release = "6.18+stats-ratelimited=off" };
	struct kernel_config c = world_config(&w, &size);
	const struct lruvec_stats *stats;

	c.lru = LRU_MULTI_GEN;
	w.k = kernel_new(&c, NULL);
	w.k->mm[0].users = 1;
	world_write_range(&w, 0, 10);
	world_drain(&w, 0);
	stats = lruvec_stats(w.k, 1);
	CU_ASSERT_EQUAL(stats->size[LRU_INACTIVE_ANON] + stats->size[LRU_ACTIVE_ANON], 10);
	CU_ASSERT_EQUAL(stats->size[LRU_INACTIVE_FILE] + stats->size[LRU_ACTIVE_FILE], 0);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "a worker sums up every 2 s", test_worker },
	{ "as does who reads memory.stat", test_monitor },
	{ "when first, nature chooses", test_monitor_phase },
	{ "and it displaces who runs", test_reader_displaces },
	{ "figures are fresh unless age is asked for", test_fresh_by_default },
	{ "without the patch figures are fresh", test_fresh },
	{ "figures are those of a whole subtree", test_subtree },
	{ "pages in generations are counted", test_generations },
};

UNIT_MAIN("lruvec_stats", tests)
