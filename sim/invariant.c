#include "sim/invariant.h"

#include "sim/object.h"

bool invariants_hold(struct machine *m, GString *why)
{
	for (u32 i = 0; m->invariant && m->invariant[i]; i++) {
		m->violated = 0;
		if (m->invariant[i]->holds(m, NULL))
			continue;
		if (why) {
			g_string_printf(why, "%s: ", m->invariant[i]->name);
			m->invariant[i]->holds(m, why);
		}
		return false;
	}
	return true;
}

bool invariant_fails(struct machine *m, const void *object, GString *why, const char *format, ...)
{
	va_list args;

	m->violated = object_place(m, object);
	if (!why)
		return false;
	va_start(args, format);
	g_string_append_vprintf(why, format, args);
	va_end(args);
	return false;
}
