/*
 * refaults.c - refault distances: how many evictions and activations went by while pages that came back were
 * away, coloured by whether they were activated for it, with the line that decides: the size of the working
 * set each distance was held against. It changes during a run, so the line is its median over refaults in a
 * band from p10 to p90, and bars near it have both colours.
 */
#include <string.h>

#include "plots/csv.h"
#include "plots/gnuplot.h"
#include "plots/layout.h"
#include "plots/manifest.h"
#include "plots/recipes.h"
#include "plots/scale.h"
#include "sim/error.h"

enum size { ALL, ACTIVATED, WORKINGSET, SIZES };
static const char *const names[SIZES] = { "refault_distance", "refault_distance_activated",
					  "workingset_size" };

/*
 * The axis: a bar a page up to 8 pages, then four an octave. Buckets of the file are as wide or narrower and
 * none lies in two bars.
 */
enum { PER_OCTAVE = 4, BARS = 63 * PER_OCTAVE };

struct refaults {
	u64 count[SIZES][BARS];
	u64 total[SIZES];
	u64 low, median, high; /* of the working set: upper bounds of buckets */
	u32 first, last;       /* bars to draw, the band among them */
};

struct columns {
	u32 histogram, high, count;
};

static u64 part_of(u64 all, u64 numerator, u64 denominator)
{
	return (u64)((unsigned __int128)all * numerator / denominator);
}

static u32 bar_of(u64 pages)
{
	u32 octave = 63 - (u32)__builtin_clzll(pages | PER_OCTAVE);

	if (pages < PER_OCTAVE)
		return (u32)pages;
	return (octave - 1) * PER_OCTAVE + (u32)(pages >> (octave - 2)) % PER_OCTAVE;
}

static u64 bar_low(u32 bar)
{
	u32 octave = bar / PER_OCTAVE;

	return octave < 2 ? bar : (u64)(PER_OCTAVE + bar % PER_OCTAVE) << (octave - 1);
}

/* Thousandths of a bar from the axis' beginning: the upper end of that many pages. */
static u64 place_of(u64 pages)
{
	u32 bar = bar_of(pages);
	u64 low = bar_low(bar), width = bar_low(bar + 1) - low;

	return bar * UINT64_C(1000) + part_of(pages + 1 - low, 1000, width);
}

static u64 quantile_of(const struct csv *csv, const struct columns *column, enum size size, u64 total,
		       u32 per_cent)
{
	u64 rank = part_of(total, per_cent, 100), seen = 0;

	for (u32 row = 0; row < csv->rows; row++) {
		if (strcmp(csv_cell(csv, row, column->histogram), names[size]))
			continue;
		seen += csv_number(csv, row, column->count);
		if (seen > rank)
			return csv_number(csv, row, column->high);
	}
	return 0;
}

static bool read_rows(struct refaults *r, const struct csv *csv, const struct columns *column,
		      const char *path, GError **error)
{
	for (u32 row = 0; row < csv->rows; row++) {
		u64 pages, count;

		if (!csv_whole(csv, path, row, column->high, &pages, error) ||
		    !csv_whole(csv, path, row, column->count, &count, error))
			return false;
		for (u32 size = 0; size < SIZES; size++) {
			if (strcmp(csv_cell(csv, row, column->histogram), names[size]))
				continue;
			r->count[size][bar_of(pages)] += count;
			r->total[size] += count;
		}
	}
	return true;
}

static bool load(struct refaults *r, const struct csv *csv, const char *path, GError **error)
{
	struct columns column;

	if (!csv_column(csv, path, "histogram", &column.histogram, error) ||
	    !csv_column(csv, path, "high_pages", &column.high, error) ||
	    !csv_column(csv, path, "count", &column.count, error) || !read_rows(r, csv, &column, path, error))
		return false;
	if (!r->total[ALL] || !r->total[WORKINGSET]) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: there were no refaults", path);
		return false;
	}
	r->low = quantile_of(csv, &column, WORKINGSET, r->total[WORKINGSET], 10);
	r->median = quantile_of(csv, &column, WORKINGSET, r->total[WORKINGSET], 50);
	r->high = quantile_of(csv, &column, WORKINGSET, r->total[WORKINGSET], 90);
	r->first = bar_of(r->low);
	r->last = bar_of(r->high);
	for (u32 bar = 0; bar < BARS; bar++) {
		if (!r->count[ALL][bar])
			continue;
		r->first = MIN(r->first, bar);
		r->last = MAX(r->last, bar);
	}
	r->last = MIN(r->last, BARS - 2);
	return true;
}

static char *data(const struct refaults *r)
{
	GString *out = g_string_new("low_pages,high_pages,activated,not_activated\n");

	for (u32 bar = r->first; bar <= r->last; bar++)
		g_string_append_printf(out,
				       "%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT
				       ",%" G_GUINT64_FORMAT "\n",
				       bar_low(bar), bar_low(bar + 1) - 1, r->count[ACTIVATED][bar],
				       r->count[ALL][bar] - r->count[ACTIVATED][bar]);
	return g_string_free(out, FALSE);
}

#define ACTIVATED_COLOUR "#0072B2"
#define OTHER_COLOUR "#E69F00"
#define LINE_COLOUR "#000000"

static char *legend_text(const char *what, u64 count, u64 total)
{
	GString *text = g_string_new(what);

	g_string_append(text, ": ");
	scale_append_count(text, count);
	g_string_append_printf(text, " (%u %%)", (u32)((part_of(count, 200, total) + 1) / 2));
	return g_string_free(text, FALSE);
}

static char *workingset_text(const struct refaults *r)
{
	GString *text = g_string_new("working set, median and p10-p90: ");

	scale_append_count(text, r->median);
	g_string_append(text, " pages");
	if (r->low != r->high) {
		g_string_append(text, " (");
		scale_append_count(text, r->low);
		g_string_append(text, " to ");
		scale_append_count(text, r->high);
		g_string_append_c(text, ')');
	}
	return g_string_free(text, FALSE);
}

static void append_legend(GString *out, const struct refaults *r)
{
	char *text[] = { legend_text("activated", r->total[ACTIVATED], r->total[ALL]),
			 legend_text("not activated", r->total[ALL] - r->total[ACTIVATED], r->total[ALL]),
			 workingset_text(r) };
	const struct layout_entry legend[] = { { LAYOUT_AREA, ACTIVATED_COLOUR, text[0] },
					       { LAYOUT_AREA, OTHER_COLOUR, text[1] },
					       { LAYOUT_LINE, LINE_COLOUR, text[2] } };

	layout_legend(out, legend, ARRAY_SIZE(legend), LAYOUT_LEGEND);
	for (u32 i = 0; i < ARRAY_SIZE(text); i++)
		g_free(text[i]);
}

/* Where an octave begins, twelve times at most. */
static void append_tics(GString *out, const struct refaults *r)
{
	u32 octaves = (r->last - r->first) / PER_OCTAVE + 1, apart = PER_OCTAVE * (octaves / 12 + 1);
	const char *comma = "";

	g_string_append(out, "set xtics (");
	for (u32 bar = (r->first + apart - 1) / apart * apart; bar <= r->last + 1; bar += apart) {
		g_string_append_printf(out, "%s'", comma);
		scale_append_count(out, bar_low(bar));
		g_string_append_printf(out, "' %u", bar);
		comma = ", ";
	}
	g_string_append(out, ")\n");
}

static void append_line(GString *out, const struct refaults *r)
{
	u64 from = r->low ? place_of(r->low - 1) : 0, to = place_of(r->high), at = place_of(r->median);

	g_string_append_printf(out,
			       "set object rectangle from %" G_GUINT64_FORMAT ".%03u, graph 0 to "
			       "%" G_GUINT64_FORMAT ".%03u, graph 1 behind fc rgb '#eeeeee' fs solid "
			       "noborder\n"
			       "set arrow from %" G_GUINT64_FORMAT ".%03u, graph 0 to %" G_GUINT64_FORMAT
			       ".%03u, graph 1 nohead front lc '" LINE_COLOUR "' lw 2.5\n",
			       from / 1000, (u32)(from % 1000), to / 1000, (u32)(to % 1000), at / 1000,
			       (u32)(at % 1000), at / 1000, (u32)(at % 1000));
}

static char *script(const struct refaults *r, const struct plot_manifest *m)
{
	const struct layout_box box = { LAYOUT_LEFT, LAYOUT_RIGHT, 145, 870 };
	const struct scale *scale;
	GString *out = g_string_new(NULL);
	u64 most = 0;

	for (u32 bar = r->first; bar <= r->last; bar++)
		most = MAX(most, r->count[ALL][bar]);
	scale = scale_count(most);
	layout_head(out, "Refault distance", m, true);
	layout_style(out);
	append_legend(out, r);
	layout_margins(out, &box);
	append_tics(out, r);
	append_line(out, r);
	g_string_append_printf(
	    out,
	    "set xrange [%u:%u]\nset yrange [0:*]\n"
	    "set xlabel 'refault distance, pages: evicted or activated while the page was away' offset "
	    "0,0.3\n"
	    "set ylabel '%srefaults' offset 0.5\n"
	    "plot data skip 1 using ($0+%u.5):(0):($0+%u.05):($0+%u.95):(0):($3/%" G_GUINT64_FORMAT
	    ".) with boxxyerror fs solid noborder lc '" ACTIVATED_COLOUR "', \\\n"
	    " data skip 1 using ($0+%u.5):(0):($0+%u.05):($0+%u.95):($3/%" G_GUINT64_FORMAT
	    ".):(($3+$4)/%" G_GUINT64_FORMAT ".) with boxxyerror fs solid noborder lc '" OTHER_COLOUR "'\n",
	    r->first, r->last + 1, scale->unit, r->first, r->first, r->first, scale->one, r->first, r->first,
	    r->first, scale->one, scale->one);
	return g_string_free(out, FALSE);
}

bool refaults_draw(const char *folder, struct plot_text *text, GError **error)
{
	char *path = g_build_filename(folder, "hist_pages.csv", NULL);
	struct csv *csv = csv_load(path, error);
	struct refaults *r = g_new0(struct refaults, 1);
	struct plot_manifest manifest;
	bool good = csv && load(r, csv, path, error) && plot_manifest_load(&manifest, folder, error);

	if (good) {
		text->data = data(r);
		text->script = script(r, &manifest);
		plot_manifest_release(&manifest);
	}
	g_free(r);
	csv_free(csv);
	g_free(path);
	return good;
}
