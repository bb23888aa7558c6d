#include "models/swap/cluster.h"

#include "models/swap/discard.h"
#include "models/swap/slots.h"

static struct cluster_list *list_of(struct kernel *k, u32 cluster, u32 flags)
{
	return &k->device[k->cluster[cluster].device].list[flags];
}

void cluster_list_del(struct kernel *k, u32 cluster)
{
	struct swap_cluster_info *ci = &k->cluster[cluster];
	struct cluster_list *list = list_of(k, cluster, ci->flags);

	if (ci->flags == CLUSTER_NONE)
		return;
	if (ci->prev)
		k->cluster[ci->prev - 1].next = ci->next;
	else
		list->head = ci->next;
	if (ci->next)
		k->cluster[ci->next - 1].prev = ci->prev;
	else
		list->tail = ci->prev;
	list->count--;
	ci->prev = ci->next = 0;
	ci->flags = CLUSTER_NONE;
}

void cluster_list_append(struct kernel *k, u32 cluster, enum cluster_flag flags)
{
	struct swap_cluster_info *ci = &k->cluster[cluster];
	struct cluster_list *list = list_of(k, cluster, flags);

	BUG_ON(ci->flags != CLUSTER_NONE);
	ci->prev = list->tail;
	ci->next = 0;
	if (list->tail)
		k->cluster[list->tail - 1].next = cluster + 1;
	else
		list->head = cluster + 1;
	list->tail = cluster + 1;
	list->count++;
	ci->flags = flags;
}

void cluster_move(struct kernel *k, u32 cluster, enum cluster_flag list)
{
	cluster_list_del(k, cluster);
	cluster_list_append(k, cluster, list);
	if (list == CLUSTER_DISCARD)
		discard_schedule(k, &k->device[k->cluster[cluster].device]);
}

enum cluster_flag cluster_list_for(const struct kernel *k, u32 cluster, bool freed)
{
	if (!k->cluster[cluster].count)
		return k->device[k->cluster[cluster].device].discards ? CLUSTER_DISCARD : CLUSTER_FREE;
	if (freed)
		return CLUSTER_NONFULL;
	return cluster_is_full(k, cluster) ? CLUSTER_FULL : CLUSTER_FRAG;
}

u32 cluster_list_at_stage(const struct kernel *k, u32 device, u32 stage)
{
	static const u8 nonfull_first[] = { CLUSTER_NONFULL, CLUSTER_FREE, CLUSTER_FULL, CLUSTER_FRAG };
	static const u8 discarded_first[] = { CLUSTER_FREE, CLUSTER_NONFULL, CLUSTER_FULL, CLUSTER_FRAG };
	static const u8 free_first[] = { CLUSTER_FREE, CLUSTER_FULL, CLUSTER_NONFULL, CLUSTER_FRAG };

	if (stage >= ARRAY_SIZE(free_first))
		return NO_MORE_LISTS;
	if (!k->patch.nonfull_first)
		return free_first[stage];
	return k->device[device].discards ? discarded_first[stage] : nonfull_first[stage];
}

/* All nonfull clusters there are, one free one; of the frag list one (6.18), or as many as it had (up to
 * 6.17). */
u32 cluster_tries(const struct kernel *k, u32 device, u32 list)
{
	if (list == CLUSTER_FREE || (list == CLUSTER_FRAG && k->patch.nonfull_first))
		return 1;
	return list == CLUSTER_FRAG ? k->device[device].list[list].count : UINT32_MAX;
}

u32 cluster_find_slot(const struct kernel *k, u32 cluster, u32 offset)
{
	u32 end = cluster_end(k, cluster);
	bool reclaim = vm_swap_full(k);

	while (offset < end && k->slot[offset].map && !(reclaim && slot_is_cache_only(k, offset)))
		offset++;
	return offset;
}

u32 cluster_slot_after(const struct kernel *k, u32 entry)
{
	u32 cluster = entry >> k->cluster_shift;

	return entry && !cluster_is_full(k, cluster) && entry + 1 < cluster_end(k, cluster) ? entry + 1 : 0;
}
