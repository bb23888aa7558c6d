#include "cli/sweep_part.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "sim/error.h"
#include "sim/random.h"

const char *const sweep_outcome_name[NR_SWEEP_OUTCOMES + 1] = {
	[SWEEP_OK] = "ok",	     [SWEEP_KILLED] = "killed",	  [SWEEP_FAILED] = "failed",
	[SWEEP_INVALID] = "invalid", [SWEEP_FINDING] = "finding", NULL
};

/* Fields of a line, between tabs: its sum, what it is, then: */
enum {
	FIELD_SUM,
	FIELD_KIND,
	FIELD_KEY,
	FIELD_OUTCOME,
	FIELD_COUNTS,
	FIELD_EVENTS,
	FIELD_FOOTPRINT,
	FIELD_REASON,
	FIELD_FIGURE
};

void sweep_row_free(struct sweep_row *row)
{
	g_free(row->reason);
	g_free(row->figure);
	g_free(row);
}

static void row_destroy(void *row)
{
	sweep_row_free(row);
}

void sweep_results_init(struct sweep_results *r)
{
	*r = (struct sweep_results){ .file = -1 };
	r->row = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, row_destroy);
	r->figure = g_ptr_array_new_with_free_func(g_free);
}

void sweep_results_release(struct sweep_results *r)
{
	if (r->file >= 0)
		close(r->file);
	g_hash_table_destroy(r->row);
	g_ptr_array_free(r->figure, TRUE);
	g_free(r->path);
}

const struct sweep_row *sweep_results_find(const struct sweep_results *r, u64 key)
{
	return g_hash_table_lookup(r->row, &key);
}

static void insert(struct sweep_results *r, u64 key, struct sweep_row *row)
{
	u64 *own = g_new(u64, 1);

	*own = key;
	g_hash_table_replace(r->row, own, row);
}

/* ---- writing ---- */

static u64 sum_of(const char *text, size_t n)
{
	u64 sum = n;

	for (size_t i = 0; i < n; i++)
		sum = random_mix(sum + RANDOM_STRIDE + (u8)text[i]);
	return sum;
}

static bool io_error(const char *path, const char *what, GError **error)
{
	int number = errno;

	g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: %s: %s", path, what, g_strerror(number));
	return false;
}

/* @line begins after its sum, and has no end yet. */
static bool write_line(struct sweep_results *r, GString *line, GError **error)
{
	char *whole;
	size_t n;
	bool good;

	if (r->file < 0)
		return true;
	whole = g_strdup_printf("%016" G_GINT64_MODIFIER "x\t%s\n", sum_of(line->str, line->len), line->str);
	n = strlen(whole);
	good = write(r->file, whole, n) == (ssize_t)n || io_error(r->path, "cannot be written", error);
	g_free(whole);
	return good;
}

static bool same_figures(const struct sweep_results *r, const char *const *keys, GError **error)
{
	u32 n = 0;

	while (n < r->figure->len && keys[n] && !strcmp(g_ptr_array_index(r->figure, n), keys[n]))
		n++;
	if (n == r->figure->len && !keys[n])
		return true;
	g_set_error(
	    error, SWAPSIM_ERROR, ERROR_IO,
	    "%s: holds other figures of cgroups (the --figures it was begun with; --fresh begins again)",
	    r->path);
	return false;
}

bool sweep_results_name_figures(struct sweep_results *r, const char *const *keys, GError **error)
{
	GString *line;
	bool good;

	if (r->figure->len)
		return same_figures(r, keys, error);
	line = g_string_new("figures");
	for (; *keys; keys++) {
		g_ptr_array_add(r->figure, g_strdup(*keys));
		g_string_append_printf(line, "\t%s", *keys);
	}
	good = write_line(r, line, error);
	g_string_free(line, TRUE);
	return good;
}

bool sweep_results_add(struct sweep_results *r, u64 key, struct sweep_row *row, GError **error)
{
	char *reason = g_strescape(row->reason, NULL);
	GString *line = g_string_new("row");
	bool good;

	g_string_append_printf(line,
			       "\t%016" G_GINT64_MODIFIER "x\t%s\t%016" G_GINT64_MODIFIER
			       "x\t%016" G_GINT64_MODIFIER "x\t%" G_GUINT64_FORMAT "\t%s",
			       key, sweep_outcome_name[row->outcome], row->counts, row->events,
			       row->footprint_pages, reason);
	for (u32 i = 0; row->figure && i < r->figure->len; i++)
		g_string_append_printf(line, "\t%" G_GUINT64_FORMAT, row->figure[i]);
	good = write_line(r, line, error);
	g_string_free(line, TRUE);
	g_free(reason);
	insert(r, key, row);
	return good;
}

/* ---- reading ---- */

static bool parse_hex(const char *text, u64 *value)
{
	return g_ascii_string_to_unsigned(text, 16, 0, UINT64_MAX, value, NULL);
}

static bool parse_decimal(const char *text, u64 *value)
{
	return g_ascii_string_to_unsigned(text, 10, 0, UINT64_MAX, value, NULL);
}

static bool parse_outcome(const char *text, enum sweep_outcome *outcome)
{
	for (u32 i = 0; i < NR_SWEEP_OUTCOMES; i++) {
		if (!strcmp(text, sweep_outcome_name[i])) {
			*outcome = i;
			return true;
		}
	}
	return false;
}

static void read_row(struct sweep_results *r, char **field, u32 fields)
{
	struct sweep_row *row = g_new0(struct sweep_row, 1);
	u32 figures = fields - MIN(fields, FIELD_FIGURE);
	bool good = fields >= FIELD_FIGURE && (!figures || figures == r->figure->len);
	u64 key = 0;

	good = good && parse_hex(field[FIELD_KEY], &key) &&
	       parse_outcome(field[FIELD_OUTCOME], &row->outcome) &&
	       parse_hex(field[FIELD_COUNTS], &row->counts) && parse_hex(field[FIELD_EVENTS], &row->events) &&
	       parse_decimal(field[FIELD_FOOTPRINT], &row->footprint_pages);
	if (good && figures)
		row->figure = g_new0(u64, figures);
	for (u32 i = 0; good && i < figures; i++)
		good = parse_decimal(field[FIELD_FIGURE + i], &row->figure[i]);
	if (!good) {
		sweep_row_free(row);
		return;
	}
	row->reason = g_strcompress(field[FIELD_REASON]);
	insert(r, key, row);
}

static bool sum_is_right(const char *line)
{
	const char *tab = strchr(line, '\t');
	char *sum = tab ? g_strndup(line, (gsize)(tab - line)) : NULL;
	u64 value = 0;
	bool right = sum && parse_hex(sum, &value) && value == sum_of(tab + 1, strlen(tab + 1));

	g_free(sum);
	return right;
}

static void read_line(struct sweep_results *r, const char *line)
{
	char **field;
	u32 fields;

	if (!sum_is_right(line))
		return;
	field = g_strsplit(line, "\t", -1);
	fields = g_strv_length(field);
	if (!strcmp(field[FIELD_KIND], "row"))
		read_row(r, field, fields);
	else if (!strcmp(field[FIELD_KIND], "figures") && !r->figure->len)
		for (u32 i = FIELD_KIND + 1; i < fields; i++)
			g_ptr_array_add(r->figure, g_strdup(field[i]));
	g_strfreev(field);
}

/* What the first line says: a hash of the program's own file. */
static char *signature(void)
{
	char *program = NULL;
	gsize size = 0;
	u64 hash = 0;

	if (g_file_get_contents("/proc/self/exe", &program, &size, NULL))
		hash = sum_of(program, size);
	g_free(program);
	return g_strdup_printf("swapsim\tpart 1\t%016" G_GINT64_MODIFIER "x", hash);
}

static bool read_lines(struct sweep_results *r, const char *text, const char *expected, GError **error)
{
	char **line = g_strsplit(text, "\n", -1);
	u32 lines = g_strv_length(line);
	const char *tab = strchr(line[0], '\t');
	bool good = lines > 1 && sum_is_right(line[0]) && tab && !strcmp(tab + 1, expected);

	if (!good)
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: %s (--fresh begins again, or move it away)",
			    r->path,
			    tab && g_str_has_prefix(tab + 1, "swapsim\t")
				? "holds results of another build of swapsim"
				: "is no file of a sweep");
	for (u32 i = 1; good && i + 1 < lines; i++)
		read_line(r, line[i]);
	g_strfreev(line);
	return good;
}

/* A line whose writer was killed has no end; the next one shall not go on in it. */
static bool cut_torn_line(struct sweep_results *r, const char *text, gsize size, GError **error)
{
	while (size && text[size - 1] != '\n')
		size--;
	return ftruncate(r->file, (off_t)size) == 0 || io_error(r->path, "cannot be written", error);
}

static bool open_file(struct sweep_results *r, const char *path, bool fresh, GError **error)
{
	r->path = g_strdup(path);
	r->file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (r->file < 0)
		return io_error(path, "cannot be written", error);
	if (flock(r->file, LOCK_EX | LOCK_NB) != 0) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
			    "%s: another sweep writes to it (another --output)", path);
		return false;
	}
	return !fresh || ftruncate(r->file, 0) == 0 || io_error(path, "cannot be written", error);
}

bool sweep_results_keep(struct sweep_results *r, const char *path, bool fresh, GError **error)
{
	char *expected, *text = NULL;
	gsize size = 0;
	GString *first;
	bool good;

	if (!open_file(r, path, fresh, error))
		return false;
	if (!g_file_get_contents(path, &text, &size, NULL))
		return io_error(path, "cannot be read", error);
	expected = signature();
	first = g_string_new(expected);
	good = size ? read_lines(r, text, expected, error) && cut_torn_line(r, text, size, error)
		    : write_line(r, first, error);
	g_string_free(first, TRUE);
	g_free(expected);
	g_free(text);
	return good;
}

void sweep_results_forget_file(struct sweep_results *r)
{
	if (r->file < 0)
		return;
	unlink(r->path);
	close(r->file);
	r->file = -1;
}
