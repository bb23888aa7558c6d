/*
 * The memory of the old swap cache (up to 6.17): an XArray per 64 MiB of device, whose nodes come and go with
 * the words stored in them.
 *
 * Simplified: an array is always three levels deep while it holds anything (the kernel grows it with the
 * highest index stored), so up to two nodes more than there would be for the first 4096 slots of an array.
 * A node is allocated without sleeping (__GFP_HIGH, no reserves); the second try with the lock dropped has
 * the same limits and is left out.
 */
#include "models/swap/cache_xarray.h"

#include "models/mm/memory.h"
#include "models/swap/cache.h"

enum { MIDDLE_SHIFT = 2 * XA_LEAF_SHIFT };

/* Whether another leaf of the same middle node is in being. */
static bool middle_in_use(const struct kernel *k, u32 leaf)
{
	u32 first = leaf >> XA_LEAF_SHIFT << XA_LEAF_SHIFT;
	u32 last = (k->config.space_clusters << k->cluster_shift) >> XA_LEAF_SHIFT;

	last = leaf / last * last + last;
	for (u32 i = first; i < first + (1u << XA_LEAF_SHIFT) && i < last; i++)
		if (i != leaf && k->xa_leaf[i])
			return true;
	return false;
}

/* Nodes that storing into an empty leaf needs, or emptying it gives back. */
static u32 nodes_above(const struct kernel *k, u32 entry)
{
	u32 leaf = entry >> XA_LEAF_SHIFT;

	if (!swap_space_of(k, entry)->leaves)
		return 3;
	return middle_in_use(k, leaf) ? 1 : 2;
}

bool xarray_account(struct kernel *k, u32 entry, bool was, bool is)
{
	u8 *leaf = &k->xa_leaf[entry >> XA_LEAF_SHIFT];

	if (!was && is) {
		if (!*leaf) {
			if (!memory_above_half_min(k))
				return false;
			memory_meta_add(k, (s64)nodes_above(k, entry) * XA_NODE_BYTES);
			swap_space_of(k, entry)->leaves++;
		}
		++*leaf;
	} else if (was && !is && !--*leaf) {
		swap_space_of(k, entry)->leaves--;
		memory_meta_add(k, -(s64)nodes_above(k, entry) * XA_NODE_BYTES);
	}
	return true;
}
