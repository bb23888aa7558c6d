/* Flash behind a buffer: what writes and reads wait for. */
#include "sim/dist.h"
#include "tests/unit/queue_world.h"

enum { US = 1000 };

/* Ten pages; draining one takes 1 us. */
static const struct disk_flash plain = { .buffer_pages = 10, .drain_page = 1000, .program_ns = 5000 };

struct flash_world {
	struct world w;
	struct disk_flash flash;
	struct disk_model disk;
	struct device_model device;
};

static void flash_world(struct flash_world *f, const struct disk_flash *flash)
{
	queue_world(&f->w, "nvme-client", 1);
	f->flash = *flash;
	f->disk = *f->w.k->device_model[0]->disk;
	f->disk.flash = &f->flash;
	f->disk.path_page = 0;
	f->device = (struct device_model){ .name = "test", .disk = &f->disk };
	f->w.k->device_model[0] = &f->device;
}

/* All collections take so long. */
static void set_collection(struct flash_world *f, u64 ns)
{
	struct disk_time *time = f->w.k->disk_time[0];

	lognormal_free(time->collect);
	time->collect = lognormal_new(ns, ns);
}

static u64 write_waits(struct flash_world *f, u32 pages, u64 now)
{
	return flash_wait(f->w.k, &(struct request){ .pages = pages, .write = true }, now);
}

/* Another draw each time. */
static u64 read_waits(struct flash_world *f, u64 now)
{
	f->w.k->disk[0].served++;
	return flash_wait(f->w.k, &(struct request){ .pages = 1 }, now);
}

static void test_burst(void)
{
	struct flash_world f;

	flash_world(&f, &plain);
	CU_ASSERT_EQUAL(write_waits(&f, 6, 100 * US), 0);
	CU_ASSERT_EQUAL(write_waits(&f, 4, 100 * US), 0); /* full */
	CU_ASSERT_EQUAL(write_waits(&f, 1, 100 * US), 1 * US);
	CU_ASSERT_EQUAL(write_waits(&f, 3, 102 * US), 2 * US);
	CU_ASSERT_EQUAL(write_waits(&f, 10, 114 * US), 0); /* it was empty again */
	CU_ASSERT_EQUAL(f.w.k->disk[0].drained, 124 * US);
	world_release(&f.w);
}

/* In the long run a page takes what it takes to drain one. */
static void test_sustained(void)
{
	struct flash_world f;
	u64 now = 0;

	flash_world(&f, &plain);
	for (u32 i = 0; i < 1000; i++)
		now += write_waits(&f, 1, now);
	CU_ASSERT_EQUAL(now, (1000 - 10) * US);
	world_release(&f.w);
}

static void test_program(void)
{
	struct flash_world f;
	u32 met = 0;

	flash_world(&f, &plain);
	f.flash.program_permille = 250;
	for (u32 i = 0; i < 1000; i++)
		CU_ASSERT_EQUAL(read_waits(&f, 0), 0); /* nothing is written */
	write_waits(&f, 10, 0);
	for (u32 i = 0; i < 1000; i++) {
		u64 ns = read_waits(&f, 9 * US);

		met += ns > 0;
		CU_ASSERT(ns < 5000);
	}
	CU_ASSERT(met > 200 && met < 300);
	CU_ASSERT_EQUAL(read_waits(&f, 10 * US), 0); /* the buffer is empty */
	f.flash.program_permille = 0;
	write_waits(&f, 10, 20 * US);
	for (u32 i = 0; i < 1000; i++)
		CU_ASSERT_EQUAL(read_waits(&f, 20 * US), 0);
	world_release(&f.w);
}

static void test_collection_stops_the_buffer(void)
{
	struct flash_world f;

	flash_world(&f, &plain);
	f.flash.collect_pages = 8;
	set_collection(&f, 50 * US);
	CU_ASSERT_EQUAL(write_waits(&f, 7, 0), 0);
	CU_ASSERT_EQUAL(f.w.k->disk[0].collected, 0);
	CU_ASSERT_EQUAL(write_waits(&f, 3, 0), 0); /* the tenth page: from now on, but there is room */
	CU_ASSERT_EQUAL(f.w.k->disk[0].collected, 50 * US);
	CU_ASSERT_EQUAL(f.w.k->disk[0].drained, 60 * US);
	CU_ASSERT_EQUAL(write_waits(&f, 1, 10 * US), (40 + 1) * US); /* no more */
	CU_ASSERT_EQUAL(f.w.k->disk[0].written, 3);
	CU_ASSERT_EQUAL(write_waits(&f, 1, 70 * US), 0); /* it is over */
	world_release(&f.w);
}

/* The rate of collections is that of writing. */
static void test_collections_by_pages(void)
{
	struct flash_world f;
	u32 n = 0;
	u64 last = 0;

	flash_world(&f, &plain);
	f.flash.collect_pages = 100;
	set_collection(&f, 1 * US);
	for (u32 i = 0; i < 1000; i++) {
		write_waits(&f, 3, i * 1000 * US);
		n += f.w.k->disk[0].collected != last;
		last = f.w.k->disk[0].collected;
	}
	CU_ASSERT_EQUAL(n, 30);
	world_release(&f.w);
}

static void test_read_meets_collection(void)
{
	struct flash_world f;
	u64 longest = 0;
	u32 met = 0;

	flash_world(&f, &plain);
	f.flash.collect_pages = 1;
	f.flash.collect_permille = 500;
	f.flash.collect_read_ns = 20 * US;
	set_collection(&f, 100 * US);
	write_waits(&f, 1, 0);
	for (u32 i = 0; i < 1000; i++) {
		u64 ns = read_waits(&f, 0);

		met += ns > 0;
		longest = MAX(longest, ns);
	}
	CU_ASSERT(met > 450 && met < 550);
	CU_ASSERT(longest > 19 * US && longest < 20 * US);
	for (u32 i = 0; i < 1000; i++)
		CU_ASSERT(read_waits(&f, 98 * US) < 2 * US); /* what is left of it */
	CU_ASSERT_EQUAL(read_waits(&f, 101 * US), 0);
	world_release(&f.w);
}

/* Writes that wait for room leave the servers to reads. */
static void test_writes_take_no_server(void)
{
	struct flash_world f;

	flash_world(&f, &plain);
	f.disk.servers = 1;
	for (u32 i = 0; i < 5; i++)
		send(&f.w, 0, 100 * i, 20, true);
	CU_ASSERT_EQUAL(f.w.k->disk[0].serving, 0);
	CU_ASSERT_EQUAL(f.w.k->disk[0].head, 0);
	CU_ASSERT_EQUAL(f.w.k->disk[0].drained, 100 * US);
	send(&f.w, 0, 1, 1, false);
	send(&f.w, 0, 2, 1, false);
	CU_ASSERT_EQUAL(f.w.k->disk[0].serving, 1);
	CU_ASSERT(f.w.k->disk[0].head != 0);
	while (f.w.k->disk[0].pages_in_flight[0] || f.w.k->disk[0].pages_in_flight[1])
		go_on(&f.w);
	CU_ASSERT_EQUAL(f.w.k->disk[0].serving, 0);
	world_release(&f.w);
}

/* One that begins while another is at it comes after that. */
static void test_collections_in_a_row(void)
{
	struct flash_world f;

	flash_world(&f, &plain);
	f.flash.collect_pages = 8;
	set_collection(&f, 50 * US);
	write_waits(&f, 8, 0);
	CU_ASSERT_EQUAL(f.w.k->disk[0].collected, 50 * US);
	write_waits(&f, 8, 10 * US);
	CU_ASSERT_EQUAL(f.w.k->disk[0].collected, 100 * US);
	world_release(&f.w);
}

static const struct unit tests[] = {
	{ "a burst goes into the buffer, what comes after waits", test_burst },
	{ "what lasts goes at the rate of the flash", test_sustained },
	{ "a read waits for a part of a program while the buffer drains", test_program },
	{ "the buffer does not drain during a garbage collection", test_collection_stops_the_buffer },
	{ "there is one for so many pages", test_collections_by_pages },
	{ "a read waits for a part of it", test_read_meets_collection },
	{ "writes do not take servers", test_writes_take_no_server },
	{ "collections come one after the other", test_collections_in_a_row },
};

UNIT_MAIN("flash", tests)
