/*
 * paths.h - the model's path table: numbers, functions, frames. A new path is a name in its folder's list in
 * frames.h, a frame there, and PATH(name) in a file of that folder.
 */
#ifndef MODELS_PATHS_H
#define MODELS_PATHS_H

#include "models/kernel.h"
#include "models/block/frames.h"
#include "models/mm/fork_frames.h"
#include "models/mm/frames.h"
#include "models/mm/mglru_frames.h"
#include "models/mm/shmem_frames.h"
#include "models/swap/cache_frames.h"
#include "models/swap/frames.h"
#include "models/work/frames.h"
#include "sim/path.h"

#define PATHS(X)                                                                                             \
	MM_PATHS(X)                                                                                          \
	MGLRU_PATHS(X)                                                                                       \
	FORK_PATHS(X) SHMEM_PATHS(X) SWAP_PATHS(X) SWAP_CACHE_PATHS(X) BLOCK_PATHS(X) WORK_PATHS(X)

enum path_number {
#define X(p) PATH_##p,
	PATHS(X)
#undef X
	    NR_PATHS
};

#define X(p) void p##_path(struct machine *m, struct task *t, void *f, struct step *s);
PATHS(X)
#undef X

extern const struct path_info path_info[NR_PATHS];

/* The releases that have it; NULL: all, or more than the table knows. */
const char *path_releases(u32 path);

/* What an allocation may not do for its memory; 0: all there is (GFP_KERNEL, GFP_HIGHUSER_MOVABLE). */
enum alloc_flag {
	GFP_NORETRY = 1,    /* reclaim more than once, or have somebody killed */
	GFP_NO_RECLAIM = 2, /* reclaim: without __GFP_DIRECT_RECLAIM */
	GFP_NO_KSWAPD = 4,  /* wake kswapd */
};

/* Orders above are given up early. */
enum { COSTLY_ORDER = 3 };

/* What alloc_charged_folio() returns when a large folio cannot be charged. */
#define CHARGE_FAILED ((s64)-1)

enum pageout_result { PAGE_KEEP, PAGE_ACTIVATE, PAGE_SUCCESS };

/* What read_swap_cache_async() returns beside the folio: it is new and wants to be read into. */
#define SWAPIN_NEW ((s64)1 << 32)

/* What paths of shared memory return beside a folio: what they came for is no longer there; look again. */
#define SHMEM_EEXIST ((s64)1 << 48)

/* What zswap_lru_walk() returns beside the number of entries. */
#define ZSWAP_WALK_STOPPED ((s64)1 << 32)

/* What swap_read_folio() returns: whether the page is there and still locked, or will be unlocked when it is.
 */
enum read_result { READ_DONE, READ_UNDER_WAY };

/* What do_swap_page() and the faults on files return beside FAULT_MAJOR: the folio was busy; the fault has to
 * be tried again. */
enum fault_result { FAULT_MAJOR = 1, FAULT_RETRY = 2 };

/* Errors that paths return, under the kernel's names. */
enum path_error {
	PATH_OK,
	PATH_EEXIST,
	PATH_ENOENT,
	PATH_ENOMEM,
	PATH_EAGAIN,
	PATH_EBUSY,
	PATH_EINTR,
	PATH_EINVAL
};

#endif
