/*
 * rows.h - zram.csv and disk.csv: what real kernels did. A row is one phase of one workload under one limit
 * on one kernel; README.md describes the columns.
 */
#ifndef TESTS_FIDELITY_ROWS_H
#define TESTS_FIDELITY_ROWS_H

#include <glib.h>

#include "models/counters.h"
#include "sim/types.h"

enum { FIGURES_MAX = 24 };

/* Which counter of ours is which figure of theirs. Judged figures decide the exit status, the others inform.
 */
struct figure_info {
	const char *column; /* without _med, _min, _max */
	const char *name;   /* what we call it */
	s32 counter;	    /* enum counter, or PEAK */
	u32 judged;	    /* bits of enum judged */
	u32 cgroup_version; /* the one it exists in; 0: both */
};
/* On a disk pages of the fill are written before or after it ends, as it happens, so only whole runs count.
 */
enum judged { INFORMS = 0, ON_ZRAM = 1, ON_DISK = 2, ON_DISK_IN_ALL = 4 };
enum { PEAK = -1, SWAP_PEAK = -2 };

const struct figure_info *figure_list(u32 *n);

/* Tenths: the median of two runs may end in a half. */
struct figure {
	s64 median, least, most;
};

struct row {
	const char *kernel;
	const char *device;
	const char *pattern;
	const char *arguments; /* key:value pairs joined by _ */
	const char *phase;     /* "run" or "all" */
	const char *swap_limit;
	u32 cgroup_version;
	u32 mib;
	u32 accesses;
	u32 ratio; /* limit in percent of the mapping: */
	bool high; /* memory.high instead of memory.max */
	u32 page_cluster;
	u32 runs; /* how often it was measured */
	struct figure figure[FIGURES_MAX];
	char **cells; /* the texts above are in here */
};

struct rows {
	struct row *row;
	u32 count;
};

/* False and an error in the domain of sim/error.h if the file cannot be read or a row has not all columns. */
bool rows_load(struct rows *rows, const char *path, GError **error);
void rows_release(struct rows *rows);

/* The value of "key:value" in a row's arguments, a new string; NULL if the key is not there. */
char *row_argument(const struct row *row, const char *key);
/* Whether a figure of the row is one that decides. */
bool row_judges(const struct row *row, const struct figure_info *info);
/* Whether two rows are phases of the same runs. */
bool row_same_runs(const struct row *a, const struct row *b);

#endif
