#include "models/run.h"

#include <string.h>

#include "models/mm/lru.h"
#include "models/mm/oom.h"
#include "models/race.h"
#include "models/run_series.h"
#include "models/swap/zswap.h"
#include "models/work/work.h"
#include "sim/error.h"
#include "sim/random.h"
#include "sim/sched.h"

#define SERIES_BYTES_MAX (1u << 30)
#define SLICE_NS 10000000 /* simulated time between two questions whether to go on */

/* A mark that a phase begins with, and how many tasks have yet to pass it. */
struct awaited_mark {
	const char *mark;
	u32 left;
};

struct run {
	struct kernel *k;
	struct run_result *result;
	GArray *milestone; /* of struct awaited_mark */
	GArray *phase;	   /* of struct run_phase; [0] is all, the last one goes on */
	const struct scenario *scenario;
	bool audited; /* before memory was given back for the first time */
	bool done;    /* a task has come to its end; figures of that time are taken */
};

/* ---- phases ---- */

static size_t counts_bytes(const struct kernel *k)
{
	return k->config.memcgs * sizeof *k->count;
}

static void read_pressure(struct kernel *k, u64 (*pressure)[NR_PSI_PRESSURES])
{
	for (u32 memcg = 0; memcg < k->config.memcgs; memcg++) {
		struct psi_pressure p = psi_show(k, memcg);

		memcpy(pressure[memcg], p.total, sizeof p.total);
	}
}

/* Until a phase ends its counts are those of its beginning. */
static void phase_begin(struct run *run, const char *name)
{
	struct run_phase p = { .name = g_strdup(name), .begin_ns = run->k->machine.now };

	p.count = g_malloc(counts_bytes(run->k));
	memcpy(p.count, run->k->count, counts_bytes(run->k));
	p.pressure = g_malloc(run->k->config.memcgs * sizeof *p.pressure);
	read_pressure(run->k, p.pressure);
	g_array_append_val(run->phase, p);
}

static void phase_end(struct run *run, u32 i)
{
	struct run_phase *p = &g_array_index(run->phase, struct run_phase, i);
	u64(*pressure)[NR_PSI_PRESSURES] = g_malloc(run->k->config.memcgs * sizeof *pressure);

	read_pressure(run->k, pressure);
	p->end_ns = run->k->machine.now;
	for (u32 memcg = 0; memcg < run->k->config.memcgs; memcg++) {
		for (u32 c = 0; c < NR_COUNTERS; c++)
			p->count[memcg][c] = run->k->count[memcg][c] - p->count[memcg][c];
		for (u32 s = 0; s < NR_PSI_PRESSURES; s++)
			p->pressure[memcg][s] = pressure[memcg][s] - p->pressure[memcg][s];
	}
	g_free(pressure);
}

static struct awaited_mark *milestone_of(struct run *run, const char *mark)
{
	for (u32 i = 0; i < run->milestone->len; i++) {
		struct awaited_mark *m = &g_array_index(run->milestone, struct awaited_mark, i);

		if (!strcmp(m->mark, mark))
			return m;
	}
	return NULL;
}

static void expect_mark(struct run *run, const char *mark)
{
	struct awaited_mark *known = milestone_of(run, mark);
	struct awaited_mark m = { mark, 1 };

	if (known)
		known->left++;
	else
		g_array_append_val(run->milestone, m);
}

static void expect_marks(struct run *run)
{
	for (u32 i = 0; i < run->k->machine.tasks; i++) {
		const struct workload *w = run->k->program[i];

		for (u32 n = 0; n < workload_marks(w); n++)
			expect_mark(run, workload_mark(w, n));
	}
	phase_begin(run, "all");
	if (run->milestone->len)
		phase_begin(run, milestone_of(run, "fill_done") ? "init" : "run");
}

/* No phase begins with the end of the last task. */
static void pass_mark(struct run *run, const char *mark, bool ended)
{
	if (--milestone_of(run, mark)->left || (ended && run->k->machine.tasks_left == 1))
		return;
	phase_end(run, run->phase->len - 1);
	phase_begin(run, strcmp(mark, "fill_done") ? mark : "run");
}

static void on_mark(struct kernel *k, u32 task, const char *mark)
{
	(void)task;
	pass_mark(k->on_mark_data, mark, false);
}

/* Nobody waits for the marks of a task that has ended. */
static void pass_marks_left(struct run *run, u32 task)
{
	const struct workload *load = run->k->program[task];

	for (u32 n = run->k->work[task].passed; n < workload_marks(load); n++)
		pass_mark(run, workload_mark(load, n), true);
}

/* ---- the end of tasks ---- */

static void take_figures_of_the_end(struct run *run)
{
	run->done = true;
	run->result->meta_dynamic_bytes = run->k->memory->meta_bytes;
	run->result->pool_bytes = run->k->memory->pool_bytes;
}

/* What is wrong, g_free(). Of an invariant that the scenario expects to fail on this kernel it is noted and
 * no error. */
static char *audited(struct run *run)
{
	const char *expected = race_expected(run->scenario, run->result->kernel);
	char *wrong = audit(run->k);

	if (!wrong || !expected || strncmp(wrong, expected, strlen(expected)) ||
	    wrong[strlen(expected)] != ':')
		return wrong;
	if (!run->result->finding)
		run->result->finding = g_steal_pointer(&wrong);
	g_free(wrong);
	return NULL;
}

static void audit_before_exit(struct run *run)
{
	char *wrong;

	if (run->audited && run->k->machine.tasks_left > 1)
		return;
	run->audited = true;
	wrong = audited(run);
	if (wrong)
		machine_fail(&run->k->machine, ERROR_FINDING, "audit: %s", wrong);
	g_free(wrong);
}

static void on_exit_of_task(struct kernel *k, u32 task)
{
	struct run *run = k->on_mark_data;

	if (k->mm[k->work[task].mm].users == 1)
		audit_before_exit(run);
	pass_marks_left(run, task);
	if (!run->done && !task_is_dying(k, &k->machine.task[task]))
		take_figures_of_the_end(run);
}

static void on_oom_kill(struct kernel *k, const struct oom_kill *kill)
{
	struct run *run = k->on_mark_data;
	struct run_kill one = {
		.time_ns = kill->time_ns,
		.cgroup = g_strdup(k->config.memcg[kill->memcg].name),
		.task = kill->mm == WORK_NO_MM ? g_strdup("swapoff")
					       : scenario_task_name(run->scenario, kill->task),
		.process = g_strdup(kill->mm == WORK_NO_MM ? "swapoff" : k->config.mm[kill->mm].name),
		.badness_pages = kill->badness_pages,
		.anon_pages = kill->anon_pages,
		.swap_pages = kill->swap_pages,
	};

	g_array_append_val(run->result->kill, one);
}

/* ---- the run ---- */

/* A sample every microsecond fills any memory. */
static bool take_row(struct run *run, GError **error)
{
	const struct run_result *r = run->result;
	u64 bytes;

	run_series_row(run->k, run->result);
	bytes = (u64)r->series->len * sizeof(u64) + (u64)r->cgroups->len * sizeof(struct run_cgroup_sample);
	if (r->clusters)
		bytes += (u64)r->clusters->len * sizeof(struct run_cluster_sample);
	if (bytes <= SERIES_BYTES_MAX)
		return true;
	g_set_error(error, SWAPSIM_ERROR, ERROR_SCENARIO,
		    "the time series takes more than %u MiB after %" G_GUINT64_FORMAT
		    " ms of simulated time (a longer sample.every)",
		    SERIES_BYTES_MAX >> 20, run->k->machine.now / 1000000);
	return false;
}

/* Stretch by stretch. machine_run() goes to the nanosecond, so where stretches end changes nothing but the
 * rows. */
static bool run_machine(struct run *run, const struct scenario *s, run_poll_fn *poll, void *poll_data,
			GError **error)
{
	struct machine *m = &run->k->machine;
	u64 row = 0, stop = scenario_stop_ns(s), until = 0;

	while (m->tasks_left) {
		if (until == row) {
			if (!take_row(run, error))
				return false;
			row += scenario_sample_ns(s);
		}
		if (until == stop)
			break;
		if (poll && poll(poll_data)) {
			run->result->complete = false;
			break;
		}
		until = MIN(MIN(until + SLICE_NS, row), stop);
		if (!machine_run(m, until, error))
			return false;
	}
	return true;
}

/* ---- what is left ---- */

/* In the order of cgroups and counters. Those after the last that every machine has count where something
 * was counted. */
static u64 hash_counts(const struct kernel *k)
{
	u64 hash = 0;

	for (u32 memcg = 0; memcg < k->config.memcgs; memcg++)
		for (u32 c = 0; c < NR_COUNTERS; c++) {
			if (c > FOLIO_LOCK_WAITS && !k->count[memcg][c])
				continue;
			if (c > FOLIO_LOCK_WAITS)
				hash ^= g_str_hash(counter_info[c].name);
			hash = random_mix(hash + RANDOM_STRIDE + k->count[memcg][c]);
		}
	return hash;
}

static void take_locks(const struct machine *m, struct run_result *r)
{
	r->locks = m->lock_classes;
	r->lock = g_new0(struct run_lock, r->locks + 1);
	for (u32 i = 0; i < r->locks; i++) {
		r->lock[i] = (struct run_lock){ m->lock_class[i], m->lock_stat[i] };
		r->lock_wait_ns += m->lock_stat[i].wait_ns;
	}
}

static void take_zswap(const struct zswap_memcg *z, struct run_cgroup *out)
{
	out->has_zswap = true;
	out->zswap_bytes = z->bytes;
	out->zswapped_pages = z->stored;
	out->zswap_max_pages = z->max;
	out->zswap_writeback = z->writeback;
}

static void take_cgroup(const struct kernel *k, u32 memcg, struct run_cgroup *out)
{
	const struct memcg *cg = &k->memcg[memcg];

	*out = (struct run_cgroup){
		.memory_pages = cg->usage,
		.memory_min_pages = cg->protection[PROTECT_MIN].wanted,
		.memory_low_pages = cg->protection[PROTECT_LOW].wanted,
		.memory_high_pages = cg->high,
		.memory_max_pages = cg->max,
		.swap_pages = cg->swap_usage,
		.swap_high_pages = cg->swap_high,
		.swap_max_pages = cg->swap_max,
		.oom_group = cg->oom_group,
	};
	memcpy(out->local_event, k->local_event[memcg], sizeof out->local_event);
	if (zswap_is_enabled(k))
		take_zswap(&k->zswap_memcg[memcg], out);
	for (u32 i = 0; i < k->memcg_subtree[memcg]; i++)
		for (u32 lru = 0; lru < NR_LRU_LISTS; lru++)
			out->lru_pages[lru] += lruvec_size(k, k->memcg_walk[k->memcg_place[memcg] + i], lru);
}

static void take_cgroups(const struct kernel *k, struct run_result *r)
{
	r->memcgs = k->config.memcgs;
	r->memcg_name = g_new0(char *, r->memcgs + 1);
	r->cgroup = g_new(struct run_cgroup, r->memcgs);
	r->memory_peak = g_new0(u64, r->memcgs);
	r->swap_peak = g_new0(u64, r->memcgs);
	r->memsw_peak = g_new0(u64, r->memcgs);
	for (u32 i = 0; i < r->memcgs; i++) {
		r->memcg_name[i] = g_strdup(k->config.memcg[i].name);
		take_cgroup(k, i, &r->cgroup[i]);
		r->memory_peak[i] = k->memcg[i].peak;
		r->swap_peak[i] = k->memcg[i].swap_peak;
		r->memsw_peak[i] = k->memcg[i].memsw_peak;
	}
}

static void take_figures(struct run *run)
{
	const struct kernel *k = run->k;
	const struct machine *m = &k->machine;
	struct run_result *r = run->result;

	r->time_ns = m->now;
	r->steps = m->steps;
	r->ties = m->events.ties;
	r->fingerprint_events = m->fingerprint;
	r->fingerprint_counts = hash_counts(k);
	r->latency = g_new(struct histogram, NR_LATENCIES);
	memcpy(r->latency, k->latency, NR_LATENCIES * sizeof *r->latency);
	r->refault = g_new(struct histogram, NR_REFAULT_SIZES);
	memcpy(r->refault, k->refault, NR_REFAULT_SIZES * sizeof *r->refault);
	for (u32 i = 0; i < k->config.devices; i++) {
		r->slots += k->device[i].max;
		r->meta_static_bytes += k->device[i].static_bytes;
	}
	if (!run->done)
		take_figures_of_the_end(run);
	r->meta_dynamic_peak_bytes = k->memory->meta_peak;
	r->free_pages_lowest = k->memory->lowest;
	r->cpus = m->cpus;
	r->cpu_busy_ns = g_new(u64, r->cpus);
	for (u32 n = 0; n < r->cpus; n++)
		r->cpu_busy_ns[n] = sched_busy_ns(m, n);
	for (u32 n = 0; n < m->tasks; n++)
		r->user_ns += k->work[n].user_ns;
	take_locks(m, r);
	take_cgroups(k, r);
}

/* The last phase and the series end with the run. */
static void finish(struct run *run)
{
	u64 last = g_array_index(run->result->series, u64, run->result->series->len - run_series_width());

	phase_end(run, 0);
	if (run->phase->len > 1)
		phase_end(run, run->phase->len - 1);
	if (last != run->k->machine.now)
		run_series_row(run->k, run->result);
	take_figures(run);
}

static bool audit_at_end(struct run *run, GError **error)
{
	char *wrong = audited(run);

	if (wrong)
		g_set_error(error, SWAPSIM_ERROR, ERROR_FINDING, "audit: %s", wrong);
	g_free(wrong);
	return !wrong;
}

struct run_result *run_scenario(const struct scenario *s, const struct build_options *options,
				run_poll_fn *poll, void *poll_data, GError **error)
{
	struct run run = { .k = scenario_build(s, options, error), .scenario = s };
	bool ok;

	if (!run.k)
		return NULL;
	run.result = g_new0(struct run_result, 1);
	run.result->kernel = g_strdup(options->kernel ? options->kernel : scenario_kernel(s));
	run.result->seed = options->seed;
	run.result->complete = true;
	run.result->series = g_array_new(FALSE, FALSE, sizeof(u64));
	run.result->cgroups = g_array_new(FALSE, FALSE, sizeof(struct run_cgroup_sample));
	if (options->slots)
		run.result->clusters = g_array_new(FALSE, FALSE, sizeof(struct run_cluster_sample));
	run.result->kill = g_array_new(FALSE, FALSE, sizeof(struct run_kill));
	run.milestone = g_array_new(FALSE, FALSE, sizeof(struct awaited_mark));
	run.phase = g_array_new(FALSE, FALSE, sizeof(struct run_phase));
	run.k->on_mark = on_mark;
	run.k->on_mark_data = &run;
	run.k->on_exit = on_exit_of_task;
	run.k->on_oom_kill = on_oom_kill;
	expect_marks(&run);
	ok = run_machine(&run, s, poll, poll_data, error) && audit_at_end(&run, error);
	finish(&run);
	run.result->phases = run.phase->len;
	run.result->phase = (struct run_phase *)g_array_free(run.phase, FALSE);
	g_array_free(run.milestone, TRUE);
	kernel_free(run.k);
	if (ok)
		return run.result;
	run_result_free(run.result);
	return NULL;
}

void run_result_free(struct run_result *r)
{
	if (!r)
		return;
	for (u32 i = 0; i < r->phases; i++) {
		g_free(r->phase[i].name);
		g_free(r->phase[i].count);
		g_free(r->phase[i].pressure);
	}
	g_free(r->phase);
	g_strfreev(r->memcg_name);
	g_free(r->kernel);
	g_free(r->finding);
	g_free(r->latency);
	g_free(r->refault);
	g_free(r->lock);
	g_free(r->cpu_busy_ns);
	g_free(r->cgroup);
	g_free(r->memory_peak);
	g_free(r->swap_peak);
	g_free(r->memsw_peak);
	for (u32 i = 0; i < r->kill->len; i++) {
		const struct run_kill *kill = &g_array_index(r->kill, struct run_kill, i);

		g_free(kill->cgroup);
		g_free(kill->task);
		g_free(kill->process);
	}
	g_array_free(r->kill, TRUE);
	g_array_free(r->series, TRUE);
	g_array_free(r->cgroups, TRUE);
	if (r->clusters)
		g_array_free(r->clusters, TRUE);
	g_free(r);
}
