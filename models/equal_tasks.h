/*
 * equal_tasks.h - tasks of a scenario that differ in nothing but their numbers, for searches that need not
 * tell them apart (sim/symmetry.h): those with the same script and a process each that is like the others',
 * or the same one.
 *
 * With the tasks trade places their processes, the pages and page tables of these, and the page frames that
 * hold the pages when the search begins. So do the two CPUs of a machine, where no slots are kept for a CPU
 * (from 6.17 on), with what each has of its own. Slots, clusters, devices and cgroups stay who they are.
 * Three things make it more than a name:
 *
 * - Pages of equal processes must compress to the same size, or what is on a device tells them apart. While
 *   the search runs they do, unless some of them are on one already.
 * - No path may go by the order of such numbers. Those that do - the OOM killer, swapoff, fork, shared
 *   memory, files - and those that nobody has looked at are not in the tables; a search that meets one does
 *   without symmetry.
 * - Kernel threads sleep on some CPU, and stay there when CPUs trade places: as long as they sleep it makes
 *   no difference. A search in which one wakes leaves CPUs alone.
 */
#ifndef MODELS_EQUAL_TASKS_H
#define MODELS_EQUAL_TASKS_H

#include "models/kernel.h"
#include "sim/symmetry.h"

enum kernel_label { LABEL_MM = NR_ENGINE_LABELS, LABEL_TABLE, LABEL_VMA, LABEL_PAGE, LABEL_FOLIO, NR_LABELS };
enum kernel_label_form { LABEL_CONTENT = NR_LABEL_FORMS, LABEL_CACHE_WORD };

struct equal_tasks;

/* In the state @k is in; NULL: no two are equal. */
struct equal_tasks *equal_tasks_new(struct kernel *k);
/* Pages compress as they did. */
void equal_tasks_free(struct equal_tasks *e);
const struct symmetry *equal_tasks_symmetry(const struct equal_tasks *e);

/* One row of the table of paths; those of a path stand together. */
struct label_row {
	u32 path;
	struct label_field field;
};
extern const struct label_row label_rows[];	  /* equal_tasks_frames.c; ends with NR_PATHS */
extern const struct label_region label_regions[]; /* equal_tasks_regions.c */

#endif
