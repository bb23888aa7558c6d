#include <cjson/cJSON.h>

#include "cli/cli.h"
#include "cli/list.h"
#include "plots/plot.h"
#include "traces/trace.h"

static int by_name(const void *a, const void *b)
{
	return g_strcmp0(*(const char *const *)a, *(const char *const *)b);
}

/* Names in a folder of the data directory that end in @suffix, sorted. */
static GPtrArray *names_in(const char *folder, const char *suffix, GError **error)
{
	char *path = g_build_filename(data_dir(), folder, NULL);
	GDir *dir = g_dir_open(path, 0, NULL);
	GPtrArray *names;
	const char *name;

	if (!dir) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
			    "%s: cannot be read ($SWAPSIM_DATA names another place)", path);
		g_free(path);
		return NULL;
	}
	names = g_ptr_array_new_with_free_func(g_free);
	while ((name = g_dir_read_name(dir)))
		if (g_str_has_suffix(name, suffix))
			g_ptr_array_add(names, g_strdup(name));
	g_ptr_array_sort(names, by_name);
	g_dir_close(dir);
	g_free(path);
	return names;
}

static bool list_trace(struct table *t, const char *folder, const char *name, GError **error)
{
	char *path = g_build_filename(data_dir(), folder, name, NULL);
	struct trace_reader *reader = trace_reader_open(path, error);
	const struct trace_header *h;

	g_free(path);
	if (!reader)
		return false;
	h = trace_reader_header(reader);
	if (g_str_has_prefix(folder, "traces/"))
		table_printf(t, "%s/%.*s", folder + strlen("traces/"), (int)(g_utf8_strlen(name, -1) - 4),
			     name);
	else
		table_printf(t, "%.*s", (int)(g_utf8_strlen(name, -1) - 4), name);
	table_number(t, h->pages);
	table_number(t, h->accesses);
	table_text(t, h->program ? h->program : "");
	trace_reader_close(reader);
	return true;
}

bool list_traces(struct table *t, GError **error)
{
	static const char *const folders[] = { "traces", "traces/groundtruth", "traces/kernels" };
	bool good = true;

	table_column(t, "trace", TABLE_LEFT);
	table_column(t, "pages", TABLE_RIGHT);
	table_column(t, "accesses", TABLE_RIGHT);
	table_column(t, "program", TABLE_LEFT);
	for (u32 f = 0; good && f < ARRAY_SIZE(folders); f++) {
		GPtrArray *names = names_in(folders[f], ".swt", error);

		if (!names)
			return false;
		for (u32 i = 0; good && i < names->len; i++)
			good = list_trace(t, folders[f], g_ptr_array_index(names, i), error);
		g_ptr_array_free(names, TRUE);
	}
	return good;
}

static char *description_of(const char *folder, const char *name)
{
	char *path = g_build_filename(data_dir(), folder, name, NULL);
	const char *found;
	char *text = NULL, *description;
	cJSON *root = NULL;

	if (g_file_get_contents(path, &text, NULL, NULL))
		root = cJSON_Parse(text);
	found = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "description"));
	description = g_strdup(found ? found : "");
	cJSON_Delete(root);
	g_free(text);
	g_free(path);
	return description;
}

static void describe_columns(struct table *t, const char *what)
{
	table_column(t, what, TABLE_LEFT);
	table_column(t, "description", TABLE_LEFT);
}

/* @prefix is what stands before the name where it is given to a command. */
static bool list_described(struct table *t, const char *folder, const char *prefix, GError **error)
{
	GPtrArray *names = names_in(folder, ".json", error);

	if (!names)
		return false;
	for (u32 i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		char *description = description_of(folder, name);

		table_printf(t, "%s%.*s", prefix, (int)(g_utf8_strlen(name, -1) - 5), name);
		table_text(t, description);
		g_free(description);
	}
	g_ptr_array_free(names, TRUE);
	return true;
}

char **bundled_scenarios(void)
{
	GPtrArray *names = names_in("scenarios", ".json", NULL);

	if (!names)
		return g_new0(char *, 1);
	for (u32 i = 0; i < names->len; i++)
		*strrchr(g_ptr_array_index(names, i), '.') = 0;
	g_ptr_array_add(names, NULL);
	return (char **)g_ptr_array_free(names, FALSE);
}

bool list_scenarios(struct table *t, GError **error)
{
	describe_columns(t, "scenario");
	return list_described(t, "scenarios", "", error) &&
	       list_described(t, "scenarios/argument", "argument/", error) &&
	       list_described(t, "scenarios/metadata", "metadata/", error) &&
	       list_described(t, "scenarios/published", "published/", error) &&
	       list_described(t, "scenarios/race", "race/", error);
}

bool list_presets(struct table *t, GError **error)
{
	describe_columns(t, "preset");
	return list_described(t, "scenarios/presets", "", error);
}

bool list_plots(struct table *t, GError **error)
{
	u32 n;
	const struct plot *plots = plot_list(&n);

	(void)error;
	table_column(t, "plot", TABLE_LEFT);
	table_column(t, "of", TABLE_LEFT);
	table_column(t, "summary", TABLE_LEFT);
	for (u32 i = 0; i < n; i++) {
		table_text(t, plots[i].name);
		table_text(t, plots[i].of);
		table_text(t, plots[i].summary);
	}
	return true;
}
