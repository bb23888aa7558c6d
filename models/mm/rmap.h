/*
 * rmap.h - reverse mapping: which pages' entries may map a folio (mm/rmap.c: rmap_walk()).
 *
 * A walk names, one address space after the other, the page at which the folio would begin there; frame i of
 * a large folio is i pages on. Whether the entries do map it is to be seen under the page table's lock.
 */
#ifndef MODELS_MM_RMAP_H
#define MODELS_MM_RMAP_H

#include "models/mm/family.h"
#include "models/mm/folio.h"

static inline u32 rmap_first(const struct kernel *k, u32 folio)
{
	return k->folio[folio].page;
}

/* What comes after @page; 0: no more. */
static inline u32 rmap_next(const struct kernel *k, u32 folio, u32 page)
{
	return k->families ? family_next_page(k, rmap_first(k, folio), page) : 0;
}

/* Whether the entry of @page maps @frame. */
static inline bool pte_maps(const struct kernel *k, u32 page, u32 frame)
{
	return (k->pte_flags[page] & (PTE_PRESENT | PTE_ZERO)) == PTE_PRESENT && k->pte[page] == frame;
}

/* Whether a walk from the folio of @frame comes to where the frame would be @page. */
static inline bool rmap_reaches(const struct kernel *k, u32 frame, u32 page)
{
	u32 folio = page_folio(k, frame), at = rmap_first(k, folio);

	while (at && at + (frame - folio) != page)
		at = rmap_next(k, folio, at);
	return at;
}

#endif
