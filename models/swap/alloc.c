/*
 * Slot allocation (mm/swapfile.c: folio_alloc_swap(), cluster_alloc_swap_entry(); 6.14 to 7.0; for 6.12 see
 * device_lock.c; up to 6.14 most slots come from slot_cache.c).
 *
 * Up to 6.18 a folio goes into the swap cache when it has its slots and is charged for them, from 7.0 on in
 * the step that takes them, and out of it if the charge fails. In 7.2 whom the slots are charged to is noted
 * under the cluster's lock, which is taken once more for it.
 *
 * A CPU allocates from the cluster of its hint; when that has nothing, the devices are tried one after the
 * other and on each the lists of clusters, in an order that changed with 6.18 (patch nonfull-first). A large
 * folio takes a run of slots, aligned to its size; for each order there are hints and lists. Up to 6.14 it
 * does not go through the slot cache. A device all of whose slots are in use offers none, though some be only
 * the cache's: see reclaim_work.h. A walk over devices of which some fail although they have free slots ends
 * at last; the kernel's may go round for as long as that lasts.
 */
#include "models/cpu.h"
#include "models/mm/folio.h"
#include "models/mm/memcg.h"
#include "models/paths.h"
#include "models/recheck.h"
#include "models/swap/avail.h"
#include "models/swap/cache.h"
#include "models/swap/cluster.h"
#include "models/swap/device_ref.h"
#include "models/swap/slots.h"
#include "models/swap/usage.h"

static bool waits_for_discard(const struct kernel *k)
{
	u32 clusters = 0;

	for (u32 i = 0; i < k->config.devices; i++)
		clusters += k->device[i].list[CLUSTER_DISCARD].count;
	return clusters > 0;
}

/* From 6.18 on only for the sake of a single page. */
static bool may_discard(const struct kernel *k, u32 order)
{
	return (!order || k->release->cache == SWAP_CACHE_XARRAY) && waits_for_discard(k);
}

/* The folio that goes into the swap cache as its slots are taken; 0: it does not. */
static u32 folio_to_insert(const struct kernel *k, u32 folio)
{
	return has_cache_bit(k) ? 0 : folio;
}

PATH(folio_alloc_swap)
{
	STEPS(SLOT, SLOTS, LOCK_PCP, LOCK_HINT, SCAN_HINT, UNLOCK_HINT, SLOW, UNLOCK_PCP, DISCARD, CHARGE,
	      REFUSED, DELETE, LOCK_RECORD, UNLOCK_RECORD, ADD, GIVE_BACK);
	BEGIN;
	f->order = folio_order(k, f->folio);
	f->nr = 1u << f->order;
	if (f->nr > k->config.slots_per_cluster)
		RETURN(PATH_EAGAIN);
	do {
		if (k->release->slot_caches && f->order) {
			CALL(SLOTS, get_swap_pages, .wanted = 1, .order = f->order);
			f->entry = t->ret;
		} else if (k->release->slot_caches) {
			CALL(SLOT, get_swap_slot, .cpu = t->cpu);
			f->entry = t->ret;
		} else {
			local_lock(LOCK_PCP, swap_lock);
			f->hint = *swap_hint_of_cpu(k, t->cpu, f->order);
			f->pinned = f->hint ? get_swap_device(k, f->hint) : 0;
			if (f->pinned) {
				f->cluster = (f->hint >> k->cluster_shift) + 1;
				spin_lock(LOCK_HINT, &k->cluster[f->cluster - 1].lock);
				if (recheck(k, RECHECK_ALLOC_HINT,
					    cluster_is_usable(k, f->cluster - 1, f->order))) {
					CALL(SCAN_HINT, alloc_swap_scan_cluster, .cluster = f->cluster,
					     .order = f->order, .folio = folio_to_insert(k, f->folio),
					     .offset = k->cluster[f->cluster - 1].count
							   ? f->hint
							   : cluster_first(k, f->cluster - 1));
					f->entry = t->ret;
				} else {
					spin_unlock(UNLOCK_HINT, &k->cluster[f->cluster - 1].lock);
				}
				put_swap_device(k, f->pinned);
				f->pinned = 0;
			}
			if (!f->entry) {
				CALL(SLOW, swap_alloc_slow, .order = f->order,
				     .folio = folio_to_insert(k, f->folio));
				f->entry = t->ret;
			}
			local_unlock(UNLOCK_PCP, swap_lock);
		}
		f->discarded = 0;
		if (!f->entry && may_discard(k, f->order)) {
			CALL(DISCARD, swap_sync_discard, .device = 0);
			f->discarded = t->ret;
		}
	} while (f->discarded);

	AT(CHARGE);
	f->locked = f->entry && k->release->cgroup_in_cluster && !counts_memsw(k);
	if (f->locked) /* the kernel charges, and then locks to note whom; nobody can tell */
		spin_lock(LOCK_RECORD, &cluster_of(k, f->entry)->lock);
	f->failed = !memcg_try_charge_swap(k, k->folio[f->folio].memcg, f->entry, f->nr);
	if (f->locked)
		spin_unlock(UNLOCK_RECORD, &cluster_of(k, f->entry)->lock);
	if (f->failed) {
		if (folio_to_insert(k, f->folio)) {
			CALL(DELETE, swap_cache_del_folio, .folio = f->folio);
			RETURN(PATH_ENOMEM);
		}
		CALL(REFUSED, swapcache_clear, .entry = f->entry, .nr = f->nr, .put = true);
		RETURN(PATH_ENOMEM);
	}
	if (!f->entry)
		RETURN(PATH_ENOMEM);
	slots_note_charge(k, t, k->folio[f->folio].memcg);
	count_memcg(k, k->folio[f->folio].memcg, SLOTS_ALLOCATED, f->nr);
	if (folio_to_insert(k, f->folio))
		RETURN(PATH_OK);
	CALL(ADD, swap_cache_add_folio, .folio = f->folio, .entry = f->entry);
	f->failed = t->ret;
	if (f->failed)
		CALL(GIVE_BACK, swapcache_clear, .entry = f->entry, .nr = f->nr, .put = true);
	RETURN(f->failed);
	END;
}

PATH(swap_alloc_slow)
{
	STEPS(LOCK_AVAIL, UNLOCK_AVAIL, DEVICE);
	BEGIN;
	for (f->tries = swap_walk_tries(k); f->tries; f->tries--) {
		spin_lock(LOCK_AVAIL, &k->swap->avail_lock);
		f->device = swap_avail_take(k, &f->next);
		f->pinned = f->device == NO_DEVICE ? 0 : swap_device_get(&k->device[f->device]);
		spin_unlock(UNLOCK_AVAIL, &k->swap->avail_lock);
		if (f->device == NO_DEVICE)
			break;
		if (!f->pinned)
			continue;
		CALL(DEVICE, cluster_alloc_swap_entry, .device = f->device, .order = f->order,
		     .folio = f->folio);
		put_swap_device(k, f->pinned);
		f->pinned = 0;
		if (t->ret || f->order)
			RETURN(t->ret);
	}
	RETURN(0);
	END;
}

/* Whether the CPU has a cluster on each device, and not one in all (folio_alloc_swap() has tried that). */
static bool has_own_cluster(const struct kernel *k, const struct swap_device *si)
{
	return k->release->slot_caches && !si->rotational;
}

/* On a rotational device all CPUs go on in one cluster, and one at a time. */
PATH(cluster_alloc_swap_entry)
{
	STEPS(LOCK_GLOBAL, LOCK_PCP, LOCK_NEXT, SCAN_NEXT, UNLOCK_NEXT, FULL, SCAN, UNLOCK_GLOBAL,
	      UNLOCK_PCP);
	struct swap_device *const si = &k->device[f->device];

	BEGIN;
	if (si->rotational)
		spin_lock(LOCK_GLOBAL, &si->global_cluster_lock);
	else if (has_own_cluster(k, si))
		local_lock(LOCK_PCP, swap_lock);
	if (si->rotational || has_own_cluster(k, si)) {
		f->next = *swap_hint_of(k, t->cpu, si, f->order);
		if (f->next) {
			f->cluster = (f->next >> k->cluster_shift) + 1;
			spin_lock(LOCK_NEXT, &k->cluster[f->cluster - 1].lock);
			if (recheck(k, RECHECK_ALLOC_NEXT, cluster_is_usable(k, f->cluster - 1, f->order))) {
				CALL(SCAN_NEXT, alloc_swap_scan_cluster, .cluster = f->cluster,
				     .order = f->order, .folio = f->folio,
				     .offset = k->cluster[f->cluster - 1].count
						   ? f->next
						   : cluster_first(k, f->cluster - 1));
				f->entry = t->ret;
			} else {
				spin_unlock(UNLOCK_NEXT, &k->cluster[f->cluster - 1].lock);
			}
		}
	}
	for (; !f->entry; f->stage++) {
		f->list = cluster_list_at_stage(k, f->device, f->order, f->stage);
		if (f->list == NO_MORE_LISTS)
			break;
		if (f->list == CLUSTER_FULL) {
			if (vm_swap_full(k))
				CALL(FULL, swap_reclaim_full_clusters, .device = f->device, .to_scan = 1);
			continue;
		}
		f->tries = cluster_tries(k, f->device, f->order, f->list, f->failed);
		if (!f->tries)
			continue;
		CALL(SCAN, alloc_swap_scan_list, .device = f->device, .order = f->order, .list = f->list,
		     .tries = f->tries, .folio = f->folio);
		if (t->ret > 0)
			f->entry = t->ret;
		else if (list_flag(f->list) == CLUSTER_NONFULL)
			f->failed = (u32)-t->ret;
	}
	if (si->rotational)
		spin_unlock(UNLOCK_GLOBAL, &si->global_cluster_lock);
	else if (has_own_cluster(k, si))
		local_unlock(UNLOCK_PCP, swap_lock);
	RETURN(f->entry);
	END;
}

PATH(alloc_swap_scan_list)
{
	STEPS(ISOLATE, SCAN);
	BEGIN;
	while (f->tries--) {
		CALL(ISOLATE, isolate_lock_cluster, .device = f->device, .list = f->list, .order = f->order);
		f->cluster = t->ret;
		if (!f->cluster)
			break;
		CALL(SCAN, alloc_swap_scan_cluster, .cluster = f->cluster, .order = f->order,
		     .folio = f->folio, .offset = cluster_first(k, f->cluster - 1));
		f->cluster = 0;
		if (t->ret)
			RETURN(t->ret);
		f->tried++;
	}
	RETURN(-(s64)f->tried);
	END;
}
