#include "models/mm/psi.h"

#include "models/work/work.h"

typedef unsigned __int128 u128;

enum { FRACTION_BITS = 11, ONE = 1 << FRACTION_BITS, PERIOD_SECONDS = 2 };

const char *const psi_name[NR_PSI_PRESSURES] = {
	[PSI_MEM_SOME] = "memory.pressure:some_ns",
	[PSI_MEM_FULL] = "memory.pressure:full_ns",
};

/* What remains of an average after one period: exp(-2 s / window). */
static const u32 decay[NR_PSI_WINDOWS] = { [PSI_AVG10] = 1677, [PSI_AVG60] = 1981, [PSI_AVG300] = 2034 };

static struct psi_cpu *psi_cpu_of(const struct kernel *k, u32 memcg, u32 cpu)
{
	return &k->psi_cpu[memcg * k->machine.cpus + cpu];
}

static u64 period_ticks(const struct kernel *k)
{
	return PERIOD_SECONDS * k->machine.config.hz + 1;
}

static u64 period_ns(const struct kernel *k)
{
	return period_ticks(k) * k->machine.tick_ns;
}

/* ---- averages ---- */

/* The @n-th power of a fraction, rounded at each multiplication. */
static u64 power(u64 fraction, u64 n)
{
	u64 result = ONE;

	for (; n; n >>= 1) {
		if (n & 1)
			result = (result * fraction + ONE / 2) >> FRACTION_BITS;
		fraction = (fraction * fraction + ONE / 2) >> FRACTION_BITS;
	}
	return result;
}

/* Towards @present; upwards it is rounded up, so that a steady pressure is reached. */
static u64 decayed(u64 avg, u64 remains, u64 present)
{
	u64 sum = avg * remains + present * (ONE - remains);

	return (present >= avg ? sum + ONE - 1 : sum) >> FRACTION_BITS;
}

static void update_averages(const struct kernel *k, struct psi_group *g, u64 now)
{
	u64 missed = (now - g->next_update) / period_ns(k);
	u64 length = now - (g->last_update + missed * period_ns(k));

	g->next_update += (1 + missed) * period_ns(k);
	g->last_update = now;
	for (u32 s = 0; s < NR_PSI_PRESSURES; s++) {
		u64 stalled = g->total[PSI_AVGS][s] - g->averaged[s];
		u64 percent;

		/* More than there was time for is left for the next period. */
		if (stalled > length)
			stalled = length;
		g->averaged[s] += stalled;
		percent = stalled * 100 / length * ONE;
		for (u32 w = 0; w < NR_PSI_WINDOWS; w++) {
			if (missed)
				g->avg[s][w] = decayed(g->avg[s][w], power(decay[w], missed), 0);
			g->avg[s][w] = decayed(g->avg[s][w], decay[w], percent);
		}
	}
}

/* ---- from CPUs to a cgroup ---- */

/* What a CPU's times have grown by since this one took them last. */
static void take_times(struct psi_cpu *c, enum psi_aggregator who, u64 now, u64 *grown)
{
	for (u32 s = 0; s < NR_PSI_STATES; s++) {
		u64 ns = c->ns[s] + (c->state >> s & 1 ? now - c->since : 0);

		grown[s] = ns - c->taken[who][s];
		c->taken[who][s] = ns;
	}
}

/* Whether there was anything on any CPU. */
static bool take_sums(struct kernel *k, u32 memcg, enum psi_aggregator who, u64 now)
{
	u64 unit = who == PSI_AVGS ? k->machine.tick_ns : 1, weights = 0;
	u128 sum[NR_PSI_PRESSURES] = { 0 };
	bool active = false;

	for (u32 cpu = 0; cpu < k->machine.cpus; cpu++) {
		u64 grown[NR_PSI_STATES];

		take_times(psi_cpu_of(k, memcg, cpu), who, now, grown);
		active |= grown[PSI_NONIDLE] > 0;
		weights += grown[PSI_NONIDLE] / unit;
		for (u32 s = 0; s < NR_PSI_PRESSURES; s++)
			sum[s] += (u128)grown[s] * (grown[PSI_NONIDLE] / unit);
	}
	for (u32 s = 0; weights && s < NR_PSI_PRESSURES; s++)
		k->psi[memcg].total[who][s] += (u64)(sum[s] / weights);
	return active;
}

static void refresh(struct kernel *k, u32 memcg, u64 now, bool *active)
{
	struct psi_group *g = &k->psi[memcg];

	*active = take_sums(k, memcg, PSI_AVGS, now);
	if (now >= g->next_update)
		update_averages(k, g, now);
}

/* A timer that is set at @now; as tick_timeout(). */
static u64 after_ticks(const struct kernel *k, u64 now, u64 ticks)
{
	return (now / k->machine.tick_ns + ticks + 1) * k->machine.tick_ns;
}

/* The turns that the worker has had up to @now. Its times depend on nothing but the states of tasks, which
 * have not changed since. */
static void catch_up(struct kernel *k, u32 memcg, u64 now)
{
	struct psi_group *g = &k->psi[memcg];

	while (g->work_at && g->work_at <= now) {
		u64 at = g->work_at;
		bool active;

		refresh(k, memcg, at, &active);
		g->work_at = active ? after_ticks(k, at, (g->next_update - at) / k->machine.tick_ns + 1) : 0;
	}
}

struct psi_pressure psi_show(struct kernel *k, u32 memcg)
{
	const struct psi_group *g = &k->psi[memcg];
	struct psi_pressure p;
	bool active;

	catch_up(k, memcg, k->machine.now);
	refresh(k, memcg, k->machine.now, &active);
	for (u32 s = 0; s < NR_PSI_PRESSURES; s++) {
		p.total[s] = g->total[PSI_AVGS][s];
		for (u32 w = 0; w < NR_PSI_WINDOWS; w++)
			p.avg[s][w] = g->avg[s][w] * 100 >> FRACTION_BITS;
	}
	return p;
}

void psi_sample(struct kernel *k)
{
	for (u32 i = 0; i < k->config.memcgs; i++)
		take_sums(k, i, PSI_MONITOR, k->machine.now);
}

/* ---- from tasks to CPUs ---- */

static u8 state_of(const u32 *tasks)
{
	bool some = tasks[PSI_MEMSTALL];
	bool full =
	    some && (tasks[PSI_RUNNING] == tasks[PSI_MEMSTALL_RUNNING] || tasks[PSI_MEMSTALL_CURRENT]);
	bool nonidle = some || tasks[PSI_RUNNING] || tasks[PSI_IOWAIT];

	return some << PSI_MEM_SOME | full << PSI_MEM_FULL | nonidle << PSI_NONIDLE;
}

static void group_change(struct kernel *k, u32 memcg, u32 cpu, u8 clear, u8 set)
{
	struct psi_cpu *c = psi_cpu_of(k, memcg, cpu);
	struct psi_group *g = &k->psi[memcg];
	u64 now = k->machine.now;

	BUG_ON(now < c->since);
	catch_up(k, memcg, now);
	for (u32 s = 0; s < NR_PSI_STATES; s++)
		if (c->state >> s & 1)
			c->ns[s] += now - c->since;
	c->since = now;
	for (u32 i = 0; i < NR_PSI_COUNTS; i++)
		c->tasks[i] += (set >> i & 1) - (clear >> i & 1);
	c->state = state_of(c->tasks);
	if (!g->work_at)
		g->work_at = after_ticks(k, now, period_ticks(k));
}

/* The cgroup of a task and all its ancestors. */
static void groups_change(struct kernel *k, u32 memcg, u32 cpu, u8 clear, u8 set)
{
	for (; memcg; memcg = k->memcg[memcg].parent)
		group_change(k, memcg, cpu, clear, set);
	group_change(k, 0, cpu, clear, set);
}

static bool is_stalled(const struct task *t)
{
	return t->flags & PF_MEMSTALL_MASK;
}

/* io_schedule(): for a folio's lock or its writeback, or for room in a disk's queue. Whatever else a task
 * waits for a bit of, such as a thread of the kernel for work, it just sleeps. */
static bool waits_for_io(const struct kernel *k, const struct task *t)
{
	const void *object = arena_at(&k->machine.arena, task_object(t));
	const void *folio = k->folio_io, *folio_end = k->folio_io + k->memory->folio_used + 1;
	const void *disk = k->disk, *disk_end = k->disk + k->config.devices + 1;

	return (t->op == OP_BIT_LOCK || t->op == OP_BIT_WAIT) &&
	       ((object >= folio && object < folio_end) || (object >= disk && object < disk_end));
}

static u8 counts_of(const struct kernel *k, const struct task *t)
{
	bool stalled = is_stalled(t);
	u8 runnable = 1u << PSI_RUNNING | stalled << PSI_MEMSTALL | stalled << PSI_MEMSTALL_RUNNING;

	switch ((enum task_state)t->state) {
	case TASK_RUNNABLE:
		return runnable;
	case TASK_RUNNING:
	case TASK_SPINNING:
		return runnable | stalled << PSI_MEMSTALL_CURRENT;
	case TASK_BLOCKED:
		return stalled << PSI_MEMSTALL | waits_for_io(k, t) << PSI_IOWAIT;
	case TASK_DONE:
		return 0;
	}
	BUG();
}

/* What has no program is a thread of the kernel. */
static u32 memcg_of(const struct kernel *k, const struct task *t)
{
	return k->program[t->id] ? k->mm[k->work[t->id].mm].memcg : 0;
}

void psi_task_change(struct machine *m, const struct task *t)
{
	struct kernel *k = kernel_of(m);
	struct psi_task *p = &k->psi_task[t->id];
	u8 counts = counts_of(k, t), was = p->counts;

	if (m->searching || (counts == was && p->cpu == t->cpu))
		return;
	if (p->cpu == t->cpu) {
		groups_change(k, memcg_of(k, t), t->cpu, was & ~counts, counts & ~was);
	} else {
		groups_change(k, memcg_of(k, t), p->cpu, was, 0);
		groups_change(k, memcg_of(k, t), t->cpu, 0, counts);
	}
	*p = (struct psi_task){ .cpu = t->cpu, .counts = counts };
}

void psi_memstall_enter(struct kernel *k, struct task *t)
{
	BUG_ON((t->flags & PF_MEMSTALL_MASK) == PF_MEMSTALL_MASK);
	t->flags += PF_MEMSTALL;
	psi_task_change(&k->machine, t);
}

void psi_memstall_leave(struct kernel *k, struct task *t)
{
	BUG_ON(!is_stalled(t));
	t->flags -= PF_MEMSTALL;
	psi_task_change(&k->machine, t);
}

void psi_init(struct kernel *k)
{
	for (u32 i = 0; i < k->config.memcgs; i++)
		k->psi[i].next_update = period_ns(k);
}
