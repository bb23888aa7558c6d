/*
 * locks.c - how long tasks waited for locks, by class of lock and kernel, with how often they had to. Medians
 * over seeds with lowest and highest from compare.csv; where there is none, the one run of summary.json.
 */
#include <cjson/cJSON.h>
#include <string.h>

#include "plots/csv.h"
#include "plots/gnuplot.h"
#include "plots/layout.h"
#include "plots/manifest.h"
#include "plots/recipes.h"
#include "plots/scale.h"
#include "sim/error.h"

enum { KERNELS_MOST = 4, BARS_MOST = 24, CLASSES_MOST = 8 };

#define WAIT "lock_wait_ns"
#define CONTENDED "lock_contended:"

struct wait {
	u64 median, lowest, highest; /* ns */
	u64 contended;		     /* times */
};

struct lock {
	char *name;
	struct wait wait[KERNELS_MOST];
};

struct locks {
	GArray *lock; /* struct lock, by the longest median, longest first */
	char *kernel[KERNELS_MOST];
	u64 all[KERNELS_MOST]; /* ns: of all classes together, median */
	u32 kernels;
	u32 shown; /* of the locks */
};

static void lock_clear(void *lock)
{
	g_free(((struct lock *)lock)->name);
}

static struct lock *lock_at(const struct locks *l, u32 index)
{
	return &g_array_index(l->lock, struct lock, index);
}

static struct lock *lock_named(struct locks *l, const char *name)
{
	struct lock lock = { 0 };

	for (u32 i = 0; i < l->lock->len; i++)
		if (!strcmp(lock_at(l, i)->name, name))
			return lock_at(l, i);
	lock.name = g_strdup(name);
	g_array_append_val(l->lock, lock);
	return lock_at(l, l->lock->len - 1);
}

static bool kernel_named(struct locks *l, const char *path, const char *name, u32 *kernel, GError **error)
{
	for (*kernel = 0; *kernel < l->kernels; ++*kernel)
		if (!strcmp(l->kernel[*kernel], name))
			return true;
	if (l->kernels == KERNELS_MOST) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
			    "%s: more kernels than a picture shows (at most %d)", path, KERNELS_MOST);
		return false;
	}
	l->kernel[l->kernels++] = g_strdup(name);
	return true;
}

struct columns {
	u32 figure, kernel, median, lowest, highest;
};

static bool read_row(struct locks *l, const struct csv *csv, const char *path, const struct columns *column,
		     u32 row, GError **error)
{
	const char *figure = csv_cell(csv, row, column->figure);
	bool contended = g_str_has_prefix(figure, CONTENDED), of_class = g_str_has_prefix(figure, WAIT ":");
	struct wait *wait;
	u32 kernel;

	if (!contended && !of_class && strcmp(figure, WAIT))
		return true;
	if (!kernel_named(l, path, csv_cell(csv, row, column->kernel), &kernel, error))
		return false;
	if (!contended && !of_class)
		return csv_whole(csv, path, row, column->median, &l->all[kernel], error);
	wait = &lock_named(l, strchr(figure, ':') + 1)->wait[kernel];
	if (contended)
		return csv_whole(csv, path, row, column->median, &wait->contended, error);
	return csv_whole(csv, path, row, column->median, &wait->median, error) &&
	       csv_whole(csv, path, row, column->lowest, &wait->lowest, error) &&
	       csv_whole(csv, path, row, column->highest, &wait->highest, error);
}

static bool read_comparison(struct locks *l, const char *path, GError **error)
{
	struct csv *csv = csv_load(path, error);
	struct columns column;
	bool good = csv && csv_column(csv, path, "figure", &column.figure, error) &&
		    csv_column(csv, path, "kernel", &column.kernel, error) &&
		    csv_column(csv, path, "median", &column.median, error) &&
		    csv_column(csv, path, "lowest", &column.lowest, error) &&
		    csv_column(csv, path, "highest", &column.highest, error);
	u32 swept;

	if (good && csv_column(csv, path, "value", &swept, NULL)) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
			    "%s: is a sweep, which plot thrashing draws (compare without --sweep)", path);
		good = false;
	}
	for (u32 row = 0; good && row < csv->rows; row++)
		good = read_row(l, csv, path, &column, row, error);
	csv_free(csv);
	return good;
}

static u64 number_at(const cJSON *object, const char *key)
{
	const cJSON *number = cJSON_GetObjectItemCaseSensitive(object, key);

	return cJSON_IsNumber(number) && number->valuedouble > 0 ? (u64)number->valuedouble : 0;
}

static bool read_run(struct locks *l, const char *path, GError **error)
{
	char *text = NULL;
	cJSON *root = NULL;
	const cJSON *all, *one;
	const char *kernel;

	if (g_file_get_contents(path, &text, NULL, NULL))
		root = cJSON_Parse(text);
	g_free(text);
	all = cJSON_GetObjectItemCaseSensitive(root, "locks");
	kernel = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "kernel"));
	if (!cJSON_IsObject(all) || !kernel) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
			    "%s: no locks in it, nor a compare.csv beside it (the plot needs either)", path);
		cJSON_Delete(root);
		return false;
	}
	l->kernel[l->kernels++] = g_strdup(kernel);
	l->all[0] = number_at(root, WAIT);
	cJSON_ArrayForEach(one, all)
	{
		u64 wait = number_at(one, "wait_ns");

		lock_named(l, one->string)->wait[0] =
		    (struct wait){ wait, wait, wait, number_at(one, "contended") };
	}
	cJSON_Delete(root);
	return true;
}

static u64 longest_median(const struct lock *lock)
{
	u64 longest = 0;

	for (u32 k = 0; k < KERNELS_MOST; k++)
		longest = MAX(longest, lock->wait[k].median);
	return longest;
}

static gint longest_first(gconstpointer a, gconstpointer b)
{
	u64 x = longest_median(a), y = longest_median(b);

	return x == y  ? strcmp(((const struct lock *)a)->name, ((const struct lock *)b)->name)
	       : x < y ? 1
		       : -1;
}

/* Sorted, without those nobody waited for. */
static bool choose_locks(struct locks *l, const char *path, GError **error)
{
	g_array_sort(l->lock, longest_first);
	while (l->lock->len && !longest_median(lock_at(l, l->lock->len - 1)))
		g_array_set_size(l->lock, l->lock->len - 1);
	if (l->lock->len) {
		l->shown = MIN(l->lock->len, MIN((u32)CLASSES_MOST, BARS_MOST / l->kernels));
		return true;
	}
	g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
		    "%s: nobody waited for a lock (several tasks and CPUs do)", path);
	return false;
}

static char *data(const struct locks *l)
{
	GString *out = g_string_new("lock,kernel,wait_ns,wait_lowest_ns,wait_highest_ns,contended\n");

	for (u32 n = 0; n < l->shown * l->kernels; n++) {
		const struct lock *lock = lock_at(l, n / l->kernels);
		const struct wait *wait = &lock->wait[n % l->kernels];

		csv_append(out, lock->name);
		g_string_append_c(out, ',');
		csv_append(out, l->kernel[n % l->kernels]);
		g_string_append_printf(out,
				       ",%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT
				       ",%" G_GUINT64_FORMAT "\n",
				       wait->median, wait->lowest, wait->highest, wait->contended);
	}
	return g_string_free(out, FALSE);
}

static bool several_seeds(const struct locks *l)
{
	for (u32 n = 0; n < l->shown * l->kernels; n++) {
		const struct wait *wait = &lock_at(l, n / l->kernels)->wait[n % l->kernels];

		if (wait->lowest != wait->highest)
			return true;
	}
	return false;
}

static u64 longest(const struct locks *l)
{
	u64 most = 0;

	for (u32 n = 0; n < l->shown * l->kernels; n++)
		most = MAX(most, lock_at(l, n / l->kernels)->wait[n % l->kernels].highest);
	return most;
}

static const char *const colours[KERNELS_MOST] = { "#E69F00", "#0072B2", "#009E73", "#777777" };

static void append_legend(GString *out, const struct locks *l)
{
	struct layout_entry legend[KERNELS_MOST];

	for (u32 k = 0; k < l->kernels; k++) {
		GString *text = g_string_new(l->kernel[k]);

		g_string_append(text, ": ");
		scale_append_time(text, l->all[k]);
		g_string_append(text, " in all");
		legend[k] = (struct layout_entry){ LAYOUT_AREA, colours[k], g_string_free(text, FALSE) };
	}
	layout_legend(out, legend, l->kernels, LAYOUT_LEGEND);
	for (u32 k = 0; k < l->kernels; k++)
		g_free((char *)legend[k].text);
}

/* Thousandths of a class from its middle to that of the kernel's bar; bars take four fifths of a class. */
static s32 bar_offset(const struct locks *l, u32 kernel)
{
	return (s32)(800 * (2 * kernel + 1) / (2 * l->kernels)) - 400;
}

/* Beside each bar, or its whisker, how long and how often. */
static void append_bar_labels(GString *out, const struct locks *l, const struct scale *scale)
{
	u32 points = l->shown * l->kernels > 16 ? 11 : 13;

	for (u32 n = 0; n < l->shown * l->kernels; n++) {
		const struct wait *wait = &lock_at(l, n / l->kernels)->wait[n % l->kernels];
		s32 y = (s32)(n / l->kernels * 1000) + bar_offset(l, n % l->kernels) + 1000;
		GString *text = g_string_new(NULL);

		if (wait->highest || wait->contended) {
			scale_append_time(text, wait->median);
			g_string_append(text, ", ");
			scale_append_count(text, wait->contended);
			g_string_append(text, wait->contended == 1 ? " wait" : " waits");
		} else {
			g_string_append(text, "none");
		}
		g_string_append(out, "set label ");
		gnuplot_string(out, text->str);
		g_string_append_printf(out,
				       " at first %" G_GUINT64_FORMAT "./%" G_GUINT64_FORMAT
				       ",%d.%03d left offset 0.8,0 noenhanced font ',%u'\n",
				       wait->highest, scale->one, y / 1000, y % 1000, points);
		g_string_free(text, TRUE);
	}
}

static void append_axes(GString *out, const struct locks *l, const struct scale *scale)
{
	struct layout_box box = { 0, LAYOUT_RIGHT, 135, 870 };

	for (u32 i = 0; i < l->shown; i++)
		box.left =
		    MAX(box.left, layout_text_width(lock_at(l, i)->name, 15) * 1000 / LAYOUT_WIDTH + 20);
	box.left = CLAMP(box.left, LAYOUT_LEFT, 400);
	layout_margins(out, &box);
	g_string_append(out, "set ytics (");
	for (u32 i = 0; i < l->shown; i++) {
		g_string_append(out, i ? ", " : "");
		gnuplot_string(out, lock_at(l, i)->name);
		g_string_append_printf(out, " %u", i + 1);
	}
	g_string_append_printf(out,
			       ") noenhanced scale 0\nset yrange [%u.5:0.5]\nunset grid\n"
			       "set grid x lc '#dddddd' lt 1 lw 1\n"
			       "set xrange [0:%" G_GUINT64_FORMAT "./%" G_GUINT64_FORMAT "*1.32]\n"
			       "set xlabel 'time waited for locks of the class, all tasks together, %s",
			       MAX(l->shown, 3), longest(l), scale->one, scale->unit);
	if (l->shown < l->lock->len)
		g_string_append_printf(out, " (%u with shorter waits left out)", l->lock->len - l->shown);
	g_string_append(out, "' offset 0,0.3\n");
}

static void append_bars(GString *out, const struct locks *l, const struct scale *scale)
{
	u32 half = 380 / l->kernels;

	for (u32 k = 0; k < l->kernels; k++) {
		s32 offset = bar_offset(l, k) + 1000;
		char *y = g_strdup_printf("(int($0)%%%u == %u ? int($0)/%u+%d.%03d : NaN)", l->kernels, k,
					  l->kernels, offset / 1000, offset % 1000);
		u64 one = scale->one;

		g_string_append_printf(out,
				       "%s data skip 1 using ($3/%" G_GUINT64_FORMAT
				       ".):%s:(0):($3/%" G_GUINT64_FORMAT
				       ".):(%s-0.%03u):(%s+0.%03u) with boxxyerror fs solid noborder lc '%s'",
				       k ? ", \\\n" : "plot", one, y, one, y, half, y, half, colours[k]);
		if (several_seeds(l))
			g_string_append_printf(out,
					       ", \\\n data skip 1 using ($3/%" G_GUINT64_FORMAT
					       ".):%s:($4/%" G_GUINT64_FORMAT ".):($5/%" G_GUINT64_FORMAT
					       ".) with xerrorbars lc '#000000' lw 1.5 pt -1",
					       one, y, one, one);
		g_free(y);
	}
	g_string_append_c(out, '\n');
}

static char *script(const struct locks *l, const struct plot_manifest *m)
{
	const struct scale *scale = scale_time(longest(l));
	GString *out = g_string_new(NULL);

	layout_head(out, "Waiting for locks", m, l->kernels == 1);
	layout_style(out);
	append_legend(out, l);
	append_bar_labels(out, l, scale);
	append_axes(out, l, scale);
	append_bars(out, l, scale);
	return g_string_free(out, FALSE);
}

static bool load(struct locks *l, const char *folder, GError **error)
{
	char *path = g_build_filename(folder, "compare.csv", NULL);
	bool comparison = g_file_test(path, G_FILE_TEST_EXISTS), good;

	if (!comparison) {
		g_free(path);
		path = g_build_filename(folder, "summary.json", NULL);
	}
	good = (comparison ? read_comparison : read_run)(l, path, error) && choose_locks(l, path, error);
	g_free(path);
	return good;
}

bool locks_draw(const char *folder, struct plot_text *text, GError **error)
{
	struct locks l = { .lock = g_array_new(FALSE, FALSE, sizeof(struct lock)) };
	struct plot_manifest manifest;
	bool good;

	g_array_set_clear_func(l.lock, lock_clear);
	good = load(&l, folder, error) && plot_manifest_load(&manifest, folder, error);
	if (good) {
		text->data = data(&l);
		text->script = script(&l, &manifest);
		plot_manifest_release(&manifest);
	}
	g_array_unref(l.lock);
	for (u32 k = 0; k < l.kernels; k++)
		g_free(l.kernel[k]);
	return good;
}
