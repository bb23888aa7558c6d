/* Free pages, watermarks, folios, and what pools and metadata take of memory. */
#include "models/mm/memory.h"

#include "tests/unit/world.h"

enum { MEMORY = 1000, MIN = 100, PAGES = 64, PAGE_BYTES = 4096 };

static void small_world(struct world *w, const char *release)
{
	world_init(w, (struct world_size){ .release = release, .memory = MEMORY, .min = MIN });
}

static u64 overhead(const struct world *w)
{
	return (w->k->device[0].static_bytes + PAGE_BYTES - 1) / PAGE_BYTES;
}

static void test_watermark(void)
{
	CU_ASSERT_EQUAL(memory_min_watermark(1 << 20), 16896);	/* 4 GiB: 11 x 512 x 3 zones = 66 MiB */
	CU_ASSERT_EQUAL(memory_min_watermark(1 << 19), 11264);	/* 2 GiB: two zones */
	CU_ASSERT_EQUAL(memory_min_watermark(1 << 16), 3276);	/* 256 MiB: 5 % */
	CU_ASSERT_EQUAL(memory_min_watermark(256), 32);		/* 1 MiB: not below 128 KiB */
	CU_ASSERT_EQUAL(memory_min_watermark(1u << 31), 65536); /* 8 TiB: not above 256 MiB */
}

static void test_computed_by_default(void)
{
	struct world w;
	struct world_size size = { .memory = 1 << 16 };
	struct kernel_config c = world_config(&w, &size);

	c.min_free_pages = UINT64_MAX;
	w.k = kernel_new(&c, NULL);
	CU_ASSERT_FATAL(w.k != NULL);
	CU_ASSERT_EQUAL(w.k->memory->min, 3276);
	world_release(&w);
}

static void test_static_memory(void)
{
	struct world w;

	small_world(&w, "6.17");
	CU_ASSERT_EQUAL(overhead(&w), 4); /* 4096 slots of 3.1 bytes, 8 clusters, an address space */
	CU_ASSERT_EQUAL(w.k->memory->free, MEMORY - 4);
	CU_ASSERT_EQUAL(w.k->memory->meta_bytes, 0);
	world_release(&w);
	small_world(&w, "6.18"); /* and the table of the cluster with the header */
	CU_ASSERT_EQUAL(w.k->memory->free, MEMORY - 4 - 1);
	CU_ASSERT_EQUAL(w.k->memory->meta_bytes, PAGE_BYTES);
	world_release(&w);
}

static void test_does_not_fit(void)
{
	struct world w;
	struct world_size size = { .memory = 105, .min = MIN };
	struct kernel_config c = world_config(&w, &size);
	GError *error = NULL;

	CU_ASSERT_PTR_NULL(kernel_new(&c, &error));
	CU_ASSERT_FATAL(error != NULL);
	CU_ASSERT_STRING_EQUAL(
	    error->message,
	    "the machine's memory does not hold the metadata of its swap devices and the "
	    "overhead of its processes: 4 pages needed, 4 there above the min watermark (give it "
	    "more, or make the devices smaller)");
	g_error_free(error);
}

static void test_folios_are_reused(void)
{
	struct world w;
	u32 a, b;
	u64 free;

	small_world(&w, "6.18");
	free = w.k->memory->free;
	a = folio_alloc(w.k, 0, MIN);
	b = folio_alloc(w.k, 0, MIN);
	CU_ASSERT(a && b && a != b);
	CU_ASSERT_EQUAL(w.k->memory->free, free - 2);
	CU_ASSERT_EQUAL(w.k->folio[a].refs, 1);
	folio_free(w.k, a);
	CU_ASSERT_EQUAL(w.k->memory->free, free - 1);
	CU_ASSERT_EQUAL(folio_alloc(w.k, 0, MIN), a);
	CU_ASSERT_EQUAL(w.k->folio[a].refs, 1);
	CU_ASSERT_EQUAL(w.k->memory->folio_used, 2);
	CU_ASSERT_EQUAL(w.k->memory->lowest, free - 2);
	world_release(&w);
}

/* Frames that reclaim has not come to take no room there: nobody writes to it, not even zeroes. */
static void test_io_is_left_alone(void)
{
	const struct folio_io none[PAGES] = { 0 };
	struct world w;

	world_init(&w, (struct world_size){ .pages = PAGES });
	for (u32 page = 0; page < PAGES; page++)
		world_write(&w, page);
	CU_ASSERT(w.k->memory->folio_used >= PAGES);
	CU_ASSERT(!memcmp(w.k->folio_io + 1, none, sizeof(none)));
	world_release(&w);
}

static void test_io_is_cleared(void)
{
	struct world w;
	u32 folio;

	small_world(&w, "6.18");
	folio = folio_alloc(w.k, 0, MIN);
	w.k->folio_io[folio] = (struct folio_io){ .swap = 7, .lock = 1 };
	folio_free(w.k, folio);
	CU_ASSERT_EQUAL(w.k->folio_io[folio].swap, 0);
	CU_ASSERT_EQUAL(w.k->folio_io[folio].lock, 0);
	world_release(&w);
}

static void test_min_is_kept(void)
{
	struct world w;
	u32 folios = 0;

	small_world(&w, "6.18");
	while (w.k->memory->free > MIN) {
		CU_ASSERT_FATAL(folio_alloc(w.k, 0, MIN) != 0);
		folios++;
	}
	CU_ASSERT_EQUAL(folios, MEMORY - 4 - 1 - MIN);
	CU_ASSERT_EQUAL(folio_alloc(w.k, 0, MIN), 0);
	CU_ASSERT(folio_alloc(w.k, 0, MIN - 1) != 0); /* who may go lower does */
	world_release(&w);
}

static void test_half_of_min(void)
{
	struct world w;

	small_world(&w, "6.18");
	w.k->memory->free = MIN / 2 + 1;
	CU_ASSERT(memory_above_half_min(w.k));
	w.k->memory->free = MIN / 2;
	CU_ASSERT_FALSE(memory_above_half_min(w.k));
	world_release(&w);
}

static void test_objects_share_pages(void)
{
	struct world w;
	u64 free;

	small_world(&w, "6.17");
	free = w.k->memory->free;
	memory_meta_add(w.k, 576);
	CU_ASSERT_EQUAL(w.k->memory->free, free - 1);
	memory_meta_add(w.k, 6 * 576);
	CU_ASSERT_EQUAL(w.k->memory->free, free - 1);
	memory_meta_add(w.k, 576);
	CU_ASSERT_EQUAL(w.k->memory->free, free - 2);
	memory_pool_add(w.k, 1);
	CU_ASSERT_EQUAL(w.k->memory->free, free - 3);
	CU_ASSERT_EQUAL(w.k->memory->pool_bytes, 1);
	memory_meta_add(w.k, -8 * 576);
	memory_pool_add(w.k, -1);
	CU_ASSERT_EQUAL(w.k->memory->free, free);
	CU_ASSERT_EQUAL(w.k->memory->meta_peak, 8 * 576);
	CU_ASSERT_EQUAL(w.k->memory->meta_bytes, 0);
	world_release(&w);
}

static void test_pool_uses_reserves(void)
{
	struct world w;

	small_world(&w, "6.18");
	w.k->memory->free = 1;
	memory_pool_add(w.k, PAGE_BYTES);
	CU_ASSERT_EQUAL(w.k->memory->free, 0);
	CU_ASSERT_PTR_NULL(w.k->machine.failure);
	memory_pool_add(w.k, 1);
	CU_ASSERT_FATAL(w.k->machine.failure != NULL);
	CU_ASSERT(strstr(w.k->machine.failure->message, "last page is gone and compressed data needs one") !=
		  NULL);
	world_release(&w);
}

/* What is still charged, or being written, or free already. */
static void test_folios_that_must_not_be_freed(void)
{
	for (u32 i = 0; i < 3; i++) {
		GError *error = NULL;
		struct world w;
		u32 folio;

		world_init(&w, (struct world_size){ 0 });
		folio = folio_alloc(w.k, 0, 0);
		if (i == 0)
			w.k->folio[folio].memcg = 1;
		else if (i == 1)
			w.k->folio_io[folio].writeback = 1;
		else
			folio_free(w.k, folio);
		folio_free(w.k, folio);
		ADD_ON(&w, 0, lru_add_drain, .folio = 0);
		CU_ASSERT_FALSE(machine_run(&w.k->machine, TIME_NEVER - 1, &error));
		CU_ASSERT(error && strstr(error->message, "lifetime: folio"));
		g_clear_error(&error);
		world_release(&w);
	}
}

static const struct unit tests[] = {
	{ "the min watermark is what the kernel computes", test_watermark },
	{ "and is computed unless it is given", test_computed_by_default },
	{ "devices' metadata is taken from the start", test_static_memory },
	{ "a machine that cannot hold it is refused", test_does_not_fit },
	{ "freed folios are used again", test_folios_are_reused },
	{ "what reclaim and devices need of a frame is left alone without them", test_io_is_left_alone },
	{ "and is gone with the folio", test_io_is_cleared },
	{ "an ordinary allocation stops at the min watermark", test_min_is_kept },
	{ "an atomic one without the reserves at half of it", test_half_of_min },
	{ "metadata and compressed data take whole pages", test_objects_share_pages },
	{ "compressed data may use the reserves up", test_pool_uses_reserves },
	{ "what is in use, or free, is not freed", test_folios_that_must_not_be_freed },
};

UNIT_MAIN("memory", tests)
