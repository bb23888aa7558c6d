/*
 * diff_folder.h - a result folder of swapsim run, read back.
 */
#ifndef CLI_DIFF_FOLDER_H
#define CLI_DIFF_FOLDER_H

#include <cjson/cJSON.h>
#include <glib.h>

#include "sim/types.h"

struct diff_folder {
	const char *path; /* as it was given; borrowed */
	cJSON *manifest;
	cJSON *scenario;
	cJSON *summary;
	/* Of the manifest; borrowed from it. */
	const char *kernel;
	const char *version;
	const char *events; /* fingerprint */
	u64 seed;
	bool complete;
};

/* ERROR_IO when a file is missing or is not what it should be, ERROR_USAGE for the folder of another command.
 * Release it in any case. */
bool diff_folder_read(struct diff_folder *f, const char *path, GError **error);
void diff_folder_release(struct diff_folder *f);

/* Where a file of the folder is; the caller frees it. */
char *diff_folder_file(const struct diff_folder *f, const char *name);
/* The text of a file; NULL and ERROR_IO. The caller frees it. */
char *diff_folder_text(const struct diff_folder *f, const char *name, GError **error);

#endif
