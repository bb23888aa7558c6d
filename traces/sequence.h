/*
 * sequence.h - what happened in a row while something ran short of memory: page faults, batches of reclaim,
 * block requests. Read from a recording of a real kernel, or taken from a simulated run, so that the two can
 * be laid side by side.
 *
 * Recordings are what perf script, ftrace, trace-cmd and blkparse print (event_text.h, plain or compressed).
 * Events taken: page_fault_user; mm_vmscan_memcg_reclaim_begin and _end; mm_vmscan_lru_shrink_inactive;
 * block_rq_issue, and of blkparse the action D. All others are stepped over. What was recorded tells
 * addresses of the whole program; of those the window of so many pages with most faults is kept, numbered
 * from 0, and the others are counted.
 */
#ifndef TRACES_SEQUENCE_H
#define TRACES_SEQUENCE_H

#include <glib.h>

#include "sim/types.h"

struct sequence_fault {
	u64 page;
	bool write;
};

struct sequence_batch {
	u32 scanned, reclaimed;
	u32 after; /* faults before it */
};

struct sequence_request {
	u64 slot; /* of the first page */
	u32 pages;
	u32 after;
	bool write;
};

struct sequence {
	GArray *fault;	 /* of struct sequence_fault */
	GArray *round;	 /* of struct sequence_batch: goes at reclaim for a cgroup's limit; scanned is 0 */
	GArray *batch;	 /* of struct sequence_batch: what was taken off an inactive list at a time */
	GArray *request; /* of struct sequence_request */
	u64 outside;	 /* faults on other pages */
};

struct sequence_choice {
	u32 pages;	    /* of the window; 0: all */
	const char *comm;   /* only what tasks of this name do; NULL: all */
	const char *device; /* "MAJOR,MINOR" of requests; NULL: the one with most */
};

void sequence_init(struct sequence *s);
void sequence_release(struct sequence *s);

/* ERROR_IO, or ERROR_TRACE where it is no recording. */
bool sequence_read(struct sequence *s, const char *path, const struct sequence_choice *choice,
		   GError **error);

#endif
