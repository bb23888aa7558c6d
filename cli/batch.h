/*
 * batch.h - many runs, several at once; each is a machine of its own, so the order in which they end changes
 * no result.
 *
 * SIGINT or SIGTERM ends a batch: runs that have begun are cut short and marked incomplete, the others have
 * no result.
 */
#ifndef CLI_BATCH_H
#define CLI_BATCH_H

#include "models/run.h"

struct batch_run {
	const struct scenario *scenario;
	struct build_options options;
	const char *label; /* for messages: "6.18, seed 3"; NULL for none */
	struct run_result *result;
	GError *failure; /* with tolerant: why there is no result */
};

struct batch {
	struct batch_run *run;
	u32 runs;
	u32 jobs;	  /* at once; 0: one per processor */
	bool progress;	  /* tell people how far it is (progress.h) */
	const char *what; /* it is of, for that; NULL for nothing */
	bool tolerant;	  /* go on when a machine cannot run on (ERROR_SCENARIO: out of memory) */
	bool interrupted; /* out */

	/*
	 * For whoever has more runs than fit in memory: never called by two threads at once, NULL for none.
	 * begin comes before a run and sets its scenario; it fails as the run does. end comes after it, and
	 * may take result and failure; it fails when nothing further is to be run.
	 */
	bool (*begin)(struct batch_run *run, u32 index, void *data, GError **error);
	bool (*end)(struct batch_run *run, u32 index, void *data, GError **error);
	void *hook_data;
};

/* False and the error of the first run, by number, that failed; with tolerant only if no run has a result.
 * Results are the caller's to free. */
bool batch_go(struct batch *b, GError **error);
void batch_release_results(struct batch *b);

#endif
