/*
 * sample.h - runs drawn at random, for worlds that are too large to explore.
 *
 *	walk	whatever could happen next is equally likely
 *	pct	tasks have priorities, the highest goes on; at a few steps, drawn beforehand, the one that is
 *		going on falls behind all others (probabilistic concurrency testing)
 *	pos	every step that could be next has a priority of its own, drawn anew when one on the same
 *		object was done (partial order sampling)
 *	all	nothing is drawn: one run after the other until there is no other
 *
 * Events that no task makes count as steps of one more task. Nature decides otherwise than usual once in
 * `unusual` times. A state whose hash is that of one that was looked at is not looked at again, and where a
 * step leads that was made before in a state of the same hash is not even compared. What is found is found;
 * what is not is not proved, and nothing is said of its cost.
 *
 * All runs are too many unless those that differ in the order of steps that commute are made once
 * (REDUCE_SLEEP, sleep sets): what was tried first in a state need not be tried behind what was tried
 * then, as long as it commutes with all that happens in between. Whether two commute in a state is found
 * by doing both in either order: neither may keep the other from happening, and the states they lead to
 * must be the same, byte by byte. So nothing needs to be known of what a step reads or who tries a lock.
 */
#ifndef SIM_SAMPLE_H
#define SIM_SAMPLE_H

#include "sim/explore.h"

enum sampling { SAMPLE_WALK, SAMPLE_PCT, SAMPLE_POS, SAMPLE_ALL, NR_SAMPLINGS };
extern const char *const sampling_name[NR_SAMPLINGS + 1];

struct sample_options {
	enum sampling how;
	holds_fn *holds;
	/* Who has got where he should stay as long as anybody else can go on; NULL: nobody. */
	bool (*keeps)(const struct machine *m, u32 task);
	u32 tasks; /* as in explore.h */
	u64 seed;
	u64 runs;
	u32 depth;   /* steps of a run at most; who has not come to an end by then has shown nothing */
	u32 unusual; /* 0: never */
	u32 changes; /* pct: of priority */
	u32 steps;   /* pct: a run has about so many */
	u32 reduce;  /* all: REDUCE_SLEEP */
	bool (*stop)(void *stop_data, u64 runs); /* as in explore.h */
	void *stop_data;
};

struct sample_result {
	struct explore_result found; /* in the first run that found anything. All: ends that differ are
					counted, cut and deep tell whether there were more runs;
					of any kind cut says that they were stopped */
	u64 first;		     /* that run, from 1 */
	u64 hits;		     /* runs that found anything */
	u64 runs, steps, ends;
	u64 blocked; /* all: ways that led to nothing but what was seen elsewhere */
};

/* From the present state of @m, which machine_search() was called for and which stands there again
 * afterwards.
 */
void sample(struct machine *m, const struct sample_options *options, struct sample_result *result);
void sample_result_release(struct sample_result *r);

#endif
