/*
 * sweep_part.h - results of points, and the file that keeps them until a sweep is whole.
 *
 * A line a result, written at once when the point is done and checked by a sum when read again, so that
 * whoever is killed in the middle of a line loses that line and no more. The first line names the program
 * that wrote it: what another build found is not taken for what this one would find.
 */
#ifndef CLI_SWEEP_PART_H
#define CLI_SWEEP_PART_H

#include <glib.h>

#include "sim/types.h"

enum sweep_outcome {
	SWEEP_OK,
	SWEEP_KILLED,  /* the OOM killer came; the figures are of what ran */
	SWEEP_FAILED,  /* the machine could not run on: no figures */
	SWEEP_INVALID, /* there is no such scenario */
	SWEEP_FINDING, /* an invariant was violated */
	NR_SWEEP_OUTCOMES
};
extern const char *const sweep_outcome_name[NR_SWEEP_OUTCOMES + 1]; /* ends with NULL */

struct sweep_row {
	enum sweep_outcome outcome;
	char *reason;	    /* "" when ok */
	u64 counts, events; /* fingerprints */
	u64 footprint_pages;
	u64 *figure; /* [figures of the results], NULL for none */
};

struct sweep_results {
	GHashTable *row;   /* u64 * -> struct sweep_row * */
	GPtrArray *figure; /* keys of figures, char *; none before the first result with figures */
	int file;	   /* kept in it, too; -1: in none */
	char *path;
};

void sweep_results_init(struct sweep_results *r);
void sweep_results_release(struct sweep_results *r);

const struct sweep_row *sweep_results_find(const struct sweep_results *r, u64 key);

/* Takes over the row. ERROR_IO when it cannot be kept; it is in the results all the same. */
bool sweep_results_add(struct sweep_results *r, u64 key, struct sweep_row *row, GError **error);
void sweep_row_free(struct sweep_row *row);
/* Before the first row with figures; later only to make sure: ERROR_IO when there are others. */
bool sweep_results_name_figures(struct sweep_results *r, const char *const *keys, GError **error);

/*
 * Reads what a file has, and keeps further results in it; makes it if there is none. @fresh forgets what it
 * has. ERROR_IO: also when another process has it open, or another build wrote it.
 */
bool sweep_results_keep(struct sweep_results *r, const char *path, bool fresh, GError **error);
/* It has served. */
void sweep_results_forget_file(struct sweep_results *r);

#endif
