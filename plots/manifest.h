/*
 * manifest.h - what a picture says about where its figures come from.
 */
#ifndef PLOTS_MANIFEST_H
#define PLOTS_MANIFEST_H

#include <glib.h>

#include "sim/types.h"

struct plot_manifest {
	char *workload; /* "trace cc1, 8 threads" */
	char *devices;	/* "zram-lz4" */
	char *caption;	/* scenario, hash, seeds, version, and whether it is complete */
	char *kernel;	/* of the first run */
};

/* Reads FOLDER/manifest.json; ERROR_IO. */
bool plot_manifest_load(struct plot_manifest *m, const char *folder, GError **error);
/* The command that left the folder behind; NULL when it does not say. The caller frees it. */
char *plot_manifest_command(const char *folder);
void plot_manifest_release(struct plot_manifest *m);

#endif
