/* Tasks that allocate slots for folios of different orders, in every interleaving. */
#include "models/audit.h"
#include "models/invariants.h"
#include "tests/unit/alloc_world.h"
#include "tests/unit/search.h"
#include "tests/unit/unit.h"

enum { MOST_STATES = 300000 };

static bool all_hold(struct machine *m, GString *why)
{
	return cluster_ownership.holds(m, why) && order_agreement.holds(m, why) &&
	       cache_bijection.holds(m, why) && audits_hold(m, &slot_conservation, why);
}

static const struct invariant all = { "all", "clusters, slots and folios agree", all_hold };

/* Every folio gets its slots in the end, or swap is full. */
static void expect_clean(const char *release, u32 tasks, const u32 *order)
{
	struct kernel *k = alloc_world_of(release, tasks, order);
	struct search x;

	search_run(&x, &k->machine, &all, MOST_STATES, false);
	printf("%s: %u states; ", release, x.node->len);
	CU_ASSERT_EQUAL(x.violations, 0);
	if (x.violations)
		printf("%s\n", x.why->str);
	CU_ASSERT_EQUAL(x.deadlocks, 0);
	CU_ASSERT(x.finished > 0);
	CU_ASSERT(x.node->len < MOST_STATES);
	search_release(&x);
	kernel_free(k);
}

static void test_pairs(void)
{
	static const u32 pairs[][2] = { { 0, 1 }, { 0, 2 }, { 1, 1 }, { 1, 2 }, { 2, 2 } };

	for (u32 i = 0; i < ARRAY_SIZE(pairs); i++) {
		expect_clean("6.14", 2, pairs[i]);
		expect_clean("6.17", 2, pairs[i]);
		expect_clean("6.18", 2, pairs[i]);
	}
}

static void test_three(void)
{
	static const u32 three[] = { 0, 1, 2 };

	expect_clean("6.17", 3, three);
	expect_clean("6.18", 3, three);
}

static const struct unit tests[] = {
	{ "two tasks, of any orders, get slots of clusters of their own order", test_pairs },
	{ "so do three", test_three },
};

UNIT_MAIN("alloc of several orders, searched", tests)
