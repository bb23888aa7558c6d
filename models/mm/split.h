/*
 * split.h - a large folio made into folios of one page (mm/huge_memory.c: __folio_split(); 6.12-6.18).
 *
 * In the kernel the entries that map it are migration entries for a while, and who meets one waits; here it
 * is one step. Left out: splits to other orders than 0; the queue of folios that are partly mapped and its
 * shrinker, so these are split when reclaim comes to them; the zero page in place of frames that are all
 * zero.
 */
#ifndef MODELS_MM_SPLIT_H
#define MODELS_MM_SPLIT_H

#include "models/kernel.h"

/* can_split_folio(): nobody but those who map it, the swap cache and the caller holds it. */
bool can_split_folio(const struct kernel *k, u32 folio);
/* The folio is locked, and one reference is the caller's. False, and nothing changed: somebody else holds it,
 * or it is being written. Otherwise the head stays the caller's, locked; the other frames go to the tail of
 * @list, each with a reference, or if that is NULL next to the head on its LRU list; then those that nothing
 * refers to are free. Whoever gives a list has the folio isolated. */
bool split_folio(struct kernel *k, u32 folio, struct folio_list *list);
/* MADV_PAGEOUT and MADV_FREE of mapped pages [page, end) of one table, which is locked: *@pages are those
 * from @page on to be treated as one. A folio that is in the range in part is split; false: that cannot be.
 */
bool split_for_advice(struct kernel *k, u32 page, u32 end, u32 *pages);
/* What it takes. */
u64 split_ns(const struct kernel *k, u32 folio);

#endif
