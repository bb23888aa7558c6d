#include "cli/figure.h"

#include <string.h>

static const char *const titles[NR_FIGURE_GROUPS] = {
	[FIGURE_WORK] = "Time and work",
	[FIGURE_EVENTS] = "Events of reclaim and faults",
	[FIGURE_REDUNDANT] = "Redundant work and retries",
	[FIGURE_LATENCY] = "Latency",
	[FIGURE_LOCKS] = "Waiting for locks",
	[FIGURE_METADATA] = "Swap metadata",
	[FIGURE_CGROUPS] = "Cgroups",
};

const char *figure_group_title(enum figure_group group)
{
	return titles[group];
}

/* The phase "run"; phases when there is none. */
static u32 first_after_init(const struct run_result *r)
{
	u32 i = 0;

	while (i < r->phases && strcmp(r->phase[i].name, "run"))
		i++;
	return i;
}

/* Phases behind the first follow one another without a gap. */
static u64 accesses_after_init(const struct run_result *r, u32 memcg)
{
	u32 first = first_after_init(r);
	u64 n = first < r->phases ? 0 : r->phase[0].count[memcg][ACCESSES];

	for (u32 i = first; i < r->phases; i++)
		n += r->phase[i].count[memcg][ACCESSES];
	return n;
}

struct main_part main_part_of(const struct run_result *r)
{
	u32 first = first_after_init(r);
	u64 begin = first < r->phases ? r->phase[first].begin_ns : 0;

	return (struct main_part){ r->phase[0].end_ns - begin, accesses_after_init(r, 0) };
}

static void figure_clear(void *figure)
{
	g_free(((struct figure *)figure)->key);
	g_free(((struct figure *)figure)->label);
}

static void add(GArray *figures, enum figure_group group, enum quantity_unit unit, const char *key,
		const char *label, u64 value)
{
	struct figure figure = { g_strdup(key), g_strdup(label), group, unit, value, false };

	g_array_append_val(figures, figure);
}

/* Of the machine's last one. */
static void is_of_cgroups(GArray *figures)
{
	g_array_index(figures, struct figure, figures->len - 1).of_cgroups = true;
}

static u64 rate_of(u64 n, u64 time_ns)
{
	return time_ns ? mul_div(n, 1000000000, time_ns) : 0;
}

static void add_work(GArray *f, const struct run_result *r)
{
	struct main_part part = main_part_of(r);
	u64 busy = 0;

	add(f, FIGURE_WORK, UNIT_NS, "time_ns", "simulated time", r->time_ns);
	add(f, FIGURE_WORK, UNIT_NS, "run_time_ns", "of it in the main part", part.time_ns);
	add(f, FIGURE_WORK, UNIT_NONE, "run_accesses", "accesses in the main part", part.accesses);
	is_of_cgroups(f);
	add(f, FIGURE_WORK, UNIT_RATE, "accesses_per_s", "accesses per simulated second",
	    rate_of(part.accesses, part.time_ns));
	is_of_cgroups(f);
	for (u32 i = 0; i < r->cpus; i++)
		busy += r->cpu_busy_ns[i];
	add(f, FIGURE_WORK, UNIT_NS, "sys_ns", "CPU time in the kernel", busy - MIN(busy, r->user_ns));
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

static enum quantity_unit counter_unit(u32 counter)
{
	return g_str_has_suffix(counter_info[counter].name, "_ns") ? UNIT_NS : UNIT_NONE;
}

static void add_counters(GArray *f, const struct run_result *r, enum figure_group group)
{
	for (u32 i = 0; i < NR_COUNTERS; i++) {
		const char *name = counter_info[i].name;

		if (is_redundant(i) != (group == FIGURE_REDUNDANT))
			continue;
		add(f, group, counter_unit(i), name, name, r->phase[0].count[0][i]);
		is_of_cgroups(f);
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
	    r->slots ? mul_div_round(r->meta_static_bytes, 1000, r->slots) : 0);
	add(f, FIGURE_METADATA, UNIT_MILLI, "meta_peak_millibytes_per_slot", "highest bytes per slot, both",
	    r->slots ? mul_div_round(r->meta_static_bytes + r->meta_dynamic_peak_bytes, 1000, r->slots) : 0);
	add(f, FIGURE_METADATA, UNIT_BYTES, "pool_bytes", "compressed data, at the end", r->pool_bytes);
}

/* ---- of one cgroup ---- */

static u64 of_cgroup(const struct run_result *r, u32 memcg, const char *key, enum quantity_unit *unit)
{
	u64 accesses = accesses_after_init(r, memcg);

	*unit = UNIT_NONE;
	if (!strcmp(key, "run_accesses"))
		return accesses;
	if (!strcmp(key, "accesses_per_s")) {
		*unit = UNIT_RATE;
		return rate_of(accesses, main_part_of(r).time_ns);
	}
	for (u32 i = 0; i < NR_COUNTERS; i++) {
		if (strcmp(key, counter_info[i].name))
			continue;
		*unit = counter_unit(i);
		return r->phase[0].count[memcg][i];
	}
	return 0;
}

static void add_of_cgroup(GArray *f, const struct run_result *r, const char *wanted)
{
	const char *key = strchr(wanted, ':');
	enum quantity_unit unit = UNIT_NONE;
	u64 value = 0;

	if (!key || figure_find(f, wanted))
		return;
	for (u32 i = 1; i < r->memcgs; i++) {
		size_t n = strlen(r->memcg_name[i]);

		if (n == (size_t)(key - wanted) && !strncmp(wanted, r->memcg_name[i], n))
			value = of_cgroup(r, i, key + 1, &unit);
	}
	add(f, FIGURE_CGROUPS, unit, wanted, wanted, value);
}

GArray *figures_of(const struct run_result *r, const char *const *wanted)
{
	GArray *f = g_array_new(FALSE, FALSE, sizeof(struct figure));

	g_array_set_clear_func(f, figure_clear);
	add_work(f, r);
	add_counters(f, r, FIGURE_EVENTS);
	add_counters(f, r, FIGURE_REDUNDANT);
	add_latency(f, r);
	add_locks(f, r);
	add_metadata(f, r);
	for (; wanted && *wanted; wanted++)
		add_of_cgroup(f, r, *wanted);
	return f;
}

const struct figure *figure_find(const GArray *figures, const char *key)
{
	for (u32 i = 0; i < figures->len; i++)
		if (!strcmp(g_array_index(figures, struct figure, i).key, key))
			return &g_array_index(figures, struct figure, i);
	return NULL;
}

void figures_free(GArray *figures)
{
	if (figures)
		g_array_free(figures, TRUE);
}
