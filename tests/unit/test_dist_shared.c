/* Tables that several machines have. */
#include "sim/dist.h"

#include "tests/unit/unit.h"

/* More of them than are kept when nobody uses them. */
static void test_lognormal(void)
{
	const struct lognormal *l[100];

	for (u32 round = 0; round < 2; round++) {
		for (u32 i = 0; i < ARRAY_SIZE(l); i++)
			l[i] = lognormal_new(80000 + i, 10000000);
		CU_ASSERT_PTR_EQUAL(lognormal_new(80000, 10000000), l[0]);
		lognormal_free(l[0]);
		for (u32 i = 0; i < ARRAY_SIZE(l); i++) {
			CU_ASSERT_EQUAL(lognormal_at(l[i], UINT64_C(1) << 63), 80000 + i);
			lognormal_free(l[i]);
		}
	}
}

static const struct unit tests[] = {
	{ "equal lognormal distributions are one table, as long as anybody uses it", test_lognormal },
};

UNIT_MAIN("dist: shared", tests)
