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

static bool holds(const struct schedule_run *r, u32 i, const struct task *t)
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
		if (holds(r, i, t))
			return i;
	return NOBODY;
}

/* Who has to make the next step, NOBODY: whoever may. */
static u32 whose_turn(const struct schedule_run *r)
{
	for (u32 i = 0; i < r->s->constraints; i++) {
		const struct constraint *c = &r->s->constraint[i];

		if (c->kind == CONSTRAINT_SWITCH && holds(r, i, &r->m->task[c->task]))
			return c->to;
		if (c->kind == CONSTRAINT_RUN && i == r->turn)
			return c->task;
	}
	return NOBODY;
}

/* What the constraints leave open of all that could happen. */
static u32 list_open(struct schedule_run *r, u32 *possible)
{
	u32 turn = whose_turn(r), n = 0;

	*possible = next_list(r->m, r->next);
	for (u32 i = 0; i < *possible; i++) {
		struct next next = r->next[i];
		bool step = next.kind == NEXT_STEP;

		if (step && schedule_held_by(r, &r->m->task[next.number]) != NOBODY)
			continue;
		if (step && next.number == turn) {
			r->open[0] = next;
			return 1;
		}
		r->open[n++] = next;
	}
	return n;
}

/* ---- what a step did ---- */

static void count_passed(void *data, enum passed what, u32 path, u32 pc)
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
static void look_through_windows(struct schedule_run *r, u32 task)
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
static void settle(struct schedule_run *r, u32 task)
{
	for (u32 i = 0; i < r->s->constraints; i++) {
		const struct constraint *c = &r->s->constraint[i];

		if (c->kind == CONSTRAINT_PARK && stretch_contains(r->m, &c->at.at, &r->m->task[c->task]))
			r->state[i].used = true;
		if (c->kind == CONSTRAINT_SWITCH && c->to == task && is_at(r, i, &r->m->task[c->task]))
			r->state[i].used = true;
	}
	while (r->turn < r->s->constraints) {
		const struct constraint *c = &r->s->constraint[r->turn];

		if (c->kind == CONSTRAINT_RUN && !schedule_met(r, r->turn, true) &&
		    r->m->task[c->task].state != TASK_DONE)
			break;
		r->turn++;
	}
}

static void happen(struct schedule_run *r, struct next next)
{
	struct machine *m = r->m;
	bool step = next.kind == NEXT_STEP, done;

	r->stepping = step ? next.number : NOBODY;
	fingerprint_add(m, step ? next.number : m->config.tasks + next.kind,
			step ? m->task[next.number].step_hash
			: next.kind == NEXT_EVENT
			    ? m->pending[next.number].kind << 16 ^ m->pending[next.number].arg
			    : next.number);
	if (!step) {
		next_do(m, next);
		return;
	}
	passage_begin(&r->passage, m, &m->task[next.number]);
	done = next_do(m, next);
	passage_end(&r->passage, m, &m->task[next.number], done, count_passed, r);
	look_through_windows(r, next.number);
	settle(r, next.number);
}

/* ---- decisions of nature ---- */

static u64 draw(struct schedule_run *r)
{
	return random_value(random_key(r->seed, STREAM_SCHEDULE, 0), r->drawn++);
}

static u32 answer(struct machine *m, u32 kind, u32 actor, u32 n, u32 usual)
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
		chosen = c->value;
	}
	if (chosen != NOBODY) {
		if (chosen < n)
			return chosen;
		machine_fail(m, ERROR_SCENARIO, "%s is asked for a number below %u, and %u was chosen",
			     r->s->choice_name[kind], n, chosen);
	}
	return usual < n ? usual : random_below(draw(r), n);
}

/* ---- the verdict ---- */

static void conclude(struct schedule_run *r, enum verdict verdict, const char *invariant,
		     struct race_result *result)
{
	result->verdict = verdict;
	result->invariant = g_strdup(invariant);
	result->reason = r->why->len ? g_strdup(r->why->str) : NULL;
}

/* "invariant: sentence" */
static void conclude_violated(struct schedule_run *r, struct race_result *result)
{
	char *colon = strstr(r->why->str, ": ");
	char *name = colon ? g_strndup(r->why->str, (gsize)(colon - r->why->str)) : g_strdup("failure");

	if (colon)
		g_string_erase(r->why, 0, colon + 2 - r->why->str);
	conclude(r, VERDICT_REPRODUCED, name, result);
	g_free(name);
}

static bool all_is_well(struct schedule_run *r, const struct schedule_options *options,
			struct race_result *result)
{
	const GError *failure = r->m->failure;

	if (failure)
		g_string_assign(r->why, failure->message);
	else if (options->holds(r->m, r->why))
		return true;
	if (failure && failure->code == ERROR_SCENARIO)
		conclude(r, VERDICT_INFEASIBLE, NULL, result);
	else
		conclude_violated(r, result);
	return false;
}

static bool everybody_is_done(const struct schedule_run *r)
{
	for (u32 i = 0; i < r->s->tasks; i++)
		if (r->m->task[i].state != TASK_DONE)
			return false;
	return true;
}

static bool somebody_is_held(const struct schedule_run *r)
{
	for (u32 i = 0; i < r->m->tasks; i++)
		if (r->m->task[i].state != TASK_DONE && schedule_held_by(r, &r->m->task[i]) != NOBODY)
			return true;
	return false;
}

/* Nothing but what comes again and again. */
static bool nothing_helps(const struct schedule_run *r, u32 n)
{
	for (u32 i = 0; i < n; i++)
		if (!next_is_periodic(r->m, r->open[i]))
			return false;
	return true;
}

static bool is_unmet(const struct schedule_run *r, u32 i)
{
	switch (r->s->constraint[i].kind) {
	case CONSTRAINT_PARK:
	case CONSTRAINT_SWITCH:
	case CONSTRAINT_CHOOSE:
		return !r->state[i].used;
	case CONSTRAINT_ORDER:
		return !schedule_met(r, i, true) || !schedule_met(r, i, false);
	case CONSTRAINT_RUN:
		return !schedule_met(r, i, true);
	}
	BUG();
}

static void conclude_end(struct schedule_run *r, struct race_result *result)
{
	for (u32 i = 0; i < r->s->constraints && !r->why->len; i++)
		if (is_unmet(r, i))
			schedule_explain_unmet(r, i, r->why);
	conclude(r, r->why->len ? VERDICT_INFEASIBLE : VERDICT_NOT_REPRODUCED, NULL, result);
}

static void conclude_stuck(struct schedule_run *r, struct race_result *result)
{
	bool held = somebody_is_held(r);

	schedule_explain_stuck(r, r->why);
	if (!held)
		g_string_prepend(r->why, "nobody can go on: ");
	conclude(r, held ? VERDICT_INFEASIBLE : VERDICT_REPRODUCED, held ? NULL : "progress", result);
}

static void conclude_endless(struct schedule_run *r, u64 steps, struct race_result *result)
{
	bool held = somebody_is_held(r);

	g_string_printf(r->why, "no end after %" G_GUINT64_FORMAT " steps: ", (guint64)steps);
	schedule_explain_places(r, r->why);
	conclude(r, held ? VERDICT_INFEASIBLE : VERDICT_REPRODUCED, held ? NULL : "progress", result);
}

static void go(struct schedule_run *r, const struct schedule_options *options, struct race_result *result)
{
	for (u64 steps = 0;; steps++) {
		u32 n, possible;

		if (!all_is_well(r, options, result))
			return;
		if (everybody_is_done(r)) {
			conclude_end(r, result);
			return;
		}
		n = list_open(r, &possible);
		if (nothing_helps(r, n)) {
			conclude_stuck(r, result);
			return;
		}
		if (steps == options->most_steps) {
			conclude_endless(r, steps, result);
			return;
		}
		happen(r, r->open[n > 1 ? random_below(draw(r), n) : 0]);
	}
}

/* Where they are when it begins counts as reached. */
static void begin(struct schedule_run *r)
{
	for (u32 i = 0; i < r->m->tasks; i++) {
		const struct task *t = &r->m->task[i];
		const struct frame *frame = frame_at(r->m, t, t->frame);

		r->stepping = i;
		if (t->state != TASK_DONE)
			count_passed(r, PASSED_REACHED, frame->path, frame->pc);
		look_through_windows(r, i);
	}
	settle(r, NOBODY);
}

void schedule_run(struct machine *m, const struct schedule *s, const struct schedule_options *options,
		  struct race_result *result)
{
	struct schedule_run r = {
		.m = m, .s = s, .seed = options->seed, .stepping = NOBODY, .why = g_string_new(NULL)
	};

	r.state = g_new0(struct constraint_state, s->constraints + 1);
	r.next = g_new(struct next, next_most(m));
	r.open = g_new(struct next, next_most(m));
	m->driver = &r;
	m->choose = answer;
	m->fingerprint = m->steps = 0;
	*result = (struct race_result){ 0 };
	begin(&r);
	if (options->begun)
		options->begun(m, options->data);
	go(&r, options, result);
	result->fingerprint = m->fingerprint;
	result->steps = m->steps;
	m->driver = NULL;
	m->choose = NULL;
	g_free(r.state);
	g_free(r.next);
	g_free(r.open);
	g_string_free(r.why, TRUE);
}

void race_result_release(struct race_result *r)
{
	g_free(r->invariant);
	g_free(r->reason);
	*r = (struct race_result){ 0 };
}
