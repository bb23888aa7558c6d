#include "plots/fidelity_rows.h"

#include <string.h>

#include "plots/layout.h"
#include "plots/manifest.h"

const char *const fidelity_colours[FIDELITY_COLOURS] = { "#0072B2", "#D55E00", "#009E73", "#CC79A7",
							 "#E69F00", "#56B4E9", "#444444", "#8C6D1F" };

enum column {
	KERNEL,
	DEVICE,
	PATTERN,
	ARGUMENTS,
	RATIO,
	CLUSTER,
	LRU,
	THP,
	SWAP,
	PHASE,
	FIGURE,
	PREDICTED,
	PREDICTED_MIN,
	PREDICTED_MAX,
	MEASURED,
	MEASURED_MIN,
	MEASURED_MAX,
	VERDICT,
	JUDGED,
	COLUMNS
};
static const char *const names[COLUMNS] = {
	"kernel",	"dev",		"pat",		 "args",	  "ratio",
	"pc",		"lru",		"thp",		 "swapmb",	  "phase",
	"figure",	"predicted",	"predicted_min", "predicted_max", "measured",
	"measured_min", "measured_max", "verdict",	 "judged",
};

static void add_point(struct fidelity_table *t, u32 row, const u32 *column)
{
	const struct csv *csv = t->csv;
	const char *cell[COLUMNS];
	u64 number[COLUMNS];
	struct fidelity_point p;

	for (u32 i = 0; i < COLUMNS; i++) {
		cell[i] = csv_cell(csv, row, column[i]);
		number[i] = csv_tenths(csv, row, column[i]);
	}
	if (!*cell[PREDICTED])
		return;
	g_ptr_array_add(t->text, g_strdup_printf("%s %s", cell[PATTERN], cell[ARGUMENTS]));
	p = (struct fidelity_point){
		.kernel = cell[KERNEL],
		.device = cell[DEVICE],
		.workload = g_ptr_array_index(t->text, t->text->len - 1),
		.figure = cell[FIGURE],
		.phase = cell[PHASE],
		.predicted = number[PREDICTED],
		.predicted_min = number[PREDICTED_MIN],
		.predicted_max = number[PREDICTED_MAX],
		.measured = number[MEASURED],
		.measured_min = number[MEASURED_MIN],
		.measured_max = number[MEASURED_MAX],
		.limit = number[RATIO] / 10,
		.plain = !strcmp(cell[CLUSTER], "3") && !strcmp(cell[LRU], "classic") &&
			 !strcmp(cell[THP], "none") && !*cell[SWAP],
		.judged = !strcmp(cell[JUDGED], "yes"),
		.holds = !strcmp(cell[VERDICT], "holds"),
	};
	g_array_append_val(t->point, p);
}

bool fidelity_table_load(struct fidelity_table *t, const char *folder, GError **error)
{
	char *path = g_build_filename(folder, "predictions.csv", NULL);
	u32 column[COLUMNS];
	bool good;

	*t = (struct fidelity_table){ .csv = csv_load(path, error),
				      .text = g_ptr_array_new_with_free_func(g_free),
				      .point = g_array_new(FALSE, FALSE, sizeof(struct fidelity_point)) };
	good = t->csv;
	for (u32 i = 0; good && i < COLUMNS; i++)
		good = csv_column(t->csv, path, names[i], &column[i], error);
	for (u32 row = 0; good && row < t->csv->rows; row++)
		add_point(t, row, column);
	g_free(path);
	if (!good)
		fidelity_table_release(t);
	return good;
}

void fidelity_table_release(struct fidelity_table *t)
{
	csv_free(t->csv);
	g_ptr_array_free(t->text, TRUE);
	g_array_free(t->point, TRUE);
}

u32 fidelity_index(GPtrArray *list, const char *name)
{
	u32 i = 0;

	while (i < list->len && strcmp(g_ptr_array_index(list, i), name))
		i++;
	if (i == list->len)
		g_ptr_array_add(list, (char *)name);
	return i;
}

bool fidelity_head(GString *out, const char *folder, const char *title, GError **error)
{
	struct plot_manifest m;

	if (!plot_manifest_load(&m, folder, error))
		return false;
	g_string_append(out, "set label ");
	layout_fit(out, title, LAYOUT_WIDTH * 85 / 100, 20);
	g_string_append_printf(out, " at screen 0.%03u,0.955 left\nset label ", LAYOUT_LEFT);
	layout_fit(out, m.caption, LAYOUT_WIDTH * 9 / 10, 11);
	g_string_append_printf(out, " at screen 0.%03u,0.022 right textcolor '#666666'\n", LAYOUT_RIGHT);
	plot_manifest_release(&m);
	return true;
}
