/*
 * sweep_report.c - the table of a sweep for people, and as CSV and JSON.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/quantity.h"
#include "cli/sweep_table.h"

enum { REASONS_TOLD = 10 };

struct column {
	const char *key;
	const char *title;
	enum quantity_unit unit;
};
static const struct column shown[] = { { "run_time_ns", "time", UNIT_NS },
				       { "accesses_per_s", "throughput", UNIT_RATE },
				       { "pgmajfault", "pgmajfault", UNIT_NONE },
				       { "fault_p99_ns", "fault p99", UNIT_NS },
				       { "lock_wait_ns", "lock wait", UNIT_NS } };

static char *const *row_at(const struct sweep_table *t, u32 row)
{
	return g_ptr_array_index(t->row, row);
}

char *sweep_table_csv(const struct sweep_table *t)
{
	GString *out = g_string_new(NULL);

	for (int row = -1; row < (int)t->row->len; row++) {
		char *const *cell = row < 0 ? t->column : row_at(t, (u32)row);

		for (u32 i = 0; i < t->columns; i++) {
			if (i)
				g_string_append_c(out, ',');
			csv_field(out, cell[i]);
		}
		g_string_append_c(out, '\n');
	}
	return g_string_free(out, FALSE);
}

/* ---- rows that differ in their seed only ---- */

/* Columns that say which point it is: 1 (kernel) and from 3 to the curve's. */
static u32 last_axis(const struct sweep_table *t)
{
	return sweep_table_column(t, "curve");
}

static bool is_axis(const struct sweep_table *t, u32 column)
{
	return column == 1 || (column > 2 && column < last_axis(t));
}

static char *name_of(const struct sweep_table *t, u32 row)
{
	GString *name = g_string_new(NULL);

	for (u32 i = 0; i < last_axis(t); i++)
		if (is_axis(t, i))
			g_string_append_printf(name, "%s\n", row_at(t, row)[i]);
	return g_string_free(name, FALSE);
}

/* Of GArray of rows, in the order of their first ones. */
static GPtrArray *fold(const struct sweep_table *t)
{
	GHashTable *known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GPtrArray *groups = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);

	for (u32 i = 0; i < t->row->len; i++) {
		char *name = name_of(t, i);
		GArray *group = g_hash_table_lookup(known, name);

		if (group) {
			g_free(name);
		} else {
			group = g_array_new(FALSE, FALSE, sizeof(u32));
			g_ptr_array_add(groups, group);
			g_hash_table_insert(known, name, group);
		}
		g_array_append_val(group, i);
	}
	g_hash_table_destroy(known);
	return groups;
}

static int ascending(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

/* Of the rows that have the figure; the caller frees it. */
static char *median(const struct sweep_table *t, const GArray *group, u32 column, enum quantity_unit unit)
{
	u64 *value = g_new(u64, group->len);
	char *text;
	u32 n = 0;

	for (u32 i = 0; i < group->len && column < t->columns; i++) {
		const char *cell = row_at(t, g_array_index(group, u32, i))[column];

		if (*cell)
			value[n++] = g_ascii_strtoull(cell, NULL, 10);
	}
	qsort(value, n, sizeof *value, ascending);
	text = n ? quantity(value[(n - 1) / 2], unit) : g_strdup("-");
	g_free(value);
	return text;
}

/* "ok", or the worst and how often. */
static void outcome_cell(struct table *out, const struct sweep_table *t, const GArray *group)
{
	static const enum sweep_outcome by_weight[] = { SWEEP_FINDING, SWEEP_INVALID, SWEEP_FAILED,
							SWEEP_KILLED };

	for (u32 w = 0; w < ARRAY_SIZE(by_weight); w++) {
		const char *name = sweep_outcome_name[by_weight[w]];
		u32 n = 0;

		for (u32 i = 0; i < group->len; i++)
			n += !strcmp(sweep_table_cell(t, g_array_index(group, u32, i), "outcome"), name);
		if (n && group->len > 1)
			table_printf(out, "%s %u/%u", name, n, group->len);
		else if (n)
			table_text(out, name);
		if (n)
			return;
	}
	table_text(out, sweep_outcome_name[SWEEP_OK]);
}

static struct table *for_people(const struct sweep_table *t, const struct column *columns, u32 n)
{
	GPtrArray *groups = fold(t);
	struct table *out = table_new();

	for (u32 i = 0; i < last_axis(t); i++)
		if (is_axis(t, i))
			table_column(out, t->column[i], i == 1 ? TABLE_LEFT : TABLE_RIGHT);
	table_column(out, "outcome", TABLE_LEFT);
	for (u32 f = 0; f < n; f++)
		table_column(out, columns[f].title, TABLE_RIGHT);
	for (u32 g = 0; g < groups->len; g++) {
		const GArray *group = g_ptr_array_index(groups, g);

		for (u32 i = 0; i < last_axis(t); i++)
			if (is_axis(t, i))
				table_text(out, row_at(t, g_array_index(group, u32, 0))[i]);
		outcome_cell(out, t, group);
		for (u32 f = 0; f < n; f++) {
			char *text = median(t, group, sweep_table_column(t, columns[f].key), columns[f].unit);

			table_text(out, text);
			g_free(text);
		}
	}
	g_ptr_array_free(groups, TRUE);
	return out;
}

/* ---- for programs ---- */

static bool is_text(const struct sweep_table *t, u32 column)
{
	u32 behind = sweep_table_column(t, "footprint_pages");

	return column < behind && column != 0 && column != 2;
}

static struct table *for_programs(const struct sweep_table *t)
{
	struct table *out = table_new();

	for (u32 i = 0; i < t->columns; i++)
		table_column(out, t->column[i], TABLE_LEFT);
	for (u32 row = 0; row < t->row->len; row++) {
		for (u32 i = 0; i < t->columns; i++) {
			const char *cell = row_at(t, row)[i];

			if (is_text(t, i))
				table_text(out, cell);
			else if (*cell)
				table_number(out, g_ascii_strtoull(cell, NULL, 10));
			else
				table_none(out);
		}
	}
	return out;
}

/* ---- those that were asked for ---- */

/* Units are in names, but for those of plain counts. */
static enum quantity_unit unit_of(const char *key)
{
	static const struct {
		const char *part;
		enum quantity_unit unit;
	} units[] = { { "lock_contended:", UNIT_NONE },
		      { "lock_wait_ns:", UNIT_NS },
		      { "_millibytes_", UNIT_MILLI } };

	for (u32 i = 0; i < ARRAY_SIZE(units); i++)
		if (strstr(key, units[i].part))
			return units[i].unit;
	return g_str_has_suffix(key, "_ns")	 ? UNIT_NS
	       : g_str_has_suffix(key, "_per_s") ? UNIT_RATE
	       : g_str_has_suffix(key, "_bytes") ? UNIT_BYTES
						 : UNIT_NONE;
}

/* The table without the other figures; sweep_table_release(). */
static void take_figures(struct sweep_table *out, const struct sweep_table *t, const char *const *figures)
{
	u32 first = MIN(sweep_table_column(t, "footprint_pages") + 1, t->columns),
	    columns = first + g_strv_length((char **)figures);

	*out = (struct sweep_table){ .column = g_new0(char *, columns + 1),
				     .columns = columns,
				     .row = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev) };
	for (u32 i = 0; i < columns; i++)
		out->column[i] = g_strdup(i < first ? t->column[i] : figures[i - first]);
	for (u32 row = 0; row < t->row->len; row++) {
		char **cell = g_new0(char *, columns + 1);

		for (u32 i = 0; i < columns; i++)
			cell[i] = g_strdup(sweep_table_cell(t, row, out->column[i]));
		g_ptr_array_add(out->row, cell);
	}
}

static char *write_with(const struct sweep_table *t, const struct column *columns, u32 n,
			enum table_format format)
{
	struct table *out;
	char *text;

	if (format == TABLE_CSV)
		return sweep_table_csv(t);
	out = format == TABLE_JSON ? for_programs(t) : for_people(t, columns, n);
	text = table_write(out, format);
	table_free(out);
	return text;
}

char *sweep_table_write(const struct sweep_table *t, const char *const *figures, enum table_format format)
{
	struct sweep_table taken;
	struct column *columns;
	char *text;
	u32 n;

	if (!figures)
		return write_with(t, shown, ARRAY_SIZE(shown), format);
	n = g_strv_length((char **)figures);
	columns = g_new(struct column, n);
	for (u32 i = 0; i < n; i++)
		columns[i] = (struct column){ figures[i], figures[i], unit_of(figures[i]) };
	take_figures(&taken, t, figures);
	text = write_with(&taken, columns, n, format);
	sweep_table_release(&taken);
	g_free(columns);
	return text;
}

char *sweep_table_reasons(const struct sweep_table *t)
{
	GString *out = g_string_new(NULL);
	u32 told = 0;

	for (u32 row = 0; row < t->row->len; row++) {
		if (!*sweep_table_cell(t, row, "reason"))
			continue;
		if (told++ < REASONS_TOLD)
			g_string_append_printf(out, "point %s %s: %s\n", row_at(t, row)[0],
					       sweep_table_cell(t, row, "outcome"),
					       sweep_table_cell(t, row, "reason"));
	}
	if (told > REASONS_TOLD)
		g_string_append_printf(out, "and %u more like these\n", told - REASONS_TOLD);
	return g_string_free(out, FALSE);
}
