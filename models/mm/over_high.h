/*
 * over_high.h - memory.high and memory.swap.high: what is charged above them has to be made up for
 * (mm/memcontrol.c: the end of try_charge_memcg(), mem_cgroup_handle_over_high(); 6.12-6.18).
 *
 * A charge is never refused for their sake. It is remembered with the task, which on its way back to user
 * mode, or at once when it is more than a batch, reclaims as much from every level that is above memory.high.
 * If usage is still so far above that the delay is worth it, it goes on reclaiming 32 pages at a time, as
 * long as that gets anywhere and 16 times more; then it sleeps for the delay, which grows with the square of
 * how far above the worst level is, in relation to its limit, and 2 s at most. SIGKILL ends the sleep. All of
 * it counts as a memory stall.
 *
 * Left out: the worker that reclaims for charges in interrupts.
 */
#ifndef MODELS_MM_OVER_HIGH_H
#define MODELS_MM_OVER_HIGH_H

#include "models/kernel.h"

/* calculate_overage(): the part of @limit that @usage is above it, with 20 fraction bits. */
u64 memcg_overage(u64 usage, u64 limit);
/* calculate_high_delay(): ticks that a charge of @pages is to be held up for. */
u64 memcg_high_delay(u64 overage, u32 pages, u32 hz, u32 charge_batch);

/* A charge of @pages has got through. */
void note_pages_over_high(struct kernel *k, const struct task *t, u32 memcg, u32 pages);

/* So much is to be made up for that it should not wait for user mode. */
static inline bool is_far_over_high(const struct kernel *k, const struct task *t)
{
	return k->memcg_task[t->id].pages_over_high > k->config.charge_batch && !(t->flags & PF_MEMALLOC);
}

#endif
