#include "cli/result_files.h"

#include <string.h>

#include "cli/folder.h"
#include "cli/load.h"
#include "cli/table.h"
#include "sim/json_emit.h"

#define RESULT_FORMAT 1

enum { PAGE_BYTES = 4096 };

static void emit_bool(struct json_emit *emit, const char *key, bool value)
{
	json_emit_raw(emit, key, value ? "true" : "false");
}

void emit_hash(struct json_emit *emit, const char *key, u64 hash)
{
	char text[17];

	g_snprintf(text, sizeof text, "%016" G_GINT64_MODIFIER "x", hash);
	json_emit_string(emit, key, text);
}

static void emit_counters(struct json_emit *emit, const u64 *count)
{
	for (u32 i = 0; i < NR_COUNTERS; i++)
		json_emit_number(emit, counter_info[i].name, count[i]);
}

static void emit_pressure(struct json_emit *emit, const u64 *ns)
{
	for (u32 s = 0; s < NR_PSI_PRESSURES; s++)
		json_emit_number(emit, psi_name[s], ns[s]);
}

static void emit_phases(struct json_emit *emit, const struct run_result *r)
{
	json_emit_open(emit, "phases", '{');
	for (u32 i = 0; i < r->phases; i++) {
		json_emit_open(emit, r->phase[i].name, '{');
		json_emit_number(emit, "begin_ns", r->phase[i].begin_ns);
		json_emit_number(emit, "time_ns", r->phase[i].end_ns - r->phase[i].begin_ns);
		emit_counters(emit, r->phase[i].count[0]);
		emit_pressure(emit, r->phase[i].pressure[0]);
		json_emit_close(emit, '{');
	}
	json_emit_close(emit, '{');
}

/* "memory.events.local:max" for what of "memory.events:max" was in the cgroup itself. */
static void emit_local_events(struct json_emit *emit, const u64 *count)
{
	for (u32 i = 0; i < NR_LOCAL_EVENTS; i++) {
		char *key = g_strdup_printf("memory.events.local:%s",
					    strchr(counter_info[LOCAL_EVENTS_FIRST + i].name, ':') + 1);

		json_emit_number(emit, key, count[i]);
		g_free(key);
	}
}

static void emit_groups(struct json_emit *emit, const struct run_result *r)
{
	json_emit_open(emit, "groups", '{');
	for (u32 i = 1; i < r->memcgs; i++) {
		json_emit_open(emit, r->memcg_name[i], '{');
		json_emit_number(emit, "memory.peak_pages", r->memory_peak[i]);
		json_emit_number(emit, "memory.swap.peak_pages", r->swap_peak[i]);
		json_emit_number(emit, "memory.memsw.peak_pages", r->memsw_peak[i]);
		emit_counters(emit, r->phase[0].count[i]);
		emit_local_events(emit, r->cgroup[i].local_event);
		emit_pressure(emit, r->phase[0].pressure[i]);
		json_emit_close(emit, '{');
	}
	json_emit_close(emit, '{');
}

static void emit_latency(struct json_emit *emit, const struct run_result *r)
{
	json_emit_open(emit, "latency", '{');
	for (u32 i = 0; i < NR_LATENCIES; i++) {
		const struct histogram *h = &r->latency[i];

		json_emit_open(emit, latency_name[i], '{');
		json_emit_number(emit, "count", h->count);
		json_emit_number(emit, "mean_ns", histogram_mean(h));
		json_emit_number(emit, "p50_ns", histogram_quantile(h, 500000));
		json_emit_number(emit, "p90_ns", histogram_quantile(h, 900000));
		json_emit_number(emit, "p99_ns", histogram_quantile(h, 990000));
		json_emit_number(emit, "p999_ns", histogram_quantile(h, 999000));
		json_emit_number(emit, "max_ns", h->max);
		json_emit_close(emit, '{');
	}
	json_emit_close(emit, '{');
}

static void emit_locks(struct json_emit *emit, const struct run_result *r)
{
	json_emit_number(emit, "lock_wait_ns", r->lock_wait_ns);
	json_emit_open(emit, "locks", '{');
	for (u32 i = 0; i < r->locks; i++) {
		const struct lock_stat *stat = &r->lock[i].stat;

		json_emit_open(emit, r->lock[i].name, '{');
		json_emit_number(emit, "taken", stat->taken);
		json_emit_number(emit, "contended", stat->contended);
		json_emit_number(emit, "wait_ns", stat->wait_ns);
		json_emit_number(emit, "wait_max_ns", stat->wait_max_ns);
		json_emit_close(emit, '{');
	}
	json_emit_close(emit, '{');
}

static void emit_memory(struct json_emit *emit, const struct run_result *r)
{
	json_emit_open(emit, "memory", '{');
	json_emit_number(emit, "swap_slots", r->slots);
	json_emit_number(emit, "meta_static_bytes", r->meta_static_bytes);
	json_emit_number(emit, "meta_dynamic_bytes", r->meta_dynamic_bytes);
	json_emit_number(emit, "meta_dynamic_peak_bytes", r->meta_dynamic_peak_bytes);
	json_emit_number(emit, "pool_bytes", r->pool_bytes);
	json_emit_number(emit, "free_lowest_pages", r->free_pages_lowest);
	json_emit_close(emit, '{');
}

char *summary_json(const struct scenario *s, const struct run_result *r)
{
	struct json_emit emit;

	json_emit_init(&emit);
	json_emit_open(&emit, NULL, '{');
	json_emit_number(&emit, "format", RESULT_FORMAT);
	json_emit_string(&emit, "scenario", scenario_name(s));
	json_emit_string(&emit, "kernel", r->kernel);
	json_emit_number(&emit, "seed", r->seed);
	emit_bool(&emit, "complete", r->complete);
	json_emit_number(&emit, "time_ns", r->time_ns);
	json_emit_number(&emit, "steps", r->steps);
	json_emit_number(&emit, "ties", r->ties);
	json_emit_open(&emit, "fingerprints", '{');
	emit_hash(&emit, "counts", r->fingerprint_counts);
	emit_hash(&emit, "events", r->fingerprint_events);
	json_emit_close(&emit, '{');
	emit_phases(&emit, r);
	emit_groups(&emit, r);
	emit_latency(&emit, r);
	emit_locks(&emit, r);
	emit_memory(&emit, r);
	json_emit_open(&emit, "cpu_busy_ns", '[');
	for (u32 i = 0; i < r->cpus; i++)
		json_emit_number(&emit, NULL, r->cpu_busy_ns[i]);
	json_emit_close(&emit, '[');
	json_emit_number(&emit, "user_ns", r->user_ns);
	json_emit_close(&emit, '{');
	return json_emit_finish(&emit);
}

char *series_csv(const struct run_result *r)
{
	const char *const *columns = run_series_columns();
	GString *out = g_string_new(NULL);
	u32 width = 0;

	for (; columns[width]; width++)
		g_string_append_printf(out, "%s%s", width ? "," : "", columns[width]);
	for (u32 i = 0; r->series && i < r->series->len; i++)
		g_string_append_printf(out, "%c%" G_GUINT64_FORMAT, i % width ? ',' : '\n',
				       g_array_index(r->series, u64, i));
	g_string_append_c(out, '\n');
	return g_string_free(out, FALSE);
}

static void add_limit(GString *out, u64 pages)
{
	if (pages >= PAGE_COUNTER_MAX)
		g_string_append(out, ",max");
	else
		g_string_append_printf(out, ",%" G_GUINT64_FORMAT, pages * PAGE_BYTES);
}

char *cgroups_csv(const struct run_result *r)
{
	GString *out = g_string_new("time_ns,cgroup,memory.current,memory.max,memory.swap.current,"
				    "memory.swap.max");

	for (u32 s = 0; s < NR_PSI_PRESSURES; s++)
		g_string_append_printf(out, ",%s", psi_name[s]);
	g_string_append(out, ",memory.high,memory.low,accesses,pgmajfault\n");
	for (u32 i = 0; i < r->cgroups->len; i++) {
		const struct run_cgroup_sample *sample =
		    &g_array_index(r->cgroups, struct run_cgroup_sample, i);

		g_string_append_printf(out, "%" G_GUINT64_FORMAT ",", sample->time_ns);
		csv_field(out, r->memcg_name[sample->memcg]);
		g_string_append_printf(out, ",%" G_GUINT64_FORMAT, sample->memory_pages * PAGE_BYTES);
		add_limit(out, sample->memory_max_pages);
		g_string_append_printf(out, ",%" G_GUINT64_FORMAT, sample->swap_pages * PAGE_BYTES);
		add_limit(out, sample->swap_max_pages);
		for (u32 s = 0; s < NR_PSI_PRESSURES; s++)
			g_string_append_printf(out, ",%" G_GUINT64_FORMAT, sample->pressure_ns[s]);
		add_limit(out, sample->memory_high_pages);
		add_limit(out, sample->memory_low_pages);
		g_string_append_printf(out, ",%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT "\n",
				       sample->accesses, sample->major_faults);
	}
	return g_string_free(out, FALSE);
}

char *oom_csv(const struct run_result *r)
{
	GString *out = g_string_new("time_ns,cgroup,task,process,badness_pages,anon_pages,swap_pages\n");

	for (u32 i = 0; i < r->kill->len; i++) {
		const struct run_kill *kill = &g_array_index(r->kill, struct run_kill, i);

		g_string_append_printf(out, "%" G_GUINT64_FORMAT ",%s,%s,%s,%" G_GINT64_FORMAT ",%u,%u\n",
				       kill->time_ns, kill->cgroup, kill->task, kill->process,
				       kill->badness_pages, kill->anon_pages, kill->swap_pages);
	}
	return g_string_free(out, FALSE);
}

char *slots_csv(const struct run_result *r)
{
	GString *out = g_string_new("time_ns,device,cluster,used,cached,free,lost\n");

	for (u32 i = 0; i < r->clusters->len; i++) {
		const struct run_cluster_sample *s =
		    &g_array_index(r->clusters, struct run_cluster_sample, i);

		g_string_append_printf(out, "%" G_GUINT64_FORMAT ",%u,%u,%u,%u,%u,%u\n", s->time_ns,
				       s->device, s->cluster, s->used, s->cached, s->free, s->lost);
	}
	return g_string_free(out, FALSE);
}

static char *histograms_csv(const char *unit, const struct histogram *h, const char *const *name, u32 n)
{
	GString *out = g_string_new(NULL);

	g_string_append_printf(out, "histogram,low_%s,high_%s,count\n", unit, unit);
	for (u32 i = 0; i < n; i++) {
		struct histogram_range range = { 0 };

		while (histogram_next(&h[i], &range))
			g_string_append_printf(
			    out, "%s,%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT "\n",
			    name[i], range.low, range.high, range.count);
	}
	return g_string_free(out, FALSE);
}

char *hist_csv(const struct histogram *latency)
{
	return histograms_csv("ns", latency, latency_name, NR_LATENCIES);
}

char *hist_pages_csv(const struct histogram *refault)
{
	return histograms_csv("pages", refault, refault_size_name, NR_REFAULT_SIZES);
}

static void emit_run(struct json_emit *emit, const struct manifest *m, u32 index)
{
	const struct batch_run *run = &m->batch->run[index];
	const struct run_result *r = run->result;

	if (!r && !run->failure)
		return;
	json_emit_open(emit, NULL, '{');
	json_emit_string(emit, "kernel", r ? r->kernel : run->options.kernel);
	json_emit_number(emit, "seed", run->options.seed);
	if (m->sweep)
		json_emit_string(emit, "value", m->sweep_value[index]);
	emit_bool(emit, "complete", r && r->complete);
	if (r) {
		emit_hash(emit, "counts", r->fingerprint_counts);
		emit_hash(emit, "events", r->fingerprint_events);
	} else {
		json_emit_string(emit, "failure", run->failure->message);
	}
	json_emit_close(emit, '{');
}

void emit_manifest_head(struct json_emit *emit, const char *command, const char *scenario, u64 scenario_hash)
{
	json_emit_number(emit, "format", RESULT_FORMAT);
	json_emit_string(emit, "tool", FOLDER_TOOL);
	json_emit_string(emit, "version", SWAPSIM_VERSION);
	json_emit_string(emit, "command", command);
	json_emit_string(emit, "scenario", scenario);
	emit_hash(emit, "scenario_hash", scenario_hash);
}

void emit_manifest_scenario(struct json_emit *emit, const char *command, const struct scenario *s)
{
	struct scenario_words words = scenario_in_words(s);

	emit_manifest_head(emit, command, scenario_name(s), scenario_hash(s));
	json_emit_string(emit, "workload", words.work);
	json_emit_string(emit, "devices", words.devices);
	scenario_words_release(&words);
}

char *manifest_json(const struct manifest *m)
{
	struct json_emit emit;

	json_emit_init(&emit);
	json_emit_open(&emit, NULL, '{');
	emit_manifest_scenario(&emit, m->command, m->scenario);
	json_emit_number(&emit, "footprint_pages", scenario_footprint_pages(m->scenario));
	if (m->sweep)
		json_emit_string(&emit, "sweep", m->sweep);
	emit_bool(&emit, "complete", m->complete);
	json_emit_open(&emit, "runs", '[');
	for (u32 i = 0; i < m->batch->runs; i++)
		emit_run(&emit, m, i);
	json_emit_close(&emit, '[');
	json_emit_close(&emit, '{');
	return json_emit_finish(&emit);
}

char *seeds_manifest_json(const char *command, const char *folder, u64 hash, const struct seeds *seeds,
			  bool complete)
{
	char *absolute = g_canonicalize_filename(folder, NULL), *name = g_path_get_basename(absolute);
	struct json_emit emit;

	json_emit_init(&emit);
	json_emit_open(&emit, NULL, '{');
	emit_manifest_head(&emit, command, name, hash);
	emit_bool(&emit, "complete", complete);
	json_emit_open(&emit, "runs", '[');
	for (u32 i = 0; i < seeds->count; i++) {
		json_emit_open(&emit, NULL, '{');
		json_emit_number(&emit, "seed", seeds->first + i);
		json_emit_close(&emit, '{');
	}
	json_emit_close(&emit, '[');
	json_emit_close(&emit, '{');
	g_free(absolute);
	g_free(name);
	return json_emit_finish(&emit);
}
