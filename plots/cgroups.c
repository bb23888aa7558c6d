#include "plots/cgroups.h"

#include <string.h>

#include "plots/csv.h"
#include "plots/samples.h"
#include "sim/error.h"

enum { PAGE_BYTES = 4096 };

const char *const cgroup_value_name[CGROUP_VALUES] = {
	[CGROUP_MEMORY] = "memory.current",
	[CGROUP_MEMORY_MAX] = "memory.max",
	[CGROUP_SWAP] = "memory.swap.current",
	[CGROUP_SWAP_MAX] = "memory.swap.max",
	[CGROUP_SOME_NS] = "memory.pressure:some_ns",
	[CGROUP_FULL_NS] = "memory.pressure:full_ns",
	[CGROUP_HIGH] = "memory.high",
	[CGROUP_LOW] = "memory.low",
	[CGROUP_ACCESSES] = "accesses",
	[CGROUP_MAJOR_FAULTS] = "pgmajfault",
};

struct columns {
	u32 time, cgroup, value[CGROUP_VALUES];
};

/* The cgroups are those of the first sample. */
static void read_names(struct cgroups *c, const struct csv *csv, const struct columns *column)
{
	GPtrArray *names = g_ptr_array_new();

	for (u32 row = 0; row < csv->rows; row++) {
		if (strcmp(csv_cell(csv, row, column->time), csv_cell(csv, 0, column->time)))
			break;
		g_ptr_array_add(names, g_strdup(csv_cell(csv, row, column->cgroup)));
	}
	c->n = names->len;
	g_ptr_array_add(names, NULL);
	c->name = (char **)g_ptr_array_free(names, FALSE);
}

static bool read_value(const struct csv *csv, const char *path, u32 row, const struct columns *column, u32 v,
		       u64 *value, GError **error)
{
	if (column->value[v] == csv->columns) {
		*value = v == CGROUP_HIGH ? CGROUP_NO_LIMIT : 0;
		return true;
	}
	if ((v == CGROUP_MEMORY_MAX || v == CGROUP_SWAP_MAX || v == CGROUP_HIGH || v == CGROUP_LOW) &&
	    !strcmp(csv_cell(csv, row, column->value[v]), "max")) {
		*value = CGROUP_NO_LIMIT;
		return true;
	}
	return csv_whole(csv, path, row, column->value[v], value, error);
}

/* Row by row, each of the cgroup that is due in its sample. */
static bool read_row(struct cgroups *c, const struct csv *csv, const char *path, const struct columns *column,
		     u32 row, GError **error)
{
	u32 sample = row / c->n;
	const char *due = c->name[row % c->n];
	u64 time;

	if (!csv_whole(csv, path, row, column->time, &time, error))
		return false;
	if (strcmp(csv_cell(csv, row, column->cgroup), due) || (row % c->n && time != c->time[sample])) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
			    "%s:%u: is of cgroup %s at %" G_GUINT64_FORMAT
			    " (%s is due, every sample has all cgroups)",
			    path, row + 2, csv_cell(csv, row, column->cgroup), time, due);
		return false;
	}
	if (row % c->n == 0 && sample && !sample_time_follows(path, row, c->time[sample - 1], time, error))
		return false;
	c->time[sample] = time;
	for (u32 v = 0; v < CGROUP_VALUES; v++)
		if (!read_value(csv, path, row, column, v, &c->value[row][v], error))
			return false;
	return true;
}

static bool is_counter(u32 v)
{
	return v == CGROUP_SOME_NS || v == CGROUP_FULL_NS || v == CGROUP_ACCESSES || v == CGROUP_MAJOR_FAULTS;
}

static bool counters_grow(const struct cgroups *c, const char *path, u32 row, GError **error)
{
	for (u32 v = 0; row >= c->n && v < CGROUP_VALUES; v++) {
		if (!is_counter(v) || c->value[row][v] >= c->value[row - c->n][v])
			continue;
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
			    "%s:%u: %s is %" G_GUINT64_FORMAT " after %" G_GUINT64_FORMAT
			    " (a counter never falls)",
			    path, row + 2, cgroup_value_name[v], c->value[row][v], c->value[row - c->n][v]);
		return false;
	}
	return true;
}

static bool read_rows(struct cgroups *c, const struct csv *csv, const char *path,
		      const struct columns *column, GError **error)
{
	read_names(c, csv, column);
	if (!c->n)
		return true;
	c->samples = csv->rows / c->n;
	c->has_progress = column->value[CGROUP_ACCESSES] < csv->columns &&
			  column->value[CGROUP_MAJOR_FAULTS] < csv->columns;
	c->time = g_new(u64, c->samples + 1);
	c->value = g_malloc_n(csv->rows, sizeof *c->value);
	for (u32 row = 0; row < csv->rows; row++)
		if (!read_row(c, csv, path, column, row, error) || !counters_grow(c, path, row, error))
			return false;
	if (csv->rows % c->n) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: ends in the middle of a sample (%s is due)",
			    path, c->name[csv->rows % c->n]);
		return false;
	}
	return sample_enough(path, c->samples, error);
}

static bool find_columns(const struct csv *csv, const char *path, struct columns *column, GError **error)
{
	if (!csv_column(csv, path, "time_ns", &column->time, error) ||
	    !csv_column(csv, path, "cgroup", &column->cgroup, error))
		return false;
	for (u32 v = 0; v < CGROUP_NEEDED; v++)
		if (!csv_column(csv, path, cgroup_value_name[v], &column->value[v], error))
			return false;
	for (u32 v = CGROUP_NEEDED; v < CGROUP_VALUES; v++)
		if (!csv_column(csv, path, cgroup_value_name[v], &column->value[v], NULL))
			column->value[v] = csv->columns;
	return true;
}

struct cgroups *cgroups_load(const char *folder, GError **error)
{
	struct cgroups *c = g_new0(struct cgroups, 1);
	char *path = g_build_filename(folder, "cgroups.csv", NULL);
	struct csv *csv = csv_load(path, error);
	struct columns column;
	bool good = csv && find_columns(csv, path, &column, error) && read_rows(c, csv, path, &column, error);

	csv_free(csv);
	g_free(path);
	if (good)
		return c;
	cgroups_free(c);
	return NULL;
}

void cgroups_free(struct cgroups *c)
{
	if (!c)
		return;
	g_strfreev(c->name);
	g_free(c->time);
	g_free(c->value);
	g_free(c);
}

static void oom_kill_clear(void *data)
{
	struct oom_kill *kill = data;

	g_free(kill->cgroup);
	g_free(kill->process);
}

static bool read_kills(GArray *kills, const struct csv *csv, const char *path, GError **error)
{
	static const char *const names[] = { "time_ns", "anon_pages", "swap_pages",
					     "cgroup",	"process",    "task" };
	u32 column[ARRAY_SIZE(names)];

	for (u32 i = 0; i < ARRAY_SIZE(names); i++)
		if (!csv_column(csv, path, names[i], &column[i], error))
			return false;
	for (u32 row = 0; row < csv->rows; row++) {
		const char *process = csv_cell(csv, row, column[4]);
		struct oom_kill kill = { 0 };
		u64 anon, swap;

		if (!csv_whole(csv, path, row, column[0], &kill.time_ns, error) ||
		    !csv_whole(csv, path, row, column[1], &anon, error) ||
		    !csv_whole(csv, path, row, column[2], &swap, error))
			return false;
		kill.bytes = (anon + swap) * PAGE_BYTES;
		kill.cgroup = g_strdup(csv_cell(csv, row, column[3]));
		kill.process = g_strdup(*process ? process : csv_cell(csv, row, column[5]));
		g_array_append_val(kills, kill);
	}
	return true;
}

static gint by_time(gconstpointer a, gconstpointer b)
{
	const struct oom_kill *x = a, *y = b;

	return x->time_ns < y->time_ns ? -1 : x->time_ns > y->time_ns;
}

GArray *oom_kills_load(const char *folder, GError **error)
{
	GArray *kills = g_array_new(FALSE, FALSE, sizeof(struct oom_kill));
	char *path = g_build_filename(folder, "oom.csv", NULL);
	struct csv *csv = csv_load(path, error);
	bool good;

	g_array_set_clear_func(kills, oom_kill_clear);
	good = csv && read_kills(kills, csv, path, error);
	csv_free(csv);
	g_free(path);
	if (good) {
		g_array_sort(kills, by_time);
		return kills;
	}
	g_array_unref(kills);
	return NULL;
}
