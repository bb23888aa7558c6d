/*
 * info.h - what is in a trace, for people: counts, footprint, working set over time, LRU misses.
 */
#ifndef TRACES_INFO_H
#define TRACES_INFO_H

#include "traces/trace.h"

#define TRACE_SLICES 10
#define TRACE_LRU_POINTS 5

struct trace_slice {
	u64 accesses;
	u32 pages;     /* touched in it */
	u32 new_pages; /* touched in it and never before */
};

struct trace_lru_point {
	u32 percent; /* of the pages touched */
	u32 pages;
	u64 misses; /* plain LRU over the accesses, all pages alike, first touches included */
	bool sound; /* false: below the header's smallest_limit_pages */
};

struct trace_info {
	struct trace_header header;
	u64 accesses[TRACE_OPS];
	u64 ticks; /* all gaps and ticks_after_last */
	u32 touched;
	u32 touched_file;			/* of them in header.file_pages; the rest is anonymous */
	struct trace_slice slice[TRACE_SLICES]; /* of as many accesses each, to within one */
	struct trace_lru_point lru[TRACE_LRU_POINTS]; /* 100, 75, 50, 25 and 10 % */
};

/* Reads the file twice. Needs 9 bytes a page. */
struct trace_info *trace_info_new(const char *path, GError **error);
void trace_info_free(struct trace_info *info);

#endif
