#include "traces/export.h"

#include <errno.h>

#include "sim/error.h"
#include "sim/file.h"
#include "traces/header.h"
#include "traces/trace.h"

#define BATCH 1024
#define LINE_MAX_BYTES 64 /* of one run */
#define FILE_LINE_BYTES 90

static char *put_number(char *at, u64 number)
{
	char digits[20];
	u32 n = 0;

	do {
		digits[n++] = (char)('0' + number % 10);
	} while (number /= 10);
	while (n)
		*at++ = digits[--n];
	return at;
}

static char *put_run(char *at, const struct trace_run *run)
{
	at = put_number(at, run->page);
	*at++ = ',';
	*at++ = TRACE_OP_LETTERS[trace_op(run)];
	*at++ = ',';
	at = put_number(at, run->count);
	*at++ = ',';
	if (trace_stride(run) < 0)
		*at++ = '-';
	at = put_number(at, (u64)ABS(trace_stride(run)));
	*at++ = ',';
	at = put_number(at, trace_gap(run));
	*at++ = '\n';
	return at;
}

static void append_file_pages(const struct page_set *set, GString *text)
{
	gsize line = text->len;

	for (u32 page = page_set_next(set, 0); page != PAGE_SET_NONE; page = page_set_next(set, page + 1)) {
		u32 first = page;

		while (page_set_next(set, page + 1) == page + 1)
			page++;
		if (text->len == line)
			g_string_append(text, "# file:");
		g_string_append_printf(text, page > first ? " %u-%u" : " %u", first, page);
		if (text->len - line > FILE_LINE_BYTES) {
			g_string_append_c(text, '\n');
			line = text->len;
		}
	}
	if (text->len > line)
		g_string_append_c(text, '\n');
}

static bool fail(GError **error)
{
	g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "the CSV file cannot be written: %s", g_strerror(errno));
	return false;
}

static bool write_text(const char *text, size_t size, FILE *out, GError **error)
{
	return fwrite(text, 1, size, out) == size || fail(error);
}

static bool write_head(const struct trace_header *header, FILE *out, GError **error)
{
	GString *text = g_string_new("# swapsim-csv 1\n");
	bool good;

	trace_header_print(header, "# ", text);
	append_file_pages(&header->file_pages, text);
	g_string_append(text, "page,op,count,stride,gap\n");
	good = write_text(text->str, text->len, out, error);
	g_string_free(text, TRUE);
	return good;
}

static bool write_runs(struct trace_reader *reader, FILE *out, GError **error)
{
	struct trace_run *runs = g_new(struct trace_run, BATCH);
	char *lines = g_malloc(BATCH * LINE_MAX_BYTES);
	int got;

	while ((got = trace_reader_next(reader, runs, BATCH, error)) > 0) {
		char *at = lines;

		for (int i = 0; i < got; i++)
			at = put_run(at, &runs[i]);
		if (!write_text(lines, (size_t)(at - lines), out, error))
			got = -1;
		if (got < 0)
			break;
	}
	g_free(runs);
	g_free(lines);
	return got == 0;
}

bool trace_export_csv(const char *in, FILE *out, GError **error)
{
	struct trace_reader *reader = trace_reader_open(in, error);
	bool good;

	if (!reader)
		return false;
	good = write_head(trace_reader_header(reader), out, error) && write_runs(reader, out, error);
	if (good && fflush(out))
		good = fail(error);
	trace_reader_close(reader);
	return good;
}

bool trace_export_csv_file(const char *in, const char *path, GError **error)
{
	char *partial = file_partial(path);
	FILE *out = fopen(partial, "wbe");
	bool good = out && trace_export_csv(in, out, error);

	if (out && fclose(out) && good)
		good = false;
	if (good && !file_complete(partial, path))
		good = false;
	if (!good) {
		if (error && !*error)
			g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: cannot be written: %s", path,
				    g_strerror(errno));
		if (out)
			file_abandon(partial, path);
	}
	g_free(partial);
	return good;
}
