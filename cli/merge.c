/*
 * merge.c - swapsim merge: the shards of a sweep, joined into what one machine would have left.
 */
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/sweep_folder.h"

struct merge_options {
	char *output;
	char *format;
	gboolean force;
	gboolean partial;
};

static const GOptionEntry options[] = {
	{ "output", 'o', 0, G_OPTION_ARG_FILENAME, OPTION(struct merge_options, output),
	  "write a result folder", "DIR" },
	{ "force", 'f', 0, G_OPTION_ARG_NONE, OPTION(struct merge_options, force),
	  "replace a result folder that is there", NULL },
	{ "partial", 0, 0, G_OPTION_ARG_NONE, OPTION(struct merge_options, partial),
	  "join what there is, and mark it incomplete", NULL },
	{ "format", 0, 0, G_OPTION_ARG_STRING, OPTION(struct merge_options, format),
	  "table (default), json, csv or markdown", "F" },
	{ 0 },
};

const struct usage merge_usage = {
	.command = "merge",
	.arguments = "DIR...",
	.summary = "Joins the result folders of the shards of one sweep.",
	.more = "The result is, to the byte, that of the sweep run in one piece.\n\n"
		"Example:\n"
		"  swapsim merge results/grid.* --output results/grid",
	.options = options,
	.least = 1,
	.most = 1u << 20,
};

struct merge {
	struct sweep_manifest m;
	struct sweep_table t;
	char *effective;
};

static bool load(struct sweep_manifest *m, struct sweep_table *t, char **effective, const char *folder,
		 GError **error)
{
	char *csv = g_build_filename(folder, "sweep.csv", NULL);
	char *scenario = g_build_filename(folder, "scenario.json", NULL);
	bool good = sweep_manifest_load(m, folder, error) && sweep_table_load(t, csv, error);

	if (good && effective && !g_file_get_contents(scenario, effective, NULL, NULL)) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: cannot be read", scenario);
		good = false;
	}
	g_free(scenario);
	g_free(csv);
	return good;
}

static bool add(struct merge *merge, const char *first, const char *folder, GError **error)
{
	struct sweep_manifest m = { 0 };
	struct sweep_table t = { 0 };
	bool good = load(&m, &t, NULL, folder, error);

	if (good && (m.plan != merge->m.plan || m.points != merge->m.points)) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE, "merge: %s is of another sweep than %s",
			    folder, first);
		good = false;
	}
	good = good && sweep_table_join(&merge->t, &t, error);
	sweep_table_release(&t);
	sweep_manifest_release(&m);
	return good;
}

static bool is_whole(struct merge *merge, bool partial, GError **error)
{
	u32 missing = merge->m.points - MIN(merge->m.points, merge->t.row->len);
	u32 first = 0;

	merge->m.shard = (struct sweep_shard){ 0, 1 };
	merge->m.complete = !missing;
	if (!missing || partial)
		return true;
	while (first < merge->t.row->len &&
	       g_ascii_strtoull(sweep_table_cell(&merge->t, first, "point"), NULL, 10) == first)
		first++;
	g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
		    "merge: %u of %u points are missing, the first is %u (all shards, or --partial)", missing,
		    merge->m.points, first);
	return false;
}

static bool write_folder(const struct merge *merge, const struct merge_options *o, GError **error)
{
	struct folder *folder = folder_begin(o->output, o->force, error);
	bool good = folder && sweep_folder_fill(folder, merge->effective, &merge->m, &merge->t, error);

	folder_free(folder);
	return good;
}

static bool join(const struct merge_options *o, u32 folders, char **folder, GError **error)
{
	enum table_format format = TABLE_TEXT;
	struct merge merge = { 0 };
	char *text;
	bool good = parse_format(o->format, &format, error) &&
		    load(&merge.m, &merge.t, &merge.effective, folder[0], error);

	for (u32 i = 1; good && i < folders; i++)
		good = add(&merge, folder[0], folder[i], error);
	good = good && sweep_table_sort(&merge.t, error) && is_whole(&merge, o->partial, error) &&
	       (!o->output || write_folder(&merge, o, error));
	if (good) {
		text = sweep_table_write(&merge.t, NULL, format);
		good = print_result(text, error);
		g_free(text);
	}
	sweep_table_release(&merge.t);
	sweep_manifest_release(&merge.m);
	g_free(merge.effective);
	return good;
}

bool command_merge(int argc, char **argv, GError **error)
{
	struct merge_options o = { 0 };
	bool good = arguments_parse(&merge_usage, &o, &argc, &argv, error) &&
		    join(&o, (u32)argc - 1, argv + 1, error);

	arguments_release(&merge_usage, &o);
	return good;
}
