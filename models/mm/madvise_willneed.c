/*
 * MADV_WILLNEED of anonymous memory (mm/madvise.c: madvise_willneed(), swapin_walk_pmd_entry();
 * mm/swap_state.c: read_swap_cache_async(); 6.12-6.18): swapped pages are read into the swap cache, on
 * synchronous devices too, and mapped by the faults that come later.
 *
 * Requests are gathered in one plug. Nobody waits for what is under way, and a page that cannot be had is
 * left out. Left out: shmem and files, mmap_lock.
 */
#include "models/block/block.h"
#include "models/cpu.h"
#include "models/paths.h"

/* From @page on, below @stop. */
static u32 next_swapped(const struct kernel *k, u32 page, u32 stop)
{
	while (page < stop && !(k->pte_flags[page] & PTE_SWAP))
		page++;
	return page;
}

PATH(madvise_willneed)
{
	STEPS(LOCK_PTL, UNLOCK_PTL, PAGE, READ, UNLOCK, PUT, RESCHED, DRAIN, FLUSH);
	BEGIN;
	plug_start(k, t);
	while (f->page < f->end) {
		f->stop = MIN((f->page | (k->config.pages_per_table - 1)) + 1, f->end);
		while (f->page < f->stop) {
			spin_lock(LOCK_PTL, &page_table_of(k, f->page)->ptl);
			f->next = next_swapped(k, f->page, f->stop);
			f->entry = f->next < f->stop ? k->pte[f->next] : 0;
			spin_unlock(UNLOCK_PTL, &page_table_of(k, f->page)->ptl);
			f->page = f->next + 1;
			if (!f->entry)
				break;
			CALL_ANY(PAGE, k->release->read_swap_cache, read_swap_cache_async, .entry = f->entry,
				 .page = f->next, .pin = 1);
			f->folio = (u32)t->ret;
			f->is_new = t->ret >> 32;
			if (!f->folio)
				continue;
			if (f->is_new) {
				f->read++;
				CALL(READ, swap_read_folio, .folio = f->folio, .entry = f->entry);
				if (t->ret == READ_DONE)
					bit_unlock(UNLOCK, &k->folio_io[f->folio].lock);
			}
			CALL(PUT, folio_put, .folio = f->folio);
			f->folio = 0;
		}
		f->page = f->stop;
		cond_resched(RESCHED);
	}
	CALL(DRAIN, lru_add_drain, .folio = 0);
	plug_finish(k, t);
	if (t->work_ns)
		AT(FLUSH);
	RETURN(f->read);
	END;
}
