/*
 * race_time.h - swapsim race --time: which delays make the schedule happen in time.
 */
#ifndef CLI_RACE_TIME_H
#define CLI_RACE_TIME_H

#include "cli/table.h"
#include "models/scenario.h"

/* On each of the kernels; prints what it takes, and @found gets their verdicts (char *, its owner frees
 * them). */
bool race_print_times(const struct scenario *s, char *const *kernels, u64 seed, enum table_format format,
		      GPtrArray *found, GError **error);

#endif
