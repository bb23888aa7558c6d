/*
 * fidelity_rows.h - predictions.csv of a result folder: what was predicted, and what was measured.
 */
#ifndef PLOTS_FIDELITY_ROWS_H
#define PLOTS_FIDELITY_ROWS_H

#include <glib.h>

#include "plots/csv.h"

/* In tenths. */
struct fidelity_point {
	const char *kernel, *device, *workload; /* "seq wr:0_passes:2", in the table */
	const char *figure, *phase;
	u64 predicted, predicted_min, predicted_max;
	u64 measured, measured_min, measured_max;
	u64 limit;  /* percent, not in tenths; 0: it is no percentage */
	bool plain; /* page-cluster 3, classic LRU, no huge pages, no limit of swap */
	bool judged;
	bool holds;
};

struct fidelity_table {
	struct csv *csv;
	GPtrArray *text;
	GArray *point; /* those that have a prediction */
};

/* ERROR_IO. */
bool fidelity_table_load(struct fidelity_table *t, const char *folder, GError **error);
void fidelity_table_release(struct fidelity_table *t);

static inline const struct fidelity_point *fidelity_point_at(const struct fidelity_table *t, u32 i)
{
	return &g_array_index(t->point, struct fidelity_point, i);
}

/* Where a text is among @names (of const char *), which it is added to if it is new. */
u32 fidelity_index(GPtrArray *names, const char *name);

/* What stands above and below the picture; the caption is of the manifest. */
bool fidelity_head(GString *out, const char *folder, const char *title, GError **error);

/* Eight, told apart by the colour-blind. */
extern const char *const fidelity_colours[];
enum { FIDELITY_COLOURS = 8 };

#endif
