/*
 * recording.c - a recording beside a simulated run, at the left and at the right: above which pages fault,
 * one after the other; below which slots are read and written meanwhile. Both go by faults and not by time,
 * which a recording has of another machine; without faults requests are counted instead. Clusters of slots
 * stand above each other in the order in which they are first used, wherever they lie.
 */
#include <string.h>

#include "plots/csv.h"
#include "plots/gnuplot.h"
#include "plots/layout.h"
#include "plots/manifest.h"
#include "plots/recipes.h"
#include "sim/error.h"

enum { SIDES = 2, PANELS = 4, SLOTS_PER_CLUSTER = 512 };
static const char *const sides[SIDES] = { "recorded", "simulated" };
static const char *const colour[] = { "#E69F00", "#0072B2" }; /* read, write */

struct columns {
	u32 side, kind, after, place, pages, write;
};

struct recording {
	GString *data;
	u64 faults[SIDES], requests[SIDES];
	GHashTable *cluster[SIDES]; /* number -> place + 1 */
	u64 page_most, slot_most, number_most;
};

static bool find_columns(const struct csv *csv, const char *path, struct columns *c, GError **error)
{
	return csv_column(csv, path, "side", &c->side, error) &&
	       csv_column(csv, path, "kind", &c->kind, error) &&
	       csv_column(csv, path, "after", &c->after, error) &&
	       csv_column(csv, path, "place", &c->place, error) &&
	       csv_column(csv, path, "pages", &c->pages, error) &&
	       csv_column(csv, path, "write", &c->write, error);
}

static u32 side_of(const struct csv *csv, u32 row, const struct columns *c)
{
	return strcmp(csv_cell(csv, row, c->side), sides[0]) ? 1 : 0;
}

static void count(struct recording *r, const struct csv *csv, const struct columns *c)
{
	for (u32 row = 0; row < csv->rows; row++) {
		u32 side = side_of(csv, row, c);
		u64 place = csv_number(csv, row, c->place);

		if (!strcmp(csv_cell(csv, row, c->kind), "fault")) {
			r->faults[side]++;
			r->page_most = MAX(r->page_most, place);
		} else if (!strcmp(csv_cell(csv, row, c->kind), "request")) {
			r->requests[side]++;
		}
	}
}

static u64 place_of(struct recording *r, u32 side, u64 slot)
{
	gpointer cluster = GSIZE_TO_POINTER(slot / SLOTS_PER_CLUSTER);
	u64 place = GPOINTER_TO_SIZE(g_hash_table_lookup(r->cluster[side], cluster));

	if (!place) {
		place = g_hash_table_size(r->cluster[side]) + 1;
		g_hash_table_insert(r->cluster[side], cluster, GSIZE_TO_POINTER(place));
	}
	return (place - 1) * SLOTS_PER_CLUSTER + slot % SLOTS_PER_CLUSTER;
}

/* A line a fault, or a request: side, what (0 fault, 1 request), number, page or slot, pages, write. */
static void write_data(struct recording *r, const struct csv *csv, const struct columns *c)
{
	bool by_faults = r->faults[0] && r->faults[1];
	u64 number[SIDES] = { 0, 0 };

	g_string_append(r->data, "side,request,number,place,pages,write\n");
	for (u32 row = 0; row < csv->rows; row++) {
		const char *kind = csv_cell(csv, row, c->kind);
		bool request = !strcmp(kind, "request");
		u32 side = side_of(csv, row, c);
		u64 place = csv_number(csv, row, c->place);
		u64 x = request && !by_faults ? number[side]++ : csv_number(csv, row, c->after);

		if (!request && strcmp(kind, "fault"))
			continue;
		place = request ? place_of(r, side, place) : place;
		g_string_append_printf(r->data,
				       "%u,%d,%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT
				       ",%" G_GUINT64_FORMAT "\n",
				       side, request, x, place, csv_number(csv, row, c->pages),
				       csv_number(csv, row, c->write));
		r->number_most = MAX(r->number_most, x);
		if (request)
			r->slot_most = MAX(r->slot_most, place);
	}
}

static void append_panel(GString *out, const struct recording *r, u32 index)
{
	u32 side = index / 2, request = index % 2;
	struct layout_box box = layout_panel(index, PANELS, 0);
	char *heading =
	    g_strdup_printf("%s: %" G_GUINT64_FORMAT " %s", sides[side],
			    request ? r->requests[side] : r->faults[side], request ? "requests" : "faults");

	layout_margins(out, &box);
	layout_heading(out, &box, heading, 14);
	g_string_append_printf(out,
			       "set yrange [0:%" G_GUINT64_FORMAT "]\nset ylabel '%s' offset 1\n"
			       "set format x '%s'\nset xlabel '%s' offset 0,0.5\n",
			       MAX(1, request ? r->slot_most : r->page_most), request ? "slot" : "page",
			       request ? "%g" : "",
			       !request			      ? ""
			       : r->faults[0] && r->faults[1] ? "faults"
							      : "requests");
	g_string_append_printf(
	    out,
	    "plot data using ($1==%u && $2==%u && $6==0 ? $3 : 1/0):4 with points pt 7 ps 0.3 lc "
	    "'%s' notitle, \\\n"
	    " data using ($1==%u && $2==%u && $6==1 ? $3 : 1/0):4 with points pt 7 ps 0.3 lc "
	    "'%s' notitle\n"
	    "unset label\nunset object\n",
	    side, request, colour[0], side, request, colour[1]);
	g_free(heading);
}

static char *script(const struct recording *r, const struct plot_manifest *m)
{
	static const struct layout_entry entry[] = { { LAYOUT_AREA, "#E69F00", "read" },
						     { LAYOUT_AREA, "#0072B2", "write" } };
	GString *out = g_string_new(NULL);

	layout_head(out, "A recording and a run", m, false);
	layout_style(out);
	layout_legend(out, entry, ARRAY_SIZE(entry), LAYOUT_LEGEND);
	g_string_append_printf(out,
			       "set tics font ',11'\nset xrange [0:%" G_GUINT64_FORMAT "]\nset multiplot\n",
			       MAX(1, r->number_most));
	for (u32 i = 0; i < PANELS; i++)
		append_panel(out, r, i);
	g_string_append(out, "unset multiplot\n");
	return g_string_free(out, FALSE);
}

static bool load(struct recording *r, const char *folder, GError **error)
{
	char *path = g_build_filename(folder, "sequence.csv", NULL);
	struct csv *csv = csv_load(path, error);
	struct columns c;
	bool good = csv && find_columns(csv, path, &c, error);

	if (good) {
		count(r, csv, &c);
		good = r->faults[0] + r->requests[0] && r->faults[1] + r->requests[1];
		if (!good)
			g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
				    "%s: one side has no faults and no requests", path);
	}
	if (good)
		write_data(r, csv, &c);
	csv_free(csv);
	g_free(path);
	return good;
}

bool recording_draw(const char *folder, struct plot_text *text, GError **error)
{
	struct recording r = { .data = g_string_new(NULL),
			       .cluster = { g_hash_table_new(g_direct_hash, g_direct_equal),
					    g_hash_table_new(g_direct_hash, g_direct_equal) } };
	struct plot_manifest manifest;
	bool good = load(&r, folder, error) && plot_manifest_load(&manifest, folder, error);

	if (good) {
		text->data = g_string_free(r.data, FALSE);
		text->script = script(&r, &manifest);
		plot_manifest_release(&manifest);
	} else {
		g_string_free(r.data, TRUE);
	}
	g_hash_table_destroy(r.cluster[0]);
	g_hash_table_destroy(r.cluster[1]);
	return good;
}
