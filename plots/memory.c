/*
 * memory.c - what each cgroup has in memory and in swap over time, the one on top of the other, with its
 * limits, what was written to its files, and whom the OOM killer took. Where there are more samples than
 * pixels, each point is the sample of its interval at which the cgroup had most in both.
 */
#include <string.h>

#include "plots/cgroups.h"
#include "plots/csv.h"
#include "plots/flags.h"
#include "plots/gnuplot.h"
#include "plots/layout.h"
#include "plots/manifest.h"
#include "plots/operations.h"
#include "plots/recipes.h"
#include "plots/samples.h"
#include "plots/scale.h"
#include "sim/error.h"

enum { POINTS_MOST = 800, MARGIN = 80, VALUES = CGROUP_SWAP_MAX + 1, LANES_MOST = 5 };

#define MEMORY_COLOUR "#56B4E9"
#define SWAP_COLOUR "#E69F00"
#define LIMIT_COLOUR "#004B80"
#define SWAP_LIMIT_COLOUR "#A04000"
#define KILL_COLOUR "#000000"
#define WRITE_COLOUR "#8A3B7F"

struct panel {
	u32 cgroup;
	u32 index, of;
	struct layout_box box;
	u64 most;	       /* bytes in memory and swap at once */
	u64 limit, swap_limit; /* at the end; CGROUP_NO_LIMIT */
	u64 high, low;	       /* likewise; low is 0 where there is none */
	u64 low_since;	       /* ns */
	u64 top;	       /* bytes at the top of the drawing, below the flags */
	const struct scale *scale;
};

struct memory {
	struct cgroups *cgroups;
	GArray *kills;
	GArray *operations;
	GArray *intervals;
	struct panel panel[LAYOUT_PANELS];
	u32 panels;
	u64 longest_ns;
};

static u64 used(const struct cgroups *c, u32 sample, u32 cgroup)
{
	const u64 *value = cgroup_at(c, sample, cgroup);

	return value[CGROUP_MEMORY] + value[CGROUP_SWAP];
}

static u64 most_used(const struct cgroups *c, u32 cgroup)
{
	u64 most = 0;

	for (u32 i = 0; i < c->samples; i++)
		most = MAX(most, used(c, i, cgroup));
	return most;
}

/* Those that used most, in the order of the file. */
static void choose_panels(struct memory *m)
{
	const struct cgroups *c = m->cgroups;
	u64 *most = g_new(u64, c->n);

	for (u32 i = 0; i < c->n; i++)
		most[i] = most_used(c, i);
	for (u32 i = 0; i < c->n; i++) {
		u32 larger = 0;

		for (u32 j = 0; j < c->n; j++)
			larger += most[j] > most[i] || (most[j] == most[i] && j < i);
		if (larger < LAYOUT_PANELS)
			m->panel[m->panels++] = (struct panel){ .cgroup = i, .most = most[i] };
	}
	g_free(most);
}

static u64 total_limit(const struct panel *p)
{
	if (p->limit == CGROUP_NO_LIMIT || p->swap_limit == CGROUP_NO_LIMIT)
		return CGROUP_NO_LIMIT;
	return p->limit + p->swap_limit;
}

/* A limit far above what is used would leave nothing to see below it. */
static bool is_near(const struct panel *p, u64 limit)
{
	return limit != CGROUP_NO_LIMIT && limit <= p->most + p->most / 2;
}

static void measure_panel(struct memory *m, u32 index)
{
	struct panel *p = &m->panel[index];
	const u64 *last = cgroup_at(m->cgroups, m->cgroups->samples - 1, p->cgroup);

	p->index = index;
	p->of = m->panels;
	p->box = layout_panel(index, m->panels, MARGIN);
	p->limit = last[CGROUP_MEMORY_MAX];
	p->swap_limit = last[CGROUP_SWAP_MAX];
	p->high = last[CGROUP_HIGH];
	p->low = last[CGROUP_LOW];
	for (u32 i = m->cgroups->samples; i-- && cgroup_at(m->cgroups, i, p->cgroup)[CGROUP_LOW] == p->low;)
		p->low_since = m->cgroups->time[i];
	p->top = MAX(p->most, 1);
	if (is_near(p, p->limit))
		p->top = MAX(p->top, p->limit);
	if (is_near(p, total_limit(p)))
		p->top = MAX(p->top, total_limit(p));
	if (is_near(p, p->high))
		p->top = MAX(p->top, p->high);
	p->scale = scale_bytes(p->top);
	p->top += p->top / 15;
}

static u32 fullest_sample(const struct memory *m, u32 interval, u32 cgroup)
{
	u32 begin = interval_row(m->intervals, interval), fullest = begin;
	u32 end = interval + 1 < m->intervals->len ? interval_row(m->intervals, interval + 1) : begin + 1;

	for (u32 i = begin; i < end; i++)
		if (used(m->cgroups, i, cgroup) > used(m->cgroups, fullest, cgroup))
			fullest = i;
	return fullest;
}

static void append_names(GString *out, const struct memory *m)
{
	g_string_append(out, "time_ns");
	for (u32 n = 0; n < m->panels * VALUES; n++) {
		char *name = g_strdup_printf("%s:%s", m->cgroups->name[m->panel[n / VALUES].cgroup],
					     cgroup_value_name[n % VALUES]);

		g_string_append_c(out, ',');
		csv_append(out, name);
		g_free(name);
	}
}

static char *data(const struct memory *m)
{
	GString *out = g_string_new(NULL);

	append_names(out, m);
	for (u32 i = 0; i < m->intervals->len; i++) {
		g_string_append_printf(out, "\n%" G_GUINT64_FORMAT,
				       m->cgroups->time[interval_row(m->intervals, i)]);
		for (u32 p = 0; p < m->panels; p++) {
			u32 cgroup = m->panel[p].cgroup;
			const u64 *value = cgroup_at(m->cgroups, fullest_sample(m, i, cgroup), cgroup);

			for (u32 v = 0; v < VALUES; v++) {
				g_string_append_c(out, ',');
				if (value[v] != CGROUP_NO_LIMIT)
					g_string_append_printf(out, "%" G_GUINT64_FORMAT, value[v]);
			}
		}
	}
	g_string_append_c(out, '\n');
	return g_string_free(out, FALSE);
}

static bool is_cgroup(const struct cgroups *c, const char *name)
{
	return g_strv_contains((const char *const *)c->name, name);
}

/* The kills on the panel: its own, and those for which the whole machine ran out of memory. */
static GArray *kills_of(const struct memory *m, const struct panel *p)
{
	GArray *kills = g_array_new(FALSE, FALSE, sizeof(struct oom_kill));

	for (u32 i = 0; i < m->kills->len; i++) {
		const struct oom_kill *kill = &g_array_index(m->kills, struct oom_kill, i);

		if (!strcmp(kill->cgroup, m->cgroups->name[p->cgroup]) ||
		    !is_cgroup(m->cgroups, kill->cgroup))
			g_array_append_val(kills, *kill);
	}
	return kills;
}

static char *flag_text(const struct oom_kill *kill)
{
	GString *text = g_string_new(kill->process);

	g_string_append_c(text, ' ');
	scale_append_bytes(text, kill->bytes);
	return g_string_free(text, FALSE);
}

static u32 flag_points(const struct panel *p)
{
	return layout_panel_points(p->of) - 1;
}

static struct flag *flags_of(const struct memory *m, const struct panel *p, const GArray *kills, u32 width)
{
	struct flag *flags = g_new0(struct flag, kills->len + 1);

	for (u32 i = 0; i < kills->len; i++) {
		const struct oom_kill *kill = &g_array_index(kills, struct oom_kill, i);
		char *text = flag_text(kill);

		flags[i].x =
		    (u32)((unsigned __int128)MIN(kill->time_ns, m->longest_ns) * width / m->longest_ns);
		flags[i].width = layout_text_width(text, flag_points(p)) + 8;
		g_free(text);
	}
	return flags;
}

/* Pixels from the floor of the panel to the middle of a lane; @lanes of them end at its top. */
static u32 lane_middle(const struct panel *p, u32 lane, u32 lanes)
{
	u32 height = (p->box.top - p->box.bottom) * LAYOUT_HEIGHT / 1000, step = flag_points(p) * 5 / 3;

	return height - (lanes - lane) * step + step / 2;
}

static void append_flag(GString *out, const struct panel *p, const struct flag *flag,
			const struct oom_kill *kill, u32 lanes, u32 width)
{
	u32 height = (p->box.top - p->box.bottom) * LAYOUT_HEIGHT / 1000;
	u32 y = (flag->side == FLAG_NONE ? lane_middle(p, 0, lanes) - flag_points(p)
					 : lane_middle(p, flag->lane, lanes) + flag_points(p) / 2) *
		1000 / height;

	g_string_append_printf(out,
			       "set arrow from graph %u./%u,0 to graph %u./%u,0.%03u nohead lc '" KILL_COLOUR
			       "' lw 1.5 front\n",
			       flag->x, width, flag->x, width, MIN(y, 999));
	if (flag->side != FLAG_NONE) {
		char *text = flag_text(kill);
		s64 x = (s64)flag->x + (flag->side == FLAG_LEFT ? -5 : 5);

		g_string_append(out, "set label ");
		gnuplot_string(out, text);
		g_string_append_printf(out,
				       " at graph %" G_GINT64_FORMAT "./%u,0.%03u %s noenhanced "
				       "font ',%u' front\n",
				       x, width, lane_middle(p, flag->lane, lanes) * 1000 / height,
				       flag->side == FLAG_LEFT ? "right" : "left", flag_points(p));
		g_free(text);
	}
}

/* How many lanes of labels they take above the drawing. */
static u32 append_kills(GString *out, const struct memory *m, const struct panel *p, const GArray *kills)
{
	u32 width = (p->box.right - p->box.left) * LAYOUT_WIDTH / 1000;
	u32 most = p->of == 1 ? LANES_MOST : p->of == 2 ? 4 : p->of == 3 ? 3 : 2;
	struct flag *flags = flags_of(m, p, kills, width);
	u32 lanes = 0;

	flags_place(flags, kills->len, width, most);
	for (u32 i = 0; i < kills->len; i++)
		lanes = MAX(lanes, flags[i].lane + 1);
	for (u32 i = 0; i < kills->len; i++)
		append_flag(out, p, &flags[i], &g_array_index(kills, struct oom_kill, i), lanes, width);
	g_free(flags);
	return lanes;
}

/* A line for each that was written to a file of the panel's cgroup, with what it was where there is room. */
static void append_operations(GString *out, const struct memory *m, const struct panel *p)
{
	u32 width = (p->box.right - p->box.left) * LAYOUT_WIDTH / 1000, points = flag_points(p) - 2;
	u32 room = 0; /* from here on, pixels */

	for (u32 i = 0; i < m->operations->len; i++) {
		const struct operation *o = &g_array_index(m->operations, struct operation, i);
		u32 x = (u32)((unsigned __int128)MIN(o->time_ns, m->longest_ns) * width / m->longest_ns);

		if (strcmp(o->cgroup, m->cgroups->name[p->cgroup]) || o->time_ns > m->longest_ns)
			continue;
		g_string_append_printf(
		    out,
		    "set arrow from graph %u./%u,0 to graph %u./%u,1 nohead lc '" WRITE_COLOUR
		    "' dt 3 lw 2 front\n",
		    x, width, x, width);
		if (x < room)
			continue;
		room = x + 2 * points;
		g_string_append(out, "set label ");
		gnuplot_string(out, o->text);
		g_string_append_printf(
		    out, " at graph %u./%u,0.03 left rotate by 90 noenhanced font ',%u' front\n", x + points,
		    width, points);
	}
}

static void append_limit(GString *out, const char *name, u64 limit)
{
	g_string_append_printf(out, "%s ", name);
	if (limit == CGROUP_NO_LIMIT)
		g_string_append(out, "none");
	else
		scale_append_bytes(out, limit);
}

static void append_heading(GString *out, const struct memory *m, const struct panel *p, u32 kills)
{
	GString *text = g_string_new(m->cgroups->name[p->cgroup]);
	struct layout_box whole = layout_panel(p->index, p->of, 0);

	g_string_append_c(text, ':');
	if (p->limit != CGROUP_NO_LIMIT || p->high == CGROUP_NO_LIMIT)
		append_limit(text, " memory.max", p->limit);
	if (p->high != CGROUP_NO_LIMIT)
		append_limit(text, p->limit == CGROUP_NO_LIMIT ? " memory.high" : ", memory.high", p->high);
	append_limit(text, ", swap.max", p->swap_limit);
	if (p->low) {
		append_limit(text, ", memory.low", p->low);
		g_string_append(text, p->low_since ? " since " : "");
		if (p->low_since)
			scale_append_time(text, p->low_since);
	}
	if (kills)
		g_string_append_printf(text, ", %u kill%s", kills, kills > 1 ? "s" : "");
	layout_heading(out, &whole, text->str, layout_panel_points(p->of));
	g_string_free(text, TRUE);
}

/* At the right of its line, or as near as another label lets it: those come from below. */
static void append_limit_label(GString *out, const struct panel *p, const char *name, const char *colour,
			       u64 limit, u64 top, u32 *taken)
{
	u32 y = (u32)((unsigned __int128)limit * 1000 / top);
	u32 height = (p->box.top - p->box.bottom) * LAYOUT_HEIGHT / 1000;

	y = MAX(y, *taken);
	*taken = y + 22000 / height;
	g_string_append_printf(
	    out, "set label '%s' at graph 1.01,0.%03u left noenhanced font ',12' textcolor '%s'\n", name,
	    MIN(y, 999), colour);
}

/* A line at that many bytes, from a time on. */
static void append_level(GString *out, const struct panel *p, u64 bytes, u64 since)
{
	if (is_near(p, bytes))
		g_string_append_printf(out,
				       ", \\\n %" G_GUINT64_FORMAT "./(x >= %" G_GUINT64_FORMAT
				       " ? %" G_GUINT64_FORMAT " : 0) with lines lc '" LIMIT_COLOUR
				       "' lw 3 dt 2",
				       bytes, since, p->scale->one);
}

static void append_curves(GString *out, const struct memory *m, const struct panel *p)
{
	const struct scale *time = scale_time(m->longest_ns);
	char *x = g_strdup_printf("($1/%" G_GUINT64_FORMAT ".)", time->one);
	char *by = g_strdup_printf("/%" G_GUINT64_FORMAT ".", p->scale->one);
	u32 memory = 2 + p->index * VALUES + CGROUP_MEMORY, limit = memory + CGROUP_MEMORY_MAX;
	u32 swap = memory + CGROUP_SWAP, swap_limit = memory + CGROUP_SWAP_MAX;

	g_string_append_printf(out,
			       "plot data using %s:(($%u+$%u)%s) with filledcurves y1=0 lc '" SWAP_COLOUR
			       "', \\\n"
			       " data using %s:($%u%s) with filledcurves y1=0 lc '" MEMORY_COLOUR "'",
			       x, memory, swap, by, x, memory, by);
	if (is_near(p, p->limit))
		g_string_append_printf(
		    out, ", \\\n data using %s:($%u%s) with steps lc '" LIMIT_COLOUR "' lw 3", x, limit, by);
	append_level(out, p, p->high, 0);
	append_level(out, p, p->low ? p->low : CGROUP_NO_LIMIT, p->low_since / time->one);
	if (is_near(p, total_limit(p)))
		g_string_append_printf(
		    out, ", \\\n data using %s:(($%u+$%u)%s) with steps lc '" SWAP_LIMIT_COLOUR "' lw 3", x,
		    limit, swap_limit, by);
	g_string_append_c(out, '\n');
	g_free(x);
	g_free(by);
}

static void append_panel(GString *out, const struct memory *m, const struct panel *p)
{
	GArray *kills = kills_of(m, p);
	u32 height = (p->box.top - p->box.bottom) * LAYOUT_HEIGHT / 1000, taken = 0, lanes;
	u64 top = p->top;

	lanes = append_kills(out, m, p, kills);
	if (lanes)
		top = (u64)((unsigned __int128)top * height / lane_middle(p, 0, lanes + 1));
	append_operations(out, m, p);
	append_heading(out, m, p, kills->len);
	if (is_near(p, p->limit))
		append_limit_label(out, p, "memory.max", LIMIT_COLOUR, p->limit, top, &taken);
	if (is_near(p, p->high))
		append_limit_label(out, p, "memory.high", LIMIT_COLOUR, p->high, top, &taken);
	if (p->low && is_near(p, p->low))
		append_limit_label(out, p, "memory.low", LIMIT_COLOUR, p->low, top, &taken);
	if (is_near(p, total_limit(p)))
		append_limit_label(out, p, "+ swap.max", SWAP_LIMIT_COLOUR, total_limit(p), top, &taken);
	layout_margins(out, &p->box);
	g_string_append_printf(out,
			       "set yrange [0:%" G_GUINT64_FORMAT "./%" G_GUINT64_FORMAT "]\n"
			       "set ytics %" G_GUINT64_FORMAT "\n"
			       "set ylabel '%s' offset 0.5 font ',%u'\nset tics font ',%u'\n",
			       top, p->scale->one, scale_tics(MAX(p->top / p->scale->one, 1)), p->scale->unit,
			       layout_panel_points(p->of) + 1, layout_panel_points(p->of));
	sample_append_axis(out, m->longest_ns, 0, layout_panel_is_lowest(p->index, p->of));
	append_curves(out, m, p);
	g_string_append(out, "unset label\nunset arrow\nunset object\n");
	g_array_unref(kills);
}

static char *script(const struct memory *m, const struct plot_manifest *manifest)
{
	struct layout_entry legend[] = {
		{ LAYOUT_AREA, SWAP_COLOUR, "memory.swap.current, on top of" },
		{ LAYOUT_AREA, MEMORY_COLOUR, "memory.current" },
		{ LAYOUT_LINE, KILL_COLOUR, "OOM kill: process, its memory and swap" },
		{ LAYOUT_LINE, WRITE_COLOUR, "write to a file of the cgroup" },
	};
	u32 entries = 2;
	GString *out = g_string_new(NULL), *what = g_string_new("Memory and swap");

	if (m->panels < m->cgroups->n)
		g_string_append_printf(what, ", %u of %u cgroups", m->panels, m->cgroups->n);
	layout_head(out, what->str, manifest, true);
	g_string_free(what, TRUE);
	layout_style(out);
	if (m->kills->len)
		entries++;
	if (m->operations->len)
		legend[entries++] = legend[3];
	layout_legend(out, legend, entries, LAYOUT_LEGEND);
	g_string_append(out, "set multiplot\n");
	for (u32 i = 0; i < m->panels; i++)
		append_panel(out, m, &m->panel[i]);
	g_string_append(out, "unset multiplot\n");
	return g_string_free(out, FALSE);
}

static bool draw(struct memory *m, const char *folder, struct plot_text *text, GError **error)
{
	struct plot_manifest manifest;

	if (!m->cgroups->n) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
			    "%s/cgroups.csv: no cgroup to draw (give the scenario one)", folder);
		return false;
	}
	if (!plot_manifest_load(&manifest, folder, error))
		return false;
	m->longest_ns = m->cgroups->time[m->cgroups->samples - 1];
	m->intervals = sample_intervals(m->cgroups->time, m->cgroups->samples, POINTS_MOST);
	choose_panels(m);
	for (u32 i = 0; i < m->panels; i++)
		measure_panel(m, i);
	text->data = data(m);
	text->script = script(m, &manifest);
	g_array_free(m->intervals, TRUE);
	plot_manifest_release(&manifest);
	return true;
}

bool memory_draw(const char *folder, struct plot_text *text, GError **error)
{
	struct memory m = { .cgroups = cgroups_load(folder, error) };
	bool good = false;

	if (m.cgroups)
		m.kills = oom_kills_load(folder, error);
	if (m.kills) {
		m.operations = operations_load(folder);
		good = draw(&m, folder, text, error);
		g_array_unref(m.operations);
		g_array_unref(m.kills);
	}
	cgroups_free(m.cgroups);
	return good;
}
