/*
 * cache_xarray.h - nodes of the XArray that holds a slot's word; see cache.h.
 */
#ifndef MODELS_SWAP_CACHE_XARRAY_H
#define MODELS_SWAP_CACHE_XARRAY_H

#include "models/kernel.h"

/* The word of @entry was, or was not, 0 and will be, or not. False: a node is needed and there is none. */
bool xarray_account(struct kernel *k, u32 entry, bool was, bool is);

#endif
