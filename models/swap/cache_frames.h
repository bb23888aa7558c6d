/*
 * cache_frames.h - arguments and locals of the paths of the swap cache without SWAP_HAS_CACHE, from 7.0 on;
 * see frames.h.
 */
#ifndef MODELS_SWAP_CACHE_FRAMES_H
#define MODELS_SWAP_CACHE_FRAMES_H

#include "models/swap/frames.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded" /* state is compared byte by byte */

#define SWAP_CACHE_PATHS(X)                                                                                  \
	X(swap_put_entries_cluster)                                                                          \
	X(swap_cache_del_folio)                                                                              \
	X(swap_cache_prepare_and_add)                                                                        \
	X(swap_cache_alloc_folio)                                                                            \
	X(swapin_folio)

/* Drop a reference of each, from 7.0 on. */
struct swap_put_entries_cluster {
	u32 entry;
	u32 nr;
	u32 i;
	u32 run;	/* slots that are freed at once */
	u32 reclaim;	/* and folios that only the cache holds then */
	u32 cache_only; /* there are such */
};

/* Take a locked folio out of the cache, and free those of its slots that nobody refers to. Returns whether
 * that was done. */
struct swap_cache_del_folio {
	u32 folio;
	u32 entry;
	u32 nr;
	u32 unused; /* slots that are freed last */
	u32 evict;  /* only if nobody else wants it; leaves a shadow */
};

/* Put a new folio into the cache, locked, to be read into. Returns as read_swap_cache_async(); if there is
 * another folio, or none may be there, it is gone. */
struct swap_cache_prepare_and_add {
	u32 folio;
	u32 entry; /* of its first page */
	u32 page;  /* that is wanted */
	u32 charged;
	u32 found; /* another folio */
	u32 error;
	u32 memcg;
	u32 pad;
	u64 shadow;
};

struct swap_cache_alloc_folio {
	FRAME_OF_READ_SWAP_CACHE
};

/* Releases choose: bring in a page of a synchronous device, and what is around it if that makes a large
 * folio. Returns a folio with a reference; one that is new has been read, and is no longer locked. */
#define FRAME_OF_SWAPIN                                                                                      \
	u32 entry; /* of the page; then of the folio's first */                                              \
	u32 page;                                                                                            \
	u32 folio;
struct swapin_folio {
	FRAME_OF_SWAPIN
};

#pragma GCC diagnostic pop

#endif
