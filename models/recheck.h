/*
 * recheck.h - what is looked at once more when a lock has been taken, because it may have changed before.
 *
 * Each of these can be left out of any release ("6.18+unchecked=swapin-pte"), to see what it is good for: the
 * mutants of docs/mutants.md. No kernel is without them. A new one is a row of recheck.c, and recheck()
 * around the condition.
 */
#ifndef MODELS_RECHECK_H
#define MODELS_RECHECK_H

#include "models/kernel.h"

enum recheck {
	RECHECK_ANON_PTE,
	RECHECK_ANON_STABLE,
	RECHECK_HUGE_PMD,
	RECHECK_FILE_PTE,
	RECHECK_FILE_FOLIO,
	RECHECK_COW_PTE,
	RECHECK_WP_SHARED,
	RECHECK_WP_PTE,
	RECHECK_WP_REFS,
	RECHECK_SWAPIN_FOLIO,
	RECHECK_SWAPIN_PTE,
	RECHECK_UNMAP_PTE,
	RECHECK_RECLAIM_RELOCK,
	RECHECK_REMOVE_REFS,
	RECHECK_REMOVE_DIRTY,
	RECHECK_CLAIM_COUNT,
	RECHECK_CLAIM_CACHE,
	RECHECK_PART_CACHE,
	RECHECK_PART_COUNT,
	RECHECK_PART_ZERO,
	RECHECK_PART_CGROUP,
	RECHECK_FREE_CACHED,
	RECHECK_FREE_WRITEBACK,
	RECHECK_FREE_COUNT,
	RECHECK_ALLOC_HINT,
	RECHECK_ALLOC_NEXT,
	RECHECK_SCAN_USABLE,
	RECHECK_SCAN_RANGE,
	RECHECK_SCAN_MAP,
	RECHECK_SCAN_FULL,
	RECHECK_ISOLATE_WRITEOK,
	RECHECK_SLOTS_USED,
	RECHECK_CONTINUE_FULL,
	RECHECK_CONTINUE_PAGE,
	RECHECK_EXTEND_FULL,
	RECHECK_SWAPOFF_WRITEOK,
	RECHECK_UNUSE_PTE,
	RECHECK_UNUSE_FOLIO,
	RECHECK_SHMEM_PAGE,
	RECHECK_SHMEM_FOLIO,
	RECHECK_SHMEM_ENTRY,
	RECHECK_SHMEM_INDEX,
	RECHECK_SHMEM_SPLIT,
	RECHECK_SHMEM_ERASE,
	RECHECK_SHMEM_TRUNCATE,
	RECHECK_ZSWAP_ENTRY,
	NR_RECHECKS
};

struct recheck_info {
	const char *name;
	const char *step;    /* "path.STEP" that takes the lock */
	const char *meaning; /* what is looked at */
	/* Why no world of scenarios/explore goes wrong without it; NULL: one does. */
	const char *spared;
};
extern const struct recheck_info recheck_info[NR_RECHECKS];

/* Whether @holds, or nobody looks. */
static inline bool recheck(const struct kernel *k, enum recheck what, bool holds)
{
	return holds || G_UNLIKELY(k->patch.unchecked >> what & 1);
}

/* Adds the one of that name to a set of them, or says which there are. */
bool recheck_leave_out(const char *name, u64 *unchecked, GError **error);

#endif
