/*
 * displace.h - who runs gives way to another program or a kernel thread for a moment, and is switched to
 * again (context_switch(); 6.1-7.2). To the multi-gen LRU that is a use of the address space: without it a
 * task that never sleeps would be walked once and then passed over for good.
 *
 * A kernel thread that is woken comes on, with voluntary preemption, at the next cond_resched(), of which
 * there is one before each walk of reclaim, so here at once. With lazy preemption (release.preempts_lazily)
 * it waits for the next tick, or until the task is on its way to user mode.
 *
 * The threads are those of memcg_notify.h and RCU's. Who frees memory behind RCU's back (call_rcu()) has its
 * grace period begin with the next tick of that CPU and end with the one after, and either wakes
 * rcu_gp_kthread(). Of what reclaim and swap-in free that is the nodes of the old swap cache (up to 6.17).
 *
 * Left out: what all these take of the CPU's time; whatever else may run.
 */
#ifndef MODELS_MM_DISPLACE_H
#define MODELS_MM_DISPLACE_H

#include "models/kernel.h"

void displace_init(struct machine *m);
/* Whether anybody would see it, and there is time at all. */
bool displacing_matters(const struct kernel *k);
/* Who runs on @cpu, now. */
void displace_task(struct kernel *k, u32 cpu);
/* A kernel thread is woken there. */
void displace_wake(struct kernel *k, u32 cpu);
void displace_call_rcu(struct kernel *k, u32 cpu);
/* @t comes from user mode: who waited for it to go there had its turn. */
void displace_was_in_user_mode(struct kernel *k, const struct task *t);

#endif
