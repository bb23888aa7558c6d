/*
 * sweep_folder.h - what a sweep leaves behind, and the joining of shards.
 */
#ifndef CLI_SWEEP_FOLDER_H
#define CLI_SWEEP_FOLDER_H

#include "cli/folder.h"
#include "cli/sweep_table.h"

/* manifest.json of a sweep. */
struct sweep_manifest {
	char *scenario;
	u64 scenario_hash;
	char *workload;
	char *devices;
	u64 plan; /* hash of the keys of all points */
	u32 points;
	struct sweep_shard shard;
	bool complete;
	struct sweep_axis *axis; /* path and values only */
	u32 axes;
};

void sweep_manifest_init(struct sweep_manifest *m, const struct sweep_plan *plan);
/* ERROR_IO when the folder is none of a sweep. Release it in any case. */
bool sweep_manifest_load(struct sweep_manifest *m, const char *folder, GError **error);
void sweep_manifest_release(struct sweep_manifest *m);

/* Whether a folder is of this sweep and was left incomplete, so that going on may replace it. */
bool sweep_folder_unfinished(const char *folder, u64 plan);

/* Writes scenario.json, sweep.csv and manifest.json, and finishes the folder. */
bool sweep_folder_fill(struct folder *folder, const char *effective, const struct sweep_manifest *m,
		       const struct sweep_table *t, GError **error);

#endif
