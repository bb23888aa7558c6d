/*
 * UFFDIO_MOVE of a page (mm/userfaultfd.c: move_pages_pte(), move_present_pte(), move_swap_pte(),
 * move_zeropage_pte(); 6.12-6.18): what is mapped or swapped at one page of a process is, without a copy, at
 * another where there was nothing.
 *
 * Who finds a swapped page looks whether its folio is in the swap cache, for that has to know its new page
 * (patch uffd-move-cached), and locks it: without a lock it may no longer be the folio of that slot by then,
 * and where there was none there may be one (patch uffd-move-recheck). The entry is compared once more under
 * the page tables' locks; it is the same if the page has got the same slot again. A move that does not come
 * about is for the caller to repeat.
 *
 * Left out: large folios that are mapped are split, here they are not moved, as those in the swap cache
 * are not; the lock of anon_vma; the vma's own lock in place of mmap_lock; soft-dirty; that 6.12 makes a
 * mapped page dirty.
 */
#include "models/cpu.h"
#include "models/mm/family.h"
#include "models/mm/folio.h"
#include "models/mm/swapin.h"
#include "models/paths.h"
#include "models/swap/cache.h"
#include "models/swap/device_ref.h"
#include "models/swap/slots.h"

/* What tells entries apart: not that they were used meanwhile. */
enum { PTE_SAME = PTE_PRESENT | PTE_SWAP | PTE_ZERO | PTE_EXCLUSIVE };

static bool is_none(const struct kernel *k, u32 page)
{
	return !(k->pte_flags[page] & (PTE_PRESENT | PTE_SWAP));
}

static bool is_same(const struct kernel *k, const struct uffd_move *f)
{
	return k->pte[f->page] == f->pte && (k->pte_flags[f->page] & PTE_SAME) == f->flags;
}

/* Shared memory is a file, too. */
static bool is_movable(const struct kernel *k, const struct uffd_move *f)
{
	return !((k->pte_flags[f->page] | k->pte_flags[f->to]) & PTE_FILE);
}

static bool is_own_small_folio(const struct kernel *k, u32 frame)
{
	return k->folio[frame].flags & FOLIO_EXCLUSIVE && folio_nr_pages(k, page_folio(k, frame)) == 1;
}

/* What is there; of a mapped page the folio, too. It is locked: somebody was waited for, and all must be as
 * before. */
static u32 read_source(struct kernel *k, struct uffd_move *f)
{
	if (f->folio && !is_same(k, f))
		return PATH_EAGAIN;
	f->pte = k->pte[f->page];
	f->flags = k->pte_flags[f->page] & PTE_SAME;
	if (is_none(k, f->page))
		return PATH_ENOENT;
	if (f->flags & PTE_SWAP)
		return f->flags & PTE_EXCLUSIVE ? PATH_OK : PATH_EBUSY;
	if (f->folio || f->flags & PTE_ZERO)
		return PATH_OK;
	if (!is_own_small_folio(k, f->pte))
		return PATH_EBUSY;
	f->folio = f->pte;
	k->folio[f->folio].refs++;
	return PATH_OK;
}

static u32 look_up(struct kernel *k, struct uffd_move *f)
{
	u32 folio = word_folio(swap_cache_word(k, f->pte));

	if (f->folio || !folio || !k->patch.uffd_move_cached)
		return PATH_OK;
	if (folio_nr_pages(k, folio) > 1)
		return PATH_EBUSY;
	f->folio = folio;
	k->folio[folio].refs++;
	return PATH_OK;
}

/* Of a folio that is locked. */
static bool is_still_cached(const struct kernel *k, const struct uffd_move *f)
{
	return !k->patch.uffd_move_recheck || !(f->flags & PTE_SWAP) || !f->folio ||
	       folio_has_slot(k, f->folio, f->pte);
}

/* Both page tables are locked. */
static u32 move(struct kernel *k, const struct uffd_move *f)
{
	u8 flags = k->pte_flags[f->page];

	if (!is_same(k, f) || !is_none(k, f->to))
		return PATH_EAGAIN;
	if (flags & PTE_SWAP && !f->folio && k->patch.uffd_move_recheck && slot_is_cached(k, f->pte))
		return PATH_EAGAIN;
	if (flags & PTE_PRESENT && !(flags & PTE_ZERO)) {
		if (!is_own_small_folio(k, f->pte))
			return PATH_EBUSY;
		flags |= PTE_WRITE | PTE_ACCESSED;
	}
	if (f->folio)
		k->folio[f->folio].page = f->to;
	page_table_of(k, f->to)->has_ptes |= page_table_of(k, f->page)->has_ptes;
	k->pte[f->to] = k->pte[f->page];
	k->pte_flags[f->to] = flags;
	k->pte[f->page] = 0;
	k->pte_flags[f->page] = 0;
	move_content(k, f->page, f->to);
	return PATH_OK;
}

/* double_pt_lock(): the lower table first; the second is 0 if there is but one. */
static struct spinlock *first_lock(struct kernel *k, const struct uffd_move *f)
{
	return &page_table_of(k, MIN(f->page, f->to))->ptl;
}
static struct spinlock *second_lock(struct kernel *k, const struct uffd_move *f)
{
	return &page_table_of(k, MAX(f->page, f->to))->ptl;
}

PATH(uffd_move)
{
	STEPS(LOCK_MMAP, LOCK_DST, UNLOCK_DST, LOCK_SRC, UNLOCK_SRC, LOOKUP, TRY_LOCK, LOCK_FOLIO, LOCK_FIRST,
	      LOCK_SECOND, UNLOCK_SECOND, UNLOCK_FIRST, UNLOCK_FOLIO, PUT, UNLOCK_MMAP);
	struct spinlock *const first = first_lock(k, f), *const second = second_lock(k, f);

	BEGIN;
	if (!is_movable(k, f))
		RETURN(PATH_EINVAL);
	if (k->families)
		down_read(LOCK_MMAP, &member_of(k, f->page)->mmap_lock);
	for (;;) {
		spin_lock(LOCK_DST, &page_table_of(k, f->to)->ptl);
		f->error = is_none(k, f->to) ? PATH_OK : PATH_EEXIST;
		spin_unlock(UNLOCK_DST, &page_table_of(k, f->to)->ptl);
		if (f->error)
			break;
		spin_lock(LOCK_SRC, &page_table_of(k, f->page)->ptl);
		f->error = read_source(k, f);
		spin_unlock(UNLOCK_SRC, &page_table_of(k, f->page)->ptl);
		if (f->error)
			break;
		if (f->flags & PTE_SWAP) {
			f->pinned = get_swap_device(k, f->pte);
			f->error = f->pinned ? PATH_OK : PATH_EAGAIN;
			if (f->error)
				break;
			AT(LOOKUP);
			f->error = look_up(k, f);
		}
		if (f->error || !f->folio || f->locked)
			break;
		AT(TRY_LOCK);
		f->locked = 1;
		if (bit_trylock(t, &k->folio_io[f->folio].lock))
			break;
		put_swap_device(k, f->pinned);
		f->pinned = 0;
		bit_lock(LOCK_FOLIO, &k->folio_io[f->folio].lock);
	}
	if (!f->error && !is_still_cached(k, f))
		f->error = PATH_EAGAIN;
	if (!f->error) {
		spin_lock(LOCK_FIRST, first);
		if (second != first)
			spin_lock(LOCK_SECOND, second);
		f->error = move(k, f);
		t->work_ns = f->flags & PTE_PRESENT ? tlb_flush_ns(k, t, f->page) : 0;
		if (second != first)
			spin_unlock(UNLOCK_SECOND, second);
		spin_unlock(UNLOCK_FIRST, first);
	}
	if (f->locked)
		bit_unlock(UNLOCK_FOLIO, &k->folio_io[f->folio].lock);
	if (f->folio)
		CALL(PUT, folio_put, .folio = f->folio);
	f->folio = 0;
	put_swap_device(k, f->pinned);
	f->pinned = 0;
	if (k->families)
		up_read(UNLOCK_MMAP, &member_of(k, f->page)->mmap_lock);
	RETURN(f->error);
	END;
}
