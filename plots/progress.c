/*
 * progress.c - what each cgroup gets done: its accesses per second of simulated time, a panel a cgroup, those
 * with most accesses where there are many.
 */
#include "plots/cgroups.h"
#include "plots/csv.h"
#include "plots/layout.h"
#include "plots/manifest.h"
#include "plots/recipes.h"
#include "plots/samples.h"
#include "plots/scale.h"
#include "plots/spread.h"
#include "sim/error.h"

enum { STEPS_MOST = 120 };
#define SECOND 1000000000
#define COLOUR "#56B4E9"

struct progress {
	struct cgroups *cgroups;
	GArray *intervals;
	u32 cgroup[LAYOUT_PANELS];
	u32 panels;
};

static u64 total(const struct cgroups *c, u32 cgroup, enum cgroup_value v)
{
	return cgroup_at(c, c->samples - 1, cgroup)[v] - cgroup_at(c, 0, cgroup)[v];
}

/* In the order of the file. */
static void choose_panels(struct progress *p)
{
	const struct cgroups *c = p->cgroups;

	for (u32 i = 0; i < c->n; i++) {
		u64 own = total(c, i, CGROUP_ACCESSES);
		u32 larger = 0;

		for (u32 j = 0; j < c->n; j++)
			larger += total(c, j, CGROUP_ACCESSES) > own ||
				  (total(c, j, CGROUP_ACCESSES) == own && j < i);
		if (larger < LAYOUT_PANELS)
			p->cgroup[p->panels++] = i;
	}
}

static u64 interval_ns(const struct progress *p, u32 i)
{
	const u64 *time = p->cgroups->time;

	return time[interval_row(p->intervals, i + 1)] - time[interval_row(p->intervals, i)];
}

static u64 accesses_in(const struct progress *p, u32 panel, u32 i)
{
	u32 cgroup = p->cgroup[panel];

	return cgroup_at(p->cgroups, interval_row(p->intervals, i + 1), cgroup)[CGROUP_ACCESSES] -
	       cgroup_at(p->cgroups, interval_row(p->intervals, i), cgroup)[CGROUP_ACCESSES];
}

/* The last row closes the step of the one before it. */
static char *data(const struct progress *p)
{
	GString *out = g_string_new("time_ns");

	for (u32 n = 0; n < p->panels; n++) {
		char *name = g_strdup_printf("%s:accesses_per_s", p->cgroups->name[p->cgroup[n]]);

		g_string_append_c(out, ',');
		csv_append(out, name);
		g_free(name);
	}
	for (u32 i = 0; i < p->intervals->len; i++) {
		u32 step = MIN(i, p->intervals->len - 2);

		g_string_append_printf(out, "\n%" G_GUINT64_FORMAT,
				       p->cgroups->time[interval_row(p->intervals, i)]);
		for (u32 n = 0; n < p->panels; n++)
			sample_append_rate(out, 0, accesses_in(p, n, step), SECOND, interval_ns(p, step));
	}
	g_string_append_c(out, '\n');
	return g_string_free(out, FALSE);
}

/* Accesses per second at the top of a panel. A program that fills its memory is so much faster than one that
 * works in it that one step in twenty may be beyond. */
static u64 top_of(const struct progress *p, u32 panel)
{
	GArray *rates = g_array_new(FALSE, FALSE, sizeof(u64));
	u64 most, near;

	for (u32 i = 0; i + 1 < p->intervals->len; i++) {
		u64 rate = (u64)((unsigned __int128)accesses_in(p, panel, i) * SECOND / interval_ns(p, i));

		g_array_append_val(rates, rate);
	}
	g_array_sort(rates, spread_ascending);
	most = g_array_index(rates, u64, rates->len - 1);
	near = g_array_index(rates, u64, (rates->len - 1) * 19 / 20);
	g_array_free(rates, TRUE);
	return MAX(near ? MIN(most, near + near / 4) : most, 1);
}

static void append_heading(GString *out, const struct progress *p, u32 panel, const struct layout_box *box)
{
	GString *text = g_string_new(p->cgroups->name[p->cgroup[panel]]);

	g_string_append(text, ": ");
	scale_append_count(text, total(p->cgroups, p->cgroup[panel], CGROUP_ACCESSES));
	g_string_append(text, " accesses, ");
	scale_append_count(text, total(p->cgroups, p->cgroup[panel], CGROUP_MAJOR_FAULTS));
	g_string_append(text, " major faults in all");
	layout_heading(out, box, text->str, layout_panel_points(p->panels));
	g_string_free(text, TRUE);
}

static void append_panel(GString *out, const struct progress *p, u32 panel)
{
	struct layout_box box = layout_panel(panel, p->panels, 0);
	u64 top = top_of(p, panel), longest = p->cgroups->time[p->cgroups->samples - 1];
	const struct scale *count = scale_count(top);
	u32 points = layout_panel_points(p->panels);

	append_heading(out, p, panel, &box);
	layout_margins(out, &box);
	g_string_append_printf(out,
			       "set ylabel '%sper second' offset 0.5 font ',%u'\nset tics font ',%u'\n"
			       "set yrange [0:%" G_GUINT64_FORMAT "./%" G_GUINT64_FORMAT
			       "]\nset ytics %" G_GUINT64_FORMAT "\n",
			       count->unit, p->panels > 2 ? points - 2 : points, points, top, count->one,
			       scale_tics(MAX(top / count->one, 1)));
	sample_append_axis(out, longest, interval_ns(p, 0), layout_panel_is_lowest(panel, p->panels));
	g_string_append_printf(out,
			       "plot data using ($1/%" G_GUINT64_FORMAT ".):($%u/%" G_GUINT64_FORMAT
			       ".) with fillsteps fs solid noborder lc '" COLOUR "'\n"
			       "unset label\nunset arrow\nunset object\n",
			       scale_time(longest)->one, 2 + panel, count->one);
}

static char *script(const struct progress *p, const struct plot_manifest *manifest)
{
	static const struct layout_entry legend[] = { { LAYOUT_AREA, COLOUR, "accesses" } };
	GString *out = g_string_new(NULL), *what = g_string_new("Progress");

	if (p->panels < p->cgroups->n)
		g_string_append_printf(what, ", %u of %u cgroups", p->panels, p->cgroups->n);
	layout_head(out, what->str, manifest, true);
	g_string_free(what, TRUE);
	layout_style(out);
	layout_legend(out, legend, ARRAY_SIZE(legend), LAYOUT_LEGEND);
	g_string_append(out, "set multiplot\n");
	for (u32 i = 0; i < p->panels; i++)
		append_panel(out, p, i);
	g_string_append(out, "unset multiplot\n");
	return g_string_free(out, FALSE);
}

static bool can_be_drawn(const struct cgroups *c, const char *folder, GError **error)
{
	if (c->n && c->has_progress)
		return true;
	g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s/cgroups.csv: %s", folder,
		    c->n ? "has no columns accesses and pgmajfault (it is of an older version)"
			 : "no cgroup to draw (give the scenario one)");
	return false;
}

bool progress_draw(const char *folder, struct plot_text *text, GError **error)
{
	struct progress p = { .cgroups = cgroups_load(folder, error) };
	struct plot_manifest manifest;
	bool good = p.cgroups && can_be_drawn(p.cgroups, folder, error) &&
		    plot_manifest_load(&manifest, folder, error);

	if (good) {
		p.intervals = sample_intervals(p.cgroups->time, p.cgroups->samples, STEPS_MOST);
		choose_panels(&p);
		text->data = data(&p);
		text->script = script(&p, &manifest);
		g_array_free(p.intervals, TRUE);
		plot_manifest_release(&manifest);
	}
	cgroups_free(p.cgroups);
	return good;
}
