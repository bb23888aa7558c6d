/*
 * What the tasks of a race do: their operations, their pages by name.
 */
#include <string.h>

#include "models/scenario_parts.h"

enum { PAGE_MOST = 999999 };

/* "a0", "reader:12": the length of the name, and the page, which is more than PAGE_MOST if it has too many
 * digits. */
static size_t split_page(const char *text, u32 *page)
{
	size_t letters = strlen(text);

	while (letters && g_ascii_isdigit(text[letters - 1]))
		letters--;
	*page = (u32)MIN(g_ascii_strtoull(text + letters, NULL, 10), UINT32_MAX);
	return text[letters - 1] == ':' ? letters - 1 : letters;
}

static bool is_name(const char *name, const char *text, size_t letters, bool any_case)
{
	return name && strlen(name) == letters &&
	       !(any_case ? g_ascii_strncasecmp(name, text, letters) : strncmp(name, text, letters));
}

/* Whether a name means the process of a task: the process itself, the task, the task in other letters; the
 * first of these that is anybody's. */
static bool names_process_of(const struct scenario_spec *spec, const struct task_spec *task, const char *text,
			     size_t letters)
{
	for (u32 i = 0; i < spec->n_processes; i++)
		if (is_name(spec->processes[i].name, text, letters, false))
			return is_name(task->process, text, letters, false);
	for (u32 any_case = 0; any_case < 2; any_case++)
		for (u32 i = 0; i < spec->n_tasks; i++)
			if (is_name(spec->tasks[i].name, text, letters, any_case))
				return &spec->tasks[i] == task ||
				       (task->process && spec->tasks[i].process &&
					!strcmp(task->process, spec->tasks[i].process));
	return false;
}

/* What a raw write does to other devices is not modelled. */
static bool resolve_device(const struct scenario_spec *spec, const struct do_spec *d,
			   const struct scenario_place *place, const char *key, struct script_step *step,
			   GError **error)
{
	if (!scenario_find_device(spec, place, key, d->device, &step->device, error))
		return false;
	return d->operation != SCRIPT_DEVICE_WRITE ||
	       g_str_has_prefix(spec->swap[step->device].device, "zram") ||
	       scenario_wrong(place, error, key, "device %s is no zram device (expected one that is)",
			      d->device);
}

static const struct task_spec *task_named(const struct scenario_spec *spec, const char *name)
{
	for (u32 i = 0; i < spec->n_tasks; i++)
		if (!strcmp(spec->tasks[i].name, name))
			return &spec->tasks[i];
	return NULL;
}

/* Its own memory, or that of whom it is forked from. */
static bool is_of_shared_memory(const struct scenario_spec *spec, const struct task_spec *task)
{
	while (task->fork_of)
		task = task_named(spec, task->fork_of);
	for (u32 i = 0; task->process && i < spec->n_processes; i++)
		if (!strcmp(spec->processes[i].name, task->process))
			return spec->processes[i].memory.shares;
	return task->memory.shares;
}

static bool find_page(const struct scenario_spec *spec, const struct task_spec *task, const char *text,
		      const struct scenario_place *place, const char *key, u32 *page, GError **error)
{
	size_t letters = split_page(text, page);

	if (*page > PAGE_MOST)
		return scenario_wrong(place, error, key, "\"%s\" is out of range (expected page 0..%u)", text,
				      PAGE_MOST);
	return names_process_of(spec, task, text, letters) ||
	       scenario_wrong(place, error, key,
			      "\"%s\" is no page of task %s's process (expected \"%s0\" and so on)", text,
			      task->name, task->process ? task->process : task->name);
}

/* What is done with either private or shared memory only. */
static bool check_memory(const struct scenario_spec *spec, const struct task_spec *task,
			 const struct do_spec *d, const struct scenario_place *place, const char *key,
			 GError **error)
{
	bool shared = is_of_shared_memory(spec, task);

	if (d->operation == SCRIPT_TRUNCATE && !shared)
		return scenario_wrong(place, error, key,
				      "\"%s\" is a page of task %s's own (expected one that \"shares\")",
				      d->page, task->name);
	if (d->operation == SCRIPT_UFFD_MOVE && shared)
		return scenario_wrong(place, error, key,
				      "\"%s\" is a page of shared memory (expected one of task %s's own)",
				      d->page, task->name);
	return true;
}

static bool resolve_page(const struct scenario_spec *spec, const struct task_spec *task,
			 const struct do_spec *d, const struct scenario_place *place, const char *key,
			 struct script_step *step, GError **error)
{
	step->operation = d->operation;
	step->pages = d->pages;
	if (d->device)
		return resolve_device(spec, d, place, key, step, error);
	if (!d->page)
		return true;
	return find_page(spec, task, d->page, place, key, &step->page, error) &&
	       check_memory(spec, task, d, place, key, error);
}

static bool resolve_to(const struct scenario *s, u32 task, const struct do_spec *d,
		       const struct scenario_place *place, const char *before, u32 *to, GError **error)
{
	char *key = g_strdup_printf("%sto", before);
	bool ok = find_page(&s->spec, &s->spec.tasks[task], d->to, place, key, to, error);

	g_free(key);
	return ok;
}

/* @before: of the keys, where it stands. */
static bool resolve_step(const struct scenario *s, u32 task, const struct do_spec *d,
			 const struct scenario_place *place, const char *before, struct script_step *step,
			 GError **error)
{
	char *key = g_strdup_printf("%s%s", before, d->child ? "child" : d->device ? "device" : "page");
	bool ok = resolve_page(&s->spec, &s->spec.tasks[task], d, place, key, step, error) &&
		  (!d->child || scenario_resolve_child(s, task, d, place, key, &step->child, error)) &&
		  (!d->to || resolve_to(s, task, d, place, before, &step->to, error));

	g_free(key);
	return ok;
}

static struct script *script_new(const struct scenario_spec *spec, u32 task)
{
	struct script *script = g_new0(struct script, 1);
	u32 setup = 0;

	for (u32 i = 0; i < spec->n_setup; i++)
		setup += !strcmp(spec->setup[i].task, spec->tasks[task].name);
	script->setup_steps = setup;
	script->steps = setup + spec->tasks[task].n_script;
	script->turns = spec->n_setup;
	script->step = g_new0(struct script_step, script->steps + 1);
	return script;
}

/* Where the next operation of a script goes while it is made. */
static struct script_step *place_in(struct script *script, u32 i)
{
	return (struct script_step *)&script->step[i];
}

static bool resolve_script(struct scenario *s, u32 task, const struct json_doc *doc, GError **error)
{
	const struct scenario_spec *spec = &s->spec;
	struct script *script = script_new(spec, task);
	const struct scenario_place there = { doc, "tasks", task };
	u32 n = 0;
	bool ok = true;

	s->work[task].script = script;
	for (u32 i = 0; ok && i < spec->n_setup; i++) {
		const struct scenario_place place = { doc, "setup", i };

		if (strcmp(spec->setup[i].task, spec->tasks[task].name))
			continue;
		ok = resolve_step(s, task, &spec->setup[i], &place, "", place_in(script, n), error) &&
		     scenario_check_setup_of_child(s, i, task, &place, error);
		place_in(script, n++)->turn = i;
	}
	for (u32 i = 0; ok && i < spec->tasks[task].n_script; i++) {
		char *key = g_strdup_printf("do[%u].", i);

		ok = resolve_step(s, task, &spec->tasks[task].script[i], &there, key, place_in(script, n++),
				  error);
		g_free(key);
	}
	s->work[task].pages = 1;
	for (u32 i = 0; ok && i < n; i++)
		s->work[task].pages = MAX(s->work[task].pages, MAX(script->step[i].page, script->step[i].to) +
								   script->step[i].pages);
	return ok;
}

bool scenario_moves_pages(const struct scenario *s)
{
	for (u32 i = 0; i < s->spec.n_tasks; i++)
		for (u32 n = 0; s->work[i].script && n < s->work[i].script->steps; n++)
			if (s->work[i].script->step[n].operation == SCRIPT_UFFD_MOVE)
				return true;
	return false;
}

static bool resolve_setup_tasks(const struct scenario *s, const struct json_doc *doc, GError **error)
{
	for (u32 i = 0; i < s->spec.n_setup; i++) {
		const struct scenario_place place = { doc, "setup", i };
		u32 task = scenario_find_task(s, &place, "task", s->spec.setup[i].task, error);

		if (task == SCENARIO_NO_TASK)
			return false;
		if (!s->spec.tasks[task].script)
			return scenario_wrong(
			    &place, error, "task",
			    "has no \"do\", so nothing can be set up by it (expected a task "
			    "that has)");
	}
	return true;
}

bool scenario_resolve_scripts(struct scenario *s, const struct json_doc *doc, GError **error)
{
	if (!resolve_setup_tasks(s, doc, error))
		return false;
	for (u32 i = 0; i < s->spec.n_tasks; i++)
		if (s->spec.tasks[i].script && !resolve_script(s, i, doc, error))
			return false;
	return true;
}

void scenario_script_free(struct script *script)
{
	if (!script)
		return;
	g_free((void *)script->step);
	g_free(script);
}
