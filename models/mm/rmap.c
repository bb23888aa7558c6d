/*
 * Walks over all mappings of a folio (mm/rmap.c, 6.12-6.18): folio_referenced() and try_to_unmap().
 *
 * Left out: the locks of anon_vma and mapping, which nobody here takes for writing while reclaim looks; to
 * take them for reading costs their line.
 */
#include "models/mm/rmap.h"

#include "models/cpu.h"
#include "models/mm/mglru.h"
#include "models/paths.h"

/* folio_referenced_one(); the page table lock is held. Returns whether any of the entries was used. */
static bool test_and_clear_young(struct kernel *k, const struct task *t, u32 folio, u32 page)
{
	u32 pages = folio_nr_pages(k, folio);
	bool young = false;

	machine_catch_up(&k->machine);
	for (u32 i = 0; i < pages; i++) {
		if (!pte_maps(k, page + i, folio + i) || !(k->pte_flags[page + i] & PTE_ACCESSED))
			continue;
		if (lru_gen_enabled(k))
			lru_gen_look_around(k, t, folio + i, page + i);
		k->pte_flags[page + i] &= ~PTE_ACCESSED;
		young = true;
	}
	return young;
}

PATH(folio_referenced)
{
	STEPS(LOCK_PTL, UNLOCK_PTL);
	BEGIN;
	for (f->page = rmap_first(k, f->folio); f->page; f->page = rmap_next(k, f->folio, f->page)) {
		t->work_ns = page_line_ns(k, t, f->page);
		spin_lock(LOCK_PTL, &page_table_of(k, f->page)->ptl);
		f->mappings += test_and_clear_young(k, t, f->folio, f->page);
		t->work_ns = (folio_nr_pages(k, f->folio) - 1) * k->cpu_profile->map_page_ns;
		spin_unlock(UNLOCK_PTL, &page_table_of(k, f->page)->ptl);
	}
	RETURN(f->mappings);
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
