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
	X(swap_extend_table_alloc)                                                                           \
	X(swap_put_entries_cluster)                                                                          \
	X(swap_cache_del_folio)                                                                              \
	X(swap_cache_prepare_and_add)                                                                        \
	X(swap_cache_alloc_folio)                                                                            \
	X(swapin_folio)                                                                                      \
	X(swap_cache_alloc)                                                                                  \
	X(swap_cache_alloc_order)                                                                            \
	X(swap_cache_read_folio)                                                                             \
	X(swapin_sync)

/* A table for counts that do not fit into words; the frame is that of add_swap_count_continuation. */
struct swap_extend_table_alloc {
	u32 entry;
	u32 atomic;
};

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
	u32 evict;  /* only if nobody else wants it */
	u32 pad;
	u64 shadow; /* that it leaves; an eviction makes its own */
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
struct swap_cache_read_folio {
	FRAME_OF_READ_SWAP_CACHE
};

/* Releases choose: bring in a page of a synchronous device, and what is around it if that makes a large
 * folio. Returns a folio with a reference; one that is new has been read, and is no longer locked. */
#define FRAME_OF_SWAPIN                                                                                      \
	u32 entry; /* of the page; in 7.0 then of the folio's first */                                       \
	u32 page;                                                                                            \
	u32 folio;                                                                                           \
	u32 fault;  /* 7.2: the page that is asked for if that is one of a segment, and */                   \
	u32 orders; /* a bit for each order that would do then */
struct swapin_folio {
	FRAME_OF_SWAPIN
};
struct swapin_sync {
	FRAME_OF_SWAPIN
};

/* A new folio in the swap cache, locked, with a reference, of one of the orders. Returns it, or a negative
 * error. */
struct swap_cache_alloc {
	u32 entry; /* of the page that is wanted */
	u32 page;
	u32 fault; /* whose process is charged if the slot has no cgroup */
	u32 orders;
	u32 order;
};
struct swap_cache_alloc_order {
	u32 entry;
	u32 page;
	u32 fault;
	u32 order;
	u32 folio;
	u32 error;
	u32 memcg;
	u32 pad;
	u64 shadow;
};

#pragma GCC diagnostic pop

#endif
