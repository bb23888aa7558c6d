#include "sim/schedule_run.h"

#include <string.h>

#include "sim/error.h"
#include "sim/random.h"
#include "sim/snapshot.h"

/* Who has to make the next step, NOBODY: whoever may. */
static u32 whose_turn(const struct schedule_run *r)
{
	for (u32 i = 0; i < r->s->constraints; i++) {
		const struct constraint *c = &r->s->constraint[i];

		if (c->kind == CONSTRAINT_SWITCH && schedule_holds(r, i, &r->m->task[c->task]))
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

/* @frame is where it was. */
static void count_step(struct schedule_run *r, u32 task, struct frame frame, bool done)
{
	if (done && task < r->s->tasks)
		++*schedule_times(r, task, frame.path, frame.pc);
}

static void happen(struct schedule_run *r, struct next next)
{
	struct machine *m = r->m;
	struct frame frame;
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
	frame = *frame_at(m, &m->task[next.number], m->task[next.number].frame);
	done = next_do(m, next);
	count_step(r, next.number, frame, done);
	passage_end(&r->passage, m, &m->task[next.number], done, schedule_count_passed, r);
	schedule_look_through_windows(r, next.number);
	schedule_settle(r, next.number);
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

bool schedule_all_is_well(struct schedule_run *r, holds_fn *well, struct race_result *result)
{
	const GError *failure = r->m->failure;

	if (failure)
		g_string_assign(r->why, failure->message);
	else if (well(r->m, r->why))
		return true;
	if (failure && failure->code == ERROR_SCENARIO)
		conclude(r, VERDICT_INFEASIBLE, NULL, result);
	else
		conclude_violated(r, result);
	return false;
}

bool schedule_everybody_is_done(const struct schedule_run *r)
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
	case CONSTRAINT_RUN:
		return !r->state[i].used;
	case CONSTRAINT_ORDER:
		return !schedule_met(r, i, true) || !schedule_met(r, i, false);
	}
	BUG();
}

void schedule_conclude_end(struct schedule_run *r, struct race_result *result)
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

/* Whether a state that was there before is there again, and again; as states are compared without what was
 * counted on the way, not where a constraint counts, too. */
struct rounds {
	u64 hash, stacks, next; /* stacks are small, and most often tell that it is elsewhere */
	u32 times;
	bool left;
};

enum { ROUNDS_FROM = 200, ROUNDS_MOST = 16 };

static bool counts_times(const struct schedule_run *r)
{
	for (u32 i = 0; i < r->s->constraints; i++) {
		const struct constraint *c = &r->s->constraint[i];

		if ((c->nth > 1 && !r->state[i].used) || (c->at.nth > 1 && !schedule_met(r, i, false)) ||
		    (c->until.nth > 1 && !schedule_met(r, i, true)))
			return true;
	}
	return false;
}

static bool goes_round(const struct schedule_run *r, u64 steps, struct rounds *rounds)
{
	u64 stacks;
	bool there;

	if (steps < ROUNDS_FROM || counts_times(r))
		return false;
	stacks = snapshot_hash_stacks(r->m);
	if (steps >= rounds->next)
		*rounds = (struct rounds){ .hash = snapshot_hash(r->m), .stacks = stacks, .next = 2 * steps };
	there = stacks == rounds->stacks && snapshot_hash(r->m) == rounds->hash;
	rounds->times += rounds->left && there;
	rounds->left = !there;
	return rounds->times == ROUNDS_MOST;
}

static void go(struct schedule_run *r, const struct schedule_options *options, struct race_result *result)
{
	struct rounds rounds = { 0 };

	for (u64 steps = 0;; steps++) {
		u32 n, possible;

		result->cut = options->stop && options->stop();
		if (result->cut)
			return;
		if (!schedule_all_is_well(r, options->holds, result))
			return;
		if (schedule_everybody_is_done(r)) {
			schedule_conclude_end(r, result);
			return;
		}
		n = list_open(r, &possible);
		if (nothing_helps(r, n)) {
			conclude_stuck(r, result);
			return;
		}
		if (steps == options->most_steps || goes_round(r, steps, &rounds)) {
			conclude_endless(r, steps, result);
			return;
		}
		happen(r, r->open[n > 1 ? random_below(schedule_draw(r), n) : 0]);
		if (options->tell)
			schedule_tell(r, options->tell, options->data);
	}
}

void schedule_run(struct machine *m, const struct schedule *s, const struct schedule_options *options,
		  struct race_result *result)
{
	struct schedule_run r;

	schedule_run_init(&r, m, s, options->seed);
	m->driver = &r;
	m->choose = schedule_answer;
	m->fingerprint = m->steps = 0;
	*result = (struct race_result){ 0 };
	schedule_begin(&r);
	if (options->begun)
		options->begun(m, options->data);
	schedule_tell(&r, NULL, NULL);
	go(&r, options, result);
	result->fingerprint = m->fingerprint;
	result->steps = m->steps;
	m->driver = NULL;
	m->choose = NULL;
	schedule_run_release(&r);
}

void race_result_release(struct race_result *r)
{
	g_free(r->invariant);
	g_free(r->reason);
	*r = (struct race_result){ 0 };
}
