/*
 * json_write.c - structs back to JSON, defaults included. See json.h.
 */
#include "sim/json_scalar.h"
#include "sim/json_table.h"

static void write_object(const struct json_table *table, const void *object, struct json_emit *emit,
			 const char *key);

static void write_list(const struct json_field *f, const void *object, struct json_emit *emit)
{
	const char *elements = *(char *const *)json_member_at(object, f->offset);
	u32 n = *(const u32 *)json_member_at(object, f->count_offset);
	size_t size = f->width;

	json_emit_open(emit, f->key, '[');
	for (u32 i = 0; i < n; i++) {
		if (f->kind == JSON_KIND_OBJECTS)
			write_object(f->table, elements + i * size, emit, NULL);
		else
			json_scalar_emit(f, elements + i * size, emit, NULL);
	}
	json_emit_close(emit, '[');
}

static void write_map(const struct json_field *f, const void *object, struct json_emit *emit)
{
	const struct json_pair *pairs = *(struct json_pair *const *)json_member_at(object, f->offset);
	u32 n = *(const u32 *)json_member_at(object, f->count_offset);

	json_emit_open(emit, f->key, '{');
	for (u32 i = 0; i < n; i++)
		json_emit_string(emit, pairs[i].key, pairs[i].value);
	json_emit_close(emit, '{');
}

static void write_choices(const struct json_field *f, const void *object, struct json_emit *emit)
{
	const struct json_choices *choices = *(struct json_choices *const *)json_member_at(object, f->offset);
	u32 n = *(const u32 *)json_member_at(object, f->count_offset);

	json_emit_open(emit, f->key, '{');
	for (u32 i = 0; i < n; i++) {
		json_emit_open(emit, choices[i].key, '[');
		for (char **value = choices[i].value; *value; value++)
			json_emit_string(emit, NULL, *value);
		json_emit_close(emit, '[');
	}
	json_emit_close(emit, '{');
}

static void write_field(const struct json_field *f, const void *object, struct json_emit *emit)
{
	const void *member = json_member_at(object, f->offset);

	switch (f->kind) {
	case JSON_KIND_BOOL:
	case JSON_KIND_UINT:
	case JSON_KIND_SIZE:
	case JSON_KIND_DURATION:
	case JSON_KIND_STRING:
	case JSON_KIND_ENUM:
		json_scalar_emit(f, member, emit, f->key);
		return;
	case JSON_KIND_OBJECT:
		write_object(f->table, member, emit, f->key);
		return;
	case JSON_KIND_OPTIONAL:
		write_object(f->table, *(void *const *)member, emit, f->key);
		return;
	case JSON_KIND_OBJECTS:
	case JSON_KIND_STRINGS:
	case JSON_KIND_UINTS:
		write_list(f, object, emit);
		return;
	case JSON_KIND_MAP:
		write_map(f, object, emit);
		return;
	case JSON_KIND_CHOICES:
		write_choices(f, object, emit);
		return;
	}
	BUG();
}

static void write_object(const struct json_table *table, const void *object, struct json_emit *emit,
			 const char *key)
{
	json_emit_open(emit, key, '{');
	for (const struct json_field *f = table->fields; f->key; f++) {
		if (!json_field_absent(f, object))
			write_field(f, object, emit);
	}
	json_emit_close(emit, '{');
}

char *json_write(const struct json_table *table, const void *object)
{
	struct json_emit emit;

	json_emit_init(&emit);
	write_object(table, object, &emit, NULL);
	return json_emit_finish(&emit);
}
