#include "sim/event_queue.h"

#include "sim/random.h"

#define SLAB_MASK ((1u << EVENT_SLAB_BITS) - 1)

void event_queue_init(struct event_queue *q, struct event_key *heap, struct event_slot *slot, u32 capacity)
{
	BUG_ON(capacity > SLAB_MASK);
	*q = (struct event_queue){
		.heap = heap, .slot = slot, .capacity = capacity, .sequence = EVENT_ORDERS
	};
}

void event_queue_set_ties(struct event_queue *q, enum ties rule, u64 seed)
{
	BUG_ON(q->count);
	q->tie_rule = rule;
	q->tie_seed = random_key(seed, ~0u, 0);
}

/* 42 bits that decide among equals. What is drawn depends on the event alone: how many came before it differs
 * with fall-through. Drawn numbers may collide, then the slab place decides. */
static u64 tie_order(struct event_queue *q, u64 time, u32 kind, u32 arg)
{
	const u64 mask = (1ull << (64 - EVENT_SLAB_BITS)) - 1;
	u64 sequence = q->sequence++;

	switch ((enum ties)q->tie_rule) {
	case TIES_FIFO:
		return sequence;
	case TIES_LIFO:
		return mask - sequence;
	case TIES_SEED:
		return EVENT_ORDERS +
		       (random_value(q->tie_seed ^ ((u64)kind << 32 | arg), time) & (mask >> 1));
	}
	BUG();
}

/* As one number, so that compilers need no branch that is guessed wrong half of the time. */
static inline bool key_before(struct event_key a, struct event_key b)
{
	return ((unsigned __int128)a.time << 64 | a.order) < ((unsigned __int128)b.time << 64 | b.order);
}

static inline void key_put(struct event_queue *q, u32 position, struct event_key key)
{
	q->heap[position] = key;
	q->slot[key.order & SLAB_MASK].position = position;
}

static inline u32 sift_up(struct event_queue *q, u32 i, struct event_key key)
{
	while (i && key_before(key, q->heap[(i - 1) / 4])) {
		key_put(q, i, q->heap[(i - 1) / 4]);
		i = (i - 1) / 4;
	}
	return i;
}

static inline u32 sift_down(struct event_queue *q, u32 i, struct event_key key)
{
	for (;;) {
		u32 child = 4 * i + 1, best = child;

		if (child + 4 <= q->count) {
			u32 left = child + key_before(q->heap[child + 1], q->heap[child]);
			u32 right = child + 2 + key_before(q->heap[child + 3], q->heap[child + 2]);

			best = key_before(q->heap[right], q->heap[left]) ? right : left;
		} else {
			if (child >= q->count)
				return i;
			for (u32 c = child + 1; c < q->count; c++)
				if (key_before(q->heap[c], q->heap[best]))
					best = c;
		}
		if (key_before(key, q->heap[best]))
			return i;
		key_put(q, i, q->heap[best]);
		i = best;
	}
}

/* With the last event. A pop leaves this to be done, as most often a push follows, whose event can go there.
 */
static void fill_hole(struct event_queue *q)
{
	struct event_key last = q->heap[q->count];

	q->hole = 0;
	if (q->count)
		key_put(q, sift_down(q, 0, last), last);
}

static event_id push(struct event_queue *q, u64 time, u64 order, u32 kind, u32 arg)
{
	u32 id = q->free;
	struct event_key key;

	if (id)
		q->free = q->slot[id].position;
	else
		id = ++q->used;
	BUG_ON(q->count == q->capacity);
	q->slot[id].kind = kind;
	q->slot[id].arg = arg;
	key = (struct event_key){ .time = time, .order = order << EVENT_SLAB_BITS | id };
	q->count++;
	key_put(q, q->hole ? sift_down(q, 0, key) : sift_up(q, q->count - 1, key), key);
	q->hole = 0;
	return id;
}

event_id event_queue_push(struct event_queue *q, u64 time, u32 kind, u32 arg)
{
	return push(q, time, tie_order(q, time, kind, arg), kind, arg);
}

event_id event_queue_push_ordered(struct event_queue *q, u64 time, u32 order, u32 kind, u32 arg)
{
	BUG_ON(order >= EVENT_ORDERS);
	return push(q, time, order, kind, arg);
}

static void slot_free(struct event_queue *q, u32 id)
{
	q->slot[id].position = q->free;
	q->free = id;
}

void event_queue_cancel(struct event_queue *q, event_id id)
{
	struct event_key last;
	u32 i;

	if (q->hole)
		fill_hole(q);
	i = q->slot[id].position;
	BUG_ON(!id || i >= q->count || (q->heap[i].order & SLAB_MASK) != id);
	last = q->heap[--q->count];
	if (i < q->count) {
		u32 up = sift_up(q, i, last);

		key_put(q, up == i ? sift_down(q, i, last) : up, last);
	}
	slot_free(q, id);
}

struct event event_queue_pop(struct event_queue *q)
{
	struct event_key top;
	struct event e;
	u32 id;

	BUG_ON(!q->count);
	if (q->hole)
		fill_hole(q);
	top = q->heap[0];
	id = top.order & SLAB_MASK;
	e = (struct event){ .time = top.time, .kind = q->slot[id].kind, .arg = q->slot[id].arg };
	q->count--;
	q->hole = 1;
	q->ties += event_queue_next(q) == top.time;
	slot_free(q, id);
	return e;
}
