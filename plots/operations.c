#include "plots/operations.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "sim/units.h"

static void operation_clear(void *item)
{
	struct operation *o = item;

	g_free(o->cgroup);
	g_free(o->text);
}

static int by_time(const void *a, const void *b)
{
	const struct operation *x = a, *y = b;

	return x->time_ns < y->time_ns ? -1 : x->time_ns > y->time_ns;
}

static const char *text_of(const cJSON *object, const char *key)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

/* The file is the member that is neither of the others. */
static void add(GArray *operations, const cJSON *object)
{
	const char *at = text_of(object, "at"), *cgroup = text_of(object, "cgroup");
	struct operation o = { 0 };
	const cJSON *file;

	if (!at || !cgroup || duration_parse(at, &o.time_ns))
		return;
	cJSON_ArrayForEach(file, object)
	{
		if (!cJSON_IsString(file) || !g_str_has_prefix(file->string, "memory."))
			continue;
		o.cgroup = g_strdup(cgroup);
		o.text = g_strdup_printf("%s %s", file->string, file->valuestring);
		g_array_append_val(operations, o);
		return;
	}
}

GArray *operations_load(const char *folder)
{
	GArray *operations = g_array_new(FALSE, FALSE, sizeof(struct operation));
	char *path = g_build_filename(folder, "scenario.json", NULL), *text = NULL;
	cJSON *root = NULL;
	const cJSON *object;

	g_array_set_clear_func(operations, operation_clear);
	if (g_file_get_contents(path, &text, NULL, NULL))
		root = cJSON_Parse(text);
	cJSON_ArrayForEach(object, cJSON_GetObjectItemCaseSensitive(root, "operations"))
	{
		add(operations, object);
	}
	g_array_sort(operations, by_time);
	cJSON_Delete(root);
	g_free(text);
	g_free(path);
	return operations;
}
