/*
 * percpu_ref.h - a reference count that can be killed and waited for (lib/percpu-refcount.c).
 *
 * Alive from percpu_ref_init() - in the kernel, of what begins dead, percpu_ref_resurrect() - to
 * percpu_ref_kill(), which drops the reference that init took and makes every later tryget fail; whoever got
 * one before keeps it. The one who kills waits until the last is put, as swapoff does for si->users. Left
 * out: the per-CPU counters and with them the switch to atomic mode, a grace period that the killer waits for
 * on its own.
 */
#ifndef SIM_PERCPU_REF_H
#define SIM_PERCPU_REF_H

#include "sim/lock.h"

struct percpu_ref {
	u32 count;
	bit_lock_t in_use; /* not 0 until the count is 0: what the killer waits for */
	u16 dying;
};

/* The owner in `in_use`: no task has this number. */
#define PERCPU_REF_IN_USE BIT_LOCK_NOBODY

static inline void percpu_ref_init(struct percpu_ref *ref)
{
	*ref = (struct percpu_ref){ .count = 1, .in_use = PERCPU_REF_IN_USE };
}

/* PERCPU_REF_INIT_DEAD: as if killed already, with nobody left. */
static inline void percpu_ref_init_dead(struct percpu_ref *ref)
{
	*ref = (struct percpu_ref){ .dying = 1 };
}

/* For who holds a reference already. */
static inline void percpu_ref_get(struct percpu_ref *ref)
{
	BUG_ON(!ref->count);
	ref->count++;
}

static inline bool percpu_ref_tryget_live(struct percpu_ref *ref)
{
	if (!ref->count || ref->dying)
		return false;
	ref->count++;
	return true;
}

static inline bool percpu_ref_is_zero(const struct percpu_ref *ref)
{
	return !ref->count;
}

void percpu_ref_put(struct machine *m, struct percpu_ref *ref);
void percpu_ref_kill(struct machine *m, struct percpu_ref *ref);

/* In a path: wait until the last reference is put. */
#define percpu_ref_wait(name, ref) bit_wait(name, &(ref)->in_use)

#endif
