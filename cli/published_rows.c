#include "cli/published_rows.h"

#include <string.h>

#include "sim/error.h"

enum column { SCENARIO, FIGURE, FIRST, SECOND, WHAT, BEFORE, AFTER, SOURCE, DATE, SEEDS, NOTE, COLUMNS };
static const char *const names[COLUMNS] = { "scenario", "figure", "first", "second", "what", "before",
					    "after",	"source", "date",  "seeds",  "note" };

enum { SEEDS_MAX = 1000 };
enum { ONE = 1000000, THOUSANDTHS = 1000, WHOLE_MAX = 1000000000 };

s64 change_in_millionths(u64 before, u64 after)
{
	return (s64)(((__int128)after - (__int128)before) * ONE / (__int128)before);
}

/* "12", "12.5", "12.345", in thousandths; 0 is none. */
static bool parse_decimal(const char *text, u64 *thousandths)
{
	char *end;
	u64 scale = THOUSANDTHS;

	if (!g_ascii_isdigit(*text))
		return false;
	*thousandths = g_ascii_strtoull(text, &end, 10);
	if (*thousandths > WHOLE_MAX)
		return false;
	*thousandths *= THOUSANDTHS;
	if (*end == '.')
		while (g_ascii_isdigit(*++end) && scale > 1)
			*thousandths += (scale /= 10) * (u64)(*end - '0');
	return !*end && *thousandths;
}

static bool wrong(GError **error, const char *path, u32 line, const char *column, const char *value,
		  const char *right)
{
	g_set_error(error, SWAPSIM_ERROR, ERROR_SCENARIO, "%s:%u: %s is \"%s\" (%s expected)", path, line,
		    column, value, right);
	return false;
}

static bool add_row(struct published_rows *rows, const char *path, const u32 *column, u32 i, GError **error)
{
	const char *cell[COLUMNS];
	struct published_row row;
	u64 number[2], seeds = 0;

	for (u32 c = 0; c < COLUMNS; c++)
		cell[c] = csv_cell(rows->csv, i, column[c]);
	row = (struct published_row){
		.scenario = cell[SCENARIO],
		.figure = cell[FIGURE],
		.kernel = { cell[FIRST], cell[SECOND] },
		.what = cell[WHAT],
		.text = { cell[BEFORE], cell[AFTER] },
		.source = cell[SOURCE],
		.date = cell[DATE],
		.note = cell[NOTE],
		.line = i + 2,
	};
	for (u32 n = 0; n < 2; n++)
		if (!parse_decimal(row.text[n], &number[n]))
			return wrong(error, path, row.line, names[BEFORE + n], row.text[n],
				     "a number above 0, three decimals at most");
	if (*row.scenario && !*row.figure)
		return wrong(error, path, row.line, names[FIGURE], row.figure, "one of swapsim list figures");
	if (*cell[SEEDS] && !csv_whole(rows->csv, path, i, column[SEEDS], &seeds, error))
		return false;
	if (seeds > SEEDS_MAX)
		return wrong(error, path, row.line, names[SEEDS], cell[SEEDS], "at most 1000");
	row.seeds = (u32)seeds;
	row.change = change_in_millionths(number[0], number[1]);
	g_array_append_val(rows->row, row);
	return true;
}

bool published_rows_load(struct published_rows *rows, const char *folder, GError **error)
{
	char *path = g_build_filename(folder, "rows.csv", NULL);
	u32 column[COLUMNS];
	bool good;

	good = g_file_test(path, G_FILE_TEST_IS_REGULAR);
	if (!good)
		g_set_error(
		    error, SWAPSIM_ERROR, ERROR_IO,
		    "%s: no such file (expected a folder of published changes, as docs/published.md has it)",
		    path);
	*rows = (struct published_rows){ .csv = good ? csv_load(path, error) : NULL,
					 .folder = g_strdup(folder),
					 .row = g_array_new(FALSE, FALSE, sizeof(struct published_row)) };
	good = rows->csv;
	for (u32 c = 0; good && c < COLUMNS; c++)
		good = csv_column(rows->csv, path, names[c], &column[c], error);
	for (u32 i = 0; good && i < rows->csv->rows; i++)
		good = add_row(rows, path, column, i, error);
	g_free(path);
	return good;
}

void published_rows_release(struct published_rows *rows)
{
	if (rows->csv)
		csv_free(rows->csv);
	if (rows->row)
		g_array_free(rows->row, TRUE);
	g_free(rows->folder);
}
