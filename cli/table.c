#include "cli/table.h"

#include <string.h>

#include "sim/json_emit.h"

enum { ROOM_LEAST = 24, ROOM_BETWEEN = 22 }; /* of a last column that is wrapped, and of others */

enum cell_kind { CELL_TEXT, CELL_NUMBER, CELL_NONE };

struct cell {
	char *text;
	enum cell_kind kind;
};

struct column {
	char *name;
	enum table_align align;
};

struct heading {
	u32 row;
	char *text;
};

struct table {
	GArray *columns;
	GArray *cells;
	GArray *headings;
};

static void column_clear(void *column)
{
	g_free(((struct column *)column)->name);
}

static void cell_clear(void *cell)
{
	g_free(((struct cell *)cell)->text);
}

static void heading_clear(void *heading)
{
	g_free(((struct heading *)heading)->text);
}

struct table *table_new(void)
{
	struct table *t = g_new(struct table, 1);

	t->columns = g_array_new(FALSE, FALSE, sizeof(struct column));
	t->cells = g_array_new(FALSE, FALSE, sizeof(struct cell));
	t->headings = g_array_new(FALSE, FALSE, sizeof(struct heading));
	g_array_set_clear_func(t->columns, column_clear);
	g_array_set_clear_func(t->cells, cell_clear);
	g_array_set_clear_func(t->headings, heading_clear);
	return t;
}

void table_free(struct table *t)
{
	if (!t)
		return;
	g_array_free(t->columns, TRUE);
	g_array_free(t->cells, TRUE);
	g_array_free(t->headings, TRUE);
	g_free(t);
}

void table_column(struct table *t, const char *name, enum table_align align)
{
	struct column column = { g_strdup(name), align };

	BUG_ON(t->cells->len);
	g_array_append_val(t->columns, column);
}

static void append(struct table *t, char *text, enum cell_kind kind)
{
	struct cell cell = { text, kind };

	BUG_ON(!t->columns->len);
	g_array_append_val(t->cells, cell);
}

void table_text(struct table *t, const char *text)
{
	append(t, g_strdup(text), CELL_TEXT);
}

void table_printf(struct table *t, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	append(t, g_strdup_vprintf(format, arguments), CELL_TEXT);
	va_end(arguments);
}

void table_number(struct table *t, u64 value)
{
	append(t, g_strdup_printf("%" G_GUINT64_FORMAT, value), CELL_NUMBER);
}

void table_signed(struct table *t, s64 value)
{
	append(t, g_strdup_printf("%" G_GINT64_FORMAT, value), CELL_NUMBER);
}

void table_none(struct table *t)
{
	append(t, g_strdup(""), CELL_NONE);
}

static u32 row_count(const struct table *t)
{
	BUG_ON(t->cells->len % t->columns->len);
	return t->cells->len / t->columns->len;
}

void table_heading(struct table *t, const char *text)
{
	struct heading heading = { row_count(t), g_strdup(text) };

	g_array_append_val(t->headings, heading);
}

static const struct column *column_at(const struct table *t, u32 column)
{
	return &g_array_index(t->columns, struct column, column);
}

static const struct cell *cell_at(const struct table *t, u32 row, u32 column)
{
	return &g_array_index(t->cells, struct cell, row * t->columns->len + column);
}

static const char *heading_at(const struct table *t, u32 row)
{
	for (u32 i = 0; i < t->headings->len; i++)
		if (g_array_index(t->headings, struct heading, i).row == row)
			return g_array_index(t->headings, struct heading, i).text;
	return NULL;
}

static u32 letters(const char *text)
{
	return (u32)g_utf8_strlen(text, -1);
}

static u32 column_width(const struct table *t, u32 column)
{
	u32 width = letters(column_at(t, column)->name);

	for (u32 row = 0; row < row_count(t); row++)
		width = MAX(width, letters(cell_at(t, row, column)->text));
	return width;
}

u32 table_width(const struct table *t)
{
	u32 width = 0;

	for (u32 i = 0; i < t->columns->len; i++)
		width += column_width(t, i) + 2 * (i > 0);
	return width;
}

static void pad(GString *out, const char *text, u32 width, enum table_align align)
{
	u32 blanks = width - letters(text);

	if (align == TABLE_LEFT)
		g_string_append(out, text);
	for (u32 i = 0; i < blanks; i++)
		g_string_append_c(out, ' ');
	if (align == TABLE_RIGHT)
		g_string_append(out, text);
}

/* A column may be long: its words, or values with a bar between them, go on below one another. Returns what
 * is left for the next line. */
static const char *wrapped(GString *out, const char *text, u32 width)
{
	size_t end = strlen(text);

	if (letters(text) <= width) {
		g_string_append(out, text);
		return text + end;
	}
	end = (size_t)(g_utf8_offset_to_pointer(text, width + 1) - text);
	while (end && text[end - 1] != ' ' && (text[end - 1] != '|' || end > width))
		end--;
	if (!end)
		end = strcspn(text, " ");
	g_string_append_len(out, text, (gssize)end);
	return text + end + strspn(text + end, " ");
}

/* The same of a column; numbers are not wrapped. */
static const char *write_cell(const struct table *t, GString *out, u32 column, const char *text, u32 width)
{
	GString *cell = g_string_new(NULL);
	const char *rest = "";

	if (column_at(t, column)->align == TABLE_RIGHT)
		g_string_append(cell, text);
	else
		rest = wrapped(cell, text, width);
	while (cell->len && cell->str[cell->len - 1] == ' ')
		g_string_truncate(cell, cell->len - 1);
	pad(out, cell->str, MAX(width, letters(cell->str)), column_at(t, column)->align);
	g_string_free(cell, TRUE);
	return rest;
}

static void end_line(GString *out)
{
	while (out->len && out->str[out->len - 1] == ' ')
		g_string_truncate(out, out->len - 1);
	g_string_append_c(out, '\n');
}

/* row -1 holds the names of the columns. */
static const char *text_at(const struct table *t, int row, u32 column)
{
	return row < 0 ? column_at(t, column)->name : cell_at(t, (u32)row, column)->text;
}

/* What is left of a column goes on in the next line. */
static void write_row(const struct table *t, GString *out, int row, const u32 *width)
{
	u32 last = t->columns->len - 1;
	const char **rest = g_new(const char *, last + 1);
	bool more;

	for (u32 i = 0; i <= last; i++)
		rest[i] = text_at(t, row, i);
	do {
		more = false;
		for (u32 i = 0; i < last; i++) {
			rest[i] = write_cell(t, out, i, rest[i], width[i]);
			g_string_append(out, "  ");
			more |= *rest[i] != 0;
		}
		rest[last] = write_cell(t, out, last, rest[last], width[last]);
		end_line(out);
	} while (more || *rest[last]);
	g_free(rest);
}

/* Of the words of a column, and of values with a bar after them, the longest. */
static u32 longest_word(const struct table *t, u32 column)
{
	u32 longest = 0;

	for (u32 row = 0; row < row_count(t); row++) {
		const char *text = cell_at(t, row, column)->text;

		while (*text) {
			size_t n = strcspn(text, " |");

			n += text[n] != 0;
			longest = MAX(longest, (u32)n);
			text += n;
		}
	}
	return longest;
}

/* As wide as the columns are, but not wider than a mail if words can be wrapped: first those of the last
 * column, then those between. */
static u32 *widths_of(const struct table *t)
{
	u32 last = t->columns->len - 1, before = 0;
	u32 *width = g_new(u32, last + 1);

	for (u32 i = 0; i <= last; i++)
		width[i] = column_width(t, i);
	if (column_at(t, last)->align == TABLE_RIGHT)
		return width;
	for (u32 i = 0; i < last; i++)
		before += width[i] + 2;
	for (u32 i = 1; i < last && before + ROOM_LEAST > TABLE_WIDTH; i++) {
		u32 least = MAX(ROOM_BETWEEN, longest_word(t, i));
		u32 most = column_at(t, i)->align == TABLE_LEFT ? MIN(width[i], least) : width[i];

		before -= width[i] - most;
		width[i] = most;
	}
	width[last] = MAX(TABLE_WIDTH - MIN(before, TABLE_WIDTH), ROOM_LEAST);
	return width;
}

static void write_text(const struct table *t, GString *out)
{
	u32 *width = widths_of(t);

	for (int row = -1; row < (int)row_count(t); row++) {
		const char *heading = row < 0 ? NULL : heading_at(t, (u32)row);

		if (heading)
			g_string_append_printf(out, "\n%s\n", heading);
		write_row(t, out, row, width);
	}
	g_free(width);
}

static void markdown_cell(GString *out, const char *text)
{
	for (const char *c = text; *c; c++) {
		if (*c == '|')
			g_string_append_c(out, '\\');
		g_string_append_c(out, *c);
	}
}

static void write_markdown(const struct table *t, GString *out)
{
	for (int row = -1; row < (int)row_count(t); row++) {
		const char *heading = row < 0 ? NULL : heading_at(t, (u32)row);

		if (heading) {
			g_string_append_printf(out, "| **%s** |", heading);
			for (u32 i = 1; i < t->columns->len; i++)
				g_string_append(out, " |");
			g_string_append_c(out, '\n');
		}
		g_string_append_c(out, '|');
		for (u32 i = 0; i < t->columns->len; i++) {
			g_string_append_c(out, ' ');
			markdown_cell(out, text_at(t, row, i));
			g_string_append(out, " |");
		}
		g_string_append_c(out, '\n');
		if (row >= 0)
			continue;
		g_string_append_c(out, '|');
		for (u32 i = 0; i < t->columns->len; i++)
			g_string_append(out, column_at(t, i)->align == TABLE_RIGHT ? "---:|" : "---|");
		g_string_append_c(out, '\n');
	}
}

void csv_field(GString *out, const char *text)
{
	if (!strpbrk(text, "\",\r\n")) {
		g_string_append(out, text);
		return;
	}
	g_string_append_c(out, '"');
	for (; *text; text++) {
		if (*text == '"')
			g_string_append_c(out, '"');
		g_string_append_c(out, *text);
	}
	g_string_append_c(out, '"');
}

static void write_csv(const struct table *t, GString *out)
{
	for (int row = -1; row < (int)row_count(t); row++) {
		for (u32 i = 0; i < t->columns->len; i++) {
			if (i)
				g_string_append_c(out, ',');
			csv_field(out, text_at(t, row, i));
		}
		g_string_append_c(out, '\n');
	}
}

static char *write_json(const struct table *t)
{
	struct json_emit emit;

	json_emit_init(&emit);
	json_emit_open(&emit, NULL, '[');
	for (u32 row = 0; row < row_count(t); row++) {
		json_emit_open(&emit, NULL, '{');
		for (u32 i = 0; i < t->columns->len; i++) {
			const struct cell *cell = cell_at(t, row, i);
			const char *name = column_at(t, i)->name;

			if (cell->kind == CELL_TEXT)
				json_emit_string(&emit, name, cell->text);
			else
				json_emit_raw(&emit, name, cell->kind == CELL_NUMBER ? cell->text : "null");
		}
		json_emit_close(&emit, '{');
	}
	json_emit_close(&emit, '[');
	return json_emit_finish(&emit);
}

char *table_write(const struct table *t, enum table_format format)
{
	GString *out;

	if (format == TABLE_JSON)
		return write_json(t);
	out = g_string_new(NULL);
	if (format == TABLE_TEXT)
		write_text(t, out);
	else if (format == TABLE_MARKDOWN)
		write_markdown(t, out);
	else
		write_csv(t, out);
	return g_string_free(out, FALSE);
}
