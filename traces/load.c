/*
 * load.c - a whole trace in memory, and cursors into it.
 */
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

static bool read_runs(struct trace *trace, struct trace_reader *reader, const char *path, GError **error)
{
	u64 runs = trace_reader_header(reader)->runs, room = 0, have = 0;
	int got;

	if (runs >= UINT32_MAX) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_TRACE,
			    "%s: holds %" G_GUINT64_FORMAT " runs (at most %u can be in memory)", path,
			    (guint64)runs, UINT32_MAX - 1);
		return false;
	}
	while (have < runs) {
		u32 batch = (u32)MIN(65536, runs - have);

		if (!make_room(trace, path, &room, have + batch, runs, error))
			return false;
		got = trace_reader_next(reader, trace->runs + have, batch, error);
		if (got < 0)
			return false;
		have += (u64)got;
	}
	/* One more call lets the reader look behind the last run. */
	return trace_reader_next(reader, &(struct trace_run){ 0 }, 1, error) == 0;
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

struct trace *trace_load(const char *path, GError **error)
{
	struct trace_reader *reader = trace_reader_open(path, error);
	struct trace *trace;

	if (!reader)
		return NULL;
	trace = g_new0(struct trace, 1);
	if (read_runs(trace, reader, path, error)) {
		trace_reader_take_header(reader, &trace->header);
		build_index(trace);
	} else {
		trace_free(trace);
		trace = NULL;
	}
	trace_reader_close(reader);
	return trace;
}

void trace_free(struct trace *trace)
{
	if (!trace)
		return;
	trace_header_release(&trace->header);
	g_free(trace->runs);
	g_free(trace->index);
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
