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

/* The first has its turn: meanwhile others are given one, then perhaps it gets the next one. */
static void take(struct turns *q, struct reference *r, u64 value, u32 order)
{
	struct event_key first = turns_first(q);
	u32 cpu = turn_task(first) - 100, other = (cpu + 1 + (value >> 8) % 8) % r->cpus;

	CU_ASSERT_EQUAL(turns_take(q, cpu), first_of(r, cpu).time);
	r->turn[cpu].time = TIME_NEVER;
	if (value >> 16 & 1 && r->turn[other].time == TIME_NEVER && other != cpu)
		put(q, r, other, first.time + (value >> 20) % 5, 2 * order);
	if (value >> 17 & 1)
		put(q, r, cpu, first.time + (value >> 30) % 5, 2 * order + 1);
	turns_settle(q, cpu);
}

static void exercise(u32 cpus)
{
	u64 array[4 * 16];
	struct reference r = { .cpus = cpus };
	struct turns q;
	u64 key = random_key(cpus, 0, 0);

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
			take(&q, &r, value >> 8, i);
		}
		if (r.turn[cpu].time == TIME_NEVER)
			put(&q, &r, cpu, i / 4, i % 3 ? EVENT_ORDERS + 2 * i : cpu);
	}
}

static void test_reference(void)
{
	for (u32 cpus = 1; cpus <= MOST_CPUS; cpus++)
		exercise(cpus);
}

static void test_clear(void)
{
	u64 array[16];
	struct turns q;

	turns_init(&q, array, 3);
	CU_ASSERT_EQUAL(turns_next(&q), TIME_NEVER);
	turns_put(&q, 2, (struct event_key){ .time = 5 });
	CU_ASSERT_EQUAL(turns_next(&q), 5);
	turns_clear(&q);
	CU_ASSERT_EQUAL(turns_next(&q), TIME_NEVER);
}

static const struct unit tests[] = {
	{ "what comes first, and what then, agrees with a list that is searched", test_reference },
	{ "nothing is pending at first, and when all is cleared", test_clear },
};
UNIT_MAIN("turns", tests)
