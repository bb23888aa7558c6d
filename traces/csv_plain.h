/*
 * csv_plain.h - lines of CSV that are numbers of up to seven digits and one of R W X U: nearly all lines of
 * page accesses. They are read without asking of each byte what it is; every other line is the caller's.
 */
#ifndef TRACES_CSV_PLAIN_H
#define TRACES_CSV_PLAIN_H

#include "traces/csv_columns.h"

struct csv_line {
	u64 place; /* page number, or key to be numbered */
	u64 count;
	s64 stride;
	u64 when;
	enum trace_op op;
	u64 bytes;
	u32 space; /* of its device and object */
	bool skip; /* neither read nor written */
};

/* Whether a line is as many numbers as there are columns, and one of R W X U. */
bool csv_plain(const struct csv_columns *columns);
/* Takes the line of such columns at `at`, up to its '\n'. False: it is another, and `at` has not moved. */
bool csv_plain_line(const struct csv_columns *columns, struct text *text, struct csv_line *line);

/* Whether the columns are page,op,count,stride,gap, as they are exported: a line is a run as it stands. */
bool csv_plain_exported(const struct csv_columns *columns);
/* Takes such lines, the first of which begins at `at`, as far as they are in memory, but no more than @max.
 * Goes on up to the '\n' of the last. How many there were. */
u32 csv_plain_runs(struct text *text, struct trace_run *runs, u32 max);

#endif
