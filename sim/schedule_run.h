/*
 * schedule_run.h - inside the schedule: one run of it, and the words for why it got stuck.
 */
#ifndef SIM_SCHEDULE_RUN_H
#define SIM_SCHEDULE_RUN_H

#include "sim/next.h"
#include "sim/passage.h"
#include "sim/schedule.h"

enum { NOBODY = UINT32_MAX };

/* How far a constraint is. */
struct constraint_state {
	u32 reached[2]; /* how often its milestones were passed: at, until */
	bool inside[2]; /* the task of the milestone is in its window */
	u32 asked;	/* choose */
	bool used;	/* it has had its effect, or could have had */
};

struct schedule_run {
	struct machine *m;
	const struct schedule *s;
	struct constraint_state *state; /* [s->constraints] */
	u32 turn;			/* the run constraint that is on, or the end of the list */
	u64 seed;
	u64 drawn;
	struct next *next; /* what could happen, and */
	struct next *open; /* what of it the constraints leave */
	struct passage passage;
	u32 stepping; /* the task whose passage it is */
	GString *why;
};

/* The milestone has been passed often enough. */
bool schedule_met(const struct schedule_run *r, u32 constraint, bool until);
/* The constraint that keeps a task from its step, NOBODY: none does. */
u32 schedule_held_by(const struct schedule_run *r, const struct task *t);

/* The task's name, or for one the kernel started that of its path. */
const char *schedule_task_name(const struct schedule_run *r, u32 task);
/* Why nobody can go on; each task that is not done says what it waits for. */
void schedule_explain_stuck(struct schedule_run *r, GString *why);
/* What a constraint asked for and did not get. */
void schedule_explain_unmet(struct schedule_run *r, u32 constraint, GString *why);
/* Where everybody is. */
void schedule_explain_places(struct schedule_run *r, GString *why);
/* "B is done with folio_alloc_swap", "A reaches x.LOCK for the 2nd time" */
void milestone_describe(const struct schedule *s, const struct machine *m, const struct milestone *ms,
			GString *text);

#endif
