#include "sim/explore_answers.h"

u32 answers_options(u32 n)
{
	return n <= ALTERNATIVES_MOST ? n : 3;
}

u32 answers_value(u32 rank, u32 n, u32 usual)
{
	u32 first = usual < n ? usual : 0;

	if (!rank)
		return first;
	if (n > ALTERNATIVES_MOST && rank == 2)
		return first == n - 1 ? n - 2 : n - 1;
	return rank <= first ? rank - 1 : rank;
}

u32 answers_choose(struct machine *m, u32 kind, u32 actor, u32 n, u32 usual)
{
	struct answers *a = m->driver;
	u32 i = a->asked++;

	(void)kind, (void)actor;
	BUG_ON(i == ANSWERS_MOST);
	if (i >= a->given)
		a->rank[i] = 0;
	a->options[i] = answers_options(n);
	a->few_of_many += a->options[i] < n;
	return answers_value(a->rank[i], n, usual);
}

bool answers_next(struct answers *a)
{
	for (u32 i = a->asked; i--;)
		if (a->rank[i] + 1 < a->options[i]) {
			a->rank[i]++;
			a->given = i + 1;
			a->asked = 0;
			return true;
		}
	return false;
}

u32 answers_unusual(const struct answers *a)
{
	u32 n = 0;

	for (u32 i = 0; i < a->asked; i++)
		n += a->rank[i] > 0;
	return n;
}

u32 answers_number(const struct answers *a)
{
	u64 number = 0, radix = 1;

	for (u32 i = 0; i < a->asked; i++) {
		number += a->rank[i] * radix;
		radix *= a->options[i];
	}
	BUG_ON(number > UINT32_MAX);
	return (u32)number;
}
