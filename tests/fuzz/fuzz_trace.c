/*
 * fuzz_trace.c - libFuzzer target of the trace reader and the importers. The first byte picks which.
 *
 * For the reader the harness makes a file whose magic, lengths and checksums are right out of any bytes, for
 * no mutation would get past those. What is imported must load, and what is exported must import to the same
 * bytes; what is refused must leave an error and no file. Build: clang -fsanitize=fuzzer,address,undefined,
 * with the sources of traces/ and sim/error.c.
 */
#define _GNU_SOURCE /* memfd_create() */
#include <glib/gstdio.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "traces/block.h"
#include "traces/bytes.h"
#include "traces/export.h"
#include "traces/format.h"
#include "traces/import.h"
#include "traces/xxh64.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file in memory that has a path. */
struct scratch {
	int fd;
	char *path;
};

static void scratch_init(struct scratch *scratch, const void *bytes, size_t size)
{
	scratch->fd = memfd_create("fuzz", 0);
	BUG_ON(scratch->fd < 0 || write(scratch->fd, bytes, size) != (ssize_t)size);
	scratch->path = g_strdup_printf("/proc/self/fd/%d", scratch->fd);
}

static void scratch_release(struct scratch *scratch)
{
	close(scratch->fd);
	g_free(scratch->path);
}

/* Loads it and walks through it; whether it is a trace. */
static bool walk(const char *path)
{
	GError *error = NULL;
	struct trace *trace = trace_load(path, &error);
	struct trace_cursor cursor = { 0 };
	u64 accesses = 0;

	BUG_ON(!trace != !!error);
	if (!trace) {
		BUG_ON(!g_utf8_validate(error->message, -1, NULL));
		g_error_free(error);
		return false;
	}
	while (!trace_at_end(trace, cursor)) {
		u32 left = trace_run_left(trace, cursor);

		BUG_ON(trace_page(trace, cursor) >= trace->header.pages);
		BUG_ON(trace_run_last_page(&trace->runs[cursor.run]) >= trace->header.pages);
		BUG_ON(trace_position(trace, cursor) != accesses);
		accesses += left;
		trace_advance(trace, &cursor, left);
	}
	BUG_ON(accesses != trace->header.accesses);
	trace_free(trace);
	return true;
}

/* Keys up to a zero byte, then blocks: a header each, whose length is taken modulo what is left, and its
 * bytes. */
static void fuzz_reader(const u8 *data, size_t size)
{
	GString *file = g_string_new(FORMAT_MAGIC);
	const u8 *end = memchr(data, 0, size);
	size_t keys = end ? (size_t)(end - data) : size;
	struct scratch scratch;
	u32 number = 0;

	g_string_append_len(file, (const char *)data, (gssize)keys);
	g_string_append_printf(file, FORMAT_CHECKSUM "%016" G_GINT64_MODIFIER "x\n",
			       (guint64)xxh64(file->str, file->len));
	data += keys + !!end;
	size -= keys + !!end;
	while (size >= BLOCK_HEADER) {
		u8 *frame = g_malloc(size + BLOCK_CHECKSUM);
		size_t stored = load_le32(data + 12) % (size - BLOCK_HEADER + 1);

		memcpy(frame, data, BLOCK_HEADER + stored);
		number = frame[0] == BLOCK_RUNS_TYPE && number && data[28] == 0 ? 0 : number;
		store_le32(frame + 12, (u32)stored);
		store_le32(frame + 28, number++);
		store_le64(frame + BLOCK_HEADER + stored, xxh64(frame, BLOCK_HEADER + stored));
		g_string_append_len(file, (char *)frame, (gssize)(BLOCK_HEADER + stored + BLOCK_CHECKSUM));
		g_free(frame);
		data += BLOCK_HEADER + stored;
		size -= BLOCK_HEADER + stored;
	}
	scratch_init(&scratch, file->str, file->len);
	walk(scratch.path);
	scratch_release(&scratch);
	g_string_free(file, TRUE);
}

static char *contents(const char *path, size_t *size)
{
	char *bytes;
	gsize got;

	BUG_ON(!g_file_get_contents(path, &bytes, &got, NULL));
	*size = got;
	return bytes;
}

/* To CSV and back. */
static void check_export(const char *folder, const char *trace)
{
	char *csv = g_build_filename(folder, "csv", NULL),
	     *again = g_build_filename(folder, "again.swt", NULL);
	struct trace_import options = { .format = "csv", .in = csv, .out = again };
	char *first, *second;
	size_t before, after;

	BUG_ON(!trace_export_csv_file(trace, csv, NULL) || !trace_import(&options, NULL));
	first = contents(trace, &before);
	second = contents(again, &after);
	BUG_ON(before != after || memcmp(first, second, before));
	g_unlink(csv);
	g_unlink(again);
	g_free(first);
	g_free(second);
	g_free(csv);
	g_free(again);
}

static void fuzz_import(const char *format, const u8 *data, size_t size)
{
	char *folder = g_dir_make_tmp("fuzz-trace-XXXXXX", NULL),
	     *out = g_build_filename(folder, "out.swt", NULL);
	struct trace_import options = { .format = format, .out = out };
	struct scratch scratch;
	GError *error = NULL;

	scratch_init(&scratch, data, size);
	options.in = scratch.path;
	if (trace_import(&options, &error)) {
		BUG_ON(error || !walk(out));
		check_export(folder, out);
		g_unlink(out);
	} else {
		BUG_ON(!error || !g_utf8_validate(error->message, -1, NULL));
		g_error_free(error);
	}
	BUG_ON(g_rmdir(folder));
	scratch_release(&scratch);
	g_free(out);
	g_free(folder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const formats[] = { "csv", "pages", "lackey-pages", "access" };

	if (!size)
		return 0;
	if (data[0] & 4)
		fuzz_reader(data + 1, size - 1);
	else
		fuzz_import(formats[data[0] & 3], data + 1, size - 1);
	return 0;
}
