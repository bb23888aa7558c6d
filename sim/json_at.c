/*
 * json_at.c - positions, paths of positions, and the messages that name them. See json_at.h.
 */
#include "sim/json_at.h"

#include <string.h>

#include "sim/json_emit.h"
#include "sim/json_path.h"

#define FOUND_MAX 40

static void source_free(gpointer data)
{
	struct json_source *source = data;

	g_free(source->name);
	g_free(source->path);
	g_free(source->text);
	g_free(source);
}

struct json_source *json_source_new(struct json_doc *doc, char *name, char *path, const char *text,
				    size_t len)
{
	struct json_source *source = g_new0(struct json_source, 1);

	if (!doc->sources)
		doc->sources = g_ptr_array_new_with_free_func(source_free);
	source->name = name;
	source->path = path;
	source->text = g_malloc(len + 1);
	memcpy(source->text, text, len);
	source->text[len] = '\0';
	source->len = len;
	g_ptr_array_add(doc->sources, source);
	return source;
}

void json_place_set(struct json_doc *doc, const cJSON *item, const struct json_source *source,
		    struct json_span span, bool top)
{
	struct json_place *place = g_new(struct json_place, 1);

	*place = (struct json_place){ .source = source, .span = span, .top = top };
	g_hash_table_insert(doc->places, (gpointer)item, place);
}

const struct json_place *json_place_get(const struct json_doc *doc, const cJSON *item)
{
	const struct json_place *place = g_hash_table_lookup(doc->places, item);

	BUG_ON(!place);
	return place;
}

void json_place_forget(struct json_doc *doc, const cJSON *item)
{
	const cJSON *child;

	g_hash_table_remove(doc->places, item);
	cJSON_ArrayForEach(child, item) json_place_forget(doc, child);
}

/* Line and column, from 1, of a byte; a column is a character. */
static void position(const struct json_source *source, u32 offset, u32 *line, u32 *column)
{
	*line = *column = 1;
	for (u32 i = 0; i < offset; i++) {
		if (source->text[i] == '\n') {
			++*line;
			*column = 1;
		} else if (((unsigned char)source->text[i] & 0xc0) != 0x80) {
			++*column;
		}
	}
}

static void source_error(const struct json_source *source, u32 offset, const char *path,
			 enum swapsim_error code, GError **error, const char *message)
{
	bool named = path && *path && g_strcmp0(path, source->path) != 0;
	const char *dots = named ? ": " : "";
	u32 line, column;

	if (!named)
		path = "";
	if (source->path) {
		g_set_error(error, SWAPSIM_ERROR, code, "%s: %s%s%s", source->name, path, dots, message);
		return;
	}
	position(source, offset, &line, &column);
	g_set_error(error, SWAPSIM_ERROR, code, "%s:%u:%u: %s%s%s", source->name, line, column, path, dots,
		    message);
}

void json_source_error(const struct json_source *source, u32 offset, GError **error, const char *message)
{
	source_error(source, offset, NULL, ERROR_SCENARIO, error, message);
}

void json_place_error(const struct json_doc *doc, const cJSON *item, bool at_key, const char *path,
		      enum swapsim_error code, GError **error, const char *message)
{
	const struct json_place *place = json_place_get(doc, item);
	u32 offset = at_key && place->span.key != JSON_NO_KEY ? place->span.key : place->span.value;

	source_error(place->source, offset, path, code, error, message);
}

static void path_write(const struct json_at *at, GString *path)
{
	if (!at->up) {
		if (at->base)
			g_string_append(path, at->base);
		return;
	}
	path_write(at->up, path);
	if (at->key)
		json_path_add_key(path, at->key);
	else
		json_path_add_index(path, at->index);
}

static bool at_fail(const struct json_at *at, bool at_key, GError **error, const char *format, va_list args)
{
	char *message = g_strdup_vprintf(format, args);
	GString *path = g_string_new(NULL);

	path_write(at, path);
	while (!at->item)
		at = at->up;
	json_place_error(at->doc, at->item, at_key, path->str, ERROR_SCENARIO, error, message);
	g_string_free(path, TRUE);
	g_free(message);
	return false;
}

bool json_at_fail(const struct json_at *at, GError **error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	at_fail(at, false, error, format, args);
	va_end(args);
	return false;
}

bool json_at_fail_key(const struct json_at *at, GError **error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	at_fail(at, true, error, format, args);
	va_end(args);
	return false;
}

bool json_at_error(const struct json_at *at, GError **error, const char *relative, const char *format, ...)
{
	GString *path = g_string_new(NULL);
	const struct json_at *there = at;
	const cJSON *item;
	char *message;
	va_list args;

	va_start(args, format);
	message = g_strdup_vprintf(format, args);
	va_end(args);
	path_write(at, path);
	while (!there->item)
		there = there->up;
	/* Where the object is not in the text no part of it is, and a key of its parent would be another's.
	 */
	item = json_path_find(there->item, at->item ? relative : "", path);
	if (!at->item)
		json_path_add_rest(path, relative);
	json_place_error(at->doc, item, false, path->str, ERROR_SCENARIO, error, message);
	g_string_free(path, TRUE);
	g_free(message);
	return false;
}

char *json_text(const struct json_doc *doc, const cJSON *item)
{
	const struct json_place *place = json_place_get(doc, item);

	return g_strndup(place->source->text + place->span.value, place->span.end - place->span.value);
}

/* The string as JSON, cut short when long. */
static char *string_found(const char *string)
{
	GString *out = g_string_new("the string ");
	char *head;

	if (g_utf8_strlen(string, -1) <= FOUND_MAX) {
		json_emit_quoted(out, string);
		return g_string_free(out, FALSE);
	}
	head = g_utf8_substring(string, 0, FOUND_MAX);
	json_emit_quoted(out, head);
	g_string_append(out, "...");
	g_free(head);
	return g_string_free(out, FALSE);
}

char *json_found(const struct json_doc *doc, const cJSON *item)
{
	char *text, *found;

	if (cJSON_IsString(item))
		return string_found(item->valuestring);
	if (cJSON_IsObject(item))
		return g_strdup("an object");
	if (cJSON_IsArray(item))
		return g_strdup("an array");
	text = json_text(doc, item);
	found = g_strdup_printf("%s%s", cJSON_IsNumber(item) ? "the number " : "", text);
	g_free(text);
	return found;
}

/* Goes over tree and spans in the same order; spans are of this source alone. */
static bool attach(struct json_doc *doc, const struct json_source *source, const struct json_at *at,
		   GArray *spans, guint *next, GError **error)
{
	GHashTable *keys = cJSON_IsObject(at->item) ? g_hash_table_new(g_str_hash, g_str_equal) : NULL;
	bool good = true;
	u32 index = 0;
	cJSON *child;

	BUG_ON(*next >= spans->len);
	json_place_set(doc, at->item, source, g_array_index(spans, struct json_span, *next), !at->up);
	++*next;
	for (child = at->item->child; child && good; child = child->next) {
		struct json_at below =
		    keys ? json_at_key(at, child->string, child) : json_at_index(at, index++, child);
		cJSON *first = keys ? g_hash_table_lookup(keys, child->string) : NULL;
		u32 line, column;

		good = attach(doc, source, &below, spans, next, error);
		if (good && first) {
			position(source, json_place_get(doc, first)->span.key, &line, &column);
			good = source->path
				   ? json_at_fail_key(&below, error, "duplicate key (expected it once)")
				   : json_at_fail_key(&below, error,
						      "duplicate key (expected it once; first on line %u)",
						      line);
		}
		if (keys)
			g_hash_table_insert(keys, child->string, child);
	}
	if (keys)
		g_hash_table_destroy(keys);
	return good;
}

cJSON *json_source_parse(struct json_doc *doc, const struct json_source *source, const char *path, u32 depth,
			 struct json_fault *fault, GError **error)
{
	GArray *spans = g_array_new(FALSE, FALSE, sizeof(struct json_span));
	struct json_at at = { .doc = doc, .base = path };
	cJSON *root = NULL;
	guint next = 0;

	if (!json_scan(source->text, source->len, depth, spans, fault))
		goto out;
	root = cJSON_ParseWithLength(source->text, source->len);
	BUG_ON(!root);
	at.item = root;
	if (!attach(doc, source, &at, spans, &next, error)) {
		json_place_forget(doc, root);
		cJSON_Delete(root);
		root = NULL;
		goto out;
	}
	BUG_ON(next != spans->len);
out:
	g_array_free(spans, TRUE);
	return root;
}
