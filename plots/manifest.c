#include "plots/manifest.h"

#include <cjson/cJSON.h>

#include "sim/error.h"

static const char *text_of(const cJSON *object, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));

	return text ? text : "";
}

/* With a comma before; an exploration has none. */
static char *seeds_of(const cJSON *runs)
{
	const cJSON *run;
	u64 least = UINT64_MAX, most = 0;
	bool some = false;

	cJSON_ArrayForEach(run, runs)
	{
		const cJSON *seed = cJSON_GetObjectItemCaseSensitive(run, "seed");
		u64 value = cJSON_IsNumber(seed) ? (u64)seed->valuedouble : 0;

		some |= cJSON_IsNumber(seed);
		least = MIN(least, value);
		most = MAX(most, value);
	}
	if (!some)
		return g_strdup("");
	if (least >= most)
		return g_strdup_printf(", seed %" G_GUINT64_FORMAT, most);
	return g_strdup_printf(", seeds %" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT ", median and range", least,
			       most);
}

static cJSON *parse(const char *path)
{
	char *text = NULL;
	cJSON *root = NULL;

	if (g_file_get_contents(path, &text, NULL, NULL))
		root = cJSON_Parse(text);
	g_free(text);
	return root;
}

bool plot_manifest_load(struct plot_manifest *m, const char *folder, GError **error)
{
	char *path = g_build_filename(folder, "manifest.json", NULL);
	cJSON *root = parse(path);
	const cJSON *runs;
	char *seeds;

	*m = (struct plot_manifest){ NULL, NULL, NULL, NULL };
	if (!root) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: cannot be read (is it a result folder?)",
			    path);
		g_free(path);
		return false;
	}
	g_free(path);
	runs = cJSON_GetObjectItemCaseSensitive(root, "runs");
	seeds = seeds_of(runs);
	m->workload = g_strdup(text_of(root, "workload"));
	m->devices = g_strdup(text_of(root, "devices"));
	m->kernel = g_strdup(text_of(cJSON_GetArrayItem(runs, 0), "kernel"));
	m->caption = g_strdup_printf(
	    "%s %s, scenario %s %s%s%s", text_of(root, "tool"), text_of(root, "version"),
	    text_of(root, "scenario"), text_of(root, "scenario_hash"), seeds,
	    cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(root, "complete")) ? "" : ", INCOMPLETE");
	g_free(seeds);
	cJSON_Delete(root);
	return true;
}

char *plot_manifest_command(const char *folder)
{
	char *path = g_build_filename(folder, "manifest.json", NULL);
	cJSON *root = parse(path);
	const char *command = text_of(root, "command");
	char *copy = *command ? g_strdup(command) : NULL;

	cJSON_Delete(root);
	g_free(path);
	return copy;
}

void plot_manifest_release(struct plot_manifest *m)
{
	g_free(m->workload);
	g_free(m->devices);
	g_free(m->caption);
	g_free(m->kernel);
}
