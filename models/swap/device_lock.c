/*
 * Taking and freeing slots under the device's lock (mm/swapfile.c, 6.12): get_swap_pages(),
 * cluster_alloc_swap_entry(), alloc_swap_scan_cluster(), swap_reclaim_full_clusters(),
 * swapcache_free_entries(), swap_entry_range_free().
 *
 * si->lock is held from the first to the last slot of a batch, each cluster's lock within it. Clusters are
 * never isolated: one that is scanned stays on a list, and moves when its first slot is taken (to nonfull),
 * before it is scanned from there (to frag) and when it is full. A CPU has a next slot for each device and
 * order. Rotational devices are searched by scan_map.c, and have nothing for large folios. A path named
 * ..._locked is the kernel's function without it in 6.12; later releases have others of that name.
 */
#include "models/cpu.h"
#include "models/paths.h"
#include "models/recheck.h"
#include "models/swap/avail.h"
#include "models/swap/cache.h"
#include "models/swap/cluster.h"
#include "models/swap/device_ref.h"
#include "models/swap/scan_map.h"
#include "models/swap/slot_cache.h"
#include "models/swap/slots.h"
#include "models/swap/usage.h"

/* Counted as taken before they are looked for. */
static u32 reserve_slots(struct kernel *k, u32 wanted, u32 order)
{
	u32 n = (u32)CLAMP(k->swap->free_pages >> order, 0, (s64)wanted);

	k->swap->free_pages -= (s64)n << order;
	k->swap_slots->reserved += n << order;
	return n;
}

static void unreserve_slots(struct kernel *k, u32 n)
{
	k->swap_slots->reserved -= n;
	k->swap->free_pages += n;
}

static void keep_slot(struct kernel *k, struct get_swap_pages *f, u32 entry)
{
	if (f->cache)
		k->cached_slot[slot_row_of(k, f->cache - 1, SLOTS_TAKEN) + f->n] = entry;
	else
		f->entry = entry;
	f->n++;
}

PATH(get_swap_pages)
{
	STEPS(LOCK_AVAIL, UNLOCK_AVAIL, LOCK_SI, TAKE, UNLOCK_SI, RESCHED, TAKE_ONE, SCAN_MAP);
	BEGIN;
	for (f->tries = swap_walk_tries(k); !f->n && f->tries; f->tries--) {
		spin_lock(LOCK_AVAIL, &k->swap->avail_lock);
		if (!f->next)
			f->goal = reserve_slots(k, f->wanted, f->order);
		f->device = f->goal ? swap_avail_take(k, &f->next) : NO_DEVICE;
		spin_unlock(UNLOCK_AVAIL, &k->swap->avail_lock);
		if (f->device == NO_DEVICE)
			break;
		if (k->release->allocator != SWAP_ALLOC_CLUSTER) {
			spin_lock(LOCK_SI, &k->device[f->device].lock);
			k->device[f->device].scanning += k->patch.scan_writeok_recheck;
			if (scans_map(k, &k->device[f->device]) && !f->order) {
				CALL(SCAN_MAP, scan_swap_map_slots, .device = f->device, .cpu = t->cpu,
				     .wanted = f->goal, .cache = f->cache);
				f->entry = f->cache ? 0 : t->ret;
				f->n = f->cache ? t->ret : f->entry > 0;
			}
			while (!scans_map(k, &k->device[f->device]) && f->n < f->goal &&
			       (f->n || k->device[f->device].on_avail_list)) {
				CALL(TAKE, cluster_alloc_swap_entry_locked, .device = f->device,
				     .cpu = t->cpu, .order = f->order);
				if (!t->ret)
					break;
				keep_slot(k, f, t->ret);
			}
			k->device[f->device].scanning -= k->patch.scan_writeok_recheck;
			spin_unlock(UNLOCK_SI, &k->device[f->device].lock);
			if (f->order)
				break;
			cond_resched(RESCHED);
			continue;
		}
		f->pinned = swap_device_get(&k->device[f->device]);
		if (!f->pinned)
			continue;
		while (f->n < f->goal) {
			CALL(TAKE_ONE, cluster_alloc_swap_entry, .device = f->device, .order = f->order);
			if (!t->ret)
				break;
			keep_slot(k, f, t->ret);
		}
		put_swap_device(k, f->pinned);
		f->pinned = 0;
		if (f->order)
			break;
	}
	unreserve_slots(k, (f->goal - f->n) << f->order);
	RETURN(f->cache ? f->n : f->entry);
	END;
}

/* The first cluster of a list, + 1; one that is partly used goes to the tail of frag before it is scanned,
 * unless it is one to steal from. */
static u32 pick_cluster(struct kernel *k, const struct cluster_alloc_swap_entry_locked *f)
{
	u32 cluster = cluster_list_of(k, f->device, f->list)->head;

	if (cluster && f->list != CLUSTER_FREE && list_order(f->list) == f->order)
		cluster_move(k, cluster - 1, CLUSTER_FRAG);
	return cluster;
}

/* The linear scan of rotational devices knows no large folios. */
static bool can_serve(const struct kernel *k, u32 device, u32 order)
{
	return !order || !k->device[device].rotational;
}

PATH(cluster_alloc_swap_entry_locked)
{
	STEPS(SCAN_NEXT, FULL, SCAN);
	u32 *const next = next_slot_of(k, f->device, f->cpu, f->order);

	BEGIN;
	if (!can_serve(k, f->device, f->order))
		RETURN(0);
	if (*next && k->cluster[*next >> k->cluster_shift].flags != CLUSTER_DISCARD) {
		CALL(SCAN_NEXT, alloc_swap_scan_cluster_locked, .cluster = (*next >> k->cluster_shift) + 1,
		     .order = f->order, .offset = *next);
		f->entry = t->ret;
	}
	for (; !f->entry; f->stage++) {
		f->list = cluster_list_at_stage(k, f->device, f->order, f->stage);
		if (f->list == NO_MORE_LISTS)
			break;
		if (f->list == CLUSTER_FULL) {
			if (vm_swap_full(k))
				CALL(FULL, swap_reclaim_full_clusters_locked, .device = f->device,
				     .to_scan = 1);
			continue;
		}
		for (f->tries = cluster_tries(k, f->device, f->order, f->list, f->failed);
		     !f->entry && f->tries; f->tries--) {
			f->cluster = pick_cluster(k, f);
			if (!f->cluster)
				break;
			CALL(SCAN, alloc_swap_scan_cluster_locked, .cluster = f->cluster, .order = f->order,
			     .offset = cluster_first(k, f->cluster - 1));
			f->entry = t->ret;
			f->failed += !f->entry && list_flag(f->list) == CLUSTER_NONFULL;
		}
	}
	*next = cluster_slot_after(k, f->entry, 1u << f->order); /* overwritten on failure too */
	RETURN(f->entry);
	END;
}

/* A hint that has become stale may lead to a cluster of another order, which nothing here objects to. */
void take_slots(struct kernel *k, u32 cluster, u32 slot, u32 order)
{
	cluster_take_range(k, slot, order);
	k->swap_slots->reserved -= 1u << order;
	if (cluster_is_full(k, cluster))
		cluster_move(k, cluster, CLUSTER_FULL);
	else if (k->cluster[cluster].flags == CLUSTER_FREE)
		cluster_move(k, cluster, CLUSTER_NONFULL);
}

PATH(alloc_swap_scan_cluster_locked)
{
	STEPS(LOCK_CI, DROP_CI, DROP_SI, RECLAIM, RETAKE_SI, RETAKE_CI, UNLOCK_CI);
	struct swap_cluster_info *const ci = &k->cluster[f->cluster - 1];
	struct swap_device *const si = &k->device[ci->device];

	BEGIN;
	f->nr = 1u << f->order;
	spin_lock(LOCK_CI, &ci->lock);
	for (f->offset = cluster_first_range(k, f->cluster - 1, f->offset, f->nr);
	     f->offset < cluster_end(k, f->cluster - 1);
	     f->offset = cluster_find_range(k, f->cluster - 1, f->offset + f->nr, f->nr)) {
		if (!range_is_free(k, f->offset, f->nr)) {
			spin_unlock(DROP_CI, &ci->lock);
			spin_unlock(DROP_SI, &si->lock);
			for (f->slot = f->offset; f->slot < f->offset + f->nr; f->slot++) {
				if (!k->slot[f->slot].map)
					continue;
				if (!slot_is_cache_only(k, f->slot))
					break;
				CALL(RECLAIM, try_to_reclaim_swap, .entry = f->slot);
				if (t->ret <= 0)
					break;
			}
			spin_lock(RETAKE_SI, &si->lock);
			spin_lock(RETAKE_CI, &ci->lock);
			if (!recheck(k, RECHECK_SCAN_RANGE, range_is_free(k, f->offset, f->nr)))
				continue;
		}
		if (!may_take_slots(k, si))
			break;
		take_slots(k, f->cluster - 1, f->offset, f->order);
		f->entry = f->offset;
		break;
	}
	t->work_ns = k->cpu_profile->slot_scan_ns;
	spin_unlock(UNLOCK_CI, &ci->lock);
	RETURN(f->entry);
	END;
}

/* The first full clusters go to the end of their list: those of their slots that only the cache holds. */
PATH(swap_reclaim_full_clusters_locked)
{
	STEPS(DROP_SI, RECLAIM, RETAKE_SI);
	struct swap_device *const si = &k->device[f->device];

	BEGIN;
	do {
		f->cluster = si->list[CLUSTER_FULL].head;
		if (!f->cluster)
			break;
		cluster_move(k, f->cluster - 1, CLUSTER_FULL);
		spin_unlock(DROP_SI, &si->lock);
		for (f->slot = cluster_first(k, f->cluster - 1); f->slot < cluster_end(k, f->cluster - 1);
		     f->slot += f->seen) {
			f->seen = 1;
			if (!slot_is_cache_only(k, f->slot))
				continue;
			CALL(RECLAIM, try_to_reclaim_swap, .entry = f->slot);
			f->seen = slots_seen(t->ret);
		}
		spin_lock(RETAKE_SI, &si->lock);
	} while (--f->to_scan > 0);
	RETURN(0);
	END;
}

static u32 entry_in_row(const struct kernel *k, const struct swapcache_free_entries *f)
{
	return f->entry ? f->entry : k->cached_slot[f->first + f->i];
}

static u32 slots_in_row(const struct swapcache_free_entries *f)
{
	return f->entry ? f->nr : 1;
}

/* From f->i on, the first of the device; false: there is none. */
static bool find_of_device(const struct kernel *k, struct swapcache_free_entries *f)
{
	while (f->i < f->n && device_of(k, entry_in_row(k, f))->number != f->device)
		f->i++;
	return f->i < f->n;
}

/* The kernel sorts the row by device, which leaves the order of one device's slots to chance. In 6.14 each is
 * freed under the lock of its cluster. */
PATH(swapcache_free_entries)
{
	STEPS(LOCK_SI, FREE, UNLOCK_SI, CLEAR);
	BEGIN;
	if (f->entry)
		f->n = 1;
	if (k->release->allocator == SWAP_ALLOC_CLUSTER) {
		for (; f->i < f->n; f->i++)
			CALL(CLEAR, swapcache_clear, .entry = entry_in_row(k, f), .nr = slots_in_row(f));
		RETURN(0);
	}
	for (f->device = 0; f->device < k->config.devices; f->device++) {
		f->i = 0;
		if (!find_of_device(k, f))
			continue;
		spin_lock(LOCK_SI, &k->device[f->device].lock);
		for (; find_of_device(k, f); f->i++)
			CALL(FREE, swap_entry_range_free, .entry = entry_in_row(k, f), .nr = slots_in_row(f));
		spin_unlock(UNLOCK_SI, &k->device[f->device].lock);
	}
	RETURN(0);
	END;
}

/* The kernel gives the slot's data and owner back after it has unlocked the cluster; who could see that needs
 * si->lock. */
PATH(swap_entry_range_free)
{
	STEPS(LOCK_CI, UNLOCK_CI, LOCK_XA, UNLOCK_XA);
	struct swap_cluster_info *const ci = cluster_of(k, f->entry);

	BEGIN;
	spin_lock(LOCK_CI, &ci->lock);
	slots_note_freed(k, t, f->entry, f->nr);
	for (u32 i = f->entry; i < f->entry + f->nr; i++) {
		BUG_ON(k->slot[i].map != SWAP_HAS_CACHE);
		k->slot[i].map = 0;
	}
	swap_range_free(k, f->entry, f->nr);
	if (ci->flags != cluster_list_for(k, f->entry >> k->cluster_shift, true))
		cluster_move(k, f->entry >> k->cluster_shift,
			     cluster_list_for(k, f->entry >> k->cluster_shift, true));
	spin_unlock(UNLOCK_CI, &ci->lock);
	spin_lock_irq(LOCK_XA, &swap_space_of(k, f->entry)->xa_lock);
	swap_cache_store(k, t, f->entry, f->nr, 0);
	spin_unlock_irq(UNLOCK_XA, &swap_space_of(k, f->entry)->xa_lock);
	RETURN(0);
	END;
}
