/*
 * explore_tell.h - inside the search: what is wrong with a state, in words.
 */
#ifndef SIM_EXPLORE_TELL_H
#define SIM_EXPLORE_TELL_H

#include "sim/explore.h"

/* "invariant: sentence" of what @verdict says of the present state, or of the step that could not be done. */
GString *explore_explain(struct machine *m, holds_fn *holds, u32 tasks, enum explore_verdict verdict);
/* Of that: what others of its kind have in common with it; takes @why. @last is what led to the state. */
char *explore_key(struct machine *m, GString *why, struct next last);
/* Fills in r->invariant, ->reason and, if there is none, ->key, from r->verdict; forgets the failed step. */
void explore_tell(struct machine *m, holds_fn *holds, u32 tasks, struct explore_result *r);

#endif
