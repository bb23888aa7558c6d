#include "sim/explore.h"

#include <string.h>

#include "sim/explore_run.h"
#include "sim/invariant.h"

enum { CHECK_EVERY = 256 /* expansions */ };

/* ---- cost ---- */

bool explore_preempts(const struct machine *m, const struct task *t)
{
	u32 current = m->cpu[t->cpu].current;
	const struct task *other = current ? &m->task[current - 1] : NULL;

	if (!other || other == t || other->op == OP_RESCHED || other->op == OP_COND_RESCHED ||
	    other->op == OP_WAIT || other->op == OP_USER)
		return false;
	return op_possible(m, other);
}

static struct rank rank_of(const struct node *n)
{
	return (struct rank){ (u32)n->preemptions + n->choices, n->switches, n->steps };
}

enum { STEPS_BITS = 24, UNUSUAL_MOST = 0xff };

/* The same order in one number, if switches are not counted; FOUND_NO_COST: it costs too much for that. */
static u32 cost_of(const struct node *n)
{
	u32 unusual = (u32)n->preemptions + n->choices;

	return unusual < UNUSUAL_MOST ? unusual << STEPS_BITS | n->steps : FOUND_NO_COST;
}

/* Whether it is as good to have come by @a as by @b. */
static bool covers(const struct explore *x, const struct node *a, const struct node *b)
{
	struct rank ra = rank_of(a), rb = rank_of(b);

	if (a->flags & NODE_FAILED)
		return false;
	if (x->options->switches && a->last != b->last)
		return false;
	if (x->bounds && (a->preemptions > b->preemptions || a->choices > b->choices || a->steps > b->steps))
		return false;
	return !rank_below(&rb, &ra);
}

/* ---- nodes ---- */

static struct node *node_of(const struct explore *x, u32 i)
{
	return &g_array_index(x->node, struct node, i);
}

static void node_add(struct explore *x, const struct node *n)
{
	struct rank rank = rank_of(n);
	struct found none = { 0, FOUND_NO_COST }, *found;
	u32 number = x->node->len;

	while (x->found->len <= n->state)
		g_array_append_val(x->found, none);
	found = &g_array_index(x->found, struct found, n->state);
	g_array_append_val(x->node, *n);
	node_of(x, number)->other = found->last;
	found->last = number + 1;
	if (!(n->flags & NODE_FAILED))
		found->least = MIN(found->least, cost_of(n));
	frontier_push(&x->frontier, &rank, number);
}

static bool is_covered(const struct explore *x, const struct node *n)
{
	const struct found *found;

	if (n->state >= x->found->len)
		return false;
	found = &g_array_index(x->found, struct found, n->state);
	if (found->least <= cost_of(n) && found->least != FOUND_NO_COST && !x->bounds &&
	    !x->options->switches)
		return true;
	for (u32 i = found->last; i; i = node_of(x, i - 1)->other)
		if (covers(x, node_of(x, i - 1), n))
			return true;
	return false;
}

/* Whether one that was expanded makes this one needless. */
static bool is_needless(const struct explore *x, u32 number)
{
	const struct node *n = node_of(x, number);

	for (u32 i = g_array_index(x->found, struct found, n->state).last; i; i = node_of(x, i - 1)->other) {
		const struct node *other = node_of(x, i - 1);

		if (i - 1 != number && other->flags & NODE_EXPANDED && covers(x, other, n))
			return true;
	}
	return false;
}

/* ---- states ---- */

static void note_end(struct explore *x)
{
	u64 hash = state_store_hash_renamed(x->store);

	if (x->ends && g_hash_table_contains(x->ends, &hash))
		return;
	if (x->ends)
		g_hash_table_add(x->ends, g_memdup2(&hash, sizeof hash));
	x->result->final_states++;
	x->result->final_hash += hash;
}

/* A state that was not seen before; it differs in the aspects @changed from one that was so @excused. */
static void judge(struct explore *x, u32 changed, u8 excused)
{
	u8 flags = 0;

	if (!invariants_hold_still(x->m, x->options->holds, changed, &excused))
		flags |= NODE_VIOLATES;
	if (x->options->coverage)
		coverage_note(x->options->coverage, flags & NODE_VIOLATES);
	if (tasks_are_done(x->m, x->options->tasks)) {
		flags |= NODE_FINAL;
		if (x->options->ended)
			x->options->ended(x->m, x->options->data);
		note_end(x);
	}
	if (flags & NODE_VIOLATES && !x->result->states_at_first)
		x->result->states_at_first = state_store_states(x->store);
	g_byte_array_append(x->flags, &flags, 1);
	g_byte_array_append(x->excused, &excused, 1);
}

/* The machine is in a state that was compared with the one it came from. */
static void found(struct explore *x, struct node n)
{
	bool fresh;

	n.state = state_store_keep(x->store, &fresh);
	if (fresh)
		judge(x, state_store_changed(x->store), x->excused->data[node_of(x, n.parent)->state]);
	n.became = (u8)state_store_became(x->store);
	if (n.became && n.last)
		n.last = (u8)(symmetry_rename(x->symmetry, n.became, LABEL_TASK, n.last - 1u) + 1);
	n.flags = x->m->failure ? NODE_FAILED : 0;
	g_clear_error(&x->m->failure);
	x->m->stopped = false;
	g_array_append_val(x->to, n.state);
	if (n.flags & NODE_FAILED || !is_covered(x, &n))
		node_add(x, &n);
	state_store_undo(x->store);
}

/* ---- steps ---- */

static bool is_within(struct explore *x, const struct node *n)
{
	const struct explore_options *o = x->options;

	if (n->preemptions > o->preemptions || n->choices > o->choices ||
	    (u32)n->preemptions + n->choices > o->unusual)
		x->result->bounded = true;
	else if (n->steps > o->depth)
		x->result->deep = true;
	else
		return true;
	return false;
}

/* ---- the reduction ---- */

/* What the task is about to let go of, if nobody minds when; NULL: nothing. */
static const void *lets_go_of(const struct explore *x, const struct task *t, u32 *bytes)
{
	const struct machine *m = x->m;
	const struct spinlock *lock = arena_at(&m->arena, task_object(t));

	if (t->op == OP_LOCAL_UNLOCK) {
		*bytes = sizeof(struct local_lock);
		return (const u8 *)lock + (size_t)t->cpu * m->percpu_bytes;
	}
	*bytes = sizeof *lock;
	if (t->op != OP_UNLOCK && !(t->op == OP_UNLOCK_IRQ && !m->cpu[t->cpu].irq_pending))
		return NULL;
	return m->trylocked >> lock->class & 1 ? NULL : lock;
}

/* What the task that made the step goes on with, before anybody else: it lets go of locks. How many steps
 * that took; if one of them was more than that, the machine is where it was before and @ok is false. */
static u32 unlock_at_once(struct explore *x, struct next next, bool *ok)
{
	const struct task *t = &x->m->task[next.number];
	u32 bytes, n = 0;

	*ok = true;
	for (const void *lock; !x->m->failure && (lock = lets_go_of(x, t, &bytes)); n++) {
		u32 class = t->op == OP_LOCAL_UNLOCK ? 0 : 1u << ((const struct spinlock *)lock)->class;
		u32 asked = x->answers.asked;

		state_store_mark(x->store);
		next_do(x->m, next);
		state_store_compare(x->store);
		if (x->m->failure || x->answers.asked != asked ||
		    !state_store_changed_only(x->store, t, lock, bytes)) {
			*ok = false;
			break;
		}
		x->unlocked |= class;
	}
	return n;
}

/* The step, with the answers in hand, and what follows it at once. */
static u32 make_step(struct explore *x, struct next next)
{
	bool ok;
	u32 n;

	next_do(x->m, next);
	state_store_compare(x->store);
	if (!(x->options->reduce & REDUCE_PRIVATE) || next.kind != NEXT_STEP)
		return 1;
	n = unlock_at_once(x, next, &ok);
	if (ok)
		return n + 1;
	g_clear_error(&x->m->failure);
	x->m->stopped = false;
	state_store_undo(x->store);
	answers_again(&x->answers);
	next_do(x->m, next);
	state_store_compare(x->store);
	return 1;
}

/* ---- steps ---- */

static struct node node_behind(const struct explore *x, u32 from, struct next next)
{
	struct node n = *node_of(x, from);
	bool step = next.kind == NEXT_STEP;

	return (struct node){
		.parent = from,
		.next = next,
		.last = step && x->options->switches ? (u8)(next.number + 1) : n.last,
		.preemptions =
		    (u16)(n.preemptions + (step && explore_preempts(x->m, &x->m->task[next.number]))),
		.choices = n.choices,
		.switches =
		    (u16)(n.switches + (x->options->switches && step && n.last && n.last != next.number + 1)),
		.steps = n.steps + 1
	};
}

/* What one of the things that could happen leads to, whatever nature decides. */
static void follow(struct explore *x, u32 from, struct next next)
{
	struct node n = node_behind(x, from, next);
	u32 choices = n.choices, steps = n.steps - 1;

	if (!is_within(x, &n))
		return;
	answers_first(&x->answers);
	do {
		n.steps = steps + make_step(x, next);
		x->result->transitions++;
		n.choices = (u16)(choices + answers_unusual(&x->answers));
		n.answers = answers_number(&x->answers);
		if (is_within(x, &n))
			found(x, n);
		else
			state_store_undo(x->store);
	} while (answers_next(&x->answers));
}

/* ---- all that could happen ---- */

/* False: nobody can go on. */
static bool expand(struct explore *x, u32 number)
{
	u32 state = node_of(x, number)->state, n;

	node_of(x, number)->flags |= NODE_EXPANDED;
	if (x->flags->data[state] & NODE_FINAL)
		return true;
	state_store_load(x->store, state);
	n = next_list(x->m, x->next);
	if (next_is_nothing(x->m, x->next, n))
		return false;
	explore_graph_begin(x, state);
	for (u32 i = 0; i < n; i++)
		follow(x, number, x->next[i]);
	state_store_forget(x->store, state);
	return true;
}

/* ---- the search ---- */

static u64 bytes_of(const struct explore *x)
{
	return state_store_bytes(x->store) + (u64)x->node->len * sizeof(struct node) +
	       (u64)x->found->len * sizeof(struct found) + x->flags->len + x->excused->len +
	       x->frontier.waiting * sizeof(u32) + ((u64)x->to->len + x->from->len) * sizeof(u32);
}

static bool is_too_large(struct explore *x)
{
	const struct explore_options *o = x->options;
	u64 states = state_store_states(x->store);
	bool look = !(++x->expansions % CHECK_EVERY);

	if (states >= o->states)
		x->result->cut = EXPLORE_CUT_STATES;
	else if (look && bytes_of(x) >= o->bytes)
		x->result->cut = EXPLORE_CUT_BYTES;
	else if (look && o->stop && o->stop(o->stop_data, states))
		x->result->cut = EXPLORE_CUT_STOPPED;
	return x->result->cut != EXPLORE_COMPLETE;
}

/* What was left out so far was left out wrongly: a lock that was let go of at once was tried later on,
 * something turned up that cannot be renamed, or somebody asked for what was forgotten. */
static bool is_vain(const struct explore *x)
{
	return x->unlocked & x->m->trylocked || state_store_refused(x->store) ||
	       x->m->unread == UNREAD_ASKED_FOR;
}

static void search(struct explore *x)
{
	u32 number;

	while (!is_vain(x) && !is_too_large(x) && frontier_pop(&x->frontier, &number)) {
		if (node_of(x, number)->flags & NODE_FAILED) {
			if (explore_conclude(x, EXPLORE_VIOLATION, number))
				return;
			continue;
		}
		if (is_needless(x, number))
			continue;
		if (x->flags->data[node_of(x, number)->state] & NODE_KNOWN)
			continue;
		if (x->flags->data[node_of(x, number)->state] & NODE_VIOLATES) {
			if (explore_conclude(x, EXPLORE_VIOLATION, number))
				return;
		} else if (!expand(x, number) && explore_conclude(x, EXPLORE_DEADLOCK, number)) {
			return;
		}
	}
	if (!is_vain(x) && x->result->cut == EXPLORE_COMPLETE && !x->result->bounded && !x->result->deep)
		explore_find_doomed(x);
}

static void begin(struct explore *x)
{
	struct node root = { 0 };

	x->expansions = x->unlocked = 0;
	x->answers = (struct answers){ 0 };
	frontier_init(&x->frontier);
	x->node = g_array_new(FALSE, FALSE, sizeof(struct node));
	x->found = g_array_new(FALSE, FALSE, sizeof(struct found));
	x->flags = g_byte_array_new();
	x->excused = g_byte_array_new();
	x->next = g_new(struct next, next_most(x->m));
	x->store = state_store_new(x->m, x->options->fingerprints, x->symmetry,
				   x->options->reduce & REDUCE_SYMMETRY);
	x->ends = x->symmetry ? g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL) : NULL;
	x->bounds = x->options->preemptions != EXPLORE_NO_BOUND || x->options->choices != EXPLORE_NO_BOUND ||
		    x->options->depth != EXPLORE_NO_BOUND;
	x->to = g_array_new(FALSE, FALSE, sizeof(u32));
	x->from = g_array_new(FALSE, FALSE, sizeof(u32));
	x->m->driver = &x->answers;
	x->m->choose = answers_choose;
	x->m->unread = x->forgets ? UNREAD_FORGOTTEN : UNREAD_KEPT;
	judge(x, UINT32_MAX, UINT8_MAX);
	node_add(x, &root);
}

/* Whether it was all in vain; then what is known by now is kept for the next time. */
static bool end(struct explore *x)
{
	struct explore_result *r = x->result;
	bool again = is_vain(x);

	r->states = state_store_states(x->store);
	r->bytes = bytes_of(x);
	r->live_bytes = state_store_live_bytes(x->store, &r->changing_bytes);
	r->collision_exponent = state_store_collision_exponent(x->store);
	r->few_of_many = x->answers.few_of_many;
	r->renamings = x->symmetry && x->options->reduce & REDUCE_SYMMETRY ? x->symmetry->n : 0;
	r->unread = x->forgets;
	if (state_store_refused(x->store))
		x->symmetry = x->symmetry->otherwise;
	x->forgets &= x->m->unread != UNREAD_ASKED_FOR;
	x->m->unread = UNREAD_KEPT;
	state_store_free(x->store);
	g_clear_pointer(&x->ends, g_hash_table_destroy);
	frontier_release(&x->frontier);
	g_array_free(x->node, TRUE);
	g_array_free(x->found, TRUE);
	g_byte_array_free(x->flags, TRUE);
	g_byte_array_free(x->excused, TRUE);
	g_free(x->next);
	g_array_free(x->to, TRUE);
	g_array_free(x->from, TRUE);
	x->m->driver = NULL;
	x->m->choose = NULL;
	return again;
}

bool explore_fits(struct machine *m)
{
	return state_store_fits(m);
}

void explore(struct machine *m, const struct explore_options *options, struct explore_result *result)
{
	struct explore x = { .m = m,
			     .options = options,
			     .result = result,
			     .symmetry = options->symmetry,
			     .forgets = options->reduce & REDUCE_UNREAD };
	bool again;

	BUG_ON(!m->searching);
	*result = (struct explore_result){ 0 };
	x.start = g_malloc(snapshot_bytes(m, SNAPSHOT_RUN));
	snapshot_save(m, SNAPSHOT_RUN, x.start);
	do {
		explore_result_release(result);
		begin(&x);
		search(&x);
		again = end(&x);
		snapshot_load(m, SNAPSHOT_RUN, x.start);
	} while (again);
	g_free(x.start);
}

void explore_result_release(struct explore_result *r)
{
	g_free(r->invariant);
	g_free(r->reason);
	g_free(r->key);
	g_free(r->decision);
	*r = (struct explore_result){ 0 };
}
