/*
 * plot.c - swapsim plot: pictures of a result folder.
 */
#include "plots/plot.h"

#include <stdio.h>

#include "cli/arguments.h"
#include "cli/cli.h"
#include "sim/suggest.h"

struct plot_options {
	char **output;
};

static char *describe_plots(void)
{
	GString *text = g_string_new("Plots:\n");
	u32 n;
	const struct plot *plots = plot_list(&n);

	for (u32 i = 0; i < n; i++)
		g_string_append_printf(text, "  %-18s%s; of %s\n", plots[i].name, plots[i].summary,
				       plots[i].of);
	g_string_append(
	    text,
	    "\nBeside the pictures stand NAME.csv, the figures drawn (NAME-data.csv, if the results have\n"
	    "a NAME.csv), and NAME.gp, the gnuplot script.");
	return g_string_free(text, FALSE);
}

static const GOptionEntry options[] = {
	{ "output", 'o', 0, G_OPTION_ARG_FILENAME_ARRAY, OPTION(struct plot_options, output),
	  "where to, as often as needed (default: DIR/PLOT.svg and .png)", "FILE.svg|.png" },
	{ 0 },
};

const struct usage plot_usage = {
	.command = "plot",
	.arguments = "PLOT DIR",
	.summary = "Draws a picture from the files of a result folder. Needs gnuplot.",
	.describe = describe_plots,
	.options = options,
	.least = 2,
	.most = 2,
};

static const struct plot *find_plot(const char *name, GError **error)
{
	const struct plot *plot = plot_find(name);
	const struct plot *plots;
	const char **names;
	const char *near;
	u32 n;

	if (plot)
		return plot;
	plots = plot_list(&n);
	names = g_new0(const char *, n + 1);
	for (u32 i = 0; i < n; i++)
		names[i] = plots[i].name;
	near = suggest(name, names);
	g_free(names);
	g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE, "plot: no plot is called %s (%s%s%s)", name,
		    near ? "did you mean " : "swapsim list plots", near ? near : "", near ? "?" : "");
	return NULL;
}

bool command_plot(int argc, char **argv, GError **error)
{
	struct plot_options o = { 0 };
	const struct plot *plot = NULL;
	bool good = arguments_parse(&plot_usage, &o, &argc, &argv, error);

	if (good)
		plot = find_plot(argv[1], error);
	good = plot && plot_write(plot, argv[2], (const char *const *)o.output, error);
	arguments_release(&plot_usage, &o);
	return good;
}
