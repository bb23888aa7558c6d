/*
 * event_queue.h - what is due when: an implicit 4-ary heap on (time, sequence), with cancel.
 *
 * Order is total. Events of one time come out in the order in which they were put in (ties = fifo), the
 * reverse (lifo), or an order drawn from the seed; a result that changes with it hangs on ties, and `ties`
 * counts how often there was a choice. The arrays belong to the machine's arena and hold no pointers, so a
 * snapshot is a copy.
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

enum { EVENT_SLAB_BITS = 22, EVENT_ORDERS = 1 << 16 };

struct event_queue {
	struct event_key *heap;	 /* capacity elements */
	struct event_slot *slot; /* capacity + 1 elements, 0 unused */
	u32 capacity;
	u32 count;
	u32 free;     /* first free slot + chain; 0: take the next unused one */
	u32 used;     /* slots ever used */
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
/* Where the caller knows the order of equals: before all events of that time pushed without, and by @order
 * (below EVENT_ORDERS) among themselves, whatever the tie rule. */
event_id event_queue_push_ordered(struct event_queue *q, u64 time, u32 order, u32 kind, u32 arg);
/* The event must be pending. */
void event_queue_cancel(struct event_queue *q, event_id id);
/* The queue must not be empty. */
struct event event_queue_pop(struct event_queue *q);

/* When the next event is due; TIME_NEVER if there is none. */
static inline u64 event_queue_next(const struct event_queue *q)
{
	u64 next = TIME_NEVER;

	if (!q->hole)
		return q->count ? q->heap[0].time : TIME_NEVER;
	for (u32 i = 1; i <= q->count && i <= 4; i++)
		next = q->heap[i].time < next ? q->heap[i].time : next;
	return next;
}

#endif
