/*
 * How far the constraints of a schedule are, whom they hold, and what they answer for nature.
 */
#include "sim/schedule_run.h"

#include <string.h>

#include "sim/error.h"
#include "sim/random.h"

enum { STREAM_SCHEDULE = 2000 /* apart from the kinds of choose() */ };

static const struct milestone *milestone_of(const struct constraint *c, bool until)
{
	return until ? &c->until : &c->at;
}

bool schedule_met(const struct schedule_run *r, u32 constraint, bool until)
{
	const struct milestone *ms = milestone_of(&r->s->constraint[constraint], until);

	return r->state[constraint].reached[until] >= ms->nth;
}

/* ---- who is held ---- */

static bool is_at(const struct schedule_run *r, u32 i, const struct task *t)
{
	const struct milestone *at = &r->s->constraint[i].at;

	return at->task == t->id && (!at->nth || r->state[i].reached[0] == at->nth) &&
	       stretch_contains(r->m, &at->at, t);
}

bool schedule_holds(const struct schedule_run *r, u32 i, const struct task *t)
{
	switch (r->s->constraint[i].kind) {
	case CONSTRAINT_PARK:
	case CONSTRAINT_ORDER:
		return is_at(r, i, t) && !schedule_met(r, i, true);
	case CONSTRAINT_SWITCH:
		return is_at(r, i, t) && !r->state[i].used;
	case CONSTRAINT_RUN:
		return i == r->turn && r->s->constraint[i].task != t->id;
	case CONSTRAINT_CHOOSE:
		return false;
	}
	BUG();
}

u32 schedule_held_by(const struct schedule_run *r, const struct task *t)
{
	for (u32 i = 0; i < r->s->constraints; i++)
		if (schedule_holds(r, i, t))
			return i;
	return NOBODY;
}

/* ---- what a step did ---- */

void schedule_count_passed(void *data, enum passed what, u32 path, u32 pc)
{
	static const enum passed of_step[] = { PASSED_REACHED, PASSED_DONE };
	static const enum passed of_path[] = { PASSED_ENTERED, PASSED_LEFT };
	struct schedule_run *r = data;

	for (u32 i = 0; i < 2 * r->s->constraints; i++) {
		const struct milestone *ms = milestone_of(&r->s->constraint[i / 2], i % 2);
		const struct stretch *at = &ms->at;

		if (at->window || ms->task != r->stepping || at->path != path)
			continue;
		if (stretch_is_path(at) ? what == of_path[ms->kind]
					: what == of_step[ms->kind] && at->from == pc)
			r->state[i / 2].reached[i % 2]++;
	}
}

/* Windows open and close by what the stack looks like. */
void schedule_look_through_windows(struct schedule_run *r, u32 task)
{
	for (u32 i = 0; i < 2 * r->s->constraints; i++) {
		const struct milestone *ms = milestone_of(&r->s->constraint[i / 2], i % 2);
		struct constraint_state *state = &r->state[i / 2];
		bool inside;

		if (!ms->at.window || ms->task != task)
			continue;
		inside = stretch_contains(r->m, &ms->at, &r->m->task[task]);
		if (inside != state->inside[i % 2])
			state->reached[i % 2] += inside == (ms->kind == MILESTONE_REACHES);
		state->inside[i % 2] = inside;
	}
}

/* Who was let go on by this, and what has had its turn. */
void schedule_settle(struct schedule_run *r, u32 task)
{
	for (u32 i = 0; i < r->s->constraints; i++) {
		const struct constraint *c = &r->s->constraint[i];

		if (c->kind == CONSTRAINT_PARK && schedule_holds(r, i, &r->m->task[c->task]))
			r->state[i].used = true;
		if (c->kind == CONSTRAINT_SWITCH && c->to == task && is_at(r, i, &r->m->task[c->task]))
			r->state[i].used = true;
	}
	while (r->turn < r->s->constraints) {
		const struct constraint *c = &r->s->constraint[r->turn];
		bool met = schedule_met(r, r->turn, true);

		if (c->kind == CONSTRAINT_RUN && !met && r->m->task[c->task].state != TASK_DONE)
			break;
		r->state[r->turn].used |= c->kind == CONSTRAINT_RUN && met;
		r->turn++;
	}
}

/* ---- decisions of nature ---- */

u64 schedule_draw(struct schedule_run *r)
{
	return random_value(random_key(r->seed, STREAM_SCHEDULE, 0), r->drawn++);
}

u32 schedule_answer(struct machine *m, u32 kind, u32 actor, u32 n, u32 usual)
{
	struct schedule_run *r = m->driver;
	u32 chosen = NOBODY;

	for (u32 i = 0; i < r->s->constraints; i++) {
		const struct constraint *c = &r->s->constraint[i];

		if (c->kind != CONSTRAINT_CHOOSE || c->choice != kind || ACTOR(ACTOR_TASK, c->task) != actor)
			continue;
		if (++r->state[i].asked != c->nth && c->nth)
			continue;
		r->state[i].used = true;
		r->state[i].as_usual = c->value == usual;
		chosen = c->value;
	}
	if (chosen != NOBODY) {
		if (chosen < n)
			return chosen;
		machine_fail(m, ERROR_SCENARIO, "%s is asked for a number below %u, and %u was chosen",
			     r->s->choice_name[kind], n, chosen);
	}
	return usual < n ? usual : random_below(schedule_draw(r), n);
}

/* Where they are when it begins counts as reached. */
void schedule_begin(struct schedule_run *r)
{
	for (u32 i = 0; i < r->m->tasks; i++) {
		const struct task *t = &r->m->task[i];
		const struct frame *frame = frame_at(r->m, t, t->frame);

		r->stepping = i;
		if (t->state != TASK_DONE)
			schedule_count_passed(r, PASSED_REACHED, frame->path, frame->pc);
		schedule_look_through_windows(r, i);
	}
	schedule_settle(r, NOBODY);
}

u32 *schedule_times(const struct schedule_run *r, u32 task, u32 path, u32 pc)
{
	return &r->times[task * r->first_step[r->m->paths] + r->first_step[path] + pc];
}

static void count_nothing_yet(struct schedule_run *r)
{
	r->first_step = g_new0(u32, r->m->paths + 1);
	for (u32 i = 0; i < r->m->paths; i++)
		r->first_step[i + 1] = r->first_step[i] + r->m->path[i].steps;
	r->times = g_new0(u32, (gsize)r->first_step[r->m->paths] * r->s->tasks + 1);
}

void schedule_run_init(struct schedule_run *r, struct machine *m, const struct schedule *s, u64 seed)
{
	*r = (struct schedule_run){
		.m = m,
		.s = s,
		.seed = seed,
		.stepping = NOBODY,
		.state = g_new0(struct constraint_state, s->constraints + 1),
		.next = g_new(struct next, next_most(m)),
		.open = g_new(struct next, next_most(m)),
		.why = g_string_new(NULL),
		.waits = g_new0(bool, s->tasks + 1),
	};
	count_nothing_yet(r);
}

void schedule_run_release(struct schedule_run *r)
{
	g_free(r->state);
	g_free(r->times);
	g_free(r->first_step);
	g_free(r->waits);
	g_free(r->next);
	g_free(r->open);
	g_string_free(r->why, TRUE);
}
