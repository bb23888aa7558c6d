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

/*
 * A search looks at states that differ little from one in which all invariants held. It says so: in the
 * aspects (arena.h) that are bits of machine.unchanged nothing has changed since - 0 when nothing is known,
 * as outside a search. What looks at no others need not be looked at again.
 *
 * Some of it would be wrong if nobody were at work, and more is looked at only then. Who does that has a bit
 * of its own, and sets it in machine.excused; whether it did so in the state before is in was_excused.
 */
static inline bool invariant_stands(struct machine *m, u32 reads, u32 excuses, u8 bit)
{
	if ((reads | (m->was_excused & bit ? excuses : 0)) & ~m->unchanged)
		return false;
	m->excused |= m->was_excused & bit;
	return true;
}
/* In a state that differs in the aspects @changed from one in which they held; *excused: how they did, and
 * then, if they hold, how they do here. Unknown: all bits. */
bool invariants_hold_still(struct machine *m, bool (*holds)(struct machine *m, GString *why), u32 changed,
			   u8 *excused);

/* For those: appends the sentence if there is a place for it, notes the object (NULL: none). Always false. */
bool invariant_fails(struct machine *m, const void *object, GString *why, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

#endif
