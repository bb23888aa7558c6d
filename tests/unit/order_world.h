/*
 * order_world.h - a world with large folios and without page tables: folios of any order that have slots, and
 * references to them that nobody has.
 */
#ifndef TESTS_UNIT_ORDER_WORLD_H
#define TESTS_UNIT_ORDER_WORLD_H

#include "models/mm/folio.h"
#include "models/mm/memory.h"
#include "tests/unit/world.h"

/* Charged, unlocked, with the contents of the process's first pages. */
static inline u32 new_folio(struct world *w, u32 order)
{
	u32 folio = folio_alloc(w->k, order, 0);

	CU_ASSERT_FATAL(folio != 0);
	w->k->folio[folio].memcg = 1;
	w->k->folio[folio].page = page_of(w, 0);
	for (u32 i = 0; i < 1u << order; i++)
		w->k->folio[folio + i].content = content_of(page_of(w, i), 1);
	return folio;
}

/* A new folio asks for slots; the first, 0 if there are none. They are referenced once each. */
static inline u32 take_on(struct world *w, u32 cpu, u32 order)
{
	u32 folio = new_folio(w, order);

	if (RUN_ON(w, cpu, folio_alloc_swap, .folio = folio))
		return 0;
	RUN_ON(w, cpu, swap_duplicate, .entry = w->k->folio_io[folio].swap, .nr = 1u << order);
	return w->k->folio_io[folio].swap;
}
static inline u32 take(struct world *w, u32 order)
{
	return take_on(w, 0, order);
}
static inline void take_all(struct world *w, u32 order, u32 n)
{
	while (n--)
		CU_ASSERT_FATAL(take(w, order) != 0);
}

static inline u32 folio_in(const struct world *w, u32 entry)
{
	return word_folio(w->k->slot[entry].cache);
}

/* Nobody refers to the folio's slots any more; it keeps them. */
static inline void unuse(struct world *w, u32 entry)
{
	RUN(w, swap_free, .entry = entry, .nr = folio_nr_pages(w->k, folio_in(w, entry)));
}
static inline void give(struct world *w, u32 entry)
{
	u32 folio = folio_in(w, entry);

	unuse(w, entry);
	CU_ASSERT_EQUAL(RUN(w, folio_free_swap, .folio = folio), true);
}
/* The folio leaves the cache; its slots stay in use. */
static inline void forget_folio(struct world *w, u32 entry)
{
	CU_ASSERT_EQUAL(RUN(w, folio_free_swap, .folio = folio_in(w, entry), .anyway = true), true);
}

#endif
