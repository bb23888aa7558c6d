/*
 * The memory of the old swap cache (up to 6.17): an XArray per 64 MiB of device, whose nodes come and go with
 * the words stored in them.
 *
 * Simplified: an array is always three levels deep while it holds anything (the kernel grows it with the
 * highest index stored), so up to two nodes more than there would be for the first 4096 slots of an array.
 * A node is allocated without sleeping (__GFP_HIGH, no reserves); the second try with the lock dropped has
 * the same limits and is left out. Leaves that hold nothing but shadows are never taken back
 * (shadow_shrinker).
 */
#include "models/swap/cache_xarray.h"

#include "models/mm/displace.h"
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

bool xarray_account(struct kernel *k, u32 entry, u64 was, u64 is)
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
	k->xa_shadows[entry >> XA_LEAF_SHIFT] += (word_shadow(is) != 0) - (word_shadow(was) != 0);
	return true;
}

/* Of the head of the list, which has the lock; of the leaves before and behind, which come together; and the
 * first once more, for a count that is written when the lock was let go. */
enum { LINES_OF_LIST = 3 };

void xarray_update_list(struct kernel *k, struct task *t, u32 entry, u64 was, u64 is)
{
	u32 words = k->xa_leaf[entry >> XA_LEAF_SHIFT], shadows = k->xa_shadows[entry >> XA_LEAF_SHIFT];
	u32 words_before = words + !is - !was;
	u32 shadows_before = shadows - (word_shadow(is) != 0) + (word_shadow(was) != 0);
	bool on = words && words == shadows, was_on = words_before && words_before == shadows_before;

	if (was && !words)
		displace_call_rcu(k, t->cpu); /* the leaf is freed (radix_tree_node_rcu_free()) */
	if (on != was_on)
		line_take(&k->machine, t, &k->swap->shadow_nodes, LINES_OF_LIST);
}
