/*
 * swapoff.h - taking a swap device away while it is used (mm/swapfile.c: swapoff(); 6.12-6.18; what it reads
 * back is in unuse.c), and calls of swapoff() and swapon() in the course of a run.
 *
 *	1  no slot is taken any more: SWP_WRITEOK, the list of devices, nr_swap_pages
 *	2  who is about to take one is through, and nobody keeps any
 *	3  every page is read back, until no slot is in use (unuse.c); here it may fail: the device is on
 *again 4  who holds the device lets go of it (device_ref.h), a grace period is over, clusters are discarded
 *	5  who scans for slots has seen it
 *	6  no CPU goes on there, maps and tables are freed, and last of all SWP_USED cleared
 *
 *		6.12			6.14			6.17, 6.18
 *	2	slot caches emptied	both			each cluster's lock once
 *	5	polls SWP_SCANNING	4: who allocates	4: who allocates holds the device
 *	6	of every CPU		of every CPU		of CPUs whose hint it is
 *
 * Each call is a task of its own, outside of all limited cgroups, or an operation of a script. Left out:
 * swap_lock and swapon_mutex; the check against overcommit, which refuses nothing by default; shmem and what
 * fork brings (see unuse.c).
 */
#ifndef MODELS_SWAP_SWAPOFF_H
#define MODELS_SWAP_SWAPOFF_H

#include "models/kernel.h"

struct swap_operation {
	u64 time_ns;
	u32 device;
	bool on;
};

/* Those of the configuration are due from now on. */
void swap_operations_start(struct kernel *k);
/* Event EVENT_SWAPOFF_GRACE: the grace period is over. */
void swapoff_grace_over(struct machine *m, u32 device);

#endif
