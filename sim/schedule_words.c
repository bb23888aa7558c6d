/*
 * Why a schedule got stuck or was not followed, in words.
 */
#include "sim/lock.h"
#include "sim/object.h"
#include "sim/schedule_run.h"

const char *schedule_task_name(const struct schedule_run *r, u32 task)
{
	if (task < r->s->tasks)
		return r->s->task_name[task];
	return r->m->path[frame_at(r->m, &r->m->task[task], 0)->path].info->name;
}

static void add_times(GString *text, u32 nth)
{
	static const char *const suffix[] = { "th", "st", "nd", "rd" };

	if (nth > 1)
		g_string_append_printf(text, " for the %u%s time", nth,
				       nth % 10 < 4 && nth / 10 % 10 != 1 ? suffix[nth % 10] : "th");
}

static void add_place(const struct machine *m, const struct stretch *s, GString *text)
{
	char *name = stretch_name(m, s);

	g_string_append(text, name);
	g_free(name);
}

/* "B verb place" */
static void describe_with(const struct schedule *s, const struct machine *m, const struct milestone *ms,
			  const char *reaches, const char *done, GString *text)
{
	g_string_append_printf(text, "%s%s", s->task_name[ms->task],
			       ms->kind == MILESTONE_DONE ? done : reaches);
	add_place(m, &ms->at, text);
	add_times(text, ms->nth);
}

void milestone_describe(const struct schedule *s, const struct machine *m, const struct milestone *ms,
			GString *text)
{
	describe_with(s, m, ms, " reaches ", " is done with ", text);
}

static void describe_missing(const struct schedule_run *r, const struct milestone *ms, GString *text)
{
	describe_with(r->s, r->m, ms, " never reached ", " was never done with ", text);
}

void constraint_describe_end(const struct schedule *s, const struct machine *m, const struct constraint *c,
			     GString *text)
{
	if (c->kind == CONSTRAINT_SWITCH) {
		g_string_append_printf(text, "for a step of %s", s->task_name[c->to]);
		return;
	}
	g_string_append(text, "until ");
	milestone_describe(s, m, &c->until, text);
}

static void describe_held(struct schedule_run *r, const struct task *t, u32 i, GString *text)
{
	const struct constraint *c = &r->s->constraint[i];
	const char *name = schedule_task_name(r, t->id);

	switch (c->kind) {
	case CONSTRAINT_PARK:
		g_string_append_printf(text, "%s is parked in ", name);
		add_place(r->m, &c->at.at, text);
		g_string_append(text, " until ");
		milestone_describe(r->s, r->m, &c->until, text);
		return;
	case CONSTRAINT_ORDER:
		g_string_append_printf(text, "%s is held at ", name);
		add_place(r->m, &c->at.at, text);
		g_string_append(text, " until ");
		milestone_describe(r->s, r->m, &c->until, text);
		return;
	case CONSTRAINT_SWITCH:
		g_string_append_printf(text, "%s is held at ", name);
		add_place(r->m, &c->at.at, text);
		g_string_append_printf(text, " for a step of %s", schedule_task_name(r, c->to));
		return;
	case CONSTRAINT_RUN:
		g_string_append_printf(text, "%s is held while %s runs until ", name,
				       schedule_task_name(r, c->task));
		milestone_describe(r->s, r->m, &c->until, text);
		return;
	case CONSTRAINT_CHOOSE:
		break;
	}
	BUG();
}

u32 schedule_holder_of(const struct schedule_run *r, const struct task *t)
{
	const void *object = arena_at(&r->m->arena, task_object(t));
	u32 owner = 0;

	if (t->op == OP_LOCK || t->op == OP_LOCK_IRQ)
		owner = ((const struct spinlock *)object)->owner;
	else if (t->op == OP_DOWN_READ || t->op == OP_DOWN_WRITE)
		owner = ((const struct sleeping_lock *)object)->owner;
	else if (t->op == OP_BIT_LOCK || t->op == OP_BIT_WAIT)
		owner = bit_lock_owner(*(const bit_lock_t *)object);
	return owner <= r->m->tasks ? owner : 0;
}

void schedule_describe_lock(const struct schedule_run *r, const struct task *t, GString *text)
{
	u32 holder = schedule_holder_of(r, t);

	object_field_name(r->m, task_object(t), text);
	if (r->m->vocabulary && r->m->vocabulary->is_of_device &&
	    r->m->vocabulary->is_of_device(r->m, task_object(t)))
		g_string_append(text, ", which a device will end");
	else if (holder)
		g_string_append_printf(text, ", which %s holds", schedule_task_name(r, holder - 1));
	else
		g_string_append(text, ", which no task holds");
}

static void describe_waiting(struct schedule_run *r, const struct task *t, GString *text)
{
	u32 current = r->m->cpu[t->cpu].current;
	char step[128];

	g_string_append_printf(text, "%s ", schedule_task_name(r, t->id));
	machine_step_name(r->m, t, 0, step, sizeof step);
	if (t->state == TASK_BLOCKED)
		g_string_append_printf(text, "sleeps at %s until somebody wakes it", step);
	else if (!op_possible(r->m, t)) {
		g_string_append_printf(text, "waits at %s for ", step);
		schedule_describe_lock(r, t, text);
	} else if (current && current != t->id + 1u)
		g_string_append_printf(text, "waits at %s for CPU %u, which %s does not give up", step,
				       t->cpu, schedule_task_name(r, current - 1));
	else
		g_string_append_printf(text, "waits at %s behind a task of higher priority", step);
}

/* Of each task that is not done: who holds it, or what it is about if nobody does. */
static void describe_tasks(struct schedule_run *r,
			   void (*describe)(struct schedule_run *, const struct task *, GString *),
			   GString *text)
{
	const char *separator = "";

	for (u32 i = 0; i < r->s->tasks; i++) {
		const struct task *t = &r->m->task[i];
		u32 held = schedule_held_by(r, t);

		if (t->state == TASK_DONE)
			continue;
		g_string_append(text, separator);
		separator = "; ";
		if (held != NOBODY)
			describe_held(r, t, held, text);
		else
			describe(r, t, text);
	}
}

void schedule_explain_stuck(struct schedule_run *r, GString *why)
{
	describe_tasks(r, describe_waiting, why);
	for (u32 i = 0; i < r->s->constraints; i++) { /* whom they waited for in vain */
		const struct milestone *until = &r->s->constraint[i].until;
		enum constraint_kind kind = r->s->constraint[i].kind;

		if ((kind == CONSTRAINT_PARK || kind == CONSTRAINT_ORDER) &&
		    r->m->task[until->task].state == TASK_DONE && !schedule_met(r, i, true)) {
			g_string_append(why, "; but ");
			describe_missing(r, until, why);
			g_string_append(why, " before it ended");
		}
	}
}

enum { TIMES_TOLD = 8 /* from so many on it is a loop */ };

/* Where it is, or what it did most often if that is a loop. */
static void describe_place(struct schedule_run *r, const struct task *t, GString *text)
{
	const struct frame *frame = frame_at(r->m, t, t->frame);
	u32 path = frame->path, pc = frame->pc, most = *schedule_times(r, t->id, path, pc);

	for (u32 i = 0; i < r->m->paths; i++)
		for (u32 step = 1; step < r->m->path[i].steps; step++) {
			u32 times = *schedule_times(r, t->id, i, step);

			if (times <= most + 1)
				continue;
			most = times;
			path = i;
			pc = step;
		}
	if (most < TIMES_TOLD) {
		path = frame->path;
		pc = frame->pc;
	}
	g_string_append_printf(text, "%s %s ", schedule_task_name(r, t->id),
			       most < TIMES_TOLD ? "is" : "was");
	if (most >= TIMES_TOLD)
		g_string_append_printf(text, "%u times ", most);
	g_string_append_printf(text, "at %s.%s", r->m->path[path].info->name, r->m->path[path].step_name[pc]);
}

void schedule_explain_places(struct schedule_run *r, GString *why)
{
	describe_tasks(r, describe_place, why);
}

/* It never came there, not so often, or came when the other one was so far already. */
static void describe_unparked(const struct schedule_run *r, u32 i, GString *text)
{
	const struct constraint *c = &r->s->constraint[i];
	u32 came = r->state[i].reached[0];

	if (came >= MAX(c->at.nth, 1)) {
		describe_with(r->s, r->m, &c->until, " reached ", " was done with ", text);
		g_string_append_printf(text, " before %s came to ", schedule_task_name(r, c->task));
	} else if (came) {
		g_string_append_printf(text, "%s never came to ", schedule_task_name(r, c->task));
	} else {
		g_string_append_printf(text, "%s ended without being in ", schedule_task_name(r, c->task));
	}
	add_place(r->m, &c->at.at, text);
	add_times(text, c->at.nth);
	if (came == 1 && came < c->at.nth)
		g_string_append(text, ", only once");
	else if (came && came < c->at.nth)
		g_string_append_printf(text, ", only %u times", came);
}

/* It never happened, or the one that had the machine until then ended before. */
static void describe_run(const struct schedule_run *r, u32 i, GString *text)
{
	const struct constraint *c = &r->s->constraint[i];

	if (!schedule_met(r, i, true)) {
		describe_missing(r, &c->until, text);
		return;
	}
	g_string_append_printf(text, "%s ended before ", schedule_task_name(r, c->task));
	describe_with(r->s, r->m, &c->until, " reached ", " was done with ", text);
}

void schedule_explain_unmet(struct schedule_run *r, u32 constraint, GString *why)
{
	const struct constraint *c = &r->s->constraint[constraint];

	switch (c->kind) {
	case CONSTRAINT_PARK:
		describe_unparked(r, constraint, why);
		return;
	case CONSTRAINT_ORDER:
		describe_missing(r, schedule_met(r, constraint, true) ? &c->at : &c->until, why);
		return;
	case CONSTRAINT_SWITCH:
		describe_missing(r, &c->at, why);
		return;
	case CONSTRAINT_RUN:
		describe_run(r, constraint, why);
		return;
	case CONSTRAINT_CHOOSE:
		g_string_append_printf(why, "%s never came to %s", schedule_task_name(r, c->task),
				       r->s->choice_name[c->choice]);
		add_times(why, c->nth);
		return;
	}
	BUG();
}
