/* The multi-gen LRU: a batch, who is passed over, what comes of those that cannot go. */
#include "models/cpu.h"
#include "models/mm/memcg.h"
#include "models/mm/kswapd.h"
#include "tests/unit/mglru_world.h"

static void test_figures(void)
{
	struct cpu_profile slow;
	const struct scan_control *sc;
	struct world w;
	u64 began;

	world_of_old_pages(&w, "6.12");
	for (u32 page = 0; page < MIN_LRU_BATCH / 2; page++) /* for eviction to find */
		w.k->folio[w.k->pte[page_of(&w, page)]].refs++;
	slow = *w.k->cpu_profile;
	slow.isolate_ns = 1000000;
	w.k->cpu_profile = &slow;
	began = w.k->machine.now;
	CU_ASSERT_EQUAL(evict(&w), MIN_LRU_BATCH);
	sc = &w.k->scan_control[w.k->machine.tasks - 1];
	CU_ASSERT_EQUAL(sc->nr_scanned, MIN_LRU_BATCH);
	CU_ASSERT_EQUAL(sc->nr_taken, 0); /* which kswapd would judge the device by */
	CU_ASSERT_EQUAL(sc->nr_reclaimed, MIN_LRU_BATCH / 2);
	/* all are taken off, and half of them are put back */
	CU_ASSERT_EQUAL((w.k->machine.now - began) / slow.isolate_ns, MIN_LRU_BATCH * 3 / 2);
	world_release(&w);
}

/* One folio at the end of the oldest list, and whether it is taken. */
struct end {
	struct world w;
	struct folio_list to;
	u32 folio;
};

static void end_of(struct end *e, const char *release)
{
	e->to = (struct folio_list){ 0 };
	world_of_old_pages(&e->w, release);
	e->folio = e->w.k->pte[page_of(&e->w, 0)];
}

static bool is_taken(struct end *e)
{
	u32 refs = e->w.k->folio[e->folio].refs;

	lru_gen_isolate(e->w.k, 1, 60, MAX_LRU_BATCH, &e->to);
	CU_ASSERT_EQUAL(e->to.count, MIN_LRU_BATCH);
	CU_ASSERT_EQUAL(!(e->w.k->folio[e->folio].flags & FOLIO_LRU),
			e->w.k->folio[e->folio].refs == refs + 1);
	return !(e->w.k->folio[e->folio].flags & FOLIO_LRU);
}

static u32 older_than_youngest(const struct end *e)
{
	const struct lru_gen *g = generations(&e->w);

	for (u32 older = 0; older < MAX_NR_GENS; older++)
		if (&g->list[(g->max_seq - older) % MAX_NR_GENS][LRU_ANON] == lru_gen_list(e->w.k, e->folio))
			return older;
	return MAX_NR_GENS;
}

/* What is isolated has forgotten, up to 6.13, that it was used. */
static void test_isolated(void)
{
	static const struct {
		const char *release;
		u32 flags, left;
	} as[] = {
		{ "6.12", FOLIO_RECLAIM | FOLIO_REFERENCED, 0 },
		{ "6.18", FOLIO_RECLAIM | FOLIO_REFERENCED, FOLIO_REFERENCED },
		{ "7.2", FOLIO_RECLAIM | FOLIO_REFERENCED, FOLIO_RECLAIM | FOLIO_REFERENCED },
		{ "6.12+mglru-reactivates=on", FOLIO_RECLAIM | FOLIO_REFERENCED, FOLIO_RECLAIM },
	};

	for (u32 i = 0; i < ARRAY_SIZE(as); i++) {
		struct end e;

		end_of(&e, as[i].release);
		e.w.k->folio[e.folio].flags |= as[i].flags;
		CU_ASSERT(is_taken(&e));
		CU_ASSERT_EQUAL(e.w.k->folio[e.folio].flags &
				    (FOLIO_RECLAIM | FOLIO_REFERENCED | FOLIO_WORKINGSET),
				as[i].left);
		CU_ASSERT_EQUAL(counted(&e.w, PGREFILL), 0);
		world_release(&e.w);
	}
}

/* What is being written gets a generation more, up to 7.1 and 6.12.113, and its end of I/O will bring it
 * back; so does, up to 6.13, what somebody has locked. */
static void test_passed_over(void)
{
	static const struct {
		const char *release;
		bool writeback, lock, taken;
	} as[] = {
		{ "6.12", true, false, false },
		{ "6.12", false, true, false },
		{ "6.12", false, false, true },
		{ "6.18", true, false, false },
		{ "6.18", false, true, true },
		{ "7.2", true, false, true },
		{ "6.12+mglru-reactivates=on", true, false, true },
		{ "6.12+mglru-reactivates=on", false, true, true },
	};

	for (u32 i = 0; i < ARRAY_SIZE(as); i++) {
		struct end e;
		u32 older;

		end_of(&e, as[i].release);
		older = older_than_youngest(&e);
		e.w.k->folio_io[e.folio].writeback = as[i].writeback;
		e.w.k->folio_io[e.folio].lock = as[i].lock;
		CU_ASSERT_EQUAL(is_taken(&e), as[i].taken);
		CU_ASSERT_EQUAL(counted(&e.w, PGREFILL), !as[i].taken);
		if (!as[i].taken) {
			CU_ASSERT_EQUAL(older_than_youngest(&e), older - 1);
			CU_ASSERT(e.w.k->folio[e.folio].flags & FOLIO_RECLAIM);
			CU_ASSERT_EQUAL(lru_gen_list(e.w.k, e.folio)->head, e.folio);
		}
		world_release(&e.w);
	}
}

/* What a walk has given another number goes to that list. */
static void test_sorted(void)
{
	struct end e;

	end_of(&e, "6.12");
	lru_gen_promote(e.w.k, e.folio, true);
	CU_ASSERT(older_than_youngest(&e) > 0);
	CU_ASSERT_FALSE(is_taken(&e));
	CU_ASSERT_EQUAL(older_than_youngest(&e), 0);
	CU_ASSERT_EQUAL(counted(&e.w, PGREFILL), 1);
	CU_ASSERT_FALSE(e.w.k->folio[e.folio].flags & FOLIO_RECLAIM);
	world_release(&e.w);
}

/* Without a reference it is about to be freed: it stays, behind the others, and counts for nothing. */
static void test_dying(void)
{
	struct end e;
	u32 older;

	end_of(&e, "6.12");
	older = older_than_youngest(&e);
	e.w.k->folio[e.folio].refs = 0;
	CU_ASSERT_FALSE(is_taken(&e));
	CU_ASSERT_EQUAL(older_than_youngest(&e), older);
	CU_ASSERT_EQUAL(lru_gen_list(e.w.k, e.folio)->head, e.folio);
	CU_ASSERT_EQUAL(counted(&e.w, PGREFILL), 0);
	world_release(&e.w);
	/* not more than 64 of them at once */
	end_of(&e, "6.12");
	for (u32 page = 0; page < PAGES; page++)
		folio_at(&e.w, page)->refs = 0;
	CU_ASSERT_EQUAL(lru_gen_isolate(e.w.k, 1, 60, MAX_LRU_BATCH, &e.to), 0);
	CU_ASSERT_EQUAL(lru_gen_list(e.w.k, e.folio)->tail, e.w.k->pte[page_of(&e.w, MIN_LRU_BATCH)]);
	world_release(&e.w);
}

/* Used as often as can be counted: it gets a generation more, whatever its tier. */
static void test_underprotected(void)
{
	for (u32 i = 0; i < 2; i++) {
		struct end e;
		u64 protected = 0;
		u32 other;

		end_of(&e, i ? "6.18" : "6.12");
		other = e.w.k->pte[page_of(&e.w, 1)];
		for (u32 n = 0; n < 5; n++) {
			lru_gen_inc_refs(e.w.k, e.folio);
			lru_gen_inc_refs(e.w.k, other);
		}
		CU_ASSERT_FALSE(is_taken(&e));
		CU_ASSERT_EQUAL(e.w.k->folio[e.folio].flags & (FOLIO_REFERENCED | FOLIO_WORKINGSET),
				i ? FOLIO_WORKINGSET : 0);
		for (u32 tier = 0; tier < MAX_NR_TIERS; tier++)
		protected += generations(&e.w)->tier[LRU_ANON][tier].protected;
		CU_ASSERT_EQUAL(protected, i ? 0 : 2); /* from 6.14 it does not count, */
		CU_ASSERT_EQUAL(lru_gen_list(e.w.k, other)->tail, i ? e.folio : other); /* and comes first */
		world_release(&e.w);
	}
}

/* ---- what could not be reclaimed ---- */

static u64 shadow_refs(struct end *e)
{
	return lru_gen_eviction(e->w.k, e->folio) >> SHADOW_AGE_SHIFT & 3;
}

/* It becomes the youngest, up to 6.13 as one that was not used. */
static void test_rejected(void)
{
	struct end e;
	u64 young;

	end_of(&e, "6.12");
	e.w.k->folio[e.folio].refs++; /* somebody looks at it */
	for (u32 n = 0; n < 3; n++)
		lru_gen_inc_refs(e.w.k, e.folio);
	CU_ASSERT_EQUAL(evict(&e.w), MIN_LRU_BATCH);
	CU_ASSERT_EQUAL(older_than_youngest(&e), 0);
	CU_ASSERT_FALSE(e.w.k->folio[e.folio].flags & (FOLIO_REFERENCED | FOLIO_WORKINGSET));
	CU_ASSERT_EQUAL(shadow_refs(&e), 0);
	world_release(&e.w);

	end_of(&e, "6.18");
	e.w.k->folio[e.folio].refs++;
	e.w.k->folio[e.folio].flags |= FOLIO_REFERENCED;
	young = in_generation(&e.w, generations(&e.w)->max_seq - 1);
	evict(&e.w);
	CU_ASSERT_EQUAL(in_generation(&e.w, generations(&e.w)->max_seq - 1), young + 1);
	world_release(&e.w);
}

/* What is on its way to the device comes back when it is written: it is not made the youngest. Up to 6.13
 * what was of the working set is marked as used. */
static void test_on_its_way(void)
{
	for (u32 i = 0; i < 2; i++) {
		struct world w;
		struct folio *first;
		u64 seq;

		world_of_old_pages_on(&w, i ? "6.18" : "6.12", "hdd7200");
		first = folio_at(&w, 0);
		first->flags |= FOLIO_REFERENCED | FOLIO_WORKINGSET;
		seq = generations(&w)->max_seq;
		CU_ASSERT_EQUAL(evict(&w), MIN_LRU_BATCH);
		CU_ASSERT(first->flags & FOLIO_RECLAIM && io_of(&w, first)->writeback);
		CU_ASSERT_EQUAL(in_generation(&w, seq), 0);
		CU_ASSERT_EQUAL(in_generation(&w, seq - 1), MIN_LRU_BATCH);
		if (!i)
			CU_ASSERT_EQUAL(first->flags & (FOLIO_REFERENCED | FOLIO_WORKINGSET),
					FOLIO_REFERENCED | FOLIO_WORKINGSET);
		world_release(&w);
	}
}

/* One that is looked at while it is being written becomes the youngest, from 6.12.114 on. */
static void test_reactivated(void)
{
	struct world w;
	u64 seq;

	world_of_old_pages_on(&w, "6.12+mglru-reactivates=on", "hdd7200");
	seq = generations(&w)->max_seq;
	io_of(&w, folio_at(&w, 0))->writeback = 1;
	CU_ASSERT_EQUAL(evict(&w), MIN_LRU_BATCH);
	CU_ASSERT_EQUAL(in_generation(&w, seq), 1);
	CU_ASSERT_EQUAL(in_generation(&w, seq - 1), MIN_LRU_BATCH - 1);
	world_release(&w);
}

/* A device that is done with some before all are sent, so that nobody brings them back: they are tried once
 * more, and go. */
static void test_tried_again(void)
{
	struct world w;
	const struct scan_control *sc;

	world_of_old_pages_on(&w, "6.12", "nvme-client");
	CU_ASSERT_EQUAL(evict(&w), MIN_LRU_BATCH);
	sc = &w.k->scan_control[w.k->machine.tasks - 1];
	CU_ASSERT(sc->nr_reclaimed > 0 && sc->nr_reclaimed < MIN_LRU_BATCH);
	CU_ASSERT_EQUAL(sc->nr_scanned, MIN_LRU_BATCH + sc->nr_reclaimed);
	CU_ASSERT_EQUAL(counted(&w, PGSCAN), MIN_LRU_BATCH);
	CU_ASSERT_EQUAL(counted(&w, PGSTEAL), sc->nr_reclaimed);
	world_release(&w);
}

/* ---- generations that are empty ---- */

/* The oldest anonymous page that there is, the oldest generations before, and after; all of four. */
static void test_min_seq(void)
{
	static const struct {
		const char *release;
		u64 swappiness;
		u32 page, anon, file;
	} as[] = {
		{ "6.12", 60, 3, 3, 3 },			  /* files do not run ahead */
		{ "6.12", 60, 2, 2, 2 },			  /* nor stay behind */
		{ "6.12", 0, 3, 3, 1 },	 { "6.18", 60, 3, 3, 2 }, /* two apart at most */
		{ "6.18", 60, 2, 2, 1 }, { "6.18", 0, 3, 3, 1 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(as); i++) {
		struct world w;
		struct lru_gen *g;
		u64 seq = 10;

		world_with_generations(
		    &w, (struct world_size){ .release = as[i].release, .pages = 1, .cpus = 1 });
		world_write(&w, 0);
		world_drain(&w, 0);
		lru_gen_del_folio(w.k, w.k->pte[page_of(&w, 0)]);
		g = generations(&w);
		g->max_seq = seq;
		g->min_seq[LRU_ANON] = seq - as[i].page;
		g->min_seq[LRU_FILE] = seq - 3;
		folio_at(&w, 0)->flags |= FOLIO_SWAPCACHE;
		lru_gen_add_folio(w.k, w.k->pte[page_of(&w, 0)], true);
		g->min_seq[LRU_ANON] = seq - 3;
		folio_at(&w, 0)->refs = 0;
		g->tier[LRU_FILE][0].refaulted = 10;
		lru_gen_isolate(w.k, 1, as[i].swappiness, MAX_LRU_BATCH, &(struct folio_list){ 0 });
		CU_ASSERT_EQUAL(seq - g->min_seq[LRU_ANON], as[i].anon);
		CU_ASSERT_EQUAL(seq - g->min_seq[LRU_FILE], as[i].file);
		CU_ASSERT_EQUAL(g->tier[LRU_FILE][0].avg_refaulted, as[i].file < 3 ? 5 : 0);
		world_release(&w);
	}
}

/* Up to 6.13 only the type counts that is to go, from 6.14 the older one. */
static void test_evictable(void)
{
	for (u32 i = 0; i < 2; i++) {
		struct world w;

		world_of_generations(&w, i ? "6.18" : "6.12");
		generations(&w)->min_seq[LRU_ANON] = 3;
		generations(&w)->min_seq[LRU_FILE] = 2;
		CU_ASSERT_EQUAL(lru_gen_evictable_seq(w.k, 1, 60), i ? 2 : 3);
		CU_ASSERT_EQUAL(lru_gen_evictable_seq(w.k, 1, 0), 2);
		world_release(&w);
	}
}

static const struct unit tests[] = {
	{ "what was done is counted, and takes time", test_figures },
	{ "what is isolated begins anew", test_isolated },
	{ "what is busy gets a generation more", test_passed_over },
	{ "what a walk numbered is put where it belongs", test_sorted },
	{ "what is about to be freed is let be", test_dying },
	{ "what was used most is protected", test_underprotected },
	{ "what could not be reclaimed is the youngest", test_rejected },
	{ "what is being written is not", test_on_its_way },
	{ "and what was on its way before is the youngest from 6.12.114 on", test_reactivated },
	{ "what was held for a moment is tried again", test_tried_again },
	{ "empty generations end", test_min_seq },
	{ "the oldest generation that can go", test_evictable },
};

UNIT_MAIN("mglru: eviction", tests)
