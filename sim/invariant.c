#include "sim/invariant.h"

#include "sim/object.h"

bool invariants_hold(struct machine *m, GString *why)
{
	for (u32 i = 0; m->invariant && m->invariant[i]; i++) {
		GString *sentence = g_string_new(NULL);
		bool holds;

		m->violated = 0;
		holds = m->invariant[i]->holds(m, sentence);
		if (!holds && why)
			g_string_printf(why, "%s: %s", m->invariant[i]->name, sentence->str);
		g_string_free(sentence, TRUE);
		if (!holds)
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
