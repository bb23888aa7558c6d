/*
 * replay.h - a row's workload on the modelled kernel.
 */
#ifndef TESTS_FIDELITY_REPLAY_H
#define TESTS_FIDELITY_REPLAY_H

#include "models/kernel.h"
#include "tests/fidelity/rows.h"

enum phase { PHASE_RUN, PHASE_ALL, PHASES };

struct replay {
	u64 count[PHASES][NR_COUNTERS];
	u64 peak_bytes;
	u64 swap_peak_bytes;
	bool killed; /* by the cgroup's OOM killer */
};

/* Every how many simulated ns memory.stat was read while a row was recorded. */
u64 replay_monitor_ns(const struct row *row);
/* Whether there is a stream or a generator for a row's pattern. */
bool replay_knows(const struct row *row, const char *streams);
/* Run a row's workload on @release, with its patches. @monitor_ns: how often somebody reads memory.stat, 0
 * never. @streams: the folder of the recorded access streams. */
bool replay_run(struct replay *replay, const struct row *row, const char *release, u64 seed, u64 monitor_ns,
		const char *streams, GError **error);

#endif
