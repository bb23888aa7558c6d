/*
 * folder.h - a result folder: written beside its place, renamed when it is whole.
 *
 * What is in the place already is only replaced by force, and only if it is a result folder and holds nothing
 * but files of ours: a manifest of ours, and names that folder_owns() knows.
 */
#ifndef CLI_FOLDER_H
#define CLI_FOLDER_H

#include <glib.h>

#include "sim/types.h"

struct folder;

/* ERROR_IO. Nothing is left of what folder_free() finds unfinished. */
struct folder *folder_begin(const char *path, bool force, GError **error);
bool folder_add(struct folder *f, const char *name, const char *text, GError **error);
/* Where to write a file that is too large for that; the caller frees it. */
char *folder_path(const struct folder *f, const char *name);
/* Takes the place. */
bool folder_finish(struct folder *f, GError **error);
void folder_free(struct folder *f);

/* Files that commands write into result folders. */
bool folder_owns(const char *name);

/* What manifest.json says under "tool". */
#define FOLDER_TOOL "swapsim"

#endif
