/*
 * explore_watch.h - while swapsim explore searches: how far it is, for people, and whether somebody has had
 * enough.
 */
#ifndef CLI_EXPLORE_WATCH_H
#define CLI_EXPLORE_WATCH_H

#include "cli/progress.h"
#include "models/exploration.h"

struct explore_watch {
	bool quiet;
	const char *kernel;
	const char *unit; /* of what is known: states, runs */
	struct progress progress;
};

void explore_watch_begin(struct explore_watch *w, const char *kernel, const char *unit);
/* See struct explore_options; the data is the watch. Interrupts have to be held. */
bool explore_watch_stop(void *watch, u64 known);
/* Says what it took. */
void explore_watch_end(struct explore_watch *w, const struct exploration *x);

#endif
