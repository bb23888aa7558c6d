/*
 * table.h - rows of cells, written as an aligned table, Markdown, CSV (quoted as RFC 4180 says, lines end in
 * LF) or JSON (a list of objects whose keys are the names of the columns).
 *
 * Cells are appended from left to right; a row is full before the next begins. Texts are copied.
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <glib.h>

#include "sim/types.h"

enum table_format { TABLE_TEXT, TABLE_MARKDOWN, TABLE_CSV, TABLE_JSON };
/* What a mail takes: a longer last column of text is wrapped to it. */
enum { TABLE_WIDTH = 100 };

enum table_align { TABLE_LEFT, TABLE_RIGHT };

struct table;

struct table *table_new(void);
void table_free(struct table *t);

/* Before the first cell. */
void table_column(struct table *t, const char *name, enum table_align align);
void table_text(struct table *t, const char *text);
void table_printf(struct table *t, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* Digits; a number in JSON, too. */
void table_number(struct table *t, u64 value);
void table_signed(struct table *t, s64 value);
/* Nothing: empty, null in JSON. */
void table_none(struct table *t);
/* A heading above the next row; only people see it (text and Markdown). */
void table_heading(struct table *t, const char *text);

/* Columns of the widest row in characters, as text. */
u32 table_width(const struct table *t);
/* Ends in a newline; the caller frees it. */
char *table_write(const struct table *t, enum table_format format);

/* Appends a field of CSV, quoted where it has to be. */
void csv_field(GString *out, const char *text);

#endif
