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
