/*
 * rates.c - what happens per second of simulated time, two counters in each of two panels. Swap traffic:
 * pages read from and written to swap devices, and below, on the same axis, the faults that had to wait for
 * one and the pages that came back after eviction. Reclaim for the machine: what kswapd freed and what tasks
 * had to free that wanted memory, and below how often they did and kswapd woke.
 */
#include "plots/layout.h"
#include "plots/manifest.h"
#include "plots/recipes.h"
#include "plots/samples.h"
#include "plots/scale.h"

enum { STEPS_MOST = 240, PANELS = 2, CURVES = 2 };
#define SECOND 1000000000

struct curve {
	const char *text;
	const char *colour;
	const char *style;
};

/* Wide and light below, narrow and dark above: curves that coincide are both seen, in grey as well. */
struct subject {
	const char *what;
	const char *columns[PANELS * CURVES + 1];
	struct curve curves[PANELS * CURVES];
	const char *titles[PANELS];
};

static const struct subject swap_traffic = {
	.what = "Swap traffic",
	.columns = { "pswpout", "pswpin", "pgmajfault", "workingset_refault_anon", NULL },
	.curves = { { "swap-out (pswpout)", "#E69F00", "lw 6" },
		    { "swap-in (pswpin)", "#0072B2", "lw 2" },
		    { "major faults (pgmajfault)", "#56B4E9", "lw 6" },
		    { "refaults (workingset_refault_anon)", "#B03A00", "lw 2" } },
	.titles = { "pages", "faults" },
};
static const struct subject reclaim = {
	.what = "Reclaim",
	.columns = { "pgsteal_kswapd", "pgsteal_direct", "allocstall", "pageoutrun", NULL },
	.curves = { { "by kswapd (pgsteal_kswapd)", "#E69F00", "lw 6" },
		    { "by tasks that allocate (pgsteal_direct)", "#0072B2", "lw 2" },
		    { "allocations that stall (allocstall)", "#56B4E9", "lw 6" },
		    { "balancing by kswapd (pageoutrun)", "#B03A00", "lw 2" } },
	.titles = { "pages", "times" },
};

static u64 interval_ns(const struct series *s, const GArray *intervals, u32 i)
{
	return s->time[interval_row(intervals, i + 1)] - s->time[interval_row(intervals, i)];
}

static u64 count_in(const struct series *s, const GArray *intervals, u32 curve, u32 i)
{
	return series_at(s, interval_row(intervals, i + 1), curve) -
	       series_at(s, interval_row(intervals, i), curve);
}

/* The last row closes the step of the one before it. */
static char *data(const struct subject *what, const struct series *s, const GArray *intervals)
{
	GString *out = g_string_new("time_ns");

	for (u32 c = 0; what->columns[c]; c++)
		g_string_append_printf(out, ",%s_per_s", what->columns[c]);
	for (u32 i = 0; i < intervals->len; i++) {
		u32 step = MIN(i, intervals->len - 2);

		g_string_append_printf(out, "\n%" G_GUINT64_FORMAT, s->time[interval_row(intervals, i)]);
		for (u32 c = 0; what->columns[c]; c++)
			sample_append_rate(out, 0, count_in(s, intervals, c, step), SECOND,
					   interval_ns(s, intervals, step));
	}
	g_string_append_c(out, '\n');
	return g_string_free(out, FALSE);
}

static u64 highest(const struct series *s, const GArray *intervals, u32 panel)
{
	u64 most = 0;

	for (u32 i = 0; i + 1 < intervals->len; i++)
		for (u32 c = panel * CURVES; c < (panel + 1) * CURVES; c++)
			most = MAX(most, (u64)((unsigned __int128)count_in(s, intervals, c, i) * SECOND /
					       interval_ns(s, intervals, i)));
	return most;
}

static void append_panel(GString *out, const struct subject *what, const struct series *s,
			 const GArray *intervals, u32 panel)
{
	struct layout_box box = layout_panel(panel, PANELS, 0);
	const struct scale *count = scale_count(highest(s, intervals, panel));
	struct layout_entry legend[CURVES];
	u64 longest = s->time[s->rows - 1];

	for (u32 i = 0; i < CURVES; i++) {
		u32 c = panel * CURVES + i;
		GString *text = g_string_new(what->curves[c].text);

		g_string_append(text, ", ");
		scale_append_count(text, series_at(s, s->rows - 1, c) - series_at(s, 0, c));
		g_string_append(text, " in all");
		legend[i] = (struct layout_entry){ i ? LAYOUT_LINE : LAYOUT_WIDE_LINE, what->curves[c].colour,
						   g_string_free(text, FALSE) };
	}
	layout_legend(out, legend, CURVES, box.top + 24);
	for (u32 i = 0; i < CURVES; i++)
		g_free((char *)legend[i].text);
	layout_margins(out, &box);
	g_string_append_printf(out, "set ylabel \"%s%s\\nper second\" offset 0.5\n%s", count->unit,
			       what->titles[panel],
			       highest(s, intervals, panel) ? "set yrange [0:*]\n" : "set yrange [0:1]\n");
	sample_append_axis(out, longest, interval_ns(s, intervals, 0), panel + 1 == PANELS);
	for (u32 i = 0; i < CURVES; i++) {
		u32 c = panel * CURVES + i;

		g_string_append_printf(out,
				       "%s data using ($1/%" G_GUINT64_FORMAT ".):($%u/%" G_GUINT64_FORMAT
				       ".) with steps lc '%s' %s%s",
				       i ? "" : "plot", scale_time(longest)->one, 2 + c, count->one,
				       what->curves[c].colour, what->curves[c].style,
				       i + 1 < CURVES ? ", \\\n"
						      : "\nunset label\nunset arrow\nunset object\n");
	}
}

static char *script(const struct subject *what, const struct series *s, const GArray *intervals,
		    const struct plot_manifest *m)
{
	GString *out = g_string_new(NULL);

	layout_head(out, what->what, m, true);
	layout_style(out);
	g_string_append(out, "set multiplot\n");
	for (u32 panel = 0; panel < PANELS; panel++)
		append_panel(out, what, s, intervals, panel);
	g_string_append(out, "unset multiplot\n");
	return g_string_free(out, FALSE);
}

static bool draw(const struct subject *what, const char *folder, struct plot_text *text, GError **error)
{
	struct series *s = series_load(folder, what->columns, error);
	struct plot_manifest manifest;
	bool good = s && plot_manifest_load(&manifest, folder, error);

	if (good) {
		GArray *intervals = sample_intervals(s->time, s->rows, STEPS_MOST);

		text->data = data(what, s, intervals);
		text->script = script(what, s, intervals, &manifest);
		g_array_free(intervals, TRUE);
		plot_manifest_release(&manifest);
	}
	series_free(s);
	return good;
}

bool rates_draw(const char *folder, struct plot_text *text, GError **error)
{
	return draw(&swap_traffic, folder, text, error);
}

bool reclaim_draw(const char *folder, struct plot_text *text, GError **error)
{
	return draw(&reclaim, folder, text, error);
}
