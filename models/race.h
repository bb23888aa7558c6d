/*
 * race.h - a scenario as its schedule has it: setup, then step by step to a verdict.
 *
 * Setup runs without a schedule and with the usual decisions of nature until nobody has anything to do but
 * what the schedule is about. Invariants are checked after every step, the audits of audit.h whenever no task
 * is inside the kernel.
 */
#ifndef MODELS_RACE_H
#define MODELS_RACE_H

#include "models/scenario.h"
#include "sim/recording.h"
#include "sim/schedule.h"
#include "sim/witness.h"

enum { RACE_STEPS_MOST = 100000 };

/* A scenario on one kernel whose setup is over: what every run begins with. The scenario must outlive it. */
struct race;

/* NULL and ERROR_SCENARIO when it cannot be built or setup gets stuck. @kernel NULL: the scenario's. */
struct race *race_new(const struct scenario *s, const char *kernel, GError **error);
void race_free(struct race *r);
/* Its machine, back where setup is over, for a search of its own. */
struct kernel *race_begin(struct race *r);

/* Who is asked at every step whether to go on, as in struct schedule_options. */
void race_stop_when(struct race *r, bool (*stop)(void));

/* One run; @seed is of what the schedule leaves open. */
void race_run(struct race *r, u64 seed, struct race_result *result);
/* The same, with all that each step did. */
struct recording *race_record(struct race *r, u64 seed, struct race_result *result);

/* Whether all invariants hold between two steps, and the audits if no task is inside the kernel (holds_fn).
 */
bool race_invariants_hold(struct machine *m, GString *why);
/* The same of a state that a search has come back to, with other statistics: without those. @why may be NULL.
 */
bool race_state_holds(struct machine *m, GString *why);
/* Setup is over for the task: it is about to do the first thing that is none. */
bool race_task_is_ready(const struct kernel *k, u32 task);

/* What it takes of what a search found to have it again under race_run(). */
void race_witness(struct race *r, const struct explore_result *found, u32 seeds, struct witness *w);

/* "ok", "infeasible" or the name of an invariant, as "expect" has it. */
const char *race_verdict(const struct race_result *result);
/* All that there are, those of invariants with those of the audits they are made of; ends with NULL,
 * g_free().
 */
const char **race_verdicts(void);
/* Somebody has told who goes on when. */
bool race_has_schedule(const struct scenario *s);
/* What the scenario expects of a release with patches; NULL: nothing. */
const char *race_expected(const struct scenario *s, const char *kernel);
/* Those it expects something of; ends with NULL, the caller frees the array. */
const char **race_kernels_expected(const struct scenario *s);

#endif
