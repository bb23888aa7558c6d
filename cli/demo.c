/*
 * demo.c - swapsim demo: what this is for, in a minute.
 */
#include <stdio.h>

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/compare_folder.h"
#include "plots/plot.h"

struct demo_options {
	char *output;
	gboolean force;
};

static const GOptionEntry options[] = {
	{ "output", 'o', 0, G_OPTION_ARG_FILENAME, OPTION(struct demo_options, output),
	  "result folder (default results/demo)", "DIR" },
	{ "force", 'f', 0, G_OPTION_ARG_NONE, OPTION(struct demo_options, force),
	  "replace a result folder that is there", NULL },
	{ 0 },
};

const struct usage demo_usage = {
	.command = "demo",
	.arguments = "",
	.summary = "Runs eight threads of a recorded program out of memory: linux 6.17 beside 6.18 as a "
		   "table, then both\n"
		   "over a range of memory limits as a picture.",
	.options = options,
	.least = 0,
	.most = 0,
};

enum { SEEDS = 3 };

/* 110 % holds the data and all that is charged beside it. */
static const char sweep[] = "cgroups[0].memory.max=110%,100%,80%,60%,50%,45%,40%,37%,34%,31%,28%,25%";

static bool compare_kernels(bool with_sweep, struct folder *folder, GError **error)
{
	char **kernels = g_strsplit("6.17,6.18", ",", -1);
	const struct comparison_request request = {
		.file = "demo",
		.kernels = kernels,
		.seeds = { .own = true, .count = with_sweep ? 1 : SEEDS },
		.sweep = with_sweep ? sweep : NULL,
	};
	struct comparison c;
	bool good = comparison_init(&c, &request, error) && comparison_go(&c, error) &&
		    comparison_finish(&c, "demo", folder, TABLE_TEXT, error);

	comparison_release(&c);
	g_strfreev(kernels);
	return good;
}

static bool say_what_next(const char *output, GError **error)
{
	char *text =
	    g_strdup_printf("\nPictures: %s/thrashing.svg, %s/thrashing.png\n"
			    "Next:\n"
			    "  swapsim run demo --set cgroups[0].memory.max=70%% --output results/mine\n"
			    "  swapsim plot latency results/mine\n"
			    "  swapsim compare swap-race --kernel 6.17,6.18 --seeds 1..50 --format markdown\n"
			    "  swapsim list scenarios\n",
			    output, output);
	bool good = print_result(text, error);

	g_free(text);
	return good;
}

static bool demo(const char *output, bool force, GError **error)
{
	struct folder *folder = folder_begin(output, force, error);
	bool good = folder && compare_kernels(false, NULL, error) && print_result("\n", error) &&
		    compare_kernels(true, folder, error) &&
		    plot_write(plot_find("thrashing"), output, NULL, error) && say_what_next(output, error);

	folder_free(folder);
	return good;
}

bool command_demo(int argc, char **argv, GError **error)
{
	struct demo_options o = { 0 };
	bool good = arguments_parse(&demo_usage, &o, &argc, &argv, error) &&
		    demo(o.output ? o.output : "results/demo", o.force, error);

	arguments_release(&demo_usage, &o);
	return good;
}
