#include "tests/fidelity/replay.h"

#include <stdlib.h>
#include <string.h>

#include "models/work/work.h"
#include "sim/random.h"
#include "tests/fidelity/tables.h"

/* The process beyond its mapping: page tables, binary, stack. */
enum { OVERHEAD_PAGES = 61, DEVICE_PAGES = (2u << 30) / 4096, PAGES_PER_MIB = 256, STREAM_ACCESSES = 1000 };

/* It was every 20 ms of the measured machines' time. Their runs took about twice the simulated time on the
 * busy machine of 6.18 and ten times in the emulated guest of 6.12. */
u64 replay_monitor_ns(const struct row *row)
{
	return strcmp(row->kernel, "6.18") ? 15000000 : 10000000;
}

/* What a row without a stream does, by the words of the recording (README.md). */
static const struct generated {
	const char *name;
	enum pattern pattern;
	u32 zipf_skew_permille;
	struct workload with;
} generated[] = {
	{ "seq", PATTERN_SEQ, 0, { 0 } },
	{ "alloc", PATTERN_SEQ, 0, { 0 } },
	{ "back", PATTERN_BACK, 0, { 0 } },
	{ "stride", PATTERN_STRIDE, 0, { .stride = 8 } },
	{ "zipfloc", PATTERN_ZIPFLOC, 900, { 0 } },
	{ "churn", PATTERN_CHURN, 0, { .chunks = 64, .advice = ADVICE_DONTNEED } },
	{ "hotcold", PATTERN_HOTCOLD, 0, { .hot_permille = 900, .phases = 4 } },
};

static const struct generated *generator_of(const struct row *row)
{
	for (u32 i = 0; i < ARRAY_SIZE(generated); i++)
		if (!strcmp(row->pattern, generated[i].name))
			return &generated[i];
	return NULL;
}

/* "0.3" is 300. */
static u32 permille_of(const struct row *row, const char *key)
{
	char *text = row_argument(row, key), *end = NULL;
	u32 permille = text ? (u32)strtoul(text, &end, 10) * 1000 : 0;

	for (u32 digit = 100; end && *end && *++end && digit; digit /= 10)
		permille += (u32)(*end - '0') * digit;
	g_free(text);
	return permille;
}

static u32 number_of(const struct row *row, const char *key)
{
	char *text = row_argument(row, key);
	u32 number = text ? (u32)strtoul(text, NULL, 10) : 0;

	g_free(text);
	return number;
}

/* The stream recorded for a pattern and write share. */
static char *stream_path(const struct row *row, const char *folder)
{
	u32 permille = permille_of(row, "wr");

	return g_strdup_printf("%s/%s%s.swt", folder, row->pattern,
			       !permille	  ? "_wr0"
			       : permille == 1000 ? "_wr1"
						  : "");
}

bool replay_knows(const struct row *row, const char *streams)
{
	char *path = stream_path(row, streams);
	bool known = generator_of(row) || g_file_test(path, G_FILE_TEST_IS_REGULAR);

	g_free(path);
	return known;
}

/* Sweeps are given by their passes, churn by the pages it fills again; alloc is nothing but the fill. */
static u64 accesses_of(const struct row *row, const struct workload *w)
{
	u32 passes = number_of(row, "passes");

	if (!strcmp(row->pattern, "alloc"))
		return 0;
	if (!strcmp(row->pattern, "churn"))
		return row->accesses / (w->pages / w->chunks);
	return passes ? (u64)passes * w->pages : row->accesses;
}

static void generate(struct workload *w, const struct row *row, u64 seed)
{
	const struct generated *g = generator_of(row);

	*w = g->with;
	w->pattern = g->pattern;
	w->pages = row->mib * PAGES_PER_MIB;
	w->hot_pages = w->pages / 5;
	w->fill = true;
	w->write_permille = permille_of(row, "wr");
	w->accesses = accesses_of(row, w);
	w->zipf = g->zipf_skew_permille ? zipf_new(w->pages, g->zipf_skew_permille) : NULL;
	w->stream = random_key(seed, STREAM_ACCESSES, 0);
}

/* A trace begins with its fill. */
static bool load_stream(struct workload *w, const struct row *row, const char *folder, GError **error)
{
	char *path = stream_path(row, folder);
	struct trace *trace = trace_load(path, error);

	g_free(path);
	if (!trace)
		return false;
	if (!strcmp(row->pattern, "zipf"))
		trace_add_tables(&trace);
	*w = (struct workload){ .pattern = PATTERN_TRACE,
				.pages = trace->header.pages,
				.accesses = trace->header.accesses,
				.trace = trace };
	return true;
}

static bool workload_init(struct workload *w, const struct row *row, u64 seed, const char *folder,
			  GError **error)
{
	*w = (struct workload){ 0 };
	if (generator_of(row))
		generate(w, row, seed);
	else if (!load_stream(w, row, folder, error))
		return false;
	w->update = true;
	return true;
}

static const struct corpus *contents(const struct row *row)
{
	char *fill = row_argument(row, "fill");
	const struct corpus *corpus = corpus_find(fill ? fill : "half-random");

	g_free(fill);
	return corpus;
}

static void note_fill(struct kernel *k, u32 task, const char *mark)
{
	(void)task; /* there is one */
	if (!strcmp(mark, "fill_done"))
		memcpy(k->on_mark_data, k->count[0], sizeof k->count[0]);
}

/* The machine refers to these as long as it runs. */
struct parts {
	struct swap_device_config device;
	struct memcg_config memcg[2];
	struct mm_config mm;
	u32 vma_pages[2]; /* the mapping the row is about, and what else the program has */
};

/* memory.swap.max, or what comes to the same as a limit of memory and swap together. */
static void limit_swap(struct memcg_config *cg, u64 pages)
{
	cg->swap_limited = true;
	cg->swap_max_pages = pages;
	cg->memsw_max_pages = cg->max_pages + pages;
}

static struct kernel *machine(const struct row *row, struct parts *parts, u32 pages, const char *release,
			      u64 seed, u64 monitor_ns, GError **error)
{
	struct kernel_config c = kernel_config_default();
	u64 limit = (u64)row->mib * PAGES_PER_MIB * row->ratio / 100;

	if (!release_parse(release, &c.release, &c.patches, error))
		return NULL;
	*parts = (struct parts){
		.device = { .model = strcmp(row->device, "zram") ? row->device : "zram-lzo-rle",
			    .pages = DEVICE_PAGES },
		.memcg = { { .name = "", .max_pages = PAGE_COUNTER_MAX },
			   { .name = "limited",
			     .max_pages = row->high ? PAGE_COUNTER_MAX : limit,
			     .high_limited = row->high,
			     .high_pages = limit } },
		.mm = { .name = "workload",
			.pages = pages,
			.vmas = ARRAY_SIZE(parts->vma_pages),
			.overhead_pages = OVERHEAD_PAGES,
			.memcg = 1,
			.corpus = *contents(row) },
		.vma_pages = { row->mib * PAGES_PER_MIB, pages - row->mib * PAGES_PER_MIB },
	};
	if (*row->swap_limit)
		limit_swap(&parts->memcg[1], strtoul(row->swap_limit, NULL, 10) * PAGES_PER_MIB);
	parts->mm.vma_pages = parts->vma_pages;
	parts->mm.vmas -= !parts->vma_pages[1];
	c.machine.seed = seed;
	c.cpu_profile = strcmp(row->kernel, "6.18") ? "emulated" : "vm";
	c.page_cluster = row->page_cluster;
	c.cgroup_version = row->cgroup_version;
	c.memory_stat_ns = monitor_ns;
	c.devices = c.mms = 1;
	c.device = &parts->device;
	c.mm = &parts->mm;
	c.memcgs = ARRAY_SIZE(parts->memcg);
	c.memcg = parts->memcg;
	return kernel_new(&c, error);
}

bool replay_run(struct replay *replay, const struct row *row, const char *release, u64 seed, u64 monitor_ns,
		const char *streams, GError **error)
{
	u64 fill[NR_COUNTERS] = { 0 };
	struct workload w;
	struct parts parts;
	struct kernel *k = NULL;
	bool ok = workload_init(&w, row, seed, streams, error) &&
		  (k = machine(row, &parts, w.pages, release, seed, monitor_ns, error));

	if (ok) {
		k->swap->ra_hits =
		    0; /* what readahead by slots begins with was spent: they had swapped before */
		k->on_mark = note_fill;
		k->on_mark_data = fill;
		work_add_task(k, &w, 0, 0, false);
		ok = machine_run(&k->machine, TIME_NEVER - 1, error);
	}
	if (ok) {
		for (u32 i = 0; i < NR_COUNTERS; i++) {
			replay->count[PHASE_ALL][i] = k->count[0][i];
			replay->count[PHASE_RUN][i] = k->count[0][i] - fill[i];
		}
		replay->peak_bytes = k->memcg[1].peak * 4096;
		replay->swap_peak_bytes = k->memcg[1].swap_peak * 4096;
		replay->killed = k->count[1][EVENTS_OOM_KILL];
	}
	kernel_free(k);
	trace_free((struct trace *)w.trace);
	zipf_free((struct zipf *)w.zipf);
	return ok;
}
