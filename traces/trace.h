/*
 * trace.h - page access traces: what one is, how it is read, how it is replayed. FORMAT.md describes the
 * file.
 *
 * A trace is a sequence of accesses to pages 0 .. pages-1, stored as runs. Access number i happens `gap`
 * ticks after access i-1, the first one `gap` ticks after the start; `ticks_after_last` follow the last. A
 * tick is one memory reference or one nanosecond and lasts `tick_ps` picoseconds.
 *
 * Errors are in the domain of sim/error.h: ERROR_IO if a file cannot be read, ERROR_TRACE if it is wrong. A
 * file that is cut short or altered is an error in every case; the message says where and how much of it was
 * there.
 */
#ifndef TRACES_TRACE_H
#define TRACES_TRACE_H

#include <glib.h>

#include "sim/types.h"
#include "traces/page_set.h"

#define TRACE_PAGES_MAX (1u << 28)
#define TRACE_GAP_MAX ((1ull << 46) - 1)
#define TRACE_TICK_PS_MAX 100000 /* the longest gap is a number of ps below 2^63 */
#define TRACE_COUNT_MAX UINT32_MAX
#define TRACE_STRIDE_MIN (-32)
#define TRACE_STRIDE_MAX 31
#define TRACE_MARKS_MAX 4096

/* What is unmapped is given back, as by munmap() or MADV_DONTNEED: the next access finds a new page there. */
enum trace_op { TRACE_READ, TRACE_WRITE, TRACE_EXEC, TRACE_UNMAP, TRACE_OPS };

/* By kind. */
#define TRACE_OP_LETTERS "RWXU"

/*
 * `count` (at least 1) accesses of one kind to page, page + stride, page + 2 stride, ...; every one of them,
 * the first included, comes `gap` ticks after the access before it. All pages are inside the trace.
 */
struct trace_run {
	u32 page;
	u32 count;
	u64 packed; /* gap, op and stride: read with the functions below, made with trace_run() */
};

static inline u64 trace_gap(const struct trace_run *run)
{
	return run->packed & ((1ull << 48) - 1);
}

static inline enum trace_op trace_op(const struct trace_run *run)
{
	return run->packed >> 48 & 3;
}

static inline s32 trace_stride(const struct trace_run *run)
{
	return (int8_t)(run->packed >> 48) >> 2;
}

static inline struct trace_run trace_run(u32 page, u32 count, s32 stride, enum trace_op op, u64 gap)
{
	u64 kind = (u8)((u32)stride << 2 | op);

	return (struct trace_run){ page, count, kind << 48 | gap };
}

/* The page of access i of the run, i below its count. */
static inline u32 trace_run_page(const struct trace_run *run, u32 i)
{
	return (u32)(run->page + trace_stride(run) * (s64)i);
}

static inline u32 trace_run_last_page(const struct trace_run *run)
{
	return trace_run_page(run, run->count - 1);
}

/* A phase begins with access number `access`. Names are [a-z][a-z0-9_]*, at most 63 bytes, each used once. */
struct trace_mark {
	u64 access;
	char *name;
};

enum trace_tick { TRACE_TICK_REFERENCE, TRACE_TICK_NS };

struct trace_header {
	char *program;	/* what ran; the four texts are one line each, NULL = not said */
	char *recorded; /* how, and where it comes from */
	char *licence;
	char *note;
	u32 filter_k; /* the K most recently used pages left no records; 0 = every access is here */
	u32 smallest_limit_pages; /* replays below this many pages say nothing; 0 = no such limit */
	enum trace_tick tick;
	u32 tick_ps;
	u32 pages;
	u64 runs;
	u64 accesses;
	u64 ticks_after_last;
	struct trace_mark *marks; /* by access, no run crosses one */
	u32 marks_count;
	struct page_set file_pages; /* backed by a file, or only ever executed; all others are anonymous */
	u32 file_pages_count;
};

void trace_header_init(struct trace_header *header);
void trace_header_release(struct trace_header *header);

/* Where a block of runs begins: in the file, and the runs and accesses before it. */
struct trace_block {
	u64 offset;
	u64 runs;
	u64 accesses;
};

/* Reading in order, in bounded memory (at most 10 MiB, plus one bit for each page in stretches with file
 * pages). */
struct trace_reader;

struct trace_reader *trace_reader_open(const char *path, GError **error);
void trace_reader_close(struct trace_reader *reader);
const struct trace_header *trace_reader_header(const struct trace_reader *reader);
/* Up to max runs, in order. Returns how many, 0 after the last, -1 on error (for good). Fastest for max >=
 * 256. */
int trace_reader_next(struct trace_reader *reader, struct trace_run *runs, u32 max, GError **error);
/* Whether the next call goes on with a block, which can be read again, and where that is. */
bool trace_reader_block(const struct trace_reader *reader, struct trace_block *block);
/* The reader's. */
int trace_reader_fd(const struct trace_reader *reader);
bool trace_reader_rewind(struct trace_reader *reader, GError **error);
/* Moves the header out to an uninitialised one, which the caller releases. The reader can only be closed
 * then. */
void trace_reader_take_header(struct trace_reader *reader, struct trace_header *header);

/* A trace, read-only: any number of tasks may replay it at once. Its runs are in memory, 16 bytes each, or
 * stay in the file: then each of them reads it through a stream of its own, see stream.h. */
struct trace {
	struct trace_header header;
	struct trace_run *runs;	   /* NULL: they stay in the file */
	u64 *index;		   /* index[i]: accesses before run i * TRACE_INDEX_STEP */
	struct trace_block *block; /* of a file that they stay in, */
	u32 blocks;
	int fd;	    /* of which this is open */
	char *path; /* for messages */
};
#define TRACE_INDEX_STEP 1024

/* All of it is read and checked. A file that can be read once only is kept in memory, whatever it holds. */
struct trace *trace_load(const char *path, GError **error);
/* As trace_load(), but more than so many runs stay in the file. */
struct trace *trace_load_within(const char *path, u64 runs_most, GError **error);
void trace_free(struct trace *trace);

/* The next access: the one `offset` into run `run`. At the end of the trace: {header.runs, 0}. Plain
 * integers. */
struct trace_cursor {
	u32 run;
	u32 offset;
};

/* All of these are of a trace in memory. access may be header.accesses: the end. */
struct trace_cursor trace_seek(const struct trace *trace, u64 access);
u64 trace_position(const struct trace *trace, struct trace_cursor cursor);

static inline bool trace_at_end(const struct trace *trace, struct trace_cursor cursor)
{
	return cursor.run == trace->header.runs;
}

/* Accesses left in the cursor's run; the cursor is not at the end. */
static inline u32 trace_run_left(const struct trace *trace, struct trace_cursor cursor)
{
	return trace->runs[cursor.run].count - cursor.offset;
}

/* The page of the next access; the cursor is not at the end. */
static inline u32 trace_page(const struct trace *trace, struct trace_cursor cursor)
{
	return trace_run_page(&trace->runs[cursor.run], cursor.offset);
}

/* Moves on by n accesses, at most trace_run_left(). */
static inline void trace_advance(const struct trace *trace, struct trace_cursor *cursor, u32 n)
{
	if (n == trace_run_left(trace, *cursor))
		*cursor = (struct trace_cursor){ .run = cursor->run + 1 };
	else
		cursor->offset += n;
}

#endif
