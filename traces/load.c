/*
 * load.c - a trace in memory, or where its blocks are, and cursors into it.
 */
#include <errno.h>
#include <unistd.h>

#include "sim/error.h"
#include "traces/trace.h"

/* Grows with what the file really holds, whatever its header says. */
static bool make_room(struct trace *trace, const char *path, u64 *room, u64 runs, u64 most, GError **error)
{
	struct trace_run *moved;

	if (runs <= *room)
		return true;
	*room = MIN(MAX(runs, *room * 2), most);
	moved = g_try_realloc_n(trace->runs, *room, sizeof(*moved));
	if (!moved) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: no memory for %" G_GUINT64_FORMAT " runs",
			    path, (guint64)*room);
		return false;
	}
	trace->runs = moved;
	return true;
}

/* One more call lets the reader look behind the last run. */
static bool read_end(struct trace_reader *reader, GError **error)
{
	return trace_reader_next(reader, &(struct trace_run){ 0 }, 1, error) == 0;
}

static bool read_runs(struct trace *trace, struct trace_reader *reader, const char *path, GError **error)
{
	u64 runs = trace_reader_header(reader)->runs, room = 0, have = 0;
	int got;

	while (have < runs) {
		u32 batch = (u32)MIN(65536, runs - have);

		if (!make_room(trace, path, &room, have + batch, runs, error))
			return false;
		got = trace_reader_next(reader, trace->runs + have, batch, error);
		if (got < 0)
			return false;
		have += (u64)got;
	}
	return read_end(reader, error);
}

enum { AT_ONCE = 4096 };

/* Reads all of it once, for its checks and to see where the blocks begin. */
static bool find_blocks(struct trace *trace, struct trace_reader *reader, GError **error)
{
	GArray *blocks = g_array_new(FALSE, FALSE, sizeof(struct trace_block));
	u64 runs = trace_reader_header(reader)->runs, have = 0;
	struct trace_run *room = g_new(struct trace_run, AT_ONCE);
	struct trace_block block;
	int got = 0;

	for (; got >= 0 && have < runs; have += (u64)MAX(got, 0)) {
		if (trace_reader_block(reader, &block))
			g_array_append_val(blocks, block);
		got = trace_reader_next(reader, room, AT_ONCE, error);
	}
	g_free(room);
	trace->blocks = blocks->len;
	trace->block = (struct trace_block *)(void *)g_array_free(blocks, FALSE);
	return got >= 0 && read_end(reader, error);
}

static bool stay_in_file(struct trace *trace, struct trace_reader *reader, const char *path, GError **error)
{
	if (!find_blocks(trace, reader, error))
		return false;
	trace->path = g_strdup(path);
	trace->fd = dup(trace_reader_fd(reader));
	if (trace->fd >= 0)
		return true;
	g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: cannot be kept open: %s", path, g_strerror(errno));
	return false;
}

static void build_index(struct trace *trace)
{
	u64 accesses = 0;

	trace->index = g_new(u64, trace->header.runs / TRACE_INDEX_STEP + 1);
	for (u64 i = 0; i < trace->header.runs; i++) {
		if (i % TRACE_INDEX_STEP == 0)
			trace->index[i / TRACE_INDEX_STEP] = accesses;
		accesses += trace->runs[i].count;
	}
	if (trace->header.runs % TRACE_INDEX_STEP == 0)
		trace->index[trace->header.runs / TRACE_INDEX_STEP] = accesses;
}

static bool take_runs(struct trace *trace, struct trace_reader *reader, const char *path, u64 runs_most,
		      GError **error)
{
	u64 runs = trace_reader_header(reader)->runs;
	struct trace_block block;

	if (runs >= UINT32_MAX) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_TRACE,
			    "%s: holds %" G_GUINT64_FORMAT " runs (at most %u can be replayed)", path,
			    (guint64)runs, UINT32_MAX - 1);
		return false;
	}
	if (runs > runs_most && trace_reader_block(reader, &block)) {
		if (!stay_in_file(trace, reader, path, error))
			return false;
		trace_reader_take_header(reader, &trace->header);
		return true;
	}
	if (!read_runs(trace, reader, path, error))
		return false;
	trace_reader_take_header(reader, &trace->header);
	build_index(trace);
	return true;
}

struct trace *trace_load_within(const char *path, u64 runs_most, GError **error)
{
	struct trace_reader *reader = trace_reader_open(path, error);
	struct trace *trace;

	if (!reader)
		return NULL;
	trace = g_new0(struct trace, 1);
	trace->fd = -1;
	if (!take_runs(trace, reader, path, runs_most, error)) {
		trace_free(trace);
		trace = NULL;
	}
	trace_reader_close(reader);
	return trace;
}

struct trace *trace_load(const char *path, GError **error)
{
	return trace_load_within(path, UINT64_MAX, error);
}

void trace_free(struct trace *trace)
{
	if (!trace)
		return;
	trace_header_release(&trace->header);
	g_free(trace->runs);
	g_free(trace->index);
	g_free(trace->block);
	g_free(trace->path);
	if (trace->fd >= 0)
		close(trace->fd);
	g_free(trace);
}

struct trace_cursor trace_seek(const struct trace *trace, u64 access)
{
	u64 low = 0, high = trace->header.runs / TRACE_INDEX_STEP;
	struct trace_cursor cursor;

	BUG_ON(access > trace->header.accesses);
	while (low < high) {
		u64 middle = (low + high + 1) / 2;

		if (trace->index[middle] <= access)
			low = middle;
		else
			high = middle - 1;
	}
	cursor = (struct trace_cursor){ .run = (u32)low * TRACE_INDEX_STEP };
	access -= trace->index[low];
	while (!trace_at_end(trace, cursor) && access >= trace->runs[cursor.run].count)
		access -= trace->runs[cursor.run++].count;
	cursor.offset = (u32)access;
	return cursor;
}

u64 trace_position(const struct trace *trace, struct trace_cursor cursor)
{
	u64 accesses = trace->index[cursor.run / TRACE_INDEX_STEP];

	for (u32 run = cursor.run / TRACE_INDEX_STEP * TRACE_INDEX_STEP; run < cursor.run; run++)
		accesses += trace->runs[run].count;
	return accesses + cursor.offset;
}
