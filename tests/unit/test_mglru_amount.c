/* The multi-gen LRU: how much is evicted, and when it ages first. */
#include "models/mm/kswapd.h"
#include "models/mm/memcg.h"
#include "tests/unit/mglru_world.h"

#include <string.h>

/* One reclaim of the cgroup with this control; what it looked at. */
static u64 shrink(struct world *w, struct scan_control sc)
{
	u64 scanned = counted(w, PGSCAN);

	sc.nr_to_reclaim = 32;
	w->k->scan_control[w->k->machine.tasks] = sc;
	RUN(w, lru_gen_shrink_lruvec, .memcg = 1);
	return counted(w, PGSCAN) - scanned;
}

/* There is no need of another generation, and the pages are in the oldest. */
static void world_of_four(struct world *w, const char *release)
{
	struct lru_gen *g;

	world_of_old_pages(w, release);
	CU_ASSERT(age_once(w));
	g = generations(w);
	g->min_seq[LRU_FILE] = g->min_seq[LRU_ANON];
	CU_ASSERT_EQUAL(g->max_seq - g->min_seq[LRU_ANON] + 1, MAX_NR_GENS);
}

static const char *const kernels[] = { "6.1", "6.12", "6.18" };

/* The share of all pages that the priority says; with the first priority nothing but what that is. */
static void test_share(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct world w;
		u64 seq;

		world_of_old_pages(&w, kernels[i]);
		seq = generations(&w)->max_seq;
		CU_ASSERT_EQUAL(shrink(&w, (struct scan_control){ .target = 1, .priority = DEF_PRIORITY }),
				0);
		CU_ASSERT_EQUAL(generations(&w)->max_seq, seq);
		world_release(&w);
	}
	for (u32 priority = 1; priority < 4; priority++) { /* of those that are left before each batch */
		static const u32 scanned[] = { 0, 192, 128, 64 };
		struct world w;

		world_of_old_pages(&w, "6.12");
		CU_ASSERT_EQUAL(shrink(&w, (struct scan_control){ .target = 1, .priority = (s8)priority }),
				scanned[priority]);
		world_release(&w);
	}
}

/* From 6.17 a batch looks at no more than is asked for, which is less of a protected cgroup. 7.2 reckons once
 * how much that is, and takes 64 at a time. */
static void test_asked(void)
{
	static const struct {
		const char *release;
		u32 priority, min, scanned;
	} as[] = {
		{ "6.14", 5, 0, 64 },
		{ "6.17", 5, 0, PAGES >> 5 },
		{ "7.1", 5, 0, PAGES >> 5 },
		{ "7.2", 5, 0, PAGES >> 5 },
		{ "6.14", 5, PAGES / 2, 64 },
		{ "6.17", 4, PAGES / 2, PAGES >> 5 },
		{ "7.2", 4, PAGES / 2, PAGES >> 5 },
		{ "7.0", 1, 0, 192 },
		{ "7.2", 1, 0, 256 },
		{ "6.17", 1, PAGES, 0 },
		{ "7.2", 1, PAGES, 0 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(as); i++) {
		struct world w;

		world_of_four(&w, as[i].release);
		CU_ASSERT_EQUAL(w.k->memcg[1].usage, PAGES);
		w.k->memcg[1].protection[PROTECT_MIN].effective = as[i].min;
		w.k->scan_control[w.k->machine.tasks] = (struct scan_control){ .target = as[i].min ? 0 : 1,
									       .priority = (s8)as[i].priority,
									       .nr_to_reclaim = PAGES };
		RUN(&w, lru_gen_shrink_lruvec, .memcg = 1);
		CU_ASSERT_EQUAL(counted(&w, PGSCAN), as[i].scanned);
		world_release(&w);
	}
}

/* Reclaim of the machine leaves off when it has what it wants, 6.1 in any case, from 7.1 a cgroup's, too;
 * kswapd also when plenty is free. */
static void test_enough(void)
{
	static const struct {
		const char *release;
		u16 target;
		u32 scanned;
	} as[] = { { "6.1", 1, 64 },  { "6.12", 1, 192 }, { "6.12", 0, 64 },
		   { "7.0", 1, 192 }, { "7.1", 1, 64 },	  { "7.2", 1, 64 } };

	for (u32 i = 0; i < ARRAY_SIZE(as); i++) {
		struct world w;

		world_of_four(&w, as[i].release);
		CU_ASSERT_EQUAL(shrink(&w, (struct scan_control){ .target = as[i].target, .priority = 1 }),
				as[i].scanned);
		world_release(&w);
	}
	static const struct {
		const char *release;
		u32 plenty, wanted, scanned;
	} daemon[] = { { "6.12", 0, 1000, 192 },
		       { "6.12", 200, 1000, 64 },
		       { "6.12", 0, 64, 64 },
		       { "6.1", 0, 64, 192 },
		       { "6.1", 200, 64, 64 } };

	for (u32 i = 0; i < ARRAY_SIZE(daemon); i++) {
		struct world w;
		u32 task;

		world_of_old_pages(&w, daemon[i].release);
		task = w.k->machine.tasks;
		w.k->memory->high = w.k->memory->free - daemon[i].plenty;
		w.k->scan_control[task] = /* and something in the rounds before */
		    (struct scan_control){ .priority = 1,
					   .nr_to_reclaim = daemon[i].wanted,
					   .nr_reclaimed = 990 };
		ADD_ON(&w, 0, lru_gen_shrink_lruvec, .memcg = 1, .before = 990);
		w.k->machine.task[task].flags |= PF_KSWAPD;
		CU_ASSERT(machine_run(&w.k->machine, TIME_NEVER - 1, NULL));
		CU_ASSERT_EQUAL(counted(&w, PGSCAN), daemon[i].scanned);
		world_release(&w);
	}
}

/* kswapd begins where (all >> priority) * inactive / all is what it wants, within 6 and 12; not in 6.1. */
static void test_initial_priority(void)
{
	static const struct {
		const char *release;
		u32 inactive, wanted;
		s8 before, priority;
	} as[] = {
		{ "6.12", 1u << 15, 64, 12, 9 },
		{ "6.12", 1u << 15, 65, 12, 8 },
		{ "6.12", (1u << 15) - 1, 64, 12, 8 },
		{ "6.12", 1u << 15, 63, 12, 12 },
		{ "6.12", 1u << 15, 64, 11, 11 },
		{ "6.12", 100, 1000, 12, 6 },
		{ "6.12", 0, 64, 12, 6 },
		{ "6.12", 1u << 30, 64, 12, 12 },
		{ "6.1", 1u << 15, 64, 12, 12 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(as); i++) {
		struct scan_control sc = { .priority = as[i].before, .nr_to_reclaim = as[i].wanted };
		struct world w;
		struct lru_gen *g;

		world_of_generations(&w, as[i].release);
		g = generations(&w);
		g->pages[(g->max_seq - 2) % MAX_NR_GENS][LRU_ANON] = as[i].inactive;
		g->pages[g->max_seq % MAX_NR_GENS][LRU_ANON] = 12345;
		lru_gen_set_initial_priority(w.k, &sc);
		CU_ASSERT_EQUAL(sc.priority, as[i].priority);
		memset(g->pages, 0, sizeof g->pages);
		world_release(&w);
	}
}

/* Anonymous pages cannot go without swap, or next to none of it. */
static void test_no_swap(void)
{
	static const struct {
		u32 slots;
		bool no_swap, goes;
	} as[] = { { 200, false, true },
		   { 200, true, false },
		   { MIN_LRU_BATCH - 1, false, false },
		   { MIN_LRU_BATCH, false, true } };

	for (u32 i = 0; i < ARRAY_SIZE(as); i++) {
		struct world w;
		u64 scanned;

		world_of_old_pages(&w, "6.12");
		w.k->memcg[1].swap_max = as[i].slots;
		scanned =
		    shrink(&w, (struct scan_control){ .target = 1, .priority = 1, .no_swap = as[i].no_swap });
		CU_ASSERT_EQUAL(scanned > 0, as[i].goes);
		world_release(&w);
	}
}

/* Up to 6.13 generations are to be of about the same size; whoever has aged leaves off, but for 6.1. */
static void test_ages(void)
{
	static const struct {
		const char *release;
		u32 youngest, oldest;
		bool ages;
	} as[] = {
		{ "6.12", PAGES / 2, PAGES / 4, false },    { "6.12", PAGES / 2 + 1, PAGES / 4, true },
		{ "6.12", PAGES / 2, PAGES / 4 - 1, true }, { "6.12", 0, PAGES, false },
		{ "6.1", PAGES / 2 + 1, PAGES / 4, true },  { "6.18", 0, PAGES, true },
	};

	for (u32 i = 0; i < ARRAY_SIZE(as); i++) {
		struct world w;
		struct lru_gen *g;
		u64 seq, scanned;

		world_of_old_pages(&w, as[i].release);
		g = generations(&w);
		seq = g->max_seq;
		if (w.k->release->mglru_reworked)
			g->min_seq[LRU_FILE] = g->min_seq[LRU_ANON];
		g->pages[seq % MAX_NR_GENS][LRU_ANON] = as[i].youngest;
		g->pages[(seq - 2) % MAX_NR_GENS][LRU_ANON] = as[i].oldest;
		g->pages[(seq - 1) % MAX_NR_GENS][LRU_ANON] = PAGES - as[i].youngest - as[i].oldest;
		scanned = shrink(&w, (struct scan_control){ .target = 1, .priority = 3 });
		CU_ASSERT_EQUAL(g->max_seq, seq + as[i].ages);
		CU_ASSERT_EQUAL(scanned, as[i].ages && strcmp(as[i].release, "6.1") ? 0 : MIN_LRU_BATCH);
		CU_ASSERT_EQUAL(w.k->scan_control[w.k->machine.tasks - 1].gen_walk, 0);
		world_release(&w);
	}
}

/* Two generations are left alone; with four there is no need of another. */
static void test_number(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct world w;
		u64 seq;

		world_of_generations(&w, kernels[i]);
		world_fill(&w, PAGES);
		seq = generations(&w)->max_seq;
		generations(&w)->min_seq[LRU_ANON] = generations(&w)->min_seq[LRU_FILE] = seq - 1;
		CU_ASSERT_EQUAL(shrink(&w, (struct scan_control){ .target = 1 }), 0);
		CU_ASSERT_EQUAL(generations(&w)->max_seq, seq + 1);
		world_release(&w);

		world_of_old_pages(&w, kernels[i]);
		CU_ASSERT(age_once(&w));
		generations(&w)->min_seq[LRU_FILE] = generations(&w)->min_seq[LRU_ANON];
		seq = generations(&w)->max_seq;
		CU_ASSERT_EQUAL(shrink(&w, (struct scan_control){ .target = 1, .priority = 3 }),
				MIN_LRU_BATCH);
		CU_ASSERT_EQUAL(generations(&w)->max_seq, seq);
		world_release(&w);
	}
}

/* 7.2 ages as soon as nothing else can go, at the first priority, too, and goes on; for the machine for one
 * batch. Before, that was all, and at the first priority nothing. */
static void test_goes_on(void)
{
	static const struct {
		const char *release;
		u16 target;
		s8 priority;
		u32 ages, scanned;
	} as[] = {
		{ "7.1", 1, 1, 1, 0 },
		{ "7.2", 1, 1, 2, PAGES / 2 }, /* and once more, as there are three generations */
		{ "7.2", 0, 1, 1, MIN_LRU_BATCH },
		{ "7.2", 1, DEF_PRIORITY - 2, 0, 0 }, /* less than a page */
		{ "7.1", 1, DEF_PRIORITY, 0, 0 },
		{ "7.2", 1, DEF_PRIORITY, 1, PAGES >> 3 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(as); i++) {
		struct world w;
		struct lru_gen *g;
		u64 seq;

		world_of_generations(&w, as[i].release);
		world_fill(&w, PAGES);
		world_drain(&w, 0);
		world_age(&w, 0, PAGES);
		g = generations(&w);
		seq = g->max_seq;
		g->min_seq[LRU_ANON] = g->min_seq[LRU_FILE] = seq - 1;
		if (as[i].priority == DEF_PRIORITY) /* there is so much of it that a 4096th is a batch */
			g->pages[seq % MAX_NR_GENS][LRU_ANON] += (PAGES >> 3) * 4096 - PAGES;
		w.k->scan_control[w.k->machine.tasks] = (struct scan_control){ .target = as[i].target,
									       .priority = as[i].priority,
									       .nr_to_reclaim = PAGES };
		RUN(&w, lru_gen_shrink_lruvec, .memcg = 1);
		CU_ASSERT_EQUAL(g->max_seq, seq + as[i].ages);
		CU_ASSERT_EQUAL(counted(&w, PGSCAN), as[i].scanned);
		world_release(&w);
	}
}

/* Batches that new pages of this CPU are in are drained first. */
static void test_drains(void)
{
	struct world w;

	world_of_generations(&w, "6.12");
	world_write(&w, 0);
	CU_ASSERT_FALSE(folio_at(&w, 0)->flags & FOLIO_LRU);
	shrink(&w, (struct scan_control){ .target = 1, .priority = DEF_PRIORITY });
	CU_ASSERT(folio_at(&w, 0)->flags & FOLIO_LRU);
	world_release(&w);
}

/* Without swap anonymous pages are not what it begins with. */
static void test_initial_priority_without_swap(void)
{
	struct scan_control sc = { .priority = 12, .nr_to_reclaim = 64 };
	struct world w;
	struct lru_gen *g;

	world_of_generations(&w, "6.12");
	g = generations(&w);
	g->pages[(g->max_seq - 2) % MAX_NR_GENS][LRU_ANON] = 1u << 15;
	w.k->swap->free_pages = 0;
	lru_gen_set_initial_priority(w.k, &sc);
	CU_ASSERT_EQUAL(sc.priority, 6);
	memset(g->pages, 0, sizeof g->pages);
	world_release(&w);
}

/* Without swap only pages of files count, so none that cannot go calls for another generation. */
static void test_size_without_swap(void)
{
	for (u32 no_swap = 0; no_swap < 2; no_swap++) {
		struct world w;
		u64 seq;

		world_of_four(&w, "6.12");
		seq = generations(&w)->max_seq;
		generations(&w)->min_seq[LRU_FILE] = seq - MIN_NR_GENS;
		if (!no_swap)
			generations(&w)->min_seq[LRU_ANON] = seq - MIN_NR_GENS;
		shrink(&w, (struct scan_control){ .target = 1, .priority = 1, .no_swap = no_swap });
		CU_ASSERT_EQUAL(generations(&w)->max_seq, seq + !no_swap);
		world_release(&w);
	}
}

/* Who had to age since there was nothing to evict leaves it at that, though 6.1 could go on. */
static void test_used_up(void)
{
	struct world w;
	u64 seq;

	world_of_old_pages(&w, "6.1");
	seq = --generations(&w)->max_seq; /* as if the last one had not been opened */
	generations(&w)->walked--;
	lru_gen_use_mm(w.k, 0);
	CU_ASSERT_EQUAL(generations(&w)->min_seq[LRU_ANON], seq - 1);
	CU_ASSERT_EQUAL(shrink(&w, (struct scan_control){ .target = 1, .priority = 1 }), 0);
	CU_ASSERT_EQUAL(generations(&w)->max_seq, seq + 1);
	world_release(&w);
}

/* Where reclaim of the machine begins: pages that cannot go for want of swap are no reason to begin low. */
static void test_first_priority(void)
{
	enum { MANY = 1 << 15, WANTED = 64 };

	for (u32 full = 0; full < 2; full++) {
		struct scan_control sc = { .priority = DEF_PRIORITY, .nr_to_reclaim = WANTED };
		struct world w;

		world_of_generations(&w, "6.18");
		generations(&w)->pages[(generations(&w)->max_seq - MIN_NR_GENS) % MAX_NR_GENS][LRU_ANON] =
		    MANY;
		if (full)
			w.k->swap->free_pages = 0;
		lru_gen_set_initial_priority(w.k, &sc);
		CU_ASSERT_EQUAL(sc.priority, full ? DEF_PRIORITY / 2 : 9); /* MANY >> 9 is what is wanted */
		world_release(&w);
	}
}

static const struct unit tests[] = {
	{ "a share of all is evicted", test_share },
	{ "a batch is what is asked for", test_asked },
	{ "some leave off when there is enough", test_enough },
	{ "kswapd begins at the priority that will do", test_initial_priority },
	{ "nothing goes without swap", test_no_swap },
	{ "generations that are uneven age first", test_ages },
	{ "with two generations it ages, with four it does not", test_number },
	{ "who ages goes on", test_goes_on },
	{ "batches of new pages are drained", test_drains },
	{ "where it begins without swap", test_initial_priority_without_swap },
	{ "without swap only files call for a generation", test_size_without_swap },
	{ "who aged for want of old pages leaves it at that", test_used_up },
	{ "the first priority counts what can go", test_first_priority },
};

UNIT_MAIN("mglru: how much", tests)
