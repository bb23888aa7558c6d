/*
 * fidelity.c - swapsim fidelity: what real kernels did, beside what the models do.
 */
#include <glib/gstdio.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/fidelity_report.h"
#include "cli/fidelity_stream.h"
#include "cli/folder.h"
#include "cli/result_files.h"
#include "models/block/device.h"
#include "sim/arena.h"

enum { SEEDS = 5, FIRST_SEED = 1, NO_THRESHOLD = G_MININT };

struct fidelity_options {
	char *kernels;
	char *patterns;
	char *devices;
	char *rows;
	char *as;
	char **device;
	char *show;
	char *streams;
	char *seeds;
	char **set;
	char *output;
	char *format;
	char *figures;
	gboolean summary;
	gboolean force;
	gboolean quiet;
	int jobs;
	int threshold;
};

static const GOptionEntry options[] = {
	{ "kernel", 'k', 0, G_OPTION_ARG_STRING, OPTION(struct fidelity_options, kernels),
	  "only rows of these kernels, by the name they have in the table", "A,B,..." },
	{ "pattern", 0, 0, G_OPTION_ARG_STRING, OPTION(struct fidelity_options, patterns),
	  "only rows of these workloads", "A,B,..." },
	{ "on", 0, 0, G_OPTION_ARG_STRING, OPTION(struct fidelity_options, devices),
	  "only rows of these devices, by the name they have in the table", "A,B,..." },
	{ "row", 0, 0, G_OPTION_ARG_STRING, OPTION(struct fidelity_options, rows),
	  "only these rows, by number", "N,M,..." },
	{ "show", 0, 0, G_OPTION_ARG_STRING, OPTION(struct fidelity_options, show),
	  "print the scenario of a row, run nothing", "ROW" },
	{ "seeds", 's', 0, G_OPTION_ARG_STRING, OPTION(struct fidelity_options, seeds),
	  "that many, or from A to B; default 5", "N|A..B" },
	{ "as", 0, 0, G_OPTION_ARG_STRING, OPTION(struct fidelity_options, as),
	  "run every row on this release, with patches", "K" },
	{ "device", 0, 0, G_OPTION_ARG_STRING_ARRAY, OPTION(struct fidelity_options, device),
	  "what a device of the table is, of swapsim list devices", "NAME=PRESET" },
	{ "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, OPTION(struct fidelity_options, set),
	  "change every scenario: machine.cpu=server", "PATH=VALUE" },
	{ "streams", 0, 0, G_OPTION_ARG_FILENAME, OPTION(struct fidelity_options, streams),
	  "keep the traces that recorded streams become", "DIR" },
	{ "output", 'o', 0, G_OPTION_ARG_FILENAME, OPTION(struct fidelity_options, output),
	  "write a result folder", "DIR" },
	{ "force", 'f', 0, G_OPTION_ARG_NONE, OPTION(struct fidelity_options, force),
	  "replace a result folder that is there", NULL },
	{ "format", 0, 0, G_OPTION_ARG_STRING, OPTION(struct fidelity_options, format),
	  "table (default), json, csv or markdown", "F" },
	{ "figures", 0, 0, G_OPTION_ARG_STRING, OPTION(struct fidelity_options, figures),
	  "print these only; scores are of all", "A,B,..." },
	{ "summary", 0, 0, G_OPTION_ARG_NONE, OPTION(struct fidelity_options, summary),
	  "print scores, and what was not run", NULL },
	{ "threshold", 0, 0, G_OPTION_ARG_INT, OPTION(struct fidelity_options, threshold),
	  "exit with 6 if less than that holds, in total or of one kernel", "PERCENT" },
	{ "jobs", 'j', 0, G_OPTION_ARG_INT, OPTION(struct fidelity_options, jobs),
	  "runs at once (default: one per processor)", "N" },
	{ "quiet", 'q', 0, G_OPTION_ARG_NONE, OPTION(struct fidelity_options, quiet), "no progress on stderr",
	  NULL },
	{ 0 },
};

const struct usage fidelity_usage = {
	.command = "fidelity",
	.arguments = "[DIR]",
	.summary =
	    "Runs what real kernels ran, and prints what they counted beside what the models do. DIR has\n"
	    "runs.csv and, for workloads that cannot be generated, streams.csv and what that names;\n"
	    "swapsim record makes such folders. Three come along: groundtruth, which is judged without DIR,\n"
	    "kernels, of more releases and workloads, and programs.",
	.more = "Examples:\n"
		"  swapsim fidelity --summary\n"
		"  swapsim fidelity --kernel 6.12 --pattern seq --on disk --figures pswpin,pswpout\n"
		"  swapsim fidelity kernels --kernel 7.2 --on zram --summary\n"
		"  swapsim fidelity recording --row 1 --show 1 > row.json\n"
		"docs/fidelity.md says how a row becomes a scenario, and when a prediction holds.",
	.options = options,
	.most = 1,
};

/* ---- options ---- */

static bool check_devices(char **devices, GError **error)
{
	for (; devices && *devices; devices++) {
		const char *equals = strchr(*devices, '=');

		if (!equals || equals == *devices || !device_model_find(equals + 1))
			return bad_value(error, "--device", *devices,
					 "NAME=PRESET, one of swapsim list devices");
	}
	return true;
}

static bool choose_figures(const char *text, bool *wanted, GError **error)
{
	char **names = NULL;
	bool good = !text || parse_names("--figures", text, &names, error);

	for (u32 i = 0; i < NR_FIDELITY_FIGURES; i++)
		wanted[i] = !text;
	for (u32 i = 0; good && names && names[i]; i++) {
		u32 figure = fidelity_figure_find(names[i]);

		good = figure < NR_FIDELITY_FIGURES;
		if (good)
			wanted[figure] = true;
		else
			bad_value(error, "--figures", names[i], "a name in the column figure");
	}
	g_strfreev(names);
	return good;
}

static const char *const selector[NR_FIDELITY_SELECTORS] = { "--kernel", "--pattern", "--on", "--row" };
static const char *const in_table[NR_FIDELITY_SELECTORS] = { "a name in the column kernel",
							     "a name in the column pat",
							     "a name in the column dev",
							     "a row of the table, by number" };

static bool choose_rows(const struct fidelity_options *o, struct fidelity_selection *s, GError **error)
{
	const char *const text[] = { o->kernels, o->patterns, o->devices, o->rows };

	for (u32 i = 0; i < ARRAY_SIZE(text); i++)
		if (text[i] && !parse_names(selector[i], text[i], &s->names[i], error))
			return false;
	if (!o->show)
		return true;
	g_clear_pointer(&s->names[FIDELITY_BY_NUMBER], g_strfreev);
	return parse_names("--show", o->show, &s->names[FIDELITY_BY_NUMBER], error);
}

/* Each name is that of some row; --show tells of its own. */
static bool check_names(const struct fidelity_options *o, const struct fidelity_rows *rows,
			const struct fidelity_selection *s, GError **error)
{
	for (u32 by = 0; by < NR_FIDELITY_SELECTORS; by++)
		for (char **name = s->names[by]; !o->show && name && *name; name++)
			if (!fidelity_rows_have(rows, by, *name))
				return bad_value(error, selector[by], *name, in_table[by]);
	return true;
}

static bool check_options(const struct fidelity_options *o, GError **error)
{
	if (o->threshold != NO_THRESHOLD && (o->threshold < 0 || o->threshold > 100)) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE, "--threshold %d: not possible (0 to 100)",
			    o->threshold);
		return false;
	}
	return check_kernel(o->as, error) && check_devices(o->device, error);
}

/* ---- traces that have to be written ---- */

static bool open_streams(const struct fidelity_options *o, char **folder, GError **error)
{
	GError *cause = NULL;

	if (o->streams) {
		*folder = g_strdup(o->streams);
		if (g_mkdir_with_parents(o->streams, 0777) == 0)
			return true;
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: cannot be created", o->streams);
		return false;
	}
	*folder = g_dir_make_tmp("swapsim-fidelity-XXXXXX", &cause);
	if (!*folder) {
		g_set_error_literal(error, SWAPSIM_ERROR, ERROR_IO, cause->message);
		g_error_free(cause);
	}
	return *folder;
}

static void close_streams(const struct fidelity_options *o, char *folder)
{
	GDir *dir = folder && !o->streams ? g_dir_open(folder, 0, NULL) : NULL;
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		char *path = g_build_filename(folder, name, NULL);

		g_unlink(path);
		g_free(path);
	}
	if (dir) {
		g_dir_close(dir);
		g_rmdir(folder);
	}
	g_free(folder);
}

/* ---- results ---- */

static char *manifest_text(const struct fidelity_run *run, const char *folder)
{
	u64 hash = 0;

	for (u32 i = 0; i < run->cases->len; i++) {
		const char *text = fidelity_case_at(run, i)->text;

		hash = text ? hash_bytes(text, strlen(text), hash) : hash;
	}
	return seeds_manifest_json("fidelity", folder, hash, &run->seeds, !run->interrupted);
}

static bool write_folder(struct folder *folder, const struct fidelity_report *report, const char *dir,
			 GError **error)
{
	const struct {
		const char *name;
		char *text;
	} file[] = {
		{ "predictions.csv", fidelity_figures_csv(report) },
		{ "scores.csv", fidelity_scores_csv(report) },
		{ "manifest.json", manifest_text(report->run, dir) },
	};
	bool good = true;

	for (u32 i = 0; i < ARRAY_SIZE(file); i++) {
		good = good && folder_add(folder, file[i].name, file[i].text, error);
		g_free(file[i].text);
	}
	return good && folder_finish(folder, error);
}

static bool finish(const struct fidelity_options *o, const struct fidelity_report *report,
		   enum table_format format, GError **error)
{
	char *text = fidelity_report(report, format);
	bool good = print_whole(text, report->run->interrupted, error);

	g_free(text);
	if (good && o->threshold != NO_THRESHOLD &&
	    !fidelity_scores_reach(report->scores, (u32)o->threshold)) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_THRESHOLD, "fidelity: less than %d %% hold",
			    o->threshold);
		return false;
	}
	return good;
}

/* ---- the command ---- */

static bool show(const struct fidelity_options *o, const struct fidelity_run *run, GError **error)
{
	const struct fidelity_case *c = run->cases->len == 1 ? fidelity_case_at(run, 0) : NULL;
	const struct fidelity_stream *stream = c ? fidelity_stream_of(run->rows, c->row[0]) : NULL;
	const char *row = o->show;

	if (c && c->text && !o->streams && stream && fidelity_stream_is_written(stream)) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE,
			    "--show %s: its accesses become a trace: in which folder? (--streams DIR)", row);
		return false;
	}
	if (c && c->text)
		return print_result(c->text, error);
	if (c)
		g_set_error(error, SWAPSIM_ERROR, ERROR_SCENARIO, "--show %s: not run, because %s", row,
			    c->reason);
	else
		bad_value(error, "--show", row, "the number of one row of runs.csv");
	return false;
}

static bool predict(const struct fidelity_options *o, struct fidelity_run *run, const char *dir,
		    GError **error)
{
	struct fidelity_report report = { .run = run, .summary = o->summary };
	struct fidelity_scores scores;
	enum table_format format = TABLE_TEXT;
	struct folder *folder = NULL;
	bool good =
	    parse_format(o->format, &format, error) && choose_figures(o->figures, report.wanted, error);

	if (good && o->output) {
		folder = folder_begin(o->output, o->force, error);
		good = folder;
	}
	if (good && fidelity_run_go(run, error)) {
		fidelity_scores_init(&scores, run);
		report.scores = &scores;
		good = (!folder || write_folder(folder, &report, dir, error)) &&
		       finish(o, &report, format, error);
		fidelity_scores_release(&scores);
	} else {
		good = false;
	}
	folder_free(folder);
	return good;
}

static bool is_recording(const char *dir)
{
	char *path = g_build_filename(dir, "recording.txt", NULL);
	bool there = g_file_test(path, G_FILE_TEST_IS_REGULAR);

	g_free(path);
	return there;
}

static bool fidelity(const struct fidelity_options *o, const char *dir, GError **error)
{
	struct fidelity_run run = { .seeds = { true, FIRST_SEED, SEEDS },
				    .sets = (const char *const *)o->set,
				    .progress = !o->quiet };
	struct fidelity_selection selection = { 0 };
	struct fidelity_rows rows;
	char *streams = NULL;
	bool good = check_options(o, error) && choose_rows(o, &selection, error) &&
		    parse_seeds(o->seeds, &run.seeds, error) && parse_jobs(o->jobs, &run.jobs, error) &&
		    open_streams(o, &streams, error) && fidelity_rows_load(&rows, dir, error);

	if (good) {
		run.setup = (struct fidelity_setup){ .as = o->as,
						     .devices = (const char *const *)o->device,
						     .streams = streams,
						     .recorded = is_recording(dir) };
		good = check_names(o, &rows, &selection, error) &&
		       fidelity_run_init(&run, &rows, &selection, error);
		if (good)
			good = o->show ? show(o, &run, error) : predict(o, &run, dir, error);
		fidelity_run_release(&run);
		fidelity_rows_release(&rows);
	}
	close_streams(o, streams);
	for (u32 by = 0; by < NR_FIDELITY_SELECTORS; by++)
		g_strfreev(selection.names[by]);
	return good;
}

/* A folder, or the name of one that comes along. */
static char *folder_of(const char *name)
{
	char *bundled = strchr(name, '/') ? NULL : g_build_filename(data_dir(), "traces", name, NULL);

	if (bundled && g_file_test(bundled, G_FILE_TEST_IS_DIR) && !g_file_test(name, G_FILE_TEST_EXISTS))
		return bundled;
	g_free(bundled);
	return g_strdup(name);
}

bool command_fidelity(int argc, char **argv, GError **error)
{
	struct fidelity_options o = { .threshold = NO_THRESHOLD };
	bool good = arguments_parse(&fidelity_usage, &o, &argc, &argv, error);
	char *dir = good ? folder_of(argc > 1 ? argv[1] : "groundtruth") : NULL;

	good = good && fidelity(&o, dir, error);
	g_free(dir);
	arguments_release(&fidelity_usage, &o);
	return good;
}
