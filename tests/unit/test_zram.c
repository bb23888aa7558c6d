/* zram: what it keeps and what that takes of memory. */
#include "models/cpu.h"
#include "tests/unit/world.h"

static void swapped(struct world *w, const char *corpus, const char *device, u32 pages)
{
	world_init(w, (struct world_size){ .corpus = corpus, .device = device });
	world_fill(w, pages);
	CU_ASSERT_EQUAL(world_pageout(w, 0, pages), pages);
}

static u32 compressed(const struct world *w, u32 page)
{
	return (content_bytes(&w->k->corpus[0], w->k->device_model[0]->codec,
			      w->k->slot[entry_at(w, page)].content) +
		15) /
	       16;
}

static void test_compressed(void)
{
	struct world w;
	u64 sum = 0;

	swapped(&w, "half-random", "zram-lz4", 100);
	for (u32 i = 0; i < 100; i++) {
		CU_ASSERT_EQUAL(w.k->slot[entry_at(&w, i)].content, content_of(page_of(&w, i), 1));
		CU_ASSERT_EQUAL(w.k->slot[entry_at(&w, i)].stored, compressed(&w, i));
		sum += compressed(&w, i) * 16;
	}
	CU_ASSERT_EQUAL(w.k->memory->pool_bytes, sum);
	CU_ASSERT_EQUAL(w.k->memory->pool_pages, (sum + 4095) / 4096);
	CU_ASSERT(sum > 190000 && sum < 230000);
	for (u32 i = 0; i < 100; i++)
		world_read(&w, i);
	CU_ASSERT_EQUAL(w.k->memory->pool_bytes, 0); /* freed with the slot */
	CU_ASSERT_EQUAL(w.k->memory->pool_pages, 0);
	world_release(&w);
}

static void test_incompressible(void)
{
	struct world w;

	swapped(&w, "incompressible", "zram-lz4", 10);
	CU_ASSERT_EQUAL(w.k->slot[entry_at(&w, 0)].stored, STORED_PAGE);
	CU_ASSERT_EQUAL(w.k->memory->pool_pages, 10);
	world_read(&w, 0);
	CU_ASSERT_EQUAL(w.k->memory->pool_pages, 9);
	world_release(&w);
}

static void test_same_filled(void)
{
	struct world w;

	swapped(&w, "const", "zram-lz4", 10);
	CU_ASSERT_EQUAL(w.k->slot[entry_at(&w, 0)].stored, STORED_NOTHING);
	CU_ASSERT_EQUAL(w.k->memory->pool_bytes, 0);
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), 10); /* zram's business, not the zeromap's */
	CU_ASSERT_EQUAL(counted(&w, SWPOUT_ZERO), 0);
	world_read(&w, 0);
	CU_ASSERT_EQUAL(counted(&w, PSWPIN), 1);
	world_release(&w);
}

/* Swapping incompressible pages to zram gains nothing. */
static void test_memory_is_conserved(void)
{
	struct world w;
	u64 free, meta;

	world_init(&w, (struct world_size){ .corpus = "incompressible" });
	world_fill(&w, 100);
	free = w.k->memory->free;
	meta = w.k->memory->meta_pages;
	CU_ASSERT_EQUAL(world_pageout(&w, 0, 100), 100);
	CU_ASSERT_EQUAL(w.k->memory->free, free + meta - w.k->memory->meta_pages);
	world_release(&w);
}

static void test_codec(void)
{
	struct world w;
	u32 lzo;

	swapped(&w, "python-heap", "zram-lzo-rle", 1);
	CU_ASSERT_EQUAL(w.k->device_model[0]->codec, CODEC_LZO_RLE);
	CU_ASSERT_EQUAL(w.k->slot[entry_at(&w, 0)].stored, compressed(&w, 0));
	lzo = w.k->slot[entry_at(&w, 0)].stored;
	world_release(&w);
	swapped(&w, "python-heap", "zram-zstd", 1);
	CU_ASSERT_EQUAL(w.k->device_model[0]->codec, CODEC_ZSTD);
	CU_ASSERT(w.k->slot[entry_at(&w, 0)].stored < lzo);
	world_release(&w);
}

static void test_time_of_a_write(void)
{
	struct world w;
	u64 start, ns;
	u32 folio;

	swapped(&w, "half-random", "zram-lz4", 1);
	folio = RUN(&w, swapin_readahead, .entry = entry_at(&w, 0), .page = page_of(&w, 0));
	ns = cpu_compress_ns(w.k, CODEC_LZ4, STORED_COMPRESSED, w.k->folio[folio].content);
	start = w.k->machine.now;
	RUN(&w, zram_write_page, .folio = folio, .entry = entry_at(&w, 0));
	CU_ASSERT(w.k->machine.now - start >= ns && w.k->machine.now - start < ns + 100);
	CU_ASSERT_EQUAL(w.k->memory->pool_bytes, compressed(&w, 0) * 16); /* it replaced what was there */
	world_release(&w);
}

static void test_models(void)
{
	u32 n;
	const struct device_model *list = device_model_list(&n);

	CU_ASSERT_EQUAL(n, 16);
	for (u32 i = 0; i < n; i++) {
		CU_ASSERT_PTR_EQUAL(device_model_find(list[i].name), &list[i]);
		CU_ASSERT(!list[i].disk || strncmp(list[i].name, "zram", 4));
	}
	CU_ASSERT_PTR_NULL(device_model_find("floppy"));
}

static const struct unit tests[] = {
	{ "a page takes its compressed size until its slot is free", test_compressed },
	{ "a page that does not compress takes a page", test_incompressible },
	{ "a same-filled one takes nothing, but is written and read", test_same_filled },
	{ "what is swapped to zram stays in memory", test_memory_is_conserved },
	{ "the device decides the codec", test_codec },
	{ "a write takes the time to compress", test_time_of_a_write },
	{ "devices are found by name", test_models },
};

UNIT_MAIN("zram", tests)
