/*
 * memcg_notify.h - who waits for memory.events is told (cgroup_file_notify(), kernfs_notify(); 6.1-7.2).
 *
 * Every event of a cgroup of version 2 - here those with which reclaim begins: a limit met, memory.high
 * exceeded - is made known to those who poll the file or watch it, at most every 10 ms.
 * Watchers are told by a kernel worker on this CPU (schedule_work()), whether there are any or not. So who
 * reclaims is displaced for a moment, and the multi-gen LRU sees a switch back to its address space.
 *
 * When the worker comes on decides which walk sees that. With voluntary preemption it does at the next
 * cond_resched(), which is before the first walk (shrink_node_memcgs()), and the one after that passes over
 * the task. With lazy preemption (release.preempts_lazily) it waits for the next tick, or until the task is
 * on its way to user mode: if the walk is that long, it is in the middle of it, and the next one walks again.
 *
 * Left out: what the worker's run takes; events of memory.low, of the OOM killer and of memory.swap.
 */
#ifndef MODELS_MM_MEMCG_NOTIFY_H
#define MODELS_MM_MEMCG_NOTIFY_H

#include "models/kernel.h"

void memcg_notify_init(struct kernel *k);
/* memcg_memory_event() from @t: counted, and made known. */
void memcg_memory_event(struct kernel *k, const struct task *t, u32 memcg, enum counter id);
/* @t comes from user mode: what waited for it to go there had its turn. */
void memcg_notify_was_in_user_mode(struct kernel *k, const struct task *t);
/* Who runs on @cpu gives way to another program or worker, and is switched to again. */
void memcg_displace_task(struct kernel *k, u32 cpu);

#endif
