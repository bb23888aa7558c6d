/*
 * sweep_curves.h - which curve a row of sweep.csv belongs to, in a picture whose axis is one of the swept
 * parameters: all others that differ between rows, but the seed, make its name.
 */
#ifndef PLOTS_SWEEP_CURVES_H
#define PLOTS_SWEEP_CURVES_H

#include "plots/csv.h"

struct sweep_columns {
	u32 kernel, seed, curve; /* what is swept stands between the last two */
	u32 axis;
};

/* The caller frees it: "zram-lz4, 4", or the kernel where nothing else differs. */
char *sweep_curve_name(const struct csv *csv, const struct sweep_columns *c, u32 row);
/* Its index in @names, of char *, at whose end it is added if it is new. Takes over @name. */
u32 sweep_curve_index(GPtrArray *names, char *name);

#endif
