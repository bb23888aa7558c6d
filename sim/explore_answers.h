/*
 * explore_answers.h - inside the search: the answers to what is asked in one step, all of them in turn.
 *
 * Alternatives have ranks: 0 is the usual one, or the first where there is none; then the others by number.
 * Of very many only the first two ranks and the last are tried.
 */
#ifndef SIM_EXPLORE_ANSWERS_H
#define SIM_EXPLORE_ANSWERS_H

#include "sim/machine.h"

enum { ANSWERS_MOST = 16, ALTERNATIVES_MOST = 64 };

struct answers {
	u32 given;		   /* answers that are prescribed */
	u32 asked;		   /* so far in this step */
	u32 rank[ANSWERS_MOST];	   /* of each */
	u32 options[ANSWERS_MOST]; /* how many ranks it has */
	u32 few_of_many;
};

u32 answers_options(u32 n);
u32 answers_value(u32 rank, u32 n, u32 usual);

/* All usual, to begin with. */
static inline void answers_first(struct answers *a)
{
	a->given = a->asked = 0;
}
/* The same as in the step before. */
static inline void answers_again(struct answers *a)
{
	a->given = a->asked;
	a->asked = 0;
}
/* machine.choose, with @a in machine.driver. */
u32 answers_choose(struct machine *m, u32 kind, u32 actor, u32 n, u32 usual);
/* The next combination after a step; false: that was the last. */
bool answers_next(struct answers *a);
u32 answers_unusual(const struct answers *a);
/* In the mixed radix of struct decision. */
u32 answers_number(const struct answers *a);

#endif
