/*
 * json_doc.c - a JSON text in memory that remembers where each of its values stood. See json_doc.h.
 */
#include "sim/json_doc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sim/json_at.h"
#include "sim/json_path.h"

#define READ_CHUNK 65536

/* The whole file, or a little over JSON_TEXT_MAX of one that does not end, such as /dev/zero. */
static bool file_read(const char *file, GByteArray *bytes, GError **error)
{
	FILE *stream = fopen(file, "rb");
	size_t got = 1;
	int failure;

	if (!stream) {
		failure = errno;
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: cannot be read: %s", file,
			    g_strerror(failure));
		return false;
	}
	while (got && bytes->len <= JSON_TEXT_MAX) {
		guint len = bytes->len;

		g_byte_array_set_size(bytes, len + READ_CHUNK);
		got = fread(bytes->data + len, 1, READ_CHUNK, stream);
		g_byte_array_set_size(bytes, len + (guint)got);
	}
	failure = ferror(stream) ? errno : 0;
	fclose(stream);
	if (!failure)
		return true;
	g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: cannot be read: %s", file, g_strerror(failure));
	return false;
}

struct json_doc *json_doc_load(const char *file, GError **error)
{
	GByteArray *bytes = g_byte_array_new();
	struct json_doc *doc = NULL;

	if (file_read(file, bytes, error))
		doc = json_doc_parse(file, bytes->len ? (const char *)bytes->data : "", bytes->len, error);
	g_byte_array_free(bytes, TRUE);
	return doc;
}

struct json_doc *json_doc_parse(const char *name, const char *text, size_t len, GError **error)
{
	struct json_doc *doc = g_new0(struct json_doc, 1);
	struct json_fault fault = { .message = NULL };
	const struct json_source *source;

	doc->places = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	source = json_source_new(doc, g_strdup(name), NULL, text, len);
	doc->root = json_source_parse(doc, source, NULL, 0, &fault, error);
	if (doc->root)
		return doc;
	if (fault.message)
		json_source_error(source, fault.offset, error, fault.message);
	g_free(fault.message);
	json_doc_free(doc);
	return NULL;
}

void json_doc_free(struct json_doc *doc)
{
	if (!doc)
		return;
	cJSON_Delete(doc->root);
	g_hash_table_destroy(doc->places);
	g_ptr_array_free(doc->sources, TRUE);
	g_free(doc);
}

const char *json_doc_name(const struct json_doc *doc)
{
	const struct json_source *source = g_ptr_array_index(doc->sources, 0);

	return source->name;
}

bool json_doc_error(const struct json_doc *doc, GError **error, enum swapsim_error code, const char *path,
		    const char *format, ...)
{
	GString *printed = g_string_new(NULL);
	const cJSON *item = json_path_find(doc->root, path, printed);
	char *message;
	va_list args;

	va_start(args, format);
	message = g_strdup_vprintf(format, args);
	va_end(args);
	json_place_error(doc, item, false, printed->str, code, error, message);
	g_string_free(printed, TRUE);
	g_free(message);
	return false;
}
