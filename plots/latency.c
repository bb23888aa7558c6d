/*
 * latency.c - how many of the faults take longer than t: the complementary distribution of fault latency,
 * both axes logarithmic, so that one fault in a hundred thousand is as easy to see as the median; percentiles
 * are marked on the curves and written out above them. A distribution that rises to 1 would press all that
 * lies beyond p99 into a hundredth of its height.
 */
#include <string.h>

#include "plots/csv.h"
#include "plots/gnuplot.h"
#include "plots/layout.h"
#include "plots/manifest.h"
#include "plots/recipes.h"
#include "plots/scale.h"
#include "sim/error.h"

static const char *const histograms[] = { "fault", "major_fault", "direct_reclaim", "race_sleep" };

struct columns {
	u32 histogram, high, count;
};

static u64 total_of(const struct csv *csv, const struct columns *column, const char *histogram)
{
	u64 total = 0;

	for (u32 row = 0; row < csv->rows; row++)
		if (!strcmp(csv_cell(csv, row, column->histogram), histogram))
			total += csv_number(csv, row, column->count);
	return total;
}

/* Millionths of those recorded that lie above each bucket; the last bucket has none above it and no point. */
static void append_rows(GString *out, const struct csv *csv, const struct columns *column, u32 index)
{
	u64 total = total_of(csv, column, histograms[index]), above = total;

	for (u32 row = 0; row < csv->rows; row++) {
		u64 ns, billionths;

		if (strcmp(csv_cell(csv, row, column->histogram), histograms[index]))
			continue;
		ns = csv_number(csv, row, column->high);
		above -= csv_number(csv, row, column->count);
		billionths = (u64)((unsigned __int128)above * 1000000000 / total);
		if (!above)
			continue;
		g_string_append_printf(out, "%" G_GUINT64_FORMAT ".%03u", ns / 1000, (u32)(ns % 1000));
		for (u32 i = 0; i < ARRAY_SIZE(histograms); i++) {
			g_string_append_c(out, ',');
			if (i == index)
				g_string_append_printf(out, "%u.%09u", (u32)(billionths / 1000000000),
						       (u32)(billionths % 1000000000));
		}
		g_string_append_c(out, '\n');
	}
}

/* Per million. */
static const u32 quantiles[] = { 500000, 900000, 990000, 999000 };
static const char *const quantile_names[] = { "p50", "p90", "p99", "p99.9" };

struct curve {
	u64 total;
	u64 least, most; /* ns: upper bounds of the first and the last bucket */
	u64 quantile[ARRAY_SIZE(quantiles)];
};

/* The upper bound of the bucket that holds the one of rank total * per_million / 10^6, rounded up. */
static u64 quantile_of(const struct csv *csv, const struct columns *column, u32 index, u64 total,
		       u32 per_million)
{
	u64 rank = (u64)(((unsigned __int128)total * per_million + 999999) / 1000000), seen = 0;

	for (u32 row = 0; row < csv->rows; row++) {
		if (strcmp(csv_cell(csv, row, column->histogram), histograms[index]))
			continue;
		seen += csv_number(csv, row, column->count);
		if (seen >= rank)
			return csv_number(csv, row, column->high);
	}
	return 0;
}

static struct curve curve_of(const struct csv *csv, const struct columns *column, u32 index)
{
	struct curve curve = { .total = total_of(csv, column, histograms[index]) };

	curve.least = quantile_of(csv, column, index, curve.total, 0);
	curve.most = quantile_of(csv, column, index, curve.total, 1000000);
	for (u32 q = 0; q < ARRAY_SIZE(quantiles); q++)
		curve.quantile[q] = quantile_of(csv, column, index, curve.total, quantiles[q]);
	return curve;
}

static const char *const colours[] = { "#0072B2", "#E69F00", "#444444", "#B03A00" };
static const char *const styles[] = { "lw 3", "lw 3 dt 2", "lw 2 dt 4", "lw 3 dt 3" };
static const char *const names[] = { "all faults", "major faults", "direct reclaim", "lost races: asleep" };

enum { TABLE_TOP = 912, TABLE_ROW = 30, BOX_TOP = 785, ROWS = 3, BOX_RIGHT = 930 };

static void append_cell(GString *out, const char *text, u32 x, u32 y)
{
	g_string_append(out, "set label ");
	gnuplot_string(out, text);
	g_string_append_printf(out, " at screen 0.%03u,0.%03u right noenhanced font ',14'\n", x, y);
}

static u32 cell_right(u32 cell)
{
	return 390 + 108 * cell;
}

static void append_time_cell(GString *out, u64 ns, u32 cell, u32 y)
{
	GString *text = g_string_new(NULL);

	scale_append_time(text, ns);
	append_cell(out, text->str, cell_right(cell), y);
	g_string_free(text, TRUE);
}

static void append_table_row(GString *out, const struct curve *curve, u32 index, u32 y)
{
	GString *times = g_string_new(NULL);

	g_string_append_printf(
	    out,
	    "set arrow from screen 0.%03u,0.%03u to screen 0.%03u,0.%03u nohead lc '%s' %s\n"
	    "set label '%s' at screen 0.%03u,0.%03u left font ',14'\n",
	    LAYOUT_LEFT, y, LAYOUT_LEFT + 38, y, colours[index], styles[index], names[index],
	    LAYOUT_LEFT + 46, y);
	scale_append_count(times, curve->total);
	append_cell(out, times->str, cell_right(0), y);
	for (u32 q = 0; q < ARRAY_SIZE(quantiles); q++)
		append_time_cell(out, curve->quantile[q], q + 1, y);
	append_time_cell(out, curve->most, ARRAY_SIZE(quantiles) + 1, y);
	g_string_free(times, TRUE);
}

/* The key of the picture: a row for each curve there is. */
static void append_table(GString *out, const struct curve *curves)
{
	u32 y = TABLE_TOP;

	append_cell(out, "times", cell_right(0), y);
	for (u32 q = 0; q < ARRAY_SIZE(quantiles); q++)
		append_cell(out, quantile_names[q], cell_right(q + 1), y);
	append_cell(out, "at most", cell_right(ARRAY_SIZE(quantiles) + 1), y);
	for (u32 i = 0; i < ARRAY_SIZE(histograms); i++) {
		if (!curves[i].total)
			continue;
		y -= TABLE_ROW;
		append_table_row(out, &curves[i], i, y);
	}
}

/* A dot on the curve, unless it lies beyond the end of it. */
static void append_dots(GString *out, const struct curve *curve, u32 index)
{
	for (u32 q = 0; q < ARRAY_SIZE(quantiles); q++)
		if (curve->quantile[q] < curve->most)
			g_string_append_printf(out,
					       "set label '' at first %" G_GUINT64_FORMAT
					       "./1000,%u./1000000 point pt 7 ps 1 lc '%s' front\n",
					       curve->quantile[q], 1000000 - quantiles[q], colours[index]);
}

/* Every power of ten with its unit, and room for half a step at either end. */
static void append_time_axis(GString *out, const struct curve *curves)
{
	u64 least = UINT64_MAX, most = 1;
	const char *comma = "";

	for (u32 i = 0; i < ARRAY_SIZE(histograms); i++) {
		if (!curves[i].total)
			continue;
		least = MIN(least, MAX(curves[i].least, 1));
		most = MAX(most, curves[i].most);
	}
	g_string_append(out, "set xtics (");
	for (u64 ns = 1; ns <= most * 2 && ns <= 100000000000000; ns *= 10, comma = ", ") {
		u64 one = ns < 1000 ? 1 : ns < 1000000 ? 1000 : ns < 1000000000 ? 1000000 : 1000000000;

		g_string_append_printf(out, "%s'%" G_GUINT64_FORMAT " %s' %" G_GUINT64_FORMAT "./1000", comma,
				       ns / one, scale_time(one * 2)->unit, ns);
	}
	g_string_append_printf(out,
			       ")\nset xrange [%" G_GUINT64_FORMAT "./1200:%" G_GUINT64_FORMAT "./800]\n"
			       "set xlabel 'time t' offset 0,0.3\n",
			       least, most);
}

/* Down to the share of a single one of the most frequent kind, but p99.9 is always there. */
static void append_share_axis(GString *out, const struct curve *curves)
{
	u64 most = 0;
	u32 decades = 3;

	for (u32 i = 0; i < ARRAY_SIZE(histograms); i++)
		most = MAX(most, curves[i].total);
	for (u64 n = 1000; n < most && decades < 9; n *= 10)
		decades++;
	g_string_append_printf(out,
			       "set yrange [1e-%u:1]\nset ytics 10\nset format y '10^{%%T}'\n"
			       "set ylabel 'share that takes longer than t' offset 0.5\n",
			       decades);
	for (u32 q = 0; q < ARRAY_SIZE(quantiles); q++)
		g_string_append_printf(out,
				       "set label '%s' at graph 1.008,first %u./1000000 left font ',14'\n",
				       quantile_names[q], 1000000 - quantiles[q]);
}

static char *script(const struct csv *csv, const struct columns *column, const struct plot_manifest *m)
{
	struct layout_box box = { LAYOUT_LEFT, BOX_RIGHT, 140, BOX_TOP };
	u32 rows = 0;
	struct curve curves[ARRAY_SIZE(histograms)];
	GString *out = g_string_new(NULL);
	const char *begin = "plot";

	layout_head(out, "Fault latency", m, true);
	layout_style(out);
	for (u32 i = 0; i < ARRAY_SIZE(histograms); i++) {
		curves[i] = curve_of(csv, column, i);
		rows += curves[i].total > 0;
	}
	if (rows > ROWS) /* no room above the box otherwise */
		box.top -= TABLE_ROW * (rows - ROWS);
	layout_margins(out, &box);
	for (u32 i = 0; i < ARRAY_SIZE(histograms); i++)
		append_dots(out, &curves[i], i);
	append_table(out, curves);
	g_string_append(out, "set logscale xy\n");
	append_time_axis(out, curves);
	append_share_axis(out, curves);
	for (u32 i = 0; i < ARRAY_SIZE(histograms); i++) {
		if (!curves[i].total)
			continue;
		g_string_append_printf(out, "%s data using 1:%u with steps lc '%s' %s", begin, i + 2,
				       colours[i], styles[i]);
		begin = ", \\\n";
	}
	g_string_append_c(out, '\n');
	return g_string_free(out, FALSE);
}

static bool find_columns(const struct csv *csv, const char *path, struct columns *column, GError **error)
{
	if (!csv_column(csv, path, "histogram", &column->histogram, error) ||
	    !csv_column(csv, path, "high_ns", &column->high, error) ||
	    !csv_column(csv, path, "count", &column->count, error))
		return false;
	for (u32 i = 0; i < ARRAY_SIZE(histograms); i++)
		if (total_of(csv, column, histograms[i]) > 1)
			return true;
	g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: no distribution to draw (two faults at least)",
		    path);
	return false;
}

bool latency_draw(const char *folder, struct plot_text *text, GError **error)
{
	char *path = g_build_filename(folder, "hist.csv", NULL);
	struct csv *csv = csv_load(path, error);
	struct plot_manifest manifest;
	struct columns column;
	bool good =
	    csv && find_columns(csv, path, &column, error) && plot_manifest_load(&manifest, folder, error);

	if (good) {
		GString *out = g_string_new(
		    "longer_than_us,fault_share,major_fault_share,direct_reclaim_share,race_sleep_share\n");

		for (u32 i = 0; i < ARRAY_SIZE(histograms); i++)
			append_rows(out, csv, &column, i);
		text->data = g_string_free(out, FALSE);
		text->script = script(csv, &column, &manifest);
		plot_manifest_release(&manifest);
	}
	csv_free(csv);
	g_free(path);
	return good;
}
