/*
 * Finding the files that a scenario includes.
 */
#include <string.h>

#include "models/scenario.h"

#define PRESETS "scenarios"

static char *existing(char *path)
{
	if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
		return path;
	g_free(path);
	return NULL;
}

/* "presets/phone" or "presets/phone.json" in a folder, "phone" in its folder of presets. */
static char *find_in(const char *folder, const char *name)
{
	bool here = !strcmp(folder, ".");
	char *path = here ? g_strdup(name) : g_build_filename(folder, name, NULL), *with_suffix;

	if (g_str_has_suffix(name, ".json"))
		return existing(path);
	with_suffix = g_strconcat(path, ".json", NULL);
	path = existing(path);
	if (!path)
		return existing(with_suffix);
	g_free(with_suffix);
	return path;
}

static char *find(const char *from, const char *name, void *data)
{
	char *folder = g_path_get_dirname(from);
	const char *data_dir = data;
	char *file;

	if (g_path_is_absolute(name)) {
		g_free(folder);
		return existing(g_strdup(name));
	}
	file = find_in(folder, name);
	g_free(folder);
	for (u32 i = 0; data_dir && !file && i < 2; i++) {
		folder = g_build_filename(data_dir, PRESETS, i ? "presets" : NULL, NULL);
		file = find_in(folder, name);
		g_free(folder);
	}
	return file;
}

static int by_name(const void *a, const void *b)
{
	return g_strcmp0(*(const char *const *)a, *(const char *const *)b);
}

static char *expected(void *data)
{
	char *folder = g_build_filename(data ? data : ".", PRESETS, "presets", NULL);
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	GString *text = g_string_new("one beside this file, or a preset");
	GDir *dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		if (g_str_has_suffix(name, ".json"))
			g_ptr_array_add(names, g_strndup(name, strlen(name) - 5));
	g_ptr_array_sort(names, by_name);
	for (u32 i = 0; i < names->len; i++)
		g_string_append_printf(text, "%s%s", i ? ", " : ": ", (char *)g_ptr_array_index(names, i));
	if (dir)
		g_dir_close(dir);
	g_ptr_array_free(names, TRUE);
	g_free(folder);
	return g_string_free(text, FALSE);
}

bool scenario_include(struct json_doc *doc, const char *data_dir, GError **error)
{
	static const char *const own[] = { "format", "name", "description", NULL };
	const struct json_include how = {
		.key = "include", .own = own, .find = find, .expected = expected, .data = (void *)data_dir
	};

	return json_doc_include(doc, &how, error);
}
