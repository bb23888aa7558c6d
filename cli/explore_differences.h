/*
 * explore_differences.h - in what kernels differ that were explored in the same world: how it may end, and
 * which windows can be got into, alone and two on the same object.
 */
#ifndef CLI_EXPLORE_DIFFERENCES_H
#define CLI_EXPLORE_DIFFERENCES_H

#include "models/exploration.h"

struct explored {
	const char *kernel;
	const struct exploration *x;
};

/* Of one kernel all its outcomes. What was not asked for is not told. */
void explore_differences(const struct explored *e, u32 n, GString *to);
/* The outcomes of one, sorted, with " | " between; g_free(). */
char *explore_outcomes(const struct exploration *x);

#endif
