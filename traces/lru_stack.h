/*
 * lru_stack.h - LRU misses at several capacities in one pass, each access in constant time: one list in order
 * of last use, cut into zones at the capacities. A page knows its zone; moving it to the front pushes one
 * page over each cut before its old place.
 */
#ifndef TRACES_LRU_STACK_H
#define TRACES_LRU_STACK_H

#include "sim/types.h"

#define LRU_CAPACITIES_MAX 8

struct lru_stack {
	u32 *newer; /* per page: neighbour in the list as page + 1, 0 = none */
	u32 *older;
	u8 *zone; /* per page: 0 = not seen yet, 1 = within the first capacity, ... */
	u32 newest;
	u32 pages; /* there is room for */
	u32 zones; /* as many as capacities, and one more for what is beyond the last */
	u32 width[LRU_CAPACITIES_MAX + 2];  /* pages that fit in zone z */
	u32 filled[LRU_CAPACITIES_MAX + 2]; /* and are in it */
	u32 last[LRU_CAPACITIES_MAX + 2];   /* the oldest in it as page + 1 */
	u64 misses[LRU_CAPACITIES_MAX];	    /* the result, first touches included */
};

/* capacity[] ascends and may repeat. False if there is no memory for that many pages. */
bool lru_stack_init(struct lru_stack *stack, u32 pages, const u32 *capacity, u32 n);
void lru_stack_release(struct lru_stack *stack);
/* Room for more pages than before. */
void lru_stack_grow(struct lru_stack *stack, u32 pages);
void lru_stack_access(struct lru_stack *stack, u32 page);
/* The page is not there any more, as if it had never been seen. */
void lru_stack_drop(struct lru_stack *stack, u32 page);

/* Whether the page is among the capacity[0] most recently used. */
static inline bool lru_stack_has_on_top(const struct lru_stack *stack, u32 page)
{
	return stack->zone[page + 1] == 1;
}

static inline bool lru_stack_has(const struct lru_stack *stack, u32 page)
{
	return stack->zone[page + 1];
}

#endif
