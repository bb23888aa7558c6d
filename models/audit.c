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

static bool hold(struct machine *m, const struct audit *audits, bool at_rest, GString *why)
{
	for (; audits->what.name; audits++) {
		if (audits->at_rest && !at_rest)
			continue;
		if (!audits->what.holds(m, why)) {
			g_string_prepend(why, ": ");
			g_string_prepend(why, audits->what.name);
			return false;
		}
	}
	return true;
}

char *audit(struct kernel *k)
{
	struct machine *m = &k->machine;
	GString *why = g_string_new(NULL);
	bool at_rest = audit_is_at_rest(m);
	bool ok = hold(m, audits_of_swap, at_rest, why) && hold(m, audits_of_zswap, at_rest, why) &&
		  hold(m, audits_of_mm, at_rest, why);

	return g_string_free(why, ok);
}
