/*
 * import.h - turns the traces people have into .swt files. docs/traces.md has the grammars.
 *
 * Input is plain, gzip or zstd; "-" is stdin. A line that is wrong is ERROR_TRACE with
 * "file:line:column: what is wrong (what would be right)"; then there is no output file.
 */
#ifndef TRACES_IMPORT_H
#define TRACES_IMPORT_H

#include "traces/trace.h"
#include "traces/writer.h"

enum trace_numbering {
	TRACE_NUMBER_BY_COLUMN, /* page numbers are kept, virtual page numbers and addresses numbered */
	TRACE_NUMBER_KEEP,
	TRACE_NUMBER_DENSE,  /* from 0, in order of first touch */
	TRACE_NUMBER_TABLES, /* lackey: by page table, which keeps neighbours together (address_map.h) */
};

#define TRACE_RATE_MAX 1000000

struct trace_import {
	const char *format; /* a name of trace_import_format(), or NULL: what the first line looks like */
	const char *in;
	const char *out;
	int level; /* TRACE_LEVEL_RAW .. TRACE_LEVEL_MAX */
	/* What the input says of itself, said better; NULL or 0 leaves it. */
	const char *program;
	const char *recorded;
	const char *licence;
	const char *note;
	u32 filter_k;
	u32 filter_top; /* drop references to that many most recently used pages (top_filter.h); 0 = none */
	u32 smallest_limit_pages;
	u32 tick_ps;
	const char *const *marks; /* NULL-terminated "name@N": the phase begins after N accesses; or NULL */
	const char *columns;	  /* csv: "field=column,..."; or NULL */
	const char *preset;	  /* csv: one of csv_presets.h instead of names; or NULL */
	const char *time_unit; /* csv: of a time column: ns, 100ns, us, ms or s; NULL = ns, or the preset's */
	enum trace_numbering numbering;
	const char *page_map; /* where pages are numbered: writes "page,key" lines to this file; or NULL */
	/* Of recorded events (perf, ftrace, trace-cmd, blkparse): only these; NULL: all, if that is one task.
	 */
	const char *pids;   /* "N,N,...": threads, or processes; several share one address space */
	const char *comm;   /* their name */
	const char *events; /* "NAME,NAME,...": kinds of events */
	const char *device; /* of block requests: "MAJOR,MINOR" */
	u32 rate; /* masim: accesses in a millisecond of the configuration, 1 .. TRACE_RATE_MAX; 0 = 1000 */
	u64 seed; /* masim: of what is random */
	/* Gets a string, to be freed, for each thing to know about what was read: what was lost, skipped or
	 * split. The note of the trace says them too. NULL if they are not wanted; nothing on failure. */
	GPtrArray *remarks;
};

/* Errors: ERROR_USAGE for an unknown format, a malformed mark or `columns`, a filter that cannot be, else as
 * above. */
bool trace_import(const struct trace_import *import, GError **error);
/* The names of the formats, NULL-terminated, for help and checks. */
const char *const *trace_import_formats(void);

#endif
