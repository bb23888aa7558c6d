/*
 * race_timed.h - what it takes for a race to happen in time: the delays that bring about its interleaving.
 *
 * The scenario runs under the timed driver, from setup on, with everybody as fast as the CPU profile has it.
 * First the constraints of the schedule hold tasks up for as long as they have to; then fixed delays of that
 * length take their place, and each is shortened, the others as they are, to the shortest with which the same
 * invariant still fails. That is a lower bound on what somebody has to wait for there - a sleeping
 * allocation, an interrupt, a preempted vCPU - on a machine as fast as the profile, and where to put a delay
 * to provoke the race on a real one.
 */
#ifndef MODELS_RACE_TIMED_H
#define MODELS_RACE_TIMED_H

#include "models/scenario.h"
#include "sim/schedule_timed.h"

struct race_timing {
	struct race_result held;    /* with the constraints */
	struct race_result delayed; /* with delays in their place; as above if none was needed */
	GArray *delay;		    /* of struct schedule_delay: the shortest, .ns 0 where none is needed */
	GArray *step;		    /* of char *: "path.STEP" of each, */
	GArray *end;		    /* and what it has to outlast: "until B is done with ..." */
};

/* False and ERROR_SCENARIO when it cannot be built. @kernel NULL: the scenario's. */
bool race_time(const struct scenario *s, const char *kernel, u64 seed, struct race_timing *timing,
	       GError **error);
void race_timing_release(struct race_timing *t);

#endif
