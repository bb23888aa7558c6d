/*
 * Shared memory is given back (mm/shmem.c: shmem_fallocate(FALLOC_FL_PUNCH_HOLE), shmem_undo_range(),
 * shmem_free_swap(); mm/memory.c: unmap_mapping_range(); mm/truncate.c: truncate_inode_folio();
 * 6.12-6.18): pages of a segment become holes, and the segment keeps its size.
 *
 * In a first pass what is not busy goes, in a second one the rest, which is waited for. What reaches over a
 * border comes back from swap in between. A swap entry is erased only if it is the one that was found; how
 * large it is is looked up before, without the lock, and may have changed (patch shmem-free-swap-order), and
 * an entry that is refused is looked at again, be it in vain (patch shmem-truncate-advances).
 *
 * Left out: batches, that faults wait for the end of it, splitting a large folio at the border: it stays, and
 * what is cut off of it is zeroed.
 */
#include "models/cpu.h"
#include "models/mm/shmem.h"
#include "models/paths.h"
#include "models/recheck.h"

PATH(unmap_mapping_range)
{
	STEPS(ZAP);
	BEGIN;
	for (f->vma = vma_of(k, f->page)->next; f->vma; f->vma = k->vma[f->vma - 1].next)
		CALL(ZAP, zap_pages, .page = page_in_mapping(k, f->vma - 1, f->page),
		     .end = page_in_mapping(k, f->vma - 1, f->end));
	RETURN(0);
	END;
}

PATH(truncate_inode_folio)
{
	STEPS(UNMAP, LOCK_INDEX, UNLOCK_INDEX);
	struct folio *const folio = &k->folio[f->folio];

	BEGIN;
	if (folio_mapped(k, f->folio))
		CALL(UNMAP, unmap_mapping_range, .page = folio->page,
		     .end = folio->page + folio_nr_pages(k, f->folio));
	spin_lock_irq(LOCK_INDEX, i_pages_of(k, folio->page));
	index_erase(k, folio->page, folio_order(k, f->folio));
	index_forget_data(k, folio->page, folio->page + folio_nr_pages(k, f->folio));
	shmem_forget_folio(k, f->folio);
	folio->flags &= ~FOLIO_DIRTY;
	spin_unlock_irq(UNLOCK_INDEX, i_pages_of(k, folio->page));
	RETURN(0);
	END;
}

/* How many indices the entry that is there may be erased from. */
static u32 pages_to_erase(const struct kernel *k, const struct shmem_free_swap *f)
{
	u32 order = index_order(k, f->page), base = index_base(k, f->page, order);

	if (!recheck(k, RECHECK_SHMEM_ERASE, index_entry(k, f->page) == f->entry))
		return 0;
	if (!k->patch.shmem_free_swap_order)
		return f->count;
	return base < f->page || base + (1u << order) > f->end ? 0 : 1u << order;
}

/* Erase what is there, whatever it is now. */
static void erase_entry(struct kernel *k, const struct shmem_free_swap *f)
{
	u32 order = index_order(k, f->page), base = index_base(k, f->page, order);

	index_forget_data(k, MAX(base, f->page), MIN(base + (1u << order), f->end));
	index_erase(k, base, order);
}

PATH(shmem_free_swap)
{
	STEPS(ORDER, LOCK_INDEX, UNLOCK_INDEX, FREE);
	BEGIN;
	AT(ORDER);
	f->count = 1u << index_order(k, f->page);
	spin_lock_irq(LOCK_INDEX, i_pages_of(k, f->page));
	f->count = pages_to_erase(k, f);
	if (f->count)
		erase_entry(k, f);
	spin_unlock_irq(UNLOCK_INDEX, i_pages_of(k, f->page));
	if (f->count)
		CALL(FREE, free_swap_and_cache, .entry = f->entry, .nr = f->count);
	RETURN(f->count);
	END;
}

/* find_lock_entries() of one: whether what is at the page lies in the range and need not be waited for. */
static bool goes_at_once(struct kernel *k, struct task *t, struct shmem_undo_range *f)
{
	u32 order = index_order(k, f->next), base = index_base(k, f->next, order);

	f->entry = index_entry(k, f->next);
	if (f->entry)
		return base >= f->page && base + (1u << order) <= f->end;
	f->folio = index_folio(k, f->next);
	if (!f->folio || k->folio[f->folio].page < f->page ||
	    k->folio[f->folio].page + folio_nr_pages(k, f->folio) > f->end ||
	    !bit_trylock(t, &k->folio_io[f->folio].lock)) {
		f->folio = 0;
		return false;
	}
	k->folio[f->folio].refs++;
	return true;
}

/* What is at the page, the folio with a reference. */
static void find_entry(struct kernel *k, struct shmem_undo_range *f)
{
	f->entry = index_entry(k, f->next);
	f->folio = index_folio(k, f->next);
	if (f->folio)
		k->folio[f->folio].refs++;
}

static u32 after_index(const struct kernel *k, u32 page)
{
	u32 order = index_folio(k, page) ? folio_order(k, index_folio(k, page)) : index_order(k, page);

	return index_base(k, page, order) + (1u << order);
}

/* Where to go on after an entry that was not erased: over one that lies across a border, and that has been
 * zeroed as far as it matters, otherwise the same again. */
static u32 after_refusal(const struct kernel *k, const struct shmem_undo_range *f)
{
	s32 order = shmem_confirm_swap(k, f->next, f->entry);
	u32 base;

	if (order <= 0 || !k->patch.shmem_free_swap_order)
		return f->next;
	if (!k->patch.shmem_truncate_advances)
		return f->next + (1u << order) > f->end ? f->end : f->next;
	base = index_base(k, f->next, (u32)order);
	return base < f->page || base + (1u << order) > f->end ? base + (1u << order) : base;
}

/* truncate_inode_partial_folio(): zeroes are written to what lies in the range. */
static void zero_part(struct kernel *k, u32 folio, u32 from, u32 to)
{
	for (u32 i = 0; i < folio_nr_pages(k, folio); i++)
		if (k->folio[folio].page + i >= from && k->folio[folio].page + i < to)
			index_note_written(k, k->folio[folio].page + i, folio + i);
	k->folio[folio].flags |= FOLIO_DIRTY;
}

/* Whether the folio lies across a border of the range; then what is beyond it is done. */
static bool is_partial(const struct kernel *k, const struct shmem_undo_range *f)
{
	return k->folio[f->folio].page < f->page ||
	       k->folio[f->folio].page + folio_nr_pages(k, f->folio) > f->end;
}

PATH(shmem_undo_range)
{
	STEPS(TRY, TRY_SWAP, TRY_FOLIO, TRY_UNLOCK, TRY_PUT, BORDER, UNLOCK_BORDER, PUT_BORDER, RESCHED, FIND,
	      FREE_SWAP, LOCK, UNLOCK_OTHER, PUT_OTHER, FOLIO, UNLOCK, PUT);
	BEGIN;
	for (f->next = f->page; f->next < f->end; f->next++) {
		AT(TRY);
		if (!goes_at_once(k, t, f))
			continue;
		if (f->entry) {
			CALL(TRY_SWAP, shmem_free_swap, .page = f->next, .end = f->end, .entry = f->entry);
			f->entry = 0;
			continue;
		}
		CALL(TRY_FOLIO, truncate_inode_folio, .folio = f->folio);
		bit_unlock(TRY_UNLOCK, &k->folio_io[f->folio].lock);
		CALL(TRY_PUT, folio_put, .folio = f->folio);
		f->folio = 0;
	}
	for (f->border = 0; f->border < 2; f->border++) {
		CALL(BORDER, shmem_get_folio, .page = f->border ? f->end - 1 : f->page, .fault = f->fault,
		     .noalloc = 1);
		f->folio = (u32)t->ret;
		if (!f->folio)
			continue;
		if (is_partial(k, f))
			zero_part(k, f->folio, f->page, f->end);
		bit_unlock(UNLOCK_BORDER, &k->folio_io[f->folio].lock);
		CALL(PUT_BORDER, folio_put, .folio = f->folio);
		f->folio = 0;
	}
	for (f->next = f->page; f->next < f->end;) {
		cond_resched(RESCHED);
		AT(FIND);
		find_entry(k, f);
		if (f->entry) {
			CALL(FREE_SWAP, shmem_free_swap, .page = f->next, .end = f->end, .entry = f->entry);
			f->next = t->ret ? f->next + (u32)t->ret : after_refusal(k, f);
			f->entry = 0;
			continue;
		}
		if (!f->folio) {
			f->next++;
			continue;
		}
		bit_lock(LOCK, &k->folio_io[f->folio].lock);
		if (!recheck(k, RECHECK_SHMEM_TRUNCATE, index_folio(k, f->next) == f->folio)) { /* in swap */
			bit_unlock(UNLOCK_OTHER, &k->folio_io[f->folio].lock);
			CALL(PUT_OTHER, folio_put, .folio = f->folio);
			f->folio = 0;
			continue;
		}
		f->next = after_index(k, f->next);
		if (!is_partial(k, f))
			CALL(FOLIO, truncate_inode_folio, .folio = f->folio);
		bit_unlock(UNLOCK, &k->folio_io[f->folio].lock);
		CALL(PUT, folio_put, .folio = f->folio);
		f->folio = 0;
	}
	RETURN(0);
	END;
}

PATH(shmem_punch_hole)
{
	STEPS(UNMAP, TRUNCATE);
	BEGIN;
	CALL(UNMAP, unmap_mapping_range, .page = segment_page(k, f->page),
	     .end = segment_page(k, f->page) + f->count);
	CALL(TRUNCATE, shmem_undo_range, .page = segment_page(k, f->page),
	     .end = segment_page(k, f->page) + f->count, .fault = f->page);
	RETURN(0);
	END;
}
