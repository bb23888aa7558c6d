#include "sim/turns.h"

#include "sim/random.h"
#include "tests/unit/unit.h"

enum { MOST_CPUS = 9 };

/* The reference: what is pending of each CPU, searched from end to end. */
struct reference {
	struct event_key turn[MOST_CPUS];
	u32 cpus;
};

static struct event_key first_of(const struct reference *r, u32 but)
{
	struct event_key first = { .time = TIME_NEVER };

	for (u32 n = 0; n < r->cpus; n++)
		if (n != but && event_key_before(r->turn[n], first))
			first = r->turn[n];
	return first;
}

static void put(struct turns *q, struct reference *r, u32 cpu, u64 time, u64 order)
{
	r->turn[cpu] = (struct event_key){ .time = time, .order = order << EVENT_SLAB_BITS | (cpu + 100) };
	turns_put(q, cpu, r->turn[cpu]);
}

/* Soon, and often at one time; or about where the wheel ends, and behind it. */
static u64 later(u64 time, u64 value)
{
	switch (value % 8) {
	case 0:
		return time + TURN_WHEEL_NS - 4 + value / 8 % 8;
	case 1:
		return time + value / 8 % (3 * TURN_WHEEL_NS);
	default:
		return time + value / 8 % 5;
	}
}

/* The first has its turn: meanwhile others are given one, then perhaps it gets the next one. */
static void take(struct turns *q, struct reference *r, u64 value, u32 order)
{
	struct event_key first = turns_first(q);
	u32 cpu = turn_task(first) - 100, other = (cpu + 1 + (value >> 8) % 8) % r->cpus;

	CU_ASSERT_EQUAL(turns_take(q, cpu), first_of(r, cpu).time);
	r->turn[cpu].time = TIME_NEVER;
	if (value >> 16 & 1 && r->turn[other].time == TIME_NEVER && other != cpu)
		put(q, r, other, later(first.time, value >> 20), 2 * order);
	if (value >> 17 & 1)
		put(q, r, cpu, later(first.time, value >> 30), 2 * order + 1);
	turns_settle(q, cpu);
}

static void exercise(u32 cpus)
{
	u64 array[1500];
	struct reference r = { .cpus = cpus };
	struct turns q;
	u64 key = random_key(cpus, 0, 0), now = 0;

	CU_ASSERT_FATAL(turns_elements(cpus) <= ARRAY_SIZE(array));
	turns_init(&q, array, cpus);
	for (u32 n = 0; n < cpus; n++)
		r.turn[n].time = TIME_NEVER;
	for (u32 i = 1; i < 20000; i++) {
		u64 value = random_value(key, i);
		struct event_key first = first_of(&r, UINT32_MAX);
		u32 cpu = value % cpus;

		CU_ASSERT_EQUAL(turns_next(&q), first.time);
		if (first.time != TIME_NEVER) {
			CU_ASSERT_EQUAL(turns_first(&q).order, first.order);
			now = first.time;
			take(&q, &r, value >> 8, i);
		}
		if (r.turn[cpu].time == TIME_NEVER)
			put(&q, &r, cpu, later(now, value >> 40), i % 3 ? EVENT_ORDERS + 2 * i : cpu);
	}
}

static void test_reference(void)
{
	for (u32 cpus = 1; cpus <= MOST_CPUS; cpus++)
		exercise(cpus);
}

static void test_clear(void)
{
	u64 array[1500];
	struct turns q;

	for (u32 cpus = 3; cpus <= MOST_CPUS; cpus++) {
		turns_init(&q, array, cpus);
		CU_ASSERT_EQUAL(turns_next(&q), TIME_NEVER);
		turns_put(&q, 2, (struct event_key){ .time = 5 });
		CU_ASSERT_EQUAL(turns_next(&q), 5);
		turns_clear(&q);
		CU_ASSERT_EQUAL(turns_next(&q), TIME_NEVER);
	}
}

/* From one word of places on to the next, to the last, and to those before in its own. */
static void test_far_apart(void)
{
	u64 array[1500];
	struct turns q;
	u64 now = 0;

	turns_init(&q, array, MOST_CPUS);
	turns_put(&q, 0, (struct event_key){ .time = 0 });
	for (u32 ahead = 1; ahead < TURN_WHEEL_NS + 100; ahead += 7) {
		turns_put(&q, 1, (struct event_key){ .time = now + ahead });
		CU_ASSERT_EQUAL(turns_take(&q, 0), now + ahead);
		turns_settle(&q, 0);
		now += ahead;
		turns_put(&q, 0, (struct event_key){ .time = now + 1 });
		CU_ASSERT_EQUAL(turns_take(&q, 1), now + 1);
		turns_settle(&q, 1);
		now++;
	}
}

static const struct unit tests[] = {
	{ "what comes first, and what then, agrees with a list that is searched", test_reference },
	{ "nothing is pending at first, and when all is cleared", test_clear },
	{ "a turn is found, however far ahead", test_far_apart },
};
UNIT_MAIN("turns", tests)
