/*
 * coverage.h - which windows (machine.window) a search has seen tasks in, and which two at once.
 *
 * Two tasks are in two windows on the same object if both refer to it from somewhere on their stacks
 * (vocabulary.references). What a search that was through has not seen cannot happen in that world.
 */
#ifndef SIM_COVERAGE_H
#define SIM_COVERAGE_H

#include "sim/stretch.h"

enum seen {
	SEEN_NEVER,
	SEEN_TOGETHER,
	SEEN_ON_OBJECT,
	SEEN_VIOLATED, /* in a state in which an invariant failed */
};

struct coverage {
	const struct machine *m;
	struct stretch *window;
	u32 windows;
	u8 *entered; /* [window] */
	u8 *pair;    /* [window][window] enum seen; the same window twice: by two tasks */
};

void coverage_init(struct coverage *c, const struct machine *m);
void coverage_release(struct coverage *c);
/* The machine's present state. */
void coverage_note(struct coverage *c, bool violated);
enum seen coverage_seen(const struct coverage *c, u32 a, u32 b);

/* Whether both refer to one object. */
bool tasks_share_object(const struct machine *m, const struct task *a, const struct task *b);

/* A matrix for people; @complete: what was not seen is proved not to happen. */
void coverage_text(const struct coverage *c, bool complete, GString *to);

#endif
