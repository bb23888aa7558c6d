#include "tests/fidelity/replay.h"

#include <stdlib.h>
#include <string.h>

#include "models/work/work.h"
#include "tests/fidelity/tables.h"

/* The process beyond its mapping: page tables, binary, stack. */
enum { OVERHEAD_PAGES = 61, DEVICE_PAGES = (2u << 30) / 4096, PAGES_PER_MIB = 256 };

/* It was every 20 ms of the measured machines' time. Their runs took about twice the simulated time on the
 * busy machine of 6.18 and ten times in the emulated guest of 6.12. */
u64 replay_monitor_ns(const struct row *row)
{
	return strcmp(row->kernel, "6.18") ? 15000000 : 10000000;
}

/* The stream recorded for a pattern and write share; NULL: it is generated. */
static char *stream_path(const struct row *row, const char *folder)
{
	char *share = row_argument(row, "wr");
	const char *suffix = !strcmp(share, "0") ? "_wr0" : !strcmp(share, "1") ? "_wr1" : "";
	char *path = strcmp(row->pattern, "seq") && strcmp(row->pattern, "alloc")
			 ? g_strdup_printf("%s/%s%s.swt", folder, row->pattern, suffix)
			 : NULL;

	g_free(share);
	return path;
}

/* Without a stream: sweeps. A trace begins with its fill. */
static bool workload_init(struct workload *w, const struct row *row, const char *folder, GError **error)
{
	char *path = stream_path(row, folder);
	char *share = row_argument(row, "wr");
	struct trace *trace = path ? trace_load(path, error) : NULL;
	bool ok = trace || !path;

	if (trace && !strcmp(row->pattern, "zipf"))
		trace_add_tables(&trace);
	*w = (struct workload){
		.pattern = trace ? PATTERN_TRACE : PATTERN_SEQ,
		.pages = trace ? trace->header.pages : row->mib * PAGES_PER_MIB,
		.fill = !trace,
		.write_permille = strcmp(share, "0") ? 1000 : 0,
		.accesses = trace			  ? trace->header.accesses
			    : strcmp(row->pattern, "seq") ? 0
							  : row->accesses,
		.trace = trace,
		.update = true,
	};
	g_free(path);
	g_free(share);
	return ok;
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
	(void)task, (void)mark; /* there is one task and one mark */
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

	if (!release_parse(release, &c.release, &c.patches, error))
		return NULL;
	*parts = (struct parts){
		.device = { .model = strcmp(row->device, "zram") ? row->device : "zram-lzo-rle",
			    .pages = DEVICE_PAGES },
		.memcg = { { .name = "", .max_pages = PAGE_COUNTER_MAX },
			   { .name = "limited",
			     .max_pages = (u64)row->mib * PAGES_PER_MIB * row->ratio / 100 } },
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
	bool ok = workload_init(&w, row, streams, error) &&
		  (k = machine(row, &parts, w.pages, release, seed, monitor_ns, error));

	if (ok) {
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
	return ok;
}
