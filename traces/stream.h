/*
 * stream.h - the runs of a trace that stay in its file, for one task that replays it: a few thousand of them
 * at a time.
 *
 * What it holds follows from where it is and may be lost at any time: it is no state. It takes one block of
 * the file (at most 8 MiB, 1.3 MiB of most) and 64 KiB. The trace has to outlive it. The file was checked
 * when it was loaded; what is wrong with it later is an error all the same.
 */
#ifndef TRACES_STREAM_H
#define TRACES_STREAM_H

#include "traces/trace.h"

struct trace_stream;

/* Runs first .. first + count - 1 of the trace. */
struct trace_window {
	const struct trace_run *runs;
	u32 first;
	u32 count;
};

struct trace_stream *trace_stream_new(const struct trace *trace);
void trace_stream_free(struct trace_stream *stream);

/* Some runs with that one among them, until the next call. Going on is fast, going anywhere else reads a
 * block. */
bool trace_stream_window(struct trace_stream *stream, u32 run, struct trace_window *window, GError **error);
/* Where an access is, below header.accesses. */
bool trace_stream_seek(struct trace_stream *stream, u64 access, struct trace_cursor *cursor, GError **error);

#endif
