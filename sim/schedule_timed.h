/*
 * schedule_timed.h - the same constraints in virtual time: how long somebody has to be held up for the
 * interleaving to happen.
 *
 * Under the timed driver everybody goes as fast as steps cost. Whom a constraint holds is held up at that
 * step
 * - asleep where the kernel may sleep or be preempted there, otherwise keeping its CPU, as mdelay() would -
 * until the constraint lets it go; how long that took is what it needs. Then the constraints can be replaced
 * by those delays, and shortened: see schedule_delay.
 */
#ifndef SIM_SCHEDULE_TIMED_H
#define SIM_SCHEDULE_TIMED_H

#include "sim/schedule.h"

/* The task is held up when it is about to do this step for the nth time since the schedule began. */
struct schedule_delay {
	u32 task;
	u16 path;
	u16 pc;
	u32 nth;
	u32 asleep; /* not keeping its CPU */
	u64 ns;
	u32 constraint; /* that held it up */
	u32 pad;
};

struct timed_options {
	u64 seed;
	u64 most_ns; /* of virtual time */
	holds_fn *holds;
	bool asleep; /* who is parked in a window or path is held up only where it may sleep there */
	/* Whether the task's setup is over and it is about to do what the schedule is about. */
	bool (*is_ready)(const struct machine *m, u32 task);
	/* Of struct schedule_delay: in place of the constraints, but for what nature decides. NULL: the
	 * constraints.
	 */
	const GArray *instead;
};

/* Runs a machine that has not begun, to a verdict. @delays (may be NULL) gets what was held up, in the order
 * in which it was let go. Infeasible: somebody is held up for ever. */
void schedule_run_timed(struct machine *m, const struct schedule *s, const struct timed_options *options,
			GArray *delays, struct race_result *result);

#endif
