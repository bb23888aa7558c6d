/*
 * swapon.h - setting up swap devices before the run (mm/swapfile.c: swapon, setup_clusters(); 6.17 and 6.18).
 */
#ifndef MODELS_SWAP_SWAPON_H
#define MODELS_SWAP_SWAPON_H

#include "models/kernel.h"

/* All devices of the configuration, in its order, which is the order of their priorities. */
void swapon_all(struct kernel *k);

#endif
