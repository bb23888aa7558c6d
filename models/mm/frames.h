/*
 * frames.h - arguments and locals of the paths in mm/, one struct a path. Arguments first, then what must
 * survive a name. Integers and indices; no padding but what is named (checked by the lint).
 */
#ifndef MODELS_MM_FRAMES_H
#define MODELS_MM_FRAMES_H

#include "models/mm/mm.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded" /* state is compared byte by byte */

#define MM_PATHS(X)                                                                                          \
	X(handle_mm_fault)                                                                                   \
	X(do_huge_pmd_anonymous_page)                                                                        \
	X(alloc_anon_folio)                                                                                  \
	X(do_anonymous_page)                                                                                 \
	X(do_wp_page)                                                                                        \
	X(do_read_fault)                                                                                     \
	X(do_cow_fault)                                                                                      \
	X(filemap_fault)                                                                                     \
	X(filemap_add_folio)                                                                                 \
	X(page_cache_readahead)                                                                              \
	X(filemap_read)                                                                                      \
	X(generic_perform_write)                                                                             \
	X(alloc_swap_folio)                                                                                  \
	X(swapin_none)                                                                                       \
	X(do_swap_page)                                                                                      \
	X(swapin_alloc)                                                                                      \
	X(swapin_claim)                                                                                      \
	X(alloc_charged_folio)                                                                               \
	X(alloc_pages_slowpath)                                                                              \
	X(out_of_memory)                                                                                     \
	X(kswapd)                                                                                            \
	X(balance_pgdat)                                                                                     \
	X(kswapd_age_node)                                                                                   \
	X(folio_put)                                                                                         \
	X(mem_cgroup_oom)                                                                                    \
	X(oom_reaper)                                                                                        \
	X(exec_mmap)                                                                                         \
	X(exit_mmap)                                                                                         \
	X(zap_pages)                                                                                         \
	X(free_pages_and_swap_cache)                                                                         \
	X(mem_cgroup_handle_over_high)                                                                       \
	X(reclaim_high)                                                                                      \
	X(cgroup_file_write)                                                                                 \
	X(memory_max_write)                                                                                  \
	X(memory_high_write)                                                                                 \
	X(memory_reclaim)                                                                                    \
	X(mem_cgroup_charge)                                                                                 \
	X(lru_add_drain)                                                                                     \
	X(try_to_free_mem_cgroup_pages)                                                                      \
	X(try_to_free_pages)                                                                                 \
	X(do_try_to_free_pages)                                                                              \
	X(shrink_node)                                                                                       \
	X(shrink_lruvec)                                                                                     \
	X(shrink_inactive_list)                                                                              \
	X(shrink_active_list)                                                                                \
	X(lru_note_cost)                                                                                     \
	X(lru_note_cost_refault)                                                                             \
	X(alloc_swap_large)                                                                                  \
	X(shrink_folio_list)                                                                                 \
	X(folio_referenced)                                                                                  \
	X(try_to_unmap)                                                                                      \
	X(try_to_unmap_one)                                                                                  \
	X(pageout)                                                                                           \
	X(madvise_pageout)                                                                                   \
	X(madvise_dontneed)                                                                                  \
	X(munmap)                                                                                            \
	X(madvise_free)                                                                                      \
	X(lru_lazyfree)                                                                                      \
	X(madvise_willneed)                                                                                  \
	X(uffd_move)

struct handle_mm_fault {
	u32 page;
	u8 write;
	u8 major; /* a read from swap was needed */
	u8 tried; /* it will wait for a busy folio no more without locking it: FAULT_FLAG_TRIED */
	u8 retried;
	u64 start;
};

/* Of a page whose table is empty. Returns whether the fault is served; false: it is to get less. */
struct do_huge_pmd_anonymous_page {
	u32 page, folio;
};

/* Returns a large folio, charged; 0: one page has to do. */
struct alloc_anon_folio {
	u32 page;
	u32 orders; /* still to be tried */
	u32 order;
};

struct do_anonymous_page {
	u32 page;
	u32 folio;
	u32 write;
};

struct do_wp_page {
	u32 page;
	u32 locked; /* the lock of the page table is held, and dropped here */
	u32 old;    /* the frame that is shared, of which we have a reference; 0: zero page, file */
	u32 folio;
};

/* Both return bits of enum fault_result. */
struct do_read_fault {
	u32 page;
	u32 tried; /* as of do_swap_page */
	u32 folio;
	u16 result;
	u16 mapped; /* and the reference with it */
};

struct do_cow_fault {
	u32 page;
	u32 tried;
	u32 folio; /* of the file */
	u32 copy;
	u32 result;
};

/* Returns a folio, locked and read, with a reference; above it, from bit 32, bits of enum fault_result. */
struct filemap_fault {
	u32 page;
	u32 folio;
	u32 start, pages; /* to be read ahead */
	u32 mark;
	u8 tried;
	u8 ahead;
	u8 major;
	u8 stalled;
};

/* Returns a new folio at the index, locked, with a reference beside the cache's; 0: there is one already, or
 * no memory. */
struct filemap_add_folio {
	u32 index;
	u32 gfp; /* enum alloc_flag */
	u32 folio;
	u32 memcg; /* to be charged */
	u64 shadow;
};

/* Read what is at [index, end) unless it is there; index @mark tells when to go on. */
struct page_cache_readahead {
	u32 index;
	u32 end;
	u32 memcg; /* to be charged */
	u32 mark;
	u32 first; /* of those that are in the cache and still to be submitted */
	u32 next;
	u32 workingset; /* one of them had been in use: submitting them is a memory stall */
};

/* read() of a file from its beginning: what is at [index, end). */
struct filemap_read {
	u32 index;
	u32 end;
	u32 memcg; /* to be charged for what is not there */
	u32 folio;
	u32 start; /* the latest window, */
	u32 ahead; /* and its end */
	u32 mark;  /* read from here on the next one */
	u32 stalled;
};

/* write() of all of it. */
struct generic_perform_write {
	u32 index;
	u32 end;
	u32 memcg;
	u32 folio;
};

/* Returns a folio, charged; 0: none to be had. */
struct alloc_swap_folio {
	u32 page, entry;
	u32 orders; /* still to be tried */
	u32 order;
};

/* Both return a folio, charged or with a reference; 0: none to be had. */
struct swapin_alloc {
	u32 entry;
	u32 page;
};

/* Returns a charged folio with its slot claimed, 0: none. */
struct swapin_claim {
	u32 entry;
	u32 page;
	u32 folio;
};

/* Returns bits of enum fault_result. */
struct swapin_none {
	u32 entry;
	u32 page;
};
struct do_swap_page {
	u32 page;
	u8 write;
	u8 pinned;  /* device + 1 */
	u8 tried;   /* not for the first time: wait for a folio lock and take it */
	u8 useless; /* the folio that was read cannot be mapped as a whole */
	u32 entry;  /* of the page; then the first of those that are mapped together, */
	u32 first;  /* its page, */
	u32 nr;	    /* and how many they are */
	u32 folio;
	u32 frame; /* of the folio, for the first page */
	u8 bypass; /* the folio was read without the swap cache, and SWAP_HAS_CACHE is ours */
	u8 major;
	u8 stalled; /* the wait for the folio counts as a memory stall */
	u8 exclusive;
};

/* Returns a folio with one reference, not charged; 0: none to be had. */
struct alloc_pages_slowpath {
	u32 order;
	u32 gfp; /* enum alloc_flag */
	u32 folio;
	u32 no_progress_loops;
	u32 reclaimed;
};

/* For the machine. Returns whether somebody is to die, or memory has been found. */
struct out_of_memory {
	u32 hope;
};

struct kswapd {
	u32 unused;
};

/* Until free memory is above the high watermark, or that is hopeless. */
struct balance_pgdat {
	u32 raise_priority;
	u32 before;
};

struct kswapd_age_node {
	u32 i;
	u32 memcg;
};

/* Returns a folio with one reference, charged; 0: none to be had, CHARGE_FAILED: it could not be charged. */
struct alloc_charged_folio {
	u32 page; /* the first it is for */
	u32 memcg;
	u16 order;
	u16 gfp; /* enum alloc_flag */
	u32 folio;
};

/* Drops a reference; the last one takes the folio off its list, returns the charge and frees it. */
struct folio_put {
	u32 folio;
};

/* Charges a folio; returns 0, or 1 when the cgroup cannot get below its limit. */
struct mem_cgroup_charge {
	u32 memcg;
	u32 order;
	u32 over;  /* the level that is at its limit */
	u32 batch; /* pages it tries to take at once */
	u32 reclaimed;
	u16 retries;
	u8 drained;
	u8 no_swap; /* the limit of memory and swap together was met in this charge */
	u8 passed_oom;
	u8 gfp; /* enum alloc_flag */
	u8 pad[2];
};

/* The OOM killer of a cgroup. Returns whether there is hope: a victim, its own or of somebody else, or room
 * by now. */
struct mem_cgroup_oom {
	u32 memcg;
	u16 hope;
	u8 order;    /* of the charge that found no room */
	u8 optional; /* when there is nobody to kill, nothing comes of it */
};

/* What the task has charged above memory.high is reclaimed, or slept for. */
struct mem_cgroup_handle_over_high {
	u64 penalty; /* ticks */
	u64 start;
	u32 memcg;
	u32 nr_pages;
	u32 reclaimed;
	u16 retries;
	u16 in_retry;
};

/* Of every level that is above memory.high. Returns pages reclaimed. */
struct reclaim_high {
	u32 memcg;
	u32 nr_pages;
	u32 reclaimed;
	u32 pad;
};

/* Somebody writes to a file of a cgroup; the task ends with that. */
struct cgroup_file_write {
	u32 write; /* of the configuration */
	u32 pad;
};

struct memory_max_write {
	u64 pages;
	u32 memcg;
	u16 retries;
	u16 drained;
};

struct memory_high_write {
	u64 pages;
	u32 memcg;
	u16 retries;
	u16 drained;
};

/* Returns 0, or 1 when not all could be reclaimed (EAGAIN). */
struct memory_reclaim {
	u64 pages;
	u64 reclaimed;
	u32 memcg;
	u32 retries;
};

/* The kernel thread; it never returns. */
struct oom_reaper {
	u32 mm; /* + 1 */
	u32 pad;
};

/* A process begins. */
struct exec_mmap {
	u32 mm;
	u32 pad;
};

/* Give back all memory of a process. */
struct exit_mmap {
	u32 mm;
	u32 pad;
};

/* Unmap pages [page, end) of a process that is on its way out, and free their folios and slots. */
struct zap_pages {
	u32 page;
	u32 end;
	u32 stop; /* end of the page table in hand */
	u32 slots;
	u32 nr;
	u32 gathered[LRU_BATCH_MAX]; /* folios that were mapped, */
	u16 refs[LRU_BATCH_MAX];     /* and their references that are ours */
	u16 pad;
};

/* Drop the references of @nr folios of the calling frame that are no longer mapped. */
struct free_pages_and_swap_cache {
	u32 folios; /* place of the array */
	u32 refs;   /* place of that of their references, 16 bits each */
	u32 nr;
	u32 i;
	u32 lruvec;
	struct folio_list dead;
};

/* Moves what waits in the CPU's batch onto the lists, @folio included if that is not 0. */
struct lru_add_drain {
	u32 folio;
	u32 next;
	u32 lruvec;
	struct folio_list dead; /* let go of by everybody else meanwhile */
};

/* Returns pages reclaimed. */
struct try_to_free_mem_cgroup_pages {
	u32 memcg;
	u32 nr_pages;
	u32 no_swap;
	u32 proactive;
	u64 start;
};

/* For the machine. Returns pages reclaimed. */
struct try_to_free_pages {
	u64 start;
	u64 reclaimed;
};

/* As the task's scan_control says. */
struct do_try_to_free_pages {
	u32 unused;
};

/* One priority. */
struct shrink_node {
	u64 before; /* pages reclaimed */
	u32 i;
	u32 memcg;
};

struct shrink_lruvec {
	u32 lruvec;
	u32 reclaimed;
	u32 nr[NR_LRU_LISTS];	  /* still to be scanned */
	u32 target[NR_LRU_LISTS]; /* what that was at first */
	u32 lru;
	u32 chunk;
};

/* Returns pages reclaimed. */
struct shrink_inactive_list {
	u32 lruvec;
	u32 lru;
	u32 nr_to_scan;
	u32 nr_scanned;
	u32 nr_taken;
	u32 nr_pageout;
	u32 nr_reclaimed;
	u32 stalled;
	u32 cost; /* see lru_cost() */
	struct folio_list folios;
	struct folio_list dead; /* let go of by everybody else meanwhile */
};

struct shrink_active_list {
	u32 lruvec;
	u32 lru;
	u32 nr_to_scan;
	u32 nr_taken;
	u32 folio;
	u32 rotated;
	struct folio_list hold;
	struct folio_list active;
	struct folio_list inactive;
};

/* What reclaim cost is noted for a cgroup and its parents, under the lru_lock of each. */
struct lru_note_cost {
	u32 memcg;
	u32 cost;
	u16 file;
	u16 held; /* the cgroup's lock is, and is dropped here (6.17 to 7.0) */
};

/* Of a folio that is on no list yet. */
struct lru_note_cost_refault {
	u32 folio;
};

/* Slots for a folio or, split, for its first page: the others go to the list. Returns 0, or an error. */
struct alloc_swap_large {
	u32 folio;
	u32 folios; /* place of the struct folio_list */
	u32 order;
	u32 refused; /* there were no slots in a row */
};

/* Shrinks the list of the calling frame; what cannot be reclaimed stays on it. Returns pages reclaimed. */
struct shrink_folio_list {
	u32 folios;  /* place of the struct folio_list */
	u32 pageout; /* place of a counter of pages given to pageout; 0: none wanted */
	u32 folio;
	u32 reclaimed;
	u32 references; /* folio_check_references()'s verdict */
	u32 activated;
	u32 ignore_references;
	u32 to_free;  /* folios on the list of that name */
	u32 unmapped; /* page of the last folio that was dropped clean and not flushed from the TLB; 0 none */
	struct folio_list kept;
	struct folio_list free;
};

/* Returns in how many address spaces the folio was used since this was asked last. */
struct folio_referenced {
	u32 folio;
	u32 page;
	u32 mappings;
};

/* Unmaps the folio unless a mapping is to stay. */
struct try_to_unmap {
	u32 folio;
	u32 page;
};

/* Of one address space, where the folio would begin at @page. Returns whether the walk may go on. */
struct try_to_unmap_one {
	u32 folio;
	u32 page;
	u32 i;	 /* of the folio's frames */
	u32 was; /* flags of the page table entry */
	u32 stays;
};

/* Returns enum pageout_result. */
struct pageout {
	u32 folio;
	u32 folios; /* as of shmem_writeout */
};

/* MADV_PAGEOUT of pages [page, page + count). Returns pages reclaimed. */
struct madvise_pageout {
	u32 page;
	u32 count;
	u32 done;
	u32 next;
	u32 memcg;
	u32 reclaimed;
	struct folio_list folios;
	struct folio_list dead;
};

/* MADV_DONTNEED of pages [page, page + count). */
struct madvise_dontneed {
	u32 page;
	u32 count;
};

/* munmap() of pages [page, page + count). */
struct munmap {
	u32 page;
	u32 count;
	u64 start;
};

/* MADV_FREE of pages [page, end). */
struct madvise_free {
	u32 page;
	u32 end;
	u32 first;
	u32 stop; /* end of the page table in hand */
	u32 slots;
	u32 pages; /* that are treated as one */
	u32 folio;
	u16 flush; /* entries were changed */
	u16 kept;  /* the folio still has its slot */
};

/* Moves what MADV_FREE left in the CPU's batch to the inactive file list, @folio included if that is not 0.
 */
struct lru_lazyfree {
	u32 folio;
	u32 next;
	u32 lruvec;
	struct folio_list dead; /* let go of by everybody else meanwhile */
};

/* MADV_WILLNEED of pages [page, end). Returns pages it began to read. */
struct madvise_willneed {
	u32 page;
	u32 end;
	u32 stop; /* end of the page table in hand */
	u32 next; /* the swapped page in hand, and its slot */
	u32 entry;
	u32 folio;
	u32 is_new;
	u32 read;
};

/* Returns 0, or an error, and then nothing has changed; PATH_EAGAIN: it may be otherwise the next time. */
struct uffd_move {
	u32 page;
	u32 to;
	u32 pte;   /* what was found at @page, */
	u32 flags; /* and what of its flags matters */
	u32 folio;
	u32 locked;
	u32 pinned; /* device + 1 */
	u32 error;
};

#pragma GCC diagnostic pop

#endif
