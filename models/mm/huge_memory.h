/*
 * huge_memory.h - large folios for anonymous pages that are touched for the first time (mm/memory.c:
 * alloc_anon_folio(), mm/huge_memory.c: do_huge_pmd_anonymous_page(); 6.12-6.18).
 *
 * A folio as large as a page table is mapped by one entry further up. Here such a mapping is all the entries
 * of the table, which change in one step; page_table.has_ptes tells that it has become, or was from the
 * start, a table of entries, and then nothing huge is mapped there any more.
 */
#ifndef MODELS_MM_HUGE_MEMORY_H
#define MODELS_MM_HUGE_MEMORY_H

#include "models/mm/thp.h"

/* Whether nothing is mapped or swapped in pages [page, page + n). */
bool is_range_none(const struct kernel *k, u32 page, u32 n);
/* Whether the table of the page is empty, and a huge page may take its place. */
bool may_map_huge(const struct kernel *k, u32 page);
/* Map a new folio at all its pages, one of which is being written; the page table lock is held. */
void map_new_large_folio(struct kernel *k, u32 written, u32 folio);
/* An entry that maps a whole table becomes the table's entries, if there is such a one around @page. */
void split_huge_pmd(struct kernel *k, u32 page);
/* Some of its frames were unmapped for good. If others are not, reclaim will split it. */
void deferred_split_folio(struct kernel *k, u32 folio);
/* Time to clear what of a folio is more than one page. */
u64 clear_more_ns(const struct kernel *k, u32 folio);

#endif
