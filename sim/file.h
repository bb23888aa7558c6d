/*
 * file.h - files that a user names: whole, or not there. What there is already is replaced when the new one
 * is complete; a symbolic link keeps its target's place. What is no regular file - a device, a pipe - is
 * written as it is, and left in its place.
 */
#ifndef SIM_FILE_H
#define SIM_FILE_H

#include <glib.h>
#include <stdbool.h>

/* Where to write what is to become @path: beside it, or to itself. The caller frees. */
char *file_partial(const char *path);
/* @partial is complete and closed; it becomes @path. errno if not. */
bool file_complete(const char *partial, const char *path);
/* Nothing becomes of it. */
void file_abandon(const char *partial, const char *path);

/* A whole file. ERROR_IO. */
bool file_write(const char *path, const char *text, gsize length, GError **error);

#endif
