/*
 * The object "machine" of a scenario.
 */
#include <string.h>

#include "models/block/device.h"
#include "models/cpu.h"
#include "models/scenario_spec.h"

enum { PAGE_BYTES = 4096 };
#define MEMORY_MIN_BYTES (UINT64_C(1) << 20)
#define MEMORY_MAX_BYTES (UINT64_C(1) << 40)

static const char *const lru_names[] = { "classic", "mglru", NULL };
static const char *const preemption_names[] = { "none", "voluntary", "full", NULL };

static const char *const compressor_names[] = { "lzo-rle", "lz4", "zstd", NULL }; /* as enum codec */
static const struct json_field zswap_fields[] = {
	{ "enabled", JSON_BOOL(struct zswap_config, enabled),
	  .doc = "pages are kept compressed in memory, and "
		 "the swap device is asked only for those that are not" },
	{ "compressor", JSON_ENUM(struct zswap_config, compressor, compressor_names), .standard = "lzo-rle",
	  .doc = "times and sizes as of a zram device of that name" },
	{ "max_pool_percent", JSON_UINT(struct zswap_config, max_pool_percent, 1, 100), .standard = "20",
	  .doc = "of the machine's memory for what is compressed" },
	{ "accept_threshold_percent", JSON_UINT(struct zswap_config, accept_threshold_percent, 1, 100),
	  .standard = "90",
	  .doc = "once it is full, nothing more is taken until this part of `max_pool_percent` is left" },
	{ "shrinker_enabled", JSON_BOOL(struct zswap_config, shrinker_enabled),
	  .doc = "reclaim writes what has lain longest to the device" },
	{ 0 },
};
static const struct json_table zswap_table = { "zswap", sizeof(struct zswap_config), zswap_fields,
					       .doc = "Module parameters of zswap." };

static const struct json_field machine_fields[] = {
	{ "kernel", JSON_STRING(struct machine_spec, kernel, &json_word), .standard = "6.18",
	  .doc = "release, patches may follow: `6.18+table-alloc=v3`" },
	{ "patches", JSON_MAP(struct machine_spec, patches, n_patches, &json_word, 0, 32),
	  .doc = "patches changed from what the release has" },
	{ "cpus", JSON_UINT(struct machine_spec, cpus, 1, SCENARIO_CPUS_MAX), .standard = "1",
	  .doc = "CPUs" },
	{ "memory", JSON_SIZE(struct machine_spec, memory, MEMORY_MIN_BYTES, MEMORY_MAX_BYTES),
	  .standard = "8GiB", .doc = "physical memory, in whole pages" },
	{ "min_free_kbytes", JSON_UINT(struct machine_spec, min_free_kbytes, 0, 1u << 28),
	  .doc = "the min watermark; 0: what the kernel computes from the memory" },
	{ "hz", JSON_UINT(struct machine_spec, hz, 100, 1000), .standard = "250",
	  .doc = "ticks a second: 100, 250, 300 or 1000" },
	{ "seed", JSON_UINT(struct machine_spec, seed, 0, UINT64_C(1) << 53), .standard = "1",
	  .doc = "of every random stream" },
	{ "cpu", JSON_STRING(struct machine_spec, cpu, &json_identifier), .standard = "server",
	  .doc = "what steps cost, one of `swapsim list cpus`: `server`, `vm`, ..." },
	{ "disk", JSON_STRING(struct machine_spec, disk, &json_identifier), .standard = "nvme-client",
	  .doc = "the device that files are on, one of `swapsim list devices` that is not memory; swap is "
		 "not on "
		 "it, and without files there is none" },
	{ "cgroup_version", JSON_UINT(struct machine_spec, cgroup_version, 1, 2), .standard = "2",
	  .doc = "accounting of swap and throttling of reclaim differ" },
	{ "memory_recursiveprot", JSON_BOOL(struct machine_spec, memory_recursiveprot), .standard = "true",
	  .doc = "mount option of cgroup v2, as systemd sets it: what children leave of their parent's "
		 "`memory.min` and `memory.low` protects them all" },
	{ "swappiness", JSON_UINT(struct machine_spec, swappiness, 0, 200), .standard = "60",
	  .doc = "vm.swappiness" },
	{ "lru", JSON_ENUM(struct machine_spec, lru, lru_names), .standard = "classic",
	  .doc = "which pages go: active and inactive lists, or the multi-gen LRU "
		 "(/sys/kernel/mm/lru_gen/enabled)" },
	{ "page-cluster", JSON_UINT(struct machine_spec, page_cluster, 0, 12), .standard = "3",
	  .doc =
	      "vm.page-cluster: swap readahead of up to 2^n pages (32 at most around an address); 0: none" },
	{ "zswap", JSON_OBJECT(struct machine_spec, zswap, &zswap_table), .doc = "zswap" },
	{ "thp", JSON_OBJECT(struct machine_spec, thp, &thp_table), .doc = "large folios" },
	{ "memory_stat_every", JSON_DURATION(struct machine_spec, memory_stat_every, 0, UNITS_MAX),
	  .doc = "a monitor reads memory.stat that often; between two reads, or 2 s, reclaim goes by old "
		 "statistics "
		 "(3600s: nobody reads). 0: they are always fresh, and counts do not hang on the clock" },
	{ "preemption", JSON_ENUM(struct machine_spec, preemption, preemption_names), .standard = "voluntary",
	  .doc = "where a task in the kernel may lose its CPU" },
	{ "slots_per_cluster", JSON_UINT(struct machine_spec, slots_per_cluster, 2, 512), .standard = "512",
	  .doc = "a power of two; less only for small worlds" },
	{ "pages_per_table", JSON_UINT(struct machine_spec, pages_per_table, 2, 512), .standard = "512",
	  .doc = "pages under one page table lock; a power of two, less only for small worlds" },
	{ "reclaim_batch", JSON_UINT(struct machine_spec, reclaim_batch, 1, 1024), .standard = "32",
	  .doc = "SWAP_CLUSTER_MAX" },
	{ "charge_batch", JSON_UINT(struct machine_spec, charge_batch, 1, 1024), .standard = "64",
	  .doc = "MEMCG_CHARGE_BATCH" },
	{ "slot_cache", JSON_UINT(struct machine_spec, slot_cache, 1, 1024), .standard = "64",
	  .doc = "up to 6.14: SWAP_SLOTS_CACHE_SIZE, slots that a CPU takes or gives back at a time" },
	{ "fail_page_alloc", JSON_UINT(struct machine_spec, fail_page_alloc, 0, 1000), .standard = "0",
	  .doc = "of 1000 allocations of swap tables so many fail, those that may sleep too, as under the "
		 "kernel's fault injection of that name" },
	{ "swap_map_max", JSON_UINT(struct machine_spec, swap_map_max, 1, 62), .standard = "62",
	  .doc = "references that a byte of swap_map counts (SWAP_MAP_MAX); small worlds want less" },
	{ "reclaim_retries", JSON_UINT(struct machine_spec, reclaim_retries, 1, 16), .standard = "16",
	  .doc = "MAX_RECLAIM_RETRIES; less only for small worlds" },
	{ 0 },
};

static bool check_patches(const struct machine_spec *m, const struct json_at *at, GError **error)
{
	const struct release *release;
	struct patches patches;
	GError *wrong = NULL;
	char *path, *written;
	bool ok = release_parse(m->kernel, &release, &patches, &wrong);

	if (!ok)
		json_at_error(at, error, "kernel", "%s", wrong->message);
	for (u32 i = 0; ok && i < m->n_patches; i++) {
		const struct json_pair *p = &m->patches[i];

		path = g_strdup_printf("patches.%s", p->key);
		written = g_strdup_printf("+%s=", p->key);
		ok = patch_set(release, &patches, p->key, p->value, &wrong);
		if (!ok)
			json_at_error(at, error, path, "%s", wrong->message);
		else if (strstr(m->kernel, written))
			ok = json_at_error(at, error, path, "stands in \"kernel\" too (expected once)");
		g_free(path);
		g_free(written);
	}
	if (ok && m->zswap.enabled && !release_has_zswap(release, &wrong))
		ok = json_at_error(at, error, "zswap", "%s", wrong->message);
	g_clear_error(&wrong);
	return ok;
}

static bool check_cpu(const struct machine_spec *m, const struct json_at *at, GError **error)
{
	const struct cpu_profile *list;
	GString *names;
	u32 n;

	if (cpu_profile_find(m->cpu))
		return true;
	list = cpu_profile_list(&n);
	names = g_string_new(NULL);
	for (u32 i = 0; i < n; i++)
		g_string_append_printf(names, "%s%s", i ? ", " : "", list[i].name);
	json_at_error(at, error, "cpu", "unknown CPU profile \"%s\" (expected one of %s)", m->cpu,
		      names->str);
	g_string_free(names, TRUE);
	return false;
}

static bool check_disk(const struct machine_spec *m, const struct json_at *at, GError **error)
{
	const struct device_model *model = device_model_find(m->disk), *list;
	GString *names;
	u32 n;

	if (model && model->disk)
		return true;
	list = device_model_list(&n);
	names = g_string_new(NULL);
	for (u32 i = 0; i < n; i++)
		if (list[i].disk)
			g_string_append_printf(names, "%s%s", names->len ? ", " : "", list[i].name);
	json_at_error(at, error, "disk", "%s \"%s\" (expected one of %s)",
		      model ? "files cannot be on" : "unknown device", m->disk, names->str);
	g_string_free(names, TRUE);
	return false;
}

static bool check_machine(const void *object, const struct json_at *at, GError **error)
{
	const struct machine_spec *m = object;

	if (!check_patches(m, at, error) || !check_cpu(m, at, error) || !check_disk(m, at, error))
		return false;
	if (m->hz != 100 && m->hz != 250 && m->hz != 300 && m->hz != 1000)
		return json_at_error(at, error, "hz",
				     "no kernel ticks at %u (expected 100, 250, 300 or 1000)", m->hz);
	if (m->memory.value % PAGE_BYTES)
		return json_at_error(at, error, "memory",
				     "is not in whole pages (expected a multiple of 4KiB)");
	if (m->min_free_kbytes >= m->memory.value / 1024)
		return json_at_error(at, error, "min_free_kbytes", "is all of \"memory\" (expected less)");
	if (m->slots_per_cluster & (m->slots_per_cluster - 1))
		return json_at_error(at, error, "slots_per_cluster",
				     "%u is no power of two (expected 2..512)", m->slots_per_cluster);
	if (m->pages_per_table & (m->pages_per_table - 1))
		return json_at_error(at, error, "pages_per_table", "%u is no power of two (expected 2..512)",
				     m->pages_per_table);
	return true;
}

const struct json_table machine_table = { "machine", sizeof(struct machine_spec), machine_fields,
					  .doc = "The machine and its kernel.", .check = check_machine };

char *machine_spec_kernel(const struct machine_spec *m)
{
	GString *text = g_string_new(m->kernel);

	for (u32 i = 0; i < m->n_patches; i++)
		g_string_append_printf(text, "+%s=%s", m->patches[i].key, m->patches[i].value);
	return g_string_free(text, FALSE);
}
