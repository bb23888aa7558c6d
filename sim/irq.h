/*
 * irq.h - interrupts: an event that needs a CPU which may not be ready for it.
 *
 * A device that is done interrupts one CPU. The handler of the event's kind runs there at once, in no time
 * and in nobody's name, unless the task on that CPU has interrupts off (spin_lock_irq()); then it runs when
 * they are turned on again, and several run in the order in which they were raised. An idle CPU takes an
 * interrupt at once. Left out: the time a handler steals from the task, nesting and priorities of interrupts.
 */
#ifndef SIM_IRQ_H
#define SIM_IRQ_H

#include "sim/machine.h"

/* One that is held back. They lie in the order in which they were raised; the region's live count is their
 * number. */
struct irq {
	u16 cpu;
	u16 kind;
	u32 arg;
};

/* Have the handler of @kind (machine_on_event()) called with @arg on @cpu. At most config.events can be held
 * back at a time, and one for every two CPUs, to one from the other. */
void irq_raise(struct machine *m, u32 cpu, u32 kind, u32 arg);
/* The task on @cpu turned interrupts on: deliver what was held back. */
void irq_deliver(struct machine *m, u32 cpu);

#endif
