#include "plots/plot.h"

#include <glib/gstdio.h>
#include <string.h>

#include "plots/gnuplot.h"
#include "plots/layout.h"
#include "plots/manifest.h"
#include "plots/recipes.h"
#include "sim/error.h"

const char *const plot_suffixes[] = { "gp", "csv", "svg", "png", NULL };

static const struct plot plots[] = {
	{ "thrashing", "useful work as memory gets scarce, with the wait for locks below", "sweep.csv",
	  "compare --sweep, sweep", thrashing_draw },
	{ "cliff", "refaults over the memory limit, beside what real kernels did", "sweep.csv",
	  "compare --sweep", cliff_draw },
	{ "forest", "what changes from the first kernel to the others, and how sure that is", "compare.csv",
	  "compare", forest_draw },
	{ "multiprogramming", "throughput over the number of tasks", "sweep.csv", "sweep",
	  multiprogramming_draw },
	{ "contenders", "what several tasks that want the same pages do for nothing, over their number",
	  "sweep.csv", "sweep", contenders_draw },
	{ "sizes", "throughput and OOM kills over a size that is swept, such as that of zram", "sweep.csv",
	  "sweep", sizes_draw },
	{ "latency", "how many faults take longer than t", "hist.csv", "run", latency_draw },
	{ "refaults", "how far away refaults come from, and where the working set ends", "hist_pages.csv",
	  "run", refaults_draw },
	{ "memory", "memory and swap of each cgroup against its limits over time, and whom OOM killed",
	  "cgroups.csv", "run", memory_draw },
	{ "pressure", "share of time that tasks stood still for want of memory (PSI some, full)",
	  "series.csv", "run", pressure_draw },
	{ "rates", "swap-ins, swap-outs, major faults and refaults per second", "series.csv", "run",
	  rates_draw },
	{ "reclaim", "pages reclaimed per second by kswapd, by tasks that allocate and of cgroups alone",
	  "series.csv", "run", reclaim_draw },
	{ "progress", "accesses per second of each cgroup over time", "cgroups.csv", "run", progress_draw },
	{ "unsent", "swap writes that wait in plugs, and reclaim meanwhile", "series.csv",
	  "compare --series, run", unsent_draw },
	{ "device-latency", "latency of reads and writes over load, beside what drives did", "load.csv",
	  "device_latency", device_latency_draw },
	{ "fidelity", "every judged figure, predicted over measured", "predictions.csv", "fidelity",
	  fidelity_draw },
	{ "fidelity-curves", "refaults over the memory limit, predicted and measured", "predictions.csv",
	  "fidelity", fidelity_curves_draw },
	{ "published", "changes that were published, and what came of them here", "changes.csv", "published",
	  published_draw },
	{ "recording", "faults and block requests of a recording beside those of a run", "sequence.csv",
	  "trace compare", recording_draw },
	{ "metadata", "bytes of swap metadata per slot over swap in use", "series.csv",
	  "compare --series, run", metadata_draw },
	{ "slots", "how full the clusters of a swap device are over time", "slots.csv", "run --slots",
	  slots_draw },
	{ "decay", "free swap slots over time, and those of them that can still be had", "slots.csv",
	  "run --slots", decay_draw },
	{ "coverage", "windows that tasks were in at once, and on the same object", "windows.csv",
	  "explore --folder", coverage_draw },
	{ "locks", "time waited for locks by class and kernel", "compare.csv or summary.json", "compare, run",
	  locks_draw },
};

const struct plot *plot_list(u32 *n)
{
	*n = ARRAY_SIZE(plots);
	return plots;
}

const struct plot *plot_find(const char *name)
{
	for (u32 i = 0; i < ARRAY_SIZE(plots); i++)
		if (!strcmp(plots[i].name, name))
			return &plots[i];
	return NULL;
}

/* Where a plot goes. */
struct target {
	char *folder;
	char *stem;	    /* of the script, in the folder */
	char *data;	    /* name of what it draws, there */
	GPtrArray *picture; /* as the script names them, seen from the folder */
};

static bool is_in(const char *folder, const char *name)
{
	char *path = g_build_filename(folder, name, NULL);
	bool there = g_file_test(path, G_FILE_TEST_EXISTS);

	g_free(path);
	return there;
}

/* Whether results have a file of that name. */
static bool is_read(const char *name)
{
	bool found = false;

	for (u32 i = 0; !found && i < ARRAY_SIZE(plots); i++) {
		char **reads = g_strsplit(plots[i].reads, " or ", -1);

		found = g_strv_contains((const char *const *)reads, name);
		g_strfreev(reads);
	}
	return found;
}

/* NAME.csv, or another name if that is a file of the results, or anybody else's. */
static char *data_name(const struct target *t)
{
	char *own = g_strconcat(t->stem, ".csv", NULL), *other = g_strconcat(t->stem, PLOT_DATA ".csv", NULL);
	char *script = g_strconcat(t->stem, ".gp", NULL);
	bool taken =
	    is_read(own) || is_in(t->folder, other) || (is_in(t->folder, own) && !is_in(t->folder, script));

	g_free(script);
	g_free(taken ? own : other);
	return taken ? other : own;
}

static bool has_picture_suffix(const char *path)
{
	return g_str_has_suffix(path, ".svg") || g_str_has_suffix(path, ".png");
}

static void add_picture(struct target *t, const char *output)
{
	char *folder = g_path_get_dirname(output);

	if (!strcmp(folder, t->folder))
		g_ptr_array_add(t->picture, g_path_get_basename(output));
	else
		g_ptr_array_add(t->picture, g_canonicalize_filename(output, NULL));
	g_free(folder);
}

static bool target_init(struct target *t, const struct plot *plot, const char *folder,
			const char *const *outputs, GError **error)
{
	*t = (struct target){ .picture = g_ptr_array_new_with_free_func(g_free) };
	if (!outputs || !*outputs) {
		t->folder = g_strdup(folder);
		t->stem = g_strdup(plot->name);
		g_ptr_array_add(t->picture, g_strconcat(plot->name, ".svg", NULL));
		g_ptr_array_add(t->picture, g_strconcat(plot->name, ".png", NULL));
		t->data = data_name(t);
		return true;
	}
	t->folder = g_path_get_dirname(*outputs);
	t->stem = g_path_get_basename(*outputs);
	for (; *outputs; outputs++) {
		if (!has_picture_suffix(*outputs)) {
			g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE,
				    "%s: which kind of picture? (the name has to end in .svg or .png)",
				    *outputs);
			return false;
		}
		add_picture(t, *outputs);
	}
	*strrchr(t->stem, '.') = 0;
	t->data = data_name(t);
	return true;
}

static void target_release(struct target *t)
{
	g_free(t->folder);
	g_free(t->stem);
	g_free(t->data);
	g_ptr_array_free(t->picture, TRUE);
}

/* Terminals and the loop over pictures around what the recipe draws. */
static char *whole_script(const struct target *t, const struct plot *plot, const struct plot_text *text)
{
	u32 height = text->height ? text->height : LAYOUT_HEIGHT;
	GString *out = g_string_new(NULL);

	g_string_append_printf(out, "# %s.gp: %s. gnuplot -d %s.gp draws it again.\n", t->stem, plot->summary,
			       t->stem);
	g_string_append(out, "data = ");
	gnuplot_string(out, t->data);
	g_string_append_printf(out, "\narray picture[%u]\n", t->picture->len);
	for (u32 i = 0; i < t->picture->len; i++) {
		g_string_append_printf(out, "picture[%u] = ", i + 1);
		gnuplot_string(out, g_ptr_array_index(t->picture, i));
		g_string_append_c(out, '\n');
	}
	g_string_append_printf(
	    out,
	    "do for [n = 1:%u] {\n"
	    "reset\nset encoding utf8\nset datafile separator comma\n"
	    "name = picture[n]\n"
	    "if (name[strlen(name) - 3:] eq '.svg') {\n"
	    "set terminal svg size %d,%u fixed enhanced font 'sans-serif,15' fontscale 1.333 background "
	    "'#ffffff'\n"
	    "} else {\n"
	    "set terminal pngcairo size %d,%u enhanced font 'sans,15' background '#ffffff'\n"
	    "}\n"
	    "set output name\n"
	    "%s"
	    "set output\n"
	    "}\n",
	    t->picture->len, LAYOUT_WIDTH, height, LAYOUT_WIDTH, height, text->script);
	return g_string_free(out, FALSE);
}

static bool write_text(const struct target *t, const char *name, const char *text, GError **error)
{
	char *path = g_build_filename(t->folder, name, NULL);
	bool good = g_file_set_contents(path, text, -1, NULL);

	if (good)
		g_chmod(path, 0644);
	else
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: cannot be written", path);
	g_free(path);
	return good;
}

/* A picture that stopped in the middle is worse than none. */
static void remove_pictures(const struct target *t)
{
	for (u32 i = 0; i < t->picture->len; i++) {
		const char *picture = g_ptr_array_index(t->picture, i);
		char *name = g_path_is_absolute(picture) ? g_strdup(picture)
							 : g_build_filename(t->folder, picture, NULL);

		g_unlink(name);
		g_free(name);
	}
}

static bool write_all(const struct target *t, const struct plot *plot, const struct plot_text *text,
		      GError **error)
{
	char *script = whole_script(t, plot, text);
	char *name = g_strconcat(t->stem, ".gp", NULL);
	bool good = write_text(t, t->data, text->data, error) && write_text(t, name, script, error);

	if (good) {
		good = gnuplot_run(t->folder, name, error);
		if (!good)
			remove_pictures(t);
	}
	g_free(name);
	g_free(script);
	return good;
}

/* A result folder, but of another command; what is none has no such manifest, and the recipe complains. */
static bool is_of_command(const struct plot *plot, const char *folder, GError **error)
{
	char **reads = g_strsplit(plot->reads, " or ", -1), *command = NULL;
	bool there = false;

	for (u32 i = 0; reads[i]; i++)
		there = there || is_in(folder, reads[i]);
	if (!there && !g_file_test(folder, G_FILE_TEST_IS_DIR)) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
			    "%s: no such folder (plot %s draws results of: %s)", folder, plot->name,
			    plot->of);
		g_strfreev(reads);
		return false;
	}
	if (!there)
		command = plot_manifest_command(folder);
	if (command)
		g_set_error(error, SWAPSIM_ERROR, ERROR_IO,
			    "%s: is of swapsim %s, and has no %s (plot %s is for results of: %s)", folder,
			    command, plot->reads, plot->name, plot->of);
	there = !command;
	g_free(command);
	g_strfreev(reads);
	return there;
}

bool plot_write(const struct plot *plot, const char *folder, const char *const *outputs, GError **error)
{
	struct plot_text text = { 0 };
	struct target target;
	bool good = target_init(&target, plot, folder, outputs, error) &&
		    is_of_command(plot, folder, error) && plot->draw(folder, &text, error) &&
		    write_all(&target, plot, &text, error);

	g_free(text.data);
	g_free(text.script);
	target_release(&target);
	return good;
}
