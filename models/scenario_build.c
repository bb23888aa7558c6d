/*
 * From a scenario to a machine with its tasks.
 */
#include "models/scenario_parts.h"
#include "sim/random.h"

enum { PAGE_BYTES = 4096 };
enum stream_kind {
	STREAM_ACCESSES = 1000,
	STREAM_SCATTER,
	STREAM_START
}; /* apart from the kinds of choose() */

/* A stream belongs to a name, so that what is added to a scenario leaves the others' streams alone. */
static u64 stream_of(u64 seed, enum stream_kind kind, const char *name, u32 instance)
{
	return random_mix(random_key(seed, kind, instance) ^ scenario_text_hash(name));
}

/* What it does while it is there. */
static void describe_work(const struct scenario *s, u32 number, u64 seed, struct workload *w)
{
	const struct scenario_thread *thread = scenario_thread(s, number);
	const struct scenario_process *process = scenario_process(s, thread->process);
	const struct task_spec *task = &s->spec.tasks[thread->task];
	const struct pattern_spec *p;

	if (task->script) {
		w->script = s->work[thread->task].script;
		return;
	}
	p = workload_generated(task->workload);
	if (!p) {
		const struct trace_spec *t = task->workload->trace;
		u64 accesses = w->trace->header.accesses;

		w->pattern = PATTERN_TRACE;
		w->update = t->writes == WRITE_UPDATE;
		w->gap_ps = (u32)t->think_ns * 1000;
		w->trace_first = trace_spec_first(t, accesses, thread->instance, task->count);
		w->accesses = trace_spec_accesses(t, accesses);
		return;
	}
	workload_describe(task->workload, w);
	w->fill = process->memory->backing == BACKING_ANON && workload_may_fill(task->workload) &&
		  (p->fill == FILL_EACH || process->filler == number + 1);
	if (p->sync_free) {
		w->gate_tasks = task->count;
		w->gate_first = number - thread->instance;
	}
	w->first_unit = thread->instance * task->repeat;
	if (w->pattern == PATTERN_ZIPF || w->pattern == PATTERN_BUILD)
		scatter_init(&w->scatter, w->text_pages ? w->text_pages : w->pages,
			     stream_of(seed, STREAM_SCATTER, process->name, 0));
}

/* When it is there. */
static void describe_life(const struct scenario *s, u32 number, u64 seed, struct workload *w)
{
	const struct scenario_thread *thread = scenario_thread(s, number);
	const struct task_spec *task = &s->spec.tasks[thread->task];

	w->start_ns = task->start;
	if (task->start_within)
		w->late_ns = random_value(stream_of(seed, STREAM_START, task->name, thread->instance), 0) %
			     task->start_within;
	w->fork_by = thread->fork_by;
	w->pause_ns = task->pause;
	w->repeat = task->repeat;
	w->priority = (u8)task->priority;
	w->begun_mark = s->work[thread->task].begun_mark;
	w->ended_mark = s->work[thread->task].ended_mark;
	if (!task->stop)
		return;
	w->stop_ns = task->stop->after;
	w->stop_accesses = task->stop->accesses;
}

static struct workload make_workload(const struct scenario *s, u32 number, u64 seed)
{
	const struct scenario_thread *thread = scenario_thread(s, number);
	const struct scenario_work *work = &s->work[thread->task];
	const struct memory_spec *memory = scenario_oldest(s, scenario_process(s, thread->process))->memory;
	struct workload w = {
		.pages = work->pages,
		.stack_first = scenario_process(s, thread->process)->stack_first,
		.stack_pages = scenario_process(s, thread->process)->stack_pages,
		.stack_used = memory->stack_used,
		.stack_at_marks = memory->stack_used + memory->stack_at_marks,
		.zipf = work->zipf,
		.trace = work->trace,
		.stream =
		    stream_of(seed, STREAM_ACCESSES, s->spec.tasks[thread->task].name, thread->instance),
	};

	describe_work(s, number, seed, &w);
	describe_life(s, number, seed, &w);
	return w;
}

static struct machine_config machine_part(const struct scenario *s, const struct build_options *options)
{
	const struct machine_spec *spec = &s->spec.machine;
	struct machine_config m = kernel_config_default().machine;

	m.seed = options->seed;
	m.cpus = spec->cpus;
	m.hz = spec->hz;
	m.tasks = s->thread->len + KERNEL_THREADS + s->spec.n_operations;
	m.events = 4 * (m.tasks + m.cpus) + s->process->len + 64;
	m.preemption = spec->preemption;
	m.ties = options->ties;
	m.fall_through = m.inline_hits = !options->every_step;
	m.check_locks = options->audit_steps;
	return m;
}

static void configure(const struct scenario *s, const struct build_options *options, struct kernel_config *c)
{
	const struct machine_spec *spec = &s->spec.machine;

	c->machine = machine_part(s, options);
	c->cpu_profile = spec->cpu;
	c->disk = spec->disk;
	c->memory_pages = spec->memory.value / PAGE_BYTES;
	c->min_free_pages = spec->min_free_kbytes ? spec->min_free_kbytes / (PAGE_BYTES / 1024) : UINT64_MAX;
	c->cgroup_version = spec->cgroup_version;
	c->memory_recursiveprot = spec->memory_recursiveprot;
	c->swappiness = spec->swappiness;
	c->lru = spec->lru;
	c->page_cluster = spec->page_cluster;
	c->memory_stat_ns = spec->memory_stat_every;
	c->zswap = spec->zswap;
	c->pages_per_table = spec->pages_per_table;
	c->slots_per_cluster = spec->slots_per_cluster;
	c->reclaim_batch = spec->reclaim_batch;
	c->charge_batch = spec->charge_batch;
	c->slot_cache = spec->slot_cache;
	c->fail_page_alloc = spec->fail_page_alloc;
	c->reclaim_retries = spec->reclaim_retries;
	c->swap_map_max = spec->swap_map_max;
	c->devices = s->spec.n_swap;
	c->memcgs = s->memcgs;
	c->memcg = s->memcg;
	c->mms = scenario_mms(s);
	c->device = s->device;
	c->mm = s->mm;
	c->cgroup_writes = s->writes;
	c->cgroup_write = s->write;
	c->swap_operations = s->swap_operations;
	c->swap_operation = s->swap_operation;
	c->moves_pages = scenario_moves_pages(s);
	scenario_configure_thp(s, c);
}

/* Where a thread begins. */
static u32 first_cpu(const struct scenario *s, u32 number)
{
	const struct scenario_thread *t = scenario_thread(s, number);
	const struct task_spec *task = &s->spec.tasks[t->task];

	if (task->cpu)
		return (u32)g_ascii_strtoull(task->cpu, NULL, 10);
	return task->n_cpus ? (u32)task->cpus[t->instance % task->n_cpus] : number % s->spec.machine.cpus;
}

/* Slots and pages. */
enum { AUDIT_EVERY_STEP_UP_TO = 1024, AUDIT_SIZE_PER_STEP = 128 };

/* A check walks over all slots and pages: in a world that is too large for one after every step, after so
 * many that it takes no longer than they do. */
static u32 steps_between_audits(const struct kernel_config *c)
{
	u64 size = 0;

	for (u32 i = 0; i < c->devices; i++)
		size += c->device[i].pages;
	for (u32 i = 0; i < c->mms; i++)
		size += c->mm[i].pages;
	return size <= AUDIT_EVERY_STEP_UP_TO ? 1 : (u32)(size / AUDIT_SIZE_PER_STEP);
}

struct kernel *scenario_build(const struct scenario *s, const struct build_options *options, GError **error)
{
	struct kernel_config c = kernel_config_default();
	struct kernel *k;

	configure(s, options, &c);
	c.machine.check_invariants = options->audit_steps ? steps_between_audits(&c) : 0;
	if (!release_parse(options->kernel ? options->kernel : s->kernel, &c.release, &c.patches, error))
		return NULL;
	if ((c.zswap.enabled && !release_has_zswap(c.release, error)) ||
	    (c.moves_pages && !release_has_uffd_move(c.release, error)))
		return NULL;
	k = kernel_new(&c, error);
	if (!k)
		return NULL;
	k->machine.log = options->log;
	k->machine.log_data = options->log_data;
	k->workload = g_new0(struct workload, s->thread->len);
	for (u32 i = 0; i < s->thread->len; i++) {
		const struct scenario_thread *t = scenario_thread(s, i);

		k->workload[i] = make_workload(s, i, options->seed);
		work_add_task(k, &k->workload[i], t->process, first_cpu(s, i), s->spec.tasks[t->task].n_cpus);
	}
	return k;
}
