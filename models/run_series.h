/*
 * run_series.h - the time series of a run: one row of figures at a time, for the machine as a whole.
 *
 * First the time, then every counter as it stands, then what there is of things at that moment.
 */
#ifndef MODELS_RUN_SERIES_H
#define MODELS_RUN_SERIES_H

#include "models/kernel.h"

/* Values in a row. */
u32 run_series_width(void);
/* Append the machine's row; @series is of u64. */
void run_series_row(struct kernel *k, GArray *series);

#endif
