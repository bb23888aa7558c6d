/*
 * json_include.c - documents that begin with what other files say. See json_doc_include() in json_doc.h.
 */
#include <string.h>

#include "sim/json_at.h"

/* Files of one document, all told: they may include each other in ever so many ways. */
#define INCLUDES_MAX 100

/* A file that is being read, and the one that wants it. */
struct chain {
	const struct chain *up;
	const char *file;
};

struct include {
	const struct json_include *how;
	u32 files;
};

static bool resolve(struct include *in, struct json_doc *doc, const struct chain *up, GError **error);

/* ---- merging ---- */

/* An item and all below it. */
static void move_places(struct json_doc *to, struct json_doc *from, const cJSON *item)
{
	void *place = g_hash_table_lookup(from->places, item);
	const cJSON *child;

	if (place) {
		g_hash_table_steal(from->places, item);
		g_hash_table_insert(to->places, (gpointer)item, place);
	}
	cJSON_ArrayForEach(child, item) move_places(to, from, child);
}

/* What is there already stays; of two objects the members are merged. */
static void merge(struct json_doc *to, cJSON *into, struct json_doc *from, cJSON *what)
{
	cJSON *child = what->child;

	while (child) {
		cJSON *next = child->next, *there = json_member(into, child->string);

		if (!there) {
			cJSON_DetachItemViaPointer(what, child);
			move_places(to, from, child);
			BUG_ON(!cJSON_AddItemToObject(into, child->string, child));
		} else if (cJSON_IsObject(there) && cJSON_IsObject(child)) {
			merge(to, there, from, child);
		}
		child = next;
	}
}

static void move_sources(struct json_doc *to, struct json_doc *from)
{
	while (from->sources->len)
		g_ptr_array_add(to->sources, g_ptr_array_steal_index(from->sources, 0));
}

/* ---- files ---- */

/* By one path or another. */
static bool same_file(const char *a, const char *b)
{
	char *whole_a = g_canonicalize_filename(a, NULL), *whole_b = g_canonicalize_filename(b, NULL);
	bool same = !strcmp(whole_a, whole_b);

	g_free(whole_a);
	g_free(whole_b);
	return same;
}

static bool names_itself(const struct chain *chain)
{
	for (const struct chain *up = chain->up; up; up = up->up)
		if (same_file(up->file, chain->file))
			return true;
	return false;
}

/* "a.json includes b.json includes a.json" */
static void add_circle(GString *out, const struct chain *chain)
{
	if (chain->up)
		add_circle(out, chain->up);
	g_string_append_printf(out, "%s%s", out->len ? " includes " : "", chain->file);
}

static bool circle(const struct json_doc *doc, const char *at, const struct chain *chain, GError **error)
{
	GString *files = g_string_new(NULL);

	add_circle(files, chain);
	json_doc_error(doc, error, ERROR_SCENARIO, at, "goes round in a circle: %s (expected an end)",
		       files->str);
	g_string_free(files, TRUE);
	return false;
}

/* Keys that say something of that file alone. */
static void forget_own(const struct json_include *how, struct json_doc *doc)
{
	for (const char *const *key = how->own; *key; key++)
		cJSON_DeleteItemFromObjectCaseSensitive(doc->root, *key);
}

static bool take_file(struct include *in, struct json_doc *doc, const char *at, const struct chain *chain,
		      GError **error)
{
	struct json_doc *from;
	bool good;

	if (names_itself(chain))
		return circle(doc, at, chain, error);
	if (in->files++ == INCLUDES_MAX)
		return json_doc_error(doc, error, ERROR_SCENARIO, at,
				      "makes more than %d files (expected fewer)", INCLUDES_MAX);
	from = json_doc_load(chain->file, error);
	if (!from)
		return false;
	good = cJSON_IsObject(from->root) || json_doc_error(from, error, ERROR_SCENARIO, "",
							    "what is included is no object (expected one)");
	good = good && resolve(in, from, chain, error);
	if (good) {
		forget_own(in->how, from);
		merge(doc, doc->root, from, from->root);
		move_sources(doc, from);
	}
	json_doc_free(from);
	return good;
}

static bool take_name(struct include *in, struct json_doc *doc, u32 index, const cJSON *item,
		      const struct chain *up, GError **error)
{
	char *at = g_strdup_printf("%s[%u]", in->how->key, index);
	struct chain chain = { .up = up };
	char *file = NULL, *hint;
	bool good = cJSON_IsString(item);

	if (!good) {
		json_doc_error(doc, error, ERROR_SCENARIO, at, "is no string (expected the name of a file)");
	} else {
		file = in->how->find(up->file, item->valuestring, in->how->data);
		good = file;
	}
	if (good) {
		chain.file = file;
		good = take_file(in, doc, at, &chain, error);
	} else if (cJSON_IsString(item)) {
		hint = in->how->expected(in->how->data);
		json_doc_error(doc, error, ERROR_SCENARIO, at, "there is no file \"%s\" (expected %s)",
			       item->valuestring, hint);
		g_free(hint);
	}
	g_free(file);
	g_free(at);
	return good;
}

/* The last one first: what is there stays. */
static bool resolve(struct include *in, struct json_doc *doc, const struct chain *up, GError **error)
{
	cJSON *list = cJSON_GetObjectItemCaseSensitive(doc->root, in->how->key);
	bool good = true;

	if (!list)
		return true;
	if (!cJSON_IsArray(list))
		return json_doc_error(doc, error, ERROR_SCENARIO, in->how->key,
				      "is no list (expected [\"file\", ...])");
	for (u32 i = (u32)cJSON_GetArraySize(list); good && i > 0; i--)
		good = take_name(in, doc, i - 1, cJSON_GetArrayItem(list, (int)i - 1), up, error);
	if (good) {
		json_place_forget(doc, list);
		cJSON_DeleteItemFromObjectCaseSensitive(doc->root, in->how->key);
	}
	return good;
}

bool json_doc_include(struct json_doc *doc, const struct json_include *how, GError **error)
{
	struct include in = { .how = how };
	struct chain top = { .file = json_doc_name(doc) };

	return !cJSON_IsObject(doc->root) || resolve(&in, doc, &top, error);
}
