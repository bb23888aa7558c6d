/*
 * frontier.h - what a search has found and not looked at yet, cheapest first.
 *
 * Cost is the number of decisions against what usually happens, then switches between tasks, then steps. What
 * one step leads to costs at least as much as where it began, and one step more; so whoever is popped has no
 * cheaper way left.
 */
#ifndef SIM_FRONTIER_H
#define SIM_FRONTIER_H

#include <glib.h>

#include "sim/types.h"

struct rank {
	u32 unusual; /* preemptions and choices */
	u32 switches;
	u32 steps;
};

struct frontier {
	GPtrArray *layer; /* [unusual][switches][steps] of numbers */
	struct rank at;
	u64 waiting;
};

void frontier_init(struct frontier *f);
void frontier_release(struct frontier *f);
void frontier_push(struct frontier *f, const struct rank *rank, u32 number);
/* False: there is nothing. */
bool frontier_pop(struct frontier *f, u32 *number);

static inline bool rank_below(const struct rank *a, const struct rank *b)
{
	if (a->unusual != b->unusual)
		return a->unusual < b->unusual;
	return a->switches != b->switches ? a->switches < b->switches : a->steps < b->steps;
}

#endif
