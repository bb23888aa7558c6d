/*
 * cluster.h - the lists of clusters of a device (mm/swapfile.c, 6.12 and later).
 *
 * Every cluster is on the list its flag names, or isolated (CLUSTER_NONE) by the one operation that took it
 * off. si->lock guards the lists, the cluster's lock its flag, count and slots.
 *
 * A cluster is for folios of one order: that of the first that took slots of it when it was empty. Nonfull
 * and frag are a list for each order. Folios of order 0 take what they find in clusters of other orders when
 * there is nothing else (they steal), larger ones never do.
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

/* Names of lists: a flag, and the order where there is a list for each. */
static inline u32 list_named(enum cluster_flag flag, u32 order)
{
	return order * NR_CLUSTER_LISTS + flag;
}
static inline enum cluster_flag list_flag(u32 list)
{
	return list % NR_CLUSTER_LISTS;
}
static inline u32 list_order(u32 list)
{
	return list / NR_CLUSTER_LISTS;
}
/* The one that flag and order of a cluster name. */
static inline u32 cluster_list(const struct swap_cluster_info *ci)
{
	bool by_order = ci->flags == CLUSTER_NONFULL || ci->flags == CLUSTER_FRAG;

	return list_named(ci->flags, by_order ? ci->order : 0);
}
struct cluster_list *cluster_list_of(const struct kernel *k, u32 device, u32 list);

/* cluster_alloc_range() of slots that are counted as taken: the lists follow at once. */
void take_slots(struct kernel *k, u32 cluster, u32 slot, u32 order);

/* The list a cluster belongs on after slots were taken (@freed: given back). */
enum cluster_flag cluster_list_for(const struct kernel *k, u32 cluster, bool freed);

/* Which list an allocation for an order tries at which stage; FULL stands for reclaiming a full cluster, when
 * swap is getting full. NO_MORE_LISTS: there are no more stages. */
enum { NO_MORE_LISTS = FOLIO_ORDERS * NR_CLUSTER_LISTS };
u32 cluster_list_at_stage(const struct kernel *k, u32 device, u32 order, u32 stage);
/* How many clusters of that list it tries at most, when @failed of the nonfull ones had nothing for it. */
u32 cluster_tries(const struct kernel *k, u32 device, u32 order, u32 list, u32 failed);

/* Of the places for @nr slots from @offset on, every @nr, the first that is free, or of which only the cache
 * holds slots when swap is getting full; else the cluster's end. */
u32 cluster_find_range(const struct kernel *k, u32 cluster, u32 offset, u32 nr);
/* The same to begin with: a cluster without room for so many has nothing to offer, not even slots that only
 * the cache holds. */
u32 cluster_first_range(const struct kernel *k, u32 cluster, u32 offset, u32 nr);
bool range_is_free(const struct kernel *k, u32 entry, u32 nr);
/* cluster_alloc_range(), but for the lists and the count of free slots. */
void cluster_take_range(struct kernel *k, u32 entry, u32 order);
/* Where a CPU goes on, or on a rotational device every CPU: for all devices, or for each (6.14). */
u32 *swap_hint_of(struct kernel *k, u32 cpu, struct swap_device *si, u32 order);
u32 *swap_hint_of_cpu(struct kernel *k, u32 cpu, u32 order); /* the former, from 6.15 */
/* Where a CPU that took @nr slots at @entry goes on: behind them, 0 if the cluster is full or at its end. */
u32 cluster_slot_after(const struct kernel *k, u32 entry, u32 nr);

static inline bool cluster_is_full(const struct kernel *k, u32 cluster)
{
	return k->cluster[cluster].count == k->config.slots_per_cluster;
}

static inline bool cluster_is_usable(const struct kernel *k, u32 cluster, u32 order)
{
	const struct swap_cluster_info *ci = &k->cluster[cluster];

	return ci->flags <= CLUSTER_FRAG && (k->release->cache != SWAP_CACHE_TABLE || ci->has_table) &&
	       (!order || !ci->count || ci->order == order);
}

#endif
