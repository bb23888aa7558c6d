/*
 * published_rows.h - what was published of two kernels on the same machine, and the scenario that is to show
 * it: the rows of rows.csv in a folder of scenarios.
 *
 * Columns: scenario (a file NAME.json beside it; empty: none can show it), figure (as of swapsim list
 * figures), first, second (releases), what (in words, with its unit), before, after (decimal numbers),
 * source (message id), date, seeds (that it takes at least; empty: as many as others), note (a sentence on
 * what to expect, or why nothing is run).
 */
#ifndef CLI_PUBLISHED_ROWS_H
#define CLI_PUBLISHED_ROWS_H

#include "plots/csv.h"

struct published_row {
	const char *scenario, *figure;
	const char *kernel[2];
	const char *what;
	const char *text[2]; /* what was published, as it was */
	const char *source, *date, *note;
	s64 change; /* published: of the first, in millionths */
	u32 seeds;  /* 0: as many as others */
	u32 line;   /* of the file */
};

struct published_rows {
	struct csv *csv;
	char *folder;
	GArray *row; /* of struct published_row */
};

/* ERROR_IO or, for what a row may not have, ERROR_SCENARIO with the line. Release them in any case. */
bool published_rows_load(struct published_rows *rows, const char *folder, GError **error);
void published_rows_release(struct published_rows *rows);

static inline const struct published_row *published_row_at(const struct published_rows *rows, u32 i)
{
	return &g_array_index(rows->row, struct published_row, i);
}

/* The change from one number to another, in millionths of the first, which is not 0. */
s64 change_in_millionths(u64 before, u64 after);

#endif
