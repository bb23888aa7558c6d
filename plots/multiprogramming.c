/*
 * multiprogramming.c - what becomes of a machine as there are more and more tasks on it, two figures above
 * each other on the same axis.
 *
 * multiprogramming: throughput (Denning, "The working set model for program behavior", 1968): more tasks use
 * the processors and devices better until their working sets no longer fit, and then all of them together get
 * less done than fewer did; and why: major faults per thousand accesses.
 *
 * contenders: of tasks that want the same pages at the same time, what those do for nothing who come second,
 * and how long faults then take.
 *
 * From the table of swapsim sweep, of which one axis is tasks[N].count; all other axes but the seed make
 * curves. Points are medians over seeds with bars from lowest to highest; runs that did not go well are left
 * out and counted.
 */
#include <string.h>

#include "plots/csv.h"
#include "plots/gnuplot.h"
#include "plots/layout.h"
#include "plots/manifest.h"
#include "plots/recipes.h"
#include "plots/scale.h"
#include "plots/spread.h"
#include "plots/sweep_curves.h"
#include "sim/error.h"

enum { CURVES_MOST = 6, PANELS = 2, VALUES = 3 };

/* A figure as it is, or, with three decimals, in thousands or per thousand of another. */
struct metric {
	const char *figure, *of;
	bool whole, logarithmic;
	const char *name, *axis;
};

struct view {
	const char *title;
	bool tells_best; /* in the legend: where the first figure is highest */
	struct metric metric[PANELS];
};

static const struct view multiprogramming = {
	"Multiprogramming",
	true,
	{ { "accesses_per_s", NULL, true, false, "accesses_per_s", "accesses\\nper second" },
	  { "pgmajfault", "accesses", false, false, "major_faults_per_1000_accesses",
	    "major faults per\\n1000 accesses" } },
};
static const struct view contenders = {
	"Contenders for a page",
	false,
	{ { "swapin_wasted_pages", "pgmajfault", false, false, "pages_for_nothing_per_1000_swapins",
	    "pages for nothing\\nper 1000 swap-ins" },
	  { "fault_p999_ns", NULL, false, true, "fault_p999_us", "fault p99.9, us" } },
};

struct columns {
	u32 kernel, seed, curve, tasks, outcome, figure[PANELS], of[PANELS];
};

struct multiprogramming {
	const struct view *view;
	const struct csv *csv;
	struct columns column;
	GPtrArray *curve; /* names, char * */
	u32 *curve_of;	  /* [row] */
	GArray *tasks;	  /* u64, ascending, each once */
	u64 most;	  /* of the first figure in any run */
	u32 left_out;	  /* rows */
};

static bool find_columns(const struct view *view, const struct csv *csv, const char *path, struct columns *c,
			 GError **error)
{
	if (!csv_column(csv, path, "kernel", &c->kernel, error) ||
	    !csv_column(csv, path, "seed", &c->seed, error) ||
	    !csv_column(csv, path, "curve", &c->curve, error) ||
	    !csv_column(csv, path, "outcome", &c->outcome, error))
		return false;
	for (u32 p = 0; p < PANELS; p++)
		if (!csv_column(csv, path, view->metric[p].figure, &c->figure[p], error) ||
		    (view->metric[p].of && !csv_column(csv, path, view->metric[p].of, &c->of[p], error)))
			return false;
	for (c->tasks = c->seed + 1; c->tasks < c->curve; c->tasks++)
		if (g_str_has_prefix(csv->cell[c->tasks], "tasks[") &&
		    g_str_has_suffix(csv->cell[c->tasks], "].count"))
			return true;
	g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
		    "%s: is no sweep of a number of tasks (sweep --set tasks[0].count=1,2,4,...)", path);
	return false;
}

static bool went_well(const struct multiprogramming *m, u32 row)
{
	return !strcmp(csv_cell(m->csv, row, m->column.outcome), "ok");
}

static void add_tasks(struct multiprogramming *m, u64 tasks)
{
	for (u32 i = 0; i < m->tasks->len; i++)
		if (g_array_index(m->tasks, u64, i) == tasks)
			return;
	g_array_append_val(m->tasks, tasks);
}

static bool read_rows(struct multiprogramming *m, const char *path, GError **error)
{
	const struct csv *csv = m->csv;
	const struct sweep_columns sweep = { m->column.kernel, m->column.seed, m->column.curve,
					     m->column.tasks };

	m->curve_of = g_new0(u32, csv->rows + 1);
	for (u32 row = 0; row < csv->rows; row++) {
		u64 tasks;

		if (!csv_whole(csv, path, row, m->column.tasks, &tasks, error))
			return false;
		if (!went_well(m, row)) {
			m->left_out++;
			continue;
		}
		add_tasks(m, tasks);
		m->curve_of[row] = sweep_curve_index(m->curve, sweep_curve_name(csv, &sweep, row));
		m->most = MAX(m->most, csv_number(csv, row, m->column.figure[0]));
	}
	g_array_sort(m->tasks, spread_ascending);
	if (m->tasks->len > 1 && m->most && m->curve->len <= CURVES_MOST)
		return true;
	if (m->curve->len > CURVES_MOST)
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
			    "%s: more curves than a picture shows (at most %d)", path, CURVES_MOST);
	else
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
			    "%s: no curve (at least two numbers of tasks that went well, and some accesses)",
			    path);
	return false;
}

/* As it is, or in millionths of another figure. */
static u64 value_of(const struct multiprogramming *m, u32 panel, u32 row)
{
	u64 value = csv_number(m->csv, row, m->column.figure[panel]);

	if (!m->view->metric[panel].of)
		return value;
	return value * 1000000 / MAX(csv_number(m->csv, row, m->column.of[panel]), 1);
}

static struct spread point(const struct multiprogramming *m, u32 panel, u32 curve, u64 tasks)
{
	GArray *values = g_array_new(FALSE, FALSE, sizeof(u64));
	struct spread spread;

	for (u32 row = 0; row < m->csv->rows; row++) {
		u64 value = value_of(m, panel, row);

		if (went_well(m, row) && m->curve_of[row] == curve &&
		    csv_number(m->csv, row, m->column.tasks) == tasks)
			g_array_append_val(values, value);
	}
	spread = spread_of(values);
	g_array_free(values, TRUE);
	return spread;
}

static void append_value(GString *out, const struct metric *metric, u64 value)
{
	if (metric->whole)
		g_string_append_printf(out, ",%" G_GUINT64_FORMAT, value);
	else
		g_string_append_printf(out, ",%" G_GUINT64_FORMAT ".%03u", value / 1000, (u32)(value % 1000));
}

static char *data(const struct multiprogramming *m)
{
	static const char *const suffixes[VALUES] = { "", ":lowest", ":highest" };
	GString *out = g_string_new("tasks");

	for (u32 n = 0; n < m->curve->len * PANELS * VALUES; n++) {
		const char *curve = g_ptr_array_index(m->curve, n / VALUES / PANELS);
		char *name = g_strdup_printf("%s:%s%s", curve, m->view->metric[n / VALUES % PANELS].name,
					     suffixes[n % VALUES]);

		g_string_append_c(out, ',');
		csv_append(out, name);
		g_free(name);
	}
	for (u32 i = 0; i < m->tasks->len; i++) {
		u64 tasks = g_array_index(m->tasks, u64, i);

		g_string_append_printf(out, "\n%" G_GUINT64_FORMAT, tasks);
		for (u32 n = 0; n < m->curve->len * PANELS; n++) {
			struct spread s = point(m, n % PANELS, n / PANELS, tasks);
			const u64 value[VALUES] = { s.median, s.lowest, s.highest };

			for (u32 v = 0; v < VALUES; v++) {
				if (s.n)
					append_value(out, &m->view->metric[n % PANELS], value[v]);
				else
					g_string_append_c(out, ',');
			}
		}
	}
	g_string_append_c(out, '\n');
	return g_string_free(out, FALSE);
}

static const char *const colours[CURVES_MOST] = { "#E69F00", "#0072B2", "#009E73",
						  "#000000", "#CC79A7", "#56B4E9" };

static char *legend_text(const struct multiprogramming *m, u32 curve)
{
	u64 best = 0, at = 0;

	if (!m->view->tells_best)
		return g_strdup(g_ptr_array_index(m->curve, curve));
	for (u32 i = 0; i < m->tasks->len; i++) {
		u64 tasks = g_array_index(m->tasks, u64, i);
		u64 value = point(m, 0, curve, tasks).median;

		at = value > best ? tasks : at;
		best = MAX(best, value);
	}
	return g_strdup_printf("%s: most at %" G_GUINT64_FORMAT, (char *)g_ptr_array_index(m->curve, curve),
			       at);
}

static void append_legend(GString *out, const struct multiprogramming *m, u32 y)
{
	struct layout_entry legend[CURVES_MOST];

	for (u32 i = 0; i < m->curve->len; i++)
		legend[i] = (struct layout_entry){ LAYOUT_LINE, colours[i], legend_text(m, i) };
	layout_legend(out, legend, m->curve->len, y);
	for (u32 i = 0; i < m->curve->len; i++)
		g_free((char *)legend[i].text);
}

static bool several_seeds(const struct multiprogramming *m)
{
	for (u32 n = 0; n < m->curve->len * m->tasks->len; n++)
		if (point(m, 0, n / m->tasks->len, g_array_index(m->tasks, u64, n % m->tasks->len)).n > 1)
			return true;
	return false;
}

static void append_curves(GString *out, const struct multiprogramming *m, u32 panel, u64 one)
{
	const char *begin = "plot";

	for (u32 i = 0; i < m->curve->len; i++, begin = ", \\\n") {
		u32 column = 2 + (i * PANELS + panel) * VALUES;

		if (several_seeds(m))
			g_string_append_printf(
			    out,
			    "%s data using 1:($%u/%" G_GUINT64_FORMAT ".):($%u/%" G_GUINT64_FORMAT
			    ".):($%u/%" G_GUINT64_FORMAT ".) with yerrorbars lc '%s' lw 1 pt -1, \\\n",
			    begin, column, one, column + 1, one, column + 2, one, colours[i]);
		g_string_append_printf(
		    out,
		    "%s data using 1:($%u/%" G_GUINT64_FORMAT ".) with linespoints lc '%s' lw %s pt 7 ps 1.1",
		    several_seeds(m) ? "" : begin, column, one, colours[i], i ? "2.5" : "4");
	}
	g_string_append(out, "\nunset label\nunset arrow\nunset object\n");
}

/* The manifest says how many threads there are, and that is what the axis is for. */
static void append_title(GString *out, const char *what, const struct plot_manifest *manifest)
{
	struct plot_manifest title = *manifest;
	const char *threads = strrchr(manifest->workload, ',');

	title.workload = threads && !strchr(manifest->workload, ';')
			     ? g_strndup(manifest->workload, (gsize)(threads - manifest->workload))
			     : g_strdup(manifest->workload);
	layout_head(out, what, &title, false);
	g_free(title.workload);
}

static void append_panel(GString *out, const struct multiprogramming *m, u32 panel)
{
	const struct metric *metric = &m->view->metric[panel];
	const struct scale *scale = scale_count(m->most);

	g_string_append_printf(
	    out, "%sset logscale y\nset format y '%s'\nset yrange [%s:*]\nset ylabel \"%s%s\" offset 0.5\n",
	    metric->logarithmic ? "" : "un", metric->logarithmic ? "10^{%T}" : "% h",
	    metric->logarithmic ? "*" : "0", metric->whole ? scale->unit : "", metric->axis);
	append_curves(out, m, panel, metric->whole ? scale->one : 1);
}

static char *script(const struct multiprogramming *m, const struct plot_manifest *manifest)
{
	struct layout_box box[PANELS] = { layout_panel(0, PANELS, 0), layout_panel(1, PANELS, 0) };
	u64 most = g_array_index(m->tasks, u64, m->tasks->len - 1);
	GString *out = g_string_new(NULL);

	append_title(out, m->view->title, manifest);
	layout_style(out);
	append_legend(out, m, LAYOUT_LEGEND);
	box[0].bottom -= 60;
	box[1].top = box[0].bottom - 40;
	layout_margins(out, &box[0]);
	g_string_append_printf(
	    out, "set multiplot\nset xrange [0:%" G_GUINT64_FORMAT "*1.02]\nset format x ''\n", most);
	append_panel(out, m, 0);
	layout_margins(out, &box[1]);
	g_string_append(out, "set format x '%g'\nset xlabel 'tasks");
	if (m->left_out)
		g_string_append_printf(out, " (%u run%s that failed or had an OOM kill left out)",
				       m->left_out, m->left_out == 1 ? "" : "s");
	g_string_append(out, "' offset 0,0.3\n");
	append_panel(out, m, 1);
	g_string_append(out, "unset multiplot\n");
	return g_string_free(out, FALSE);
}

static bool load_and_draw(struct multiprogramming *m, const char *folder, const char *path,
			  struct plot_text *text, GError **error)
{
	struct plot_manifest manifest;

	if (!find_columns(m->view, m->csv, path, &m->column, error) || !read_rows(m, path, error) ||
	    !plot_manifest_load(&manifest, folder, error))
		return false;
	text->data = data(m);
	text->script = script(m, &manifest);
	plot_manifest_release(&manifest);
	return true;
}

static bool draw(const struct view *view, const char *folder, struct plot_text *text, GError **error)
{
	char *path = g_build_filename(folder, "sweep.csv", NULL);
	struct csv *csv = csv_load(path, error);
	struct multiprogramming m = { .view = view, .csv = csv };
	bool good = false;

	m.curve = g_ptr_array_new_with_free_func(g_free);
	m.tasks = g_array_new(FALSE, FALSE, sizeof(u64));
	if (csv)
		good = load_and_draw(&m, folder, path, text, error);
	g_array_free(m.tasks, TRUE);
	g_ptr_array_free(m.curve, TRUE);
	g_free(m.curve_of);
	csv_free(csv);
	g_free(path);
	return good;
}

bool multiprogramming_draw(const char *folder, struct plot_text *text, GError **error)
{
	return draw(&multiprogramming, folder, text, error);
}

bool contenders_draw(const char *folder, struct plot_text *text, GError **error)
{
	return draw(&contenders, folder, text, error);
}
