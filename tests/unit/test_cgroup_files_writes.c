/* What a write to a file of a cgroup does by itself; whole machines are in test_cgroup_files.c. */
#include "models/mm/cgroup_files.h"

#include "models/mm/kswapd.h"
#include "models/mm/memcg.h"
#include "tests/unit/zswap_world.h"

/* What only CPUs have in stock is given back before anything is reclaimed. */
static void test_stocks_first(void)
{
	struct world w;

	zswap_world(&w, (struct world_size){ 0 }, (struct zswap_config){ 0 });
	world_write(&w, 0);
	CU_ASSERT_EQUAL(w.k->memcg[1].usage, 64);
	RUN(&w, memory_max_write, .memcg = 1, .pages = 10);
	CU_ASSERT_EQUAL(w.k->memcg[1].usage, 1);
	CU_ASSERT_EQUAL(w.k->count[1][PGSCAN], 0);
	CU_ASSERT_EQUAL(w.k->count[1][EVENTS_OOM], 0);
	CU_ASSERT(is_resident(&w, 0));
	world_release(&w);
}

/* Each file has its own value. */
static void test_each_file(void)
{
	static const struct cgroup_write writes[] = {
		{ .memcg = 1, .file = CGROUP_MEMORY_SWAP_HIGH, .pages = 11 },
		{ .memcg = 1, .file = CGROUP_MEMORY_SWAP_MAX, .pages = 12 },
		{ .memcg = 1, .file = CGROUP_MEMORY_ZSWAP_MAX, .pages = 13 },
	};
	struct world w;

	zswap_world(&w, (struct world_size){ 0 }, (struct zswap_config){ 0 });
	w.k->config.cgroup_write = writes;
	w.k->config.cgroup_writes = ARRAY_SIZE(writes);
	for (u32 i = 0; i < ARRAY_SIZE(writes); i++)
		RUN(&w, cgroup_file_write, .write = i);
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_high, 11);
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_max, 12);
	CU_ASSERT_EQUAL(w.k->zswap_memcg[1].max, 13);
	world_release(&w);
}

/* What gave something does not count among the rounds that did not, after which somebody is killed. */
static void test_rounds_in_vain(void)
{
	struct world w;

	world_init(&w, (struct world_size){ 0 });
	world_fill(&w, 40);
	world_age(&w, 0, 40);
	for (u32 i = 0; i < 35; i++)
		io_of(&w, folio_at(&w, i))->lock = w.k->machine.config.tasks;
	memcg_drain_stocks(w.k, 1);
	CU_ASSERT_EQUAL(RUN(&w, memory_max_write, .memcg = 1, .pages = 10), PATH_OK);
	CU_ASSERT_EQUAL(counted(&w, PGSTEAL), 5);
	CU_ASSERT_EQUAL(w.k->latency[LATENCY_RECLAIM].count, 1 + MAX_RECLAIM_RETRIES);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "stocks are given back first", test_stocks_first },
	{ "each file has a value of its own", test_each_file },
	{ "rounds that gave something are not counted", test_rounds_in_vain },
};

UNIT_MAIN("cgroup files: writes", tests)
