/*
 * Counts of slots and their end (mm/swapfile.c, 6.12, 6.17 and 6.18): swap_duplicate(), swap_free(),
 * free_swap_and_cache_nr(), swapcache_prepare(), swapcache_clear(), folio_free_swap(), and what freeing a
 * slot does (in 6.12: device_lock.c).
 *
 * A slot is given back when neither a reference nor SWAP_HAS_CACHE is left. Left out: count continuation (a
 * private page has one reference), batches of slots.
 */
#include "models/block/device.h"
#include "models/cpu.h"
#include "models/mm/memcg.h"
#include "models/paths.h"
#include "models/swap/avail.h"
#include "models/swap/cache.h"
#include "models/swap/cluster.h"
#include "models/swap/slots.h"
#include "models/swap/zswap.h"

PATH(swap_duplicate)
{
	STEPS(LOCK_CI, UNLOCK_CI);
	struct swap_cluster_info *const ci = cluster_of(k, f->entry);

	BEGIN;
	spin_lock(LOCK_CI, &ci->lock);
	BUG_ON(swap_count(k, f->entry) == SWAP_MAP_MAX);
	k->slot[f->entry].map++;
	spin_unlock(UNLOCK_CI, &ci->lock);
	RETURN(PATH_OK);
	END;
}

/* Nothing holds the slot any more; its cluster is locked. In 6.12 it is freed under si->lock, which comes
 * first: SWAP_HAS_CACHE keeps it until then. */
static bool free_later(struct kernel *k, u32 entry)
{
	if (k->release->allocator != SWAP_ALLOC_DEVICE)
		return false;
	k->slot[entry].map = SWAP_HAS_CACHE;
	return true;
}

PATH(swap_free)
{
	STEPS(LOCK_CI, FREE, UNLOCK_CI, FREE_SLOT);
	struct swap_cluster_info *const ci = cluster_of(k, f->entry);

	BEGIN;
	spin_lock(LOCK_CI, &ci->lock);
	BUG_ON(!swap_count(k, f->entry));
	if (!--k->slot[f->entry].map) {
		f->later = free_later(k, f->entry);
		if (!f->later)
			CALL(FREE, swap_entry_free, .entry = f->entry);
	}
	spin_unlock(UNLOCK_CI, &ci->lock);
	if (f->later)
		CALL(FREE_SLOT, free_swap_slot, .cpu = t->cpu, .entry = f->entry);
	RETURN(0);
	END;
}

/* swap_is_last_map(): all of them have one reference, and all or none a folio in the cache. */
static bool are_last(const struct kernel *k, u32 entry, u32 n)
{
	u8 map = k->slot[entry].map;

	for (u32 i = 1; i < n; i++)
		if (k->slot[entry + i].map != map)
			return false;
	return swap_count(k, entry) == 1;
}

/* free_swap_and_cache_nr(). In 6.12 slots in a row go back together if they are alike, and one by one if not.
 * A folio that is locked, or being written, keeps its slot: reclaim finds it. */
PATH(free_swap_and_cache)
{
	STEPS(LOCK_CI, FREE, UNLOCK_CI, LOCK_SI, FREE_RANGE, UNLOCK_SI, FREE_ONE, RECLAIM);
	struct swap_cluster_info *const ci = cluster_of(k, f->entry);

	BEGIN;
	spin_lock(LOCK_CI, &ci->lock);
	f->one_by_one =
	    k->release->allocator == SWAP_ALLOC_DEVICE && (f->count == 1 || !are_last(k, f->entry, f->count));
	for (f->i = f->entry; !f->one_by_one && f->i < f->entry + f->count; f->i++) {
		BUG_ON(!swap_count(k, f->i));
		if (!--k->slot[f->i].map) {
			f->later = free_later(k, f->i);
			if (!f->later)
				CALL(FREE, swap_entry_free, .entry = f->i);
		} else {
			f->cached |= slot_is_cache_only(k, f->i);
		}
	}
	spin_unlock(UNLOCK_CI, &ci->lock);
	if (f->later) {
		spin_lock(LOCK_SI, &k->device[ci->device].lock);
		for (f->i = f->entry; f->i < f->entry + f->count; f->i++)
			CALL(FREE_RANGE, swap_entry_range_free, .entry = f->i);
		spin_unlock(UNLOCK_SI, &k->device[ci->device].lock);
	}
	for (f->i = f->entry; f->one_by_one && f->i < f->entry + f->count; f->i++) {
		f->cached |= k->slot[f->i].map == (SWAP_HAS_CACHE | 1);
		CALL(FREE_ONE, swap_free, .entry = f->i);
	}
	for (f->i = f->entry; f->cached && f->i < f->entry + f->count; f->i++)
		if (slot_is_cache_only(k, f->i))
			CALL(RECLAIM, try_to_reclaim_swap, .entry = f->i);
	RETURN(0);
	END;
}

PATH(swapcache_prepare)
{
	STEPS(LOCK_CI, UNLOCK_CI);
	struct swap_cluster_info *const ci = cluster_of(k, f->entry);

	BEGIN;
	spin_lock(LOCK_CI, &ci->lock);
	if (k->slot[f->entry].map & SWAP_HAS_CACHE)
		f->error = PATH_EEXIST;
	else if (!swap_count(k, f->entry))
		f->error = PATH_ENOENT;
	else
		k->slot[f->entry].map |= SWAP_HAS_CACHE;
	spin_unlock(UNLOCK_CI, &ci->lock);
	RETURN(f->error);
	END;
}

PATH(swapcache_clear)
{
	STEPS(LOCK_CI, FREE, UNLOCK_CI, FREE_SLOT);
	struct swap_cluster_info *const ci = cluster_of(k, f->entry);

	BEGIN;
	spin_lock(LOCK_CI, &ci->lock);
	k->slot[f->entry].map &= ~SWAP_HAS_CACHE;
	if (!k->slot[f->entry].map) {
		f->later = free_later(k, f->entry);
		if (!f->later)
			CALL(FREE, swap_entry_free, .entry = f->entry);
	}
	spin_unlock(UNLOCK_CI, &ci->lock);
	if (f->later)
		CALL(FREE_SLOT, free_swap_slot, .cpu = t->cpu, .entry = f->entry);
	RETURN(0);
	END;
}

void swap_range_free(struct kernel *k, u32 entry)
{
	struct swap_device *si = device_of(k, entry);

	memcg_uncharge_swap(k, entry);
	zswap_erase(k, entry);
	device_slot_free(k, entry);
	k->slot[entry].content = 0;
	k->swap->free_pages++;
	si->inuse--;
	swap_avail_add(k, si->number);
}

/* The count of the cluster says where it belongs now; its lock is held. */
PATH(swap_entry_free)
{
	STEPS(LOCK_XA, UNLOCK_XA, LOCK_SI, UNLOCK_SI);
	struct swap_cluster_info *const ci = cluster_of(k, f->entry);
	struct swap_device *const si = device_of(k, f->entry);

	BEGIN;
	ci->count--;
	swap_range_free(k, f->entry);
	if (k->release->cache == SWAP_CACHE_XARRAY) {
		spin_lock_irq(LOCK_XA, &swap_space_of(k, f->entry)->xa_lock);
		swap_cache_store(k, f->entry, 0);
		spin_unlock_irq(UNLOCK_XA, &swap_space_of(k, f->entry)->xa_lock);
	} else {
		swap_cache_store(k, f->entry, 0);
		if (!ci->count)
			swap_table_free(k, f->entry >> k->cluster_shift);
	}
	if (ci->flags != cluster_list_for(k, f->entry >> k->cluster_shift, true)) {
		spin_lock(LOCK_SI, &si->lock);
		cluster_move(k, f->entry >> k->cluster_shift,
			     cluster_list_for(k, f->entry >> k->cluster_shift, true));
		spin_unlock(UNLOCK_SI, &si->lock);
	}
	RETURN(0);
	END;
}

/* folio_swapcache_freeable(): whether the folio has a slot that is not being written to. */
static bool is_freeable(const struct folio *folio)
{
	return folio->flags & FOLIO_SWAPCACHE && !folio->writeback;
}

/* With folio_swapped(), __delete_from_swap_cache() and put_swap_folio(). */
PATH(folio_free_swap)
{
	STEPS(LOCK_COUNT, UNLOCK_COUNT, LOCK_XA, UNLOCK_XA, LOCK_CI, UNLOCK_CI, FREE, CLEAR);
	struct folio *const folio = &k->folio[f->folio];

	BEGIN;
	if (!is_freeable(folio))
		RETURN(false);
	f->entry = folio->swap;
	spin_lock(LOCK_COUNT, &cluster_of(k, f->entry)->lock);
	f->referenced = swap_count(k, f->entry) > 0;
	spin_unlock(UNLOCK_COUNT, &cluster_of(k, f->entry)->lock);
	if (f->referenced && !f->anyway)
		RETURN(false);
	if (k->release->cache == SWAP_CACHE_XARRAY) {
		spin_lock_irq(LOCK_XA, &swap_space_of(k, f->entry)->xa_lock);
		swap_cache_store(k, f->entry, 0);
		spin_unlock_irq(UNLOCK_XA, &swap_space_of(k, f->entry)->xa_lock);
	} else {
		spin_lock_irq(LOCK_CI, &cluster_of(k, f->entry)->lock);
		swap_cache_store(k, f->entry, 0);
		spin_unlock_irq(UNLOCK_CI, &cluster_of(k, f->entry)->lock);
	}
	folio->flags &= ~FOLIO_SWAPCACHE;
	folio->flags |= FOLIO_DIRTY;
	folio->swap = 0;
	folio->refs--;
	if (f->direct)
		CALL(FREE, swapcache_free_entries, .entry = f->entry);
	else
		CALL(CLEAR, swapcache_clear, .entry = f->entry);
	RETURN(true);
	END;
}
