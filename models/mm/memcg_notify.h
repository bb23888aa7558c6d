/*
 * memcg_notify.h - who waits for memory.events is told (cgroup_file_notify(), kernfs_notify(); 6.1-7.2).
 *
 * Every event of a cgroup of version 2 - here those with which reclaim begins: a limit met, memory.high
 * exceeded - is made known to those who poll the file or watch it, at most every 10 ms. Watchers are told by
 * a kernel worker on this CPU (schedule_work()), whether there are any or not. So who reclaims is displaced
 * (displace.h), and when the worker comes on decides which walk of the multi-gen LRU sees that. With
 * voluntary preemption it does before the first one (shrink_node_memcgs()), and the one after that passes
 * over the task. With lazy preemption, if the first walk is long enough, it is in the middle of it, and the
 * next one walks again.
 *
 * Left out: events of memory.low, of the OOM killer and of memory.swap.
 */
#ifndef MODELS_MM_MEMCG_NOTIFY_H
#define MODELS_MM_MEMCG_NOTIFY_H

#include "models/kernel.h"

void memcg_notify_init(struct machine *m);
/* memcg_memory_event() from @t: counted, and made known. */
void memcg_memory_event(struct kernel *k, const struct task *t, u32 memcg, enum counter id);

#endif
