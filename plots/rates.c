/*
 * rates.c - what happens per second of simulated time, some counters in each of two panels. Swap traffic:
 * pages read from and written to swap devices, and below, on the same axis, the faults that had to wait for
 * one and the pages that came back after eviction. Reclaim: what kswapd freed, what tasks had to free that
 * wanted memory and what was freed of cgroups for themselves, and below how often each had to.
 */
#include "plots/layout.h"
#include "plots/manifest.h"
#include "plots/recipes.h"
#include "plots/samples.h"
#include "plots/scale.h"

enum { STEPS_MOST = 240, PANELS = 2, CURVES_MOST = 3 };
#define SECOND 1000000000

/* The sum of some columns less that of others, both as bits of their places in the subject's list. */
struct curve {
	const char *name;
	const char *text;
	const char *colour;
	const char *style;
	u32 sum;
	u32 less;
};

struct panel {
	const char *title;
	u32 curves;
	struct curve curve[CURVES_MOST];
};

/* Wide and light below, narrow and dark above: curves that coincide are both seen, in grey as well. */
struct subject {
	const char *what;
	const char *columns[8];
	struct panel panel[PANELS];
};

static const struct subject swap_traffic = {
	.what = "Swap traffic",
	.columns = { "pswpout", "pswpin", "pgmajfault", "workingset_refault_anon", NULL },
	.panel = { { "pages",
		     2,
		     { { "pswpout", "swap-out (pswpout)", "#E69F00", "lw 6", 1, 0 },
		       { "pswpin", "swap-in (pswpin)", "#0072B2", "lw 2", 2, 0 } } },
		   { "faults",
		     2,
		     { { "pgmajfault", "major faults (pgmajfault)", "#56B4E9", "lw 6", 4, 0 },
		       { "workingset_refault_anon", "refaults (workingset_refault_anon)", "#B03A00", "lw 2",
			 8, 0 } } } },
};

enum { PGSTEAL = 1, KSWAPD = 2, DIRECT = 4, ALLOCSTALL = 8, PAGEOUTRUN = 16, MAX_HIT = 32, HIGH_HIT = 64 };

/* Up to 7.0, pgsteal_direct leaves out what tasks free of a cgroup at its limit, but pgsteal never does. */
static const struct subject reclaim = {
	.what = "Reclaim",
	.columns = { "pgsteal", "pgsteal_kswapd", "pgsteal_direct", "allocstall", "pageoutrun",
		     "memory.events:max", "memory.events:high", NULL },
	.panel = { { "pages",
		     3,
		     { { "pgsteal_kswapd", "by kswapd", "#E69F00", "lw 6", KSWAPD, 0 },
		       { "pgsteal_direct", "by tasks (pgsteal_direct)", "#0072B2", "lw 3", DIRECT, 0 },
		       { "pgsteal_cgroup", "of cgroups alone", "#B03A00", "lw 1.5", PGSTEAL,
			 KSWAPD | DIRECT } } },
		   { "times",
		     3,
		     { { "pageoutrun", "kswapd (pageoutrun)", "#E69F00", "lw 6", PAGEOUTRUN, 0 },
		       { "allocstall", "tasks (allocstall)", "#0072B2", "lw 3", ALLOCSTALL, 0 },
		       { "limits", "limits met (max, high)", "#B03A00", "lw 1.5", MAX_HIT | HIGH_HIT,
			 0 } } } },
};

static u64 interval_ns(const struct series *s, const GArray *intervals, u32 i)
{
	return s->time[interval_row(intervals, i + 1)] - s->time[interval_row(intervals, i)];
}

static u64 sum_at(const struct series *s, u32 row, u32 columns)
{
	u64 sum = 0;

	for (u32 c = 0; c < s->columns; c++)
		if (columns >> c & 1)
			sum += series_at(s, row, c);
	return sum;
}

static u64 count_between(const struct series *s, const struct curve *curve, u32 from, u32 to)
{
	return sum_at(s, to, curve->sum) - sum_at(s, from, curve->sum) -
	       (sum_at(s, to, curve->less) - sum_at(s, from, curve->less));
}

static u64 count_in(const struct series *s, const GArray *intervals, const struct curve *curve, u32 i)
{
	return count_between(s, curve, interval_row(intervals, i), interval_row(intervals, i + 1));
}

/* The last row closes the step of the one before it. */
static char *data(const struct subject *what, const struct series *s, const GArray *intervals)
{
	GString *out = g_string_new("time_ns");

	for (const struct panel *p = what->panel; p < what->panel + PANELS; p++)
		for (u32 c = 0; c < p->curves; c++)
			g_string_append_printf(out, ",%s_per_s", p->curve[c].name);
	for (u32 i = 0; i < intervals->len; i++) {
		u32 step = MIN(i, intervals->len - 2);

		g_string_append_printf(out, "\n%" G_GUINT64_FORMAT, s->time[interval_row(intervals, i)]);
		for (const struct panel *p = what->panel; p < what->panel + PANELS; p++)
			for (u32 c = 0; c < p->curves; c++)
				sample_append_rate(out, 0, count_in(s, intervals, &p->curve[c], step), SECOND,
						   interval_ns(s, intervals, step));
	}
	g_string_append_c(out, '\n');
	return g_string_free(out, FALSE);
}

static u64 highest(const struct series *s, const GArray *intervals, const struct panel *p)
{
	u64 most = 0;

	for (u32 i = 0; i + 1 < intervals->len; i++)
		for (u32 c = 0; c < p->curves; c++)
			most = MAX(most, (u64)((unsigned __int128)count_in(s, intervals, &p->curve[c], i) *
					       SECOND / interval_ns(s, intervals, i)));
	return most;
}

static void append_legend(GString *out, const struct series *s, const struct panel *p, u32 y)
{
	struct layout_entry legend[CURVES_MOST];

	for (u32 c = 0; c < p->curves; c++) {
		GString *text = g_string_new(p->curve[c].text);

		g_string_append(text, ", ");
		scale_append_count(text, count_between(s, &p->curve[c], 0, s->rows - 1));
		g_string_append(text, " in all");
		legend[c] = (struct layout_entry){ c ? LAYOUT_LINE : LAYOUT_WIDE_LINE, p->curve[c].colour,
						   g_string_free(text, FALSE) };
	}
	layout_legend(out, legend, p->curves, y);
	for (u32 c = 0; c < p->curves; c++)
		g_free((char *)legend[c].text);
}

/* @column: of its first curve in the data, as gnuplot counts them. */
static void append_panel(GString *out, const struct subject *what, const struct series *s,
			 const GArray *intervals, u32 index, u32 column)
{
	const struct panel *p = &what->panel[index];
	struct layout_box box = layout_panel(index, PANELS, 0);
	u64 most = highest(s, intervals, p), longest = s->time[s->rows - 1];
	const struct scale *count = scale_count(most);

	append_legend(out, s, p, box.top + 24);
	layout_margins(out, &box);
	g_string_append_printf(out, "set ylabel \"%s%s\\nper second\" offset 0.5\n%s", count->unit, p->title,
			       most ? "set yrange [0:*]\n" : "set yrange [0:1]\n");
	sample_append_axis(out, longest, interval_ns(s, intervals, 0), index + 1 == PANELS);
	for (u32 c = 0; c < p->curves; c++)
		g_string_append_printf(out,
				       "%s data using ($1/%" G_GUINT64_FORMAT ".):($%u/%" G_GUINT64_FORMAT
				       ".) with steps lc '%s' %s%s",
				       c ? "" : "plot", scale_time(longest)->one, column + c, count->one,
				       p->curve[c].colour, p->curve[c].style,
				       c + 1 < p->curves ? ", \\\n"
							 : "\nunset label\nunset arrow\nunset object\n");
}

static char *script(const struct subject *what, const struct series *s, const GArray *intervals,
		    const struct plot_manifest *m)
{
	GString *out = g_string_new(NULL);
	u32 column = 2;

	layout_head(out, what->what, m, true);
	layout_style(out);
	g_string_append(out, "set multiplot\n");
	for (u32 i = 0; i < PANELS; i++) {
		append_panel(out, what, s, intervals, i, column);
		column += what->panel[i].curves;
	}
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
