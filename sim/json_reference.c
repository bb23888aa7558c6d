/*
 * json_reference.c - the reference page of a table, in Markdown: a section a table, a row a key. See json.h.
 */
#include "sim/json_scalar.h"
#include "sim/json_table.h"

/* A '|' would end the cell. */
static void add_cell(GString *out, const char *text)
{
	g_string_append(out, " ");
	for (; *text; text++)
		g_string_append_printf(out, *text == '|' ? "\\%c" : "%c", *text);
	g_string_append(out, " |");
}

static char *type_text(const struct json_field *f)
{
	switch (f->kind) {
	case JSON_KIND_BOOL:
		return g_strdup("boolean");
	case JSON_KIND_UINT:
		return g_strdup("integer");
	case JSON_KIND_SIZE:
		return g_strdup("size");
	case JSON_KIND_DURATION:
		return g_strdup("duration");
	case JSON_KIND_STRING:
		return g_strdup("string");
	case JSON_KIND_ENUM:
		return g_strdup("name");
	case JSON_KIND_OBJECT:
	case JSON_KIND_OPTIONAL:
		return g_strdup_printf("[%s](#%s)", f->table->name, f->table->name);
	case JSON_KIND_OBJECTS:
		return g_strdup_printf("list of [%s](#%s)", f->table->name, f->table->name);
	case JSON_KIND_STRINGS:
		return g_strdup("list of strings");
	case JSON_KIND_UINTS:
		return g_strdup("list of integers");
	case JSON_KIND_MAP:
		return g_strdup("map to strings");
	case JSON_KIND_CHOICES:
		return g_strdup("map to lists of values");
	}
	BUG();
}

static char *default_text(const struct json_field *f)
{
	const char *standard = json_field_standard(f);

	if (standard)
		return g_strdup_printf("`%s`", standard);
	if (json_field_demanded(f))
		return g_strdup("required");
	return g_strdup(f->group ? "one of" : "-");
}

static char *names_text(const struct json_field *f)
{
	GString *names = g_string_new(NULL);

	for (u32 i = 0; f->names[i]; i++)
		g_string_append_printf(names, "%s`%s`", i ? ", " : "", f->names[i]);
	return g_string_free(names, FALSE);
}

static void add_part(GString *range, const char *part)
{
	if (*part)
		g_string_append_printf(range, "%s%s", range->len ? "; " : "", part);
}

static char *range_text(const struct json_field *f)
{
	GString *text = g_string_new(NULL);
	char *part;

	if (f->count_max)
		g_string_append_printf(text, "%u..%u %s", f->count_min, f->count_max,
				       f->kind == JSON_KIND_MAP || f->kind == JSON_KIND_CHOICES ? "keys"
												: "elements");
	part = f->names ? names_text(f) : json_range(f);
	add_part(text, part);
	g_free(part);
	if (f->pattern)
		add_part(text, f->pattern->what);
	if (f->words & JSON_MAX)
		add_part(text, "`max`");
	if (f->words & JSON_PERCENT)
		add_part(text, "a percentage");
	return g_string_free(text, FALSE);
}

static void add_row(GString *out, const struct json_field *f)
{
	char *key = g_strdup_printf("`%s`", f->key);
	char *type = type_text(f);
	char *standard = default_text(f);
	char *range = range_text(f);

	g_string_append(out, "|");
	add_cell(out, key);
	add_cell(out, type);
	add_cell(out, standard);
	add_cell(out, range);
	add_cell(out, f->doc);
	g_string_append(out, "\n");
	g_free(key);
	g_free(type);
	g_free(standard);
	g_free(range);
}

static void add_table(GString *out, const struct json_table *table)
{
	char *list;

	g_string_append_printf(out, "## %s\n\n%s\n", table->name, table->doc);
	for (const struct json_field *f = table->fields; f->key; f++) {
		if (!json_group_starts(table, f))
			continue;
		list = json_group_list(table, f->group);
		g_string_append_printf(out, "Exactly one of %s must be given.\n", list);
		g_free(list);
	}
	g_string_append(out, "\n| key | type | default | range | meaning |\n|---|---|---|---|---|\n");
	for (const struct json_field *f = table->fields; f->key; f++)
		add_row(out, f);
}

char *json_reference(const struct json_table *table)
{
	GPtrArray *tables = json_table_reach(table);
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < tables->len; i++) {
		g_string_append(out, i ? "\n" : "");
		add_table(out, g_ptr_array_index(tables, i));
	}
	g_ptr_array_free(tables, TRUE);
	return g_string_free(out, FALSE);
}
