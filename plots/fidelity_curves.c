/*
 * fidelity_curves.c - refaults over the memory limit, less memory to the right: a row of panels a workload, a
 * panel a device, a colour a kernel. Lines are what was predicted, in a band from the lowest seed to the
 * highest; bars are what was measured, from the least run to the most. Of more workloads than there is room
 * for, those with the most limits are drawn; a folder of one has the whole picture for it.
 */
#include <stdlib.h>
#include <string.h>

#include "plots/fidelity_rows.h"
#include "plots/gnuplot.h"
#include "plots/layout.h"
#include "plots/recipes.h"
#include "plots/scale.h"
#include "sim/error.h"

enum { WORKLOADS = 4, DEVICES = 4, LIMITS_LEAST = 3, TENTHS = 10 };
#define FIGURE "workingset_refault_anon"

struct curves {
	const struct fidelity_table *t;
	GArray *point; /* of const struct fidelity_point *, drawn or not */
	GPtrArray *workload, *device, *kernel;
	u32 left_out;	 /* workloads */
	u64 least, most; /* limits */
};

static int by_place(const void *a, const void *b)
{
	const struct fidelity_point *x = *(const struct fidelity_point *const *)a;
	const struct fidelity_point *y = *(const struct fidelity_point *const *)b;
	int order = strcmp(x->workload, y->workload);

	order = order ? order : strcmp(x->device, y->device);
	order = order ? order : strcmp(x->kernel, y->kernel);
	return order ? order : x->limit < y->limit ? -1 : x->limit > y->limit;
}

/* The most limits that a kernel has of a workload on a device, or on any (NULL). */
static u32 limits_of(const struct curves *c, const char *workload, const char *device)
{
	u32 most = 0, n = 0;

	for (u32 i = 0; i < c->point->len; i++) {
		const struct fidelity_point *p = g_array_index(c->point, const struct fidelity_point *, i);
		const struct fidelity_point *before =
		    i ? g_array_index(c->point, const struct fidelity_point *, i - 1) : p;

		n = strcmp(p->device, before->device) || strcmp(p->kernel, before->kernel) ? 0 : n;
		n = strcmp(p->workload, workload) || (device && strcmp(p->device, device)) ? 0 : n + 1;
		most = MAX(most, n);
	}
	return most;
}

static void choose_workloads(struct curves *c)
{
	GPtrArray *all = g_ptr_array_new();

	for (u32 i = 0; i < c->point->len; i++)
		fidelity_index(all, g_array_index(c->point, const struct fidelity_point *, i)->workload);
	while (c->workload->len < WORKLOADS) {
		u32 best = LIMITS_LEAST - 1;
		const char *name = NULL;

		for (u32 i = 0; i < all->len; i++) {
			const char *workload = g_ptr_array_index(all, i);
			u32 limits = limits_of(c, workload, NULL);

			if (limits <= best || g_ptr_array_find(c->workload, workload, NULL))
				continue;
			best = limits;
			name = workload;
		}
		if (!name)
			break;
		g_ptr_array_add(c->workload, (char *)name);
	}
	for (u32 i = 0; i < all->len; i++)
		c->left_out += limits_of(c, g_ptr_array_index(all, i), NULL) >= LIMITS_LEAST;
	c->left_out -= c->workload->len;
	g_ptr_array_free(all, TRUE);
}

/* Those with a curve to show. */
static void choose_devices(struct curves *c)
{
	for (u32 i = 0; i < c->point->len; i++) {
		const struct fidelity_point *p = g_array_index(c->point, const struct fidelity_point *, i);

		if (c->device->len < DEVICES &&
		    g_ptr_array_find_with_equal_func(c->workload, p->workload, g_str_equal, NULL) &&
		    limits_of(c, p->workload, p->device) >= LIMITS_LEAST)
			fidelity_index(c->device, p->device);
	}
}

/* Where it is drawn; false if it is not. */
static bool place_of(struct curves *c, const struct fidelity_point *p, u32 *workload, u32 *device)
{
	for (*workload = 0; *workload < c->workload->len; (*workload)++)
		if (!strcmp(g_ptr_array_index(c->workload, *workload), p->workload))
			break;
	if (*workload == c->workload->len)
		return false;
	for (*device = 0; *device < c->device->len; (*device)++)
		if (!strcmp(g_ptr_array_index(c->device, *device), p->device))
			break;
	return *device < c->device->len;
}

static void collect(struct curves *c)
{
	for (u32 i = 0; i < c->t->point->len; i++) {
		const struct fidelity_point *p = fidelity_point_at(c->t, i);

		if (!p->plain || !p->limit || strcmp(p->figure, FIGURE) || strcmp(p->phase, "run"))
			continue;
		g_array_append_val(c->point, p);
		c->least = MIN(c->least, p->limit);
		c->most = MAX(c->most, p->limit);
	}
	g_array_sort(c->point, by_place);
	choose_workloads(c);
	choose_devices(c);
}

static char *data_of(struct curves *c, u64 *highest)
{
	GString *out = g_string_new("workload,device,kernel,limit,predicted,predicted_min,predicted_max,"
				    "measured,measured_min,measured_max\n");

	for (u32 i = 0; i < c->point->len; i++) {
		const struct fidelity_point *p = g_array_index(c->point, const struct fidelity_point *, i);
		u32 workload, device;

		if (!place_of(c, p, &workload, &device))
			continue;
		highest[workload] = MAX(highest[workload], MAX(p->predicted_max, p->measured_max) / TENTHS);
		g_string_append_printf(out,
				       "%u,%u,%u,%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT
				       ",%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT
				       ",%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT "\n",
				       workload, device, fidelity_index(c->kernel, p->kernel), p->limit,
				       p->predicted / TENTHS, p->predicted_min / TENTHS,
				       p->predicted_max / TENTHS, p->measured / TENTHS,
				       p->measured_min / TENTHS, p->measured_max / TENTHS);
	}
	return g_string_free(out, FALSE);
}

static struct layout_box panel_box(const struct curves *c, u32 workload, u32 device)
{
	enum { TOP = 875, BOTTOM = 120, ABOVE = 42, BELOW = 14, BESIDE = 24 };
	u32 rows = c->workload->len, columns = c->device->len;
	u32 height = (TOP - BOTTOM) / rows, width = (LAYOUT_RIGHT - LAYOUT_LEFT) / columns;
	struct layout_box box = { .left = LAYOUT_LEFT + device * width, .top = TOP - workload * height };

	box.right = box.left + width - BESIDE;
	box.bottom = box.top - height + BELOW;
	box.top -= ABOVE;
	return box;
}

static void append_curve(GString *out, u32 workload, u32 device, u32 kernel)
{
	const char *colour = fidelity_colours[kernel % FIDELITY_COLOURS];
	char *x = g_strdup_printf("($1==%u && $2==%u && $3==%u ? $4 : 1/0)", workload, device, kernel);

	g_string_append_printf(out,
			       "%s data using %s:6:7 with filledcurves lc '%s' fs transparent solid 0.25 "
			       "noborder notitle, \\\n"
			       " data using %s:5 with lines lc '%s' lw 2 notitle, \\\n"
			       " data using %s:8:9:10 with yerrorbars pt 7 ps 0.8 lw 1.5 lc '%s' notitle",
			       kernel ? ", \\\n" : "plot", x, colour, x, colour, x, colour);
	g_free(x);
}

static void append_panel(GString *out, const struct curves *c, u32 workload, u32 device, u64 highest)
{
	struct layout_box box = panel_box(c, workload, device);
	bool lowest = workload + 1 == c->workload->len;
	char *heading = g_strdup_printf("%s: %s", (const char *)g_ptr_array_index(c->device, device),
					(const char *)g_ptr_array_index(c->workload, workload));

	layout_margins(out, &box);
	layout_heading(out, &box, heading, c->workload->len > 2 ? 12 : 14);
	g_string_append_printf(out,
			       "set yrange [0:%" G_GUINT64_FORMAT "]\nset ytics %" G_GUINT64_FORMAT
			       "\nset format x '%s'\nset format y '%s'\n",
			       MAX(highest + highest / 10, 1), scale_tics(highest), lowest ? "%g" : "",
			       device ? "" : "%.0s%c");
	for (u32 kernel = 0; kernel < c->kernel->len; kernel++)
		append_curve(out, workload, device, kernel);
	g_string_append(out, "\nunset label\nunset object\nunset arrow\n");
	g_free(heading);
}

static void append_legend(GString *out, const struct curves *c)
{
	struct layout_entry entry[FIDELITY_COLOURS];
	u32 n = MIN(c->kernel->len, FIDELITY_COLOURS);

	for (u32 i = 0; i < n; i++)
		entry[i] = (struct layout_entry){ LAYOUT_AREA, fidelity_colours[i],
						  g_ptr_array_index(c->kernel, i) };
	layout_legend(out, entry, n, LAYOUT_LEGEND);
}

static bool script(GString *out, struct curves *c, const char *folder, const u64 *highest, GError **error)
{
	char *title = g_strdup_printf("Refaults as memory gets scarce: lines predicted, bars measured%s",
				      c->left_out ? " (more workloads: fidelity --pattern)" : "");
	bool good = fidelity_head(out, folder, title, error);

	g_free(title);
	if (!good)
		return false;
	layout_style(out);
	append_legend(out, c);
	g_string_append_printf(
	    out,
	    "set label 'memory limit, %% of the data (less memory to the right)' at screen "
	    "0.5,0.06 center font ',14'\nset label 'refaults' at screen 0.025,0.5 center rotate font ',14'\n"
	    "set tics font ',11'\nset xtics 25\nset multiplot\nset xrange [%" G_GUINT64_FORMAT
	    ":%" G_GUINT64_FORMAT "]\n",
	    c->most + 2, c->least - MIN(c->least, 2));
	for (u32 w = 0; w < c->workload->len; w++)
		for (u32 d = 0; d < c->device->len; d++)
			append_panel(out, c, w, d, highest[w]);
	g_string_append(out, "unset multiplot\n");
	return true;
}

static bool draw(struct curves *c, const char *folder, struct plot_text *text, GError **error)
{
	u64 highest[WORKLOADS] = { 0 };
	GString *out;
	char *data;

	collect(c);
	if (!c->workload->len) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
			    "%s/predictions.csv: no curve (at least three limits of a workload)", folder);
		return false;
	}
	out = g_string_new(NULL);
	data = data_of(c, highest);
	if (!script(out, c, folder, highest, error)) {
		g_string_free(out, TRUE);
		g_free(data);
		return false;
	}
	text->data = data;
	text->script = g_string_free(out, FALSE);
	return true;
}

bool fidelity_curves_draw(const char *folder, struct plot_text *text, GError **error)
{
	struct curves c = { .least = UINT64_MAX };
	struct fidelity_table t;
	bool good = fidelity_table_load(&t, folder, error);

	if (!good)
		return false;
	c.t = &t;
	c.point = g_array_new(FALSE, FALSE, sizeof(const struct fidelity_point *));
	c.workload = g_ptr_array_new();
	c.device = g_ptr_array_new();
	c.kernel = g_ptr_array_new();
	good = draw(&c, folder, text, error);
	g_array_free(c.point, TRUE);
	g_ptr_array_free(c.workload, TRUE);
	g_ptr_array_free(c.device, TRUE);
	g_ptr_array_free(c.kernel, TRUE);
	fidelity_table_release(&t);
	return good;
}
