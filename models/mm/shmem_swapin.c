/*
 * Shared memory comes back from swap (mm/shmem.c: shmem_swapin_folio(), shmem_swap_alloc_folio(),
 * shmem_split_large_entry(); 6.12-7.1).
 *
 * What the index has may change at any time until the folio is locked and stored there; who finds another
 * entry than the one it came for begins anew with the index. From 6.14 on synchronous devices are read into a
 * folio as large as the entry, up to 6.18 around the swap cache; who fails to claim the slots, or from 7.0 on
 * to put a large folio into the cache, begins anew, too, and does not sleep. Otherwise pages come one by one
 * with readahead by slots, into the swap cache.
 *
 * An entry that is larger than the folio that comes back for part of it is split before that is stored
 * (patch shmem-split-before-insert). Up to 6.16 it was split before it was certain that the part would be
 * read, and the first slot of a large entry was what was looked for (patch shmem-verify-before-split).
 *
 * The device is held from the look at the entry to the end (patch shmem-device-ref). Left out: userfaultfd,
 * poisoned entries, pages in the wrong zone.
 */
#include "models/cpu.h"
#include "models/mm/lru.h"
#include "models/mm/memcg.h"
#include "models/mm/psi.h"
#include "models/mm/shmem.h"
#include "models/mm/swapin.h"
#include "models/mm/thp.h"
#include "models/mm/workingset.h"
#include "models/paths.h"
#include "models/recheck.h"
#include "models/swap/cache.h"
#include "models/swap/device_ref.h"
#include "models/swap/readahead.h"
#include "models/swap/slots.h"
#include "models/swap/zswap.h"
#include "models/words.h"

#include "sim/error.h"

/* The slot of @page in an entry of @order. */
static u32 slot_in(const struct kernel *k, u32 page, u32 entry, u32 order)
{
	return entry + (page - index_base(k, page, order));
}

/* Some of the slots may have a folio in the swap cache, or be about to: non_swapcache_batch(). */
static bool is_partly_cached(const struct kernel *k, u32 entry, u32 order)
{
	for (u32 i = 0; i < 1u << order; i++)
		if (slot_is_cached(k, entry + i))
			return true;
	return false;
}

static bool may_be_large(const struct kernel *k, u32 entry, u32 order)
{
	return !zswap_is_enabled(k) && !(k->patch.shmem_fallback_cached && is_partly_cached(k, entry, order));
}

/* One page has to do. */
static void fall_back(const struct kernel *k, struct shmem_swap_alloc_folio *f)
{
	f->entry = slot_in(k, f->page, f->entry, f->order);
	f->order = 0;
}

PATH(shmem_swap_alloc_folio)
{
	STEPS(CHECK, SWAPIN, ALLOC, ADD, PREPARE, DROP, COST, LRU_ADD, READ, UNLOCK);
	BEGIN;
	AT(CHECK);
	while (k->release->allocs_in_cache) {
		if (zswap_is_enabled(k))
			fall_back(k, f);
		CALL_ANY(SWAPIN, k->release->swapin, swapin_folio,
			 .entry = slot_in(k, f->page, f->entry, f->order), .page = f->page, .fault = f->fault,
			 .orders = 1u << f->order);
		if (t->ret || !f->order)
			RETURN(t->ret);
		fall_back(k, f);
	}
	if (f->order && !may_be_large(k, f->entry, f->order)) {
		if (!k->patch.shmem_verify_before_split)
			RETURN(0);
		fall_back(k, f);
	}
	for (;;) {
		CALL(ALLOC, alloc_charged_folio, .page = index_base(k, f->page, f->order),
		     .memcg = swap_memcg(k, f->fault, f->entry), .order = (u16)f->order,
		     .gfp = f->order ? (u16)thp_gfp(k, f->fault) : 0);
		f->folio = t->ret == CHARGE_FAILED ? 0 : t->ret;
		if (!f->folio) {
			if (!f->order || !k->patch.shmem_verify_before_split)
				RETURN(0);
			fall_back(k, f);
			continue;
		}
		if (!has_cache_bit(k)) {
			CALL(ADD, swap_cache_prepare_and_add, .folio = f->folio, .entry = f->entry,
			     .page = f->fault, .charged = true);
			f->folio = (u32)t->ret;
			if (t->ret & SWAPIN_NEW)
				goto read;
			if (f->folio)
				RETURN(f->folio);
		} else {
			CALL(PREPARE, swapcache_prepare, .entry = f->entry, .nr = 1u << f->order);
			if (!t->ret)
				break;
			count_memcg(k, mm_of(k, f->fault)->memcg, SWAPIN_RACES, 1);
			count_memcg(k, mm_of(k, f->fault)->memcg, SWAPIN_WASTED_PAGES, 1u << f->order);
			CALL(DROP, folio_put, .folio = f->folio);
			f->folio = 0;
		}
		if (!f->order || !k->patch.shmem_verify_before_split)
			RETURN(SHMEM_EEXIST);
		fall_back(k, f);
	}
	k->folio_io[f->folio].lock = bit_lock_by(t->id);
	if (swapin_start_bypass(k, t, f->folio, f->entry))
		CALL(COST, lru_note_cost_refault, .folio = f->folio);
	if (folio_add_lru(k, t, f->folio))
		CALL(LRU_ADD, lru_add_drain, .folio = f->folio);
read:
	CALL(READ, swap_read_folio, .folio = f->folio, .entry = f->entry);
	if (!has_cache_bit(k))
		bit_unlock(UNLOCK, &k->folio_io[f->folio].lock);
	RETURN(f->folio);
	END;
}

static s32 confirm_again(const struct kernel *k, const struct shmem_split_large_entry *f)
{
	s32 order = shmem_confirm_swap(k, f->page, f->entry);

	return order < 0 && recheck(k, RECHECK_SHMEM_SPLIT, false) ? f->order : order;
}

/* If the entry at @page is still @entry it is split so that @page has one of its own. Returns what its order
 * was, or SHMEM_EEXIST. Nodes for what the XArray will have more are allocated before, without the lock. */
PATH(shmem_split_large_entry)
{
	STEPS(LOOK, ALLOC, LOCK_INDEX, UNLOCK_INDEX);
	BEGIN;
	AT(LOOK);
	f->order = shmem_confirm_swap(k, f->page, f->entry);
	if (f->order <= 0)
		RETURN(f->order < 0 ? SHMEM_EEXIST : 0);
	cond_resched(ALLOC);
	spin_lock_irq(LOCK_INDEX, i_pages_of(k, f->page));
	f->order = confirm_again(k, f);
	if (f->order > 0)
		index_split(k, f->page);
	spin_unlock_irq(UNLOCK_INDEX, i_pages_of(k, f->page));
	RETURN(f->order < 0 ? SHMEM_EEXIST : f->order);
	END;
}

static bool reads_at_once(const struct kernel *k, u32 slot)
{
	return k->release->shmem_bypass && device_of(k, slot)->synchronous;
}

/* What came back is for this entry, with the folio locked. */
static bool is_still_wanted(const struct kernel *k, const struct shmem_swapin_folio *f)
{
	const struct folio *folio = &k->folio[f->folio];

	if (!recheck(k, RECHECK_SHMEM_FOLIO,
		     (f->bypass || folio->flags & FOLIO_SWAPCACHE) && k->folio_io[f->folio].swap == f->slot))
		return false;
	if (k->patch.shmem_verify_before_split)
		return recheck(k, RECHECK_SHMEM_ENTRY, shmem_confirm_swap(k, f->at, f->slot) >= 0);
	return recheck(k, RECHECK_SHMEM_ENTRY, shmem_confirm_swap(k, f->page, f->slot) >= 0) &&
	       (!k->patch.shmem_split_before_insert || index_order(k, f->page) == folio_order(k, f->folio));
}

/* The slot to look for, and the order of the entry; a negative one: it is another entry. */
static void confirm(const struct kernel *k, struct shmem_swapin_folio *f)
{
	if (!k->patch.shmem_verify_before_split) {
		f->order = (s32)index_order(k, f->page);
		f->slot = f->entry;
		return;
	}
	f->order = shmem_confirm_swap(k, f->page, f->entry);
	if (f->order >= 0)
		f->slot = slot_in(k, f->page, f->entry, (u32)f->order);
}

/* False: the device is about to be gone. */
static bool hold_device(struct kernel *k, struct shmem_swapin_folio *f)
{
	if (!k->patch.shmem_device_ref)
		return true;
	f->pinned = get_swap_device(k, f->entry);
	return f->pinned;
}

/* Whether the entry has to be split for the folio that came back, or was found. */
static bool is_too_large(const struct kernel *k, const struct shmem_swapin_folio *f)
{
	if (k->patch.shmem_verify_before_split)
		return (u32)f->order > folio_order(k, f->folio);
	return k->patch.shmem_split_before_insert && f->was_cached &&
	       (u32)f->order != folio_order(k, f->folio);
}

/* Where a folio goes, and the first of its slots. */
static void align_to_folio(const struct kernel *k, struct shmem_swapin_folio *f)
{
	u32 order = folio_order(k, f->folio);

	f->at = index_base(k, f->page, order);
	if (k->patch.shmem_verify_before_split)
		f->slot = f->slot >> order << order;
}

/* Of a fault; swapoff reads for nobody. */
static void note_major(struct kernel *k, struct shmem_swapin_folio *f)
{
	f->major = FAULT_MAJOR;
	if (f->fault != f->page)
		count_memcg(k, mm_of(k, f->fault)->memcg, PGMAJFAULT, 1);
}

/* Of a page whose index has @entry. Returns a folio, locked, in the page cache, with a reference, and above
 * it, from bit 32, FAULT_MAJOR; SHMEM_EEXIST: begin anew. */
PATH(shmem_swapin_folio)
{
	STEPS(CONFIRM, ALLOC, SPLIT_FIRST, READAHEAD, SPLIT, LOCK_FOLIO, WAIT_WRITE, LOCK_INDEX, UNLOCK_INDEX,
	      CLEAR_BIT, DELETE, FREE_ENTRY, DELETE_LAST, UNLOCK_FOLIO, BACK_CLEAR, GONE);
	BEGIN;
	t->work_ns = swap_cache_lookup_ns(k);
	AT(CONFIRM);
	if (!hold_device(k, f))
		RETURN(shmem_confirm_swap(k, f->page, f->entry) < 0 ? SHMEM_EEXIST : 0);
	confirm(k, f);
	f->result = SHMEM_EEXIST;
	if (f->order < 0)
		goto out;
	f->folio = swap_cache_get_folio(k, f->slot);
	if (f->folio) {
		f->was_cached = 1;
		swap_update_readahead(k, f->fault, f->folio);
	} else if (reads_at_once(k, f->slot)) {
		CALL(ALLOC, shmem_swap_alloc_folio, .page = f->page, .fault = f->fault, .entry = f->entry,
		     .order = (u32)f->order);
		f->folio = (u32)t->ret;
		if (t->ret & SHMEM_EEXIST)
			goto out;
		f->bypass = f->folio && has_cache_bit(k);
		if (!f->folio && k->patch.shmem_verify_before_split) {
			f->result = shmem_confirm_swap(k, f->page, f->entry) < 0 ? SHMEM_EEXIST : 0;
			goto out;
		}
	}
	if (!f->folio) {
		if (!k->patch.shmem_verify_before_split) { /* one page at a time */
			CALL(SPLIT_FIRST, shmem_split_large_entry, .page = f->page, .entry = f->entry);
			if (t->ret & SHMEM_EEXIST)
				goto out;
			f->slot = slot_in(k, f->page, f->entry, (u32)t->ret);
		}
		CALL(READAHEAD, swapin_readahead, .entry = f->slot, .page = f->fault);
		f->folio = t->ret;
		if (!f->folio) {
			f->result = shmem_confirm_swap(k, f->page, f->slot) < 0 ? SHMEM_EEXIST : 0;
			goto out;
		}
	}
	if (!f->was_cached)
		note_major(k, f);
	if (is_too_large(k, f)) {
		CALL(SPLIT, shmem_split_large_entry, .page = f->page, .entry = f->entry);
		if (t->ret & SHMEM_EEXIST && f->bypass)
			goto unlock; /* it has been locked since it was allocated, and not only from below on
				      */
		if (t->ret & SHMEM_EEXIST)
			goto begin_anew;
		if (!k->patch.shmem_verify_before_split)
			f->slot = slot_in(k, f->page, f->entry, (u32)t->ret);
	}
	align_to_folio(k, f);
	if (!f->bypass) {
		f->stalled = folio_wait_begin(k, t, f->folio, mm_of(k, f->fault)->memcg);
		bit_lock(LOCK_FOLIO, &k->folio_io[f->folio].lock);
		folio_wait_end(k, t, f->stalled);
	}
	if (!is_still_wanted(k, f))
		goto unlock;
	bit_wait(WAIT_WRITE, &k->folio_io[f->folio].writeback);
	spin_lock_irq(LOCK_INDEX, i_pages_of(k, f->page));
	f->stored = index_store_folio(k, f->folio, f->at, f->slot);
	for (u32 i = 0; f->stored && i < folio_nr_pages(k, f->folio); i++)
		swapin_check_content(k, f->at + i, f->folio + i, "came back");
	spin_unlock_irq(UNLOCK_INDEX, i_pages_of(k, f->page));
	if (!f->stored)
		goto unlock;
	if (f->bypass) {
		k->folio_io[f->folio].swap = 0;
		CALL(CLEAR_BIT, swapcache_clear, .entry = f->slot, .nr = folio_nr_pages(k, f->folio));
	} else if (has_cache_bit(k)) {
		CALL(DELETE, folio_free_swap, .folio = f->folio, .anyway = 1);
	}
	k->folio[f->folio].flags |= FOLIO_DIRTY;
	CALL(FREE_ENTRY, swap_free, .entry = f->slot, .nr = folio_nr_pages(k, f->folio));
	if (!has_cache_bit(k))
		CALL(DELETE_LAST, swap_cache_del_folio, .folio = f->folio);
	f->result = f->folio | (s64)f->major << 32;
	goto out;

unlock:
	bit_unlock(UNLOCK_FOLIO, &k->folio_io[f->folio].lock);
begin_anew:
	if (f->bypass)
		CALL(BACK_CLEAR, swapcache_clear, .entry = k->folio_io[f->folio].swap,
		     .nr = folio_nr_pages(k, f->folio));
	CALL(GONE, folio_put, .folio = f->folio);
	f->folio = 0;
	f->result = SHMEM_EEXIST | (s64)f->major << 32;
out:
	put_swap_device(k, f->pinned);
	RETURN(f->result);
	END;
}
