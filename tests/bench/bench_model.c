/*
 * How fast the model is; the definitions are in docs/benchmarks.md. All tasks have memory of their own and
 * are in one cgroup; what is timed begins when it is filled and in its steady state.
 */
#include "tests/bench/bench.h"

#include "models/block/device.h"
#include "models/work/work.h"
#include "sim/random.h"

enum {
	RESIDENT_PAGES = 1u << 20,
	RESIDENT_ACCESSES = 1u << 26,
	STREAM = 1u << 22, /* accesses generated; replayed again and again */
	PAGES = 65536,
	TASKS_MAX = 96,
	PAGES_OF_MANY = 4096,
	MEASURED = 4000000, /* accesses */
	PAIRS = 1000000,
	WRITE_PERMILLE = 300,
	GAP_NS = 5,
	SLICE_NS = 1000000,
};

/* A machine and what it refers to. */
struct model {
	struct kernel *k;
	struct zipf *zipf;
	struct trace trace;
	struct swap_device_config device;
	struct memcg_config memcg[2];
	struct mm_config mm[TASKS_MAX];
	struct workload load[TASKS_MAX + 1];
};

static void model_build(struct model *b, const char *release, const char *device, u32 tasks, u32 pages,
			u64 limit)
{
	struct kernel_config c = kernel_config_default();

	b->device = (struct swap_device_config){ .model = device, .pages = 1u << 20 };
	b->memcg[0] = (struct memcg_config){ .name = "", .max_pages = PAGE_COUNTER_MAX };
	b->memcg[1] = (struct memcg_config){ .name = "limited", .max_pages = limit };
	for (u32 i = 0; i < tasks; i++)
		b->mm[i] = (struct mm_config){ .name = "p",
					       .pages = pages,
					       .overhead_pages = 61,
					       .memcg = 1,
					       .corpus = *corpus_find("half-random") };
	BUG_ON(!release_parse(release, &c.release, &c.patches, NULL));
	c.machine.cpus = tasks;
	c.machine.tasks = tasks + 1;
	c.memory_pages = 4u << 20;
	c.devices = 1;
	c.memcgs = 2;
	c.mms = tasks;
	c.device = &b->device;
	c.memcg = b->memcg;
	c.mm = b->mm;
	b->k = kernel_new(&c, NULL);
	BUG_ON(!b->k);
}

static void model_free(void *context)
{
	struct model *b = context;

	kernel_free(b->k);
	zipf_free(b->zipf);
	g_free(b->trace.runs);
	g_free(b->trace.index);
	g_free(b);
}

static u64 counted(const struct model *b, enum counter id)
{
	return b->k->count[0][id];
}

/* Run until @n of @id were counted. */
static void run_until(struct model *b, enum counter id, u64 n)
{
	for (u64 until = b->k->machine.now; counted(b, id) < n; until += SLICE_NS)
		BUG_ON(!machine_run(&b->k->machine, until, NULL));
}

/* ---- streams ---- */

/* One run of length 1 for each access, so that nothing is gained by runs. @zipf: NULL for uniform pages. */
static void generate(struct trace *trace, const struct zipf *zipf, u32 pages)
{
	const u64 stream = random_key(1, 7, 0);
	struct scatter scatter;

	scatter_init(&scatter, pages, 0);
	for (u64 i = 0; i < STREAM; i++) {
		u64 value = random_value(stream, 2 * i);
		u32 page = zipf ? scatter_at(&scatter, zipf_at(zipf, value)) : random_below(value, pages);
		bool write = random_below(random_value(stream, 2 * i + 1), 1000) < WRITE_PERMILLE;

		trace->runs[i] = trace_run(page, 1, 0, write ? TRACE_WRITE : TRACE_READ, GAP_NS);
	}
}

static void stream_init(struct model *b, bool zipf, u32 pages)
{
	b->zipf = zipf ? zipf_new(pages, 990) : NULL;
	b->trace.runs = g_new(struct trace_run, STREAM);
	b->trace.index = g_new(u64, STREAM / TRACE_INDEX_STEP + 1);
	for (u64 i = 0; i <= STREAM / TRACE_INDEX_STEP; i++)
		b->trace.index[i] = i * TRACE_INDEX_STEP;
	b->trace.header =
	    (struct trace_header){ .tick_ps = 1000, .pages = pages, .runs = STREAM, .accesses = STREAM };
	generate(&b->trace, b->zipf, pages);
}

static void *generator_setup(void)
{
	struct model *b = g_new0(struct model, 1);

	stream_init(b, true, RESIDENT_PAGES);
	return b;
}

static uint64_t generator(void *context)
{
	struct model *b = context;

	generate(&b->trace, b->zipf, RESIDENT_PAGES);
	bench_keep(b->trace.runs[STREAM / 2].page);
	return STREAM;
}

/* Tasks that fill their memory and replay the stream for ever, each from another place on, until all have
 * made as many accesses as they have pages. */
static void start(struct model *b, u32 tasks, u32 pages)
{
	for (u32 i = 0; i < tasks; i++) {
		b->load[i] = (struct workload){ .pattern = PATTERN_TRACE,
						.pages = pages,
						.fill = true,
						.gap_ps = GAP_NS * 1000,
						.accesses = UINT64_MAX,
						.trace = &b->trace,
						.trace_first = i * (u64)(STREAM / TASKS_MAX) };
		work_add_task(b->k, &b->load[i], i, i, false);
	}
	run_until(b, ACCESSES, (u64)tasks * 2 * pages);
}

static uint64_t accesses(struct model *b, u64 n)
{
	u64 before = counted(b, ACCESSES);

	run_until(b, ACCESSES, before + n);
	return counted(b, ACCESSES) - before;
}

/* ---- resident ---- */

static void *resident_setup(void)
{
	struct model *b = generator_setup();

	model_build(b, "6.18", "zram-lz4", 1, RESIDENT_PAGES, 2 * RESIDENT_PAGES);
	start(b, 1, RESIDENT_PAGES);
	return b;
}

static uint64_t resident(void *context)
{
	struct model *b = context;
	u64 n = accesses(b, RESIDENT_ACCESSES);

	BUG_ON(counted(b, PGFAULT) != RESIDENT_PAGES);
	return n;
}

/* ---- 12 % faults ---- */

/* @permille of all pages fit. */
static struct model *device_setup(const char *release, const char *device, u32 tasks, u32 pages, u32 permille)
{
	struct model *b = g_new0(struct model, 1);

	stream_init(b, true, pages);
	model_build(b, release, device, tasks, pages, (u64)tasks * pages * permille / 1000);
	start(b, tasks, pages);
	return b;
}

static struct model *zipf_setup(const char *release, u32 tasks, u32 pages, u32 permille)
{
	return device_setup(release, "zram-lz4", tasks, pages, permille);
}

static void *one_cpu_setup(void)
{
	return zipf_setup("6.18", 1, PAGES, 500);
}

static void *one_cpu_old_setup(void)
{
	return zipf_setup("6.17", 1, PAGES, 500);
}

static void *one_cpu_new_setup(void)
{
	return zipf_setup("7.0", 1, PAGES, 500);
}

static void *fifth_setup(void)
{
	return zipf_setup("6.18", 1, PAGES, 200);
}

static void *fiftieth_setup(void)
{
	return zipf_setup("6.18", 1, PAGES, 20);
}

static void *eight_cpus_setup(void)
{
	return zipf_setup("6.18", 8, PAGES, 500);
}

static void *eight_cpus_ssd_setup(void)
{
	return device_setup("6.18", "nvme-client", 8, PAGES, 500);
}

static void *many_setup(void)
{
	return zipf_setup("7.0", 96, PAGES_OF_MANY, 500);
}

static uint64_t faulting(void *context)
{
	return accesses(context, MEASURED);
}

/* The same run, by what else it did. */
static uint64_t faults(void *context)
{
	struct model *b = context;
	u64 before = counted(b, PGFAULT);

	accesses(b, MEASURED);
	return counted(b, PGFAULT) - before;
}

static uint64_t steps(void *context)
{
	struct model *b = context;
	u64 before = b->k->machine.steps;

	accesses(b, MEASURED);
	return b->k->machine.steps - before;
}

/* ---- faults: swap-out and swap-in ---- */

static void *pairs_setup(void)
{
	struct model *b = g_new0(struct model, 1);

	stream_init(b, false, PAGES);
	model_build(b, "6.18", "zram-lz4", 1, PAGES, PAGES / 2);
	start(b, 1, PAGES);
	return b;
}

static uint64_t pairs(void *context)
{
	struct model *b = context;
	u64 before = counted(b, PSWPIN);

	run_until(b, PSWPIN, before + PAIRS);
	return counted(b, PSWPIN) - before;
}

static const struct bench benches[] = {
	{ "resident accesses, 1 Mi pages, zipf(0.99)", BENCH_RATE, 300e6, 1000e6, resident, resident_setup,
	  model_free },
	{ "  the generator of their stream", BENCH_RATE, 0, 0, generator, generator_setup, model_free },
	{ "accesses at 12 % faults, 1 CPU, zram", BENCH_RATE, 30e6, 60e6, faulting, one_cpu_setup,
	  model_free },
	{ "  faults of these", BENCH_RATE, 0, 0, faults, one_cpu_setup, model_free },
	{ "  steps of these", BENCH_RATE, 0, 0, steps, one_cpu_setup, model_free },
	{ "accesses at 12 % faults, 8 CPUs, zram", BENCH_RATE, 15e6, 40e6, faulting, eight_cpus_setup,
	  model_free },
	{ "  faults of these", BENCH_RATE, 0, 0, faults, eight_cpus_setup, model_free },
	{ "  steps of these", BENCH_RATE, 0, 0, steps, eight_cpus_setup, model_free },
	{ "accesses at 12 % faults, 8 CPUs, SSD", BENCH_RATE, 30e6, 80e6, faulting, eight_cpus_ssd_setup,
	  model_free },
	{ "accesses at 12 % faults, 1 CPU, 6.17", BENCH_RATE, 0, 0, faulting, one_cpu_old_setup, model_free },
	{ "accesses at 12 % faults, 1 CPU, 7.0", BENCH_RATE, 0, 0, faulting, one_cpu_new_setup, model_free },
	{ "accesses, a fifth fits, 1 CPU, zram", BENCH_RATE, 0, 0, faulting, fifth_setup, model_free },
	{ "accesses, a fiftieth fits, 1 CPU, zram", BENCH_RATE, 0, 0, faulting, fiftieth_setup, model_free },
	{ "faults of 96 tasks on 96 CPUs, 7.0, zram", BENCH_RATE, 0.5e6, 1.5e6, faults, many_setup,
	  model_free },
	{ "swap-out and swap-in pairs, 1 task, zram", BENCH_RATE, 2e6, 6e6, pairs, pairs_setup, model_free },
};

BENCH_MAIN(benches)
