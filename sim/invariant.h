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
	 * object. */
	bool (*holds)(struct machine *m, GString *why);
};

/* All that the model registered in machine.invariant. False: @why gets "name: sentence" of the first that
 * fails. */
bool invariants_hold(struct machine *m, GString *why);

#endif
