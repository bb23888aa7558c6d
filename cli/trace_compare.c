/*
 * trace_compare.c - swapsim trace compare: a recording of a real kernel beside a simulated run.
 */
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/folder.h"
#include "cli/load.h"
#include "cli/result_files.h"
#include "cli/sequence_report.h"
#include "cli/sequence_run.h"
#include "cli/trace_compare.h"
#include "sim/json_emit.h"

struct compare_options {
	char *kernel;
	char *seed;
	char **set;
	char *comm;
	char *device;
	char *output;
	char *format;
	gboolean force;
};

static const GOptionEntry options[] = {
	{ "kernel", 'k', 0, G_OPTION_ARG_STRING, OPTION(struct compare_options, kernel),
	  "release, and patches: 6.18+table-alloc=v3", "K" },
	{ "seed", 's', 0, G_OPTION_ARG_STRING, OPTION(struct compare_options, seed),
	  "seed of all that is left to chance", "N" },
	{ "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, OPTION(struct compare_options, set),
	  "change the scenario: machine.cpus=4", "PATH=VALUE" },
	{ "comm", 0, 0, G_OPTION_ARG_STRING, OPTION(struct compare_options, comm),
	  "faults and reclaim of tasks with this name only", "NAME" },
	{ "device", 0, 0, G_OPTION_ARG_STRING, OPTION(struct compare_options, device),
	  "requests of this device (default: the one with most)", "MAJOR,MINOR" },
	{ "output", 'o', 0, G_OPTION_ARG_FILENAME, OPTION(struct compare_options, output),
	  "write a result folder", "DIR" },
	{ "force", 'f', 0, G_OPTION_ARG_NONE, OPTION(struct compare_options, force),
	  "replace a result folder that is there", NULL },
	{ "format", 0, 0, G_OPTION_ARG_STRING, OPTION(struct compare_options, format),
	  "table (default), json, csv or markdown", "F" },
	{ 0 },
};

const struct usage trace_compare_usage = {
	.command = "trace compare",
	.arguments = "IN FILE",
	.summary =
	    "Lays a recording of page faults, reclaim and block requests beside a run of scenario FILE: in\n"
	    "which order pages fault, what reclaim takes at a time, how large requests are and which slots\n"
	    "they go to. IN is what perf script, ftrace, trace-cmd or blkparse print; it may be compressed.",
	.more =
	    "Of the recorded faults those are taken that lie where most are, in as many pages as the first\n"
	    "process of the scenario has. plot recording draws the folder.",
	.options = options,
	.least = 2,
	.most = 2,
};

static char *manifest_text(const struct scenario *s, u64 seed)
{
	struct json_emit emit;

	json_emit_init(&emit);
	json_emit_open(&emit, NULL, '{');
	emit_manifest_scenario(&emit, "trace compare", s);
	json_emit_raw(&emit, "complete", "true");
	json_emit_open(&emit, "runs", '[');
	json_emit_open(&emit, NULL, '{');
	json_emit_number(&emit, "seed", seed);
	json_emit_close(&emit, '{');
	json_emit_close(&emit, '[');
	json_emit_close(&emit, '{');
	return json_emit_finish(&emit);
}

static bool write_folder(struct folder *folder, const struct scenario *s, u64 seed,
			 const struct sequence *side, GError **error)
{
	const struct {
		const char *name;
		char *text;
	} file[] = {
		{ "scenario.json", scenario_effective(s) },
		{ "sequence.csv", sequence_csv(&side[0], &side[1]) },
		{ "manifest.json", manifest_text(s, seed) },
	};
	bool good = true;

	for (u32 i = 0; i < ARRAY_SIZE(file); i++) {
		good = good && folder_add(folder, file[i].name, file[i].text, error);
		g_free(file[i].text);
	}
	return good && folder_finish(folder, error);
}

static bool print_table(const struct sequence *side, enum table_format format, GError **error)
{
	struct table *t = sequence_table(&side[0], &side[1]);
	char *text = table_write(t, format);
	bool good = print_result(text, error);

	g_free(text);
	table_free(t);
	return good;
}

static bool compare(const struct compare_options *o, const char *recording, const struct scenario *s,
		    GError **error)
{
	struct build_options build = { .kernel = o->kernel, .seed = scenario_seed(s) };
	struct sequence_choice choice = { .pages = (u32)scenario_footprint_pages(s),
					  .comm = o->comm,
					  .device = o->device };
	enum table_format format = TABLE_TEXT;
	struct folder *folder = NULL;
	struct sequence side[2];
	bool good = check_kernel(o->kernel, error) && parse_seed("--seed", o->seed, &build.seed, error) &&
		    parse_format(o->format, &format, error);

	if (good && o->output) {
		folder = folder_begin(o->output, o->force, error);
		good = folder;
	}
	sequence_init(&side[0]);
	sequence_init(&side[1]);
	good = good && sequence_read(&side[0], recording, &choice, error) &&
	       sequence_run(&side[1], s, &build, error) &&
	       (!folder || write_folder(folder, s, build.seed, side, error)) &&
	       print_table(side, format, error);
	sequence_release(&side[0]);
	sequence_release(&side[1]);
	folder_free(folder);
	return good;
}

bool trace_command_compare(int argc, char **argv, GError **error)
{
	struct compare_options o = { 0 };
	struct scenario *s = NULL;
	bool good = arguments_parse(&trace_compare_usage, &o, &argc, &argv, error);

	if (good)
		s = load_scenario(argv[2], (const char *const *)o.set, NULL, error);
	good = s && compare(&o, argv[1], s, error);
	scenario_free(s);
	arguments_release(&trace_compare_usage, &o);
	return good;
}
