#include "sim/blame.h"

enum { STEPS_TOLD = 3, CHANGES_TOLD = 3 };

static bool is_about(const struct recording *r, const struct recorded_change *c)
{
	return r->violated && c->object == r->violated;
}

bool blame_touches(const struct recording *r, u32 step)
{
	const struct recorded_part *changes = &recorded_step(r, step)->changes;

	for (u32 i = changes->from; i < changes->from + changes->n; i++)
		if (is_about(r, recorded_change(r, i)))
			return true;
	return false;
}

/* Nobody changes the same later: the field still is what this made it, or nobody refers to it again. */
static bool is_last_of_its(const struct recording *r, u32 number)
{
	const struct recorded_change *c = recorded_change(r, number);

	for (u32 i = number + 1; i < r->change->len; i++) {
		const struct recorded_change *later = recorded_change(r, i);

		if (later->object == c->object && later->field == c->field &&
		    (c->field || later->step != c->step))
			return false;
	}
	return true;
}

static bool is_told(const struct recording *r, u32 step)
{
	const struct recorded_part *changes = &recorded_step(r, step)->changes;

	for (u32 i = changes->from; i < changes->from + changes->n; i++)
		if (is_about(r, recorded_change(r, i)) && is_last_of_its(r, i))
			return true;
	return false;
}

static void tell_change(const struct recorded_change *c, GString *to)
{
	if (c->field)
		g_string_append_printf(to, "%s%s%s went from %s to %s", c->field, *c->field ? " of " : "",
				       c->name, c->before, c->after);
	else
		g_string_append_printf(to, "%s %s", c->gained ? "it took up" : "it let go of", c->name);
}

/* What the step did to the object; if that is nothing, what it did at all. */
static void tell_step(const struct recording *r, u32 step, GString *to)
{
	const struct recorded_step *s = recorded_step(r, step);
	bool about = blame_touches(r, step);
	u32 told = 0;

	g_string_append_printf(to, "%s step %u %s in %s.%s", to->len ? "; at" : "At", step + 1,
			       s->task ? s->task : "an event", s->path, s->step);
	for (u32 i = s->changes.from; i < s->changes.from + s->changes.n && told < CHANGES_TOLD; i++) {
		const struct recorded_change *c = recorded_change(r, i);

		if (about && !is_about(r, c))
			continue;
		g_string_append(to, told++ ? ", " : ": ");
		tell_change(c, to);
		if (!c->field && !c->gained && is_last_of_its(r, i))
			g_string_append(to, ", and nobody else refers to it");
	}
}

char *blame_sentence(const struct recording *r)
{
	u32 last = r->step->len - 1, told = 0, from = last;
	GString *s;

	if (!r->verdict || !r->step->len)
		return NULL;
	for (u32 i = last; i-- && told < STEPS_TOLD;) {
		if (!is_told(r, i))
			continue;
		from = i;
		told++;
	}
	s = g_string_new(NULL);
	for (u32 i = from; i <= last; i++)
		if (i == last || is_told(r, i))
			tell_step(r, i, s);
	g_string_append_c(s, '.');
	return g_string_free(s, FALSE);
}
