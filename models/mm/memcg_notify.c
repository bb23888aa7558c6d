#include "models/mm/memcg_notify.h"

#include "models/mm/mglru.h"
#include "models/work/work.h"

enum { INTERVALS_PER_SECOND = 100 /* CGROUP_FILE_NOTIFY_MIN_INTV */ };

void memcg_displace_task(struct kernel *k, u32 cpu)
{
	u32 current = k->machine.cpu[cpu].current;

	if (lru_gen_enabled(k) && current && k->program[current - 1])
		lru_gen_use_mm(k, k->work[current - 1].mm);
}

static u32 *worker_waits(struct machine *m, u32 cpu)
{
	struct percpu *percpu = percpu_of(m, cpu);

	return &percpu->worker_waits;
}

static void worker_comes_on(struct kernel *k, u32 cpu)
{
	*worker_waits(&k->machine, cpu) = 0;
	memcg_displace_task(k, cpu);
}

/* The tick makes up for who did not give way by itself. */
static void on_tick(struct machine *m, u32 cpu)
{
	if (*worker_waits(m, cpu))
		worker_comes_on(kernel_of(m), cpu);
}

static bool is_in_user_mode(const struct machine *m, u32 cpu)
{
	u32 current = m->cpu[cpu].current;

	return !current || m->task[current - 1].op == OP_USER;
}

/* kernfs_notify(): the worker is woken on @cpu. */
static void wake_worker(struct kernel *k, u32 cpu)
{
	struct machine *m = &k->machine;

	if (!k->release->preempts_lazily || m->config.preemption == PREEMPT_FULL || is_in_user_mode(m, cpu)) {
		worker_comes_on(k, cpu);
	} else if (!*worker_waits(m, cpu)) {
		*worker_waits(m, cpu) = 1;
		machine_at(m, (m->now / m->tick_ns + 1) * m->tick_ns, EVENT_NOTIFY_TICK, cpu);
	}
}

static u64 interval_ticks(const struct machine *m)
{
	return (m->config.hz + INTERVALS_PER_SECOND - 1) / INTERVALS_PER_SECOND;
}

/* cgroup_file_notify(). A timer of the kernel never ends before so many whole ticks have passed. */
static void file_notify(struct kernel *k, u32 memcg, u32 cpu)
{
	struct machine *m = &k->machine;
	struct memcg *cg = &k->memcg[memcg];
	u64 now = m->now / m->tick_ns + 1, next = cg->notified_at + interval_ticks(m); /* 0: never so far */

	if (!cg->notified_at || now > next) {
		cg->notified_at = now;
		wake_worker(k, cpu);
	} else if (!cg->notify_timer) {
		cg->notify_timer = 1;
		cg->notify_cpu = (u16)cpu;
		machine_at(m, next * m->tick_ns, EVENT_NOTIFY_TIMER, memcg);
	}
}

static void on_timer(struct machine *m, u32 memcg)
{
	struct kernel *k = kernel_of(m);

	k->memcg[memcg].notify_timer = 0;
	file_notify(k, memcg, k->memcg[memcg].notify_cpu);
}

void memcg_notify_init(struct kernel *k)
{
	machine_on_periodic_event(&k->machine, EVENT_NOTIFY_TICK, on_tick);
	machine_on_periodic_event(&k->machine, EVENT_NOTIFY_TIMER, on_timer);
}

void memcg_memory_event(struct kernel *k, const struct task *t, u32 memcg, enum counter id)
{
	count_event(k, memcg, id);
	if (!lru_gen_enabled(k) || k->config.cgroup_version == 1 || k->machine.searching)
		return; /* nobody could see it, or there is no time */
	for (; memcg; memcg = k->memcg[memcg].parent)
		file_notify(k, memcg, t->cpu);
}

void memcg_notify_was_in_user_mode(struct kernel *k, const struct task *t)
{
	if (*worker_waits(&k->machine, t->cpu))
		worker_comes_on(k, t->cpu);
}
