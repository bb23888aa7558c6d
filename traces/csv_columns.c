#include "traces/csv_columns.h"

#include <string.h>

#include "sim/error.h"

static const struct field_name {
	const char *name;
	enum csv_field field;
	u32 kind; /* enum csv_address or csv_clock, or whether in sectors */
	bool hexadecimal;
} fields[] = {
	{ "page", CSV_PAGE, CSV_PAGE_NUMBER, false },
	{ "page-hex", CSV_PAGE, CSV_PAGE_NUMBER, true },
	{ "vpn", CSV_PAGE, CSV_VIRTUAL_PAGE, true },
	{ "vpn-dec", CSV_PAGE, CSV_VIRTUAL_PAGE, false },
	{ "addr", CSV_PAGE, CSV_ADDRESS, true },
	{ "addr-dec", CSV_PAGE, CSV_ADDRESS, false },
	{ "offset", CSV_PAGE, CSV_ADDRESS, false },
	{ "sector", CSV_PAGE, CSV_SECTOR, false },
	{ "object", CSV_PAGE, CSV_OBJECT, false },
	{ "device", CSV_DEVICE, 0, false },
	{ "size", CSV_SIZE, false, false },
	{ "sectors", CSV_SIZE, true, false },
	{ "op", CSV_OP, 0, false },
	{ "count", CSV_COUNT, 0, false },
	{ "stride", CSV_STRIDE, 0, false },
	{ "gap", CSV_WHEN, CSV_GAP, false },
	{ "icount", CSV_WHEN, CSV_ICOUNT, false },
	{ "time", CSV_WHEN, CSV_TIME, false },
};

static const struct csv_word words[] = {
	{ "R", TRACE_READ },	{ "W", TRACE_WRITE },	  { "X", TRACE_EXEC },	    { "U", TRACE_UNMAP },
	{ "Read", TRACE_READ }, { "Write", TRACE_WRITE }, { NULL, CSV_WORD_WRONG },
};

static const struct unit {
	const char *name;
	u64 ns;
} units[] = { { "ns", 1 }, { "100ns", 100 }, { "us", 1000 }, { "ms", 1000000 }, { "s", 1000000000 } };

bool csv_unit(const char *name, u64 *unit_ns, GError **error)
{
	for (u32 i = 0; i < ARRAY_SIZE(units); i++) {
		if (!strcmp(units[i].name, name)) {
			*unit_ns = units[i].ns;
			return true;
		}
	}
	g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE,
		    "no such unit of time (ns, 100ns, us, ms or s): \"%s\"", name);
	return false;
}

bool csv_time(struct text *text, u64 unit_ns, u64 *ns)
{
	const char *start = text->at;
	u64 whole;

	if (unit_ns == 1)
		return text_decimal(text, INT64_MAX, ns);
	if (!text_decimal(text, INT64_MAX, &whole))
		return false;
	if (whole > (UINT64_MAX - unit_ns) / unit_ns) {
		text->at = start;
		return false;
	}
	*ns = whole * unit_ns;
	if (!text_skip(text, "."))
		return true;
	for (; g_ascii_isdigit(*text->at); text->at++) {
		unit_ns /= 10;
		*ns += (u64)(*text->at - '0') * unit_ns;
	}
	return true;
}

u32 csv_word(struct text *text, const struct csv_word *known)
{
	const char *end = text->at, *last;
	size_t length;

	while (*end != ',' && *end != '\n')
		end++;
	for (last = end; last > text->at && g_ascii_isspace(last[-1]); last--)
		;
	length = (size_t)(last - text->at);
	while (known->word &&
	       (strlen(known->word) != length || g_ascii_strncasecmp(known->word, text->at, length)))
		known++;
	if (known->meaning != CSV_WORD_WRONG)
		text->at = last;
	return known->meaning;
}

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
		columns->address = field->kind;
		columns->hexadecimal = field->hexadecimal;
	} else if (field->field == CSV_WHEN) {
		columns->clock = field->kind;
	} else if (field->field == CSV_SIZE) {
		columns->sectors = field->kind;
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
	*columns = (struct csv_columns){ .count = g_strv_length(names), .unit_ns = 1, .words = words };
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
	if (columns->has[CSV_COUNT] && csv_columns_requests(columns))
		return text_error(text, error,
				  "there is a count in lines that are requests (no size, device and object)");
	if (columns->has[CSV_STRIDE] && !columns->has[CSV_COUNT])
		return text_error(text, error, "there is a stride without a count (both or none)");
	return true;
}
