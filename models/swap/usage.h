/*
 * usage.h - what taking and freeing slots costs beyond the steps: counters that all CPUs write
 * (mm/swapfile.c: swap_range_alloc(), swap_range_free(); mm/memcontrol.c: __mem_cgroup_try_charge_swap(),
 * __mem_cgroup_uncharge_swap(); 6.12 to 7.2).
 *
 * nr_swap_pages and si->inuse_pages, for each level of cgroups the counter of swap, and the references of its
 * id are atomics, each in a line of its own (sim/line.h). In 6.12 inuse_pages comes with si->lock. Costs are
 * added to t->work_ns, so they belong to the lock that is held.
 */
#ifndef MODELS_SWAP_USAGE_H
#define MODELS_SWAP_USAGE_H

#include "models/kernel.h"

/* Slots of @si are taken. Those for a CPU's cache were counted together. */
void slots_note_taken(struct kernel *k, struct task *t, struct swap_device *si);
/* They are charged to, or no longer charged to, @memcg. */
void slots_note_charge(struct kernel *k, struct task *t, u32 memcg);
/* @nr slots from @entry on are about to be freed: the two above, and the work itself. */
void slots_note_freed(struct kernel *k, struct task *t, u32 entry, u32 nr);

#endif
