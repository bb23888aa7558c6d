/*
 * alloc_swap_folio() (mm/memory.c, 6.12-7.1): a folio for as many swapped pages around a fault as can be
 * read at once.
 *
 * They have to be in slots in a row, aligned as they are, of the same cgroup and all or none of them zeroes,
 * and none may be in the swap cache. That is looked up once under the page table's lock, and nothing claims
 * the slots yet. Once zswap is in use none are read together. The folio is
 * charged, but for a single page with charge=order-as-charged.
 */
#include "models/mm/memcg.h"
#include "models/mm/swapin.h"
#include "models/mm/thp.h"
#include "models/mm/zap.h"
#include "models/paths.h"
#include "models/swap/slots.h"
#include "models/swap/zswap.h"

static bool is_zero(const struct kernel *k, u32 entry)
{
	return k->slot[entry].stored == STORED_ZEROMAP;
}

static bool can_swapin_thp(const struct kernel *k, u32 page, u32 entry, u32 order)
{
	u32 nr = 1u << order;

	page = page_align(page, order);
	entry = page_align(entry, order);
	if (!pte_is_entry(k, page, entry) || swap_pte_batch(k, page, page + nr) != nr)
		return false;
	for (u32 i = 0; !k->release->allocs_in_cache && i < nr; i++) /* in 7.2 the swap cache looks at that */
		if (is_zero(k, entry + i) != is_zero(k, entry) || slot_is_cached(k, entry + i))
			return false;
	return true;
}

u32 suitable_orders(const struct kernel *k, u32 page, u32 entry, u32 orders)
{
	while (orders && !can_swapin_thp(k, page, entry, highest_order(orders)))
		orders &= ~(1u << highest_order(orders));
	return orders;
}

/* thp_swap_suitable_orders(): a folio's slots are aligned to its size. */
u32 swapin_orders(const struct kernel *k, u32 page, u32 entry)
{
	u32 orders = thp_allowable_orders(k, page) & ((1u << pmd_order(k)) - 1);

	if (zswap_is_enabled(k))
		return 0;
	while (orders && (page ^ entry) & ((1u << highest_order(orders)) - 1))
		orders &= ~(1u << highest_order(orders));
	return orders;
}

PATH(alloc_swap_folio)
{
	STEPS(LOCK_PTL, UNLOCK_PTL, LARGE, ALLOC);
	struct page_table *const table = page_table_of(k, f->page);

	BEGIN;
	f->orders = swapin_orders(k, f->page, f->entry);
	if (f->orders) {
		spin_lock(LOCK_PTL, &table->ptl);
		f->orders = suitable_orders(k, f->page, f->entry, f->orders);
		spin_unlock(UNLOCK_PTL, &table->ptl);
	}
	for (; f->orders; f->orders &= ~(1u << f->order)) {
		f->order = highest_order(f->orders);
		CALL(LARGE, alloc_charged_folio, .page = page_align(f->page, f->order),
		     .memcg = swap_memcg(k, f->page, f->entry), .order = (u16)f->order,
		     .gfp = (u16)thp_gfp(k, f->page));
		if (t->ret > 0)
			RETURN(t->ret);
		if (t->ret == CHARGE_FAILED)
			count_mthp(k, f->order, MTHP_SWPIN_FALLBACK_CHARGE);
		count_mthp(k, f->order, MTHP_SWPIN_FALLBACK);
	}
	CALL(ALLOC, alloc_charged_folio, .page = f->page,
	     .memcg = k->patch.charge == CHARGE_ORDER_AS_CHARGED ? 0 : swap_memcg(k, f->page, f->entry));
	RETURN(t->ret);
	END;
}
