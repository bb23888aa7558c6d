/*
 * compare.c - swapsim compare: kernels side by side.
 */
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/compare_folder.h"
#include "cli/load.h"
#include "sim/units.h"

enum { SEEDS = INTERVAL_LEAST };

struct compare_options {
	char *kernels;
	char *seeds;
	char **set;
	char *sweep;
	char *output;
	char *measured;
	char *format;
	char *ties;
	char **fail_if;
	char *figures;
	int jobs;
	gboolean series;
	gboolean force;
	gboolean quiet;
};

static const GOptionEntry options[] = {
	{ "kernel", 'k', 0, G_OPTION_ARG_STRING, OPTION(struct compare_options, kernels),
	  "releases, the first is the reference", "A,B,..." },
	{ "seeds", 's', 0, G_OPTION_ARG_STRING, OPTION(struct compare_options, seeds),
	  "that many from the scenario's on, or from A to B", "N|A..B" },
	{ "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, OPTION(struct compare_options, set),
	  "change the scenario: machine.cpus=4", "PATH=VALUE" },
	{ "sweep", 0, 0, G_OPTION_ARG_STRING, OPTION(struct compare_options, sweep),
	  "run it with every value", "PATH=V,W,..." },
	{ "output", 'o', 0, G_OPTION_ARG_FILENAME, OPTION(struct compare_options, output),
	  "write a result folder", "DIR" },
	{ "series", 0, 0, G_OPTION_ARG_NONE, OPTION(struct compare_options, series),
	  "write the time series of the first seed into it", NULL },
	{ "measured", 0, 0, G_OPTION_ARG_FILENAME, OPTION(struct compare_options, measured),
	  "copy what real kernels did into it, for plot cliff", "FILE" },
	{ "force", 'f', 0, G_OPTION_ARG_NONE, OPTION(struct compare_options, force),
	  "replace a result folder that is there", NULL },
	{ "format", 0, 0, G_OPTION_ARG_STRING, OPTION(struct compare_options, format),
	  "table (default), json, csv or markdown", "F" },
	{ "figures", 0, 0, G_OPTION_ARG_STRING, OPTION(struct compare_options, figures),
	  "print these only; CGROUP:A is that of one cgroup", "A,B,..." },
	{ "fail-if", 0, 0, G_OPTION_ARG_STRING_ARRAY, OPTION(struct compare_options, fail_if),
	  "exit with 6 if a median is above (>) or below (<) a number, or % of the first kernel's",
	  "FIGURE>N[%]" },
	{ "ties", 0, 0, G_OPTION_ARG_STRING, OPTION(struct compare_options, ties),
	  "order of events of one time: fifo (default), lifo, seed", "T" },
	{ "jobs", 'j', 0, G_OPTION_ARG_INT, OPTION(struct compare_options, jobs),
	  "runs at once (default: one per processor)", "N" },
	{ "quiet", 'q', 0, G_OPTION_ARG_NONE, OPTION(struct compare_options, quiet), "no progress on stderr",
	  NULL },
	{ 0 },
};

const struct usage compare_usage = {
	.command = "compare",
	.arguments = "FILE",
	.summary = "Runs a scenario on every kernel with every seed (and every value of a swept parameter)\n"
		   "and prints medians side by side.",
	.more = "Examples:\n"
		"  swapsim compare demo --kernel 6.17,6.18 --seeds 1..8 --format markdown\n"
		"  swapsim compare demo --kernel 6.18 --sweep cgroups[0].memory.max=100%,75%,50% -o "
		"results/sweep\n"
		"  swapsim compare demo --kernel 6.17,6.18 --fail-if 'lock_wait_ns>100%'",
	.options = options,
	.least = 1,
	.most = 1,
};

static bool make_request(const struct compare_options *o, const char *file, struct comparison_request *q,
			 enum table_format *format, GError **error)
{
	*q = (struct comparison_request){
		.file = file,
		.sets = (const char *const *)o->set,
		.seeds = { .own = true, .count = o->sweep ? 1 : SEEDS },
		.sweep = o->sweep,
		.conditions = (const char *const *)o->fail_if,
		.quiet = o->quiet,
	};
	return parse_jobs(o->jobs, &q->jobs, error) && parse_seeds(o->seeds, &q->seeds, error) &&
	       parse_ties(o->ties, &q->ties, error) && parse_format(o->format, format, error) &&
	       (!o->figures || parse_names("--figures", o->figures, &q->figures, error)) &&
	       (!o->kernels || parse_names("--kernel", o->kernels, &q->kernels, error));
}

/* What goes into the folder beside what always does. */
struct extras {
	char *measured;
	bool series;
};

static bool read_extras(const struct compare_options *o, struct extras *extras, GError **error)
{
	const char *option = o->series ? "--series" : "--measured";

	extras->series = o->series;
	if (!o->output && (o->series || o->measured)) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE,
			    "compare: %s: into which folder? (--output DIR)", option);
		return false;
	}
	if (o->series && o->sweep) {
		g_set_error_literal(error, SWAPSIM_ERROR, ERROR_USAGE,
				    "compare: --series: not of a sweep (run one value of it: --set)");
		return false;
	}
	if (!o->measured || g_file_get_contents(o->measured, &extras->measured, NULL, NULL))
		return true;
	g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: cannot be read", o->measured);
	return false;
}

static bool add_extras(const struct extras *extras, const struct comparison *c, struct folder *folder,
		       GError **error)
{
	bool good = !extras->measured || folder_add(folder, "measured.csv", extras->measured, error);

	if (good && extras->series) {
		char *text = comparison_series_csv(c);

		good = folder_add(folder, "series.csv", text, error);
		g_free(text);
	}
	return good;
}

static bool compare(const struct compare_options *o, const char *file, GError **error)
{
	enum table_format format = TABLE_TEXT;
	struct comparison_request request;
	struct comparison c = { 0 };
	struct folder *folder = NULL;
	struct extras extras = { 0 };
	bool good = make_request(o, file, &request, &format, error) && read_extras(o, &extras, error) &&
		    comparison_init(&c, &request, error);

	if (good && o->output) {
		folder = folder_begin(o->output, o->force, error);
		good = folder;
	}
	for (u32 v = 0; good && !o->quiet && v < c.values; v++)
		print_warnings(c.scenario[v]);
	good = good && comparison_go(&c, error) && add_extras(&extras, &c, folder, error) &&
	       comparison_finish(&c, "compare", folder, format, error) &&
	       comparison_check(&c, (const char *const *)o->fail_if, error);
	g_free(extras.measured);
	folder_free(folder);
	comparison_release(&c);
	g_strfreev(request.kernels);
	g_strfreev(request.figures);
	return good;
}

bool command_compare(int argc, char **argv, GError **error)
{
	struct compare_options o = { 0 };
	bool good = arguments_parse(&compare_usage, &o, &argc, &argv, error) && compare(&o, argv[1], error);

	arguments_release(&compare_usage, &o);
	return good;
}
