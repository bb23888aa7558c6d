/*
 * json_path.c - paths as text. See json_path.h.
 */
#include "sim/json_path.h"

#include <string.h>

#include "sim/json.h"
#include "sim/json_emit.h"
#include "sim/json_scan.h"

static bool is_plain(const char *key)
{
	if (!*key)
		return false;
	for (; *key; key++) {
		if (!g_ascii_isalnum(*key) && !strchr("_-+$", *key))
			return false;
	}
	return true;
}

void json_path_add_key(GString *path, const char *key)
{
	if (path->len)
		g_string_append_c(path, '.');
	if (is_plain(key))
		g_string_append(path, key);
	else
		json_emit_quoted(path, key);
}

void json_path_add_index(GString *path, u32 index)
{
	g_string_append_printf(path, "[%u]", index);
}

static const char *step_index(const char *path, u32 *index)
{
	u64 sum = 0;
	const char *c = path + 1;

	while (g_ascii_isdigit(*c) && sum <= UINT32_MAX)
		sum = sum * 10 + (u64)(*c++ - '0');
	if (c == path + 1 || *c != ']' || sum > UINT32_MAX)
		return NULL;
	*index = (u32)sum;
	return c + 1;
}

static const char *step_quoted(const char *path, char **key)
{
	size_t n = json_scan_literal(path);
	cJSON *literal;

	if (!n)
		return NULL;
	literal = cJSON_ParseWithLength(path, n);
	BUG_ON(!literal);
	*key = g_strdup(literal->valuestring);
	cJSON_Delete(literal);
	return path + n;
}

/* How much of the path is this key, which must end where a step ends. */
static size_t fits(const char *path, const char *key)
{
	size_t n = strlen(key);

	return strncmp(path, key, n) == 0 && strchr(".[", path[n]) ? n : 0;
}

/* A key up to the next dot, or beyond it where there are keys with dots that begin so: memory.mx. */
static size_t dotted_key(const char *path, const struct json_table *table)
{
	size_t n = strcspn(path, ".[");

	if (!n || path[n] != '.')
		return n;
	for (const struct json_field *f = table ? table->fields : NULL; f && f->key; f++)
		if (!strncmp(f->key, path, n + 1))
			return strcspn(path, "[");
	return n;
}

static const char *step_plain(const char *path, const cJSON *item, const struct json_table *table, char **key)
{
	const cJSON *child;
	size_t best = 0;

	if (cJSON_IsObject(item)) {
		cJSON_ArrayForEach(child, item) best = MAX(best, fits(path, child->string));
	}
	for (const struct json_field *f = table ? table->fields : NULL; f && f->key; f++)
		best = MAX(best, fits(path, f->key));
	if (!best)
		best = dotted_key(path, table);
	if (!best)
		return NULL;
	*key = g_strndup(path, best);
	return path + best;
}

const char *json_path_step(const char *path, bool start, const cJSON *item, const struct json_table *table,
			   struct json_step *step)
{
	const char *rest;

	*step = (struct json_step){ .key = NULL };
	if (*path == '[')
		return step_index(path, &step->index);
	if (!start && *path++ != '.')
		return NULL;
	rest = *path == '"' ? step_quoted(path, &step->key) : step_plain(path, item, table, &step->key);
	if (rest && !strchr(".[", *rest))
		rest = NULL;
	if (!rest)
		g_clear_pointer(&step->key, g_free);
	return rest;
}

cJSON *json_path_child(const cJSON *item, const struct json_step *step)
{
	if (step->key)
		return cJSON_IsObject(item) ? cJSON_GetObjectItemCaseSensitive(item, step->key) : NULL;
	if (!cJSON_IsArray(item) || step->index > INT_MAX)
		return NULL;
	return cJSON_GetArrayItem(item, (int)step->index);
}

void json_path_add_rest(GString *path, const char *rest)
{
	if (!*rest)
		return;
	if (path->len && *rest != '.' && *rest != '[')
		g_string_append_c(path, '.');
	g_string_append(path, path->len ? rest : rest + (*rest == '.'));
}

const cJSON *json_path_find(const cJSON *item, const char *relative, GString *path)
{
	bool start = true;

	while (*relative) {
		struct json_step step;
		const char *rest = json_path_step(relative, start, item, NULL, &step);
		const cJSON *child = rest ? json_path_child(item, &step) : NULL;

		if (!child) {
			g_free(step.key);
			json_path_add_rest(path, relative);
			return item;
		}
		if (step.key)
			json_path_add_key(path, step.key);
		else
			json_path_add_index(path, step.index);
		g_free(step.key);
		item = child;
		relative = rest;
		start = false;
	}
	return item;
}
