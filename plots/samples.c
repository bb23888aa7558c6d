#include "plots/samples.h"

#include "plots/csv.h"
#include "plots/scale.h"
#include "sim/error.h"

bool sample_time_follows(const char *path, u32 row, u64 before, u64 time, GError **error)
{
	if (time > before)
		return true;
	g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
		    "%s:%u: time_ns is %" G_GUINT64_FORMAT " after %" G_GUINT64_FORMAT " (it has to grow)",
		    path, row + 2, time, before);
	return false;
}

bool sample_enough(const char *path, u32 samples, GError **error)
{
	if (samples > 1)
		return true;
	g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: no time to draw (two samples at least)", path);
	return false;
}

static bool read_value(struct series *s, const struct csv *csv, const char *path, u32 row, u32 column, u32 i,
		       GError **error)
{
	u64 *value = &s->value[row * s->columns + i];

	if (!csv_whole(csv, path, row, column, value, error))
		return false;
	if (!row || *value >= value[-(s64)s->columns])
		return true;
	g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
		    "%s:%u: %s is %" G_GUINT64_FORMAT " after %" G_GUINT64_FORMAT " (a counter never falls)",
		    path, row + 2, csv->cell[column], *value, value[-(s64)s->columns]);
	return false;
}

static bool read_rows(struct series *s, const struct csv *csv, const char *path, const u32 *column,
		      GError **error)
{
	for (u32 row = 0; row < s->rows; row++) {
		if (!csv_whole(csv, path, row, column[s->columns], &s->time[row], error) ||
		    (row && !sample_time_follows(path, row, s->time[row - 1], s->time[row], error)))
			return false;
		for (u32 i = 0; i < s->columns; i++)
			if (!read_value(s, csv, path, row, column[i], i, error))
				return false;
	}
	return true;
}

static bool read_columns(struct series *s, const struct csv *csv, const char *path, const char *const *names,
			 GError **error)
{
	u32 *column = g_new(u32, s->columns + 1);
	bool good = csv_column(csv, path, "time_ns", &column[s->columns], error);

	for (u32 i = 0; good && i < s->columns; i++)
		good = csv_column(csv, path, names[i], &column[i], error);
	good = good && sample_enough(path, csv->rows, error);
	if (good) {
		s->rows = csv->rows;
		s->time = g_new(u64, s->rows);
		s->value = g_new(u64, (gsize)s->rows * s->columns);
		good = read_rows(s, csv, path, column, error);
	}
	g_free(column);
	return good;
}

struct series *series_load(const char *folder, const char *const *names, GError **error)
{
	struct series *s = g_new0(struct series, 1);
	char *path = g_build_filename(folder, "series.csv", NULL);
	struct csv *csv = csv_load(path, error);
	bool good;

	while (names[s->columns])
		s->columns++;
	good = csv && read_columns(s, csv, path, names, error);
	csv_free(csv);
	g_free(path);
	if (good)
		return s;
	series_free(s);
	return NULL;
}

void series_free(struct series *s)
{
	if (!s)
		return;
	g_free(s->time);
	g_free(s->value);
	g_free(s);
}

GArray *sample_intervals(const u64 *time, u32 n, u32 most)
{
	GArray *rows = g_array_new(FALSE, FALSE, sizeof(u32));
	u32 samples = (n - 1 + most - 1) / most, last = n - 1;

	for (u32 row = 0; row < last; row += samples)
		g_array_append_val(rows, row);
	/* A run ends when it likes: what is left over is no interval of its own. */
	if (rows->len > 1) {
		u32 end = interval_row(rows, rows->len - 1), begin = interval_row(rows, rows->len - 2);

		if (time[last] - time[end] < (time[end] - time[begin]) / 2)
			g_array_set_size(rows, rows->len - 1);
	}
	g_array_append_val(rows, last);
	return rows;
}

void sample_append_rate(GString *out, u64 from, u64 to, u64 scale, u64 ns)
{
	u64 thousandths = (u64)(((unsigned __int128)(to - from) * scale * 1000 + ns / 2) / ns);

	g_string_append_printf(out, ",%" G_GUINT64_FORMAT ".%03u", thousandths / 1000,
			       (u32)(thousandths % 1000));
}

void sample_append_axis(GString *out, u64 longest_ns, u64 interval_ns, bool labelled)
{
	const struct scale *scale = scale_time(longest_ns);

	g_string_append_printf(out, "set xrange [0:%" G_GUINT64_FORMAT "./%" G_GUINT64_FORMAT "]\n",
			       longest_ns, scale->one);
	if (!labelled) {
		g_string_append(out, "set format x ''\nunset xlabel\n");
		return;
	}
	g_string_append_printf(out, "set format x '%%g'\nset xlabel 'simulated time, %s", scale->unit);
	if (interval_ns) {
		g_string_append(out, "; a step is ");
		scale_append_time(out, interval_ns);
	}
	g_string_append(out, "' offset 0,0.3\n");
}
