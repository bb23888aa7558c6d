#include "sim/sched.h"

void task_queue_append(struct machine *m, u32 *head, u32 *tail, struct task *t)
{
	t->next = 0;
	if (*tail)
		m->task[*tail - 1].next = t->id + 1;
	else
		*head = t->id + 1;
	*tail = t->id + 1;
}

struct task *task_queue_pop(struct machine *m, u32 *head, u32 *tail)
{
	struct task *t = &m->task[*head - 1];

	*head = t->next;
	if (!*head)
		*tail = 0;
	t->next = 0;
	return t;
}

bool task_queue_remove(struct machine *m, u32 *head, u32 *tail, struct task *t)
{
	u32 before = 0;

	for (u32 i = *head; i; before = i, i = m->task[i - 1].next) {
		if (i != t->id + 1)
			continue;
		if (before)
			m->task[before - 1].next = t->next;
		else
			*head = t->next;
		if (*tail == i)
			*tail = before;
		t->next = 0;
		return true;
	}
	return false;
}

void sched_schedule_user(struct machine *m, const struct task *t, u64 when)
{
	sched_put_turn(&m->user, t, when, t->cpu);
	m->user_due = MIN(m->user_due, when);
	m->horizon = MIN(m->horizon, sched_without_user(m, when));
}

bool sched_may_preempt(const struct machine *m, const struct task *t)
{
	if (t->preempt_off || t->irq_off)
		return false;
	if (t->op == OP_USER || m->config.preemption == PREEMPT_FULL)
		return true;
	return t->op == OP_COND_RESCHED || (t->op == OP_RESCHED && m->config.preemption == PREEMPT_VOLUNTARY);
}

static void set_state(struct machine *m, struct task *t, enum task_state state)
{
	t->state = state;
	if (m->on_task_state)
		m->on_task_state(m, t);
}

static void cpu_arm_slice(struct machine *m, u32 n)
{
	struct cpu *c = &m->cpu[n];

	if (!m->searching && c->current && c->queued && !c->slice && !m->task[c->current - 1].priority)
		c->slice = machine_at(m, m->now + m->config.slice_ns, EVENT_SLICE, n);
}

/* The task comes on; @delay was spent by the CPU on the way. */
static void cpu_run(struct machine *m, u32 n, struct task *t, u64 delay)
{
	struct cpu *c = &m->cpu[n];

	BUG_ON(c->current);
	c->current = t->id + 1;
	c->since = m->now;
	t->cpu = n;
	set_state(m, t, TASK_RUNNING);
	t->delay += delay;
	sched_schedule(m, t);
	cpu_arm_slice(m, n);
}

static struct task *cpu_take_queued(struct machine *m, u32 n)
{
	m->cpu[n].queued--;
	return task_queue_pop(m, &m->cpu[n].head, &m->cpu[n].tail);
}

/* A CPU that ran dry takes over a waiting task from the longest queue. */
static struct task *cpu_steal(struct machine *m)
{
	u32 longest = 0;

	for (u32 n = 1; n < m->cpus; n++)
		if (m->cpu[n].queued > m->cpu[longest].queued)
			longest = n;
	for (u32 i = m->cpu[longest].head; i; i = m->task[i - 1].next) {
		struct task *t = &m->task[i - 1];

		if (t->pinned)
			continue;
		task_queue_remove(m, &m->cpu[longest].head, &m->cpu[longest].tail, t);
		m->cpu[longest].queued--;
		return t;
	}
	return NULL;
}

static void cpu_pick_next(struct machine *m, u32 n)
{
	struct task *t = m->cpu[n].queued ? cpu_take_queued(m, n) : cpu_steal(m);

	if (t)
		cpu_run(m, n, t, m->config.switch_ns);
}

static void cpu_want_resched(struct machine *m, u32 n)
{
	if (m->searching) /* it asks who may come on anyway */
		return;
	if (!m->cpu[n].need_resched && !m->rescheds++)
		m->resched_at = m->now;
	m->cpu[n].need_resched = 1;
	m->horizon = 0; /* the running task may be the one: let the driver look */
}

/* Behind those of its priority, or, if it is @first, before them. */
static void queue_by_priority(struct machine *m, struct cpu *c, struct task *t, bool first)
{
	u32 before = c->tail, i = 0;

	/* Behind the last, most often: else from the first on. */
	if (before && m->task[before - 1].priority < t->priority + first)
		before = 0, i = c->head;
	for (; i && m->task[i - 1].priority >= t->priority + first; i = m->task[i - 1].next)
		before = i;
	t->next = i;
	if (before)
		m->task[before - 1].next = t->id + 1;
	else
		c->head = t->id + 1;
	if (!i)
		c->tail = t->id + 1;
	c->queued++;
}

/* A @rested task comes on before others of its priority. */
static void enqueue(struct machine *m, struct task *t, u32 cpu, bool rested)
{
	struct cpu *c = &m->cpu[cpu];

	t->cpu = cpu;
	if (!c->current && !c->queued) {
		cpu_run(m, cpu, t, 0);
		return;
	}
	set_state(m, t, TASK_RUNNABLE);
	t->delay = 0; /* the wake-up is over long before its turn comes */
	queue_by_priority(m, c, t, rested);
	if (c->current && t->priority + rested > m->task[c->current - 1].priority)
		cpu_want_resched(m, cpu);
	cpu_arm_slice(m, cpu);
}

void sched_enqueue(struct machine *m, struct task *t, u32 cpu)
{
	enqueue(m, t, cpu, false);
}

void sched_yield_to(struct machine *m, struct task *t)
{
	struct cpu *c = &m->cpu[t->cpu];

	if (!task_queue_remove(m, &c->head, &c->tail, t))
		return;
	c->queued--;
	enqueue(m, t, t->cpu, true);
}

void sched_leave(struct machine *m, struct task *t, enum task_state state)
{
	struct cpu *c = &m->cpu[t->cpu];

	BUG_ON(c->current != t->id + 1);
	c->current = 0;
	m->rescheds -= c->need_resched;
	c->need_resched = 0;
	c->busy_ns += m->now - c->since;
	if (c->slice) {
		machine_cancel(m, c->slice);
		c->slice = 0;
	}
	set_state(m, t, state);
	if (state == TASK_RUNNABLE)
		queue_by_priority(m, c, t, false);
	if (!m->searching)
		cpu_pick_next(m, t->cpu);
}

static u32 usual_cpu(const struct machine *m, const struct task *t)
{
	if (t->pinned)
		return t->pinned - 1;
	if (!m->cpu[t->cpu].current && !m->cpu[t->cpu].queued)
		return t->cpu;
	for (u32 n = 0; n < m->cpus; n++)
		if (!m->cpu[n].current && !m->cpu[n].queued)
			return n;
	return t->cpu;
}

void sched_wake(struct machine *m, struct task *t, u64 delay)
{
	u32 usual = usual_cpu(m, t);

	BUG_ON(t->state != TASK_BLOCKED);
	t->delay = delay;
	if (!t->pinned)
		usual = choose_usual(m, CHOICE_WAKE_CPU, ACTOR(ACTOR_TASK, t->id), m->cpus, usual);
	enqueue(m, t, usual, m->now - t->since >= m->config.slice_ns);
}

bool sched_migrate(struct machine *m, struct task *t)
{
	u32 cpu = t->cpu;

	if (!t->pinned)
		cpu = choose_usual(m, CHOICE_WAKE_CPU, ACTOR(ACTOR_TASK, t->id), m->cpus, cpu);
	if (cpu == t->cpu)
		return false;
	sched_leave(m, t, TASK_BLOCKED);
	enqueue(m, t, cpu, false);
	return true;
}

void sched_slice_over(struct machine *m, u32 cpu)
{
	m->cpu[cpu].slice = 0;
	if (m->cpu[cpu].current && m->cpu[cpu].queued)
		cpu_want_resched(m, cpu);
}

u32 sched_idle_cpu(const struct machine *m)
{
	for (u32 n = 0; n < m->cpus; n++)
		if (!m->cpu[n].current)
			return n;
	return 0;
}

u64 sched_busy_ns(const struct machine *m, u32 cpu)
{
	const struct cpu *c = &m->cpu[cpu];

	return c->busy_ns + (c->current && m->now > c->since ? m->now - c->since : 0);
}
