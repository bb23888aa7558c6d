/*
 * The search of swap_map (mm/swapfile.c, 6.1; on rotational devices also 6.12): scan_swap_map_slots(),
 * scan_swap_map_try_ssd_cluster(), scan_swap_map_ssd_cluster_conflict(), set_cluster_next().
 *
 * All of it under si->lock, each slot is taken under its cluster's lock, too; the lock is dropped while the
 * map is searched, and in favour of others after 256 bytes. A batch is not carried on by such a search: it
 * ends with what it has. Simplified: clusters in use are on lists here (nonfull, full), which nobody looks
 * at, so that audits can hold them; rotational devices, which have no clusters there, count their slots by
 * cluster all the same. Left out: huge pages, which take a whole free cluster; that the lock of what 6.1 has
 * no cluster for is si->lock.
 */
#include "models/swap/scan_map.h"

#include "models/cpu.h"
#include "models/paths.h"
#include "models/recheck.h"
#include "models/swap/cluster.h"
#include "models/swap/slot_cache.h"
#include "models/swap/slots.h"

enum { LATENCY_LIMIT = 256, MAP_BYTES_PER_LINE = 64 };

u32 scan_map_init(struct kernel *k, struct swap_device *si)
{
	u32 start = 0;

	si->lowest = si->first_slot + 1;
	si->highest = si->first_slot + (u32)si->max - 1;
	si->global_next = si->lowest;
	si->cluster_nr = 0;
	if (k->release->allocator != SWAP_ALLOC_SCAN || si->rotational)
		return 0;
	/* cluster_next, then each CPU's: anywhere, to wear the device evenly */
	for (u32 i = 0; i <= k->machine.cpus; i++) {
		u32 cluster =
		    choose(&k->machine, CHOICE_SWAP_START, ACTOR(ACTOR_DEVICE, si->number), si->clusters);

		if (i)
			*next_slot_of(k, si->number, i - 1, 0) = 0;
		if (i)
			*scan_base_of(k, si->number, i - 1) =
			    MAX(si->first_slot + (cluster << k->cluster_shift), si->lowest);
		else
			start = cluster % k->config.space_clusters;
	}
	return start;
}

void scan_map_note_free(struct swap_device *si, u32 entry, u32 nr)
{
	si->lowest = MIN(si->lowest, entry);
	si->highest = MAX(si->highest, entry + nr - 1);
}

/* swap_range_alloc() and inc_cluster_info_page() */
static void take(struct kernel *k, struct swap_device *si, u32 entry)
{
	take_slots(k, entry >> k->cluster_shift, entry, 0);
	si->lowest += entry == si->lowest;
	si->highest -= entry == si->highest;
	if (si->inuse == si->pages) {
		si->lowest = si->first_slot + (u32)si->max;
		si->highest = 0;
	}
}

static u32 space_number(const struct kernel *k, const struct swap_device *si, u32 slot)
{
	return ((slot - si->first_slot) >> k->cluster_shift) / k->config.space_clusters;
}

/* Who has come to the end of 64 MiB goes on in some other 64 MiB, which are another XArray's. */
static void set_cluster_next(struct kernel *k, struct swap_device *si, u32 cpu, u32 next)
{
	u32 *base = si->rotational ? &si->global_next : scan_base_of(k, si->number, cpu);
	u32 first = space_number(k, si, si->lowest), space;

	if (!si->rotational && space_number(k, si, *base) != space_number(k, si, next)) {
		if (si->highest <= si->lowest)
			return;
		space = first + choose(&k->machine, CHOICE_SWAP_START, ACTOR(ACTOR_CPU, cpu),
				       space_number(k, si, si->highest) - first + 1);
		next = si->first_slot + ((space * k->config.space_clusters) << k->cluster_shift);
		next = MAX(next, si->lowest);
	}
	*base = next;
}

/* A free cluster elsewhere than at the head of the list must not be broken into. */
static bool is_conflict(const struct kernel *k, const struct swap_device *si, u32 slot)
{
	u32 head = si->list[CLUSTER_FREE].head;

	return !si->rotational && head && head - 1 != slot >> k->cluster_shift &&
	       cluster_of(k, slot)->flags == CLUSTER_FREE;
}

static u32 free_slot_from(const struct kernel *k, u32 slot, u32 end)
{
	while (slot < end && k->slot[slot].map)
		slot++;
	return slot < end ? slot : 0;
}

/* The CPU's cluster is that of the slot it took last, which is the one before its next slot. */
PATH(scan_swap_map_try_ssd_cluster)
{
	STEPS(DROP_SI, DISCARD, RETAKE_SI, LOCK_CI, UNLOCK_CI);
	struct swap_device *const si = &k->device[f->device];
	u32 *const next = next_slot_of(k, f->device, f->cpu, 0);

	BEGIN;
	for (;;) {
		f->slot = *next;
		f->cluster = (f->slot - 1) >> k->cluster_shift;
		if (!f->slot && si->list[CLUSTER_FREE].head) {
			f->cluster = si->list[CLUSTER_FREE].head - 1;
			f->slot = cluster_first(k, f->cluster);
		} else if (!f->slot && si->list[CLUSTER_DISCARD].count) {
			spin_unlock(DROP_SI, &si->lock);
			CALL(DISCARD, swap_sync_discard, .device = f->device);
			spin_lock(RETAKE_SI, &si->lock);
			continue;
		} else if (!f->slot) {
			RETURN(0);
		}
		spin_lock(LOCK_CI, &k->cluster[f->cluster].lock);
		f->slot = free_slot_from(k, f->slot, cluster_end(k, f->cluster));
		spin_unlock(UNLOCK_CI, &k->cluster[f->cluster].lock);
		*next = f->slot ? f->slot + 1 : 0;
		if (f->slot)
			RETURN(f->slot);
	}
	END;
}

/* swap_offset_available_and_locked(), before it locks. */
static bool is_available(const struct kernel *k, u32 slot)
{
	return !k->slot[slot].map || (vm_swap_full(k) && slot_is_cache_only(k, slot));
}

/* On from f->slot to the first available one, to f->end or until others are due. False: they are. */
static bool search_on(struct kernel *k, struct task *t, struct scan_swap_map *f)
{
	u32 from = f->slot;

	for (; f->slot < f->end && f->ration; f->slot++, f->ration--)
		if (is_available(k, f->slot))
			break;
	t->work_ns = (f->slot - from) / MAP_BYTES_PER_LINE * k->cpu_profile->slot_scan_ns;
	return f->ration || f->slot >= f->end;
}

/* The device is locked; not while the map is searched, and what was found may be gone. */
PATH(scan_swap_map)
{
	STEPS(DROP_SI, LOOK, RESCHED, LOCK_FOUND, LOCK_NONE);
	struct swap_device *const si = &k->device[f->device];

	BEGIN;
	spin_unlock(DROP_SI, &si->lock);
	for (f->lap = 0; f->lap < 2; f->lap++) {
		if (f->lap)
			f->slot = si->lowest;
		for (;;) {
			f->end = f->lap ? f->base : si->highest + 1;
			f->going = !search_on(k, t, f);
			AT(LOOK);
			if (!f->going)
				break;
			f->ration = LATENCY_LIMIT;
			f->many = 1;
			cond_resched(RESCHED);
		}
		if (f->slot < f->end) {
			spin_lock(LOCK_FOUND, &si->lock);
			RETURN(f->slot | (u64)f->many << 32);
		}
	}
	spin_lock(LOCK_NONE, &si->lock);
	RETURN(0);
	END;
}

/* As many free slots in a row as a cluster has. The device is locked, but not while they are looked for. */
PATH(scan_swap_map_empty)
{
	STEPS(DROP_SI, LOOK, RESCHED, RETAKE_SI);
	struct swap_device *const si = &k->device[f->device];

	BEGIN;
	spin_unlock(DROP_SI, &si->lock);
	f->slot = f->first = si->lowest;
	while (f->slot <= si->highest && f->slot - f->first < k->config.slots_per_cluster) {
		for (u32 i = 0; i < LATENCY_LIMIT && f->slot <= si->highest &&
				f->slot - f->first < k->config.slots_per_cluster;
		     i++, f->slot++)
			if (k->slot[f->slot].map)
				f->first = f->slot + 1;
		t->work_ns = LATENCY_LIMIT / MAP_BYTES_PER_LINE * k->cpu_profile->slot_scan_ns;
		AT(LOOK);
		cond_resched(RESCHED);
	}
	spin_lock(RETAKE_SI, &si->lock);
	RETURN(f->slot - f->first == k->config.slots_per_cluster ? f->first : 0);
	END;
}

static void keep_slot(struct kernel *k, struct scan_swap_map_slots *f)
{
	if (f->cache)
		k->cached_slot[slot_row_of(k, f->cache - 1, SLOTS_TAKEN) + f->n] = f->slot;
	else
		f->entry = f->slot;
	f->n++;
}

/* With the device still locked, as long as patience lasts: the next free slot, 0 if that is not near. */
static u32 free_slot_near(const struct kernel *k, const struct swap_device *si, struct scan_swap_map_slots *f)
{
	u32 limit = f->slot < f->base ? f->base : si->highest;

	for (u32 slot = f->slot; !f->many && slot <= limit && f->ration > 1; slot++, f->ration--)
		if (!k->slot[slot].map)
			return slot;
	return 0;
}

/* A rotational device is filled in runs of a cluster's length, wherever one such is free. */
static bool run_goes_on(const struct kernel *k, struct swap_device *si, struct scan_swap_map_slots *f)
{
	if (!si->cluster_nr || k->slot[++f->slot].map)
		return false;
	si->cluster_nr--;
	return true;
}

PATH(scan_swap_map_slots)
{
	STEPS(TRY, EMPTY, SEARCH, CONFLICT, LOCK_CI, DROP_CI, DROP_SI, RECLAIM, RETAKE_SI, UNLOCK_BUSY,
	      UNLOCK_CI, NEXT);
	struct swap_device *const si = &k->device[f->device];

	BEGIN;
	f->slot = f->base = si->rotational ? si->global_next : *scan_base_of(k, f->device, f->cpu);
	f->ration = LATENCY_LIMIT;
	if (!si->rotational) {
		CALL(TRY, scan_swap_map_try_ssd_cluster, .device = f->device, .cpu = f->cpu);
		if (!t->ret)
			goto search;
		f->slot = f->base = t->ret;
	} else if (!si->cluster_nr) {
		if (si->pages - si->inuse >= k->config.slots_per_cluster) {
			CALL(EMPTY, scan_swap_map_empty, .device = f->device);
			f->slot = f->base = t->ret ? t->ret : si->lowest;
		}
		si->cluster_nr = k->config.slots_per_cluster - 1;
	} else {
		si->cluster_nr--;
	}

	for (;;) {
		while (is_conflict(k, si, f->slot)) {
			*next_slot_of(k, f->device, f->cpu, 0) = 0;
			if (f->n)
				goto done;
			CALL(CONFLICT, scan_swap_map_try_ssd_cluster, .device = f->device, .cpu = f->cpu);
			if (!t->ret)
				goto search;
			f->slot = f->base = t->ret;
		}
		if (!si->highest || !may_take_slots(k, si))
			goto none;
		if (f->slot > si->highest)
			f->slot = f->base = si->lowest;
		spin_lock(LOCK_CI, &cluster_of(k, f->slot)->lock);
		if (vm_swap_full(k) && slot_is_cache_only(k, f->slot)) {
			spin_unlock(DROP_CI, &cluster_of(k, f->slot)->lock);
			spin_unlock(DROP_SI, &si->lock);
			CALL(RECLAIM, try_to_reclaim_swap, .entry = f->slot);
			f->freed = (s64)t->ret > 0;
			spin_lock(RETAKE_SI, &si->lock);
			if (f->freed)
				continue;
			goto search;
		}
		if (!recheck(k, RECHECK_SCAN_MAP, !k->slot[f->slot].map)) {
			spin_unlock(UNLOCK_BUSY, &cluster_of(k, f->slot)->lock);
			if (f->n)
				goto done;
			goto search;
		}
		take(k, si, f->slot);
		keep_slot(k, f);
		t->work_ns = k->cpu_profile->slot_scan_ns;
		spin_unlock(UNLOCK_CI, &cluster_of(k, f->slot)->lock);
		if (f->n == f->wanted || f->slot >= si->highest || !f->ration--)
			goto done;
		if (!si->rotational) {
			CALL(NEXT, scan_swap_map_try_ssd_cluster, .device = f->device, .cpu = f->cpu);
			if (t->ret) {
				f->slot = f->base = t->ret;
				continue;
			}
		} else if (run_goes_on(k, si, f)) {
			continue;
		}
		f->near = free_slot_near(k, si, f);
		if (!f->near)
			goto done;
		f->slot = f->near;
		continue;
	search:
		CALL(SEARCH, scan_swap_map, .device = f->device, .slot = f->slot + 1, .base = f->base,
		     .ration = f->ration);
		if (!t->ret)
			goto none;
		f->slot = (u32)t->ret;
		f->many |= t->ret >> 32;
	}
done:
	set_cluster_next(k, si, f->cpu, f->slot + 1);
none:
	RETURN(f->cache ? f->n : f->entry);
	END;
}
