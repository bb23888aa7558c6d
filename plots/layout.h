/*
 * layout.h - where things stand in a picture of 1280 by 720, or higher: the title and the line that says what
 * was run, a legend, panels under and beside each other. Places are in thousandths of the picture, from its
 * lower left corner; widths of text are estimates that rather err to the wide side, so that nothing overlaps.
 */
#ifndef PLOTS_LAYOUT_H
#define PLOTS_LAYOUT_H

#include <glib.h>

#include "plots/manifest.h"
#include "sim/types.h"

enum { LAYOUT_WIDTH = 1280, LAYOUT_HEIGHT = 720, LAYOUT_LEFT = 95, LAYOUT_RIGHT = 970 };

struct layout_box {
	u32 left, right, bottom, top;
};

/* "WHAT: workload, swap on devices", with the kernel where @kernel; below the picture what ran. */
void layout_head(GString *out, const char *what, const struct plot_manifest *m, bool kernel);

/* What all panels have in common; needed once. */
void layout_style(GString *out);

enum layout_mark { LAYOUT_AREA, LAYOUT_LINE, LAYOUT_WIDE_LINE };

struct layout_entry {
	enum layout_mark mark;
	const char *colour; /* "#0072B2" */
	const char *text;
};

/* Entries side by side, at that height; in objects, arrows and labels without a number. */
enum { LAYOUT_LEGEND = 905 }; /* under the title */
void layout_legend(GString *out, const struct layout_entry *entries, u32 n, u32 y);

/*
 * Box of panel @index of @n, 1 <= n <= LAYOUT_PANELS, in at most two columns, filled column by column, with
 * room for a line of text above each, and for @margin at its right.
 */
enum { LAYOUT_PANELS = 6 };
struct layout_box layout_panel(u32 index, u32 n, u32 margin);
/* No panel stands below it. */
bool layout_panel_is_lowest(u32 index, u32 n);
/* Points of the small text of a panel. */
u32 layout_panel_points(u32 n);
void layout_margins(GString *out, const struct layout_box *box);

/* A line above the panel, made smaller and then cut where it is too long. */
void layout_heading(GString *out, const struct layout_box *box, const char *text, u32 points);

/* Pixels that text takes at most, more or less. */
u32 layout_text_width(const char *text, u32 points);
/* In quotes, followed by the font: as many points as fit in @pixels, from @most down; then cut. */
void layout_fit(GString *out, const char *text, u32 pixels, u32 most);

#endif
