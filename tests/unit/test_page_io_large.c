/* Writing and reading folios of several pages. */
#include "models/audit.h"
#include "models/block/block.h"
#include "models/swap/page_io.h"
#include "tests/unit/order_world.h"
#include "tests/unit/zswap_world.h"

enum { ORDER = 4, NR = 1 << ORDER, BLOCK_PAGES = 128 /* of a request to loopbuf or nvme-client */ };

static void io_world(struct world *w, const char *device, const char *corpus)
{
	world_init(w, (struct world_size){ .device = device, .corpus = corpus, .max_order = 9 });
}

/* Of a new folio that is written, the first slot. */
static u32 written(struct world *w, u32 order)
{
	u32 entry = take(w, order), folio = folio_in(w, entry);

	w->k->folio[folio].flags |= FOLIO_UPTODATE;
	w->k->folio_io[folio].lock = w->k->machine.tasks + 1;
	CU_ASSERT_EQUAL(RUN(w, swap_writeout, .folio = folio), PAGE_SUCCESS);
	return entry;
}

static bool slots_hold(const struct world *w, u32 entry, u32 nr)
{
	for (u32 i = 0; i < nr; i++)
		if (w->k->slot[entry + i].content != content_of(page_of(w, i), 1))
			return false;
	return true;
}

static bool frames_hold(const struct world *w, u32 folio, u32 nr)
{
	for (u32 i = 0; i < nr; i++)
		if (w->k->folio[folio + i].content != content_of(page_of(w, i), 1))
			return false;
	return true;
}

/* The folio is read anew, in the cache or, if it has left it, around it. */
static u32 read_again(struct world *w, u32 entry, u32 order)
{
	u32 folio = folio_in(w, entry);

	if (!folio)
		folio = new_folio(w, order);
	for (u32 i = 0; i < 1u << order; i++)
		w->k->folio[folio + i].content = 0;
	w->k->folio[folio].flags &= ~FOLIO_UPTODATE;
	w->k->folio_io[folio].lock = w->k->machine.tasks + 1;
	CU_ASSERT_EQUAL(RUN(w, swap_read_folio, .folio = folio, .entry = entry),
			device_of(w->k, entry)->synchronous ? READ_DONE : READ_UNDER_WAY);
	return folio;
}

static void test_page_by_page(const char *device)
{
	struct world w;
	u32 entry, folio;

	io_world(&w, device, "half-random");
	entry = written(&w, ORDER);
	folio = folio_in(&w, entry);
	CU_ASSERT_EQUAL(w.k->folio_io[folio].lock, 0);
	CU_ASSERT_EQUAL(w.k->folio_io[folio].writeback, 0);
	CU_ASSERT(slots_hold(&w, entry, NR));
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), NR);
	forget_folio(&w, entry);
	folio = read_again(&w, entry, ORDER);
	CU_ASSERT(frames_hold(&w, folio, NR));
	CU_ASSERT(w.k->folio[folio].flags & FOLIO_UPTODATE);
	CU_ASSERT_EQUAL(counted(&w, PSWPIN), NR);
	RUN(&w, swap_free, .entry = entry, .nr = NR);
	CU_ASSERT_EQUAL(w.k->memory->pool_bytes, 0);
	world_release(&w);
}

static void test_synchronous(void)
{
	test_page_by_page("zram-lz4");
	test_page_by_page("pmem");
}

/* zram compresses one page after the other, each at its cost, and keeps each as an object. */
static void test_zram_objects(void)
{
	struct world w;
	u32 entry, task, folio;

	io_world(&w, "zram-lz4", "incompressible");
	entry = written(&w, ORDER);
	CU_ASSERT_EQUAL(w.k->memory->pool_bytes, NR * 4096);
	RUN(&w, swap_free, .entry = entry + 1, .nr = 2);
	folio = folio_in(&w, entry);
	CU_ASSERT_EQUAL(w.k->memory->pool_bytes, NR * 4096); /* the cache has them */
	forget_folio(&w, entry);
	CU_ASSERT_EQUAL(w.k->memory->pool_bytes, (NR - 2) * 4096);
	world_by_hand(&w);
	folio = new_folio(&w, 2);
	task = ADD_ON(&w, 0, zram_read_page, .folio = folio, .entry = entry + 4);
	for (u32 i = 0; i < 4; i++)
		CU_ASSERT(world_step_to(&w, task, "zram_read_page.DECOMPRESS") && world_step(&w, task));
	CU_ASSERT_EQUAL(w.k->machine.task[task].state, TASK_DONE);
	world_release(&w);
}

static void test_asynchronous(void)
{
	struct world w;
	u32 entry, folio;

	io_world(&w, "nvme-client", "half-random");
	entry = written(&w, ORDER);
	folio = folio_in(&w, entry);
	CU_ASSERT(w.k->folio_io[folio].writeback);
	CU_ASSERT_EQUAL(w.k->count[0][BLK_WR_IOS], 1);
	CU_ASSERT_EQUAL(w.k->count[0][BLK_WR_PAGES], NR);
	world_idle(&w, 100);
	CU_ASSERT_EQUAL(w.k->folio_io[folio].writeback, 0);
	CU_ASSERT_EQUAL(w.k->memory->writeback, 0);
	CU_ASSERT(slots_hold(&w, entry, NR));
	read_again(&w, entry, ORDER);
	CU_ASSERT_NOT_EQUAL(w.k->folio_io[folio].lock, 0);
	CU_ASSERT_FALSE(w.k->folio[folio].flags & FOLIO_UPTODATE);
	world_idle(&w, 100);
	CU_ASSERT_EQUAL(w.k->folio_io[folio].lock, 0);
	CU_ASSERT(w.k->folio[folio].flags & FOLIO_UPTODATE);
	CU_ASSERT(frames_hold(&w, folio, NR));
	CU_ASSERT_EQUAL(counted(&w, PSWPIN), NR);
	world_release(&w);
}

/* What is larger than a request is several; the folio is done with the last of them. */
static void test_split_at_the_limit(void)
{
	struct world w;
	u32 entry, folio, done = 0;

	io_world(&w, "nvme-client", "half-random");
	entry = written(&w, 9);
	folio = folio_in(&w, entry);
	CU_ASSERT_EQUAL(w.k->count[0][BLK_WR_IOS], 512 / BLOCK_PAGES);
	CU_ASSERT_EQUAL(w.k->count[0][BLK_WR_PAGES], 512);
	CU_ASSERT_EQUAL(w.k->folio[folio + 1].refs, 512);
	for (u32 i = 0; i < 512 / BLOCK_PAGES; i++) {
		CU_ASSERT(w.k->folio_io[folio].writeback);
		done += BLOCK_PAGES;
		for (u32 p = 0; p < BLOCK_PAGES; p++)
			end_swap_bio(w.k, entry + i * BLOCK_PAGES + p, true, 0);
		CU_ASSERT_EQUAL(w.k->folio[folio + 1].refs, 512 - done);
	}
	CU_ASSERT_EQUAL(w.k->folio_io[folio].writeback, 0);
	world_release(&w);
}

/* And is under way until then, whichever part is the last, for the audit too. */
static void test_under_way_to_the_last(void)
{
	struct world w;
	u32 entry, folio, done = 0;

	io_world(&w, "nvme-client", "half-random");
	entry = written(&w, 9);
	folio = folio_in(&w, entry);
	for (u32 i = 1; i < disk_requests(&w.k->config, false); i++) {
		if (!w.k->request[i].pages)
			continue;
		CU_ASSERT(w.k->folio_io[folio].writeback);
		CU_ASSERT(folio_is_in_flight(w.k, folio, true));
		disk_done(&w.k->machine, i);
		done++;
	}
	CU_ASSERT_EQUAL(done, 512 / BLOCK_PAGES);
	CU_ASSERT_EQUAL(w.k->folio_io[folio].writeback, 0);
	CU_ASSERT_FALSE(folio_is_in_flight(w.k, folio, true));
	world_release(&w);
}

/* Bios of several pages are merged like single ones, if the request remains small enough. */
static void test_merges_in_the_plug(void)
{
	struct world w;
	struct plug *plug;
	u32 task;

	io_world(&w, "nvme-client", NULL);
	for (u32 i = 0; i < 3; i++) {
		task = w.k->machine.tasks;
		plug = &w.k->plug[task];
		if (i)
			*plug = w.k->plug[task - 1];
		else
			plug->depth = 1;
		RUN(&w, submit_bio, .entry = 512 + i * 48, .nr = 48, .write = true);
	}
	plug = &w.k->plug[w.k->machine.tasks - 1];
	CU_ASSERT_EQUAL(plug->count, 1); /* the first was sent to make room for the second request */
	CU_ASSERT_EQUAL(w.k->count[0][BLK_WR_IOS], 1);
	CU_ASSERT_EQUAL(w.k->count[0][BLK_WR_PAGES], 96);
	CU_ASSERT_EQUAL(w.k->request[plug->head].pages, 48);
	CU_ASSERT_EQUAL(w.k->request[plug->head].slot, 512 + 96);
	world_release(&w);
}

/* In the zeromap if all pages are zero; one that is not is written with the rest. */
static void test_zeroes(void)
{
	struct world w;
	u32 entry, folio;

	io_world(&w, "zram-lz4", "zero");
	entry = written(&w, ORDER);
	for (u32 i = entry; i < entry + NR; i++)
		CU_ASSERT_EQUAL(w.k->slot[i].stored, STORED_ZEROMAP);
	CU_ASSERT_EQUAL(counted(&w, SWPOUT_ZERO), NR);
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), 0);
	forget_folio(&w, entry);
	folio = read_again(&w, entry, ORDER);
	CU_ASSERT(frames_hold(&w, folio, NR));
	CU_ASSERT_EQUAL(counted(&w, SWPIN_ZERO), NR);
	CU_ASSERT_EQUAL(counted(&w, PSWPIN), 0);
	w.k->slot[entry + 2].stored = STORED_NOTHING; /* who swaps in must not ask for this */
	folio = read_again(&w, entry, ORDER);
	CU_ASSERT_FALSE(w.k->folio[folio].flags & FOLIO_UPTODATE);
	world_release(&w);
}

static void test_partly_zero(void)
{
	struct world w;
	u32 entry, zeroes = 0;

	io_world(&w, "zram-lz4", "half-random");
	w.k->corpus[0].zero_permille = 300;
	for (u32 i = 0; i < NR; i++)
		zeroes += content_is_zero(&w.k->corpus[0], content_of(page_of(&w, i), 1));
	CU_ASSERT(zeroes > 0 && zeroes < NR);
	entry = written(&w, ORDER);
	CU_ASSERT_EQUAL(counted(&w, SWPOUT_ZERO), 0);
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), NR);
	CU_ASSERT(slots_hold(&w, entry, NR));
	world_release(&w);
}

static u32 kept(const struct world *w, u32 entry, u32 nr)
{
	u32 n = 0;

	for (u32 i = 0; i < nr; i++)
		n += zswap_entry_at(w->k, entry + i) != 0;
	return n;
}

static void test_zswap(void)
{
	struct world w;
	u32 entry, folio;

	zswap_world(&w, (struct world_size){ .device = "nvme-client", .max_order = 9 },
		    (struct zswap_config){ 0 });
	entry = written(&w, ORDER);
	CU_ASSERT_EQUAL(kept(&w, entry, NR), NR);
	CU_ASSERT_EQUAL(counted(&w, ZSWPOUT), NR);
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), 0);
	CU_ASSERT_EQUAL(w.k->count[0][mthp_counter(ORDER, MTHP_ZSWPOUT)], 1);
	CU_ASSERT_EQUAL(w.k->count[0][mthp_counter(ORDER, MTHP_SWPOUT)], 0); /* it is not on the device */
	for (u32 i = 0; i < NR; i++)
		CU_ASSERT_EQUAL(w.k->zswap_entry[zswap_entry_at(w.k, entry + i)].content,
				content_of(page_of(&w, i), 1));
	forget_folio(&w, entry);
	folio = new_folio(&w, ORDER);
	w.k->folio_io[folio].lock = w.k->machine.tasks + 1;
	CU_ASSERT_EQUAL(RUN(&w, swap_read_folio, .folio = folio, .entry = entry), READ_DONE);
	CU_ASSERT_FALSE(w.k->folio[folio].flags & FOLIO_UPTODATE); /* it refuses large ones */
	CU_ASSERT_EQUAL(counted(&w, ZSWPIN), 0);
	world_release(&w);
}

/* A page that is refused takes the others with it to the device. */
static void test_zswap_all_or_nothing(void)
{
	struct world w;
	u32 entry;

	zswap_world(&w, (struct world_size){ .device = "nvme-client", .max_order = 9, .release = "6.17" },
		    (struct zswap_config){ 0 });
	w.k->corpus[0].huge_permille[CODEC_LZ4] = 200;
	entry = written(&w, ORDER);
	CU_ASSERT_EQUAL(counted(&w, ZSWAP_REJECT_COMPRESS_POOR), 0);
	CU_ASSERT_EQUAL(w.k->count[0][ZSWAP_REJECT_COMPRESS_POOR], 1);
	CU_ASSERT_EQUAL(kept(&w, entry, NR), 0);
	CU_ASSERT_EQUAL(w.k->memory->zswap_bytes, 0);
	CU_ASSERT_EQUAL(counted(&w, ZSWPOUT), 0);
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), NR);
	world_release(&w);
}

static void test_zswap_of_612(void)
{
	struct world w;
	u32 entry;

	zswap_world(&w, (struct world_size){ .device = "nvme-client", .max_order = 9, .release = "6.12" },
		    (struct zswap_config){ 0 });
	entry = written(&w, ORDER);
	CU_ASSERT_EQUAL(kept(&w, entry, NR), 0);
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), NR);
	entry = written(&w, 0);
	CU_ASSERT_EQUAL(kept(&w, entry, 1), 1);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "a synchronous device has each page in its slot", test_synchronous },
	{ "zram works page by page and frees them one by one", test_zram_objects },
	{ "an asynchronous one is asked once, and the folio is done when all of it is", test_asynchronous },
	{ "what is larger than a request is split, and done with the last part", test_split_at_the_limit },
	{ "and under way until then", test_under_way_to_the_last },
	{ "several pages are merged up to the size of a request", test_merges_in_the_plug },
	{ "a folio of zeroes is not written; what is partly in the zeromap cannot be read", test_zeroes },
	{ "one that has other pages too is written as a whole", test_partly_zero },
	{ "zswap keeps every page, and does not give them back as a folio", test_zswap },
	{ "or none, if one is refused", test_zswap_all_or_nothing },
	{ "6.12 keeps single pages only", test_zswap_of_612 },
};

UNIT_MAIN("large folio I/O", tests)
