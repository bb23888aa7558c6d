/*
 * Which processes of a scenario have the same files.
 */
#include <string.h>

#include "models/scenario_parts.h"

/* What names the files of a process: its own word, the trace that says which pages are of files, or the task
 * that builds. */
static const char *files_name(const struct scenario *s, const struct scenario_process *p)
{
	const struct workload_spec *w = s->spec.tasks[p->task].workload;

	if (p->memory->files)
		return p->memory->files;
	for (u32 i = 0; p->trace && i < s->trace->len; i++)
		if (g_array_index(s->trace, struct scenario_trace, i).trace == p->trace)
			return g_array_index(s->trace, struct scenario_trace, i).path;
	return w && w->build ? s->spec.tasks[p->task].name : NULL;
}

static u32 find(const struct scenario *s, const char *name)
{
	u32 i = 0;

	while (i < s->files->len && strcmp(scenario_files(s, i)->name, name))
		i++;
	return i;
}

/* As many as the largest of its processes has, its stack too, and what a build reads and writes. */
static void add_user(struct scenario *s, struct scenario_process *p, const char *name)
{
	const struct task_spec *task = &s->spec.tasks[p->task];
	u32 i = find(s, name), pages = 0;
	struct scenario_files *files;

	if (i == s->files->len) {
		struct scenario_files first = { .name = name };

		g_array_append_val(s->files, first);
	}
	files = scenario_files(s, i);
	if (task->workload && task->workload->build) {
		files->tree = true;
		pages = build_file_pages(task->workload->build, task->count * task->repeat);
	}
	files->pages = MAX(files->pages, MAX(pages, scenario_process_pages(p)));
	files->users++;
	p->files = i + 1;
}

/* What only one process has is its own. */
static void forget_own(struct scenario *s)
{
	u32 *number = g_new0(u32, s->files->len + 1), kept = 0;

	for (u32 i = 0; i < s->files->len; i++) {
		if (scenario_files(s, i)->users < 2 && !scenario_files(s, i)->tree)
			continue;
		*scenario_files(s, kept) = *scenario_files(s, i);
		number[i + 1] = ++kept;
	}
	g_array_set_size(s->files, kept);
	for (u32 i = 0; i < s->process->len; i++)
		scenario_process(s, i)->files = number[scenario_process(s, i)->files];
	g_free(number);
}

static bool wants_files(const struct scenario *s, const struct scenario_process *p,
			const struct json_doc *doc, GError **error)
{
	const struct scenario_place place = { doc, "tasks", p->task };

	return p->file_map || !p->memory->files ||
	       scenario_wrong(&place, error, s->spec.tasks[p->task].process ? "process" : "files",
			      "process \"%s\" has no pages of files (expected \"backing\" file or text)",
			      p->name);
}

/* Its text, heap and files lie where it wants them, and with each new compiler it gives up all its memory. */
static bool builds_alone(const struct scenario *s, const struct scenario_thread *thread,
			 const struct json_doc *doc, GError **error)
{
	const struct task_spec *task = &s->spec.tasks[thread->task];
	const struct scenario_process *p = scenario_process(s, thread->process);
	const struct scenario_place place = { doc, "tasks", thread->task };
	u32 threads = 0;

	if (!task->workload || !task->workload->build)
		return true;
	for (u32 i = 0; task->process && i < s->thread->len; i++)
		threads += scenario_thread(s, i)->process == thread->process;
	if (threads > 1)
		return scenario_wrong(&place, error, "process",
				      "has other threads, too, and compilers have none (expected a process "
				      "for each)");
	return !p->shared || scenario_wrong(&place, error, task->process ? "process" : "shares",
					    "is shared memory, and compilers build in memory of their own "
					    "(expected none)");
}

bool scenario_resolve_files(struct scenario *s, const struct json_doc *doc, GError **error)
{
	for (u32 i = 0; i < s->thread->len; i++)
		if (!builds_alone(s, scenario_thread(s, i), doc, error))
			return false;
	for (u32 i = 0; i < s->process->len; i++) {
		struct scenario_process *p = scenario_process(s, i);
		const char *name;

		if (!wants_files(s, p, doc, error))
			return false;
		name = p->file_map ? files_name(s, p) : NULL;
		if (name)
			add_user(s, p, name);
	}
	forget_own(s);
	return true;
}

static bool is_file_page(const struct scenario_process *p, u32 page)
{
	return p->file_map && p->file_map[page / 8] >> page % 8 & 1;
}

u64 scenario_own_pages(const struct scenario *s, u32 i)
{
	const struct scenario_process *p = scenario_process(s, i);
	u64 pages = p->pages;
	bool first = true;

	for (u32 before = 0; p->files && before < i; before++)
		first &= scenario_process(s, before)->files != p->files;
	for (u32 page = 0; !first && page < p->pages; page++)
		pages -= is_file_page(p, page);
	return pages;
}

void scenario_describe_files(struct scenario *s)
{
	u32 first = s->process->len + s->spec.n_shared;

	for (u32 i = 0; i < s->files->len; i++) {
		struct scenario_files *files = scenario_files(s, i);
		const char *slash = strrchr(files->name, '/');

		files->map = g_malloc((files->pages + 7) / 8);
		memset(files->map, 0xff, (files->pages + 7) / 8);
		s->mm[first + i] = (struct mm_config){
			.name = slash ? slash + 1 : files->name,
			.pages = files->pages,
			.corpus = *corpus_find(spec_corpus(NULL, FILL_RANDOM)),
			.file_map = files->map,
			.only_files = true,
		};
	}
	for (u32 i = 0; i < s->process->len; i++)
		if (scenario_process(s, i)->files)
			s->mm[i].files = (first + scenario_process(s, i)->files - 1);
}
