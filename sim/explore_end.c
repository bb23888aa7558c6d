#include "sim/explore_run.h"

#include "sim/explore_tell.h"

static const struct node *node_of(const struct explore *x, u32 i)
{
	return &g_array_index(x->node, struct node, i);
}

/* ---- the way there ---- */

/* What it is if everybody is who @renaming makes of him. */
static struct next renamed(const struct explore *x, struct next next, u32 renaming)
{
	if (renaming && next.kind <= NEXT_TIMEOUT)
		next.number = symmetry_rename(x->symmetry, renaming, LABEL_TASK, next.number);
	return next;
}

/* The states that were kept are others than those on the way but for who is who. */
static void undo_renamings(struct explore *x, const GArray *way)
{
	u32 renaming = 0;

	for (u32 i = way->len; x->symmetry && i--;) {
		const struct node *n = node_of(x, g_array_index(way, u32, i));

		for (u32 step = node_of(x, n->parent)->steps; step < n->steps; step++)
			x->result->decision[step].next = renamed(x, n->next, x->symmetry->inverse[renaming]);
		renaming = symmetry_both(x->symmetry, renaming, n->became);
	}
}

static void tell_way(struct explore *x, u32 number)
{
	struct explore_result *r = x->result;
	const struct node *n = node_of(x, number);
	GArray *way = g_array_new(FALSE, FALSE, sizeof number); /* last node first */

	r->cost = (struct explore_cost){ n->preemptions, n->choices, n->switches, n->steps };
	r->decisions = n->steps;
	g_free(r->decision);
	r->decision = g_new0(struct decision, n->steps + 1);
	for (; n->steps; number = n->parent, n = node_of(x, number)) {
		u32 first = node_of(x, n->parent)->steps;

		g_array_append_val(way, number);
		for (u32 i = first; i < n->steps; i++) /* those behind the first are asked nothing */
			r->decision[i] = (struct decision){ n->next, i == first ? n->answers : 0 };
	}
	undo_renamings(x, way);
	g_array_free(way, TRUE);
}

static u32 decision_answer(struct machine *m, u32 kind, u32 actor, u32 n, u32 usual)
{
	struct decision_reader *r = m->driver;
	u32 options = answers_options(n), rank = r->answers % options, answer = answers_value(rank, n, usual);

	r->answers /= options;
	if (r->told)
		r->told(r->data, &(struct answer){ kind, actor, answer, usual });
	return answer;
}

bool decision_follow(struct machine *m, const struct decision *d, struct decision_reader *reader)
{
	void *driver = m->driver;
	bool done;
	u32 (*asked)(struct machine *, u32, u32, u32, u32) = m->choose;

	reader->answers = d->answers;
	m->driver = reader;
	m->choose = decision_answer;
	done = next_do(m, d->next);
	m->driver = driver;
	m->choose = asked;
	return done;
}

/* ---- what is wrong ---- */

/* Where the machine stands; its last step may have failed. */
static void stand_there(struct explore *x)
{
	struct decision_reader reader = { 0 };

	snapshot_load(x->m, SNAPSHOT_RUN, x->start);
	for (u32 i = 0; i < x->result->decisions; i++)
		decision_follow(x->m, &x->result->decision[i], &reader);
}

/* To where the search had the machine; nothing is found. */
static void come_back(struct explore *x, void *here)
{
	snapshot_load(x->m, SNAPSHOT_RUN, here);
	g_clear_error(&x->m->failure);
	x->m->stopped = false;
	x->result->cost = (struct explore_cost){ 0 };
	x->result->decisions = 0;
	g_free(here);
}

/* What it is, as others of its kind: told of the state, or if that is not wrong of the step that failed. */
static char *key_of(struct explore *x, enum explore_verdict verdict, u32 node)
{
	const struct node *n = node_of(x, node);
	const struct explore_options *o = x->options;
	void *here;
	char *key;

	if (!(n->flags & NODE_FAILED)) {
		state_store_load(x->store, n->state);
		return explore_key(x->m, explore_explain(x->m, o->holds, o->tasks, verdict),
				   renamed(x, n->next, n->became));
	}
	here = g_malloc(snapshot_bytes(x->m, SNAPSHOT_RUN));
	snapshot_save(x->m, SNAPSHOT_RUN, here);
	tell_way(x, node);
	stand_there(x);
	key = explore_key(x->m, explore_explain(x->m, o->holds, o->tasks, verdict),
			  x->result->decision[x->result->decisions - 1].next);
	come_back(x, here);
	return key;
}

bool explore_conclude(struct explore *x, enum explore_verdict verdict, u32 node)
{
	const struct node *n = node_of(x, node);

	if (verdict != EXPLORE_DOOMED) {
		char *key = key_of(x, verdict, node);

		if (x->options->known && g_strv_contains(x->options->known, key)) {
			x->flags->data[n->state] |= n->flags & NODE_FAILED ? 0 : NODE_KNOWN;
			g_free(key);
			return false;
		}
		x->result->key = key;
	}
	x->result->verdict = verdict;
	tell_way(x, node);
	stand_there(x);
	explore_tell(x->m, x->options->holds, x->options->tasks, x->result);
	return true;
}

/* ---- doomed states ---- */

void explore_graph_begin(struct explore *x, u32 state)
{
	u32 at = x->to->len;

	g_array_append_val(x->from, state);
	g_array_append_val(x->from, at);
}

/* Those that lead to a state, all states in one array. */
struct ways_back {
	u32 *first; /* [states + 1] */
	u32 *from;
};

static u32 edges_end(const struct explore *x, u32 i)
{
	return i + 2 < x->from->len ? g_array_index(x->from, u32, i + 3) : x->to->len;
}

static void turn_round(const struct explore *x, u32 states, struct ways_back *w)
{
	const u32 *to = (const u32 *)(void *)x->to->data, *from = (const u32 *)(void *)x->from->data;

	w->first = g_new0(u32, (gsize)states + 2);
	w->from = g_new(u32, x->to->len + 1);
	for (u32 i = 0; i < x->to->len; i++)
		w->first[to[i] + 2]++;
	for (u32 i = 2; i < states + 2; i++)
		w->first[i] += w->first[i - 1];
	for (u32 i = 0; i < x->from->len; i += 2)
		for (u32 e = from[i + 1]; e < edges_end(x, i); e++)
			w->from[w->first[to[e] + 1]++] = from[i];
}

/* Which states have a way to an end, or to what somebody knows. */
static u8 *find_safe(const struct explore *x, u32 states, u64 *safe)
{
	struct ways_back w;
	u8 *good = g_new0(u8, states);
	u32 *todo = g_new(u32, states), n = 0;

	turn_round(x, states, &w);
	for (u32 i = 0; i < x->node->len; i++) {
		const struct node *at = node_of(x, i);

		if (!good[at->state] &&
		    (at->flags & NODE_FAILED || x->flags->data[at->state] & (NODE_FINAL | NODE_KNOWN))) {
			good[at->state] = 1;
			todo[n++] = at->state;
		}
	}
	for (*safe = n; n;) {
		u32 state = todo[--n];

		for (u32 e = w.first[state]; e < w.first[state + 1]; e++) {
			if (good[w.from[e]])
				continue;
			good[w.from[e]] = 1;
			todo[n++] = w.from[e];
			(*safe)++;
		}
	}
	g_free(todo);
	g_free(w.first);
	g_free(w.from);
	return good;
}

static bool costs_less(const struct node *a, const struct node *b)
{
	u32 ca = (u32)a->preemptions + a->choices, cb = (u32)b->preemptions + b->choices;

	return ca != cb ? ca < cb : a->steps < b->steps;
}

void explore_find_doomed(struct explore *x)
{
	u32 states = state_store_states(x->store), least = 0;
	u64 safe;
	u8 *good = find_safe(x, states, &safe);

	x->result->doomed = states - safe;
	for (u32 i = 0; i < x->node->len; i++)
		if (!good[node_of(x, i)->state] &&
		    (good[node_of(x, least)->state] || costs_less(node_of(x, i), node_of(x, least))))
			least = i;
	if (x->result->doomed)
		explore_conclude(x, EXPLORE_DOOMED, least);
	g_free(good);
}
