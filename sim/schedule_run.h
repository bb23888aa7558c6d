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
	bool as_usual;	/* choose: what was chosen is what usually happens, and nobody was told yet */
	/* as it was told last: */
	bool holding, met[2], over;
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
	u32 stepping;	 /* the task whose passage it is */
	u32 *times;	 /* [task][step of any path] how often it did that */
	u32 *first_step; /* [path] where its steps are there; behind the last one how many there are */
	bool *waits;	 /* [task] as it was told last */
	GString *why;
};

void schedule_run_init(struct schedule_run *r, struct machine *m, const struct schedule *s, u64 seed);
void schedule_run_release(struct schedule_run *r);

/* ---- schedule_follow.c ---- */

/* Where tasks are when it begins counts as reached. */
void schedule_begin(struct schedule_run *r);
/* What a step of r->stepping passed (passed_fn), */
void schedule_count_passed(void *run, enum passed what, u32 path, u32 pc);
/* and then: windows open and close by what the stack looks like; who was let go on by it. */
void schedule_look_through_windows(struct schedule_run *r, u32 task);
void schedule_settle(struct schedule_run *r, u32 task);
/* machine.choose, with the run as machine.driver */
u32 schedule_answer(struct machine *m, u32 kind, u32 actor, u32 n, u32 usual);
u64 schedule_draw(struct schedule_run *r);
/* Whether that constraint keeps the task from its step. */
bool schedule_holds(const struct schedule_run *r, u32 constraint, const struct task *t);
/* The milestone has been passed often enough. */
bool schedule_met(const struct schedule_run *r, u32 constraint, bool until);
/* The constraint that keeps a task from its step, NOBODY: none does. */
u32 schedule_held_by(const struct schedule_run *r, const struct task *t);

/* How often a task with a name did a step. */
u32 *schedule_times(const struct schedule_run *r, u32 task, u32 path, u32 pc);

/* ---- schedule_tell.c ---- */

/* What has changed since it was told last; @tell NULL: nobody listens. */
void schedule_tell(struct schedule_run *r, tell_fn *tell, void *data);

/* ---- schedule.c: the verdict ---- */

/* False: an invariant or the machine failed, and that is the verdict. */
bool schedule_all_is_well(struct schedule_run *r, holds_fn *well, struct race_result *result);
bool schedule_everybody_is_done(const struct schedule_run *r);
/* They are, and all invariants held. */
void schedule_conclude_end(struct schedule_run *r, struct race_result *result);

/* ---- schedule_words.c ---- */

/* The task's name, or for one the kernel started that of its path. */
const char *schedule_task_name(const struct schedule_run *r, u32 task);
/* Task + 1 that holds what @t waits for; 0: no task does. */
u32 schedule_holder_of(const struct schedule_run *r, const struct task *t);
/* What the task waits for at a lock, and who has it: "folio lock of folio 1 of p0, which B holds". */
void schedule_describe_lock(const struct schedule_run *r, const struct task *t, GString *text);
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
