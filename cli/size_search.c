#include "cli/size_search.h"

#include <glib.h>

enum { NEIGHBOURS = 2 };

void size_search_init(struct size_search *s, u32 n)
{
	BUG_ON(!n);
	*s = (struct size_search){ n, g_new0(enum size_state, n) };
}

void size_search_release(struct size_search *s)
{
	g_free(s->state);
	*s = (struct size_search){ 0 };
}

/* One above the largest value that fails, 0 when none does. */
static u32 above_failures(const struct size_search *s)
{
	u32 i = s->n;

	while (i && s->state[i - 1] != SIZE_FAILS)
		i--;
	return i;
}

/* The least value from @from on that holds; n when there is none. */
static u32 first_that_holds(const struct size_search *s, u32 from)
{
	while (from < s->n && s->state[from] != SIZE_HOLDS)
		from++;
	return from;
}

static bool untried_neighbour(const struct size_search *s, u32 answer, u32 *value)
{
	for (u32 i = 1; i <= NEIGHBOURS; i++) {
		*value = answer + i;
		if (*value < s->n && s->state[*value] == SIZE_UNTRIED)
			return true;
	}
	for (u32 i = 1; i <= NEIGHBOURS + 1 && i <= answer; i++) {
		*value = answer - i;
		if (s->state[*value] == SIZE_UNTRIED)
			return true;
	}
	return false;
}

bool size_search_next(const struct size_search *s, u32 *value)
{
	u32 low, high;

	*value = s->n - 1;
	if (s->state[*value] != SIZE_HOLDS)
		return s->state[*value] == SIZE_UNTRIED;
	*value = 0;
	if (s->state[0] == SIZE_UNTRIED)
		return true;
	low = above_failures(s);
	high = first_that_holds(s, low);
	*value = low + (high - low) / 2;
	return high > low || untried_neighbour(s, high, value);
}

bool size_search_answer(const struct size_search *s, u32 *value)
{
	if (s->state[s->n - 1] != SIZE_HOLDS)
		return false;
	*value = first_that_holds(s, above_failures(s));
	return true;
}

bool size_search_hole(const struct size_search *s, u32 *holds, u32 *fails)
{
	u32 above = above_failures(s);

	if (!above)
		return false;
	*fails = above - 1;
	*holds = first_that_holds(s, 0);
	return *holds < *fails;
}
