/*
 * Shared memory comes back from swap (mm/shmem.c: shmem_swapin_folio(), shmem_swap_alloc_folio(),
 * shmem_split_large_entry(); 6.12-6.18).
 *
 * What the index has may change at any time until the folio is locked and stored there; who finds another
 * entry than the one it came for begins anew with the index. From 6.14 on synchronous devices are read around
 * the swap cache, and into a folio as large as the entry; who fails to claim the slots begins anew, too, and
 * does not sleep. Otherwise pages come one by one with readahead by slots, into the swap cache.
 *
 * An entry that is larger than the folio that comes back for part of it is split before that is stored
 * (patch shmem-split-before-insert). Up to 6.16 it was split before it was certain that the part would be
 * read, and the first slot of a large entry was what was looked for (patch shmem-verify-before-split).
 *
 * The device is held meanwhile (patch shmem-device-ref).
 *
 * Left out: userfaultfd, poisoned entries, pages in the wrong zone.
 */
#include "models/cpu.h"
#include "models/mm/lru.h"
#include "models/mm/memcg.h"
#include "models/mm/psi.h"
#include "models/mm/shmem.h"
#include "models/mm/workingset.h"
#include "models/paths.h"
#include "models/swap/cache.h"
#include "models/swap/device_ref.h"
#include "models/swap/readahead.h"
#include "models/swap/slots.h"
#include "models/words.h"

#include "sim/error.h"

/* The slot of @page in an entry of @order. */
static u32 slot_in(const struct kernel *k, u32 page, u32 entry, u32 order)
{
	return entry + (page - index_base(k, page, order));
}

static void check_contents(struct kernel *k, u32 folio, u32 page)
{
	for (u32 i = 0; i < folio_nr_pages(k, folio); i++) {
		if (k->folio[folio + i].content == page_content(k, page + i))
			continue;
		k->machine.violated = object_place(&k->machine, &k->pte[page + i]);
		machine_fail(&k->machine, ERROR_FINDING,
			     "content: %s came back with data that is not what was last written to it",
			     PAGE_NAME(k, page + i));
	}
}

/* What the winner of the slots does with its folio before it reads into it. */
static void start_bypass(struct kernel *k, u32 folio, u32 entry)
{
	u64 shadow = word_shadow(swap_cache_word(k, entry));

	k->folio[folio].swap = entry;
	memcg1_swapin(k, entry, folio_nr_pages(k, folio));
	if (shadow)
		workingset_refault(k, folio, shadow);
}

/* shmem_swap_alloc_folio(): a folio read around the swap cache, locked; PATH_EEXIST above bit 32: the slot is
 * somebody else's. */
PATH(shmem_swap_alloc_folio)
{
	STEPS(ALLOC, PREPARE, DROP, LRU_ADD, READ);
	BEGIN;
	CALL(ALLOC, alloc_charged_folio, .page = f->page, .memcg = swap_memcg(k, f->fault, f->entry));
	f->folio = t->ret;
	if (!f->folio)
		RETURN(0);
	CALL(PREPARE, swapcache_prepare, .entry = f->entry, .nr = 1);
	if (t->ret) {
		count_memcg(k, mm_of(k, f->fault)->memcg, SWAPIN_RACES, 1);
		count_memcg(k, mm_of(k, f->fault)->memcg, SWAPIN_WASTED_PAGES, 1);
		CALL(DROP, folio_put, .folio = f->folio);
		RETURN(SHMEM_EEXIST);
	}
	k->folio[f->folio].lock = t->id + 1;
	start_bypass(k, f->folio, f->entry);
	if (folio_add_lru(k, t, f->folio))
		CALL(LRU_ADD, lru_add_drain, .folio = f->folio);
	CALL(READ, swap_read_folio, .folio = f->folio, .entry = f->entry);
	RETURN(f->folio);
	END;
}

/* The entry at @page as far as it is @entry: that of order @order is split so that @page has one of its own.
 * Large parts beside it stay large from 6.15 on, and where nodes of the XArray end. Returns 0, or an error.
 */
PATH(shmem_split_large_entry)
{
	STEPS(LOOK, ALLOC, LOCK_INDEX, UNLOCK_INDEX);
	BEGIN;
	AT(LOOK);
	if (shmem_confirm_swap(k, f->page, f->entry) < 0)
		RETURN(PATH_EEXIST);
	if (!index_order(k, f->page))
		RETURN(PATH_OK);
	cond_resched(ALLOC); /* of nodes */
	spin_lock_irq(LOCK_INDEX, i_pages_of(k, f->page));
	f->order = shmem_confirm_swap(k, f->page, f->entry);
	if (f->order > 0)
		index_split(k, f->page, (u32)f->order, 0);
	spin_unlock_irq(UNLOCK_INDEX, i_pages_of(k, f->page));
	RETURN(f->order < 0 ? PATH_EEXIST : PATH_OK);
	END;
}

static bool reads_around_cache(const struct kernel *k, u32 slot)
{
	return k->release->shmem_bypass && device_of(k, slot)->synchronous;
}

/* What came back is for this entry, with the folio locked. */
static bool is_still_wanted(const struct kernel *k, const struct shmem_swapin_folio *f)
{
	const struct folio *folio = &k->folio[f->folio];

	if ((!f->bypass && !(folio->flags & FOLIO_SWAPCACHE)) || folio->swap != f->slot)
		return false;
	return shmem_confirm_swap(k, f->page, f->slot) >= 0;
}

/* Of a page whose index has @entry. Returns a folio, locked, in the page cache, with a reference, and above
 * it, from bit 32, FAULT_MAJOR; SHMEM_EEXIST: begin anew. */
PATH(shmem_swapin_folio)
{
	STEPS(CONFIRM, ALLOC, READAHEAD, SPLIT, LOCK_FOLIO, WAIT_WRITE, LOCK_INDEX, UNLOCK_INDEX, CLEAR_BIT,
	      DELETE, FREE_ENTRY, UNLOCK_FOLIO, BACK_CLEAR, GONE);
	BEGIN;
	t->work_ns = swap_cache_lookup_ns(k);
	AT(CONFIRM);
	f->order = shmem_confirm_swap(k, f->page, f->entry);
	if (f->order < 0)
		RETURN(SHMEM_EEXIST);
	if (k->patch.shmem_device_ref)
		f->pinned = get_swap_device(k, f->entry); /* it cannot be through: the index has the entry */
	f->slot = slot_in(k, f->page, f->entry, (u32)f->order);
	f->folio = word_folio(swap_cache_word(k, f->slot));
	if (f->folio) {
		k->folio[f->folio].refs++;
		swap_update_readahead(k, f->fault, f->folio);
	} else if (reads_around_cache(k, f->slot)) {
		CALL(ALLOC, shmem_swap_alloc_folio, .page = f->page, .fault = f->fault, .entry = f->slot);
		f->folio = (u32)t->ret;
		if (!f->folio) {
			put_swap_device(k, f->pinned);
			RETURN(shmem_confirm_swap(k, f->page, f->entry) < 0 ? SHMEM_EEXIST : t->ret);
		}
		f->bypass = 1;
		f->major = FAULT_MAJOR;
	} else {
		CALL(READAHEAD, swapin_readahead, .entry = f->slot, .page = f->fault);
		f->folio = t->ret;
		if (!f->folio) {
			put_swap_device(k, f->pinned);
			RETURN(shmem_confirm_swap(k, f->page, f->entry) < 0 ? SHMEM_EEXIST : 0);
		}
		f->major = FAULT_MAJOR;
	}
	if (f->major && f->fault != f->page)
		count_memcg(k, mm_of(k, f->fault)->memcg, PGMAJFAULT, 1);
	if ((u32)f->order > folio_order(k, f->folio)) {
		CALL(SPLIT, shmem_split_large_entry, .page = f->page, .entry = f->entry);
		if (t->ret)
			goto begin_anew;
	}
	if (!f->bypass) {
		f->stalled = folio_wait_is_stall(&k->folio[f->folio]);
		if (f->stalled)
			psi_memstall_enter(k, t);
		if (k->folio[f->folio].lock)
			count_memcg(k, mm_of(k, f->fault)->memcg, FOLIO_LOCK_WAITS, 1);
		bit_lock(LOCK_FOLIO, &k->folio[f->folio].lock);
		if (f->stalled)
			psi_memstall_leave(k, t);
	}
	if (!is_still_wanted(k, f))
		goto unlock;
	bit_wait(WAIT_WRITE, &k->folio[f->folio].writeback);
	spin_lock_irq(LOCK_INDEX, i_pages_of(k, f->page));
	f->stored = index_store_folio(k, f->folio, f->page, f->slot);
	if (f->stored)
		check_contents(k, f->folio, f->page);
	spin_unlock_irq(UNLOCK_INDEX, i_pages_of(k, f->page));
	if (!f->stored)
		goto unlock;
	if (f->bypass) {
		k->folio[f->folio].swap = 0;
		CALL(CLEAR_BIT, swapcache_clear, .entry = f->slot, .nr = folio_nr_pages(k, f->folio));
	} else {
		CALL(DELETE, folio_free_swap, .folio = f->folio, .anyway = 1);
	}
	k->folio[f->folio].flags |= FOLIO_DIRTY;
	CALL(FREE_ENTRY, swap_free, .entry = f->slot, .nr = folio_nr_pages(k, f->folio));
	put_swap_device(k, f->pinned);
	RETURN(f->folio | (s64)f->major << 32);

unlock:
	bit_unlock(UNLOCK_FOLIO, &k->folio[f->folio].lock);
begin_anew:
	if (f->bypass)
		CALL(BACK_CLEAR, swapcache_clear, .entry = f->slot, .nr = folio_nr_pages(k, f->folio));
	CALL(GONE, folio_put, .folio = f->folio);
	put_swap_device(k, f->pinned);
	RETURN(SHMEM_EEXIST | (s64)f->major << 32);
	END;
}
