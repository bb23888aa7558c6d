/*
 * writer.h - writes .swt files. The blocks are collected in a nameless file beside the target; finish puts
 * the header before them and renames. Until then there is no file of the target's name, and after a failure
 * neither.
 *
 * The caller fills in the texts, filter_k, smallest_limit_pages, tick, tick_ps, ticks_after_last, file_pages
 * and, if pages beyond the highest accessed belong to the trace, pages of the header at any time before
 * finish. The writer counts the rest. Marks may be added to the header from the start, those to come too; it
 * splits runs there.
 */
#ifndef TRACES_WRITER_H
#define TRACES_WRITER_H

#include "traces/trace.h"

#define TRACE_LEVEL_RAW 0
#define TRACE_LEVEL_MAX 19

struct trace_writer;

/* level: TRACE_LEVEL_RAW, or the zstd level. NULL with ERROR_IO. */
struct trace_writer *trace_writer_new(const char *path, int level, GError **error);
/* After finish, or to give up. */
void trace_writer_free(struct trace_writer *writer);
struct trace_header *trace_writer_header(struct trace_writer *writer);
u64 trace_writer_accesses(const struct trace_writer *writer);

/* At most so many runs a block, 1 to 2^18 (which is what they have otherwise); before the first access. */
void trace_writer_block_runs(struct trace_writer *writer, u32 runs);

/* One access; it joins the run before it if it continues that. page, gap within the bounds of trace.h. */
bool trace_writer_access(struct trace_writer *writer, u32 page, enum trace_op op, u64 gap, GError **error);
/* A run as it is, split at marks only. */
bool trace_writer_run(struct trace_writer *writer, const struct trace_run *run, GError **error);
bool trace_writer_runs(struct trace_writer *writer, const struct trace_run *runs, u32 n, GError **error);
/* Writes it all and renames. ERROR_TRACE: no access at all, or a mark behind the last one. */
bool trace_writer_finish(struct trace_writer *writer, GError **error);

#endif
