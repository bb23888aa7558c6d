/*
 * frames.h - arguments and locals of the paths in swap/; see mm/frames.h.
 */
#ifndef MODELS_SWAP_FRAMES_H
#define MODELS_SWAP_FRAMES_H

#include "sim/types.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded" /* state is compared byte by byte */

#define SWAP_PATHS(X)                                                                                        \
	X(folio_alloc_swap)                                                                                  \
	X(swap_sync_discard)                                                                                 \
	X(swap_alloc_slow)                                                                                   \
	X(cluster_alloc_swap_entry)                                                                          \
	X(alloc_swap_scan_list)                                                                              \
	X(isolate_lock_cluster)                                                                              \
	X(swap_cluster_alloc_table)                                                                          \
	X(alloc_swap_scan_cluster)                                                                           \
	X(swap_reclaim_full_clusters)                                                                        \
	X(try_to_reclaim_swap)                                                                               \
	X(swap_reclaim_work)                                                                                 \
	X(swap_reclaim_worker)                                                                               \
	X(relocate_cluster)                                                                                  \
	X(get_swap_slot)                                                                                     \
	X(check_cache_active)                                                                                \
	X(drain_slots_cache_cpu)                                                                             \
	X(free_swap_slot)                                                                                    \
	X(get_swap_pages)                                                                                    \
	X(scan_swap_map_slots)                                                                               \
	X(scan_swap_map_try_ssd_cluster)                                                                     \
	X(scan_swap_map_empty)                                                                               \
	X(scan_swap_map)                                                                                     \
	X(cluster_alloc_swap_entry_locked)                                                                   \
	X(alloc_swap_scan_cluster_locked)                                                                    \
	X(swap_reclaim_full_clusters_locked)                                                                 \
	X(swapcache_free_entries)                                                                            \
	X(swap_entry_range_free)                                                                             \
	X(swap_entry_free)                                                                                   \
	X(swap_duplicate)                                                                                    \
	X(swap_count_continued)                                                                              \
	X(add_swap_count_continuation)                                                                       \
	X(swap_shmem_alloc)                                                                                  \
	X(free_swap_and_cache)                                                                               \
	X(swap_free)                                                                                         \
	X(swapcache_prepare)                                                                                 \
	X(swapcache_clear)                                                                                   \
	X(swap_cache_add_folio)                                                                              \
	X(folio_free_swap)                                                                                   \
	X(remove_mapping)                                                                                    \
	X(read_swap_cache_async)                                                                             \
	X(swap_read_folio)                                                                                   \
	X(swap_writeout)                                                                                     \
	X(swap_operation_call)                                                                               \
	X(swapon)                                                                                            \
	X(swapoff)                                                                                           \
	X(swapoff_disable)                                                                                   \
	X(swapoff_wait)                                                                                      \
	X(swapoff_slot_caches)                                                                               \
	X(try_to_unuse)                                                                                      \
	X(shmem_unuse)                                                                                       \
	X(unuse_mm)                                                                                          \
	X(swapin_readahead)                                                                                  \
	X(zswap_store)                                                                                       \
	X(zswap_load)                                                                                        \
	X(zswap_lru_walk)                                                                                    \
	X(zswap_writeback_entry)                                                                             \
	X(shrink_slab)                                                                                       \
	X(zswap_shrink_memcg)                                                                                \
	X(zswap_shrink_worker)

/* Give each page of a locked folio a slot, in a row, and put it into the swap cache. Returns 0, or an error:
 * EAGAIN, there is no cluster large enough for it. */
struct folio_alloc_swap {
	u32 folio;
	u32 order;
	u32 nr;
	u32 entry;
	u32 hint;    /* the slot to begin at */
	u32 cluster; /* + 1 */
	u16 failed;
	u16 locked; /* 7.2: the cluster, to note whom the slots are charged to */
	u16 discarded;
	u16 pinned; /* device + 1 */
};

/* Discard what waits for it on the first device that has such. Returns whether anything did. */
struct swap_sync_discard {
	u32 device;
	u32 cluster; /* + 1 */
	u16 discarded;
	u16 pinned; /* device + 1 */
};

/* Walk the devices, of which one is enough for a large folio. Returns an entry, 0 if there is none. */
struct swap_alloc_slow {
	u32 order;
	u32 folio; /* as in cluster_alloc_swap_entry */
	u32 device;
	u32 next; /* see avail.h */
	u16 tries;
	u16 pinned; /* device + 1 */
};

/* Find slots for a folio on one device, list by list. Returns an entry, 0 if there is none. */
struct cluster_alloc_swap_entry {
	u32 device;
	u32 order;
	u32 folio; /* that goes into the swap cache as the slots are taken (from 7.0); 0: not yet */
	u32 stage;
	u32 tries;
	u32 failed;  /* nonfull clusters that had none */
	u32 list;    /* see list_named() */
	u32 cluster; /* + 1 */
	u32 entry;
	u32 next; /* the slot to begin at */
};

/* Returns an entry, or, negative or 0, how many clusters were tried. */
struct alloc_swap_scan_list {
	u32 device;
	u32 order;
	u32 list; /* see list_named() */
	u32 tried;
	u32 tries; /* clusters to try at most */
	u32 cluster;
	u32 folio; /* as in cluster_alloc_swap_entry */
};

/* Returns the first cluster of the list whose lock was free, locked and off the list, + 1; 0: none. */
struct isolate_lock_cluster {
	u32 device;
	u32 list;
	u32 order; /* v3 only: what it is for */
	u32 cluster;
};

/* Returns the cluster to use, locked, + 1; 0: none. */
struct swap_cluster_alloc_table {
	u32 cluster; /* + 1; isolated and locked */
	u32 order;   /* v3 only, as is the next one */
	u32 hint;    /* cluster + 1 of the CPU it woke on */
	u32 have_table;
};

/* Takes slots of a locked cluster for a folio and unlocks it. Returns an entry, 0: none. */
struct alloc_swap_scan_cluster {
	u32 cluster; /* + 1 */
	u32 offset;  /* slot to begin at */
	u32 order;
	u32 folio; /* as in cluster_alloc_swap_entry */
	u32 nr;
	u32 entry;
	u32 slot; /* of the range that is being reclaimed */
	u32 freed;
};

struct swap_reclaim_full_clusters {
	u32 device;
	s32 to_scan; /* so many clusters, and one in any case */
	u32 cluster;
	u32 slot;
	u32 seen;
};

struct swap_reclaim_work {
	u32 device;
};

struct swap_reclaim_worker {
	u32 device; /* + 1 */
};

/* Free the slots of the folio that has this one, if only the cache holds them. Returns how many were freed,
 * 0: no folio; negative: so many it has, and they stay. */
struct try_to_reclaim_swap {
	u32 entry;
	u32 at;	      /* where its folio is looked for: there, or where one went astray */
	u32 unmapped; /* TTRS_UNMAPPED | TTRS_FULL, not TTRS_ANYWAY: not if it is mapped and swap not full */
	u32 folio;
	u32 pages;
	u32 freed;
};

/* Put a locked cluster onto the list that fits its state. */
struct relocate_cluster {
	u32 cluster; /* + 1 */
	u32 flags;
};

/* 6.12: a slot out of the CPU's cache, or fresh from a device. Returns an entry, 0: none. */
struct get_swap_slot {
	u32 cpu;
	u32 entry;
};

/* 6.12: switch the caches on or off as there are free slots. Returns whether they are on. */
struct check_cache_active {
	u32 cpu; /* the one to be drained next */
};

struct drain_slots_cache_cpu {
	u32 cpu;
};

/* 6.12: nobody needs the slot, and SWAP_HAS_CACHE is all that is left of it. */
struct free_swap_slot {
	u32 cpu;
	u32 entry;
	u32 kept;
};

/* Up to 6.14: up to @wanted slots of one device. Returns how many went into a CPU's cache, or the one slot,
 * or the first of a large folio's. */
struct get_swap_pages {
	u32 wanted;
	u32 order; /* of the folio; not 0: @wanted is 1 and @cache 0 */
	u32 cache; /* CPU + 1 whose cache is filled; 0: one slot, which is returned */
	u32 device;
	u32 next; /* see avail.h */
	u32 goal; /* reserved of the free slots */
	u32 n;	  /* taken */
	u32 entry;
	u16 tries;
	u16 pinned; /* device + 1 */
};

/* 6.1, and 6.12 on a rotational device: up to @wanted slots of a locked device. Returns as get_swap_pages. */
struct scan_swap_map_slots {
	u32 device;
	u32 cpu;
	u32 wanted;
	u32 cache; /* CPU + 1 whose cache is filled; 0: one slot */
	u32 slot;  /* to be tried */
	u32 base;  /* where the search ends */
	u32 entry;
	u32 n;	    /* taken */
	u16 ration; /* slots until others are due */
	u8 many;    /* they have been */
	u8 freed;
	u32 near;
};

/* 6.1: a slot of the CPU's cluster, or of a free one. Returns an entry, 0: there is none. */
struct scan_swap_map_try_ssd_cluster {
	u32 device;
	u32 cpu;
	u32 slot;
	u32 cluster;
};

/* Returns the first slot of a free run of the size of a cluster, 0: none. */
struct scan_swap_map_empty {
	u32 device;
	u32 slot;
	u32 first;
};

/* Search from @slot to the highest one free, then from the lowest up to @base. Returns an entry, 0: none;
 * above 32 bits whether it took long. */
struct scan_swap_map {
	u32 device;
	u32 slot;
	u32 base;
	u32 end;
	u16 ration;
	u8 lap;
	u8 many;
	u32 going;
};

/* 6.12: slots of a locked device for a folio. Returns an entry, 0: none. */
struct cluster_alloc_swap_entry_locked {
	u32 device;
	u32 order;
	u32 cpu;
	u32 list;
	u32 failed;  /* nonfull clusters that had none */
	u32 cluster; /* + 1 */
	u32 stage;
	u32 tries;
	u32 entry;
};

/* 6.12: slots of a cluster of a locked device for a folio. Returns an entry, 0: none. */
struct alloc_swap_scan_cluster_locked {
	u32 cluster; /* + 1 */
	u32 offset;  /* slot to begin at */
	u32 order;
	u32 nr;
	u32 entry;
	u32 slot; /* of the range that is being reclaimed */
};

/* 6.12: the device is locked; not while slots are reclaimed. */
struct swap_reclaim_full_clusters_locked {
	u32 device;
	s32 to_scan; /* as above */
	u32 cluster; /* + 1 */
	u32 slot;
	u32 seen;
};

/* 6.12: free @nr slots from @entry on, or @n of kernel.cached_slot from @first on, device by device. */
struct swapcache_free_entries {
	u32 entry; /* 0: the row */
	u32 nr;
	u32 first;
	u32 n;
	u32 device;
	u32 i; /* in the row */
};

/* From here on @nr slots in a row, all of one cluster; a large folio's lie in one. */

/* 6.12: the slots' device is locked. */
struct swap_entry_range_free {
	u32 entry;
	u32 nr;
};

/* The slots are no longer in use; their cluster is locked. */
struct swap_entry_free {
	u32 entry;
	u32 nr;
};

/* One more reference of each. */
struct swap_duplicate {
	u32 entry;
	u32 nr;
	u32 error;
};

struct swap_count_continued {
	u32 entry;
};

/* A page for what does not fit into swap_map. */
struct add_swap_count_continuation {
	u32 entry;
	u32 atomic;
};

struct swap_shmem_alloc {
	u32 entry;
	u32 nr;
};

/* Drop a reference of each. */
struct swap_free {
	u32 entry;
	u32 nr;
	u32 n; /* of them in hand */
	u32 i;
	u32 together; /* those that are freed at once */
	u32 pad;
	u64 later; /* 6.12: bit per slot in hand that is freed without the cluster's lock */
};

/* Drop a reference of each, and the folios that only the cache holds then. */
struct free_swap_and_cache {
	u32 entry;
	u32 nr;
	u32 i;
	u32 together;  /* as in swap_free */
	u8 cached;     /* some have a folio in the cache */
	u8 later;      /* 6.12: they are free once si->lock is had */
	u8 one_by_one; /* up to 6.14: not alike, or one; in 6.12 through the slot cache */
	u8 pinned;     /* device + 1 */
};

/* Take SWAP_HAS_CACHE of all or none. Returns 0, or an error. */
struct swapcache_prepare {
	u32 entry;
	u32 nr;
	u32 error;
};

/* Drop SWAP_HAS_CACHE of each. */
struct swapcache_clear {
	u32 entry;
	u32 nr;
	u32 put; /* put_swap_folio(): 6.12 frees those of a large folio at once, not through a CPU's cache */
	u32 n;	 /* this and all below as in swap_free */
	u32 i;
	u32 together;
	u64 later;
};

/* Returns whether the folio gave up its slots. */
struct folio_free_swap {
	u32 folio;
	u16 direct; /* 6.12: free the slot at once and not through a CPU's cache (TTRS_DIRECT) */
	u16 anyway; /* delete_from_swap_cache(): whether or not it is in use */
	u32 entry;
	u16 by_slot; /* __try_to_reclaim_swap() found it by its slot, and looks at the counts with a lock */
	u16 referenced;
};

/* A task that does nothing else than one of kernel_config.swap_operation. */
struct swap_operation_call {
	u32 operation;
};

/* This and the next: return 0, or an error. */
struct swapon {
	u32 device;
};

struct swapoff {
	u32 device;
	u32 error;
	u64 start;
};

struct swapoff_disable {
	u32 device;
	u32 error;
};

struct swapoff_wait {
	u32 device;
	u32 cluster;
};

/* Up to 6.14: empty the slot caches, and have them not used. */
struct swapoff_slot_caches {
	u32 cpu;
};

/* Read back all that is on the device. Returns 0, or an error. */
struct try_to_unuse {
	u32 device;
	u32 mm;
	u32 slot;
	u32 folio;
};

/* Of all segments. Returns 0, or an error. */
struct shmem_unuse {
	u32 device;
	u32 mm;
	u32 page;
	u32 end;
	u32 folio;
};

/* Of one process. Returns 0, or an error. */
struct unuse_mm {
	u32 mm;
	u32 device;
	u32 page;
	u32 stop; /* end of the page table in hand */
	u32 entry;
	u32 folio;
	u32 error;
};

/* Read what a fault on @page needs, and what is around it. Returns the folio with a reference, 0: none. */
struct swapin_readahead {
	u32 entry;
	u32 page;
	u32 next; /* of the window, pages or slots */
	u32 end;
	u32 folio;
	u32 neighbour; /* the slot in hand */
	u16 is_new;
	u16 by_slots; /* the window is one of slots */
	u32 window;
};

/* Releases choose one of these. Returns a folio with a reference, in the cache; SWAPIN_NEW if it is new,
 * locked and wants to be read into. 0: none. */
#define FRAME_OF_READ_SWAP_CACHE                                                                             \
	u32 entry;                                                                                           \
	u32 page;                                                                                            \
	u8 skip_if_exists; /* do not wait for who has claimed the slot */                                    \
	u8 pin;		   /* nothing else keeps its device alive */                                         \
	u8 pinned;	   /* device + 1 */                                                                  \
	u8 referenced;	   /* the slot was still in use */                                                   \
	u32 folio;                                                                                           \
	u32 error;                                                                                           \
	u32 memcg;                                                                                           \
	u64 shadow; /* what the cache held before */
struct read_swap_cache_async {
	FRAME_OF_READ_SWAP_CACHE
};

/* Into all pages of the folio, from @entry on. Returns enum read_result. */
struct swap_read_folio {
	u32 folio;
	u32 entry;
	u16 waits;   /* for the end of the read */
	u16 stalled; /* the page had been in use: the task's time here is a memory stall */
};

/* Returns enum pageout_result. */
struct swap_writeout {
	u32 folio;
	u32 resumed; /* __swap_writepage() alone: to the device, whatever the page is */
	u32 zero;
};

/* Put a locked folio into the cache from a slot on; their SWAP_HAS_CACHE is ours. Returns 0, or an error. */
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

/* Keep the pages of a folio that is about to be written to its slots. Returns whether they are kept, all of
 * them. */
struct zswap_store {
	u32 folio;
	u32 cpu; /* whose buffer is used */
	u32 bytes;
	u32 entry;
	u32 i;
};

/* Read what is kept of a slot, which must be something. */
struct zswap_load {
	u32 folio;
	u32 slot;
	u32 entry;
	u32 cpu;
};

/* Look at entries of a cgroup's list and write them back. Returns how many were, and ZSWAP_WALK_STOPPED if
 * the walk came upon one that is being swapped in. */
struct zswap_lru_walk {
	u32 memcg;
	u32 nr_to_walk;
	u32 dynamic; /* for the shrinker: it stops there */
	u32 entry;
	u32 written;
};

/* Write what is kept to the device. Returns 0, or an error. */
struct zswap_writeback_entry {
	u32 entry; /* a name, until it is found in the tree again */
	u32 slot;
	u32 page;
	u32 folio;
	u16 cpu;
	u16 pinned; /* 7.2: device + 1 */
};

/* Of one cgroup, at the task's present priority of reclaim. */
struct shrink_slab {
	u64 freeable;
	u64 deferred;
	u64 delta;
	u64 total; /* still to be looked at */
	u64 scanned;
	u32 memcg;
	u32 batch;
};

/* Returns 0, or an error. */
struct zswap_shrink_memcg {
	u32 memcg;
};

struct zswap_shrink_worker {
	u32 memcg; /* + 1 */
	u32 attempts;
	u32 failures;
};

#pragma GCC diagnostic pop

#endif
