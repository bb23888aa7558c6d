/*
 * comparison.h - one scenario on several kernels, over seeds and over the values of one swept parameter.
 */
#ifndef CLI_COMPARISON_H
#define CLI_COMPARISON_H

#include "cli/arguments.h"
#include "cli/batch.h"
#include "cli/figure.h"
#include "cli/interval.h"
#include "cli/table.h"

struct comparison_request {
	const char *file;
	const char *const *sets; /* "path=value", or NULL */
	char **kernels;		 /* ends with NULL; NULL: the scenario's own */
	struct seeds seeds;
	char **figures;		       /* keys of those to be shown, ends with NULL; NULL: all */
	const char *const *conditions; /* for comparison_check(); NULL: none */
	const char *sweep;	       /* "path=v1,v2,...", or NULL */
	enum ties ties;
	u32 jobs;
	bool quiet;
};

struct comparison {
	struct scenario **scenario; /* [value] */
	char **kernel;
	u64 *seed;
	char *sweep;   /* path, or NULL */
	char **value;  /* [value], with sweep */
	char **label;  /* [run] */
	char **shown;  /* figures; NULL: all */
	char **wanted; /* all that are asked for by name */
	u32 kernels, seeds, values;
	struct batch batch;
	GArray **figures; /* [run], of struct figure; NULL: not run */
};

/* Reads the scenario with every value. ERROR_USAGE for figures that there are not, and conditions that are
 * none. Release it in any case. */
bool comparison_init(struct comparison *c, const struct comparison_request *request, GError **error);
bool comparison_go(struct comparison *c, GError **error);
void comparison_release(struct comparison *c);

static inline u32 comparison_index(const struct comparison *c, u32 value, u32 kernel, u32 seed)
{
	return (value * c->kernels + kernel) * c->seeds + seed;
}

/* Over the seeds that were run to their end: all 0 if none was. */
struct spread {
	u32 seeds;  /* that were */
	u64 median; /* the lower one of two */
	u64 lowest;
	u64 highest;
};
struct spread comparison_spread(const struct comparison *c, u32 value, u32 kernel, u32 figure);
/* What a kernel has more than the first one, seed by seed, over the seeds that both were run with. */
struct interval comparison_change(const struct comparison *c, u32 value, u32 kernel, u32 figure);
/* "more", "less", "no difference", "equal" (seed by seed), or "" where it is not sure. */
const char *comparison_change_name(const struct interval *change);

/* How many were run to their end. */
u32 comparison_whole_runs(const struct comparison *c);

/* Whether it is one of those that the request names. */
bool comparison_shows(const struct comparison *c, const char *key);

/* Of figures, all alike: the first run that has some. NULL if no run has. */
const GArray *comparison_figures(const struct comparison *c);

/* ---- what is printed and written: comparison_report.c ---- */

/* For people (text, Markdown) or programs (CSV, JSON); the caller frees it. */
char *comparison_write(const struct comparison *c, enum table_format format);
/* Every figure, as CSV, whatever is shown. The caller frees it. */
char *comparison_csv(const struct comparison *c);
/* The first kernel beside another, with the change and its interval: comparison_letter.c; table_free(). */
struct table *comparison_letter(const struct comparison *c, u32 kernel);
/* A row a run: kernel, seed, value, ..., then all figures. The caller frees it. */
char *comparison_runs_csv(const struct comparison *c);
/* series.csv of the first seed of every kernel, with a column "kernel" before it. The caller frees it. */
char *comparison_series_csv(const struct comparison *c);
/* Whether kernels count the same events, and why they should; one sentence a line, none when it was
 * interrupted. The caller frees it. */
char *comparison_verdict(const struct comparison *c);

/* True when no condition "FIGURE>NUMBER[%]" or "FIGURE<NUMBER[%]" of the request's holds of a median; percent
 * are of the first kernel's median. ERROR_THRESHOLD naming the first that holds. */
bool comparison_check(const struct comparison *c, const char *const *conditions, GError **error);
/* The figure that a condition is about, the caller frees it; NULL and ERROR_USAGE for what is none. */
char *comparison_condition_key(const char *condition, GError **error);

#endif
