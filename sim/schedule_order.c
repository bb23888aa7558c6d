/*
 * Constraints that contradict one another whatever happens: a circle of what has to come before what, two
 * answers to one question.
 */
#include <string.h>

#include "sim/schedule_run.h"

/* What has to have happened before what, by one constraint or because a task does one thing after the other.
 */
static bool comes_first(const struct constraint *c)
{
	return c->kind == CONSTRAINT_ORDER || c->kind == CONSTRAINT_PARK;
}

static bool is_same_place(const struct stretch *a, const struct stretch *b)
{
	return a->path == b->path && a->from == b->from && a->to == b->to && a->window == b->window;
}

/* Whether what @c lets go on is needed for what @other waits for. */
static bool leads_to(const struct constraint *c, const struct constraint *other)
{
	const struct milestone *second = &c->at, *first = &other->until;

	if (second->task != first->task)
		return false;
	if (!is_same_place(&second->at, &first->at) || MAX(second->nth, 1) > first->nth)
		return false;
	return first->kind == MILESTONE_DONE || MAX(second->nth, 1) < first->nth;
}

/* Depth first from @i; true: it comes back to @target, and @cycle holds the way. */
static bool find_cycle(const struct schedule *s, u32 i, u32 target, GArray *cycle)
{
	for (u32 seen = 0; seen < cycle->len; seen++)
		if (g_array_index(cycle, u32, seen) == i)
			return false;
	g_array_append_val(cycle, i);
	for (u32 j = 0; j < s->constraints; j++) {
		if (!comes_first(&s->constraint[j]) || !leads_to(&s->constraint[i], &s->constraint[j]))
			continue;
		if (j == target || find_cycle(s, j, target, cycle))
			return true;
	}
	g_array_set_size(cycle, cycle->len - 1);
	return false;
}

static char *describe_cycle(const struct schedule *s, const struct machine *m, const GArray *cycle)
{
	GString *text = g_string_new("contradicts ");

	g_string_append(text, cycle->len == 1 ? "itself: " : "what else is asked for: ");
	for (u32 n = 0; n < cycle->len; n++) {
		const struct constraint *c = &s->constraint[g_array_index(cycle, u32, n)];
		char *place = stretch_name(m, &c->at.at);

		g_string_append_printf(text, "%s%s leaves %s only when ", n ? ", " : "",
				       s->task_name[c->at.task], place);
		milestone_describe(s, m, &c->until, text);
		g_free(place);
	}
	return g_string_free(text, FALSE);
}

/* Two answers to the same question. The one of every time and the one of a certain time are an answer and an
 * exception. */
static char *find_two_answers(const struct schedule *s, u32 *constraint)
{
	for (*constraint = 0; *constraint < s->constraints; ++*constraint)
		for (u32 i = 0; i < *constraint; i++) {
			const struct constraint *c = &s->constraint[*constraint], *before = &s->constraint[i];

			if (c->kind == CONSTRAINT_CHOOSE && before->kind == CONSTRAINT_CHOOSE &&
			    c->choice == before->choice && c->task == before->task && c->nth == before->nth &&
			    c->value != before->value)
				return g_strdup_printf("contradicts schedule[%u], which chooses something "
						       "else for the same %s of %s",
						       i, s->choice_name[c->choice], s->task_name[c->task]);
		}
	return NULL;
}

char *schedule_contradiction(const struct schedule *s, const struct machine *m, u32 *constraint)
{
	char *text = find_two_answers(s, constraint);
	GArray *cycle;

	if (text)
		return text;
	cycle = g_array_new(FALSE, FALSE, sizeof(u32));
	for (u32 i = 0; i < s->constraints && !text; i++)
		if (comes_first(&s->constraint[i]) && find_cycle(s, i, i, cycle))
			text = describe_cycle(s, m, cycle), *constraint = i;
	g_array_free(cycle, TRUE);
	return text;
}
