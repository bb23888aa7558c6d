#include "sim/event_queue.h"

#include <stdlib.h>
#include <string.h>

#include "sim/random.h"
#include "tests/unit/unit.h"

enum { CAPACITY = 600 };

struct queue {
	struct event_queue q;
	struct event_key heap[CAPACITY];
	struct event_slot slot[CAPACITY + 1];
};

static struct queue *queue_new(enum ties rule, u64 seed)
{
	struct queue *x = calloc(1, sizeof *x);

	event_queue_init(&x->q, x->heap, x->slot, CAPACITY);
	event_queue_set_ties(&x->q, rule, seed);
	return x;
}

/* The reference: a plain array, searched from end to end. */
struct pending {
	u64 time;
	u64 rank; /* among equals */
	event_id id;
	u32 kind;
	u32 arg;
};

struct reference {
	struct pending pending[CAPACITY];
	u32 count;
	u64 ties;
};

static u32 reference_first(const struct reference *r)
{
	u32 best = 0;

	for (u32 i = 1; i < r->count; i++) {
		const struct pending *a = &r->pending[i], *b = &r->pending[best];

		if (a->time < b->time || (a->time == b->time && a->rank < b->rank))
			best = i;
	}
	return best;
}

static bool reference_tied(const struct reference *r, u64 time)
{
	for (u32 i = 0; i < r->count; i++)
		if (r->pending[i].time == time)
			return true;
	return false;
}

static void check_heap(const struct event_queue *q)
{
	for (u32 i = q->hole; i < q->count + q->hole; i++) {
		u32 up = i ? (i - 1) / 4 : 0;
		const struct event_key *above = &q->heap[up < q->hole ? i : up], *key = &q->heap[i];

		if (above->time > key->time || (above->time == key->time && above->order > key->order) ||
		    q->slot[key->order & ((1u << EVENT_SLAB_BITS) - 1)].position != i)
			CU_FAIL("heap order or a slot's position is broken");
	}
}

/* What the queue says comes first must be what the reference says, down to the last event. */
static void check_pop(struct queue *x, struct reference *r, u64 *now)
{
	struct event e = event_queue_pop(&x->q);
	u32 first = reference_first(r);
	struct pending *p = &r->pending[first];

	CU_ASSERT_EQUAL(e.time, p->time);
	CU_ASSERT_EQUAL(e.kind, p->kind);
	CU_ASSERT_EQUAL(e.arg, p->arg);
	*now = e.time;
	*p = r->pending[--r->count];
	if (reference_tied(r, e.time))
		r->ties++;
}

static void push_random(struct queue *x, struct reference *r, u64 value, u32 i, u64 time)
{
	struct pending *p = &r->pending[r->count++];
	bool lifo = x->q.tie_rule == TIES_LIFO;

	*p = (struct pending){ .time = time, .kind = value >> 50, .arg = i };
	p->rank = lifo ? 900000 - i : i;
	p->id = event_queue_push(&x->q, p->time, p->kind, p->arg);
}

static void exercise(enum ties rule, u32 span, u64 seed)
{
	struct queue *x = queue_new(rule, 5);
	struct reference *r = calloc(1, sizeof *r);
	u64 now = 0, key = random_key(seed, rule, span);

	for (u32 i = 0; i < 20000; i++) {
		u64 value = random_value(key, i);
		u32 what = value % 100, grow = i / 2000 % 2 ? 35 : 60;

		if (what < grow) {
			if (r->count < CAPACITY)
				push_random(x, r, value, i, now + (value >> 8) % span);
		} else if (r->count && what < grow + 10) {
			u32 victim = (value >> 20) % r->count;

			event_queue_cancel(&x->q, r->pending[victim].id);
			r->pending[victim] = r->pending[--r->count];
		} else if (r->count) {
			check_pop(x, r, &now);
		}
		CU_ASSERT_EQUAL(x->q.count, r->count);
		CU_ASSERT_EQUAL(event_queue_next(&x->q),
				r->count ? r->pending[reference_first(r)].time : TIME_NEVER);
		if (i % 64 == 0)
			check_heap(&x->q);
	}
	while (r->count)
		check_pop(x, r, &now);
	CU_ASSERT_EQUAL(x->q.ties, r->ties);
	CU_ASSERT_EQUAL(event_queue_next(&x->q), TIME_NEVER);
	free(r);
	free(x);
}

static void test_reference(void)
{
	for (u64 seed = 0; seed < 3; seed++) {
		exercise(TIES_FIFO, 1, seed);
		exercise(TIES_FIFO, 10, seed);
		exercise(TIES_LIFO, 10, seed);
		exercise(TIES_FIFO, 1000000, seed);
	}
}

/* The kinds of three events of one time, as they come out. */
static u32 order_of_three(enum ties rule, u64 seed, u64 time, u32 pushed_before)
{
	struct queue *x = queue_new(rule, seed);
	u32 digits = 0;

	for (u32 i = 0; i < pushed_before; i++) {
		event_queue_push(&x->q, i, 9, i);
		event_queue_pop(&x->q);
	}
	for (u32 kind = 1; kind <= 3; kind++)
		event_queue_push(&x->q, time, kind, 0);
	for (u32 i = 0; i < 3; i++)
		digits = digits * 10 + event_queue_pop(&x->q).kind;
	free(x);
	return digits;
}

static void test_tie_rules(void)
{
	u32 seen[400] = { 0 }, orders = 0;

	CU_ASSERT_EQUAL(order_of_three(TIES_FIFO, 1, 50, 0), 123);
	CU_ASSERT_EQUAL(order_of_three(TIES_LIFO, 1, 50, 0), 321);
	for (u64 seed = 0; seed < 600; seed++) {
		u32 order = order_of_three(TIES_SEED, seed, 50, 0);

		CU_ASSERT_EQUAL(order, order_of_three(TIES_SEED, seed, 50, 0));
		orders += !seen[order]++;
	}
	CU_ASSERT_EQUAL(orders, 6);
	for (u32 i = 0; i < 400; i++)
		CU_ASSERT(!seen[i] || seen[i] > 60);
}

static void test_seed_is_of_the_event(void)
{
	u32 differ = 0;

	for (u64 seed = 0; seed < 50; seed++) {
		CU_ASSERT_EQUAL(order_of_three(TIES_SEED, seed, 50, 0),
				order_of_three(TIES_SEED, seed, 50, 7));
		differ += order_of_three(TIES_SEED, seed, 50, 0) != order_of_three(TIES_SEED, seed, 51, 0);
	}
	CU_ASSERT(differ > 20);
}

static void test_full_and_empty(void)
{
	struct queue *x = queue_new(TIES_FIFO, 0);
	event_id id[CAPACITY];

	for (u32 round = 0; round < 3; round++) {
		for (u32 i = 0; i < CAPACITY; i++) {
			id[i] = event_queue_push(&x->q, TIME_NEVER - 1 - i, i, 0);
			CU_ASSERT(id[i] && id[i] <= CAPACITY);
		}
		check_heap(&x->q);
		CU_ASSERT_EQUAL(event_queue_next(&x->q), TIME_NEVER - CAPACITY);
		for (u32 i = 0; i < CAPACITY; i++)
			event_queue_cancel(&x->q, id[i]);
		CU_ASSERT_EQUAL(event_queue_next(&x->q), TIME_NEVER);
	}
	CU_ASSERT_EQUAL(x->q.used, CAPACITY);
	free(x);
}

static const struct unit tests[] = {
	{ "pushes, pops and cancels agree with a list that is searched", test_reference },
	{ "equal times come out as put in, in reverse, or drawn from the seed", test_tie_rules },
	{ "a drawn order depends on the events alone, not on what came before", test_seed_is_of_the_event },
	{ "a full queue empties and fills again", test_full_and_empty },
};
UNIT_MAIN("event queue", tests)
