#include "sim/next.h"

#include <string.h>

#include "sim/lock.h"
#include "sim/rcu.h"

static u32 pending_events(const struct machine *m)
{
	return (u32)m->arena.region[m->pending_region].live;
}

static bool comes_before(const struct pending *a, u32 kind, u32 arg)
{
	return a->kind != kind ? a->kind < kind : a->arg < arg;
}

event_id next_expect(struct machine *m, u32 kind, u32 arg)
{
	u32 n = pending_events(m), i = n;

	BUG_ON(n == m->config.events);
	if (kind == EVENT_RCU) /* known by the state of RCU */
		return 0;
	arena_set_live(&m->arena, m->pending_region, n + 1);
	for (; i && !comes_before(&m->pending[i - 1], kind, arg); i--)
		m->pending[i] = m->pending[i - 1];
	m->pending[i] = (struct pending){ .kind = kind, .arg = arg };
	return 0;
}

static struct pending take_pending(struct machine *m, u32 i)
{
	struct pending event = m->pending[i];
	u32 left = pending_events(m) - 1;

	memmove(&m->pending[i], &m->pending[i + 1], (left - i) * sizeof event);
	m->pending[left] = (struct pending){ 0 };
	arena_set_live(&m->arena, m->pending_region, left);
	return event;
}

u32 next_most(const struct machine *m)
{
	return 2 * m->config.tasks + m->config.events + 1;
}

static bool may_time_out(const struct task *t)
{
	return t->state == TASK_BLOCKED && t->op == OP_WAIT && t->timeout;
}

u32 next_list(struct machine *m, struct next *list)
{
	u32 n = 0;

	for (u32 i = 0; i < m->tasks; i++)
		if (machine_enabled(m, &m->task[i]))
			list[n++] = (struct next){ NEXT_STEP, i };
	for (u32 i = 0; i < m->tasks; i++)
		if (may_time_out(&m->task[i]))
			list[n++] = (struct next){ NEXT_TIMEOUT, i };
	for (u32 i = 0; i < pending_events(m); i++)
		list[n++] = (struct next){ NEXT_EVENT, i };
	if (rcu_may_end(m))
		list[n++] = (struct next){ NEXT_RCU, 0 };
	return n;
}

bool next_is_periodic(const struct machine *m, struct next n)
{
	return n.kind == NEXT_EVENT && m->periodic_kinds >> m->pending[n.number].kind & 1;
}

bool next_is_nothing(const struct machine *m, const struct next *list, u32 n)
{
	for (u32 i = 0; i < n; i++)
		if (!next_is_periodic(m, list[i]))
			return false;
	return true;
}

bool tasks_are_done(const struct machine *m, u32 n)
{
	for (u32 i = 0; i < n; i++)
		if (m->task[i].state != TASK_DONE)
			return false;
	return true;
}

static void log_event(struct machine *m, u32 kind, u32 arg)
{
	if (m->log)
		m->log(
		    m, m->log_data,
		    &(struct log_entry){ .time = m->now, .task = LOG_NOBODY, .path = kind, .object = arg });
}

static void event_happens(struct machine *m, u32 kind, u32 arg)
{
	log_event(m, kind, arg);
	m->event[kind](m, arg);
}

bool next_do(struct machine *m, struct next n)
{
	struct pending event;

	BUG_ON(!m->searching);
	switch ((enum next_kind)n.kind) {
	case NEXT_STEP:
		return machine_step(m, &m->task[n.number]);
	case NEXT_TIMEOUT:
		event_happens(m, EVENT_TIMEOUT, n.number);
		return true;
	case NEXT_EVENT:
		event = take_pending(m, n.number);
		event_happens(m, event.kind, event.arg);
		return true;
	case NEXT_RCU:
		event_happens(m, EVENT_RCU, 0);
		return true;
	}
	BUG();
}
