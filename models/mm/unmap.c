/*
 * try_to_unmap_one() (mm/rmap.c, 6.17/6.18), and pageout() (mm/vmscan.c).
 *
 * The entry is cleared before the slot is duplicated, both under the page table lock: a fault that looks at
 * the entry without the lock may find nothing there. Left out: deferred TLB flushes letting other CPUs go on
 * using a stale entry (a flush costs time only), large folios.
 */
#include "models/cpu.h"
#include "models/mm/filemap.h"
#include "models/mm/folio.h"
#include "models/mm/rmap.h"
#include "models/paths.h"
#include "models/swap/slots.h"

/* What was written since the page was last unmapped makes it another content. */
static void note_content(struct kernel *k, u32 page, u32 frame, u32 was)
{
	if (was & PTE_DIRTY) {
		k->folio[page_folio(k, frame)].flags |= FOLIO_DIRTY;
		note_written(k, page, frame);
	}
}

/* A page that MADV_FREE gave up goes if it is as it was left: not written since, and nobody but reclaim and
 * the mappings holds it. One that was written is an ordinary page again; up to 6.14 one that is held, too. */
static bool lazyfree_goes(struct kernel *k, u32 number, u32 page)
{
	struct folio *folio = &k->folio[number];
	bool held = folio->refs != 1 + folio_mapcount(k, number);
	u8 *flags = &k->pte_flags[page];

	if (*flags & PTE_DIRTY || folio->flags & FOLIO_DIRTY || (held && k->release->lazyfree_held)) {
		folio->flags &= ~FOLIO_LAZYFREE;
		return false;
	}
	if (held)
		return false;
	k->pte[page] = 0;
	*flags = 0;
	mm_of(k, page)->anon_pages--;
	frame_remove_rmap(k, number);
	folio->refs--;
	return true;
}

/* Returns whether the walk may go on; it ends at a mapping that stays. */
PATH(try_to_unmap_one)
{
	STEPS(LOCK_PTL, DUPLICATE, UNLOCK_PTL);
	struct folio *const folio = &k->folio[f->folio];

	BEGIN;
	spin_lock(LOCK_PTL, &page_table_of(k, f->page)->ptl);
	if (!pte_maps(k, f->page, f->folio)) {
		/* somebody else has unmapped it */
	} else if (folio->flags & FOLIO_LAZYFREE) {
		f->stays = !lazyfree_goes(k, f->folio, f->page);
	} else if (folio->flags & FOLIO_FILE) {
		unmap_file_folio(k, f->page);
		folio->refs--;
	} else if (folio->flags & FOLIO_SHMEM) {
		unmap_shmem_page(k, f->page);
		folio->refs--;
	} else {
		f->was = k->pte_flags[f->page];
		k->pte_flags[f->page] = f->was & PTE_FILE;
		note_content(k, f->page, f->folio, f->was);
		CALL(DUPLICATE, swap_duplicate, .entry = folio->swap, .nr = 1);
		k->pte[f->page] = folio->swap;
		k->pte_flags[f->page] |= PTE_SWAP;
		if (folio->flags & FOLIO_EXCLUSIVE)
			k->pte_flags[f->page] |= PTE_EXCLUSIVE;
		folio->flags &= ~FOLIO_EXCLUSIVE;
		mm_of(k, f->page)->anon_pages--;
		mm_of(k, f->page)->swap_ents++;
		frame_remove_rmap(k, f->folio);
		folio->refs--;
	}
	spin_unlock(UNLOCK_PTL, &page_table_of(k, f->page)->ptl);
	RETURN(!f->stays);
	END;
}

PATH(pageout)
{
	STEPS(FLUSH_TLB, SHMEM, WRITE);
	struct folio *const folio = &k->folio[f->folio];

	BEGIN;
	t->work_ns = tlb_flush_ns(k, t, folio->page);
	AT(FLUSH_TLB);
	if (folio->refs > 2) /* is_page_cache_freeable(): somebody else holds it */
		RETURN(PAGE_KEEP);
	folio->flags &= ~FOLIO_DIRTY;
	folio->flags |= FOLIO_RECLAIM;
	if (folio->flags & FOLIO_SHMEM)
		CALL(SHMEM, shmem_writeout, .folio = f->folio);
	else
		CALL(WRITE, swap_writeout, .folio = f->folio);
	if (!folio->writeback)
		folio->flags &= ~FOLIO_RECLAIM;
	RETURN(t->ret);
	END;
}
