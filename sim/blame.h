/*
 * blame.h - why an invariant failed: which steps of a recorded run made the object what it is, and which one
 * broke the rule.
 *
 * Nothing here knows of any bug. The object's bytes and the references to it were watched step by step; told
 * are the last change of each of its fields, the last reference that was let go of, and the last step of the
 * run.
 */
#ifndef SIM_BLAME_H
#define SIM_BLAME_H

#include "sim/recording.h"

/* Whether the step changed the violated object or what refers to it. */
bool blame_touches(const struct recording *r, u32 step);
/* "At step 17 A in path.STEP ...; at step 26 ..." with steps counted from 1; the caller frees it. NULL:
 * nothing was violated, or there was no step. */
char *blame_sentence(const struct recording *r);

#endif
