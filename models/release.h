/*
 * release.h - kernel releases as data: a design, an allocator order and a set of patches.
 *
 * A patch is one named switch, usually a fix that can be taken out. Its release default is in the table of
 * release.c; "6.18+table-alloc=v3" is release 6.18 with one patch changed. A new patch is a field here, a row
 * there and an `if (k->patch.x == ...)` around the block it is about.
 */
#ifndef MODELS_RELEASE_H
#define MODELS_RELEASE_H

#include <glib.h>

#include "sim/types.h"

/* What guards clusters and slots while slots are taken and freed. */
enum swap_allocator {
	SWAP_ALLOC_SCAN,    /* si->lock around everything; slots are searched for in swap_map (6.1) */
	SWAP_ALLOC_DEVICE,  /* si->lock around everything (6.12, 6.13) */
	SWAP_ALLOC_CLUSTER, /* the cluster's lock; si->lock for the lists only (from 6.14) */
};

/* The slots that CPUs keep for themselves, see swap/slot_cache.h. */
enum slot_caches {
	SLOT_CACHES_NONE, /* from 6.15 */
	SLOT_CACHES_TAKE, /* slots to hand out (6.14) */
	SLOT_CACHES_BOTH, /* and slots to give back (up to 6.13) */
};

/* What holds the swap cache. */
enum swap_cache_design {
	SWAP_CACHE_XARRAY, /* an XArray per 64 MiB of device (up to 6.17) */
	SWAP_CACHE_TABLE,  /* a table per cluster, allocated on demand (from 6.18) */
};

/* What says how many references a slot has, and that it is in the swap cache. */
enum slot_state {
	SLOT_MAP_AND_BIT, /* swap_map; its bit SWAP_HAS_CACHE, beside what the swap cache holds (up to 6.18)
			   */
	SLOT_MAP,	  /* swap_map; a folio in the table (7.0) */
	SLOT_WORD,	  /* the table's word (from 7.1) */
};

enum { PATCH_OFF, PATCH_ON };
enum { PLUG_PEEK_NEWEST, PLUG_PEEK_OLDEST, PLUG_PEEK_TOTAL, PLUG_PEEK_NESTED };
enum { SLOT_RECHECK_OFF, SLOT_RECHECK_ASTRAY, SLOT_RECHECK_ON };
enum { RACE_SLEEP_TICK, RACE_SLEEP_RESCHED, RACE_SLEEP_SPIN };
enum { TABLE_ALLOC_NONE, TABLE_ALLOC_V3, TABLE_ALLOC_V4 };
enum { CHARGE_IN_CLAIM, CHARGE_BEFORE_INSERT, CHARGE_AFTER_INSERT, CHARGE_ORDER_AS_CHARGED };

struct patches {
	/* Set of enum recheck: what is not looked at again behind a lock. No release has any. */
	u64 unchecked;

	u8 bypass_pin;	    /* 13ddaf26be32 (6.8): a bypassing swap-in claims the slot first */
	u8 race_wait_queue; /* 01626a1823024 (6.12): the loser of that race is woken early */
	u8 race_sleep; /* cbab0e4eec29 (3.10), 029c4628b2eb (5.18): what who finds a slot claimed does then */
	u8 nonfull_first; /* 6.18 (Aug 2025): partly used clusters before free ones, one frag cluster only */
	u8 cluster_shuffle;   /* up to 6.17: successive free clusters are 64 MiB apart */
	u8 stats_ratelimited; /* 2024-08 (6.12): reclaim goes by cgroup statistics up to 2 s old */
	u8 plug_peek;	      /* e70c301faece (6.12 stable, 6.13): which request says that a plug is full */
	u8 zswap_skip_if_exists;      /* a65b0e7607cc (6.8): see swap/zswap_writeback.c */
	u8 zswap_bypass_keeps;	      /* 25cd241408a2 (6.9): see swap/zswap_io.c */
	u8 continuation_lock;	      /* 2628bd6fc052 (4.15): see swap/continuation.c */
	u8 zram_read_keeps;	      /* e914d8f00391 (5.18): this and the next: see block/zram.c */
	u8 zram_free_at_install;      /* ce4be9e4307c (6.17), of a bug of 6.15 */
	u8 shmem_split_before_insert; /* 058313515d5a (6.14): this and the next two: mm/shmem_swapin.c */
	u8 shmem_fallback_cached;     /* a05dd8ae5cbb (6.16) */
	u8 shmem_verify_before_split; /* 5c241ed8d031 (6.17) */
	u8 shmem_free_swap_order;     /* 8a1968bd997f (6.12, 6.18 stable, 7.0): mm/shmem_truncate.c */
	u8 shmem_truncate_advances;   /* 2030dddf9545 (the same) */
	u8 swap_device_ref;	 /* 63d8620ecf93, 2799e77529c2 (5.14): this and the next two: device_ref.h */
	u8 shmem_device_ref;	 /* 2efa33fc7f6e (5.14) */
	u8 zap_device_ref;	 /* 82b1c07a0af6 (6.9) */
	u8 readahead_device_ref; /* 1c2a936edd71 (6.18) */
	u8 scan_writeok_recheck; /* 0ec8bc9e880e (6.12): see swap/slots.h, swap/swapoff.c */
	u8 avail_list_recheck;	 /* 6fe7d6b99255 (6.3): see swap/swapoff.c */
	u8 reclaim_slot_recheck; /* fae859550531 (6.15) and its fix in 6.18: see swap/scan.c */
	u8 uffd_move_cached;	 /* c50f8e6053b0 (6.14): this and the next: see mm/uffd_move.c */
	u8 uffd_move_recheck;	 /* 0ea148a79919 (6.16) */
	u8 unuse_stable_mm;	 /* 1367da7eb875 (6.17.1), of a bug of 6.8: see swap/unuse.c */
	u8 shmem_mark_first;	 /* 826267cf1e6c (2.6.39): see mm/shmem_writeout.c */
	u8 table_alloc; /* how a swap table is allocated when that has to sleep; see swap/table_alloc.c */
	u8 charge;	/* 9acbe135588e (7.0-rc): see swap/cache_alloc.c */
	u8 mglru_reactivates;	/* 2026-04 (6.12.114, 7.2): this and the next: see mm/mglru.c */
	u8 mglru_resets_tiers;	/* 2024-10 (6.13, 6.12.114): superseded by 6.14 */
	u8 memcg_swapout_first; /* Jan 2026 (7.0, never without): see swap/cache_del.c */
};

struct release {
	const char *name;
	const char *summary;
	enum swap_cache_design cache;
	enum swap_allocator allocator;
	enum slot_caches slot_caches;
	enum slot_state slots;
	u16 swapin; /* path that brings a page of a synchronous device in, through the swap cache; 0: there is
		       none, do_swap_page() goes around it (up to 6.18) */
	u16 word_flags;	     /* highest bits of a word that say no more of a shadow or folio (from 7.1) */
	u16 more_counts;     /* path that makes room for a count that does not fit */
	u16 read_swap_cache; /* path that gives a slot a folio in the swap cache to be read into */
	u32 cluster_bytes;   /* sizeof(struct swap_cluster_info) there */
	u32 lru_batch;	     /* pages gathered per CPU before they go onto an LRU list */
	u32 memcg_stocks;    /* cgroups whose charges a CPU caches */
	u32 full_walk;	     /* a fruitless reclaim is repeated with a full cgroup walk (from 6.12) */
	u32 swapin_pins;     /* who reads a page into the swap cache holds its device (up to 6.14) */
	u32 exec_ahead;	     /* executable files are read from the fault on, not around it (from 6.17) */
	u32 busy_is_no_hit;  /* a page of a file that is being read is no hit for its readahead (from 6.18) */
	u32 shmem_bypass;    /* shared memory is read around the swap cache, too, if the device is synchronous
				(from 6.14) */
	u32 shmem_splits_near; /* a large entry is split no further than it has to be (from 6.15) */
	u32 shmem_takes_back;  /* and is no longer swapped if it cannot be written (from 6.17) */
	u32 zswap_large;       /* zswap takes large folios, page by page (from 6.13) */
	u32 zswap_keeps_raw;   /* zswap keeps a page that does not get smaller (from 6.18) */
	u32 lazyfree_held; /* reclaim makes what MADV_FREE gave up an ordinary page if somebody holds it, too
			      (up to 6.14) */
	u32 writes_zeroes; /* pages of zeroes are written like others (up to 6.11) */
	u32 claims_first; /* who swaps in around the cache claims the slot before it allocates (up to 6.11) */
	u32 maps_read_only; /* a read fault maps a swapped page read-only, though it is nobody else's (6.1) */
	u32 waits_in_read;  /* a page read without neighbours is waited for where it is read (6.1) */
	u32 races_afresh;   /* who finds a slot claimed frees its page, sleeps and allocates another (6.1) */
	u32 frees_singly;   /* swapped pages of a range are freed one by one (6.1) */
	u32 puts_singly;    /* references to slots in a row are given up one by one, unless a range that is
			       unmapped has all that there are (up to 6.14) */
	u32 batches_isolate;   /* a page that waits in a batch to be moved is off its list meanwhile (6.14) */
	u32 notes_no_cost;     /* a scan of a list that cost nothing is noted, too (up to 6.14) */
	u32 costs_at_putback;  /* what it cost is noted as pages go back, under that lock (6.17 to 7.0) */
	u32 merges_oldest;     /* what continues the oldest request of a plug becomes part of it, and not the
				  newest's (6.14) */
	u32 pageouts_cost;     /* the cost of a list is what was written of it, and nothing else (6.1) */
	u32 mglru_recent_only; /* multi-gen LRU: only recent refaults count, and what is activated is what is
				  protected (6.1) */
	u32 mglru_ages_along;  /* multi-gen LRU: who ages goes on to evict, and leaves off when enough was
				  swapped (6.1) */
	u32 mglru_waits;       /* multi-gen LRU: who cannot age waits for those who do (up to 6.3) */
	u32 mglru_numbers;     /* multi-gen LRU: many used neighbours are numbered, not activated (6.1) */
	u32 mglru_reworked;    /* multi-gen LRU: refaults, tiers and references are judged anew (from 6.14) */
	u32 preempts_lazily; /* as distributions build it: a woken task waits for the tick, or until who runs
				goes back to user mode (PREEMPT_LAZY; from 6.13) */
	u32 mglru_scans_asked; /* multi-gen LRU: a batch is no more than priority asks for, and of a protected
				  cgroup less is looked at (from 6.17) */
	u32 mglru_stops; /* multi-gen LRU: a cgroup's reclaim leaves off, too, when it has what it wanted
			    (from 7.1) */
	u32 mglru_restructured; /* multi-gen LRU: how much is looked at is settled once, who ages goes on to
				   evict, and a page is promoted when it is used again (7.2) */
	u32 hopeless_until_balanced; /* a daemon that gave up begins again when the machine has memory, not
					when anybody reclaims something (from 7.0) */
	u32 counts_all_direct;	     /* the machine's direct reclaim has that of cgroups in it (from 7.1) */
	u32 no_zswap;		     /* zswap was another one (6.1: frontswap), which is not modelled */
	u32 shmem_counts_splits; /* shared memory that is split since it gets no slots is counted (from 7.0)
				  */
	u32 equal_priorities;	 /* devices that are given none have the same priority (from 6.19) */
	u32 no_uffd_move;	 /* there is no UFFDIO_MOVE (up to 6.7) */
	u32 cgroup_in_cluster;	 /* the cgroups of slots are kept with the cluster's table, and zeroes are a
				    flag of the word (7.2) */
	u32 counts_unlocked;  /* whether a folio's slots are referred to is seen without a lock (from 7.1) */
	u32 extend_rechecked; /* an extend table is attached, and kept, only as long as a count needs it (7.2)
			       */
	u32 tries_anew;	      /* each try of a charge decides whether reclaim may swap (from 7.1) */
	u32 reaped_not_charged; /* whose memory the OOM reaper has taken is refused every charge (7.2) */
	u32 allocs_in_cache;	/* the swap cache allocates a folio itself, of an order that there is room for
				   (7.2) */
	struct patches patches;
};

struct patch_info {
	const char *name;
	const char *meaning;
	const char *const *values; /* NULL-terminated; "" is a value this release does not have */
	u32 offset;		   /* in struct patches */
};

const struct release *release_list(u32 *n);
const struct patch_info *patch_list(u32 *n);

/* "+PATCH=VALUE..." for what that version of its stable series had beyond what is modelled: 6.12 is 6.12.107.
 */
const char *release_stable_patches(const struct release *release, s32 version);

/* Whether zswap is modelled as it was there; the error says that it is not. */
bool release_has_zswap(const struct release *release, GError **error);

/* Whether it has UFFDIO_MOVE; the error says that it does not. */
bool release_has_uffd_move(const struct release *release, GError **error);

/* Parse "RELEASE[+PATCH=VALUE]...". The error says what there is. */
bool release_parse(const char *text, const struct release **release, struct patches *patches, GError **error);
/* Change one patch; the value must be one of the patch's and make sense in the release. */
bool patch_set(const struct release *release, struct patches *patches, const char *name, const char *value,
	       GError **error);

#endif
