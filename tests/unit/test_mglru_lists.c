/* The multi-gen LRU: of which generation a folio is, and what makes it another's. */
#include "models/mm/mglru.h"
#include "models/mm/mglru_folio.h"
#include "models/mm/split.h"
#include "tests/unit/mglru_world.h"

enum { YOUNGEST = 10, ISOLATED = 99 };

/* Two pages of which the first is what a test is about; the other is in the youngest generation. The oldest
 * of either type is @behind the youngest. */
static u32 two_pages(struct world *w, const char *release, u32 behind)
{
	struct lru_gen *g;
	u32 folio;

	world_with_generations(w, (struct world_size){ .release = release, .pages = 2, .cpus = 1 });
	world_write(w, 0);
	world_write(w, 1);
	world_drain(w, 0);
	folio = w->k->pte[page_of(w, 0)];
	for (u32 i = 0; i < 2; i++)
		lru_gen_del_folio(w->k, w->k->pte[page_of(w, i)]);
	g = generations(w);
	g->max_seq = YOUNGEST;
	g->min_seq[LRU_ANON] = g->min_seq[LRU_FILE] = YOUNGEST - behind;
	folio_at(w, 1)->flags = (folio_at(w, 1)->flags | FOLIO_ACTIVE | FOLIO_WORKINGSET);
	lru_gen_add_folio(w->k, w->k->pte[page_of(w, 1)], false);
	CU_ASSERT_EQUAL_FATAL(in_generation(w, YOUNGEST), 1);
	w->k->folio[folio].flags &= ~(FOLIO_REFERENCED | FOLIO_WORKINGSET | FOLIO_ACTIVE | FOLIO_SWAPCACHE);
	return folio;
}

/* It is in the oldest generation. */
static u32 old_page(struct world *w, const char *release)
{
	u32 folio = two_pages(w, release, MAX_NR_GENS - 1);

	w->k->folio[folio].flags |= FOLIO_SWAPCACHE;
	lru_gen_add_folio(w->k, folio, true);
	w->k->folio[folio].flags &= ~FOLIO_SWAPCACHE;
	CU_ASSERT_EQUAL_FATAL(in_generation(w, YOUNGEST - 3), 1);
	return folio;
}

/* How much older than the youngest the first page says it is. */
static u32 age_of(const struct world *w)
{
	for (u32 older = 1; older < MAX_NR_GENS; older++)
		if (in_generation(w, YOUNGEST - older))
			return older;
	return in_generation(w, YOUNGEST) == 2 ? 0 : ISOLATED;
}

/* And of which generation the list is that it is on. */
static u32 list_of(const struct world *w)
{
	for (u32 older = 1; older < MAX_NR_GENS; older++)
		if (generations(w)->list[(YOUNGEST - older) % MAX_NR_GENS][LRU_ANON].count)
			return older;
	return generations(w)->list[YOUNGEST % MAX_NR_GENS][LRU_ANON].count == 2 ? 0 : ISOLATED;
}

static void test_add(void)
{
	static const struct {
		const char *release;
		u32 flags, writeback, rotated, behind, age;
	} as[] = {
		/* not in the swap cache: it would have to be written first */
		{ "6.12", FOLIO_ACTIVE, 0, 0, 3, 0 },
		{ "6.12", 0, 0, 0, 3, 1 },
		{ "6.12", FOLIO_SWAPCACHE, 0, 0, 3, 2 },
		{ "6.12", FOLIO_SWAPCACHE, 0, 0, 2, 2 },
		{ "6.12", FOLIO_SWAPCACHE, 0, 1, 3, 3 },
		{ "6.12", FOLIO_SWAPCACHE | FOLIO_DIRTY, 0, 0, 3, 2 },
		{ "6.12", FOLIO_SWAPCACHE | FOLIO_RECLAIM, 0, 0, 3, 2 },
		{ "6.12", FOLIO_SWAPCACHE | FOLIO_RECLAIM | FOLIO_DIRTY, 0, 0, 3, 1 },
		{ "6.12", FOLIO_SWAPCACHE | FOLIO_RECLAIM, 1, 0, 3, 1 },
		{ "6.18", FOLIO_ACTIVE, 0, 0, 3, 1 },
		{ "6.18", FOLIO_ACTIVE | FOLIO_WORKINGSET, 0, 0, 3, 0 },
		{ "6.18", 0, 0, 0, 3, 1 },
		{ "6.18", 0, 0, 1, 3, 3 },
		{ "6.18", FOLIO_SWAPCACHE, 0, 0, 3, 3 },
		{ "6.18", FOLIO_SWAPCACHE | FOLIO_WORKINGSET, 0, 0, 3, 2 },
		{ "6.18", FOLIO_SWAPCACHE | FOLIO_WORKINGSET, 0, 1, 3, 3 },
		{ "6.18", FOLIO_SWAPCACHE, 0, 0, 2, 2 },
		{ "6.18", FOLIO_SWAPCACHE | FOLIO_RECLAIM | FOLIO_DIRTY, 0, 0, 3, 1 },
		{ "6.18", FOLIO_SWAPCACHE | FOLIO_REFERENCED, 0, 0, 3, 3 },
		{ "7.2", FOLIO_SWAPCACHE | FOLIO_REFERENCED, 0, 0, 3, 2 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(as); i++) {
		struct world w;
		u32 folio = two_pages(&w, as[i].release, as[i].behind);

		w.k->folio[folio].flags &= ~FOLIO_DIRTY;
		w.k->folio[folio].flags |= as[i].flags;
		w.k->folio_io[folio].writeback = (u8)as[i].writeback;
		lru_gen_add_folio(w.k, folio, as[i].rotated);
		CU_ASSERT_EQUAL(age_of(&w), as[i].age);
		CU_ASSERT_EQUAL(list_of(&w), as[i].age);
		CU_ASSERT_FALSE(w.k->folio[folio].flags & FOLIO_ACTIVE);
		lru_gen_del_folio(w.k, folio);
		CU_ASSERT(age_of(&w) == ISOLATED && list_of(&w) == ISOLATED);
		world_release(&w);
	}
}

/* Who comes to a list is the last to go, but for what its end of I/O has brought back. */
static void test_end_of_list(void)
{
	for (u32 rotated = 0; rotated < 2; rotated++) {
		struct world w;
		u32 folio = two_pages(&w, "6.12", 3);

		w.k->folio[folio].flags |= FOLIO_ACTIVE;
		lru_gen_add_folio(w.k, folio, rotated);
		CU_ASSERT_EQUAL(lru_gen_list(w.k, folio)->tail == folio, rotated);
		world_release(&w);
	}
}

/* What its shadow says of it: how often it was used, of the working set; and the tier that is counted. */
static void test_uses(void)
{
	static const struct {
		const char *release;
		u32 uses, flags, refs, workingset, tier;
	} as[] = {
		{ "6.12", 0, 0, 0, 0, 0 },
		{ "6.12", 1, FOLIO_REFERENCED, 0, 0, 0 },
		{ "6.12", 2, FOLIO_REFERENCED | FOLIO_WORKINGSET, 0, 1, 1 },
		{ "6.12", 3, FOLIO_REFERENCED | FOLIO_WORKINGSET, 1, 1, 2 },
		{ "6.12", 4, FOLIO_REFERENCED | FOLIO_WORKINGSET, 2, 1, 2 },
		{ "6.12", 5, FOLIO_REFERENCED | FOLIO_WORKINGSET, 3, 1, 3 },
		{ "6.12", 9, FOLIO_REFERENCED | FOLIO_WORKINGSET, 3, 1, 3 },
		{ "6.18", 1, FOLIO_REFERENCED, 0, 0, 0 },
		{ "6.18", 2, FOLIO_REFERENCED, 1, 0, 1 },
		{ "6.18", 3, FOLIO_REFERENCED, 2, 0, 2 },
		{ "6.18", 4, FOLIO_REFERENCED, 3, 0, 2 },
		{ "6.18", 5, FOLIO_REFERENCED | FOLIO_WORKINGSET, 3, 1, 3 },
		{ "6.18", 9, FOLIO_REFERENCED | FOLIO_WORKINGSET, 3, 1, 3 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(as); i++) {
		struct world w;
		u32 folio = old_page(&w, as[i].release);
		u64 shadow;

		for (u32 n = 0; n < as[i].uses; n++)
			lru_gen_inc_refs(w.k, folio);
		CU_ASSERT_EQUAL(w.k->folio[folio].flags & (FOLIO_REFERENCED | FOLIO_WORKINGSET), as[i].flags);
		shadow = lru_gen_eviction(w.k, folio);
		CU_ASSERT_EQUAL(shadow >> SHADOW_AGE_SHIFT & 3, as[i].refs);
		CU_ASSERT_EQUAL(shadow >> (SHADOW_AGE_SHIFT + 2), YOUNGEST - 3);
		CU_ASSERT_EQUAL(!!(shadow & SHADOW_WORKINGSET), as[i].workingset);
		for (u32 tier = 0; tier < MAX_NR_TIERS; tier++)
			CU_ASSERT_EQUAL(generations(&w)->tier[LRU_ANON][tier].evicted, tier == as[i].tier);
		world_release(&w);
	}
}

/* Up to 6.13 a page that is seen in use is young at once, from 6.14 the second time, of 7.2, if eviction saw
 * it, by and by; its list changes only if eviction saw it. */
static void test_promote(void)
{
	static const struct {
		const char *release;
		u32 walk, uses, age, list, activated, again, flags;
	} as[] = {
		{ "6.12", 1, 1, 0, 3, 0, 0, 0 },
		{ "6.12", 0, 1, 0, 0, 1, 1, FOLIO_REFERENCED | FOLIO_WORKINGSET },
		{ "6.18", 1, 1, 3, 3, 0, 0, FOLIO_REFERENCED },
		{ "6.18", 1, 2, 0, 3, 0, 0, FOLIO_WORKINGSET },
		{ "6.18", 0, 1, 3, 3, 0, 1, FOLIO_REFERENCED },
		{ "6.18", 0, 2, 0, 0, 1, 1, FOLIO_WORKINGSET },
		{ "7.2", 1, 2, 0, 3, 0, 0, FOLIO_WORKINGSET },
		{ "7.2", 0, 1, 3, 3, 0, 1, FOLIO_REFERENCED },
		{ "7.2", 0, 2, 1, 1, 1, 2, FOLIO_REFERENCED },
	};

	for (u32 i = 0; i < ARRAY_SIZE(as); i++) {
		struct world w;
		u32 folio = old_page(&w, as[i].release);

		if (!w.k->release->mglru_reworked)
			w.k->folio[folio].flags |= FOLIO_REFERENCED | FOLIO_WORKINGSET;
		CU_ASSERT(lru_gen_is_older(w.k, folio));
		for (u32 n = 0; n < as[i].uses; n++)
			lru_gen_promote(w.k, folio, as[i].walk);
		CU_ASSERT_EQUAL(age_of(&w), as[i].age);
		CU_ASSERT_EQUAL(list_of(&w), as[i].list);
		CU_ASSERT_EQUAL(w.k->folio[folio].flags & (FOLIO_REFERENCED | FOLIO_WORKINGSET), as[i].flags);
		CU_ASSERT_EQUAL(lru_gen_is_older(w.k, folio), as[i].age > 0);
		CU_ASSERT_EQUAL(counted(&w, PGACTIVATE), as[i].activated);
		lru_gen_promote(w.k, folio, as[i].walk);
		CU_ASSERT_EQUAL(counted(&w, PGACTIVATE), as[i].again);
		world_release(&w);
	}
}

/* Who isolated it will find it in use; it is on no list, and stays on none. */
static void test_promote_isolated(void)
{
	static const char *const releases[] = { "6.12", "6.18" };

	for (u32 i = 0; i < ARRAY_SIZE(releases); i++)
		for (u32 walk = 0; walk < 2; walk++) {
			struct world w;
			u32 folio = two_pages(&w, releases[i], 3);

			w.k->folio[folio].flags &= ~FOLIO_LRU;
			lru_gen_promote(w.k, folio, walk);
			CU_ASSERT(w.k->folio[folio].flags & FOLIO_REFERENCED);
			lru_gen_promote(w.k, folio, walk);
			CU_ASSERT(age_of(&w) == ISOLATED && list_of(&w) == ISOLATED);
			CU_ASSERT_FALSE(lru_gen_is_older(w.k, folio));
			CU_ASSERT_EQUAL(counted(&w, PGACTIVATE), 0);
			world_release(&w);
		}
}

/* What uses leave: none is counted beside the working set, and the first one forgets those that are. */
static void test_uses_forgotten(void)
{
	static const struct {
		const char *release;
		u32 uses;
		bool walk;
		u32 flags, refs;
	} as[] = {
		{ "6.18", 3, true, FOLIO_WORKINGSET, 0 },
		{ "6.18", 3, false, FOLIO_WORKINGSET, 0 },
		{ "7.2", 3, true, FOLIO_WORKINGSET, 0 },
		{ "7.2", 1, false, FOLIO_REFERENCED, 1 }, /* not the second, but the third makes it so */
		{ "7.2", 2, false, FOLIO_WORKINGSET, 0 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(as); i++) {
		struct world w;
		u32 folio = old_page(&w, as[i].release);

		for (u32 n = 0; n < as[i].uses; n++)
			lru_gen_inc_refs(w.k, folio);
		lru_gen_promote(w.k, folio, as[i].walk);
		CU_ASSERT_EQUAL(w.k->folio[folio].flags & (FOLIO_REFERENCED | FOLIO_WORKINGSET), as[i].flags);
		w.k->folio[folio].flags |= FOLIO_REFERENCED;
		CU_ASSERT_EQUAL(lru_gen_eviction(w.k, folio) >> SHADOW_AGE_SHIFT & 3, as[i].refs);
		world_release(&w);
	}
}

/* From 6.12.114 on who becomes the youngest begins anew; who does not keeps its uses. */
static void test_uses_reset(void)
{
	static const struct {
		const char *release;
		u32 flags, flags_left, refs;
	} as[] = {
		{ "6.12", FOLIO_ACTIVE, FOLIO_REFERENCED | FOLIO_WORKINGSET, 2 },
		{ "6.12+mglru-resets-tiers=on", FOLIO_ACTIVE, FOLIO_WORKINGSET, 0 },
		{ "6.12+mglru-resets-tiers=on", 0, FOLIO_REFERENCED | FOLIO_WORKINGSET, 2 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(as); i++) {
		struct world w;
		u32 folio = two_pages(&w, as[i].release, 3);

		folio_set_ref_bits(w.k, folio, 2);
		w.k->folio[folio].flags |= as[i].flags | FOLIO_REFERENCED | FOLIO_WORKINGSET;
		lru_gen_add_folio(w.k, folio, false);
		CU_ASSERT_EQUAL(w.k->folio[folio].flags & (FOLIO_REFERENCED | FOLIO_WORKINGSET),
				as[i].flags_left);
		CU_ASSERT_EQUAL(folio_ref_bits(w.k, folio), as[i].refs);
		world_release(&w);
	}
}

/* What a fault brings in is the youngest; in 7.2 only if it is of the working set, else used once. */
static void test_fault_in(void)
{
	static const struct {
		const char *release;
		u32 before, after;
	} as[] = {
		{ "7.1", 0, FOLIO_ACTIVE },
		{ "7.2", 0, FOLIO_REFERENCED },
		{ "7.2", FOLIO_WORKINGSET, FOLIO_WORKINGSET | FOLIO_ACTIVE },
	};

	for (u32 i = 0; i < ARRAY_SIZE(as); i++) {
		struct world w;
		u32 folio = old_page(&w, as[i].release);

		w.k->folio[folio].flags |= as[i].before;
		lru_gen_fault_in(w.k, folio);
		CU_ASSERT_EQUAL(w.k->folio[folio].flags &
				    (FOLIO_REFERENCED | FOLIO_WORKINGSET | FOLIO_ACTIVE),
				as[i].after);
		w.k->folio[folio].flags &= ~FOLIO_ACTIVE;
		world_release(&w);
	}
}

/* From 6.14 those that the oldest generation hands on count as protected, in their tier. */
static void test_handed_on(void)
{
	static const char *const releases[] = { "6.12", "6.18" };

	for (u32 i = 0; i < ARRAY_SIZE(releases); i++) {
		struct world w;

		old_page(&w, releases[i]);
		generations(&w)->tier[LRU_ANON][0].evicted = 3;
		lru_gen_inc_max_seq(w.k, 1, true);
		CU_ASSERT_EQUAL(generations(&w)->tier[LRU_ANON][0].avg_total, i ? 2 : 1);
		world_release(&w);
	}
}

/* A generation is opened: what was the oldest of four is the next one's, or young again if it cannot go. */
static void test_fifth_generation(void)
{
	for (u32 swap = 0; swap < 2; swap++) {
		struct world w;
		struct lru_gen *g;

		old_page(&w, "6.12");
		g = generations(&w);
		g->tier[LRU_ANON][0].refaulted = 10;
		lru_gen_inc_max_seq(w.k, 1, swap);
		CU_ASSERT_EQUAL(g->max_seq, YOUNGEST + 1);
		CU_ASSERT_EQUAL(g->min_seq[LRU_ANON], YOUNGEST - 2);
		CU_ASSERT_EQUAL(g->min_seq[LRU_FILE], YOUNGEST - 2);
		CU_ASSERT_EQUAL(in_generation(&w, swap ? YOUNGEST - 2 : YOUNGEST + 1), 1);
		CU_ASSERT_EQUAL(list_of(&w), swap ? 2 : 3); /* that of four before is that of the youngest */
		CU_ASSERT_EQUAL(g->tier[LRU_ANON][0].avg_refaulted, 5);
		world_release(&w);
	}
	for (u32 behind = 1; behind < 3; behind++) { /* there is room for another */
		struct world w;

		two_pages(&w, "6.12", behind);
		lru_gen_inc_max_seq(w.k, 1, true);
		CU_ASSERT_EQUAL(generations(&w)->min_seq[LRU_ANON], YOUNGEST - behind);
		world_release(&w);
	}
}

/* A folio is split: its generation has as many pages as before, all on its list. */
static void test_split(void)
{
	enum { ORDER = 2, NR = 1u << ORDER };
	struct lru_gen *g;
	struct world w;
	u32 folio, pages = 0;

	world_with_generations(&w, (struct world_size){ .release = "6.12",
							.per_table = 16,
							.pages = 64,
							.max_order = ORDER,
							.thp_orders = 1u << ORDER,
							.cpus = 1 });
	world_write(&w, 4);
	world_drain(&w, 0);
	folio = w.k->pte[page_of(&w, 4)];
	w.k->folio_io[folio].lock = 1;
	w.k->folio[folio].refs++;
	CU_ASSERT(split_folio(w.k, folio, NULL));
	g = generations(&w);
	for (u32 i = 0; i < MAX_NR_GENS; i++)
		pages += g->pages[i][LRU_ANON];
	CU_ASSERT_EQUAL(pages, NR);
	CU_ASSERT_EQUAL(lru_gen_list(w.k, folio)->count, NR);
	for (u32 i = 1; i < NR; i++) {
		CU_ASSERT_PTR_EQUAL(lru_gen_list(w.k, folio + i), lru_gen_list(w.k, folio));
		lru_gen_del_folio(w.k, folio + i);
	}
	CU_ASSERT_EQUAL(in_generation(&w, g->max_seq), 1);
	world_release(&w);
}

/* ---- refaults ---- */

struct refault {
	const char *release;
	u32 uses; /* before it went */
	bool fault;
	u32 refaulted, activated, restored, tier; /* tier NONE: it is none that counts */
	u32 gone;				  /* generations that have been opened, or are empty, since */
};

enum { NONE = 9 };

static const struct refault refaults[] = {
	{ "6.12", 0, true, 1, 1, 1, 0, 0 },    { "6.12", 0, false, 1, 1, 0, 0, 0 },
	{ "6.12", 2, false, 1, 1, 0, 1, 0 },   { "6.12", 3, false, 1, 1, 0, 2, 0 },
	{ "6.12", 5, false, 1, 1, 1, 3, 0 },   { "6.12", 5, true, 1, 0, 0, NONE, 1 },
	{ "6.1", 0, true, 1, 0, 1, 0, 0 },     { "6.1", 0, true, 0, 0, 0, NONE, 1 },
	{ "6.18", 1, true, 1, 1, 0, 0, 0 },    { "6.18", 1, false, 1, 0, 0, 0, 0 },
	{ "6.18", 3, true, 1, 1, 0, 2, 0 },    { "6.18", 5, true, 1, 1, 1, 3, 0 },
	{ "6.18", 5, true, 1, 0, 0, NONE, 1 }, { "7.2", 1, true, 1, 0, 0, 0, 0 },
	{ "7.2", 5, true, 1, 1, 1, 3, 0 },
};

static void come_back(struct world *w, const struct refault *r, u32 folio, u64 shadow)
{
	struct task t = { .flags = r->fault ? PF_LRU_FAULT : 0 };

	w->k->folio[folio].flags &= ~(FOLIO_REFERENCED | FOLIO_WORKINGSET);
	lru_gen_forget_uses(w->k, folio);
	if (w->k->release->mglru_reworked)
		generations(w)->max_seq += r->gone;
	else
		generations(w)->min_seq[LRU_ANON] += r->gone;
	lru_gen_refault(w->k, &t, folio, shadow);
}

/* What came back soon is counted by its tier, and may be dear from then on. */
static void test_refault(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(refaults); i++) {
		const struct refault *r = &refaults[i];
		struct world w;
		u32 folio = old_page(&w, r->release);
		u64 shadow;

		for (u32 n = 0; n < r->uses; n++)
			lru_gen_inc_refs(w.k, folio);
		shadow = lru_gen_eviction(w.k, folio);
		come_back(&w, r, folio, shadow);
		CU_ASSERT_EQUAL(counted(&w, WORKINGSET_REFAULT_ANON), r->refaulted);
		CU_ASSERT_EQUAL(counted(&w, WORKINGSET_ACTIVATE_ANON), r->activated);
		CU_ASSERT_EQUAL(counted(&w, WORKINGSET_RESTORE_ANON), r->restored);
		CU_ASSERT_EQUAL(!!(w.k->folio[folio].flags & FOLIO_WORKINGSET), r->restored);
		for (u32 tier = 0; tier < MAX_NR_TIERS; tier++)
			CU_ASSERT_EQUAL(generations(&w)->tier[LRU_ANON][tier].refaulted, tier == r->tier);
		world_release(&w);
	}
}

/* Up to 6.13 what is restored counts as used often, from 6.14 what is not as often as it was. */
static void test_refault_uses(void)
{
	static const struct {
		struct refault r;
		u32 refs;
	} as[] = {
		{ { .release = "6.12", .uses = 3, .fault = true }, 3 },
		{ { .release = "6.12", .uses = 3, .fault = false }, 0 },
		{ { .release = "6.18", .uses = 3, .fault = true }, 2 },
		{ { .release = "6.18", .uses = 5, .fault = true }, 0 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(as); i++) {
		struct world w;
		u32 folio = old_page(&w, as[i].r.release);

		for (u32 n = 0; n < as[i].r.uses; n++)
			lru_gen_inc_refs(w.k, folio);
		come_back(&w, &as[i].r, folio, lru_gen_eviction(w.k, folio));
		w.k->folio[folio].flags |= FOLIO_REFERENCED;
		CU_ASSERT_EQUAL(lru_gen_eviction(w.k, folio) >> SHADOW_AGE_SHIFT & 3, as[i].refs);
		world_release(&w);
	}
}

/* Of another cgroup's page nothing is known. */
static void test_refault_elsewhere(void)
{
	struct world w;
	u32 folio = old_page(&w, "6.12");
	u64 shadow = lru_gen_eviction(w.k, folio);

	w.k->folio[folio].memcg = 0;
	lru_gen_refault(w.k, &(struct task){ 0 }, folio, shadow);
	CU_ASSERT_EQUAL(counted(&w, WORKINGSET_REFAULT_ANON) + w.k->count[0][WORKINGSET_REFAULT_ANON], 0);
	world_release(&w);
}

/* All pages of a large folio went. */
static void test_large_eviction(void)
{
	struct world w;
	u32 folio;

	world_with_generations(&w,
			       (struct world_size){ .per_table = 16, .max_order = 2, .thp_orders = 1u << 2 });
	world_write(&w, 0);
	folio = w.k->pte[page_of(&w, 0)];
	CU_ASSERT_EQUAL(folio_nr_pages(w.k, folio), 4);
	lru_gen_forget_uses(w.k, folio);
	w.k->folio[folio].flags &= ~FOLIO_WORKINGSET;
	lru_gen_eviction(w.k, folio);
	CU_ASSERT_EQUAL(generations(&w)->tier[LRU_ANON][0].evicted, 4);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "flags tell of which generation a folio is", test_add },
	{ "a folio comes to the head, or to the tail", test_end_of_list },
	{ "uses are counted, and make tiers", test_uses },
	{ "what was used is made young", test_promote },
	{ "what is isolated is marked as used", test_promote_isolated },
	{ "what uses leave", test_uses_forgotten },
	{ "and who becomes the youngest begins anew from 6.12.114 on", test_uses_reset },
	{ "what a fault brings in", test_fault_in },
	{ "what is handed on is protected", test_handed_on },
	{ "a folio that is split stays of its generation", test_split },
	{ "refaults count by tier", test_refault },
	{ "a refault is used as often as it was", test_refault_uses },
	{ "what another cgroup evicted is no refault", test_refault_elsewhere },
	{ "four generations are all there are", test_fifth_generation },
	{ "a large folio counts by pages when it goes", test_large_eviction },
};

UNIT_MAIN("mglru: lists", tests)
