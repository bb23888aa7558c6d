/*
 * swap.h - swap devices, clusters and slots as they lie in simulated state.
 *
 * Slots of all devices share one numbering; an entry is a slot number, and 0 (the header of device 0) is
 * never handed out. A device's slots begin at a cluster. What is known of a slot is a struct of its own,
 * so that a slot nobody has used costs nothing.
 */
#ifndef MODELS_SWAP_SWAP_H
#define MODELS_SWAP_SWAP_H

#include "sim/line.h"
#include "sim/percpu_ref.h"

enum { SWAP_DEVICES_MAX = 32 };

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded" /* state is compared byte by byte */

/* swap_map byte (up to 7.0): references in the low bits. */
enum {
	SWAP_MAP_MAX = 0x3e,
	SWAP_MAP_BAD = 0x3f,
	SWAP_HAS_CACHE = 0x40,	/* a folio owns, or is taking, the cache position */
	COUNT_CONTINUED = 0x80, /* there is more of the count, see continuation.h */
	SWAP_MAP_SHMEM = 0xbf,	/* in place of a count: shared memory's, which has one reference */
};

/* Readahead begins as if so many of its pages had been asked for. */
enum { RA_HITS_INITIAL = 4 };

/* A word of the swap cache: 0, a folio, or the shadow of an evicted one. From 7.1 on it is all there is of a
 * slot, as the kernel has it (mm/swap_table.h): references in the highest four bits; in 7.2 the bit below
 * says that the page is zeroes; a slot with references and no folio has a shadow, be it an empty one. */
#define FOLIO_TAG ((u64)2)
#define FOLIO_SHIFT 2
#define SHADOW_TAG ((u64)1)
#define SHADOW_WORKINGSET ((u64)2)
#define SHADOW_MEMCG_SHIFT 2
#define SHADOW_AGE_SHIFT 18
#define WORD_COUNT_SHIFT 60
#define WORD_ZERO ((u64)1 << 59)
#define WORD_BAD (~(u64)0 << 3)
static inline u64 word_of_folio(u32 folio)
{
	return (u64)folio << FOLIO_SHIFT | FOLIO_TAG;
}
static inline u32 word_folio(u64 word)
{
	return (word & (FOLIO_TAG | SHADOW_TAG)) == FOLIO_TAG ? (u32)(word >> FOLIO_SHIFT) : 0;
}
static inline u64 word_shadow(u64 word)
{
	return word & SHADOW_TAG ? word : 0;
}

/* All that is known of a slot, in one place: 16 bytes, which a slot nobody has used does not take. */
struct swap_slot {
	u64 cache;   /* the swap cache's word */
	u32 content; /* of what was written to it last, see block/content.h */
	u16 memcg;   /* swap_cgroup: whom it is charged to */
	u8 map;	     /* swap_map */
	u8 stored;   /* what the device holds, see below */
};

/* A zero-filled page is a bit of the zeromap, not on the device; zram keeps objects in units of 16 bytes up
 * to 3072, and above that the whole page. */
enum { STORED_NOTHING = 0, STORED_UNIT = 16, STORED_PAGE = 254, STORED_ZEROMAP = 255 };

/* Which list a cluster is on; the flag always tells. NONE: isolated by the operation that took it off. */
enum cluster_flag {
	CLUSTER_NONE,
	CLUSTER_FREE,
	CLUSTER_NONFULL,
	CLUSTER_FRAG, /* scanned, partly used; flags up to here are usable */
	CLUSTER_FULL,
	CLUSTER_DISCARD,
	NR_CLUSTER_LISTS
};

struct swap_cluster_info {
	struct spinlock lock;
	u32 prev, next; /* on its list; cluster + 1 */
	u16 count;	/* slots not free */
	u8 flags;	/* enum cluster_flag */
	u8 has_table;	/* from 6.18 */
	u8 device;
	u8 order;      /* of the folios that its slots are for; 0 while it is free */
	u8 has_extend; /* a table of counts that do not fit into a word (from 7.1) */
	u8 pad;
};

struct cluster_list {
	u32 head, tail; /* cluster + 1 */
	u32 count;
};

enum swap_flag {
	SWP_USED = 1,	 /* from the beginning of swapon to the end of swapoff */
	SWP_WRITEOK = 2, /* slots may be taken */
};

struct swap_device {
	u64 inuse; /* slots not free, bad ones not counted */
	struct line inuse_line;
	u64 pages;	/* usable slots */
	u64 max;	/* slots, header included */
	u32 first_slot; /* of all devices' numbering */
	u32 first_cluster;
	u32 clusters;
	u32 scanning;		 /* SWP_SCANNING: 6.12, allocations at work */
	struct percpu_ref users; /* who holds the device; its zero is the end of a swapoff */
	struct spinlock lock;	 /* si->lock: the lists */
	struct cluster_list list[NR_CLUSTER_LISTS]; /* of order 0 where there is one for each order */
	u8 synchronous;				    /* SWP_SYNCHRONOUS_IO */
	u8 on_avail_list;
	u16 number; /* in the scenario's list */
	s32 priority;
	struct spinlock cont_lock;	     /* see continuation.h */
	struct spinlock global_cluster_lock; /* this and the next two: a rotational device, see alloc.c */
	u32 global_next;		     /* next slot to try for order 0, 0 none */
	u32 discarding;			     /* cluster + 1 that is with the device, see discard.h */
	u8 rotational;
	u8 discards;		 /* SWP_PAGE_DISCARD */
	u8 flags;		 /* enum swap_flag */
	u8 has_maps;		 /* swap_map, cluster_info and so on are there, see swap_access() */
	bit_lock_t grace;	 /* set while swapoff waits for a grace period, */
	bit_lock_t discard_work; /* and for clusters that are being discarded */
	u64 static_bytes;	 /* metadata that swapon allocates */
	u32 lowest, highest; /* this and the next: scan_map.h; bounds of its free slots, highest 0: none */
	u32 cluster_nr;	     /* slots to be taken in a row yet */
	u16 reclaim_queued;  /* this and the next: reclaim_work.h */
	bit_lock_t reclaim_work; /* set from when it is queued until it is done */
};

/* Slots that a CPU keeps in 6.12 (swap/slot_cache.h); kernel.cached_slot has a row of those to hand out and
 * one of those to give back. */
struct swap_slots_cache {
	struct sleeping_lock alloc_lock; /* of the first row, nr and cur */
	struct spinlock free_lock;	 /* of the second row and n_ret */
	u32 nr, cur;			 /* nr slots from cur on */
	u32 n_ret;
};

/* One for the machine in 6.12. */
struct swap_slots_state {
	struct sleeping_lock mutex;	   /* swap_slots_cache_mutex: caches go on and off one at a time */
	struct sleeping_lock enable_mutex; /* swap_slots_cache_enable_mutex: of a swapoff, all the time */
	u16 active;
	u16 disabled; /* by a swapoff */
	u32 reserved; /* taken off nr_swap_pages by those who are about to take slots */
};

/* One XArray of the old swap cache: 64 MiB of device. */
struct swap_address_space {
	struct spinlock xa_lock;
	u32 leaves; /* leaf nodes in being */
	u32 pad;
};

/* A request to an asynchronous device: consecutive slots, one direction. See block/block.h. */
struct request {
	u64 issued; /* when it was sent */
	u32 slot;   /* the first */
	u32 next;   /* in a plug, the device's queue or the chain of free ones */
	u16 pages;
	u16 cpu; /* that is interrupted when it is done */
	u8 device;
	u8 write;
	u8 pad[2];
};

/* Requests of one task that are not sent yet; see block/plug.c. */
struct plug {
	u32 head, tail;
	u32 pages; /* in all of them */
	u16 count;
	u8 depth;   /* blk_start_plug() without blk_finish_plug() */
	u8 several; /* it has had some of several devices */
};

/* What a drive with an arm has in its memory: slots [from, to); see block/arm.c. */
enum { DISK_SEGMENTS = 16 };
struct disk_segment {
	u32 from, to;
};

/* The queue of an asynchronous device, and what is in flight. */
struct disk {
	u64 path_free[2]; /* when the data path will be free; of one in full duplex: by direction */
	u64 drained;	  /* when the buffer will be empty */
	u64 collected;	  /* when the garbage collection will be over */
	u64 arm_time;	  /* when the slot before arm_slot passed under the head */
	u32 arm_slot;
	u32 written; /* pages since the last garbage collection */
	struct disk_segment segment[DISK_SEGMENTS];
	u64 served;		/* requests so far */
	u64 pages_in_flight[2]; /* sent and not done: read, write */
	u32 head, tail;		/* sent, no server has begun */
	u32 free;		/* chain of requests that are nobody's */
	u32 serving;		/* servers at work */
	bit_lock_t no_tag;	/* set while there is no free request */
	u8 reads_on;		/* the arm goes on reading into a segment, */
	u8 reads_into;		/* this one */
	u8 pad[4];
};

/* One for the machine. */
struct swap_state {
	u64 total_pages;
	s64 free_pages; /* nr_swap_pages */
	struct line free_pages_line;
	struct line shadow_nodes; /* lock and head of that list, see cache_xarray.h */
	struct spinlock avail_lock;
	struct wait_queue swapcache_wq; /* losers of a bypass race */
	u32 ra_prev;			/* cluster readahead: the last offset without hits, */
	u8 ra_hits;			/* hits since the last window, */
	u8 ra_window;			/* and its pages */
	u8 rotational;			/* one of the devices is */
	u8 gone;			/* devices whose maps are not there */
	u8 active;			/* devices in avail_order */
	u8 pad;
	bit_lock_t reclaim_idle;	  /* this and the next: reclaim_work.h; it waits for work */
	u32 reclaim_worker;		  /* its task + 1, 0: not needed so far */
	u8 avail_order[SWAP_DEVICES_MAX]; /* devices by priority, see avail.h */
};

#pragma GCC diagnostic pop

#endif
