/*
 * published.c - swapsim published: what was published of two kernels, beside what comes of the same here.
 */
#include <string.h>

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/folder.h"
#include "cli/published_report.h"
#include "cli/result_files.h"

enum { SEEDS = 3, FIRST_SEED = 1 };

struct published_options {
	char *scenarios;
	char *seeds;
	char **set;
	char *output;
	char *format;
	gboolean force;
	gboolean quiet;
	int jobs;
};

static const GOptionEntry options[] = {
	{ "scenario", 0, 0, G_OPTION_ARG_STRING, OPTION(struct published_options, scenarios),
	  "only rows of these scenarios", "A,B,..." },
	{ "seeds", 's', 0, G_OPTION_ARG_STRING, OPTION(struct published_options, seeds),
	  "that many, or from A to B; default 3, more if a row says so", "N|A..B" },
	{ "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, OPTION(struct published_options, set),
	  "change every scenario: machine.cpu=vm", "PATH=VALUE" },
	{ "output", 'o', 0, G_OPTION_ARG_FILENAME, OPTION(struct published_options, output),
	  "write a result folder", "DIR" },
	{ "force", 'f', 0, G_OPTION_ARG_NONE, OPTION(struct published_options, force),
	  "replace a result folder that is there", NULL },
	{ "format", 0, 0, G_OPTION_ARG_STRING, OPTION(struct published_options, format),
	  "table (default), json, csv or markdown", "F" },
	{ "jobs", 'j', 0, G_OPTION_ARG_INT, OPTION(struct published_options, jobs),
	  "runs at once (default: one per processor)", "N" },
	{ "quiet", 'q', 0, G_OPTION_ARG_NONE, OPTION(struct published_options, quiet),
	  "no progress on stderr", NULL },
	{ 0 },
};

const struct usage published_usage = {
	.command = "published",
	.arguments = "[DIR]",
	.summary = "Runs what was measured of two kernels, in small, and prints the changes that were "
		   "published beside\n"
		   "the simulated ones. DIR has rows.csv and the scenarios it names. Without it: what "
		   "swapsim brings\n"
		   "along.",
	.more = "Examples:\n"
		"  swapsim published --scenario usemem-memcg\n"
		"  swapsim published --seeds 6 --output results/published && swapsim plot published "
		"results/published\n"
		"docs/published.md says how a table became a scenario, and what the verdicts are.",
	.options = options,
	.most = 1,
};

static bool write_folder(struct folder *folder, const struct published_run *run, const char *dir,
			 GError **error)
{
	char *rows = published_csv(run);
	char *manifest = seeds_manifest_json("published", dir, hash_bytes(rows, strlen(rows), 0), &run->seeds,
					     !run->interrupted);
	bool good = folder_add(folder, "changes.csv", rows, error) &&
		    folder_add(folder, "manifest.json", manifest, error) && folder_finish(folder, error);

	g_free(rows);
	g_free(manifest);
	return good;
}

static bool print_report(const struct published_run *run, enum table_format format, GError **error)
{
	char *text = published_report(run, format);
	bool good = print_whole(text, run->interrupted, error);

	g_free(text);
	return good;
}

static bool published(const struct published_options *o, const char *dir, GError **error)
{
	struct published_run run = { .seeds = { true, FIRST_SEED, SEEDS },
				     .more_seeds = !o->seeds,
				     .sets = (const char *const *)o->set,
				     .progress = !o->quiet };
	struct published_rows rows = { 0 };
	enum table_format format = TABLE_TEXT;
	struct folder *folder = NULL;
	bool good = parse_format(o->format, &format, error) && parse_seeds(o->seeds, &run.seeds, error) &&
		    parse_jobs(o->jobs, &run.jobs, error) &&
		    (!o->scenarios || parse_names("--scenario", o->scenarios, &run.scenarios, error)) &&
		    published_rows_load(&rows, dir, error);

	if (good && o->output) {
		folder = folder_begin(o->output, o->force, error);
		good = folder;
	}
	run.rows = &rows;
	good = good && published_run_go(&run, error) &&
	       (!folder || write_folder(folder, &run, o->output, error)) && print_report(&run, format, error);
	folder_free(folder);
	published_run_release(&run);
	published_rows_release(&rows);
	g_strfreev(run.scenarios);
	return good;
}

bool command_published(int argc, char **argv, GError **error)
{
	struct published_options o = { 0 };
	char *bundled = g_build_filename(data_dir(), "scenarios", "published", NULL);
	bool good = arguments_parse(&published_usage, &o, &argc, &argv, error) &&
		    published(&o, argc > 1 ? argv[1] : bundled, error);

	g_free(bundled);
	arguments_release(&published_usage, &o);
	return good;
}
