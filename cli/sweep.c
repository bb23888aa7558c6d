/*
 * sweep.c - swapsim sweep: a scenario with every combination of the values of its parameters.
 */
#include <stdio.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/figure_names.h"
#include "cli/load.h"
#include "cli/sweep_folder.h"
#include "cli/sweep_go.h"
#include "sim/units.h"

enum { SHARDS_MAX = 10000 };

struct sweep_options {
	char *kernels;
	char *seeds;
	char **set;
	char *output;
	char *format;
	char *ties;
	char *shard;
	char *figures;
	int jobs;
	gboolean force;
	gboolean fresh;
	gboolean dry_run;
	gboolean quiet;
};

static const GOptionEntry options[] = {
	{ "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, OPTION(struct sweep_options, set),
	  "change the scenario, or sweep it: machine.cpus=1,2,4 or 1..4", "PATH=V,W,..." },
	{ "kernel", 'k', 0, G_OPTION_ARG_STRING, OPTION(struct sweep_options, kernels),
	  "short for --set machine.kernel=A,B,...", "A,B,..." },
	{ "seeds", 's', 0, G_OPTION_ARG_STRING, OPTION(struct sweep_options, seeds),
	  "that many from the scenario's on, or from A to B", "N|A..B" },
	{ "output", 'o', 0, G_OPTION_ARG_FILENAME, OPTION(struct sweep_options, output),
	  "write a result folder", "DIR" },
	{ "force", 'f', 0, G_OPTION_ARG_NONE, OPTION(struct sweep_options, force),
	  "replace a result folder that is there", NULL },
	{ "fresh", 0, 0, G_OPTION_ARG_NONE, OPTION(struct sweep_options, fresh), "forget what DIR.part has",
	  NULL },
	{ "shard", 0, 0, G_OPTION_ARG_STRING, OPTION(struct sweep_options, shard),
	  "only part I of N, for other machines to run the others; swapsim merge joins them", "I/N" },
	{ "dry-run", 'n', 0, G_OPTION_ARG_NONE, OPTION(struct sweep_options, dry_run),
	  "print the points, run nothing", NULL },
	{ "format", 0, 0, G_OPTION_ARG_STRING, OPTION(struct sweep_options, format),
	  "table (default), json, csv or markdown", "F" },
	{ "figures", 0, 0, G_OPTION_ARG_STRING, OPTION(struct sweep_options, figures),
	  "print these only; CGROUP:A is that of one cgroup", "A,B,..." },
	{ "ties", 0, 0, G_OPTION_ARG_STRING, OPTION(struct sweep_options, ties),
	  "order of events of one time: fifo (default), lifo, seed", "T" },
	{ "jobs", 'j', 0, G_OPTION_ARG_INT, OPTION(struct sweep_options, jobs),
	  "runs at once (default: one per processor)", "N" },
	{ "quiet", 'q', 0, G_OPTION_ARG_NONE, OPTION(struct sweep_options, quiet),
	  "no progress and notes on stderr", NULL },
	{ 0 },
};

const struct usage sweep_usage = {
	.command = "sweep",
	.arguments = "FILE",
	.summary =
	    "Runs a scenario with every combination of the values that its \"sweep\" and the command line "
	    "name.",
	.more =
	    "A path with one value is set, one with several is swept, in place of what the file says of it.\n"
	    "Results are kept in DIR.part as they come: the same command goes on where it was "
	    "interrupted.\n\n"
	    "Examples:\n"
	    "  swapsim sweep grid.json --output results/grid\n"
	    "  swapsim sweep demo --kernel 6.17,6.18 --set cgroups[0].memory.max=100%,75%,50% --seeds 8\n"
	    "  swapsim sweep mine.json --figures web:accesses_per_s,batch:pgmajfault\n"
	    "  swapsim sweep grid.json --shard 3/16 --output results/grid.3",
	.options = options,
	.least = 1,
	.most = 1,
};

/* What all the options come to. */
struct sweep_request {
	GPtrArray *sets;
	enum table_format format;
	enum ties ties;
	struct sweep_shard shard;
	u32 jobs;
	char **figures; /* NULL: those that are always shown */
	char *output;	/* without slashes at its end */
	char *part;
};

static bool parse_shard(const char *text, struct sweep_shard *shard, GError **error)
{
	char **number;
	u64 index = 0, count = 0;
	bool good;

	*shard = (struct sweep_shard){ 0, 1 };
	if (!text)
		return true;
	number = g_strsplit(text, "/", 2);
	good = number[0] && number[1] && !number_parse(number[0], &index) &&
	       !number_parse(number[1], &count) && index && index <= count && count <= SHARDS_MAX;
	g_strfreev(number);
	if (!good)
		return bad_value(error, "--shard", text, "I/N, 1 <= I <= N <= 10000");
	*shard = (struct sweep_shard){ (u32)index - 1, (u32)count };
	return true;
}

static bool own_seed(const char *file, u64 *seed, GError **error)
{
	struct scenario *s = load_scenario(file, NULL, NULL, error);

	if (!s)
		return false;
	*seed = scenario_seed(s);
	scenario_free(s);
	return true;
}

static bool seeds_as_set(const struct sweep_options *o, const char *file, GPtrArray *sets, GError **error)
{
	struct seeds seeds = { .own = true };

	if (!o->seeds)
		return true;
	if (!parse_seeds(o->seeds, &seeds, error) || (seeds.own && !own_seed(file, &seeds.first, error)))
		return false;
	g_ptr_array_add(sets, g_strdup_printf(SWEEP_SEED "=%" G_GUINT64_FORMAT "..%" G_GUINT64_FORMAT,
					      seeds.first, seeds.first + seeds.count - 1));
	return true;
}

static bool kernels_as_set(const struct sweep_options *o, GPtrArray *sets, GError **error)
{
	char **kernel;
	bool good = true;

	if (!o->kernels)
		return true;
	if (!parse_names("--kernel", o->kernels, &kernel, error))
		return false;
	for (u32 i = 0; good && kernel[i]; i++)
		good = check_kernel(kernel[i], error);
	if (good)
		g_ptr_array_add(sets, g_strconcat(SWEEP_KERNEL "=", o->kernels, NULL));
	g_strfreev(kernel);
	return good;
}

static bool request_init(struct sweep_request *q, const struct sweep_options *o, const char *file,
			 GError **error)
{
	*q = (struct sweep_request){ .sets = g_ptr_array_new_with_free_func(g_free) };
	for (u32 i = 0; o->set && o->set[i]; i++)
		g_ptr_array_add(q->sets, g_strdup(o->set[i]));
	if (!parse_format(o->format, &q->format, error) || !parse_ties(o->ties, &q->ties, error) ||
	    !parse_shard(o->shard, &q->shard, error) || !parse_jobs(o->jobs, &q->jobs, error) ||
	    (o->figures && !parse_names("--figures", o->figures, &q->figures, error)) ||
	    !kernels_as_set(o, q->sets, error) || !seeds_as_set(o, file, q->sets, error))
		return false;
	g_ptr_array_add(q->sets, NULL);
	if (o->output) {
		q->output = g_strdup(o->output);
		while (strlen(q->output) > 1 && g_str_has_suffix(q->output, "/"))
			q->output[strlen(q->output) - 1] = 0;
		q->part = g_strconcat(q->output, ".part", NULL);
	}
	return true;
}

static void request_release(struct sweep_request *q)
{
	g_ptr_array_free(q->sets, TRUE);
	g_strfreev(q->figures);
	g_free(q->output);
	g_free(q->part);
}

/* ---- the points ---- */

static const char *state_of(const struct sweep_plan *plan, u32 point, const struct sweep_results *results,
			    struct sweep_shard shard)
{
	if (plan->point[point].wrong)
		return sweep_outcome_name[SWEEP_INVALID];
	if (!sweep_shard_has(shard, point))
		return "of another shard";
	return sweep_results_find(results, plan->point[point].key) ? "done" : "to do";
}

static bool print_points(const struct sweep_request *q, const struct sweep_plan *plan,
			 const struct sweep_results *results, GError **error)
{
	struct table *t = table_new();
	char *text;
	bool good;

	table_column(t, "point", TABLE_RIGHT);
	for (u32 i = 0; i < plan->axes.axes; i++)
		table_column(t, plan->axes.axis[i].path, TABLE_RIGHT);
	table_column(t, "state", TABLE_LEFT);
	table_column(t, "reason", TABLE_LEFT);
	for (u32 p = 0; p < plan->points; p++) {
		table_number(t, p);
		for (u32 i = 0; i < plan->axes.axes; i++)
			table_text(t, sweep_plan_value(plan, p, i));
		table_text(t, state_of(plan, p, results, q->shard));
		table_text(t, plan->point[p].wrong ? plan->point[p].wrong : "");
	}
	text = table_write(t, q->format);
	good = print_result(text, error);
	g_free(text);
	table_free(t);
	return good;
}

/* ---- the sweep ---- */

/* Looked at before hours of work, and again after it. */
static struct folder *begin_folder(const struct sweep_options *o, const struct sweep_request *q,
				   const struct sweep_plan *plan, GError **error)
{
	return folder_begin(q->output, o->force || sweep_folder_unfinished(q->output, plan->hash), error);
}

static bool place_is_free(const struct sweep_options *o, const struct sweep_request *q,
			  const struct sweep_plan *plan, GError **error)
{
	struct folder *folder = begin_folder(o, q, plan, error);

	folder_free(folder);
	return folder;
}

static bool write_folder(const struct sweep_options *o, const struct sweep_request *q,
			 const struct sweep_plan *plan, const struct sweep_table *t, bool complete,
			 GError **error)
{
	struct folder *folder = begin_folder(o, q, plan, error);
	struct sweep_manifest m;
	bool good;

	if (!folder)
		return false;
	sweep_manifest_init(&m, plan);
	m.shard = q->shard;
	m.complete = complete;
	good = sweep_folder_fill(folder, plan->effective, &m, t, error);
	sweep_manifest_release(&m);
	folder_free(folder);
	return good;
}

static bool print_table(const struct sweep_request *q, const struct sweep_table *t, GError **error)
{
	char *text = sweep_table_write(t, (const char *const *)q->figures, q->format),
	     *reasons = sweep_table_reasons(t);
	bool good = print_result(text, error);

	if (*reasons && (q->format == TABLE_TEXT || q->format == TABLE_MARKDOWN))
		good = good && print_result("\n", error) && print_result(reasons, error);
	g_free(reasons);
	g_free(text);
	return good;
}

static bool judge(const struct sweep_request *q, const struct sweep_table *t, u32 missing, GError **error)
{
	for (u32 row = 0; row < t->row->len; row++) {
		if (strcmp(sweep_table_cell(t, row, "outcome"), sweep_outcome_name[SWEEP_FINDING]))
			continue;
		g_set_error(error, SWAPSIM_ERROR, ERROR_FINDING, "point %s: %s",
			    sweep_table_cell(t, row, "point"), sweep_table_cell(t, row, "reason"));
		return false;
	}
	if (!missing)
		return true;
	g_set_error(error, SWAPSIM_ERROR, ERROR_INTERRUPTED, "interrupted: %u of %u points are missing (%s)",
		    missing, missing + t->row->len,
		    q->part ? "the same command goes on from here" : "with --output they would be kept");
	return false;
}

static u32 points_of(const struct sweep_plan *plan, struct sweep_shard shard)
{
	return plan->points / shard.count + (shard.index < plan->points % shard.count);
}

static bool go(const struct sweep_options *o, const struct sweep_request *q, const struct sweep_plan *plan,
	       struct sweep_results *results, GError **error)
{
	struct sweep_go work = { .plan = plan,
				 .results = results,
				 .shard = q->shard,
				 .figures = (const char *const *)q->figures,
				 .jobs = q->jobs,
				 .progress = !o->quiet };
	struct sweep_table t;
	u32 missing;
	bool good;

	if (!sweep_go(&work, error))
		return false;
	sweep_table_init(&t, plan, results, q->shard);
	missing = points_of(plan, q->shard) - t.row->len;
	good = !q->output || write_folder(o, q, plan, &t, !missing, error);
	if (good && !missing)
		sweep_results_forget_file(results);
	good = good && print_table(q, &t, error) && judge(q, &t, missing, error);
	sweep_table_release(&t);
	return good;
}

static bool sweep(const struct sweep_options *o, const struct sweep_request *q, const struct sweep_plan *plan,
		  GError **error)
{
	struct sweep_results results;
	bool there = q->part && g_file_test(q->part, G_FILE_TEST_EXISTS);
	bool good = true;

	sweep_results_init(&results);
	if (o->dry_run) {
		good = (!there || o->fresh || sweep_results_keep(&results, q->part, false, error)) &&
		       print_points(q, plan, &results, error);
	} else {
		if (q->part)
			good = place_is_free(o, q, plan, error) &&
			       sweep_results_keep(&results, q->part, o->fresh, error);
		if (good && there && !o->quiet && g_hash_table_size(results.row))
			fprintf(stderr, "swapsim: sweep: %u results are in %s already\n",
				g_hash_table_size(results.row), q->part);
		good = good && go(o, q, plan, &results, error);
	}
	sweep_results_release(&results);
	return good;
}

/* Of the first point that can be run. */
static bool figures_valid(const struct sweep_request *q, const struct sweep_plan *plan, GError **error)
{
	struct scenario *s;
	u32 point = 0;
	bool good;

	if (!q->figures)
		return true;
	while (plan->point[point].wrong)
		point++;
	s = sweep_plan_scenario(plan, point, error);
	good = s && figure_names_valid("--figures", (const char *const *)q->figures, s, error);
	scenario_free(s);
	return good;
}

bool command_sweep(int argc, char **argv, GError **error)
{
	struct sweep_options o = { 0 };
	struct sweep_request q = { 0 };
	struct sweep_plan plan = { 0 };
	bool good = arguments_parse(&sweep_usage, &o, &argc, &argv, error);

	if (good) {
		good = request_init(&q, &o, argv[1], error) &&
		       sweep_plan_init(&plan, argv[1], (const char *const *)q.sets->pdata, q.ties, error) &&
		       figures_valid(&q, &plan, error) && sweep(&o, &q, &plan, error);
		sweep_plan_release(&plan);
		request_release(&q);
	}
	arguments_release(&sweep_usage, &o);
	return good;
}
