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
	FIGURE_CGROUPS, /* of one of them, as it was asked for */
	NR_FIGURE_GROUPS
};

struct figure {
	char *key;   /* for CSV and thresholds: letters, digits, _ and what is in names of the kernel */
	char *label; /* for people; the unit comes with the value */
	enum figure_group group;
	enum quantity_unit unit;
	u64 value;
	bool of_cgroups; /* CGROUP:key is a figure, too */
};

/*
 * Of struct figure, in an order that depends on the program alone. Counters are of the whole run;
 * run_time_ns, run_accesses and accesses_per_s are of its main part. Behind them comes what @wanted (keys,
 * ends with NULL; or NULL) has as "CGROUP:FIGURE", each once; of a cgroup that the run does not have it is 0.
 */
GArray *figures_of(const struct run_result *r, const char *const *wanted);
/* NULL when there is none. */
const struct figure *figure_find(const GArray *figures, const char *key);
void figures_free(GArray *figures);

const char *figure_group_title(enum figure_group group);

/*
 * What a run does once it is set up: from the beginning of the phase "run" to the end, whatever phases follow
 * (hot_2, NAME_begun, ...); all of it where there is no such phase. The fill of a task that starts late is
 * work like any other.
 */
struct main_part {
	u64 time_ns;
	u64 accesses;
};
struct main_part main_part_of(const struct run_result *r);

#endif
