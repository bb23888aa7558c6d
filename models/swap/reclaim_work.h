/*
 * reclaim_work.h - a device without a free slot gets some back that only the swap cache holds
 * (mm/swapfile.c: swap_range_alloc(), swap_reclaim_work(); 6.12-6.18, not where slots are looked for in
 * swap_map).
 *
 * Nobody looks at a device that is off the list of those with free slots, so no allocation finds what there
 * is of such slots. When its last slot is taken and less than half of all swap is free, a work item goes
 * through its full clusters, as many as there are. The first slot that is freed puts the device back.
 *
 * Here one thread does the work of all devices, in the order of their numbers, on whatever CPU is idle; the
 * kernel has a worker of the CPU that took the last slot.
 */
#ifndef MODELS_SWAP_RECLAIM_WORK_H
#define MODELS_SWAP_RECLAIM_WORK_H

#include "models/kernel.h"

/* schedule_work(); starts the thread if this is the first time. */
void swap_queue_reclaim(struct kernel *k, struct swap_device *si);

#endif
