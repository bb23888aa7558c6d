/*
 * event_queue.h - what is due when: an implicit 4-ary heap on (time, sequence), with cancel.
 *
 * Order is total. Events of one time come out in the order in which they were put in (ties = fifo), the
 * reverse (lifo), or an order drawn from the seed; a result that changes with it hangs on ties, and `ties`
 * counts how often there was a choice. The turns of tasks (turns.h) are kept beside it and take their place
 * in the same order. The arrays belong to the machine's arena and hold no pointers, so a snapshot is a copy.
 */
#ifndef SIM_EVENT_QUEUE_H
#define SIM_EVENT_QUEUE_H

#include "sim/types.h"

#define TIME_NEVER UINT64_MAX

enum ties { TIES_FIFO, TIES_LIFO, TIES_SEED };

/* An event handle is its place in the slab, from 1; 0 is no event. */
typedef u32 event_id;

struct event {
	u64 time; /* ns */
	u32 kind; /* what the driver does with it */
	u32 arg;
};

struct event_key {
	u64 time;
	u64 order; /* sequence << EVENT_SLAB_BITS | slab place */
};

struct event_slot {
	u32 position; /* in the heap; when free: next free slot */
	u32 kind;
	u32 arg;
	u32 pad;
};

/* Orders below EVENT_ORDERS are for those who know which of equals comes first, whatever the tie rule. */
enum { EVENT_SLAB_BITS = 22, EVENT_SLAB_MASK = (1 << EVENT_SLAB_BITS) - 1, EVENT_ORDERS = 1 << 16 };

/* As one number, so that compilers need no branch that is guessed wrong half of the time. */
static inline bool event_key_before(struct event_key a, struct event_key b)
{
	return ((unsigned __int128)a.time << 64 | a.order) < ((unsigned __int128)b.time << 64 | b.order);
}

struct event_queue {
	struct event_key *heap;	 /* capacity elements */
	struct event_slot *slot; /* capacity + 1 elements, 0 unused */
	u32 capacity;
	u32 count;
	u32 free;     /* first free slot + chain; 0: take the next unused one */
	u32 used;     /* slots ever used */
	u64 next;     /* when the first event is due */
	u64 sequence; /* next */
	u64 ties;     /* pops whose time the next event shared */
	u64 tie_seed;
	u32 tie_rule; /* enum ties */
	u32 hole;     /* the root was popped and its place not filled: events stand from 1 on */
};

/* @heap and @slot are the caller's arrays of @capacity and @capacity + 1 elements. */
void event_queue_init(struct event_queue *q, struct event_key *heap, struct event_slot *slot, u32 capacity);
void event_queue_set_ties(struct event_queue *q, enum ties rule, u64 seed);

event_id event_queue_push(struct event_queue *q, u64 time, u32 kind, u32 arg);
/* The event must be pending. */
void event_queue_cancel(struct event_queue *q, event_id id);
/* The queue must not be empty. */
struct event event_queue_pop(struct event_queue *q);

/* The order of what is due at @time among its equals, EVENT_ORDERS or more. */
u64 event_queue_draw_order(const struct event_queue *q, u64 time, u32 kind, u32 arg);
static inline u64 event_queue_order(struct event_queue *q, u64 time, u32 kind, u32 arg)
{
	u64 sequence = q->sequence++;

	return likely(q->tie_rule == TIES_FIFO) ? sequence : event_queue_draw_order(q, time, kind, arg);
}

/* When the next event is due; TIME_NEVER if there is none. */
static inline u64 event_queue_next(const struct event_queue *q)
{
	return q->next;
}
/* The queue must not be empty. */
struct event_key event_queue_first(struct event_queue *q);

#endif
