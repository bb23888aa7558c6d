/*
 * What the names of a schedule mean.
 */
#include <stdarg.h>
#include <string.h>

#include "models/race.h"
#include "models/release.h"
#include "models/scenario_parts.h"
#include "models/choices.h"
#include "sim/error.h"
#include "sim/schedule.h"
#include "sim/suggest.h"

struct resolving {
	struct scenario *s;
	const struct machine *m;
	struct scenario_place place;
	struct constraint *c;
};

u32 scenario_find_task(const struct scenario *s, const struct scenario_place *place, const char *key,
		       const char *name, GError **error)
{
	const char **names = g_new0(const char *, s->spec.n_tasks + 1);
	const char *near;
	char *all;

	for (u32 i = 0; i < s->spec.n_tasks; i++) {
		names[i] = s->spec.tasks[i].name;
		if (strcmp(name, names[i]))
			continue;
		g_free(names);
		return i;
	}
	near = suggest(name, names);
	all = g_strjoinv(", ", (char **)names);
	scenario_wrong(place, error, key, "there is no task \"%s\" (%s%s%s)", name,
		       near ? "did you mean \"" : "expected one of ", near ? near : all, near ? "\"?" : "");
	g_free(all);
	g_free(names);
	return SCENARIO_NO_TASK;
}

/* Threads and tasks are numbered alike only where each task is one thread. */
static bool find_thread(struct resolving *r, const char *key, const char *name, u32 *thread, GError **error)
{
	u32 task = scenario_find_task(r->s, &r->place, key, name, error);

	if (task == SCENARIO_NO_TASK)
		return false;
	if (r->s->spec.tasks[task].count > 1)
		return scenario_wrong(&r->place, error, key, "task %s is %u threads (expected a task of one)",
				      name, r->s->spec.tasks[task].count);
	for (*thread = 0; scenario_thread(r->s, *thread)->task != task;)
		(*thread)++;
	return true;
}

static bool find_place(struct resolving *r, const char *key, const char *name, struct stretch *at,
		       GError **error)
{
	GError *wrong = NULL;

	if (stretch_find(r->m, name, at, &wrong))
		return true;
	scenario_wrong(&r->place, error, key, "%s", wrong->message);
	g_error_free(wrong);
	return false;
}

static bool find_milestone(struct resolving *r, const char *prefix, const struct until_spec *u,
			   struct milestone *ms, GError **error)
{
	char *task_key = g_strconcat(prefix, ".task", NULL);
	char *place_key = g_strconcat(prefix, u->done ? ".done" : ".reaches", NULL);
	u32 task = 0;
	bool ok = find_thread(r, task_key, u->task, &task, error);

	*ms = (struct milestone){ .nth = u->nth, .kind = u->done ? MILESTONE_DONE : MILESTONE_REACHES };
	if (ok) {
		ms->task = task;
		ok = find_place(r, place_key, u->done ? u->done : u->reaches, &ms->at, error);
	}
	g_free(place_key);
	g_free(task_key);
	return ok;
}

static bool resolve_park(struct resolving *r, const struct park_spec *p, GError **error)
{
	struct constraint *c = r->c;

	c->kind = CONSTRAINT_PARK;
	if (!find_thread(r, "park.task", p->task, &c->task, error) ||
	    !find_place(r, "park.in", p->in, &c->at.at, error) ||
	    !find_milestone(r, "park.until", &p->until, &c->until, error))
		return false;
	c->at.kind = MILESTONE_REACHES;
	c->at.task = c->task;
	c->at.nth = p->nth;
	return c->until.task != c->task ||
	       scenario_wrong(&r->place, error, "park.until.task",
			      "is the one that is parked (expected another task)");
}

static bool resolve_point(struct resolving *r, u32 i, const struct point_spec *p, struct milestone *ms,
			  GError **error)
{
	char *task_key = g_strdup_printf("order[%u].task", i), *at_key = g_strdup_printf("order[%u].at", i);
	u32 task = 0;
	bool ok =
	    find_thread(r, task_key, p->task, &task, error) && find_place(r, at_key, p->at, &ms->at, error);

	g_free(at_key);
	g_free(task_key);
	if (!ok)
		return false;
	ms->task = task;
	ms->nth = p->nth;
	ms->at = stretch_opening(&ms->at);
	ms->kind = i ? MILESTONE_REACHES : MILESTONE_DONE;
	return true;
}

static bool resolve_order(struct resolving *r, const struct point_spec *p, GError **error)
{
	r->c->kind = CONSTRAINT_ORDER;
	return resolve_point(r, 0, &p[0], &r->c->until, error) &&
	       resolve_point(r, 1, &p[1], &r->c->at, error);
}

static bool resolve_switch(struct resolving *r, const struct switch_spec *w, GError **error)
{
	struct constraint *c = r->c;

	c->kind = CONSTRAINT_SWITCH;
	if (!find_thread(r, "switch_before.task", w->task, &c->task, error) ||
	    !find_place(r, "switch_before.at", w->at, &c->at.at, error) ||
	    !find_thread(r, "switch_before.to", w->to, &c->to, error))
		return false;
	c->at.at = stretch_opening(&c->at.at);
	c->at.kind = MILESTONE_REACHES;
	c->at.task = c->task;
	c->at.nth = w->nth;
	return c->to != c->task || scenario_wrong(&r->place, error, "switch_before.to",
						  "is the one that waits (expected another task)");
}

static bool resolve_choose(struct resolving *r, const struct choose_spec *w, GError **error)
{
	GError *wrong = NULL;
	struct constraint *c = r->c;

	c->kind = CONSTRAINT_CHOOSE;
	c->nth = w->nth;
	if (!find_thread(r, "choose.actor", w->actor, &c->task, error))
		return false;
	if (!choice_find(w->kind, &c->choice, &wrong))
		scenario_wrong(&r->place, error, "choose.kind", "%s", wrong->message);
	else if (!choice_value(c->choice, w->value, r->s->spec.machine.cpus, &c->value, &wrong))
		scenario_wrong(&r->place, error, "choose.value", "%s", wrong->message);
	if (!wrong)
		return true;
	g_error_free(wrong);
	return false;
}

static bool resolve_run(struct resolving *r, const struct run_spec *w, GError **error)
{
	r->c->kind = CONSTRAINT_RUN;
	return find_thread(r, "run.task", w->task, &r->c->task, error) &&
	       find_milestone(r, "run.until", &w->until, &r->c->until, error);
}

static bool resolve_constraint(struct resolving *r, const struct schedule_spec *spec, GError **error)
{
	if (spec->park)
		return resolve_park(r, spec->park, error);
	if (spec->order)
		return resolve_order(r, spec->order, error);
	if (spec->switch_before)
		return resolve_switch(r, spec->switch_before, error);
	if (spec->choose)
		return resolve_choose(r, spec->choose, error);
	return resolve_run(r, spec->run, error);
}

static bool is_consistent(struct scenario *s, const struct machine *m, const struct json_doc *doc,
			  GError **error)
{
	struct scenario_place place = { doc, "schedule", 0 };
	char *wrong = schedule_contradiction(&s->schedule, m, &place.index);

	if (wrong)
		scenario_wrong(&place, error, "", "%s", wrong);
	g_free(wrong);
	return !wrong;
}

static bool is_verdict(const struct json_doc *doc, const char *path, const char *value, GError **error)
{
	const char **names = race_verdicts(), *near;
	bool known = g_strv_contains(names, value);

	near = known ? NULL : suggest(value, names);
	if (!known)
		json_doc_error(doc, error, ERROR_SCENARIO, path, "there is no verdict \"%s\" (%s%s%s)", value,
			       near ? "did you mean \""
				    : "expected ok, infeasible or an invariant: swapsim list "
				      "invariants",
			       near ? near : "", near ? "\"?" : "");
	g_free(names);
	return known;
}

static bool expectations_resolve(const struct scenario *s, const struct machine *m,
				 const struct json_doc *doc, GError **error)
{
	(void)m;
	for (u32 i = 0; i < s->spec.n_expect; i++) {
		const struct release *release;
		struct patches patches;
		GError *wrong = NULL;
		char *path = g_strdup_printf("expect.\"%s\"", s->spec.expect[i].key);
		bool good = release_parse(s->spec.expect[i].key, &release, &patches, &wrong);

		if (!good)
			json_doc_error(doc, error, ERROR_SCENARIO, path, "%s", wrong->message);
		g_clear_error(&wrong);
		good = good && is_verdict(doc, path, s->spec.expect[i].value, error);
		g_free(path);
		if (!good)
			return false;
	}
	return true;
}

bool scenario_resolve_schedule(struct scenario *s, const struct machine *m, const struct json_doc *doc,
			       GError **error)
{
	struct resolving r = { .s = s, .m = m, .place = { doc, "schedule", 0 } };
	char **names = g_new0(char *, s->thread->len + 1);

	for (u32 i = 0; i < s->thread->len; i++)
		names[i] = scenario_task_name(s, i);
	s->schedule = (struct schedule){ .tasks = s->thread->len,
					 .task_name = (const char *const *)names,
					 .choice_name = choice_names };
	s->schedule.constraint = g_new0(struct constraint, s->spec.n_schedule + 1);
	for (u32 i = 0; i < s->spec.n_schedule; i++) {
		r.place.index = i;
		r.c = &s->schedule.constraint[i];
		if (!resolve_constraint(&r, &s->spec.schedule[i], error))
			return false;
		s->schedule.constraints++;
	}
	return is_consistent(s, m, doc, error) && expectations_resolve(s, m, doc, error);
}

void scenario_schedule_release(struct scenario *s)
{
	g_strfreev((char **)s->schedule.task_name);
	g_free(s->schedule.constraint);
}
