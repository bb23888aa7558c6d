#include "tests/fidelity/rows.h"

#include <stdlib.h>
#include <string.h>

#include "sim/error.h"

static const struct figure_info figures[] = {
	{ "refault_anon", "workingset_refault_anon", WORKINGSET_REFAULT_ANON, ON_ZRAM | ON_DISK, 0 },
	{ "pswpin", "pswpin", PSWPIN, ON_ZRAM | ON_DISK, 0 },
	{ "pswpout", "pswpout", PSWPOUT, ON_ZRAM | ON_DISK_IN_ALL, 0 },
	{ "pgmajfault_cg", "pgmajfault", PGMAJFAULT, ON_ZRAM | ON_DISK, 0 },
	{ "swap_ra", "swap_ra", SWAP_RA, ON_DISK, 0 },
	{ "swap_ra_hit", "swap_ra_hit", SWAP_RA_HIT, ON_DISK, 0 },
	{ "pgfault_cg", "pgfault", PGFAULT, INFORMS, 0 },
	{ "pgscan_anon_vm", "pgscan", PGSCAN, INFORMS, 0 },
	{ "pgsteal_anon_vm", "pgsteal", PGSTEAL, INFORMS, 0 },
	{ "activate_anon", "workingset_activate_anon", WORKINGSET_ACTIVATE_ANON, INFORMS, 0 },
	{ "pgactivate", "pgactivate", PGACTIVATE, INFORMS, 0 },
	{ "pgdeactivate", "pgdeactivate", PGDEACTIVATE, INFORMS, 0 },
	{ "blk_rd_ios", "blk_rd_ios", BLK_RD_IOS, INFORMS, 0 },
	{ "blk_rd_pages", "blk_rd_pages", BLK_RD_PAGES, INFORMS, 0 },
	{ "blk_wr_ios", "blk_wr_ios", BLK_WR_IOS, INFORMS, 0 },
	{ "blk_wr_pages", "blk_wr_pages", BLK_WR_PAGES, INFORMS, 0 },
	{ "ev_max", "memory.events:max", EVENTS_MAX, INFORMS, 2 },
	{ "failcnt", "memory.failcnt", FAILCNT, INFORMS, 1 },
	{ "swpout_zero", "swpout_zero", SWPOUT_ZERO, INFORMS, 0 },
	{ "swpin_zero", "swpin_zero", SWPIN_ZERO, INFORMS, 0 },
	{ "peak", "memory.peak", PEAK, INFORMS, 0 },
	{ "swap_max_sampled", "memory.swap.peak", SWAP_PEAK, INFORMS, 0 },
};
G_STATIC_ASSERT(ARRAY_SIZE(figures) <= FIGURES_MAX);

const struct figure_info *figure_list(u32 *n)
{
	*n = ARRAY_SIZE(figures);
	return figures;
}

static const char *const key_columns[] = { "kernel", "dev",   "cgv", "pat",    "args",	"mb",
					   "ops",    "ratio", "pc",  "swapmb", "phase", "n" };
static const char *const suffixes[] = { "_med", "_min", "_max" };

/* The cell of a column; NULL if the head has no such column. */
static const char *cell(char **head, char **cells, const char *column)
{
	for (u32 i = 0; head[i]; i++)
		if (!strcmp(head[i], column))
			return cells[i];
	return NULL;
}

static u32 number(char **head, char **cells, const char *column)
{
	return strtoul(cell(head, cells, column), NULL, 10);
}

static s64 tenths(char **head, char **cells, u32 figure, u32 suffix)
{
	char *column = g_strconcat(figures[figure].column, suffixes[suffix], NULL);
	char *end = NULL;
	s64 value = strtoll(cell(head, cells, column), &end, 10) * 10;

	g_free(column);
	return *end == '.' ? value + strtoll(end + 1, NULL, 10) : value;
}

static bool head_is_whole(char **head, const char *path, GError **error)
{
	const u32 keys = ARRAY_SIZE(key_columns);
	bool whole = true;

	for (u32 i = 0; whole && i < keys + 3 * ARRAY_SIZE(figures); i++) {
		char *column =
		    i < keys ? g_strdup(key_columns[i])
			     : g_strconcat(figures[(i - keys) / 3].column, suffixes[(i - keys) % 3], NULL);

		whole = cell(head, head, column) != NULL;
		if (!whole)
			g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s:1: there is no column \"%s\"", path,
				    column);
		g_free(column);
	}
	return whole;
}

static void row_init(struct row *row, char **head, char **cells)
{
	const char *ratio = cell(head, cells, "ratio");

	*row = (struct row){
		.kernel = cell(head, cells, "kernel"),
		.device = cell(head, cells, "dev"),
		.pattern = cell(head, cells, "pat"),
		.arguments = cell(head, cells, "args"),
		.phase = cell(head, cells, "phase"),
		.swap_limit = cell(head, cells, "swapmb"),
		.cgroup_version = strcmp(cell(head, cells, "cgv"), "v1") ? 2 : 1,
		.mib = number(head, cells, "mb"),
		.accesses = number(head, cells, "ops"),
		.ratio = strtoul(ratio + strcspn(ratio, "0123456789"), NULL, 10),
		.high = g_str_has_prefix(ratio, "high"),
		.page_cluster = number(head, cells, "pc"),
		.runs = number(head, cells, "n"),
		.cells = cells,
	};
	for (u32 i = 0; i < ARRAY_SIZE(figures); i++)
		row->figure[i] = (struct figure){
			.median = tenths(head, cells, i, 0),
			.least = tenths(head, cells, i, 1),
			.most = tenths(head, cells, i, 2),
		};
}

static bool parse(struct rows *rows, char **line, const char *path, GError **error)
{
	char **head = g_strsplit(line[0] ? line[0] : "", ",", 0);
	bool ok = head_is_whole(head, path, error);

	rows->row = g_new0(struct row, g_strv_length(line) + 1);
	for (u32 i = 1; ok && line[i] && *line[i]; i++) {
		char **cells = g_strsplit(line[i], ",", 0);

		ok = g_strv_length(cells) == g_strv_length(head);
		if (ok) {
			row_init(&rows->row[rows->count++], head, cells);
		} else {
			g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s:%u: %u cells (%u columns)", path,
				    i + 1, g_strv_length(cells), g_strv_length(head));
			g_strfreev(cells);
		}
	}
	g_strfreev(head);
	if (!ok)
		rows_release(rows);
	return ok;
}

bool rows_load(struct rows *rows, const char *path, GError **error)
{
	GError *why = NULL;
	char *text, **line;
	bool ok;

	*rows = (struct rows){ 0 };
	if (!g_file_get_contents(path, &text, NULL, &why)) {
		g_set_error_literal(error, SWAPSIM_ERROR, ERROR_IO, why->message);
		g_error_free(why);
		return false;
	}
	line = g_strsplit(text, "\n", 0);
	ok = parse(rows, line, path, error);
	g_strfreev(line);
	g_free(text);
	return ok;
}

void rows_release(struct rows *rows)
{
	for (u32 i = 0; i < rows->count; i++)
		g_strfreev(rows->row[i].cells);
	g_free(rows->row);
	*rows = (struct rows){ 0 };
}

char *row_argument(const struct row *row, const char *key)
{
	char **pairs = g_strsplit(row->arguments, "_", 0);
	char *value = NULL;

	for (u32 i = 0; pairs[i]; i++)
		if (!value && g_str_has_prefix(pairs[i], key) && pairs[i][strlen(key)] == ':')
			value = g_strdup(pairs[i] + strlen(key) + 1);
	g_strfreev(pairs);
	return value;
}

bool row_judges(const struct row *row, const struct figure_info *info)
{
	if (info->cgroup_version && info->cgroup_version != row->cgroup_version)
		return false;
	if (!strcmp(row->device, "zram"))
		return info->judged & ON_ZRAM;
	return info->judged & ON_DISK || (info->judged & ON_DISK_IN_ALL && !strcmp(row->phase, "all"));
}

bool row_same_runs(const struct row *a, const struct row *b)
{
	return a->ratio == b->ratio && a->high == b->high && a->page_cluster == b->page_cluster &&
	       !strcmp(a->kernel, b->kernel) && !strcmp(a->device, b->device) &&
	       !strcmp(a->pattern, b->pattern) && !strcmp(a->arguments, b->arguments) &&
	       !strcmp(a->swap_limit, b->swap_limit);
}
