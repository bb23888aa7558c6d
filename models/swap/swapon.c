#include "models/swap/swapon.h"

#include "models/block/block.h"
#include "models/block/device.h"
#include "models/swap/avail.h"
#include "models/swap/cache.h"
#include "models/swap/cluster.h"

/* A cluster with slots that cannot be used has its table from the start and is the first that is partly used.
 */
static void mark_bad(struct kernel *k, u32 slot)
{
	u32 cluster = slot >> k->cluster_shift;
	struct swap_cluster_info *ci = &k->cluster[cluster];

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
 * do not share the lock of an XArray. */
static void fill_lists(struct kernel *k, const struct swap_device *si)
{
	u32 columns = k->patch.cluster_shuffle ? k->config.space_clusters : 1;

	for (u32 column = 0; column < columns; column++)
		for (u32 i = column; i < si->clusters; i += columns)
			add_cluster(k, si, i);
}

static void swapon(struct kernel *k, u32 number, u32 first_slot)
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
	swap_avail_init(k, number);
	si->static_bytes = swap_static_bytes(k, si->max, si->clusters);
	k->device_model[number] = device_model_find(k->config.device[number].model);
	BUG_ON(!k->device_model[number]);
	si->synchronous = !k->device_model[number]->disk;
	if (!si->synchronous) {
		disk_init(k, number);
		si->rotational = k->device_model[number]->disk->rotational;
		k->swap->rotational |= si->rotational;
	}
	si->discards = k->config.device[number].discard;
	BUG_ON(si->discards && !device_discards(k->device_model[number]));
	for (u32 i = 0; i < si->clusters; i++) {
		k->cluster[si->first_cluster + i].device = number;
		k->cluster[si->first_cluster + i].lock.class = CLASS_CLUSTER;
	}
	for (u64 i = 0; i < (si->max + spread - 1) / spread; i++)
		k->space[si->first_cluster / k->config.space_clusters + i].xa_lock.class = CLASS_XARRAY;
	mark_bad(k, first_slot); /* the header */
	for (u32 slot = first_slot + si->max; slot < first_slot + (si->clusters << k->cluster_shift); slot++)
		mark_bad(k, slot);
	fill_lists(k, si);
	k->swap->total_pages += si->pages;
	k->swap->free_pages += si->pages;
}

void swapon_all(struct kernel *k)
{
	u64 spread = (u64)k->config.slots_per_cluster * k->config.space_clusters;
	u64 first = 0;

	k->swap->avail_lock.class = CLASS_SWAP_AVAIL;
	k->swap->ra_hits = RA_HITS_INITIAL;
	for (u32 i = 0; i < k->config.devices; i++) {
		swapon(k, i, first);
		first += (k->device[i].max + spread - 1) / spread * spread;
	}
}
