/*
 * memory.h - physical memory: free pages, the min watermark, folios, and what compressed data and swap
 * metadata take of it.
 *
 * Stands for the page allocator as far as one zone goes (mm/page_alloc.c, 6.12-6.18; the numbers of frames
 * are in free_frames.c). An ordinary
 * allocation that would go below the low watermark goes the long way (page_alloc.c). One with __GFP_HIGH and
 * __GFP_NOMEMALLOC, as a swap table or an XArray node of the swap cache is, may go down to half of min and
 * then fails (kernel-reference 2.2.3). min is what the kernel computes from the size of memory, khugepaged's
 * raise included (2.11); low and high follow from it.
 */
#ifndef MODELS_MM_MEMORY_H
#define MODELS_MM_MEMORY_H

#include "models/kernel.h"

/* Pages of the min watermark of a machine with @pages. */
u64 memory_min_watermark(u64 pages);

/* A folio with one reference, not charged; 0 unless @watermark pages are free beside it. */
u32 folio_alloc(struct kernel *k, u32 order, u64 watermark);
/* The last reference is gone and the charge is returned: back to the allocator. */
void folio_free(struct kernel *k, u32 folio);

/* Pages that no folio stands for; false, and none taken, unless more than @watermark are free beside them. */
bool memory_take(struct kernel *k, u64 pages, u64 watermark);

/* Whether a __GFP_HIGH | __GFP_NOMEMALLOC allocation of one page can succeed. */
static inline bool memory_above_half_min(const struct kernel *k)
{
	return k->memory->free > k->memory->min / 2;
}
/* Swap metadata that came or went, in bytes of objects; whole pages of it come out of free memory. */
void memory_meta_add(struct kernel *k, s64 bytes);
/* Compressed data of a zram device that came or went. */
void memory_pool_add(struct kernel *k, s64 bytes);
/* Of zswap, whose pages nobody who reclaims has to wait for; false, and nothing taken, if there are none. */
bool memory_zswap_add(struct kernel *k, s64 bytes);

#endif
