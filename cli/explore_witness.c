#include "cli/explore_witness.h"

#include <string.h>

#include "cli/cli.h"
#include "cli/load.h"
#include "cli/race_time.h"
#include "cli/race_timeline.h"
#include "sim/file.h"

/* An assignment of text as JSON. */
static bool set_text(struct json_doc *doc, const char *path, const char *text, GError **error)
{
	char *escaped = g_strescape(text, NULL), *set = g_strdup_printf("%s=\"%s\"", path, escaped);
	bool good = json_doc_set(doc, &scenario_table, set, error);

	g_free(set);
	g_free(escaped);
	return good;
}

static bool set_value(struct json_doc *doc, const char *path, const char *value, GError **error)
{
	char *set = g_strdup_printf("%s=%s", path, value);
	bool good = json_doc_set(doc, &scenario_table, set, error);

	g_free(set);
	return good;
}

static bool set_expected(struct json_doc *doc, const struct finding *f, const char *kernel, GError **error)
{
	char *expect =
	    g_strdup_printf("{\"%s\": \"%s\"}", kernel, strcmp(f->verdict, "target") ? f->verdict : "ok");
	bool good = set_value(doc, "expect", expect, error);

	g_free(expect);
	return good;
}

/* NULL: @error. */
static struct json_doc *make_doc(const struct finding *f, GError **error)
{
	struct scenario *s = load_scenario(f->file, f->sets, NULL, error);
	char *path = find_scenario(f->file);
	struct json_doc *doc = s ? json_doc_load(path, error) : NULL;
	bool good = doc && scenario_include(doc, data_dir(), error);

	for (u32 i = 0; good && f->sets && f->sets[i]; i++)
		good = json_doc_set(doc, &scenario_table, f->sets[i], error);
	good = good && (!f->kernel || set_text(doc, "machine.kernel", f->kernel, error)) &&
	       set_text(doc, "description", f->statement, error) &&
	       set_value(doc, "schedule", f->schedule, error) &&
	       set_expected(doc, f, f->kernel ? f->kernel : scenario_kernel(s), error);
	if (!good && doc) {
		json_doc_free(doc);
		doc = NULL;
	}
	scenario_free(s);
	g_free(path);
	return doc;
}

bool finding_write(const struct finding *f, const char *path, GError **error)
{
	struct json_doc *doc = make_doc(f, error);
	char *text;
	bool good;

	if (!doc)
		return false;
	text = json_doc_write(doc);
	good = file_write(path, text, strlen(text), error);
	json_doc_free(doc);
	g_free(text);
	return good;
}

bool finding_time(const struct finding *f, GError **error)
{
	struct json_doc *doc = make_doc(f, error);
	struct scenario *s = doc ? scenario_read(doc, data_dir(), error) : NULL;
	char *kernels[] = { (char *)(f->kernel ? f->kernel : s ? scenario_kernel(s) : NULL), NULL };
	GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
	bool good =
	    s && print_result("\n", error) && race_print_times(s, kernels, f->seed, TABLE_TEXT, found, error);

	g_ptr_array_free(found, TRUE);
	scenario_free(s);
	if (doc)
		json_doc_free(doc);
	return good;
}

bool finding_draw(const struct finding *f, const char *format, GError **error)
{
	struct race_drawing drawing = { .format = TIMELINE_TEXT };
	struct json_doc *doc = parse_timeline(format, &drawing.format, error) ? make_doc(f, error) : NULL;
	struct scenario *s = doc ? scenario_read(doc, data_dir(), error) : NULL;
	bool good = s && print_result("\n", error) && race_draw(s, f->kernel, f->seed, &drawing, error);

	scenario_free(s);
	if (doc)
		json_doc_free(doc);
	return good;
}
