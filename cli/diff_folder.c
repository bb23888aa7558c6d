#include "cli/diff_folder.h"

#include <string.h>

#include "cli/folder.h"
#include "sim/error.h"

char *diff_folder_file(const struct diff_folder *f, const char *name)
{
	return g_build_filename(f->path, name, NULL);
}

char *diff_folder_text(const struct diff_folder *f, const char *name, GError **error)
{
	char *file = diff_folder_file(f, name);
	char *text = NULL;

	if (!g_file_get_contents(file, &text, NULL, NULL))
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
			    "%s: cannot be read (a result folder of swapsim run has it)", file);
	g_free(file);
	return text;
}

static cJSON *read_json(const struct diff_folder *f, const char *name, GError **error)
{
	char *text = diff_folder_text(f, name, error);
	cJSON *root = text ? cJSON_ParseWithOpts(text, NULL, true) : NULL;

	if (text && !cJSON_IsObject(root)) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s/%s: not a JSON object (run it again)",
			    f->path, name);
		g_clear_pointer(&root, cJSON_Delete);
	}
	g_free(text);
	return root;
}

static const char *string_of(const cJSON *object, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));

	return text ? text : "";
}

static bool take_manifest(struct diff_folder *f, GError **error)
{
	const char *command = string_of(f->manifest, "command");
	const cJSON *run, *seed;

	if (strcmp(string_of(f->manifest, "tool"), FOLDER_TOOL) != 0) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: not a result folder of swapsim", f->path);
		return false;
	}
	if (strcmp(command, "run") != 0) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE,
			    "%s: written by swapsim %s (diff takes two folders of swapsim run)", f->path,
			    command);
		return false;
	}
	run = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(f->manifest, "runs"), 0);
	seed = cJSON_GetObjectItemCaseSensitive(run, "seed");
	f->kernel = string_of(run, "kernel");
	f->events = string_of(run, "events");
	f->version = string_of(f->manifest, "version");
	f->complete = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(run, "complete"));
	if (cJSON_IsNumber(seed) && seed->valuedouble >= 0)
		f->seed = (u64)seed->valuedouble;
	if (*f->kernel && *f->events && cJSON_IsNumber(seed))
		return true;
	g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
		    "%s/manifest.json: no run with kernel, seed and fingerprint (run it again)", f->path);
	return false;
}

bool diff_folder_read(struct diff_folder *f, const char *path, GError **error)
{
	*f = (struct diff_folder){ .path = path };
	f->manifest = read_json(f, "manifest.json", error);
	if (!f->manifest || !take_manifest(f, error))
		return false;
	f->scenario = read_json(f, "scenario.json", error);
	if (!f->scenario)
		return false;
	f->summary = read_json(f, "summary.json", error);
	return f->summary;
}

void diff_folder_release(struct diff_folder *f)
{
	cJSON_Delete(f->manifest);
	cJSON_Delete(f->scenario);
	cJSON_Delete(f->summary);
}
