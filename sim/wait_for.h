/*
 * wait_for.h - who waits for whom, and the invariant progress (O5): not everybody who could end a wait is
 * waiting for it to end.
 *
 * A task waits for the owner of a spinlock, of a sleeping lock held for writing or of a bit lock, for those
 * who could bring about what it polls for (vocabulary.polls), and for the CPU that a task which may not be
 * taken off it occupies. What a device, a timer or anybody not known will end is no wait here: readers of a
 * sleeping lock, wait queues, grace periods. A task is stuck if it waits and all it waits for are stuck; so a
 * wait that a time-out ends is not, unless what it polls for is.
 */
#ifndef SIM_WAIT_FOR_H
#define SIM_WAIT_FOR_H

#include "sim/invariant.h"
#include "sim/object.h"

enum { WAIT_FOR_TASKS = 64 /* the first ones; the others are not looked at */ };

struct wait {
	u64 owners; /* tasks (bits) that could end it; 0: it does not wait, or for nobody known */
	u64 place;  /* of the lock, 0: no lock */
};

/* @what (may be NULL) gets what it waits for, in words: "lock of cluster 1". */
struct wait wait_of(const struct machine *m, const struct task *t, GString *what);

/* "A waits for lock of cluster 1, held by B; B waits for lock of cluster 2, held by A". */
extern const struct invariant progress_invariant;

#endif
