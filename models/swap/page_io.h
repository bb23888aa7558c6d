/*
 * page_io.h - the end of the I/O of a folio (mm/page_io.c: end_swap_bio_read(), end_swap_bio_write();
 * mm/filemap.c: folio_end_writeback(); 6.12-6.18).
 */
#ifndef MODELS_SWAP_PAGE_IO_H
#define MODELS_SWAP_PAGE_IO_H

#include "models/kernel.h"

/* In an interrupt on @cpu: the page that the cache holds at @entry has been written or read. The last of a
 * folio's ends its writeback, or unlocks it. */
void end_swap_bio(struct kernel *k, u32 entry, bool write, u32 cpu);

void folio_start_writeback(struct kernel *k, u32 folio);
/* Wakes who waits for it. A page that reclaim wrote goes to the tail of its list, to be freed next. */
void folio_end_writeback(struct kernel *k, u32 folio, u32 cpu);

#endif
