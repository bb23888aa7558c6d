/*
 * cgroups.h - cgroups.csv and oom.csv of a result folder: what every cgroup but the root used and might use
 * at each sample, and who was killed.
 */
#ifndef PLOTS_CGROUPS_H
#define PLOTS_CGROUPS_H

#include <glib.h>

#include "sim/types.h"

#define CGROUP_NO_LIMIT UINT64_MAX

enum cgroup_value {
	CGROUP_MEMORY, /* bytes; limits may be CGROUP_NO_LIMIT */
	CGROUP_MEMORY_MAX,
	CGROUP_SWAP,
	CGROUP_SWAP_MAX,
	CGROUP_SOME_NS,
	CGROUP_FULL_NS,
	CGROUP_NEEDED, /* older folders have no more; then there is no limit, no protection, and nothing done
			*/
	CGROUP_HIGH = CGROUP_NEEDED,
	CGROUP_LOW,
	CGROUP_ACCESSES, /* these two so far */
	CGROUP_MAJOR_FAULTS,
	CGROUP_VALUES
};
/* Its column in cgroups.csv. */
extern const char *const cgroup_value_name[CGROUP_VALUES];

struct cgroups {
	char **name; /* ends with NULL */
	u32 n;
	u64 *time; /* [samples], ascending */
	u32 samples;
	bool has_progress;	     /* accesses and major faults */
	u64 (*value)[CGROUP_VALUES]; /* [sample * n + cgroup] */
};

/* Two samples at least unless there is no cgroup. ERROR_IO, also when a sample is not whole. */
struct cgroups *cgroups_load(const char *folder, GError **error);
void cgroups_free(struct cgroups *c);

static inline const u64 *cgroup_at(const struct cgroups *c, u32 sample, u32 cgroup)
{
	return c->value[sample * c->n + cgroup];
}

struct oom_kill {
	u64 time_ns;
	char *cgroup;  /* whose limit it was */
	char *process; /* or the task's name where it has none */
	u64 bytes;     /* anonymous memory and swap */
};

/* Of struct oom_kill, in order of time; ERROR_IO. g_array_unref() frees it all. */
GArray *oom_kills_load(const char *folder, GError **error);

#endif
