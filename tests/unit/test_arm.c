/* A disk that turns under an arm: seeks, turns, what the drive reads on, and who is next. */
#include "sim/random.h"
#include "tests/unit/queue_world.h"

/* A turn takes 100 us, a page 1 us; a seek 10 us and 2 us times the root of the tracks. */
static const struct disk_arm arm = {
	.track_pages = 100,
	.page_ns = 1000,
	.settle_ns = 10000,
	.seek_ns = 2000,
	.hit_ns = 5000,
	.ahead_pages = 40,
	.ahead_least = 8,
	.window = 3,
	.longest_wait = 1000000,
};
static const struct disk_model disk = { .servers = 1, .tags = 64, .max_pages = 128, .arm = &arm };
static const struct device_model device = { .name = "test", .disk = &disk };

enum { US = 1000 };

static void arm_world(struct world *w)
{
	queue_world(w, "hdd7200", 1);
	w->k->device_model[0] = &device;
}

static u64 reads(struct world *w, u32 slot, u32 pages)
{
	return wait_for(w, send(w, 0, slot, pages, false));
}

static u64 writes(struct world *w, u32 slot, u32 pages)
{
	return wait_for(w, send(w, 0, slot, pages, true));
}

/* Nothing is sent until then. */
static void go_to(struct world *w, u64 ns)
{
	machine_run(&w->k->machine, ns, NULL);
	CU_ASSERT_EQUAL_FATAL(w->k->machine.now, ns);
}

static void test_turn(void)
{
	struct world w;

	arm_world(&w);
	CU_ASSERT_EQUAL(writes(&w, 50, 1), 51 * US); /* from slot 0 at time 0 */
	go_to(&w, 60 * US);
	CU_ASSERT_EQUAL(writes(&w, 62, 3), 5 * US);
	CU_ASSERT_EQUAL(writes(&w, 65, 1), 1 * US); /* at once: it just comes */
	go_to(&w, 67 * US);
	CU_ASSERT_EQUAL(writes(&w, 66, 1), 100 * US); /* just missed */
	world_release(&w);
}

static void test_seek(void)
{
	struct world w;

	arm_world(&w);
	/* 16 tracks: 18 us there, then 82 to the end of the turn and 30 more */
	CU_ASSERT_EQUAL(writes(&w, 1630, 1), (18 + 12 + 1) * US);
	go_to(&w, 100 * US);
	CU_ASSERT_EQUAL(writes(&w, 20, 1), (18 + 2 + 1) * US); /* and back */
	go_to(&w, 200 * US);
	CU_ASSERT_EQUAL(writes(&w, 1605, 1), (105 + 1) * US); /* too late for this turn */
	world_release(&w);
}

static void test_reads_on(void)
{
	struct world w;

	arm_world(&w);
	CU_ASSERT_EQUAL(reads(&w, 50, 1), 51 * US);
	CU_ASSERT_EQUAL(reads(&w, 51, 1), 5 * US);   /* a command takes longer than the page */
	CU_ASSERT_EQUAL(reads(&w, 60, 20), 24 * US); /* as they pass: 79 at 80 us */
	go_to(&w, 110 * US);
	CU_ASSERT_EQUAL(reads(&w, 105, 5), 5 * US); /* it has passed */
	CU_ASSERT_EQUAL(reads(&w, 52, 8), 5 * US);  /* and this was passed over */
	go_to(&w, 1000 * US);			    /* the drive stops 40 pages on */
	CU_ASSERT_EQUAL(reads(&w, 110, 40), 5 * US);
	CU_ASSERT_EQUAL(reads(&w, 191, 1), 87 * US); /* beyond that it is another turn */
	world_release(&w);
}

/* Each is left after 8 pages more than it was asked for. */
static void test_segments(void)
{
	struct world w;

	arm_world(&w);
	CU_ASSERT_EQUAL(reads(&w, 50, 1), 51 * US);
	CU_ASSERT_EQUAL(reads(&w, 5050, 1), (8 + 24 + 67 + 1) * US);
	CU_ASSERT_EQUAL(reads(&w, 51, 8), 5 * US);
	CU_ASSERT_EQUAL(reads(&w, 59, 1), (3 + 24 + 76 + 1) * US);
	for (u32 i = 0; i < DISK_SEGMENTS - 1; i++)
		reads(&w, 10000 + 1000 * i, 1);
	CU_ASSERT_EQUAL(reads(&w, 59, 1), 5 * US); /* it holds so many, */
	reads(&w, 9000, 1);
	CU_ASSERT(reads(&w, 59, 1) > 5 * US); /* and not one more */
	world_release(&w);
}

static void test_written_is_forgotten(void)
{
	struct world w;

	arm_world(&w);
	CU_ASSERT_EQUAL(reads(&w, 50, 1), 51 * US);
	CU_ASSERT_EQUAL(writes(&w, 50, 1), (8 + 91 + 1) * US);
	CU_ASSERT_EQUAL(reads(&w, 50, 1), (99 + 1) * US);
	world_release(&w);
}

static void expect_end(struct world *w, u32 request, u64 ns)
{
	wait_for(w, request);
	CU_ASSERT_EQUAL(w->k->machine.now, ns);
}

/* Of three in the queue the one that comes round first. */
static void test_order(void)
{
	struct world w;
	u32 late, middle, soon, outside;

	arm_world(&w);
	send(&w, 0, 50, 1, true); /* until 51 us */
	late = send(&w, 0, 40, 1, true);
	middle = send(&w, 0, 80, 1, true);
	soon = send(&w, 0, 60, 1, true);
	outside = send(&w, 0, 55, 1, true); /* sooner, but not among the first three */
	expect_end(&w, soon, 61 * US);
	expect_end(&w, middle, 81 * US);
	expect_end(&w, late, 141 * US);
	expect_end(&w, outside, 156 * US);
	CU_ASSERT_EQUAL(w.k->disk[0].head, 0);
	CU_ASSERT_EQUAL(w.k->disk[0].tail, 0);
	CU_ASSERT_EQUAL(w.k->disk[0].serving, 0);
	world_release(&w);
}

static void test_longest_wait(void)
{
	struct world w;
	u32 old, soon;

	arm_world(&w);
	go_to(&w, 2000 * US);
	send(&w, 0, 50, 1, true);
	old = send(&w, 0, 40, 1, true);
	soon = send(&w, 0, 60, 1, true);
	w.k->request[old].issued = 2051 * US - arm.longest_wait - 1;
	expect_end(&w, old, 2141 * US);
	expect_end(&w, soon, 2161 * US);
	world_release(&w);
}

/* Of a real disk: 16 MiB one after the other and in random places. */
static void test_preset(void)
{
	enum { PAGES = 4096, WINDOW = 8 };
	u64 in_order = 0, at_random = 0;
	struct world w;

	world_init(&w, (struct world_size){ .device = "hdd7200", .slots = 1 << 20 });
	w.load = (struct workload){ .pattern = PATTERN_PAGEOUT, .gap_ps = 4000000000u, .accesses = 1000000 };
	work_add_task(w.k, &w.load, 0, 1, true);
	for (u32 i = 0; i < PAGES; i += WINDOW)
		in_order += reads(&w, 1 + i, WINDOW);
	for (u32 i = 0; i < PAGES; i += WINDOW)
		at_random += reads(&w, random_below(random_value(1, i), 1 << 20), WINDOW);
	CU_ASSERT(at_random > 20 * in_order);
	CU_ASSERT(at_random / (PAGES / WINDOW) > 5000 * US); /* half a turn and a seek */
	CU_ASSERT(at_random / (PAGES / WINDOW) < 9000 * US);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "a slot is waited for until it comes round", test_turn },
	{ "a seek takes longer by the root of its distance", test_seek },
	{ "a drive reads on, and what it has read costs no turn", test_reads_on },
	{ "it remembers several places it read at", test_segments },
	{ "but not what was written since", test_written_is_forgotten },
	{ "of the oldest requests the one that comes round first is next", test_order },
	{ "unless one has waited for too long", test_longest_wait },
	{ "hdd7200 reads in order 20 times faster than in random places", test_preset },
};

UNIT_MAIN("arm", tests)
