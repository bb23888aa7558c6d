#include "models/swap/discard.h"

#include "models/block/block.h"
#include "models/block/device.h"
#include "models/paths.h"
#include "models/swap/cluster.h"
#include "models/swap/device_ref.h"

/* Off the list with its flag; si->lock held. Cluster + 1. */
static u32 take_cluster(struct kernel *k, struct swap_device *si)
{
	u32 cluster = si->list[CLUSTER_DISCARD].head;

	if (!cluster)
		return 0;
	cluster_list_del(k, cluster - 1);
	k->cluster[cluster - 1].flags = CLUSTER_DISCARD;
	return cluster;
}

/* Discarded; si->lock held. */
static void free_cluster(struct kernel *k, u32 cluster)
{
	k->cluster[cluster].flags = CLUSTER_NONE;
	cluster_list_append(k, cluster, CLUSTER_FREE);
}

void discard_schedule(struct kernel *k, struct swap_device *si)
{
	if (si->discarding)
		return;
	si->discarding = take_cluster(k, si);
	if (si->discarding)
		machine_at(&k->machine, disk_discard(k, si->number), EVENT_DISCARD, si->number);
}

void discard_done(struct machine *m, u32 device)
{
	struct kernel *k = kernel_of(m);
	struct swap_device *si = &k->device[device];

	free_cluster(k, si->discarding - 1);
	si->discarding = 0;
	discard_schedule(k, si);
	if (si->discard_work && !si->discarding)
		bit_lock_release(m, &si->discard_work);
}

/* What the worker has begun is not waited for. */
PATH(swap_sync_discard)
{
	STEPS(LOCK_SI, UNLOCK_SI, DISCARD, LOCK_FREE, UNLOCK_FREE);
	BEGIN;
	for (f->device = 0; f->device < k->config.devices && !f->discarded; f->device++) {
		f->pinned = swap_device_get(&k->device[f->device]);
		if (!f->pinned)
			continue;
		while (k->device[f->device].list[CLUSTER_DISCARD].count) {
			spin_lock(LOCK_SI, &k->device[f->device].lock);
			f->cluster = take_cluster(k, &k->device[f->device]);
			spin_unlock(UNLOCK_SI, &k->device[f->device].lock);
			if (!f->cluster)
				break;
			wait_on(DISCARD, NULL, disk_discard(k, f->device) - m->now);
			spin_lock(LOCK_FREE, &k->device[f->device].lock);
			free_cluster(k, f->cluster - 1);
			f->cluster = 0;
			spin_unlock(UNLOCK_FREE, &k->device[f->device].lock);
			f->discarded = 1;
		}
		put_swap_device(k, f->pinned);
		f->pinned = 0;
	}
	RETURN(f->discarded);
	END;
}
