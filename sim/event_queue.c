#include "sim/event_queue.h"

#include "sim/random.h"

void event_queue_init(struct event_queue *q, struct event_key *heap, struct event_slot *slot, u32 capacity)
{
	BUG_ON(capacity > EVENT_SLAB_MASK);
	*q = (struct event_queue){
		.heap = heap, .slot = slot, .capacity = capacity, .next = TIME_NEVER, .sequence = EVENT_ORDERS
	};
}

void event_queue_set_ties(struct event_queue *q, enum ties rule, u64 seed)
{
	BUG_ON(q->count);
	q->tie_rule = rule;
	q->tie_seed = random_key(seed, ~0u, 0);
}

/* 42 bits that decide among equals. What is drawn depends on the event alone: how many came before it differs
 * with fall-through. Drawn numbers may collide, then the slab place or the task decides. */
u64 event_queue_draw_order(const struct event_queue *q, u64 time, u32 kind, u32 arg)
{
	const u64 mask = (1ull << (64 - EVENT_SLAB_BITS)) - 1;

	if (q->tie_rule == TIES_LIFO)
		return mask - (q->sequence - 1);
	return EVENT_ORDERS + (random_value(q->tie_seed ^ ((u64)kind << 32 | arg), time) & (mask >> 1));
}

static inline void key_put(struct event_queue *q, u32 position, struct event_key key)
{
	q->heap[position] = key;
	q->slot[key.order & EVENT_SLAB_MASK].position = position;
}

static inline u32 sift_up(struct event_queue *q, u32 i, struct event_key key)
{
	while (i && event_key_before(key, q->heap[(i - 1) / 4])) {
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
			u32 left = child + event_key_before(q->heap[child + 1], q->heap[child]);
			u32 right = child + 2 + event_key_before(q->heap[child + 3], q->heap[child + 2]);

			best = event_key_before(q->heap[right], q->heap[left]) ? right : left;
		} else {
			if (child >= q->count)
				return i;
			for (u32 c = child + 1; c < q->count; c++)
				if (event_key_before(q->heap[c], q->heap[best]))
					best = c;
		}
		if (event_key_before(key, q->heap[best]))
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

event_id event_queue_push(struct event_queue *q, u64 time, u32 kind, u32 arg)
{
	u64 order = event_queue_order(q, time, kind, arg);
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
	q->next = q->heap[0].time;
	return id;
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
	BUG_ON(!id || i >= q->count || (q->heap[i].order & EVENT_SLAB_MASK) != id);
	last = q->heap[--q->count];
	if (i < q->count) {
		u32 up = sift_up(q, i, last);

		key_put(q, up == i ? sift_down(q, i, last) : up, last);
	}
	slot_free(q, id);
	q->next = q->count ? q->heap[0].time : TIME_NEVER;
}

struct event_key event_queue_first(struct event_queue *q)
{
	BUG_ON(!q->count);
	if (q->hole)
		fill_hole(q);
	return q->heap[0];
}

static u64 next_beside_hole(const struct event_queue *q)
{
	u64 next = TIME_NEVER;

	for (u32 i = 1; i <= q->count && i <= 4; i++)
		next = q->heap[i].time < next ? q->heap[i].time : next;
	return next;
}

struct event event_queue_pop(struct event_queue *q)
{
	struct event_key top;
	struct event e;
	u32 id;

	top = event_queue_first(q);
	id = top.order & EVENT_SLAB_MASK;
	e = (struct event){ .time = top.time, .kind = q->slot[id].kind, .arg = q->slot[id].arg };
	q->count--;
	q->hole = 1;
	q->next = next_beside_hole(q);
	q->ties += q->next == top.time;
	slot_free(q, id);
	return e;
}
