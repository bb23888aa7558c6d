/*
 * order_agreement (O8) between any two steps: the slots of a large folio in the swap cache begin at a
 * multiple of its size, in a cluster that is for folios of its order, or of a larger one that was split.
 * From 6.14 on: in 6.12 a CPU's next slot may lead into a cluster that has come to another order meanwhile.
 * Up to 6.18: later folios that are read back go into the cache as large as slots in a row make them.
 */
#include "models/aspects.h"
#include "models/invariants.h"
#include "models/mm/folio.h"
#include "models/swap/cluster.h"

static bool folio_agrees(struct kernel *k, u32 number, GString *why)
{
	const struct folio *folio = &k->folio[number];
	u32 order = folio_order(k, number), slot = k->folio_io[number].swap;
	const struct swap_cluster_info *ci = cluster_of(k, slot);

	if (slot % (1u << order) || order > k->cluster_shift)
		return invariant_fails(&k->machine, folio, why,
				       "folio %u of %u pages has slots from %u on, which it cannot", number,
				       1u << order, slot);
	if (ci->order >= order || k->release->allocator == SWAP_ALLOC_DEVICE || k->release->swapin)
		return true;
	return invariant_fails(&k->machine, ci, why,
			       "folio %u of order %u has slots from %u on in a cluster of order %u", number,
			       order, slot, ci->order);
}

/* One that is free is for whoever comes first. */
static bool cluster_agrees(struct kernel *k, u32 cluster, GString *why)
{
	const struct swap_cluster_info *ci = &k->cluster[cluster];

	if (ci->order <= MIN(k->config.max_folio_order, k->cluster_shift) &&
	    !(ci->flags == CLUSTER_FREE && !ci->count && ci->order))
		return true;
	return invariant_fails(&k->machine, ci, why, "cluster %u with %u slots in use is of order %u",
			       cluster, ci->count, ci->order);
}

static bool clusters_and_folios_agree(struct kernel *k, GString *why)
{
	for (u32 i = 0; i < k->config.devices; i++)
		for (u32 c = 0; c < k->device[i].clusters; c++)
			if (!cluster_agrees(k, k->device[i].first_cluster + c, why))
				return false;
	for (u32 f = 1; k->config.max_folio_order && f <= k->memory->folio_used; f++)
		if (k->folio[f].flags & FOLIO_SWAPCACHE && !folio_agrees(k, f, why))
			return false;
	return true;
}

static bool orders_agree(struct machine *m, GString *why)
{
	static const struct part orders = { clusters_and_folios_agree,
					    ASPECT_CLUSTERS | ASPECT_FOLIOS | ASPECT_DEVICES | ASPECT_MEMORY,
					    0, 0 };

	return part_holds(kernel_of(m), &orders, why);
}

const struct invariant order_agreement = {
	"order_agreement",
	"the slots of a folio are aligned to its size and in a cluster of its order",
	orders_agree,
};
