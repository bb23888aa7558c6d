/*
 * lock.h - what the announced operations do to locks and queues, and who goes on when one is let go.
 *
 * Spinlocks are handed over in order of arrival, as queued spinlocks are, after handover_ns, and bring cache
 * lines over from the CPU that had them last (line.h). Sleeping locks are handed over in order of arrival,
 * readers together. The bit lock is the kernel's folio lock: waiters sit in a hashed table of queues shared
 * by many words and the unlocker passes the lock to the first that wants it. wait_on() rounds nothing:
 * tick_timeout() does, as schedule_timeout() does (at least n whole ticks).
 */
#ifndef SIM_LOCK_H
#define SIM_LOCK_H

#include "sim/machine.h"

/* Whether the announced operation of @t could be done now. */
bool op_possible(const struct machine *m, const struct task *t);
/* Whether it waits off the CPU for what it needs. */
bool op_may_block(enum op op);
/* Do it. False: it waits, spinning or off its CPU, and somebody else brings it back. */
bool op_perform(struct machine *m, struct task *t);

void wake_up_all(struct machine *m, struct wait_queue *q);
/* Wake the task that waited longest, if any. */
void wake_up_one(struct machine *m, struct wait_queue *q);
/* For one that is not unlocked by a path: an interrupt ends the I/O that a folio is locked for. */
void bit_lock_release(struct machine *m, bit_lock_t *lock);
/* The same of a spinlock that was set to SPINLOCK_NOBODY: whoever spins for it has it. */
void spin_release_from_irq(struct machine *m, struct spinlock *lock);
void lock_timeout(struct machine *m, u32 task);

/* ns from now to the end of schedule_timeout(@ticks). */
u64 tick_timeout(const struct machine *m, u32 ticks);

#endif
