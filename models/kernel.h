/*
 * kernel.h - the modelled kernel: its configuration, its state, and the handful of accessors that all share.
 *
 * kernel_new() builds a machine from a configuration; tasks are then added with their programs (work/), and a
 * driver runs it. Everything in the regions is state; the rest of struct kernel is constant during a run, but
 * for statistics that no path reads.
 */
#ifndef MODELS_KERNEL_H
#define MODELS_KERNEL_H

#include "models/block/content.h"
#include "models/counters.h"
#include "models/mm/mm.h"
#include "models/release.h"
#include "models/swap/swap.h"
#include "sim/histogram.h"
#include "sim/machine.h"

/* Room for them in machine.tasks: the OOM reaper, kswapd, zswap's worker, that of full swap devices. */
enum { KERNEL_THREADS = 4 };

/* Task flags. */
enum {
	PF_MEMALLOC = 1,
	PF_KSWAPD = 2,
	PF_LRU_FAULT = 4,     /* in a fault, and the LRU wants to know (task_struct.in_lru_fault) */
	PF_MEMSTALL = 1 << 8, /* counts how deep it is in stalls, see mm/psi.h */
	PF_MEMSTALL_MASK = 15 << 8,
};

enum model_choice {
	CHOICE_ATOMIC_ALLOC = NR_ENGINE_CHOICES, /* 1: an allocation that may not sleep fails */
	CHOICE_SLEEP_ALLOC,			 /* 1: one that may sleep fails */
	CHOICE_FLUSH_PHASE,	/* ticks until cgroup statistics are summed up for the first time */
	CHOICE_FAULT_INJECTION, /* below kernel_config.fail_page_alloc: an allocation fails */
	CHOICE_SWAP_START,	/* 6.1: where on a device its free list begins, or a CPU's search */
	NR_CHOICES
};

enum model_event {
	EVENT_TABLE_FREE = NR_ENGINE_EVENTS, /* RCU: a swap table's page is free */
	EVENT_STATS_FLUSH,		     /* the worker that sums up cgroup statistics */
	EVENT_MEMORY_STAT,		     /* somebody reads memory.stat */
	EVENT_DISCARD,			     /* a device has discarded a cluster */
	EVENT_DISK_DONE,		     /* a device is done with a request */
	EVENT_END_IO,			     /* and interrupts */
	EVENT_OOM_REAPER,		     /* the time an OOM victim had to exit by itself is over */
	EVENT_CGROUP_WRITE,		     /* somebody writes to a file of a cgroup */
	EVENT_SWAP_OPERATION,		     /* somebody calls swapoff() or swapon() */
	EVENT_SWAPOFF_GRACE,		     /* RCU: what a swapoff waits for */
	EVENT_FLUSH_TLB,		     /* an interrupt that another CPU sent */
	EVENT_DISPLACE,			     /* a kernel thread comes on that waited for the tick */
	EVENT_RCU_THREAD,		     /* a grace period begins or ends on a CPU */
	EVENT_NOTIFY_TIMER,		     /* who watches a cgroup's memory.events may be told again */
	NR_MODEL_EVENTS
};

enum lock_class {
	CLASS_PTL,
	CLASS_LRU,
	CLASS_CLUSTER,
	CLASS_SWAP_DEVICE,
	CLASS_SWAP_AVAIL,
	CLASS_XARRAY,
	CLASS_PERCPU_SWAP,
	CLASS_LRU_BATCH,
	CLASS_SLOTS_ON_OFF,
	CLASS_SLOTS_ENABLE,
	CLASS_SLOTS_ALLOC,
	CLASS_SLOTS_FREE,
	CLASS_OOM,
	CLASS_GLOBAL_CLUSTER,
	CLASS_ZSWAP_CTX,
	CLASS_MMAP,
	CLASS_CONT,
	CLASS_I_PAGES,
	CLASS_CSD,
	NR_LOCK_CLASSES
};

enum latency {
	LATENCY_FAULT,	     /* every fault */
	LATENCY_MAJOR_FAULT, /* those that read from swap */
	LATENCY_RECLAIM,     /* direct reclaim of one charge */
	LATENCY_RACE_SLEEP,  /* of a swap-in that found another one at its slot */
	LATENCY_SWAP_READ,   /* requests of asynchronous devices, from being sent */
	LATENCY_SWAP_WRITE,
	LATENCY_FILE_READ,
	LATENCY_MUNMAP,	 /* of a whole workload, see usemem */
	LATENCY_SWAPOFF, /* that came to its end */
	NR_LATENCIES
};
extern const char *const latency_name[NR_LATENCIES];

/* What refaults are judged by, in pages; see mm/workingset.c. */
enum refault_size {
	REFAULT_DISTANCE,	    /* of every refault */
	REFAULT_DISTANCE_ACTIVATED, /* of those that were activated for it */
	REFAULT_WORKINGSET_SIZE,    /* what each distance was held against */
	NR_REFAULT_SIZES
};
extern const char *const refault_size_name[NR_REFAULT_SIZES];

struct percpu {
	u32 swap_hint; /* next slot to try for order 0, 0 none */
	struct local_lock swap_lock;
	struct local_lock lru_lock;
	u32 lru_count;
	u32 lru_add[LRU_BATCH_MAX];
	u32 rotate_count;
	u32 rotate[LRU_BATCH_MAX]; /* written pages on their way to the tail */
	u32 lazyfree_count;
	u32 lazyfree[LRU_BATCH_MAX]; /* on their way to the inactive file list */
	struct memcg_stock stock[MEMCG_STOCKS_MAX];
	u32 stock_next; /* round robin of what is thrown out */
	struct sleeping_lock zswap_ctx;
	u32 thread_waits; /* for the tick or for user mode, see displace.h */
	u32 grace_ticks;  /* at which RCU's thread still has to come on */
};

/* Of a CPU, see tlb.h. */
struct tlb {
	struct spinlock lock; /* csd_lock(): held until all that it has interrupted have flushed, */
	u32 left;	      /* which are so many */
	u32 stolen_ns;	      /* what interrupts took here, and nobody has paid so far */
};

struct swap_device_config {
	const char *model; /* "zram-lz4", ... */
	u64 pages;	   /* usable slots */
	u32 priority;	   /* 1..32767; 0: none given, so below all that have one */
	bool discard;	   /* clusters that become empty; the device must know how */
	bool off;	   /* not there from the start, but for a swapon later */
	u32 nomerges;	   /* queue attribute: 1 changes nothing here, 2 no merging and no size rule */
};
#define PAGE_COUNTER_MAX (UINT64_MAX / 2) /* a limit that is none */
struct memcg_config {
	const char *name;
	u64 max_pages;
	u16 parent;
	bool swap_limited; /* cgroup v2: */
	u64 swap_max_pages;
	bool high_limited; /* and all that follows */
	bool swap_high_limited;
	bool oom_group;
	u64 high_pages;
	u64 swap_high_pages;
	u64 min_pages;
	u64 low_pages;
	u64 memsw_max_pages; /* cgroup v1: memory and swap together; 0: no limit */
	u64 zswap_max_pages; /* cgroup v2: of compressed data, */
	bool zswap_limited;  /* if this says so */
	bool zswap_no_writeback;
};
struct mm_config {
	const char *name;
	u32 pages;
	u32 vmas;	    /* mappings; 0: one of all pages */
	u32 overhead_pages; /* charged beyond the data, never reclaimed */
	u32 stack_first;    /* page from which on it is stack and no data; 0: there is none */
	u16 memcg;
	struct corpus corpus;
	const u8 *file_map;   /* bit per page: of a file; NULL none; borrowed during kernel_new() */
	bool executable;      /* the files are */
	bool files_cached;    /* they are in the page cache from the start, and nobody's cgroup is charged */
	u32 files;	      /* they are those of this one, page by page; 0: its own */
	bool only_files;      /* no process but what stands for such files; these come last */
	const u32 *vma_pages; /* of each mapping; all but the last end with a page table; borrowed likewise */
	bool hugepage;	      /* its mappings are advised so: MADV_HUGEPAGE */
	s32 oom_score_adj;    /* -1000: never killed */
	bool later;	      /* it is not there from the start: exec_mmap() charges its overhead */
	u32 fork_of;	      /* process + 1 that it is forked from, with as many pages; see mm/family.h */
	bool segment;	      /* no process but shared memory; these come after the processes */
	u16 huge_order;	      /* of a segment: its folios are of this order where they can be */
	u32 shares; /* its pages are those of this segment, from the first on; 0: they are its own */
};

/* Module parameters of zswap. */
struct zswap_config {
	bool enabled;
	bool shrinker_enabled;
	enum codec compressor;
	u32 max_pool_percent;
	u32 accept_threshold_percent;
};

/* /sys/kernel/mm/transparent_hugepage; see mm/thp.h. */
enum thp_enabled { THP_ALWAYS, THP_INHERIT, THP_MADVISE, THP_NEVER };
enum thp_defrag {
	THP_DEFRAG_ALWAYS,
	THP_DEFRAG_DEFER,
	THP_DEFRAG_DEFER_MADVISE,
	THP_DEFRAG_MADVISE,
	THP_DEFRAG_NEVER
};
struct thp_config {
	enum thp_enabled enabled;
	enum thp_defrag defrag;
	enum thp_enabled size[FOLIO_ORDERS]; /* hugepages-*kB/enabled, by order */
};

enum lru_kind { LRU_CLASSIC, LRU_MULTI_GEN };

struct kernel_config {
	struct machine_config machine;
	const struct release *release;
	struct patches patches;
	const char *cpu_profile;
	u64 memory_pages;
	u64 min_free_pages; /* UINT64_MAX: what the kernel would compute */
	u32 cgroup_version;
	bool memory_recursiveprot; /* mount option of cgroup v2 */
	u32 swappiness;
	enum lru_kind lru;
	u64 memory_stat_ns;    /* how old cgroup statistics may get by monitors; 0: never old; see
				  mm/lruvec_stats.h */
	u32 page_cluster;      /* log2 of pages read ahead at most, 3 */
	u32 pages_per_table;   /* 512 */
	u32 slots_per_cluster; /* 512 */
	u32 reclaim_batch;     /* SWAP_CLUSTER_MAX, 32 */
	u32 charge_batch;      /* MEMCG_CHARGE_BATCH, 64 */
	u32 slot_cache;	       /* SWAP_SLOTS_CACHE_SIZE, 64 */
	u32 fail_page_alloc;   /* of 1000 allocations of swap tables so many fail: fault injection */
	u32 reclaim_retries;   /* MAX_RECLAIM_RETRIES, 16 */
	u32 space_clusters;    /* clusters per XArray of the old cache: 64 MiB */
	u32 swap_map_max;      /* SWAP_MAP_MAX, 62 */
	bool moves_pages;      /* some process does, see mm/uffd_move.c */
	u32 max_folio_order;   /* of the largest folios that this machine will have; 0: no large ones */
	struct thp_config thp;
	struct zswap_config zswap;
	u32 devices, memcgs, mms;
	const char *disk; /* model of the device that files are on, "nvme-client" */
	const struct swap_device_config *device;
	const struct memcg_config *memcg; /* [0] is the root */
	const struct mm_config *mm;
	u32 cgroup_writes;
	const struct cgroup_write
	    *cgroup_write; /* what is written to files of cgroups, see mm/cgroup_files.h */
	u32 swap_operations;
	const struct swap_operation *swap_operation; /* see swap/swapoff.h */
};

struct cpu_profile;
struct families;
struct family_member;
struct device_model;
struct psi_group;
struct psi_cpu;
struct psi_task;
struct target;
struct workload;
struct work;
struct zswap;
struct zswap_entry;
struct zswap_memcg;
struct lognormal;
struct reference_index;

/* How long requests take, by direction: when nothing else is in flight, and when all servers are busy. */
struct disk_time {
	const struct lognormal *idle[2], *busy[2];
	const struct lognormal *collect; /* a garbage collection */
};

/* What the OOM killer did, see mm/oom.h. */
struct oom_kill {
	u64 time_ns;
	u32 memcg; /* that was out of memory */
	u32 task;  /* first of the victim's */
	u32 mm;
	u32 anon_pages;
	u32 swap_pages;
	s64 badness_pages;
};

struct kernel {
	struct machine machine;
	struct kernel_config config;
	const struct release *release;
	struct patches patch;
	const struct cpu_profile *cpu_profile;
	const struct device_model **device_model; /* [device], then that of the files, NULL: there are none */
	struct disk_time **disk_time;		  /* [device], NULL for synchronous ones */
	struct corpus *corpus;			  /* [mm] */
	const struct corpus *stack_corpus;
	struct reference_index *reference_index; /* see references.h */
	const struct workload **program;	 /* [task], see work/work.h; NULL: none */
	struct workload *workload;    /* [task], what program may point to; freed with the machine */
	struct trace_stream **stream; /* [task], of its trace if that stays in the file; NULL: none yet */
	const struct lognormal **compress_cost;	  /* [codec], see cpu.h; NULL until it is asked for */
	const struct lognormal **decompress_cost; /* the same */
	u64 compress_key, decompress_key;	  /* of the streams they are drawn by */
	void (*on_mark)(struct kernel *k, u32 task, const char *mark); /* a task passed a phase mark */
	void *on_mark_data;					       /* of all three */
	void (*on_exit)(struct kernel *k,
			u32 task); /* a task is about to end, and its process if it is the last */
	void (*on_oom_kill)(struct kernel *k, const struct oom_kill *kill);
	void (*on_issue)(struct kernel *k, const struct request *r); /* a device takes over a request */
	void *on_issue_data;
	u32 *memcg_walk;    /* [memcgs] the cgroups in the order of a walk: each before those below it */
	u32 *memcg_place;   /* [memcg] in that order */
	u32 *memcg_subtree; /* [memcg] how many it is with those below it, which follow it */
	const struct target *target; /* of a search, see target.h; NULL: none */
	struct families *families;   /* NULL: no process is forked */
	u32 keeps_holds;	     /* page_holds is there: pages are copied by fork(), or move */
	u32 table_shift;	     /* log2 of pages per table */
	u32 cluster_shift;	     /* log2 of slots per cluster */
	u32 files;
	u32 map_pages; /* of swap_map */
	u32 gen_filter_tables;

	u32 scout;	  /* of this program, not of the model: see lru_scout() */
	u32 folio_region; /* of the arena, and folio_io behind it; their live parts are what was ever used */
	u32 zswap_region; /* the same of entries of zswap */

	struct page_table *page_table;
	struct vma *vma;
	struct mm *mm;
	struct folio *folio;	   /* page frames, from 1 */
	struct folio_io *folio_io; /* [frame] */
	struct lruvec *lruvec;
	struct lru_gen
	    *lru_gen;	/* [memcg] this and the next three: where the LRU is multi-gen, see mm/mglru.h */
	u8 *folio_gen;	/* [frame] */
	u8 *gen_filter; /* [memcg][page table] */
	u8 *gen_walked; /* [mm] */
	struct memcg *memcg;
	struct memcg_task *memcg_task; /* [task] */
	struct memory *memory;
	struct oom *oom;
	struct scan_control *scan_control; /* [task] */
	struct work *work;		   /* [task] */
	u8 *pte_flags;			   /* [page] */
	u32 *pte;			   /* [page] */
	u16 *page_version;		   /* [page] counts the stretches of writing */
	u32 *page_holds; /* [page] its content, which may be older than the page; if keeps_holds */
	struct family_member *member; /* [mm] this and the next two: where processes are forked */
	u8 *count_digit;	      /* [slot] see swap/continuation.h */
	u8 *continued;		      /* [page of swap_map] */
	u32 *count_extend;	      /* [slot] see swap/extend_table.h */
	struct file *file;	      /* in the order of their pages */
	u64 *page_cache; /* [page] folio or shadow of a file page; nothing if there are no files */
	u8 *index_order; /* [page] of the swap entry at a segment's page; nothing if there are no segments */

	struct swap_state *swap;
	struct swap_slots_state *swap_slots;  /* this and the next three: 6.12, see swap/slot_cache.h */
	struct swap_slots_cache *slots_cache; /* [cpu] */
	u32 *cached_slot;		      /* [cpu][2][config.slot_cache] */
	u32 *next_slot;	 /* [order][device][cpu] percpu_cluster.next: where a CPU goes on, 0 none */
	u32 *order_hint; /* [order - 1][cpu, then device] percpu.swap_hint, swap_device.global_next of orders
			    from 1 on; see swap/cluster.h */
	struct cluster_list *order_list; /* [order - 1][device][nonfull, frag] */
	u32 *scan_base;			 /* [device][cpu] 6.1: see swap/scan_map.h */
	struct swap_device *device;
	struct swap_cluster_info *cluster;
	struct swap_address_space *space;
	struct disk *disk;	 /* [device], then that of the files */
	struct request *request; /* of all devices, from 1 */
	struct plug *plug;	 /* [task] */
	struct swap_slot *slot;
	u8 *xa_leaf;			 /* slots in use of each 64-slot leaf, */
	u8 *xa_shadows;			 /* and those of them that hold a shadow */
	struct zswap *zswap;		 /* this and the next three: zswap, see swap/zswap.h */
	struct zswap_memcg *zswap_memcg; /* [memcg] */
	struct zswap_entry *zswap_entry; /* from 1 */
	u32 *zswap_tree;		 /* [slot] the entry, 0 none */

	struct psi_group *psi;		     /* [memcg] */
	struct psi_cpu *psi_cpu;	     /* [memcg][cpu] */
	struct psi_task *psi_task;	     /* [task] */
	u64 (*count)[NR_COUNTERS];	     /* [memcg] */
	u64 (*local_event)[NR_LOCAL_EVENTS]; /* [memcg] */
	struct histogram *latency;	     /* [NR_LATENCIES] */
	struct histogram *refault;	     /* [NR_REFAULT_SIZES] */
	u8 *on_cpu;			     /* [task] this and the next two: see cpu_note_task() */
	u16 *cpus_with;			     /* [mm] whose pages their TLBs may have */
	u64 *cpu_mask;			     /* [mm][cpu_mask_words()] which these are */
	struct tlb *tlb;		     /* [cpu] */
};

static inline u32 cpu_mask_words(u32 cpus)
{
	return (cpus + 63) / 64;
}

/* The kernel's own sizes, 6.18, one CPU, HZ 250, profile `server`; devices, cgroups and processes are the
 * caller's to add. */
struct kernel_config kernel_config_default(void);
struct kernel *kernel_new(const struct kernel_config *config, GError **error);
void kernel_free(struct kernel *k);

/* Count in a cgroup and all its ancestors. */
static inline void count_memcg(struct kernel *k, u32 memcg, enum counter id, u64 n)
{
	for (; memcg; memcg = k->memcg[memcg].parent)
		k->count[memcg][id] += n;
	k->count[0][id] += n;
}

/* memcg_memory_event(): one of memory.events, where it happened and above. */
static inline void count_event(struct kernel *k, u32 memcg, enum counter id)
{
	k->local_event[memcg][id - LOCAL_EVENTS_FIRST]++;
	count_memcg(k, memcg, id, 1);
}

static inline struct page_table *page_table_of(const struct kernel *k, u32 page)
{
	return &k->page_table[page >> k->table_shift];
}
static inline struct vma *vma_of(const struct kernel *k, u32 page)
{
	return &k->vma[page_table_of(k, page)->vma];
}
static inline struct mm *mm_of(const struct kernel *k, u32 page)
{
	return &k->mm[page_table_of(k, page)->mm];
}
static inline bool is_stack(const struct kernel *k, u32 page)
{
	u32 mm = page_table_of(k, page)->mm, stack = k->config.mm[mm].stack_first;

	return stack && page - k->mm[mm].first_page >= stack;
}
/* What its contents are drawn from; a stack is not filled with what the data is. */
static inline const struct corpus *corpus_of(const struct kernel *k, u32 page)
{
	return is_stack(k, page) ? k->stack_corpus : &k->corpus[page_table_of(k, page)->mm];
}
static inline struct swap_cluster_info *cluster_of(const struct kernel *k, u32 entry)
{
	return &k->cluster[entry >> k->cluster_shift];
}
static inline struct swap_device *device_of(const struct kernel *k, u32 entry)
{
	return &k->device[cluster_of(k, entry)->device];
}

#endif
