/*
 * sizes.c - throughput of a machine over a size that is swept: of a swap device, of its memory, of a limit.
 * Below, on the same axis, how many processes the OOM killer took or, where it never came, the 99th
 * percentile of fault latency.
 *
 * From the table of swapsim sweep; all other axes but the seed make curves. Points are medians over seeds,
 * those of kills the most of any, for a size at which one run of two kills is none that holds.
 * Runs with a kill count: who is left shares the machine, and what is done by all tasks in a given time is
 * what it is good for. As that may be much more than without, their points are open. Runs that failed are
 * left out and counted.
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

enum { CURVES_MOST = 6, PANELS = 2 };
enum metric { THROUGHPUT, KILLS, FAULT_P99, METRICS };

static const char *const metric_name[METRICS] = { "accesses_per_s", "memory.events:oom_kill",
						  "fault_p99_ns" };

struct sizes {
	const struct csv *csv;
	struct sweep_columns column;
	u32 outcome, metric[METRICS];
	GPtrArray *curve; /* names, char * */
	u32 *curve_of;	  /* [row] */
	u64 *size;	  /* [row] bytes */
	GArray *all;	  /* u64 sizes, ascending, each once */
	u64 most[METRICS];
	u32 left_out; /* rows */
};

/* Bytes; false for anything but a whole number with a unit or without. */
static bool parse_size(const char *text, u64 *bytes)
{
	static const char *const units[] = { "", "KiB", "MiB", "GiB", "TiB" };
	char *end;

	*bytes = g_ascii_strtoull(text, &end, 10);
	for (u32 i = 0; end != text && i < ARRAY_SIZE(units); i++) {
		if (!strcmp(end, units[i])) {
			*bytes <<= 10 * i;
			return true;
		}
	}
	return false;
}

static bool is_size(const char *path)
{
	return g_str_has_suffix(path, ".size") || g_str_has_suffix(path, ".memory") ||
	       strstr(path, ".memory.");
}

static bool find_columns(struct sizes *s, const char *path, GError **error)
{
	struct sweep_columns *c = &s->column;

	if (!csv_column(s->csv, path, "kernel", &c->kernel, error) ||
	    !csv_column(s->csv, path, "seed", &c->seed, error) ||
	    !csv_column(s->csv, path, "curve", &c->curve, error) ||
	    !csv_column(s->csv, path, "outcome", &s->outcome, error))
		return false;
	for (u32 m = 0; m < METRICS; m++)
		if (!csv_column(s->csv, path, metric_name[m], &s->metric[m], error))
			return false;
	for (c->axis = c->seed + 1; c->axis < c->curve; c->axis++)
		if (is_size(s->csv->cell[c->axis]))
			return true;
	g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
		    "%s: is no sweep of a size (sweep --set swap[0].size=16MiB,32MiB,...)", path);
	return false;
}

static bool has_figures(const struct sizes *s, u32 row)
{
	const char *outcome = csv_cell(s->csv, row, s->outcome);

	return !strcmp(outcome, "ok") || !strcmp(outcome, "killed");
}

static void add_size(struct sizes *s, u64 bytes)
{
	for (u32 i = 0; i < s->all->len; i++)
		if (g_array_index(s->all, u64, i) == bytes)
			return;
	g_array_append_val(s->all, bytes);
}

static bool read_rows(struct sizes *s, const char *path, GError **error)
{
	const struct csv *csv = s->csv;

	s->curve_of = g_new0(u32, csv->rows + 1);
	s->size = g_new0(u64, csv->rows + 1);
	for (u32 row = 0; row < csv->rows; row++) {
		const char *cell = csv_cell(csv, row, s->column.axis);

		if (!parse_size(cell, &s->size[row])) {
			g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s:%u: %s is no size (64MiB)", path,
				    row + 2, cell);
			return false;
		}
		if (!has_figures(s, row)) {
			s->left_out++;
			continue;
		}
		add_size(s, s->size[row]);
		s->curve_of[row] = sweep_curve_index(s->curve, sweep_curve_name(csv, &s->column, row));
		for (u32 m = 0; m < METRICS; m++)
			s->most[m] = MAX(s->most[m], csv_number(csv, row, s->metric[m]));
	}
	g_array_sort(s->all, spread_ascending);
	if (s->all->len > 1 && s->most[THROUGHPUT] && s->curve->len <= CURVES_MOST)
		return true;
	g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
		    s->curve->len > CURVES_MOST ? "%s: more curves than a picture shows (at most 6)"
						: "%s: no curve (at least two sizes, and some accesses)",
		    path);
	return false;
}

static struct spread point(const struct sizes *s, enum metric metric, u32 curve, u64 size)
{
	GArray *values = g_array_new(FALSE, FALSE, sizeof(u64));
	struct spread spread;

	for (u32 row = 0; row < s->csv->rows; row++) {
		u64 value = csv_number(s->csv, row, s->metric[metric]);

		if (has_figures(s, row) && s->curve_of[row] == curve && s->size[row] == size)
			g_array_append_val(values, value);
	}
	spread = spread_of(values);
	g_array_free(values, TRUE);
	return spread;
}

static char *data(const struct sizes *s)
{
	GString *out = g_string_new("size_bytes");

	for (u32 n = 0; n < s->curve->len * METRICS; n++) {
		char *name = g_strdup_printf("%s:%s", (char *)g_ptr_array_index(s->curve, n / METRICS),
					     metric_name[n % METRICS]);

		g_string_append_c(out, ',');
		csv_append(out, name);
		g_free(name);
	}
	for (u32 i = 0; i < s->all->len; i++) {
		u64 size = g_array_index(s->all, u64, i);

		g_string_append_printf(out, "\n%" G_GUINT64_FORMAT, size);
		for (u32 n = 0; n < s->curve->len * METRICS; n++) {
			struct spread spread = point(s, n % METRICS, n / METRICS, size);

			g_string_append_c(out, ',');
			if (spread.n)
				g_string_append_printf(out, "%" G_GUINT64_FORMAT,
						       n % METRICS == KILLS ? spread.highest : spread.median);
		}
	}
	g_string_append_c(out, '\n');
	return g_string_free(out, FALSE);
}

static const char *const colours[CURVES_MOST] = { "#E69F00", "#0072B2", "#009E73",
						  "#000000", "#CC79A7", "#56B4E9" };

static void append_legend(GString *out, const struct sizes *s)
{
	struct layout_entry legend[CURVES_MOST];

	for (u32 i = 0; i < s->curve->len; i++)
		legend[i] = (struct layout_entry){ LAYOUT_LINE, colours[i], g_ptr_array_index(s->curve, i) };
	layout_legend(out, legend, s->curve->len, LAYOUT_LEGEND);
}

static void append_curves(GString *out, const struct sizes *s, enum metric metric, u64 bytes, u64 one)
{
	for (u32 i = 0; i < s->curve->len; i++)
		g_string_append_printf(out,
				       "%s data using ($1/%" G_GUINT64_FORMAT ".):($%u/%" G_GUINT64_FORMAT
				       ".) with linespoints lc '%s' lw %s pt 7 ps 1.1",
				       i ? ", \\\n" : "plot", bytes, 2 + i * METRICS + metric, one,
				       colours[i], i ? "2.5" : "4");
	for (u32 i = 0; metric == THROUGHPUT && s->most[KILLS] && i < s->curve->len; i++)
		g_string_append_printf(out,
				       ", \\\ndata using ($1/%" G_GUINT64_FORMAT
				       ".):($%u > 0 ? $%u/%" G_GUINT64_FORMAT
				       ". : 1/0) with points lc 'white' pt 7 ps 0.6",
				       bytes, 2 + i * METRICS + KILLS, 2 + i * METRICS + THROUGHPUT, one);
	g_string_append(out, "\nunset label\nunset arrow\nunset object\n");
}

static void append_lower(GString *out, const struct sizes *s, const struct scale *bytes)
{
	const struct scale *time = scale_time(s->most[FAULT_P99]);
	const char *axis = s->csv->cell[s->column.axis];

	if (s->most[KILLS])
		g_string_append_printf(out,
				       "set ylabel 'OOM kills' offset 0.5\nset yrange [0:%" G_GUINT64_FORMAT
				       ".5]\nset ytics %" G_GUINT64_FORMAT "\n",
				       s->most[KILLS], scale_tics(s->most[KILLS]));
	else
		g_string_append_printf(out, "set ylabel \"fault latency,\\np99, %s\" offset 0.5\n",
				       time->unit);
	g_string_append(out, "set format x '%g'\nset xlabel ");
	{
		GString *text = g_string_new(axis);

		g_string_append_printf(text, ", %s", bytes->unit);
		if (s->left_out)
			g_string_append_printf(text, " (%u run%s that failed left out)", s->left_out,
					       s->left_out == 1 ? "" : "s");
		gnuplot_string(out, text->str);
		g_string_free(text, TRUE);
	}
	g_string_append(out, " noenhanced offset 0,0.3\n");
	append_curves(out, s, s->most[KILLS] ? KILLS : FAULT_P99, bytes->one, s->most[KILLS] ? 1 : time->one);
}

static char *script(const struct sizes *s, const struct plot_manifest *manifest)
{
	u64 most = g_array_index(s->all, u64, s->all->len - 1);
	const struct scale *count = scale_count(s->most[THROUGHPUT]), *bytes = scale_bytes(most);
	struct layout_box box[PANELS] = { layout_panel(0, PANELS, 0), layout_panel(1, PANELS, 0) };
	GString *out = g_string_new(NULL);

	layout_head(out, "Sizes", manifest, false);
	layout_style(out);
	append_legend(out, s);
	box[1].top = box[0].bottom - 40;
	layout_margins(out, &box[0]);
	g_string_append_printf(out,
			       "set multiplot\nset xrange [0:%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT
			       ".*1.02]\nset yrange [0:*]\nset format x ''\n"
			       "set ylabel \"%saccesses\\nper second\" offset 0.5\n",
			       most, bytes->one, count->unit);
	if (s->most[KILLS])
		layout_heading(out, &box[0], "open: of those that an OOM kill left",
			       layout_panel_points(PANELS));
	append_curves(out, s, THROUGHPUT, bytes->one, count->one);
	layout_margins(out, &box[1]);
	append_lower(out, s, bytes);
	g_string_append(out, "unset multiplot\n");
	return g_string_free(out, FALSE);
}

static bool load_and_draw(struct sizes *s, const char *folder, const char *path, struct plot_text *text,
			  GError **error)
{
	struct plot_manifest manifest;

	if (!find_columns(s, path, error) || !read_rows(s, path, error) ||
	    !plot_manifest_load(&manifest, folder, error))
		return false;
	text->data = data(s);
	text->script = script(s, &manifest);
	plot_manifest_release(&manifest);
	return true;
}

bool sizes_draw(const char *folder, struct plot_text *text, GError **error)
{
	char *path = g_build_filename(folder, "sweep.csv", NULL);
	struct csv *csv = csv_load(path, error);
	struct sizes s = { .csv = csv };
	bool good = false;

	s.curve = g_ptr_array_new_with_free_func(g_free);
	s.all = g_array_new(FALSE, FALSE, sizeof(u64));
	if (csv)
		good = load_and_draw(&s, folder, path, text, error);
	g_array_free(s.all, TRUE);
	g_ptr_array_free(s.curve, TRUE);
	g_free(s.curve_of);
	g_free(s.size);
	csv_free(csv);
	g_free(path);
	return good;
}
