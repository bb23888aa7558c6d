/* Pages that are copied to a device with memory of its own. */
#include "models/cpu.h"
#include "tests/unit/world.h"

static void test_out_and_in(void)
{
	struct world w;
	u32 content;
	u64 start, ns;

	world_init(&w, (struct world_size){ .device = "pmem" });
	CU_ASSERT(w.k->device[0].synchronous);
	world_write(&w, 3);
	world_age(&w, 0, 10);
	CU_ASSERT_EQUAL(world_pageout(&w, 3, 1), 1); /* synchronous: it goes at once */
	content = w.k->slot[entry_at(&w, 3)].content;
	CU_ASSERT(content != 0);
	CU_ASSERT_EQUAL(w.k->memory->pool_bytes, 0);
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), 1);
	ns = cpu_decompress_ns(w.k, CODEC_NONE, STORED_COMPRESSED, content);
	start = w.k->machine.now;
	world_read(&w, 3);
	CU_ASSERT(w.k->machine.now - start > ns);
	CU_ASSERT_EQUAL(folio_at(&w, 3)->content, content);
	CU_ASSERT_EQUAL(counted(&w, PSWPIN), 1);
	CU_ASSERT_EQUAL(counted(&w, SWAP_RA), 0);
	world_release(&w);
}

/* It costs the same whatever is in the page, and less than compressing it. */
static void test_cost(void)
{
	static const char *const corpus[] = { "half-random", "incompressible", "const" };
	struct world w;

	for (u32 i = 0; i < ARRAY_SIZE(corpus); i++) {
		u32 folio;
		u64 start;

		world_init(&w, (struct world_size){ .device = "pmem", .corpus = corpus[i] });
		world_write(&w, 0);
		folio = w.k->pte[page_of(&w, 0)];
		start = w.k->machine.now;
		RUN(&w, pmem_write_page, .folio = folio, .entry = 5);
		start = w.k->machine.now - start;
		CU_ASSERT(start >=
			  cpu_compress_ns(w.k, CODEC_NONE, STORED_COMPRESSED, w.k->folio[folio].content));
		CU_ASSERT(start <
			  cpu_compress_ns(w.k, CODEC_NONE, STORED_COMPRESSED, w.k->folio[folio].content) +
			      100);
		CU_ASSERT(start <
			  cpu_compress_ns(w.k, CODEC_LZ4, STORED_COMPRESSED, w.k->folio[folio].content));
		world_release(&w);
	}
}

/* What was known of the slot before goes with the write: a page of zeroes had been swapped to it, say. */
static void test_written_over(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .device = "pmem" });
	world_write(&w, 0);
	w.k->slot[5].stored = STORED_ZEROMAP;
	RUN(&w, pmem_write_page, .folio = w.k->pte[page_of(&w, 0)], .entry = 5);
	CU_ASSERT_EQUAL(w.k->slot[5].stored, STORED_NOTHING);
	world_release(&w);
}

static void test_cost_of_reading(void)
{
	struct world w;
	u64 start, ns;

	world_init(&w, (struct world_size){ .device = "pmem" });
	world_write(&w, 0);
	w.k->slot[5].content = 7;
	ns = cpu_decompress_ns(w.k, CODEC_NONE, STORED_COMPRESSED, 7);
	start = w.k->machine.now;
	RUN(&w, pmem_read_page, .folio = w.k->pte[page_of(&w, 0)], .entry = 5);
	CU_ASSERT(w.k->machine.now - start >= ns && w.k->machine.now - start < ns + 100);
	w.k->slot[5].content = 0;
	world_release(&w);
}

/* A read that comes after swapoff has freed the maps is a finding. */
static void test_device_is_gone(void)
{
	static const char *const devices[] = { "pmem", "zram-lz4" };

	for (u32 i = 0; i < ARRAY_SIZE(devices); i++) {
		GError *error = NULL;
		struct world w;

		world_init(&w, (struct world_size){ .device = devices[i] });
		world_write(&w, 0);
		CU_ASSERT_EQUAL(RUN(&w, swapoff, .device = 0), PATH_OK);
		if (i)
			ADD_ON(&w, 0, zram_read_page, .folio = w.k->pte[page_of(&w, 0)], .entry = 5);
		else
			ADD_ON(&w, 0, pmem_read_page, .folio = w.k->pte[page_of(&w, 0)], .entry = 5);
		CU_ASSERT_FALSE(machine_run(&w.k->machine, TIME_NEVER - 1, &error));
		CU_ASSERT(error && strstr(error->message, "lifetime: slot 5"));
		g_clear_error(&error);
		world_release(&w);
	}
}

static const struct unit tests[] = {
	{ "who reads from a device that is gone is found", test_device_is_gone },
	{ "a page is copied out and in, and takes no memory", test_out_and_in },
	{ "a copy takes its time, whatever is in the page", test_cost },
	{ "what the slot had is written over", test_written_over },
	{ "and so does a copy back", test_cost_of_reading },
};

UNIT_MAIN("pmem", tests)
