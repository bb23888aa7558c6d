/*
 * list.h - the lists of swapsim list: of the model's tables (list_model.c) and of files (list_files.c).
 */
#ifndef CLI_LIST_H
#define CLI_LIST_H

#include "cli/table.h"
#include "models/kernel.h"

/* Declares the columns of an empty table and fills it. */
typedef bool list_fn(struct table *t, GError **error);

list_fn list_kernels, list_patches, list_devices, list_cpus, list_corpora, list_workloads, list_counters,
    list_figures, list_locks, list_paths, list_steps, list_windows, list_invariants, list_choices,
    list_rechecks;
/* All of their names, with blanks between; the caller frees it. */
char *list_names(void);

/* Names of scenarios that need no folder before them, sorted; g_strfreev(). */
char **bundled_scenarios(void);

list_fn list_traces, list_scenarios, list_presets, list_plots;

/* The smallest machine there is: it knows its paths and locks. kernel_free(). */
struct kernel *smallest_kernel(GError **error);

#endif
