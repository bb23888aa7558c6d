/*
 * cgroup_stat.h - the files of a cgroup as `grep -H . memory.*` shows them.
 */
#ifndef CLI_CGROUP_STAT_H
#define CLI_CGROUP_STAT_H

#include "models/run.h"

/* Sizes in bytes, as the kernel writes them. memory.stat has the fields that something here counts. The
 * caller frees it. */
char *cgroup_stat(const struct run_result *r, u32 memcg);

#endif
