/*
 * progress.h - one line on stderr that tells people how far something is, once it has taken a second.
 *
 * Only on a terminal, and not on one that cannot go back to the start of a line (TERM=dumb). It has no
 * colour. It goes by the clock on the wall; nothing of it gets into a result.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "sim/types.h"

struct progress {
	bool on;
	s64 begin_us;
	s64 last_us; /* when it was written */
	u32 letters; /* that stand there */
};

void progress_init(struct progress *p, bool wanted);
/* As often as wanted: it is written five times a second at most. @what may be NULL. */
void progress_tell(struct progress *p, const char *what, u32 done, u32 all);
/* Leaves the line empty. */
void progress_end(struct progress *p);

/* "12 of 300 runs, 0:05, about 2:00 left": the caller frees it. Of one run only how long it has taken. */
char *progress_text(const char *what, u32 done, u32 all, u64 seconds);

#endif
