#include "sim/rcu.h"

static void grace_period_start(struct machine *m)
{
	struct rcu *r = m->rcu;

	r->current = r->tail;
	if (r->current == r->head || m->searching)
		return;
	machine_at(m, (m->now / m->tick_ns + m->config.rcu_ticks) * m->tick_ns, EVENT_RCU, 0);
}

/* The ring is seldom used beyond its first places. */
static void set_live(struct machine *m)
{
	arena_set_live(&m->arena, m->rcu_region, MIN(m->rcu->tail, m->config.rcu_callbacks));
}

void call_rcu(struct machine *m, u32 kind, u32 arg)
{
	struct rcu *r = m->rcu;

	BUG_ON(r->tail - r->head == m->config.rcu_callbacks);
	m->rcu_callback[r->tail++ % m->config.rcu_callbacks] = (struct rcu_callback){ kind, arg };
	set_live(m);
	if (r->current == r->head)
		grace_period_start(m);
}

u32 rcu_waiting(const struct machine *m)
{
	return m->rcu->tail - m->rcu->head;
}

static bool anyone_reads(const struct machine *m)
{
	for (u32 i = 0; i < m->tasks; i++)
		if (m->task[i].rcu_nesting)
			return true;
	return false;
}

bool rcu_may_end(const struct machine *m)
{
	return m->rcu->current != m->rcu->head && !anyone_reads(m);
}

void rcu_check(struct machine *m, u32 unused)
{
	struct rcu *r = m->rcu;

	(void)unused;
	if (anyone_reads(m)) {
		machine_at(m, (m->now / m->tick_ns + 1) * m->tick_ns, EVENT_RCU, 0);
		return;
	}
	for (; r->head != r->current; r->head++) { /* a callback may ask for another: it waits its turn */
		struct rcu_callback *place = &m->rcu_callback[r->head % m->config.rcu_callbacks];
		struct rcu_callback callback = *place;

		*place = (struct rcu_callback){ 0 };
		m->event[callback.kind](m, callback.arg);
	}
	if (r->head == r->tail) /* one state, however many there were before */
		r->head = r->current = r->tail = 0;
	set_live(m);
	grace_period_start(m);
}
