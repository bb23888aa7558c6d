#include "sim/invariant.h"

bool invariants_hold(struct machine *m, GString *why)
{
	for (u32 i = 0; m->invariant && m->invariant[i]; i++) {
		GString *sentence = g_string_new(NULL);
		bool holds = m->invariant[i]->holds(m, sentence);

		if (!holds && why)
			g_string_printf(why, "%s: %s", m->invariant[i]->name, sentence->str);
		g_string_free(sentence, TRUE);
		if (!holds)
			return false;
	}
	return true;
}
