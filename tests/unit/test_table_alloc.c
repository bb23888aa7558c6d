/*
 * The seed bug of this project, found by search: two tasks take a slot each while table allocations may fail.
 */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "tests/unit/alloc_world.h"
#include "tests/unit/search.h"

enum { MOST_STATES = 200000 };

static void explore(const char *release, u32 tasks, struct search *x, struct kernel **k, bool stop)
{
	*k = alloc_world(release, tasks);
	search_run(x, &(*k)->machine, &cluster_ownership, MOST_STATES, stop);
	printf("%u states of about %u bytes, %llu transitions: ", x->node->len, search_node(x, 0)->bytes,
	       (unsigned long long)x->transitions);
}

static void release(struct search *x, struct kernel *k)
{
	search_release(x);
	kernel_free(k);
}

static void test_v3_leaks(void)
{
	struct search x;
	struct kernel *k;
	char *trail;

	explore("6.18+table-alloc=v3", 2, &x, &k, true);
	CU_ASSERT_EQUAL(x.violations, 1);
	CU_ASSERT_STRING_EQUAL(x.why->str, "cluster 1 of device 0 is on no list and 0 operations hold it");
	trail = search_trail(&x, x.first_violation);
	CU_ASSERT(strstr(trail, "B swap_cluster_alloc_table.SLEEP") != NULL);
	CU_ASSERT(g_str_has_suffix(trail, "swap_cluster_alloc_table.LOCK_HINT\n"));
	g_free(trail);
	release(&x, k);
}

static void expect_clean(const char *name, u32 tasks)
{
	struct search x;
	struct kernel *k;

	explore(name, tasks, &x, &k, false);
	CU_ASSERT_EQUAL(x.violations, 0);
	CU_ASSERT_EQUAL(x.deadlocks, 0);
	CU_ASSERT(x.finished > 0);
	CU_ASSERT(x.node->len < MOST_STATES);
	release(&x, k);
}

static void test_v4_is_clean(void)
{
	expect_clean("6.18", 2);
}

static void test_v4_is_clean_with_three(void)
{
	expect_clean("6.18", 3);
}

static void test_without_tables(void)
{
	expect_clean("6.17", 3);
}

static const struct unit tests[] = {
	{ "v3 of the table allocation leaks a cluster", test_v3_leaks },
	{ "v4 never does, in any interleaving of two tasks", test_v4_is_clean },
	{ "nor of three", test_v4_is_clean_with_three },
	{ "6.17, which has no tables, does not either", test_without_tables },
};

UNIT_MAIN("table allocation", tests)
