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
static void note_content(struct kernel *k, struct folio *folio, u32 was)
{
	if (was & PTE_DIRTY) {
		folio->flags |= FOLIO_DIRTY;
		k->page_version[folio->page]++;
	}
	folio->content = page_content(k, folio->page);
}

/* A page that MADV_FREE gave up goes if it is as it was left: not written since, and nobody but reclaim and
 * the mapping holds it. One that was written is an ordinary page again; up to 6.14 one that is held, too. */
static bool lazyfree_goes(struct kernel *k, u32 number)
{
	struct folio *folio = &k->folio[number];
	u8 *flags = &k->pte_flags[folio->page];

	if (*flags & PTE_DIRTY || (folio->refs != 2 && k->release->lazyfree_held)) {
		folio->flags &= ~FOLIO_LAZYFREE;
		return false;
	}
	if (folio->refs != 2)
		return false;
	k->pte[folio->page] = 0;
	*flags = 0;
	mm_of(k, folio->page)->anon_pages--;
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
		f->stays = !lazyfree_goes(k, f->folio);
	} else if (folio->flags & FOLIO_FILE) {
		unmap_file_folio(k, f->page);
		folio->refs--;
	} else {
		f->was = k->pte_flags[f->page];
		k->pte_flags[f->page] = f->was & PTE_FILE;
		note_content(k, folio, f->was);
		CALL(DUPLICATE, swap_duplicate, .entry = folio->swap);
		k->pte[f->page] = folio->swap;
		k->pte_flags[f->page] |= PTE_SWAP | PTE_EXCLUSIVE;
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
	STEPS(FLUSH_TLB, WRITE);
	struct folio *const folio = &k->folio[f->folio];

	BEGIN;
	t->work_ns = tlb_flush_ns(k, t, folio->page);
	AT(FLUSH_TLB);
	if (folio->refs > 2) /* is_page_cache_freeable(): somebody else holds it */
		RETURN(PAGE_KEEP);
	folio->flags &= ~FOLIO_DIRTY;
	folio->flags |= FOLIO_RECLAIM;
	CALL(WRITE, swap_writeout, .folio = f->folio);
	if (!folio->writeback)
		folio->flags &= ~FOLIO_RECLAIM;
	RETURN(t->ret);
	END;
}
