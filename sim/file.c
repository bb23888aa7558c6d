#include "sim/file.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/error.h"

/* Behind symbolic links, if there is something. */
static char *target_of(const char *path)
{
	char *real = realpath(path, NULL), *target = g_strdup(real ? real : path);

	free(real);
	return target;
}

static bool is_special(const char *path)
{
	GStatBuf status;

	return g_stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

char *file_partial(const char *path)
{
	char *target = target_of(path), *partial;

	if (is_special(target))
		return target;
	partial = g_strconcat(target, ".partial", NULL);
	g_free(target);
	return partial;
}

bool file_complete(const char *partial, const char *path)
{
	char *target = target_of(path);
	bool good = !strcmp(partial, target) || g_rename(partial, target) == 0;
	int number = errno;

	g_free(target);
	errno = number;
	return good;
}

void file_abandon(const char *partial, const char *path)
{
	char *target = target_of(path);

	if (strcmp(partial, target) != 0)
		g_unlink(partial);
	g_free(target);
}

bool file_write(const char *path, const char *text, gsize length, GError **error)
{
	char *partial = file_partial(path);
	FILE *out = fopen(partial, "wbe");
	bool good = out && fwrite(text, 1, length, out) == length;
	int number = errno;

	if (out && fclose(out) && good) {
		number = errno;
		good = false;
	}
	if (good && !file_complete(partial, path)) {
		number = errno;
		good = false;
	}
	if (!good) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: cannot be written: %s", path,
			    g_strerror(number));
		if (out)
			file_abandon(partial, path);
	}
	g_free(partial);
	return good;
}
