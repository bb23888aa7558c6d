#include "cli/sweep_table.h"

#include <stdlib.h>
#include <string.h>

#include "cli/quantity.h"
#include "cli/sweep_words.h"
#include "plots/csv.h"
#include "sim/units.h"

enum { PAGE_BYTES = 4096 };

static const char *const before[] = { "point", "kernel", "seed", NULL };
static const char *const behind[] = { "curve",	"value_percent", "outcome",	    "reason",
				      "counts", "events",	 "footprint_pages", NULL };

/* ---- columns ---- */

static bool is_named(const struct sweep_axis *axis, const char *path)
{
	return !strcmp(axis->path, path);
}

static bool has_column(const struct sweep_axis *axis)
{
	return !is_named(axis, SWEEP_KERNEL) && !is_named(axis, SWEEP_SEED);
}

/* The first axis that is a limit of memory; axes when there is none. */
static u32 limit_axis(const struct sweep_axes *axes)
{
	u32 i = 0;

	while (i < axes->axes && !strstr(axes->axis[i].path, "memory.max"))
		i++;
	return i;
}

static void name_columns(struct sweep_table *t, const struct sweep_plan *plan, const GPtrArray *figures)
{
	GPtrArray *names = g_ptr_array_new();

	for (u32 i = 0; before[i]; i++)
		g_ptr_array_add(names, g_strdup(before[i]));
	for (u32 i = 0; i < plan->axes.axes; i++)
		if (has_column(&plan->axes.axis[i]))
			g_ptr_array_add(names, g_strdup(plan->axes.axis[i].path));
	for (u32 i = 0; behind[i]; i++)
		g_ptr_array_add(names, g_strdup(behind[i]));
	for (u32 i = 0; i < figures->len; i++)
		g_ptr_array_add(names, g_strdup(g_ptr_array_index(figures, i)));
	t->columns = names->len;
	g_ptr_array_add(names, NULL);
	t->column = (char **)g_ptr_array_free(names, FALSE);
}

/* ---- rows ---- */

static char *curve_of(const struct sweep_plan *plan, u32 point)
{
	const struct sweep_axes *axes = &plan->axes;
	GString *text = g_string_new(NULL);
	u32 limit = limit_axis(axes);

	for (u32 i = 0; i < axes->axes; i++) {
		char *words;

		if (i == limit || axes->axis[i].values == 1 || is_named(&axes->axis[i], SWEEP_SEED))
			continue;
		words = sweep_words(&axes->axis[i], sweep_plan_index(plan, point, i));
		g_string_append_printf(text, "%s%s", text->len ? ", " : "", words);
		g_free(words);
	}
	if (!text->len)
		g_string_append(text, plan->point[point].kernel ? plan->point[point].kernel : "");
	return g_string_free(text, FALSE);
}

static char *percent_of(const struct sweep_plan *plan, u32 point, u64 footprint_pages)
{
	u32 limit = limit_axis(&plan->axes);
	const char *text;
	u64 bytes, permille;

	if (limit == plan->axes.axes)
		return g_strdup("");
	text = sweep_plan_value(plan, point, limit);
	if (g_str_has_suffix(text, "%"))
		return g_strndup(text, strlen(text) - 1);
	if (size_parse(text, &bytes) || !footprint_pages)
		return g_strdup("");
	permille = mul_div(bytes, 1000, footprint_pages * PAGE_BYTES);
	return g_strdup_printf("%" G_GUINT64_FORMAT ".%u", permille / 10, (u32)(permille % 10));
}

static char *number(u64 value)
{
	return g_strdup_printf("%" G_GUINT64_FORMAT, value);
}

static char *hash(u64 value)
{
	return value ? g_strdup_printf("%016" G_GINT64_MODIFIER "x", value) : g_strdup("");
}

static char **cells_of(const struct sweep_table *t, const struct sweep_plan *plan, u32 point,
		       const struct sweep_row *row, u32 figures)
{
	const struct sweep_point *p = &plan->point[point];
	char **cell = g_new0(char *, t->columns + 1);
	u32 n = 0;

	cell[n++] = number(point);
	cell[n++] = g_strdup(p->kernel ? p->kernel : "");
	cell[n++] = p->kernel ? number(p->seed) : g_strdup("");
	for (u32 i = 0; i < plan->axes.axes; i++)
		if (has_column(&plan->axes.axis[i]))
			cell[n++] = g_strdup(sweep_plan_value(plan, point, i));
	cell[n++] = curve_of(plan, point);
	cell[n++] = percent_of(plan, point, row->footprint_pages);
	cell[n++] = g_strdup(sweep_outcome_name[row->outcome]);
	cell[n++] = g_strdup(row->reason);
	cell[n++] = hash(row->counts);
	cell[n++] = hash(row->events);
	cell[n++] = number(row->footprint_pages);
	for (u32 i = 0; i < figures; i++)
		cell[n++] = row->figure ? number(row->figure[i]) : g_strdup("");
	BUG_ON(n != t->columns);
	return cell;
}

static void row_free(void *row)
{
	g_strfreev(row);
}

void sweep_table_init(struct sweep_table *t, const struct sweep_plan *plan,
		      const struct sweep_results *results, struct sweep_shard shard)
{
	*t = (struct sweep_table){ .row = g_ptr_array_new_with_free_func(row_free) };
	name_columns(t, plan, results->figure);
	for (u32 i = 0; i < plan->points; i++) {
		const struct sweep_row *row = sweep_results_find(results, plan->point[i].key);

		if (row && sweep_shard_has(shard, i))
			g_ptr_array_add(t->row, cells_of(t, plan, i, row, results->figure->len));
	}
}

bool sweep_table_load(struct sweep_table *t, const char *path, GError **error)
{
	struct csv *csv = csv_load(path, error);

	*t = (struct sweep_table){ .row = g_ptr_array_new_with_free_func(row_free) };
	if (!csv)
		return false;
	t->columns = csv->columns;
	t->column = g_new0(char *, csv->columns + 1);
	for (u32 i = 0; i < csv->columns; i++)
		t->column[i] = g_strdup(csv->cell[i]);
	for (u32 row = 0; row < csv->rows; row++) {
		char **cell = g_new0(char *, csv->columns + 1);

		for (u32 i = 0; i < csv->columns; i++)
			cell[i] = g_strdup(csv_cell(csv, row, i));
		g_ptr_array_add(t->row, cell);
	}
	csv_free(csv);
	return true;
}

void sweep_table_release(struct sweep_table *t)
{
	g_strfreev(t->column);
	if (t->row)
		g_ptr_array_free(t->row, TRUE);
	*t = (struct sweep_table){ 0 };
}

u32 sweep_table_column(const struct sweep_table *t, const char *name)
{
	u32 i = 0;

	while (i < t->columns && strcmp(t->column[i], name))
		i++;
	return i;
}

const char *sweep_table_cell(const struct sweep_table *t, u32 row, const char *column)
{
	u32 i = sweep_table_column(t, column);

	return i < t->columns ? ((char **)g_ptr_array_index(t->row, row))[i] : "";
}

/* ---- joining ---- */

static u64 point_of(const void *row)
{
	return g_ascii_strtoull(((char *const *)row)[0], NULL, 10);
}

static int by_point(const void *a, const void *b)
{
	u64 x = point_of(*(char **const *)a), y = point_of(*(char **const *)b);

	return x < y ? -1 : x > y;
}

/* A shard none of whose points had figures has none in its head either. */
static void widen(struct sweep_table *t, const struct sweep_table *to)
{
	g_strfreev(t->column);
	t->column = g_strdupv(to->column);
	for (u32 i = 0; i < t->row->len; i++) {
		char **cell = g_renew(char *, g_ptr_array_index(t->row, i), to->columns + 1);

		for (u32 c = t->columns; c < to->columns; c++)
			cell[c] = g_strdup("");
		cell[to->columns] = NULL;
		t->row->pdata[i] = cell;
	}
	t->columns = to->columns;
}

static bool same_head(const struct sweep_table *a, const struct sweep_table *b)
{
	for (u32 i = 0; i < MIN(a->columns, b->columns); i++)
		if (strcmp(a->column[i], b->column[i]))
			return false;
	return true;
}

static bool same_row(char *const *a, char *const *b)
{
	for (; *a && *b; a++, b++)
		if (strcmp(*a, *b))
			return false;
	return true;
}

static char **copy_row(const struct sweep_table *t, char *const *cell, u32 cells)
{
	char **copy = g_new0(char *, t->columns + 1);

	for (u32 i = 0; i < t->columns; i++)
		copy[i] = g_strdup(i < cells ? cell[i] : "");
	return copy;
}

bool sweep_table_join(struct sweep_table *t, const struct sweep_table *from, GError **error)
{
	if (!same_head(t, from)) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE,
			    "merge: the tables have other columns (all of them from one build of swapsim)");
		return false;
	}
	if (from->columns > t->columns)
		widen(t, from);
	for (u32 i = 0; i < from->row->len; i++)
		g_ptr_array_add(t->row, copy_row(t, g_ptr_array_index(from->row, i), from->columns));
	return true;
}

bool sweep_table_sort(struct sweep_table *t, GError **error)
{
	u32 n = 0;

	g_ptr_array_sort(t->row, by_point);
	for (u32 i = 0; i < t->row->len; i++) {
		char **row = t->row->pdata[i];

		if (n && point_of(t->row->pdata[n - 1]) == point_of(row)) {
			if (!same_row(t->row->pdata[n - 1], row)) {
				g_set_error(
				    error, SWAPSIM_ERROR, ERROR_USAGE,
				    "merge: point %s has two results (all of them from one build of swapsim)",
				    row[0]);
				return false;
			}
			continue;
		}
		t->row->pdata[i] = t->row->pdata[n];
		t->row->pdata[n++] = row;
	}
	g_ptr_array_set_size(t->row, (gint)n);
	return true;
}
