#include "models/swap/cluster.h"

#include "models/swap/cache.h"
#include "models/swap/discard.h"
#include "models/swap/slot_cache.h"
#include "models/swap/slots.h"

struct cluster_list *cluster_list_of(const struct kernel *k, u32 device, u32 list)
{
	u32 order = list_order(list), frag = list_flag(list) == CLUSTER_FRAG;

	if (!order)
		return &k->device[device].list[list];
	return &k->order_list[((order - 1) * k->config.devices + device) * 2 + frag];
}

void cluster_list_del(struct kernel *k, u32 cluster)
{
	struct swap_cluster_info *ci = &k->cluster[cluster];
	struct cluster_list *list;

	if (ci->flags == CLUSTER_NONE)
		return;
	list = cluster_list_of(k, ci->device, cluster_list(ci));
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
	struct cluster_list *list;

	BUG_ON(ci->flags != CLUSTER_NONE);
	ci->flags = flags;
	list = cluster_list_of(k, ci->device, cluster_list(ci));
	ci->prev = list->tail;
	ci->next = 0;
	if (list->tail)
		k->cluster[list->tail - 1].next = cluster + 1;
	else
		list->head = cluster + 1;
	list->tail = cluster + 1;
	list->count++;
	if (flags != CLUSTER_FREE)
		return;
	ci->order = 0;
	if (ci->has_table)
		swap_table_free(k, cluster);
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
	const struct swap_device *si = &k->device[k->cluster[cluster].device];

	if (!k->cluster[cluster].count)
		return si->discards && si->flags & SWP_WRITEOK ? CLUSTER_DISCARD : CLUSTER_FREE;
	if (freed)
		return CLUSTER_NONFULL;
	return cluster_is_full(k, cluster) ? CLUSTER_FULL : CLUSTER_FRAG;
}

/* Frag, then nonfull, of one order after the other. */
static u32 list_to_steal_from(const struct kernel *k, u32 i)
{
	u32 order = 1 + i / 2;

	if (order > MIN(k->config.max_folio_order, k->cluster_shift))
		return NO_MORE_LISTS;
	return list_named(i % 2 ? CLUSTER_NONFULL : CLUSTER_FRAG, order);
}

u32 cluster_list_at_stage(const struct kernel *k, u32 device, u32 order, u32 stage)
{
	static const u8 nonfull_first[] = { CLUSTER_NONFULL, CLUSTER_FREE, CLUSTER_FULL, CLUSTER_FRAG };
	static const u8 discarded_first[] = { CLUSTER_FREE, CLUSTER_NONFULL, CLUSTER_FULL, CLUSTER_FRAG };
	static const u8 free_first[] = { CLUSTER_FREE, CLUSTER_FULL, CLUSTER_NONFULL, CLUSTER_FRAG };
	const u8 *lists = !k->patch.nonfull_first      ? free_first
			  : k->device[device].discards ? discarded_first
						       : nonfull_first;

	if (stage >= ARRAY_SIZE(free_first))
		return order ? NO_MORE_LISTS : list_to_steal_from(k, stage - ARRAY_SIZE(free_first));
	if (lists[stage] == CLUSTER_FREE || lists[stage] == CLUSTER_FULL)
		return lists[stage];
	return list_named(lists[stage], order);
}

/*
 * All nonfull clusters there are, one free one; of the frag list one (6.18), or as many as it had before
 * those nonfull ones that had nothing came there (up to 6.17). All there are of those to steal from; one that
 * has nothing goes to the tail of frag. A folio as large as a cluster needs a free one.
 */
u32 cluster_tries(const struct kernel *k, u32 device, u32 order, u32 list, u32 failed)
{
	u32 clusters = cluster_list_of(k, device, list)->count;

	if (list_flag(list) == CLUSTER_FREE)
		return 1;
	if (list_order(list) != order)
		return clusters;
	if (order == k->cluster_shift)
		return 0;
	if (list_flag(list) == CLUSTER_NONFULL)
		return UINT32_MAX;
	return k->patch.nonfull_first ? 1 : clusters - MIN(failed, clusters);
}

bool range_is_free(const struct kernel *k, u32 entry, u32 nr)
{
	for (u32 i = entry; i < entry + nr; i++)
		if (!slot_is_free(k, i))
			return false;
	return true;
}

/* cluster_scan_range() */
static bool may_be_had(const struct kernel *k, u32 entry, u32 nr, bool reclaim)
{
	for (u32 i = entry; i < entry + nr; i++)
		if (!slot_is_free(k, i) && !(reclaim && slot_is_cache_only(k, i)))
			return false;
	return true;
}

/* Most searches are for one free slot, and go past hundreds. */
static u32 find_free_slot(const struct kernel *k, u32 offset, u32 end)
{
	if (has_cache_bit(k))
		while (offset < end && k->slot[offset].map)
			offset++;
	else
		while (offset < end && !slot_is_free(k, offset))
			offset++;
	return offset;
}

u32 cluster_find_range(const struct kernel *k, u32 cluster, u32 offset, u32 nr)
{
	u32 end = cluster_end(k, cluster);
	bool reclaim = vm_swap_full(k);

	if (nr == 1 && !reclaim)
		return find_free_slot(k, offset, end);
	while (offset < end && !may_be_had(k, offset, nr, reclaim))
		offset += nr;
	return offset;
}

u32 cluster_first_range(const struct kernel *k, u32 cluster, u32 offset, u32 nr)
{
	bool has_room = k->cluster[cluster].count + nr <= k->config.slots_per_cluster;

	return has_room ? cluster_find_range(k, cluster, offset, nr) : cluster_end(k, cluster);
}

void cluster_take_range(struct kernel *k, u32 entry, u32 order)
{
	struct swap_cluster_info *ci = cluster_of(k, entry);

	if (!ci->count)
		ci->order = order;
	swap_range_alloc(k, entry, 1u << order);
}

u32 cluster_slot_after(const struct kernel *k, u32 entry, u32 nr)
{
	u32 cluster = entry >> k->cluster_shift;

	return entry && !cluster_is_full(k, cluster) && entry + nr < cluster_end(k, cluster) ? entry + nr : 0;
}

/* Of the CPUs, then of the devices. */
static u32 *order_hint(struct kernel *k, u32 i, u32 order)
{
	return &k->order_hint[(order - 1) * (k->machine.cpus + k->config.devices) + i];
}

u32 *swap_hint_of_cpu(struct kernel *k, u32 cpu, u32 order)
{
	return order ? order_hint(k, cpu, order) : &((struct percpu *)percpu_of(&k->machine, cpu))->swap_hint;
}

u32 *swap_hint_of(struct kernel *k, u32 cpu, struct swap_device *si, u32 order)
{
	if (si->rotational)
		return order ? order_hint(k, k->machine.cpus + si->number, order) : &si->global_next;
	if (k->release->slot_caches)
		return next_slot_of(k, si->number, cpu, order);
	return swap_hint_of_cpu(k, cpu, order);
}
