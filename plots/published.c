/*
 * published.c - the changes that were published, and what came of them in simulation: a line a row of
 * changes.csv, on it a diamond for what was published and a dot for the simulated one with the range over
 * seeds. Filled dots are what was asked of a change of that size; the grey band around a diamond reaches from
 * half of the published change to twice it.
 */
#include <string.h>

#include "plots/fidelity_rows.h"
#include "plots/gnuplot.h"
#include "plots/layout.h"
#include "plots/recipes.h"
#include "sim/error.h"

enum { LINES_MOST = 60, LEFT = 250, LEFT_MOST = 500, MARGIN = 15, RIGHT = 800, TEXT = 812 };
enum { ONE = 1000000, NARROWEST = 10, BOTTOM = 135, TOP = 875, LINE_PIXELS = 17, POINTS = 11 };

enum column { SCENARIO, WHAT, SECOND, PUBLISHED, SIMULATED, LEAST, MOST, VERDICT, MET, COLUMNS };
static const char *const names[COLUMNS] = { "scenario",		  "what",	   "second",
					    "published_ppm",	  "simulated_ppm", "simulated_ppm_least",
					    "simulated_ppm_most", "verdict",	   "met" };

struct line {
	char *name;
	s64 published, simulated, least, most; /* millionths */
	bool met;
};

struct lines {
	struct line line[LINES_MOST];
	u32 n;
	u64 widest; /* percent, without sign */
};

static bool read_signed(const struct csv *csv, const char *path, u32 row, u32 column, s64 *value,
			GError **error)
{
	gint64 number = 0;

	if (!g_ascii_string_to_signed(csv_cell(csv, row, column), 10, INT64_MIN / ONE, INT64_MAX / ONE,
				      &number, NULL)) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s:%u: %s is '%s' (a whole number expected)",
			    path, row + 2, csv->cell[column], csv_cell(csv, row, column));
		return false;
	}
	*value = number;
	return true;
}

static bool add_line(struct lines *l, const struct csv *csv, const char *path, const u32 *column, u32 row,
		     GError **error)
{
	struct line *line = &l->line[l->n];
	const char *verdict = csv_cell(csv, row, column[VERDICT]);

	if (!strcmp(verdict, "not run"))
		return true;
	if (l->n == LINES_MOST) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: more rows than a picture shows (at most %d)",
			    path, LINES_MOST);
		return false;
	}
	if (!read_signed(csv, path, row, column[PUBLISHED], &line->published, error) ||
	    !read_signed(csv, path, row, column[SIMULATED], &line->simulated, error) ||
	    !read_signed(csv, path, row, column[LEAST], &line->least, error) ||
	    !read_signed(csv, path, row, column[MOST], &line->most, error))
		return false;
	line->met = !strcmp(csv_cell(csv, row, column[MET]), "yes");
	line->name = g_strdup_printf("%s, %s: %s", csv_cell(csv, row, column[SECOND]),
				     csv_cell(csv, row, column[SCENARIO]), csv_cell(csv, row, column[WHAT]));
	l->widest = MAX(l->widest, (u64)MAX(ABS(line->published), ABS(line->simulated)) / (ONE / 100));
	l->n++;
	return true;
}

static bool read_lines(struct lines *l, const char *folder, GError **error)
{
	char *path = g_build_filename(folder, "changes.csv", NULL);
	struct csv *csv = csv_load(path, error);
	u32 column[COLUMNS];
	bool good = csv;

	for (u32 i = 0; good && i < COLUMNS; i++)
		good = csv_column(csv, path, names[i], &column[i], error);
	for (u32 row = 0; good && row < csv->rows; row++)
		good = add_line(l, csv, path, column, row, error);
	if (good && !l->n) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: no row was run", path);
		good = false;
	}
	csv_free(csv);
	g_free(path);
	return good;
}

static void append_percent(GString *out, s64 millionths)
{
	u64 size = (u64)ABS(millionths);

	g_string_append_printf(out, ",%s%" G_GUINT64_FORMAT ".%04u", millionths < 0 ? "-" : "",
			       size / (ONE / 100), (u32)(size % (ONE / 100)));
}

static char *data(const struct lines *l)
{
	GString *out = g_string_new("place,row,published,half,twice,simulated,least,most,met\n");

	for (u32 i = 0; i < l->n; i++) {
		const struct line *line = &l->line[i];

		g_string_append_printf(out, "%u,", i + 1);
		csv_append(out, line->name);
		append_percent(out, line->published);
		append_percent(out, line->published / 2);
		append_percent(out, line->published * 2);
		append_percent(out, line->simulated);
		append_percent(out, line->least);
		append_percent(out, line->most);
		g_string_append_printf(out, ",%u\n", line->met);
	}
	return g_string_free(out, FALSE);
}

/* Of a picture in which the lines do not touch. */
static u32 height_of(const struct lines *l)
{
	return MAX(l->n * LINE_PIXELS * 1000 / (TOP - BOTTOM), LAYOUT_HEIGHT);
}

static void append_tenths(GString *out, s64 millionths)
{
	u64 tenths = ((u64)ABS(millionths) + ONE / 2000) / (ONE / 1000);

	g_string_append_printf(out, "%s%" G_GUINT64_FORMAT ".%u %%",
			       !tenths		? ""
			       : millionths < 0 ? "-"
						: "+",
			       tenths / 10, (u32)(tenths % 10));
}

static void append_texts(GString *out, const struct lines *l)
{
	for (u32 i = 0; i < l->n; i++) {
		const struct line *line = &l->line[i];

		g_string_append(out, "set label '");
		append_tenths(out, line->published);
		g_string_append(out, ", here ");
		append_tenths(out, line->simulated);
		g_string_append_printf(out, "' at screen 0.%03u, first %u left font ',%u' textcolor '%s'\n",
				       TEXT, i + 1, POINTS, line->met ? "#0072B2" : "#666666");
	}
}

/* Names stand to the left of it. */
static u32 left_of(const struct lines *l)
{
	u32 left = LEFT;

	for (u32 i = 0; i < l->n; i++)
		left = MAX(left, layout_text_width(l->line[i].name, POINTS) * 1000 / LAYOUT_WIDTH + MARGIN);
	return MIN(left, LEFT_MOST);
}

static void append_axes(GString *out, const struct lines *l)
{
	const struct layout_box box = { left_of(l), RIGHT, BOTTOM, TOP };
	u64 widest = MAX(l->widest + l->widest / 10, NARROWEST);

	layout_margins(out, &box);
	g_string_append(out, "set ytics (");
	for (u32 i = 0; i < l->n; i++) {
		g_string_append(out, i ? ", " : "");
		gnuplot_string(out, l->line[i].name);
		g_string_append_printf(out, " %u", i + 1);
	}
	g_string_append_printf(out,
			       ") noenhanced scale 0 font ',%u'\nset yrange [%u.5:0.5]\n"
			       "most = %" G_GUINT64_FORMAT ".\nset xrange [-most:most]\n"
			       "clip(x) = x < -most ? -most : x > most ? most : x\n"
			       "set arrow from 0, graph 0 to 0, graph 1 nohead lc '#444444' lw 2\n"
			       "set xlabel 'change, %%' offset 0,0.3\n",
			       POINTS, l->n, widest);
}

static void append_marks(GString *out)
{
	static const struct layout_entry legend[] = {
		{ LAYOUT_LINE, "#444444", "published (band: half to twice)" },
		{ LAYOUT_LINE, "#0072B2", "simulated (hollow: not what was asked)" },
	};
	layout_legend(out, legend, ARRAY_SIZE(legend), LAYOUT_LEGEND);
	g_string_append(
	    out,
	    "plot data skip 1 using (clip($3)):1:(clip($4)):(clip($5)) with xerrorbars pt 0 lc '#cccccc' lw "
	    "6, \\\n"
	    " data skip 1 using (clip($3)):1 with points pt 13 ps 1.3 lc '#444444', \\\n"
	    " data skip 1 using (clip($6)):1:(clip($7)):(clip($8)) with xerrorbars pt 0 lc '#0072B2' lw 2, "
	    "\\\n"
	    " data skip 1 using (clip($6)):1 with points pt 7 ps 1.2 lc '#ffffff', \\\n"
	    " data skip 1 using ($9 == 1 ? clip($6) : NaN):1 with points pt 7 ps 1.2 lc '#0072B2', \\\n"
	    " data skip 1 using ($9 == 1 ? NaN : clip($6)):1 with points pt 6 ps 1.2 lw 2 lc '#0072B2'\n");
}

bool published_draw(const char *folder, struct plot_text *text, GError **error)
{
	struct lines l = { 0 };
	GString *out = g_string_new(NULL);
	bool good = read_lines(&l, folder, error) &&
		    fidelity_head(out, folder, "Published changes, and what came of them here", error);

	if (good) {
		layout_style(out);
		append_axes(out, &l);
		append_texts(out, &l);
		append_marks(out);
		text->data = data(&l);
		text->height = height_of(&l);
		text->script = g_strdup(out->str);
	}
	g_string_free(out, TRUE);
	for (u32 i = 0; i < l.n; i++)
		g_free(l.line[i].name);
	return good;
}
