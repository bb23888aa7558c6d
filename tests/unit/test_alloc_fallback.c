/*
 * The kernel's test of its slot allocator (tools/mm/thp_swap_allocator_test, see scenarios/mthp-fallback):
 * how many folios of 64 KiB find no 16 slots in a row, over 100 rounds.
 *
 * Published with the allocator by cluster order (6.12): near 0 where folios come back whole, and more and
 * more where they come back page by page. Here, in percent of rounds 1-10, 11-20, ... 91-100:
 *
 *		zram	nvme
 *	6.12	0	50 67 86 100 99  63  99  89  74  99
 *	6.14	0	30 19 14 14 14 13 13 13 13 13
 *	6.17	0	49 69 82 100 99  60  96  99  73  85
 *	6.18	0	49 71 79 100 99 100 100 100 100 100
 *
 * 6.14 puts into one request what continues its first one only, so that less is still being written when it
 * is given up, and fewer slots are left behind that only the swap cache holds.
 */
#include "tests/unit/scenario_text.h"
#include "tests/unit/unit.h"

enum { INIT_PHASE = 1, FIRST_ROUNDS, PARTS = 10 };

static struct run_result *rounds_on(const char *device, const char *kernel)
{
	char *text = g_strdup_printf(
	    "{'format':1,'name':'t','machine':{'cpus':1,'memory':'1GiB','page-cluster':0,"
	    "'thp':{'sizes':{'64KiB':'always','2MiB':'never'}}},'swap':[{'device':'%s','size':'64MiB'}],"
	    "'tasks':[{'name':'a','workload':{'rounds':{'size':'60MiB','rounds':100,'piece':'64KiB'}}}]}",
	    device);
	struct scenario *s = scenario_right(text);
	struct build_options options = options_of(s, kernel);
	struct run_result *r = run_scenario(s, &options, NULL, NULL, NULL);

	CU_ASSERT_PTR_NOT_NULL_FATAL(r);
	CU_ASSERT_EQUAL_FATAL(r->phases, FIRST_ROUNDS + PARTS);
	scenario_free(s);
	g_free(text);
	return r;
}

static u64 percent_split(const struct run_phase *phase)
{
	u64 split = phase->count[0][MTHP_64_SWPOUT_FALLBACK];

	return split * 100 / (split + phase->count[0][MTHP_64_SWPOUT]);
}

static const char *const releases[] = { "6.12", "6.14", "6.17", "6.18" };

static void test_whole(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(releases); i++) {
		struct run_result *r = rounds_on("zram-lzo-rle", releases[i]);

		CU_ASSERT(r->phase[0].count[0][MTHP_64_SWPOUT] > 30000);
		CU_ASSERT(r->phase[0].count[0][MTHP_64_SWPIN] > 20000);
		CU_ASSERT_EQUAL(r->phase[0].count[0][MTHP_64_SWPOUT_FALLBACK], 0);
		run_result_free(r);
	}
}

static void test_page_by_page(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(releases); i++) {
		struct run_result *r = rounds_on("nvme-client", releases[i]);
		const struct run_phase *round = &r->phase[FIRST_ROUNDS];

		CU_ASSERT_EQUAL(r->phase[0].count[0][MTHP_64_SWPIN], 0);
		CU_ASSERT_EQUAL(r->phase[INIT_PHASE].count[0][MTHP_64_SWPOUT_FALLBACK], 0);
		if (!strcmp(releases[i], "6.14")) {
			for (u32 part = 0; part < PARTS; part++)
				CU_ASSERT(percent_split(&round[part]) >= 5 &&
					  percent_split(&round[part]) <= 40);
			run_result_free(r);
			continue;
		}
		CU_ASSERT(percent_split(&round[0]) >= 40 && percent_split(&round[0]) <= 60);
		for (u32 part = 1; part < PARTS; part++)
			CU_ASSERT(percent_split(&round[part]) >= 60);
		CU_ASSERT(percent_split(&round[PARTS - 1]) >= 85);
		run_result_free(r);
	}
}

static const struct unit tests[] = {
	{ "no folio is split where they come back whole", test_whole },
	{ "more and more are where they come back page by page", test_page_by_page },
};

UNIT_MAIN("alloc_fallback", tests)
