/* Reading and writing pages: the zeromap, what is locked when, and the readahead path's window. */
#include "models/audit.h"
#include "models/block/block.h"

#include "tests/unit/scenario_text.h"
#include "tests/unit/world.h"

enum { TICK_NS = 4000000 };

static u32 swapped_page(struct world *w, struct world_size size)
{
	world_init(w, size);
	world_write(w, 0);
	CU_ASSERT_EQUAL(world_pageout(w, 0, 1), 1);
	return entry_at(w, 0);
}

static void test_zero_page(void)
{
	struct world w;
	u32 entry = swapped_page(&w, (struct world_size){ .corpus = "zero" });

	CU_ASSERT_EQUAL(w.k->slot[entry].stored, STORED_ZEROMAP);
	CU_ASSERT_EQUAL(w.k->memory->pool_bytes, 0);
	CU_ASSERT_EQUAL(counted(&w, SWPOUT_ZERO), 1);
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), 0);
	world_read(&w, 0);
	CU_ASSERT_EQUAL(counted(&w, SWPIN_ZERO), 1);
	CU_ASSERT_EQUAL(counted(&w, PSWPIN), 0);
	CU_ASSERT_EQUAL(counted(&w, PGMAJFAULT), 1); /* a major fault all the same */
	CU_ASSERT_EQUAL(w.k->slot[entry].stored, STORED_NOTHING);
	CU_ASSERT_PTR_NULL(w.k->machine.failure);
	world_release(&w);
}

static void test_slot_is_rewritten(void)
{
	struct world w;
	u32 entry = swapped_page(&w, (struct world_size){ .corpus = "zero" }), folio;

	folio = RUN(&w, swapin_readahead, .entry = entry, .page = page_of(&w, 0));
	w.k->corpus[0] = *corpus_find("incompressible");
	w.k->folio_io[folio].lock = w.k->machine.tasks + 1;
	CU_ASSERT_EQUAL(RUN(&w, swap_writeout, .folio = folio), PAGE_SUCCESS);
	CU_ASSERT_EQUAL(w.k->slot[entry].stored, STORED_PAGE);
	CU_ASSERT_EQUAL(w.k->memory->pool_bytes, 4096);
	w.k->corpus[0] = *corpus_find("zero");
	w.k->folio_io[folio].lock = w.k->machine.tasks + 1;
	CU_ASSERT_EQUAL(RUN(&w, swap_writeout, .folio = folio), PAGE_SUCCESS);
	CU_ASSERT_EQUAL(w.k->slot[entry].stored, STORED_ZEROMAP);
	CU_ASSERT_EQUAL(w.k->memory->pool_bytes, 0);
	world_release(&w);
}

static void test_what_covers_the_data(void)
{
	struct world w;
	u32 task, folio;

	world_init(&w, (struct world_size){ 0 });
	world_write(&w, 0);
	folio = w.k->pte[page_of(&w, 0)];
	world_by_hand(&w);
	task = ADD_ON(&w, 0, madvise_pageout, .page = page_of(&w, 0), .count = 1);
	CU_ASSERT(world_step_to(&w, task, "zram_write_page.COMPRESS"));
	CU_ASSERT_EQUAL(w.k->folio_io[folio].lock, 0);
	CU_ASSERT(w.k->folio_io[folio].writeback);
	CU_ASSERT(world_step_to(&w, task, "shrink_folio_list.RELOCK"));
	CU_ASSERT_FALSE(w.k->folio_io[folio].writeback);
	CU_ASSERT(world_step_to(&w, task, NULL));
	task = ADD_ON(&w, 0, handle_mm_fault, .page = page_of(&w, 0));
	CU_ASSERT(world_step_to(&w, task, "zram_read_page.DECOMPRESS"));
	folio = w.k->memory->folio_used;
	CU_ASSERT_EQUAL(w.k->folio_io[folio].lock, task + 1);
	CU_ASSERT_FALSE(w.k->folio[folio].flags & FOLIO_UPTODATE);
	CU_ASSERT(world_step_to(&w, task, NULL));
	CU_ASSERT(folio_at(&w, 0)->flags & FOLIO_UPTODATE);
	world_release(&w);
}

static void test_into_the_cache(void)
{
	struct world w;
	u32 entry = swapped_page(&w, (struct world_size){ 0 }), folio;

	folio = RUN(&w, swapin_readahead, .entry = entry, .page = page_of(&w, 0));
	CU_ASSERT(folio != 0);
	CU_ASSERT_EQUAL(word_folio(w.k->slot[entry].cache), folio);
	CU_ASSERT_EQUAL(w.k->slot[entry].map, SWAP_HAS_CACHE | 1);
	CU_ASSERT_EQUAL(w.k->folio_io[folio].lock, 0);
	CU_ASSERT_EQUAL(w.k->folio[folio].memcg, 1);
	CU_ASSERT_EQUAL(w.k->folio[folio].flags & (FOLIO_UPTODATE | FOLIO_SWAPCACHE),
			FOLIO_UPTODATE | FOLIO_SWAPCACHE);
	CU_ASSERT_EQUAL(counted(&w, WORKINGSET_REFAULT_ANON), 1);
	CU_ASSERT_EQUAL(counted(&w, PSWPIN), 1);
	CU_ASSERT_EQUAL(RUN(&w, swapin_readahead, .entry = entry, .page = page_of(&w, 0)), folio);
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 4); /* cache, batch, two callers */
	CU_ASSERT_EQUAL(counted(&w, PSWPIN), 1);
	world_release(&w);
}

static void test_slot_is_gone(void)
{
	struct world w;
	u32 entry = swapped_page(&w, (struct world_size){ 0 });
	u64 free;

	RUN(&w, swap_free, .entry = entry, .nr = 1);
	free = w.k->memory->free;
	CU_ASSERT_EQUAL(RUN(&w, swapin_readahead, .entry = entry, .page = page_of(&w, 0)), 0);
	CU_ASSERT_EQUAL(w.k->memory->free, free);
	world_release(&w);
}

/* Between the bit and the folio: whoever comes sleeps whole ticks, on no queue, and keeps its page. */
static void test_window(void)
{
	struct world w;
	u32 entry = swapped_page(&w, (struct world_size){ 0 }), first, second, folio;
	u64 free = w.k->memory->free;

	world_by_hand(&w);
	first = ADD_ON(&w, 0, read_swap_cache_async, .entry = entry, .page = page_of(&w, 0));
	second = ADD_ON(&w, 1, read_swap_cache_async, .entry = entry, .page = page_of(&w, 0));
	CU_ASSERT(world_step_to(&w, first, "mem_cgroup_charge.TRY_CHARGE"));
	CU_ASSERT_EQUAL(w.k->slot[entry].map, SWAP_HAS_CACHE | 1);
	CU_ASSERT_EQUAL(word_folio(w.k->slot[entry].cache), 0);
	CU_ASSERT(world_step_to(&w, second, "read_swap_cache_async.RETRY_SLEEP"));
	CU_ASSERT_EQUAL(w.k->machine.task[second].obj, 0);
	CU_ASSERT(w.k->machine.task[second].timeout > TICK_NS);
	CU_ASSERT(w.k->machine.task[second].timeout <= 2 * TICK_NS);
	CU_ASSERT_EQUAL(w.k->memory->free, free - 2);
	CU_ASSERT_EQUAL(w.k->memcg[1].usage, 63); /* neither is charged yet: the first page's is left of 64 */
	CU_ASSERT(world_step_to(&w, first, NULL)); /* it is locked until somebody has read into it */
	CU_ASSERT_EQUAL(w.k->folio_io[word_folio(w.k->slot[entry].cache)].lock, first + 1);
	CU_ASSERT(world_step_to(&w, second, NULL)); /* finds the folio now; the caller waits for its lock */
	CU_ASSERT_EQUAL(counted(&w, SWAPIN_RACES), 1);
	CU_ASSERT_EQUAL(counted(&w, SWAPIN_RACE_SLEEPS), 1);
	CU_ASSERT_EQUAL(w.k->latency[LATENCY_RACE_SLEEP].count, 1);
	folio = word_folio(w.k->slot[entry].cache);
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 4);
	CU_ASSERT_EQUAL(w.k->memory->free, free - 1);
	world_release(&w);
}

/* ---- asynchronous devices ---- */

/* What was a zero page is read from the device once it has been written there. */
static void test_slot_is_rewritten_on_disk(void)
{
	struct world w;
	u32 entry = swapped_page(&w, (struct world_size){ .corpus = "zero", .device = "disk" }), folio;

	CU_ASSERT_EQUAL(w.k->slot[entry].stored, STORED_ZEROMAP);
	folio = RUN(&w, swapin_readahead, .entry = entry, .page = page_of(&w, 0));
	w.k->corpus[0] = *corpus_find("incompressible");
	w.k->folio_io[folio].lock = w.k->machine.tasks + 1;
	CU_ASSERT_EQUAL(RUN(&w, swap_writeout, .folio = folio), PAGE_SUCCESS);
	CU_ASSERT_EQUAL(w.k->slot[entry].stored, STORED_NOTHING);
	CU_ASSERT_EQUAL(w.k->count[0][BLK_WR_PAGES], 1);
	RUN(&w, folio_put, .folio = folio);
	world_idle(&w, 100);
	world_age(&w, 0, 1);
	RUN(&w, shrink_active_list, .lruvec = 1, .nr_to_scan = 1);
	CU_ASSERT_EQUAL(RUN(&w, shrink_inactive_list, .lruvec = 1, .nr_to_scan = 1), 1);
	world_read(&w, 0);
	CU_ASSERT_EQUAL(counted(&w, PSWPIN), 1);
	CU_ASSERT_EQUAL(counted(&w, SWPIN_ZERO), 1);
	world_release(&w);
}

/* Two processes of two threads each in one cgroup, half of what they use. Whatever is under way, what does
 * not hang on it adds up; when all are done, everything does. */
static const char busy[] =
    "{'format':1,'name':'t','machine':{'cpus':2,'memory':'64MiB','cgroup_version':%u,'slots_per_cluster':64,"
    "'page-cluster':3},"
    "'swap':[{'device':'%s','size':'2MiB'},{'device':'%s','size':'8MiB'}],"
    "'cgroups':[{'name':'g','memory.max':'50%%'}],'processes':[{'name':'p'},{'name':'q'}],'tasks':["
    "{'name':'a','count':2,'process':'p','cgroup':'g','workload':"
    "{'rand':{'pages':600,'accesses':4000,'write_permille':300}}},"
    "{'name':'b','process':'q','cgroup':'g','workload':{'seq':{'pages':500,'passes':6}}},"
    "{'name':'c','process':'q','cgroup':'g','workload':"
    "{'zipf':{'pages':500,'accesses':3000,'write_permille':500}}}]}";

static void check_audit(struct kernel *k)
{
	char *wrong = audit(k);

	CU_ASSERT_PTR_NULL(wrong);
	if (wrong)
		printf("\n%s\n", wrong);
	g_free(wrong);
}

static void run_busy(const char *kernel, u32 cgroup_version, const char *device, const char *second, u32 seed)
{
	char *text = g_strdup_printf(busy, cgroup_version, device, second);
	struct scenario *s = scenario_right(text);
	struct build_options options = options_of(s, kernel);
	struct kernel *k;
	GError *error = NULL;

	options.seed = seed;
	k = scenario_build(s, &options, &error);
	CU_ASSERT_FATAL(k != NULL);
	for (u32 i = 0; i < k->config.mms; i++)
		k->mm[i].users++; /* ours: memory is not given back at the end */
	while (!error && k->machine.tasks_left) {
		machine_run(&k->machine, k->machine.now + 3000000, &error);
		check_audit(k);
	}
	CU_ASSERT_PTR_NULL(error);
	CU_ASSERT(k->count[0][PSWPIN] > 500 && k->count[0][PSWPOUT] > 500);
	CU_ASSERT(k->count[0][PGROTATED] > 100 && k->count[0][FOLIO_LOCK_WAITS] > 100);
	CU_ASSERT_EQUAL(plug_unsent_pages(k), 0);
	g_clear_error(&error);
	kernel_free(k);
	scenario_free(s);
	g_free(text);
}

static void test_busy(void)
{
	static const struct {
		const char *kernel;
		u32 cgroup_version;
		const char *device, *second;
	} rows[] = {
		{ "6.18", 2, "disk", "nvme-client" },
		{ "6.18", 1, "nvme-client", "disk" },
		{ "6.17", 2, "nvme-client", "nvme-client" },
		{ "6.12", 2, "disk", "disk" },
		{ "6.12", 1, "loopbuf-rot", "disk" },
		{ "6.18+plug-peek=newest", 2, "disk", "zram-lz4" },
	};

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++)
		for (u32 seed = 1; seed <= 3; seed++)
			run_busy(rows[i].kernel, rows[i].cgroup_version, rows[i].device, rows[i].second,
				 seed);
}

/* Who finds a slot claimed and no folio sleeps a tick, or gives way, or asks again at once. */
static void test_race_sleep(void)
{
	static const struct {
		const char *release, *next;
	} as[] = {
		{ "6.17", "read_swap_cache_async.RETRY_SLEEP" },
		{ "6.17+race-sleep=resched", "read_swap_cache_async.RETRY_RESCHED" },
		{ "6.17+race-sleep=spin", "read_swap_cache_async.LOOKUP" },
	};

	for (u32 i = 0; i < ARRAY_SIZE(as); i++) {
		struct world w;
		u32 entry, task;

		world_init(&w, (struct world_size){ .release = as[i].release });
		world_write(&w, 0);
		world_pageout(&w, 0, 1);
		entry = entry_at(&w, 0);
		w.k->slot[entry].map |= SWAP_HAS_CACHE;
		world_by_hand(&w);
		task = ADD_ON(&w, 0, read_swap_cache_async, .entry = entry, .page = page_of(&w, 0));
		while (!counted(&w, SWAPIN_RACES))
			CU_ASSERT_FATAL(world_step(&w, task));
		CU_ASSERT(world_is_at(&w, task, as[i].next));
		world_release(&w);
	}
}

/* Up to 6.14 who reads a page holds its device, whether its caller does or not, by patch
 * readahead-device-ref. */
static void test_holds_device(void)
{
	static const struct {
		const char *release;
		u32 pin, held;
	} as[] = {
		{ "6.12", 0, 1 },
		{ "6.12+readahead-device-ref=off", 0, 0 },
		{ "6.12+readahead-device-ref=off", 1, 1 },
		{ "6.17", 0, 0 },
		{ "6.17", 1, 1 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(as); i++) {
		struct world w;
		u32 task;

		world_init(&w, (struct world_size){ .release = as[i].release });
		world_write(&w, 0);
		world_pageout(&w, 0, 1);
		world_by_hand(&w);
		task = ADD_ON(&w, 0, read_swap_cache_async, .entry = entry_at(&w, 0), .page = page_of(&w, 0),
			      .pin = (u8)as[i].pin);
		CU_ASSERT(world_step_to(&w, task, "alloc_charged_folio.ALLOC"));
		CU_ASSERT_EQUAL(w.k->device[0].users.count, 1 + as[i].held);
		CU_ASSERT(world_step_to(&w, task, NULL));
		CU_ASSERT_EQUAL(w.k->device[0].users.count, 1);
		world_release(&w);
	}
}

static const struct unit tests[] = {
	{ "a zero page is a bit, written and read without the device", test_zero_page },
	{ "a slot may hold one after the other", test_slot_is_rewritten },
	{ "a write is covered by the writeback flag, a read by the folio lock", test_what_covers_the_data },
	{ "a page that is not private is read into the cache", test_into_the_cache },
	{ "unless its slot is free", test_slot_is_gone },
	{ "who meets the bit without the folio sleeps a tick and tries again", test_window },
	{ "on a disk, too, a slot may hold a zero page and then another", test_slot_is_rewritten_on_disk },
	{ "four tasks on disks leave everything as it has to be", test_busy },
	{ "who finds a slot claimed sleeps, as the patch says", test_race_sleep },
	{ "and who reads holds the device, as another says", test_holds_device },
};

UNIT_MAIN("page_io", tests)
