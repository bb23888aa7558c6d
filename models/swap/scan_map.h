/*
 * scan_map.h - slots that are looked for in swap_map (mm/swapfile.c, up to 6.13).
 *
 * 6.1 has clusters on solid-state devices only, and of those just the free ones and the ones to be discarded
 * on lists. A CPU goes upwards in a free cluster of its own; when there is none left, or on a rotational
 * device, the map is searched byte by byte. 6.12 still does the latter on rotational devices. A device keeps
 * its least and its highest free slot, roughly: they are set back when such a slot is taken or freed.
 */
#ifndef MODELS_SWAP_SCAN_MAP_H
#define MODELS_SWAP_SCAN_MAP_H

#include "models/kernel.h"

/* Whether the device's slots are found that way. */
static inline bool scans_map(const struct kernel *k, const struct swap_device *si)
{
	return k->release->allocator == SWAP_ALLOC_SCAN ||
	       (k->release->allocator == SWAP_ALLOC_DEVICE && si->rotational);
}

/* swap_info_struct.cluster_next_cpu: where a CPU begins to search a solid-state device. */
static inline u32 *scan_base_of(const struct kernel *k, u32 device, u32 cpu)
{
	return &k->scan_base[device * k->machine.cpus + cpu];
}

/* A new device, of which no slot but the bad ones is taken. Returns the column its free list begins with. */
u32 scan_map_init(struct kernel *k, struct swap_device *si);
/* Its bounds after slots were freed. */
void scan_map_note_free(struct swap_device *si, u32 entry, u32 nr);

#endif
