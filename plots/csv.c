#include "plots/csv.h"

#include <string.h>

#include "sim/error.h"

struct reader {
	const char *at;
	GPtrArray *cells;
};

/* One field; true if the line goes on. */
static bool read_field(struct reader *r)
{
	GString *field = g_string_new(NULL);
	bool quoted = *r->at == '"';
	bool more;

	r->at += quoted;
	while (*r->at) {
		if (quoted && *r->at == '"' && r->at[1] == '"')
			r->at++;
		else if (quoted ? *r->at == '"' : strchr(",\r\n", *r->at) != NULL)
			break;
		g_string_append_c(field, *r->at++);
	}
	r->at += quoted && *r->at == '"';
	more = *r->at == ',';
	r->at += more;
	g_ptr_array_add(r->cells, g_string_free(field, FALSE));
	return more;
}

static u32 read_line(struct reader *r)
{
	u32 fields = 1;

	while (read_field(r))
		fields++;
	r->at += *r->at == '\r';
	r->at += *r->at == '\n';
	return fields;
}

static bool read_table(struct reader *r, struct csv *csv)
{
	if (!*r->at)
		return false;
	csv->columns = read_line(r);
	for (; *r->at; csv->rows++)
		if (read_line(r) != csv->columns)
			return false;
	return true;
}

struct csv *csv_load(const char *path, GError **error)
{
	struct csv *csv = g_new0(struct csv, 1);
	struct reader reader = { .cells = g_ptr_array_new_with_free_func(g_free) };
	char *text = NULL;
	bool good = g_file_get_contents(path, &text, NULL, NULL);

	if (!good) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: cannot be read (the plot needs it)", path);
	} else {
		reader.at = text;
		good = read_table(&reader, csv);
		if (!*text)
			g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: is empty (expected a line of names)",
				    path);
		else if (!good)
			g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s:%u: not a table (%u fields expected)",
				    path, csv->rows + 2, csv->columns);
	}
	g_free(text);
	if (good) {
		g_ptr_array_add(reader.cells, NULL);
		csv->cell = (char **)g_ptr_array_free(reader.cells, FALSE);
		return csv;
	}
	g_ptr_array_free(reader.cells, TRUE);
	g_free(csv);
	return NULL;
}

void csv_free(struct csv *csv)
{
	if (!csv)
		return;
	g_strfreev(csv->cell);
	g_free(csv);
}

bool csv_column(const struct csv *csv, const char *path, const char *name, u32 *column, GError **error)
{
	for (u32 i = 0; i < csv->columns; i++) {
		if (!strcmp(csv->cell[i], name)) {
			*column = i;
			return true;
		}
	}
	g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: has no column %s", path, name);
	return false;
}

u64 csv_number(const struct csv *csv, u32 row, u32 column)
{
	return g_ascii_strtoull(csv_cell(csv, row, column), NULL, 10);
}

bool csv_whole(const struct csv *csv, const char *path, u32 row, u32 column, u64 *value, GError **error)
{
	if (g_ascii_string_to_unsigned(csv_cell(csv, row, column), 10, 0, UINT64_MAX, value, NULL))
		return true;
	g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s:%u: %s is '%s' (a whole number expected)", path,
		    row + 2, csv->cell[column], csv_cell(csv, row, column));
	return false;
}

u64 csv_tenths(const struct csv *csv, u32 row, u32 column)
{
	const char *dot = strchr(csv_cell(csv, row, column), '.');

	return csv_number(csv, row, column) * 10 + (dot && g_ascii_isdigit(dot[1]) ? (u64)(dot[1] - '0') : 0);
}

void csv_append(GString *out, const char *text)
{
	bool quoted = strpbrk(text, ",\"\r\n");

	if (quoted)
		g_string_append_c(out, '"');
	for (; *text; text++) {
		if (*text == '"')
			g_string_append_c(out, '"');
		g_string_append_c(out, *text);
	}
	if (quoted)
		g_string_append_c(out, '"');
}
