/* do_swap_page(): the bypass, its race, the swap cache, and what the pin is for. */
#include "models/block/block.h"
#include "models/cpu.h"
#include "models/mm/memcg.h"
#include "models/swap/ownership.h"

#include <stdio.h>

#include "tests/unit/search.h"
#include "tests/unit/world.h"

enum { TICK_NS = 4000000, MOST_STATES = 100000 };

/* Page 0 is swapped out. */
static u32 swapped_page(struct world *w, struct world_size size)
{
	world_init(w, size);
	world_write(w, 0);
	CU_ASSERT_EQUAL(world_pageout(w, 0, 1), 1);
	return entry_at(w, 0);
}

static void test_bypass(void)
{
	struct world w;
	u32 entry, fault, folio;

	entry = swapped_page(&w, (struct world_size){ 0 });
	world_by_hand(&w);
	fault = ADD_ON(&w, 0, handle_mm_fault, .page = page_of(&w, 0));
	CU_ASSERT(world_step_to(&w, fault, "alloc_charged_folio.ALLOC"));
	CU_ASSERT_EQUAL(w.k->slot[entry].map, 1); /* allocates and charges without a claim */
	CU_ASSERT(world_step_to(&w, fault, "zram_read_page.DECOMPRESS"));
	CU_ASSERT_EQUAL(w.k->slot[entry].map, SWAP_HAS_CACHE | 1);
	CU_ASSERT_EQUAL(word_folio(w.k->slot[entry].cache), 0); /* never in the cache */
	CU_ASSERT(world_step_to(&w, fault, "do_swap_page.UNLOCK_PTL"));
	CU_ASSERT_EQUAL(w.k->slot[entry].map, SWAP_HAS_CACHE);
	/* from here on the page may be zapped, and the folio is gone with it */
	CU_ASSERT_EQUAL(w.k->folio_io[w.k->pte[page_of(&w, 0)]].lock, 0);
	CU_ASSERT(is_resident(&w, 0));
	CU_ASSERT(world_step_to(&w, fault, NULL));
	CU_ASSERT_EQUAL(w.k->slot[entry].map, 0);
	CU_ASSERT_EQUAL(w.k->slot[entry].cache, 0);
	folio = w.k->pte[page_of(&w, 0)];
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 2); /* the page table's and the batch's */
	CU_ASSERT_EQUAL(w.k->folio_io[folio].lock, 0);
	CU_ASSERT_FALSE(w.k->folio[folio].flags & FOLIO_SWAPCACHE);
	CU_ASSERT_EQUAL(flags_at(&w, 0), PTE_PRESENT | PTE_ACCESSED | PTE_WRITE);
	CU_ASSERT_EQUAL(counted(&w, PGMAJFAULT), 1);
	CU_ASSERT_EQUAL(counted(&w, PSWPIN), 1);
	CU_ASSERT_EQUAL(counted(&w, WORKINGSET_REFAULT_ANON), 1);
	CU_ASSERT_EQUAL(w.k->mm[0].swap_ents, 0);
	CU_ASSERT_EQUAL(w.k->mm[0].anon_pages, 1);
	world_release(&w);
}

static void test_write(void)
{
	struct world w;

	swapped_page(&w, (struct world_size){ 0 });
	RUN(&w, handle_mm_fault, .page = page_of(&w, 0), .write = 1);
	CU_ASSERT_EQUAL(flags_at(&w, 0), PTE_PRESENT | PTE_ACCESSED | PTE_WRITE | PTE_DIRTY);
	world_release(&w);
}

static void test_charged_to_the_slots_cgroup(void)
{
	struct world w;

	swapped_page(&w, (struct world_size){ .memcgs = 3, .flat = true });
	w.k->slot[entry_at(&w, 0)].memcg = 2;
	w.k->memcg[1].swap_usage--;
	w.k->memcg[2].swap_usage++;
	world_read(&w, 0);
	CU_ASSERT_EQUAL(folio_at(&w, 0)->memcg, 2);
	CU_ASSERT_EQUAL(w.k->memcg[2].usage, 64);
	CU_ASSERT_EQUAL(w.k->memcg[2].swap_usage, 0);
	world_release(&w);
}

/* Free but for what zram and the swap cache hold. */
static u64 not_in_folios(const struct world *w)
{
	return w->k->memory->free + w->k->memory->pool_pages + w->k->memory->meta_pages;
}

/* Up to 6.11 the claim is there before the page, and stays behind if none can be had. */
static void test_claim_is_given_up(void)
{
	struct world w;
	u32 entry = swapped_page(&w, (struct world_size){ .release = "6.1", .limit = 100 });

	memcg_force_charge(w.k, 1, 100 + 64); /* more than the stock of the first CPU gives back */
	RUN_ON(&w, 1, do_swap_page, .page = page_of(&w, 0));
	CU_ASSERT_EQUAL(counted(&w, VM_FAULT_OOM), 1);
	CU_ASSERT_EQUAL(counted(&w, PSWPIN), 0);
	CU_ASSERT_EQUAL(w.k->slot[entry].map, 1);
	world_release(&w);
}

/* Two tasks fault on the page at the same time. */
static u64 race(struct world *w, const char *release)
{
	u64 free, start;

	swapped_page(w, (struct world_size){ .release = release });
	free = not_in_folios(w);
	start = w->k->machine.now;
	ADD_ON(w, 0, handle_mm_fault, .page = page_of(w, 0));
	ADD_ON(w, 1, handle_mm_fault, .page = page_of(w, 0));
	CU_ASSERT(machine_run(&w->k->machine, TIME_NEVER - 1, NULL));
	CU_ASSERT(is_resident(w, 0));
	CU_ASSERT_EQUAL(counted(w, SWAPIN_RACES), 1);
	CU_ASSERT_EQUAL(counted(w, SWAPIN_WASTED_PAGES), 1);
	CU_ASSERT_EQUAL(counted(w, SWAPIN_RACE_SLEEPS), 1);
	CU_ASSERT_EQUAL(w->k->latency[LATENCY_RACE_SLEEP].count, 1);
	CU_ASSERT_EQUAL(counted(w, PSWPIN), 1);
	CU_ASSERT_EQUAL(counted(w, PGMAJFAULT), 1);
	CU_ASSERT_EQUAL(not_in_folios(w), free - 1);
	CU_ASSERT_EQUAL(w->k->memcg[1].usage, 2 * 64 - 2); /* the first page and the loser's are uncharged */
	CU_ASSERT_EQUAL(w->k->device[0].inuse, 0);
	return w->k->machine.now - start;
}

static void test_loser_is_woken(void)
{
	struct world w;

	CU_ASSERT(race(&w, "6.18") < TICK_NS / 20);
	CU_ASSERT(counted(&w, SWAPIN_RACE_SLEEP_NS) < TICK_NS / 20);
	world_release(&w);
	CU_ASSERT(race(&w, "6.17") < TICK_NS / 20);
	world_release(&w);
}

static void test_loser_sleeps_a_tick(void)
{
	struct world w;
	u64 slept;

	race(&w, "6.18+race-wait-queue=off");
	slept = counted(&w, SWAPIN_RACE_SLEEP_NS);
	CU_ASSERT(slept > TICK_NS && slept <= 2 * TICK_NS + w.k->cpu_profile->wake_ns);
	world_release(&w);
}

static void test_loser_holds_its_page(void)
{
	struct world w;
	u32 winner, loser;
	u64 free;

	swapped_page(&w, (struct world_size){ 0 });
	free = w.k->memory->free;
	world_by_hand(&w);
	winner = ADD_ON(&w, 0, handle_mm_fault, .page = page_of(&w, 0));
	loser = ADD_ON(&w, 1, handle_mm_fault, .page = page_of(&w, 0));
	CU_ASSERT(world_step_to(&w, winner, "zram_read_page.DECOMPRESS"));
	CU_ASSERT(world_step_to(&w, loser, "do_swap_page.RACE_SLEEP"));
	CU_ASSERT_EQUAL(w.k->memory->free, free - 2);
	CU_ASSERT(world_step_to(&w, loser, NULL)); /* gives up, and would fault again */
	CU_ASSERT_EQUAL(w.k->memory->free, free - 1);
	CU_ASSERT(is_swapped(&w, 0));
	CU_ASSERT_EQUAL(counted(&w, PGMAJFAULT), 0);
	CU_ASSERT(world_step_to(&w, winner, NULL));
	CU_ASSERT(is_resident(&w, 0));
	world_release(&w);
}

/* Two tasks find the page in the swap cache: one maps it, the other backs out. */
static void test_two_hits(u8 write)
{
	struct world w;
	u32 entry, folio, a, b;

	entry = swapped_page(&w, (struct world_size){ 0 });
	folio = RUN(&w, swapin_readahead, .entry = entry, .page = page_of(&w, 0));
	world_drain(&w, 0);
	RUN(&w, folio_put, .folio = folio);
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 1);
	world_by_hand(&w);
	a = ADD_ON(&w, 0, handle_mm_fault, .page = page_of(&w, 0), .write = write);
	b = ADD_ON(&w, 1, handle_mm_fault, .page = page_of(&w, 0));
	CU_ASSERT(world_step_to(&w, b, "do_swap_page.LOCK_FOLIO"));
	CU_ASSERT(world_step_to(&w, a, "do_swap_page.LOCK_PTL"));
	CU_ASSERT_FALSE(world_step_to(&w, b, NULL));
	CU_ASSERT(world_step_to(&w, a, NULL));
	CU_ASSERT_EQUAL(w.k->pte[page_of(&w, 0)], folio);
	CU_ASSERT(world_step_to(&w, b, NULL));
	CU_ASSERT_EQUAL(w.k->folio_io[folio].lock, 0);
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 2); /* page table and cache: b's reference kept the slot */
	CU_ASSERT_EQUAL(counted(&w, PGMAJFAULT), 0);
	world_release(&w);
}

static void test_two_hits_reading(void)
{
	test_two_hits(0);
}

static void test_two_hits_writing(void)
{
	test_two_hits(1);
}

/* The folio holds another entry by the time it is locked. */
static void test_hit_on_another_entry(void)
{
	struct world w;
	u32 entry, folio, fault;

	entry = swapped_page(&w, (struct world_size){ 0 });
	folio = RUN(&w, swapin_readahead, .entry = entry, .page = page_of(&w, 0));
	world_by_hand(&w);
	fault = ADD_ON(&w, 1, handle_mm_fault, .page = page_of(&w, 0));
	CU_ASSERT(world_step_to(&w, fault, "do_swap_page.LOCK_FOLIO"));
	w.k->folio_io[folio].swap = entry + 1;
	CU_ASSERT(world_step_to(&w, fault, NULL));
	CU_ASSERT(is_swapped(&w, 0));
	CU_ASSERT_EQUAL(w.k->folio_io[folio].lock, 0);
	w.k->folio_io[folio].swap = entry;
	world_release(&w);
}

/* A hit keeps the slot when it reads and gives it back when it writes, or when swap is getting full. */
static void test_slot_after_a_hit(void)
{
	static const struct {
		u8 write, full, drained, kept;
	} rows[] = { { 0, 0, 1, 1 }, { 1, 0, 1, 0 }, { 1, 0, 0, 0 }, { 0, 1, 1, 0 } };

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		struct world w;
		u32 entry, folio;

		entry = swapped_page(&w, (struct world_size){ 0 });
		folio = RUN(&w, swapin_readahead, .entry = entry, .page = page_of(&w, 0));
		RUN(&w, folio_put, .folio = folio);
		if (rows[i].drained)
			world_drain(&w, 0);
		if (rows[i].full)
			w.k->swap->free_pages = w.k->swap->total_pages / 2 - 1;
		world_access(&w, 0, 0, rows[i].write);
		CU_ASSERT_EQUAL(w.k->slot[entry].map, rows[i].kept ? SWAP_HAS_CACHE : 0);
		CU_ASSERT_EQUAL(!!(w.k->folio[folio].flags & FOLIO_SWAPCACHE), rows[i].kept);
		world_release(&w);
	}
}

/* ---- asynchronous devices ---- */

/* Page 0 is on disk and nowhere else. */
static u32 page_on_disk(struct world *w)
{
	world_init(w, (struct world_size){ .device = "disk" });
	world_write(w, 0);
	CU_ASSERT_EQUAL(world_pageout(w, 0, 1), 0);
	world_idle(w, 100);
	w->k->scan_control[w->k->machine.tasks].target = 1;
	CU_ASSERT_EQUAL(RUN(w, shrink_inactive_list, .lruvec = 1, .nr_to_scan = 1), 1);
	return entry_at(w, 0);
}

/* The end of all I/O that was sent, as the device would bring it about. */
static void end_all_io(struct world *w)
{
	for (u32 i = 1; i < disk_requests(&w->k->config, false); i++)
		if (w->k->request[i].pages && w->k->request[i].issued)
			disk_done(&w->k->machine, i);
}

static void test_one_fault_one_read(void)
{
	struct world w;

	page_on_disk(&w);
	world_read(&w, 0);
	CU_ASSERT(is_resident(&w, 0));
	CU_ASSERT_EQUAL(counted(&w, PGFAULT), 2); /* with the first write */
	CU_ASSERT_EQUAL(counted(&w, PGMAJFAULT), 1);
	CU_ASSERT_EQUAL(counted(&w, PSWPIN), 1);
	CU_ASSERT_EQUAL(counted(&w, FOLIO_LOCK_WAITS), 1);
	CU_ASSERT_EQUAL(w.k->latency[LATENCY_MAJOR_FAULT].count, 1);
	CU_ASSERT(w.k->latency[LATENCY_MAJOR_FAULT].min > w.k->latency[LATENCY_SWAP_READ].min);
	CU_ASSERT(folio_at(&w, 0)->flags & FOLIO_SWAPCACHE); /* and its slot is kept */
	CU_ASSERT_PTR_NULL(w.k->machine.failure);
	world_release(&w);
}

/* Who has read waits once without the lock of the folio, then for the lock itself. */
static void test_reader_waits_twice(void)
{
	struct world w;
	u32 fault, folio;

	page_on_disk(&w);
	world_by_hand(&w);
	fault = ADD_ON(&w, 0, handle_mm_fault, .page = page_of(&w, 0));
	CU_ASSERT_FALSE(world_step_to(&w, fault, NULL));
	CU_ASSERT(world_is_at(&w, fault, "do_swap_page.WAIT_FOLIO"));
	folio = word_folio(w.k->slot[entry_at(&w, 0)].cache);
	end_all_io(&w);
	CU_ASSERT(world_step_to(&w, fault, "do_swap_page.LOOKUP"));
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 2); /* the cache's and the batch's: it let go meanwhile */
	w.k->folio_io[folio].lock = w.k->machine.config.tasks;
	CU_ASSERT_FALSE(world_step_to(&w, fault, NULL));
	CU_ASSERT(world_is_at(&w, fault, "do_swap_page.LOCK_FOLIO"));
	w.k->folio_io[folio].lock = 0;
	CU_ASSERT(world_step_to(&w, fault, NULL));
	CU_ASSERT(is_resident(&w, 0));
	CU_ASSERT_EQUAL(counted(&w, PGMAJFAULT), 1);
	CU_ASSERT_EQUAL(counted(&w, PGFAULT), 2);
	world_release(&w);
}

/* Who finds the page while another reads it: its first try is under the lock of the mapping, the second under
 * mmap_lock, and both wait without the lock of the folio. */
static void test_hit_waits_three_times(void)
{
	struct world w;
	u32 reader, hit, folio;

	page_on_disk(&w);
	world_by_hand(&w);
	reader = ADD_ON(&w, 0, handle_mm_fault, .page = page_of(&w, 0));
	CU_ASSERT_FALSE(world_step_to(&w, reader, NULL));
	folio = word_folio(w.k->slot[entry_at(&w, 0)].cache);
	hit = ADD_ON(&w, 1, handle_mm_fault, .page = page_of(&w, 0));
	CU_ASSERT_FALSE(world_step_to(&w, hit, NULL));
	CU_ASSERT(world_is_at(&w, hit, "do_swap_page.WAIT_FOLIO"));
	end_all_io(&w);
	CU_ASSERT(world_step_to(&w, hit, "do_swap_page.LOOKUP"));
	w.k->folio_io[folio].lock = w.k->machine.config.tasks;
	CU_ASSERT_FALSE(world_step_to(&w, hit, NULL));
	CU_ASSERT(world_is_at(&w, hit, "do_swap_page.WAIT_FOLIO"));
	w.k->folio_io[folio].lock = 0;
	CU_ASSERT(world_step_to(&w, hit, "do_swap_page.LOOKUP"));
	w.k->folio_io[folio].lock = w.k->machine.config.tasks;
	CU_ASSERT_FALSE(world_step_to(&w, hit, NULL));
	CU_ASSERT(world_is_at(&w, hit, "do_swap_page.LOCK_FOLIO"));
	w.k->folio_io[folio].lock = 0;
	CU_ASSERT(world_step_to(&w, hit, NULL));
	CU_ASSERT(world_step_to(&w, reader, NULL)); /* comes too late */
	CU_ASSERT_EQUAL(w.k->pte[page_of(&w, 0)], folio);
	CU_ASSERT_EQUAL(counted(&w, PGFAULT), 3);
	CU_ASSERT_EQUAL(counted(&w, PGMAJFAULT), 1); /* the reader's */
	CU_ASSERT_EQUAL(counted(&w, PSWPIN), 1);
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 3); /* page table, cache, batch */
	world_release(&w);
}

/* What was read is evicted again before the fault gets to it: it reads twice, and both count. */
static void test_read_twice(void)
{
	struct world w;
	u32 fault, drain, reclaim;

	page_on_disk(&w);
	world_by_hand(&w);
	fault = ADD_ON(&w, 0, handle_mm_fault, .page = page_of(&w, 0));
	CU_ASSERT_FALSE(world_step_to(&w, fault, NULL));
	end_all_io(&w);
	CU_ASSERT(world_step_to(&w, fault, "do_swap_page.LOOKUP"));
	drain = ADD_ON(&w, 0, lru_add_drain, .folio = 0);
	w.k->machine.config.preemption = PREEMPT_FULL;
	CU_ASSERT(world_step_to(&w, drain, NULL));
	reclaim = ADD_ON(&w, 1, shrink_active_list, .lruvec = 1, .nr_to_scan = 1);
	CU_ASSERT(world_step_to(&w, reclaim, NULL));
	w.k->scan_control[w.k->machine.tasks].target = 1;
	reclaim = ADD_ON(&w, 1, shrink_inactive_list, .lruvec = 1, .nr_to_scan = 1);
	CU_ASSERT(world_step_to(&w, reclaim, NULL));
	CU_ASSERT(word_shadow(w.k->slot[entry_at(&w, 0)].cache) != 0);
	CU_ASSERT_FALSE(world_step_to(&w, fault, NULL));
	end_all_io(&w);
	CU_ASSERT(world_step_to(&w, fault, NULL));
	CU_ASSERT(is_resident(&w, 0));
	CU_ASSERT_EQUAL(counted(&w, PSWPIN), 2);
	CU_ASSERT_EQUAL(counted(&w, PGMAJFAULT), 2);
	CU_ASSERT_EQUAL(counted(&w, PGFAULT), 2);
	CU_ASSERT_EQUAL(w.k->latency[LATENCY_MAJOR_FAULT].count, 1);
	world_release(&w);
}

/* It is mapped at once, stays, and is written again, to the same slot, when it has been changed. */
static void test_hit_under_writeback(void)
{
	for (u32 dirtied = 0; dirtied < 2; dirtied++) {
		struct world w;
		u32 folio, entry;

		world_init(&w, (struct world_size){ .device = "disk" });
		world_write(&w, 0);
		folio = w.k->pte[page_of(&w, 0)];
		CU_ASSERT_EQUAL(world_pageout(&w, 0, 1), 0);
		entry = entry_at(&w, 0);
		CU_ASSERT(w.k->folio_io[folio].writeback != 0);
		world_access(&w, 0, 0, dirtied);
		CU_ASSERT_EQUAL(w.k->pte[page_of(&w, 0)], folio);
		CU_ASSERT(w.k->folio_io[folio].writeback != 0); /* nobody waited for it */
		CU_ASSERT_EQUAL(counted(&w, PGMAJFAULT), 0);
		CU_ASSERT_EQUAL(counted(&w, FOLIO_LOCK_WAITS), 0);
		CU_ASSERT_EQUAL(w.k->slot[entry].map, SWAP_HAS_CACHE); /* nor may the slot be given back */
		CU_ASSERT_EQUAL(!!(flags_at(&w, 0) & PTE_DIRTY), dirtied);
		world_idle(&w, 100);
		CU_ASSERT_EQUAL(counted(&w, PGROTATED), 0); /* the hit took the mark */
		CU_ASSERT_EQUAL(world_pageout(&w, 0, 1), !dirtied);
		CU_ASSERT_EQUAL(entry_at(&w, 0), entry);
		CU_ASSERT_EQUAL(counted(&w, PSWPOUT), 1 + dirtied);
		world_idle(&w, 100);
		world_read(&w, 0);
		CU_ASSERT_PTR_NULL(w.k->machine.failure);
		world_release(&w);
	}
}

/* ---- all interleavings ---- */

static bool content_is_right(struct machine *m, GString *why)
{
	if (!m->failure)
		return cluster_ownership.holds(m, why);
	if (why)
		g_string_append(why, m->failure->message);
	return false;
}

static const struct invariant both = { "content", "what is read is what was written last", content_is_right };

/* One task writes to a swapped page, which then goes out again, to the only slot there is; another reads it
 * meanwhile. */
static void search_reuse(struct search *x, struct world *w, const char *release, bool stop)
{
	swapped_page(w, (struct world_size){ .release = release,
					     .tasks = 5,
					     .pages = 1,
					     .per_table = 1,
					     .per_cluster = 2,
					     .space_clusters = 1,
					     .slots = 1,
					     .memory = 24,
					     .min = 4 });
	world_by_hand(w);
	ADD_ON(w, 0, handle_mm_fault, .page = page_of(w, 0), .write = 1);
	ADD_ON(w, 0, madvise_pageout, .page = page_of(w, 0), .count = 1);
	ADD_ON(w, 1, handle_mm_fault, .page = page_of(w, 0));
	search_run(x, &w->k->machine, &both, MOST_STATES, stop);
	printf("%u states of about %u bytes: ", x->node->len, search_node(x, 0)->bytes);
}

static void expect_stale(const char *release)
{
	struct search x;
	struct world w;
	char *trail;

	search_reuse(&x, &w, release, true);
	CU_ASSERT_EQUAL_FATAL(x.violations, 1);
	CU_ASSERT_STRING_EQUAL(
	    x.why->str, "content: process0 was mapped with data that is not what was last written to it");
	trail = search_trail(&x, x.first_violation);
	CU_ASSERT(strstr(trail, "cpu1 E zram_read_page.DECOMPRESS\n") != NULL);
	CU_ASSERT(strstr(trail, "cpu0 D try_to_unmap_one.UNLOCK_PTL\n") != NULL);
	g_free(trail);
	search_release(&x);
	world_release(&w);
}

static void expect_sound(const char *release)
{
	struct search x;
	struct world w;

	search_reuse(&x, &w, release, false);
	CU_ASSERT_EQUAL(x.violations, 0);
	CU_ASSERT_EQUAL(x.deadlocks, 0);
	CU_ASSERT(x.finished > 1);
	CU_ASSERT(x.node->len < MOST_STATES);
	search_release(&x);
	world_release(&w);
}

static void test_without_pin(void)
{
	expect_stale("6.18+bypass-pin=off");
	expect_stale("6.17+bypass-pin=off");
}

static void test_with_pin_618(void)
{
	expect_sound("6.18");
}

static void test_with_pin_617(void)
{
	expect_sound("6.17");
}

/* The fault comes again only if the page is still swapped. */
static void test_nothing_to_read(void)
{
	struct world w;

	swapped_page(&w, (struct world_size){ 0 });
	world_write(&w, 1);
	RUN(&w, swapin_none, .page = page_of(&w, 1), .entry = entry_at(&w, 0));
	CU_ASSERT_EQUAL(counted(&w, VM_FAULT_OOM), 0);
	RUN(&w, swapin_none, .page = page_of(&w, 0), .entry = entry_at(&w, 0));
	CU_ASSERT_EQUAL(counted(&w, VM_FAULT_OOM), 1);
	world_release(&w);
}

/* Who comes second up to 6.11 has nothing to throw away, and memory was not what was missing. */
static void test_claim_is_lost(void)
{
	struct world w;
	u32 a, b;

	swapped_page(&w, (struct world_size){ .release = "6.1" });
	world_by_hand(&w);
	a = ADD_ON(&w, 0, handle_mm_fault, .page = page_of(&w, 0));
	b = ADD_ON(&w, 1, handle_mm_fault, .page = page_of(&w, 0));
	CU_ASSERT(world_step_to(&w, b, "swapcache_prepare.LOCK_CI"));
	CU_ASSERT(world_step_to(&w, a, "zram_read_page.DECOMPRESS"));
	CU_ASSERT(world_step_to(&w, b, NULL));
	CU_ASSERT_EQUAL(counted(&w, SWAPIN_RACES), 1);
	CU_ASSERT_EQUAL(counted(&w, SWAPIN_WASTED_PAGES), 0);
	CU_ASSERT_EQUAL(counted(&w, VM_FAULT_OOM), 0);
	CU_ASSERT(world_step_to(&w, a, NULL));
	world_release(&w);
}

/* In 7.0 the folio is in the swap cache when its page is given up: it leaves, and takes the slot along. */
static void test_given_up_meanwhile(void)
{
	struct world w;
	u32 fault;

	swapped_page(&w, (struct world_size){ .release = "7.0" });
	world_by_hand(&w);
	fault = ADD_ON(&w, 0, handle_mm_fault, .page = page_of(&w, 0));
	CU_ASSERT(world_step_to(&w, fault, "do_swap_page.LOCK_PTL"));
	CU_ASSERT(
	    world_step_to(&w, ADD_ON(&w, 1, zap_pages, .page = page_of(&w, 0), .end = page_of(&w, 1)), NULL));
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 1);
	CU_ASSERT(world_step_to(&w, fault, NULL));
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 0);
	world_release(&w);
}

/* Under cgroup v1 a page that is read around the swap cache is charged, and its slot no more. */
static void test_charge_of_the_slot_v1(void)
{
	struct world w;
	u32 fault, entry;

	entry = swapped_page(&w, (struct world_size){ .cgroup_version = 1, .memsw_limit = 1000 });
	CU_ASSERT_EQUAL(w.k->slot[entry].memcg, 1);
	world_by_hand(&w);
	fault = ADD_ON(&w, 0, handle_mm_fault, .page = page_of(&w, 0));
	CU_ASSERT(world_step_to(&w, fault, "zram_read_page.DECOMPRESS"));
	CU_ASSERT_EQUAL(w.k->slot[entry].memcg, 0);
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 0);
	CU_ASSERT(world_step_to(&w, fault, NULL));
	world_release(&w);
}

static const struct unit tests[] = {
	{ "a private page on zram is read around the cache, under a claim", test_bypass },
	{ "a write leaves the page dirty", test_write },
	{ "a page is charged to whom its slot is charged", test_charged_to_the_slots_cgroup },
	{ "who finds no page for it gives up the claim (6.1)", test_claim_is_given_up },
	{ "who loses the race is woken by the winner", test_loser_is_woken },
	{ "and without the wait queue sleeps a whole tick", test_loser_sleeps_a_tick },
	{ "holding a charged page, which is wasted", test_loser_holds_its_page },
	{ "of two faults that find the page in the cache one maps it", test_two_hits_reading },
	{ "also when that one writes", test_two_hits_writing },
	{ "a folio that has become another's is not mapped", test_hit_on_another_entry },
	{ "a slot is kept by a read, freed by a write or when swap is getting full", test_slot_after_a_hit },
	{ "a fault that reads from a disk is one fault, and a major one", test_one_fault_one_read },
	{ "it waits for the read, then locks the page", test_reader_waits_twice },
	{ "who meets the page being read waits, and tries twice before that", test_hit_waits_three_times },
	{ "a fault that reads twice counts two reads", test_read_twice },
	{ "a page being written is mapped, and written again if it is changed", test_hit_under_writeback },
	{ "without the pin stale data is mapped in some interleaving", test_without_pin },
	{ "with it in none (6.18)", test_with_pin_618 },
	{ "with it in none (6.17)", test_with_pin_617 },
	{ "a page that is there by now is not missed", test_nothing_to_read },
	{ "who loses a claim is not short of memory", test_claim_is_lost },
	{ "a folio whose page was given up leaves with its slot", test_given_up_meanwhile },
	{ "under cgroup v1 a slot's charge goes when it is read", test_charge_of_the_slot_v1 },
};

UNIT_MAIN("swapin", tests)
