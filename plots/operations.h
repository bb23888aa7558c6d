/*
 * operations.h - what a run wrote to files of its cgroups, as scenario.json of a result folder has it.
 */
#ifndef PLOTS_OPERATIONS_H
#define PLOTS_OPERATIONS_H

#include <glib.h>

#include "sim/types.h"

struct operation {
	u64 time_ns;
	char *cgroup;
	char *text; /* "memory.max 32MiB" */
};

/* Of struct operation, in order of time; empty when the folder has no scenario, or that no operations.
 * g_array_unref() frees it all. */
GArray *operations_load(const char *folder);

#endif
