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
	/* In the arena, one behind the other. Of a node: [1] what is first of all, [leaves + n] what CPU n
	 * has; [i] the first of [2 * i] and [2 * i + 1]. Nothing pending: TIME_NEVER. */
	u64 *time;  /* [2 * leaves] */
	u64 *order; /* [leaves], by CPU: looked at where times are equal */
	u32 *cpu;   /* [2 * leaves] whose that is */
	u32 leaves; /* a power of two */
};

/* Of 64 bits, of all arrays together. */
static inline u32 turns_elements(u32 cpus)
{
	u32 leaves = 1;

	while (leaves < cpus)
		leaves *= 2;
	return 4 * leaves;
}

static inline void turns_clear(struct turns *q)
{
	for (u32 i = 0; i < 2 * q->leaves; i++) {
		q->cpu[i] = i % q->leaves;
		q->time[i] = TIME_NEVER;
	}
}

/* @array: the caller's, of turns_elements(@cpus). */
static inline void turns_init(struct turns *q, u64 *array, u32 cpus)
{
	u32 leaves = turns_elements(cpus) / 4;

	*q = (struct turns){ .time = array,
			     .order = array + 2 * leaves,
			     .cpu = (u32 *)(array + 3 * leaves),
			     .leaves = leaves };
	turns_clear(q);
}

/* When the first turn is; TIME_NEVER if there is none. */
static inline u64 turns_next(const struct turns *q)
{
	return q->time[1];
}

static inline struct event_key turns_first(const struct turns *q)
{
	return (struct event_key){ .time = q->time[1], .order = q->order[q->cpu[1]] };
}

static inline u32 turn_task(struct event_key turn)
{
	return turn.order & EVENT_SLAB_MASK;
}

/* The first of two in a node is guessed wrong half of the time, so there must be no branch; times that are
 * equal are few. */
static inline void turns_put(struct turns *q, u32 cpu, struct event_key turn)
{
	u64 *const time = q->time, first = turn.time;
	u32 *const whose = q->cpu, who = cpu;

	q->order[cpu] = turn.order;
	time[q->leaves + cpu] = first;
	for (u32 i = q->leaves + cpu; i > 1; i /= 2) {
		u64 rival = time[i ^ 1];
		u32 other = whose[i ^ 1];

		if (unlikely(rival == first))
			who = q->order[other] < q->order[who] ? other : who;
		who = rival < first ? other : who;
		first = rival < first ? rival : first;
		time[i / 2] = first;
		whose[i / 2] = who;
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
