/*
 * ownership.h - the invariant cluster_ownership (O3): every cluster is on the list its flag names, or
 * isolated by exactly one operation in progress. Who holds a cluster is read off the frames on the tasks'
 * stacks; no path keeps a record for it.
 */
#ifndef MODELS_SWAP_OWNERSHIP_H
#define MODELS_SWAP_OWNERSHIP_H

#include "sim/invariant.h"

extern const struct invariant cluster_ownership;

#endif
