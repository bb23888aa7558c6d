/*
 * json_table.h - inside the JSON reader: questions about tables.
 */
#ifndef SIM_JSON_TABLE_H
#define SIM_JSON_TABLE_H

#include <glib.h>

#include "sim/json.h"

/* The field with exactly this key, NULL if there is none. */
const struct json_field *json_table_find(const struct json_table *table, const char *key);

/* All tables that can be reached, this one first, in the order of their fields; BUG when one is wrong. */
GPtrArray *json_table_reach(const struct json_table *table);

/* Whether {} would be refused, so that an object of this table cannot be left out. */
bool json_table_demands(const struct json_table *table);
static inline bool json_field_demanded(const struct json_field *field)
{
	return field->required || (field->kind == JSON_KIND_OBJECT && json_table_demands(field->table));
}

/* What a field that is left out stands at, as text; NULL if it is then absent (or a list or an object). */
const char *json_field_standard(const struct json_field *field);

/* Whether the member says "not given", so that it is not written. */
bool json_field_absent(const struct json_field *field, const void *object);

/* The group of a field starts here: no field before it is of the same. */
bool json_group_starts(const struct json_table *table, const struct json_field *field);
/* '"seq", "rand", "zipf"'; g_free(). */
char *json_group_list(const struct json_table *table, const char *group);

/* 'did you mean "memory.max"?', or all keys when none is near; g_free(). */
char *json_table_hint(const struct json_table *table, const char *key);

static inline void *json_member_at(const void *object, u32 offset)
{
	return (char *)object + offset;
}

#endif
