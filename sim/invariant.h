/*
 * invariant.h - what must hold between any two steps. Models register theirs; races and searches check all of
 * them after every step, a run at its end.
 */
#ifndef SIM_INVARIANT_H
#define SIM_INVARIANT_H

#include "sim/machine.h"

struct invariant {
	const char *name;
	const char *meaning; /* a sentence */
	/* Looks at the state and nothing else. False: @why (may be NULL) gets a sentence that names the
	 * object, and machine.violated is its place if it is one of the vocabulary. */
	bool (*holds)(struct machine *m, GString *why);
};

/* All that the model registered in machine.invariant. False: @why gets "name: sentence" of the first that
 * fails. */
bool invariants_hold(struct machine *m, GString *why);

/* For those: appends the sentence if there is a place for it, notes the object (NULL: none). Always false. */
bool invariant_fails(struct machine *m, const void *object, GString *why, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

#endif
