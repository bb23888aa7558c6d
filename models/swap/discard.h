/*
 * discard.h - telling a device that a cluster holds nothing (mm/swapfile.c: swap_cluster_schedule_discard(),
 * swap_do_scheduled_discard(); 6.12-6.18), for devices with "discard": "pages" (SWP_PAGE_DISCARD).
 *
 * A cluster that has become empty goes onto the list CLUSTER_DISCARD instead of the free one. A worker takes
 * one off that list after the other, has it discarded and frees it, and its table, then; meanwhile it keeps
 * its flag, so that nobody allocates from it. Nothing is discarded while the device is swapped off. Who finds
 * no slot at all discards what waits itself, and sleeps for that.
 *
 * The worker is an event of the device's: that it needs a CPU and locks is left out. In 6.17 and before the
 * allocator discards within cluster_alloc_swap_entry(), before it takes slots of larger orders, and from 6.14
 * on with the CPU's lock held, under which nobody may sleep (swap_sync_discard() of 6.18 mends that); here it
 * always does as 6.18, after its locks are dropped.
 * swapon's own discard ("once") is over before a run begins.
 */
#ifndef MODELS_SWAP_DISCARD_H
#define MODELS_SWAP_DISCARD_H

#include "models/kernel.h"

/* A cluster has come onto the list; si->lock held. */
void discard_schedule(struct kernel *k, struct swap_device *si);
/* Event EVENT_DISCARD: the worker's cluster of that device is discarded. */
void discard_done(struct machine *m, u32 device);

#endif
