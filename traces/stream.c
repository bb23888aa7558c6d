#include "traces/stream.h"

#include <errno.h>

#include "sim/error.h"
#include "traces/block_file.h"

enum { RUNS_AT_ONCE = 4096 };

struct trace_stream {
	const struct trace *trace;
	struct block_file file;
	struct block_cursor block;
	u32 number; /* of the block that is unpacked; trace->blocks: none */
	u32 first;  /* of the runs that are here */
	u32 count;
	struct trace_run runs[RUNS_AT_ONCE];
};

struct trace_stream *trace_stream_new(const struct trace *trace)
{
	struct trace_stream *stream = g_new0(struct trace_stream, 1);

	BUG_ON(trace->runs);
	stream->trace = trace;
	stream->file.fd = trace->fd;
	stream->number = trace->blocks;
	return stream;
}

void trace_stream_free(struct trace_stream *stream)
{
	if (!stream)
		return;
	block_file_release(&stream->file);
	g_free(stream);
}

static bool fail(struct trace_stream *stream, const char *wrong, GError **error)
{
	g_set_error(error, SWAPSIM_ERROR, wrong ? ERROR_TRACE : ERROR_IO,
		    "%s: block %u: %s (the file was another when the run began)", stream->trace->path,
		    stream->number, wrong ? wrong : g_strerror(errno));
	stream->number = stream->trace->blocks;
	return false;
}

static bool begin_block(struct trace_stream *stream, u32 number, GError **error)
{
	struct block_header header;
	const char *wrong;
	const u8 *payload;

	stream->number = number;
	stream->first = (u32)stream->trace->block[number].runs;
	stream->count = 0;
	stream->file.at = stream->trace->block[number].offset;
	payload = block_file_next(&stream->file, number, &header, &wrong);
	if (!payload)
		return fail(stream, wrong, error);
	if (header.type != BLOCK_RUNS_TYPE || header.size > stream->trace->header.runs - stream->first)
		return fail(stream, "another block is in its place", error);
	block_decode_start(&stream->block, &header, payload);
	return true;
}

/* The next runs of the block. */
static bool go_on(struct trace_stream *stream, GError **error)
{
	u64 accesses = 0;
	int got =
	    block_decode(&stream->block, stream->trace->header.pages, stream->runs, RUNS_AT_ONCE, &accesses);

	if (got <= 0)
		return fail(stream, "its runs are not what they were", error);
	stream->first += stream->count;
	stream->count = (u32)got;
	return true;
}

/* The last block with at most so many runs, or accesses, before it. */
static u32 find_block(const struct trace *trace, u64 runs, u64 accesses)
{
	u32 low = 0, high = trace->blocks - 1;

	while (low < high) {
		u32 middle = low + (high - low + 1) / 2;

		if (trace->block[middle].runs <= runs && trace->block[middle].accesses <= accesses)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

bool trace_stream_window(struct trace_stream *stream, u32 run, struct trace_window *window, GError **error)
{
	const struct trace *trace = stream->trace;
	u32 number = find_block(trace, run, UINT64_MAX);

	BUG_ON(run >= trace->header.runs);
	if ((number != stream->number || run < stream->first) && !begin_block(stream, number, error))
		return false;
	while (run - stream->first >= stream->count)
		if (!go_on(stream, error))
			return false;
	*window = (struct trace_window){ stream->runs, stream->first, stream->count };
	return true;
}

bool trace_stream_seek(struct trace_stream *stream, u64 access, struct trace_cursor *cursor, GError **error)
{
	const struct trace *trace = stream->trace;
	const struct trace_block *block = &trace->block[find_block(trace, UINT64_MAX, access)];
	struct trace_window window = { .first = (u32)block->runs };
	u32 run = window.first;

	BUG_ON(access >= trace->header.accesses);
	access -= block->accesses;
	for (;; run++) {
		if (run - window.first >= window.count && !trace_stream_window(stream, run, &window, error))
			return false;
		if (access < window.runs[run - window.first].count)
			break;
		access -= window.runs[run - window.first].count;
	}
	*cursor = (struct trace_cursor){ run, (u32)access };
	return true;
}
