/*
 * device_ref.h - what keeps a swap device alive (include/linux/swap.h, mm/swapfile.c: get_swap_device(),
 * put_swap_device(); 6.12-6.18), and what finds out who did without.
 *
 * A slot in use keeps swapoff from coming to its end: one that a page table names, or that has a locked folio
 * in the swap cache. Who knows a slot from a page table it no longer looks at has to hold the device.
 *
 * Who	do_swap_page()			swap-device-ref		63d8620ecf93, 2799e77529c2 (5.14)
 *	shmem_swapin_folio()		shmem-device-ref	2efa33fc7f6e (5.14)
 *	free_swap_and_cache()		zap-device-ref		82b1c07a0af6 (6.9)
 *	readahead of other devices	readahead-device-ref	1c2a936edd71 (6.18); up to 6.14 each
 *								__read_swap_cache_async() for itself
 *	zswap writeback, MADV_WILLNEED	always			78524b05f1a3 (6.15); before as above
 *	allocation			always			6.12: SWP_SCANNING, scan-writeok-recheck
 *
 * A reference is taken where the first step that needs it is done; the kernel's own takes it a few
 * instructions earlier, which nobody can tell.
 */
#ifndef MODELS_SWAP_DEVICE_REF_H
#define MODELS_SWAP_DEVICE_REF_H

#include "models/kernel.h"
#include "sim/object.h"

/* A reference to the device: its number + 1; 0: its swapoff is about to end. */
static inline u8 swap_device_get(struct swap_device *si)
{
	return percpu_ref_tryget_live(&si->users) ? (u8)(si->number + 1) : 0;
}
static inline u8 get_swap_device(struct kernel *k, u32 entry)
{
	return swap_device_get(device_of(k, entry));
}

/* @pinned: what get_swap_device() returned; 0 is nobody's. */
static inline void put_swap_device(struct kernel *k, u8 pinned)
{
	if (pinned)
		percpu_ref_put(&k->machine, &k->device[pinned - 1].users);
}

/* Lifetime: the maps of the slot's device are gone. */
void swap_access_fails(struct kernel *k, u32 entry);

/* An operation looks at what is known of a slot without knowing whether the device is there. */
static inline void swap_access(struct kernel *k, u32 entry)
{
	if (G_UNLIKELY(k->swap->gone) && !device_of(k, entry)->has_maps)
		swap_access_fails(k, entry);
}

#endif
