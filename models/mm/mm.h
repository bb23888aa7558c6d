/*
 * mm.h - pages, folios, LRU lists and cgroups as they lie in simulated state.
 *
 * Virtual pages of all processes share one numbering; a process owns a range that begins at a page table, so
 * that a page number leads to its page table and from there to its process. Page 0 is never used.
 *
 * Page frames are numbered likewise, from 1. A folio of order n is 2^n frames in a row and goes by the number
 * of the first, its head (see folio.h).
 */
#ifndef MODELS_MM_MM_H
#define MODELS_MM_MM_H

#include "sim/line.h"
#include "sim/task.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded" /* state is compared byte by byte */

/* A page table entry is a byte of flags, which a hit touches, and a word, which only faults and reclaim read:
 * the page frame if present, the swap entry if swapped. */
enum pte_flag {
	PTE_PRESENT = 1,
	PTE_ACCESSED = 2,
	PTE_DIRTY = 4,
	PTE_WRITE = 8,
	PTE_SWAP = 16,
	PTE_ZERO = 32,	    /* maps the zero page */
	PTE_FILE = 64,	    /* the mapping is of a file; what it maps may be a private copy */
	PTE_EXCLUSIVE = 128 /* of a swapped page: nobody shared it */
};

/* The last level of a page table, with its split lock. */
struct page_table {
	struct spinlock ptl;
	u32 mm;
	u32 vma;
	u32 has_ptes; /* of a machine with large folios: it is or was more than one mapping of a huge page */
};

/* A mapping: it begins at a page table. Swap readahead keeps what it knows for each
 * (swap_readahead_info). */
struct vma {
	u32 first_page;
	u32 pages;
	u32 ra_prev;  /* page of the last swap fault, */
	u8 ra_hits;   /* readahead hits since the last window, */
	u8 ra_window; /* and its pages */
	u16 hugepage; /* VM_HUGEPAGE: MADV_HUGEPAGE */
	u32 next;     /* + 1, of those that map the same segment; of the segment's own: the first */
	u32 segment;  /* it maps this one from its beginning, see shmem.h; 0: none */
};

/* An open file: a run of file pages of one process, which has it mapped privately; others may have what is in
 * it, see filemap.h. What reading it ahead goes by (struct file_ra_state) is in pages from its beginning. */
struct file {
	u32 first_page;
	u32 pages;
	u32 ra_start; /* the latest window, */
	u32 ra_size;
	u32 ra_async; /* and how many pages before its end the next one is read */
	u32 mmap_miss;
	u32 executable;
};

struct mm {
	u32 first_page;
	u32 pages;
	u32 anon_pages; /* MM_ANONPAGES */
	u32 swap_ents;	/* MM_SWAPENTS */
	u16 memcg;
	u16 corpus;	    /* what its pages contain, see block/content.h */
	u32 file_pages;	    /* MM_FILEPAGES */
	u32 overhead_pages; /* page tables, binary, stack: charged from exec_mmap() to exit_mmap(); of a
			       segment: nodes of its XArray */
	s32 oom_score_adj;
	u32 users;	 /* tasks that have not ended */
	u32 oom;	 /* enum mm_oom */
	u32 reaper_next; /* in the list of the OOM reaper: mm + 1 */
	u32 files;	 /* whose pages are the indices of its file pages: itself, or what stands for them */
	u32 shmem_pages; /* MM_SHMEMPAGES */
	u32 files_first; /* mm + 1 of those whose files it stands for: the first, */
	u32 files_next;	 /* and of each the one after it */
	u32 nodes;	 /* of a segment: of its XArray */
	struct wait_queue killable; /* its tasks that sleep until their time, or SIGKILL, comes */
};

/* What the OOM killer knows of an address space. */
enum mm_oom {
	MM_SIGKILL = 1,	   /* its tasks are to die */
	MM_OOM_VICTIM = 2, /* because the OOM killer chose it */
	MM_UNSTABLE = 4,   /* the reaper takes pages from under it */
	MM_OOM_SKIP = 8,   /* nothing more to be had of it: exited or reaped */
	MM_REAP_QUEUED = 16,
	MM_EXITING = 32, /* its last task gives back its memory */
};

enum folio_flag {
	FOLIO_UPTODATE = 1,
	FOLIO_DIRTY = 2,
	FOLIO_REFERENCED = 4,
	FOLIO_ACTIVE = 8,
	FOLIO_LRU = 16, /* on an LRU list (not isolated, not in a CPU's batch) */
	FOLIO_SWAPCACHE = 32,
	FOLIO_LAZYFREE =
	    64, /* !PG_swapbacked: its content is not wanted, on the file lists, see madvise_free.c */
	FOLIO_WORKINGSET = 128,
	FOLIO_FILE = 256, /* in the page cache, or was */
	FOLIO_IN_USE = 512,
	FOLIO_RECLAIM = 1024,		 /* PG_reclaim: to the tail of the list when its writeback ends */
	FOLIO_READAHEAD = FOLIO_RECLAIM, /* PG_readahead is the same bit: read ahead, not asked for yet */
	FOLIO_TAIL = 2048,		 /* not the first frame of its folio */
	FOLIO_LARGE = 4096,		 /* the first of several */
	FOLIO_EXCLUSIVE = 8192,		 /* PageAnonExclusive, of each frame: one process has it */
	FOLIO_SHMEM = 16384,		 /* in the page cache of a segment, see shmem.h */
	FOLIO_PARTIALLY_MAPPED = 32768,	 /* of a large folio: some of its frames were unmapped for good */
	/* In the swap cache, read through it and never mapped since: !folio_test_anon(). The same bit, for
	 * what is in the swap cache is not noted as partially mapped, and what is so noted is split before it
	 * goes there. */
	FOLIO_UNSEEN = FOLIO_PARTIALLY_MAPPED,
};

enum { FOLIO_ORDERS = 10 /* 0 to 9, which is a page table's worth */ };

/* A page frame. Of a large folio only `content`, `mapcount` and FOLIO_EXCLUSIVE are each frame's own, the
 * rest is the head's; how tails use the other fields is folio.h's business. */
struct folio {
	u32 prev, next; /* on an LRU list or a private list, or a list of free frames */
	u32 page;	/* the virtual page it holds; stays while it is unmapped */
	u32 content;	/* what the page holds, see block/content.h */
	u16 flags;
	u16 refs;
	u16 memcg;    /* charged to; 0: not charged */
	u16 mapcount; /* page table entries that map this frame */
};

/* The rest of it, which frames that reclaim has not come to do without: a table of its own, so that these
 * take no room there. Of a folio, its head's; a free frame's is zero. */
struct folio_io {
	u32 swap; /* entry it occupies in the swap cache, or is read from */
	bit_lock_t lock;
	bit_lock_t writeback; /* set while it is written to a device */
};

struct folio_list {
	u32 head, tail; /* head: added last; reclaim takes from the tail */
	u32 count;	/* pages */
};

enum lru_list { LRU_INACTIVE_ANON, LRU_ACTIVE_ANON, LRU_INACTIVE_FILE, LRU_ACTIVE_FILE, NR_LRU_LISTS };

/* Anonymous or of a file: what swapping and dropping pages cost, and which comes back, is kept for each. */
enum { LRU_ANON, LRU_FILE, NR_LRU_TYPES };
static inline bool is_file_lru(enum lru_list lru)
{
	return lru >= LRU_INACTIVE_FILE;
}
static inline bool is_active_lru(enum lru_list lru)
{
	return lru & 1;
}

/* Figures of a lruvec as they were last summed up; see lruvec_stats.h. */
struct lruvec_stats {
	u64 activated[NR_LRU_TYPES]; /* WORKINGSET_ACTIVATE_ANON, _FILE */
	u32 size[NR_LRU_LISTS];
};

/* One per cgroup: there is one node. */
struct lruvec {
	u64 cost[NR_LRU_TYPES];		  /* what reclaiming each type has cost, decayed */
	u64 nonresident_age;		  /* evictions and activations so far, */
	struct line nonresident_line;	  /* an atomic */
	u64 activated[NR_LRU_TYPES];	  /* WORKINGSET_ACTIVATE_ANON, _FILE */
	u64 activated_then[NR_LRU_TYPES]; /* the statistic's value when it was last reclaimed */
	struct lruvec_stats flushed;
	struct folio_list list[NR_LRU_LISTS];
	struct spinlock lru_lock;
	u32 iter; /* mem_cgroup_reclaim_iter: where the next partial walk below this cgroup begins */
	u32 pad;
};

/* Generations of a cgroup's folios, where the LRU is the multi-gen one; see mglru.h. */
enum { MIN_NR_GENS = 2, MAX_NR_GENS = 4, MAX_NR_TIERS = 4 };
struct lru_gen_tier { /* of the oldest generation, in pages, and averages over those before it */
	u64 refaulted, evicted, protected;
	u64 avg_refaulted, avg_total;
};
struct lru_gen {
	u64 max_seq;
	u64 min_seq[NR_LRU_TYPES];
	u64 walked;	 /* all address spaces have been taken in hand for the one after this */
	u64 filters;	 /* bit per Bloom filter that there is */
	u32 next_mm;	 /* to be taken next by whoever walks */
	u16 walkers;	 /* 6.1: tasks that are at it, one a CPU at most */
	bit_lock_t walk; /* 6.1: set until there is another generation, which some wait for */
	struct lru_gen_tier tier[NR_LRU_TYPES][MAX_NR_TIERS];
	struct folio_list list[MAX_NR_GENS][NR_LRU_TYPES];
	u32 pages[MAX_NR_GENS][NR_LRU_TYPES]; /* by what folios say, wherever they are */
};

/* memory.min and memory.low, in pages; see protection.h. */
enum { PROTECT_MIN, PROTECT_LOW, NR_PROTECTIONS };
struct protection {
	u64 wanted;    /* what the file says */
	u64 effective; /* emin, elow: what of it the latest reclaim from above has granted */
	u64 used;      /* what of it usage makes use of */
	u64 children;  /* sum of what the cgroups right below use of theirs */
};

struct memcg {
	u64 usage; /* pages charged, caches of CPUs included */
	u64 max;
	u64 high;
	u64 peak;
	struct protection protection[NR_PROTECTIONS];
	u64 swap_usage; /* slots charged */
	u64 swap_max;	/* cgroup v2 */
	u64 swap_high;
	u64 swap_peak;
	struct line usage_line; /* of memory's counter, */
	struct line swap_line;	/* that of swap, */
	struct line id_line;	/* and the references of its id */
	u64 memsw;		/* cgroup v1: memory and swap together */
	u64 memsw_max;
	u64 memsw_peak;
	u64 shmem; /* NR_SHMEM: pages of it in page caches of segments */
	u16 children;
	u16 parent; /* 0 is the root, which has no limit and no parent */
	u16 oom_group;
	u16 notify_cpu;	  /* where the timer of memory.events runs, */
	u64 notify_timer; /* if it does */
	u64 notified_at;  /* when they were made known last: ticks, the first is 1; 0 never */
};

/* Of one task. */
struct memcg_task {
	u32 pages_over_high; /* charged while above memory.high or memory.swap.high, and not made up for yet
			      */
};

/* One for the machine: physical memory. */
struct memory {
	u64 pages; /* all that may be allocated */
	u64 free;
	u64 min; /* the watermarks, in pages */
	u64 low;
	u64 high;
	u64 writeback;		    /* NR_WRITEBACK */
	u64 lowest;		    /* least that was free */
	u64 isolated[NR_LRU_TYPES]; /* NR_ISOLATED_ANON, _FILE */
	u64 pool_bytes;		    /* compressed data of zram devices */
	u64 pool_pages;		    /* taken from free for it */
	u64 zswap_bytes;	    /* compressed data of zswap */
	u64 zswap_pages;	    /* taken from free for it */
	u64 meta_bytes;		    /* dynamic swap metadata: XArray nodes or tables */
	u64 meta_peak;
	u64 meta_pages;		       /* taken from free for it */
	u32 free_frames[FOLIO_ORDERS]; /* lists of free frames, see free_frames.c */
	u32 folio_used;		       /* frames ever used */
	u32 pad;
	struct wait_queue isolated_wait;
	struct wait_queue no_progress_wait; /* direct reclaimers that got nowhere */
	struct wait_queue writeback_wait;   /* kswapd, until something is written */
	struct wait_queue kswapd_wait;
	u32 kswapd_failures; /* runs of the daemon in a row that reclaimed nothing */
	u32 kswapd;	     /* its task + 1; 0: not needed so far */
	bit_lock_t kswapd_asleep;
	bit_lock_t pfmemalloc; /* set while some have to let kswapd go first */
	u16 throttled_writes;  /* ended since kswapd waits for some */
	u16 writeback_node;    /* PGDAT_WRITEBACK: the tail of the lists is all under writeback */
};

enum { LRU_BATCH_MAX = 31, MEMCG_STOCKS_MAX = 7 };

struct memcg_stock {
	u16 memcg; /* 0 empty */
	u16 pages;
};

/* State of one task's reclaim: a task never reclaims inside its reclaim. All zero when it does not. */
struct scan_control {
	u64 cost[NR_LRU_TYPES];
	u32 nr_to_reclaim;
	u32 nr_reclaimed;
	u32 nr_scanned;
	u32 nr_taken;
	u32 nr_writeback; /* of them met under writeback, */
	u32 nr_immediate; /* and that again, by kswapd */
	u16 target;	  /* cgroup; the root: the whole machine is short of memory */
	s8 priority;
	u8 may_deactivate; /* bit per type */
	u8 skipped_deactivate;
	u8 force_deactivate;
	u8 full_walk;
	u8 no_swap;	    /* more swap would not help */
	u8 cache_trim_mode; /* there is page cache enough that nobody misses */
	u8 file_is_tiny;    /* and here next to none */
	u8 proactive;	    /* somebody wrote to memory.reclaim */
	u8 low_skipped;	    /* memory.low kept something from this reclaim, */
	u8 low_reclaim;	    /* which is in need of it now */
	u8 trim_failed;	    /* nothing came of cache_trim_mode, */
	u8 no_cache_trim;   /* so kswapd does without */
	u8 gen_walk;	    /* this reclaim walked page tables, see mglru.h */
};

/* One for the machine. */
struct oom {
	struct sleeping_lock lock; /* oom_lock */
	u32 reaper_list;	   /* mm + 1 */
	bit_lock_t reaper_idle;	   /* the reaper found nothing to do */
	u16 has_reaper;		   /* the thread is there: it is started when it is first needed */
};

#pragma GCC diagnostic pop

#endif
