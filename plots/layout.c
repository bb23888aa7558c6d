#include "plots/layout.h"

#include <string.h>

#include "plots/gnuplot.h"

enum { LEAST_POINTS = 9, LEGEND_POINTS = 14, MARK = 34 };

static u32 letters(const char *text)
{
	return g_utf8_validate(text, -1, NULL) ? (u32)g_utf8_strlen(text, -1) : (u32)strlen(text);
}

/* A letter of a sans-serif face is about half its size wide, and a point 4/3 of a pixel. */
u32 layout_text_width(const char *text, u32 points)
{
	return letters(text) * points * 72 / 100;
}

void layout_fit(GString *out, const char *text, u32 pixels, u32 most)
{
	u32 points = most, n = letters(text);
	char *cut = NULL;

	while (points > LEAST_POINTS && layout_text_width(text, points) > pixels)
		points--;
	while (n > 1 && layout_text_width(cut ? cut : text, points) > pixels &&
	       g_utf8_validate(text, -1, NULL)) {
		char *shorter = g_utf8_substring(text, 0, --n);

		g_free(cut);
		cut = g_strconcat(shorter, "…", NULL);
		g_free(shorter);
	}
	gnuplot_string(out, cut ? cut : text);
	g_string_append_printf(out, " font ',%u' noenhanced", points);
	g_free(cut);
}

static u32 pixels_across(u32 from, u32 to)
{
	return (to - from) * LAYOUT_WIDTH / 1000;
}

void layout_head(GString *out, const char *what, const struct plot_manifest *m, bool kernel)
{
	char *title = g_strdup_printf("%s: %s, %s%s%s%s", what, m->workload,
				      strcmp(m->devices, "no swap") ? "swap on " : "", m->devices,
				      kernel ? ", " : "", kernel ? m->kernel : "");

	g_string_append(out, "set label ");
	layout_fit(out, title, pixels_across(LAYOUT_LEFT, LAYOUT_RIGHT), 20);
	g_string_append_printf(out, " at screen 0.%03u,0.955 left\nset label ", LAYOUT_LEFT);
	layout_fit(out, m->caption, pixels_across(20, LAYOUT_RIGHT), 11);
	g_string_append_printf(out, " at screen 0.%03u,0.022 right textcolor '#666666'\n", LAYOUT_RIGHT);
	g_free(title);
}

void layout_style(GString *out)
{
	g_string_append(out, "set border 3 lc '#444444'\nset tics nomirror out scale 0.5\n"
			     "set grid lc '#dddddd' lt 1 lw 1\nunset key\n");
}

static void append_mark(GString *out, const struct layout_entry *entry, u32 x, u32 y)
{
	u32 right = x + MARK * 1000 / LAYOUT_WIDTH;

	if (entry->mark == LAYOUT_AREA)
		g_string_append_printf(out,
				       "set object rectangle from screen 0.%03u,0.%03u to screen "
				       "0.%03u,0.%03u fc rgb '%s' fs solid noborder\n",
				       x, y - 11, right, y + 11, entry->colour);
	else
		g_string_append_printf(out,
				       "set arrow from screen 0.%03u,0.%03u to screen 0.%03u,0.%03u "
				       "nohead lc '%s' lw %s\n",
				       x, y, right, y, entry->colour,
				       entry->mark == LAYOUT_WIDE_LINE ? "8" : "2.5");
}

void layout_legend(GString *out, const struct layout_entry *entries, u32 n, u32 y)
{
	enum { GAP = 8, BETWEEN = 28 };
	u32 most = pixels_across(LAYOUT_LEFT, LAYOUT_RIGHT), taken, points = LEGEND_POINTS + 1;
	u32 x = LAYOUT_LEFT;

	do {
		points--;
		taken = 0;
		for (u32 i = 0; i < n; i++)
			taken += MARK + GAP + BETWEEN + layout_text_width(entries[i].text, points);
	} while (taken > most + BETWEEN && points > LEAST_POINTS);
	for (u32 i = 0; i < n; i++) {
		append_mark(out, &entries[i], x, y);
		x += (MARK + GAP) * 1000 / LAYOUT_WIDTH;
		g_string_append(out, "set label ");
		gnuplot_string(out, entries[i].text);
		g_string_append_printf(out, " at screen 0.%03u,0.%03u left noenhanced font ',%u'\n", x, y,
				       points);
		x += (layout_text_width(entries[i].text, points) + BETWEEN) * 1000 / LAYOUT_WIDTH;
	}
}

static u32 columns_of(u32 n)
{
	return n > 3 ? 2 : 1;
}

static u32 rows_of(u32 n)
{
	return (n + columns_of(n) - 1) / columns_of(n);
}

struct layout_box layout_panel(u32 index, u32 n, u32 margin)
{
	enum { TOP = 880, BOTTOM = 135, HEADING = 45, GAP = 25, BESIDE = 100 };
	u32 columns = columns_of(n), rows = rows_of(n), column = index / rows, row = index % rows;
	u32 height = (TOP - BOTTOM + GAP) / rows - GAP;
	u32 width = (LAYOUT_RIGHT - LAYOUT_LEFT - (columns - 1) * BESIDE) / columns;
	struct layout_box box = { .left = LAYOUT_LEFT + column * (width + BESIDE),
				  .top = TOP - row * (height + GAP) };

	box.right = box.left + width - margin;
	box.bottom = box.top - height;
	box.top -= HEADING;
	return box;
}

bool layout_panel_is_lowest(u32 index, u32 n)
{
	return index + 1 == n || (index + 1) % rows_of(n) == 0;
}

u32 layout_panel_points(u32 n)
{
	return n > 3 ? 12 : 14;
}

void layout_margins(GString *out, const struct layout_box *box)
{
	g_string_append_printf(out,
			       "set lmargin at screen 0.%03u\nset rmargin at screen 0.%03u\n"
			       "set tmargin at screen 0.%03u\nset bmargin at screen 0.%03u\n",
			       box->left, box->right, box->top, box->bottom);
}

void layout_heading(GString *out, const struct layout_box *box, const char *text, u32 points)
{
	g_string_append(out, "set label ");
	layout_fit(out, text, pixels_across(box->left, box->right), points);
	g_string_append_printf(out, " at screen 0.%03u,0.%03u left\n", box->left, box->top + 22);
}
