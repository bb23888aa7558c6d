/*
 * What happens inside a cluster: finding a free slot, reclaiming slots that only the cache holds, and putting
 * the cluster where it belongs afterwards (mm/swapfile.c: alloc_swap_scan_cluster(), relocate_cluster(),
 * swap_reclaim_full_clusters(); 6.14 to 7.0; for 6.12 see device_lock.c; __try_to_reclaim_swap()).
 */
#include "models/cpu.h"
#include "models/mm/folio.h"
#include "models/mm/memcg.h"
#include "models/paths.h"
#include "models/recheck.h"
#include "models/swap/cache.h"
#include "models/swap/cluster.h"
#include "models/swap/device_ref.h"
#include "models/swap/reclaim_work.h"
#include "models/swap/scan_map.h"
#include "models/swap/slots.h"
#include "models/swap/usage.h"

void swap_range_alloc(struct kernel *k, u32 entry, u32 nr)
{
	struct swap_device *si = device_of(k, entry);

	swap_access(k, entry);
	for (u32 i = 0; i < nr; i++)
		k->slot[entry + i].map = has_cache_bit(k) ? SWAP_HAS_CACHE : 0;
	cluster_of(k, entry)->count += nr;
	si->inuse += nr;
	if (si->inuse < si->pages)
		return;
	si->on_avail_list = 0;
	if (!scans_map(k, si) && vm_swap_full(k))
		swap_queue_reclaim(k, si);
}

/* Of the free slots, or of those that were counted as taken beforehand. */
static void count_taken(struct kernel *k, u32 nr)
{
	if (k->release->slot_caches)
		k->swap_slots->reserved -= nr;
	else
		k->swap->free_pages -= nr;
}

/* cluster_reclaim_range(): up to 6.18 who finds that a folio has just left the swap cache gives the range up.
 */
static bool gone_ends_reclaim(const struct kernel *k)
{
	return has_cache_bit(k);
}

PATH(alloc_swap_scan_cluster)
{
	STEPS(DROP_CI, RECLAIM, RETAKE_CI, RELOCATE, UNLOCK_CI);
	struct swap_cluster_info *const ci = &k->cluster[f->cluster - 1];

	BEGIN;
	f->nr = 1u << f->order;
	for (f->offset = cluster_first_range(k, f->cluster - 1, f->offset, f->nr);
	     f->offset < cluster_end(k, f->cluster - 1);
	     f->offset = cluster_find_range(k, f->cluster - 1, f->offset + f->nr, f->nr)) {
		if (!range_is_free(k, f->offset, f->nr)) {
			spin_unlock(DROP_CI, &ci->lock);
			for (f->slot = f->offset; f->slot < f->offset + f->nr; f->slot += f->freed) {
				f->freed = 1;
				if (slot_is_free(k, f->slot))
					continue;
				if (!slot_is_cache_only(k, f->slot))
					break;
				CALL(RECLAIM, try_to_reclaim_swap, .entry = f->slot);
				if (t->ret < 0 || (!t->ret && gone_ends_reclaim(k)))
					break;
				f->freed = MAX((u32)t->ret, 1);
			}
			spin_lock(RETAKE_CI, &ci->lock);
			if (!recheck(k, RECHECK_SCAN_USABLE, cluster_is_usable(k, f->cluster - 1, f->order)))
				break;
			if (!ci->count)
				f->offset = cluster_first(k, f->cluster - 1);
			if (!recheck(k, RECHECK_SCAN_RANGE, range_is_free(k, f->offset, f->nr)))
				continue;
		}
		if (!may_take_slots(k, &k->device[ci->device]))
			break;
		cluster_take_range(k, f->offset, f->order);
		if (f->folio)
			swap_cache_insert(k, t, f->folio, f->offset);
		count_taken(k, f->nr);
		slots_note_taken(k, t, &k->device[ci->device]);
		f->entry = f->offset;
		break;
	}
	t->work_ns += k->cpu_profile->slot_scan_ns;
	CALL(RELOCATE, relocate_cluster, .cluster = f->cluster);
	f->offset = cluster_slot_after(k, f->entry, f->nr);
	spin_unlock(UNLOCK_CI, &ci->lock);
	/* overwritten on failure too */
	*swap_hint_of(k, t->cpu, &k->device[ci->device], f->order) = f->offset;
	RETURN(f->entry);
	END;
}

PATH(relocate_cluster)
{
	STEPS(LOCK_SI, UNLOCK_SI);
	struct swap_cluster_info *const ci = &k->cluster[f->cluster - 1];
	struct swap_device *const si = &k->device[ci->device];

	BEGIN;
	f->flags = cluster_list_for(k, f->cluster - 1, false);
	if (ci->flags == f->flags)
		RETURN(0);
	spin_lock(LOCK_SI, &si->lock);
	cluster_move(k, f->cluster - 1, f->flags);
	spin_unlock(UNLOCK_SI, &si->lock);
	RETURN(0);
	END;
}

/* Of full clusters those slots that only the cache holds. */
PATH(swap_reclaim_full_clusters)
{
	STEPS(ISOLATE, DROP_CI, RECLAIM, RETAKE_CI, RELOCATE, UNLOCK_CI);
	BEGIN;
	do {
		CALL(ISOLATE, isolate_lock_cluster, .device = f->device, .list = CLUSTER_FULL);
		f->cluster = t->ret;
		if (!f->cluster)
			break;
		for (f->slot = cluster_first(k, f->cluster - 1); f->slot < cluster_end(k, f->cluster - 1);
		     f->slot += f->seen) {
			f->seen = 1;
			if (!slot_is_cache_only(k, f->slot))
				continue;
			spin_unlock(DROP_CI, &k->cluster[f->cluster - 1].lock);
			CALL(RECLAIM, try_to_reclaim_swap, .entry = f->slot);
			f->seen = slots_seen(t->ret);
			spin_lock(RETAKE_CI, &k->cluster[f->cluster - 1].lock);
		}
		if (recheck(k, RECHECK_SCAN_FULL, k->cluster[f->cluster - 1].flags == CLUSTER_NONE))
			CALL(RELOCATE, relocate_cluster, .cluster = f->cluster);
		spin_unlock(UNLOCK_CI, &k->cluster[f->cluster - 1].lock);
		f->cluster = 0;
	} while (--f->to_scan > 0);
	RETURN(0);
	END;
}

/* A locked folio that may be freed; another one, for the slot was given up and perhaps used anew since the
 * folio was looked up, is to be let go of. */
static bool is_that_of_slot(const struct kernel *k, const struct try_to_reclaim_swap *f)
{
	return k->patch.reclaim_slot_recheck == SLOT_RECHECK_OFF || folio_has_slot(k, f->folio, f->entry);
}

/* Up to 6.17 the slot that the folio has by then, or none, as an index of the XArray of the one it had. */
static u32 where_to_look_again(const struct kernel *k, const struct try_to_reclaim_swap *f)
{
	u32 slots = k->config.space_clusters << k->cluster_shift;

	if (k->patch.reclaim_slot_recheck == SLOT_RECHECK_ON)
		return f->entry;
	return f->entry - f->entry % slots + k->folio_io[f->folio].swap % slots;
}

PATH(try_to_reclaim_swap)
{
	STEPS(LOOKUP, TRY_LOCK, UNLOCK_OTHER, PUT_OTHER, FREE, UNLOCK, PUT);
	BEGIN;
	for (f->at = f->entry;;) {
		t->work_ns = swap_cache_lookup_ns(k);
		AT(LOOKUP);
		f->folio = swap_cache_get_folio(k, f->at);
		if (!f->folio)
			RETURN(0);
		f->pages = folio_nr_pages(k, f->folio);
		AT(TRY_LOCK);
		if (!bit_trylock(t, &k->folio_io[f->folio].lock))
			goto put;
		if (is_that_of_slot(k, f))
			break;
		f->at = where_to_look_again(k, f);
		bit_unlock(UNLOCK_OTHER, &k->folio_io[f->folio].lock);
		CALL(PUT_OTHER, folio_put, .folio = f->folio);
		f->folio = 0;
	}
	if (!f->unmapped || !folio_mapped(k, f->folio) || mem_cgroup_swap_full(k, f->folio)) {
		CALL(FREE, folio_free_swap, .folio = f->folio, .by_slot = true,
		     .direct = k->release->allocator == SWAP_ALLOC_DEVICE && !f->unmapped);
		f->freed = t->ret;
	}
	bit_unlock(UNLOCK, &k->folio_io[f->folio].lock);
put:
	CALL(PUT, folio_put, .folio = f->folio);
	RETURN(f->freed ? (s64)f->pages : -(s64)f->pages);
	END;
}
