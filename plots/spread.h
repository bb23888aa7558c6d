/*
 * spread.h - the median of several runs, and how far they are apart.
 */
#ifndef PLOTS_SPREAD_H
#define PLOTS_SPREAD_H

#include <glib.h>

#include "sim/types.h"

struct spread {
	u64 median; /* the lower one of two */
	u64 lowest, highest;
	u32 n; /* 0: no values, and all is 0 */
};

/* Of u64; sorts them. */
struct spread spread_of(GArray *values);

/* For qsort() and g_array_sort() of u64. */
int spread_ascending(const void *a, const void *b);

#endif
