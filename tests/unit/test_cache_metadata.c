/*
 * Bytes of metadata per slot, by the simulated machine's own accounting, on a device of four 64 MiB ranges
 * that is empty, full, and all but empty. Thousandths of a byte, rounded down.
 */
#include "tests/unit/unit.h"

#include "models/swap/cache.h"
#include "models/work/work.h"
#include "sim/rcu.h"

enum {
	RANGES = 4,
	SLOTS_PER_RANGE = 16384,
	SLOTS = RANGES * SLOTS_PER_RANGE, /* with the header's */
	CLUSTERS = SLOTS / 512,
	USABLE = SLOTS - 1,
	NODES_PER_RANGE = 256 + 4 + 1,
	FULL_XARRAY = RANGES * NODES_PER_RANGE * XA_NODE_BYTES,
	FULL_TABLES = CLUSTERS * SWAP_TABLE_BYTES,
	GRACE_PERIOD_MS = 40,
};

struct device {
	struct swap_device_config device;
	struct mm_config mm;
	struct kernel *k;
	struct workload load[8 + KERNEL_THREADS]; /* by task */
};

static const struct memcg_config root = { .name = "", .max_pages = PAGE_COUNTER_MAX };

static u64 millibytes(u64 bytes, u64 slots)
{
	return bytes * 1000 / slots;
}

static u64 meta(const struct device *d)
{
	return d->k->memory->meta_bytes;
}

/* One process with a page for each usable slot. */
static void device_init(struct device *d, const char *release, u32 usable)
{
	struct kernel_config c = kernel_config_default();

	d->device = (struct swap_device_config){ .model = "zram-lz4", .pages = usable };
	d->mm = (struct mm_config){ .name = "p", .pages = usable, .corpus = *corpus_find("half-random") };
	CU_ASSERT_FATAL(release_parse(release, &c.release, &c.patches, NULL));
	c.machine.tasks = ARRAY_SIZE(d->load);
	c.devices = c.memcgs = c.mms = 1;
	c.device = &d->device;
	c.memcg = &root;
	c.mm = &d->mm;
	d->k = kernel_new(&c, NULL);
	CU_ASSERT_FATAL(d->k != NULL);
	d->k->mm[0].users = 1; /* ours */
}

static void device_release(struct device *d)
{
	kernel_free(d->k);
}

static void run(struct device *d, struct workload load)
{
	struct workload *w = &d->load[d->k->machine.tasks];

	*w = load;
	work_add_task(d->k, w, 0, 0, false);
	CU_ASSERT_FATAL(machine_run(&d->k->machine, TIME_NEVER - 1, NULL));
}

/* Write all pages and page them out: every slot is taken. */
static void swap_out_all(struct device *d)
{
	u32 pages = d->k->mm[0].pages;

	run(d, (struct workload){ .pattern = PATTERN_SEQ, .pages = pages, .fill = true });
	run(d, (struct workload){ .pattern = PATTERN_PAGEOUT, .pages = pages, .accesses = 1 });
}

static void let_grace_period_end(struct device *d)
{
	run(d, (struct workload){
		   .pattern = PATTERN_PAGEOUT, .gap_ps = 1000000000, .accesses = GRACE_PERIOD_MS });
}

/* Read back, and so free the slots of, the pages whose slot is a multiple of @every (@whether) or is not. */
static void swap_in(struct device *d, u32 every, bool whether)
{
	const struct mm *mm = &d->k->mm[0];
	struct trace t = { .header = { .tick_ps = 1000, .pages = mm->pages } };
	u64 index[SLOTS / TRACE_INDEX_STEP + 1] = { 0 };

	t.index = index;
	t.runs = g_new(struct trace_run, mm->pages);
	for (u32 i = 0; i < mm->pages; i++) {
		u32 page = mm->first_page + i;

		if (!(d->k->pte_flags[page] & PTE_SWAP) || (d->k->pte[page] % every == 0) != whether)
			continue;
		if (t.header.runs % TRACE_INDEX_STEP == 0)
			index[t.header.runs / TRACE_INDEX_STEP] = t.header.runs;
		t.runs[t.header.runs++] = trace_run(i, 1, 0, TRACE_READ, 1);
	}
	if (t.header.runs % TRACE_INDEX_STEP == 0)
		index[t.header.runs / TRACE_INDEX_STEP] = t.header.runs;
	t.header.accesses = t.header.runs;
	run(d,
	    (struct workload){
		.pattern = PATTERN_TRACE, .pages = mm->pages, .accesses = t.header.accesses, .trace = &t });
	g_free(t.runs);
}

static u32 shadows(const struct device *d)
{
	u32 n = 0;

	for (u32 entry = 0; entry < SLOTS; entry++)
		n += word_shadow(swap_cache_word(d->k, entry)) != 0;
	return n;
}

static void test_static(void)
{
	struct device d;

	device_init(&d, "6.17", USABLE);
	CU_ASSERT_EQUAL(millibytes(d.k->device[0].static_bytes, SLOTS), 3183);
	device_release(&d);
	device_init(&d, "6.18", USABLE);
	CU_ASSERT_EQUAL(millibytes(d.k->device[0].static_bytes, SLOTS), 3187);
	device_release(&d);
	device_init(&d, "7.0", USABLE);
	CU_ASSERT_EQUAL(millibytes(d.k->device[0].static_bytes, SLOTS), 3187);
	device_release(&d);
	device_init(&d, "7.1", USABLE);
	CU_ASSERT_EQUAL(millibytes(d.k->device[0].static_bytes, SLOTS), 2203);
	device_release(&d);
	device_init(&d, "7.2", USABLE);
	CU_ASSERT_EQUAL(d.k->device[0].static_bytes * 512, SLOTS * 48);
	device_release(&d);
}

/* Of 2^28 slots, 1 TiB: what swap_map was, less a cluster's 8 bytes more; then cgroups and the zeromap, less
 * the same. */
static void test_saved(void)
{
	enum { MIB = 1 << 20, SLOTS_OF_TIB = 1 << 28, CLUSTERS_OF_TIB = SLOTS_OF_TIB / 512 };
	static const char *const releases[] = { "7.0", "7.1", "7.2" };
	u64 bytes[ARRAY_SIZE(releases)];

	for (u32 i = 0; i < ARRAY_SIZE(releases); i++) {
		struct device d;

		device_init(&d, releases[i], USABLE);
		bytes[i] = swap_static_bytes(d.k, SLOTS_OF_TIB, CLUSTERS_OF_TIB);
		device_release(&d);
	}
	CU_ASSERT_EQUAL((bytes[0] - bytes[1]) / MIB, 256 - 4);
	CU_ASSERT_EQUAL((bytes[1] - bytes[2]) / MIB, 512 + 32 - 4);
}

static void test_static_is_taken(void)
{
	struct device d;

	device_init(&d, "6.18", USABLE);
	CU_ASSERT_EQUAL(d.k->memory->pages - d.k->memory->free,
			(d.k->device[0].static_bytes + 4095) / 4096 + 1);
	device_release(&d);
}

static void test_empty(void)
{
	struct device d;

	device_init(&d, "6.17", USABLE);
	CU_ASSERT_EQUAL(meta(&d), 0);
	device_release(&d);
	device_init(&d, "6.18", USABLE);
	CU_ASSERT_EQUAL(meta(&d), SWAP_TABLE_BYTES);
	device_release(&d);
}

static void test_partial_tail(void)
{
	struct device d;

	device_init(&d, "6.18", USABLE - 100);
	CU_ASSERT_EQUAL(meta(&d), 2 * SWAP_TABLE_BYTES);
	device_release(&d);
	device_init(&d, "6.18", 300); /* header and tail in one cluster */
	CU_ASSERT_EQUAL(meta(&d), SWAP_TABLE_BYTES);
	device_release(&d);
	device_init(&d, "6.17", USABLE - 100);
	CU_ASSERT_EQUAL(meta(&d), 0);
	device_release(&d);
}

static void expect_full(const char *release, u64 bytes, u64 per_slot, u64 with_static)
{
	struct device d;

	device_init(&d, release, USABLE);
	swap_out_all(&d);
	CU_ASSERT_EQUAL(d.k->device[0].inuse, USABLE);
	CU_ASSERT_EQUAL(d.k->swap->free_pages, 0);
	CU_ASSERT_EQUAL(meta(&d), bytes);
	CU_ASSERT_EQUAL(d.k->memory->meta_peak, bytes);
	CU_ASSERT_EQUAL(d.k->memory->meta_pages, (bytes + 4095) / 4096);
	CU_ASSERT_EQUAL(millibytes(meta(&d), SLOTS), per_slot);
	CU_ASSERT_EQUAL(millibytes(meta(&d) + d.k->device[0].static_bytes, SLOTS), with_static);
	device_release(&d);
}

static void test_full(void)
{
	expect_full("6.17", FULL_XARRAY, 9175, 12359);
	expect_full("6.18", FULL_TABLES, 8000, 11187);
	expect_full("7.0", FULL_TABLES, 8000, 11187);
	expect_full("7.1", FULL_TABLES, 8000, 10203);
	expect_full("7.2", FULL_TABLES + CLUSTERS * MEMCG_TABLE_BYTES, 10000, 10093);
}

/* No folio is left in the cache, and yet it is as large as it gets. */
static void test_shadows(void)
{
	struct device d;

	device_init(&d, "6.17", USABLE);
	swap_out_all(&d);
	CU_ASSERT_EQUAL(shadows(&d), USABLE);
	CU_ASSERT_EQUAL(meta(&d), FULL_XARRAY);
	device_release(&d);
}

/* One slot of 64 in use: all nodes are still there. Then one of 4096: a leaf each, and what is above it. */
static void test_pinned_nodes(void)
{
	struct device d;

	device_init(&d, "6.17", USABLE);
	swap_out_all(&d);
	swap_in(&d, 64, false);
	CU_ASSERT_EQUAL(d.k->device[0].inuse, SLOTS / 64 - 1);
	/* but for the leaf whose multiple of 64 is the header */
	CU_ASSERT_EQUAL(meta(&d), FULL_XARRAY - XA_NODE_BYTES);
	swap_in(&d, 4096, false);
	CU_ASSERT_EQUAL(d.k->device[0].inuse, SLOTS / 4096 - 1);
	CU_ASSERT_EQUAL(meta(&d), (RANGES + 2 * (SLOTS / 4096 - 1)) * XA_NODE_BYTES);
	swap_in(&d, 1, true);
	CU_ASSERT_EQUAL(meta(&d), 0);
	device_release(&d);
}

/* One slot of 512 in use: all tables are still there, the header's for its own sake. */
static void test_pinned_tables(void)
{
	struct device d;

	device_init(&d, "6.18", USABLE);
	swap_out_all(&d);
	swap_in(&d, 512, false);
	let_grace_period_end(&d);
	CU_ASSERT_EQUAL(d.k->device[0].inuse, CLUSTERS - 1);
	CU_ASSERT_EQUAL(meta(&d), FULL_TABLES);
	swap_in(&d, 1024, false);
	let_grace_period_end(&d);
	CU_ASSERT_EQUAL(d.k->device[0].inuse, CLUSTERS / 2 - 1);
	CU_ASSERT_EQUAL(meta(&d), FULL_TABLES / 2);
	device_release(&d);
}

static void test_grace_period(void)
{
	struct device d;

	device_init(&d, "6.18", USABLE);
	swap_out_all(&d);
	swap_in(&d, 1, true);
	CU_ASSERT_EQUAL(d.k->device[0].inuse, 0);
	CU_ASSERT(rcu_waiting(&d.k->machine) > 0);
	CU_ASSERT_EQUAL(meta(&d), (rcu_waiting(&d.k->machine) + 1) * SWAP_TABLE_BYTES);
	let_grace_period_end(&d);
	CU_ASSERT_EQUAL(meta(&d), SWAP_TABLE_BYTES);
	device_release(&d);
}

static void test_back_to_start(void)
{
	static const char *const releases[] = { "6.17", "6.18", "7.0", "7.1", "7.2" };

	for (u32 i = 0; i < ARRAY_SIZE(releases); i++) {
		struct device d;
		u64 bytes, pages;

		device_init(&d, releases[i], USABLE);
		bytes = meta(&d);
		pages = d.k->memory->meta_pages;
		for (u32 round = 0; round < 2; round++) {
			swap_out_all(&d);
			swap_in(&d, 1, true);
			let_grace_period_end(&d);
			CU_ASSERT_EQUAL(meta(&d), bytes);
			CU_ASSERT_EQUAL(d.k->memory->meta_pages, pages);
			CU_ASSERT_EQUAL(d.k->memory->pool_bytes, 0);
			CU_ASSERT_EQUAL(shadows(&d), 0);
		}
		device_release(&d);
	}
}

static const struct unit tests[] = {
	{ "swapon takes 3.18 bytes a slot (6.17), 3.19 (6.18, 7.0), 2.20 (7.1) and 0.09 (7.2)", test_static },
	{ "phase III saves 252 MiB of a TiB, phase IV 540 MiB", test_saved },
	{ "what swapon takes is no longer free memory", test_static_is_taken },
	{ "an empty device has no nodes, and the header's table only", test_empty },
	{ "a partly usable last cluster has its table from the start", test_partial_tail },
	{ "a full device has 9.176 bytes a slot in nodes (6.17), 8 in tables (6.18)", test_full },
	{ "shadows keep their nodes", test_shadows },
	{ "one slot pins a node of 576 bytes", test_pinned_nodes },
	{ "one slot pins a table of 4096 bytes", test_pinned_tables },
	{ "a table is free a grace period after its last slot", test_grace_period },
	{ "all comes back when the last slot is freed", test_back_to_start },
};

UNIT_MAIN("swap metadata", tests)
