/*
 * schedule.h - an interleaving on purpose: constraints on who may go on when, over the steps of a search.
 *
 *	park		a task stays in a stretch of code until another one is so far
 *	order		one thing before another
 *	switch before	a task waits at a step for a step of another one, which comes next
 *	run		a task alone, until it is so far; one after the other in the order of the list
 *	choose		what nature decides when a task asks for the nth time
 *
 * What they leave open is drawn from a seed: which of all that could happen next (next.h) does. A decision of
 * nature that no constraint is about has its usual outcome, if the timed machine knows one.
 */
#ifndef SIM_SCHEDULE_H
#define SIM_SCHEDULE_H

#include "sim/stretch.h"

enum milestone_kind {
	MILESTONE_REACHES, /* it is about to do the step, has entered the path, the window has opened */
	MILESTONE_DONE,	   /* it has done the step, left the path, the window has closed */
};

/* How far a task is; counted from when the schedule begins. */
struct milestone {
	u16 kind; /* enum milestone_kind */
	u32 task;
	u32 nth; /* from 1 */
	struct stretch at;
};

enum constraint_kind {
	CONSTRAINT_PARK,
	CONSTRAINT_ORDER,
	CONSTRAINT_SWITCH,
	CONSTRAINT_RUN,
	CONSTRAINT_CHOOSE
};

struct constraint {
	enum constraint_kind kind;
	u32 task;		/* park, switch, run, choose: whom it is about */
	u32 to;			/* switch: who comes next */
	u32 choice, nth, value; /* choose; nth 0: every time */
	struct milestone at;	/* park: where, and the nth time (0: every time); switch: where; order: what
				   comes    second */
	struct milestone until; /* park, run; order: what comes first */
};

struct schedule {
	struct constraint *constraint;
	u32 constraints;
	u32 tasks;			/* that have names; the first ones of the machine */
	const char *const *task_name;	/* [tasks] */
	const char *const *choice_name; /* [kind] */
};

/* What contradicts itself whatever happens, as a sentence, and the constraint it begins with; NULL: nothing.
 * g_free() */
char *schedule_contradiction(const struct schedule *s, const struct machine *m, u32 *constraint);

/* What lets go whom the constraint holds: "until B is done with folio_alloc_swap". */
void constraint_describe_end(const struct schedule *s, const struct machine *m, const struct constraint *c,
			     GString *text);

enum verdict { VERDICT_NOT_REPRODUCED, VERDICT_REPRODUCED, VERDICT_INFEASIBLE };

struct race_result {
	enum verdict verdict;
	char *invariant; /* reproduced: its name; else NULL */
	char *reason;	 /* a sentence; NULL if there is nothing to say */
	u64 fingerprint;
	u64 steps;
	bool cut; /* nobody waited for the verdict */
};

/* Whether all is well between two steps; @why gets "invariant: sentence". */
typedef bool holds_fn(struct machine *m, GString *why);

/* What a step meant to the schedule: "held by schedule[1]". */
typedef void tell_fn(void *data, const char *what);

struct schedule_options {
	u64 seed;
	u64 most_steps;
	holds_fn *holds;
	bool (*stop)(void); /* asked before every step, whether nobody waits any more; may be NULL */
	/* The first step is next: whoever wants to see them all, and all choices, steps in here. May be NULL.
	 */
	void (*begun)(struct machine *m, void *data);
	tell_fn *tell; /* may be NULL */
	void *data;
};

/* Runs a machine that machine_search() was called for, until its tasks are done, an invariant fails or nobody
 * can go on. */
void schedule_run(struct machine *m, const struct schedule *s, const struct schedule_options *options,
		  struct race_result *result);
void race_result_release(struct race_result *r);

#endif
