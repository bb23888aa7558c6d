/*
 * rcu.h - a grace period with callbacks.
 *
 * A callback asked for now is called when a grace period that begins later has ended: no earlier than
 * the tick rcu_ticks from now, and not while any task is in a read section. (The kernel waits only for the
 * readers that were there when the grace period began; waiting for all is never shorter.) In a search the end
 * of the grace period is a decision of nature.
 */
#ifndef SIM_RCU_H
#define SIM_RCU_H

#include "sim/machine.h"

struct rcu_callback {
	u32 kind; /* an event kind */
	u32 arg;
};

struct rcu {
	u32 head;    /* oldest waiting callback; the three count up while any waits */
	u32 current; /* end of those the running grace period will call; == head: none is running */
	u32 tail;
	u32 pad;
};

static inline void rcu_read_lock(struct task *t)
{
	t->rcu_nesting++;
}
static inline void rcu_read_unlock(struct task *t)
{
	t->rcu_nesting--;
}

/* Have the handler of @kind called with @arg after a grace period. */
void call_rcu(struct machine *m, u32 kind, u32 arg);
/* Callbacks that still wait. */
u32 rcu_waiting(const struct machine *m);
/* Whether a grace period is running that nobody keeps from ending. */
bool rcu_may_end(const struct machine *m);
/* EVENT_RCU: the grace period may be over. */
void rcu_check(struct machine *m, u32 unused);

#endif
