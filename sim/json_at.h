/*
 * json_at.h - inside the JSON reader: the insides of a document and the chain of where one is in it.
 */
#ifndef SIM_JSON_AT_H
#define SIM_JSON_AT_H

#include <cjson/cJSON.h>

#include "sim/json.h"
#include "sim/json_scan.h"

/* A text that values came from: the file, or one assignment. */
struct json_source {
	char *name;
	char *path; /* of an assignment, as printed; NULL for the file */
	char *text;
	size_t len;
};

struct json_place {
	const struct json_source *source;
	struct json_span span;
	bool top; /* the value is all of its source */
};

struct json_doc {
	cJSON *root;
	GPtrArray *sources;
	GHashTable *places; /* cJSON * -> struct json_place *; for looking up, never walked */
};

/* One link of a chain from the root to a value; the links live on the stack. */
struct json_at {
	const struct json_doc *doc;
	const struct json_at *up;
	const char *base;  /* path of the first link, NULL for the root of the document */
	const char *key;   /* of a member; NULL of an element */
	u32 index;	   /* of an element */
	const cJSON *item; /* NULL when the value is not in the text */
};

static inline struct json_at json_at_key(const struct json_at *up, const char *key, const cJSON *item)
{
	return (struct json_at){ .doc = up->doc, .up = up, .key = key, .item = item };
}

static inline struct json_at json_at_index(const struct json_at *up, u32 index, const cJSON *item)
{
	return (struct json_at){ .doc = up->doc, .up = up, .index = index, .item = item };
}

struct json_source *json_source_new(struct json_doc *doc, char *name, char *path, const char *text,
				    size_t len);
void json_place_set(struct json_doc *doc, const cJSON *item, const struct json_source *source,
		    struct json_span span, bool top);
const struct json_place *json_place_get(const struct json_doc *doc, const cJSON *item);
void json_place_forget(struct json_doc *doc, const cJSON *item); /* and all below it */

/*
 * Parses a source, which will stand at path in the document, depth deep. NULL and *error when it has a key
 * twice; NULL and *fault when it is not JSON.
 */
cJSON *json_source_parse(struct json_doc *doc, const struct json_source *source, const char *path, u32 depth,
			 struct json_fault *fault, GError **error);

/* ERROR_SCENARIO at a byte of a source. */
void json_source_error(const struct json_source *source, u32 offset, GError **error, const char *message);
/* Sets error at the value (or at its key), whose path is given ("" is the root). */
void json_place_error(const struct json_doc *doc, const cJSON *item, bool at_key, const char *path,
		      enum swapsim_error code, GError **error, const char *message);

/* ERROR_SCENARIO at the value, or at its key. Always false. */
bool json_at_fail(const struct json_at *at, GError **error, const char *format, ...) G_GNUC_PRINTF(3, 4);
bool json_at_fail_key(const struct json_at *at, GError **error, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* A member by its exact key. */
static inline cJSON *json_member(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* "the string "x"", "an object", ... for messages; g_free(). */
char *json_found(const struct json_doc *doc, const cJSON *item);
/* The text of a value as it stands in its source; g_free(). */
char *json_text(const struct json_doc *doc, const cJSON *item);

#endif
