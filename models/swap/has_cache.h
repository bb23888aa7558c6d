/*
 * has_cache.h - who waits for whom where no lock says so: SWAP_HAS_CACHE of a slot is polled for a tick at a
 * time (up to 6.18), a swapoff waits for who holds its device, and the lock of a folio that is being read is
 * released by the device.
 */
#ifndef MODELS_SWAP_HAS_CACHE_H
#define MODELS_SWAP_HAS_CACHE_H

#include "models/kernel.h"

/* For the vocabulary, see sim/object.h: @t sleeps until SWAP_HAS_CACHE of a slot is gone or a folio is there,
 * or it swaps a device off that others hold. */
bool has_cache_polls(const struct machine *m, const struct task *t, GString *what, u64 *owners);
bool folio_lock_is_of_device(const struct machine *m, u64 bit);

#endif
