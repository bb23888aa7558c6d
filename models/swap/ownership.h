/*
 * ownership.h - the invariant cluster_ownership (O3): every cluster is on the list its flag names, or
 * isolated by one operation in progress - or several, of which all but one have dropped its lock to reclaim a
 * slot: the slot that is freed puts a cluster that was off all lists onto one (partial_free_cluster(),
 * 6.12-6.18), from where it can be isolated once more. Who holds a cluster is read off the frames on the
 * tasks' stacks; no path keeps a record for it.
 */
#ifndef MODELS_SWAP_OWNERSHIP_H
#define MODELS_SWAP_OWNERSHIP_H

#include "sim/invariant.h"

extern const struct invariant cluster_ownership;

#endif
