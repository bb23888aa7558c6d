#include "models/swap/cluster.h"

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
}

enum cluster_flag cluster_list_for(const struct kernel *k, u32 cluster, bool freed)
{
	if (!k->cluster[cluster].count)
		return CLUSTER_FREE;
	if (freed)
		return CLUSTER_NONFULL;
	return cluster_is_full(k, cluster) ? CLUSTER_FULL : CLUSTER_FRAG;
}
