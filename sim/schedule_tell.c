/*
 * What the steps of a run mean to its schedule, said as they happen: the constraints are what a reader of the
 * run looks for.
 */
#include "sim/lock.h"
#include "sim/schedule_run.h"

struct telling {
	struct schedule_run *r;
	tell_fn *tell;
	void *data;
};

static void say(const struct telling *to, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void say(const struct telling *to, const char *format, ...)
{
	va_list args;
	char *text;

	if (!to->tell)
		return;
	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	to->tell(to->data, text);
	g_free(text);
}

/* Only of the constraint's own task: a run holds all the others. True: it is held, or was. */
static bool tell_hold(const struct telling *to, u32 i, struct constraint_state *state)
{
	const struct constraint *c = &to->r->s->constraint[i];
	bool before = state->holding;

	state->holding = c->kind != CONSTRAINT_RUN && c->kind != CONSTRAINT_CHOOSE &&
			 schedule_holds(to->r, i, &to->r->m->task[c->at.task]);
	if (state->holding && !before)
		say(to, "held by schedule[%u]", i);
	if (!state->holding && before)
		say(to, "schedule[%u] lets %s go", i, schedule_task_name(to->r, c->at.task));
	return state->holding || before;
}

/* What an order asks for comes as it should without anybody being held. */
static void tell_order(const struct telling *to, u32 i, struct constraint_state *state, bool held)
{
	for (u32 until = 2; until--;) {
		bool met = schedule_met(to->r, i, until);

		if (met && !state->met[until] && !held)
			say(to, "%s of schedule[%u]", until ? "first" : "second", i);
		state->met[until] = met;
	}
}

/* Locks and bits that are held for long; a spinlock only where the schedule makes it so. */
static bool waits(const struct schedule_run *r, const struct task *t)
{
	u32 holder;

	if (t->state == TASK_DONE || t->state == TASK_BLOCKED || op_possible(r->m, t))
		return false;
	if (t->op == OP_DOWN_READ || t->op == OP_DOWN_WRITE || t->op == OP_BIT_LOCK || t->op == OP_BIT_WAIT)
		return true;
	holder = schedule_holder_of(r, t);
	return holder && schedule_held_by(r, &r->m->task[holder - 1]) != NOBODY;
}

static void tell_wait(const struct telling *to, u32 task)
{
	struct schedule_run *r = to->r;
	bool now = waits(r, &r->m->task[task]);
	GString *text;

	if (now && !r->waits[task] && to->tell) {
		text = g_string_new(NULL);
		schedule_describe_lock(r, &r->m->task[task], text);
		if (task == r->stepping)
			say(to, "waits for %s", text->str);
		else
			say(to, "%s waits for %s", schedule_task_name(r, task), text->str);
		g_string_free(text, TRUE);
	}
	r->waits[task] = now;
}

void schedule_tell(struct schedule_run *r, tell_fn *tell, void *data)
{
	const struct telling to = { r, tell, data };

	for (u32 i = 0; i < r->s->constraints; i++) {
		struct constraint_state *state = &r->state[i];
		bool over = i < r->turn, held;

		if (state->as_usual)
			say(&to, "%s as usual, by schedule[%u]",
			    r->s->choice_name[r->s->constraint[i].choice], i);
		state->as_usual = false;
		held = tell_hold(&to, i, state);
		if (r->s->constraint[i].kind == CONSTRAINT_ORDER)
			tell_order(&to, i, state, held);
		if (r->s->constraint[i].kind == CONSTRAINT_RUN && over && !state->over)
			say(&to, "schedule[%u] is over", i);
		state->over = over;
	}
	for (u32 i = 0; i < r->s->tasks; i++)
		tell_wait(&to, i);
}
