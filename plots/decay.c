/*
 * decay.c - what becomes of swap when clusters get lost: slots that are counted as free, and those of them
 * that can be had, because their cluster is on a list or in somebody's hands; and whom the OOM killer took
 * meanwhile. Of a run with --slots, all devices together.
 */
#include "plots/cgroups.h"
#include "plots/csv.h"
#include "plots/gnuplot.h"
#include "plots/layout.h"
#include "plots/manifest.h"
#include "plots/recipes.h"
#include "plots/samples.h"
#include "plots/scale.h"
#include "sim/error.h"

enum { COUNTED, REACHABLE, CURVES };

struct sample {
	u64 time_ns;
	u64 free;
	u64 lost;
};

static const char *const colours[CURVES] = { "#E69F00", "#0072B2" };

/* Sums of the rows of one time. */
static GArray *read_samples(const struct csv *csv, const char *path, GError **error)
{
	GArray *samples = g_array_new(FALSE, FALSE, sizeof(struct sample));
	u32 time, free, lost;
	bool good = csv_column(csv, path, "time_ns", &time, error) &&
		    csv_column(csv, path, "free", &free, error) &&
		    csv_column(csv, path, "lost", &lost, error);

	for (u32 row = 0; good && row < csv->rows; row++) {
		struct sample one = { 0 }, *last;

		good = csv_whole(csv, path, row, time, &one.time_ns, error) &&
		       csv_whole(csv, path, row, free, &one.free, error) &&
		       csv_whole(csv, path, row, lost, &one.lost, error);
		last = samples->len ? &g_array_index(samples, struct sample, samples->len - 1) : NULL;
		if (good && last && last->time_ns == one.time_ns) {
			last->free += one.free;
			last->lost += one.lost;
		} else if (good) {
			g_array_append_val(samples, one);
		}
	}
	if (good && sample_enough(path, samples->len, error))
		return samples;
	g_array_unref(samples);
	return NULL;
}

static char *data(const GArray *samples)
{
	GString *out = g_string_new("time_ns,free_slots,reachable_slots\n");

	for (u32 i = 0; i < samples->len; i++) {
		const struct sample *s = &g_array_index(samples, struct sample, i);

		g_string_append_printf(out,
				       "%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT "\n",
				       s->time_ns, s->free, s->free - s->lost);
	}
	return g_string_free(out, FALSE);
}

static void append_legend(GString *out, const struct sample *last)
{
	GString *text[CURVES] = { g_string_new("counted as free, "), g_string_new("of them reachable, ") };
	struct layout_entry legend[CURVES];

	scale_append_count(text[COUNTED], last->free);
	scale_append_count(text[REACHABLE], last->free - last->lost);
	for (u32 c = 0; c < CURVES; c++) {
		g_string_append(text[c], " at the end");
		legend[c] =
		    (struct layout_entry){ c ? LAYOUT_LINE : LAYOUT_WIDE_LINE, colours[c], text[c]->str };
	}
	layout_legend(out, legend, CURVES, LAYOUT_LEGEND);
	for (u32 c = 0; c < CURVES; c++)
		g_string_free(text[c], TRUE);
}

static void append_kills(GString *out, const GArray *kills, u64 one)
{
	for (u32 i = 0; i < kills->len; i++) {
		const struct oom_kill *kill = &g_array_index(kills, struct oom_kill, i);

		g_string_append_printf(out,
				       "set arrow from first %" G_GUINT64_FORMAT "./%" G_GUINT64_FORMAT
				       ",graph 0 to first %" G_GUINT64_FORMAT "./%" G_GUINT64_FORMAT
				       ",graph 1 nohead lc 'black' lw 1.5\n",
				       kill->time_ns, one, kill->time_ns, one);
	}
	if (kills->len)
		g_string_append_printf(out,
				       "set label \"OOM kill%s \" at first %" G_GUINT64_FORMAT
				       "./%" G_GUINT64_FORMAT ",graph 0.95 right font ',13'\n",
				       kills->len > 1 ? "s" : "",
				       g_array_index(kills, struct oom_kill, 0).time_ns, one);
}

static char *script(const GArray *samples, const GArray *kills, const struct plot_manifest *m)
{
	const struct sample *last = &g_array_index(samples, struct sample, samples->len - 1);
	struct layout_box box = layout_panel(0, 1, 0);
	GString *out = g_string_new(NULL);
	u64 one = scale_time(last->time_ns)->one, most = 0;
	const struct scale *count;

	for (u32 i = 0; i < samples->len; i++)
		most = MAX(most, g_array_index(samples, struct sample, i).free);
	count = scale_count(most);
	layout_head(out, "Swap slots", m, true);
	layout_style(out);
	append_legend(out, last);
	layout_margins(out, &box);
	g_string_append_printf(out, "set ylabel \"%sslots\" offset 0.5\nset yrange [0:*]\n", count->unit);
	sample_append_axis(out, last->time_ns, g_array_index(samples, struct sample, 1).time_ns, true);
	append_kills(out, kills, one);
	for (u32 c = 0; c < CURVES; c++)
		g_string_append_printf(out,
				       "%s data skip 1 using ($1/%" G_GUINT64_FORMAT
				       ".):($%u/%" G_GUINT64_FORMAT ".) with lines lc '%s' lw %u notitle%s",
				       c ? "" : "plot", one, 2 + c, count->one, colours[c], c ? 2 : 7,
				       c + 1 < CURVES ? ", \\\n" : "\n");
	return g_string_free(out, FALSE);
}

bool decay_draw(const char *folder, struct plot_text *text, GError **error)
{
	char *path = g_build_filename(folder, "slots.csv", NULL);
	struct csv *csv = csv_load(path, error);
	GArray *samples = csv ? read_samples(csv, path, error) : NULL;
	GArray *kills = samples ? oom_kills_load(folder, error) : NULL;
	struct plot_manifest manifest;
	bool good = kills && plot_manifest_load(&manifest, folder, error);

	if (good) {
		text->data = data(samples);
		text->script = script(samples, kills, &manifest);
		plot_manifest_release(&manifest);
	}
	if (kills)
		g_array_unref(kills);
	if (samples)
		g_array_unref(samples);
	csv_free(csv);
	g_free(path);
	return good;
}
