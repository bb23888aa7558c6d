/*
 * zap.h - runs of swapped pages in a page table, whose lock is held.
 */
#ifndef MODELS_MM_ZAP_H
#define MODELS_MM_ZAP_H

#include "models/kernel.h"

/* Pages from swapped page @page on, below @end, that are alike and in slots in a row of one cluster and, up
 * to 7.1, of one cgroup. */
u32 swap_pte_batch(const struct kernel *k, u32 page, u32 end);
/* Clear the entries of such pages; the slots are somebody else's to free. */
void forget_swapped(struct kernel *k, u32 page, u32 n);

#endif
