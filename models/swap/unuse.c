/*
 * Reading a swap device back (mm/swapfile.c: try_to_unuse(), unuse_mm(), unuse_pte_range(), unuse_pte();
 * 6.12-6.18).
 *
 * Shared memory comes first. Then the page tables of every process that has swapped pages are walked without
 * their locks. Each page on the device is looked up in the swap cache, or read as a fault would read it, with
 * readahead, and charged to whom its slot says; then it is mapped, old and not to be written, if it is still
 * swapped to that slot, and gives up its slot. What no page table names is in the cache alone: such folios
 * are taken out. Since slots hide while somebody swaps in or out, all of that is done over until none is in
 * use, or a signal comes. A process that fork() gave up on the way is passed over (patch unuse-stable-mm), as
 * is one whose memory the OOM reaper takes.
 *
 * Left out: the reference that keeps an address space (mmget()): one whose last task ends gives its slots
 * back itself; mmap_lock where no process is forked; the order of the list of address spaces, here that of
 * the scenario. Reading shared memory back counts as major faults here.
 */
#include "models/cpu.h"
#include "models/mm/family.h"
#include "models/mm/oom.h"
#include "models/mm/folio.h"
#include "models/mm/shmem.h"
#include "models/mm/swapin.h"
#include "models/paths.h"
#include "models/recheck.h"
#include "models/swap/cache.h"
#include "models/swap/device_ref.h"
#include "models/swap/readahead.h"
#include "models/swap/slots.h"

#include "sim/error.h"
#include "sim/object.h"

/* From @page on, below @stop, the first page that is swapped to the device. */
static u32 next_on_device(const struct kernel *k, u32 device, u32 page, u32 stop)
{
	while (page < stop &&
	       !(k->pte_flags[page] & PTE_SWAP && device_of(k, k->pte[page])->number == device))
		page++;
	return page;
}

/* swap_cache_get_folio(), which up to 6.17 tells readahead of it. */
static u32 get_cached(struct kernel *k, const struct unuse_mm *f)
{
	u32 folio = swap_cache_get_folio(k, f->entry);

	if (folio && k->release->cache == SWAP_CACHE_XARRAY)
		swap_update_readahead(k, f->page, folio);
	return folio;
}

/* Without the patch the walk over the mappings comes upon the markers of a fork that failed. */
static bool is_stable(struct kernel *k, u32 mm)
{
	if (k->patch.unuse_stable_mm)
		return !(k->mm[mm].oom & MM_UNSTABLE);
	if (is_half_built(k, mm)) {
		k->machine.violated = object_place(&k->machine, &k->mm[mm]);
		machine_fail(&k->machine, ERROR_FINDING,
			     "lifetime: swapoff walks the mappings of process %u, which fork() has not made",
			     mm);
	}
	return true;
}

/* Returns 0, or an error. */
PATH(unuse_mm)
{
	STEPS(HALF_BUILT, LOCK_MMAP, WALK, LOOKUP, READAHEAD, LOCK_FOLIO, WRITEBACK, LOCK_PTL, FREE_ENTRY,
	      UNLOCK_PTL, FREE_SWAP, UNLOCK_FOLIO, PUT, RESCHED, UNLOCK_MMAP);
	const struct mm *const mm = &k->mm[f->mm];

	BEGIN;
	if (k->families && k->member[f->mm].built)
		bit_wait(HALF_BUILT, &k->member[f->mm].built);
	if (k->families)
		down_read(LOCK_MMAP, &k->member[f->mm].mmap_lock);
	if (!is_stable(k, f->mm))
		goto out;
	for (f->page = mm->first_page; f->page < mm->first_page + mm->pages;) {
		f->stop = MIN((f->page | (k->config.pages_per_table - 1)) + 1, mm->first_page + mm->pages);
		for (;;) {
			AT(WALK);
			f->page = next_on_device(k, f->device, f->page, f->stop);
			if (f->page == f->stop)
				break;
			f->entry = k->pte[f->page];
			t->work_ns = swap_cache_lookup_ns(k);
			AT(LOOKUP);
			f->folio = get_cached(k, f);
			if (!f->folio) {
				CALL(READAHEAD, swapin_readahead, .entry = f->entry, .page = f->page);
				f->folio = t->ret;
			}
			if (!f->folio) {
				if (swap_count(k, f->entry)) {
					f->error = PATH_ENOMEM;
					goto out;
				}
				f->page++;
				continue;
			}
			bit_lock(LOCK_FOLIO, &k->folio_io[f->folio].lock);
			bit_wait(WRITEBACK, &k->folio_io[f->folio].writeback);
			spin_lock(LOCK_PTL, &page_table_of(k, f->page)->ptl);
			if (recheck(k, RECHECK_UNUSE_PTE, pte_is_entry(k, f->page, f->entry)) &&
			    recheck(k, RECHECK_UNUSE_FOLIO, folio_has_slot(k, f->folio, f->entry))) {
				k->folio[f->folio].refs++;
				map_swapped_page(k, f->page, slot_frame(k, f->folio, f->entry), 0,
						 k->pte_flags[f->page] & PTE_EXCLUSIVE);
				CALL(FREE_ENTRY, swap_free, .entry = f->entry, .nr = 1);
			}
			spin_unlock(UNLOCK_PTL, &page_table_of(k, f->page)->ptl);
			CALL(FREE_SWAP, folio_free_swap, .folio = f->folio);
			bit_unlock(UNLOCK_FOLIO, &k->folio_io[f->folio].lock);
			CALL(PUT, folio_put, .folio = f->folio);
			f->folio = f->entry = 0;
			f->page++;
		}
		cond_resched(RESCHED);
	}
out:
	if (k->families)
		up_read(UNLOCK_MMAP, &k->member[f->mm].mmap_lock);
	RETURN(f->error);
	END;
}

/* shmem_unuse(): what segments have on the device goes back into the page cache. Returns 0, or an error. */
PATH(shmem_unuse)
{
	STEPS(WALK, SWAPIN, UNLOCK, PUT, RESCHED);
	BEGIN;
	for (; f->mm < k->config.mms; f->mm++) {
		if (!is_segment(k, f->mm) || !k->mm[f->mm].swap_ents)
			continue;
		f->end = k->mm[f->mm].first_page + k->mm[f->mm].pages;
		for (f->page = k->mm[f->mm].first_page;; f->page++) {
			AT(WALK);
			f->page = next_on_device(k, f->device, f->page, f->end);
			if (f->page == f->end)
				break;
			CALL(SWAPIN, shmem_swapin_folio, .page = f->page, .fault = f->page,
			     .entry = index_entry(k, f->page));
			if (t->ret & SHMEM_EEXIST)
				continue; /* it changed; who looks again later finds it */
			f->folio = (u32)t->ret;
			if (!f->folio)
				RETURN(PATH_ENOMEM);
			bit_unlock(UNLOCK, &k->folio_io[f->folio].lock);
			CALL(PUT, folio_put, .folio = f->folio);
			f->folio = 0;
		}
		cond_resched(RESCHED);
	}
	RETURN(PATH_OK);
	END;
}

/* The next process from @mm on that has tasks, or is about to, and swapped pages. */
static u32 next_mm(const struct kernel *k, u32 mm)
{
	while (mm < k->config.mms && !((k->mm[mm].users || is_half_built(k, mm)) && k->mm[mm].swap_ents))
		mm++;
	return mm;
}

/* find_next_to_unuse(): the first slot from @slot on that is in use; 0: there is none. */
static u32 next_in_use(const struct kernel *k, const struct swap_device *si, u32 slot)
{
	u32 end = si->first_slot + (u32)si->max;

	while (slot < end && !slot_is_used(k, slot))
		slot++;
	return slot < end ? slot : 0;
}

/* Returns 0, or an error: slots are left. */
PATH(try_to_unuse)
{
	STEPS(PASS, SHMEM, MM, NEXT_MM, LOOKUP, LOCK_FOLIO, WRITEBACK, FREE_SWAP, UNLOCK_FOLIO, PUT);
	struct swap_device *const si = &k->device[f->device];

	BEGIN;
	for (;;) {
		cond_resched(PASS);
		if (!si->inuse)
			RETURN(PATH_OK);
		if (signal_pending(k, t))
			RETURN(PATH_EINTR);
		CALL(SHMEM, shmem_unuse, .device = f->device);
		if (t->ret)
			RETURN(t->ret);
		for (f->mm = next_mm(k, 0); f->mm < k->config.mms && si->inuse && !signal_pending(k, t);
		     f->mm = next_mm(k, f->mm + 1)) {
			CALL(MM, unuse_mm, .mm = f->mm, .device = f->device);
			if (t->ret)
				RETURN(t->ret);
			cond_resched(NEXT_MM);
		}
		for (f->slot = next_in_use(k, si, si->first_slot);
		     f->slot && si->inuse && !signal_pending(k, t);
		     f->slot = next_in_use(k, si, f->slot + 1)) {
			t->work_ns = swap_cache_lookup_ns(k);
			AT(LOOKUP);
			f->folio = swap_cache_get_folio(k, f->slot);
			if (!f->folio)
				continue;
			bit_lock(LOCK_FOLIO, &k->folio_io[f->folio].lock);
			bit_wait(WRITEBACK, &k->folio_io[f->folio].writeback);
			CALL(FREE_SWAP, folio_free_swap, .folio = f->folio);
			bit_unlock(UNLOCK_FOLIO, &k->folio_io[f->folio].lock);
			CALL(PUT, folio_put, .folio = f->folio);
			f->folio = 0;
		}
	}
	END;
}
