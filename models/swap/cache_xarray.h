/*
 * cache_xarray.h - nodes of the XArray that holds a slot's word; see cache.h.
 */
#ifndef MODELS_SWAP_CACHE_XARRAY_H
#define MODELS_SWAP_CACHE_XARRAY_H

#include "models/kernel.h"

/* The word of @entry was and will be these. False: a node is needed and there is none. */
bool xarray_account(struct kernel *k, u32 entry, u64 was, u64 is);
/* workingset_update_node(), after that: a leaf all of whose words are shadows is on the list of those which
 * memory may be taken from, shadow_nodes, any other is not. The list's lock is that of all arrays of a node's
 * memory, which here is the machine's. */
void xarray_update_list(struct kernel *k, struct task *t, u32 entry, u64 was, u64 is);

#endif
