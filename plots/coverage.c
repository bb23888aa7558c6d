/*
 * coverage.c - which windows an exploration has seen tasks in, and which two at once: a triangle a kernel, a
 * row and a column a window. The letters are those of explore --coverage.
 */
#include <string.h>

#include "plots/csv.h"
#include "plots/gnuplot.h"
#include "plots/layout.h"
#include "plots/manifest.h"
#include "plots/recipes.h"
#include "sim/error.h"

enum { KERNELS_MOST = 4, WINDOWS_MOST = 64 };

/* In the order of the palette. */
enum seen { NOT_ENTERED, NEVER, UNREACHABLE, TOGETHER, SAME_OBJECT, VIOLATED, NR_SEEN };

static const struct {
	const char *word; /* of windows.csv */
	const char *colour;
	const char *mark;
	const char *meaning;
} looks[NR_SEEN] = {
	[NOT_ENTERED] = { "not_entered", "#f4f4f4", "", "never in one of them" },
	[NEVER] = { "apart", "#dcecd2", ".", "never at once" },
	[UNREACHABLE] = { "", "#c9d8e6", "-", "never at once, proved" },
	[TOGETHER] = { "together", "#fde3b0", "o", "two tasks at once" },
	[SAME_OBJECT] = { "same_object", "#E69F00", "s", "on the same object" },
	[VIOLATED] = { "violated", "#8B1A1A", "X", "where it went wrong" },
};

struct coverage {
	const char *kernel[KERNELS_MOST];
	u32 kernels;
	const char *window[WINDOWS_MOST];
	u32 windows;
	GString *data;
};

struct columns {
	u32 kernel, first, second, seen, complete;
};

static bool index_of(const char **names, u32 *n, u32 most, const char *name, u32 *index)
{
	for (*index = 0; *index < *n; ++*index)
		if (!strcmp(names[*index], name))
			return true;
	if (*n == most)
		return false;
	names[(*n)++] = name;
	return true;
}

/* NR_SEEN: no such word. Who was not seen cannot be there, if the search was complete. */
static enum seen seen_of(const char *word, bool complete)
{
	enum seen seen = NOT_ENTERED;

	while (seen < NR_SEEN && strcmp(looks[seen].word, word))
		seen++;
	return seen == NEVER && complete ? UNREACHABLE : seen;
}

static bool read_row(struct coverage *c, const struct csv *csv, const struct columns *at, u32 row,
		     const char *path, GError **error)
{
	u32 kernel, first, second;
	bool complete = csv_number(csv, row, at->complete);
	enum seen seen = seen_of(csv_cell(csv, row, at->seen), complete);

	if (seen == NR_SEEN) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
			    "%s:%u: seen is '%s' (not_entered, apart, together, same_object or violated)",
			    path, row + 2, csv_cell(csv, row, at->seen));
		return false;
	}
	if (!index_of(c->kernel, &c->kernels, KERNELS_MOST, csv_cell(csv, row, at->kernel), &kernel) ||
	    !index_of(c->window, &c->windows, WINDOWS_MOST, csv_cell(csv, row, at->first), &first) ||
	    !index_of(c->window, &c->windows, WINDOWS_MOST, csv_cell(csv, row, at->second), &second)) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
			    "%s:%u: more than a picture shows (at most %d kernels and %d windows)", path,
			    row + 2, KERNELS_MOST, WINDOWS_MOST);
		return false;
	}
	g_string_append_printf(c->data, "%s,%u,%u,%u,%s\n", c->kernel[kernel], second, first, seen,
			       looks[seen].mark);
	return true;
}

static bool read_all(struct coverage *c, const struct csv *csv, const char *path, GError **error)
{
	struct columns at;
	bool good = csv_column(csv, path, "kernel", &at.kernel, error) &&
		    csv_column(csv, path, "first", &at.first, error) &&
		    csv_column(csv, path, "second", &at.second, error) &&
		    csv_column(csv, path, "seen", &at.seen, error) &&
		    csv_column(csv, path, "complete", &at.complete, error);

	for (u32 row = 0; good && row < csv->rows; row++)
		good = read_row(c, csv, &at, row, path, error);
	if (good && !csv->rows) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: no windows in it", path);
		good = false;
	}
	return good;
}

static void append_tics(GString *out, const struct coverage *c)
{
	g_string_append(out, "set ytics (");
	for (u32 i = 0; i < c->windows; i++) {
		char *name = g_strdup_printf("%s %u", c->window[i], i + 1);

		g_string_append(out, i ? ", " : "");
		gnuplot_string(out, name);
		g_string_append_printf(out, " %u", i);
		g_free(name);
	}
	g_string_append(out, ") scale 0 noenhanced\nset xtics (");
	for (u32 i = 0; i < c->windows; i++)
		g_string_append_printf(out, "%s'%u' %u", i ? ", " : "", i + 1, i);
	g_string_append(out, ") scale 0\n");
}

static u32 names_width(const struct coverage *c, u32 points)
{
	u32 most = 0;

	for (u32 i = 0; i < c->windows; i++)
		most = MAX(most, layout_text_width(c->window[i], points));
	return most * 1000 / LAYOUT_WIDTH;
}

static void append_panel(GString *out, const struct coverage *c, u32 i)
{
	struct layout_box box = layout_panel(i, c->kernels, 0);
	u32 points = layout_panel_points(c->kernels);

	layout_heading(out, &box, c->kernel[i], points);
	box.left += names_width(c, points);
	layout_margins(out, &box);
	g_string_append_printf(
	    out,
	    "set tics font ',%u'\n"
	    "plot data skip 1 using (strcol(1) eq \"%s\" ? $2 : NaN):3:(0.5):(0.5):4 with boxxyerror "
	    "fs solid 1 border lc rgb '#888888' fc palette, \\\n"
	    "  data skip 1 using (strcol(1) eq \"%s\" && $4 > 0 ? $2 : NaN):3:5 with labels font "
	    "',%u' tc rgb '#000000'\nunset label\nunset object\nunset arrow\n",
	    points, c->kernel[i], c->kernel[i], points);
}

static char *script(const struct coverage *c, const struct plot_manifest *m)
{
	struct layout_entry entries[NR_SEEN];
	GString *out = g_string_new(NULL);

	for (u32 i = 0; i < NR_SEEN; i++)
		entries[i] = (struct layout_entry){ LAYOUT_AREA, looks[i].colour, looks[i].meaning };
	layout_head(out, "Windows tasks were in at once", m, false);
	layout_style(out);
	g_string_append_printf(
	    out, "unset grid\nunset colorbox\nset border 0\nset palette maxcolors %d defined (", NR_SEEN);
	for (u32 i = 0; i < NR_SEEN; i++)
		g_string_append_printf(out, "%s%u '%s'", i ? ", " : "", i, looks[i].colour);
	g_string_append_printf(out,
			       ")\nset cbrange [-0.5:%u.5]\nset xrange [-0.5:%u.5]\nset yrange [%u.5:-0.5]\n",
			       NR_SEEN - 1, c->windows - 1, c->windows - 1);
	append_tics(out, c);
	g_string_append(out, "set multiplot\n");
	layout_legend(out, entries, NR_SEEN, LAYOUT_LEGEND);
	for (u32 i = 0; i < c->kernels; i++)
		append_panel(out, c, i);
	g_string_append(out, "unset multiplot\n");
	return g_string_free(out, FALSE);
}

bool coverage_draw(const char *folder, struct plot_text *text, GError **error)
{
	char *path = g_build_filename(folder, "windows.csv", NULL);
	struct csv *csv = csv_load(path, error);
	struct coverage c = { .data = g_string_new("kernel,column,row,value,mark\n") };
	struct plot_manifest manifest;
	bool good = csv && read_all(&c, csv, path, error) && plot_manifest_load(&manifest, folder, error);

	if (good) {
		text->data = g_strdup(c.data->str);
		text->script = script(&c, &manifest);
		plot_manifest_release(&manifest);
	}
	g_string_free(c.data, TRUE);
	csv_free(csv);
	g_free(path);
	return good;
}
