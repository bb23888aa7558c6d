/*
 * fidelity_rows.h - what real kernels did: runs.csv and streams.csv of a folder, as docs/fidelity.md
 * describes them.
 *
 * A row is one phase of one workload under one limit on one kernel. Columns that are not there stand at their
 * defaults, cells that are empty are figures that were not measured, and unknown columns are stepped over.
 */
#ifndef CLI_FIDELITY_ROWS_H
#define CLI_FIDELITY_ROWS_H

#include "cli/fidelity_figures.h"
#include "plots/csv.h"

/* Tenths: the median of two runs may end in a half. */
struct fidelity_band {
	bool there;
	s64 median, least, most;
};

struct fidelity_row {
	u32 number; /* in the file, from 1 */
	const char *kernel;
	const char *device;
	const char *pattern;
	const char *arguments; /* key:value pairs joined by _ */
	const char *ratio;     /* "75", "high50", "global320" */
	const char *swap_mib;  /* limit of swap, "" for none */
	const char *lru;       /* "classic", "mglru" */
	const char *thp;       /* "none", "64k", "2m" */
	const char *phase;     /* "run" or "all" */
	const char *cpu;       /* "vm", "emulated", ...; "" if that is not said */
	u32 cgroup_version;
	u32 page_cluster;
	u32 mib;
	u32 runs;	    /* how often it was measured */
	u32 memory_stat_us; /* between two reads of memory.stat, in simulated time; 0: that is not said */
	struct {
		u32 pages, used, at_marks;
	} stack; /* of the program's pages beyond its data, as in a scenario */
	u64 accesses;
	const char *unfit; /* column whose text means nothing, and that; NULL if all do */
	const char *unfit_text;
	struct fidelity_band band[NR_FIDELITY_FIGURES];
};

/* The accesses of a workload. */
struct fidelity_stream {
	const char *pattern;
	const char *arguments;
	u32 mib;
	char *path;
	u64 fill; /* so many of them are the fill */
	u32 tasks;
	u32 overhead; /* pages that the kernel needs for the process; 0: not measured */
};

struct fidelity_rows {
	struct csv *runs, *streams; /* the texts are in here */
	GArray *row;
	GArray *stream;
};

/* ERROR_IO when runs.csv cannot be read or lacks a column without which there is no row. */
bool fidelity_rows_load(struct fidelity_rows *rows, const char *folder, GError **error);
void fidelity_rows_release(struct fidelity_rows *rows);

/* The value of "key:value" among a row's arguments, a new string; NULL if the key is not there. */
char *fidelity_argument(const struct fidelity_row *row, const char *key);
/* The first key of them that is none of @known, which ends with NULL; a new string, or NULL. */
char *fidelity_other_argument(const struct fidelity_row *row, const char *const *known);
/* Whether two rows are phases of the same runs. */
bool fidelity_same_runs(const struct fidelity_row *a, const struct fidelity_row *b);
/* Its accesses; NULL if none were recorded. */
const struct fidelity_stream *fidelity_stream_of(const struct fidelity_rows *rows,
						 const struct fidelity_row *row);
/* "6.12 disk v2 pc 3 seq wr:0_passes:2, limit 75 %"; the caller frees it. */
char *fidelity_row_words(const struct fidelity_row *row);

/* Of a device without requests that are under way. */
static inline bool fidelity_is_synchronous(const struct fidelity_row *row)
{
	return g_str_has_prefix(row->device, "zram");
}

static inline const struct fidelity_row *fidelity_row_at(const struct fidelity_rows *rows, u32 i)
{
	return &g_array_index(rows->row, struct fidelity_row, i);
}

#endif
