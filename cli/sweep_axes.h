/*
 * sweep_axes.h - what a sweep varies: paths into a scenario, each with its values, from the scenario's
 * "sweep" and from the command line.
 *
 * Elements of lists are named by their index or, as in cgroups[web].memory.max, by their "name".
 *
 * On the command line "path=value" fixes a path, "path=v,w,..." sweeps it (commas in brackets, braces and
 * quotes do not divide); both replace what the file says of the same path. "A..B", in either place, stands
 * for all whole numbers from A to B. The file's axes come first, in its order; the first is the slowest.
 */
#ifndef CLI_SWEEP_AXES_H
#define CLI_SWEEP_AXES_H

#include "models/scenario.h"

#define SWEEP_KERNEL "machine.kernel"
#define SWEEP_SEED "machine.seed"

enum { SWEEP_VALUES_MAX = 10000 }; /* of an axis */

struct sweep_axis {
	char *path;  /* as it was given */
	char *place; /* where it leads in the file, as paths are printed */
	char **value;
	u32 values;
	u32 *element; /* [value] which one of the list in the file it came from */
	bool in_file;
};

struct sweep_axes {
	char *file;   /* where the scenario is */
	char *text;   /* what it was when the sweep began */
	char **fixed; /* "path=value", ends with NULL */
	u32 axes;
	struct sweep_axis *axis;
};

/* @sets ends with NULL or is NULL. ERROR_SCENARIO for a scenario that is wrong and for a value that is wrong
 * by itself, at its place in the file; ERROR_USAGE. Release it in any case. */
bool sweep_axes_init(struct sweep_axes *axes, const char *file, const char *const *sets, GError **error);
void sweep_axes_release(struct sweep_axes *axes);

/* The scenario with value[axis] of every axis (SWEEP_ANY: as the file has it); NULL and an error when a path
 * leads nowhere. json_doc_free(). */
#define SWEEP_ANY UINT32_MAX
struct json_doc *sweep_axes_document(const struct sweep_axes *axes, const u32 *value, GError **error);

#endif
