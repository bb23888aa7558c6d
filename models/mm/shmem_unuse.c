/*
 * A swap device goes away (mm/shmem.c: shmem_unuse(), shmem_unuse_inode(), 6.12-6.18): what segments have on
 * it comes back, page by page, as for a fault of nobody, and is charged to whom the slot says.
 *
 * Left out: batches, and the list of segments in swap: all are looked through.
 */
#include "models/cpu.h"
#include "models/mm/shmem.h"
#include "models/paths.h"

/* From @page on, below @stop, the first page that is on the device. */
static u32 next_on_device(const struct kernel *k, u32 device, u32 page, u32 stop)
{
	while (page < stop &&
	       !(k->pte_flags[page] & PTE_SWAP && device_of(k, k->pte[page])->number == device))
		page++;
	return page;
}

/* Returns 0, or an error. What somebody else has in hand is left to the next time. */
PATH(shmem_unuse)
{
	STEPS(FIND, SWAPIN, UNLOCK, PUT);
	BEGIN;
	for (; f->mm < k->config.mms; f->mm++) {
		if (!is_segment(k, f->mm))
			continue;
		for (f->page = k->mm[f->mm].first_page;; f->page++) {
			AT(FIND);
			f->page = next_on_device(k, f->device, f->page,
						 k->mm[f->mm].first_page + k->mm[f->mm].pages);
			if (f->page == k->mm[f->mm].first_page + k->mm[f->mm].pages)
				break;
			CALL(SWAPIN, shmem_swapin_folio, .page = f->page, .fault = f->page,
			     .entry = index_entry(k, f->page));
			if (t->ret & SHMEM_EEXIST)
				continue;
			f->folio = (u32)t->ret;
			if (!f->folio)
				RETURN(PATH_ENOMEM);
			bit_unlock(UNLOCK, &k->folio[f->folio].lock);
			CALL(PUT, folio_put, .folio = f->folio);
			f->folio = 0;
		}
	}
	RETURN(PATH_OK);
	END;
}
