#include "models/run_series.h"

#include "models/block/block.h"
#include "models/mm/lru.h"
#include "models/references.h"
#include "models/swap/slots.h"

static u64 lock_wait_ns(const struct kernel *k)
{
	u64 ns = 0;

	for (u32 i = 0; i < k->machine.lock_classes; i++)
		ns += k->machine.lock_stat[i].wait_ns;
	return ns;
}

static u64 memory_free_pages(const struct kernel *k)
{
	return k->memory->free;
}

static u64 swap_used_pages(const struct kernel *k)
{
	return k->swap->total_pages - (u64)k->swap->free_pages;
}

static u64 on_lists(const struct kernel *k, enum lru_list list)
{
	u64 pages = 0;

	for (u32 i = 0; i < k->config.memcgs; i++)
		pages += lruvec_size(k, i, list);
	return pages;
}

static u64 active_anon_pages(const struct kernel *k)
{
	return on_lists(k, LRU_ACTIVE_ANON);
}

static u64 inactive_anon_pages(const struct kernel *k)
{
	return on_lists(k, LRU_INACTIVE_ANON);
}

static u64 isolated_anon_pages(const struct kernel *k)
{
	return k->memory->isolated[LRU_ANON];
}

static u64 swap_meta_bytes(const struct kernel *k)
{
	return k->memory->meta_bytes;
}

static u64 zram_pool_bytes(const struct kernel *k)
{
	return k->memory->pool_bytes;
}

/* Sent to a device and not written yet. */
static u64 swap_writing_pages(const struct kernel *k)
{
	u64 pages = 0;

	for (u32 i = 0; i < k->config.devices; i++)
		pages += k->disk[i].pages_in_flight[1];
	return pages;
}

static u64 pressure_some_ns(const struct kernel *k)
{
	return psi_sampled(k, 0, PSI_MEM_SOME);
}

static u64 pressure_full_ns(const struct kernel *k)
{
	return psi_sampled(k, 0, PSI_MEM_FULL);
}

#define GAUGES(X)                                                                                            \
	X(lock_wait_ns, "lock_wait_ns")                                                                      \
	X(memory_free_pages, "memory_free_pages")                                                            \
	X(swap_used_pages, "swap_used_pages")                                                                \
	X(active_anon_pages, "active_anon_pages")                                                            \
	X(inactive_anon_pages, "inactive_anon_pages")                                                        \
	X(isolated_anon_pages, "isolated_anon_pages")                                                        \
	X(swap_meta_bytes, "swap_meta_bytes")                                                                \
	X(zram_pool_bytes, "zram_pool_bytes")                                                                \
	X(pressure_some_ns, "memory.pressure:some_ns")                                                       \
	X(pressure_full_ns, "memory.pressure:full_ns")                                                       \
	X(plug_unsent_pages, "swap_unsent_pages")                                                            \
	X(swap_writing_pages, "swap_writing_pages")

const char *const *run_series_columns(void)
{
	static const char *const names[] = {
		"time_ns",
#define X(id, name, meaning) name,
		COUNTERS(X)
#undef X
#define X(function, name) name,
		    GAUGES(X)
#undef X
			NULL,
	};

	return names;
}

u32 run_series_width(void)
{
	const char *const *columns = run_series_columns();
	u32 n = 0;

	while (columns[n])
		n++;
	return n;
}

static void add(GArray *series, u64 value)
{
	g_array_append_val(series, value);
}

static void add_machine(const struct kernel *k, GArray *series)
{
	add(series, k->machine.now);
	for (u32 i = 0; i < NR_COUNTERS; i++)
		add(series, k->count[0][i]);
#define X(function, name) add(series, function(k));
	GAUGES(X)
#undef X
}

static void add_cgroup(const struct kernel *k, u32 memcg, GArray *cgroups)
{
	const struct memcg *cg = &k->memcg[memcg];
	struct run_cgroup_sample sample = {
		.time_ns = k->machine.now,
		.memory_pages = cg->usage,
		.memory_max_pages = cg->max,
		.swap_pages = cg->swap_usage,
		.swap_max_pages = cg->swap_max,
		.memory_high_pages = cg->high,
		.memory_low_pages = cg->protection[PROTECT_LOW].wanted,
		.accesses = k->count[memcg][ACCESSES],
		.major_faults = k->count[memcg][PGMAJFAULT],
		.memcg = memcg,
	};

	for (enum psi_state s = 0; s < NR_PSI_PRESSURES; s++)
		sample.pressure_ns[s] = psi_sampled(k, memcg, s);
	g_array_append_val(cgroups, sample);
}

/* The header and what is rounded up at the end are bad slots, and in no count; nor is what is
 * free on a device that is being switched off, or is off. */
static void add_cluster(const struct kernel *k, const struct swap_device *si, u32 cluster, GArray *clusters)
{
	u32 first = cluster_first(k, si->first_cluster + cluster);
	u32 end = cluster_end(k, si->first_cluster + cluster);
	bool on = si->flags & SWP_WRITEOK;
	struct run_cluster_sample sample = { .time_ns = k->machine.now,
					     .device = si->number,
					     .cluster = cluster };

	for (u32 entry = first; entry < end; entry++) {
		if (slot_is_bad(k, entry))
			continue;
		sample.used += swap_count(k, entry) > 0;
		sample.cached += slot_is_cache_only(k, entry);
		sample.free += slot_is_free(k, entry) && on;
	}
	if (on && k->cluster[si->first_cluster + cluster].flags == CLUSTER_NONE &&
	    !references_count(k, REFERS_CLUSTER, si->first_cluster + cluster))
		sample.lost = sample.free;
	g_array_append_val(clusters, sample);
}

static void add_clusters(const struct kernel *k, GArray *clusters)
{
	for (u32 i = 0; i < k->config.devices; i++)
		for (u32 c = 0; c < k->device[i].clusters; c++)
			add_cluster(k, &k->device[i], c, clusters);
}

void run_series_row(struct kernel *k, struct run_result *r)
{
	psi_sample(k);
	add_machine(k, r->series);
	for (u32 i = 1; i < k->config.memcgs; i++)
		add_cgroup(k, i, r->cgroups);
	if (r->clusters)
		add_clusters(k, r->clusters);
}
