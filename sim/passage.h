/*
 * passage.h - what one step of a task passed: names that were reached or done, paths that were entered or
 * left. Told from the task's stack before and after, so that the paths themselves keep no books. A path that
 * is entered and left within one step is not seen: nobody could come between.
 */
#ifndef SIM_PASSAGE_H
#define SIM_PASSAGE_H

#include "sim/machine.h"

enum { PASSAGE_DEPTH = 64 };

struct passage {
	u32 frames;
	struct {
		u16 path;
		u16 pc;
	} frame[PASSAGE_DEPTH]; /* from the task's first on */
};

enum passed { PASSED_DONE, PASSED_LEFT, PASSED_ENTERED, PASSED_REACHED };
/* @pc is 0 where it is about a path. */
typedef void passed_fn(void *data, enum passed what, u32 path, u32 pc);

/* Before the step; marks the frames. */
void passage_begin(struct passage *p, struct machine *m, const struct task *t);
/* After it; @done is what machine_step() returned. Takes the marks away, and calls @fn in the order in which
 * things happened. */
void passage_end(const struct passage *p, struct machine *m, const struct task *t, bool done, passed_fn *fn,
		 void *data);

#endif
