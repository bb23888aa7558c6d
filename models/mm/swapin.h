/*
 * swapin.h - what faults on swapped pages (swapin.c), those of shared memory (shmem_swapin.c) and swapoff
 * (swap/unuse.c) have in common.
 */
#ifndef MODELS_MM_SWAPIN_H
#define MODELS_MM_SWAPIN_H

#include "models/kernel.h"

/* pte_same(): the page is still swapped to that slot; its page table is locked. */
bool pte_is_entry(const struct kernel *k, u32 page, u32 entry);
/* Map what was read from the page's slot; the page table is locked. @flags: PTE_WRITE, PTE_ACCESSED,
 * PTE_DIRTY.
 * @exclusive: no other process has it, else it belongs to the oldest that may have. The mapping takes over a
 * reference to the folio. */
void map_swapped_page(struct kernel *k, u32 page, u32 frame, u32 flags, bool exclusive);

/* What whoever has claimed the slots from @entry on does with the folio before it reads into it, around the
 * swap cache. True as workingset_refault(). */
bool swapin_start_bypass(struct kernel *k, const struct task *t, u32 folio, u32 entry);
/* Orders of folios that may be read for a page that is swapped to @entry, a bit each; those of them from the
 * largest on for which its neighbours are swapped as they must be, with the page table locked. */
u32 swapin_orders(const struct kernel *k, u32 page, u32 entry);
u32 suitable_orders(const struct kernel *k, u32 page, u32 entry, u32 orders);
/* Fails the machine unless the frame holds what was last written to the page; @how: "was mapped". */
void swapin_check_content(struct kernel *k, u32 page, u32 frame, const char *how);

#endif
