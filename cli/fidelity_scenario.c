#include "cli/fidelity_scenario.h"

#include <string.h>

#include "cli/fidelity_stream.h"
#include "models/block/content.h"
#include "models/block/device.h"
#include "models/release.h"
#include "sim/error.h"

enum { PAGES_PER_MIB = 256, PAGE_BYTES = 4096, DEVICE_MIB = 2048, PERCENT = 100 };

/*
 * What an access took the recorded programs where nothing faulted: medians of the time of their runs at 110 %
 * on the machine of 6.18, of sweeps and of those that drew each page.
 */
enum { SWEEP_NS = 450, DRAWN_NS = 1700, EMULATED = 7 /* times slower */ };

/* What a row without a stream does, by the words of docs/fidelity.md. */
enum extent { BY_PASSES, BY_ACCESSES, BY_REFILLS, BY_FILL };
static const struct generator {
	const char *pattern;
	const char *workload;
	enum extent extent;
	u32 access_ns;
	const char *keys; /* beside size and extent */
	bool has_writes;
} generators[] = {
	{ "seq", "seq", BY_PASSES, SWEEP_NS, "", true },
	{ "back", "back", BY_PASSES, SWEEP_NS, "", true },
	{ "stride", "stride", BY_PASSES, SWEEP_NS, ", \"stride\": 8", true },
	/* Nothing but the fill; the one access marks its end. */
	{ "alloc", "rand", BY_FILL, SWEEP_NS, "", false },
	{ "rand", "rand", BY_ACCESSES, DRAWN_NS, "", true },
	{ "zipf", "zipf", BY_ACCESSES, DRAWN_NS, ", \"skew_permille\": 900", true },
	{ "zipfloc", "zipfloc", BY_ACCESSES, DRAWN_NS, ", \"skew_permille\": 900", true },
	{ "hotcold", "hotcold", BY_ACCESSES, DRAWN_NS,
	  ", \"hot_permille\": 200, \"hot_accesses_permille\": 900, \"phases\": 4", true },
	{ "churn", "churn", BY_REFILLS, SWEEP_NS, ", \"chunks\": 64", false },
};
enum { CHUNKS = 64 };

/* A filled mapping, and children that have it too: pages are copied when they are written, or they are not.
 */
#define FORKED "mproc"
#define SHARED "shm"
enum { CHILDREN = 4 };

static bool has_children(const struct fidelity_row *row)
{
	return !strcmp(row->pattern, FORKED) || !strcmp(row->pattern, SHARED);
}

static const struct generator *generator_of(const struct fidelity_row *row)
{
	for (u32 i = 0; i < ARRAY_SIZE(generators); i++)
		if (!strcmp(row->pattern, generators[i].pattern))
			return &generators[i];
	return NULL;
}

/* ---- what it is not run for ---- */

/* "6.18.44-arch1" is 6.18, and "6.12.117" what 6.12 became in its stable series. */
static char *release_of(const struct fidelity_row *row, const struct fidelity_setup *setup)
{
	const char *kernel = setup->as ? setup->as : row->kernel;
	const char *dot = strchr(kernel, '.'), *rest;
	const struct release *release;
	struct patches patches;
	char *minor, *known = NULL;

	if (release_parse(kernel, &release, &patches, NULL))
		return g_strdup(kernel);
	if (!dot)
		return NULL;
	rest = dot + 1 + strspn(dot + 1, "0123456789");
	minor = g_strndup(kernel, (gsize)(rest - kernel));
	if (release_parse(minor, &release, &patches, NULL))
		known = g_strconcat(minor, release_stable_patches(release, *rest == '.' ? atoi(rest + 1) : 0),
				    NULL);
	g_free(minor);
	return known;
}

static char *preset_of(const struct fidelity_row *row, const struct fidelity_setup *setup)
{
	const char *name = !strcmp(row->device, "zram") ? "zram-lzo-rle" : row->device;

	for (u32 i = 0; setup->devices && setup->devices[i]; i++) {
		const char *preset = strchr(setup->devices[i], '=') + 1;

		if (!strncmp(setup->devices[i], row->device, (gsize)(preset - 1 - setup->devices[i])) &&
		    !row->device[preset - 1 - setup->devices[i]])
			name = preset;
	}
	return device_model_find(name) ? g_strdup(name) : NULL;
}

static char *other_argument(const struct fidelity_row *row)
{
	static const char *const known[] = { "wr", "passes", "fill", "thp", "seed", NULL };
	char *key = fidelity_other_argument(row, known), *reason = NULL;

	if (key)
		reason = g_strdup_printf("nobody knows what argument \"%s\" does to %s", key, row->pattern);
	g_free(key);
	return reason;
}

static char *wrong_pattern(const struct fidelity_row *row, const struct fidelity_stream *stream)
{
	if (has_children(row))
		return other_argument(row);
	if (stream && stream->tasks > 1)
		return g_strdup("a stream of several tasks does not say what they share");
	if (stream && !g_file_test(stream->path, G_FILE_TEST_IS_REGULAR))
		return g_strdup_printf("%s: no such file", stream->path);
	if (stream)
		return NULL;
	if (!generator_of(row))
		return g_strdup("there is no stream and no generator");
	return other_argument(row);
}

static char *wrong_size(const struct fidelity_row *row)
{
	const char *digits = row->ratio + strcspn(row->ratio, "0123456789");
	bool known = digits == row->ratio || g_str_has_prefix(row->ratio, "high") ||
		     g_str_has_prefix(row->ratio, "global");

	if (!row->mib)
		return g_strdup("its size is not given");
	if (!known || !*digits || digits[strspn(digits, "0123456789")])
		return g_strdup_printf("nobody knows what limit \"%s\" is", row->ratio);
	return NULL;
}

static char *wrong_content(const struct fidelity_row *row)
{
	char *fill = fidelity_argument(row, "fill"), *reason = NULL;

	if (fill && !corpus_find(fill))
		reason = g_strdup_printf("nobody knows what contents \"%s\" are", fill);
	g_free(fill);
	return reason;
}

/* Which sizes were enabled for memory that is advised, as the column has it. */
static const char *huge_pages_of(const struct fidelity_row *row)
{
	static const struct {
		const char *name, *thp;
	} known[] = {
		{ "64k", "{ \"sizes\": { \"64KiB\": \"madvise\", \"2MiB\": \"never\" } }" },
		{ "2m", "{ \"sizes\": { \"2MiB\": \"madvise\" } }" },
	};

	for (u32 i = 0; i < ARRAY_SIZE(known); i++)
		if (!strcmp(row->thp, known[i].name))
			return known[i].thp;
	return NULL;
}

static char *why_not(const struct fidelity_row *row, const struct fidelity_stream *stream)
{
	char *reason = NULL;

	if (row->unfit)
		return g_strdup_printf("nobody knows what %s \"%s\" is", row->unfit, row->unfit_text);
	if (strcmp(row->lru, "classic") && strcmp(row->lru, "mglru"))
		return g_strdup_printf("the LRU \"%s\" is not modelled", row->lru);
	if (strcmp(row->thp, "none") && !huge_pages_of(row))
		return g_strdup_printf("nobody knows what huge pages \"%s\" are", row->thp);
	reason = wrong_pattern(row, stream);
	reason = reason ? reason : wrong_size(row);
	return reason ? reason : wrong_content(row);
}

/* ---- the parts of the text ---- */

/* Guests of 6.1 and 6.12 were emulated, if a row does not say what it ran on. */
static const char *cpu_of(const struct fidelity_row *row, const struct fidelity_setup *setup)
{
	if (*row->cpu)
		return row->cpu;
	return !setup->recorded && (!strcmp(row->kernel, "6.1") || !strcmp(row->kernel, "6.12")) ? "emulated"
												 : "vm";
}

/* The time of an access, @reads of them for one of the program. */
static void append_think(GString *out, u32 ns, const char *cpu, u32 reads)
{
	g_string_append_printf(out, ", \"think\": \"%uns\"",
			       ns * (strcmp(cpu, "emulated") ? 1 : EMULATED) / reads);
}

/* "0.3" is 300. */
static u32 permille_of(const struct fidelity_row *row, const char *key)
{
	char *text = fidelity_argument(row, key);
	u32 permille = text ? (u32)(g_ascii_strtod(text, NULL) * 1000 + 0.5) : 0;

	g_free(text);
	return permille;
}

static u64 passes_of(const struct fidelity_row *row)
{
	char *text = fidelity_argument(row, "passes");
	u64 pages = (u64)row->mib * PAGES_PER_MIB;
	u64 passes = text ? g_ascii_strtoull(text, NULL, 10) : row->accesses / pages;

	g_free(text);
	return MAX(passes, 1);
}

static void append_extent(GString *out, const struct fidelity_row *row, enum extent extent)
{
	switch (extent) {
	case BY_PASSES:
		g_string_append_printf(out, ", \"passes\": %" G_GUINT64_FORMAT, passes_of(row));
		return;
	case BY_ACCESSES:
		g_string_append_printf(out, ", \"accesses\": %" G_GUINT64_FORMAT, MAX(row->accesses, 1));
		return;
	case BY_REFILLS:
		g_string_append_printf(out, ", \"refills\": %" G_GUINT64_FORMAT,
				       MAX(row->accesses / ((u64)row->mib * PAGES_PER_MIB / CHUNKS), 1));
		return;
	case BY_FILL:
		g_string_append(out, ", \"accesses\": 1");
		return;
	}
}

static void append_generated(GString *out, const struct fidelity_row *row, const char *cpu, const char *order)
{
	const struct generator *g = generator_of(row);

	g_string_append_printf(out, "\"%s\": { \"size\": \"%uMiB\"", g->workload, row->mib);
	append_extent(out, row, g->extent);
	g_string_append(out, g->keys);
	if (order)
		g_string_append_printf(out, ", \"order\": %s", order);
	append_think(out, g->access_ns, cpu, 1);
	if (g->has_writes)
		g_string_append_printf(out, ", \"write_permille\": %u, \"writes\": \"update\"",
				       permille_of(row, "wr"));
	g_string_append(out, " }");
}

/* A write of the programs that were made for the recordings was a load and a store of one word. */
static void append_replayed(GString *out, const struct fidelity_row *row, const char *cpu, const char *trace,
			    u32 tables)
{
	const struct generator *g = generator_of(row);
	char *escaped = g_strescape(trace, NULL);

	g_string_append_printf(out, "\"trace\": { \"file\": \"%s\"", escaped);
	if (g) {
		g_string_append(out, ", \"writes\": \"update\"");
		append_think(out, g->access_ns, cpu, tables ? 2 : 1);
	}
	g_string_append(out, " }");
	g_free(escaped);
}

/* The parent fills its memory, and then waits; each child makes its part of the accesses. */
static void append_family(GString *out, const struct fidelity_row *row, const char *cpu)
{
	g_string_append_printf(
	    out,
	    "\"rand\": { \"size\": \"%uMiB\", \"accesses\": 1 } } },\n"
	    "    { \"name\": \"child\", \"count\": %d, \"fork_of\": \"program\",\n"
	    "    \"workload\": { \"rand\": { \"size\": \"%uMiB\", \"accesses\": %" G_GUINT64_FORMAT
	    ", \"write_permille\": %u, \"writes\": \"update\", \"fill\": \"none\"",
	    row->mib, CHILDREN, row->mib, MAX(row->accesses / CHILDREN, 1), permille_of(row, "wr"));
	append_think(out, DRAWN_NS, cpu, 1);
	g_string_append(out, " }");
}

/*
 * The machine it ran on, as README.md of the recordings has it: guests of 6.1 and 6.12 were emulated, seven
 * times slower than the virtual machine of 6.18. Reclaim goes by statistics that a reader of memory.stat
 * brings up to date; the monitor read it every 20 ms, and those runs took about 1.3 and 2 times the simulated
 * time. A guest of 320 MiB leaves programs 262.
 */
static void append_machine(GString *out, const struct fidelity_row *row, const struct fidelity_setup *setup,
			   const char *release)
{
	const char *cpu = cpu_of(row, setup);
	u32 monitor_us = !strcmp(cpu, "emulated") ? 15000 : setup->recorded ? 20000 : 10000;

	g_string_append_printf(
	    out,
	    "  \"machine\": { \"kernel\": \"%s\", \"cpu\": \"%s\", \"cgroup_version\": %u, "
	    "\"page-cluster\": %u, \"memory_stat_every\": \"%uus\"",
	    release, cpu, row->cgroup_version, row->page_cluster,
	    row->memory_stat_us ? row->memory_stat_us : monitor_us);
	if (strcmp(row->lru, "classic"))
		g_string_append_printf(out, ", \"lru\": \"%s\"", row->lru);
	if (huge_pages_of(row))
		g_string_append_printf(out, ", \"thp\": %s", huge_pages_of(row));
	if (!strcmp(row->ratio, "global320"))
		g_string_append(out, ", \"memory\": \"262MiB\"");
	else if (g_str_has_prefix(row->ratio, "global"))
		g_string_append_printf(out, ", \"memory\": \"%sMiB\"", row->ratio + strlen("global"));
	g_string_append(out, " },\n");
}

/* memory.swap.max, or what comes to the same as a limit of memory and swap together. */
static void append_cgroup(GString *out, const struct fidelity_row *row)
{
	const char *digits = row->ratio + strcspn(row->ratio, "0123456789");
	u64 pages = (u64)row->mib * PAGES_PER_MIB * g_ascii_strtoull(digits, NULL, 10) / PERCENT;
	u64 swap = g_ascii_strtoull(row->swap_mib, NULL, 10) * PAGES_PER_MIB;

	g_string_append(out, "  \"cgroups\": [ { \"name\": \"workload\"");
	if (!g_str_has_prefix(row->ratio, "global"))
		g_string_append_printf(out, ", \"%s\": %" G_GUINT64_FORMAT,
				       digits == row->ratio ? "memory.max" : "memory.high",
				       pages * PAGE_BYTES);
	if (*row->swap_mib && row->cgroup_version == 2)
		g_string_append_printf(out, ", \"memory.swap.max\": %" G_GUINT64_FORMAT, swap * PAGE_BYTES);
	else if (*row->swap_mib)
		g_string_append_printf(out, ", \"memory.memsw.max\": %" G_GUINT64_FORMAT,
				       (pages + swap) * PAGE_BYTES);
	g_string_append(out, " } ],\n");
}

/* A program, not one of the patterns. */
static bool is_program(const struct fidelity_row *row)
{
	return !generator_of(row) && !has_children(row);
}

/* A recording of a program has its stack in it, and behind shared memory one needs whole page tables. */
static bool has_stack(const struct fidelity_row *row, const struct fidelity_setup *setup)
{
	return !setup->recorded && !is_program(row) && row->stack.pages &&
	       (strcmp(row->pattern, SHARED) || row->mib % 2 == 0);
}

static void append_stack(GString *out, const struct fidelity_row *row)
{
	g_string_append_printf(out, " \"stack_pages\": %u, \"stack_used\": %u, \"stack_at_marks\": %u,",
			       row->stack.pages, row->stack.used, row->stack.at_marks);
}

/* Its files were read by the run that told what it needs. */
static void append_program(GString *out, u32 overhead)
{
	g_string_append(out, " \"files_cached\": true,");
	if (overhead)
		g_string_append_printf(out, " \"overhead_pages\": %u,", overhead);
}

/* What is known of the accesses beside the row. */
struct accesses {
	char *trace;  /* all of them; NULL: they are generated */
	u32 tables;   /* pages behind its mapping */
	char *order;  /* of chunks that are given back; NULL: they come at random */
	u32 overhead; /* of a program: pages of the kernel; 0: not measured */
};

static void append_task(GString *out, const struct fidelity_row *row, const struct fidelity_setup *setup,
			const struct accesses *accesses)
{
	const char *cpu = cpu_of(row, setup);
	char *fill = fidelity_argument(row, "fill"), *advised = fidelity_argument(row, "thp");

	if (!strcmp(row->pattern, SHARED))
		g_string_append_printf(out,
				       "  \"shared_memory\": [ { \"name\": \"segment\", \"size\": \"%uMiB\", "
				       "\"contents\": \"%s\" } ],\n",
				       row->mib, fill ? fill : "half-random");
	g_string_append(out, "  \"tasks\": [ { \"name\": \"program\", \"cgroup\": \"workload\",");
	if (!strcmp(row->pattern, SHARED))
		g_string_append(out, " \"shares\": \"segment\",");
	else
		g_string_append_printf(out, " \"contents\": \"%s\",", fill ? fill : "half-random");
	if (!g_strcmp0(advised, "1"))
		g_string_append(out, " \"madvise\": \"hugepage\",");
	if (has_stack(row, setup))
		append_stack(out, row);
	if (is_program(row))
		append_program(out, accesses->overhead);
	if (accesses->tables)
		g_string_append_printf(out, " \"mapping_pages\": %u,", row->mib * PAGES_PER_MIB);
	g_string_append(out, "\n    \"workload\": { ");
	if (has_children(row))
		append_family(out, row, cpu);
	else if (accesses->trace)
		append_replayed(out, row, cpu, accesses->trace, accesses->tables);
	else
		append_generated(out, row, cpu, accesses->order);
	g_string_append(out, " } } ]\n");
	g_free(advised);
	g_free(fill);
}

static char *write_scenario(const struct fidelity_row *row, const struct fidelity_setup *setup,
			    const char *release, const char *device, const struct accesses *accesses)
{
	GString *out = g_string_new("{\n");
	char *words = fidelity_row_words(row);

	g_string_append_printf(out, "  \"format\": 1,\n  \"name\": \"row-%u\",\n  \"description\": \"%s\",\n",
			       row->number, words);
	append_machine(out, row, setup, release);
	g_string_append_printf(out, "  \"swap\": [ { \"device\": \"%s\", \"size\": \"%uMiB\" } ],\n", device,
			       MAX(DEVICE_MIB, 2 * row->mib));
	append_cgroup(out, row);
	append_task(out, row, setup, accesses);
	g_string_append(out, "}\n");
	g_free(words);
	return g_string_free(out, FALSE);
}

/* Which child makes an access is in no stream. */
static const struct fidelity_stream *usable_stream(const struct fidelity_rows *rows,
						   const struct fidelity_row *row)
{
	return has_children(row) ? NULL : fidelity_stream_of(rows, row);
}

/* Of a stream of churn only the order of its chunks is used: that they are given back is not in it. */
static void read_stream(const struct fidelity_stream *stream, const struct fidelity_row *row,
			const struct fidelity_setup *setup, struct accesses *accesses, GError **error)
{
	char *trace = fidelity_stream_trace(stream, setup->streams, error);

	if (trace && !strcmp(row->pattern, "churn")) {
		accesses->order =
		    fidelity_stream_chunks(stream, trace, MAX(row->mib * PAGES_PER_MIB / CHUNKS, 1), error);
		g_free(trace);
		return;
	}
	accesses->trace = trace;
	accesses->tables = fidelity_stream_tables(stream);
	accesses->overhead = stream->overhead;
}

char *fidelity_scenario(const struct fidelity_rows *rows, const struct fidelity_row *row,
			const struct fidelity_setup *setup, char **reason, GError **error)
{
	const struct fidelity_stream *stream = usable_stream(rows, row);
	char *release = release_of(row, setup), *device = preset_of(row, setup), *text = NULL;
	struct accesses accesses = { 0 };
	GError *cause = NULL;

	*reason = why_not(row, stream);
	if (!*reason && !release)
		*reason = g_strdup_printf("no release is called %s (swapsim list kernels, --as)",
					  setup->as ? setup->as : row->kernel);
	if (!*reason && !device)
		*reason = g_strdup_printf("no device is called %s (swapsim list devices, --device %s=PRESET)",
					  row->device, row->device);
	if (!*reason && stream)
		read_stream(stream, row, setup, &accesses, &cause);
	if (g_error_matches(cause, SWAPSIM_ERROR, ERROR_TRACE)) {
		*reason = g_strdup(cause->message);
		g_clear_error(&cause);
	}
	if (cause)
		g_propagate_error(error, cause);
	else if (!*reason)
		text = write_scenario(row, setup, release, device, &accesses);
	g_free(accesses.order);
	g_free(accesses.trace);
	g_free(device);
	g_free(release);
	return text;
}
