/*
 * psi.h - pressure stall information of memory (kernel/sched/psi.c; 6.1 to 7.x count alike).
 *
 * A task is stalled between psi_memstall_enter() and psi_memstall_leave(): it reclaims, or waits for a page
 * that was in use until lately. Each cgroup, and the machine as cgroup 0, keeps for each CPU how long at
 * least one of its tasks there was stalled (some) and how long, besides, no other of them could do any good
 * there: none that is not stalled is runnable, or the CPU is busy with a stalled one (full). A task that
 * sleeps counts on the CPU it last ran on.
 *
 * Times of CPUs become one figure now and then: the mean of what has been added since the last time, each CPU
 * weighted by how long it had anything of the cgroup (a task that is runnable, stalled or waits for I/O). So
 * when the sums are taken changes them. There are two who take them, neither of whom the other disturbs:
 *
 *	PSI_AVGS	the kernel's worker, every 2 s and a tick while anything goes on, and whoever reads
 *			memory.pressure (psi_show()); the weights are whole ticks, so that what lasted less
 *			than a tick on every CPU is lost
 *	PSI_MONITOR	a monitor that the kernel does not know of (psi_sample()); the weights are ns, so
 *			that it may look as often as it wants
 *
 * With one CPU both are exact but for what is lost. Nothing here is an event or a step: the worker's turns
 * are made up for when the next task changes its state, which comes to the same. All of it is statistics
 * that no path reads.
 *
 * Left out: pressure of CPUs, I/O and interrupts, triggers (poll), and that the worker is a task itself.
 * Under cgroup v1 the kernel has the machine's figures only; here cgroups have theirs.
 */
#ifndef MODELS_MM_PSI_H
#define MODELS_MM_PSI_H

#include "models/kernel.h"

enum psi_state {
	PSI_MEM_SOME,
	PSI_MEM_FULL,
	NR_PSI_PRESSURES,
	PSI_NONIDLE = NR_PSI_PRESSURES,
	NR_PSI_STATES
};
/* "memory.pressure:some_ns", ... */
extern const char *const psi_name[NR_PSI_PRESSURES];

enum psi_aggregator { PSI_AVGS, PSI_MONITOR, NR_PSI_AGGREGATORS };
enum psi_window { PSI_AVG10, PSI_AVG60, PSI_AVG300, NR_PSI_WINDOWS };

/* What a task counts as, each a bit; see struct psi_cpu. */
enum psi_count {
	PSI_IOWAIT,
	PSI_MEMSTALL,
	PSI_RUNNING,	      /* on the CPU or in its queue */
	PSI_MEMSTALL_RUNNING, /* both of the above */
	PSI_MEMSTALL_CURRENT, /* stalled and on the CPU */
	NR_PSI_COUNTS
};

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded" /* state is compared byte by byte */

/* As what a task was counted, and where. */
struct psi_task {
	u16 cpu;
	u8 counts; /* bits of enum psi_count */
	u8 pad;
};

/* One cgroup on one CPU. */
struct psi_cpu {
	u64 since; /* when the present state began */
	u64 ns[NR_PSI_STATES];
	u64 taken[NR_PSI_AGGREGATORS][NR_PSI_STATES]; /* of that, by each who takes sums */
	u32 tasks[NR_PSI_COUNTS];
	u8 state; /* bits of enum psi_state */
	u8 pad[3];
};

/* One cgroup. */
struct psi_group {
	u64 total[NR_PSI_AGGREGATORS][NR_PSI_PRESSURES]; /* ns */
	u64 averaged[NR_PSI_PRESSURES];			 /* of PSI_AVGS' total */
	u64 avg[NR_PSI_PRESSURES][NR_PSI_WINDOWS];	 /* percent, 11 fraction bits */
	u64 last_update;				 /* of the averages */
	u64 next_update;
	u64 work_at; /* the worker's next turn, 0 none */
};

#pragma GCC diagnostic pop

/* memory.pressure: totals in ns and averages in hundredths of a percent, as they are printed. */
struct psi_pressure {
	u64 total[NR_PSI_PRESSURES];
	u32 avg[NR_PSI_PRESSURES][NR_PSI_WINDOWS];
};

/* The regions are mapped; no task has been added yet. */
void psi_init(struct kernel *k);

/* Bring what a task is counted as up to date. In a search there is no time to be counted. */
void psi_task_change(struct machine *m, const struct task *t);
/* Around a stretch in which the task goes without the memory it needs. It is the current one of its CPU.
 * Stretches may nest; the outermost counts. */
void psi_memstall_enter(struct kernel *k, struct task *t);
void psi_memstall_leave(struct kernel *k, struct task *t);

/* Read memory.pressure of a cgroup. */
struct psi_pressure psi_show(struct kernel *k, u32 memcg);

/* The monitor looks at all cgroups. */
void psi_sample(struct kernel *k);
/* What it knows of one. ns. */
static inline u64 psi_sampled(const struct kernel *k, u32 memcg, enum psi_state s)
{
	return k->psi[memcg].total[PSI_MONITOR][s];
}

/* folio_wait_bit_common(): waiting for a page to be read that was in use when it was evicted. */
static inline bool folio_wait_is_stall(const struct kernel *k, u32 folio)
{
	u16 flags = k->folio[folio].flags;

	return k->folio_io[folio].lock && !(flags & FOLIO_UPTODATE) && flags & FOLIO_WORKINGSET;
}

/* A fault of cgroup @memcg is about to wait for a folio if that is locked. Returns whether the time until
 * folio_wait_end() is a memory stall. */
static inline bool folio_wait_begin(struct kernel *k, struct task *t, u32 folio, u32 memcg)
{
	bool stalled = folio_wait_is_stall(k, folio);

	if (stalled)
		psi_memstall_enter(k, t);
	if (k->folio_io[folio].lock)
		count_memcg(k, memcg, FOLIO_LOCK_WAITS, 1);
	return stalled;
}
static inline void folio_wait_end(struct kernel *k, struct task *t, bool stalled)
{
	if (stalled)
		psi_memstall_leave(k, t);
}

#endif
