/*
 * counters.h - every event that is counted, once: a new counter is one line here.
 *
 * X(ID, name, where it is counted). Kernel names where the kernel has one; ours end in their unit or in what
 * they count. Each is kept per cgroup, hierarchically: what happens in a cgroup counts in all its ancestors,
 * and the root's figures are the machine's (/proc/vmstat).
 */
#ifndef MODELS_COUNTERS_H
#define MODELS_COUNTERS_H

#define COUNTERS(X)                                                                                          \
	X(ACCESSES, "accesses", "memory accesses of the workload")                                           \
	X(PGFAULT, "pgfault", "page faults, minor and major")                                                \
	X(PGMAJFAULT, "pgmajfault", "faults that had to read from swap or a file")                           \
	X(SWAP_RA, "swap_ra", "pages read ahead from swap")                                                  \
	X(SWAP_RA_HIT, "swap_ra_hit", "pages read ahead that were then asked for")                           \
	X(PSWPIN, "pswpin", "pages read from a swap device")                                                 \
	X(PSWPOUT, "pswpout", "pages written to a swap device")                                              \
	X(SWPIN_ZERO, "swpin_zero", "zero-filled pages swapped in without a read")                           \
	X(SWPOUT_ZERO, "swpout_zero", "zero-filled pages swapped out without a write")                       \
	X(ZSWPIN, "zswpin", "pages read back from zswap")                                                    \
	X(ZSWPOUT, "zswpout", "pages that zswap keeps instead of the device")                                \
	X(ZSWPWB, "zswpwb", "pages that zswap wrote to their device after all")                              \
	X(ZSWAP_POOL_LIMIT_HIT, "zswap_pool_limit_hit", "pages that found zswap at max_pool_percent")        \
	X(ZSWAP_REJECT_COMPRESS_POOR, "zswap_reject_compress_poor",                                          \
	  "pages that zswap refused because they would not get smaller")                                     \
	X(ZSWAP_REJECT_ALLOC_FAIL, "zswap_reject_alloc_fail",                                                \
	  "pages that zswap refused because there was no memory")                                            \
	X(ZSWAP_REJECT_RECLAIM_FAIL, "zswap_reject_reclaim_fail",                                            \
	  "entries of zswap that could not be written to their device")                                      \
	X(PGSCAN, "pgscan", "pages scanned on inactive lists")                                               \
	X(PGSTEAL, "pgsteal", "pages reclaimed")                                                             \
	X(PGSCAN_KSWAPD, "pgscan_kswapd", "of pgscan, by the daemon")                                        \
	X(PGSTEAL_KSWAPD, "pgsteal_kswapd", "of pgsteal, by the daemon")                                     \
	X(PGSCAN_DIRECT, "pgscan_direct",                                                                    \
	  "of pgscan, by allocations: short of memory; from 7.1, at a limit, too")                           \
	X(PGSTEAL_DIRECT, "pgsteal_direct", "of pgsteal, likewise")                                          \
	X(PGSCAN_PROACTIVE, "pgscan_proactive", "of pgscan, for writers to memory.reclaim")                  \
	X(PGSTEAL_PROACTIVE, "pgsteal_proactive", "of pgsteal, likewise")                                    \
	X(ALLOCSTALL, "allocstall", "goes at reclaim by allocations when the machine was short of memory")   \
	X(PAGEOUTRUN, "pageoutrun", "runs of kswapd")                                                        \
	X(PGREFILL, "pgrefill", "pages scanned on active lists")                                             \
	X(PGACTIVATE, "pgactivate", "pages reclaim moved to the active list")                                \
	X(PGDEACTIVATE, "pgdeactivate", "pages moved to the inactive list")                                  \
	X(PGROTATED, "pgrotated", "written pages moved to the tail of their list")                           \
	X(PGLAZYFREE, "pglazyfree", "pages that MADV_FREE gave up")                                          \
	X(PGLAZYFREED, "pglazyfreed", "of those, pages that reclaim dropped without swap")                   \
	X(WORKINGSET_REFAULT_ANON, "workingset_refault_anon",                                                \
	  "anonymous pages that came back after eviction")                                                   \
	X(WORKINGSET_ACTIVATE_ANON, "workingset_activate_anon", "refaults that were activated at once")      \
	X(WORKINGSET_RESTORE_ANON, "workingset_restore_anon", "refaults of pages that had been active")      \
	X(WORKINGSET_REFAULT_FILE, "workingset_refault_file", "file pages that came back after eviction")    \
	X(WORKINGSET_ACTIVATE_FILE, "workingset_activate_file", "refaults that were activated at once")      \
	X(WORKINGSET_RESTORE_FILE, "workingset_restore_file", "refaults of pages that had been active")      \
	X(EVENTS_LOW, "memory.events:low", "reclaims of a cgroup in spite of its memory.low")                \
	X(EVENTS_HIGH, "memory.events:high", "reclaims by tasks because usage was above memory.high")        \
	X(EVENTS_MAX, "memory.events:max", "reclaim rounds because usage was about to exceed memory.max")    \
	X(EVENTS_OOM, "memory.events:oom", "calls of the cgroup's OOM killer")                               \
	X(EVENTS_OOM_KILL, "memory.events:oom_kill", "processes it killed")                                  \
	X(EVENTS_OOM_GROUP_KILL, "memory.events:oom_group_kill", "cgroups it killed as a whole")             \
	X(HIGH_SLEEPS, "memory_high_sleeps",                                                                 \
	  "times a task was made to sleep by memory.high or memory.swap.high")                               \
	X(HIGH_SLEEP_NS, "memory_high_sleep_ns", "their time")                                               \
	X(RECLAIM_SHORT, "memory_reclaim_eagain",                                                            \
	  "writes to memory.reclaim that got less than they asked for")                                      \
	X(CHARGES_REFUSED, "charges_refused",                                                                \
	  "charges that failed: the fault is tried again unless its task is to die")                         \
	X(FAILCNT, "memory.failcnt", "charges that hit the limit (cgroup v1)")                               \
	X(MEMSW_FAILCNT, "memory.memsw.failcnt",                                                             \
	  "charges that hit the limit of memory and swap together (cgroup v1)")                              \
	X(SWAP_EVENTS_HIGH, "memory.swap.events:high", "times tasks found swap above memory.swap.high")      \
	X(SWAP_EVENTS_MAX, "memory.swap.events:max", "swap slots refused because of memory.swap.max")        \
	X(SWAP_EVENTS_FAIL, "memory.swap.events:fail", "swap slots that could not be had")                   \
	X(RECLAIM_THROTTLED, "reclaim_throttled_isolated",                                                   \
	  "reclaimers that slept because too much was isolated")                                             \
	X(BLK_RD_IOS, "blk_rd_ios", "requests sent to swap devices, reads")                                  \
	X(BLK_RD_PAGES, "blk_rd_pages", "their pages")                                                       \
	X(BLK_WR_IOS, "blk_wr_ios", "requests sent to swap devices, writes")                                 \
	X(BLK_WR_PAGES, "blk_wr_pages", "their pages")                                                       \
	X(FILE_RD_IOS, "file_rd_ios", "requests sent to the device with the files, reads")                   \
	X(FILE_RD_PAGES, "file_rd_pages", "their pages")                                                     \
	X(SLOTS_ALLOCATED, "swap_slots_allocated", "swap slots taken")                                       \
	X(TABLE_ALLOC_FAILED, "swap_table_alloc_failed", "swap tables for which there was no memory")        \
	X(CACHE_ADD_FAILED, "swap_cache_add_failed", "swap cache insertions that failed for lack of memory") \
	X(SWAPIN_RACES, "swapin_races", "faults that found another one reading the same slot")               \
	X(SWAPIN_WASTED_PAGES, "swapin_wasted_pages", "pages allocated and charged for nothing at swap-in")  \
	X(SWAPIN_RACE_SLEEPS, "swapin_race_sleeps", "one-tick sleeps of faults that lost such a race")       \
	X(SWAPIN_RACE_SLEEP_NS, "swapin_race_sleep_ns", "their time")                                        \
	X(FOLIO_LOCK_WAITS, "folio_lock_waits", "faults that waited for a folio lock")                       \
	X(SWAPIN_WASTED_CHARGES, "swapin_wasted_charges",                                                    \
	  "of the pages allocated for nothing at swap-in, those that were charged, too (from 7.0)")          \
	X(VM_FAULT_OOM, "vm_fault_oom",                                                                      \
	  "swap-ins that came to nothing while the page was still swapped, and came again (from 7.0)")       \
	X(THP_FAULT_ALLOC, "thp_fault_alloc", "first touches that got a huge page")                          \
	X(THP_FAULT_FALLBACK, "thp_fault_fallback", "first touches that got less")                           \
	X(THP_FAULT_FALLBACK_CHARGE, "thp_fault_fallback_charge", "of those, because of the cgroup's limit") \
	X(THP_SPLIT_PAGE, "thp_split_page", "huge pages split")                                              \
	X(THP_SPLIT_PAGE_FAILED, "thp_split_page_failed", "huge pages that were in use and not split")       \
	X(THP_DEFERRED_SPLIT_PAGE, "thp_deferred_split_page", "huge pages partly unmapped, to be split")     \
	X(THP_SPLIT_PMD, "thp_split_pmd", "mappings of huge pages split into entries")                       \
	X(THP_SWPOUT, "thp_swpout", "huge pages swapped out whole")                                          \
	X(THP_SWPOUT_FALLBACK, "thp_swpout_fallback", "huge pages split before they were swapped out")       \
	LARGE_FOLIO_COUNTERS(X)

/* As in /sys/kernel/mm/transparent_hugepage/hugepages-*kB/stats, from order 1 up. */
#define LARGE_FOLIO_COUNTERS(X)                                                                              \
	COUNTERS_OF_SIZE(X, 8)                                                                               \
	COUNTERS_OF_SIZE(X, 16)                                                                              \
	COUNTERS_OF_SIZE(X, 32)                                                                              \
	COUNTERS_OF_SIZE(X, 64)                                                                              \
	COUNTERS_OF_SIZE(X, 128)                                                                             \
	COUNTERS_OF_SIZE(X, 256)                                                                             \
	COUNTERS_OF_SIZE(X, 512)                                                                             \
	COUNTERS_OF_SIZE(X, 1024)                                                                            \
	COUNTERS_OF_SIZE(X, 2048)
#define COUNTERS_OF_SIZE(X, kb)                                                                              \
	X(MTHP_##kb##_ANON_FAULT_ALLOC, "hugepages-" #kb "kB.anon_fault_alloc",                              \
	  "first touches that got one")                                                                      \
	X(MTHP_##kb##_ANON_FAULT_FALLBACK, "hugepages-" #kb "kB.anon_fault_fallback",                        \
	  "first touches that got a smaller one")                                                            \
	X(MTHP_##kb##_ANON_FAULT_FALLBACK_CHARGE, "hugepages-" #kb "kB.anon_fault_fallback_charge",          \
	  "of those, because of the cgroup's limit")                                                         \
	X(MTHP_##kb##_ZSWPOUT, "hugepages-" #kb "kB.zswpout", "folios that zswap took")                      \
	X(MTHP_##kb##_SWPOUT, "hugepages-" #kb "kB.swpout", "folios written to swap whole")                  \
	X(MTHP_##kb##_SWPOUT_FALLBACK, "hugepages-" #kb "kB.swpout_fallback",                                \
	  "folios split before they were swapped out")                                                       \
	X(MTHP_##kb##_SWPIN, "hugepages-" #kb "kB.swpin", "folios swapped in whole")                         \
	X(MTHP_##kb##_SWPIN_FALLBACK, "hugepages-" #kb "kB.swpin_fallback",                                  \
	  "swap-ins that got a smaller folio")                                                               \
	X(MTHP_##kb##_SWPIN_FALLBACK_CHARGE, "hugepages-" #kb "kB.swpin_fallback_charge",                    \
	  "of those, because of the cgroup's limit")                                                         \
	X(MTHP_##kb##_SPLIT, "hugepages-" #kb "kB.split", "folios split")                                    \
	X(MTHP_##kb##_SPLIT_FAILED, "hugepages-" #kb "kB.split_failed", "folios in use and not split")       \
	X(MTHP_##kb##_SPLIT_DEFERRED, "hugepages-" #kb "kB.split_deferred",                                  \
	  "folios partly unmapped, to be split")

enum counter {
#define X(id, name, meaning) id,
	COUNTERS(X)
#undef X
	    NR_COUNTERS
};

/* What is counted of large folios of each order, in the order of COUNTERS_OF_SIZE. */
enum mthp_stat {
	MTHP_ANON_FAULT_ALLOC,
	MTHP_ANON_FAULT_FALLBACK,
	MTHP_ANON_FAULT_FALLBACK_CHARGE,
	MTHP_ZSWPOUT,
	MTHP_SWPOUT,
	MTHP_SWPOUT_FALLBACK,
	MTHP_SWPIN,
	MTHP_SWPIN_FALLBACK,
	MTHP_SWPIN_FALLBACK_CHARGE,
	MTHP_SPLIT,
	MTHP_SPLIT_FAILED,
	MTHP_SPLIT_DEFERRED,
	NR_MTHP_STATS
};
static inline enum counter mthp_counter(unsigned order, enum mthp_stat stat)
{
	return (enum counter)(MTHP_8_ANON_FAULT_ALLOC + (order - 1) * NR_MTHP_STATS + stat);
}

/* What memory.events.local shows: of a cgroup itself, not of those below it. */
enum { LOCAL_EVENTS_FIRST = EVENTS_LOW, NR_LOCAL_EVENTS = EVENTS_OOM_GROUP_KILL - EVENTS_LOW + 1 };

struct counter_info {
	const char *name;
	const char *meaning;
};
extern const struct counter_info counter_info[NR_COUNTERS];

#endif
