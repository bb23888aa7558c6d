/*
 * All runs, one after the other; see sample.h.
 */
#include "sim/explore_answers.h"
#include "sim/good_states.h"
#include "sim/sample_run.h"
#include "sim/state_parts.h"

/* Something that may happen in a state, with nature's answers. An event is known by what it is: its place
 * among those pending changes. */
struct act {
	struct decision decision;
	u32 event, arg;
	u32 unusual; /* answers */
};

/* A state on the way: the contents of its parts, by column. */
struct place {
	u32 *content;
	u32 n;
};

struct enumeration {
	struct machine *m;
	const struct sample_options *options;
	struct sample_result *result;
	struct state_parts parts;
	struct good_states good;
	struct answers answers;
	struct next *next;
	GArray *way; /* of struct decision */
	u32 last;    /* task + 1 */
	GHashTable *ends;
};

/* ---- states ---- */

static struct place place_here(const struct enumeration *e)
{
	u32 n = e->parts.columns;

	return (struct place){ g_memdup2(e->parts.loaded, n * sizeof(u32)), n };
}

static void go_to(struct enumeration *e, const struct place *p)
{
	state_parts_load(&e->parts, p->content, p->n);
}

static bool stands_at(const struct enumeration *e, const struct place *p)
{
	for (u32 i = 0; i < e->parts.columns; i++)
		if (e->parts.loaded[i] != (i < p->n ? p->content[i] : 0))
			return false;
	return true;
}

/* ---- what may happen ---- */

static struct act act_of(const struct machine *m, struct next next)
{
	struct act a = { .decision = { .next = next } };

	if (next.kind == NEXT_EVENT) {
		a.event = m->pending[next.number].kind;
		a.arg = m->pending[next.number].arg;
	}
	return a;
}

static bool is_same(const struct act *a, const struct act *b)
{
	struct next x = a->decision.next, y = b->decision.next;

	return x.kind == y.kind && a->event == b->event && a->arg == b->arg &&
	       (x.kind == NEXT_EVENT || x.number == y.number);
}

/* All of them in the state that was loaded last, which stays. */
static GArray *list_acts(struct enumeration *e)
{
	GArray *acts = g_array_new(FALSE, FALSE, sizeof(struct act));
	u32 n = next_list(e->m, e->next);

	for (u32 i = 0; i < n; i++) {
		struct act a = act_of(e->m, e->next[i]);

		answers_first(&e->answers);
		do {
			next_do(e->m, e->next[i]);
			g_clear_error(&e->m->failure);
			e->m->stopped = false;
			state_parts_compare(&e->parts);
			state_parts_undo(&e->parts);
			a.decision.answers = answers_number(&e->answers);
			a.unusual = answers_unusual(&e->answers);
			g_array_append_val(acts, a);
		} while (answers_next(&e->answers));
	}
	return acts;
}

/* False: it cannot happen here. If it fails, the failure stays with the machine. */
static bool act(struct enumeration *e, const struct act *a)
{
	struct decision_reader reader = { 0 };
	u32 n = next_list(e->m, e->next);

	for (u32 i = 0; i < n; i++) {
		struct act here = act_of(e->m, e->next[i]);
		struct decision d = { e->next[i], a->decision.answers };

		if (!is_same(&here, a))
			continue;
		decision_follow(e->m, &d, &reader);
		state_parts_compare(&e->parts);
		state_parts_accept(&e->parts);
		return true;
	}
	return false;
}

/* ---- sleep sets ---- */

/* Where a run ends nothing happens any more. */
static bool both(struct enumeration *e, const struct place *from, const struct act *a, const struct act *b)
{
	bool good;

	go_to(e, from);
	good = act(e, a) && !e->m->failure && !tasks_are_done(e->m, e->options->tasks) && act(e, b) &&
	       !e->m->failure;
	g_clear_error(&e->m->failure);
	e->m->stopped = false;
	return good;
}

/* What a task does next is another step when it has done this one. */
static bool is_of_one_actor(const struct act *a, const struct act *b)
{
	struct next x = a->decision.next, y = b->decision.next;

	return is_same(a, b) || (x.kind <= NEXT_TIMEOUT && y.kind <= NEXT_TIMEOUT && x.number == y.number);
}

/* Neither keeps the other from happening, and either order leads to the same state. */
static bool commute(struct enumeration *e, const struct place *from, const struct act *a, const struct act *b)
{
	struct place there;
	bool same;

	if (is_of_one_actor(a, b) || !both(e, from, a, b))
		return false;
	there = place_here(e);
	same = both(e, from, b, a) && stands_at(e, &there);
	g_free(there.content);
	return same;
}

static bool has(const GArray *acts, const struct act *a)
{
	for (u32 i = 0; i < acts->len; i++) {
		const struct act *other = &g_array_index(acts, struct act, i);

		if (is_same(other, a) && other->decision.answers == a->decision.answers)
			return true;
	}
	return false;
}

/* Those of @asleep that sleep on behind @a. */
static GArray *asleep_behind(struct enumeration *e, const struct place *here, const GArray *asleep,
			     const struct act *a)
{
	GArray *still = g_array_new(FALSE, FALSE, sizeof(struct act));

	for (u32 i = 0; e->options->reduce & REDUCE_SLEEP && i < asleep->len; i++)
		if (commute(e, here, &g_array_index(asleep, struct act, i), a))
			g_array_append_val(still, g_array_index(asleep, struct act, i));
	return still;
}

/* ---- all runs ---- */

enum { CHECK_EVERY = 1024 /* steps */ };

static void note_end(struct enumeration *e)
{
	u64 hash = e->parts.hash;

	e->result->ends++;
	if (!g_hash_table_contains(e->ends, &hash)) {
		g_hash_table_add(e->ends, g_memdup2(&hash, sizeof hash));
		e->result->found.final_hash += hash;
		e->result->found.final_states++;
	}
}

static bool is_good(struct enumeration *e)
{
	if (e->m->failure)
		return false;
	if (good_states_have(&e->good, e->parts.hash))
		return true;
	if (!e->options->holds(e->m, NULL))
		return false;
	good_states_add(&e->good, e->parts.hash);
	return true;
}

/* Whether the run ends here. */
static bool is_over(struct enumeration *e, const struct explore_cost *cost)
{
	const struct sample_options *o = e->options;

	if (!is_good(e)) {
		sample_note(e->m, o, EXPLORE_VIOLATION, cost, e->way, e->result);
	} else if (tasks_are_done(e->m, o->tasks)) {
		note_end(e);
	} else if (e->way->len >= o->depth) {
		e->result->found.deep = true;
	} else if (next_is_nothing(e->m, e->next, next_list(e->m, e->next))) {
		sample_note(e->m, o, EXPLORE_DEADLOCK, cost, e->way, e->result);
	} else {
		return false;
	}
	g_clear_error(&e->m->failure);
	e->m->stopped = false;
	return true;
}

static bool is_enough(struct enumeration *e)
{
	const struct sample_options *o = e->options;
	struct sample_result *r = e->result;

	if (r->runs >= o->runs)
		r->found.cut = EXPLORE_CUT_RUNS;
	else if (o->stop && !(r->steps % CHECK_EVERY) && o->stop(o->stop_data, r->runs))
		r->found.cut = EXPLORE_CUT_STOPPED;
	return r->found.cut != EXPLORE_COMPLETE;
}

static void expand(struct enumeration *e, GArray *asleep, struct explore_cost cost);

/* From @here on, by @a. */
static void go_on(struct enumeration *e, const struct place *here, const struct act *a, GArray *asleep,
		  struct explore_cost cost)
{
	struct next next = a->decision.next;
	bool step = next.kind == NEXT_STEP;

	go_to(e, here);
	cost.preemptions += step && explore_preempts(e->m, &e->m->task[next.number]);
	cost.choices += a->unusual;
	cost.switches += step && e->last && e->last != next.number + 1u;
	cost.steps++;
	e->last = step ? next.number + 1u : e->last;
	g_array_append_val(e->way, a->decision);
	BUG_ON(!act(e, a));
	e->result->steps++;
	expand(e, asleep, cost);
	g_array_set_size(e->way, e->way->len - 1);
}

/* @asleep is its own. */
static void expand(struct enumeration *e, GArray *asleep, struct explore_cost cost)
{
	u32 last = e->last, tried = 0;
	struct place here;
	GArray *acts;

	if (is_over(e, &cost)) {
		e->result->runs++;
		g_array_free(asleep, TRUE);
		return;
	}
	here = place_here(e);
	acts = list_acts(e);
	for (u32 i = 0; i < acts->len && !is_enough(e); i++) {
		const struct act *a = &g_array_index(acts, struct act, i);

		if (has(asleep, a))
			continue;
		e->last = last;
		go_on(e, &here, a, asleep_behind(e, &here, asleep, a), cost);
		if (e->options->reduce & REDUCE_SLEEP)
			g_array_append_val(asleep, *a);
		tried++;
	}
	e->result->blocked += !tried && !e->result->found.cut;
	g_array_free(asleep, TRUE);
	g_array_free(acts, TRUE);
	g_free(here.content);
}

void sample_all(struct machine *m, const struct sample_options *options, struct sample_result *result)
{
	struct enumeration e = { .m = m, .options = options, .result = result };

	state_parts_init(&e.parts, m, NULL);
	good_states_init(&e.good);
	e.next = g_new(struct next, next_most(m));
	e.way = g_array_new(FALSE, FALSE, sizeof(struct decision));
	e.ends = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	m->driver = &e.answers;
	m->choose = answers_choose;
	expand(&e, g_array_new(FALSE, FALSE, sizeof(struct act)), (struct explore_cost){ 0 });
	g_hash_table_destroy(e.ends);
	g_array_free(e.way, TRUE);
	g_free(e.next);
	good_states_release(&e.good);
	state_parts_release(&e.parts);
}
