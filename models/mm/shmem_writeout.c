/*
 * Shared memory goes to swap (mm/shmem.c: shmem_writeout() of 6.17, shmem_writepage() before): the folio gets
 * slots, which are marked as shared memory's (patch shmem-mark-first: before anybody can find them), its
 * indices get the swap entry in its place, and it is in the swap cache only from then on. Nobody has it
 * mapped.
 *
 * Left out: folios that reach beyond the end of the segment, fallocate().
 */
#include "models/cpu.h"
#include "models/mm/shmem.h"
#include "models/mm/split.h"
#include "models/mm/thp.h"
#include "models/paths.h"
#include "models/swap/slots.h"

static bool has_room_for_swap(const struct kernel *k)
{
	return k->swap->total_pages > 0;
}

/* Pages of a large folio that nobody has written to are zeroes, and go with those that are. */
static void note_zeroes(struct kernel *k, u32 folio)
{
	for (u32 i = 0; i < folio_nr_pages(k, folio); i++)
		if (!k->folio[folio + i].content)
			index_note_written(k, k->folio[folio].page + i, folio + i);
}

/* shmem_delete_from_page_cache() */
static void replace_by_entry(struct kernel *k, u32 folio)
{
	note_zeroes(k, folio);
	index_store_entry(k, k->folio[folio].page, folio_order(k, folio), k->folio_io[folio].swap);
	shmem_forget_folio(k, folio);
}

/* Returns enum pageout_result; unless it is PAGE_ACTIVATE the folio has been unlocked. */
PATH(shmem_writeout)
{
	STEPS(GET_SLOT, SPLIT, GET_ONE, MARK, DUPLICATE, LOCK_INDEX, UNLOCK_INDEX, MARK_LATE, WRITE,
	      LOCK_BACK, UNLOCK_BACK, FREE_ENTRY, DELETE);
	struct folio *const folio = &k->folio[f->folio];

	BEGIN;
	if (!has_room_for_swap(k))
		goto redirty;
	CALL(GET_SLOT, folio_alloc_swap, .folio = f->folio);
	if (t->ret) {
		if (folio_order(k, f->folio) == 0 || !can_split_folio(k, f->folio))
			goto redirty;
		t->work_ns = split_ns(k, f->folio);
		AT(SPLIT); /* the other pages come on their own */
		folio->flags |= FOLIO_DIRTY;
		f->order = folio_order(k, f->folio);
		if (!split_folio(k, f->folio, arena_at(&m->arena, f->folios)))
			goto redirty;
		if (k->release->shmem_counts_splits)
			count_swpout_fallback(k, f->folio, f->order);
		folio->flags &= ~FOLIO_DIRTY;
		CALL(GET_ONE, folio_alloc_swap, .folio = f->folio);
		if (t->ret)
			goto redirty;
	}
	f->entry = k->folio_io[f->folio].swap;
	f->nr = folio_nr_pages(k, f->folio);
	if (!has_cache_bit(k))
		CALL(DUPLICATE, swap_duplicate, .entry = f->entry, .nr = f->nr);
	else if (k->patch.shmem_mark_first)
		CALL(MARK, swap_shmem_alloc, .entry = f->entry, .nr = f->nr);
	spin_lock_irq(LOCK_INDEX, i_pages_of(k, folio->page));
	replace_by_entry(k, f->folio);
	spin_unlock_irq(UNLOCK_INDEX, i_pages_of(k, folio->page));
	if (has_cache_bit(k) && !k->patch.shmem_mark_first)
		CALL(MARK_LATE, swap_shmem_alloc, .entry = f->entry, .nr = f->nr);
	CALL(WRITE, swap_writeout, .folio = f->folio);
	if (t->ret != PAGE_ACTIVATE || !k->release->shmem_takes_back)
		RETURN(t->ret);

	/* zswap did not want it and may not write: it is better off where it was */
	spin_lock_irq(LOCK_BACK, i_pages_of(k, folio->page));
	f->back = index_store_folio(k, f->folio, folio->page, f->entry);
	spin_unlock_irq(UNLOCK_BACK, i_pages_of(k, folio->page));
	if (f->back) /* and not truncated meanwhile */
		CALL(FREE_ENTRY, swap_free, .entry = f->entry, .nr = f->nr);
	CALL(DELETE, folio_free_swap, .folio = f->folio, .anyway = 1);
redirty:
	folio->flags |= FOLIO_DIRTY;
	RETURN(PAGE_ACTIVATE);
	END;
}
