/*
 * What the names of a scenario mean, and whether its objects agree with one another.
 */
#include <string.h>

#include "models/scenario_parts.h"

enum { PAGE_BYTES = 4096, NOT_FOUND = UINT32_MAX };
#define STATE_UNITS_MAX (1u << 24) /* page tables, clusters: their locks must lie within 4 GiB of state */

static bool unknown(const struct scenario_place *place, GError **error, const char *key, const char *what,
		    const char *name, const GString *names)
{
	if (!names->len)
		return scenario_wrong(place, error, key,
				      "unknown %s \"%s\" (expected one listed in \"%s\", which is empty)",
				      what, name, strcmp(what, "cgroup") ? "processes" : "cgroups");
	return scenario_wrong(place, error, key, "unknown %s \"%s\" (expected one of %s)", what, name,
			      names->str);
}

static void add_name(GString *names, const char *name)
{
	g_string_append_printf(names, "%s%s", names->len ? ", " : "", name);
}

/* ---- names ---- */

static u32 cgroup_find(const struct scenario_spec *spec, const char *name)
{
	for (u32 i = 0; i < spec->n_cgroups; i++)
		if (!strcmp(spec->cgroups[i].name, name))
			return i;
	return NOT_FOUND;
}

/* 0 is the root. */
bool scenario_find_cgroup(const struct scenario_spec *spec, const struct scenario_place *place,
			  const char *key, const char *name, u16 *memcg, GError **error)
{
	u32 i = name ? cgroup_find(spec, name) : NOT_FOUND;
	GString *names;

	*memcg = name ? i + 1 : 0;
	if (!name || i != NOT_FOUND)
		return true;
	names = g_string_new(NULL);
	for (u32 c = 0; c < spec->n_cgroups; c++)
		add_name(names, spec->cgroups[c].name);
	unknown(place, error, key, "cgroup", name, names);
	g_string_free(names, TRUE);
	return false;
}

static u32 process_find(const struct scenario_spec *spec, const char *name)
{
	for (u32 i = 0; i < spec->n_processes; i++)
		if (!strcmp(spec->processes[i].name, name))
			return i;
	return NOT_FOUND;
}

static bool process_lookup(const struct scenario_spec *spec, const struct scenario_place *place,
			   const char *name, u32 *process, GError **error)
{
	GString *names;

	*process = process_find(spec, name);
	if (*process != NOT_FOUND)
		return true;
	names = g_string_new(NULL);
	for (u32 p = 0; p < spec->n_processes; p++)
		add_name(names, spec->processes[p].name);
	unknown(place, error, "process", "process", name, names);
	g_string_free(names, TRUE);
	return false;
}

static bool tasks_unique(const struct scenario_spec *spec, const struct json_doc *doc, GError **error)
{
	u64 threads = 0;

	for (u32 i = 0; i < spec->n_tasks; i++) {
		const struct scenario_place place = { doc, "tasks", i };

		for (u32 j = 0; j < i; j++)
			if (!strcmp(spec->tasks[i].name, spec->tasks[j].name))
				return scenario_wrong(&place, error, "name",
						      "tasks[%u] has this name too (expected another)", j);
		threads += spec->tasks[i].count;
	}
	if (threads > SCENARIO_TASKS_MAX)
		return json_doc_error(doc, error, ERROR_SCENARIO, "tasks",
				      "%" G_GUINT64_FORMAT " threads in all (expected at most %u)", threads,
				      SCENARIO_TASKS_MAX);
	return true;
}

static bool processes_unique(const struct scenario_spec *spec, const struct json_doc *doc, GError **error)
{
	for (u32 i = 0; i < spec->n_processes; i++) {
		const struct scenario_place place = { doc, "processes", i };
		u32 first = process_find(spec, spec->processes[i].name);

		if (first != i)
			return scenario_wrong(&place, error, "name",
					      "processes[%u] has this name too (expected another)", first);
	}
	return true;
}

/* ---- swap ---- */

static bool resolve_swap(const struct scenario *s, const struct json_doc *doc, GError **error)
{
	u64 pages = 0;

	for (u32 i = 0; i < s->spec.n_swap; i++) {
		const struct scenario_place place = { doc, "swap", i };

		pages += s->spec.swap[i].size.value / PAGE_BYTES;
		if (pages > SCENARIO_SWAP_PAGES_MAX)
			return scenario_wrong(&place, error, "size",
					      "all devices together are above 1TiB (expected at most 1TiB)");
		if (pages / s->spec.machine.slots_per_cluster > STATE_UNITS_MAX)
			return scenario_wrong(
			    &place, error, "size",
			    "makes more than %u clusters (expected a larger machine.slots_per_cluster)",
			    STATE_UNITS_MAX);
	}
	return true;
}

/* ---- cgroups ---- */

static bool parents_end(const struct scenario *s, u32 memcg)
{
	u32 steps = 0;

	for (; memcg; memcg = s->memcg[memcg].parent)
		if (steps++ == s->memcgs)
			return false;
	return true;
}

static bool resolve_cgroups(struct scenario *s, const struct json_doc *doc, GError **error)
{
	s->memcgs = s->spec.n_cgroups + 1;
	s->memcg = g_new0(struct memcg_config, s->memcgs);
	s->memcg[0] = (struct memcg_config){ .name = "", .max_pages = PAGE_COUNTER_MAX };
	for (u32 i = 0; i < s->spec.n_cgroups; i++) {
		const struct cgroup_spec *c = &s->spec.cgroups[i];
		const struct scenario_place place = { doc, "cgroups", i };

		if (cgroup_find(&s->spec, c->name) != i)
			return scenario_wrong(&place, error, "name",
					      "cgroups[%u] has this name too (expected another)",
					      cgroup_find(&s->spec, c->name));
		s->memcg[i + 1].name = c->name;
		if (!scenario_find_cgroup(&s->spec, &place, "parent", c->parent, &s->memcg[i + 1].parent,
					  error))
			return false;
	}
	for (u32 i = 1; i < s->memcgs; i++) {
		const struct scenario_place place = { doc, "cgroups", i - 1 };

		if (!parents_end(s, i))
			return scenario_wrong(&place, error, "parent",
					      "the parents go round in a circle (expected a tree)");
	}
	return true;
}

/* Of all tasks, fills left out. A trace is replayed in no more accesses than this says. */
static unsigned __int128 all_accesses(const struct scenario *s)
{
	unsigned __int128 accesses = 0;

	for (u32 i = 0; i < s->spec.n_tasks; i++) {
		const struct task_spec *t = &s->spec.tasks[i];
		u64 once;

		if (t->script)
			continue;
		once = workload_generated(t->workload)
			   ? workload_accesses(t->workload)
			   : trace_spec_accesses(t->workload->trace, s->work[i].trace->header.accesses);
		accesses += (unsigned __int128)once * t->count * t->repeat;
	}
	return accesses;
}

/* Nobody means to wait for a month; a zero too many is easily written. */
static void warn_of_long_run(struct scenario *s)
{
	const u64 an_hour = UINT64_C(360000000000); /* at 100 million a second, few of which fault */
	unsigned __int128 accesses = all_accesses(s);

	if (!s->spec.stop.after && accesses >= an_hour)
		scenario_warn(s,
			      "all the accesses of the tasks take %" G_GUINT64_FORMAT
			      " hours or longer (\"stop\": {\"after\": ...} ends a run earlier)",
			      (guint64)(accesses / an_hour));
}

/* ---- processes and tasks ---- */

/* Only who comes or goes has marks for it. */
static void name_marks(struct scenario *s, u32 i)
{
	const struct task_spec *t = &s->spec.tasks[i];

	if (t->start || t->fork_of)
		s->work[i].begun_mark = g_strdup_printf("%s_begun", t->name);
	if (t->start || t->fork_of || t->stop || t->repeat > 1)
		s->work[i].ended_mark = g_strdup_printf("%s_ended", t->name);
}

static bool resolve_work(struct scenario *s, u32 i, const struct json_doc *doc, const char *data_dir,
			 GError **error)
{
	const struct task_spec *t = &s->spec.tasks[i];
	const struct pattern_spec *p = t->workload ? workload_generated(t->workload) : NULL;
	const struct scenario_place place = { doc, "tasks", i };
	struct scenario_work *w = &s->work[i];
	char *at;

	if (!scenario_find_cgroup(&s->spec, &place, "cgroup", t->cgroup, &w->memcg, error))
		return false;
	for (u32 c = 0; c < t->n_cpus; c++)
		if (t->cpus[c] >= s->spec.machine.cpus)
			return scenario_wrong(&place, error, "cpus",
					      "there is no CPU %" G_GUINT64_FORMAT
					      " (expected 0..%u, of machine.cpus)",
					      t->cpus[c], s->spec.machine.cpus - 1);
	if (t->cpu && g_ascii_strtoull(t->cpu, NULL, 10) >= s->spec.machine.cpus)
		return scenario_wrong(&place, error, "cpu",
				      "there is no CPU %s (expected 0..%u, of machine.cpus)", t->cpu,
				      s->spec.machine.cpus - 1);
	if (t->script)
		return true;
	name_marks(s, i);
	if (s->spec.stop.after && t->start >= s->spec.stop.after)
		return scenario_wrong(&place, error, "start",
				      "is not before the end of the run (expected less than stop.after)");
	if (p) {
		w->pages = pattern_pages(p);
		if (pattern_is_zipf(workload_pattern(t->workload)) || t->workload->build)
			w->zipf = zipf_new(w->pages, p->skew_permille);
		return true;
	}
	at = g_strdup_printf("tasks[%u].workload.trace.file", i);
	w->trace = scenario_find_trace(s, doc, data_dir, t->workload->trace->file, at, error);
	if (w->trace && !w->trace->header.accesses)
		json_doc_error(doc, error, ERROR_SCENARIO, at, "the trace is empty (expected accesses)");
	else if (w->trace)
		w->pages = w->trace->header.pages;
	g_free(at);
	return w->pages;
}

static u32 process_add(struct scenario *s, u32 task, char *name, const struct memory_spec *memory)
{
	struct scenario_process p = {
		.name = name, .memory = memory, .memcg = s->work[task].memcg, .task = task
	};

	p.shared = scenario_find_shared(&s->spec, memory->shares);
	g_array_append_val(s->process, p);
	return s->process->len - 1;
}

/* The address space of a thread; @number: of the processes in the file, those already in use, + 1. */
static bool thread_process(struct scenario *s, u32 task, u32 instance, u32 *number,
			   const struct json_doc *doc, u32 *process, GError **error)
{
	const struct task_spec *t = &s->spec.tasks[task];
	const struct scenario_place place = { doc, "tasks", task };
	char *name;
	u32 listed;

	if (!t->process) {
		name = t->count > 1 ? g_strdup_printf("%s-%u", t->name, instance) : g_strdup(t->name);
		*process = process_add(s, task, name, &t->memory);
		return true;
	}
	if (!process_lookup(&s->spec, &place, t->process, &listed, error))
		return false;
	if (!number[listed])
		number[listed] =
		    process_add(s, task, g_strdup(t->process), &s->spec.processes[listed].memory) + 1;
	*process = number[listed] - 1;
	if (scenario_process(s, *process)->memcg != s->work[task].memcg)
		return scenario_wrong(
		    &place, error, t->cgroup ? "cgroup" : "",
		    "process \"%s\" is in %s%s, by tasks[%u] (expected the same)", t->process,
		    scenario_process(s, *process)->memcg ? "cgroup " : "the root cgroup",
		    s->memcg[scenario_process(s, *process)->memcg].name, scenario_process(s, *process)->task);
	return true;
}

/* File pages are those of the process's trace; two different traces would have to agree on them. */
static bool process_note_trace(struct scenario_process *p, const struct trace *trace,
			       const struct scenario_place *place, GError **error)
{
	if (p->trace && p->trace != trace &&
	    (p->trace->header.file_pages_count || trace->header.file_pages_count))
		return scenario_wrong(
		    place, error, "workload.trace.file",
		    "another task of process \"%s\" replays another trace, and they have file pages "
		    "(expected the same trace)",
		    p->name);
	p->trace = trace;
	return true;
}

static bool add_thread(struct scenario *s, u32 task, u32 instance, u32 *number, const struct json_doc *doc,
		       GError **error)
{
	const struct task_spec *t = &s->spec.tasks[task];
	const struct pattern_spec *generated = t->workload ? workload_generated(t->workload) : NULL;
	const struct scenario_place place = { doc, "tasks", task };
	struct scenario_thread thread = { .task = task, .instance = instance };
	struct scenario_process *p;

	if (!thread_process(s, task, instance, number, doc, &thread.process, error))
		return false;
	g_array_append_val(s->thread, thread);
	p = scenario_process(s, thread.process);
	if (!scenario_process_shares(s, p, &place, error))
		return false;
	if (s->work[task].pages > p->pages)
		p->pages = s->work[task].pages;
	p->early |= !t->start && !t->fork_of;
	if (generated && !t->fork_of && workload_may_fill(t->workload) && generated->fill == FILL_ONCE &&
	    !scenario_is_filled(s, p))
		p->filler = s->thread->len;
	return !s->work[task].trace || process_note_trace(p, s->work[task].trace, &place, error);
}

static void map_file_pages(const struct scenario *s, struct scenario_process *p)
{
	const struct workload_spec *load = s->spec.tasks[p->task].workload;
	const struct trace_header *header = p->trace ? &p->trace->header : NULL;
	bool all = p->memory->backing != BACKING_ANON, builds = load && load->build;
	u32 page = 0;

	if (p->shared)
		return;
	if (!all && !builds && (!header || !header->file_pages_count))
		return;
	p->file_map = g_malloc0((scenario_process_pages(p) + 7) / 8);
	if (all) {
		memset(p->file_map, 0xff, (p->pages + 7) / 8);
		return;
	}
	if (builds) {
		page = build_text_pages(load->build);
		memset(p->file_map, 0xff, page / 8);
		p->file_map[page / 8] = (u8)((1u << page % 8) - 1); /* the heap comes behind */
		return;
	}
	while ((page = page_set_next(&header->file_pages, page)) != PAGE_SET_NONE) {
		p->file_map[page / 8] |= (u8)(1u << page % 8);
		page++;
	}
}

/* The stack lies behind the data, in page tables of its own. */
static void place_stack(const struct scenario *s, struct scenario_process *p)
{
	u32 table = s->spec.machine.pages_per_table;

	p->stack_pages = scenario_oldest(s, p)->memory->stack_pages;
	p->stack_first = (p->pages + table - 1) / table * table;
}

/* Several mappings, where it has them. */
static bool divide_memory(const struct scenario *s, struct scenario_process *p, const struct json_doc *doc,
			  GError **error)
{
	u32 first = p->memory->mapping_pages, end = p->stack_pages ? p->stack_first : p->pages;

	if (first && (first >= p->pages || first % s->spec.machine.pages_per_table))
		return json_doc_error(
		    doc, error, ERROR_SCENARIO, "tasks",
		    "process \"%s\" has %u pages: mapping_pages %u is not possible (expected "
		    "less, and whole page tables of %u pages)",
		    p->name, p->pages, first, s->spec.machine.pages_per_table);
	if (p->shared && p->stack_pages && end != p->pages)
		return json_doc_error(
		    doc, error, ERROR_SCENARIO, "tasks",
		    "process \"%s\" has a stack behind %u pages of shared memory (expected whole page "
		    "tables of %u pages there)",
		    p->name, p->pages, s->spec.machine.pages_per_table);
	if (first)
		p->vma_pages[p->vmas++] = first;
	if (first || p->stack_pages)
		p->vma_pages[p->vmas++] = end - first;
	if (p->stack_pages)
		p->vma_pages[p->vmas++] = p->stack_pages;
	return true;
}

static bool resolve_threads(struct scenario *s, const struct json_doc *doc, GError **error)
{
	u32 *number = g_new0(u32, s->spec.n_processes + 1);
	u64 pages, tables;
	bool ok = true;

	for (u32 t = 0; ok && t < s->spec.n_tasks; t++)
		for (u32 i = 0; ok && i < s->spec.tasks[t].count; i++)
			ok = add_thread(s, t, i, number, doc, error);
	for (u32 i = 0; ok && i < s->spec.n_processes; i++) {
		const struct scenario_place place = { doc, "processes", i };

		if (!number[i])
			ok = scenario_wrong(&place, error, "name",
					    "no task is of this process (expected at least one)");
	}
	g_free(number);
	if (!ok || !scenario_resolve_families(s, doc, error))
		return false;
	for (u32 i = 0; i < s->process->len; i++) {
		place_stack(s, scenario_process(s, i));
		map_file_pages(s, scenario_process(s, i));
	}
	if (!scenario_resolve_files(s, doc, error))
		return false;
	pages = scenario_mapped_pages(s);
	tables = pages / s->spec.machine.pages_per_table + scenario_mms(s);
	if (pages > TRACE_PAGES_MAX || tables > STATE_UNITS_MAX)
		return json_doc_error(doc, error, ERROR_SCENARIO, "tasks",
				      "all processes together have %" G_GUINT64_FORMAT
				      " pages in %" G_GUINT64_FORMAT
				      " page tables (expected at most %u in %u)",
				      pages, tables, TRACE_PAGES_MAX, STATE_UNITS_MAX);
	for (u32 i = 0; ok && i < s->process->len; i++)
		ok = divide_memory(s, scenario_process(s, i), doc, error);
	return ok;
}

/* Pages of the stack. A child has them from its parent, and gets as many of its own as it writes to. */
static u32 reclaimable_overhead(const struct scenario_process *p, const struct scenario_process *oldest)
{
	const struct memory_spec *memory = oldest->memory;
	u32 pages = p->fork_of ? memory->stack_used + memory->stack_at_marks : memory->stack_pages;

	return MIN(p->memory->overhead_pages, pages);
}

/* What the machine is made of, whatever its release and seed. */
static void describe_parts(struct scenario *s)
{
	s->device = g_new0(struct swap_device_config, s->spec.n_swap + 1);
	s->mm = g_new0(struct mm_config, scenario_mms(s));
	for (u32 i = 0; i < s->spec.n_swap; i++)
		s->device[i] = (struct swap_device_config){
			.model = s->spec.swap[i].device,
			.pages = s->spec.swap[i].size.value / PAGE_BYTES - 1, /* the header's */
			.priority = s->spec.swap[i].priority,
			.discard = s->spec.swap[i].discard == DISCARD_PAGES,
			.nomerges = s->spec.swap[i].nomerges,
			.off = !s->spec.swap[i].swapon,
		};
	for (u32 i = 0; i < s->process->len; i++) {
		const struct scenario_process *p = scenario_process(s, i), *oldest = scenario_oldest(s, p);

		s->mm[i] = (struct mm_config){
			.name = p->name,
			.pages = scenario_process_pages(p),
			.vmas = oldest->vmas,
			.vma_pages = oldest->vma_pages,
			.overhead_pages = p->memory->overhead_pages - reclaimable_overhead(p, oldest),
			.stack_first = p->stack_pages ? p->stack_first : 0,
			.memcg = p->memcg,
			.corpus = *corpus_find(spec_corpus(oldest->memory->contents, oldest->memory->fill)),
			.shares = p->shared ? (s->process->len + p->shared - 1) : 0,
			.file_map = p->file_map,
			.executable = p->memory->backing != BACKING_FILE,
			.files_cached = p->memory->files_cached,
			.later = !p->early,
			.fork_of = p->fork_of,
			.hugepage = p->memory->advised == ADVISED_HUGEPAGE,
			.oom_score_adj = (s32)g_ascii_strtoll(p->memory->oom_score_adj, NULL, 10),
		};
	}
	scenario_describe_shared(s);
	scenario_describe_files(s);
}

/* What maps a page is counted in 16 bits. */
static bool sharing_is_bounded(const struct scenario *s, const struct json_doc *doc, GError **error)
{
	u32 sharing = 0;

	for (u32 i = 0; i < s->process->len; i++)
		sharing += s->mm[i].shares || s->mm[i].files || s->mm[i].fork_of;
	return sharing <= SCENARIO_SHARING_MAX ||
	       json_doc_error(doc, error, ERROR_SCENARIO, "tasks",
			      "%u processes share memory or files with others (expected at most %u)", sharing,
			      SCENARIO_SHARING_MAX);
}

bool scenario_resolve(struct scenario *s, const struct json_doc *doc, const char *data_dir, GError **error)
{
	if (!tasks_unique(&s->spec, doc, error) || !processes_unique(&s->spec, doc, error) ||
	    !scenario_resolve_shared(&s->spec, doc, error) || !resolve_swap(s, doc, error) ||
	    !resolve_cgroups(s, doc, error))
		return false;
	s->work = g_new0(struct scenario_work, s->spec.n_tasks);
	for (u32 i = 0; i < s->spec.n_tasks; i++)
		if (!resolve_work(s, i, doc, data_dir, error))
			return false;
	if (!scenario_resolve_parents(s, doc, error) || !scenario_resolve_scripts(s, doc, error))
		return false;
	if (!resolve_threads(s, doc, error) || !scenario_resolve_limits(s, doc, error))
		return false;
	warn_of_long_run(s);
	describe_parts(s);
	return sharing_is_bounded(s, doc, error);
}
