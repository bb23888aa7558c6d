/*
 * sched.h - who runs where: run queues, preemption, sleeping and waking, migration.
 *
 * One run queue per CPU, by fixed priority, then first come. A fair task (priority 0) that others wait behind
 * gets a time slice. Where a task may lose its CPU depends on the preemption model: anywhere with preemption
 * on (full), at cond_resched(), might_sleep() and in user mode (voluntary), or not at might_sleep() (none);
 * never with preemption or interrupts off. A woken task goes to the CPU it ran on if that is idle, else to
 * the first idle one, else back to where it was; choose(WAKE_CPU) may say otherwise. A CPU that runs dry
 * takes a waiting task from the longest queue. Who slept for a whole slice has time to its credit: woken, it
 * comes on before others of its priority. Left out: fairness by virtual run time beyond that, NUMA, load
 * averages.
 */
#ifndef SIM_SCHED_H
#define SIM_SCHED_H

#include "sim/machine.h"

/* Whether the task could be taken off its CPU before its announced operation. */
bool sched_may_preempt(const struct machine *m, const struct task *t);
/* Put a runnable task into the queue of @cpu and start it there if the CPU is idle. */
void sched_enqueue(struct machine *m, struct task *t, u32 cpu);
/* Have a task that waits for its CPU come on before others, as if it had slept long. */
void sched_yield_to(struct machine *m, struct task *t);
/* The current task of its CPU leaves it: to wait (blocked), for good (done) or for others (runnable). */
void sched_leave(struct machine *m, struct task *t, enum task_state state);
/* A blocked task has what it waited for; @delay ns pass before it goes on. */
void sched_wake(struct machine *m, struct task *t, u64 delay);
/* The task may go on on another CPU: true if it does. */
bool sched_migrate(struct machine *m, struct task *t);
void sched_slice_over(struct machine *m, u32 cpu);
/* A CPU that has nothing to do, 0 if there is none. */
u32 sched_idle_cpu(const struct machine *m);
/* ns that the CPU has been running tasks. */
u64 sched_busy_ns(const struct machine *m, u32 cpu);

/* The turn of a task that is on its CPU comes at @when, @order among equals. */
static inline void sched_put_turn(struct turns *q, const struct task *t, u64 when, u64 order)
{
	turns_put(q, t->cpu, (struct event_key){ .time = when, .order = order << EVENT_SLAB_BITS | t->id });
}
/* Up to when the kernel may go on without what is due in user mode at @due. */
static inline u64 sched_without_user(const struct machine *m, u64 due)
{
	u32 lag = m->rescheds ? 0 : m->lag;

	return due < TIME_NEVER - lag ? due + lag : TIME_NEVER;
}
/* Go on with its program at @when. */
void sched_schedule_user(struct machine *m, const struct task *t, u64 when);
/* Go on, after t->delay: in the kernel, or with its program. */
static inline void sched_schedule(struct machine *m, struct task *t)
{
	u64 when = m->now + t->delay;

	t->delay = 0;
	if (unlikely(m->searching))
		return;
	if (unlikely(t->op == OP_USER)) {
		sched_schedule_user(m, t, when);
		return;
	}
	sched_put_turn(&m->turns, t, when, event_queue_order(&m->events, when, EVENT_TASK, t->id));
	if (when < m->horizon)
		m->horizon = when;
}

/* FIFO links through task.next. */
void task_queue_append(struct machine *m, u32 *head, u32 *tail, struct task *t);
struct task *task_queue_pop(struct machine *m, u32 *head, u32 *tail);
bool task_queue_remove(struct machine *m, u32 *head, u32 *tail, struct task *t);

#endif
