#include "cli/figure.h"

#include <string.h>

static const char *const titles[NR_FIGURE_GROUPS] = {
	[FIGURE_WORK] = "Time and work",
	[FIGURE_EVENTS] = "Events of reclaim and faults",
	[FIGURE_REDUNDANT] = "Redundant work and retries",
	[FIGURE_LATENCY] = "Latency",
	[FIGURE_LOCKS] = "Waiting for locks",
	[FIGURE_METADATA] = "Swap metadata",
};

const char *figure_group_title(enum figure_group group)
{
	return titles[group];
}

const struct run_phase *main_phase(const struct run_result *r)
{
	for (u32 i = 0; i < r->phases; i++)
		if (!strcmp(r->phase[i].name, "run"))
			return &r->phase[i];
	return &r->phase[0];
}

static void figure_clear(void *figure)
{
	g_free(((struct figure *)figure)->key);
	g_free(((struct figure *)figure)->label);
}

static void add(GArray *figures, enum figure_group group, enum quantity_unit unit, const char *key,
		const char *label, u64 value)
{
	struct figure figure = { g_strdup(key), g_strdup(label), group, unit, value };

	g_array_append_val(figures, figure);
}

static void add_work(GArray *f, const struct run_result *r)
{
	const struct run_phase *phase = main_phase(r);
	u64 time = phase->end_ns - phase->begin_ns;

	add(f, FIGURE_WORK, UNIT_NS, "time_ns", "simulated time", r->time_ns);
	add(f, FIGURE_WORK, UNIT_NS, "run_time_ns", "of it in the main phase", time);
	add(f, FIGURE_WORK, UNIT_NONE, "run_accesses", "accesses in the main phase",
	    phase->count[0][ACCESSES]);
	add(f, FIGURE_WORK, UNIT_RATE, "accesses_per_s", "accesses per simulated second",
	    time ? mul_div(phase->count[0][ACCESSES], 1000000000, time) : 0);
}

/* Work that was done again or for nothing, as opposed to what the workload asks for. */
static bool is_redundant(enum counter id)
{
	switch ((int)id) {
	case TABLE_ALLOC_FAILED:
	case CACHE_ADD_FAILED:
	case SWAPIN_RACES:
	case SWAPIN_WASTED_PAGES:
	case SWAPIN_RACE_SLEEPS:
	case SWAPIN_RACE_SLEEP_NS:
	case FOLIO_LOCK_WAITS:
		return true;
	default:
		return false;
	}
}

static void add_counters(GArray *f, const struct run_result *r, enum figure_group group)
{
	for (u32 i = 0; i < NR_COUNTERS; i++) {
		const char *name = counter_info[i].name;

		if (is_redundant(i) == (group == FIGURE_REDUNDANT))
			add(f, group, g_str_has_suffix(name, "_ns") ? UNIT_NS : UNIT_NONE, name, name,
			    r->phase[0].count[0][i]);
	}
}

static void add_latency(GArray *f, const struct run_result *r)
{
	static const struct {
		const char *name;
		u32 per_million;
	} points[] = { { "p50", 500000 }, { "p90", 900000 }, { "p99", 990000 }, { "p999", 999000 } };

	for (u32 i = 0; i < NR_LATENCIES; i++) {
		for (u32 p = 0; p < ARRAY_SIZE(points); p++) {
			char *key = g_strdup_printf("%s_%s_ns", latency_name[i], points[p].name);
			char *label = g_strdup_printf("%s %s", latency_name[i], points[p].name);

			add(f, FIGURE_LATENCY, UNIT_NS, key, label,
			    histogram_quantile(&r->latency[i], points[p].per_million));
			g_free(key);
			g_free(label);
		}
	}
}

static void add_locks(GArray *f, const struct run_result *r)
{
	add(f, FIGURE_LOCKS, UNIT_NS, "lock_wait_ns", "all locks", r->lock_wait_ns);
	for (u32 i = 0; i < r->locks; i++) {
		const struct run_lock *lock = &r->lock[i];
		char *contended = g_strdup_printf("lock_contended:%s", lock->name);
		char *wait = g_strdup_printf("lock_wait_ns:%s", lock->name);
		char *label = g_strdup_printf("%s, times", lock->name);

		add(f, FIGURE_LOCKS, UNIT_NS, wait, lock->name, lock->stat.wait_ns);
		add(f, FIGURE_LOCKS, UNIT_NONE, contended, label, lock->stat.contended);
		g_free(contended);
		g_free(wait);
		g_free(label);
	}
}

static void add_metadata(GArray *f, const struct run_result *r)
{
	add(f, FIGURE_METADATA, UNIT_BYTES, "meta_static_bytes", "static", r->meta_static_bytes);
	add(f, FIGURE_METADATA, UNIT_BYTES, "meta_dynamic_bytes", "dynamic, at the end",
	    r->meta_dynamic_bytes);
	add(f, FIGURE_METADATA, UNIT_BYTES, "meta_dynamic_peak_bytes", "dynamic, highest",
	    r->meta_dynamic_peak_bytes);
	add(f, FIGURE_METADATA, UNIT_MILLI, "meta_static_millibytes_per_slot", "static bytes per slot",
	    r->slots ? mul_div(r->meta_static_bytes, 1000, r->slots) : 0);
	add(f, FIGURE_METADATA, UNIT_MILLI, "meta_peak_millibytes_per_slot", "highest bytes per slot, both",
	    r->slots ? mul_div(r->meta_static_bytes + r->meta_dynamic_peak_bytes, 1000, r->slots) : 0);
	add(f, FIGURE_METADATA, UNIT_BYTES, "pool_bytes", "compressed data, at the end", r->pool_bytes);
}

GArray *figures_of(const struct run_result *r)
{
	GArray *f = g_array_new(FALSE, FALSE, sizeof(struct figure));

	g_array_set_clear_func(f, figure_clear);
	add_work(f, r);
	add_counters(f, r, FIGURE_EVENTS);
	add_counters(f, r, FIGURE_REDUNDANT);
	add_latency(f, r);
	add_locks(f, r);
	add_metadata(f, r);
	return f;
}

void figures_free(GArray *figures)
{
	if (figures)
		g_array_free(figures, TRUE);
}
