/*
 * fidelity.c - every judged figure as a point, predicted over measured, on logarithmic axes: a panel a
 * figure, a colour a device. In the dark band predictions are within 5 % of what was measured, in the light
 * one within 15 %; rings are those that miss. What is below 20 is drawn there.
 */
#include <string.h>

#include "plots/fidelity_rows.h"
#include "plots/gnuplot.h"
#include "plots/layout.h"
#include "plots/recipes.h"
#include "sim/error.h"

enum { LEAST = 200 }; /* tenths */

struct scatter {
	GPtrArray *figure, *device;
	u64 most;
	GString *data;
};

static void append_value(GString *out, u64 tenths)
{
	g_string_append_printf(out, ",%" G_GUINT64_FORMAT ".%u", tenths / 10, (u32)(tenths % 10));
}

static void collect(struct scatter *s, const struct fidelity_table *t)
{
	g_string_append(s->data, "figure,device,holds,measured,predicted,kernel,workload,limit,phase\n");
	for (u32 i = 0; i < t->point->len; i++) {
		const struct fidelity_point *p = fidelity_point_at(t, i);

		if (!p->judged)
			continue;
		g_string_append_printf(s->data, "%u,%u,%d", fidelity_index(s->figure, p->figure),
				       fidelity_index(s->device, p->device), p->holds);
		append_value(s->data, MAX(p->measured, LEAST));
		append_value(s->data, MAX(p->predicted, LEAST));
		g_string_append_printf(s->data, ",%s,", p->kernel);
		csv_append(s->data, p->workload);
		g_string_append_printf(s->data, ",%" G_GUINT64_FORMAT ",%s\n", p->limit, p->phase);
		s->most = MAX(s->most, MAX(p->measured, p->predicted) / 10);
	}
}

static void append_legend(GString *out, const struct scatter *s)
{
	struct layout_entry entry[FIDELITY_COLOURS];
	u32 n = MIN(s->device->len, FIDELITY_COLOURS);

	for (u32 i = 0; i < n; i++)
		entry[i] = (struct layout_entry){ LAYOUT_AREA, fidelity_colours[i],
						  g_ptr_array_index(s->device, i) };
	layout_legend(out, entry, n, LAYOUT_LEGEND);
}

static void append_panel(GString *out, const struct scatter *s, u32 figure)
{
	u32 n = s->figure->len;
	struct layout_box box = layout_panel(figure, n, 0);

	layout_margins(out, &box);
	layout_heading(out, &box, g_ptr_array_index(s->figure, figure), layout_panel_points(n));
	g_string_append_printf(
	    out, "set xlabel '%s' offset 0,0.5\nset ylabel 'predicted' offset 1\nset format x '%s'\n",
	    layout_panel_is_lowest(figure, n) ? "measured" : "",
	    layout_panel_is_lowest(figure, n) ? "10^{%T}" : "");
	g_string_append(out,
			"plot '+' using 1:($1*0.85):($1*1.15) with filledcurves lc '#d8d8d8' notitle, \\\n"
			" '+' using 1:($1*0.95):($1*1.05) with filledcurves lc '#a8a8a8' notitle, \\\n"
			" x with lines lc '#888888' lw 1 notitle");
	for (u32 d = 0; d < s->device->len; d++)
		g_string_append_printf(
		    out,
		    ", \\\n data using ($1==%u && $2==%u ? $4 : 1/0):5 with points pt 7 ps "
		    "0.7 lc '%s' notitle",
		    figure, d, fidelity_colours[d % FIDELITY_COLOURS]);
	g_string_append_printf(
	    out,
	    ", \\\n data using ($1==%u && $3==0 ? $4 : 1/0):5 with points pt 6 ps 1.8 lw 1.5 "
	    "lc '#222222' notitle\n",
	    figure);
	g_string_append(out, "unset label\n");
}

static void append_panels(GString *out, const struct scatter *s)
{
	layout_style(out);
	g_string_append_printf(
	    out,
	    "set multiplot\nset logscale xy\nset format xy '10^{%%T}'\nset tics font ',12'\n"
	    "set xrange [16:%" G_GUINT64_FORMAT "]\nset yrange [16:%" G_GUINT64_FORMAT "]\nset samples 200\n",
	    s->most * 2 + 10, s->most * 2 + 10);
	append_legend(out, s);
	for (u32 i = 0; i < s->figure->len && i < LAYOUT_PANELS; i++) {
		append_panel(out, s, i);
		if (!i)
			g_string_append(out, "unset object\nunset arrow\n");
	}
	g_string_append(out, "unset multiplot\n");
}

bool fidelity_draw(const char *folder, struct plot_text *text, GError **error)
{
	struct scatter s = { .figure = g_ptr_array_new(),
			     .device = g_ptr_array_new(),
			     .data = g_string_new(NULL) };
	GString *out = g_string_new(NULL);
	struct fidelity_table t;
	bool good = fidelity_table_load(&t, folder, error);

	if (good) {
		collect(&s, &t);
		good = s.figure->len;
		if (!good)
			g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s/predictions.csv: nothing is judged",
				    folder);
		good = good && fidelity_head(
				   out, folder,
				   "Predicted over measured; grey: within 5 and 15 %, rings: missed", error);
		if (good)
			append_panels(out, &s);
		fidelity_table_release(&t);
	}
	if (good) {
		text->data = g_string_free(s.data, FALSE);
		text->script = g_string_free(out, FALSE);
	} else {
		g_string_free(s.data, TRUE);
		g_string_free(out, TRUE);
	}
	g_ptr_array_free(s.figure, TRUE);
	g_ptr_array_free(s.device, TRUE);
	return good;
}
