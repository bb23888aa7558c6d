#include "sim/explore_tell.h"

#include <string.h>

#include "sim/schedule_run.h"

static void explain_places(struct machine *m, u32 tasks, enum explore_verdict verdict, GString *why)
{
	const struct schedule none = { .tasks = m->task_name ? tasks : 0, .task_name = m->task_name };
	struct schedule_run r;

	schedule_run_init(&r, m, &none, 0);
	if (verdict == EXPLORE_DEADLOCK)
		schedule_explain_stuck(&r, r.why);
	else
		schedule_explain_places(&r, r.why);
	g_string_append(why, verdict == EXPLORE_DEADLOCK
				 ? "progress: nobody can go on: "
				 : "progress: from here on they never all come to an end: ");
	g_string_append(why, r.why->str);
	schedule_run_release(&r);
}

GString *explore_explain(struct machine *m, holds_fn *holds, u32 tasks, enum explore_verdict verdict)
{
	GString *why = g_string_new(NULL);

	if (verdict != EXPLORE_VIOLATION)
		explain_places(m, tasks, verdict, why);
	else if (m->failure)
		g_string_assign(why, m->failure->message);
	else
		holds(m, why);
	if (!strstr(why->str, ": "))
		g_string_prepend(why, "failure: ");
	return why;
}

char *explore_key(struct machine *m, GString *why, struct next last)
{
	GString *key = g_string_new(NULL);
	char step[128];

	for (const char *c = why->str; *c; c++)
		if (!g_ascii_isdigit(*c))
			g_string_append_c(key, *c);
	if (last.kind == NEXT_STEP)
		g_string_append_printf(key, " at %s",
				       machine_step_name(m, &m->task[last.number], 0, step, sizeof step));
	g_string_free(why, TRUE);
	return g_string_free(key, FALSE);
}

void explore_tell(struct machine *m, holds_fn *holds, u32 tasks, struct explore_result *r)
{
	GString *why = explore_explain(m, holds, tasks, r->verdict);
	char *colon = strstr(why->str, ": ");

	r->invariant = g_strndup(why->str, (gsize)(colon - why->str));
	r->reason = g_strdup(colon + 2);
	if (r->key || !r->decisions)
		g_string_free(why, TRUE);
	else
		r->key = explore_key(m, why, r->decision[r->decisions - 1].next);
	g_clear_error(&m->failure);
	m->stopped = false;
}
