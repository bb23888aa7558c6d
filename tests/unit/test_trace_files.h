/*
 * test_trace_files.h - small files for the tests of traces: made in a folder of their own, gone with it.
 */
#ifndef TESTS_TRACE_FILES_H
#define TESTS_TRACE_FILES_H

#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "sim/error.h"
#include "tests/unit/unit.h"
#include "traces/import.h"

struct test_files {
	char *folder;
	char *in;
	char *out;
};

static inline void files_init(struct test_files *files)
{
	files->folder = g_dir_make_tmp("swapsim-XXXXXX", NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(files->folder);
	files->in = g_build_filename(files->folder, "in", NULL);
	files->out = g_build_filename(files->folder, "out.swt", NULL);
}

/* Nothing but these two may be left: writers clean up behind themselves. */
static inline void files_release(struct test_files *files)
{
	g_unlink(files->in);
	g_unlink(files->out);
	CU_ASSERT_EQUAL(g_rmdir(files->folder), 0);
	g_free(files->folder);
	g_free(files->in);
	g_free(files->out);
}

static inline void put_file(const char *path, const void *bytes, size_t size)
{
	CU_ASSERT_FATAL(g_file_set_contents(path, bytes, (gssize)size, NULL));
}

static inline char *get_file(const char *path, size_t *size)
{
	char *bytes = NULL;
	gsize got = 0;

	CU_ASSERT_FATAL(g_file_get_contents(path, &bytes, &got, NULL));
	*size = got;
	return bytes;
}

/* The error is of that code and, without the path before it, says exactly this. */
static inline void expect_error(GError **error, const struct test_files *files, int code, const char *message)
{
	const char *said;

	CU_ASSERT_PTR_NOT_NULL_FATAL(*error);
	CU_ASSERT_EQUAL((*error)->domain, SWAPSIM_ERROR);
	CU_ASSERT_EQUAL((*error)->code, code);
	said = (*error)->message;
	if (g_str_has_prefix(said, files->folder))
		said += strlen(files->folder) + 1;
	CU_ASSERT_STRING_EQUAL(said, message);
	if (strcmp(said, message))
		g_printerr("\nsaid: %s\nnot:  %s\n", said, message);
	g_clear_error(error);
}

#endif
