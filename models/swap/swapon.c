#include "models/swap/swapon.h"

#include <string.h>

#include "models/block/block.h"
#include "models/block/device.h"
#include "models/cpu.h"
#include "models/mm/memory.h"
#include "models/paths.h"
#include "models/swap/avail.h"
#include "models/swap/cache.h"
#include "models/swap/cluster.h"
#include "models/swap/continuation.h"
#include "models/swap/scan_map.h"
#include "models/swap/slots.h"

enum {
	PAGE_BYTES = 4096,
	MAP_BYTES_PER_NS = 8 /* the maps are zeroed */
};

/* A cluster with slots that cannot be used has its table from the start and is the first that is partly used.
 */
static void mark_bad(struct kernel *k, u32 slot)
{
	u32 cluster = slot >> k->cluster_shift;
	struct swap_cluster_info *ci = &k->cluster[cluster];

	if (count_is_in_word(k))
		k->slot[slot].cache = WORD_BAD;
	else
		k->slot[slot].map = SWAP_MAP_BAD;
	ci->count++;
	if (k->release->cache == SWAP_CACHE_TABLE && !ci->has_table)
		swap_table_publish(k, cluster);
}

static void add_cluster(struct kernel *k, const struct swap_device *si, u32 i)
{
	u32 cluster = si->first_cluster + i;

	cluster_list_append(k, cluster,
			    k->cluster[cluster].count ? cluster_list_for(k, cluster, true) : CLUSTER_FREE);
}

/* Successive clusters of the free list: as they lie on the device, or, up to 6.17, 64 MiB apart, so that CPUs
 * do not share the lock of an XArray; 6.1 begins with any of the first 64 MiB. */
static void fill_lists(struct kernel *k, const struct swap_device *si, u32 start)
{
	u32 columns = k->patch.cluster_shuffle ? k->config.space_clusters : 1;

	for (u32 column = start; column < start + columns; column++)
		for (u32 i = column % columns; i < si->clusters; i += columns)
			add_cluster(k, si, i);
}

void swap_note_rotational(struct kernel *k)
{
	k->swap->rotational = 0;
	for (u32 i = 0; i < k->config.devices; i++)
		k->swap->rotational |= k->device[i].flags & SWP_USED && k->device[i].rotational;
}

u64 swap_maps_pages(const struct kernel *k, u32 device)
{
	const struct swap_device *si = &k->device[device];

	return (swap_static_bytes(k, si->max, si->clusters) + PAGE_BYTES - 1) / PAGE_BYTES;
}

void swap_maps_make(struct kernel *k, u32 device)
{
	struct swap_device *si = &k->device[device];
	u32 end = si->first_slot + (si->clusters << k->cluster_shift);

	BUG_ON(si->has_maps);
	si->has_maps = 1;
	k->swap->gone--;
	si->static_bytes = swap_static_bytes(k, si->max, si->clusters);
	mark_bad(k, si->first_slot); /* the header */
	for (u32 slot = si->first_slot + si->max; slot < end; slot++)
		mark_bad(k, slot);
	fill_lists(k, si, scans_map(k, si) ? scan_map_init(k, si) : 0);
}

void swap_maps_free(struct kernel *k, u32 device)
{
	struct swap_device *si = &k->device[device];

	for (u32 c = si->first_cluster; c < si->first_cluster + si->clusters; c++) {
		struct swap_cluster_info *ci = &k->cluster[c];

		if (ci->has_table)
			swap_table_free(k, c);
		*ci = (struct swap_cluster_info){ .lock = ci->lock, .device = ci->device };
	}
	for (u32 slot = si->first_slot; slot < si->first_slot + (si->clusters << k->cluster_shift); slot++) {
		k->slot[slot].map = 0;
		if (count_is_in_word(k))
			k->slot[slot].cache = 0;
	}
	continuations_free(k, device);
	memset(si->list, 0, sizeof si->list);
	for (u32 order = 1; order <= k->config.max_folio_order; order++) {
		*cluster_list_of(k, device, list_named(CLUSTER_NONFULL, order)) = (struct cluster_list){ 0 };
		*cluster_list_of(k, device, list_named(CLUSTER_FRAG, order)) = (struct cluster_list){ 0 };
	}
	si->static_bytes = 0;
	si->has_maps = 0;
	k->swap->gone++;
}

/* What does not change, on or off. */
static void lay_out(struct kernel *k, u32 number, u32 first_slot)
{
	struct swap_device *si = &k->device[number];
	u64 spread = (u64)k->config.slots_per_cluster * k->config.space_clusters;

	si->number = number;
	si->pages = k->config.device[number].pages;
	si->max = si->pages + 1;
	si->first_slot = first_slot;
	si->first_cluster = first_slot >> k->cluster_shift;
	si->clusters = (si->max + k->config.slots_per_cluster - 1) / k->config.slots_per_cluster;
	si->lock.class = CLASS_SWAP_DEVICE;
	si->global_cluster_lock.class = CLASS_GLOBAL_CLUSTER;
	percpu_ref_init_dead(&si->users);
	si->cont_lock.class = CLASS_CONT;
	k->device_model[number] = device_model_find(k->config.device[number].model);
	BUG_ON(!k->device_model[number]);
	si->synchronous = !k->device_model[number]->disk;
	if (!si->synchronous) {
		disk_init(k, number);
		si->rotational = k->device_model[number]->disk->rotational;
	}
	si->discards = k->config.device[number].discard;
	BUG_ON(si->discards && !device_discards(k->device_model[number]));
	for (u32 i = 0; i < si->clusters; i++) {
		k->cluster[si->first_cluster + i].device = number;
		k->cluster[si->first_cluster + i].lock.class = CLASS_CLUSTER;
	}
	for (u64 i = 0; i < (si->max + spread - 1) / spread; i++)
		k->space[si->first_cluster / k->config.space_clusters + i].xa_lock.class = CLASS_XARRAY;
	k->swap->gone++;
}

/* enable_swap_info() */
static void enable(struct kernel *k, u32 device)
{
	swap_avail_init(k, device);
	swap_note_rotational(k);
	k->swap->total_pages += k->device[device].pages;
	k->swap->free_pages += k->device[device].pages;
}

/* Behind each device is room up to where the next may begin; behind the last one nobody needs it. */
static void trim_regions(struct kernel *k)
{
	const struct swap_device *last = &k->device[k->config.devices - 1];
	u32 clusters = k->config.devices ? last->first_cluster + last->clusters : 0;

	arena_trim(&k->machine.arena, "cluster", clusters);
	arena_trim(&k->machine.arena, "slot", (u64)clusters << k->cluster_shift);
}

void swapon_all(struct kernel *k)
{
	u64 spread = (u64)k->config.slots_per_cluster * k->config.space_clusters;
	u64 first = 0;

	k->swap->avail_lock.class = CLASS_SWAP_AVAIL;
	k->swap->ra_hits = RA_HITS_INITIAL;
	for (u32 i = 0; i < k->config.devices; i++) {
		lay_out(k, i, first);
		first += (k->device[i].max + spread - 1) / spread * spread;
		if (k->config.device[i].off)
			continue;
		k->device[i].flags = SWP_USED;
		percpu_ref_init(&k->device[i].users);
		swap_maps_make(k, i);
		enable(k, i);
	}
	trim_regions(k);
}

/* SWP_USED keeps others from the device while it is set up, and while it is swapped off. */
PATH(swapon)
{
	STEPS(CLAIM, SETUP, LOCK_SI, LOCK_AVAIL, UNLOCK_AVAIL, UNLOCK_SI, LOCK_ENABLE, UNLOCK_ENABLE);
	struct swap_device *const si = &k->device[f->device];

	BEGIN;
	AT(CLAIM);
	if (si->flags & SWP_USED)
		RETURN(PATH_EBUSY);
	if (!memory_take(k, swap_maps_pages(k, f->device), k->memory->min))
		RETURN(PATH_ENOMEM);
	si->flags = SWP_USED;
	swap_maps_make(k, f->device);
	t->work_ns = swap_static_bytes(k, si->max, si->clusters) / MAP_BYTES_PER_NS;
	AT(SETUP);
	percpu_ref_init(&si->users);
	spin_lock(LOCK_SI, &si->lock);
	spin_lock(LOCK_AVAIL, &k->swap->avail_lock);
	enable(k, f->device);
	spin_unlock(UNLOCK_AVAIL, &k->swap->avail_lock);
	spin_unlock(UNLOCK_SI, &si->lock);
	if (k->release->slot_caches) {
		mutex_lock(LOCK_ENABLE, &k->swap_slots->enable_mutex);
		k->swap_slots->disabled = 0;
		mutex_unlock(UNLOCK_ENABLE, &k->swap_slots->enable_mutex);
	}
	RETURN(PATH_OK);
	END;
}
