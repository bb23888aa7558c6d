/*
 * explore.h - all that could happen: a search over every order of steps, every event and every decision of
 * nature, from the state a machine is in.
 *
 * States come in the order of what it costs to get there: how often a task was taken off its CPU though it
 * could have gone on (preemptions) and how often nature decided otherwise than usual (choices), then how
 * often another task made the next step (switches), then steps. So what is found first has no cheaper way to
 * it. A task that sleeps, may be rescheduled (OP_RESCHED, OP_COND_RESCHED) or runs on another CPU gives way
 * for nothing; an event comes for nothing.
 *
 * One reduction, sound by itself (REDUCE_PRIVATE): who is about to let go of a spinlock, or of a local lock,
 * does so before anything else happens. Nobody can tell whether that happened sooner or later - unless he
 * tries the lock and goes another way when it is held, so locks of a class that anybody was ever seen to try
 * are left out -, and whatever the step does beside it would be seen in what it changes: then it is left out,
 * too.
 *
 * Another (REDUCE_SYMMETRY): states that are the same but for which of several equal tasks is which are one,
 * see symmetry.h. A machine that comes to where no table of labels leads is searched with fewer renamings, or
 * without; then renamings is 0.
 *
 * And one (REDUCE_UNREAD): what the model notes for who may ask for it later on - how long ago a page went,
 * in which order page frames became free, figures for the end of a run - it forgets. A search in which
 * somebody does ask begins anew without that.
 *
 * States are compared exactly, unless fingerprints are asked for. What no bound cut off is proved. Time does
 * not exist, so what is found may need delays that no machine has; `swapsim race --time` tells.
 */
#ifndef SIM_EXPLORE_H
#define SIM_EXPLORE_H

#include "sim/coverage.h"
#include "sim/next.h"
#include "sim/schedule.h"

enum { EXPLORE_NO_BOUND = UINT32_MAX };

enum explore_reduction {
	REDUCE_PRIVATE = 1,
	REDUCE_SLEEP = 2, /* sample.h */
	REDUCE_SYMMETRY = 4,
	REDUCE_UNREAD = 8
};

struct explore_options {
	holds_fn *holds; /* of every state that is found */
	u32 tasks;	 /* the first ones of the machine: who has to come to an end */
	u32 preemptions; /* at most, as the next ones; EXPLORE_NO_BOUND */
	u32 choices;
	u32 unusual; /* preemptions and choices together */
	u32 depth;   /* steps */
	u64 states;
	u64 bytes; /* of the host's memory */
	bool fingerprints;
	u32 reduce; /* enum explore_reduction */
	/* Who could be who; ends that differ in no more are counted once, whatever the reduction. NULL:
	 * nobody is like anybody. */
	const struct symmetry *symmetry;
	bool switches; /* count them: a state is another one by who made the last step */
	/* Findings that are none any more: keys of earlier results, ends with NULL; NULL: there are none.
	 * Such a state leads nowhere. */
	const char *const *known;
	struct coverage *coverage; /* of windows, to be added to; NULL: nobody wants to know */
	void (*ended)(struct machine *m,
		      void *data); /* in each state in which all have come to an end; or NULL */
	void *data;
	/* Asked once in a while, with what is known by then, states or, of what is drawn, runs: true if that
	 * is to be all. NULL: never. */
	bool (*stop)(void *stop_data, u64 known);
	void *stop_data;
};

struct explore_cost {
	u32 preemptions;
	u32 choices;
	u32 switches; /* 0 if they are not counted */
	u32 steps;
};

/* One thing that happened, and the answers to what was asked meanwhile: the rank of each, 0 for the usual
 * one, in the mixed radix in which they were asked. */
struct decision {
	struct next next;
	u32 answers;
};

enum explore_verdict {
	EXPLORE_CLEAN,
	EXPLORE_VIOLATION, /* of an invariant */
	EXPLORE_DEADLOCK,  /* nobody can go on */
	EXPLORE_DOOMED,	   /* whatever happens from there on, they never all come to an end */
};

enum explore_cut {
	EXPLORE_COMPLETE,
	EXPLORE_CUT_STATES,
	EXPLORE_CUT_BYTES,
	EXPLORE_CUT_RUNS /* sample.h */,
	EXPLORE_CUT_STOPPED
};

struct explore_result {
	enum explore_verdict verdict;
	enum explore_cut cut; /* what ended the search before it was through */
	bool bounded;	      /* by preemptions, choices: something was left out */
	bool deep;	      /* by depth, likewise */
	char *invariant;      /* violation: its name, deadlock and doomed: "progress" */
	char *reason;	      /* a sentence */
	char *key;	      /* what it has in common with others of its kind: all but numbers, and where the
				 task that made the last step is now */
	struct explore_cost cost;
	struct decision *decision; /* how to get there */
	u32 decisions;
	u64 states;
	u64 transitions;
	u64 states_at_first; /* when it was found first, before it was known to be cheapest */
	u64 final_states;    /* in which all came to an end */
	u64 final_hash;	     /* of them all, in no order */
	u64 doomed;	     /* states, if the search was through */
	u64 bytes;	     /* of the host's memory */
	u64 live_bytes;	     /* of the state, and */
	u64 changing_bytes;  /* of what of it ever changed */
	u32 collision_exponent;
	u32 renamings;	 /* that were used, the identity included; 0: none */
	bool unread;	 /* nobody asked for what the model forgot */
	u32 few_of_many; /* choices with too many alternatives to try them all */
};

/* Whether @m, which machine_search() was called for, is small enough; nothing larger may be explored. */
bool explore_fits(struct machine *m);
/* Explores from the present state of @m, which machine_search() was called for, and leaves it there. */
void explore(struct machine *m, const struct explore_options *options, struct explore_result *result);
void explore_result_release(struct explore_result *r);

/* An answer of nature while decisions are followed; @usual is the number of alternatives where there is none.
 */
struct answer {
	u32 kind, actor, value, usual;
};

struct decision_reader {
	u32 answers;					  /* left of those of the decision in hand */
	void (*told)(void *data, const struct answer *a); /* may be NULL */
	void *data;
};
/* Does it again on @m, which stands where the decision was made. False: the task began to wait, or went to
 * another CPU, and its step is not done yet. */
bool decision_follow(struct machine *m, const struct decision *d, struct decision_reader *reader);

/* "preemption" as it is counted above: that task @t goes on now takes another off its CPU that could. */
bool explore_preempts(const struct machine *m, const struct task *t);

#endif
