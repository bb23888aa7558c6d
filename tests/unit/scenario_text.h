/*
 * scenario_text.h - scenarios written in a test, with single quotes for double ones.
 */
#ifndef TESTS_UNIT_SCENARIO_TEXT_H
#define TESTS_UNIT_SCENARIO_TEXT_H

#include <string.h>

#include "models/run.h"

/* As a file "s.json" in the current directory; NULL and @error, as scenario_read(). */
static inline struct scenario *scenario_in(const char *data_dir, const char *text, GError **error)
{
	char *json = g_strdelimit(g_strdup(text), "'", '"');
	struct json_doc *doc = json_doc_parse("s.json", json, strlen(json), error);
	struct scenario *s = doc ? scenario_read(doc, data_dir, error) : NULL;

	json_doc_free(doc);
	g_free(json);
	return s;
}

/* One that must be right. */
static inline struct scenario *scenario_right_in(const char *data_dir, const char *text)
{
	GError *error = NULL;
	struct scenario *s = scenario_in(data_dir, text, &error);

	if (!s)
		g_error("%s", error->message);
	return s;
}

/* With the bundled traces of the source tree. */
#define scenario_from(text, error) scenario_in(SOURCE_DIR, text, error)
#define scenario_right(text) scenario_right_in(SOURCE_DIR, text)

static inline struct build_options options_of(const struct scenario *s, const char *kernel)
{
	return (struct build_options){ .kernel = kernel, .seed = scenario_seed(s) };
}

#endif
