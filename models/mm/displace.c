#include "models/mm/displace.h"

#include "models/mm/mglru.h"
#include "models/work/work.h"

enum { GRACE_TICKS = 2 /* at which a grace period begins, and ends */ };

static struct percpu *percpu(struct machine *m, u32 cpu)
{
	return percpu_of(m, cpu);
}

static u64 next_tick(const struct machine *m)
{
	return (m->now / m->tick_ns + 1) * m->tick_ns;
}

bool displacing_matters(const struct kernel *k)
{
	return lru_gen_enabled(k) && !k->machine.searching;
}

void displace_task(struct kernel *k, u32 cpu)
{
	u32 current = k->machine.cpu[cpu].current;

	if (lru_gen_enabled(k) && current && k->program[current - 1])
		lru_gen_use_mm(k, k->work[current - 1].mm);
}

static void thread_comes_on(struct kernel *k, u32 cpu)
{
	percpu(&k->machine, cpu)->thread_waits = 0;
	displace_task(k, cpu);
}

/* The tick makes up for who did not give way by itself. */
static void on_displace_tick(struct machine *m, u32 cpu)
{
	if (percpu(m, cpu)->thread_waits)
		thread_comes_on(kernel_of(m), cpu);
}

static bool is_in_user_mode(const struct machine *m, u32 cpu)
{
	u32 current = m->cpu[cpu].current;

	return !current || m->task[current - 1].op == OP_USER;
}

void displace_wake(struct kernel *k, u32 cpu)
{
	struct machine *m = &k->machine;

	if (!k->release->preempts_lazily || m->config.preemption == PREEMPT_FULL || is_in_user_mode(m, cpu)) {
		thread_comes_on(k, cpu);
	} else if (!percpu(m, cpu)->thread_waits) {
		percpu(m, cpu)->thread_waits = 1;
		machine_at(m, next_tick(m), EVENT_DISPLACE, cpu);
	}
}

static void on_rcu_tick(struct machine *m, u32 cpu)
{
	displace_wake(kernel_of(m), cpu);
	if (--percpu(m, cpu)->grace_ticks)
		machine_at(m, next_tick(m), EVENT_RCU_THREAD, cpu);
}

void displace_call_rcu(struct kernel *k, u32 cpu)
{
	struct machine *m = &k->machine;

	if (!displacing_matters(k))
		return;
	if (!percpu(m, cpu)->grace_ticks)
		machine_at(m, next_tick(m), EVENT_RCU_THREAD, cpu);
	percpu(m, cpu)->grace_ticks = GRACE_TICKS; /* what comes while one lasts needs another */
}

void displace_was_in_user_mode(struct kernel *k, const struct task *t)
{
	if (percpu(&k->machine, t->cpu)->thread_waits)
		thread_comes_on(k, t->cpu);
}

void displace_init(struct machine *m)
{
	machine_on_periodic_event(m, EVENT_DISPLACE, on_displace_tick);
	machine_on_periodic_event(m, EVENT_RCU_THREAD, on_rcu_tick);
}
