#include "cli/compare_folder.h"

#include "cli/cli.h"
#include "cli/result_files.h"

static char *manifest_of(const struct comparison *c, const char *command)
{
	const char **values = g_new0(const char *, c->batch.runs);
	struct manifest manifest = { .command = command,
				     .scenario = c->scenario[0],
				     .batch = &c->batch,
				     .sweep = c->sweep,
				     .sweep_value = values,
				     .complete = !c->batch.interrupted };
	char *text;

	for (u32 i = 0; c->sweep && i < c->batch.runs; i++)
		values[i] = c->value[i / c->seeds / c->kernels];
	text = manifest_json(&manifest);
	g_free(values);
	return text;
}

static bool fill(const struct comparison *c, const char *command, struct folder *folder, GError **error)
{
	char *text[] = { scenario_effective(c->scenario[0]), comparison_csv(c), comparison_runs_csv(c),
			 manifest_of(c, command) };
	const char *const name[] = { "scenario.json", "compare.csv", c->sweep ? "sweep.csv" : "runs.csv",
				     "manifest.json" };
	bool good = true;

	for (u32 i = 0; i < ARRAY_SIZE(text); i++) {
		good = good && folder_add(folder, name[i], text[i], error);
		g_free(text[i]);
	}
	return good && folder_finish(folder, error);
}

bool comparison_finish(const struct comparison *c, const char *command, struct folder *folder,
		       enum table_format format, GError **error)
{
	char *text;
	bool good;

	if (!comparison_figures(c)) {
		g_set_error_literal(error, SWAPSIM_ERROR, ERROR_INTERRUPTED,
				    "interrupted before a run was over");
		return false;
	}
	if (folder && !fill(c, command, folder, error))
		return false;
	text = comparison_write(c, format);
	good = print_whole(text, c->batch.interrupted, error);
	g_free(text);
	return good;
}
