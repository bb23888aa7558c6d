/*
 * slot_cache.h - the slots that CPUs keep for themselves (mm/swap_slots.c, up to 6.14).
 *
 * A CPU takes config.slot_cache slots (64) from the devices at a time and hands them out one by one; what is
 * freed there is gathered until it fills a row of as many, which are then given back together. A kept slot is
 * in use with no reference: its map says SWAP_HAS_CACHE and no folio is in the cache for it. One to hand out
 * has nothing else; one to give back still has its owner, its shadow and its data. Caches are off until there
 * are more than five times as many free slots as all CPUs could keep, and emptied when there are less than
 * twice as many. 6.14 has the rows to hand out only: what is freed there is free at once.
 */
#ifndef MODELS_SWAP_SLOT_CACHE_H
#define MODELS_SWAP_SLOT_CACHE_H

#include "models/kernel.h"

enum slot_row { SLOTS_TAKEN, SLOTS_RETURNED };

/* Place of a CPU's row in kernel.cached_slot. */
static inline u32 slot_row_of(const struct kernel *k, u32 cpu, enum slot_row row)
{
	return (cpu * 2 + row) * k->config.slot_cache;
}

/* Where the CPU goes on in its cluster of a device for folios of an order. */
static inline u32 *next_slot_of(const struct kernel *k, u32 device, u32 cpu, u32 order)
{
	return &k->next_slot[(order * k->config.devices + device) * k->machine.cpus + cpu];
}

/* Locks of a new machine whose release has caches. */
void slot_caches_init(struct kernel *k);

/* For audits: slots that are counted as taken and are not yet, slots that CPUs keep, how often @entry is
 * among those. */
u32 slots_reserved(const struct kernel *k);
u32 slot_caches_count(const struct kernel *k);
u32 slot_caches_hold(const struct kernel *k, u32 entry);

#endif
