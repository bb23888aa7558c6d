/*
 * device_latency.c - latency of reads and writes over the load of a device, the model's line beside the
 * quartiles of what was measured: a row a class of devices, reads on the left, writes on the right. Reads
 * load.csv, which tests/fidelity/device_latency writes; there is no manifest beside it.
 */
#include <string.h>

#include "plots/csv.h"
#include "plots/layout.h"
#include "plots/recipes.h"
#include "plots/scale.h"
#include "sim/error.h"

enum { CLASSES_MOST = 3, FIGURES = 4, PLACES = 4, LEVELS_MOST = 8 };

static const char *const figure[FIGURES] = { "r_p50_us", "r_p99_us", "w_p50_us", "w_p99_us" };
static const char *const place[PLACES] = { "low", "median", "high", "ours" };

#define MEDIAN_COLOUR "#0072B2"
#define TAIL_COLOUR "#B03A00"

struct curve {
	char *class, *preset;
	u64 percent[LEVELS_MOST];
	u64 us[LEVELS_MOST][FIGURES][PLACES];
	u32 levels;
};

struct load {
	struct curve curve[CLASSES_MOST];
	u32 curves;
	u64 least, most; /* us */
};

static struct curve *curve_of(struct load *load, const char *class, const char *preset)
{
	for (u32 i = 0; i < load->curves; i++)
		if (!strcmp(load->curve[i].class, class))
			return &load->curve[i];
	if (load->curves == CLASSES_MOST)
		return NULL;
	load->curve[load->curves] = (struct curve){ .class = g_strdup(class), .preset = g_strdup(preset) };
	return &load->curve[load->curves++];
}

struct columns {
	u32 class, preset, percent, value[FIGURES][PLACES];
};

static bool find_columns(const struct csv *csv, const char *path, struct columns *c, GError **error)
{
	bool good = csv_column(csv, path, "class", &c->class, error) &&
		    csv_column(csv, path, "preset", &c->preset, error) &&
		    csv_column(csv, path, "load_percent", &c->percent, error);

	for (u32 i = 0; good && i < FIGURES * PLACES; i++) {
		char *name = g_strdup_printf("%s:%s", figure[i / PLACES], place[i % PLACES]);

		good = csv_column(csv, path, name, &c->value[i / PLACES][i % PLACES], error);
		g_free(name);
	}
	return good;
}

static bool add_row(struct load *load, const struct csv *csv, const char *path, const struct columns *c,
		    u32 row, GError **error)
{
	struct curve *curve = curve_of(load, csv_cell(csv, row, c->class), csv_cell(csv, row, c->preset));

	if (!curve || curve->levels == LEVELS_MOST) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
			    "%s:%u: more than a picture shows (at most %d classes of %d loads)", path,
			    row + 2, CLASSES_MOST, LEVELS_MOST);
		return false;
	}
	if (!csv_whole(csv, path, row, c->percent, &curve->percent[curve->levels], error))
		return false;
	for (u32 i = 0; i < FIGURES * PLACES; i++) {
		u64 *us = &curve->us[curve->levels][i / PLACES][i % PLACES];

		if (!csv_whole(csv, path, row, c->value[i / PLACES][i % PLACES], us, error))
			return false;
		load->least = MIN(load->least, MAX(*us, 1));
		load->most = MAX(load->most, *us);
	}
	curve->levels++;
	return true;
}

/* A row a load; a curve has the cells of its own loads. */
static char *data(const struct load *load)
{
	GString *out = g_string_new("class,load_percent");

	for (u32 i = 0; i < FIGURES * PLACES; i++)
		g_string_append_printf(out, ",%s:%s", figure[i / PLACES], place[i % PLACES]);
	for (u32 c = 0; c < load->curves; c++) {
		for (u32 l = 0; l < load->curve[c].levels; l++) {
			g_string_append_c(out, '\n');
			csv_append(out, load->curve[c].class);
			g_string_append_printf(out, ",%" G_GUINT64_FORMAT, load->curve[c].percent[l]);
			for (u32 i = 0; i < FIGURES * PLACES; i++)
				g_string_append_printf(out, ",%" G_GUINT64_FORMAT,
						       load->curve[c].us[l][i / PLACES][i % PLACES]);
		}
	}
	g_string_append_c(out, '\n');
	return g_string_free(out, FALSE);
}

/* Of a curve in the file; the names are row 0. */
static u32 first_row(const struct load *load, u32 c)
{
	u32 row = 1;

	for (u32 i = 0; i < c; i++)
		row += load->curve[i].levels;
	return row;
}

/* Columns of a figure: low, median, high and ours follow each other. */
static u32 column_of(u32 f)
{
	return 3 + f * PLACES;
}

static void append_panel(GString *out, const struct load *load, u32 c, bool writes)
{
	u32 panel = c + (writes ? load->curves : 0), panels = 2 * load->curves;
	struct layout_box box = layout_panel(panel, panels, 0);
	u32 from = first_row(load, c), to = from + load->curve[c].levels - 1;
	char *heading = g_strdup_printf("%s (%s): %s", load->curve[c].class, load->curve[c].preset,
					writes ? "writes" : "reads");
	const char *begin = "plot";

	layout_margins(out, &box);
	layout_heading(out, &box, heading, layout_panel_points(panels));
	g_string_append_printf(out, "set tics font ',%u'\nset format x '%s'\n", layout_panel_points(panels),
			       layout_panel_is_lowest(panel, panels) ? "%g %%" : "");
	for (u32 tail = 0; tail < 2; tail++) {
		const char *colour = tail ? TAIL_COLOUR : MEDIAN_COLOUR;
		u32 column = column_of(2 * writes + tail);

		g_string_append_printf(
		    out,
		    "%s data every ::%u::%u using 2:%u:%u:%u with yerrorbars pt 7 ps 1 lw 2 lc '%s', \\\n"
		    "data every ::%u::%u using 2:%u with lines lw 3 lc '%s'",
		    begin, from, to, column + 1, column, column + 2, colour, from, to, column + 3, colour);
		begin = ", \\\n";
	}
	g_string_append(out, "\nunset label\nunset arrow\nunset object\n");
	g_free(heading);
}

static void append_axes(GString *out, const struct load *load)
{
	const char *comma = "";

	g_string_append(out, "set logscale y\nset ytics (");
	for (u64 us = 10; us <= load->most * 2; us *= 10, comma = ", ") {
		u64 one = us < 1000 ? 1 : us < 1000000 ? 1000 : 1000000;

		g_string_append_printf(out, "%s'%" G_GUINT64_FORMAT " %s' %" G_GUINT64_FORMAT, comma,
				       us / one, scale_time(us * 2000)->unit, us);
	}
	g_string_append_printf(out,
			       ")\nset xrange [0:100]\nset xtics 25\n"
			       "set yrange [%" G_GUINT64_FORMAT "./2:%" G_GUINT64_FORMAT "*2.]\n",
			       load->least, load->most);
}

static char *script(const struct load *load)
{
	static const struct layout_entry legend[] = {
		{ LAYOUT_WIDE_LINE, MEDIAN_COLOUR, "p50" },
		{ LAYOUT_WIDE_LINE, TAIL_COLOUR, "p99; line: model, bar: quartiles of the drives measured" },
	};
	struct plot_manifest m = {
		.workload = (char *)"reads of a page, writes of 32",
		.caption = (char *)"measured: iocost-benchmarks (Apache-2.0); share of the class's "
				   "capability in reads and written pages"
	};
	GString *out = g_string_new(NULL), *presets = g_string_new(NULL);

	for (u32 c = 0; c < load->curves; c++)
		g_string_append_printf(presets, "%s%s", c ? ", " : "", load->curve[c].preset);
	m.devices = presets->str;
	layout_head(out, "Latency under load", &m, false);
	layout_style(out);
	layout_legend(out, legend, ARRAY_SIZE(legend), LAYOUT_LEGEND);
	append_axes(out, load);
	g_string_append(out, "set multiplot\n");
	for (u32 writes = 0; writes < 2; writes++)
		for (u32 c = 0; c < load->curves; c++)
			append_panel(out, load, c, writes);
	g_string_append(out, "unset multiplot\n");
	g_string_free(presets, TRUE);
	return g_string_free(out, FALSE);
}

static void load_release(struct load *load)
{
	for (u32 c = 0; c < load->curves; c++) {
		g_free(load->curve[c].class);
		g_free(load->curve[c].preset);
	}
}

bool device_latency_draw(const char *folder, struct plot_text *text, GError **error)
{
	char *path = g_build_filename(folder, "load.csv", NULL);
	struct csv *csv = csv_load(path, error);
	struct load load = { .least = UINT64_MAX };
	struct columns columns;
	bool good = csv && find_columns(csv, path, &columns, error);

	for (u32 row = 0; good && row < csv->rows; row++)
		good = add_row(&load, csv, path, &columns, row, error);
	if (good && !load.curves) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: has no rows", path);
		good = false;
	}
	if (good) {
		text->data = data(&load);
		text->script = script(&load);
	}
	load_release(&load);
	csv_free(csv);
	g_free(path);
	return good;
}
