/*
 * lockdep.h - two checks of every lock and sleep: classes are always taken in one order, and nothing sleeps
 * in atomic context. Costs the fall-through, so it runs under tests, races and searches.
 */
#ifndef SIM_LOCKDEP_H
#define SIM_LOCKDEP_H

#include "sim/invariant.h"

struct lockdep;

/* The classes a task holds, in the order taken; simulated state, as the locks are. */
struct held_locks {
	u8 class[15];
	u8 count;
};

struct lockdep *lockdep_new(void);
void lockdep_free(struct lockdep *d);
/* Before the announced operation is done. False: it violates a rule, and the machine has failed. */
bool lockdep_before(struct machine *m, struct task *t, const void *object);
/* The invariant context (O9), for those who look at states: no task is about to do what may sleep with
 * preemption or interrupts off, or in an RCU read section. */
extern const struct invariant context_invariant;
/* A lock taken by trylock: it is held, but its order does not count. */
void lockdep_trylocked(struct machine *m, struct task *t, u32 class);

#endif
