#include "traces/csv_columns.h"

#include <string.h>

#include "sim/error.h"

static const struct field_name {
	const char *name;
	enum csv_field field;
	enum csv_address address;
	bool hexadecimal;
	enum csv_clock clock;
} fields[] = {
	{ "page", CSV_PAGE, CSV_PAGE_NUMBER, false, 0 },
	{ "page-hex", CSV_PAGE, CSV_PAGE_NUMBER, true, 0 },
	{ "vpn", CSV_PAGE, CSV_VIRTUAL_PAGE, true, 0 },
	{ "vpn-dec", CSV_PAGE, CSV_VIRTUAL_PAGE, false, 0 },
	{ "addr", CSV_PAGE, CSV_ADDRESS, true, 0 },
	{ "addr-dec", CSV_PAGE, CSV_ADDRESS, false, 0 },
	{ "op", CSV_OP, 0, false, 0 },
	{ "count", CSV_COUNT, 0, false, 0 },
	{ "stride", CSV_STRIDE, 0, false, 0 },
	{ "gap", CSV_WHEN, 0, false, CSV_GAP },
	{ "icount", CSV_WHEN, 0, false, CSV_ICOUNT },
	{ "time", CSV_WHEN, 0, false, CSV_TIME },
};

static const struct field_name *find_field(const char *name)
{
	for (u32 i = 0; i < ARRAY_SIZE(fields); i++) {
		if (!strcmp(fields[i].name, name))
			return &fields[i];
	}
	return NULL;
}

static u32 find_column(char *const *names, const char *name)
{
	u32 column = 0;

	while (names[column] && strcmp(names[column], name))
		column++;
	return column;
}

static void assign(struct csv_columns *columns, u32 column, const struct field_name *field)
{
	columns->field[column] = field->field;
	columns->has[field->field] = true;
	if (field->field == CSV_PAGE) {
		columns->address = field->address;
		columns->hexadecimal = field->hexadecimal;
	} else if (field->field == CSV_WHEN) {
		columns->clock = field->clock;
	}
}

/* One "field=column" of the map. */
static bool map_one(struct csv_columns *columns, char *const *names, const char *entry,
		    const struct text *text, GError **error)
{
	const char *equals = strchr(entry, '=');
	char *name = equals ? g_strndup(entry, (gsize)(equals - entry)) : NULL;
	const struct field_name *field = name ? find_field(name) : NULL;
	u32 column = equals ? find_column(names, equals + 1) : 0;

	g_free(name);
	if (!field || columns->has[field->field]) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE, "%s in the column map: \"%s\"",
			    field ? "second column for one thing" : "no field=column", entry);
		return false;
	}
	if (!names[column])
		return text_error(text, error, "no column is called \"%s\" (as the column map says)",
				  equals + 1);
	assign(columns, column, field);
	return true;
}

static bool map_columns(struct csv_columns *columns, char *const *names, const char *map,
			const struct text *text, GError **error)
{
	char **entries = g_strsplit(map, ",", -1);
	bool good = true;

	for (u32 i = 0; good && entries[i]; i++)
		good = map_one(columns, names, entries[i], text, error);
	g_strfreev(entries);
	return good;
}

/* Columns named after a field, for what the map does not give. */
static bool name_columns(struct csv_columns *columns, char *const *names, const struct text *text,
			 GError **error)
{
	bool mapped[CSV_FIELDS];

	memcpy(mapped, columns->has, sizeof(mapped));
	for (u32 i = 0; i < columns->count; i++) {
		const struct field_name *field = find_field(names[i]);

		if (!field || mapped[field->field] || columns->field[i] != CSV_SKIP)
			continue;
		if (columns->has[field->field])
			return text_error(text, error,
					  "column \"%s\" says again what another says (map one of them)",
					  names[i]);
		assign(columns, i, field);
	}
	return true;
}

bool csv_columns_read(struct csv_columns *columns, const char *map, struct text *text, GError **error)
{
	char *line = text_rest(text);
	char **names = g_strsplit(line, ",", -1);
	bool good;

	g_free(line);
	text->at = text->line;
	*columns = (struct csv_columns){ .count = g_strv_length(names) };
	for (u32 i = 0; i < columns->count; i++)
		g_strstrip(names[i]);
	good = columns->count <= CSV_COLUMNS_MAX ||
	       text_error(text, error, "there are %u columns (at most %d)", columns->count, CSV_COLUMNS_MAX);
	good = good && (!map || map_columns(columns, names, map, text, error)) &&
	       name_columns(columns, names, text, error);
	g_strfreev(names);
	if (!good)
		return false;
	if (!columns->has[CSV_PAGE])
		return text_error(text, error,
				  "no column gives the page (page, vpn or addr in the first line)");
	if (!columns->has[CSV_OP])
		return text_error(text, error, "no column gives the kind of access (op in the first line)");
	if (columns->has[CSV_STRIDE] && !columns->has[CSV_COUNT])
		return text_error(text, error, "there is a stride without a count (both or none)");
	text_skip_line(text);
	return true;
}
