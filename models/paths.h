/*
 * paths.h - the model's path table: numbers, functions, frames. A new path is a name in its folder's list in
 * frames.h, a frame there, and PATH(name) in a file of that folder.
 */
#ifndef MODELS_PATHS_H
#define MODELS_PATHS_H

#include "models/kernel.h"
#include "models/mm/frames.h"
#include "models/swap/frames.h"
#include "models/work/frames.h"
#include "sim/path.h"

#define PATHS(X) MM_PATHS(X) SWAP_PATHS(X) WORK_PATHS(X)

enum path_number {
#define X(p) PATH_##p,
	PATHS(X)
#undef X
	    NR_PATHS
};

#define X(p) void p##_path(struct machine *m, struct task *t, void *f, struct step *s);
PATHS(X)
#undef X

extern const struct path_info path_info[NR_PATHS];

enum pageout_result { PAGE_KEEP, PAGE_ACTIVATE, PAGE_SUCCESS };

/* Errors that paths return, under the kernel's names. */
enum path_error { PATH_OK, PATH_EEXIST, PATH_ENOENT, PATH_ENOMEM };

#endif
