/*
 * unsent.c - pages that reclaim has written and that no device knows of, because they wait in a plug, and
 * pages that one is working on. A column a kernel, of a folder of `compare --series` or of `run`: the whole
 * run, as the most in each of its steps; the time around the largest number unsent on any of them, sample by
 * sample; and in the same time, how many pages reclaim has looked at and how many it has got. The axes of a
 * row are the same. A vertical line is the first OOM kill.
 */
#include <string.h>

#include "plots/csv.h"
#include "plots/gnuplot.h"
#include "plots/layout.h"
#include "plots/manifest.h"
#include "plots/recipes.h"
#include "plots/samples.h"
#include "plots/scale.h"
#include "sim/error.h"

enum { KERNELS_MOST = 3, STEPS_MOST = 400, ROWS = 3, BESIDE = 75 };

#define UNSENT_COLOUR "#E69F00"
#define WRITING_COLOUR "#0072B2"
#define SCANNED_COLOUR "#56B4E9"
#define RECLAIMED_COLOUR "#B03A00"
#define KILL_COLOUR "#000000"

enum value { UNSENT, WRITING, SCANNED, RECLAIMED, KILLS, VALUES };
static const char *const column_name[VALUES] = { "swap_unsent_pages", "swap_writing_pages", "pgscan",
						 "pgsteal", "memory.events:oom_kill" };

struct sample {
	u64 time;
	u64 value[VALUES];
};

struct curve {
	char *kernel;
	GArray *samples; /* of struct sample */
	GArray *steps;	 /* rows: sample_intervals() */
	u32 peak;	 /* the sample with most unsent */
	u64 killed_ns;	 /* the first sample after the first OOM kill; 0: none */
	u32 first, last; /* of the window around it */
};

struct unsent {
	struct curve curve[KERNELS_MOST];
	u32 curves;
	u64 window_begin, window_ns, longest_ns;
	u64 most_pages, most_scanned; /* at once, in a window */
};

static const struct sample *sample_at(const struct curve *c, u32 i)
{
	return &g_array_index(c->samples, struct sample, i);
}

static u64 most_unsent(const struct curve *c)
{
	return sample_at(c, c->peak)->value[UNSENT];
}

static struct curve *curve_of(struct unsent *u, const char *kernel)
{
	for (u32 i = 0; i < u->curves; i++)
		if (!strcmp(u->curve[i].kernel, kernel))
			return &u->curve[i];
	if (u->curves == KERNELS_MOST)
		return NULL;
	u->curve[u->curves] = (struct curve){ .kernel = g_strdup(kernel),
					      .samples = g_array_new(FALSE, FALSE, sizeof(struct sample)) };
	return &u->curve[u->curves++];
}

static bool follows(const struct curve *c, const struct sample *sample, const char *path, u32 row,
		    GError **error)
{
	const struct sample *before;

	if (!c->samples->len)
		return true;
	before = sample_at(c, c->samples->len - 1);
	for (u32 v = SCANNED; v <= KILLS; v++) {
		if (sample->value[v] >= before->value[v])
			continue;
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
			    "%s:%u: %s is %" G_GUINT64_FORMAT " after %" G_GUINT64_FORMAT
			    " (a counter never falls)",
			    path, row + 2, column_name[v], sample->value[v], before->value[v]);
		return false;
	}
	return sample_time_follows(path, row, before->time, sample->time, error);
}

static bool add_sample(struct curve *c, const struct csv *csv, const char *path, u32 row, const u32 *column,
		       GError **error)
{
	struct sample sample;

	if (!csv_whole(csv, path, row, column[VALUES], &sample.time, error))
		return false;
	for (u32 v = 0; v < VALUES; v++)
		if (!csv_whole(csv, path, row, column[v], &sample.value[v], error))
			return false;
	if (!follows(c, &sample, path, row, error))
		return false;
	g_array_append_val(c->samples, sample);
	return true;
}

/* The series of a run has no column for the kernel. */
static bool read_series(struct unsent *u, const struct csv *csv, const char *path, const char *kernel,
			GError **error)
{
	u32 column[VALUES + 1], of_kernel = 0;
	bool several = !strcmp(csv->cell[0], "kernel"), good;

	good = csv_column(csv, path, "time_ns", &column[VALUES], error);
	for (u32 v = 0; good && v < VALUES; v++)
		good = csv_column(csv, path, column_name[v], &column[v], error);
	for (u32 row = 0; good && row < csv->rows; row++) {
		struct curve *c = curve_of(u, several ? csv_cell(csv, row, of_kernel) : kernel);

		if (!c)
			g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
				    "%s: more kernels than a picture shows (at most %d)", path, KERNELS_MOST);
		good = c && add_sample(c, csv, path, row, column, error);
	}
	for (u32 i = 0; good && i < u->curves; i++)
		good = sample_enough(path, u->curve[i].samples->len, error);
	return good && sample_enough(path, csv->rows, error);
}

/* The last sample before the peak at which nothing was unsent, and the first one after it. */
static u64 burst_begins(const struct curve *c)
{
	u32 i = c->peak;

	while (i && sample_at(c, i)->value[UNSENT])
		i--;
	return sample_at(c, i)->time;
}

static u64 burst_ends(const struct curve *c)
{
	u32 i = c->peak;

	while (i + 1 < c->samples->len && sample_at(c, i)->value[UNSENT])
		i++;
	return sample_at(c, i)->time;
}

/* The burst with the highest peak and a third as long again, 100 ms at least. */
static void choose_window(struct unsent *u)
{
	const struct curve *highest = &u->curve[0];
	u64 begin, length;

	for (u32 i = 1; i < u->curves; i++)
		if (most_unsent(&u->curve[i]) > most_unsent(highest))
			highest = &u->curve[i];
	begin = burst_begins(highest);
	length = MAX((burst_ends(highest) - begin) * 4 / 3, 100000000);
	u->window_ns = MIN(length, u->longest_ns);
	u->window_begin = MIN(begin - MIN(begin, length / 10), u->longest_ns - u->window_ns);
	for (u32 i = 0; i < u->curves; i++) {
		struct curve *c = &u->curve[i];

		while (c->first + 1 < c->samples->len && sample_at(c, c->first)->time < u->window_begin)
			c->first++;
		for (c->last = c->first; c->last + 1 < c->samples->len &&
					 sample_at(c, c->last)->time < u->window_begin + u->window_ns;)
			c->last++;
	}
}

static void measure(struct unsent *u)
{
	for (u32 i = 0; i < u->curves; i++) {
		struct curve *c = &u->curve[i];
		u64 *times = g_new(u64, c->samples->len);

		for (u32 s = 0; s < c->samples->len; s++) {
			const struct sample *sample = sample_at(c, s);

			times[s] = sample->time;
			if (sample->value[UNSENT] > most_unsent(c))
				c->peak = s;
			if (sample->value[KILLS] && !c->killed_ns)
				c->killed_ns = sample->time;
			u->most_pages =
			    MAX(u->most_pages, MAX(sample->value[UNSENT], sample->value[WRITING]));
		}
		c->steps = sample_intervals(times, c->samples->len, STEPS_MOST);
		u->longest_ns = MAX(u->longest_ns, times[c->samples->len - 1]);
		g_free(times);
	}
	choose_window(u);
	for (u32 i = 0; i < u->curves; i++) {
		const struct curve *c = &u->curve[i];

		u->most_scanned = MAX(u->most_scanned, sample_at(c, c->last)->value[SCANNED] -
							   sample_at(c, c->first)->value[SCANNED]);
	}
}

/* ---- the figures: steps in the first columns of a kernel, the window in the others ---- */

enum { STEP_COLUMNS = 3, WINDOW_COLUMNS = 5, COLUMNS = STEP_COLUMNS + WINDOW_COLUMNS };

static void append_step(GString *out, const struct curve *c, u32 step)
{
	u64 most[2] = { 0, 0 };
	u32 end;

	if (step >= c->steps->len) {
		g_string_append(out, ",,,");
		return;
	}
	end = step + 1 < c->steps->len ? interval_row(c->steps, step + 1) : interval_row(c->steps, step) + 1;
	for (u32 i = interval_row(c->steps, step); i < end; i++)
		for (u32 v = UNSENT; v <= WRITING; v++)
			most[v] = MAX(most[v], sample_at(c, i)->value[v]);
	g_string_append_printf(out, ",%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT,
			       sample_at(c, interval_row(c->steps, step))->time, most[UNSENT], most[WRITING]);
}

static void append_sample(GString *out, const struct curve *c, u32 index)
{
	const struct sample *first = sample_at(c, c->first), *sample;

	if (c->first + index > c->last) {
		g_string_append(out, ",,,,,");
		return;
	}
	sample = sample_at(c, c->first + index);
	g_string_append_printf(out, ",%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT,
			       sample->time, sample->value[UNSENT], sample->value[WRITING]);
	for (u32 v = SCANNED; v <= RECLAIMED; v++)
		g_string_append_printf(out, ",%" G_GUINT64_FORMAT, sample->value[v] - first->value[v]);
}

static char *data(const struct unsent *u)
{
	static const char *const names[COLUMNS] = {
		"time_ns",	  "unsent_pages:most",	 "writing_pages:most",
		"window:time_ns", "window:unsent_pages", "window:writing_pages",
		"window:scanned", "window:reclaimed"
	};
	GString *out = g_string_new("row");
	u32 rows = 0;

	for (u32 i = 0; i < u->curves; i++) {
		const struct curve *c = &u->curve[i];

		rows = MAX(rows, MAX(c->steps->len, c->last - c->first + 1));
		for (u32 n = 0; n < COLUMNS; n++) {
			char *name = g_strdup_printf("%s:%s", c->kernel, names[n]);

			g_string_append_c(out, ',');
			csv_append(out, name);
			g_free(name);
		}
	}
	for (u32 row = 0; row < rows; row++) {
		g_string_append_printf(out, "\n%u", row);
		for (u32 i = 0; i < u->curves; i++) {
			append_step(out, &u->curve[i], row);
			append_sample(out, &u->curve[i], row);
		}
	}
	g_string_append_c(out, '\n');
	return g_string_free(out, FALSE);
}

/* ---- the picture ---- */

static struct layout_box box_of(const struct unsent *u, u32 curve, u32 row)
{
	static const u32 bottom[ROWS] = { 660, 385, 150 }, top[ROWS] = { 835, 560, 355 };
	u32 width = (LAYOUT_RIGHT - LAYOUT_LEFT - (u->curves - 1) * BESIDE) / u->curves;
	u32 left = LAYOUT_LEFT + curve * (width + BESIDE);

	return (struct layout_box){ left, left + width, bottom[row], top[row] };
}

static void append_area(GString *out, u32 column, const struct scale *time, const struct scale *count)
{
	g_string_append_printf(out,
			       "plot data using ($%u/%" G_GUINT64_FORMAT ".):($%u/%" G_GUINT64_FORMAT
			       ".) with filledcurves y1=0 lc '" UNSENT_COLOUR "', \\\n"
			       " data using ($%u/%" G_GUINT64_FORMAT ".):($%u/%" G_GUINT64_FORMAT
			       ".) with lines lc '" WRITING_COLOUR "' lw 1.5\n",
			       column, time->one, column + 1, count->one, column, time->one, column + 2,
			       count->one);
}

static void append_reclaim(GString *out, u32 column, const struct scale *time, const struct scale *count)
{
	g_string_append_printf(out,
			       "plot data using ($%u/%" G_GUINT64_FORMAT ".):($%u/%" G_GUINT64_FORMAT
			       ".) with lines lc '" SCANNED_COLOUR "' lw 5, \\\n"
			       " data using ($%u/%" G_GUINT64_FORMAT ".):($%u/%" G_GUINT64_FORMAT
			       ".) with lines lc '" RECLAIMED_COLOUR "' lw 2.5\n",
			       column, time->one, column + 3, count->one, column, time->one, column + 4,
			       count->one);
}

static void append_y(GString *out, u64 most, bool labelled)
{
	const struct scale *count = scale_count(most);

	g_string_append_printf(out,
			       "set yrange [0:%" G_GUINT64_FORMAT "./%" G_GUINT64_FORMAT "]\n"
			       "set ytics %" G_GUINT64_FORMAT "./%" G_GUINT64_FORMAT "\n",
			       MAX(most + most / 20, 1), count->one, scale_tics(most), count->one);
	if (labelled)
		g_string_append_printf(out, "set ylabel '%spages' offset 0.5 font ',13'\n", count->unit);
	else
		g_string_append(out, "unset ylabel\n");
}

static void append_heading(GString *out, const struct layout_box *box, const struct curve *c)
{
	GString *text = g_string_new(c->kernel);

	g_string_append(text, ": at most ");
	scale_append_count(text, most_unsent(c));
	g_string_append(text, " pages unsent");
	layout_heading(out, box, text->str, 15);
	g_string_free(text, TRUE);
}

/* Rows begin at a time of their own; the lowest names it. */
static void append_x(GString *out, u64 begin, u64 length, const struct scale *time, const char *what)
{
	g_string_append_printf(out,
			       "set xrange [%" G_GUINT64_FORMAT "./%" G_GUINT64_FORMAT ".:%" G_GUINT64_FORMAT
			       "./%" G_GUINT64_FORMAT ".]\n",
			       begin, time->one, begin + length, time->one);
	if (what)
		g_string_append_printf(out,
				       "set format x '%%g'\nset xlabel 'simulated time, %s%s' offset 0,0.6 "
				       "font ',13'\n",
				       time->unit, what);
	else
		g_string_append(out, "set format x ''\nunset xlabel\n");
}

static void append_kill(GString *out, const struct curve *c, const struct scale *time)
{
	if (c->killed_ns)
		g_string_append_printf(out,
				       "set arrow from %" G_GUINT64_FORMAT "./%" G_GUINT64_FORMAT
				       ".,graph 0 to %" G_GUINT64_FORMAT "./%" G_GUINT64_FORMAT
				       ".,graph 1 nohead lc '" KILL_COLOUR "' lw 2.5 front\n",
				       c->killed_ns, time->one, c->killed_ns, time->one);
}

static void append_whole(GString *out, const struct unsent *u, u32 i)
{
	struct layout_box box = box_of(u, i, 0);
	const struct scale *time = scale_time(u->longest_ns);

	append_heading(out, &box, &u->curve[i]);
	layout_margins(out, &box);
	append_y(out, u->most_pages, !i);
	append_x(out, 0, u->longest_ns, time, "");
	g_string_append_printf(out,
			       "set object rectangle from %" G_GUINT64_FORMAT "./%" G_GUINT64_FORMAT
			       ".,graph 0 to %" G_GUINT64_FORMAT "./%" G_GUINT64_FORMAT
			       ".,graph 1 behind fc rgb '#dddddd' fs solid noborder\n",
			       u->window_begin, time->one, u->window_begin + u->window_ns, time->one);
	append_kill(out, &u->curve[i], time);
	append_area(out, 2 + i * COLUMNS, time, scale_count(u->most_pages));
	g_string_append(out, "unset label\nunset arrow\nunset object\n");
}

static void append_window(GString *out, const struct unsent *u, u32 i)
{
	const struct scale *time = scale_time(u->window_ns);
	u32 column = 2 + i * COLUMNS + STEP_COLUMNS;
	struct layout_box box = box_of(u, i, 1);

	layout_margins(out, &box);
	append_y(out, u->most_pages, !i);
	append_x(out, u->window_begin, u->window_ns, time, NULL);
	append_kill(out, &u->curve[i], time);
	append_area(out, column, time, scale_count(u->most_pages));
	box = box_of(u, i, 2);
	layout_margins(out, &box);
	append_y(out, u->most_scanned, !i);
	append_x(out, u->window_begin, u->window_ns, time, ": the grey part of the above");
	append_reclaim(out, column, time, scale_count(u->most_scanned));
	g_string_append(out, "unset arrow\n");
}

static char *script(const struct unsent *u, const struct plot_manifest *m)
{
	static const struct layout_entry legend[] = {
		{ LAYOUT_AREA, UNSENT_COLOUR, "written, unsent: in a plug" },
		{ LAYOUT_LINE, WRITING_COLOUR, "the device is writing" },
		{ LAYOUT_WIDE_LINE, SCANNED_COLOUR, "scanned (pgscan)" },
		{ LAYOUT_LINE, RECLAIMED_COLOUR, "reclaimed (pgsteal)" },
		{ LAYOUT_LINE, KILL_COLOUR, "OOM kill" },
	};
	GString *out = g_string_new(NULL);
	bool killed = false;

	for (u32 i = 0; i < u->curves; i++)
		killed |= u->curve[i].killed_ns > 0;
	layout_head(out, "Swap writes that wait in plugs", m, false);
	layout_style(out);
	layout_legend(out, legend, ARRAY_SIZE(legend) - !killed, LAYOUT_LEGEND);
	g_string_append(out, "set multiplot\n");
	for (u32 i = 0; i < u->curves; i++) {
		append_whole(out, u, i);
		append_window(out, u, i);
	}
	g_string_append(out, "unset multiplot\n");
	return g_string_free(out, FALSE);
}

static bool load(struct unsent *u, const char *folder, const char *kernel, GError **error)
{
	char *path = g_build_filename(folder, "series.csv", NULL);
	struct csv *csv = csv_load(path, error);
	bool good = csv && read_series(u, csv, path, kernel, error);

	csv_free(csv);
	g_free(path);
	return good;
}

bool unsent_draw(const char *folder, struct plot_text *text, GError **error)
{
	struct unsent u = { .curves = 0 };
	struct plot_manifest manifest;
	bool good;

	if (!plot_manifest_load(&manifest, folder, error))
		return false;
	good = load(&u, folder, manifest.kernel, error);
	if (good) {
		measure(&u);
		text->data = data(&u);
		text->script = script(&u, &manifest);
	}
	for (u32 i = 0; i < u.curves; i++) {
		g_free(u.curve[i].kernel);
		g_array_free(u.curve[i].samples, TRUE);
		if (u.curve[i].steps)
			g_array_free(u.curve[i].steps, TRUE);
	}
	plot_manifest_release(&manifest);
	return good;
}
