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
#include "models/mm/shmem.h"

/* The page of mapping @vma + 1 of a segment, or of those after it, that its page @index is; 0: no more. */
static inline u32 rmap_shmem(const struct kernel *k, u32 index, u32 vma)
{
	u32 i = index - k->mm[vma_of(k, index)->segment].first_page;

	for (; vma; vma = k->vma[vma - 1].next)
		if (i < k->vma[vma - 1].pages)
			return k->vma[vma - 1].first_page + i;
	return 0;
}

/* The file page of process @mm + 1, or of those after it, whose index is @index; 0: no more. */
static inline u32 rmap_files(const struct kernel *k, u32 index, u32 mm)
{
	u32 i = index - mm_of(k, index)->first_page;

	for (; mm; mm = k->mm[mm - 1].files_next)
		if (i < k->mm[mm - 1].pages && k->pte_flags[k->mm[mm - 1].first_page + i] & PTE_FILE)
			return k->mm[mm - 1].first_page + i;
	return 0;
}

static inline u32 rmap_first(const struct kernel *k, u32 folio)
{
	u32 page = k->folio[folio].page;

	if (k->folio[folio].flags & FOLIO_FILE)
		return rmap_files(k, page, mm_of(k, page)->files_first);
	return k->folio[folio].flags & FOLIO_SHMEM ? rmap_shmem(k, page, vma_of(k, page)->next) : page;
}

/* What comes after @page; 0: no more. */
static inline u32 rmap_next(const struct kernel *k, u32 folio, u32 page)
{
	if (k->folio[folio].flags & FOLIO_FILE)
		return rmap_files(k, k->folio[folio].page, mm_of(k, page)->files_next);
	if (k->folio[folio].flags & FOLIO_SHMEM)
		return rmap_shmem(k, k->folio[folio].page, vma_of(k, page)->next);
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
