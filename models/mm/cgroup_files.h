/*
 * cgroup_files.h - what is written to files of a cgroup while the machine runs (mm/memcontrol.c:
 * memory_max_write(), memory_high_write(), memory_reclaim(); 6.12-6.18, cgroup v2).
 *
 * Each write is the work of a task of its own, outside of all limited cgroups, which begins at its time and
 * ends with it; its reclaim is no memory stall. memory.max: as long as usage is above, the stocks of CPUs are
 * returned, then pages reclaimed, and after 16 vain attempts the OOM killer is called. memory.high: the same
 * without the killer. memory.reclaim: a quarter of what is missing at a time, given up (EAGAIN) after 17 vain
 * attempts; protection counts. The other files only say what holds from then on.
 *
 * Left out: swappiness and nodes of memory.reclaim, its drain of other CPUs' batches in the last attempt,
 * vmpressure.
 */
#ifndef MODELS_MM_CGROUP_FILES_H
#define MODELS_MM_CGROUP_FILES_H

#include "models/kernel.h"

enum cgroup_file {
	CGROUP_MEMORY_MIN,
	CGROUP_MEMORY_LOW,
	CGROUP_MEMORY_HIGH,
	CGROUP_MEMORY_MAX,
	CGROUP_MEMORY_RECLAIM,
	CGROUP_MEMORY_SWAP_HIGH,
	CGROUP_MEMORY_SWAP_MAX,
	CGROUP_MEMORY_ZSWAP_MAX,
	NR_CGROUP_FILES
};
extern const char *const cgroup_file_name[NR_CGROUP_FILES];

struct cgroup_write {
	u64 time_ns;
	u64 pages; /* PAGE_COUNTER_MAX: "max" */
	u32 memcg;
	enum cgroup_file file;
};

/* Those of the configuration are due from now on. */
void cgroup_writes_start(struct kernel *k);

#endif
