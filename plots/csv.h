/*
 * csv.h - reads the CSV files of a result folder into memory: a line of names, then rows of as many fields.
 * Quotes as in RFC 4180; lines end in LF or CRLF.
 */
#ifndef PLOTS_CSV_H
#define PLOTS_CSV_H

#include <glib.h>

#include "sim/types.h"

struct csv {
	char **cell; /* [row * columns + column]; row 0 holds the names */
	u32 columns;
	u32 rows; /* without the names */
};

/* ERROR_IO when it cannot be read or is no such table. */
struct csv *csv_load(const char *path, GError **error);
void csv_free(struct csv *csv);

/* False and ERROR_IO when there is no column of that name. */
bool csv_column(const struct csv *csv, const char *path, const char *name, u32 *column, GError **error);

static inline const char *csv_cell(const struct csv *csv, u32 row, u32 column)
{
	return csv->cell[(row + 1) * csv->columns + column];
}
/* Digits up to the first other character; 0 if there are none. */
u64 csv_number(const struct csv *csv, u32 row, u32 column);
/* A whole number and nothing else, or false and ERROR_IO with the line it is missing in. */
bool csv_whole(const struct csv *csv, const char *path, u32 row, u32 column, u64 *value, GError **error);
/* Digits in tenths: 47.5 is 475, 47 is 470. */
u64 csv_tenths(const struct csv *csv, u32 row, u32 column);

/* A field, in quotes where it needs them. */
void csv_append(GString *out, const char *text);

#endif
