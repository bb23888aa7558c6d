#include "cli/folder.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "plots/plot.h"
#include "sim/error.h"

struct folder {
	char *place;
	char *beside; /* where it is written */
	bool force;
	bool finished;
};

static bool io_error(GError **error, const char *path, const char *what, int number)
{
	g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: %s: %s", path, what, g_strerror(number));
	return false;
}

bool folder_owns(const char *name)
{
	static const char *const names[] = {
		"manifest.json",  "scenario.json", "summary.json", "series.csv",   "hist.csv",
		"hist_pages.csv", "runs.csv",	   "sweep.csv",	   "compare.csv",  "events.csv",
		"cgroups.csv",	  "oom.csv",	   "slots.csv",	   "measured.csv", "predictions.csv",
		"scores.csv",	  "sequence.csv",  "windows.csv",  "changes.csv",  NULL
	};
	const char *dot = strrchr(name, '.');
	char *stem;
	bool picture;

	if (g_strv_contains(names, name))
		return true;
	if (!dot || !g_strv_contains(plot_suffixes, dot + 1))
		return false;
	stem = g_strndup(name, (gsize)(dot - name));
	if (g_str_has_suffix(stem, PLOT_DATA))
		stem[strlen(stem) - strlen(PLOT_DATA)] = 0;
	picture = plot_find(stem);
	g_free(stem);
	return picture;
}

static bool has_our_manifest(const char *path)
{
	char *file = g_build_filename(path, "manifest.json", NULL);
	char *text = NULL;
	cJSON *manifest = NULL;
	const char *tool = NULL;
	bool ours;

	if (g_file_get_contents(file, &text, NULL, NULL))
		manifest = cJSON_Parse(text);
	tool = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(manifest, "tool"));
	ours = tool && !strcmp(tool, FOLDER_TOOL);
	cJSON_Delete(manifest);
	g_free(text);
	g_free(file);
	return ours;
}

static bool is_plain_file(const char *folder, const char *name)
{
	char *file = g_build_filename(folder, name, NULL);
	GStatBuf status;
	bool plain = g_lstat(file, &status) == 0 && S_ISREG(status.st_mode);

	g_free(file);
	return plain;
}

/* Whether all that is in the folder could be written again. */
static bool may_replace(const char *path, GError **error)
{
	const char *name, *foreign = NULL;
	GDir *dir;

	if (!has_our_manifest(path)) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
			    "%s: not a result folder, so even --force does not replace it (another --output)",
			    path);
		return false;
	}
	dir = g_dir_open(path, 0, NULL);
	while (dir && !foreign && (name = g_dir_read_name(dir)))
		if (!folder_owns(name) || !is_plain_file(path, name))
			foreign = name;
	if (foreign)
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
			    "%s: holds %s, which is no result; --force would delete it (move it away)", path,
			    foreign);
	if (dir)
		g_dir_close(dir);
	return dir && !foreign;
}

static bool remove_folder(const char *path, GError **error)
{
	GDir *dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		char *file = g_build_filename(path, name, NULL);

		if (folder_owns(name))
			g_unlink(file);
		g_free(file);
	}
	if (dir)
		g_dir_close(dir);
	return g_rmdir(path) == 0 || io_error(error, path, "cannot be removed", errno);
}

static bool place_is_free(const struct folder *f, GError **error)
{
	GStatBuf status;

	if (g_lstat(f->place, &status) != 0)
		return true;
	if (f->force)
		return may_replace(f->place, error);
	g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: exists (another --output, or --force)", f->place);
	return false;
}

struct folder *folder_begin(const char *path, bool force, GError **error)
{
	struct folder *f = g_new0(struct folder, 1);
	size_t end = strlen(path);
	char *parent;

	while (end > 1 && path[end - 1] == '/')
		end--;
	f->place = g_strndup(path, end);
	f->force = force;
	if (!place_is_free(f, error))
		goto fail;
	parent = g_path_get_dirname(f->place);
	if (g_mkdir_with_parents(parent, 0777) != 0) {
		io_error(error, parent, "cannot be created", errno);
		g_free(parent);
		goto fail;
	}
	g_free(parent);
	f->beside = g_strconcat(f->place, ".XXXXXX", NULL);
	if (!g_mkdtemp_full(f->beside, 0777)) {
		io_error(error, f->place, "cannot be created", errno);
		g_clear_pointer(&f->beside, g_free);
		goto fail;
	}
	return f;
fail:
	folder_free(f);
	return NULL;
}

char *folder_path(const struct folder *f, const char *name)
{
	BUG_ON(!folder_owns(name));
	return g_build_filename(f->beside, name, NULL);
}

bool folder_add(struct folder *f, const char *name, const char *text, GError **error)
{
	char *file = folder_path(f, name);
	FILE *out = fopen(file, "we");
	bool good = out && fputs(text, out) >= 0;
	int number = errno;

	if (out && fclose(out) && good) {
		good = false;
		number = errno;
	}
	if (!good)
		io_error(error, file, "cannot be written", number);
	g_free(file);
	return good;
}

/* The old folder moves aside first, so that at no time both are gone. */
static bool exchange(const struct folder *f, GError **error)
{
	char *old = g_strconcat(f->beside, ".old", NULL);
	bool good = false;

	if (g_rename(f->place, old) != 0) {
		io_error(error, f->place, "cannot be moved aside", errno);
	} else if (g_rename(f->beside, f->place) != 0) {
		io_error(error, f->place, "cannot be replaced", errno);
		g_rename(old, f->place);
	} else {
		good = remove_folder(old, error);
	}
	g_free(old);
	return good;
}

bool folder_finish(struct folder *f, GError **error)
{
	GStatBuf status;

	if (!place_is_free(f, error))
		return false;
	if (g_lstat(f->place, &status) == 0)
		f->finished = exchange(f, error);
	else if (g_rename(f->beside, f->place) == 0)
		f->finished = true;
	else
		io_error(error, f->place, "cannot be created", errno);
	return f->finished;
}

void folder_free(struct folder *f)
{
	if (!f)
		return;
	if (f->beside && !f->finished)
		remove_folder(f->beside, NULL);
	g_free(f->beside);
	g_free(f->place);
	g_free(f);
}
