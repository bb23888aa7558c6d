#include "cli/fidelity_rows.h"

#include <string.h>

#include "sim/error.h"

/* Columns of the file; NONE: it has not got that one. */
enum { NONE = -1 };

static s32 column_of(const struct csv *csv, const char *name)
{
	for (u32 i = 0; i < csv->columns; i++)
		if (!strcmp(csv->cell[i], name))
			return (s32)i;
	return NONE;
}

static const char *text_of(const struct csv *csv, u32 row, const char *name, const char *usual)
{
	s32 column = column_of(csv, name);

	return column == NONE || !*csv_cell(csv, row, (u32)column) ? usual : csv_cell(csv, row, (u32)column);
}

static u64 number_of(const struct csv *csv, u32 row, const char *name, const char *usual)
{
	return g_ascii_strtoull(text_of(csv, row, name, usual), NULL, 10);
}

static bool tenths_of(const struct csv *csv, u32 row, const char *figure, const char *suffix, s64 *tenths)
{
	char *name = g_strconcat(figure, suffix, NULL);
	s32 column = column_of(csv, name);
	bool there = column != NONE && g_ascii_isdigit(*csv_cell(csv, row, (u32)column));

	if (there)
		*tenths = (s64)csv_tenths(csv, row, (u32)column);
	g_free(name);
	return there;
}

/* A median alone is a measurement of which nobody knows how far others lie apart. */
static struct fidelity_band band_of(const struct csv *csv, u32 row, const char *figure)
{
	struct fidelity_band band = { 0 };

	band.there = tenths_of(csv, row, figure, "_med", &band.median);
	band.least = band.most = band.median;
	tenths_of(csv, row, figure, "_min", &band.least);
	tenths_of(csv, row, figure, "_max", &band.most);
	return band;
}

/* Whole, of what may have a fraction. */
static bool is_number(const char *text, u64 least, u64 most)
{
	char *end;
	u64 value;

	if (!g_ascii_isdigit(*text))
		return false;
	value = g_ascii_strtoull(text, &end, 10);
	return (!*end || *end == '.') && value >= least && value <= most;
}

/* The first column whose text means nothing, or NULL. */
static const char *unfit_column(const struct csv *csv, u32 row)
{
	static const struct {
		const char *column;
		u64 least, most;
	} numbers[] = { { "mb", 0, UINT32_MAX },     { "pc", 0, 12 },
			{ "n", 1, UINT32_MAX },	     { "ops", 0, INT64_MAX },
			{ "stack_pages", 0, 61 },    { "stack_used", 0, 61 },
			{ "stack_at_marks", 0, 61 }, { "memory_stat_us", 1, 1000000000 } };
	static const struct {
		const char *column;
		const char *const words[3];
	} words[] = { { "cgv", { "v1", "v2" } }, { "phase", { "run", "all" } } };

	for (u32 i = 0; i < ARRAY_SIZE(numbers); i++) {
		const char *text = text_of(csv, row, numbers[i].column, NULL);

		if (text && !is_number(text, numbers[i].least, numbers[i].most))
			return numbers[i].column;
	}
	for (u32 i = 0; i < ARRAY_SIZE(words); i++) {
		const char *text = text_of(csv, row, words[i].column, NULL);

		if (text && !g_strv_contains(words[i].words, text))
			return words[i].column;
	}
	return NULL;
}

static struct fidelity_row row_of(const struct csv *csv, u32 i)
{
	struct fidelity_row row = {
		.number = i + 1,
		.kernel = text_of(csv, i, "kernel", ""),
		.device = text_of(csv, i, "dev", ""),
		.pattern = text_of(csv, i, "pat", ""),
		.arguments = text_of(csv, i, "args", ""),
		.ratio = text_of(csv, i, "ratio", ""),
		.swap_mib = text_of(csv, i, "swapmb", ""),
		.lru = text_of(csv, i, "lru", "classic"),
		.thp = text_of(csv, i, "thp", "none"),
		.phase = text_of(csv, i, "phase", "all"),
		.cpu = text_of(csv, i, "cpu", ""),
		.cgroup_version = strcmp(text_of(csv, i, "cgv", "v2"), "v1") ? 2 : 1,
		.page_cluster = (u32)number_of(csv, i, "pc", "3"),
		.mib = (u32)number_of(csv, i, "mb", "0"),
		.runs = (u32)number_of(csv, i, "n", "1"),
		.memory_stat_us = (u32)number_of(csv, i, "memory_stat_us", "0"),
		.stack = { (u32)number_of(csv, i, "stack_pages", "15"),
			   (u32)number_of(csv, i, "stack_used", "4"),
			   (u32)number_of(csv, i, "stack_at_marks", "3") },
		.accesses = number_of(csv, i, "ops", "0"),
		.unfit = unfit_column(csv, i),
	};

	row.stack.used = MIN(row.stack.used, row.stack.pages);
	row.stack.at_marks = MIN(row.stack.at_marks, row.stack.pages - row.stack.used);
	row.unfit_text = row.unfit ? text_of(csv, i, row.unfit, "") : NULL;
	for (u32 f = 0; f < NR_FIDELITY_FIGURES; f++)
		row.band[f] = band_of(csv, i, fidelity_figures[f].column);
	return row;
}

/* Without these nobody knows what ran. */
static bool has_columns(const struct csv *csv, const char *path, const char *const *needed, GError **error)
{
	for (; *needed; needed++) {
		if (column_of(csv, *needed) != NONE)
			continue;
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s:1: there is no column \"%s\"", path, *needed);
		return false;
	}
	return true;
}

static bool load_runs(struct fidelity_rows *rows, const char *folder, GError **error)
{
	static const char *const needed[] = { "kernel", "dev", "pat", "args", "mb", "ratio", NULL };
	char *path = g_build_filename(folder, "runs.csv", NULL);
	bool good = g_file_test(path, G_FILE_TEST_IS_REGULAR);

	if (!good)
		g_set_error(
		    error, SWAPSIM_ERROR, ERROR_IO,
		    "%s: no such file (expected a folder of measurements, as docs/fidelity.md has it)", path);
	rows->runs = good ? csv_load(path, error) : NULL;
	good = rows->runs && has_columns(rows->runs, path, needed, error);
	if (good && !rows->runs->rows) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
			    "%s: has no rows (expected one of each measurement)", path);
		good = false;
	}
	for (u32 i = 0; good && i < rows->runs->rows; i++) {
		struct fidelity_row row = row_of(rows->runs, i);

		g_array_append_val(rows->row, row);
	}
	g_free(path);
	return good;
}

/* There need be no such file. */
static bool load_streams(struct fidelity_rows *rows, const char *folder, GError **error)
{
	static const char *const needed[] = { "pat", "args", "mb", "file", NULL };
	char *path = g_build_filename(folder, "streams.csv", NULL);
	bool there = g_file_test(path, G_FILE_TEST_IS_REGULAR), good = true;

	if (there) {
		rows->streams = csv_load(path, error);
		good = rows->streams && has_columns(rows->streams, path, needed, error);
	}
	for (u32 i = 0; there && good && i < rows->streams->rows; i++) {
		struct fidelity_stream stream = {
			.pattern = text_of(rows->streams, i, "pat", ""),
			.arguments = text_of(rows->streams, i, "args", ""),
			.mib = (u32)number_of(rows->streams, i, "mb", "0"),
			.path = g_build_filename(folder, text_of(rows->streams, i, "file", ""), NULL),
			.fill = number_of(rows->streams, i, "fill_lines", "0"),
			.tasks = (u32)number_of(rows->streams, i, "tasks", "1"),
			.overhead = (u32)number_of(rows->streams, i, "overhead", "0"),
		};

		g_array_append_val(rows->stream, stream);
	}
	g_free(path);
	return good;
}

bool fidelity_rows_load(struct fidelity_rows *rows, const char *folder, GError **error)
{
	*rows = (struct fidelity_rows){ .row = g_array_new(FALSE, FALSE, sizeof(struct fidelity_row)),
					.stream = g_array_new(FALSE, FALSE, sizeof(struct fidelity_stream)) };
	if (load_runs(rows, folder, error) && load_streams(rows, folder, error))
		return true;
	fidelity_rows_release(rows);
	return false;
}

void fidelity_rows_release(struct fidelity_rows *rows)
{
	for (u32 i = 0; rows->stream && i < rows->stream->len; i++)
		g_free(g_array_index(rows->stream, struct fidelity_stream, i).path);
	g_clear_pointer(&rows->stream, g_array_unref);
	g_clear_pointer(&rows->row, g_array_unref);
	csv_free(rows->runs);
	csv_free(rows->streams);
	rows->runs = rows->streams = NULL;
}

char *fidelity_argument(const struct fidelity_row *row, const char *key)
{
	char **pairs = g_strsplit(row->arguments, "_", 0);
	char *value = NULL;

	for (u32 i = 0; pairs[i]; i++)
		if (!value && g_str_has_prefix(pairs[i], key) && pairs[i][strlen(key)] == ':')
			value = g_strdup(pairs[i] + strlen(key) + 1);
	g_strfreev(pairs);
	return value;
}

char *fidelity_other_argument(const struct fidelity_row *row, const char *const *known)
{
	char **pairs = g_strsplit(row->arguments, "_", 0);
	char *other = NULL;

	for (u32 i = 0; pairs[i] && !other; i++) {
		char *key = g_strndup(pairs[i], strcspn(pairs[i], ":"));

		if (*key && !g_strv_contains(known, key))
			other = g_steal_pointer(&key);
		g_free(key);
	}
	g_strfreev(pairs);
	return other;
}

bool fidelity_same_runs(const struct fidelity_row *a, const struct fidelity_row *b)
{
	return a->cgroup_version == b->cgroup_version && a->page_cluster == b->page_cluster &&
	       a->mib == b->mib && a->accesses == b->accesses && !strcmp(a->kernel, b->kernel) &&
	       !strcmp(a->device, b->device) && !strcmp(a->pattern, b->pattern) &&
	       !strcmp(a->arguments, b->arguments) && !strcmp(a->ratio, b->ratio) &&
	       !strcmp(a->swap_mib, b->swap_mib) && !strcmp(a->lru, b->lru) && !strcmp(a->thp, b->thp) &&
	       !strcmp(a->cpu, b->cpu) && !memcmp(&a->stack, &b->stack, sizeof a->stack) &&
	       a->memory_stat_us == b->memory_stat_us && a->unfit == b->unfit;
}

const struct fidelity_stream *fidelity_stream_of(const struct fidelity_rows *rows,
						 const struct fidelity_row *row)
{
	for (u32 i = 0; i < rows->stream->len; i++) {
		const struct fidelity_stream *s = &g_array_index(rows->stream, struct fidelity_stream, i);

		if (s->mib == row->mib && !strcmp(s->pattern, row->pattern) &&
		    !strcmp(s->arguments, row->arguments))
			return s;
	}
	return NULL;
}

char *fidelity_row_words(const struct fidelity_row *row)
{
	GString *out = g_string_new(NULL);

	g_string_append_printf(out, "%s %s v%u, page-cluster %u", row->kernel, row->device,
			       row->cgroup_version, row->page_cluster);
	if (strcmp(row->lru, "classic"))
		g_string_append_printf(out, ", %s", row->lru);
	if (strcmp(row->thp, "none"))
		g_string_append_printf(out, ", huge pages %s", row->thp);
	g_string_append_printf(out, ": %s %s, %u MiB, limit %s", row->pattern, row->arguments, row->mib,
			       row->ratio);
	if (g_ascii_isdigit(*row->ratio))
		g_string_append(out, " %");
	if (*row->swap_mib)
		g_string_append_printf(out, ", swap %s MiB", row->swap_mib);
	return g_string_free(out, FALSE);
}
