/*
 * pressure.c - memory pressure over time: the share of each interval in which, CPU by CPU and on average, a
 * task stood still for want of memory (some) while nothing else ran there (full). The machine, and where
 * there are several cgroups those that stood still most.
 */
#include <string.h>

#include "plots/cgroups.h"
#include "plots/csv.h"
#include "plots/layout.h"
#include "plots/manifest.h"
#include "plots/recipes.h"
#include "plots/samples.h"
#include "plots/scale.h"
#include "sim/error.h"

enum { STEPS_MOST = 240, KINDS = 2 };

#define SOME_COLOUR "#56B4E9"
#define FULL_COLOUR "#D55E00"
#define OUTLINE_COLOUR "#0072B2"

static const char *const columns[] = { "memory.pressure:some_ns", "memory.pressure:full_ns", NULL };

struct pressure {
	struct series *series;
	struct cgroups *cgroups;
	GArray *intervals;
	u32 cgroup[LAYOUT_PANELS]; /* of panel 1, 2, ...; panel 0 is the machine */
	u32 panels;
};

static u64 stalled(const struct cgroups *c, u32 cgroup)
{
	return cgroup_at(c, c->samples - 1, cgroup)[CGROUP_SOME_NS];
}

/* A cgroup that is the only one says what the machine says. */
static void choose_panels(struct pressure *p)
{
	const struct cgroups *c = p->cgroups;

	p->panels = 1;
	for (u32 i = 0; c->n > 1 && i < c->n; i++) {
		u32 larger = 0;

		for (u32 j = 0; j < c->n; j++)
			larger += stalled(c, j) > stalled(c, i) || (stalled(c, j) == stalled(c, i) && j < i);
		if (larger < LAYOUT_PANELS - 1)
			p->cgroup[p->panels++] = i;
	}
}

static u64 value_at(const struct pressure *p, u32 panel, u32 kind, u32 row)
{
	if (!panel)
		return series_at(p->series, row, kind);
	return cgroup_at(p->cgroups, row, p->cgroup[panel])[CGROUP_SOME_NS + kind];
}

static const char *name_of(const struct pressure *p, u32 panel)
{
	return panel ? p->cgroups->name[p->cgroup[panel]] : "machine";
}

static u64 interval_ns(const struct pressure *p, u32 i)
{
	return p->series->time[interval_row(p->intervals, i + 1)] -
	       p->series->time[interval_row(p->intervals, i)];
}

static u64 stall_in(const struct pressure *p, u32 panel, u32 kind, u32 i)
{
	return value_at(p, panel, kind, interval_row(p->intervals, i + 1)) -
	       value_at(p, panel, kind, interval_row(p->intervals, i));
}

/* The last row closes the step of the one before it. */
static char *data(const struct pressure *p)
{
	GString *out = g_string_new("time_ns");

	for (u32 n = 0; n < p->panels * KINDS; n++) {
		char *name =
		    g_strdup_printf("%s:%s_percent", name_of(p, n / KINDS), n % KINDS ? "full" : "some");

		g_string_append_c(out, ',');
		csv_append(out, name);
		g_free(name);
	}
	for (u32 i = 0; i < p->intervals->len; i++) {
		u32 step = MIN(i, p->intervals->len - 2);

		g_string_append_printf(out, "\n%" G_GUINT64_FORMAT,
				       p->series->time[interval_row(p->intervals, i)]);
		for (u32 n = 0; n < p->panels * KINDS; n++)
			sample_append_rate(out, 0, stall_in(p, n / KINDS, n % KINDS, step), 100,
					   interval_ns(p, step));
	}
	g_string_append_c(out, '\n');
	return g_string_free(out, FALSE);
}

/* Per cent at the top of all panels: 100 unless there is far less. */
static u32 highest(const struct pressure *p)
{
	static const u32 tops[] = { 1, 2, 5, 10, 20, 50 };
	u64 most = 0;

	for (u32 n = 0; n < p->panels * (p->intervals->len - 1); n++) {
		u32 i = n % (p->intervals->len - 1), panel = n / (p->intervals->len - 1);

		most =
		    MAX(most, (u64)((unsigned __int128)stall_in(p, panel, 0, i) * 1000 / interval_ns(p, i)));
	}
	for (u32 i = 0; i < ARRAY_SIZE(tops); i++)
		if (most <= tops[i] * 10)
			return tops[i];
	return 100;
}

static void append_heading(GString *out, const struct pressure *p, u32 panel, const struct layout_box *box)
{
	GString *text = g_string_new(panel ? "cgroup " : "");
	u32 last = p->series->rows - 1;

	g_string_append_printf(text, "%s: some ", name_of(p, panel));
	scale_append_time(text, value_at(p, panel, 0, last));
	g_string_append(text, ", full ");
	scale_append_time(text, value_at(p, panel, 1, last));
	g_string_append(text, " in all");
	layout_heading(out, box, text->str, layout_panel_points(p->panels));
	g_string_free(text, TRUE);
}

static void append_panel(GString *out, const struct pressure *p, u32 panel)
{
	struct layout_box box = layout_panel(panel, p->panels, 0);
	u64 longest = p->series->time[p->series->rows - 1];
	char *x = g_strdup_printf("data using ($1/%" G_GUINT64_FORMAT ".)", scale_time(longest)->one);
	u32 some = 2 + panel * KINDS, full = some + 1;

	append_heading(out, p, panel, &box);
	layout_margins(out, &box);
	g_string_append_printf(out, "set ylabel '%% of time' offset 0.5 font ',%u'\nset tics font ',%u'\n",
			       layout_panel_points(p->panels) + 1, layout_panel_points(p->panels));
	sample_append_axis(out, longest, interval_ns(p, 0), layout_panel_is_lowest(panel, p->panels));
	/* The outline shows some where full hides it. */
	g_string_append_printf(out,
			       "plot %s:%u with fillsteps fs solid noborder lc '" SOME_COLOUR "', \\\n"
			       " %s:%u with fillsteps fs solid noborder lc '" FULL_COLOUR "', \\\n"
			       " %s:%u with steps lc '" OUTLINE_COLOUR "' lw 2\n"
			       "unset label\nunset arrow\nunset object\n",
			       x, some, x, full, x, some);
	g_free(x);
}

static char *script(const struct pressure *p, const struct plot_manifest *manifest)
{
	static const struct layout_entry legend[] = {
		{ LAYOUT_AREA, SOME_COLOUR, "some: a task stalled on memory" },
		{ LAYOUT_AREA, FULL_COLOUR, "full: and nothing else ran on its CPU" },
	};
	GString *out = g_string_new(NULL), *what = g_string_new("Memory pressure");
	u32 top = highest(p);

	if (p->panels > 1 && p->panels - 1 < p->cgroups->n)
		g_string_append_printf(what, ", %u of %u cgroups", p->panels - 1, p->cgroups->n);
	layout_head(out, what->str, manifest, true);
	g_string_free(what, TRUE);
	layout_style(out);
	layout_legend(out, legend, ARRAY_SIZE(legend), LAYOUT_LEGEND);
	g_string_append_printf(out, "set yrange [0:%u]\nset multiplot\n", top);
	for (u32 i = 0; i < p->panels; i++)
		append_panel(out, p, i);
	g_string_append(out, "unset multiplot\n");
	return g_string_free(out, FALSE);
}

/* Both files are written at the same times. */
static bool agree(const struct pressure *p, const char *folder, GError **error)
{
	const struct cgroups *c = p->cgroups;

	if (!c->n || (c->samples == p->series->rows &&
		      !memcmp(c->time, p->series->time, c->samples * sizeof *c->time)))
		return true;
	g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s/cgroups.csv: its samples are not those of series.csv",
		    folder);
	return false;
}

bool pressure_draw(const char *folder, struct plot_text *text, GError **error)
{
	struct pressure p = { .series = series_load(folder, columns, error) };
	struct plot_manifest manifest;
	bool good;

	if (p.series)
		p.cgroups = cgroups_load(folder, error);
	good = p.cgroups && agree(&p, folder, error) && plot_manifest_load(&manifest, folder, error);
	if (good) {
		p.intervals = sample_intervals(p.series->time, p.series->rows, STEPS_MOST);
		choose_panels(&p);
		text->data = data(&p);
		text->script = script(&p, &manifest);
		g_array_free(p.intervals, TRUE);
		plot_manifest_release(&manifest);
	}
	cgroups_free(p.cgroups);
	series_free(p.series);
	return good;
}
