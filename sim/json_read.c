/*
 * json_read.c - from a document into structs, and what the structs own back to the heap. See json.h.
 */
#include <string.h>

#include "sim/json_at.h"
#include "sim/json_scalar.h"
#include "sim/json_table.h"

static bool read_object(const struct json_at *at, const struct json_table *table, void *object,
			GError **error);

static bool wrong_type(const struct json_at *at, const char *expected, GError **error)
{
	char *found = json_found(at->doc, at->item);

	json_at_fail(at, error, "found %s (expected %s)", found, expected);
	g_free(found);
	return false;
}

/* The text of a number if it is an integer; else NULL. */
static char *integer_text(const struct json_at *at)
{
	char *text = cJSON_IsNumber(at->item) ? json_text(at->doc, at->item) : NULL;

	if (text && strspn(text, "-0123456789") != strlen(text))
		g_clear_pointer(&text, g_free);
	return text;
}

/* A bare word of an assignment counts as a string: --set machine.kernel=6.18. */
static char *bare_text(const struct json_at *at)
{
	const struct json_place *place = json_place_get(at->doc, at->item);
	bool scalar = cJSON_IsNumber(at->item) || cJSON_IsBool(at->item) || cJSON_IsNull(at->item);

	return scalar && place->top && place->source->path ? json_text(at->doc, at->item) : NULL;
}

/* What json_scalar_parse() is to read, NULL when the value has the wrong type. */
static char *scalar_text(const struct json_field *f, const struct json_at *at)
{
	enum json_kind kind = json_scalar_kind(f);
	char *text;

	if (kind == JSON_KIND_BOOL)
		return cJSON_IsBool(at->item) ? json_text(at->doc, at->item) : NULL;
	if (kind == JSON_KIND_UINT)
		return integer_text(at);
	if (cJSON_IsString(at->item))
		return g_strdup(at->item->valuestring);
	if (kind == JSON_KIND_SIZE || f->words & JSON_BARE)
		return integer_text(at);
	if (kind != JSON_KIND_DURATION)
		return bare_text(at);
	text = integer_text(at);
	if (text && strcmp(text, "0") == 0) {
		g_free(text);
		return g_strdup("0ns");
	}
	g_free(text);
	return NULL;
}

/* Releases and the like are written as numbers by whoever has not met them yet. */
static bool quotes_missing(const struct json_at *at, const struct json_field *f)
{
	char *text = json_text(at->doc, at->item);
	bool missing = json_scalar_kind(f) == JSON_KIND_STRING && cJSON_IsNumber(at->item) &&
		       json_scalar_accepts(f, text);

	g_free(text);
	return missing;
}

static bool read_scalar(const struct json_at *at, const struct json_field *f, void *member, GError **error)
{
	char *text = scalar_text(f, at);
	const char *wrong = text ? json_scalar_parse(f, text, member) : NULL;
	char *expected, *found;

	if (text && !wrong) {
		g_free(text);
		return true;
	}
	expected = json_expected(f);
	if (wrong) {
		found = json_found(at->doc, at->item);
		json_at_fail(at, error, "%s %s (expected %s)", found, wrong, expected);
		g_free(found);
	} else if (quotes_missing(at, f)) {
		found = json_text(at->doc, at->item);
		json_at_fail(at, error, "found the number %s (expected a string, \"%s\")", found, found);
		g_free(found);
	} else {
		wrong_type(at, expected, error);
	}
	g_free(expected);
	g_free(text);
	return false;
}

static bool read_pair(const struct json_at *at, const struct json_field *f, struct json_pair *pair,
		      GError **error)
{
	if (!json_pattern_accepts(f->pattern, at->key))
		return json_at_fail_key(at, error, "the key does not fit (expected %s)", f->pattern->what);
	if (cJSON_IsString(at->item))
		pair->value = g_strdup(at->item->valuestring);
	else
		pair->value = bare_text(at);
	if (!pair->value)
		return wrong_type(at, "a string", error);
	pair->key = g_strdup(at->key);
	return true;
}

static char *one_line(const cJSON *item)
{
	char *printed = cJSON_PrintUnformatted(item);
	char *text = g_strdup(printed);

	cJSON_free(printed);
	return text;
}

/* One of the values, all of which are texts here; whoever uses them knows what they have to be. */
static bool read_choice(const struct json_at *at, char **value, GError **error)
{
	if (cJSON_IsString(at->item))
		*value = g_strdup(at->item->valuestring);
	else if (cJSON_IsNumber(at->item) || cJSON_IsBool(at->item))
		*value = json_text(at->doc, at->item);
	else if (cJSON_IsArray(at->item) || cJSON_IsObject(at->item))
		*value = one_line(at->item);
	else
		return wrong_type(at, "any value but null", error);
	return true;
}

static bool read_choices(const struct json_at *at, struct json_choices *choices, GError **error)
{
	u32 n = (u32)cJSON_GetArraySize(at->item), i = 0;
	const cJSON *child;

	if (!cJSON_IsArray(at->item))
		return wrong_type(at, "an array", error);
	if (!n)
		return json_at_fail(at, error, "found 0 elements (expected at least 1)");
	choices->key = g_strdup(at->key);
	choices->value = g_new0(char *, n + 1);
	cJSON_ArrayForEach(child, at->item)
	{
		struct json_at below = json_at_index(at, i, child);

		if (!read_choice(&below, &choices->value[i++], error))
			return false;
	}
	return true;
}

static bool read_element(const struct json_at *at, const struct json_field *f, void *element, GError **error)
{
	if (f->kind == JSON_KIND_OBJECTS)
		return read_object(at, f->table, element, error);
	if (f->kind == JSON_KIND_MAP)
		return read_pair(at, f, element, error);
	if (f->kind == JSON_KIND_CHOICES)
		return read_choices(at, element, error);
	return read_scalar(at, f, element, error);
}

/* Lists and maps. The elements are owned by the object from the start, so that a failure frees them. */
static bool read_list(const struct json_at *at, const struct json_field *f, void *object, GError **error)
{
	bool map = f->kind == JSON_KIND_MAP || f->kind == JSON_KIND_CHOICES;
	u32 n, i = 0;
	char *elements;
	cJSON *child;

	if (map ? !cJSON_IsObject(at->item) : !cJSON_IsArray(at->item))
		return wrong_type(at, map ? "an object" : "an array", error);
	n = (u32)cJSON_GetArraySize(at->item);
	if (n < f->count_min || n > f->count_max)
		return json_at_fail(at, error, "found %u %s (expected %u..%u)", n, map ? "keys" : "elements",
				    f->count_min, f->count_max);
	elements = g_malloc0_n(n, f->width);
	*(void **)json_member_at(object, f->offset) = elements;
	*(u32 *)json_member_at(object, f->count_offset) = n;
	cJSON_ArrayForEach(child, at->item)
	{
		struct json_at below =
		    map ? json_at_key(at, child->string, child) : json_at_index(at, i, child);

		if (!read_element(&below, f, elements + (size_t)f->width * i++, error))
			return false;
	}
	return true;
}

static bool read_optional(const struct json_at *at, const struct json_field *f, void *object, GError **error)
{
	void *nested = g_malloc0(f->table->size);

	*(void **)json_member_at(object, f->offset) = nested;
	return read_object(at, f->table, nested, error);
}

static bool read_field(const struct json_at *at, const struct json_field *f, void *object, GError **error)
{
	switch (f->kind) {
	case JSON_KIND_BOOL:
	case JSON_KIND_UINT:
	case JSON_KIND_SIZE:
	case JSON_KIND_DURATION:
	case JSON_KIND_STRING:
	case JSON_KIND_ENUM:
		return read_scalar(at, f, json_member_at(object, f->offset), error);
	case JSON_KIND_OBJECT:
		return read_object(at, f->table, json_member_at(object, f->offset), error);
	case JSON_KIND_OPTIONAL:
		return read_optional(at, f, object, error);
	case JSON_KIND_OBJECTS:
	case JSON_KIND_STRINGS:
	case JSON_KIND_UINTS:
	case JSON_KIND_MAP:
	case JSON_KIND_CHOICES:
		return read_list(at, f, object, error);
	}
	BUG();
}

static bool read_absent(const struct json_at *at, const struct json_field *f, void *object, GError **error)
{
	struct json_at below = json_at_key(at, f->key, NULL);
	const char *standard;
	char *expected;
	bool list =
	    f->kind == JSON_KIND_OBJECTS || f->kind == JSON_KIND_STRINGS || f->kind == JSON_KIND_UINTS;

	if (f->required) {
		expected = list ? g_strdup("an array") : json_expected(f);
		json_at_fail(at, error, "missing key \"%s\" (expected %s)", f->key, expected);
		g_free(expected);
		return false;
	}
	if (f->kind == JSON_KIND_OBJECT)
		return read_object(&below, f->table, json_member_at(object, f->offset), error);
	standard = json_field_standard(f);
	if (standard)
		BUG_ON(json_scalar_parse(f, standard, json_member_at(object, f->offset)));
	return true;
}

static bool read_members(const struct json_at *at, const struct json_table *table, void *object,
			 GError **error)
{
	cJSON *child;

	cJSON_ArrayForEach(child, at->item)
	{
		struct json_at below = json_at_key(at, child->string, child);
		const struct json_field *f = json_table_find(table, child->string);
		char *hint;

		if (!f) {
			hint = json_table_hint(table, child->string);
			json_at_fail_key(&below, error, "unknown key (%s)", hint);
			g_free(hint);
			return false;
		}
		if (!read_field(&below, f, object, error))
			return false;
	}
	return true;
}

/* Exactly one key of each group. */
static bool check_group(const struct json_at *at, const struct json_table *table, const char *group,
			GError **error)
{
	const char *first = NULL;
	struct json_at below;
	cJSON *child;
	char *list;
	bool good;

	cJSON_ArrayForEach(child, at->item)
	{
		if (g_strcmp0(json_table_find(table, child->string)->group, group) != 0)
			continue;
		if (first)
			break;
		first = child->string;
	}
	if (first && !child)
		return true;
	list = json_group_list(table, group);
	if (!first) {
		good = json_at_fail(at, error, "missing key (expected exactly one of %s)", list);
	} else {
		below = json_at_key(at, child->string, child);
		good = json_at_fail_key(&below, error, "excluded by \"%s\" (expected exactly one of %s)",
					first, list);
	}
	g_free(list);
	return good;
}

static bool read_object(const struct json_at *at, const struct json_table *table, void *object,
			GError **error)
{
	if (at->item && !cJSON_IsObject(at->item))
		return wrong_type(at, "an object", error);
	if (!read_members(at, table, object, error))
		return false;
	for (const struct json_field *f = table->fields; f->key; f++) {
		if (json_group_starts(table, f) && !check_group(at, table, f->group, error))
			return false;
		if (at->item && json_member(at->item, f->key))
			continue;
		if (!read_absent(at, f, object, error))
			return false;
	}
	return !table->check || table->check(object, at, error);
}

bool json_read(const struct json_doc *doc, const struct json_table *table, void *object, GError **error)
{
	struct json_at at = { .doc = doc, .item = doc->root };

	g_ptr_array_free(json_table_reach(table), TRUE);
	memset(object, 0, table->size);
	if (read_object(&at, table, object, error))
		return true;
	json_release(table, object);
	return false;
}

static void release_list(const struct json_field *f, void *object)
{
	char *elements = *(char **)json_member_at(object, f->offset);
	u32 n = *(u32 *)json_member_at(object, f->count_offset);

	for (u32 i = 0; i < n; i++) {
		char *element = elements + (size_t)i * f->width;

		if (f->kind == JSON_KIND_OBJECTS) {
			json_release(f->table, element);
		} else if (f->kind == JSON_KIND_MAP) {
			g_free(((struct json_pair *)element)->key);
			g_free(((struct json_pair *)element)->value);
		} else if (f->kind == JSON_KIND_CHOICES) {
			g_free(((struct json_choices *)element)->key);
			g_strfreev(((struct json_choices *)element)->value);
		} else if (f->kind == JSON_KIND_STRINGS) {
			g_free(*(char **)element);
		}
	}
	g_free(elements);
}

static void release_field(const struct json_field *f, void *object)
{
	void *member = json_member_at(object, f->offset);

	switch (f->kind) {
	case JSON_KIND_BOOL:
	case JSON_KIND_UINT:
	case JSON_KIND_SIZE:
	case JSON_KIND_DURATION:
	case JSON_KIND_ENUM:
		return;
	case JSON_KIND_STRING:
		g_free(*(char **)member);
		return;
	case JSON_KIND_OBJECT:
		json_release(f->table, member);
		return;
	case JSON_KIND_OPTIONAL:
		if (*(void **)member)
			json_release(f->table, *(void **)member);
		g_free(*(void **)member);
		return;
	case JSON_KIND_OBJECTS:
	case JSON_KIND_STRINGS:
	case JSON_KIND_UINTS:
	case JSON_KIND_MAP:
	case JSON_KIND_CHOICES:
		release_list(f, object);
		return;
	}
	BUG();
}

void json_release(const struct json_table *table, void *object)
{
	for (const struct json_field *f = table->fields; f->key; f++)
		release_field(f, object);
	memset(object, 0, table->size);
}
