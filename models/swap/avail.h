/*
 * avail.h - which device is next to give slots (mm/swapfile.c: swap_avail_heads, a plist; 6.12-7.0).
 *
 * Devices that have free slots stand in the order of their priorities, equal ones in the order in which they
 * came onto the list. A walk puts each device it takes behind its equals, so that those take turns, once per
 * walk and not once per slot: up to 6.13 a walk fills a CPU's slot cache, later it finds a CPU its next
 * cluster. Devices without a priority get -2, -3, ... as they are added, and so are used one after the other;
 * from 6.19 on all get -1, and take turns.
 * Guarded by swap_avail_lock. Left out: a list for each NUMA node.
 *
 * A device that is swapped off leaves the order, and those without a priority that came after it move up; if
 * the swapoff fails, it comes back with the priority it had.
 */
#ifndef MODELS_SWAP_AVAIL_H
#define MODELS_SWAP_AVAIL_H

#include "models/kernel.h"

enum { NO_DEVICE = SWAP_DEVICES_MAX };

/* swapon: its priority as configured, or by default the lowest; and it may be allocated from. */
void swap_avail_init(struct kernel *k, u32 device);
/* _enable_swap_info(): behind its equals, and on the list if it has free slots. */
void swap_avail_insert(struct kernel *k, u32 device);
/* swapoff: out of the order, and no slot of it is taken from now on. */
void swap_avail_remove(struct kernel *k, u32 device);
/* It has free slots again, and comes behind its equals; not one that is being swapped off. */
void swap_avail_add(struct kernel *k, u32 device);
/*
 * The next device of a walk, NO_DEVICE at its end. @next is the walk's own, 0 at first: the device after the
 * one that was taken, known before that one was put behind its equals. If it left the list meanwhile, the
 * walk starts over.
 */
u32 swap_avail_take(struct kernel *k, u32 *next);

/* So many devices does a walk take at most: each may come round again once. */
static inline u32 swap_walk_tries(const struct kernel *k)
{
	return 2 * k->config.devices;
}

#endif
