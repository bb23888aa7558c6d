/*
 * sweep_go.h - runs the points of a sweep that have no result yet.
 */
#ifndef CLI_SWEEP_GO_H
#define CLI_SWEEP_GO_H

#include "cli/sweep_part.h"
#include "cli/sweep_plan.h"

struct sweep_go {
	const struct sweep_plan *plan;
	struct sweep_results *results;
	struct sweep_shard shard;
	const char *const *figures; /* those of cgroups among them are kept, too; NULL */
	u32 jobs;		    /* as of a batch */
	bool progress;
	bool interrupted; /* out */
};

/* Points that cannot be run are results, too. ERROR_IO when results cannot be kept, or are there with
 * other figures. */
bool sweep_go(struct sweep_go *go, GError **error);

#endif
