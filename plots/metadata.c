/*
 * metadata.c - what swap metadata costs: bytes per slot of all devices over swap in use, sample by sample,
 * static metadata of swapon included. A curve a kernel, of a folder of `compare --series` or of `run`; the
 * lines follow time, so where memory is given back late a curve returns above the way it came.
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

enum { KERNELS_MOST = 5, PAGE_BYTES = 4096 };

struct curve {
	char *kernel;
	u64 static_bytes;
	u64 static_millibytes; /* per slot */
	u64 slots;
};

struct sample {
	u32 curve;
	u64 time_ns, used_bytes, millibytes; /* of metadata per slot */
};

struct metadata {
	struct curve curve[KERNELS_MOST];
	u32 curves;
	GArray *samples; /* of struct sample */
	u64 most_used, most_millibytes;
};

static struct curve *curve_named(struct metadata *m, const char *path, const char *kernel, GError **error)
{
	for (u32 i = 0; i < m->curves; i++)
		if (!strcmp(m->curve[i].kernel, kernel))
			return &m->curve[i];
	if (m->curves == KERNELS_MOST) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
			    "%s: more kernels than a picture shows (at most %d)", path, KERNELS_MOST);
		return NULL;
	}
	m->curve[m->curves] = (struct curve){ .kernel = g_strdup(kernel) };
	return &m->curve[m->curves++];
}

/* ---- static metadata: compare.csv, or summary.json of a run ---- */

static bool read_comparison(struct metadata *m, const char *path, GError **error)
{
	struct csv *csv = csv_load(path, error);
	u32 figure, kernel, median;
	bool good = csv && csv_column(csv, path, "figure", &figure, error) &&
		    csv_column(csv, path, "kernel", &kernel, error) &&
		    csv_column(csv, path, "median", &median, error);

	for (u32 row = 0; good && row < csv->rows; row++) {
		bool bytes = !strcmp(csv_cell(csv, row, figure), "meta_static_bytes");
		struct curve *c;

		if (!bytes && strcmp(csv_cell(csv, row, figure), "meta_static_millibytes_per_slot"))
			continue;
		c = curve_named(m, path, csv_cell(csv, row, kernel), error);
		good = c && csv_whole(csv, path, row, median,
				      bytes ? &c->static_bytes : &c->static_millibytes, error);
	}
	csv_free(csv);
	return good;
}

static u64 number_at(const cJSON *object, const char *key)
{
	const cJSON *number = cJSON_GetObjectItemCaseSensitive(object, key);

	return cJSON_IsNumber(number) && number->valuedouble > 0 ? (u64)number->valuedouble : 0;
}

static bool read_run(struct metadata *m, const char *path, GError **error)
{
	char *text = NULL;
	cJSON *root = NULL;
	const cJSON *memory;
	const char *kernel;

	if (g_file_get_contents(path, &text, NULL, NULL))
		root = cJSON_Parse(text);
	g_free(text);
	kernel = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "kernel"));
	memory = cJSON_GetObjectItemCaseSensitive(root, "memory");
	if (kernel && cJSON_IsObject(memory)) {
		struct curve *c = curve_named(m, path, kernel, error);

		c->static_bytes = number_at(memory, "meta_static_bytes");
		c->slots = number_at(memory, "swap_slots");
	} else {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
			    "%s: no memory in it, nor a compare.csv beside it (the plot needs either)", path);
	}
	cJSON_Delete(root);
	return m->curves;
}

/* The number of slots of a comparison follows from what it has per slot. */
static bool read_static(struct metadata *m, const char *folder, GError **error)
{
	char *path = g_build_filename(folder, "compare.csv", NULL);
	bool comparison = g_file_test(path, G_FILE_TEST_EXISTS), good;

	if (!comparison) {
		g_free(path);
		path = g_build_filename(folder, "summary.json", NULL);
	}
	good = (comparison ? read_comparison : read_run)(m, path, error);
	for (u32 i = 0; i < m->curves; i++) {
		struct curve *c = &m->curve[i];

		if (c->static_millibytes)
			c->slots = c->static_bytes * 1000 / c->static_millibytes;
		if (!good || c->slots)
			continue;
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: there is no swap in it", path);
		good = false;
	}
	g_free(path);
	return good;
}

/* ---- series.csv ---- */

struct columns {
	u32 time, used, meta;
};

static bool read_row(struct metadata *m, const struct csv *csv, const char *path,
		     const struct columns *column, u32 row, GError **error)
{
	bool several = !strcmp(csv->cell[0], "kernel");
	const char *kernel = several ? csv_cell(csv, row, 0) : m->curve[0].kernel;
	const struct curve *c = curve_named(m, path, kernel, error);
	struct sample s = { .curve = c ? (u32)(c - m->curve) : 0 };
	u64 used, meta;

	if (!c || !csv_whole(csv, path, row, column->time, &s.time_ns, error) ||
	    !csv_whole(csv, path, row, column->used, &used, error) ||
	    !csv_whole(csv, path, row, column->meta, &meta, error))
		return false;
	if (!c->slots) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s:%u: kernel %s is not in compare.csv", path,
			    row + 2, kernel);
		return false;
	}
	s.used_bytes = used * PAGE_BYTES;
	s.millibytes = ((c->static_bytes + meta) * 1000 + c->slots / 2) / c->slots;
	m->most_used = MAX(m->most_used, s.used_bytes);
	m->most_millibytes = MAX(m->most_millibytes, s.millibytes);
	g_array_append_val(m->samples, s);
	return true;
}

static bool read_series(struct metadata *m, const char *folder, GError **error)
{
	char *path = g_build_filename(folder, "series.csv", NULL);
	struct csv *csv = csv_load(path, error);
	struct columns column;
	bool good = csv && csv_column(csv, path, "time_ns", &column.time, error) &&
		    csv_column(csv, path, "swap_used_pages", &column.used, error) &&
		    csv_column(csv, path, "swap_meta_bytes", &column.meta, error);

	for (u32 row = 0; good && row < csv->rows; row++)
		good = read_row(m, csv, path, &column, row, error);
	if (good && !m->most_used) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: no swap was in use at any sample", path);
		good = false;
	}
	csv_free(csv);
	g_free(path);
	return good;
}

/* ---- the picture ---- */

static char *data(const struct metadata *m)
{
	GString *out = g_string_new("kernel,curve,time_ns,swap_used_bytes,metadata_bytes_per_slot\n");

	for (u32 i = 0; i < m->samples->len; i++) {
		const struct sample *s = &g_array_index(m->samples, struct sample, i);

		csv_append(out, m->curve[s->curve].kernel);
		g_string_append_printf(
		    out, ",%u,%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT ".%03u\n",
		    s->curve, s->time_ns, s->used_bytes, s->millibytes / 1000, (u32)(s->millibytes % 1000));
	}
	return g_string_free(out, FALSE);
}

static const char *const colours[KERNELS_MOST] = { "#E69F00", "#0072B2", "#009E73", "#000000", "#CC79A7" };

static void append_legend(GString *out, const struct metadata *m)
{
	struct layout_entry legend[KERNELS_MOST];

	for (u32 i = 0; i < m->curves; i++) {
		const struct curve *c = &m->curve[i];
		u64 hundredths = (c->static_bytes * 100 + c->slots / 2) / c->slots;

		legend[i] =
		    (struct layout_entry){ i ? LAYOUT_LINE : LAYOUT_WIDE_LINE, colours[i],
					   g_strdup_printf("%s: static %" G_GUINT64_FORMAT ".%02u", c->kernel,
							   hundredths / 100, (u32)(hundredths % 100)) };
	}
	layout_legend(out, legend, m->curves, LAYOUT_LEGEND);
	for (u32 i = 0; i < m->curves; i++)
		g_free((char *)legend[i].text);
}

static char *script(const struct metadata *m, const struct plot_manifest *manifest)
{
	const struct layout_box box = { LAYOUT_LEFT, LAYOUT_RIGHT, 145, 870 };
	const struct scale *scale = scale_bytes(m->most_used);
	GString *out = g_string_new(NULL);

	layout_head(out, "Swap metadata", manifest, m->curves == 1);
	layout_style(out);
	append_legend(out, m);
	layout_margins(out, &box);
	g_string_append_printf(out,
			       "set yrange [0:%" G_GUINT64_FORMAT "./900]\nset xrange [0:*]\n"
			       "set ylabel 'metadata, bytes per slot' offset 0.5\n"
			       "set xlabel 'swap in use, %s (all devices: ",
			       m->most_millibytes, scale->unit);
	scale_append_bytes(out, m->curve[0].slots * PAGE_BYTES);
	g_string_append(out, "; a point a sample)' offset 0,0.3\n");
	for (u32 i = 0; i < m->curves; i++)
		g_string_append_printf(out,
				       "%s data skip 1 using ($2 == %u ? $4/%" G_GUINT64_FORMAT
				       ". : NaN):5 with linespoints lc '%s' lw %s pt 7 ps 0.4",
				       i ? ", \\\n" : "plot", i, scale->one, colours[i], i ? "2" : "4");
	g_string_append_c(out, '\n');
	return g_string_free(out, FALSE);
}

bool metadata_draw(const char *folder, struct plot_text *text, GError **error)
{
	struct metadata m = { .samples = g_array_new(FALSE, FALSE, sizeof(struct sample)) };
	struct plot_manifest manifest;
	bool good = read_static(&m, folder, error) && read_series(&m, folder, error) &&
		    plot_manifest_load(&manifest, folder, error);

	if (good) {
		text->data = data(&m);
		text->script = script(&m, &manifest);
		plot_manifest_release(&manifest);
	}
	for (u32 i = 0; i < m.curves; i++)
		g_free(m.curve[i].kernel);
	g_array_free(m.samples, TRUE);
	return good;
}
