#include "cli/cgroup_stat.h"

#include <string.h>

enum { PAGE_BYTES = 4096 };

static void add_number(GString *out, const char *file, u64 number)
{
	g_string_append_printf(out, "%s:%" G_GUINT64_FORMAT "\n", file, (guint64)number);
}

static void add_pages(GString *out, const char *file, u64 pages)
{
	if (pages >= PAGE_COUNTER_MAX)
		g_string_append_printf(out, "%s:max\n", file);
	else
		add_number(out, file, pages * PAGE_BYTES);
}

static void add_field(GString *out, const char *file, const char *field, u64 number)
{
	g_string_append_printf(out, "%s:%s %" G_GUINT64_FORMAT "\n", file, field, (guint64)number);
}

/* Of a counter named "file:field". */
static const char *field_of(u32 counter)
{
	return strchr(counter_info[counter].name, ':') + 1;
}

static void add_events(GString *out, const u64 *count, const struct run_cgroup *cg)
{
	for (u32 i = 0; i < NR_LOCAL_EVENTS; i++)
		add_field(out, "memory.events", field_of(LOCAL_EVENTS_FIRST + i),
			  count[LOCAL_EVENTS_FIRST + i]);
	for (u32 i = 0; i < NR_LOCAL_EVENTS; i++)
		add_field(out, "memory.events.local", field_of(LOCAL_EVENTS_FIRST + i), cg->local_event[i]);
}

/* A cgroup's direct reclaim, unlike the machine's, has that for its limits in it. */
static u64 of_stat(const u64 *count, enum counter id)
{
	if (id == PGSCAN_DIRECT)
		return count[PGSCAN] - count[PGSCAN_KSWAPD] - count[PGSCAN_PROACTIVE];
	if (id == PGSTEAL_DIRECT)
		return count[PGSTEAL] - count[PGSTEAL_KSWAPD] - count[PGSTEAL_PROACTIVE];
	return count[id];
}

static void add_stat(GString *out, const u64 *count, const struct run_cgroup *cg)
{
	static const char *const lists[] = { "inactive_anon", "active_anon", "inactive_file", "active_file" };
	static const enum counter fields[] = {
		WORKINGSET_REFAULT_ANON,
		WORKINGSET_REFAULT_FILE,
		WORKINGSET_ACTIVATE_ANON,
		WORKINGSET_ACTIVATE_FILE,
		WORKINGSET_RESTORE_ANON,
		WORKINGSET_RESTORE_FILE,
		PSWPIN,
		PSWPOUT,
		PGSCAN,
		PGSTEAL,
		PGSCAN_KSWAPD,
		PGSCAN_DIRECT,
		PGSCAN_PROACTIVE,
		PGSTEAL_KSWAPD,
		PGSTEAL_DIRECT,
		PGSTEAL_PROACTIVE,
		PGFAULT,
		PGMAJFAULT,
		PGREFILL,
		PGACTIVATE,
		PGDEACTIVATE,
		PGLAZYFREE,
		PGLAZYFREED,
		SWPIN_ZERO,
		SWPOUT_ZERO,
		ZSWPIN,
		ZSWPOUT,
		ZSWPWB,
	};

	if (cg->has_zswap) {
		add_field(out, "memory.stat", "zswap", cg->zswap_bytes);
		add_field(out, "memory.stat", "zswapped", cg->zswapped_pages * PAGE_BYTES);
	}
	for (u32 i = 0; i < ARRAY_SIZE(lists); i++)
		add_field(out, "memory.stat", lists[i], cg->lru_pages[i] * PAGE_BYTES);
	for (u32 i = 0; i < ARRAY_SIZE(fields); i++)
		add_field(out, "memory.stat", counter_info[fields[i]].name, of_stat(count, fields[i]));
}

char *cgroup_stat(const struct run_result *r, u32 memcg)
{
	const struct run_cgroup *cg = &r->cgroup[memcg];
	const u64 *count = r->phase[0].count[memcg];
	GString *out = g_string_new(NULL);

	add_pages(out, "memory.current", cg->memory_pages);
	add_events(out, count, cg);
	add_pages(out, "memory.high", cg->memory_high_pages);
	add_pages(out, "memory.low", cg->memory_low_pages);
	add_pages(out, "memory.max", cg->memory_max_pages);
	add_pages(out, "memory.min", cg->memory_min_pages);
	add_number(out, "memory.oom.group", cg->oom_group);
	add_pages(out, "memory.peak", r->memory_peak[memcg]);
	add_stat(out, count, cg);
	add_pages(out, "memory.swap.current", cg->swap_pages);
	for (u32 i = SWAP_EVENTS_HIGH; i <= SWAP_EVENTS_FAIL; i++)
		add_field(out, "memory.swap.events", field_of(i), count[i]);
	add_pages(out, "memory.swap.high", cg->swap_high_pages);
	add_pages(out, "memory.swap.max", cg->swap_max_pages);
	add_pages(out, "memory.swap.peak", r->swap_peak[memcg]);
	if (cg->has_zswap) {
		add_number(out, "memory.zswap.current", cg->zswap_bytes);
		add_pages(out, "memory.zswap.max", cg->zswap_max_pages);
		add_number(out, "memory.zswap.writeback", cg->zswap_writeback);
	}
	return g_string_free(out, FALSE);
}
