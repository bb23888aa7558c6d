/*
 * turns.h - whose step is next: the pending turns of the CPUs, at most one of each.
 *
 * A winner tree over the CPUs. A turn is keyed as an event (event_queue.h), its task in place of the slab
 * place, so that turns and events are in one order. Most often the CPU whose turn it was gets the next one:
 * then one walk up the tree takes the place of a pop and a push. So turns_take() changes nothing above the
 * leaf, and whoever took a turn has to say turns_settle() before anybody asks what is first.
 */
#ifndef SIM_TURNS_H
#define SIM_TURNS_H

#include "sim/event_queue.h"

struct turns {
	/* 2 * leaves elements each, in the arena: [1] what is first of all, [leaves + n] of CPU n; [i] the
	 * first of [2 * i] and [2 * i + 1]. Nothing pending: TIME_NEVER. Two arrays, as compilers make one of
	 * pairs go through vector registers, which takes longer. */
	u64 *time;
	u64 *order;
	u32 leaves; /* a power of two */
};

/* Elements of both arrays together. */
static inline u32 turns_elements(u32 cpus)
{
	u32 leaves = 1;

	while (leaves < cpus)
		leaves *= 2;
	return 4 * leaves;
}

static inline void turns_clear(struct turns *q)
{
	for (u32 i = 0; i < 2 * q->leaves; i++)
		q->time[i] = TIME_NEVER;
}

/* @array: the caller's, of turns_elements(@cpus). */
static inline void turns_init(struct turns *q, u64 *array, u32 cpus)
{
	u32 leaves = turns_elements(cpus) / 4;

	*q = (struct turns){ .time = array, .order = array + 2 * leaves, .leaves = leaves };
	turns_clear(q);
}

/* When the first turn is; TIME_NEVER if there is none. */
static inline u64 turns_next(const struct turns *q)
{
	return q->time[1];
}

static inline struct event_key turns_first(const struct turns *q)
{
	return (struct event_key){ .time = q->time[1], .order = q->order[1] };
}

static inline u32 turn_task(struct event_key turn)
{
	return turn.order & EVENT_SLAB_MASK;
}

static inline void turns_put(struct turns *q, u32 cpu, struct event_key turn)
{
	u64 *const time = q->time, *const order = q->order;
	u32 i = q->leaves + cpu;

	time[i] = turn.time;
	order[i] = turn.order;
	for (; i > 1; i /= 2) {
		struct event_key rival = { .time = time[i ^ 1], .order = order[i ^ 1] };
		u64 swap = -(u64)event_key_before(rival, turn); /* no branch: it would be guessed wrong */

		time[i / 2] = turn.time ^= (turn.time ^ rival.time) & swap;
		order[i / 2] = turn.order ^= (turn.order ^ rival.order) & swap;
	}
}

/* When the first turn of the other CPUs is; that of @cpu is the first of all, and is no longer pending. */
static inline u64 turns_take(struct turns *q, u32 cpu)
{
	u64 *const time = q->time, next = TIME_NEVER;
	u32 i = q->leaves + cpu;

	for (time[i] = TIME_NEVER; i > 1; i /= 2)
		next = time[i ^ 1] < next ? time[i ^ 1] : next;
	return next;
}

/* @cpu has had its turn that was taken. */
static inline void turns_settle(struct turns *q, u32 cpu)
{
	if (q->time[q->leaves + cpu] == TIME_NEVER)
		turns_put(q, cpu, (struct event_key){ .time = TIME_NEVER });
}

#endif
