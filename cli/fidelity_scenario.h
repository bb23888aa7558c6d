/*
 * fidelity_scenario.h - the scenario that does what a measured row did, as text that anybody can run.
 *
 * A row becomes one CPU, a swap device, a cgroup with the limit and a process with 61 pages beyond its data.
 * What cannot be run, or is not known well enough, is not run: there is a reason instead.
 */
#ifndef CLI_FIDELITY_SCENARIO_H
#define CLI_FIDELITY_SCENARIO_H

#include "cli/fidelity_rows.h"

struct fidelity_setup {
	const char *as;		    /* release to run on; NULL: that of the row */
	const char *const *devices; /* "NAME=PRESET", ends with NULL; NULL for none */
	const char *streams;	    /* folder for the traces that have to be written */
	bool recorded;		    /* by swapsim record, on the machine itself */
};

/* JSON, or NULL with either the reason why the row is not run, or an error. The caller frees both. */
char *fidelity_scenario(const struct fidelity_rows *rows, const struct fidelity_row *row,
			const struct fidelity_setup *setup, char **reason, GError **error);

#endif
