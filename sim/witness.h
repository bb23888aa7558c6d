/*
 * witness.h - from what happened once to the constraints that make it happen again.
 *
 * A list of decisions is good for the very code that it was found on. A schedule names what matters: which
 * step of a task has to come before which of another, and what nature has to decide. It is made of all that
 * the decisions say, and then whatever can be left out is: one constraint after the other, as long as the
 * same invariant still fails under as many seeds of what the schedule leaves open. So every constraint that
 * is left is needed, though another set might be smaller.
 *
 * What is doomed may hang on when a device is done or a timer comes, about which no order says anything. If
 * no order makes it happen again, tasks take turns instead: who has one waits for devices alone.
 */
#ifndef SIM_WITNESS_H
#define SIM_WITNESS_H

#include "sim/explore.h"
#include "sim/schedule.h"

struct witness_options {
	holds_fn *holds;
	const char *invariant; /* that fails */
	const char *key;       /* of the finding (explore.h): the sentence has to be the same but for its
				  numbers. NULL: any */
	u32 seeds;	       /* under which a schedule is tried */
	u64 most_steps;	       /* of a run */
	bool doomed; /* the decisions lead to where nothing is wrong yet, and no end can be reached */
};

struct witness {
	struct schedule schedule; /* ->constraint is its own; names are those of the caller */
	u32 from;		  /* constraints before any was left out */
	u32 seeds;		  /* under so many the invariant fails; 0: the schedule is of no use */
	u64 first_seed;		  /* of these; seeds count from 1 */
};

/* What of @decision[@n] is needed; @m stands where they begin, and does so again afterwards. @names has the
 * tasks and choices, and no constraints. */
void witness_find(struct machine *m, const struct schedule *names, const struct decision *decision, u32 n,
		  const struct witness_options *options, struct witness *w);
void witness_release(struct witness *w);

#endif
