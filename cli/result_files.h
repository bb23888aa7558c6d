/*
 * result_files.h - the files of a result folder, as text. docs/results.md describes them; the schemas of the
 * JSON files are in docs/schema.
 *
 * They depend on the scenario, the release and the seed alone: no date, no host, no path.
 */
#ifndef CLI_RESULT_FILES_H
#define CLI_RESULT_FILES_H

#include "cli/arguments.h"
#include "cli/batch.h"

/* The caller frees what these return. */
char *summary_json(const struct scenario *s, const struct run_result *r);
char *series_csv(const struct run_result *r);
char *cgroups_csv(const struct run_result *r);
/* What the OOM killer did, a line a kill. */
char *oom_csv(const struct run_result *r);
/* Of several runs of one kernel: their sum. */
char *hist_csv(const struct histogram *latency);
/* A line a sample and cluster. */
char *slots_csv(const struct run_result *r);
/* What refaults were judged by. */
char *hist_pages_csv(const struct histogram *refault);

/* What a folder is: which command wrote it, of which scenario, and the fingerprint of every run in it. */
struct manifest {
	const char *command;
	const struct scenario *scenario;
	const struct batch *batch;
	const char *sweep;		/* path of the parameter that was swept, or NULL */
	const char *const *sweep_value; /* [run], with sweep */
	bool complete;
};
char *manifest_json(const struct manifest *m);
/* Of a folder that is not of one scenario: it has the folder's name, and @hash is of what it was made from.
 */
char *seeds_manifest_json(const char *command, const char *folder, u64 hash, const struct seeds *seeds,
			  bool complete);

/* What every manifest.json begins with. */
struct json_emit;
void emit_manifest_head(struct json_emit *emit, const char *command, const char *scenario, u64 scenario_hash);
/* The same of a scenario, with its work and its devices in words. */
void emit_manifest_scenario(struct json_emit *emit, const char *command, const struct scenario *s);
/* A 64-bit number that no reader of JSON may round. */
void emit_hash(struct json_emit *emit, const char *key, u64 hash);

#endif
