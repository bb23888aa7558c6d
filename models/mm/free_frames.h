/*
 * free_frames.h - which page frames a folio gets (mm/page_alloc.c: the buddy allocator, as far as numbers
 * go).
 *
 * Frames are only numbers here: whether memory is left is memory.c's to say. A machine without large folios
 * has one chain of frames, last freed first taken. With large folios blocks of 2^n frames are split and
 * merged with their buddies. There are twice as many numbers as frames, so that a block is missing next to
 * never while memory is free, as in a kernel whose compaction succeeds; left out: compaction, migrate types,
 * the per-CPU lists. A search in which nobody takes a frame need not know in which order they became free.
 */
#ifndef MODELS_MM_FREE_FRAMES_H
#define MODELS_MM_FREE_FRAMES_H

#include "models/kernel.h"

/* Numbers that a machine with @pages of memory needs, 0 included. */
u64 frames_needed(u64 pages, u32 max_order);
/* The first of 2^@order frames in a row; 0: there are none. */
u32 frames_take(struct kernel *k, u32 order);
/* Their fields are all zero, and stay so but for what is written here. */
void frames_give(struct kernel *k, u32 frame, u32 order);

#endif
