#include "sim/irq.h"

#include <string.h>

static u64 irqs_held(const struct machine *m)
{
	return m->arena.region[m->irq_region].live;
}

static bool interrupts_are_off(const struct machine *m, const struct cpu *c)
{
	return c->current && m->task[c->current - 1].irq_off;
}

void irq_raise(struct machine *m, u32 cpu, u32 kind, u32 arg)
{
	struct cpu *c = &m->cpu[cpu];
	u64 held = irqs_held(m);

	BUG_ON(cpu >= m->cpus || kind >= EVENT_KINDS || !m->event[kind]);
	if (!c->irq_pending && !interrupts_are_off(m, c)) {
		m->event[kind](m, arg);
		return;
	}
	arena_set_live(&m->arena, m->irq_region, held + 1);
	m->irq[held] = (struct irq){ .cpu = cpu, .kind = kind, .arg = arg };
	c->irq_pending++;
}

static struct irq irq_take(struct machine *m, u64 i)
{
	struct irq irq = m->irq[i];
	u64 left = irqs_held(m) - 1;

	memmove(&m->irq[i], &m->irq[i + 1], (left - i) * sizeof irq);
	arena_set_live(&m->arena, m->irq_region, left);
	return irq;
}

void irq_deliver(struct machine *m, u32 cpu)
{
	u64 i = 0;

	/* The count falls after the handler, so that one raised by a handler goes to the end of the queue. */
	while (m->cpu[cpu].irq_pending) {
		struct irq irq;

		while (m->irq[i].cpu != cpu)
			i++;
		irq = irq_take(m, i);
		m->event[irq.kind](m, irq.arg);
		m->cpu[cpu].irq_pending--;
	}
}
