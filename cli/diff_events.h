/*
 * diff_events.h - the first event that two runs do not share.
 *
 * Events come from events.csv where both folders have it. Otherwise both runs are done again, from
 * scenario.json and what the manifest says of kernel and seed, side by side and a stretch of simulated time
 * at a time, so that no log is ever held or written; afterwards their fingerprints are held against those of
 * the manifests, since the order of ties is not in there.
 */
#ifndef CLI_DIFF_EVENTS_H
#define CLI_DIFF_EVENTS_H

#include "cli/diff_folder.h"

struct diff_event {
	u64 time_ns;
	u32 cpu;
	u32 task;
	char step[96]; /* path.STEP */
};

enum diff_verdict {
	EVENTS_EQUAL,
	EVENTS_DIFFER,
	EVENTS_UNKNOWN, /* they were not compared */
};

struct diff_events {
	enum diff_verdict verdict;
	char *how;	 /* what was compared, or why nothing was: words in a sentence */
	u64 common;	 /* events before the first that differs */
	GArray *before;	 /* of struct diff_event: the last of those */
	GArray *next[2]; /* the same: how either goes on; empty where it ends */
};

/* @context: how many events to keep before and after. @rerun: whether runs may be done again. What cannot be
 * compared is EVENTS_UNKNOWN, no error. Release it. */
void diff_events_find(struct diff_events *e, const struct diff_folder *a, const struct diff_folder *b,
		      u32 context, bool rerun);
void diff_events_release(struct diff_events *e);

#endif
