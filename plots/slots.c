/*
 * slots.c - a map of the first swap device: clusters upwards, time to the right, and how many of a cluster's
 * slots are in use; below the same of those that only the swap cache has, which are free for the asking when
 * swap gets scarce. Of a run with --slots. Neighbouring clusters and samples share a cell where there are
 * more than a picture shows: it is their mean.
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

enum { ROWS_MOST = 128, STEPS_MOST = 200, KINDS = 2, PANELS = KINDS };

static const char *const names[KINDS] = { "in use", "only in the swap cache" };

struct cell {
	u64 count[KINDS];
	u64 slots;
};

struct slots {
	u32 clusters, per_row, rows;
	u32 samples, per_step, steps;
	u64 step_ns;
	u64 most[KINDS];   /* at one sample */
	u32 touched;	   /* rows up to the highest that was ever used */
	struct cell *cell; /* [step * rows + row] */
};

struct columns {
	u32 time, device, cluster, used, cached, free;
};

static bool find_columns(const struct csv *csv, const char *path, struct columns *c, GError **error)
{
	return csv_column(csv, path, "time_ns", &c->time, error) &&
	       csv_column(csv, path, "device", &c->device, error) &&
	       csv_column(csv, path, "cluster", &c->cluster, error) &&
	       csv_column(csv, path, "used", &c->used, error) &&
	       csv_column(csv, path, "cached", &c->cached, error) &&
	       csv_column(csv, path, "free", &c->free, error);
}

/* Samples are equally far apart but for the last one, which ends the run and is left out. */
static bool measure(struct slots *s, const struct csv *csv, const struct columns *c, const char *path,
		    GError **error)
{
	u64 second = 0;

	for (u32 row = 0; row < csv->rows; row++) {
		u64 time, cluster;

		if (csv_number(csv, row, c->device))
			continue;
		if (!csv_whole(csv, path, row, c->time, &time, error) ||
		    !csv_whole(csv, path, row, c->cluster, &cluster, error))
			return false;
		s->samples += !cluster;
		if (s->samples == 1)
			s->clusters++;
		if (s->samples == 2)
			second = time;
	}
	s->samples -= s->samples > 2;
	if (!sample_enough(path, s->samples, error))
		return false;
	s->per_row = (s->clusters + ROWS_MOST - 1) / ROWS_MOST;
	s->rows = (s->clusters + s->per_row - 1) / s->per_row;
	s->per_step = (s->samples + STEPS_MOST - 1) / STEPS_MOST;
	s->steps = (s->samples + s->per_step - 1) / s->per_step;
	s->step_ns = second * s->per_step;
	return true;
}

static bool read_rows(struct slots *s, const struct csv *csv, const struct columns *c, const char *path,
		      GError **error)
{
	u64 sum[KINDS] = { 0 };
	u32 sample = 0, n = 0;

	s->cell = g_new0(struct cell, (gsize)s->steps * s->rows);
	for (u32 row = 0; row < csv->rows && sample < s->samples; row++) {
		u64 count[KINDS], slots, cluster = csv_number(csv, row, c->cluster);
		struct cell *cell;

		if (csv_number(csv, row, c->device))
			continue;
		if (cluster != n) {
			g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
				    "%s:%u: cluster is %" G_GUINT64_FORMAT " (%u is next)", path, row + 2,
				    cluster, n);
			return false;
		}
		if (!csv_whole(csv, path, row, c->used, &count[0], error) ||
		    !csv_whole(csv, path, row, c->cached, &count[1], error) ||
		    !csv_whole(csv, path, row, c->free, &slots, error))
			return false;
		cell = &s->cell[(gsize)(sample / s->per_step) * s->rows + cluster / s->per_row];
		cell->slots += slots + count[0] + count[1];
		if (count[0] + count[1])
			s->touched = MAX(s->touched, (u32)cluster / s->per_row + 1);
		for (u32 kind = 0; kind < KINDS; kind++) {
			cell->count[kind] += count[kind];
			sum[kind] += count[kind];
			s->most[kind] = MAX(s->most[kind], sum[kind]);
		}
		if (++n < s->clusters)
			continue;
		n = 0;
		sample++;
		memset(sum, 0, sizeof sum);
	}
	if (s->touched)
		return true;
	g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: no slot was in use at any sample", path);
	return false;
}

static char *data(const struct slots *s)
{
	GString *out = g_string_new("time_ns,cluster,used_percent,cached_percent\n");

	for (u32 i = 0; i < s->steps * s->touched; i++) {
		u32 step = i / s->touched, row = i % s->touched;
		const struct cell *cell = &s->cell[(gsize)step * s->rows + row];

		g_string_append_printf(out, "%" G_GUINT64_FORMAT ",%u", step * s->step_ns, row * s->per_row);
		for (u32 kind = 0; kind < KINDS; kind++) {
			u64 tenths = cell->slots ? cell->count[kind] * 1000 / cell->slots : 0;

			g_string_append_printf(out, ",%" G_GUINT64_FORMAT ".%u", tenths / 10,
					       (u32)(tenths % 10));
		}
		g_string_append_c(out, '\n');
	}
	return g_string_free(out, FALSE);
}

static void append_heading(GString *out, const struct slots *s, u32 kind, const struct layout_box *box)
{
	GString *text = g_string_new("slots ");

	g_string_append_printf(text, "%s, %% of the cluster; at most ", names[kind]);
	scale_append_count(text, s->most[kind]);
	g_string_append(text, " of them at a time");
	layout_heading(out, box, text->str, layout_panel_points(PANELS));
	g_string_free(text, TRUE);
}

static void append_panel(GString *out, const struct slots *s, u32 kind)
{
	struct layout_box box = layout_panel(kind, PANELS, 75);
	u64 longest = s->steps * s->step_ns;
	u64 one = scale_time(longest)->one;

	append_heading(out, s, kind, &box);
	layout_margins(out, &box);
	sample_append_axis(out, longest, s->step_ns, kind + 1 == PANELS);
	g_string_append_printf(out,
			       "set yrange [0:%u]\nset ylabel 'cluster (of %u)' offset 0.5\n"
			       "set colorbox user origin screen 0.%03u,0.%03u size screen 0.015,0.%03u\n"
			       "plot data skip 1 using (($1+%" G_GUINT64_FORMAT "./2)/%" G_GUINT64_FORMAT
			       "):($2+%u./2):%u with image\n"
			       "unset label\nunset arrow\nunset object\n",
			       s->touched * s->per_row, s->clusters, box.right + 15, box.bottom,
			       box.top - box.bottom, s->step_ns, one, s->per_row, 3 + kind);
}

static char *script(const struct slots *s, const struct plot_manifest *m)
{
	GString *out = g_string_new(NULL);

	layout_head(out, "Slots of the first device", m, true);
	layout_style(out);
	g_string_append(out, "unset grid\nset palette defined (0 '#ffffff', 1 '#fde3b0', 30 '#E69F00', "
			     "65 '#B03A00', 100 '#2b0a3d')\nset cbrange [0:100]\nset cbtics 25 font ',12'\n"
			     "set multiplot\n");
	for (u32 kind = 0; kind < KINDS; kind++)
		append_panel(out, s, kind);
	g_string_append(out, "unset multiplot\n");
	return g_string_free(out, FALSE);
}

bool slots_draw(const char *folder, struct plot_text *text, GError **error)
{
	char *path = g_build_filename(folder, "slots.csv", NULL);
	struct csv *csv = csv_load(path, error);
	struct slots s = { 0 };
	struct plot_manifest manifest;
	struct columns column;
	bool good = csv && find_columns(csv, path, &column, error) &&
		    measure(&s, csv, &column, path, error) && read_rows(&s, csv, &column, path, error) &&
		    plot_manifest_load(&manifest, folder, error);

	if (good) {
		text->data = data(&s);
		text->script = script(&s, &manifest);
		plot_manifest_release(&manifest);
	}
	g_free(s.cell);
	csv_free(csv);
	g_free(path);
	return good;
}
