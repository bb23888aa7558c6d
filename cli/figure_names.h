/*
 * figure_names.h - which figures there are, before anything is run.
 *
 * A figure is asked for by its key or, of one cgroup, as "CGROUP:key".
 */
#ifndef CLI_FIGURE_NAMES_H
#define CLI_FIGURE_NAMES_H

#include "cli/figure.h"
#include "models/scenario.h"

/* Those of any run, as figures_of() has them, but all 0; figures_free(). NULL and an error when there is no
 * memory for the smallest machine. */
GArray *figure_names(const char *const *wanted, GError **error);

/* Whether runs of the scenario have all of @keys (ends with NULL; or NULL). ERROR_USAGE begins with @option
 * and says what may have been meant. */
bool figure_names_valid(const char *option, const char *const *keys, const struct scenario *s,
			GError **error);

#endif
