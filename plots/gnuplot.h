/*
 * gnuplot.h - runs gnuplot, which is looked for when it is needed.
 */
#ifndef PLOTS_GNUPLOT_H
#define PLOTS_GNUPLOT_H

#include <glib.h>

#include "sim/types.h"

/* In @folder, with nobody's own settings. ERROR_IO with gnuplot's first line, or with what to install. */
bool gnuplot_run(const char *folder, const char *script, GError **error);

/* Appends a string of gnuplot, in quotes. */
void gnuplot_string(GString *out, const char *text);

#endif
