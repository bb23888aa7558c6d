/*
 * test_plot.h - result folders written by hand, and what plots make of them.
 */
#ifndef TESTS_UNIT_TEST_PLOT_H
#define TESTS_UNIT_TEST_PLOT_H

#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "plots/plot.h"
#include "sim/error.h"
#include "tests/unit/unit.h"

static inline void add_file(const char *folder, const char *name, const char *text)
{
	char *file = g_build_filename(folder, name, NULL);

	CU_ASSERT_TRUE_FATAL(g_file_set_contents(file, text, -1, NULL));
	g_free(file);
}

/* With a manifest and one more file. */
static inline char *folder_with(const char *name, const char *text)
{
	char *folder = g_dir_make_tmp("swapsim-plot-XXXXXX", NULL);

	add_file(folder, "manifest.json",
		 "{\"tool\": \"swapsim\", \"version\": \"1\", \"scenario\": \"it's\",\n"
		 "\"scenario_hash\": \"00ff\", \"workload\": \"rand, 1 thread\", \"devices\": \"disk\",\n"
		 "\"complete\": true, \"runs\": [{\"kernel\": \"6.17\", \"seed\": 3}, {\"seed\": 5}]}\n");
	add_file(folder, name, text);
	return folder;
}

static inline void folder_free(char *folder)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while ((name = g_dir_read_name(dir))) {
		char *file = g_build_filename(folder, name, NULL);

		g_remove(file);
		g_free(file);
	}
	g_dir_close(dir);
	g_rmdir(folder);
	g_free(folder);
}

/* Fails with the message, in which FOLDER/ is left out. */
static inline void check_refused(const char *plot, char *folder, const char *expected)
{
	struct plot_text drawn = { 0 };
	GError *error = NULL;
	const char *found;

	CU_ASSERT_FALSE(plot_find(plot)->draw(folder, &drawn, &error));
	CU_ASSERT_TRUE_FATAL(g_error_matches(error, SWAPSIM_ERROR, ERROR_IO));
	found = error->message + (g_str_has_prefix(error->message, folder) ? strlen(folder) + 1 : 0);
	CU_ASSERT_STRING_EQUAL(found, expected);
	CU_ASSERT_PTR_NULL(drawn.data);
	g_error_free(error);
	folder_free(folder);
}

static inline void check_error(const char *plot, const char *file, const char *text, const char *expected)
{
	check_refused(plot, folder_with(file, text), expected);
}

/* A point without a size is a matrix that some readers refuse, and the picture with it. */
static inline void check_svg(const char *file)
{
	char *text = NULL;

	CU_ASSERT_TRUE_FATAL(g_file_get_contents(file, &text, NULL, NULL));
	CU_ASSERT_PTR_NULL(strstr(text, "scale(0.00)"));
	g_free(text);
}

/* Not a word from gnuplot, and both pictures are there. */
static inline void check_drawn(const char *plot, const char *folder)
{
	static const char *const suffixes[] = { ".svg", ".png" };
	GError *error = NULL;

	CU_ASSERT_TRUE(plot_write(plot_find(plot), folder, NULL, &error));
	if (error)
		g_printerr("\n%s\n", error->message);
	g_clear_error(&error);
	for (u32 i = 0; i < ARRAY_SIZE(suffixes); i++) {
		char *file = g_strconcat(folder, "/", plot, suffixes[i], NULL);
		GStatBuf status;

		CU_ASSERT(g_stat(file, &status) == 0 && status.st_size > 5000);
		if (!i)
			check_svg(file);
		g_free(file);
	}
}

static inline void plot_text_release(struct plot_text *text)
{
	g_free(text->data);
	g_free(text->script);
}

#endif
