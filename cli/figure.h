/*
 * figure.h - the figures of a run: one list for tables, comparisons, CSV files and thresholds.
 */
#ifndef CLI_FIGURE_H
#define CLI_FIGURE_H

#include "cli/quantity.h"
#include "models/run.h"

enum figure_group {
	FIGURE_WORK,
	FIGURE_EVENTS,
	FIGURE_REDUNDANT,
	FIGURE_LATENCY,
	FIGURE_LOCKS,
	FIGURE_METADATA,
	NR_FIGURE_GROUPS
};

struct figure {
	char *key;   /* for CSV and thresholds: letters, digits, _ and what is in names of the kernel */
	char *label; /* for people; the unit comes with the value */
	enum figure_group group;
	enum quantity_unit unit;
	u64 value;
};

/*
 * Of struct figure, in an order that depends on the program alone. Counters are of the whole run;
 * run_time_ns, run_accesses and accesses_per_s are of the phase "run" where there is one, the whole run
 * otherwise.
 */
GArray *figures_of(const struct run_result *r);
void figures_free(GArray *figures);

const char *figure_group_title(enum figure_group group);

/* Where a run spends its accesses once it is set up: "run" or "all". */
const struct run_phase *main_phase(const struct run_result *r);

#endif
