/*
 * thp.h - which anonymous pages may be in large folios, and what their allocation may cost (mm/huge_memory.c:
 * thp_vma_allowable_orders(), vma_thp_gfp_mask(); include/linux/huge_mm.h; 6.12-6.18).
 *
 * What /sys/kernel/mm/transparent_hugepage says is in kernel_config.thp. Orders are those of a page table's
 * worth of pages and below; a set of them is a bit each. Left out: khugepaged, userfaultfd, prctl(), the
 * huge zero page (a read gets the ordinary one).
 */
#ifndef MODELS_MM_THP_H
#define MODELS_MM_THP_H

#include "models/mm/folio.h"

/* Of pages that are mapped together with @page. */
u32 thp_allowable_orders(const struct kernel *k, u32 page);
/* enum alloc_flag for a large folio around it. */
u32 thp_gfp(const struct kernel *k, u32 page);

/* Orders that a page table cannot hold more than one of: mapped by one entry further up. */
static inline u32 pmd_order(const struct kernel *k)
{
	return k->table_shift;
}
/* The largest of them; there must be one. */
static inline u32 highest_order(u32 orders)
{
	return 31 - (u32)__builtin_clz(orders);
}
/* A machine that may have large folios. */
static inline bool has_large_folios(const struct kernel *k)
{
	return k->config.max_folio_order > 0;
}
/* The first of 2^order pages around one. */
static inline u32 page_align(u32 page, u32 order)
{
	return page >> order << order;
}

/* Counted for the machine, as the kernel does. */
void count_mthp(struct kernel *k, u32 order, enum mthp_stat stat);
/* A folio that was of @order and is split, since there are no slots for all of it. */
void count_swpout_fallback(struct kernel *k, u32 folio, u32 order);

#endif
