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

bool invariants_hold_still(struct machine *m, bool (*holds)(struct machine *m, GString *why), u32 changed,
			   u8 *excused)
{
	bool held;

	m->unchanged = ~changed;
	m->was_excused = *excused;
	m->excused = 0;
	held = holds(m, NULL);
	*excused = m->excused;
	m->unchanged = 0;
	m->was_excused = 0;
	return held;
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
