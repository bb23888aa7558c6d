/*
 * importer.h - what the importers share. Each finds the text on its first line, reads it to the end, passes
 * accesses on and completes the writer's header.
 */
#ifndef TRACES_IMPORTER_H
#define TRACES_IMPORTER_H

#include "traces/header.h"
#include "traces/import.h"
#include "traces/number_map.h"
#include "traces/text.h"
#include "traces/top_filter.h"

struct importer {
	const struct trace_import *options;
	struct text text;
	struct trace_writer *writer;
	struct trace_header *header; /* the writer's */
	struct page_set executed;    /* pages seen with X, */
	struct page_set data;	     /* with R or W */
	GPtrArray *remarks;
	struct top_filter *filter; /* or NULL */
	u64 held;		   /* ticks of what the filter dropped since the last access */
};

bool import_pages(struct importer *importer, GError **error);
bool import_access(struct importer *importer, GError **error);
bool import_lackey(struct importer *importer, GError **error);
bool import_csv(struct importer *importer, GError **error);
bool import_lackey_raw(struct importer *importer, GError **error);
bool import_perf(struct importer *importer, GError **error);
bool import_ftrace(struct importer *importer, GError **error);
bool import_trace_cmd(struct importer *importer, GError **error);
bool import_blkparse(struct importer *importer, GError **error);

/* Whether a line looks like one of theirs; of import_events.c: the format's name, or NULL. */
const char *import_events_guess(const struct text *text);
bool import_blkparse_guess(const struct text *text);
bool import_oracle(struct importer *importer, GError **error);
bool import_masim(struct importer *importer, GError **error);

/* As importer_access(), if the filter keeps it. */
bool importer_filtered(struct importer *importer, u32 page, enum trace_op op, u64 gap, GError **error);

static inline bool importer_access(struct importer *importer, u32 page, enum trace_op op, u64 gap,
				   GError **error)
{
	if (importer->filter)
		return importer_filtered(importer, page, op, gap, error);
	if (likely(op != TRACE_UNMAP))
		page_set_add(op == TRACE_EXEC ? &importer->executed : &importer->data, page);
	return trace_writer_access(importer->writer, page, op, gap, error);
}

/* Adds the pages that were only executed to the file pages. */
void importer_file_pages_by_use(struct importer *importer);

/* Writes which page got which key (IMPORTER_NO_KEY: none), to the file that was asked for, if one was. */
#define IMPORTER_NO_KEY UINT64_MAX
bool importer_page_map(const struct importer *importer, const u64 *keys, u32 count, GError **error);

/* Says a thing to know about what is read, on one line: lost, skipped, split. See trace_import.remarks. */
void importer_remark(struct importer *importer, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* 1 + the kind of access, of R W X U; 0 of others. A table, for what comes next cannot be predicted. */
static inline u32 importer_op_of(char letter)
{
	static const u8 ops[256] = { ['R'] = TRACE_READ + 1,
				     ['W'] = TRACE_WRITE + 1,
				     ['X'] = TRACE_EXEC + 1,
				     ['U'] = TRACE_UNMAP + 1 };

	return ops[(u8)letter];
}

/* One of R W X U, at `at`. */
static inline bool importer_op(struct text *text, enum trace_op *op)
{
	u32 found = importer_op_of(*text->at);

	if (unlikely(!found))
		return false;
	*op = found - 1u;
	text->at++;
	return true;
}

/*
 * "GAP OP PAGE" as in the pages and lackey-pages formats, up to the '\n'. Pages are numbered in order of
 * first touch; *pages counts them.
 */
bool importer_gap_op_page(struct importer *importer, u32 *pages, u64 *gap, enum trace_op *op, u32 *page,
			  GError **error);
/* The number of " key=NUMBER" anywhere in the line; an error if it is not there. `at` is behind it after. */
bool importer_keyed(struct text *text, const char *key, u64 max, u64 *value, GError **error);
/* An error if the text was cut short: `what` should have followed. */
bool importer_cut_short(struct importer *importer, const char *what, GError **error);

#endif
