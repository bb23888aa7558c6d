/*
 * json_schema.c - the JSON Schema (draft 2020-12) of a table. See json.h.
 *
 * Every table is a definition of its own, so a table may contain itself. The Schema says all a table says but
 * for the range of a size or duration that is written with a unit, and what its check function looks for.
 */
#include "sim/json_scalar.h"
#include "sim/json_table.h"

static void schema_ref(struct json_emit *emit, const struct json_table *table)
{
	char *ref = g_strdup_printf("#/$defs/%s", table->name);

	json_emit_string(emit, "$ref", ref);
	g_free(ref);
}

static void schema_integer(struct json_emit *emit, const struct json_field *f)
{
	json_emit_string(emit, "type", "integer");
	json_emit_number(emit, "minimum", f->min);
	json_emit_number(emit, "maximum", f->max);
}

static void schema_pattern(struct json_emit *emit, const struct json_pattern *pattern)
{
	char *whole;

	json_emit_string(emit, "type", "string");
	if (!pattern)
		return;
	whole = g_strdup_printf("^(?:%s)$", pattern->regex);
	json_emit_string(emit, "pattern", whole);
	g_free(whole);
}

/* A string, or the number that would be its digits. */
static void schema_bare(struct json_emit *emit, const struct json_pattern *pattern)
{
	json_emit_open(emit, "anyOf", '[');
	json_emit_open(emit, NULL, '{');
	json_emit_string(emit, "type", "integer");
	json_emit_close(emit, '{');
	json_emit_open(emit, NULL, '{');
	schema_pattern(emit, pattern);
	json_emit_close(emit, '{');
	json_emit_close(emit, '[');
}

static void schema_size(struct json_emit *emit, const struct json_field *f)
{
	struct json_pattern pattern = { .what = NULL };
	char *regex = g_strdup_printf("[0-9]+(KiB|MiB|GiB|TiB)?%s%s", f->words & JSON_MAX ? "|max" : "",
				      f->words & JSON_PERCENT ? "|[0-9]+%" : "");

	pattern.regex = regex;
	json_emit_open(emit, "anyOf", '[');
	json_emit_open(emit, NULL, '{');
	schema_integer(emit, f);
	json_emit_close(emit, '{');
	json_emit_open(emit, NULL, '{');
	schema_pattern(emit, &pattern);
	json_emit_close(emit, '{');
	json_emit_close(emit, '[');
	g_free(regex);
}

static void schema_duration(struct json_emit *emit, const struct json_field *f)
{
	static const struct json_pattern pattern = { .regex = "[0-9]+(ns|us|ms|s)" };

	json_emit_open(emit, "anyOf", '[');
	if (f->min == 0) {
		json_emit_open(emit, NULL, '{');
		json_emit_number(emit, "const", 0);
		json_emit_close(emit, '{');
	}
	json_emit_open(emit, NULL, '{');
	schema_pattern(emit, &pattern);
	json_emit_close(emit, '{');
	json_emit_close(emit, '[');
}

static void schema_enum(struct json_emit *emit, const struct json_field *f)
{
	json_emit_open(emit, "enum", '[');
	for (u32 i = 0; f->names[i]; i++)
		json_emit_string(emit, NULL, f->names[i]);
	json_emit_close(emit, '[');
}

static void schema_list(struct json_emit *emit, const struct json_field *f)
{
	json_emit_string(emit, "type", "array");
	json_emit_number(emit, "minItems", f->count_min);
	json_emit_number(emit, "maxItems", f->count_max);
	json_emit_open(emit, "items", '{');
	if (f->kind == JSON_KIND_OBJECTS)
		schema_ref(emit, f->table);
	else if (f->kind == JSON_KIND_STRINGS)
		schema_pattern(emit, f->pattern);
	else
		schema_integer(emit, f);
	json_emit_close(emit, '{');
}

static void schema_map(struct json_emit *emit, const struct json_field *f)
{
	json_emit_string(emit, "type", "object");
	json_emit_number(emit, "minProperties", f->count_min);
	json_emit_number(emit, "maxProperties", f->count_max);
	if (f->pattern) {
		json_emit_open(emit, "propertyNames", '{');
		schema_pattern(emit, f->pattern);
		json_emit_close(emit, '{');
	}
	json_emit_open(emit, "additionalProperties", '{');
	schema_pattern(emit, NULL);
	json_emit_close(emit, '{');
}

static void schema_choices(struct json_emit *emit, const struct json_field *f)
{
	json_emit_string(emit, "type", "object");
	json_emit_number(emit, "minProperties", f->count_min);
	json_emit_number(emit, "maxProperties", f->count_max);
	json_emit_open(emit, "additionalProperties", '{');
	json_emit_string(emit, "type", "array");
	json_emit_number(emit, "minItems", 1);
	json_emit_open(emit, "items", '{');
	json_emit_open(emit, "type", '[');
	json_emit_string(emit, NULL, "string");
	json_emit_string(emit, NULL, "number");
	json_emit_string(emit, NULL, "boolean");
	json_emit_string(emit, NULL, "array");
	json_emit_string(emit, NULL, "object");
	json_emit_close(emit, '[');
	json_emit_close(emit, '{');
	json_emit_close(emit, '{');
}

static void schema_kind(struct json_emit *emit, const struct json_field *f)
{
	switch (f->kind) {
	case JSON_KIND_BOOL:
		json_emit_string(emit, "type", "boolean");
		return;
	case JSON_KIND_UINT:
		schema_integer(emit, f);
		return;
	case JSON_KIND_SIZE:
		schema_size(emit, f);
		return;
	case JSON_KIND_DURATION:
		schema_duration(emit, f);
		return;
	case JSON_KIND_STRING:
		if (f->words & JSON_BARE)
			schema_bare(emit, f->pattern);
		else
			schema_pattern(emit, f->pattern);
		return;
	case JSON_KIND_ENUM:
		schema_enum(emit, f);
		return;
	case JSON_KIND_OBJECT:
	case JSON_KIND_OPTIONAL:
		schema_ref(emit, f->table);
		return;
	case JSON_KIND_OBJECTS:
	case JSON_KIND_STRINGS:
	case JSON_KIND_UINTS:
		schema_list(emit, f);
		return;
	case JSON_KIND_MAP:
		schema_map(emit, f);
		return;
	case JSON_KIND_CHOICES:
		schema_choices(emit, f);
		return;
	}
	BUG();
}

static void schema_field(struct json_emit *emit, const struct json_field *f)
{
	const char *standard = json_field_standard(f);

	json_emit_open(emit, f->key, '{');
	json_emit_string(emit, "description", f->doc);
	schema_kind(emit, f);
	if (standard)
		json_scalar_emit_text(f, standard, emit, "default");
	json_emit_close(emit, '{');
}

/* One of the keys of a group, and no other: a "required" for each under "oneOf". */
static void schema_group(struct json_emit *emit, const struct json_table *table, const char *group)
{
	json_emit_open(emit, NULL, '{');
	json_emit_open(emit, "oneOf", '[');
	for (const struct json_field *f = table->fields; f->key; f++) {
		if (g_strcmp0(f->group, group) != 0)
			continue;
		json_emit_open(emit, NULL, '{');
		json_emit_open(emit, "required", '[');
		json_emit_string(emit, NULL, f->key);
		json_emit_close(emit, '[');
		json_emit_close(emit, '{');
	}
	json_emit_close(emit, '[');
	json_emit_close(emit, '{');
}

static void schema_demands(struct json_emit *emit, const struct json_table *table)
{
	bool required = false, grouped = false;

	for (const struct json_field *f = table->fields; f->key; f++) {
		required = required || json_field_demanded(f);
		grouped = grouped || f->group;
	}
	if (required) {
		json_emit_open(emit, "required", '[');
		for (const struct json_field *f = table->fields; f->key; f++) {
			if (json_field_demanded(f))
				json_emit_string(emit, NULL, f->key);
		}
		json_emit_close(emit, '[');
	}
	if (!grouped)
		return;
	json_emit_open(emit, "allOf", '[');
	for (const struct json_field *f = table->fields; f->key; f++) {
		if (json_group_starts(table, f))
			schema_group(emit, table, f->group);
	}
	json_emit_close(emit, '[');
}

static void schema_table(struct json_emit *emit, const struct json_table *table)
{
	json_emit_open(emit, table->name, '{');
	json_emit_string(emit, "description", table->doc);
	json_emit_string(emit, "type", "object");
	json_emit_open(emit, "properties", '{');
	for (const struct json_field *f = table->fields; f->key; f++)
		schema_field(emit, f);
	json_emit_close(emit, '{');
	schema_demands(emit, table);
	json_emit_raw(emit, "additionalProperties", "false");
	json_emit_close(emit, '{');
}

char *json_schema(const struct json_table *table, const char *title)
{
	GPtrArray *tables = json_table_reach(table);
	struct json_emit emit;

	json_emit_init(&emit);
	json_emit_open(&emit, NULL, '{');
	json_emit_string(&emit, "$schema", "https://json-schema.org/draft/2020-12/schema");
	json_emit_string(&emit, "title", title);
	schema_ref(&emit, table);
	json_emit_open(&emit, "$defs", '{');
	for (guint i = 0; i < tables->len; i++)
		schema_table(&emit, g_ptr_array_index(tables, i));
	json_emit_close(&emit, '{');
	json_emit_close(&emit, '{');
	g_ptr_array_free(tables, TRUE);
	return json_emit_finish(&emit);
}
