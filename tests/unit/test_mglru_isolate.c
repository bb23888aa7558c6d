/* The multi-gen LRU: who is isolated for eviction, what is left of its uses, and which generation goes then.
 */
#include "models/mm/mglru_folio.h"
#include "models/mm/scan_balance.h"
#include "tests/unit/mglru_world.h"

enum { YOUNGEST = 10, OLDEST = YOUNGEST - MAX_NR_GENS + 1 };

/* The folio of a page is put into a generation, on its list. */
static u32 put_into(struct world *w, u32 page, u64 seq)
{
	u32 folio = w->k->pte[page_of(w, page)];
	struct lru_gen *g = generations(w);
	u64 max = g->max_seq, min = g->min_seq[LRU_ANON];

	w->k->folio[folio].flags &= ~(FOLIO_REFERENCED | FOLIO_WORKINGSET);
	w->k->folio[folio].flags |= FOLIO_SWAPCACHE; /* or nobody would have it among the oldest */
	lru_gen_forget_uses(w->k, folio);
	lru_gen_del_folio(w->k, folio);
	g->min_seq[LRU_ANON] = seq;
	g->max_seq = seq + MAX_NR_GENS - 1;
	lru_gen_add_folio(w->k, folio, true);
	g->max_seq = max;
	g->min_seq[LRU_ANON] = min;
	w->k->folio[folio].flags &= ~FOLIO_SWAPCACHE;
	CU_ASSERT_EQUAL_FATAL((u32)folio_lru_gen(w->k, folio), gen_of_seq(seq));
	return folio;
}

/* Four generations, and so many pages that are in none of them yet. */
static void four_generations(struct world *w, const char *release, u32 pages)
{
	world_with_generations(w, (struct world_size){ .release = release, .pages = pages, .cpus = 1 });
	world_write_range(w, 0, pages);
	world_drain(w, 0);
	generations(w)->max_seq = YOUNGEST;
	generations(w)->min_seq[LRU_ANON] = generations(w)->min_seq[LRU_FILE] = OLDEST;
}

static u32 isolate(struct world *w, u64 swappiness, u32 nr, struct folio_list *to)
{
	*to = (struct folio_list){ 0 };
	return lru_gen_isolate(w->k, 1, swappiness, nr, to);
}

/* All pages of a large folio are of its generation. */
static void test_large(void)
{
	struct world w;
	struct lru_gen *g;
	u32 folio;

	world_with_generations(&w,
			       (struct world_size){ .per_table = 16, .max_order = 2, .thp_orders = 1u << 2 });
	world_write(&w, 0);
	world_drain(&w, 0);
	folio = w.k->pte[page_of(&w, 0)];
	g = generations(&w);
	CU_ASSERT_EQUAL(folio_nr_pages(w.k, folio), 4);
	CU_ASSERT_EQUAL(g->pages[folio_lru_gen(w.k, folio)][LRU_ANON], 4);
	folio_set_lru_gen(w.k, folio, 1);
	folio_set_lru_gen(w.k, folio, 2);
	CU_ASSERT_EQUAL(g->pages[1][LRU_ANON], 0);
	CU_ASSERT_EQUAL(g->pages[2][LRU_ANON], 4);
	world_release(&w);
}

/* The two youngest generations are never evicted, and without swap no page of a process is. */
static void test_who_stays(void)
{
	static const char *const kernels[] = { "6.1", "6.12", "6.18", "7.2" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++)
		for (u32 young = 0; young < 2; young++) {
			struct folio_list list;
			struct world w;

			four_generations(&w, kernels[i], 2);
			put_into(&w, 0, young ? YOUNGEST - 1 : OLDEST);
			put_into(&w, 1, YOUNGEST);
			if (young)
				generations(&w)->min_seq[LRU_ANON] = generations(&w)->min_seq[LRU_FILE] =
				    YOUNGEST - 1;
			isolate(&w, young ? 60 : 0, MIN_LRU_BATCH, &list);
			CU_ASSERT_EQUAL(list.count, 0);
			if (!young)
				CU_ASSERT_EQUAL(generations(&w)->min_seq[LRU_ANON], OLDEST);
			isolate(&w, 60, MIN_LRU_BATCH, &list);
			CU_ASSERT_EQUAL(list.count, !young);
			world_release(&w);
		}
}

/* Without swap, generations of pages that cannot go are not passed over, though they be empty. */
static void test_empty_without_swap(void)
{
	static const char *const kernels[] = { "6.12", "6.18", "7.2" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct folio_list list;
		struct world w;

		four_generations(&w, kernels[i], 1);
		put_into(&w, 0, YOUNGEST);
		isolate(&w, 0, MIN_LRU_BATCH, &list);
		CU_ASSERT_EQUAL(generations(&w)->min_seq[LRU_ANON], OLDEST);
		CU_ASSERT_EQUAL(generations(&w)->min_seq[LRU_FILE], YOUNGEST - 1);
		world_release(&w);
	}
}

/* What is isolated is judged anew: of its uses only those stay that go with one since the last look. */
static void test_uses_of_isolated(void)
{
	static const struct {
		const char *release;
		u32 before, after, refs;
	} as[] = {
		{ "6.12", 0, 0, 0 },
		{ "6.12", FOLIO_WORKINGSET, 0, 0 },
		{ "6.12", FOLIO_REFERENCED, 0, 2 },
		{ "6.18", 0, 0, 0 },
		{ "6.18", FOLIO_WORKINGSET, FOLIO_WORKINGSET, 0 },
		{ "6.18", FOLIO_REFERENCED, FOLIO_REFERENCED, 2 },
		{ "7.2", FOLIO_WORKINGSET, FOLIO_WORKINGSET, 0 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(as); i++) {
		struct folio_list list;
		struct world w;
		u32 folio;

		four_generations(&w, as[i].release, 2);
		put_into(&w, 1, YOUNGEST);
		folio = put_into(&w, 0, OLDEST);
		w.k->folio[folio].flags |= (u16)as[i].before;
		folio_set_ref_bits(w.k, folio, 2);
		for (u32 tier = 0; tier < MAX_NR_TIERS; tier++) /* all tiers may go */
			generations(&w)->tier[LRU_ANON][tier].refaulted = 0;
		isolate(&w, 60, MIN_LRU_BATCH, &list);
		CU_ASSERT_EQUAL_FATAL(list.count, 1);
		CU_ASSERT_EQUAL(w.k->folio[folio].flags & (FOLIO_REFERENCED | FOLIO_WORKINGSET), as[i].after);
		CU_ASSERT_EQUAL(folio_ref_bits(w.k, folio), as[i].refs);
		world_release(&w);
	}
}

/* One that a walk has made young is put where it belongs, which is all that one look may be about. In 7.2 the
 * same type is looked at once more. */
static void test_second_look(void)
{
	static const struct {
		const char *release;
		u32 nr, isolated;
	} as[] = { { "6.18", 1, 0 }, { "7.2", 1, 1 }, { "6.18", 2, 1 }, { "7.2", 2, 1 } };

	for (u32 i = 0; i < ARRAY_SIZE(as); i++) {
		struct folio_list list;
		struct world w;
		u32 first;

		four_generations(&w, as[i].release, 3);
		put_into(&w, 2, YOUNGEST);
		first = put_into(&w, 0, OLDEST);
		put_into(&w, 1, OLDEST);
		folio_list_del(w.k, lru_gen_list(w.k, first), first);
		folio_list_add_tail(w.k, lru_gen_list(w.k, first), first);
		folio_set_lru_gen(w.k, first, gen_of_seq(YOUNGEST));
		isolate(&w, MAX_SWAPPINESS, as[i].nr, &list); /* so that no file goes first */
		CU_ASSERT_EQUAL(list.count, as[i].isolated);
		CU_ASSERT_EQUAL(generations(&w)->list[gen_of_seq(YOUNGEST)][LRU_ANON].count, 2);
		world_release(&w);
	}
}

/* What was only put elsewhere counts as looked at in 7.2, else it does not if the list is at its end. */
static void test_only_sorted(void)
{
	static const struct {
		const char *release;
		u32 scanned;
	} as[] = { { "6.18", 1 /* the generation that was opened by that */ }, { "7.2", 1 } };

	for (u32 i = 0; i < ARRAY_SIZE(as); i++) {
		struct folio_list list;
		struct world w;
		u32 first;

		four_generations(&w, as[i].release, 3);
		put_into(&w, 2, OLDEST + 1);
		put_into(&w, 1, YOUNGEST);
		first = put_into(&w, 0, OLDEST);
		folio_set_lru_gen(w.k, first, gen_of_seq(YOUNGEST));
		CU_ASSERT_EQUAL(isolate(&w, 60, MIN_LRU_BATCH, &list), as[i].scanned);
		CU_ASSERT_EQUAL(list.count, 0);
		CU_ASSERT_EQUAL(generations(&w)->min_seq[LRU_ANON], OLDEST + 1);
		world_release(&w);
	}
}

/* Who takes the last of a generation makes the next one the oldest. */
static void test_next_oldest(void)
{
	static const char *const kernels[] = { "6.12", "6.18", "7.2" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct folio_list list;
		struct world w;

		four_generations(&w, kernels[i], 3);
		put_into(&w, 2, YOUNGEST);
		put_into(&w, 1, OLDEST + 1);
		put_into(&w, 0, OLDEST);
		isolate(&w, 60, MIN_LRU_BATCH, &list);
		CU_ASSERT_EQUAL(list.count, 1);
		CU_ASSERT_EQUAL(generations(&w)->min_seq[LRU_ANON], OLDEST + 1);
		world_release(&w);
	}
}

/* That alone is worth another look. */
static void test_empty_oldest(void)
{
	struct folio_list list;
	struct world w;

	four_generations(&w, "6.12", 2);
	put_into(&w, 1, YOUNGEST);
	put_into(&w, 0, OLDEST + 1);
	CU_ASSERT_EQUAL(isolate(&w, 60, MIN_LRU_BATCH, &list), 1);
	CU_ASSERT_EQUAL(list.count, 0);
	CU_ASSERT_EQUAL(generations(&w)->min_seq[LRU_ANON], OLDEST + 1);
	world_release(&w);
}

/* A generation is opened while four are there: the oldest hands on what is still of it, which comes before
 * what the next one has; what a walk has made young goes where it belongs. */
static void test_handed_on(void)
{
	struct world w;
	u32 old, young, next;

	four_generations(&w, "6.12", 3);
	old = put_into(&w, 0, OLDEST);
	young = put_into(&w, 1, OLDEST);
	next = put_into(&w, 2, OLDEST + 1);
	lru_gen_promote(w.k, young, true);
	CU_ASSERT_EQUAL((u32)folio_lru_gen(w.k, young), gen_of_seq(YOUNGEST));
	lru_gen_inc_max_seq(w.k, 1, true);
	CU_ASSERT_EQUAL((u32)folio_lru_gen(w.k, young), gen_of_seq(YOUNGEST));
	CU_ASSERT_PTR_EQUAL(lru_gen_list(w.k, young), &generations(&w)->list[YOUNGEST % 4][LRU_ANON]);
	CU_ASSERT_EQUAL((u32)folio_lru_gen(w.k, old), gen_of_seq(OLDEST + 1));
	CU_ASSERT_EQUAL(lru_gen_list(w.k, old)->tail, old);
	CU_ASSERT_PTR_EQUAL(lru_gen_list(w.k, old), lru_gen_list(w.k, next));
	world_release(&w);
}

/* Who walks for pages that may not go hands none of them on. */
static void test_opened_without_swap(void)
{
	for (u32 swap = 0; swap < 2; swap++) {
		struct world w;
		u32 folio;

		four_generations(&w, "6.12", 1);
		generations(&w)->walked = YOUNGEST - 1;
		folio = put_into(&w, 0, OLDEST);
		CU_ASSERT(RUN(&w, try_to_inc_max_seq, .memcg = 1, .max_seq = YOUNGEST, .swap = swap));
		CU_ASSERT_PTR_EQUAL(lru_gen_list(w.k, folio),
				    &generations(&w)->list[(OLDEST + swap) % MAX_NR_GENS][LRU_ANON]);
		world_release(&w);
	}
}

static const struct unit tests[] = {
	{ "all pages of a folio are of its generation", test_large },
	{ "who is young stays, and without swap who cannot go", test_who_stays },
	{ "without swap only those of files are passed over", test_empty_without_swap },
	{ "of uses only the last ones stay", test_uses_of_isolated },
	{ "in 7.2 there is another look", test_second_look },
	{ "what was put elsewhere was looked at in 7.2", test_only_sorted },
	{ "who takes the last one makes the next generation the oldest", test_next_oldest },
	{ "an empty generation is passed over", test_empty_oldest },
	{ "the oldest of four is handed on", test_handed_on },
	{ "but not if it cannot go", test_opened_without_swap },
};

UNIT_MAIN("mglru: isolation", tests)
