/*
 * top_filter.h - stack deletion: references to one of the K most recently used pages are dropped (A. J.
 * Smith, "Two methods for the efficient analysis of memory address trace data", 1977). What an LRU of several
 * times K pages misses stays very nearly the same, while the trace gets shorter by orders of magnitude.
 *
 * Kept although it is a hit: one access to a page that stays among the K, after every 16 K others that are
 * kept. Without it a replay would see the hottest pages grow old, and reclaim would take them at no cost. And
 * the first write to a page that came among the K by another kind of access. Without it a replay would take
 * the page for clean. Pages that are given back leave the stack.
 */
#ifndef TRACES_TOP_FILTER_H
#define TRACES_TOP_FILTER_H

#include "traces/lru_stack.h"
#include "traces/trace.h"

/* Four times as many pages are the smallest limit that replays can be trusted with; see trace_header. */
#define TOP_FILTER_MAX (TRACE_PAGES_MAX / 4)

struct top_filter {
	struct lru_stack stack;
	u8 *written; /* per page: since it came among the K */
	u64 *last;   /* per page: how many were kept up to its last one */
	u64 kept;
	u64 stay; /* for so many more a page may do without */
	u64 dropped;
};

/* k: 1 .. TOP_FILTER_MAX. */
void top_filter_init(struct top_filter *filter, u32 k);
void top_filter_release(struct top_filter *filter);
/* Takes the next reference; whether it stays. Pages may come in any order, memory grows with the highest. */
bool top_filter_keeps(struct top_filter *filter, u32 page, enum trace_op op);

#endif
