#include "models/mm/thp.h"

#include "models/paths.h"

static bool is_enabled(const struct thp_config *c, u32 order, bool madvised)
{
	enum thp_enabled e = c->size[order] == THP_INHERIT ? c->enabled : c->size[order];

	return e == THP_ALWAYS || (e == THP_MADVISE && madvised);
}

u32 thp_allowable_orders(const struct kernel *k, u32 page)
{
	const struct vma *vma = vma_of(k, page);
	u32 orders = 0;

	for (u32 order = 1; order <= k->config.max_folio_order && order <= pmd_order(k); order++) {
		u32 first = page_align(page, order);

		/* it begins no earlier: mappings have page tables of their own */
		if (first + (1u << order) <= vma->first_page + vma->pages &&
		    is_enabled(&k->config.thp, order, vma->hugepage))
			orders |= 1u << order;
	}
	return orders;
}

u32 thp_gfp(const struct kernel *k, u32 page)
{
	bool madvised = vma_of(k, page)->hugepage;

	switch (k->config.thp.defrag) {
	case THP_DEFRAG_ALWAYS:
		return GFP_NO_KSWAPD | (madvised ? 0 : GFP_NORETRY);
	case THP_DEFRAG_DEFER:
		return GFP_NO_RECLAIM;
	case THP_DEFRAG_DEFER_MADVISE:
		return madvised ? GFP_NO_KSWAPD : GFP_NO_RECLAIM;
	case THP_DEFRAG_MADVISE:
		return GFP_NO_KSWAPD | (madvised ? 0 : GFP_NO_RECLAIM);
	case THP_DEFRAG_NEVER:
		break;
	}
	return GFP_NO_KSWAPD | GFP_NO_RECLAIM;
}

void count_mthp(struct kernel *k, u32 order, enum mthp_stat stat)
{
	count_memcg(k, 0, mthp_counter(order, stat), 1);
}

void count_swpout_fallback(struct kernel *k, u32 folio, u32 order)
{
	count_mthp(k, order, MTHP_SWPOUT_FALLBACK);
	if (order >= pmd_order(k))
		count_memcg(k, k->folio[folio].memcg, THP_SWPOUT_FALLBACK, 1);
}
