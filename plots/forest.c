/*
 * forest.c - what changes from the first kernel to the others: a line a figure, on it the ratio after to
 * before with the interval of the change from seed to seed. Ratios are changes over the first kernel's
 * median, as in the tables of compare. Filled: the interval does not hold 1; hollow: no difference to tell
 * from chance.
 *
 * The figures are the same in every picture, chosen before anybody looked at the result; those that are 0
 * before are left out, since nothing is a multiple of them.
 */
#include <string.h>

#include "plots/csv.h"
#include "plots/gnuplot.h"
#include "plots/layout.h"
#include "plots/manifest.h"
#include "plots/recipes.h"
#include "plots/scale.h"
#include "sim/error.h"

enum { KERNELS_MOST = 2 }; /* beside the first one */

static const char *const figures[] = {
	"run_time_ns",
	"accesses_per_s",
	"fault_p50_ns",
	"fault_p99_ns",
	"fault_p999_ns",
	"major_fault_p50_ns",
	"major_fault_p99_ns",
	"direct_reclaim_p99_ns",
	"lock_wait_ns",
	"pgmajfault",
	"pswpin",
	"pswpout",
	"pgscan",
	"meta_static_bytes",
	"meta_dynamic_peak_bytes",
};

enum { ONE = 1000000 };

/* The axis is logarithmic and goes from 1/width to width. */
struct axis {
	u32 width; /* millionths */
	const char *tics;
};
static const struct axis axes[] = {
	{ 1050000, "0.96, 0.98, 1, 1.02, 1.04" },
	{ 1100000, "0.95, 1, 1.05, 1.1" },
	{ 1250000, "0.8, 0.85, 0.9, 0.95, 1, 1.05, 1.1, 1.15, 1.2, 1.25" },
	{ 2000000, "0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2, 1.5, 2" },
	{ 10000000, "0.1, 0.2, 0.5, 1, 2, 5, 10" },
};

/* Ratios in millionths; intervals may reach below 0. */
struct change {
	s64 ratio, low, high;
	bool there;
	bool decided; /* 1 is not in the interval */
};

struct line {
	const char *figure;
	u64 before;
	struct change change[KERNELS_MOST];
};

struct forest {
	char *kernel[KERNELS_MOST + 1]; /* the first one first */
	u32 kernels;
	struct line line[ARRAY_SIZE(figures)];
	u32 lines;
	const struct axis *axis;
};

struct columns {
	u32 figure, kernel, median, change, low, high, verdict;
};

static bool find_columns(const struct csv *csv, const char *path, struct columns *c, GError **error)
{
	u32 swept;

	if (csv_column(csv, path, "value", &swept, NULL)) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
			    "%s: is a sweep, which plot thrashing draws (compare without --sweep)", path);
		return false;
	}
	return csv_column(csv, path, "figure", &c->figure, error) &&
	       csv_column(csv, path, "kernel", &c->kernel, error) &&
	       csv_column(csv, path, "median", &c->median, error) &&
	       csv_column(csv, path, "change_median", &c->change, error) &&
	       csv_column(csv, path, "change_low", &c->low, error) &&
	       csv_column(csv, path, "change_high", &c->high, error) &&
	       csv_column(csv, path, "verdict", &c->verdict, error);
}

static bool kernel_named(struct forest *f, const char *path, const char *name, u32 *kernel, GError **error)
{
	for (*kernel = 0; *kernel < f->kernels; ++*kernel)
		if (!strcmp(f->kernel[*kernel], name))
			return true;
	if (f->kernels == KERNELS_MOST + 1) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
			    "%s: more kernels than a picture shows (at most %d)", path, KERNELS_MOST + 1);
		return false;
	}
	f->kernel[f->kernels++] = g_strdup(name);
	return true;
}

static struct line *line_of(struct forest *f, const char *figure)
{
	for (u32 i = 0; i < ARRAY_SIZE(figures); i++)
		if (!strcmp(f->line[i].figure, figure))
			return &f->line[i];
	return NULL;
}

static bool ratio_at(const struct csv *csv, const char *path, u32 row, u32 column, u64 before, s64 *ratio,
		     GError **error)
{
	const char *cell = csv_cell(csv, row, column);
	gint64 change;

	if (g_ascii_string_to_signed(cell, 10, INT64_MIN, INT64_MAX, &change, NULL)) {
		*ratio = ONE + (s64)((__int128)change * ONE / (__int128)before);
		return true;
	}
	if (*cell)
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s:%u: %s is '%s' (a whole number expected)",
			    path, row + 2, csv->cell[column], cell);
	else
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
			    "%s: no intervals (compare with 6 seeds at least)", path);
	return false;
}

static bool read_row(struct forest *f, const struct csv *csv, const char *path, const struct columns *column,
		     u32 row, GError **error)
{
	struct line *line = line_of(f, csv_cell(csv, row, column->figure));
	const char *verdict = csv_cell(csv, row, column->verdict);
	struct change *change;
	u32 kernel;

	if (!line)
		return true;
	if (!kernel_named(f, path, csv_cell(csv, row, column->kernel), &kernel, error))
		return false;
	if (!kernel)
		return csv_whole(csv, path, row, column->median, &line->before, error);
	if (!line->before)
		return true;
	change = &line->change[kernel - 1];
	change->there = true;
	change->decided = !strcmp(verdict, "more") || !strcmp(verdict, "less");
	return ratio_at(csv, path, row, column->change, line->before, &change->ratio, error) &&
	       ratio_at(csv, path, row, column->low, line->before, &change->low, error) &&
	       ratio_at(csv, path, row, column->high, line->before, &change->high, error);
}

static bool axis_holds(const struct axis *axis, const struct change *change)
{
	return change->low >= (s64)ONE * ONE / axis->width && change->high <= axis->width;
}

/* Four of five intervals are within: one that is far off would press the others together. */
static const struct axis *choose_axis(const struct forest *f)
{
	for (u32 i = 0; i + 1 < ARRAY_SIZE(axes); i++) {
		u32 all = 0, within = 0;

		for (u32 n = 0; n < f->lines * KERNELS_MOST; n++) {
			const struct change *change = &f->line[n / KERNELS_MOST].change[n % KERNELS_MOST];

			all += change->there;
			within += change->there && axis_holds(&axes[i], change);
		}
		if (within * 5 >= all * 4)
			return &axes[i];
	}
	return &axes[ARRAY_SIZE(axes) - 1];
}

/* Lines without a change go. */
static bool choose_lines(struct forest *f, const char *path, GError **error)
{
	for (u32 i = 0; i < ARRAY_SIZE(figures); i++) {
		bool there = false;

		for (u32 k = 0; k + 1 < f->kernels; k++)
			there |= f->line[i].change[k].there;
		if (there)
			f->line[f->lines++] = f->line[i];
	}
	f->axis = choose_axis(f);
	if (f->lines)
		return true;
	g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: no changes to draw (two kernels at least)", path);
	return false;
}

static void append_ratio(GString *out, s64 millionths)
{
	u64 size = (u64)ABS(millionths);

	g_string_append_printf(out, ",%s%" G_GUINT64_FORMAT ".%06u", millionths < 0 ? "-" : "", size / ONE,
			       (u32)(size % ONE));
}

/* Thousandths of a line from its middle to the kernel's mark. */
static s32 mark_place(const struct forest *f, u32 line, u32 other)
{
	return (s32)(line + 1) * 1000 + (f->kernels == 2 ? 0 : other ? 200 : -200);
}

static char *data(const struct forest *f)
{
	GString *out = g_string_new("place,figure,kernel,other,ratio,low,high,decided\n");
	u32 others = f->kernels - 1;

	for (u32 n = 0; n < f->lines * others; n++) {
		const struct line *line = &f->line[n / others];
		const struct change *change = &line->change[n % others];
		s32 place = mark_place(f, n / others, n % others);

		if (!change->there)
			continue;
		g_string_append_printf(out, "%d.%03d,%s,", place / 1000, place % 1000, line->figure);
		csv_append(out, f->kernel[n % others + 1]);
		g_string_append_printf(out, ",%u", n % others + 1);
		append_ratio(out, change->ratio);
		append_ratio(out, change->low);
		append_ratio(out, change->high);
		g_string_append_printf(out, ",%u\n", change->decided);
	}
	return g_string_free(out, FALSE);
}

static const char *const colours[KERNELS_MOST] = { "#0072B2", "#D55E00" };

static void append_legend(GString *out, const struct forest *f)
{
	struct layout_entry legend[KERNELS_MOST + 1];
	u32 n = 0;

	for (u32 k = 1; k < f->kernels; k++)
		legend[n++] =
		    (struct layout_entry){ LAYOUT_LINE, colours[k - 1],
					   g_strdup_printf("%s over %s", f->kernel[k], f->kernel[0]) };
	layout_legend(out, legend, n, LAYOUT_LEGEND);
	for (u32 i = 0; i < n; i++)
		g_free((char *)legend[i].text);
	g_string_append_printf(out,
			       "set label 'hollow: no difference to tell from chance' at screen "
			       "0.%03u,0.%03u right font ',13'\n",
			       LAYOUT_RIGHT, LAYOUT_LEGEND);
}

static void append_percent(GString *out, s64 ratio)
{
	s64 tenths = (ratio - ONE + (ratio < ONE ? -500 : 500)) / 1000;
	u64 size = (u64)ABS(tenths);

	g_string_append_printf(out, "%s%" G_GUINT64_FORMAT ".%u",
			       tenths < 0 ? "-"
			       : tenths	  ? "+"
					  : "",
			       size / 10, (u32)(size % 10));
}

enum { LEFT = 245, RIGHT = 720, TEXT = 735 };

/* Beside the picture what a line shows, in percent. */
static void append_texts(GString *out, const struct forest *f)
{
	u32 others = f->kernels - 1;

	for (u32 n = 0; n < f->lines * others; n++) {
		const struct change *change = &f->line[n / others].change[n % others];
		s32 y = mark_place(f, n / others, n % others);
		GString *text = g_string_new(NULL);

		if (change->there) {
			append_percent(text, change->ratio);
			g_string_append(text, " % (");
			append_percent(text, change->low);
			g_string_append(text, " to ");
			append_percent(text, change->high);
			g_string_append_c(text, ')');
		}
		g_string_append(out, "set label ");
		layout_fit(out, text->str, (LAYOUT_RIGHT - TEXT) * LAYOUT_WIDTH / 1000,
			   others == 1 ? 13 : 10);
		g_string_append_printf(out, " at screen 0.%03u, first %d.%03d left textcolor '%s'\n", TEXT,
				       y / 1000, y % 1000, change->decided ? colours[n % others] : "#666666");
		g_string_free(text, TRUE);
	}
}

static void append_axes(GString *out, const struct forest *f)
{
	const struct layout_box box = { LEFT, RIGHT, 135, 875 };

	layout_margins(out, &box);
	g_string_append(out, "set logscale x\nset ytics (");
	for (u32 i = 0; i < f->lines; i++) {
		g_string_append(out, i ? ", " : "");
		gnuplot_string(out, f->line[i].figure);
		g_string_append_printf(out, " %u", i + 1);
	}
	g_string_append_printf(out,
			       ") noenhanced scale 0 font ',13'\nset yrange [%u.5:0.5]\nset xtics (%s)\n"
			       "most = %u./1000000\nleast = 1/most\nset xrange [least:most]\n"
			       "clip(x) = x < least ? least : x > most ? most : x\n"
			       "set arrow from 1, graph 0 to 1, graph 1 nohead lc '#444444' lw 2\n"
			       "set xlabel 'times the first kernel, 95 %% interval (at the edge: beyond it)' "
			       "offset 0,0.3\n",
			       MAX(f->lines, 3), f->axis->tics, f->axis->width);
}

/* All intervals, then the hollow marks and the filled ones. */
static void append_marks(GString *out, const struct forest *f)
{
	static const char *const mark[] = { "6", "7" };

	for (u32 k = 1; k < f->kernels; k++) {
		g_string_append_printf(
		    out,
		    "%s data skip 1 using ($4 == %u ? clip($5) : NaN):1:(clip($6)):(clip($7)) "
		    "with xerrorbars lc '%s' lw 2 pt -1",
		    k > 1 ? ", \\\n" : "plot", k, colours[k - 1]);
		for (u32 decided = 0; decided < ARRAY_SIZE(mark); decided++)
			g_string_append_printf(
			    out,
			    ", \\\n data skip 1 using ($4 == %u && $8 == %u ? clip($5) : NaN):1 "
			    "with points pt %s ps 1.4 lw 2 lc '%s'",
			    k, decided, mark[decided], colours[k - 1]);
	}
	g_string_append_c(out, '\n');
}

static char *script(const struct forest *f, const struct plot_manifest *m)
{
	GString *out = g_string_new(NULL);

	layout_head(out, "Changes", m, false);
	layout_style(out);
	append_legend(out, f);
	append_axes(out, f);
	append_texts(out, f);
	append_marks(out, f);
	return g_string_free(out, FALSE);
}

static bool load(struct forest *f, const char *folder, GError **error)
{
	char *path = g_build_filename(folder, "compare.csv", NULL);
	struct csv *csv = csv_load(path, error);
	struct columns column;
	bool good = csv && find_columns(csv, path, &column, error);

	for (u32 row = 0; good && row < csv->rows; row++)
		good = read_row(f, csv, path, &column, row, error);
	good = good && choose_lines(f, path, error);
	csv_free(csv);
	g_free(path);
	return good;
}

bool forest_draw(const char *folder, struct plot_text *text, GError **error)
{
	struct forest *f = g_new0(struct forest, 1);
	struct plot_manifest manifest;
	bool good;

	for (u32 i = 0; i < ARRAY_SIZE(figures); i++)
		f->line[i].figure = figures[i];
	good = load(f, folder, error) && plot_manifest_load(&manifest, folder, error);
	if (good) {
		text->data = data(f);
		text->script = script(f, &manifest);
		plot_manifest_release(&manifest);
	}
	for (u32 k = 0; k < f->kernels; k++)
		g_free(f->kernel[k]);
	g_free(f);
	return good;
}
