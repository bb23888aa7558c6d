/*
 * latency.c - how many of the faults take longer than t: the complementary distribution of fault latency,
 * both axes logarithmic, so that one fault in a hundred thousand is as easy to see as the median.
 */
#include <string.h>

#include "plots/csv.h"
#include "plots/gnuplot.h"
#include "plots/manifest.h"
#include "plots/recipes.h"
#include "sim/error.h"

static const char *const histograms[] = { "fault", "major_fault", "direct_reclaim" };

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

static char *script(const struct csv *csv, const struct columns *column, const struct plot_manifest *m)
{
	static const char *const style[] = { "lc '#0072B2' lw 3", "lc '#E69F00' lw 3 dt 2",
					     "lc '#444444' lw 2 dt 4" };
	static const char *const names[] = { "all faults", "major faults", "direct reclaim" };
	GString *out = g_string_new(NULL);
	char *title =
	    g_strdup_printf("Fault latency: %s, swap on %s, %s", m->workload, m->devices, m->kernel);
	bool more = false;

	g_string_append(out, "set label 1 ");
	gnuplot_string(out, title);
	g_string_append(out, " at screen 0.1,0.955 left noenhanced font ',20'\nset label 2 ");
	gnuplot_string(out, m->caption);
	g_string_append(out,
			" at screen 0.97,0.022 right noenhanced font ',11' textcolor '#666666'\n"
			"set lmargin at screen 0.1\nset rmargin at screen 0.97\n"
			"set tmargin at screen 0.915\nset bmargin at screen 0.15\n"
			"set border 3 lc '#444444'\nset tics nomirror out\nset grid lc '#dddddd' lt 1 lw 1\n"
			"set logscale xy\nset format y '10^{%T}'\nset yrange [*:1]\n"
			"set xlabel 'time t, µs'\nset ylabel 'share that takes longer than t' offset 0.5\n"
			"set key left bottom Left reverse samplen 3 spacing 1.2 noenhanced\n");
	for (u32 i = 0; i < ARRAY_SIZE(histograms); i++) {
		if (!total_of(csv, column, histograms[i]))
			continue;
		g_string_append_printf(out, "%s data using 1:%u with steps %s title '%s'",
				       more ? ", \\\n" : "plot", i + 2, style[i], names[i]);
		more = true;
	}
	g_string_append_c(out, '\n');
	g_free(title);
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
	g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: there were no faults", path);
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
		GString *out =
		    g_string_new("longer_than_us,fault_share,major_fault_share,direct_reclaim_share\n");

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
