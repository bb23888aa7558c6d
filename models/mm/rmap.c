/*
 * Walks over all mappings of a folio (mm/rmap.c, 6.12-6.18): folio_referenced() and try_to_unmap().
 *
 * Left out: the locks of anon_vma and mapping, which nobody here takes for writing while reclaim looks.
 */
#include "models/mm/rmap.h"

#include "models/paths.h"

/* folio_referenced_one(); the page table lock is held. */
static u32 referenced_ptes(struct kernel *k, u32 folio, u32 page)
{
	if (!pte_maps(k, page, folio) || !(k->pte_flags[page] & PTE_ACCESSED))
		return 0;
	k->pte_flags[page] &= ~PTE_ACCESSED;
	return 1;
}

PATH(folio_referenced)
{
	STEPS(LOCK_PTL, UNLOCK_PTL);
	BEGIN;
	for (f->page = rmap_first(k, f->folio); f->page; f->page = rmap_next(k, f->folio, f->page)) {
		spin_lock(LOCK_PTL, &page_table_of(k, f->page)->ptl);
		f->ptes += referenced_ptes(k, f->folio, f->page);
		spin_unlock(UNLOCK_PTL, &page_table_of(k, f->page)->ptl);
	}
	RETURN(f->ptes);
	END;
}

PATH(try_to_unmap)
{
	STEPS(ONE);
	BEGIN;
	for (f->page = rmap_first(k, f->folio); f->page && folio_mapped(k, f->folio);
	     f->page = rmap_next(k, f->folio, f->page)) {
		CALL(ONE, try_to_unmap_one, .folio = f->folio, .page = f->page);
		if (!t->ret)
			break;
	}
	RETURN(0);
	END;
}
