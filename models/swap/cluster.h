/*
 * cluster.h - the lists of clusters of a device (mm/swapfile.c, 6.12 and later).
 *
 * Every cluster is on the list its flag names, or isolated (CLUSTER_NONE) by the one operation that took it
 * off. si->lock guards the lists, the cluster's lock its flag, count and slots. Order 0 only.
 */
#ifndef MODELS_SWAP_CLUSTER_H
#define MODELS_SWAP_CLUSTER_H

#include "models/kernel.h"

/* Off the list it is on; si->lock held. */
void cluster_list_del(struct kernel *k, u32 cluster);
/* At the tail of a list; si->lock held, the cluster on no list. */
void cluster_list_append(struct kernel *k, u32 cluster, enum cluster_flag list);
/* Both: move_cluster(). */
void cluster_move(struct kernel *k, u32 cluster, enum cluster_flag list);

/* The list a cluster belongs on after slots were taken (@freed: given back). */
enum cluster_flag cluster_list_for(const struct kernel *k, u32 cluster, bool freed);

/* Which list an allocation tries at which stage; FULL stands for reclaiming a full cluster, when swap is
 * getting full. NO_MORE_LISTS: there are no more stages. */
enum { NO_MORE_LISTS = NR_CLUSTER_LISTS };
u32 cluster_list_at_stage(const struct kernel *k, u32 device, u32 stage);
/* How many clusters of that list it tries at most. */
u32 cluster_tries(const struct kernel *k, u32 device, u32 list);

/* First slot from @offset on that is free, or that only the cache holds when swap is getting full; else the
 * cluster's end. */
u32 cluster_find_slot(const struct kernel *k, u32 cluster, u32 offset);
/* Where the CPU, or on a rotational device every CPU, goes on: its own for all devices, or for each (6.14).
 */
u32 *swap_hint_of(struct kernel *k, const struct task *t, struct swap_device *si);
/* Where a CPU that took @entry goes on: the next slot, 0 if the cluster is full or at its end. */
u32 cluster_slot_after(const struct kernel *k, u32 entry);

static inline bool cluster_is_full(const struct kernel *k, u32 cluster)
{
	return k->cluster[cluster].count == k->config.slots_per_cluster;
}

/* cluster_is_usable(): for order 0. */
static inline bool cluster_is_usable(const struct kernel *k, u32 cluster)
{
	const struct swap_cluster_info *ci = &k->cluster[cluster];

	return ci->flags <= CLUSTER_FRAG && (k->release->cache != SWAP_CACHE_TABLE || ci->has_table);
}

#endif
