/*
 * target.h - a place to get to in place of a violation: two tasks in two windows at once, on the same object
 * (sim/coverage.h). What a search finds first is then the cheapest way there; if it finds none, there is
 * none. Invariants are not looked at meanwhile.
 */
#ifndef MODELS_TARGET_H
#define MODELS_TARGET_H

#include "models/kernel.h"
#include "sim/stretch.h"

struct target {
	struct stretch window[2]; /* the same one twice: two tasks in it; steps and paths will do */
	char *name[2];
};

/* "WINDOW,WINDOW" of a machine; ERROR_USAGE. target_free() */
struct target *target_parse(const struct machine *m, const char *text, GError **error);
void target_free(struct target *t);

/* holds_fn: that nobody is there yet; kernel.target is set. */
bool target_is_missed(struct machine *m, GString *why);
/* Whether the task is in one of the windows, and should wait there for another one to come. */
bool target_keeps(const struct machine *m, u32 task);

#endif
