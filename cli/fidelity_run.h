/*
 * fidelity_run.h - measured rows, and what was predicted for each.
 *
 * Phases of the same runs are one case: it is run once with every seed.
 */
#ifndef CLI_FIDELITY_RUN_H
#define CLI_FIDELITY_RUN_H

#include "cli/arguments.h"
#include "cli/fidelity_scenario.h"

/* Of one row, with each seed in turn. In tenths. */
struct fidelity_prediction {
	s64 median, least, most;
};

struct fidelity_case {
	const struct fidelity_row **row; /* its phases */
	u32 rows;
	char *text;   /* its scenario; NULL: it is not run */
	char *reason; /* for that */
	struct scenario *scenario;
	u32 ended;  /* runs */
	u32 killed; /* of them ended in an OOM kill that no run of the kernel ended in */
	u32 kept;   /* others */
	s64 *value; /* [kept][row][figure] */
};

struct fidelity_run {
	const struct fidelity_rows *rows;
	struct fidelity_setup setup;
	struct seeds seeds;
	const char *const *sets; /* applied to every scenario; NULL for none */
	u32 jobs;
	bool progress;
	GArray *cases;
	bool interrupted;
};

/* What rows are selected by. */
enum fidelity_selector {
	FIDELITY_BY_KERNEL,
	FIDELITY_BY_PATTERN,
	FIDELITY_BY_DEVICE,
	FIDELITY_BY_NUMBER,
	NR_FIDELITY_SELECTORS
};

/* Which rows: those that have one of the names of each kind; NULL: any. Lists end with NULL. */
struct fidelity_selection {
	char **names[NR_FIDELITY_SELECTORS];
};

/* Whether there is a row that a name selects. */
bool fidelity_rows_have(const struct fidelity_rows *rows, enum fidelity_selector by, const char *name);

/* Finds the cases and their scenarios. */
bool fidelity_run_init(struct fidelity_run *run, const struct fidelity_rows *rows,
		       const struct fidelity_selection *selection, GError **error);
bool fidelity_run_go(struct fidelity_run *run, GError **error);
void fidelity_run_release(struct fidelity_run *run);

/* False if no run has the figure: all were killed, or it was not run. @row: of the case, from 0. */
bool fidelity_predicted(const struct fidelity_case *c, u32 row, u32 figure,
			struct fidelity_prediction *prediction);

static inline struct fidelity_case *fidelity_case_at(const struct fidelity_run *run, u32 i)
{
	return &g_array_index(run->cases, struct fidelity_case, i);
}

#endif
