/*
 * thrashing.c - useful work as memory gets scarce: accesses per simulated second, in percent of the best that
 * any curve reaches, over the memory limit in percent of the data. Below it, on the same axis, what kernels
 * differ in: time spent waiting for locks per major fault or, where no task ever waits for a lock,
 * the 99th percentile of fault latency.
 *
 * Points are medians over seeds, bars reach from the lowest to the highest seed. In the table of swapsim
 * sweep each combination of its other parameters (column curve) is a curve. Runs in which the OOM killer
 * came, or that did not come to their end, are in no median: crosses on the floor of the picture are where
 * there were some.
 */
#include <stdlib.h>
#include <string.h>

#include "plots/csv.h"
#include "plots/gnuplot.h"
#include "plots/layout.h"
#include "plots/manifest.h"
#include "plots/recipes.h"
#include "plots/spread.h"
#include "sim/error.h"

enum metric {
	USEFUL,	   /* accesses per second */
	LOCK_WAIT, /* ps per major fault; 0 also where there is none */
	FAULT_P99, /* ns */
	METRICS
};
enum { KERNELS_MOST = 6 };

struct curves {
	const char *kernel[KERNELS_MOST]; /* in the table's cells */
	u32 kernels;
	GArray *percent;	/* u64 tenths, descending, each once */
	GArray *value[METRICS]; /* u64 [row of the table] */
	const struct csv *csv;
	u32 kernel_column, percent_column;
	u32 outcome_column; /* columns of the table: there is none */
	u32 kill_column;    /* likewise; where outcomes have no column of their own */
	u64 best;	    /* accesses per second */
};

static int descending(const void *a, const void *b)
{
	return spread_ascending(b, a);
}

static bool add_kernel(struct curves *c, const char *path, const char *kernel, GError **error)
{
	for (u32 i = 0; i < c->kernels; i++)
		if (!strcmp(c->kernel[i], kernel))
			return true;
	if (c->kernels == KERNELS_MOST) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
			    "%s: more kernels than a picture shows (at most %d)", path, KERNELS_MOST);
		return false;
	}
	c->kernel[c->kernels++] = kernel;
	return true;
}

static void add_percent(struct curves *c, u64 tenths)
{
	for (u32 i = 0; i < c->percent->len; i++)
		if (g_array_index(c->percent, u64, i) == tenths)
			return;
	g_array_append_val(c->percent, tenths);
}

/* The column of that name; their number when there is none. */
static u32 find_column(const struct csv *csv, const char *name)
{
	u32 i = 0;

	while (i < csv->columns && strcmp(csv->cell[i], name))
		i++;
	return i;
}

static bool went_well(const struct curves *c, u32 row)
{
	if (c->outcome_column < c->csv->columns)
		return !strcmp(csv_cell(c->csv, row, c->outcome_column), "ok");
	return c->kill_column == c->csv->columns || !csv_number(c->csv, row, c->kill_column);
}

/* Behind those that are drawn, as many as there is room for. */
static void add_lost(struct curves *c)
{
	for (u32 row = 0; row < c->csv->rows; row++) {
		if (went_well(c, row) || !*csv_cell(c->csv, row, c->percent_column))
			continue;
		if (c->kernels < KERNELS_MOST)
			add_kernel(c, "", csv_cell(c->csv, row, c->kernel_column), NULL);
		add_percent(c, csv_tenths(c->csv, row, c->percent_column));
	}
}

static bool read_rows(struct curves *c, const char *path, GError **error)
{
	const struct csv *csv = c->csv;
	u32 accesses, p99, wait, faults;

	c->outcome_column = find_column(csv, "outcome");
	c->kill_column = find_column(csv, "memory.events:oom_kill");
	if (!csv_column(csv, path, find_column(csv, "curve") < csv->columns ? "curve" : "kernel",
			&c->kernel_column, error) ||
	    !csv_column(csv, path, "value_percent", &c->percent_column, error) ||
	    !csv_column(csv, path, "accesses_per_s", &accesses, error) ||
	    !csv_column(csv, path, "fault_p99_ns", &p99, error) ||
	    !csv_column(csv, path, "lock_wait_ns", &wait, error) ||
	    !csv_column(csv, path, "pgmajfault", &faults, error))
		return false;
	for (u32 row = 0; row < csv->rows; row++) {
		u64 n = csv_number(csv, row, faults);
		const u64 value[METRICS] = { [USEFUL] = csv_number(csv, row, accesses),
					     [LOCK_WAIT] = n ? csv_number(csv, row, wait) * 1000 / n : 0,
					     [FAULT_P99] = csv_number(csv, row, p99) };

		for (u32 m = 0; m < METRICS; m++)
			g_array_append_val(c->value[m], value[m]);
		if (!went_well(c, row))
			continue;
		if (!add_kernel(c, path, csv_cell(csv, row, c->kernel_column), error))
			return false;
		if (!*csv_cell(csv, row, c->percent_column)) {
			g_set_error(
			    error, SWAPSIM_ERROR, ERROR_IO,
			    "%s: is no sweep of a memory limit (compare --sweep cgroups[0].memory.max=...)",
			    path);
			return false;
		}
		add_percent(c, csv_tenths(csv, row, c->percent_column));
	}
	add_lost(c);
	g_array_sort(c->percent, descending);
	return true;
}

static struct spread spread_at(const struct curves *c, enum metric metric, u32 kernel, u64 percent)
{
	GArray *values = g_array_new(FALSE, FALSE, sizeof(u64));
	struct spread spread;

	for (u32 row = 0; row < c->csv->rows; row++)
		if (went_well(c, row) && csv_tenths(c->csv, row, c->percent_column) == percent &&
		    !strcmp(csv_cell(c->csv, row, c->kernel_column), c->kernel[kernel]))
			g_array_append_val(values, g_array_index(c->value[metric], u64, row));
	spread = spread_of(values);
	g_array_free(values, TRUE);
	return spread;
}

static bool find_best(struct curves *c, const char *path, GError **error)
{
	for (u32 n = 0; n < c->kernels * c->percent->len; n++) {
		u64 percent = g_array_index(c->percent, u64, n % c->percent->len);

		c->best = MAX(c->best, spread_at(c, USEFUL, n / c->percent->len, percent).median);
	}
	if (c->percent->len > 1 && c->best)
		return true;
	g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: no curve (at least two limits, and some accesses)",
		    path);
	return false;
}

/* Hundredths of a percent of the best. */
static u64 useful(const struct curves *c, u64 accesses_per_s)
{
	return (u64)((unsigned __int128)accesses_per_s * 10000 / c->best);
}

static void append_useful(GString *out, const struct curves *c, u64 value)
{
	u64 hundredths = useful(c, value);

	g_string_append_printf(out, ",%" G_GUINT64_FORMAT ".%02u", hundredths / 100, (u32)(hundredths % 100));
}

static void append_thousandths(GString *out, u64 value)
{
	g_string_append_printf(out, ",%" G_GUINT64_FORMAT ".%03u", value / 1000, (u32)(value % 1000));
}

enum { COLUMNS_PER_KERNEL = 9 };

static char *data(const struct curves *c)
{
	static const char *const names[METRICS] = { "useful_work_percent", "lock_wait_per_major_fault_ns",
						    "fault_p99_us" };
	GString *out = g_string_new("memory_percent");

	for (u32 k = 0; k < c->kernels; k++)
		for (u32 m = 0; m < METRICS; m++)
			g_string_append_printf(out, ",%s:%s,%s:%s:lowest,%s:%s:highest", c->kernel[k],
					       names[m], c->kernel[k], names[m], c->kernel[k], names[m]);
	for (u32 i = 0; i < c->percent->len; i++) {
		u64 percent = g_array_index(c->percent, u64, i);

		g_string_append_printf(out, "\n%" G_GUINT64_FORMAT ".%u", percent / 10, (u32)(percent % 10));
		for (u32 n = 0; n < c->kernels * METRICS; n++) {
			enum metric m = n % METRICS;
			struct spread s = spread_at(c, m, n / METRICS, percent);
			const u64 value[] = { s.median, s.lowest, s.highest };

			for (u32 v = 0; v < ARRAY_SIZE(value); v++) {
				if (!s.n || (m == LOCK_WAIT && !s.lowest))
					g_string_append_c(out, ',');
				else if (m == USEFUL)
					append_useful(out, c, value[v]);
				else
					append_thousandths(out, value[v]);
			}
		}
	}
	g_string_append_c(out, '\n');
	return g_string_free(out, FALSE);
}

static bool anything(const struct curves *c, enum metric metric)
{
	for (u32 row = 0; row < c->csv->rows; row++)
		if (went_well(c, row) && g_array_index(c->value[metric], u64, row))
			return true;
	return false;
}

/* The limit, in tenths of a percent, below which the first kernel does less than half; 0 when there is none.
 */
static u64 half_speed(const struct curves *c)
{
	u64 left = 0, high = 0;

	for (u32 i = 0; i < c->percent->len; i++) {
		u64 right = g_array_index(c->percent, u64, i);
		struct spread s = spread_at(c, USEFUL, 0, right);
		u64 low = useful(c, s.median);

		if (s.n && high >= 5000 && low < 5000)
			return right + (left - right) * (5000 - low) / (high - low);
		if (s.n) {
			left = right;
			high = low;
		}
	}
	return 0;
}

static bool several_seeds(const struct curves *c)
{
	for (u32 i = 0; i < c->percent->len; i++)
		if (spread_at(c, USEFUL, 0, g_array_index(c->percent, u64, i)).n > 1)
			return true;
	return false;
}

/* That some other curve lies on the first one, to a fiftieth of the height, wherever both are. A point is no
 * curve. */
static bool is_covered(const struct curves *c)
{
	enum { NEAR = 200 }; /* hundredths of a percent */

	for (u32 k = 1; k < c->kernels; k++) {
		bool covers = true;
		u32 both = 0;

		for (u32 i = 0; i < c->percent->len && covers; i++) {
			u64 percent = g_array_index(c->percent, u64, i);
			struct spread a = spread_at(c, USEFUL, 0, percent),
				      b = spread_at(c, USEFUL, k, percent);
			u64 x = useful(c, a.median), y = useful(c, b.median);

			both += a.n && b.n;
			covers = !a.n || !b.n || MAX(x, y) - MIN(x, y) <= NEAR;
		}
		if (covers && both > 1)
			return true;
	}
	return false;
}

#define FIRST_COLOUR "#E69F00"
static const char *const dark[KERNELS_MOST] = { "#B07A00", "#0072B2", "#009E73",
						"#000000", "#CC79A7", "#56B4E9" };

/* Wide and light below, narrow and dark above: curves that coincide are both seen, in grey as well. */
static void append_curves(GString *out, const struct curves *c, enum metric metric, bool with_names)
{
	static const char wide[] = "lc '" FIRST_COLOUR "' lw 9 pt -1";
	static const char *const style[KERNELS_MOST] = {
		"lc '" FIRST_COLOUR "' lw 2.5 pt 3 ps 1.1", "lc '#0072B2' lw 2.5 pt 7 ps 1.1",
		"lc '#009E73' lw 2.5 dt 2 pt 5 ps 1.1",	    "lc '#000000' lw 2.5 dt 4 pt 9 ps 1.3",
		"lc '#CC79A7' lw 2.5 pt 11 ps 1.1",	    "lc '#56B4E9' lw 2.5 dt 2 pt 13 ps 1.3"
	};
	bool covered = is_covered(c);

	for (u32 k = 0; k < c->kernels; k++) {
		u32 column = 2 + k * COLUMNS_PER_KERNEL + 3 * metric;

		g_string_append(out, k ? ", \\\n " : "plot ");
		if (several_seeds(c))
			g_string_append_printf(
			    out, "data using 1:%u:%u:%u with yerrorbars lc '%s' lw 1 pt -1 notitle, \\\n ",
			    column, column + 1, column + 2, dark[k]);
		g_string_append_printf(out, "data using 1:%u with linespoints %s ", column,
				       k || !covered ? style[k] : wide);
		if (with_names) {
			g_string_append(out, "title ");
			gnuplot_string(out, c->kernel[k]);
		} else {
			g_string_append(out, "notitle");
		}
	}
	g_string_append_c(out, '\n');
}

/* Names side by side above the curves, in letters as large as there is room for. */
static void append_key(GString *out, const struct curves *c)
{
	enum { MOST = 14, LEAST = 9, BESIDE = 110 };
	u32 points = MOST + 1, widest;

	do {
		widest = 0;
		points--;
		for (u32 k = 0; k < c->kernels; k++)
			widest = MAX(widest, layout_text_width(c->kernel[k], points));
	} while (points > LEAST &&
		 c->kernels * (widest + BESIDE) > (LAYOUT_RIGHT - LAYOUT_LEFT) * LAYOUT_WIDTH / 1000);
	g_string_append_printf(out,
			       "set key at screen 0.%03u,0.925 left top horizontal Left reverse maxrows 1 "
			       "samplen 3 noenhanced font ',%u'\n",
			       LAYOUT_LEFT, points);
}

/* Where one or two curves cross the half. What is said of it stands where they do not: below them while they
 * are high, else above. */
static void append_half(GString *out, const struct curves *c)
{
	u64 most = g_array_index(c->percent, u64, 0),
	    least = g_array_index(c->percent, u64, c->percent->len - 1);
	u64 tenths = c->kernels > 2 ? 0 : half_speed(c);
	bool late = tenths < (most + least) / 2;

	if (!tenths)
		return;
	g_string_append_printf(out,
			       "set arrow 1 from %" G_GUINT64_FORMAT ".%u, graph 0 to %" G_GUINT64_FORMAT
			       ".%u, 50 nohead lc '#666666' dt 3 lw 2\n"
			       "set label 3 'half speed at %" G_GUINT64_FORMAT " %%' at %" G_GUINT64_FORMAT
			       ".%u, graph %s offset %d,0 noenhanced textcolor '#444444'\n",
			       tenths / 10, (u32)(tenths % 10), tenths / 10, (u32)(tenths % 10),
			       (tenths + 5) / 10, tenths / 10, (u32)(tenths % 10),
			       late ? "0.08 right" : "0.53 left", late ? -1 : 1);
}

static u32 runs_lost(const struct curves *c, u32 kernel, u64 percent)
{
	u32 n = 0;

	for (u32 row = 0; row < c->csv->rows; row++)
		n += !went_well(c, row) && *csv_cell(c->csv, row, c->percent_column) &&
		     csv_tenths(c->csv, row, c->percent_column) == percent &&
		     !strcmp(csv_cell(c->csv, row, c->kernel_column), c->kernel[kernel]);
	return n;
}

/* A cross for each curve and limit where some run was lost, the one below the other, and what they are. */
static void append_lost(GString *out, const struct curves *c)
{
	bool any = false;

	for (u32 i = 0; i < c->percent->len; i++) {
		u64 percent = g_array_index(c->percent, u64, i);
		u32 lost = 0;

		for (u32 k = 0; k < c->kernels; k++) {
			if (!runs_lost(c, k, percent))
				continue;
			g_string_append_printf(out,
					       "set label at %" G_GUINT64_FORMAT
					       ".%u, graph 0.%03u point pt 2 ps 1.2 lw 2 lc '%s' front\n",
					       percent / 10, (u32)(percent % 10), 950 - 50 * lost++, dark[k]);
			any = true;
		}
	}
	if (any)
		g_string_append(out,
				"set label '× some run was killed, or did not come to its end' at screen "
				"0.97,0.408 right noenhanced font ',12' textcolor '#444444'\n");
}

/* Most curves would lie on the floor. */
static bool is_steep(const struct curves *c)
{
	enum { LOW = 500 }; /* hundredths of a percent */
	u32 low = 0;

	for (u32 k = 0; k < c->kernels; k++) {
		struct spread s = { 0 };

		for (u32 i = c->percent->len; i-- && !s.n;)
			s = spread_at(c, USEFUL, k, g_array_index(c->percent, u64, i));
		low += useful(c, s.median) < LOW;
	}
	return low > 2 && low * 2 > c->kernels;
}

static u64 highest(const struct curves *c, enum metric metric)
{
	u64 most = 0;

	for (u32 row = 0; row < c->csv->rows; row++)
		if (went_well(c, row))
			most = MAX(most, g_array_index(c->value[metric], u64, row));
	return most;
}

static void append_upper(GString *out, const struct curves *c)
{
	g_string_append(out, "set tmargin at screen 0.875\nset bmargin at screen 0.43\nset format x ''\n"
			     "set ylabel 'useful work, % of the best' offset 1\n");
	if (is_steep(c))
		g_string_append(out, "set logscale y\nset yrange [*:130]\nset format y '%g'\n");
	else
		g_string_append(out, "set yrange [0:105]\nset ytics 25\n");
	append_key(out, c);
	append_half(out, c);
	append_lost(out, c);
	append_curves(out, c, USEFUL, true);
}

/* Decades by their exponents where the figures would take the room of the label. */
static void append_lower(GString *out, const struct curves *c)
{
	enum { WIDE = 1000 * 1000 }; /* thousandths of the unit; the axis may go on to ten times as much */
	enum metric metric = anything(c, LOCK_WAIT) ? LOCK_WAIT : FAULT_P99;

	g_string_append_printf(
	    out,
	    "unset label\nunset arrow\nunset key\n"
	    "set tmargin at screen 0.385\nset bmargin at screen 0.145\n"
	    "set format x '%%g'\nset logscale y\nset yrange [*:*]\nset ytics autofreq\nset format y '%s'\n"
	    "set xlabel 'memory limit, %% of the data (less memory to the right)' offset 0,0.3\n"
	    "set ylabel \"%s\" offset 0\n",
	    highest(c, metric) >= WIDE ? "10^{%T}" : "%g",
	    metric == LOCK_WAIT ? "lock wait per\\nmajor fault, ns" : "fault latency,\\np99, µs");
	append_curves(out, c, metric, false);
}

static char *script(const struct curves *c, const struct plot_manifest *m)
{
	u64 most = g_array_index(c->percent, u64, 0),
	    least = g_array_index(c->percent, u64, c->percent->len - 1);
	u64 margin = MIN((most - least) / 100, least); /* points at the edge are whole */
	GString *out = g_string_new(NULL);

	layout_head(out, "Thrashing", m, false);
	g_string_append_printf(
	    out,
	    "set multiplot\n"
	    "set lmargin at screen 0.095\nset rmargin at screen 0.97\n"
	    "set xrange [%" G_GUINT64_FORMAT ".%u:%" G_GUINT64_FORMAT ".%u]\n"
	    "set border 3 lc '#444444'\nset tics nomirror out\nset tics scale 0.5\nset grid lc '#dddddd' lt "
	    "1 lw 1\n",
	    (most + margin) / 10, (u32)((most + margin) % 10), (least - margin) / 10,
	    (u32)((least - margin) % 10));
	append_upper(out, c);
	append_lower(out, c);
	g_string_append(out, "unset multiplot\n");
	return g_string_free(out, FALSE);
}

static bool load_and_draw(struct curves *c, const char *folder, const char *path, struct plot_text *text,
			  GError **error)
{
	struct plot_manifest manifest;

	if (!read_rows(c, path, error) || !find_best(c, path, error) ||
	    !plot_manifest_load(&manifest, folder, error))
		return false;
	text->data = data(c);
	text->script = script(c, &manifest);
	plot_manifest_release(&manifest);
	return true;
}

bool thrashing_draw(const char *folder, struct plot_text *text, GError **error)
{
	char *path = g_build_filename(folder, "sweep.csv", NULL);
	struct csv *csv = csv_load(path, error);
	struct curves c = { .csv = csv };
	bool good = false;

	c.percent = g_array_new(FALSE, FALSE, sizeof(u64));
	for (u32 m = 0; m < METRICS; m++)
		c.value[m] = g_array_new(FALSE, FALSE, sizeof(u64));
	if (csv)
		good = load_and_draw(&c, folder, path, text, error);
	for (u32 m = 0; m < METRICS; m++)
		g_array_free(c.value[m], TRUE);
	g_array_free(c.percent, TRUE);
	csv_free(csv);
	g_free(path);
	return good;
}
