/*
 * What real kernels were found to do (docs/fidelity.md, "Sixteen findings"), each as a run that has to show
 * it. The runs are smaller than those that were recorded: 32 MiB, of which so many percent may be in memory.
 */
#include "tests/unit/unit.h"

#include "models/swap/slots.h"
#include "models/work/work.h"
#include "tests/unit/scenario_text.h"

enum { PAGES = 8192, OVERHEAD = 61, TOUCHES = 16384 };

struct setup {
	const char *kernel, *device;
	const char *load;    /* workload */
	const char *machine; /* more of it, each with a comma before it */
	const char *task;    /* more of it likewise */
	u32 percent;	     /* limit */
	u32 cgroup_version;  /* 2 */
	u32 memory_mib;	     /* 512 */
	u32 swap_mib;	     /* 64 */
	u32 swap_max_mib;    /* v2: none; v1: beyond the limit */
	u32 nomerges;
	u64 seed; /* 1 */
};

#define SEQ "'seq':{'size':'32MiB','passes':2}"
#define BACK "'back':{'size':'32MiB','passes':2}"
#define STRIDE "'stride':{'size':'32MiB','passes':2,'stride':8}"
#define SEQ_WRITES "'seq':{'size':'32MiB','passes':2,'write_permille':1000,'writes':'update'}"
#define RAND "'rand':{'size':'32MiB','accesses':16384,'write_permille':300,'writes':'update'}"
#define FILL "'rand':{'size':'32MiB','accesses':1}"
#define FRESH "+stats-ratelimited=off"

static char *scenario_of(const struct setup *s)
{
	u64 limit = (u64)PAGES * 4096 * s->percent / 100, swap = (u64)s->swap_max_mib << 20;
	GString *text = g_string_new(NULL);

	g_string_append_printf(text,
			       "{'format':1,'name':'f','machine':{'memory':'%uMiB','memory_stat_every':'"
			       "10ms','cgroup_version':%u%s},"
			       "'swap':[{'device':'%s','size':'%uMiB','nomerges':%u}],",
			       s->memory_mib ? s->memory_mib : 512, s->cgroup_version ? s->cgroup_version : 2,
			       s->machine ? s->machine : "", s->device, s->swap_mib ? s->swap_mib : 64,
			       s->nomerges);
	g_string_append_printf(text, "'cgroups':[{'name':'g','memory.max':%" G_GUINT64_FORMAT, limit);
	if (swap && s->cgroup_version == 1)
		g_string_append_printf(text, ",'memory.memsw.max':%" G_GUINT64_FORMAT, limit + swap);
	else if (swap)
		g_string_append_printf(text, ",'memory.swap.max':%" G_GUINT64_FORMAT, swap);
	g_string_append_printf(text, "}],'tasks':[{'name':'p','cgroup':'g'%s,'workload':{%s}}]}",
			       s->task ? s->task : "", s->load);
	return g_string_free(text, FALSE);
}

static struct run_result *run(struct setup s)
{
	char *text = scenario_of(&s);
	struct scenario *scenario = scenario_right(text);
	struct build_options options = { .kernel = s.kernel, .seed = s.seed ? s.seed : 1 };
	GError *error = NULL;
	struct run_result *r = run_scenario(scenario, &options, NULL, NULL, &error);

	if (!r)
		g_error("%s", error->message);
	scenario_free(scenario);
	g_free(text);
	return r;
}

/* Of the cgroup, after the fill. */
static u64 after_fill(const struct run_result *r, enum counter id)
{
	for (u32 i = 0; i < r->phases; i++)
		if (!strcmp(r->phase[i].name, "run"))
			return r->phase[i].count[1][id];
	CU_FAIL_FATAL("there is no phase run");
	return 0;
}

static u64 machine_after_fill(const struct run_result *r, enum counter id)
{
	for (u32 i = 0; i < r->phases; i++)
		if (!strcmp(r->phase[i].name, "run"))
			return r->phase[i].count[0][id];
	return 0;
}

static u64 in_all(const struct run_result *r, enum counter id)
{
	return r->phase[0].count[1][id];
}

static u64 count_of(struct setup s, enum counter id)
{
	struct run_result *r = run(s);
	u64 n = after_fill(r, id);

	run_result_free(r);
	return n;
}

/* Within @percent of @b. */
static bool is_near(u64 a, u64 b, u32 percent)
{
	return (a > b ? a - b : b - a) * 100 <= b * percent;
}

/* ---- 1 to 4 ---- */

static void test_designs(void)
{
	static const char *const design[] = { "6.12" FRESH, "6.14" FRESH, "6.17" FRESH, "6.18" FRESH };
	static const enum counter counter[] = { PSWPIN, PSWPOUT, PGMAJFAULT, WORKINGSET_REFAULT_ANON };
	u64 expected[ARRAY_SIZE(counter)];

	for (u32 i = 0; i < ARRAY_SIZE(design); i++) {
		struct run_result *r = run((struct setup){
		    .kernel = design[i], .device = "zram-lzo-rle", .load = RAND, .percent = 50 });

		for (u32 c = 0; c < ARRAY_SIZE(counter); c++) {
			if (!i)
				expected[c] = after_fill(r, counter[c]);
			CU_ASSERT_EQUAL(after_fill(r, counter[c]), expected[c]);
		}
		run_result_free(r);
	}
	for (u32 i = 0; i < ARRAY_SIZE(design); i++) {
		u64 n = count_of(
		    (struct setup){ .kernel = design[i], .device = "disk", .load = RAND, .percent = 50 },
		    PSWPIN);

		expected[0] = i ? expected[0] : n;
		CU_ASSERT(is_near(n, expected[0], 4));
	}
}

/* Of uniform accesses any policy that does not look ahead misses what is not there. */
static void test_near_lru(void)
{
	for (u32 percent = 25; percent <= 75; percent += 25) {
		u64 missing = PAGES - (PAGES * percent / 100 - OVERHEAD);
		u64 n = count_of(
		    (struct setup){
			.kernel = "6.18", .device = "zram-lzo-rle", .load = RAND, .percent = percent },
		    WORKINGSET_REFAULT_ANON);

		CU_ASSERT(is_near(n, TOUCHES * missing / PAGES, 5));
	}
}

static void test_cliff(void)
{
	struct setup s = { .device = "zram-lzo-rle", .load = SEQ, .percent = 100 };
	static const char *const all[] = { "6.1", "6.12", "6.18" };
	u64 refaults;

	for (u32 i = 0; i < ARRAY_SIZE(all); i++) {
		s.kernel = all[i];
		CU_ASSERT_EQUAL(count_of(s, WORKINGSET_REFAULT_ANON), 2 * PAGES);
	}
	s.device = "disk";
	s.percent = 90;
	s.machine = ",'cpu':'emulated'";
	s.kernel = "6.1";
	refaults = count_of(s, WORKINGSET_REFAULT_ANON);
	CU_ASSERT(refaults > 2 * PAGES * 95 / 100);
	s.kernel = "6.12";
	CU_ASSERT(count_of(s, WORKINGSET_REFAULT_ANON) < refaults * 9 / 10);
	s.nomerges = 2; /* so that no burst of writes can wait in a plug */
	CU_ASSERT(count_of(s, WORKINGSET_REFAULT_ANON) > 2 * PAGES * 95 / 100);
}

static void test_clean_pages_keep_slots(void)
{
	struct setup s = { .kernel = "6.18", .load = SEQ, .percent = 50 };
	struct run_result *r;

	s.device = "disk";
	r = run(s);
	CU_ASSERT(after_fill(r, PGSTEAL) > 2 * PAGES * 9 / 10);
	CU_ASSERT(after_fill(r, PSWPOUT) < after_fill(r, PGSTEAL) / 2);
	run_result_free(r);
	s.device = "zram-lzo-rle";
	r = run(s);
	CU_ASSERT_EQUAL(after_fill(r, PSWPOUT), after_fill(r, PGSTEAL));
	run_result_free(r);
}

/* ---- 5 to 8 ---- */

static u64 swap_peak(const char *kernel, const char *device, u32 version)
{
	struct run_result *r = run((struct setup){
	    .kernel = kernel, .device = device, .load = SEQ, .percent = 50, .cgroup_version = version });
	u64 peak = r->swap_peak[1];

	run_result_free(r);
	return peak;
}

static void test_swap_peaks(void)
{
	CU_ASSERT(is_near(swap_peak("6.12", "disk", 2), PAGES, 3)); /* the whole footprint */
	CU_ASSERT(is_near(swap_peak("6.12", "disk", 1), PAGES / 2 + OVERHEAD, 8));
	CU_ASSERT(is_near(swap_peak("6.12", "zram-lzo-rle", 2), PAGES / 2 + OVERHEAD, 8));
	CU_ASSERT(is_near(swap_peak("6.12", "zram-lzo-rle", 1), PAGES / 2 + OVERHEAD, 8));
}

static void test_readahead(void)
{
	struct setup s = { .kernel = "6.12", .device = "disk", .percent = 50 };
	static const char *const sweep[] = { SEQ, BACK };
	struct run_result *r;

	for (u32 i = 0; i < ARRAY_SIZE(sweep); i++) {
		s.load = sweep[i];
		r = run(s);
		CU_ASSERT(is_near(after_fill(r, PGMAJFAULT) * 8, after_fill(r, PSWPIN), 4));
		CU_ASSERT(is_near(after_fill(r, SWAP_RA_HIT), after_fill(r, SWAP_RA), 3));
		run_result_free(r);
	}
	s.load = STRIDE;
	r = run(s);
	CU_ASSERT(after_fill(r, SWAP_RA) * 50 < after_fill(r, PSWPIN));
	run_result_free(r);
	s.device = "disk-rot"; /* by slots: what was written in a row is read in a row */
	r = run(s);
	CU_ASSERT(after_fill(r, SWAP_RA) * 20 < after_fill(r, PSWPIN));
	run_result_free(r);
	s.device = "disk";
	s.load = SEQ;
	s.machine = ",'page-cluster':0";
	r = run(s);
	CU_ASSERT_EQUAL(after_fill(r, PGMAJFAULT), after_fill(r, PSWPIN));
	CU_ASSERT_EQUAL(after_fill(r, SWAP_RA), 0);
	run_result_free(r);
	s.device = "zram-lzo-rle";
	s.machine = NULL;
	r = run(s);
	CU_ASSERT_EQUAL(after_fill(r, PGMAJFAULT), after_fill(r, PSWPIN));
	CU_ASSERT_EQUAL(after_fill(r, SWAP_RA), 0);
	run_result_free(r);
}

/* A page that was read back and is written then faults once more in 6.1. */
static void test_read_faults(void)
{
	struct setup s = { .kernel = "6.12", .device = "disk", .load = RAND, .percent = 50 };
	struct run_result *r = run(s);

	CU_ASSERT(is_near(after_fill(r, PGFAULT), after_fill(r, PGMAJFAULT), 10));
	run_result_free(r);
	s.kernel = "6.1";
	r = run(s);
	CU_ASSERT(after_fill(r, PGFAULT) > after_fill(r, PGMAJFAULT) * 13 / 10);
	run_result_free(r);
}

static void test_zeroes(void)
{
	struct setup s = { .device = "disk", .load = SEQ, .percent = 50, .task = ",'contents':'zero'" };
	struct run_result *r;

	s.kernel = "6.12";
	r = run(s);
	CU_ASSERT_EQUAL(in_all(r, PSWPIN) + in_all(r, PSWPOUT), 0);
	CU_ASSERT(in_all(r, SWPIN_ZERO) >= 2 * PAGES);
	CU_ASSERT(in_all(r, SWPOUT_ZERO) >= PAGES);
	run_result_free(r);
	s.kernel = "6.1";
	r = run(s);
	CU_ASSERT(in_all(r, PSWPOUT) >= PAGES);
	run_result_free(r);
	s.kernel = "6.12";
	s.task = ",'contents':'const'"; /* of no other byte */
	r = run(s);
	CU_ASSERT(in_all(r, PSWPOUT) >= PAGES);
	run_result_free(r);
}

/* ---- 9 to 12 ---- */

static bool is_killed(struct setup s, u64 *written)
{
	struct run_result *r = run(s);
	bool killed = r->kill->len > 0;

	if (written)
		*written = in_all(r, PSWPOUT);
	run_result_free(r);
	return killed;
}

static void test_kills(void)
{
	struct setup s = { .kernel = "6.12",
			   .device = "disk",
			   .load = FILL,
			   .percent = 50,
			   .swap_max_mib = 4,
			   .cgroup_version = 2 };
	u64 written;

	CU_ASSERT(is_killed(s, &written)); /* exactly when all of it is used */
	CU_ASSERT_EQUAL(written, 1024);
	s.swap_max_mib = 20; /* more than there has to be */
	CU_ASSERT_FALSE(is_killed(s, NULL));
	s.swap_max_mib = 4;
	s.cgroup_version = 1;
	s.device = "zram-lzo-rle";
	CU_ASSERT(is_killed(s, &written)); /* some dozen pages earlier */
	CU_ASSERT(written < 1024 && written > 1024 - 100);
}

/* 16 MiB of 64, all written and none of it sent: in some of 20 runs nothing can be reclaimed, with swap free.
 */
static void test_premature_kills(void)
{
	struct setup s = { .device = "disk",
			   .percent = 50,
			   .load =
			       "'seq':{'size':'64MiB','passes':2,'write_permille':1000,'writes':'update'}",
			   .swap_mib = 2048,
			   .machine = ",'cpu':'emulated'",
			   .kernel = "6.12" };
	bool killed = false;

	for (s.seed = 1; s.seed <= 20 && !killed; s.seed++)
		killed = is_killed(s, NULL);
	CU_ASSERT(killed);
	s.kernel = "6.1";
	for (s.seed = 1; s.seed <= 2; s.seed++)
		CU_ASSERT_FALSE(is_killed(s, NULL));
}

static void test_who_reclaims(void)
{
	struct run_result *r =
	    run((struct setup){ .kernel = "6.12", .device = "disk", .load = RAND, .percent = 50 });

	CU_ASSERT(after_fill(r, PGSCAN) > 0);
	CU_ASSERT_EQUAL(machine_after_fill(r, PGSCAN_KSWAPD), 0);
	CU_ASSERT_EQUAL(machine_after_fill(r, PGSCAN_DIRECT), 0);
	run_result_free(r);
	r = run((struct setup){ .kernel = "6.12",
				.device = "disk",
				.percent = 1000,
				.load = "'seq':{'size':'32MiB','passes':2,'think':'20us'}",
				.memory_mib = 24 });
	CU_ASSERT(machine_after_fill(r, PGSCAN_KSWAPD) > 20 * machine_after_fill(r, PGSCAN_DIRECT));
	CU_ASSERT(machine_after_fill(r, PGSCAN_KSWAPD) > PAGES);
	run_result_free(r);
}

static void test_pressure(void)
{
	struct setup s = { .kernel = "6.12", .device = "zram-lzo-rle", .load = RAND, .percent = 50 };
	struct run_result *r = run(s);
	const u64 *one = r->phase[0].pressure[1];

	CU_ASSERT_EQUAL(one[PSI_MEM_SOME], one[PSI_MEM_FULL]);
	CU_ASSERT(one[PSI_MEM_SOME] > r->time_ns / 10); /* though nobody waits for a device */
	run_result_free(r);
	s.task = ",'count':4";
	s.percent = 200;
	r = run(s);
	CU_ASSERT(r->phase[0].pressure[1][PSI_MEM_FULL] < r->phase[0].pressure[1][PSI_MEM_SOME] * 9 / 10);
	run_result_free(r);
}

static void test_batches(void)
{
	struct setup s = { .kernel = "6.12",
			   .device = "disk",
			   .load = "'seq':{'size':'64MiB','passes':1}",
			   .percent = 100,
			   .machine = ",'cpu':'emulated'" };
	struct run_result *r = run(s);

	CU_ASSERT(is_near(after_fill(r, PGSTEAL), 41 * after_fill(r, EVENTS_MAX), 8));
	CU_ASSERT(r->phase[0].count[0][BLK_WR_PAGES] > 25 * r->phase[0].count[0][BLK_WR_IOS]);
	run_result_free(r);
	s.kernel = "6.18";
	s.machine = NULL;
	s.cgroup_version = 1;
	s.device = "zram-lzo-rle";
	s.load = RAND;
	s.percent = 50;
	r = run(s); /* a hit of the limit for nearly every page that comes back */
	CU_ASSERT(is_near(after_fill(r, FAILCNT), after_fill(r, PSWPIN), 15));
	run_result_free(r);
}

/* ---- 13 to 16 ---- */

/* Slots of the first pages of a fill, in the order of pages; they were written in that order. */
enum { SLOTS = 1100, PER_CLUSTER = 512 };
static void slots_of_fill(const char *kernel, u32 *slot)
{
	struct setup s = {
		.kernel = kernel, .device = "disk", .load = FILL, .percent = 33, .swap_mib = 1024
	};
	char *text = scenario_of(&s);
	struct scenario *scenario = scenario_right(text);
	struct build_options options = { .kernel = kernel, .seed = 1 };
	struct kernel *k = scenario_build(scenario, &options, NULL);

	CU_ASSERT_FATAL(k != NULL);
	for (u64 time = 0; k->mm[0].swap_ents < SLOTS; time += 10000)
		CU_ASSERT_FATAL(machine_run(&k->machine, time, NULL));
	for (u32 i = 0; i < SLOTS; i++)
		slot[i] =
		    k->pte_flags[k->mm[0].first_page + i] & PTE_SWAP ? k->pte[k->mm[0].first_page + i] : 0;
	kernel_free(k);
	scenario_free(scenario);
	g_free(text);
}

static void test_slot_order(void)
{
	static const char *const all[] = { "6.1", "6.12", "6.18" };

	for (u32 i = 0; i < ARRAY_SIZE(all); i++) {
		u32 slot[SLOTS], breaks = 0, elsewhere = 0;

		slots_of_fill(all[i], slot);
		for (u32 n = 1; n < SLOTS; n++) {
			bool same_cluster = slot[n] / PER_CLUSTER == slot[n - 1] / PER_CLUSTER;

			breaks += same_cluster && slot[n] != slot[n - 1] + 1;
			elsewhere += !same_cluster && slot[n] != slot[n - 1] + 1;
		}
		CU_ASSERT_EQUAL(breaks, 0); /* within a cluster one after the other */
		CU_ASSERT_EQUAL(elsewhere > 0, i < 2);
		CU_ASSERT_EQUAL(slot[0] == 1, i == 2);
	}
}

/* Pages of 64 KiB come back whole where the device is synchronous. */
static void test_large_folios(void)
{
	struct setup s = { .kernel = "6.18",
			   .device = "zram-lzo-rle",
			   .load = RAND,
			   .percent = 75,
			   .task = ",'madvise':'hugepage'",
			   .machine = ",'thp':{'sizes':{'64KiB':'madvise','2MiB':'never'}}" };
	u64 large = count_of(s, PSWPIN), small;

	s.device = "disk";
	small = count_of(s, PSWPIN);
	CU_ASSERT(large > 12 * small);
	s.device = "zram-lzo-rle";
	s.load = SEQ;
	CU_ASSERT(is_near(count_of(s, PGMAJFAULT) * 16, count_of(s, PSWPIN), 2));
}

static void test_generations(void)
{
	static const char *const release[] = { "6.1", "6.12" };

	for (u32 i = 0; i < ARRAY_SIZE(release); i++) {
		struct setup s = { .kernel = release[i], .device = "disk", .load = RAND, .percent = 50 };
		u64 classic = count_of(s, PSWPIN);
		struct run_result *r;

		s.machine = ",'lru':'mglru'";
		r = run(s);
		CU_ASSERT(is_near(after_fill(r, PSWPIN), classic, 6));
		CU_ASSERT_EQUAL(after_fill(r, WORKINGSET_REFAULT_ANON) * 2 > after_fill(r, PSWPIN), i);
		run_result_free(r);
		s.load = SEQ;
		CU_ASSERT_EQUAL(count_of(s, WORKINGSET_REFAULT_ANON) > 0, i);
	}
}

static void test_noise(void)
{
	struct setup s = { .kernel = "6.18", .device = "zram-lzo-rle", .load = RAND, .percent = 50 };
	u64 first = count_of(s, PSWPIN), least = UINT64_MAX, most = 0;

	for (s.seed = 2; s.seed <= 4; s.seed++)
		CU_ASSERT(is_near(count_of(s, PSWPIN), first, 4)); /* their accesses differ, too */
	s.device = "disk";
	s.load = SEQ;
	s.percent = 90;
	for (s.seed = 1; s.seed <= 4; s.seed++) {
		u64 n = count_of(s, PSWPIN);

		least = MIN(least, n);
		most = MAX(most, n);
	}
	CU_ASSERT(most > least + least / 50); /* near the knee little things decide */
}

static const struct unit tests[] = {
	{ "1: designs count the same", test_designs },
	{ "2: classic reclaim is near LRU", test_near_lru },
	{ "3: the cliff of sweeps depends on device and release", test_cliff },
	{ "4: clean pages keep their slots on disks", test_clean_pages_keep_slots },
	{ "5: peaks of swap", test_swap_peaks },
	{ "6: readahead", test_readahead },
	{ "7: 6.1 maps what was read back read-only", test_read_faults },
	{ "8: zeroes are not written from 6.12 on", test_zeroes },
	{ "9: kills come when swap is used up", test_kills },
	{ "9: and before, in some of 20 runs", test_premature_kills },
	{ "10: who reclaims", test_who_reclaims },
	{ "11: pressure", test_pressure },
	{ "12: batches", test_batches },
	{ "13: order of slots", test_slot_order },
	{ "14: large folios amplify on zram", test_large_folios },
	{ "15: the multi-gen LRU misses as often and counts otherwise", test_generations },
	{ "16: noise", test_noise },
};

UNIT_MAIN("findings", tests)
