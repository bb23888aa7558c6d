/*
 * Counts of slots and their end (mm/swapfile.c, 6.12 to 6.18): swap_duplicate_nr(), swap_shmem_alloc(),
 * swap_free_nr(), free_swap_and_cache_nr(), swapcache_prepare(), swapcache_clear() with put_swap_folio(),
 * folio_free_swap(), and what freeing slots does (in 6.12: device_lock.c).
 *
 * A slot is given back when neither a reference nor SWAP_HAS_CACHE is left. Slots in a row that all end are
 * given back together, otherwise one by one; up to 6.14 together only if a range is unmapped, or a folio
 * leaves the cache. Counts above 62 are in continuation.c.
 */
#include "models/block/device.h"
#include "models/cpu.h"
#include "models/mm/folio.h"
#include "models/mm/memcg.h"
#include "models/paths.h"
#include "models/recheck.h"
#include "models/swap/avail.h"
#include "models/swap/cache.h"
#include "models/swap/cluster.h"
#include "models/swap/device_ref.h"
#include "models/swap/scan_map.h"
#include "models/swap/slots.h"
#include "models/swap/usage.h"
#include "models/swap/zswap.h"

#include "sim/error.h"

/* A count that does not fit needs more memory, which is allocated without sleeping. */
PATH(swap_duplicate)
{
	STEPS(LOCK_CI, CARRY, UNLOCK_CI, CONTINUE);
	struct swap_cluster_info *const ci = cluster_of(k, f->entry);

	BEGIN;
	BUG_ON(!f->nr);
	do {
		spin_lock(LOCK_CI, &ci->lock);
		swap_access(k, f->entry);
		f->error = PATH_OK;
		if (!count_is_in_word(k) && count_is_full(k, f->entry)) {
			BUG_ON(f->nr > 1);
			CALL(CARRY, swap_count_continued, .entry = f->entry);
			f->error = t->ret ? PATH_OK : PATH_ENOMEM;
		} else if (count_is_in_word(k) && word_count_is_full(k, f->entry)) {
			f->error = PATH_ENOMEM;
		} else {
			for (u32 i = 0; i < f->nr; i++)
				slot_get(k, f->entry + i);
		}
		spin_unlock(UNLOCK_CI, &ci->lock);
		if (f->error) {
			CALL_ANY(CONTINUE, k->release->more_counts, add_swap_count_continuation,
				 .entry = f->entry, .atomic = true);
			if (t->ret)
				RETURN(t->ret);
		}
	} while (f->error);
	RETURN(PATH_OK);
	END;
}

/* Slots in a row of one cluster get the mark of shared memory. */
PATH(swap_shmem_alloc)
{
	STEPS(LOCK_CI, UNLOCK_CI);
	struct swap_cluster_info *const ci = cluster_of(k, f->entry);

	BEGIN;
	BUG_ON(!f->nr);
	spin_lock(LOCK_CI, &ci->lock);
	for (u32 i = 0; i < f->nr; i++) {
		BUG_ON(swap_count(k, f->entry + i));
		k->slot[f->entry + i].map |= SWAP_MAP_SHMEM;
	}
	spin_unlock(UNLOCK_CI, &ci->lock);
	RETURN(PATH_OK);
	END;
}

enum { ONE_REFERENCE = 1, DROPPED_AT_ONCE = 64 };

/* Drop a reference or SWAP_HAS_CACHE. Whether nothing holds the slot any more. */
static bool drop_from_slot(struct kernel *k, u32 entry, u8 usage)
{
	if (usage == SWAP_HAS_CACHE) {
		k->slot[entry].map &= ~SWAP_HAS_CACHE;
	} else if (!swap_count(k, entry)) {
		machine_fail(&k->machine, ERROR_FINDING,
			     "slot_conservation: slot %u is given back, and has no references", entry);
		return false;
	} else {
		slot_put(k, entry);
	}
	return !k->slot[entry].map;
}

/* The same of slots that are alike. */
static bool drop(struct kernel *k, u32 entry, u32 nr, u8 usage)
{
	bool gone = false;

	for (u32 i = 0; i < nr; i++)
		gone = drop_from_slot(k, entry + i, usage);
	return gone;
}

static bool have_map(const struct kernel *k, u32 entry, u32 nr, u8 map)
{
	for (u32 i = 0; i < nr; i++)
		if (k->slot[entry + i].map != map)
			return false;
	return true;
}

/* How many slots end together: all, if @usage is the last there is of each, else each by itself. Up to 6.14
 * the mark of shared memory does not pass for a reference here. */
static u32 end_together(const struct kernel *k, u32 entry, u32 nr, u8 usage)
{
	if (usage == ONE_REFERENCE && k->slot[entry].map == SWAP_MAP_SHMEM && !k->release->puts_singly)
		usage = SWAP_MAP_SHMEM;
	return have_map(k, entry, nr, usage) ? nr : 1;
}

/* In 6.12 slots are freed under si->lock, which comes before the cluster's: SWAP_HAS_CACHE keeps them until
 * then. */
static bool frees_later(const struct kernel *k)
{
	return k->release->allocator != SWAP_ALLOC_CLUSTER;
}

/* So many before the cluster is unlocked to free some. */
static u32 dropped_at_once(const struct kernel *k, u32 nr)
{
	return frees_later(k) ? MIN(nr, DROPPED_AT_ONCE) : nr;
}

static bool keep(struct kernel *k, u32 entry, u32 nr)
{
	for (u32 i = 0; i < nr; i++)
		k->slot[entry + i].map = SWAP_HAS_CACHE;
	return true;
}

/* Returns a bit for each that is to be freed. */
static u64 drop_and_keep(struct kernel *k, u32 entry, u32 nr, u8 usage)
{
	u64 later = 0;

	for (u32 i = 0; i < nr; i++)
		if (drop_from_slot(k, entry + i, usage) && keep(k, entry + i, 1))
			later |= UINT64_C(1) << i;
	return later;
}

static u32 first_bit(u64 bits)
{
	return (u32)__builtin_ctzll(bits);
}

/* swap_free_nr(), folio_put_swap() */
PATH(swap_free)
{
	STEPS(PUT, LOCK_CI, FREE, UNLOCK_CI, FREE_SLOT);
	struct swap_cluster_info *const ci = cluster_of(k, f->entry);

	BEGIN;
	BUG_ON(!f->nr);
	if (!has_cache_bit(k)) {
		CALL(PUT, swap_put_entries_cluster, .entry = f->entry, .nr = f->nr);
		RETURN(0);
	}
	while (f->nr) {
		f->n = dropped_at_once(k, f->nr);
		spin_lock(LOCK_CI, &ci->lock);
		if (frees_later(k)) {
			f->later = drop_and_keep(k, f->entry, f->n, ONE_REFERENCE);
		} else {
			f->together =
			    k->release->puts_singly ? 1 : end_together(k, f->entry, f->n, ONE_REFERENCE);
			for (f->i = 0; f->i < f->n; f->i += f->together)
				if (drop(k, f->entry + f->i, f->together, ONE_REFERENCE))
					CALL(FREE, swap_entry_free, .entry = f->entry + f->i,
					     .nr = f->together);
		}
		spin_unlock(UNLOCK_CI, &ci->lock);
		for (; f->later; f->later &= f->later - 1)
			CALL(FREE_SLOT, free_swap_slot, .cpu = t->cpu,
			     .entry = f->entry + first_bit(f->later));
		f->entry += f->n;
		f->nr -= f->n;
	}
	RETURN(0);
	END;
}

/* swap_is_last_map(): all of them have one reference, and all or none a folio in the cache. */
static bool are_last(const struct kernel *k, u32 entry, u32 nr)
{
	return (k->slot[entry].map & ~SWAP_HAS_CACHE) == ONE_REFERENCE &&
	       have_map(k, entry, nr, k->slot[entry].map);
}

/* free_swap_and_cache_nr(). Up to 6.14 slots in a row go back together if they are alike, and one by one, the
 * cluster unlocked in between, if not.
 * A folio that is locked, or being written, keeps its slots: reclaim finds them. */
PATH(free_swap_and_cache)
{
	STEPS(PUT, LOCK_CI, FREE, UNLOCK_NEXT, LOCK_NEXT, UNLOCK_CI, LOCK_SI, FREE_RANGE, UNLOCK_SI, FREE_ONE,
	      RECLAIM);
	struct swap_cluster_info *const ci = cluster_of(k, f->entry);

	BEGIN;
	BUG_ON(!f->nr);
	if (k->patch.zap_device_ref) {
		f->pinned = get_swap_device(k, f->entry);
		if (!f->pinned)
			RETURN(0);
	}
	if (!has_cache_bit(k)) {
		CALL(PUT, swap_put_entries_cluster, .entry = f->entry, .nr = f->nr, .reclaim = true);
		goto out;
	}
	spin_lock(LOCK_CI, &ci->lock);
	f->one_by_one = k->release->puts_singly && (f->nr == 1 || !are_last(k, f->entry, f->nr));
	f->together = end_together(k, f->entry, f->nr, ONE_REFERENCE);
	for (f->i = 0; !(f->one_by_one && frees_later(k)) && f->i < f->nr; f->i += f->together) {
		if (!drop(k, f->entry + f->i, f->together, ONE_REFERENCE))
			f->cached |= slot_is_cache_only(k, f->entry + f->i);
		else if (frees_later(k))
			f->later = keep(k, f->entry + f->i, f->together);
		else
			CALL(FREE, swap_entry_free, .entry = f->entry + f->i, .nr = f->together);
		if (f->one_by_one && f->i + 1 < f->nr) {
			spin_unlock(UNLOCK_NEXT, &ci->lock);
			spin_lock(LOCK_NEXT, &ci->lock);
		}
	}
	spin_unlock(UNLOCK_CI, &ci->lock);
	if (f->later) {
		spin_lock(LOCK_SI, &k->device[ci->device].lock);
		CALL(FREE_RANGE, swap_entry_range_free, .entry = f->entry, .nr = f->nr);
		spin_unlock(UNLOCK_SI, &k->device[ci->device].lock);
	}
	for (f->i = 0; f->one_by_one && frees_later(k) && f->i < f->nr; f->i++) {
		f->cached |=
		    k->slot[f->entry + f->i].map & SWAP_HAS_CACHE && swap_count(k, f->entry + f->i) == 1;
		CALL(FREE_ONE, swap_free, .entry = f->entry + f->i, .nr = 1);
	}
	for (f->i = 0; f->cached && f->i < f->nr;) {
		if (!slot_is_cache_only(k, f->entry + f->i)) {
			f->i++;
			continue;
		}
		CALL(RECLAIM, try_to_reclaim_swap, .entry = f->entry + f->i, .unmapped = true);
		f->i = after_folio(f->entry + f->i, t->ret) - f->entry;
	}
out:
	put_swap_device(k, f->pinned);
	RETURN(0);
	END;
}

PATH(swapcache_prepare)
{
	STEPS(LOCK_CI, UNLOCK_CI);
	struct swap_cluster_info *const ci = cluster_of(k, f->entry);

	BEGIN;
	BUG_ON(!f->nr);
	spin_lock(LOCK_CI, &ci->lock);
	swap_access(k, f->entry);
	for (u32 i = 0; i < f->nr && !f->error; i++) {
		if (!recheck(k, RECHECK_CLAIM_CACHE, !(k->slot[f->entry + i].map & SWAP_HAS_CACHE)))
			f->error = PATH_EEXIST;
		else if (!recheck(k, RECHECK_CLAIM_COUNT, swap_count(k, f->entry + i)))
			f->error = PATH_ENOENT;
	}
	for (u32 i = 0; i < f->nr && !f->error; i++)
		k->slot[f->entry + i].map |= SWAP_HAS_CACHE;
	spin_unlock(UNLOCK_CI, &ci->lock);
	RETURN(f->error);
	END;
}

/* swapcache_clear(), put_swap_folio(). */
PATH(swapcache_clear)
{
	STEPS(LOCK_CI, UNLOCK_CI_PUT, FREE, UNLOCK_CI, LOCK_SI, FREE_RANGE, UNLOCK_SI, FREE_SLOT);
	struct swap_cluster_info *const ci = cluster_of(k, f->entry);

	BEGIN;
	BUG_ON(!f->nr);
	while (f->nr) {
		f->n = dropped_at_once(k, f->nr);
		spin_lock(LOCK_CI, &ci->lock);
		f->together =
		    k->release->puts_singly && !f->put ? 1 : end_together(k, f->entry, f->nr, SWAP_HAS_CACHE);
		if (frees_later(k) && f->put && f->together > 1) {
			spin_unlock(UNLOCK_CI_PUT, &ci->lock);
			spin_lock(LOCK_SI, &k->device[ci->device].lock);
			CALL(FREE_RANGE, swap_entry_range_free, .entry = f->entry, .nr = f->nr);
			spin_unlock(UNLOCK_SI, &k->device[ci->device].lock);
			RETURN(0);
		}
		if (frees_later(k)) {
			f->later = drop_and_keep(k, f->entry, f->n, SWAP_HAS_CACHE);
		} else {
			for (f->i = 0; f->i < f->n; f->i += f->together)
				if (drop(k, f->entry + f->i, f->together, SWAP_HAS_CACHE))
					CALL(FREE, swap_entry_free, .entry = f->entry + f->i,
					     .nr = f->together);
		}
		spin_unlock(UNLOCK_CI, &ci->lock);
		for (; f->later; f->later &= f->later - 1)
			CALL(FREE_SLOT, free_swap_slot, .cpu = t->cpu,
			     .entry = f->entry + first_bit(f->later));
		f->entry += f->n;
		f->nr -= f->n;
	}
	RETURN(0);
	END;
}

void swap_range_free(struct kernel *k, u32 entry, u32 nr)
{
	struct swap_device *si = device_of(k, entry);

	memcg_uncharge_swap(k, entry, nr);
	for (u32 i = entry; i < entry + nr; i++) {
		zswap_erase(k, i);
		device_slot_free(k, i);
		k->slot[i].content = 0;
	}
	cluster_of(k, entry)->count -= nr;
	k->swap->free_pages += nr;
	si->inuse -= nr;
	if (scans_map(k, si))
		scan_map_note_free(si, entry, nr);
	swap_avail_add(k, si->number);
}

void swap_slots_free(struct kernel *k, u32 entry, u32 nr)
{
	swap_range_free(k, entry, nr);
	for (u32 i = entry; i < entry + nr; i++)
		k->slot[i].cache = 0;
}

/* The count of the cluster says where it belongs now; its lock is held. */
PATH(swap_entry_free)
{
	STEPS(LOCK_XA, UNLOCK_XA, LOCK_SI, UNLOCK_SI);
	struct swap_cluster_info *const ci = cluster_of(k, f->entry);
	struct swap_device *const si = device_of(k, f->entry);

	BEGIN;
	slots_note_freed(k, t, f->entry, f->nr);
	if (k->release->cache == SWAP_CACHE_XARRAY) {
		swap_range_free(k, f->entry, f->nr);
		spin_lock_irq(LOCK_XA, &swap_space_of(k, f->entry)->xa_lock);
		swap_cache_store(k, t, f->entry, f->nr, 0);
		spin_unlock_irq(UNLOCK_XA, &swap_space_of(k, f->entry)->xa_lock);
	} else {
		swap_slots_free(k, f->entry, f->nr);
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
static bool is_freeable(const struct kernel *k, u32 folio)
{
	return recheck(k, RECHECK_FREE_CACHED, k->folio[folio].flags & FOLIO_SWAPCACHE) &&
	       recheck(k, RECHECK_FREE_WRITEBACK, !k->folio_io[folio].writeback);
}

/* folio_swapped(): some of its slots are referenced. */
static bool is_swapped(const struct kernel *k, u32 folio)
{
	for (u32 i = 0; i < folio_nr_pages(k, folio); i++)
		if (swap_count(k, k->folio_io[folio].swap + i))
			return true;
	return false;
}

/* With folio_swapped() or, from 7.1, folio_maybe_swapped(); __delete_from_swap_cache() and put_swap_folio().
 */
PATH(folio_free_swap)
{
	STEPS(COUNT, LOCK_COUNT, UNLOCK_COUNT, DELETE, LOCK_XA, UNLOCK_XA, LOCK_CI, UNLOCK_CI, FREE, CLEAR);
	struct folio *const folio = &k->folio[f->folio];

	BEGIN;
	if (!is_freeable(k, f->folio))
		RETURN(false);
	f->entry = k->folio_io[f->folio].swap;
	if (k->release->counts_unlocked && !f->by_slot && !f->anyway) {
		AT(COUNT);
		f->referenced = is_swapped(k, f->folio);
	} else if (!f->anyway) {
		spin_lock(LOCK_COUNT, &cluster_of(k, f->entry)->lock);
		f->referenced = is_swapped(k, f->folio);
		spin_unlock(UNLOCK_COUNT, &cluster_of(k, f->entry)->lock);
	}
	if (!recheck(k, RECHECK_FREE_COUNT, !f->referenced))
		RETURN(false);
	if (!has_cache_bit(k)) {
		CALL(DELETE, swap_cache_del_folio, .folio = f->folio);
		folio->flags |= FOLIO_DIRTY;
		RETURN(true);
	}
	if (k->release->cache == SWAP_CACHE_XARRAY) {
		spin_lock_irq(LOCK_XA, &swap_space_of(k, f->entry)->xa_lock);
		swap_cache_store(k, t, f->entry, folio_nr_pages(k, f->folio), 0);
		spin_unlock_irq(UNLOCK_XA, &swap_space_of(k, f->entry)->xa_lock);
	} else {
		spin_lock_irq(LOCK_CI, &cluster_of(k, f->entry)->lock);
		swap_cache_store(k, t, f->entry, folio_nr_pages(k, f->folio), 0);
		spin_unlock_irq(UNLOCK_CI, &cluster_of(k, f->entry)->lock);
	}
	folio->flags &= ~FOLIO_SWAPCACHE;
	folio->flags |= FOLIO_DIRTY;
	k->folio_io[f->folio].swap = 0;
	folio->refs -= folio_nr_pages(k, f->folio);
	if (f->direct)
		CALL(FREE, swapcache_free_entries, .entry = f->entry, .nr = folio_nr_pages(k, f->folio));
	else
		CALL(CLEAR, swapcache_clear, .entry = f->entry, .nr = folio_nr_pages(k, f->folio),
		     .put = true);
	RETURN(true);
	END;
}
