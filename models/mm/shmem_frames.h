/*
 * shmem_frames.h - arguments and locals of the paths of shared memory; see frames.h.
 */
#ifndef MODELS_MM_SHMEM_FRAMES_H
#define MODELS_MM_SHMEM_FRAMES_H

#include "sim/types.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded" /* state is compared byte by byte */

#define SHMEM_PATHS(X)                                                                                       \
	X(do_shared_fault)                                                                                   \
	X(shmem_get_folio)                                                                                   \
	X(shmem_alloc_and_add_folio)                                                                         \
	X(shmem_swapin_folio)                                                                                \
	X(shmem_swap_alloc_folio)                                                                            \
	X(shmem_split_large_entry)                                                                           \
	X(shmem_writeout)                                                                                    \
	X(shmem_punch_hole)                                                                                  \
	X(shmem_undo_range)                                                                                  \
	X(shmem_free_swap)                                                                                   \
	X(truncate_inode_folio)                                                                              \
	X(unmap_mapping_range)

/* A write to a page of shared memory. Returns bits of enum fault_result. */
struct do_shared_fault {
	u32 page;
	u32 folio;
	u16 result;
	u16 mapped; /* and the reference with it */
	u32 pad;
};

/* What is at a segment's page, on behalf of a fault on @fault. Returns the folio, locked, with a reference;
 * above it, from bit 32, bits of enum fault_result. 0: no memory or, with @noalloc, nothing there. */
struct shmem_get_folio {
	u32 page;
	u32 fault;
	u32 noalloc;
	u32 folio;
	u32 order; /* of a new one */
	u16 major;
	u16 stalled;
};

/* Returns a new folio of the segment's page, locked, with a reference beside the cache's; 0: no memory;
 * SHMEM_EEXIST: there is something meanwhile. */
struct shmem_alloc_and_add_folio {
	u32 page; /* then the folio's first */
	u32 fault;
	u32 order;
	u32 folio;
	u32 exists;
	u32 pad;
};

/* Of a segment's page whose index has @entry. Returns as shmem_get_folio; SHMEM_EEXIST: begin anew. */
struct shmem_swapin_folio {
	s64 result;
	u32 page;
	u32 fault;
	u32 entry;
	u32 slot; /* of the page, in it; of a large folio: its first */
	s32 order;
	u32 folio;
	u32 at;	   /* the folio's first page */
	u8 bypass; /* the folio was read without the swap cache, and SWAP_HAS_CACHE is ours */
	u8 major;
	u8 stalled;
	u8 stored;
	u8 was_cached;
	u8 pinned; /* swap_device_get() */
	u8 pad[6];
};

/* Returns a folio with a reference that was read around the swap cache, locked; its SWAP_HAS_CACHE is the
 * caller's. 0: no memory; SHMEM_EEXIST: somebody else has it. */
struct shmem_swap_alloc_folio {
	u32 page;
	u32 fault;
	u32 entry; /* that the index has; then the first of the folio's slots */
	u32 order; /* of it; then of the folio */
	u32 folio;
	u32 pad;
};

/* Returns 0, or an error. */
struct shmem_split_large_entry {
	u32 page;
	u32 entry;
	s32 order;
	u32 pad;
};

/* Returns enum pageout_result. */
struct shmem_writeout {
	u32 folio;
	u32 folios; /* place of the struct folio_list to which the other pages go if it has to be split */
	u32 entry;  /* the first of its slots */
	u32 nr;
	u32 back;  /* it is in the page cache again */
	u32 order; /* before it was split */
};

/* fallocate(FALLOC_FL_PUNCH_HOLE) of what is mapped at pages [page, page + count). */
struct shmem_punch_hole {
	u32 page;
	u32 count;
};

/* Segment pages [page, end) become holes. */
struct shmem_undo_range {
	u32 page;
	u32 end;
	u32 fault; /* the page of whose mapping they are: who has to read back what lies across a border */
	u32 next;
	u32 folio;
	u32 entry;
	u32 border;
	u32 pad;
};

/* The swap entry at a segment's page, if it is still @entry. Returns how many indices it was at. */
struct shmem_free_swap {
	u32 page;
	u32 end;
	u32 entry;
	u32 count;
};

/* A locked folio leaves the page cache. */
struct truncate_inode_folio {
	u32 folio;
	u32 pad;
};

/* Of segment pages [page, end), in all processes that map them. */
struct unmap_mapping_range {
	u32 page;
	u32 end;
	u32 vma; /* + 1 */
	u32 pad;
};

#pragma GCC diagnostic pop

#endif
