#include "cli/load.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/list.h"
#include "sim/suggest.h"

char *find_scenario(const char *name)
{
	char *with_suffix, *bundled;

	if (g_file_test(name, G_FILE_TEST_EXISTS))
		return g_strdup(name);
	with_suffix = g_str_has_suffix(name, ".json") ? g_strdup(name) : g_strconcat(name, ".json", NULL);
	bundled = g_build_filename(data_dir(), "scenarios", with_suffix, NULL);
	g_free(with_suffix);
	if (g_file_test(bundled, G_FILE_TEST_EXISTS))
		return bundled;
	g_free(bundled);
	return g_strdup(name);
}

bool scenario_found(const char *name, const char *path, GError **error)
{
	const char *near;
	char **names;

	if (g_file_test(path, G_FILE_TEST_EXISTS) || strchr(name, '/'))
		return true;
	names = bundled_scenarios();
	near = suggest(name, (const char *const *)names);
	if (near)
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
			    "%s: no such file, and no bundled scenario is called so (did you mean %s?)", name,
			    near);
	g_strfreev(names);
	return !near;
}

struct scenario *load_scenario(const char *file, const char *const *sets, const char *last, GError **error)
{
	char *path = find_scenario(file);
	struct json_doc *doc = scenario_found(file, path, error) ? json_doc_load(path, error) : NULL;
	struct scenario *s = NULL;
	bool good = doc && scenario_include(doc, data_dir(), error);

	g_free(path);
	for (u32 i = 0; good && sets && sets[i]; i++)
		good = json_doc_set(doc, &scenario_table, sets[i], error);
	if (good && last)
		good = json_doc_set(doc, &scenario_table, last, error);
	if (good)
		s = scenario_read(doc, data_dir(), error);
	if (doc)
		json_doc_free(doc);
	return s;
}

/* A scenario may hold thousands of tasks and cgroups; who reads of more than these? */
enum { WARNINGS_PRINTED = 10, TASKS_IN_WORDS = 8 };

void print_warnings(const struct scenario *s)
{
	const char *const *warning = scenario_warnings(s);
	u32 n = g_strv_length((char **)warning);

	for (u32 i = 0; i < MIN(n, WARNINGS_PRINTED); i++)
		fprintf(stderr, "swapsim: warning: %s\n", warning[i]);
	if (n > WARNINGS_PRINTED)
		fprintf(stderr, "swapsim: warning: and %u more like these\n", n - WARNINGS_PRINTED);
}

static const cJSON *member(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

static u32 task_count(const cJSON *task)
{
	const cJSON *count = member(task, "count");

	return cJSON_IsNumber(count) ? (u32)count->valueint : 1;
}

/* "replay cc1" of a trace, otherwise the name of the pattern. */
static char *work_of(const cJSON *task)
{
	const cJSON *workload = member(task, "workload");
	const char *file = cJSON_GetStringValue(member(member(workload, "trace"), "file"));
	const cJSON *pattern;
	char *base, *dot, *words;

	if (file) {
		base = g_path_get_basename(file);
		dot = strrchr(base, '.');
		if (dot)
			*dot = 0;
		words = g_strconcat("trace ", base, NULL);
		g_free(base);
		return words;
	}
	cJSON_ArrayForEach(pattern, workload)
	{
		if (cJSON_IsObject(pattern))
			return g_strdup(pattern->string);
	}
	return g_strdup("work");
}

static char *all_work(const cJSON *tasks)
{
	GString *text = g_string_new(NULL);
	const cJSON *task;
	int n = 0;

	cJSON_ArrayForEach(task, tasks)
	{
		char *work;

		if (n++ == TASKS_IN_WORDS) {
			g_string_append_printf(text, "; and %d more",
					       cJSON_GetArraySize(tasks) - TASKS_IN_WORDS);
			break;
		}
		work = work_of(task);
		g_string_append_printf(text, "%s%s, %u thread%s", text->len ? "; " : "", work,
				       task_count(task), task_count(task) == 1 ? "" : "s");
		g_free(work);
	}
	return g_string_free(text, FALSE);
}

static char *all_devices(const cJSON *swap)
{
	GString *text = g_string_new(NULL);
	const cJSON *device;

	cJSON_ArrayForEach(device, swap)
	{
		const char *name = cJSON_GetStringValue(member(device, "device"));

		g_string_append_printf(text, "%s%s", text->len ? ", " : "", name ? name : "?");
	}
	if (!text->len)
		g_string_append(text, "no swap");
	return g_string_free(text, FALSE);
}

struct scenario_words effective_in_words(const char *effective)
{
	cJSON *root = cJSON_Parse(effective);
	const cJSON *task;
	struct scenario_words words = { all_work(member(root, "tasks")), all_devices(member(root, "swap")),
					0 };

	cJSON_ArrayForEach(task, member(root, "tasks"))
	{
		words.tasks += task_count(task);
	}
	cJSON_Delete(root);
	return words;
}

struct scenario_words scenario_in_words(const struct scenario *s)
{
	char *text = scenario_effective(s);
	struct scenario_words words = effective_in_words(text);

	g_free(text);
	return words;
}

void scenario_words_release(struct scenario_words *w)
{
	g_free(w->work);
	g_free(w->devices);
	*w = (struct scenario_words){ 0 };
}
