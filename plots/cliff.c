/*
 * cliff.c - refaults over the memory limit: where the working set stops to fit. A curve a kernel with the
 * band of its seeds, and, from measured.csv if the folder has it, what real kernels did, beside the curve
 * they are like. Below it, where the OOM killer came, the share of runs that it ended; elsewhere how long the
 * work took. Runs with a kill have done less than the others, so they count in that share alone.
 */
#include <stdlib.h>
#include <string.h>

#include "plots/csv.h"
#include "plots/gnuplot.h"
#include "plots/layout.h"
#include "plots/manifest.h"
#include "plots/recipes.h"
#include "plots/scale.h"
#include "plots/spread.h"
#include "sim/error.h"

enum { KERNELS_MOST = 4, MEASURED_MOST = 4, LEFT = 95, RIGHT = 970 };

/* Wide and light below, narrow and dark above: curves that coincide are both seen, in grey as well. */
static const char *const colour[KERNELS_MOST] = { "#E69F00", "#0072B2", "#009E73", "#000000" };
static const char *const dark[KERNELS_MOST] = { "#8A4B00", "#003A66", "#00543D", "#000000" };
static const char *const line[KERNELS_MOST] = { "lw 6", "lw 2.5", "lw 3 dt 2", "lw 2.5 dt 4" };

struct point {
	u64 percent; /* tenths */
	u64 killed;  /* 0, 1 of a simulated run; how many of measured ones */
	u64 runs;
	u64 refaults, lowest, highest; /* tenths */
	u64 time_ns;		       /* simulated */
	bool finished;		       /* refaults and time are there */
};

struct curve {
	char *name;
	u32 like;	/* of measured ones: the curve they belong to */
	GArray *points; /* of struct point */
};

struct cliff {
	struct curve kernel[KERNELS_MOST], measured[MEASURED_MOST];
	u32 kernels, measurements;
	GArray *percent; /* u64 tenths, descending, each once */
	bool killed;
};

static int descending(const void *a, const void *b)
{
	return spread_ascending(b, a);
}

/* The one of that name, at the end if it is new; NULL if there is no room. */
static struct curve *curve_of(struct curve *curves, u32 *n, u32 most, const char *name)
{
	for (u32 i = 0; i < *n; i++)
		if (!strcmp(curves[i].name, name))
			return &curves[i];
	if (*n == most)
		return NULL;
	curves[*n] = (struct curve){ g_strdup(name), 0, g_array_new(FALSE, FALSE, sizeof(struct point)) };
	return &curves[(*n)++];
}

static void curve_release(struct curve *curve)
{
	g_free(curve->name);
	g_array_free(curve->points, TRUE);
}

static void add_point(struct cliff *c, struct curve *curve, const struct point *point)
{
	g_array_append_val(curve->points, *point);
	c->killed |= point->killed > 0;
	for (u32 i = 0; i < c->percent->len; i++)
		if (g_array_index(c->percent, u64, i) == point->percent)
			return;
	g_array_append_val(c->percent, point->percent);
}

static bool read_sweep(struct cliff *c, const struct csv *csv, const char *path, GError **error)
{
	u32 kernel, percent, refaults, kills, time;

	if (!csv_column(csv, path, "kernel", &kernel, error) ||
	    !csv_column(csv, path, "value_percent", &percent, error) ||
	    !csv_column(csv, path, "workingset_refault_anon", &refaults, error) ||
	    !csv_column(csv, path, "memory.events:oom_kill", &kills, error) ||
	    !csv_column(csv, path, "run_time_ns", &time, error))
		return false;
	for (u32 row = 0; row < csv->rows; row++) {
		struct curve *curve =
		    curve_of(c->kernel, &c->kernels, KERNELS_MOST, csv_cell(csv, row, kernel));
		u64 killed = csv_number(csv, row, kills) > 0;
		const struct point point = { .percent = csv_tenths(csv, row, percent),
					     .runs = 1,
					     .killed = killed,
					     .refaults = csv_number(csv, row, refaults) * 10,
					     .time_ns = csv_number(csv, row, time),
					     .finished = !killed };

		if (!curve || !*csv_cell(csv, row, percent)) {
			g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: %s", path,
				    curve ? "is no sweep of a memory limit (compare --sweep "
					    "cgroups[0].memory.max=...)"
					  : "more kernels than a picture shows (at most 4)");
			return false;
		}
		add_point(c, curve, &point);
	}
	return true;
}

enum measured_column { NAME, LIKE, PERCENT, RUNS, KILLED, MEDIAN, LOWEST, HIGHEST, MEASURED_COLUMNS };

static bool add_measured(struct cliff *c, const struct csv *csv, const char *path, u32 row, const u32 *column,
			 GError **error)
{
	struct curve *curve =
	    curve_of(c->measured, &c->measurements, MEASURED_MOST, csv_cell(csv, row, column[NAME]));
	const char *like = csv_cell(csv, row, column[LIKE]);
	const struct point point = {
		.percent = csv_tenths(csv, row, column[PERCENT]),
		.runs = csv_number(csv, row, column[RUNS]),
		.killed = csv_number(csv, row, column[KILLED]),
		.refaults = csv_tenths(csv, row, column[MEDIAN]),
		.lowest = csv_tenths(csv, row, column[LOWEST]),
		.highest = csv_tenths(csv, row, column[HIGHEST]),
		.finished = *csv_cell(csv, row, column[MEDIAN]),
	};
	u32 k = 0;

	while (k < c->kernels && strcmp(c->kernel[k].name, like))
		k++;
	if (!curve || k == c->kernels || !point.runs || point.killed > point.runs) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s:%u: %s", path, row + 2,
			    !curve	      ? "more names than a picture shows (at most 4)"
			    : k == c->kernels ? "is like a kernel that the sweep has not got"
					      : "cannot be: killed of runs");
		return false;
	}
	curve->like = k;
	add_point(c, curve, &point);
	return true;
}

static bool read_measured(struct cliff *c, const char *folder, GError **error)
{
	static const char *const names[MEASURED_COLUMNS] = { "name",
							     "like",
							     "value_percent",
							     "runs",
							     "killed",
							     "refaults_median",
							     "refaults_lowest",
							     "refaults_highest" };
	char *path = g_build_filename(folder, "measured.csv", NULL);
	bool there = g_file_test(path, G_FILE_TEST_EXISTS), good = !there;
	struct csv *csv = there ? csv_load(path, error) : NULL;
	u32 column[MEASURED_COLUMNS];

	if (csv) {
		good = true;
		for (u32 i = 0; good && i < MEASURED_COLUMNS; i++)
			good = csv_column(csv, path, names[i], &column[i], error);
		for (u32 row = 0; good && row < csv->rows; row++)
			good = add_measured(c, csv, path, row, column, error);
	}
	csv_free(csv);
	g_free(path);
	return good;
}

/* Over the runs at a limit; @time: of their time, otherwise of refaults. */
static struct spread spread_at(const struct curve *curve, u64 percent, bool time)
{
	GArray *values = g_array_new(FALSE, FALSE, sizeof(u64));
	struct spread spread;

	for (u32 i = 0; i < curve->points->len; i++) {
		const struct point *point = &g_array_index(curve->points, struct point, i);

		if (point->percent == percent && point->finished)
			g_array_append_val(values, *(time ? &point->time_ns : &point->refaults));
	}
	spread = spread_of(values);
	g_array_free(values, TRUE);
	return spread;
}

/* Tenths of a percent of the runs at a limit; false: no run. */
static bool killed_share(const struct curve *curve, u64 percent, u64 *share)
{
	u64 killed = 0, runs = 0;

	for (u32 i = 0; i < curve->points->len; i++) {
		const struct point *point = &g_array_index(curve->points, struct point, i);

		if (point->percent == percent) {
			killed += point->killed;
			runs += point->runs;
		}
	}
	*share = runs ? killed * 1000 / runs : 0;
	return runs > 0;
}

static void append_tenths(GString *out, u64 tenths)
{
	g_string_append_printf(out, "%" G_GUINT64_FORMAT ".%u", tenths / 10, (u32)(tenths % 10));
}

static void append_spread(GString *out, struct spread s, bool in_tenths)
{
	const u64 value[] = { s.median, s.lowest, s.highest };

	for (u32 i = 0; i < ARRAY_SIZE(value); i++) {
		g_string_append_c(out, ',');
		if (s.n && in_tenths)
			append_tenths(out, value[i]);
		else if (s.n)
			g_string_append_printf(out, "%" G_GUINT64_FORMAT, value[i]);
	}
}

static void append_killed(GString *out, const struct curve *curve, u64 percent)
{
	u64 share;

	g_string_append_c(out, ',');
	if (killed_share(curve, percent, &share))
		append_tenths(out, share);
}

static const struct point *measured_at(const struct curve *curve, u64 percent)
{
	for (u32 i = 0; i < curve->points->len; i++)
		if (g_array_index(curve->points, struct point, i).percent == percent)
			return &g_array_index(curve->points, struct point, i);
	return NULL;
}

static void append_names(GString *out, const struct curve *curve, bool simulated)
{
	static const char *const names[] = { "refaults",       "refaults:lowest", "refaults:highest",
					     "killed_percent", "time_ns",	  "time_ns:lowest",
					     "time_ns:highest" };

	for (u32 i = 0; i < (simulated ? ARRAY_SIZE(names) : 4); i++) {
		char *name = g_strdup_printf("%s:%s", curve->name, names[i]);

		g_string_append_c(out, ',');
		csv_append(out, name);
		g_free(name);
	}
}

/* What is measured has no time that could be compared. */
enum { KERNEL_COLUMNS = 7, MEASURED_VALUES = 4, KILLED_COLUMN = 3, TIME_COLUMN = 4 };

static char *data(const struct cliff *c)
{
	GString *out = g_string_new("memory_percent");

	for (u32 k = 0; k < c->kernels; k++)
		append_names(out, &c->kernel[k], true);
	for (u32 i = 0; i < c->measurements; i++)
		append_names(out, &c->measured[i], false);
	for (u32 row = 0; row < c->percent->len; row++) {
		u64 percent = g_array_index(c->percent, u64, row);

		g_string_append_c(out, '\n');
		append_tenths(out, percent);
		for (u32 k = 0; k < c->kernels; k++) {
			append_spread(out, spread_at(&c->kernel[k], percent, false), true);
			append_killed(out, &c->kernel[k], percent);
			append_spread(out, spread_at(&c->kernel[k], percent, true), false);
		}
		for (u32 i = 0; i < c->measurements; i++) {
			const struct point *p = measured_at(&c->measured[i], percent);

			append_spread(out,
				      p && p->finished
					  ? (struct spread){ p->refaults, p->lowest, p->highest, 1 }
					  : (struct spread){ 0 },
				      true);
			append_killed(out, &c->measured[i], percent);
		}
	}
	g_string_append_c(out, '\n');
	return g_string_free(out, FALSE);
}

static u64 most_refaults(const struct cliff *c)
{
	u64 most = 0;

	for (u32 n = 0; n < c->kernels + c->measurements; n++) {
		const struct curve *curve = n < c->kernels ? &c->kernel[n] : &c->measured[n - c->kernels];

		for (u32 i = 0; i < curve->points->len; i++) {
			const struct point *point = &g_array_index(curve->points, struct point, i);

			if (point->finished)
				most = MAX(most, MAX(point->refaults, point->highest) / 10);
		}
	}
	return most;
}

/* What was measured at one limit by several stands side by side. */
static s64 aside(const struct cliff *c, u32 index)
{
	u64 width = g_array_index(c->percent, u64, 0) - g_array_index(c->percent, u64, c->percent->len - 1);

	return ((s64)(2 * index) - (s64)c->measurements + 1) * (s64)width / 250;
}

static void append_title(GString *out, const struct curve *curve, const char *what)
{
	char *text = g_strdup_printf("%s, %s", curve->name, what);

	g_string_append(out, " title ");
	gnuplot_string(out, text);
	g_free(text);
}

/* The column of kernel or measurement in data(), and what it is divided by. */
static void append_bands(GString *out, const struct cliff *c, u32 offset, u64 one)
{
	for (u32 k = 0; k < c->kernels; k++) {
		u32 column = 2 + k * KERNEL_COLUMNS + offset;

		g_string_append_printf(out,
				       "%sdata using 1:($%u/%" G_GUINT64_FORMAT ".):($%u/%" G_GUINT64_FORMAT
				       ".) with filledcurves lc '%s' fs transparent solid 0.3 noborder "
				       "notitle, \\\n ",
				       k ? "" : "plot ", column + 1, one, column + 2, one, colour[k]);
	}
}

static void append_lines(GString *out, const struct cliff *c, u32 offset, u64 one, bool titled)
{
	for (u32 k = 0; k < c->kernels; k++) {
		g_string_append_printf(
		    out, "%sdata using 1:($%u/%" G_GUINT64_FORMAT ".) with lines lc '%s' %s",
		    k ? ", \\\n " : "", 2 + k * KERNEL_COLUMNS + offset, one, colour[k], line[k]);
		if (titled)
			append_title(out, &c->kernel[k], "simulated");
		else
			g_string_append(out, " notitle");
	}
}

static void append_points(GString *out, const struct cliff *c, u32 offset, u64 one, bool titled)
{
	for (u32 i = 0; i < c->measurements; i++) {
		u32 column = 2 + c->kernels * KERNEL_COLUMNS + i * MEASURED_VALUES + offset;
		u32 like = c->measured[i].like;

		g_string_append_printf(
		    out, ", \\\n data using ($1+(%" G_GINT64_FORMAT "/10.)):($%u/%" G_GUINT64_FORMAT ".)",
		    aside(c, i), column, one);
		if (titled)
			g_string_append_printf(
			    out, ":($%u/%" G_GUINT64_FORMAT ".):($%u/%" G_GUINT64_FORMAT ".) with yerrorbars",
			    column + 1, one, column + 2, one);
		else
			g_string_append(out, " with points");
		g_string_append_printf(out, " lc '%s' lw 2 pt %u ps 1.4", dark[like], like % 2 ? 7 : 9);
		if (titled)
			append_title(out, &c->measured[i], "measured");
		else
			g_string_append(out, " notitle");
	}
	g_string_append_c(out, '\n');
}

static u64 longest_time(const struct cliff *c)
{
	u64 longest = 0;

	for (u32 k = 0; k < c->kernels; k++)
		for (u32 i = 0; i < c->kernel[k].points->len; i++)
			longest = MAX(longest, g_array_index(c->kernel[k].points, struct point, i).time_ns);
	return longest;
}

static void append_lower(GString *out, const struct cliff *c)
{
	const struct scale *time = scale_time(longest_time(c));
	u64 step = scale_tics(longest_time(c));

	g_string_append(out,
			"unset key\nset tmargin at screen 0.345\nset bmargin at screen 0.145\n"
			"set format x '%g'\n"
			"set xlabel 'memory limit, % of the data (less memory to the right)' offset 0,0.3\n");
	if (c->killed) {
		g_string_append(out, "set yrange [-4:104]\nset ytics 50\n"
				     "set ylabel \"killed by OOM,\\n% of runs\" offset 0.5\nplot ");
		append_lines(out, c, KILLED_COLUMN, 1, false);
		append_points(out, c, KILLED_COLUMN, 1, false);
		return;
	}
	g_string_append_printf(out,
			       "set yrange [0:*]\nset ytics %" G_GUINT64_FORMAT "./%" G_GUINT64_FORMAT
			       "\nset ylabel \"time after the\\nfill, %s\" offset 0.5\n",
			       step, time->one, time->unit);
	append_bands(out, c, TIME_COLUMN, time->one);
	append_lines(out, c, TIME_COLUMN, time->one, false);
	g_string_append_c(out, '\n');
}

static char *script(const struct cliff *c, const struct plot_manifest *m)
{
	u64 most = g_array_index(c->percent, u64, 0);
	u64 least = g_array_index(c->percent, u64, c->percent->len - 1), margin = (most - least) / 60;
	const struct scale *count = scale_count(most_refaults(c));
	GString *out = g_string_new(NULL);

	layout_head(out, "Refaults as memory gets scarce", m, false);
	layout_style(out);
	g_string_append_printf(out,
			       "set multiplot\nset lmargin at screen 0.%03u\nset rmargin at screen 0.%03u\n"
			       "set tmargin at screen 0.915\nset bmargin at screen 0.39\nset xrange [",
			       LEFT, RIGHT);
	append_tenths(out, most + margin);
	g_string_append_c(out, ':');
	append_tenths(out, least - MIN(margin, least));
	g_string_append_printf(out,
			       "]\nset yrange [0:%s]\nset format x ''\nset ylabel 'refaults%s%s' offset 1\n"
			       "set key at graph 0.99, graph 0.04 right bottom Left reverse samplen 3 "
			       "spacing 1.25 noenhanced\n",
			       most_refaults(c) ? "*" : "1", *count->unit ? ", " : "", count->unit);
	append_bands(out, c, 0, count->one);
	append_lines(out, c, 0, count->one, true);
	append_points(out, c, 0, count->one, true);
	append_lower(out, c);
	g_string_append(out, "unset multiplot\n");
	return g_string_free(out, FALSE);
}

static bool load(struct cliff *c, const char *folder, GError **error)
{
	char *path = g_build_filename(folder, "sweep.csv", NULL);
	struct csv *csv = csv_load(path, error);
	bool good = csv && read_sweep(c, csv, path, error) && read_measured(c, folder, error);

	csv_free(csv);
	g_array_sort(c->percent, descending);
	if (good && c->percent->len < 2) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: no curve (at least two limits)", path);
		good = false;
	}
	g_free(path);
	return good;
}

bool cliff_draw(const char *folder, struct plot_text *text, GError **error)
{
	struct cliff c = { .percent = g_array_new(FALSE, FALSE, sizeof(u64)) };
	struct plot_manifest manifest;
	bool good = load(&c, folder, error) && plot_manifest_load(&manifest, folder, error);

	if (good) {
		text->data = data(&c);
		text->script = script(&c, &manifest);
		plot_manifest_release(&manifest);
	}
	for (u32 k = 0; k < c.kernels; k++)
		curve_release(&c.kernel[k]);
	for (u32 i = 0; i < c.measurements; i++)
		curve_release(&c.measured[i]);
	g_array_free(c.percent, TRUE);
	return good;
}
