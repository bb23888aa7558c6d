/*
 * try_to_unmap_one() (mm/rmap.c, 6.17/6.18), and pageout() (mm/vmscan.c).
 *
 * The entry is cleared before the slot is duplicated, both under the page table lock: a fault that looks at
 * the entry without the lock may find nothing there. Of a large folio each entry is unmapped by itself, all
 * under one lock. Left out: deferred TLB flushes letting other CPUs go on using a stale entry (a flush costs
 * time only).
 */
#include "models/cpu.h"
#include "models/mm/filemap.h"
#include "models/mm/folio.h"
#include "models/mm/huge_memory.h"
#include "models/mm/rmap.h"
#include "models/mm/tlb.h"
#include "models/paths.h"
#include "models/recheck.h"
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
static bool lazyfree_goes(struct kernel *k, u32 number, u32 i, u32 page)
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
	frame_remove_rmap(k, number + i);
	folio->refs--;
	return true;
}

static void set_swap_entry(struct kernel *k, u32 page, u32 frame)
{
	k->pte[page] = frame_slot(k, frame);
	k->pte_flags[page] |= PTE_SWAP;
	if (k->folio[frame].flags & FOLIO_EXCLUSIVE)
		k->pte_flags[page] |= PTE_EXCLUSIVE;
	k->folio[frame].flags &= ~FOLIO_EXCLUSIVE;
	mm_of(k, page)->anon_pages--;
	mm_of(k, page)->swap_ents++;
	frame_remove_rmap(k, frame);
}

/* Of another process: the lock of its anon_vma, mm->context.tlb_gen, and mm->tlb_flush_batched
 * (set_tlb_ubc_flush_pending()). They are taken to be here if folio_referenced() was, and nobody since. */
enum { LINES_OF_UNMAP = 3 };

/* Returns whether the walk may go on; it ends at a mapping that stays. */
PATH(try_to_unmap_one)
{
	STEPS(LOCK_PTL, DUPLICATE, UNLOCK_PTL);
	struct folio *const folio = &k->folio[f->folio];

	BEGIN;
	t->work_ns = LINES_OF_UNMAP * page_line_ns(k, t, f->page);
	spin_lock(LOCK_PTL, &page_table_of(k, f->page)->ptl);
	machine_catch_up(m);
	if (folio_order(k, f->folio) == pmd_order(k))
		split_huge_pmd(k, f->page);
	for (; f->i < folio_nr_pages(k, f->folio) && !f->stays; f->i++) {
		if (!recheck(k, RECHECK_UNMAP_PTE, pte_maps(k, f->page + f->i, f->folio + f->i)))
			continue; /* somebody else has unmapped it */
		if (folio->flags & FOLIO_LAZYFREE) {
			f->stays = !lazyfree_goes(k, f->folio, f->i, f->page + f->i);
		} else if (folio->flags & FOLIO_FILE) {
			unmap_file_folio(k, f->page);
			folio->refs--;
		} else if (folio->flags & FOLIO_SHMEM) {
			unmap_shmem_page(k, f->page + f->i);
			folio->refs--;
		} else {
			f->was = k->pte_flags[f->page + f->i];
			k->pte_flags[f->page + f->i] = f->was & PTE_FILE;
			note_content(k, f->page + f->i, f->folio + f->i, f->was);
			CALL(DUPLICATE, swap_duplicate, .entry = k->folio_io[f->folio].swap + f->i, .nr = 1);
			f->stays = t->ret;
			if (f->stays) { /* the count does not go so high */
				k->pte_flags[f->page + f->i] = f->was;
				break;
			}
			set_swap_entry(k, f->page + f->i, f->folio + f->i);
			folio->refs--;
		}
	}
	if (f->stays)
		deferred_split_folio(k, f->folio);
	t->work_ns = (f->i - 1) * k->cpu_profile->map_page_ns;
	spin_unlock(UNLOCK_PTL, &page_table_of(k, f->page)->ptl);
	RETURN(!f->stays);
	END;
}

PATH(pageout)
{
	STEPS(FLUSH_TLB, WAIT, FLUSHED, SHMEM, WRITE);
	struct folio *const folio = &k->folio[f->folio];

	BEGIN;
	t->work_ns = tlb_flush_ns(k, t, folio->page);
	AT(FLUSH_TLB);
	if (tlb_interrupt_others(k, t, folio->page)) {
		t->preempt_off++;
		spin_lock(WAIT, tlb_lock(k, t));
		spin_unlock(FLUSHED, tlb_lock(k, t));
		t->preempt_off--;
	}
	if (folio->refs >
	    1 + folio_nr_pages(k, f->folio)) /* is_page_cache_freeable(): somebody else holds it */
		RETURN(PAGE_KEEP);
	folio->flags &= ~FOLIO_DIRTY;
	folio->flags |= FOLIO_RECLAIM;
	if (folio->flags & FOLIO_SHMEM)
		CALL(SHMEM, shmem_writeout, .folio = f->folio, .folios = f->folios);
	else
		CALL(WRITE, swap_writeout, .folio = f->folio);
	if (!k->folio_io[f->folio].writeback)
		folio->flags &= ~FOLIO_RECLAIM;
	RETURN(t->ret);
	END;
}
