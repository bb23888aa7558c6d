/*
 * explore_witness.h - a finding of the explorer as a scenario that swapsim race runs.
 */
#ifndef CLI_EXPLORE_WITNESS_H
#define CLI_EXPLORE_WITNESS_H

#include <glib.h>

#include "sim/types.h"

struct finding {
	const char *file; /* the scenario that was explored, and what was changed in it */
	const char *const *sets;
	const char *kernel; /* NULL: the scenario's own */
	const char *verdict;
	const char *schedule;
	const char *statement;
	u64 seed; /* under which the schedule has its effect */
};

/* ERROR_IO, ERROR_SCENARIO. */
bool finding_write(const struct finding *f, const char *path, GError **error);
/* Which delays make it happen under the timed driver, on standard output. */
bool finding_time(const struct finding *f, GError **error);
/* On standard output; ERROR_USAGE where there is no such format. */
bool finding_draw(const struct finding *f, const char *format, GError **error);

#endif
