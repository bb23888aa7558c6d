/*
 * lockdep.h - two checks of every lock and sleep: classes are always taken in one order, and nothing sleeps
 * in atomic context. Costs the fall-through, so it runs under tests, races and searches.
 */
#ifndef SIM_LOCKDEP_H
#define SIM_LOCKDEP_H

#include "sim/machine.h"

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
/* A lock taken by trylock: it is held, but its order does not count. */
void lockdep_trylocked(struct machine *m, struct task *t, u32 class);

#endif
