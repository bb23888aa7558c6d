#include "plots/sweep_curves.h"

#include <string.h>

static bool varies(const struct csv *csv, u32 column)
{
	for (u32 row = 1; row < csv->rows; row++)
		if (strcmp(csv_cell(csv, row, column), csv_cell(csv, 0, column)))
			return true;
	return false;
}

char *sweep_curve_name(const struct csv *csv, const struct sweep_columns *c, u32 row)
{
	GString *name = g_string_new(NULL);

	for (u32 i = c->kernel; i < c->curve; i++)
		if (i != c->seed && i != c->axis && varies(csv, i))
			g_string_append_printf(name, "%s%s", name->len ? ", " : "", csv_cell(csv, row, i));
	if (!name->len)
		g_string_append(name, csv_cell(csv, row, c->kernel));
	return g_string_free(name, FALSE);
}

u32 sweep_curve_index(GPtrArray *names, char *name)
{
	for (u32 i = 0; i < names->len; i++) {
		if (!strcmp(g_ptr_array_index(names, i), name)) {
			g_free(name);
			return i;
		}
	}
	g_ptr_array_add(names, name);
	return names->len - 1;
}
