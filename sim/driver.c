/*
 * The timed driver and the single step of a search.
 */
#include "sim/machine.h"

#include "sim/error.h"
#include "sim/invariant.h"
#include "sim/lock.h"
#include "sim/next.h"
#include "sim/rcu.h"
#include "sim/sched.h"

void step_pause(struct machine *m, struct task *t, struct step *s, void *f, u32 name_and_op,
		const void *object)
{
	enum op op = name_and_op & 0xff;

	if (unlikely(s->cost == COST_OF_OPERATION))
		s->cost = m->config.op_cost[op];
	((struct frame *)f - 1)->pc = (u16)(name_and_op >> 8);
	t->op = op;
	task_set_object(m, t, object);
	t->step_hash = (u32)(s->hash >> STEP_HASH_SHIFT);
	t->delay += s->cost + t->work_ns;
	t->work_ns = 0;
}

/* Run the path, and those it calls and returns to, up to the next announced operation. */
static inline void task_run_to_next_name(struct machine *m, struct task *t)
{
	do {
		struct frame *frame = frame_at(m, t, t->frame);
		const struct path *path = &m->path[frame->path];

		path->fn(m, t, frame + 1, path->step);
	} while (t->op == OP_NONE);
}

u64 machine_next_due(const struct machine *m)
{
	return MIN(MIN(turns_next(&m->turns), m->user_due), event_queue_next(&m->events));
}

/* Whether somebody wants to see every step. */
static bool is_watched(const struct machine *m)
{
	return m->lockdep || m->log || m->after_step || m->config.check_invariants;
}

static u32 frames_below(const struct machine *m, const struct task *t)
{
	u32 n = 0;

	for (u32 offset = t->frame; offset; offset = frame_at(m, t, offset)->below)
		n++;
	return n;
}

static void log_step(struct machine *m, const struct task *t)
{
	const struct frame *frame = frame_at(m, t, t->frame);

	if (m->log)
		m->log(m, m->log_data,
		       &(struct log_entry){ .time = m->now,
					    .task = t->id,
					    .cpu = t->cpu,
					    .path = frame->path,
					    .step = frame->pc,
					    .op = t->op,
					    .object = task_object(t),
					    .depth = frames_below(m, t) });
}

static void check_invariants(struct machine *m)
{
	GString *why = g_string_new(NULL);

	if (!invariants_hold(m, why))
		machine_fail(m, ERROR_FINDING, "%s", why->str);
	g_string_free(why, TRUE);
}

/* @due: when anything else is. */
static inline u64 fall_through_until(const struct machine *m, u64 due)
{
	return MIN(due, MIN(m->now + FALL_THROUGH_NS, m->fall_through_end));
}

static void task_exit(struct machine *m, struct task *t)
{
	BUG_ON(t->preempt_off || t->irq_off || t->rcu_nesting);
	m->tasks_left--;
	t->obj = t->obj_high = t->step_hash = 0; /* whichever way it went, it is gone */
	sched_leave(m, t, TASK_DONE);
}

static inline void show_after(struct machine *m, struct task *t, bool done)
{
	if (unlikely(m->after_step))
		m->after_step(m, t, done);
}

/* The announced operation is due. */
static void task_resume(struct machine *m, struct task *t)
{
	struct cpu *c = &m->cpu[t->cpu];

	for (;;) {
		if (unlikely(c->need_resched)) {
			if (sched_may_preempt(m, t)) {
				sched_leave(m, t, TASK_RUNNABLE);
				return;
			}
			m->horizon = 0; /* the step at which it may must come back here */
		}
		if (unlikely(m->before_step) && m->before_step(m, t))
			return;
		if ((t->op != OP_ACCESS || unlikely(m->lockdep)) && !op_perform(m, t)) {
			show_after(m, t, false);
			return;
		}
		fingerprint_add(m, t->id, t->step_hash);
		if (unlikely(m->watched))
			log_step(m, t);
		t->op = OP_NONE;
		task_run_to_next_name(m, t);
		if (unlikely(m->watched) && m->config.check_invariants &&
		    !(m->steps % m->config.check_invariants))
			check_invariants(m);
		if (t->op == OP_DONE) {
			task_exit(m, t);
			show_after(m, t, true);
			return;
		}
		if (t->op == OP_USER || m->now + t->delay >= m->horizon) /* 0: it is to stop, or give way */
			break;
		m->now += t->delay;
		t->delay = 0;
	}
	sched_schedule(m, t);
	show_after(m, t, true);
}

/* What a task that is due at @user cannot do to the pages of another before: itself by a fault, nor whoever
 * comes on in its place. */
static inline u64 lookahead_from(const struct machine *m, u64 user)
{
	u32 ns = m->lookahead < m->config.switch_ns ? m->lookahead : m->config.switch_ns;

	return user < TIME_NEVER - ns ? user + ns : TIME_NEVER;
}

/* The task runs its program from its next access on, to @until at most; what follows it is its first step in
 * the kernel. A task that was to be taken off its CPU while it lagged runs to that moment. */
static void user_resume(struct machine *m, struct task *t, u64 until)
{
	u64 steps = m->steps;

	m->user_until = until;
	if (unlikely(m->cpu[t->cpu].need_resched)) {
		if (m->now >= m->resched_at) {
			sched_leave(m, t, TASK_RUNNABLE);
			return;
		}
		m->user_until = MIN(until, m->resched_at);
	}
	t->op = OP_NONE;
	task_run_to_next_name(m, t);
	BUG_ON(t->op == OP_DONE && m->steps == steps); /* an exit is announced: others may lag behind */
	if (t->op == OP_DONE) {
		task_exit(m, t);
	} else if (t->op == OP_USER || m->steps != steps) {
		sched_schedule(m, t);
	} else {
		/* It may be ahead of other tasks: among equals its order must not tell who was run first. */
		u64 when = m->now + t->delay;

		BUG_ON(t->delay < m->lookahead);
		t->delay = 0;
		sched_put_turn(&m->turns, t, when, t->cpu);
		m->horizon = MIN(m->horizon, when);
	}
}

/* Take what is due first in user mode; user_due is that of the others then. */
static struct task *take_user(struct machine *m)
{
	struct event_key turn = turns_first(&m->user);
	struct task *t = &m->task[turn_task(turn)];

	m->now = turn.time;
	m->user_due = turns_take(&m->user, t->cpu);
	return t;
}

static void settle_user(struct machine *m, u32 cpu)
{
	turns_settle(&m->user, cpu);
	m->user_due = turns_next(&m->user);
}

static void run_user(struct machine *m)
{
	struct task *t = take_user(m);
	u64 event = MIN(turns_next(&m->turns), event_queue_next(&m->events)), until = m->now;
	u32 cpu = t->cpu;

	if (m->config.inline_hits)
		until = MIN(MIN(event, lookahead_from(m, m->user_due)), m->end);
	m->horizon = fall_through_until(m, MIN(event, m->user_due));
	user_resume(m, t, until);
	settle_user(m, cpu);
}

/* In the middle of a step. What they do next in the kernel comes after this moment: none lags so far. */
void machine_lagging_catch_up(struct machine *m)
{
	u64 now = m->now;

	while (m->user_due < now) {
		struct task *t = take_user(m);
		u32 cpu = t->cpu;

		user_resume(m, t, now);
		settle_user(m, cpu);
	}
	m->now = now;
}

static void run_turn(struct machine *m)
{
	struct event_key turn = turns_first(&m->turns);
	struct task *t = &m->task[turn_task(turn)];
	u32 cpu = t->cpu;
	u64 next = turns_take(&m->turns, cpu), due = MIN(next, event_queue_next(&m->events));

	m->now = turn.time;
	m->events.ties += due == turn.time;
	m->horizon = fall_through_until(m, MIN(due, sched_without_user(m, m->user_due)));
	task_resume(m, t);
	turns_settle(&m->turns, cpu);
}

static void run_event(struct machine *m)
{
	struct event e = event_queue_pop(&m->events);

	m->now = e.time;
	m->events.ties += event_queue_next(&m->events) != e.time && turns_next(&m->turns) == e.time;
	m->horizon = fall_through_until(m, machine_next_due(m));
	m->periodic -= m->periodic_kinds >> e.kind & 1;
	m->event[e.kind](m, e.arg);
}

/* Whether the first event comes before the first turn. */
static inline bool event_is_first(struct machine *m)
{
	struct event_key turn = turns_first(&m->turns);
	u64 event = event_queue_next(&m->events);

	if (likely(event != turn.time))
		return event < turn.time;
	return event_key_before(event_queue_first(&m->events), turn);
}

/* Nothing is due but what comes again and again, if so much. */
static bool nothing_left(const struct machine *m)
{
	return m->events.count == m->periodic && turns_next(&m->turns) == TIME_NEVER &&
	       m->user_due == TIME_NEVER;
}

/* Whether a turn is due next, and nobody lags too far behind it: most often one is. */
static inline bool turn_is_first(const struct machine *m)
{
	u64 user = m->user_due, turn = turns_next(&m->turns);

	return turn < event_queue_next(&m->events) && turn < m->end &&
	       (turn <= user || turn < sched_without_user(m, user));
}

enum due { DUE_NOTHING, DUE_TURN, DUE_EVENT, DUE_USER };

/* What is due next; nothing: it is not before m->end. */
static enum due what_is_due(struct machine *m)
{
	u64 user = m->user_due, turn = turns_next(&m->turns), event = event_queue_next(&m->events);

	if (nothing_left(m))
		machine_fail(m, ERROR_IO, "no task can go on: %u of %u wait for each other", m->tasks_left,
			     m->tasks);
	if (m->stopped || MIN(MIN(turn, user), event) >= m->end)
		return DUE_NOTHING;
	if (user < turn && user < event)
		return DUE_USER;
	return event_is_first(m) ? DUE_EVENT : DUE_TURN;
}

/* False: nothing is due before m->end. */
static inline bool run_next(struct machine *m)
{
	enum due due = likely(turn_is_first(m)) ? DUE_TURN : what_is_due(m);

	if (likely(due == DUE_TURN))
		run_turn(m);
	else if (due == DUE_USER)
		run_user(m);
	else if (due == DUE_EVENT)
		run_event(m);
	return due != DUE_NOTHING;
}

/* Nobody may lag who is watched, or made to go in some order. Nobody does so far, which may have been
 * restored from a snapshot. */
static void lag_begin(struct machine *m)
{
	bool may = m->may_lag && m->config.inline_hits && !m->watched && !m->before_step;

	m->lag = may ? MIN(m->lookahead, m->config.switch_ns) : 0;
	m->user_due = turns_next(&m->user);
	m->resched_at = 0;
	m->rescheds = 0;
	for (u32 n = 0; n < m->cpus; n++)
		m->rescheds += m->cpu[n].need_resched;
}

bool machine_run(struct machine *m, u64 until, GError **error)
{
	m->end = until == TIME_NEVER ? until : until + 1;
	m->watched = is_watched(m);
	m->fall_through_end = m->config.fall_through && !m->watched ? m->end : 0;
	lag_begin(m);
	while (!m->stopped && m->tasks_left) {
		if (!run_next(m)) {
			m->now = m->stopped ? m->now : until;
			break;
		}
	}
	if (m->lag) /* behind the step that stopped it */
		machine_catch_up(m);
	m->horizon = 0; /* a search that goes on from here sees every step */
	if (m->failure) {
		g_propagate_error(error, g_error_copy(m->failure));
		return false;
	}
	return true;
}

/* ---- search ---- */

/* What is under way: tasks are known by their state, and nobody is sent off its CPU by a clock. */
void machine_search(struct machine *m)
{
	m->searching = true;
	m->line_ns = 0;
	m->horizon = 0;
	turns_clear(&m->user);
	m->user_due = TIME_NEVER;
	turns_clear(&m->turns);
	while (m->events.count) {
		struct event e = event_queue_pop(&m->events);

		if (e.kind >= NR_ENGINE_EVENTS)
			next_expect(m, e.kind, e.arg);
	}
	m->periodic = 0;
	for (u32 n = 0; n < m->cpus; n++)
		m->cpu[n].slice = m->cpu[n].need_resched = 0;
	m->rescheds = 0;
	for (u32 i = 0; i < m->tasks; i++) {
		struct task *t = &m->task[i];

		t->timeout = t->timer > 0;
		t->timer = 0;
		t->delay = t->since = 0;
	}
}

/* Whether another task could come on in its place: it would sleep, or may be preempted. */
static bool gives_way(const struct machine *m, const struct task *t)
{
	return sched_may_preempt(m, t) || (op_may_block(t->op) && !op_possible(m, t));
}

/* Whether a task that goes before is on its CPU or waits for it. */
static bool is_outranked(const struct machine *m, const struct task *t)
{
	for (u32 i = 0; m->priorities && i < m->tasks; i++) {
		const struct task *other = &m->task[i];

		if (other->priority > t->priority && other->cpu == t->cpu && other->state < TASK_BLOCKED &&
		    !(op_may_block(other->op) && !op_possible(m, other)))
			return true;
	}
	return false;
}

/* Who is on the CPU goes on, whoever waits, until it may be sent off it. */
bool machine_enabled(struct machine *m, struct task *t)
{
	u32 current = m->cpu[t->cpu].current;

	if (t->state == TASK_DONE || t->state == TASK_BLOCKED || !op_possible(m, t))
		return false;
	if (current == t->id + 1)
		return !sched_may_preempt(m, t) || !is_outranked(m, t);
	return (!current || gives_way(m, &m->task[current - 1])) && !is_outranked(m, t);
}

static void search_switch_to(struct machine *m, struct task *t)
{
	struct cpu *c = &m->cpu[t->cpu];

	if (c->current == t->id + 1)
		return;
	if (c->current)
		sched_leave(m, &m->task[c->current - 1], TASK_RUNNABLE);
	if (task_queue_remove(m, &c->head, &c->tail, t))
		c->queued--;
	c->current = t->id + 1;
	t->state = TASK_RUNNING;
}

bool machine_step(struct machine *m, struct task *t)
{
	BUG_ON(!m->searching);
	search_switch_to(m, t);
	if (m->before_step)
		m->before_step(m, t);
	if (!op_perform(m, t))
		return false;
	log_step(m, t);
	m->user_until = m->now + 1; /* one access at a time */
	t->op = OP_NONE;
	task_run_to_next_name(m, t);
	if (m->before_sleep && op_may_block(t->op) && !op_possible(m, t))
		m->before_sleep(m, t);
	t->delay = 0; /* a search knows no time, and a dead value would multiply the states */
	t->ret = 0;
	t->timed_out = 0;
	if (t->op == OP_DONE)
		task_exit(m, t);
	return true;
}
