/*
 * explain.c - swapsim explain: where the time of one fault went.
 */
#include <stdio.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/explain_report.h"
#include "cli/explain_tree.h"
#include "cli/load.h"
#include "sim/units.h"

enum {
	STRETCH_NS = 10000000, /* simulated time between two looks whether the fault is over */
	SLOWEST_MOST = 1000,   /* that many are held in memory */
};

struct explain_options {
	char *kernel;
	char *seed;
	char **set;
	char *fault;
	char *slowest;
	char *page;
	char *nth;
	char *format;
	gboolean all;
	gboolean quiet;
};

static const GOptionEntry options[] = {
	{ "kernel", 'k', 0, G_OPTION_ARG_STRING, OPTION(struct explain_options, kernel),
	  "release, and patches: 6.18+table-alloc=v3", "K" },
	{ "seed", 's', 0, G_OPTION_ARG_STRING, OPTION(struct explain_options, seed),
	  "seed of all that is left to chance", "N" },
	{ "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, OPTION(struct explain_options, set),
	  "change the scenario: machine.cpus=4", "PATH=VALUE" },
	{ "fault", 0, 0, G_OPTION_ARG_STRING, OPTION(struct explain_options, fault),
	  "the Nth fault of the run, from 1, in the order of their first steps", "N" },
	{ "slowest", 0, 0, G_OPTION_ARG_STRING, OPTION(struct explain_options, slowest),
	  "the Nth slowest fault of the run", "N" },
	{ "page", 0, 0, G_OPTION_ARG_STRING, OPTION(struct explain_options, page),
	  "a fault of a task, by number or name, on a page of its process", "TASK:PAGE" },
	{ "nth", 0, 0, G_OPTION_ARG_STRING, OPTION(struct explain_options, nth), "which of those (1)", "N" },
	{ "all", 0, 0, G_OPTION_ARG_NONE, OPTION(struct explain_options, all), "fold nothing", NULL },
	{ "format", 0, 0, G_OPTION_ARG_STRING, OPTION(struct explain_options, format),
	  "table (default), json, csv or markdown", "F" },
	{ "quiet", 'q', 0, G_OPTION_ARG_NONE, OPTION(struct explain_options, quiet), "no notes on stderr",
	  NULL },
	{ 0 },
};

const struct usage explain_usage = {
	.command = "explain",
	.arguments = "FILE",
	.summary = "Runs a scenario and tells where the time of one fault went: step by step, what it waited "
		   "for, who\n"
		   "held it, and what the time was spent on, which adds up to the fault's latency. Without "
		   "--fault,\n"
		   "--slowest or --page it is the slowest fault of the run.",
	.more = "Examples:\n"
		"  swapsim explain demo\n"
		"  swapsim explain demo --kernel 6.17 --slowest 3\n"
		"  swapsim explain mine.json --page 0:517 --nth 2 --format json",
	.options = options,
	.least = 1,
	.most = 1,
};

static bool parse_from_1(const char *option, const char *text, u64 most, u64 *value, GError **error)
{
	if (!text || (!number_parse(text, value) && *value && *value <= most))
		return true;
	if (most < UINT32_MAX)
		g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE,
			    "%s %s: not possible (a whole number, 1 to %" G_GUINT64_FORMAT ")", option, text,
			    most);
	else
		bad_value(error, option, text, "a whole number from 1 on");
	return false;
}

static bool parse_page(const char *text, struct fault_wish *wish, GError **error)
{
	char **part = g_strsplit(text, ":", -1);
	u64 task = 0, page = 0;
	bool good = g_strv_length(part) == 2 && *part[0] && !number_parse(part[1], &page) &&
		    (!g_ascii_isdigit(*part[0]) || !number_parse(part[0], &task)) && task <= UINT32_MAX &&
		    page <= UINT32_MAX;

	g_strfreev(part);
	wish->by_page = true;
	wish->task = (u32)task;
	wish->page = (u32)page;
	return good || bad_value(error, "--page", text, "a task's number or name and a page's number: 0:517");
}

/* What "NAME:PAGE" means, once there are tasks; "0:PAGE" is clear. */
static bool find_task(const char *text, const struct scenario *s, const struct kernel *k,
		      struct fault_wish *wish, GError **error)
{
	char *name = text ? g_strndup(text, strcspn(text, ":")) : NULL;
	bool found = !name || g_ascii_isdigit(*name);
	GString *names = g_string_new(NULL);

	for (u32 i = 0; i < k->machine.tasks && !found; i++) {
		char *is = k->program[i] ? scenario_task_name(s, i) : NULL;

		found = is && !strcmp(is, name);
		wish->task = i;
		if (is)
			g_string_append_printf(names, "%s%s", names->len ? ", " : "", is);
		g_free(is);
	}
	if (!found)
		g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE,
			    "--page %s: there is no task \"%s\" (one of %s)", text, name, names->str);
	g_string_free(names, TRUE);
	g_free(name);
	return found;
}

/* As the scenario has them; g_strfreev(), behind the kernel. */
static char **name_tasks(const struct scenario *s, struct kernel *k)
{
	GPtrArray *names = g_ptr_array_new();

	for (u32 i = 0; i < k->machine.tasks && k->program[i]; i++)
		g_ptr_array_add(names, scenario_task_name(s, i));
	k->machine.task_names = names->len;
	g_ptr_array_add(names, NULL);
	k->machine.task_name = (const char *const *)names->pdata;
	return (char **)g_ptr_array_free(names, FALSE);
}

static bool parse_wish(const struct explain_options *o, struct fault_wish *wish, GError **error)
{
	wish->nth = 1;
	if (!!o->fault + !!o->slowest + !!o->page > 1) {
		g_set_error_literal(
		    error, SWAPSIM_ERROR, ERROR_USAGE,
		    "explain: one fault at a time (only one of --fault, --slowest and --page)");
		return false;
	}
	if (o->nth && !o->page) {
		g_set_error_literal(error, SWAPSIM_ERROR, ERROR_USAGE,
				    "explain: --nth of what? (it goes with --page)");
		return false;
	}
	if (!o->fault && !o->page)
		wish->slowest = 1;
	return parse_from_1("--fault", o->fault, UINT64_MAX, &wish->number, error) &&
	       parse_from_1("--slowest", o->slowest, SLOWEST_MOST, &wish->slowest, error) &&
	       parse_from_1("--nth", o->nth, UINT64_MAX, &wish->nth, error) &&
	       (!o->page || parse_page(o->page, wish, error));
}

/* To the end of the run, or of the fault. */
static bool go(struct machine *m, u64 stop_ns, const struct watch *w, GError **error)
{
	u64 until = 0;

	while (m->tasks_left && !watch_is_done(w) && until < stop_ns) {
		until = MIN(until + STRETCH_NS, stop_ns);
		if (!machine_run(m, until, error))
			return false;
	}
	return true;
}

static bool not_found(const struct fault_wish *wish, const struct machine *m, const struct watch *w,
		      GError **error)
{
	u64 n = watch_seen(w);
	char *who = explain_task_name(m, wish->task);

	if (wish->by_page)
		g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE,
			    "explain: task %s has %" G_GUINT64_FORMAT
			    " fault%s on page %u (another --page or --nth)",
			    who, n, n == 1 ? "" : "s", wish->page);
	else
		g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE,
			    "explain: the run has %" G_GUINT64_FORMAT
			    " fault%s (another --fault or --slowest)",
			    n, n == 1 ? "" : "s");
	g_free(who);
	return false;
}

static char *in_format(const struct explain_options *o, const struct scenario *s, u64 seed,
		       const struct machine *m, const struct fault *f, enum table_format format)
{
	const char *kernel = o->kernel ? o->kernel : scenario_kernel(s);
	char *title, *text;

	if (format == TABLE_JSON)
		return explain_json(m, f, scenario_name(s), kernel, seed);
	if (format == TABLE_CSV)
		return explain_csv(m, f);
	title = g_strdup_printf("%s on %s, seed %" G_GUINT64_FORMAT, scenario_name(s), kernel, seed);
	text = explain_text(m, f, title, o->all, format);
	g_free(title);
	return text;
}

static bool explain(const struct explain_options *o, const struct scenario *s, GError **error)
{
	struct build_options build = { .kernel = o->kernel, .seed = scenario_seed(s) };
	enum table_format format = TABLE_TEXT;
	struct fault_wish wish = { 0 };
	struct kernel *k;
	struct watch *w;
	char **names;
	bool good;

	if (!check_kernel(o->kernel, error) || !parse_seed("--seed", o->seed, &build.seed, error) ||
	    !parse_format(o->format, &format, error) || !parse_wish(o, &wish, error))
		return false;
	k = scenario_build(s, &build, error);
	if (!k)
		return false;
	if (!find_task(o->page, s, k, &wish, error)) {
		kernel_free(k);
		return false;
	}
	names = name_tasks(s, k);
	w = watch_new(k, &wish);
	good = go(&k->machine, scenario_stop_ns(s), w, error);
	if (good && !watch_fault(w))
		good = not_found(&wish, &k->machine, w, error);
	if (good) {
		char *text = in_format(o, s, build.seed, &k->machine, watch_fault(w), format);

		good = print_result(text, error);
		g_free(text);
	}
	watch_free(w);
	kernel_free(k);
	g_strfreev(names);
	return good;
}

bool command_explain(int argc, char **argv, GError **error)
{
	struct explain_options o = { 0 };
	struct scenario *s = NULL;
	bool good = arguments_parse(&explain_usage, &o, &argc, &argv, error);

	if (good)
		s = load_scenario(argv[1], (const char *const *)o.set, NULL, error);
	if (s && !o.quiet)
		print_warnings(s);
	good = s && explain(&o, s, error);
	scenario_free(s);
	arguments_release(&explain_usage, &o);
	return good;
}
