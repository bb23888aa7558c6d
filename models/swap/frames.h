/*
 * frames.h - arguments and locals of the paths in swap/ and block/; see mm/frames.h.
 */
#ifndef MODELS_SWAP_FRAMES_H
#define MODELS_SWAP_FRAMES_H

#include "sim/types.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded" /* state is compared byte by byte */

#define SWAP_PATHS(X)                                                                                        \
	X(folio_alloc_swap)                                                                                  \
	X(swap_alloc_slow)                                                                                   \
	X(cluster_alloc_swap_entry)                                                                          \
	X(alloc_swap_scan_list)                                                                              \
	X(isolate_lock_cluster)                                                                              \
	X(swap_cluster_alloc_table)                                                                          \
	X(alloc_swap_scan_cluster)                                                                           \
	X(swap_reclaim_full_clusters)                                                                        \
	X(try_to_reclaim_swap)                                                                               \
	X(relocate_cluster)                                                                                  \
	X(swap_entry_free)                                                                                   \
	X(swap_duplicate)                                                                                    \
	X(swap_free)                                                                                         \
	X(swapcache_prepare)                                                                                 \
	X(swapcache_clear)                                                                                   \
	X(swap_cache_add_folio)                                                                              \
	X(folio_free_swap)                                                                                   \
	X(remove_mapping)                                                                                    \
	X(read_swap_cache_async)                                                                             \
	X(swap_read_folio)                                                                                   \
	X(swap_writeout)                                                                                     \
	X(zram_write_page)                                                                                   \
	X(zram_read_page)

/* Give a locked folio a slot and put it into the swap cache. Returns 0, or an error. */
struct folio_alloc_swap {
	u32 folio;
	u32 entry;
	u32 cluster; /* + 1 */
	u32 failed;
};

/* Walk the devices. Returns an entry, 0 if there is none. */
struct swap_alloc_slow {
	u32 device;
};

/* Find a slot on one device, list by list. Returns an entry, 0 if there is none. */
struct cluster_alloc_swap_entry {
	u32 device;
	u32 stage;
	u32 tries;
};

/* Returns an entry, 0 if none of the clusters tried had one. */
struct alloc_swap_scan_list {
	u32 device;
	u32 list;
	u32 tries; /* clusters to try at most */
	u32 cluster;
};

/* Returns the first cluster of the list whose lock was free, locked and off the list, + 1; 0: none. */
struct isolate_lock_cluster {
	u32 device;
	u32 list;
	u32 cluster;
};

/* Returns the cluster to use, locked, + 1; 0: none. */
struct swap_cluster_alloc_table {
	u32 cluster; /* + 1; isolated and locked */
	u32 hint;    /* v3 only: cluster + 1 of the CPU it woke on */
	u32 have_table;
};

/* Takes a slot of a locked cluster and unlocks it. Returns an entry, 0: none. */
struct alloc_swap_scan_cluster {
	u32 cluster; /* + 1 */
	u32 offset;  /* slot to begin at */
	u32 entry;
	u32 reclaimed;
};

struct swap_reclaim_full_clusters {
	u32 device;
	u32 cluster;
	u32 slot;
};

/* Free a slot that only the cache holds. Returns pages freed, negative: the folio was busy. */
struct try_to_reclaim_swap {
	u32 entry;
	u32 folio;
	u32 freed;
};

/* Put a locked cluster onto the list that fits its state. */
struct relocate_cluster {
	u32 cluster; /* + 1 */
	u32 flags;
};

/* The slot is no longer in use; its cluster is locked. */
struct swap_entry_free {
	u32 entry;
};

struct swap_duplicate {
	u32 entry;
};

struct swap_free {
	u32 entry;
};

/* Take SWAP_HAS_CACHE. Returns 0, or an error. */
struct swapcache_prepare {
	u32 entry;
	u32 error;
};

/* Drop SWAP_HAS_CACHE. */
struct swapcache_clear {
	u32 entry;
};

/* Returns whether the folio gave up its slot. */
struct folio_free_swap {
	u32 folio;
	u32 entry;
	u32 referenced;
};

/* Returns a folio with a reference, in the cache; locked if it was read just now. 0: none. */
struct read_swap_cache_async {
	u32 entry;
	u32 page;
	u32 folio;
	u32 error;
	u64 shadow; /* what the cache held before */
	u32 memcg;
	u32 referenced; /* the slot was still in use */
};

struct swap_read_folio {
	u32 folio;
	u32 entry;
};

/* Returns enum pageout_result. */
struct swap_writeout {
	u32 folio;
};

/* Put a locked folio into the cache at a slot whose SWAP_HAS_CACHE is ours. Returns 0, or an error. */
struct swap_cache_add_folio {
	u32 folio;
	u32 entry;
	u32 error;
};

/* Take an unmapped, isolated folio out of the cache, leaving a shadow. Returns whether nobody else wanted it.
 */
struct remove_mapping {
	u32 folio;
	u32 entry;
	u32 removed;
};

/* Compress a page into its slot. */
struct zram_write_page {
	u32 folio;
	u32 entry;
};

struct zram_read_page {
	u32 folio;
	u32 entry;
};

#pragma GCC diagnostic pop

#endif
