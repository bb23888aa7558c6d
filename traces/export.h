/*
 * export.h - a trace as text. Importing it with format csv at the same level gives the same file, byte for
 * byte.
 *
 * Lines: the header as "# key: value", "# file: A B-C ..." with the file pages, the names
 * "page,op,count,stride,gap", then one line a run.
 */
#ifndef TRACES_EXPORT_H
#define TRACES_EXPORT_H

#include <glib.h>
#include <stdio.h>

#include "sim/types.h"

/* To a stream of the caller's. */
bool trace_export_csv(const char *in, FILE *out, GError **error);
/* To a file, which is written beside its place and renamed when whole. */
bool trace_export_csv_file(const char *in, const char *out, GError **error);

#endif
