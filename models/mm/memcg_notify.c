#include "models/mm/memcg_notify.h"

#include "models/mm/displace.h"

enum { INTERVALS_PER_SECOND = 100 /* CGROUP_FILE_NOTIFY_MIN_INTV */ };

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
		displace_wake(k, cpu);
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

void memcg_notify_init(struct machine *m)
{
	machine_on_periodic_event(m, EVENT_NOTIFY_TIMER, on_timer);
}

void memcg_memory_event(struct kernel *k, const struct task *t, u32 memcg, enum counter id)
{
	count_event(k, memcg, id);
	if (k->config.cgroup_version == 1 || !displacing_matters(k))
		return;
	for (; memcg; memcg = k->memcg[memcg].parent)
		file_notify(k, memcg, t->cpu);
}
