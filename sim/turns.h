/*
 * turns.h - whose step is next: the pending turns of the CPUs, at most one of each.
 *
 * A winner tree over the CPUs. A turn is keyed as an event (event_queue.h), its task in place of the slab
 * place, so that turns and events are in one order. Most often the CPU whose turn it was gets the next one:
 * then one walk up the tree takes the place of a pop and a push. So turns_take() changes nothing above the
 * leaf, and whoever took a turn has to say turns_settle() before anybody asks what is first. With more than
 * a few CPUs, turns that are due soon are on a wheel beside it (turn_wheel.h).
 */
#ifndef SIM_TURNS_H
#define SIM_TURNS_H

#include <glib.h>

#include "sim/turn_wheel.h"

struct turns {
	/* In the arena, one behind the other. Of a node: [1] what is first of all, [leaves + n] what CPU n
	 * has; [i] the first of [2 * i] and [2 * i + 1]. Nothing pending: TIME_NEVER. */
	u64 *time;  /* [2 * leaves] */
	u64 *order; /* [leaves], by CPU: looked at where times are equal */
	u32 *cpu;   /* [2 * leaves] whose that is */
	u32 leaves; /* a power of two */
	bool taken; /* from the tree, and not settled */
	struct turn_wheel *wheel;
};

enum { TURNS_OF_TREE = 4 /* with no more CPUs there is no wheel */ };

static inline u32 turns_leaves(u32 cpus)
{
	u32 leaves = 1;

	while (leaves < cpus)
		leaves *= 2;
	return leaves;
}

/* Of 64 bits, of all arrays together. */
static inline u32 turns_elements(u32 cpus)
{
	return 4 * turns_leaves(cpus) + (cpus > TURNS_OF_TREE ? turn_wheel_elements(cpus) : 0);
}

static inline void turns_clear(struct turns *q)
{
	for (u32 i = 0; i < 2 * q->leaves; i++) {
		q->cpu[i] = i % q->leaves;
		q->time[i] = TIME_NEVER;
	}
	if (q->wheel)
		turn_wheel_clear(q->wheel);
}

/* @array: the caller's, of turns_elements(@cpus). */
static inline void turns_init(struct turns *q, u64 *array, u32 cpus)
{
	u32 leaves = turns_leaves(cpus);

	*q = (struct turns){ .time = array,
			     .order = array + 2 * leaves,
			     .cpu = (u32 *)(array + 3 * leaves),
			     .leaves = leaves,
			     .wheel = cpus > TURNS_OF_TREE ? (void *)(array + 4 * leaves) : NULL };
	turns_clear(q);
}

/* When the first turn is; TIME_NEVER if there is none. */
static inline u64 turns_next(const struct turns *q)
{
	return q->wheel ? MIN(q->wheel->next, q->time[1]) : q->time[1];
}

static inline struct event_key turns_first(const struct turns *q)
{
	const struct turn_wheel *w = q->wheel;
	u64 time = q->time[1], order;

	if (!w || w->next > time)
		return (struct event_key){ time, q->order[q->cpu[1]] };
	order = q->order[w->first[w->next % TURN_WHEEL_NS] - 1];
	if (unlikely(w->next == time))
		order = MIN(order, q->order[q->cpu[1]]);
	return (struct event_key){ w->next, order };
}

static inline u32 turn_task(struct event_key turn)
{
	return turn.order & EVENT_SLAB_MASK;
}

/* The first of two in a node is guessed wrong half of the time, so there must be no branch; times that are
 * equal are few. */
static inline void turns_put_in_tree(struct turns *q, u32 cpu, u64 first)
{
	u64 *const time = q->time;
	u32 *const whose = q->cpu, who = cpu;

	time[q->leaves + cpu] = first;
	for (size_t i = q->leaves + cpu; i > 1; i /= 2) {
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

/* @cpu has none that is pending. */
static inline void turns_put(struct turns *q, u32 cpu, struct event_key turn)
{
	q->order[cpu] = turn.order;
	if (q->wheel && turn_wheel_reaches(q->wheel, turn.time))
		turn_wheel_put(q->wheel, cpu, turn.time, q->order);
	else
		turns_put_in_tree(q, cpu, turn.time);
}

static inline u64 turns_take_from_tree(struct turns *q, u32 cpu)
{
	u64 *const time = q->time, next = TIME_NEVER;
	size_t i = q->leaves + cpu;

	q->taken = true;
	for (time[i] = TIME_NEVER; i > 1; i /= 2)
		next = time[i ^ 1] < next ? time[i ^ 1] : next;
	return next;
}

/* When the first turn of the other CPUs is; that of @cpu is the first of all, and is no longer pending. */
static inline u64 turns_take(struct turns *q, u32 cpu)
{
	u64 due = q->time[q->leaves + cpu], next;

	if (!q->wheel)
		return turns_take_from_tree(q, cpu);
	if (likely(due == TIME_NEVER)) {
		turn_wheel_take(q->wheel);
		return MIN(q->wheel->next, q->time[1]);
	}
	q->wheel->from = MAX(q->wheel->from, due);
	next = turns_take_from_tree(q, cpu);
	return MIN(q->wheel->next, next);
}

/* @cpu has had its turn that was taken. */
static inline void turns_settle(struct turns *q, u32 cpu)
{
	if (q->taken && q->time[q->leaves + cpu] == TIME_NEVER)
		turns_put_in_tree(q, cpu, TIME_NEVER);
	q->taken = false;
}

#endif
