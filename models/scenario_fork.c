/*
 * Tasks whose process is forked from that of another: who is whose parent, and what they share.
 */
#include <string.h>

#include "models/scenario_parts.h"

/* Its number + 1, 0 for none; one that comes later is none, so that nobody is his own ancestor. */
static bool resolve_parent(struct scenario *s, u32 i, const struct json_doc *doc, GError **error)
{
	const struct scenario_place place = { doc, "tasks", i };
	const struct task_spec *t = &s->spec.tasks[i];
	u32 parent;

	if (!t->fork_of)
		return true;
	parent = scenario_find_task(s, &place, "fork_of", t->fork_of, error);
	if (parent == SCENARIO_NO_TASK)
		return false;
	if (parent >= i)
		return scenario_wrong(&place, error, "fork_of",
				      "is not before this task (expected one that stands before it)");
	if (s->spec.tasks[parent].count > 1)
		return scenario_wrong(&place, error, "fork_of",
				      "has several threads (expected a task without \"count\")");
	if (!t->script != !s->spec.tasks[parent].script)
		return scenario_wrong(&place, error, "fork_of",
				      "one has \"do\", the other a workload (expected the same of both)");
	s->work[i].fork_of = parent + 1;
	if (!t->cgroup)
		s->work[i].memcg = s->work[parent].memcg;
	return true;
}

bool scenario_resolve_parents(struct scenario *s, const struct json_doc *doc, GError **error)
{
	for (u32 i = 0; i < s->spec.n_tasks; i++)
		if (!resolve_parent(s, i, doc, error))
			return false;
	return true;
}

static u32 first_thread_of(const struct scenario *s, u32 task)
{
	for (u32 i = 0; i < s->thread->len; i++)
		if (scenario_thread(s, i)->task == task)
			return i;
	g_assert_not_reached();
}

static bool has_files(const struct scenario *s, const struct scenario_process *p)
{
	const struct workload_spec *load = s->spec.tasks[p->task].workload;

	return (load && load->build) || p->memory->backing != BACKING_ANON ||
	       (p->trace && p->trace->header.file_pages_count);
}

/* A child has its parent's pages, and its parent's only. */
static bool share(struct scenario *s, struct scenario_thread *thread, const struct json_doc *doc,
		  GError **error)
{
	const struct scenario_place place = { doc, "tasks", thread->task };
	struct scenario_process *child = scenario_process(s, thread->process), *parent;

	thread->fork_by = first_thread_of(s, s->work[thread->task].fork_of - 1) + 1;
	child->fork_of = scenario_thread(s, thread->fork_by - 1)->process + 1;
	parent = scenario_process(s, child->fork_of - 1);
	if (has_files(s, parent) || has_files(s, child))
		return scenario_wrong(&place, error, "fork_of",
				      "there are pages of files in it (expected anonymous memory only)");
	if (child->shared && child->shared != parent->shared)
		return scenario_wrong(&place, error, "shares",
				      "is not what its parent has (expected none, or the same)");
	if (child->pages > parent->pages)
		return scenario_wrong(&place, error, "workload",
				      "works on %u pages, and its parent has %u (expected no more)",
				      child->pages, parent->pages);
	child->pages = parent->pages;
	child->shared = parent->shared;
	return true;
}

/* What operations name is there. */
static void make_room(struct scenario *s, const struct scenario_thread *thread)
{
	const struct scenario_process *child = scenario_process(s, thread->process);
	u32 by = first_thread_of(s, s->work[thread->task].fork_of - 1);
	struct scenario_process *parent = scenario_process(s, scenario_thread(s, by)->process);

	if (!parent->shared)
		parent->pages = MAX(parent->pages, child->pages);
}

bool scenario_resolve_families(struct scenario *s, const struct json_doc *doc, GError **error)
{
	for (u32 i = s->thread->len; i--;) {
		const struct scenario_thread *thread = scenario_thread(s, i);

		if (s->work[thread->task].fork_of && s->spec.tasks[thread->task].script)
			make_room(s, thread);
	}
	for (u32 i = 0; i < s->thread->len; i++) {
		struct scenario_thread *thread = scenario_thread(s, i);

		if (s->work[thread->task].fork_of && !share(s, thread, doc, error))
			return false;
	}
	return true;
}

const struct scenario_process *scenario_oldest(const struct scenario *s, const struct scenario_process *p)
{
	while (p->fork_of)
		p = scenario_process(s, p->fork_of - 1);
	return p;
}

/* ---- "do" ---- */

static bool setup_waits_for_fork(const struct scenario *s, u32 setup)
{
	const struct scenario_spec *spec = &s->spec;

	for (u32 i = 0; i < setup; i++)
		if (spec->setup[i].child && !strcmp(spec->setup[i].child, spec->setup[setup].task))
			return false;
	return true;
}

bool scenario_check_setup_of_child(const struct scenario *s, u32 setup, u32 task,
				   const struct scenario_place *place, GError **error)
{
	return !s->work[task].fork_of || !setup_waits_for_fork(s, setup) ||
	       scenario_wrong(place, error, "task",
			      "is not forked yet (expected {\"op\": \"fork\", \"child\": \"%s\"} before)",
			      s->spec.tasks[task].name);
}

/* How often a task with "do" forks the other. */
static u32 forks_of(const struct scenario_spec *spec, const struct task_spec *parent, const char *child)
{
	u32 n = 0;

	for (u32 i = 0; i < parent->n_script; i++)
		n += parent->script[i].child && !strcmp(parent->script[i].child, child);
	for (u32 i = 0; i < spec->n_setup; i++)
		n += spec->setup[i].child && !strcmp(spec->setup[i].child, child);
	return n;
}

bool scenario_resolve_child(const struct scenario *s, u32 task, const struct do_spec *d,
			    const struct scenario_place *place, const char *key, u32 *thread, GError **error)
{
	u32 child = scenario_find_task(s, place, key, d->child, error);

	if (child == SCENARIO_NO_TASK)
		return false;
	if (s->work[child].fork_of != task + 1)
		return scenario_wrong(place, error, key,
				      "is not forked by %s (expected a task with \"fork_of\": \"%s\")",
				      s->spec.tasks[task].name, s->spec.tasks[task].name);
	if (forks_of(&s->spec, &s->spec.tasks[task], d->child) > 1)
		return scenario_wrong(place, error, key, "is forked twice (expected once)");
	*thread = child; /* tasks with "do" are one thread each */
	for (u32 i = 0; i < child; i++)
		*thread += s->spec.tasks[i].count - 1;
	return true;
}
