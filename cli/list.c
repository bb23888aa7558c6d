/*
 * list.c - swapsim list: what there is to name.
 */
#include <string.h>

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/list.h"
#include "sim/suggest.h"

struct list_options {
	char *format;
};

static const GOptionEntry options[] = {
	{ "format", 0, 0, G_OPTION_ARG_STRING, OPTION(struct list_options, format),
	  "table (default), json, csv or markdown", "F" },
	{ 0 },
};

const struct usage list_usage = {
	.command = "list",
	.arguments = "WHAT",
	.summary = "Lists what there is. WHAT is one of\n"
		   "  kernels    releases                       patches    switches of a release\n"
		   "  devices    swap devices                   cpus       cost profiles\n"
		   "  corpora    contents of pages              workloads  what a task may do\n"
		   "  counters   what is counted                locks      classes of locks\n"
		   "  paths      modelled kernel functions      steps      points of interference in them\n"
		   "  windows    where something is weak        choices    what nature decides\n"
		   "  traces     recorded programs              scenarios  bundled scenarios\n"
		   "  presets    what scenarios may include     plots      pictures\n"
		   "  figures    what is compared                   invariants what must hold in races\n"
		   "  rechecks   what is looked at again behind a lock",
	.options = options,
	.most = 1,
};

static const struct {
	const char *name;
	list_fn *fill;
} lists[] = {
	{ "kernels", list_kernels },	   { "patches", list_patches },
	{ "devices", list_devices },	   { "cpus", list_cpus },
	{ "corpora", list_corpora },	   { "workloads", list_workloads },
	{ "counters", list_counters },	   { "figures", list_figures },
	{ "locks", list_locks },	   { "paths", list_paths },
	{ "steps", list_steps },	   { "windows", list_windows },
	{ "invariants", list_invariants }, { "choices", list_choices },
	{ "traces", list_traces },	   { "scenarios", list_scenarios },
	{ "presets", list_presets },	   { "plots", list_plots },
	{ "rechecks", list_rechecks },
};

char *list_names(void)
{
	GString *names = g_string_new(NULL);

	for (u32 i = 0; i < ARRAY_SIZE(lists); i++)
		g_string_append_printf(names, "%s%s", i ? " " : "", lists[i].name);
	return g_string_free(names, FALSE);
}

static list_fn *find_list(const char *name, GError **error)
{
	const char *names[ARRAY_SIZE(lists) + 1] = { NULL };
	const char *near;

	if (!name) {
		char *all = list_names();

		g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE, "list: of what? (one of %s)", all);
		g_free(all);
		return NULL;
	}

	for (u32 i = 0; i < ARRAY_SIZE(lists); i++) {
		if (!strcmp(lists[i].name, name))
			return lists[i].fill;
		names[i] = lists[i].name;
	}
	near = suggest(name, names);
	g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE, "list: %s: no such list (%s%s%s)", name,
		    near ? "did you mean " : "swapsim help list names them", near ? near : "",
		    near ? "?" : "");
	return NULL;
}

bool command_list(int argc, char **argv, GError **error)
{
	struct list_options o = { 0 };
	enum table_format format = TABLE_TEXT;
	list_fn *fill = NULL;
	bool good =
	    arguments_parse(&list_usage, &o, &argc, &argv, error) && parse_format(o.format, &format, error);

	if (good)
		fill = find_list(argv[1], error);
	good = fill;
	if (fill) {
		struct table *t = table_new();
		char *text = NULL;

		good = fill(t, error);
		if (good)
			text = table_write(t, format);
		good = good && print_result(text, error);
		g_free(text);
		table_free(t);
	}
	arguments_release(&list_usage, &o);
	return good;
}
