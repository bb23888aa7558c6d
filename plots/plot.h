/*
 * plot.h - pictures from result folders: one recipe a file.
 *
 * A recipe reads files of a result folder and writes two texts: NAME.csv, the figures that are drawn, and
 * NAME.gp, a gnuplot script that draws them into NAME.svg and NAME.png. Who wants another picture edits the
 * script and runs gnuplot on it. Recipes know nothing of the simulator; docs/results.md describes what they
 * read.
 */
#ifndef PLOTS_PLOT_H
#define PLOTS_PLOT_H

#include <glib.h>

#include "sim/types.h"

struct plot_text {
	char *data;   /* NAME.csv */
	char *script; /* NAME.gp, without what plot_write() puts before it */
	u32 height;   /* pixels; 0: LAYOUT_HEIGHT */
};

struct plot {
	const char *name;
	const char *summary;
	const char *reads; /* the file it needs most; where one of two will do, with " or " between them */
	const char *of;	   /* what leaves such a folder behind, for people */
	/* False and ERROR_IO when the folder has not got what it takes. */
	bool (*draw)(const char *folder, struct plot_text *text, GError **error);
};

const struct plot *plot_list(u32 *n);
const struct plot *plot_find(const char *name);

/* Of the files of a plot: gp, csv, svg, png; ends with NULL. */
extern const char *const plot_suffixes[];
/* Behind the name of a plot, in that of its csv, if results have a file of the plot's name. */
#define PLOT_DATA "-data"

/*
 * Draws a plot of result folder @folder. @outputs, ending with NULL, are files whose names end in .svg or
 * .png; .gp and .csv stand beside the first of them. None, or NULL: NAME.svg and NAME.png in the folder.
 * ERROR_IO, also when gnuplot is missing; then script and data are there all the same. ERROR_USAGE for other
 * names.
 */
bool plot_write(const struct plot *plot, const char *folder, const char *const *outputs, GError **error);

#endif
