/*
 * first_difference.h - where two runs that should be the same part.
 */
#ifndef CLI_FIRST_DIFFERENCE_H
#define CLI_FIRST_DIFFERENCE_H

#include "models/scenario.h"

/*
 * Runs the scenario twice side by side, a step at an event, comparing fingerprints as it goes and looking
 * closer and closer where they first differ. Returns a sentence that names the nanosecond and what each of
 * the tasks that differ is about to do in either run; the caller frees it. NULL when there is no difference.
 * NULL and an error when a machine cannot be built.
 */
char *first_difference(const struct scenario *s, const struct build_options *a, const struct build_options *b,
		       GError **error);

#endif
