/* Which lists reclaim looks at, and how much of them. */
#include "models/mm/scan_balance.h"

#include "models/mm/lru.h"
#include "models/mm/protection.h"
#include "tests/unit/world.h"

/* Sizes of the lists of cgroup 1, as far as reclaim can tell. */
static void world_of_sizes(struct world *w, u32 inactive_anon, u32 active_anon, u32 inactive_file,
			   u32 active_file)
{
	const u32 size[NR_LRU_LISTS] = { inactive_anon, active_anon, inactive_file, active_file };

	world_init(w, (struct world_size){ .release = "6.18+stats-ratelimited=off" });
	for (u32 i = 0; i < NR_LRU_LISTS; i++)
		w->k->lruvec[1].list[i].count = size[i];
}

static void expect(struct world *w, struct scan_control sc, u32 inactive_anon, u32 active_anon,
		   u32 inactive_file, u32 active_file)
{
	u32 nr[NR_LRU_LISTS];

	get_scan_count(w->k, &sc, 1, nr);
	CU_ASSERT_EQUAL(nr[LRU_INACTIVE_ANON], inactive_anon);
	CU_ASSERT_EQUAL(nr[LRU_ACTIVE_ANON], active_anon);
	CU_ASSERT_EQUAL(nr[LRU_INACTIVE_FILE], inactive_file);
	CU_ASSERT_EQUAL(nr[LRU_ACTIVE_FILE], active_file);
}

static void test_by_swappiness(void)
{
	struct world w;

	world_of_sizes(&w, 8000, 4000, 2000, 1000); /* 60 : 140 before anything has cost */
	expect(&w, (struct scan_control){ .target = 1, .priority = 1 }, 1200, 600, 700, 350);
	w.k->config.swappiness = 100;
	expect(&w, (struct scan_control){ .target = 1, .priority = 1 }, 2000, 1000, 500, 250);
	expect(&w, (struct scan_control){ .target = 1, .priority = 3 }, 500, 250, 125, 62);
	world_release(&w);
}

/* T = 400, a = 700, f = 500, t = 1200: 60 x 1201 / 701 = 102 to 140 x 1201 / 501 = 335. */
static void test_by_cost(void)
{
	struct world w;

	world_of_sizes(&w, 8740, 0, 8740, 0);
	expect(&w, (struct scan_control){ .target = 1, .priority = 1, .cost = { 300, 100 } }, 1020, 0, 3350,
	       0);
	world_release(&w);
}

static void test_no_swap(void)
{
	struct world w;

	world_of_sizes(&w, 800, 400, 200, 100);
	expect(&w, (struct scan_control){ .target = 1, .no_swap = 1 }, 0, 0, 200, 100);
	w.k->swap->free_pages = 0;
	expect(&w, (struct scan_control){ .target = 1 }, 0, 0, 200, 100);
	expect(&w, (struct scan_control){ .target = 0 }, 0, 0, 200, 100);
	w.k->swap->free_pages = 1000;
	expect(&w, (struct scan_control){ .target = 1 }, 800, 400, 200, 100);
	w.k->memcg[1].swap_max = 0; /* the cgroup has none */
	expect(&w, (struct scan_control){ .target = 1 }, 0, 0, 200, 100);
	world_release(&w);
}

/* Of 8000 pages a thousandth more than half is protected. */
static void test_protected_are_spared(void)
{
	struct world w;

	world_of_sizes(&w, 8000, 0, 0, 0);
	w.k->memcg[1].usage = 999;
	w.k->memcg[1].protection[PROTECT_MIN].effective = 500;
	expect(&w, (struct scan_control){ .target = 0 }, 4000, 32, 32,
	       32); /* a batch of each, if there are any */
	w.k->memcg[1].usage = 0;
	world_release(&w);
}

static void test_no_swappiness(void)
{
	struct world w;

	world_of_sizes(&w, 800, 400, 200, 100);
	w.k->config.swappiness = 0;
	expect(&w, (struct scan_control){ .target = 1 }, 0, 0, 200, 100);
	expect(&w, (struct scan_control){ .target = 0, .file_is_tiny = 1 }, 800, 400, 0, 0);
	world_release(&w);
}

static void test_last_resort(void)
{
	struct world w;

	world_of_sizes(&w, 800, 400, 200, 100);
	expect(&w, (struct scan_control){ .target = 1, .cost = { 5000 } }, 800, 400, 200, 100);
	expect(&w, (struct scan_control){ .target = 1, .cache_trim_mode = 1 }, 800, 400, 200, 100);
	world_release(&w);
}

static void test_trims_cache(void)
{
	struct world w;
	struct scan_control sc = { .target = 1, .priority = 2 };

	world_of_sizes(&w, 8000, 0, 400, 100); /* enough inactive, nobody missed any */
	prepare_scan_control(w.k, &sc);
	CU_ASSERT(sc.cache_trim_mode);
	expect(&w, sc, 0, 0, 100, 25);
	w.k->lruvec[1].activated[LRU_FILE] = 1; /* somebody did */
	prepare_scan_control(w.k, &sc);
	CU_ASSERT_FALSE(sc.cache_trim_mode);
	CU_ASSERT(sc.may_deactivate & 1 << LRU_FILE);
	snapshot_refaults(w.k, 1);
	prepare_scan_control(w.k, &sc);
	CU_ASSERT(sc.cache_trim_mode);
	sc.no_cache_trim = 1; /* it was tried, in vain */
	prepare_scan_control(w.k, &sc);
	CU_ASSERT_FALSE(sc.cache_trim_mode);
	sc.no_cache_trim = 0;
	sc.priority = 9; /* 400 >> 9 is nothing */
	prepare_scan_control(w.k, &sc);
	CU_ASSERT_FALSE(sc.cache_trim_mode);
	world_release(&w);
}

/* Of the machine only: so little cache that with all that is free it is below the high watermark. */
static void test_tiny_cache(void)
{
	struct world w;
	struct scan_control sc = { .target = 0, .priority = 1 }, of_cgroup = { .target = 1, .priority = 1 };

	world_of_sizes(&w, 8000, 0, 10, 20);
	w.k->memory->free = w.k->memory->high - 30;
	prepare_scan_control(w.k, &sc);
	CU_ASSERT(sc.file_is_tiny);
	expect(&w, sc, 4000, 0, 0, 0);
	prepare_scan_control(w.k, &of_cgroup);
	CU_ASSERT_FALSE(of_cgroup.file_is_tiny);
	sc.priority = 13; /* 8000 >> 13 is nothing */
	prepare_scan_control(w.k, &sc);
	CU_ASSERT_FALSE(sc.file_is_tiny);
	sc.priority = 1;
	w.k->lruvec[0].activated[LRU_ANON] = 1; /* and they are missed */
	prepare_scan_control(w.k, &sc);
	CU_ASSERT_FALSE(sc.file_is_tiny);
	snapshot_refaults(w.k, 0);
	prepare_scan_control(w.k, &sc);
	CU_ASSERT(sc.file_is_tiny);
	w.k->memory->free++;
	prepare_scan_control(w.k, &sc);
	CU_ASSERT_FALSE(sc.file_is_tiny);
	world_release(&w);
}

static void test_deactivation(void)
{
	struct world w;
	struct scan_control sc = { .target = 1, .priority = 12 };

	world_of_sizes(&w, 100, 100, 100, 101);
	prepare_scan_control(w.k, &sc);
	CU_ASSERT_EQUAL(sc.may_deactivate, 1 << LRU_FILE); /* more active than inactive */
	w.k->lruvec[1].activated[LRU_ANON] = 5;
	prepare_scan_control(w.k, &sc);
	CU_ASSERT_EQUAL(sc.may_deactivate, 1 << LRU_FILE | 1 << LRU_ANON);
	snapshot_refaults(w.k, 1);
	sc.force_deactivate = 1;
	prepare_scan_control(w.k, &sc);
	CU_ASSERT_EQUAL(sc.may_deactivate, 1 << LRU_FILE | 1 << LRU_ANON);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "swappiness divides the scan when nothing has cost", test_by_swappiness },
	{ "costs move it to what was cheap", test_by_cost },
	{ "without swap only page cache is scanned", test_no_swap },
	{ "what is protected is spared", test_protected_are_spared },
	{ "swappiness 0 spares a cgroup's pages, but not the machine's", test_no_swappiness },
	{ "at priority 0 everything is scanned", test_last_resort },
	{ "cache that nobody misses goes first", test_trims_cache },
	{ "next to no cache is left alone", test_tiny_cache },
	{ "what may be deactivated, by type", test_deactivation },
};

UNIT_MAIN("scan balance", tests)
