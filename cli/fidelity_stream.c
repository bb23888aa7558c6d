#include "cli/fidelity_stream.h"

#include <glib/gstdio.h>
#include <string.h>

#include "sim/error.h"
#include "traces/import.h"

enum { PAGE_BYTES = 4096, PAGES_PER_MIB = 256, LEVEL = 1 };
#define FILL_DONE "fill_done"

static const struct {
	const char *pattern;
	u32 bytes; /* of tables, a page of the mapping */
} programs[] = {
	{ "zipf", 8 + 4 },
	{ "zipfloc", 8 },
};

u32 fidelity_stream_tables(const struct fidelity_stream *stream)
{
	for (u32 i = 0; i < ARRAY_SIZE(programs); i++)
		if (!strcmp(stream->pattern, programs[i].pattern))
			return stream->mib * PAGES_PER_MIB * programs[i].bytes / PAGE_BYTES;
	return 0;
}

/* ---- tables ---- */

struct tables {
	struct trace_writer *writer;
	u32 first; /* page */
	u32 pages;
	u32 turn;
	u64 fill;
};

/* The accesses of one run, each after one to a table. */
static bool write_used(struct tables *t, const struct trace_run *run, GError **error)
{
	bool good = true;

	for (u32 i = 0; good && i < run->count; i++) {
		u32 table = t->first + t->turn++ % t->pages;

		good = trace_writer_access(t->writer, table, TRACE_READ, 0, error) &&
		       trace_writer_access(t->writer, trace_run_page(run, i), trace_op(run), trace_gap(run),
					   error);
	}
	return good;
}

static bool write_all(struct tables *t, const struct trace *trace, GError **error)
{
	struct trace_run build = trace_run(t->first, t->pages, 1, TRACE_WRITE, 1);
	bool good = trace_writer_run(t->writer, &build, error);
	u64 accesses = 0;

	for (u64 i = 0; good && i < trace->header.runs; accesses += trace->runs[i++].count)
		good = accesses < t->fill ? trace_writer_run(t->writer, &trace->runs[i], error)
					  : write_used(t, &trace->runs[i], error);
	return good && trace_writer_finish(t->writer, error);
}

/* The trace in @in with the tables behind its mapping, in @out. */
static bool add_tables(const char *in, const char *out, u32 pages, u64 fill, GError **error)
{
	struct trace *trace = trace_load(in, error);
	struct tables t = { .pages = pages, .fill = fill };
	struct trace_header *header;
	bool good = false;

	t.writer = trace ? trace_writer_new(out, LEVEL, error) : NULL;
	if (t.writer) {
		t.first = trace->header.pages;
		header = trace_writer_header(t.writer);
		header->tick = trace->header.tick;
		header->tick_ps = trace->header.tick_ps;
		header->program = g_strdup(trace->header.program);
		header->licence = g_strdup(trace->header.licence);
		header->marks = g_new0(struct trace_mark, 1);
		header->marks[0] = (struct trace_mark){ pages + fill, g_strdup(FILL_DONE) };
		header->marks_count = 1;
		good = write_all(&t, trace, error);
		trace_writer_free(t.writer);
	}
	trace_free(trace);
	return good;
}

/* ---- files ---- */

static char *import(const struct fidelity_stream *stream, const char *out, GError **error)
{
	char *mark = stream->fill ? g_strdup_printf(FILL_DONE "@%" G_GUINT64_FORMAT, stream->fill) : NULL;
	const char *const marks[] = { mark, NULL };
	struct trace_import import = { .in = stream->path, .out = out, .level = LEVEL, .marks = marks };
	bool good = trace_import(&import, error);

	g_free(mark);
	return good ? g_strdup(out) : NULL;
}

bool fidelity_stream_is_written(const struct fidelity_stream *stream)
{
	return fidelity_stream_tables(stream) || !g_str_has_suffix(stream->path, ".swt");
}

static char *place_of(const struct fidelity_stream *stream, const char *folder, const char *suffix)
{
	char *base = g_path_get_basename(stream->path);
	char *absolute = g_canonicalize_filename(folder, NULL);
	char *name = g_strconcat(base, suffix, NULL);
	char *place = g_build_filename(absolute, name, NULL);

	g_free(name);
	g_free(absolute);
	g_free(base);
	return place;
}

char *fidelity_stream_trace(const struct fidelity_stream *stream, const char *folder, GError **error)
{
	bool imported = !g_str_has_suffix(stream->path, ".swt");
	u32 pages = fidelity_stream_tables(stream);
	char *trace, *place = place_of(stream, folder, pages ? ".tables.swt" : ".swt");

	if (!imported && !pages) {
		g_free(place);
		return g_canonicalize_filename(stream->path, NULL);
	}
	trace = imported ? import(stream, place, error) : g_strdup(stream->path);
	if (trace && pages && !add_tables(trace, place, pages, stream->fill, error))
		g_clear_pointer(&trace, g_free);
	g_free(trace ? trace : place);
	return trace ? place : NULL;
}

/* ---- chunks ---- */

/* The next page written. False: it is not where chunks would have it. */
static bool add_to_chunks(GString *order, u64 at, u32 page, u32 pages)
{
	if (page % pages != at % pages)
		return false;
	if (at % pages == 0)
		g_string_append_printf(order, "%s%u", at ? ", " : "", page / pages);
	return true;
}

char *fidelity_stream_chunks(const struct fidelity_stream *stream, const char *path, u32 pages,
			     GError **error)
{
	struct trace *trace = trace_load(path, error);
	GString *order = g_string_new("[");
	u64 accesses = 0;
	bool good = trace && trace->header.accesses > stream->fill;

	for (u64 i = 0; good && i < trace->header.runs; i++) {
		const struct trace_run *run = &trace->runs[i];

		for (u32 n = 0; good && n < run->count; n++, accesses++)
			if (accesses >= stream->fill)
				good = add_to_chunks(order, accesses - stream->fill, trace_run_page(run, n),
						     pages);
	}
	trace_free(trace);
	g_string_append(order, "]");
	return g_string_free(order, !good);
}
