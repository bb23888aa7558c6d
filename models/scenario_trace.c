/*
 * Finding the traces that a scenario names.
 */
#include "models/scenario_parts.h"

enum { RUNS_IN_MEMORY = 1 << 24 /* 256 MiB; longer traces are replayed from the file */ };

static void add_candidates(GPtrArray *paths, const char *dir, const char *name)
{
	g_ptr_array_add(paths, g_build_filename(dir, name, NULL));
	if (!g_str_has_suffix(name, ".swt"))
		g_ptr_array_add(paths, g_strdup_printf("%s/%s.swt", dir, name));
}

/* Where it may lie, first come first served; g_free() the answer, NULL if nowhere. */
static char *find_file(const struct json_doc *doc, const char *data_dir, const char *name)
{
	GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
	char *beside = g_path_get_dirname(json_doc_name(doc));
	char *bundled = data_dir ? g_build_filename(data_dir, "traces", NULL) : NULL;
	char *found = NULL;

	if (g_path_is_absolute(name)) {
		g_ptr_array_add(paths, g_strdup(name));
	} else {
		add_candidates(paths, beside, name);
		if (bundled)
			add_candidates(paths, bundled, name);
	}
	for (u32 i = 0; i < paths->len && !found; i++)
		if (g_file_test(g_ptr_array_index(paths, i), G_FILE_TEST_IS_REGULAR))
			found = g_strdup(g_ptr_array_index(paths, i));
	g_ptr_array_free(paths, TRUE);
	g_free(beside);
	g_free(bundled);
	return found;
}

const struct trace *scenario_find_trace(struct scenario *s, const struct json_doc *doc, const char *data_dir,
					const char *name, const char *at, GError **error)
{
	struct scenario_trace t = { .path = find_file(doc, data_dir, name) };

	if (!t.path) {
		json_doc_error(
		    doc, error, ERROR_SCENARIO, at,
		    "there is no trace \"%s\" (expected a file beside the scenario, or a bundled trace)",
		    name);
		return NULL;
	}
	for (u32 i = 0; i < s->trace->len; i++) {
		const struct scenario_trace *known = &g_array_index(s->trace, struct scenario_trace, i);

		if (g_strcmp0(known->path, t.path))
			continue;
		g_free(t.path);
		return known->trace;
	}
	t.trace = trace_load_within(t.path, RUNS_IN_MEMORY, error);
	if (!t.trace) {
		g_free(t.path);
		return NULL;
	}
	g_array_append_val(s->trace, t);
	return t.trace;
}
