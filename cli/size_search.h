/*
 * size_search.h - the smallest of n values from which on something holds, asked of as few values as possible.
 *
 * By halving, then the neighbours of the answer, two on either side: what is searched need not be monotone,
 * and often is not quite. The answer is the least value such that it and every larger one that was tried
 * hold.
 */
#ifndef CLI_SIZE_SEARCH_H
#define CLI_SIZE_SEARCH_H

#include "sim/types.h"

enum size_state { SIZE_UNTRIED, SIZE_HOLDS, SIZE_FAILS };

struct size_search {
	u32 n;
	enum size_state *state; /* [n] */
};

void size_search_init(struct size_search *s, u32 n); /* n is not 0 */
void size_search_release(struct size_search *s);

/* What to try next, and then to set the state of; false when there is an answer, or surely none. */
bool size_search_next(const struct size_search *s, u32 *value);
/* False: there is none, the largest does not hold. */
bool size_search_answer(const struct size_search *s, u32 *value);
/* Of the values below the answer, one that holds although a larger one does not; false when there is none. */
bool size_search_hole(const struct size_search *s, u32 *holds, u32 *fails);

#endif
