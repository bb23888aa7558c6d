/*
 * turn_wheel.h - the turns of the next few microseconds, a place for each nanosecond: with dozens of CPUs a
 * turn is most often due that soon, and to find the next one is to look for a bit.
 *
 * Time goes on: nothing is put in before what was taken out last. Turns that are due at one time stand behind
 * one another in their order.
 */
#ifndef SIM_TURN_WHEEL_H
#define SIM_TURN_WHEEL_H

#include "sim/event_queue.h"

enum { TURN_WHEEL_NS = 4096, TURN_WHEEL_WORDS = TURN_WHEEL_NS / 64 };

struct turn_wheel {
	u64 from;		    /* nothing is due before */
	u64 next;		    /* when the first is; TIME_NEVER: there is none */
	u64 words;		    /* bits: of `some`, which are not 0 */
	u64 some[TURN_WHEEL_WORDS]; /* bits: places that are not empty */
	u16 first[TURN_WHEEL_NS];   /* CPU + 1 */
	u16 behind[];		    /* [CPU] CPU + 1 */
};

_Static_assert(TURN_WHEEL_WORDS == 64, "the words are bits of one");

/* Of 64 bits. */
static inline u32 turn_wheel_elements(u32 cpus)
{
	return (u32)((sizeof(struct turn_wheel) + cpus * sizeof(u16) + 7) / 8);
}

static inline void turn_wheel_clear(struct turn_wheel *w)
{
	*w = (struct turn_wheel){ .from = w->from, .next = TIME_NEVER };
}

static inline bool turn_wheel_reaches(const struct turn_wheel *w, u64 time)
{
	return time - w->from < TURN_WHEEL_NS;
}

/* @order: [CPU] of those that are pending. */
static inline void turn_wheel_put(struct turn_wheel *w, u32 cpu, u64 time, const u64 *order)
{
	u32 n = time % TURN_WHEEL_NS;
	u16 *place = &w->first[n];

	while (*place && order[*place - 1] < order[cpu])
		place = &w->behind[*place - 1];
	w->behind[cpu] = *place;
	*place = cpu + 1;
	w->some[n / 64] |= UINT64_C(1) << n % 64;
	w->words |= UINT64_C(1) << n / 64;
	if (time < w->next)
		w->next = time;
}

/* In the words behind that of @w->from; what is before it in its own comes last. */
static inline u64 turn_wheel_find(const struct turn_wheel *w)
{
	u32 word = (w->from / 64 + 1) % TURN_WHEEL_WORDS, past;
	u64 words = w->words >> word | w->words << (64 - word) % 64;

	if (!words)
		return TIME_NEVER;
	past = (u32)__builtin_ctzll(words);
	return (w->from / 64 + 1 + past) * 64 +
	       (u32)__builtin_ctzll(w->some[(word + past) % TURN_WHEEL_WORDS]);
}

/* Takes the first out. */
static inline void turn_wheel_take(struct turn_wheel *w)
{
	u32 n = w->next % TURN_WHEEL_NS;
	u64 *some = &w->some[n / 64], bit = UINT64_C(1) << n % 64;
	u16 behind = w->behind[w->first[n] - 1];

	w->first[n] = behind;
	w->from = w->next;
	if (behind)
		return;
	*some &= ~bit;
	if (likely(*some & -bit)) {
		w->next = w->from - n % 64 + (u32)__builtin_ctzll(*some & -bit);
		return;
	}
	if (!*some)
		w->words &= ~(UINT64_C(1) << n / 64);
	w->next = turn_wheel_find(w);
}

#endif
