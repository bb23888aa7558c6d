/*
 * diff_rows.h - what two results differ in, value by value.
 *
 * A value has a section ("scenario", "run", "phases", "locks", ...), in some sections an object (a phase, a
 * cgroup, a lock), and a name. Rows come in the order of the first result; what only the second one has
 * follows.
 */
#ifndef CLI_DIFF_ROWS_H
#define CLI_DIFF_ROWS_H

#include <cjson/cJSON.h>

#include "cli/table.h"

struct diff_row {
	char *section;
	char *object; /* "" for none */
	char *name;
	char *a; /* NULL: it has none */
	char *b;
	bool numbers; /* both are whole numbers, x and y */
	u64 x, y;
};

/* Of struct diff_row. */
GArray *diff_rows_new(void);
void diff_rows_free(GArray *rows);

/* Scenarios: every value by its path, as --set takes it. */
void diff_scenarios(GArray *rows, const cJSON *a, const cJSON *b);
/* Of summary.json: every figure. */
void diff_summaries(GArray *rows, const cJSON *a, const cJSON *b);
/* Of series.csv: the columns of the first row that differs. */
void diff_series(GArray *rows, const char *a, const char *b);
/* Of hist.csv: the first bucket of each histogram that differs. */
void diff_histograms(GArray *rows, const char *a, const char *b);
/* One value that is the same in all of a file: nothing is added if it is equal. */
void diff_value(GArray *rows, const char *section, const char *name, const char *a, const char *b);

/* For people headings tell sections and objects, for programs columns do. */
struct table *diff_rows_table(const GArray *rows, enum table_format format);

#endif
