/*
 * swapon.h - setting up swap devices (mm/swapfile.c: swapon(), setup_clusters(), enable_swap_info();
 * 6.12-6.18), before the run or while it goes on.
 *
 * Where a device's slots lie follows from the configuration; what is known of them, its maps, is there while
 * it is on. Left out: reading and checking the header, that the memory for the maps may have to be reclaimed
 * (without it swapon fails), swap_lock, which nothing here waits for.
 */
#ifndef MODELS_SWAP_SWAPON_H
#define MODELS_SWAP_SWAPON_H

#include "models/kernel.h"

/* All devices of the configuration, in its order, which is the order of their priorities; those that are to
 * be on are. */
void swapon_all(struct kernel *k);

/* All its maps, as if nobody had ever used it, and gone again; every slot is free then. */
void swap_maps_make(struct kernel *k, u32 device);
void swap_maps_free(struct kernel *k, u32 device);
/* Pages that the maps of a device take. */
u64 swap_maps_pages(const struct kernel *k, u32 device);
/* Whether one of those in use is rotational: that decides how is read ahead. */
void swap_note_rotational(struct kernel *k);

#endif
