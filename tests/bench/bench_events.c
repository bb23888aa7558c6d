/*
 * The hold model of the event queue: as many events pending all the time, each popped one puts one back; and
 * now and then one that was put in is taken out again, as a timer whose wait ended.
 */
#include <stdlib.h>

#include "sim/event_queue.h"
#include "sim/random.h"
#include "tests/bench/bench.h"

enum { PENDING = 1000, EVENTS = 4 << 20, DELAYS = 1 << 16 };

struct hold {
	struct event_queue q;
	struct event_key heap[PENDING + 2];
	struct event_slot slot[PENDING + 3];
	u32 delay[DELAYS]; /* ns; the top bit: this push is cancelled */
};
#define CANCELLED (1u << 31)

/* 70 % about 1 us, 25 % about 90 us, 5 % about 10 ms, each up to a tenth off; 10 % cancelled. */
static u32 draw_delay(u64 key, u32 i)
{
	u64 value = random_value(key, i);
	u32 kind = random_below(value, 100);
	u32 mean = kind < 70 ? 1000 : (kind < 95 ? 90000 : 10000000);
	u32 ns = mean * 9 / 10 + random_below(random_value(key + 1, i), mean / 5);

	return ns | (random_below(random_value(key + 2, i), 10) ? 0 : CANCELLED);
}

static void *new_hold(void)
{
	struct hold *h = calloc(1, sizeof *h);
	u64 key = random_key(1, 2, 3);

	for (u32 i = 0; i < DELAYS; i++)
		h->delay[i] = draw_delay(key, i);
	event_queue_init(&h->q, h->heap, h->slot, PENDING + 2);
	for (u32 i = 0; i < PENDING; i++)
		event_queue_push(&h->q, h->delay[i] & ~CANCELLED, 0, i);
	return h;
}

static uint64_t hold_model(void *context)
{
	struct hold *h = context;
	u64 sum = 0, popped = 0;
	event_id doomed = 0;

	for (u32 i = 0; i < EVENTS;) {
		struct event e = event_queue_pop(&h->q);

		sum += e.arg;
		popped++;
		for (;;) { /* one that lasts takes the place of what was popped */
			u32 delay = h->delay[i++ % DELAYS];
			event_id id = event_queue_push(&h->q, e.time + (delay & ~CANCELLED), 0, i);

			if (doomed)
				event_queue_cancel(&h->q, doomed);
			doomed = delay & CANCELLED ? id : 0;
			if (!doomed)
				break;
		}
	}
	bench_keep(sum);
	return popped;
}

static const struct bench benches[] = {
	{ "events, 1000 pending, 10 % cancelled", BENCH_RATE, 10e6, 20e6, hold_model, new_hold, free },
};
BENCH_MAIN(benches)
