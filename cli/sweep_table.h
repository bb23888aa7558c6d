/*
 * sweep_table.h - the table of a sweep: a row a point, as texts, which is what sweep.csv holds.
 *
 * Columns: point (from 0), kernel, seed, an axis each under its path (kernel and seed not again), curve (the
 * values of all axes but seed and the first memory limit, for plots), value_percent (that limit in percent of
 * the data), outcome, reason, counts, events (fingerprints), footprint_pages, then the figures. Figures are
 * empty where there are none.
 */
#ifndef CLI_SWEEP_TABLE_H
#define CLI_SWEEP_TABLE_H

#include "cli/sweep_part.h"
#include "cli/sweep_plan.h"
#include "cli/table.h"

struct sweep_table {
	char **column; /* ends with NULL */
	u32 columns;
	GPtrArray *row; /* of char **, as many as columns, in the order of points */
};

/* Of a shard's points that have a result; sweep_table_release(). */
void sweep_table_init(struct sweep_table *t, const struct sweep_plan *plan,
		      const struct sweep_results *results, struct sweep_shard shard);
/* What sweep.csv of a folder holds; ERROR_IO. */
bool sweep_table_load(struct sweep_table *t, const char *path, GError **error);
/* Adds the rows of @from; ERROR_USAGE when it has other columns. Then sort. */
bool sweep_table_join(struct sweep_table *t, const struct sweep_table *from, GError **error);
/* By points, each once; ERROR_USAGE when a point has two different rows. */
bool sweep_table_sort(struct sweep_table *t, GError **error);
void sweep_table_release(struct sweep_table *t);

u32 sweep_table_column(const struct sweep_table *t, const char *name); /* columns when there is none */
const char *sweep_table_cell(const struct sweep_table *t, u32 row,
			     const char *column); /* "" when there is none */

/* ---- what is printed and written: sweep_report.c; the caller frees it ---- */

char *sweep_table_csv(const struct sweep_table *t);
/* For people (text, Markdown): medians over seeds, a row a combination of the other axes. For programs: all.
 * @figures (keys, ends with NULL) replace those that people see, and are all that programs get; NULL. */
char *sweep_table_write(const struct sweep_table *t, const char *const *figures, enum table_format format);
/* A line a point that has no figures, or none that mean much. */
char *sweep_table_reasons(const struct sweep_table *t);

#endif
