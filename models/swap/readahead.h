/*
 * readahead.h - what a hit in the swap cache tells readahead (mm/swap_state.c: swap_cache_get_folio() up to
 * 6.17, swap_update_readahead() in 6.18).
 */
#ifndef MODELS_SWAP_READAHEAD_H
#define MODELS_SWAP_READAHEAD_H

#include "models/kernel.h"

/* A fault on @page found @folio in the cache. Every hit is the place of the last fault; one on a page that
 * was read ahead makes the next window larger, and because PG_readahead is PG_reclaim, a page that is being
 * written loses its way to the tail. */
void swap_update_readahead(struct kernel *k, u32 page, u32 folio);

#endif
