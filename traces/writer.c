#include "traces/writer.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <unistd.h>
#include <zstd.h>

#include "sim/error.h"
#include "sim/file.h"
#include "traces/block.h"
#include "traces/bytes.h"
#include "traces/format.h"
#include "traces/header.h"
#include "traces/xxh64.h"

struct trace_writer {
	struct trace_header header;
	char *path;
	char *partial;
	int level;
	FILE *body;
	FILE *out;	 /* not NULL while `partial` exists */
	u64 stop;	 /* where the last run has to end */
	u32 marks_known; /* for `stop` */
	u32 blocks;	 /* written to the body */
	u32 last_page;	 /* the highest so far */
	u32 pending;	 /* runs not written yet */
	u32 room;	 /* for them, at most */
	u32 block_runs;
	u32 expected; /* the page that continues the last run, if that has two accesses or more */
	bool closed;  /* the last run takes no more accesses */
	ZSTD_CCtx *zstd;
	u8 *payload; /* of payload_room bytes, and the frame as many as that may need */
	u8 *frame;
	size_t payload_room;
	struct trace_run *runs;
};

#define ROOM_FIRST 1024 /* most of what is tried out is short */
#define RUN_BYTES (BLOCK_PAYLOAD_MAX / BLOCK_RUNS)

static bool fail(const struct trace_writer *writer, GError **error)
{
	g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: cannot be written: %s", writer->path,
		    g_strerror(errno));
	return false;
}

/* A file without a name in the folder of the target, where there has to be room for the result anyway. */
static FILE *open_body(const char *path)
{
	char *template = g_strdup_printf("%s.body.XXXXXX", path);
	int fd = g_mkstemp(template);
	FILE *file = NULL;

	if (fd >= 0) {
		g_unlink(template);
		file = fdopen(fd, "w+b");
	}
	g_free(template);
	return file;
}

struct trace_writer *trace_writer_new(const char *path, int level, GError **error)
{
	struct trace_writer *writer = g_new0(struct trace_writer, 1);

	BUG_ON(level < TRACE_LEVEL_RAW || level > TRACE_LEVEL_MAX);
	trace_header_init(&writer->header);
	writer->path = g_strdup(path);
	writer->partial = file_partial(path);
	writer->level = level;
	writer->body = open_body(path);
	if (!writer->body) {
		fail(writer, error);
		trace_writer_free(writer);
		return NULL;
	}
	writer->zstd = ZSTD_createCCtx();
	writer->block_runs = BLOCK_RUNS;
	writer->room = ROOM_FIRST;
	writer->runs = g_new(struct trace_run, writer->room);
	writer->stop = UINT64_MAX;
	writer->closed = true;
	return writer;
}

void trace_writer_free(struct trace_writer *writer)
{
	if (!writer)
		return;
	if (writer->body)
		fclose(writer->body);
	if (writer->out) {
		fclose(writer->out);
		file_abandon(writer->partial, writer->path);
	}
	ZSTD_freeCCtx(writer->zstd);
	trace_header_release(&writer->header);
	g_free(writer->path);
	g_free(writer->partial);
	g_free(writer->runs);
	g_free(writer->payload);
	g_free(writer->frame);
	g_free(writer);
}

void trace_writer_block_runs(struct trace_writer *writer, u32 runs)
{
	BUG_ON(!runs || runs > BLOCK_RUNS || writer->pending || writer->blocks);
	writer->block_runs = runs;
	writer->room = MIN(ROOM_FIRST, runs);
}

struct trace_header *trace_writer_header(struct trace_writer *writer)
{
	return &writer->header;
}

u64 trace_writer_accesses(const struct trace_writer *writer)
{
	return writer->header.accesses;
}

/* Room for a payload of at least `size` bytes; what was in it is lost. */
static void make_room(struct trace_writer *writer, size_t size)
{
	if (size <= writer->payload_room)
		return;
	g_free(writer->payload);
	g_free(writer->frame);
	writer->payload = g_malloc(size);
	writer->frame = g_malloc(BLOCK_HEADER + ZSTD_COMPRESSBOUND(size) + BLOCK_CHECKSUM);
	writer->payload_room = size;
}

/* Compressed if that is asked for and pays. */
static bool write_frame(struct trace_writer *writer, struct block_header *header, const u8 *payload,
			FILE *file)
{
	size_t size = block_payload(header), stored = size;
	u8 *frame;

	make_room(writer, size);
	frame = writer->frame;
	if (writer->level != TRACE_LEVEL_RAW) {
		stored =
		    ZSTD_compressCCtx(writer->zstd, frame + BLOCK_HEADER,
				      ZSTD_COMPRESSBOUND(writer->payload_room), payload, size, writer->level);
		BUG_ON(ZSTD_isError(stored));
		header->codec = BLOCK_ZSTD;
	}
	if (stored >= size) {
		header->codec = BLOCK_RAW;
		stored = size;
		memcpy(frame + BLOCK_HEADER, payload, size);
	}
	header->stored = (u32)stored;
	block_header_store(header, frame);
	store_le64(frame + BLOCK_HEADER + stored, xxh64(frame, BLOCK_HEADER + stored));
	return fwrite(frame, BLOCK_HEADER + stored + BLOCK_CHECKSUM, 1, file) == 1;
}

static bool flush_runs(struct trace_writer *writer, GError **error)
{
	struct block_header header = { .number = writer->blocks++ };

	make_room(writer, (size_t)writer->pending * RUN_BYTES);
	block_encode(&header, writer->runs, writer->pending, writer->payload);
	writer->header.runs += writer->pending;
	writer->pending = 0;
	return write_frame(writer, &header, writer->payload, writer->body) || fail(writer, error);
}

/* Where the run that is open has to end: at the next mark. */
static void find_stop(struct trace_writer *writer)
{
	const struct trace_header *header = &writer->header;

	writer->marks_known = header->marks_count;
	writer->stop = UINT64_MAX;
	for (u32 i = header->marks_count; i-- > 0 && header->marks[i].access >= header->accesses;) {
		if (header->marks[i].access == header->accesses)
			writer->closed = true;
		else
			writer->stop = header->marks[i].access;
	}
}

/* For a block as long as it may be, or by writing one. */
static bool take_more_runs(struct trace_writer *writer, GError **error)
{
	if (writer->room == writer->block_runs)
		return flush_runs(writer, error);
	writer->room = MIN(writer->room * 2, writer->block_runs);
	writer->runs = g_renew(struct trace_run, writer->runs, writer->room);
	return true;
}

/* By value: a run that was just put together in memory would be waited for. */
static inline bool push(struct trace_writer *writer, struct trace_run run, GError **error)
{
	if (writer->pending == writer->room && !take_more_runs(writer, error))
		return false;
	writer->runs[writer->pending++] = run;
	writer->header.accesses += run.count;
	writer->closed = false;
	if (writer->header.accesses == writer->stop)
		find_stop(writer);
	return true;
}

/* Lets the last run take the access if it continues it. */
static bool extend(struct trace_writer *writer, u32 page, enum trace_op op, u64 gap)
{
	struct trace_run *run = &writer->runs[writer->pending - 1];

	if (trace_op(run) != op || trace_gap(run) != gap || run->count == TRACE_COUNT_MAX)
		return false;
	if (run->count == 1) {
		s64 stride = (s64)page - run->page;

		if (stride < TRACE_STRIDE_MIN || stride > TRACE_STRIDE_MAX)
			return false;
		*run = trace_run(run->page, 1, (s32)stride, op, gap);
		writer->expected = page;
	} else if (page != writer->expected) {
		return false;
	}
	writer->expected += (u32)trace_stride(run);
	writer->last_page = MAX(writer->last_page, page);
	run->count++;
	writer->header.accesses++;
	if (writer->header.accesses == writer->stop)
		find_stop(writer);
	return true;
}

bool trace_writer_access(struct trace_writer *writer, u32 page, enum trace_op op, u64 gap, GError **error)
{
	struct trace_run run = trace_run(page, 1, 0, op, gap);

	BUG_ON(page >= TRACE_PAGES_MAX || gap > TRACE_GAP_MAX || op >= TRACE_OPS);
	if (unlikely(writer->marks_known != writer->header.marks_count))
		find_stop(writer);
	if (!writer->closed && extend(writer, page, op, gap))
		return true;
	writer->last_page = MAX(writer->last_page, page);
	return push(writer, run, error);
}

/* Runs of one access have stride 0, so that equal traces are equal files. */
static bool push_part(struct trace_writer *writer, const struct trace_run *run, u32 from, u32 count,
		      GError **error)
{
	struct trace_run part = trace_run(trace_run_page(run, from), count, count > 1 ? trace_stride(run) : 0,
					  trace_op(run), trace_gap(run));

	return push(writer, part, error);
}

static inline bool write_run(struct trace_writer *writer, const struct trace_run *run, GError **error)
{
	s64 last = run->page + trace_stride(run) * ((s64)run->count - 1);
	u32 done = 0;

	BUG_ON(!run->count || run->page >= TRACE_PAGES_MAX || last < 0 || last >= TRACE_PAGES_MAX);
	BUG_ON(trace_gap(run) > TRACE_GAP_MAX || trace_op(run) >= TRACE_OPS);
	writer->last_page = MAX(writer->last_page, MAX(run->page, (u32)last));
	if (likely(run->count == 1)) /* nothing to divide, and stride 0 */
		return push(writer, trace_run(run->page, 1, 0, trace_op(run), trace_gap(run)), error);
	while (done < run->count) {
		u32 part = (u32)MIN(run->count - done, writer->stop - writer->header.accesses);

		if (!push_part(writer, run, done, part, error))
			return false;
		done += part;
	}
	return true;
}

bool trace_writer_runs(struct trace_writer *writer, const struct trace_run *runs, u32 n, GError **error)
{
	if (unlikely(writer->marks_known != writer->header.marks_count))
		find_stop(writer);
	for (u32 i = 0; i < n; i++)
		if (!write_run(writer, &runs[i], error))
			return false;
	writer->closed |= n > 0;
	return true;
}

bool trace_writer_run(struct trace_writer *writer, const struct trace_run *run, GError **error)
{
	return trace_writer_runs(writer, run, 1, error);
}

static bool complete_header(struct trace_writer *writer, GError **error)
{
	struct trace_header *header = &writer->header;
	u32 marks = header->marks_count;

	if (!header->accesses) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_TRACE,
			    "%s: is not written: the trace holds no access", writer->path);
		return false;
	}
	if (marks && header->marks[marks - 1].access > header->accesses) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_TRACE,
			    "%s: is not written: mark \"%s\" lies behind the last of %" G_GUINT64_FORMAT
			    " accesses",
			    writer->path, header->marks[marks - 1].name, (guint64)header->accesses);
		return false;
	}
	header->pages = MAX(header->pages, MAX(writer->last_page + 1, page_set_end(&header->file_pages)));
	header->file_pages_count = page_set_count(&header->file_pages);
	return true;
}

static bool write_front(struct trace_writer *writer)
{
	const struct page_set *files = &writer->header.file_pages;
	struct block_header block = { .type = BLOCK_FILE_PAGES_TYPE };
	GString *text = g_string_new(FORMAT_MAGIC);
	bool written;

	trace_header_print(&writer->header, "", text);
	g_string_append_printf(text, FORMAT_CHECKSUM "%016" G_GINT64_MODIFIER "x\n",
			       (guint64)xxh64(text->str, text->len));
	written = fwrite(text->str, text->len, 1, writer->out) == 1;
	g_string_free(text, TRUE);
	for (u32 i = 0; written && files->pieces && i < PAGE_SET_PIECES; i++) {
		if (!files->pieces[i])
			continue;
		block.size = i;
		written = write_frame(writer, &block, files->pieces[i], writer->out);
		block.number++;
	}
	return written;
}

static bool copy_body(struct trace_writer *writer)
{
	size_t got;

	rewind(writer->body);
	while ((got = fread(writer->payload, 1, writer->payload_room, writer->body)) > 0) {
		if (fwrite(writer->payload, got, 1, writer->out) != 1)
			return false;
	}
	return !ferror(writer->body);
}

bool trace_writer_finish(struct trace_writer *writer, GError **error)
{
	FILE *out;

	if (writer->pending && !flush_runs(writer, error))
		return false;
	if (!complete_header(writer, error))
		return false;
	writer->out = fopen(writer->partial, "wbe");
	if (!writer->out || !write_front(writer) || !copy_body(writer) || fflush(writer->out))
		return fail(writer, error);
	out = writer->out;
	writer->out = NULL;
	if (fclose(out) || !file_complete(writer->partial, writer->path)) {
		fail(writer, error);
		file_abandon(writer->partial, writer->path);
		return false;
	}
	return true;
}
