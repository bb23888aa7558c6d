/*
 * test_trace_imported.h - for tests of importers: text in, the trace or the refusal out.
 */
#ifndef TESTS_TRACE_IMPORTED_H
#define TESTS_TRACE_IMPORTED_H

#include "tests/unit/test_trace_files.h"
#include "traces/trace.h"

static inline bool import(const struct test_files *files, const char *format, const char *text,
			  GError **error)
{
	struct trace_import options = { .format = format, .in = files->in, .out = files->out };

	put_file(files->in, text, strlen(text));
	g_unlink(files->out);
	return trace_import(&options, error);
}

static inline struct trace *imported(const struct test_files *files, const char *format, const char *text)
{
	GError *error = NULL;
	struct trace *trace;

	if (!import(files, format, text, &error))
		g_printerr("\n%s\n", error->message);
	CU_ASSERT_PTR_NULL_FATAL(error);
	trace = trace_load(files->out, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(trace);
	return trace;
}

static inline void expect_refusal(const struct test_files *files, const char *format, const char *text,
				  int code, const char *message)
{
	GError *error = NULL;

	CU_ASSERT(!import(files, format, text, &error));
	expect_error(&error, files, code, message);
	CU_ASSERT(!g_file_test(files->out, G_FILE_TEST_EXISTS));
}

/* One letter and number a run: "R5x3+1@7" is three reads from page 5 up, gap 7. */
static inline void expect_runs(struct trace *trace, const char *expected)
{
	GString *said = g_string_new(NULL);

	for (u64 i = 0; i < trace->header.runs; i++) {
		const struct trace_run *run = &trace->runs[i];

		g_string_append_printf(said, "%s%c%u", i ? " " : "", TRACE_OP_LETTERS[trace_op(run)],
				       run->page);
		if (run->count > 1)
			g_string_append_printf(said, "x%u%+d", run->count, trace_stride(run));
		g_string_append_printf(said, "@%" G_GUINT64_FORMAT, (guint64)trace_gap(run));
	}
	CU_ASSERT_STRING_EQUAL(said->str, expected);
	if (strcmp(said->str, expected))
		g_printerr("\nsaid: %s\nnot:  %s\n", said->str, expected);
	g_string_free(said, TRUE);
	trace_free(trace);
}

#endif
