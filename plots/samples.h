/*
 * samples.h - the samples of a run: columns of series.csv, and the intervals between samples, joined until
 * there are no more of them than a picture can show.
 */
#ifndef PLOTS_SAMPLES_H
#define PLOTS_SAMPLES_H

#include <glib.h>

#include "sim/types.h"

struct series {
	u64 *time;  /* [rows], ascending */
	u64 *value; /* [row * columns + column] */
	u32 rows;   /* two or more */
	u32 columns;
};

/* The columns of those names, NULL at their end; all are counters, which never fall. ERROR_IO. */
struct series *series_load(const char *folder, const char *const *names, GError **error);
void series_free(struct series *s);

static inline u64 series_at(const struct series *s, u32 row, u32 column)
{
	return s->value[row * s->columns + column];
}

/*
 * Of u32: the rows where intervals begin, at most @most of them, and last the row where the last one ends.
 * All hold equally many samples but the last, which is half as long at least and half as long again at most.
 * @n is 2 or more.
 */
GArray *sample_intervals(const u64 *time, u32 n, u32 most);

static inline u32 interval_row(const GArray *intervals, u32 index)
{
	return g_array_index(intervals, u32, index);
}

/* False and ERROR_IO unless @time follows @before, which is the time of the sample before it. */
bool sample_time_follows(const char *path, u32 row, u64 before, u64 time, GError **error);
bool sample_enough(const char *path, u32 samples, GError **error);

/* (to - from) * @scale / @ns in thousandths, rounded half up: ",12.500". */
void sample_append_rate(GString *out, u64 from, u64 to, u64 scale, u64 ns);

/* "simulated time, s; a step is 20.0 ms", and the range, of times in nanoseconds that the script divides by
 * scale_time(longest)->one. */
void sample_append_axis(GString *out, u64 longest_ns, u64 interval_ns, bool labelled);

#endif
