/*
 * exploration.h - a scenario without its schedule: whether anything can go wrong at all, and if so the
 * schedule that makes it happen.
 */
#ifndef MODELS_EXPLORATION_H
#define MODELS_EXPLORATION_H

#include "models/race.h"
#include "models/target.h"
#include "sim/explore.h"
#include "sim/sample.h"
#include "sim/witness.h"

struct exploration_options {
	u32 preemptions; /* at most, as the next four; EXPLORE_NO_BOUND */
	u32 choices;
	u32 depth;
	u64 states;
	u64 bytes;
	bool fingerprints;
	u32 reduce;		  /* enum explore_reduction */
	u32 seeds;		  /* under which a witness is tried; 0: no witness is wanted */
	const char *const *known; /* findings that do not count, see explore.h */
	bool clean;		  /* likely, which is sooner proved so */
	bool coverage;		  /* of windows */
	bool outcomes;
	const struct target *target;		  /* to get to, in place of violations; NULL: there is none */
	bool (*stop)(void *stop_data, u64 known); /* as in explore.h */
	void *stop_data;
};

struct exploration {
	struct explore_result found;
	bool fewest_switches; /* of all ways that cost no more preemptions and choices, this has the fewest,
				 and of those the fewest steps */
	struct witness witness;
	struct coverage coverage; /* if it was asked for, as the next one */
	GHashTable *outcomes;	  /* set of char *: of outcome.h, of all ends that were seen */
	char *fatal;	   /* doomed: the last step, before which all could have ended yet; else NULL */
	bool sampled;	   /* instead of explored: what was found may take less */
	enum sampling how; /* then, as the next two */
	struct sample_result sample; /* ->found is above */
};

/* From the end of setup on; the race must outlive the exploration. */
void exploration_run(struct race *race, const struct exploration_options *options, struct exploration *x);
/* Runs drawn at random instead, for what is too large; of @options the bounds do not count. */
void exploration_sample(struct race *race, const struct exploration_options *options, enum sampling how,
			u64 seed, u64 runs, struct exploration *x);
void exploration_release(struct exploration *x);

/* "ok" or the name of an invariant, as "expect" has it; "target". */
const char *exploration_verdict(const struct exploration *x);
/* What was shown, in a sentence that says within which bounds. g_free() */
char *exploration_statement(const struct exploration *x, const struct exploration_options *options);
/* They are all that there are: nothing was left out. */
bool exploration_is_through(const struct exploration *x);
/* The matrix of windows, if it was asked for; g_free(). */
char *exploration_coverage(const struct exploration *x);
/* The witness's schedule as JSON: a list of constraints. g_free() */
char *exploration_schedule(struct race *race, const struct exploration *x);

#endif
