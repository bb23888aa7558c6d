/*
 * run_series.h - the time series of a run: one row of figures at a time for the machine as a whole, and a
 * sample of every cgroup with it.
 *
 * A row is first the time, then every counter as it stands, then what there is of things at that moment.
 * Pressure is what a monitor knows that looks whenever a row is taken; see mm/psi.h.
 */
#ifndef MODELS_RUN_SERIES_H
#define MODELS_RUN_SERIES_H

#include "models/run.h"

/* Values in a row. */
u32 run_series_width(void);
/* Append to the result's series and cgroups. */
void run_series_row(struct kernel *k, struct run_result *r);

#endif
