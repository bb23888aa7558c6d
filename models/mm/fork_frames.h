/*
 * fork_frames.h - arguments and locals of the paths of fork() and of what follows from it; see frames.h.
 */
#ifndef MODELS_MM_FORK_FRAMES_H
#define MODELS_MM_FORK_FRAMES_H

#include "models/mm/mm.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded" /* state is compared byte by byte */

#define FORK_PATHS(X) X(wp_can_reuse_anon_folio) X(dup_mmap) X(copy_page_range)

/* Whether a shared folio is nobody else's any more. */
struct wp_can_reuse_anon_folio {
	u32 folio;
	u32 reuse;
};

/* Returns 0, or an error, and then there is no child. */
struct dup_mmap {
	u32 parent;
	u32 child;
	u32 page; /* of the mapping in hand */
	u32 error;
};

/* Copy the entries of pages [page, end). Returns 0, or an error. */
struct copy_page_range {
	u32 page;
	u32 end;
	u32 child; /* what to add to a page for the child's */
	u32 stop;  /* end of the page table in hand */
	u32 full;  /* the slot whose count does not go higher without a page; 0 none */
};

#pragma GCC diagnostic pop

#endif
