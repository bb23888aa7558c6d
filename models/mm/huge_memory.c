#include "models/mm/huge_memory.h"

#include "models/cpu.h"
#include "models/mm/lru.h"
#include "models/paths.h"
#include "models/recheck.h"

bool is_range_none(const struct kernel *k, u32 page, u32 n)
{
	for (u32 i = 0; i < n; i++)
		if (k->pte_flags[page + i])
			return false;
	return true;
}

bool may_map_huge(const struct kernel *k, u32 page)
{
	u32 order = pmd_order(k);

	return has_large_folios(k) && thp_allowable_orders(k, page) & 1u << order &&
	       !page_table_of(k, page)->has_ptes && is_range_none(k, page_align(page, order), 1u << order);
}

/* pmd_trans_huge(): a folio of that size begins with the table, and is mapped there. */
static bool is_mapped_huge(const struct kernel *k, u32 page)
{
	u32 order = pmd_order(k), first = page_align(page, order);

	return !page_table_of(k, page)->has_ptes &&
	       (k->pte_flags[first] & (PTE_PRESENT | PTE_ZERO)) == PTE_PRESENT &&
	       folio_order(k, page_folio(k, k->pte[first])) == order;
}

void split_huge_pmd(struct kernel *k, u32 page)
{
	if (!has_large_folios(k) || !is_mapped_huge(k, page))
		return;
	page_table_of(k, page)->has_ptes = 1;
	count_memcg(k, 0, THP_SPLIT_PMD, 1);
}

static bool is_partly_mapped(const struct kernel *k, u32 folio)
{
	for (u32 i = 0; i < folio_nr_pages(k, folio); i++)
		if (!k->folio[folio + i].mapcount)
			return folio_mapped(k, folio);
	return false;
}

/* One in the swap cache is reclaim's business already; one of two pages has no room to be queued. */
void deferred_split_folio(struct kernel *k, u32 folio)
{
	struct folio *f = &k->folio[folio];
	u32 order = folio_order(k, folio);

	if (order < 2 || f->flags & (FOLIO_SWAPCACHE | FOLIO_PARTIALLY_MAPPED) || !is_partly_mapped(k, folio))
		return;
	f->flags |= FOLIO_PARTIALLY_MAPPED;
	count_mthp(k, order, MTHP_SPLIT_DEFERRED);
	if (order == pmd_order(k))
		count_memcg(k, 0, THP_DEFERRED_SPLIT_PAGE, 1);
}

u64 clear_more_ns(const struct kernel *k, u32 folio)
{
	return (u64)(folio_nr_pages(k, folio) - 1) * k->cpu_profile->clear_page_ns;
}

/* What nobody writes stays as it was filled. */
void map_new_large_folio(struct kernel *k, u32 written, u32 folio)
{
	u32 first = k->folio[folio].page, pages = folio_nr_pages(k, folio);

	for (u32 i = 0; i < pages; i++) {
		k->pte[first + i] = folio + i;
		k->pte_flags[first + i] = PTE_PRESENT | PTE_ACCESSED | PTE_WRITE;
		k->folio[folio + i].content = page_content(k, first + i);
		k->folio[folio + i].flags |= FOLIO_EXCLUSIVE;
		frame_add_rmap(k, folio + i);
	}
	k->pte_flags[written] |= PTE_DIRTY;
	k->folio[folio].flags |= FOLIO_UPTODATE;
	k->folio[folio].refs += pages - 1;
	mm_of(k, written)->anon_pages += pages;
	count_mthp(k, folio_order(k, folio), MTHP_ANON_FAULT_ALLOC);
}

/* Of the orders that are allowed those from the largest down whose pages are all missing. What is seen here
 * without the page table's lock is looked at again under it. */
static u32 missing_orders(const struct kernel *k, u32 page)
{
	u32 orders = thp_allowable_orders(k, page) & ((1u << pmd_order(k)) - 1);

	while (orders &&
	       !is_range_none(k, page_align(page, highest_order(orders)), 1u << highest_order(orders)))
		orders &= ~(1u << highest_order(orders));
	return orders;
}

PATH(alloc_anon_folio)
{
	STEPS(LOOK, ALLOC);
	BEGIN;
	AT(LOOK);
	for (f->orders = missing_orders(k, f->page); f->orders; f->orders &= ~(1u << f->order)) {
		f->order = highest_order(f->orders);
		CALL(ALLOC, alloc_charged_folio, .page = page_align(f->page, f->order),
		     .memcg = mm_of(k, f->page)->memcg, .order = (u16)f->order,
		     .gfp = (u16)thp_gfp(k, f->page));
		if (t->ret > 0)
			RETURN(t->ret);
		if (t->ret == CHARGE_FAILED)
			count_mthp(k, f->order, MTHP_ANON_FAULT_FALLBACK_CHARGE);
		count_mthp(k, f->order, MTHP_ANON_FAULT_FALLBACK);
	}
	RETURN(0);
	END;
}

static void note_fallback(struct kernel *k, bool charge)
{
	u32 order = pmd_order(k);

	count_memcg(k, 0, THP_FAULT_FALLBACK, 1);
	count_mthp(k, order, MTHP_ANON_FAULT_FALLBACK);
	if (!charge)
		return;
	count_memcg(k, 0, THP_FAULT_FALLBACK_CHARGE, 1);
	count_mthp(k, order, MTHP_ANON_FAULT_FALLBACK_CHARGE);
}

PATH(do_huge_pmd_anonymous_page)
{
	STEPS(ALLOC, CLEAR, LOCK_PTL, LRU_ADD, UNLOCK_PTL, LOST);
	struct page_table *const table = page_table_of(k, f->page);

	BEGIN;
	CALL(ALLOC, alloc_charged_folio, .page = page_align(f->page, pmd_order(k)),
	     .memcg = mm_of(k, f->page)->memcg, .order = (u16)pmd_order(k), .gfp = (u16)thp_gfp(k, f->page));
	if (t->ret <= 0) {
		note_fallback(k, t->ret == CHARGE_FAILED);
		RETURN(false);
	}
	f->folio = t->ret;
	t->work_ns = clear_more_ns(k, f->folio);
	AT(CLEAR);
	spin_lock(LOCK_PTL, &table->ptl);
	if (recheck(k, RECHECK_HUGE_PMD, may_map_huge(k, f->page)) &&
	    !(mm_of(k, f->page)->oom & MM_UNSTABLE)) {
		map_new_large_folio(k, f->page, f->folio);
		count_memcg(k, mm_of(k, f->page)->memcg, THP_FAULT_ALLOC, 1);
		if (folio_add_lru(k, t, f->folio))
			CALL(LRU_ADD, lru_add_drain, .folio = f->folio);
		f->folio = 0;
	}
	spin_unlock(UNLOCK_PTL, &table->ptl);
	if (f->folio)
		CALL(LOST, folio_put, .folio = f->folio);
	RETURN(true);
	END;
}
