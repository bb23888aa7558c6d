/*
 * device_latency - lay the latency of device presets under load beside that of real drives.
 *
 *	device_latency LATENCY.csv MODELS.csv [FOLDER]
 *
 * LATENCY.csv has what drives did while a server swapped to them, at a share of what each was thought
 * capable of; MODELS.csv has those capabilities. Drives are of three classes, told by their names; a preset
 * stands for each. One line for each class and load: the median over the rows of the class, and ours under
 * that share of the class's median capability. With FOLDER also load.csv there, for the plot device-latency.
 *
 * Exits with 6 if a p50 or p99 is off by more than a factor of 2, 1 if a file cannot be read.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plots/csv.h"
#include "tests/fidelity/device_load.h"

enum { EXIT_THRESHOLD = 6, FACTOR = 2, SEED = 1, FIGURES = 4 };
#define LOAD_NS (UINT64_C(20) * 1000000000)

static const char *const figure_name[FIGURES] = { "r_p50_us", "r_p99_us", "w_p50_us", "w_p99_us" };

struct class
{
	const char *name;
	const char *preset;
	const char *drives[8]; /* parts of their names; none: those of no other class */
};
static const struct class classes[] = {
	{ "SATA", "sata-ssd", { "SSD 860", "SSD 870" } },
	{ "client", "nvme-client", { NULL } },
	{ "fast", "nvme-fast", { "970 PRO", "980 PRO", " 990 ", "SN850X", "SN770" } },
};

/* Shares of what a drive can do, percent: what is taken for such a load, and what ours gets. */
struct load_level {
	const char *name;
	u32 from, below, ours;
};
static const struct load_level levels[] = {
	{ "low", 10, 35, 25 },
	{ "middle", 35, 65, 50 },
	{ "full", 80, 101, 90 },
};

struct quartiles {
	u64 low, median, high;
	u32 n;
};

static const struct class *class_of(const char *drive)
{
	for (u32 c = 0; c < ARRAY_SIZE(classes); c++)
		for (u32 i = 0; i < ARRAY_SIZE(classes[c].drives) && classes[c].drives[i]; i++)
			if (strstr(drive, classes[c].drives[i]))
				return &classes[c];
	return &classes[1];
}

static int ascending(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

static struct quartiles quartiles_of(GArray *values)
{
	struct quartiles q = { .n = values->len };

	if (!q.n)
		return q;
	g_array_sort(values, ascending);
	q.low = g_array_index(values, u64, (q.n - 1) / 4);
	q.median = g_array_index(values, u64, (q.n - 1) / 2);
	q.high = g_array_index(values, u64, (q.n - 1) - (q.n - 1) / 4);
	return q;
}

/* Over the rows of a class; @level NULL: all of them. */
static bool measured(const struct csv *csv, const char *path, const struct class *class,
		     const struct load_level *level, const char *name, struct quartiles *q, GError **error)
{
	GArray *values = g_array_new(FALSE, FALSE, sizeof(u64));
	u32 device, load = 0, column;
	bool good = csv_column(csv, path, "device", &device, error) &&
		    csv_column(csv, path, name, &column, error) &&
		    (!level || csv_column(csv, path, "vrate_pct", &load, error));

	for (u32 row = 0; good && row < csv->rows; row++) {
		u64 value = csv_number(csv, row, column), percent = level ? csv_number(csv, row, load) : 0;

		if (class_of(csv_cell(csv, row, device)) != class)
			continue;
		if (!level || (strcmp(csv_cell(csv, row, load), "off") && percent >= level->from &&
			       percent < level->below))
			g_array_append_val(values, value);
	}
	*q = quartiles_of(values);
	g_array_free(values, TRUE);
	return good;
}

static bool capability(const struct csv *csv, const char *path, const struct class *class,
		       struct linear_model *m, GError **error)
{
	static const char *const names[] = { "rbps", "rrandiops", "wbps", "wseqiops" };
	u64 *const value[] = { &m->read_bytes, &m->random_reads, &m->write_bytes, &m->sequential_writes };
	struct quartiles q;

	for (u32 i = 0; i < ARRAY_SIZE(names); i++) {
		if (!measured(csv, path, class, NULL, names[i], &q, error))
			return false;
		*value[i] = q.median;
	}
	return true;
}

static u64 ours_us(const struct histogram *latency, u32 figure)
{
	u64 ns = histogram_quantile(&latency[figure / 2], figure % 2 ? 990000 : 500000);

	return (ns + 500) / 1000;
}

/* Returns how many figures were too far off. */
static u32 compare(const struct class *class, const struct load_level *level, const struct histogram *latency,
		   const struct quartiles *theirs, GString *plot)
{
	u32 off = 0;

	printf("%-6s %-6s", class->name, level->name);
	g_string_append_printf(plot, "%s,%s,%s,%u", class->name, class->preset, level->name, level->ours);
	for (u32 i = 0; i < FIGURES; i++) {
		u64 ours = ours_us(latency, i), median = theirs[i].median;
		bool near = ours <= FACTOR * median && median <= FACTOR * ours;

		printf("  %s: %" PRIu64 " (%" PRIu64 "-%" PRIu64 "), ours %" PRIu64 "%s", figure_name[i],
		       median, theirs[i].low, theirs[i].high, ours, near ? "" : " TOO FAR");
		g_string_append_printf(plot, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, theirs[i].low,
				       median, theirs[i].high, ours);
		off += !near;
	}
	printf("  (%u rows)\n", theirs[0].n);
	g_string_append_c(plot, '\n');
	return off;
}

static bool judge_class(const struct class *class, char **path, struct csv **csv, GString *plot, u32 *off,
			GError **error)
{
	static struct histogram latency[2];
	struct quartiles theirs[FIGURES];
	struct linear_model model;

	if (!capability(csv[1], path[1], class, &model, error))
		return false;
	for (u32 l = 0; l < ARRAY_SIZE(levels); l++) {
		for (u32 i = 0; i < FIGURES; i++)
			if (!measured(csv[0], path[0], class, &levels[l], figure_name[i], &theirs[i], error))
				return false;
		device_load(class->preset, &model, levels[l].ours, LOAD_NS, SEED, latency);
		*off += compare(class, &levels[l], latency, theirs, plot);
	}
	return true;
}

static GString *plot_head(void)
{
	GString *plot = g_string_new("class,preset,load,load_percent");

	for (u32 i = 0; i < FIGURES; i++)
		g_string_append_printf(plot, ",%s:low,%s:median,%s:high,%s:ours", figure_name[i],
				       figure_name[i], figure_name[i], figure_name[i]);
	g_string_append_c(plot, '\n');
	return plot;
}

static bool write_plot(const char *folder, const GString *plot, GError **error)
{
	char *path = g_build_filename(folder, "load.csv", NULL);
	bool good = g_file_set_contents(path, plot->str, (gssize)plot->len, error);

	g_free(path);
	return good;
}

int main(int argc, char **argv)
{
	struct csv *csv[2] = { NULL };
	GString *plot = plot_head();
	GError *error = NULL;
	bool good = argc == 3 || argc == 4;
	u32 off = 0;

	if (!good)
		fprintf(stderr, "usage: device_latency LATENCY.csv MODELS.csv [FOLDER]\n");
	for (u32 i = 0; good && i < 2; i++)
		good = (csv[i] = csv_load(argv[1 + i], &error)) != NULL;
	for (u32 c = 0; good && c < ARRAY_SIZE(classes); c++)
		good = judge_class(&classes[c], argv + 1, csv, plot, &off, &error);
	if (good && argc == 4)
		good = write_plot(argv[3], plot, &error);
	if (error)
		fprintf(stderr, "device_latency: %s\n", error->message);
	g_clear_error(&error);
	csv_free(csv[0]);
	csv_free(csv[1]);
	g_string_free(plot, TRUE);
	return !good ? EXIT_FAILURE : off ? EXIT_THRESHOLD : EXIT_SUCCESS;
}
