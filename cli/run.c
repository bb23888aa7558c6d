/*
 * run.c - swapsim run: one scenario, once.
 */
#include <stdio.h>

#include "cli/arguments.h"
#include "cli/batch.h"
#include "cli/cgroup_stat.h"
#include "cli/cli.h"
#include "cli/event_log.h"
#include "cli/first_difference.h"
#include "cli/folder.h"
#include "cli/load.h"
#include "cli/quantity.h"
#include "cli/report.h"
#include "cli/result_files.h"

struct run_options {
	char *kernel;
	char *seed;
	char **set;
	char *output;
	char *format;
	char *ties;
	gboolean force;
	gboolean print_effective;
	gboolean check_determinism;
	gboolean every_step;
	gboolean events;
	gboolean slots;
	gboolean audit;
	char *stat;
	gboolean quiet;
};

static const GOptionEntry options[] = {
	{ "kernel", 'k', 0, G_OPTION_ARG_STRING, OPTION(struct run_options, kernel),
	  "release, and patches: 6.18+table-alloc=v3", "K" },
	{ "seed", 's', 0, G_OPTION_ARG_STRING, OPTION(struct run_options, seed),
	  "seed of all that is left to chance", "N" },
	{ "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, OPTION(struct run_options, set),
	  "change the scenario: machine.cpus=4", "PATH=VALUE" },
	{ "output", 'o', 0, G_OPTION_ARG_FILENAME, OPTION(struct run_options, output),
	  "write a result folder", "DIR" },
	{ "force", 'f', 0, G_OPTION_ARG_NONE, OPTION(struct run_options, force),
	  "replace a result folder that is there", NULL },
	{ "format", 0, 0, G_OPTION_ARG_STRING, OPTION(struct run_options, format),
	  "table (default), json, csv or markdown", "F" },
	{ "print-effective", 0, 0, G_OPTION_ARG_NONE, OPTION(struct run_options, print_effective),
	  "print the scenario with all defaults, run nothing", NULL },
	{ "check-determinism", 0, 0, G_OPTION_ARG_NONE, OPTION(struct run_options, check_determinism),
	  "run twice, name the first difference", NULL },
	{ "ties", 0, 0, G_OPTION_ARG_STRING, OPTION(struct run_options, ties),
	  "order of events of one time: fifo (default), lifo, seed", "T" },
	{ "every-step", 0, 0, G_OPTION_ARG_NONE, OPTION(struct run_options, every_step),
	  "one event per access and step: slow, same result", NULL },
	{ "events", 0, 0, G_OPTION_ARG_NONE, OPTION(struct run_options, events),
	  "write every step into the result folder (large)", NULL },
	{ "slots", 0, 0, G_OPTION_ARG_NONE, OPTION(struct run_options, slots),
	  "write what is in every cluster into the result folder (large)", NULL },
	{ "audit", 0, 0, G_OPTION_ARG_NONE, OPTION(struct run_options, audit),
	  "check lock order, contexts and invariants at every step: slow", NULL },
	{ "stat", 0, 0, G_OPTION_ARG_STRING, OPTION(struct run_options, stat),
	  "print the files of a cgroup, as they stand at the end", "CGROUP" },
	{ "quiet", 'q', 0, G_OPTION_ARG_NONE, OPTION(struct run_options, quiet),
	  "no progress and notes on stderr", NULL },
	{ 0 },
};

const struct usage run_usage = {
	.command = "run",
	.arguments = "FILE",
	.summary =
	    "Runs a scenario and prints its figures. FILE is a scenario, or the name of a bundled one.",
	.more = "Examples:\n"
		"  swapsim run demo --kernel 6.17\n"
		"  swapsim run mine.json --set cgroups[0].memory.max=64MiB --output results/mine\n"
		"  swapsim run mine.json --format json",
	.options = options,
	.least = 1,
	.most = 1,
};

static bool write_folder(struct folder *folder, const struct scenario *s, const struct batch *b,
			 GError **error)
{
	const struct run_result *r = b->run[0].result;
	struct manifest manifest = { .command = "run", .scenario = s, .batch = b, .complete = r->complete };
	const struct {
		const char *name;
		char *text;
	} file[] = {
		{ "scenario.json", scenario_effective(s) },
		{ "summary.json", summary_json(s, r) },
		{ "series.csv", series_csv(r) },
		{ "cgroups.csv", cgroups_csv(r) },
		{ "oom.csv", oom_csv(r) },
		{ "hist.csv", hist_csv(r->latency) },
		{ "hist_pages.csv", hist_pages_csv(r->refault) },
		{ "slots.csv", r->clusters ? slots_csv(r) : NULL },
		{ "manifest.json", manifest_json(&manifest) },
	};
	bool good = true;

	for (u32 i = 0; i < ARRAY_SIZE(file); i++) {
		good = good && (!file[i].text || folder_add(folder, file[i].name, file[i].text, error));
		g_free(file[i].text);
	}
	return good && folder_finish(folder, error);
}

static char *in_format(const struct run_options *o, const struct scenario *s, const struct run_result *r,
		       enum table_format format)
{
	struct table *t;
	char *text;

	if (o->stat)
		return cgroup_stat(r, scenario_memcg(s, o->stat));
	if (format == TABLE_JSON)
		return summary_json(s, r);
	if (format != TABLE_CSV)
		return report_write(s, r, format);
	t = report_figures(r);
	text = table_write(t, format);
	table_free(t);
	return text;
}

static bool check_determinism(const struct scenario *s, const struct batch *b, GError **error)
{
	const struct run_result *r = b->run[0].result, *again = b->run[1].result;
	char *where;

	if (!r->complete || !again->complete)
		return true;
	if (r->fingerprint_events == again->fingerprint_events &&
	    r->fingerprint_counts == again->fingerprint_counts)
		return true;
	where = first_difference(s, &b->run[0].options, &b->run[1].options, error);
	if (!where && error && *error)
		return false;
	g_set_error(error, SWAPSIM_ERROR, ERROR_FINDING, "two runs differ: %s",
		    where ? where : "and do not when compared step by step");
	g_free(where);
	return false;
}

/* When a run ends nobody knows beforehand, unless it is told to stop. */
static void warn_of_operations(const struct scenario *s, const struct run_result *r)
{
	u32 first = 0, n = scenario_operations_behind(s, r->time_ns, &first);
	char *end;

	if (!n)
		return;
	end = quantity(r->time_ns, UNIT_NS);
	fprintf(stderr, "swapsim: warning: operations[%u]", first);
	if (n > 1)
		fprintf(stderr, " and %u more", n - 1);
	fprintf(stderr, ": the run was over before, at %s (expected an earlier \"at\", or more work)\n", end);
	g_free(end);
}

static bool finish(const struct run_options *o, const struct scenario *s, struct batch *b,
		   struct folder *folder, enum table_format format, GError **error)
{
	char *text;
	bool good;

	if (!b->run[0].result) {
		g_set_error_literal(error, SWAPSIM_ERROR, ERROR_INTERRUPTED,
				    "interrupted before the run began");
		return false;
	}
	if (o->check_determinism && !check_determinism(s, b, error))
		return false;
	if (folder && !write_folder(folder, s, b, error))
		return false;
	text = in_format(o, s, b->run[0].result, format);
	good = print_whole(text, b->interrupted, error);
	g_free(text);
	if (!good)
		return false;
	if (o->check_determinism && !o->quiet)
		fprintf(stderr, "swapsim: run: two runs, one result\n");
	if (!o->quiet)
		warn_of_operations(s, b->run[0].result);
	return true;
}

/* Every step of the first run goes into @log_folder, if there is one. */
static bool go(struct batch *b, const struct folder *log_folder, GError **error)
{
	char *file = log_folder ? folder_path(log_folder, EVENT_LOG_FILE) : NULL;
	struct event_log *log = NULL;
	bool good = true;

	if (file) {
		log = event_log_open(file, error);
		good = log != NULL;
	}
	if (log)
		event_log_attach(log, &b->run[0].options);
	good = good && batch_go(b, error);
	if (log)
		good = event_log_close(log, good ? error : NULL) && good;
	g_free(file);
	return good;
}

static bool run(const struct run_options *o, const struct scenario *s, GError **error)
{
	struct batch_run runs[2] = { { .scenario = s,
				       .options = { .kernel = o->kernel, .seed = scenario_seed(s) } } };
	struct batch batch = { .run = runs, .runs = o->check_determinism ? 2 : 1, .progress = !o->quiet };
	enum table_format format = TABLE_TEXT;
	struct folder *folder = NULL;
	bool good;

	runs[0].options.every_step = o->every_step;
	runs[0].options.audit_steps = o->audit;
	runs[0].options.slots = o->slots;
	if (!check_kernel(o->kernel, error) || !parse_seed("--seed", o->seed, &runs[0].options.seed, error) ||
	    !parse_ties(o->ties, &runs[0].options.ties, error) || !parse_format(o->format, &format, error))
		return false;
	if (o->stat && !scenario_memcg(s, o->stat)) {
		g_set_error(
		    error, SWAPSIM_ERROR, ERROR_USAGE,
		    "run: --stat: the scenario has no cgroup \"%s\" (expected one of its \"cgroups\")",
		    o->stat);
		return false;
	}
	runs[1] = runs[0];
	if ((o->events || o->slots) && !o->output) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE,
			    "run: --%s needs a result folder to write to (--output DIR)",
			    o->events ? "events" : "slots");
		return false;
	}
	if (o->output) {
		folder = folder_begin(o->output, o->force, error);
		if (!folder)
			return false;
	}
	good = go(&batch, o->events ? folder : NULL, error) && finish(o, s, &batch, folder, format, error);
	batch_release_results(&batch);
	folder_free(folder);
	return good;
}

bool command_run(int argc, char **argv, GError **error)
{
	struct run_options o = { 0 };
	struct scenario *s = NULL;
	bool good = arguments_parse(&run_usage, &o, &argc, &argv, error);

	if (good)
		s = load_scenario(argv[1], (const char *const *)o.set, NULL, error);
	if (s && o.print_effective) {
		char *text = scenario_effective(s);

		good = print_result(text, error);
		g_free(text);
	} else if (good) {
		if (s && !o.quiet)
			print_warnings(s);
		good = s && run(&o, s, error);
	}
	scenario_free(s);
	arguments_release(&run_usage, &o);
	return good;
}
