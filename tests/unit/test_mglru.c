/* The multi-gen LRU: generations, walks, what is evicted, who is protected, what refaults count as. */
#include "models/mm/lru.h"
#include "models/mm/memory.h"
#include "models/mm/mglru.h"
#include "tests/unit/mglru_world.h"

static void test_faults(void)
{
	struct world w;

	world_of_generations(&w, "6.12");
	world_fill(&w, PAGES);
	CU_ASSERT_EQUAL(in_generation(&w, generations(&w)->max_seq), PAGES);
	CU_ASSERT_EQUAL(lruvec_size(w.k, 1, LRU_ACTIVE_ANON), PAGES);
	CU_ASSERT_EQUAL(lruvec_size(w.k, 1, LRU_INACTIVE_ANON), 0);
	age_once(&w);
	CU_ASSERT_EQUAL(lruvec_size(w.k, 1, LRU_ACTIVE_ANON), PAGES); /* the two youngest */
	world_age(&w, 0, PAGES);
	age_once(&w);
	CU_ASSERT_EQUAL(lruvec_size(w.k, 1, LRU_INACTIVE_ANON), PAGES);
	world_release(&w);
}

/* What was used becomes the youngest; the list it is on does not change. */
static void test_walk(void)
{
	struct world w;
	u64 oldest = MIN_NR_GENS + 1;

	world_of_generations(&w, "6.12");
	world_fill(&w, PAGES);
	age_once(&w);
	for (u32 i = 0; i < 100; i++)
		world_read(&w, i);
	age_once(&w);
	CU_ASSERT_EQUAL(in_generation(&w, oldest + 1), 100);
	CU_ASSERT_EQUAL(in_generation(&w, oldest), PAGES - 100);
	CU_ASSERT_EQUAL(generations(&w)->list[oldest % MAX_NR_GENS][LRU_ANON].count, PAGES);
	CU_ASSERT_EQUAL(flags_at(&w, 0) & PTE_ACCESSED, 0);
	world_release(&w);
}

/* A table of which one entry in eight was not in use is not walked the next time. */
static void test_filter(void)
{
	struct world w;

	world_of_generations(&w, "6.12");
	world_fill(&w, PAGES);
	world_age(&w, 0, PAGES - 8);
	age_once(&w); /* whole: nobody knows the process; notes the last table for the next walk */
	for (u32 i = 0; i < PAGES; i += 64)
		world_read(&w, i);
	age_once(&w);
	CU_ASSERT_EQUAL(in_generation(&w, generations(&w)->max_seq - 1), 1);
	CU_ASSERT(flags_at(&w, 0) & PTE_ACCESSED);
	CU_ASSERT_EQUAL(flags_at(&w, PAGES - 64) & PTE_ACCESSED, 0);
	world_release(&w);
}

/* No page can have been used by who did not run. And of two who want to age, one does. */
static void test_skips(void)
{
	struct world w;
	u64 seq;

	world_of_generations(&w, "6.12");
	world_fill(&w, PAGES);
	age_once(&w);
	for (u32 i = 0; i < PAGES; i++)
		world_read(&w, i);
	seq = generations(&w)->max_seq;
	CU_ASSERT(RUN(&w, try_to_inc_max_seq, .memcg = 1, .max_seq = seq, .swap = 1));
	CU_ASSERT_EQUAL(in_generation(&w, seq), 0);
	CU_ASSERT_FALSE(RUN(&w, try_to_inc_max_seq, .memcg = 1, .max_seq = seq, .swap = 1));
	CU_ASSERT_EQUAL(generations(&w)->max_seq, seq + 1);
	age_once(&w); /* the filter of this one has not been made yet */
	CU_ASSERT_EQUAL(in_generation(&w, seq + 1), PAGES);
	world_release(&w);
}

/* 64 at a time, the oldest first; two generations are left alone. */
static void test_eviction(void)
{
	struct world w;

	world_of_old_pages(&w, "6.12");
	CU_ASSERT_EQUAL(evict(&w), MIN_LRU_BATCH);
	CU_ASSERT_EQUAL(resident(&w, 0, MIN_LRU_BATCH), 0);
	CU_ASSERT_EQUAL(resident(&w, MIN_LRU_BATCH, PAGES - MIN_LRU_BATCH), PAGES - MIN_LRU_BATCH);
	CU_ASSERT_EQUAL(counted(&w, PGSCAN), MIN_LRU_BATCH);
	CU_ASSERT_EQUAL(counted(&w, PGSTEAL), MIN_LRU_BATCH);
	world_release(&w);
	world_of_generations(&w, "6.12");
	world_fill(&w, PAGES);
	CU_ASSERT_EQUAL(evict(&w), 0);
	CU_ASSERT_EQUAL(counted(&w, PGSCAN), 0);
	world_release(&w);
}

/* One page in use among those to be evicted: its neighbours are looked at, too, and all that are in use stay;
 * those that are isolated already are put back. */
static void test_neighbours(void)
{
	static const struct {
		const char *release;
		u32 older; /* than the youngest is where they are put */
		u32 activated;
	} as[] = { { "6.1", 0, 1 }, { "6.12", 0, 1 }, { "6.18", 1, 0 } };

	for (u32 i = 0; i < ARRAY_SIZE(as); i++) {
		struct world w;
		world_of_old_pages(&w, as[i].release);
		for (u32 page = 0; page < MIN_LRU_BATCH; page += 2)
			world_read(&w, page);
		CU_ASSERT_EQUAL(evict(&w), MIN_LRU_BATCH);
		CU_ASSERT_EQUAL(resident(&w, 0, MIN_LRU_BATCH), MIN_LRU_BATCH / 2);
		CU_ASSERT_EQUAL(in_generation(&w, generations(&w)->max_seq - as[i].older), MIN_LRU_BATCH / 2);
		CU_ASSERT_EQUAL(counted(&w, PGACTIVATE), as[i].activated);
		world_release(&w);
	}
}

/* Comes back while what it went with is still the oldest generation. */
static void refault(struct world *w)
{
	evict(w);
	CU_ASSERT_EQUAL(counted(w, WORKINGSET_REFAULT_ANON), 0);
	for (u32 i = 0; i < 10; i++)
		world_read(w, i);
}

static void test_refaults(void)
{
	static const struct {
		const char *release;
		u32 recent[2], late[2]; /* refaults, activations */
	} as[] = { { "6.1", { 10, 0 }, { 10, 0 } },
		   { "6.12", { 10, 10 }, { 12, 10 } },
		   { "6.18", { 10, 10 }, { 12, 12 } } };

	for (u32 i = 0; i < ARRAY_SIZE(as); i++) {
		struct world w;

		world_of_old_pages(&w, as[i].release);
		refault(&w);
		CU_ASSERT_EQUAL(counted(&w, WORKINGSET_REFAULT_ANON), as[i].recent[0]);
		CU_ASSERT_EQUAL(counted(&w, WORKINGSET_ACTIVATE_ANON), as[i].recent[1]);
		generations(&w)->min_seq[LRU_ANON]++;
		world_read(&w, 10);
		world_read(&w, 11);
		generations(&w)->min_seq[LRU_ANON]--;
		CU_ASSERT_EQUAL(counted(&w, WORKINGSET_REFAULT_ANON), as[i].late[0]);
		CU_ASSERT_EQUAL(counted(&w, WORKINGSET_ACTIVATE_ANON), as[i].late[1]);
		world_release(&w);
	}
}

/* Up to 6.13 what came back soon gets one generation more, and that is what 6.1 calls activated. */
static void test_protection(void)
{
	for (u32 i = 0; i < 2; i++) {
		struct world w;
		u64 seq;

		world_of_old_pages(&w, i ? "6.12" : "6.1");
		refault(&w);
		world_drain(&w, 0);
		seq = generations(&w)->max_seq;
		world_age(&w, 0, PAGES);
		while (generations(&w)->min_seq[LRU_ANON] <= seq)
			if (!evict(&w))
				age_once(&w);
		CU_ASSERT_EQUAL(resident(&w, 0, PAGES), 10);
		CU_ASSERT_EQUAL(in_generation(&w, seq + 1), 10);
		CU_ASSERT_EQUAL(counted(&w, WORKINGSET_ACTIVATE_ANON), 10);
		world_release(&w);
	}
}

/* A tier that comes back oftener than the first is spared. */
static void test_tiers(void)
{
	for (u32 i = 0; i < 2; i++) {
		struct world w;

		world_of_old_pages(&w, "6.12");
		folio_at(&w, 0)->flags |= FOLIO_WORKINGSET;
		generations(&w)->tier[LRU_ANON][0] =
		    (struct lru_gen_tier){ .evicted = 1000, .refaulted = 100 };
		generations(&w)->tier[LRU_ANON][1] =
		    (struct lru_gen_tier){ .evicted = 100, .refaulted = i ? 100 : 10 };
		evict(&w);
		CU_ASSERT_EQUAL(is_resident(&w, 0), i);
		CU_ASSERT_EQUAL(counted(&w, PGREFILL), i);
		world_release(&w);
	}
}

/* A cgroup at its limit, from the fault that meets it on. */
static void test_limit(void)
{
	static const char *const release[] = { "6.1", "6.12", "6.14", "6.18" };

	for (u32 i = 0; i < ARRAY_SIZE(release); i++) {
		struct world w;

		world_of_generations(&w, release[i]);
		w.k->memcg[1].max = 300;
		world_fill(&w, PAGES);
		CU_ASSERT(counted(&w, PSWPOUT) >= PAGES - 300);
		CU_ASSERT(counted(&w, PSWPOUT) < PAGES - 300 + 2 * MIN_LRU_BATCH);
		CU_ASSERT(generations(&w)->max_seq > MIN_NR_GENS + 1);
		CU_ASSERT_EQUAL(counted(&w, EVENTS_OOM_KILL), 0);
		world_release(&w);
	}
}

/* What a fault brings in is in use, but not what it brings in on behalf of reclaim. */
static void test_reclaim_is_no_use(void)
{
	for (u32 reclaims = 0; reclaims < 2; reclaims++) {
		struct task t = { .flags = PF_LRU_FAULT | (reclaims ? PF_MEMALLOC : 0) };
		struct world w;
		u32 folio;

		world_of_generations(&w, "6.12");
		folio = folio_alloc(w.k, 0, 0);
		w.k->folio[folio].flags |= FOLIO_WORKINGSET;
		folio_add_lru(w.k, &t, folio);
		CU_ASSERT_EQUAL(!(w.k->folio[folio].flags & FOLIO_ACTIVE), reclaims);
		world_release(&w);
	}
}

static const struct unit tests[] = {
	{ "what faults is the youngest", test_faults },
	{ "a walk makes what was used the youngest", test_walk },
	{ "a walk passes over tables that were little used", test_filter },
	{ "a walk passes over who did not run", test_skips },
	{ "eviction takes the oldest", test_eviction },
	{ "eviction spares what is in use, and its neighbours", test_neighbours },
	{ "refaults count as they did", test_refaults },
	{ "what comes back soon is protected", test_protection },
	{ "a tier that comes back is spared", test_tiers },
	{ "a cgroup at its limit", test_limit },
	{ "what reclaim brings in is not in use", test_reclaim_is_no_use },
};

UNIT_MAIN("mglru", tests)
