/*
 * json_path.h - inside the JSON reader: paths as text. The notation is in json_doc.h.
 */
#ifndef SIM_JSON_PATH_H
#define SIM_JSON_PATH_H

#include <cjson/cJSON.h>
#include <glib.h>

#include "sim/types.h"

struct json_table;

struct json_step {
	char *key; /* of a member, owned; NULL of an element */
	u32 index;
};

void json_path_add_key(GString *path, const char *key);
void json_path_add_index(GString *path, u32 index);
/* What is left of a path that leads nowhere, printed as it came. */
void json_path_add_rest(GString *path, const char *rest);

/*
 * Takes the first step off a path; start says that none came before. Of the keys of item and of the fields of
 * table (either may be NULL) the longest that fits is meant. Returns what is left of the path, or NULL when
 * it is malformed. The caller frees step->key.
 */
const char *json_path_step(const char *path, bool start, const cJSON *item, const struct json_table *table,
			   struct json_step *step);

/* The element or member, NULL when item has none such. */
cJSON *json_path_child(const cJSON *item, const struct json_step *step);

/* The deepest value there is on the way from item along relative; the whole way is appended to path. */
const cJSON *json_path_find(const cJSON *item, const char *relative, GString *path);

#endif
