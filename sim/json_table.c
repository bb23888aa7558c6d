/*
 * json_table.c - questions about tables. See json_table.h.
 */
#include "sim/json_table.h"

#include <string.h>

#include "sim/json_scalar.h"

const struct json_pattern json_identifier = {
	"[A-Za-z_][A-Za-z0-9_-]*",
	"a name: a letter or _, then letters, digits, _ or -",
};
const struct json_pattern json_word = {
	"[A-Za-z0-9_.+=-]+",
	"a word: letters, digits, or any of _ . + = -",
};

const struct json_field *json_table_find(const struct json_table *table, const char *key)
{
	for (const struct json_field *f = table->fields; f->key; f++) {
		if (strcmp(f->key, key) == 0)
			return f;
	}
	return NULL;
}

static bool is_list(const struct json_field *f)
{
	return f->kind == JSON_KIND_OBJECTS || f->kind == JSON_KIND_STRINGS || f->kind == JSON_KIND_UINTS ||
	       f->kind == JSON_KIND_MAP || f->kind == JSON_KIND_CHOICES;
}

static bool is_number(const struct json_field *f)
{
	return f->kind == JSON_KIND_UINT || f->kind == JSON_KIND_SIZE || f->kind == JSON_KIND_DURATION ||
	       f->kind == JSON_KIND_UINTS;
}

static bool is_nested(const struct json_field *f)
{
	return f->kind == JSON_KIND_OBJECT || f->kind == JSON_KIND_OPTIONAL || f->kind == JSON_KIND_OBJECTS;
}

static void field_verify(const struct json_table *table, const struct json_field *f)
{
	bool wide = f->kind == JSON_KIND_UINT || f->kind == JSON_KIND_UINTS || f->kind == JSON_KIND_ENUM;

	BUG_ON(!f->doc || json_table_find(table, f->key) != f);
	BUG_ON(is_number(f) && (f->min > f->max || f->max > UNITS_MAX));
	BUG_ON(wide && f->width != 1 && f->width != 2 && f->width != 4 && f->width != 8);
	BUG_ON(wide && f->width < 8 && f->max >> (8 * f->width));
	BUG_ON(is_list(f) && (f->count_min > f->count_max || f->count_max == 0));
	BUG_ON((f->kind == JSON_KIND_ENUM) != (f->names != NULL) || (f->names && !f->names[0]));
	BUG_ON(is_nested(f) != (f->table != NULL) || (f->table && f->table->size != f->width));
	BUG_ON(f->standard && (is_list(f) || is_nested(f) || f->required || f->group));
	BUG_ON(f->standard && !json_scalar_accepts(f, f->standard));
	if (!f->group)
		return;
	BUG_ON(f->required || f->kind == JSON_KIND_BOOL || f->kind == JSON_KIND_ENUM);
	BUG_ON(f->kind == JSON_KIND_OBJECT);
	BUG_ON(is_list(f) && f->count_min == 0);
	BUG_ON((f->kind == JSON_KIND_UINT || f->kind == JSON_KIND_DURATION) && f->min == 0);
}

static void reach(const struct json_table *table, GPtrArray *tables)
{
	for (guint i = 0; i < tables->len; i++) {
		const struct json_table *known = g_ptr_array_index(tables, i);

		if (known == table)
			return;
		BUG_ON(strcmp(known->name, table->name) == 0);
	}
	BUG_ON(!table->name || !table->doc || !table->fields);
	g_ptr_array_add(tables, (gpointer)table);
	for (const struct json_field *f = table->fields; f->key; f++) {
		field_verify(table, f);
		if (f->table)
			reach(f->table, tables);
	}
}

GPtrArray *json_table_reach(const struct json_table *table)
{
	GPtrArray *tables = g_ptr_array_new();

	reach(table, tables);
	return tables;
}

bool json_table_demands(const struct json_table *table)
{
	for (const struct json_field *f = table->fields; f->key; f++) {
		if (f->group || json_field_demanded(f))
			return true;
	}
	return false;
}

const char *json_field_standard(const struct json_field *f)
{
	if (f->standard || f->required || f->group)
		return f->standard;
	if (f->kind == JSON_KIND_BOOL)
		return "false";
	if (f->kind == JSON_KIND_ENUM)
		return f->names[0];
	if (f->kind == JSON_KIND_UINT && f->min == 0)
		return "0";
	if (f->kind == JSON_KIND_DURATION && f->min == 0)
		return "0ns";
	return NULL;
}

bool json_field_absent(const struct json_field *f, const void *object)
{
	const void *member = json_member_at(object, f->offset);

	switch (f->kind) {
	case JSON_KIND_BOOL:
	case JSON_KIND_ENUM:
	case JSON_KIND_OBJECT:
		return false;
	case JSON_KIND_UINT:
		return f->min > 0 && json_uint_load(f, member) == 0;
	case JSON_KIND_DURATION:
		return f->min > 0 && *(const u64 *)member == 0;
	case JSON_KIND_SIZE:
		return ((const struct json_size *)member)->kind == JSON_SIZE_NONE;
	case JSON_KIND_STRING:
		return !*(char *const *)member;
	case JSON_KIND_OPTIONAL:
		return !*(void *const *)member;
	case JSON_KIND_OBJECTS:
	case JSON_KIND_STRINGS:
	case JSON_KIND_UINTS:
	case JSON_KIND_MAP:
	case JSON_KIND_CHOICES:
		return !f->required && *(const u32 *)json_member_at(object, f->count_offset) == 0;
	}
	BUG();
}

bool json_group_starts(const struct json_table *table, const struct json_field *field)
{
	if (!field->group)
		return false;
	for (const struct json_field *f = table->fields; f != field; f++) {
		if (g_strcmp0(f->group, field->group) == 0)
			return false;
	}
	return true;
}

char *json_group_list(const struct json_table *table, const char *group)
{
	GString *list = g_string_new(NULL);

	for (const struct json_field *f = table->fields; f->key; f++) {
		if (g_strcmp0(f->group, group) == 0)
			g_string_append_printf(list, "%s\"%s\"", list->len ? ", " : "", f->key);
	}
	return g_string_free(list, FALSE);
}

#define WORD_MAX 64

/* Levenshtein's distance: characters to put in, take out or change; UINT32_MAX for very long words. */
static u32 distance(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b);
	u32 row[WORD_MAX + 1];

	if (la > WORD_MAX || lb > WORD_MAX)
		return UINT32_MAX;
	for (u32 j = 0; j <= lb; j++)
		row[j] = j;
	for (u32 i = 1; i <= la; i++) {
		u32 diagonal = row[0];

		row[0] = i;
		for (u32 j = 1; j <= lb; j++) {
			u32 changed = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			row[j] = MIN(MIN(row[j], row[j - 1]) + 1, changed);
		}
	}
	return row[lb];
}

char *json_table_hint(const struct json_table *table, const char *key)
{
	const struct json_field *near = NULL;
	u32 least = (u32)MAX(strlen(key) / 3, 1) + 1;
	GString *list;

	for (const struct json_field *f = table->fields; f->key; f++) {
		u32 d = distance(key, f->key);

		if (d < least && d < strlen(f->key)) {
			least = d;
			near = f;
		}
	}
	if (near)
		return g_strdup_printf("did you mean \"%s\"?", near->key);
	list = g_string_new("expected one of ");
	for (const struct json_field *f = table->fields; f->key; f++)
		g_string_append_printf(list, "%s\"%s\"", f == table->fields ? "" : ", ", f->key);
	return g_string_free(list, FALSE);
}
