#include "models/exploration.h"

#include <string.h>

#include "models/choices.h"
#include "models/cpu.h"
#include "models/equal_tasks.h"
#include "models/outcome.h"
#include "models/scenario_parts.h"

/* Whatever goes wrong without much ado is found before so many states are known, at its least cost. */
enum { STATES_AT_FIRST = 20000 };

/* ---- the search ---- */

static void note_outcome(struct machine *m, void *outcomes)
{
	g_hash_table_add(outcomes, outcome_text(kernel_of(m)));
}

static void look(struct race *race, const struct exploration_options *o, u32 unusual, bool switches,
		 u64 states, struct exploration *x, struct explore_result *found)
{
	struct kernel *k = race_begin(race);
	struct equal_tasks *equal = o->reduce & REDUCE_SYMMETRY ? equal_tasks_new(k) : NULL;
	const struct explore_options options = {
		.holds = o->target ? target_is_missed : race_state_holds,
		.tasks = k->machine.task_names,
		.preemptions = o->preemptions,
		.choices = o->choices,
		.unusual = unusual,
		.depth = o->depth,
		.states = states,
		.bytes = o->bytes,
		.fingerprints = o->fingerprints,
		.switches = switches,
		.reduce = o->reduce & (REDUCE_PRIVATE | REDUCE_SYMMETRY | REDUCE_UNREAD),
		.symmetry = equal_tasks_symmetry(equal),
		.known = o->known,
		.coverage = o->coverage ? &x->coverage : NULL,
		.ended = x->outcomes ? note_outcome : NULL,
		.data = x->outcomes,
		.stop = o->stop,
		.stop_data = o->stop_data,
	};

	k->target = o->target;
	explore(&k->machine, &options, found);
	equal_tasks_free(equal);
}

static bool is_through(const struct explore_result *r)
{
	return r->verdict == EXPLORE_DOOMED || (r->verdict == EXPLORE_CLEAN && r->cut == EXPLORE_COMPLETE);
}

/* To count switches takes up to as many times the steps as there are tasks: first in the hope that little has
 * to be seen; then without, to prove that there is nothing or to know how much it costs at least; then once
 * more with that bound - or, if there were too many states, because few switches get far. Where nothing is
 * likely to be found, the proof comes first, and mostly nothing after it. */
static void search(struct race *race, const struct exploration_options *o, struct exploration *x)
{
	struct explore_result *r = &x->found, other;
	bool found;

	if (o->clean && o->states > STATES_AT_FIRST) {
		look(race, o, EXPLORE_NO_BOUND, false, o->states, x, r);
		if (r->verdict == EXPLORE_CLEAN && r->cut == EXPLORE_COMPLETE)
			return;
		explore_result_release(r);
	}
	look(race, o, EXPLORE_NO_BOUND, true, MIN(o->states, STATES_AT_FIRST), x, r);
	x->fewest_switches = true;
	if (r->verdict != EXPLORE_CLEAN || r->cut != EXPLORE_CUT_STATES || o->states <= STATES_AT_FIRST)
		return;
	explore_result_release(r);
	look(race, o, EXPLORE_NO_BOUND, false, o->states, x, r);
	x->fewest_switches = false;
	if (is_through(r) || r->cut == EXPLORE_CUT_STOPPED)
		return;
	found = r->verdict != EXPLORE_CLEAN;
	look(race, o, found ? r->cost.preemptions + r->cost.choices : EXPLORE_NO_BOUND, true, o->states, x,
	     &other);
	x->fewest_switches = other.verdict != EXPLORE_CLEAN && (!found || other.verdict == r->verdict);
	if (x->fewest_switches) {
		other.states_at_first = found ? r->states_at_first : other.states_at_first;
		explore_result_release(r);
		*r = other;
	} else {
		explore_result_release(&other);
	}
}

/* NULL: none was. Of all states that are doomed this is one of the cheapest to get to, so where it came from
 * was not. */
static char *fatal_step(struct race *race, const struct explore_result *r)
{
	struct machine *m = &race_begin(race)->machine;
	struct decision_reader reader = { 0 };
	struct decision last;
	GString *to;
	char step[128];

	if (!r->decisions)
		return NULL;
	for (u32 i = 0; i + 1 < r->decisions; i++)
		decision_follow(m, &r->decision[i], &reader);
	last = r->decision[r->decisions - 1];
	if (last.next.kind != NEXT_STEP)
		return g_strdup("something happens that is no step of a task");
	to = g_string_new(m->task_name && last.next.number < m->task_names ? m->task_name[last.next.number]
									   : "a task");
	g_string_append_printf(to, " does %s",
			       machine_step_name(m, &m->task[last.next.number], 0, step, sizeof step));
	if (last.answers)
		g_string_append(to, ", where nature decides otherwise than usual");
	return g_string_free(to, FALSE);
}

enum {
	SAMPLE_DEPTH = 4000,
	SAMPLE_UNUSUAL = 8, /* one decision of so many */
	SAMPLE_CHANGES = 3
};

/* How long a run is that nobody disturbs. */
static u32 steps_of_a_run(struct race *race, struct sample_options o)
{
	struct sample_result one;
	u32 steps;

	o.how = SAMPLE_WALK;
	o.runs = 1;
	sample(&race_begin(race)->machine, &o, &one);
	steps = (u32)one.steps;
	sample_result_release(&one);
	return MAX(steps, 1);
}

void exploration_sample(struct race *race, const struct exploration_options *options, enum sampling how,
			u64 seed, u64 runs, struct exploration *x)
{
	struct kernel *k = race_begin(race);
	struct sample_options o = {
		.how = how,
		.holds = options->target ? target_is_missed : race_state_holds,
		.keeps = options->target ? target_keeps : NULL,
		.tasks = k->machine.task_names,
		.seed = seed,
		.runs = runs,
		.depth = MIN(options->depth, SAMPLE_DEPTH),
		.unusual = SAMPLE_UNUSUAL,
		.changes = SAMPLE_CHANGES,
		.reduce = options->reduce,
		.stop = options->stop,
		.stop_data = options->stop_data,
	};

	*x = (struct exploration){ .sampled = true, .how = how };
	k->target = options->target;
	o.steps = steps_of_a_run(race, o);
	sample(&race_begin(race)->machine, &o, &x->sample);
	x->found = x->sample.found;
	x->sample.found = (struct explore_result){ 0 };
	if (x->found.verdict != EXPLORE_CLEAN && options->seeds)
		race_witness(race, &x->found, options->seeds, &x->witness);
}

/* Where everything is too much. */
enum { STEERED_RUNS = 2000 };

void exploration_run(struct race *race, const struct exploration_options *options, struct exploration *x)
{
	*x = (struct exploration){ 0 };
	if (options->coverage)
		coverage_init(&x->coverage, &race_begin(race)->machine);
	if (options->outcomes)
		x->outcomes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	search(race, options, x);
	if (options->target && x->found.verdict == EXPLORE_CLEAN && x->found.cut != EXPLORE_COMPLETE &&
	    x->found.cut != EXPLORE_CUT_STOPPED) {
		exploration_release(x);
		exploration_sample(race, options, SAMPLE_WALK, 1, STEERED_RUNS, x);
		return;
	}
	if (x->found.verdict == EXPLORE_DOOMED)
		x->fatal = fatal_step(race, &x->found);
	if (x->found.verdict != EXPLORE_CLEAN && options->seeds)
		race_witness(race, &x->found, options->seeds, &x->witness);
}

void exploration_release(struct exploration *x)
{
	explore_result_release(&x->found);
	witness_release(&x->witness);
	if (x->coverage.m)
		coverage_release(&x->coverage);
	g_clear_pointer(&x->outcomes, g_hash_table_destroy);
	g_free(x->fatal);
}

bool exploration_is_through(const struct exploration *x)
{
	return !x->sampled && is_through(&x->found) && !x->found.bounded && !x->found.deep;
}

char *exploration_coverage(const struct exploration *x)
{
	GString *to = g_string_new(NULL);

	if (x->coverage.m)
		coverage_text(&x->coverage, exploration_is_through(x), to);
	return g_string_free(to, FALSE);
}

/* ---- in words ---- */

const char *exploration_verdict(const struct exploration *x)
{
	return x->found.verdict == EXPLORE_CLEAN ? "ok" : x->found.invariant;
}

static void append_count(GString *to, u64 n, const char *what)
{
	const char *many = g_str_has_suffix(what, "h") ? "es" : "s";

	g_string_append_printf(to, "%" G_GUINT64_FORMAT " %s%s", n, what, n == 1 ? "" : many);
}

static void append_bounds(GString *to, const struct exploration_options *o)
{
	bool some = false;
	const struct {
		u32 most;
		const char *what;
	} bounds[] = { { o->preemptions, "preemption" },
		       { o->choices, "unusual choice" },
		       { o->depth, "step" } };

	for (u32 i = 0; i < ARRAY_SIZE(bounds); i++) {
		if (bounds[i].most == EXPLORE_NO_BOUND)
			continue;
		g_string_append(to, some ? ", " : " with at most ");
		append_count(to, bounds[i].most, bounds[i].what);
		some = true;
	}
	if (!some)
		g_string_append(to, ", whatever the order of steps and the decisions of nature");
}

static void append_extent(GString *to, const struct explore_result *r, const struct exploration_options *o)
{
	bool through = r->verdict == EXPLORE_CLEAN || r->verdict == EXPLORE_DOOMED;

	g_string_append(to, through ? "; " : "; known by then: ");
	append_count(to, r->states, "state");
	g_string_append(to, ", ");
	append_count(to, r->final_states, "end");
	if (r->cut == EXPLORE_CUT_STATES)
		g_string_append(to, ", cut there");
	else if (r->cut == EXPLORE_CUT_BYTES)
		g_string_append(to, ", cut by memory");
	else if (r->cut == EXPLORE_CUT_STOPPED)
		g_string_append(to, ", interrupted there");
	else if (through)
		g_string_append(to, ", complete");
	if (o->fingerprints)
		g_string_append_printf(to, "; 64-bit fingerprints: wrong with a probability below 2^-%u",
				       r->collision_exponent);
	if (o->reduce & REDUCE_PRIVATE)
		g_string_append(to, "; spinlocks that nobody tries are unlocked at once");
	if (r->renamings)
		g_string_append(
		    to,
		    "; states in which equal tasks or CPUs have traded places are one, and pages of equal "
		    "tasks compress alike");
	else if (o->reduce & REDUCE_SYMMETRY)
		g_string_append(to, "; no two tasks or CPUs are equal, or something tells them apart");
	if (r->unread)
		g_string_append(to, "; shadows, and what else nobody asked for, were forgotten");
	if (r->few_of_many)
		g_string_append(to, "; of choices among very many only three each were tried");
}

static void append_clean(GString *to, const struct explore_result *r, const struct exploration_options *o)
{
	bool all = r->cut == EXPLORE_COMPLETE, unbounded = all && !r->bounded && !r->deep;

	if (o->target) {
		g_string_append_printf(to,
				       "%s: nobody is in %s while somebody else is in %s, on the same object",
				       all ? "unreachable, proved" : "not reached so far", o->target->name[0],
				       o->target->name[1]);
		append_bounds(to, o);
		return;
	}
	g_string_append(to, all ? "proved: no " : o->known ? "nothing " : "nothing found so far");
	if (o->known)
		g_string_append(to, all ? "other violation and no other deadlock" : "else found so far");
	else if (all)
		g_string_append(to, "violation and no deadlock");
	if (unbounded)
		g_string_append(to, ", and an end can always be reached");
	append_bounds(to, o);
}

static void append_found(GString *to, const struct exploration *x)
{
	const struct explore_cost *c = &x->found.cost;
	static const char *const what[] = { "", "violated", "deadlock", "doomed" };
	bool reached = !strcmp(x->found.invariant, "target");

	g_string_append_printf(to, "%s: %s. It %s ", reached ? "reached" : what[x->found.verdict],
			       x->found.reason, x->sampled ? "took" : "takes");
	append_count(to, c->preemptions, "preemption");
	g_string_append(to, ", ");
	append_count(to, c->choices, "unusual choice");
	g_string_append(to, ", ");
	if (x->sampled || (x->fewest_switches && x->found.verdict != EXPLORE_DOOMED)) {
		append_count(to, c->switches, "switch");
		g_string_append(to, ", ");
	}
	append_count(to, c->steps, "step");
	g_string_append(to, x->sampled ? ", and may take less" : ", and no less");
	if (x->fatal)
		g_string_append_printf(to, "; until %s all could have come to an end", x->fatal);
}

static void append_sample(GString *to, const struct exploration *x)
{
	const struct sample_result *r = &x->sample;

	bool all = x->how == SAMPLE_ALL && !x->found.deep && x->found.cut == EXPLORE_COMPLETE;

	if (x->found.verdict == EXPLORE_CLEAN)
		g_string_append(to, all ? "proved: no violation and no deadlock in any run"
					: "nothing found, and nothing proved");
	else
		g_string_append_printf(
		    to, "; found first in run %" G_GUINT64_FORMAT ", and in %" G_GUINT64_FORMAT, r->first,
		    r->hits);
	g_string_append(to, x->found.verdict == EXPLORE_CLEAN ? "; " : " of ");
	append_count(to, r->runs, "run");
	if (x->how == SAMPLE_ALL)
		g_string_append_printf(to, " (%s), ", all ? "all" : "not all");
	else
		g_string_append_printf(to, " (%s, one decision in %u unusual), ", sampling_name[x->how],
				       SAMPLE_UNUSUAL);
	append_count(to, r->steps, "step");
	g_string_append(to, ", ");
	append_count(to, r->ends, "end");
	if (x->found.cut == EXPLORE_CUT_STOPPED)
		g_string_append(to, ", interrupted there");
	if (x->how == SAMPLE_ALL && x->found.verdict == EXPLORE_CLEAN)
		g_string_append_printf(to, ", %" G_GUINT64_FORMAT " of which differ", x->found.final_states);
}

char *exploration_statement(const struct exploration *x, const struct exploration_options *o)
{
	GString *to = g_string_new(NULL);

	if (x->found.verdict == EXPLORE_CLEAN && !x->sampled)
		append_clean(to, &x->found, o);
	else if (x->found.verdict != EXPLORE_CLEAN)
		append_found(to, x);
	if (x->sampled)
		append_sample(to, x);
	else
		append_extent(to, &x->found, o);
	return g_string_free(to, FALSE);
}

/* ---- the witness ---- */

/* @so: "at", or how far the task has to be there */
static void append_point(const struct machine *m, const struct schedule *s, const struct milestone *ms,
			 const char *so, GString *to)
{
	char *at = stretch_name(m, &ms->at);

	g_string_append_printf(to, "{\"task\": \"%s\", \"%s\": \"%s\"", s->task_name[ms->task], so, at);
	if (ms->nth > 1)
		g_string_append_printf(to, ", \"nth\": %u", ms->nth);
	g_string_append(to, "}");
	g_free(at);
}

static void append_constraint(const struct machine *m, const struct schedule *s, const struct constraint *c,
			      GString *to)
{
	if (c->kind == CONSTRAINT_ORDER) {
		g_string_append(to, "{\"order\": [");
		append_point(m, s, &c->until, "at", to);
		g_string_append(to, ", ");
		append_point(m, s, &c->at, "at", to);
		g_string_append(to, "]}");
		return;
	}
	if (c->kind == CONSTRAINT_RUN) {
		g_string_append_printf(to, "{\"run\": {\"task\": \"%s\", \"until\": ", s->task_name[c->task]);
		append_point(m, s, &c->until, "done", to);
		g_string_append(to, "}}");
		return;
	}
	BUG_ON(c->kind != CONSTRAINT_CHOOSE);
	g_string_append_printf(to,
			       "{\"choose\": {\"kind\": \"%s\", \"actor\": \"%s\", \"nth\": %u, \"value\": ",
			       s->choice_name[c->choice], s->task_name[c->task], c->nth);
	g_string_append(to, "\"");
	choice_append_value(c->choice, c->value, to);
	g_string_append(to, "\"}}");
}

char *exploration_schedule(struct race *race, const struct exploration *x)
{
	const struct machine *m = &race_begin(race)->machine;
	const struct schedule *s = &x->witness.schedule;
	GString *to = g_string_new("[");

	for (u32 i = 0; i < s->constraints; i++) {
		g_string_append(to, i ? ", " : "");
		append_constraint(m, s, &s->constraint[i], to);
	}
	g_string_append(to, "]");
	return g_string_free(to, FALSE);
}
