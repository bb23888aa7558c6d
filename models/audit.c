#include "models/audit.h"

#include "models/run.h"

bool audit_fails(GString *why, const char *format, ...)
{
	va_list args;

	if (!why)
		return false;
	va_start(args, format);
	g_string_append_vprintf(why, format, args);
	va_end(args);
	return false;
}

/* The program's own frame is the first on a task's stack. */
bool audit_is_at_rest(const struct machine *m)
{
	for (u32 i = 0; i < m->tasks; i++)
		if (m->task[i].state != TASK_DONE && m->task[i].frame)
			return false;
	return true;
}

static bool hold(struct machine *m, const struct audit *audits, enum audit_when when, GString *why)
{
	for (; audits->what.name; audits++) {
		if (audits->when > when || audits->what.holds(m, why))
			continue;
		if (why) {
			g_string_prepend(why, ": ");
			g_string_prepend(why, audits->what.name);
		}
		return false;
	}
	return true;
}

static bool all_hold(struct machine *m, enum audit_when when, GString *why)
{
	return hold(m, audits_of_swap, when, why) && hold(m, audits_of_zswap, when, why) &&
	       hold(m, audits_of_mm, when, why);
}

bool audit_state(struct kernel *k, GString *why)
{
	return all_hold(&k->machine, AUDIT_AT_REST, why);
}

char *audit(struct kernel *k)
{
	GString *why = g_string_new(NULL);
	bool ok =
	    all_hold(&k->machine, audit_is_at_rest(&k->machine) ? AUDIT_AFTER_RUN : AUDIT_ANY_TIME, why);

	return g_string_free(why, ok);
}
