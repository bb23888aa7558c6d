/* The swap cache: who takes which lock how often, what it keeps, what it costs. */
#include "models/swap/cache.h"

#include "models/cpu.h"
#include "models/mm/memory.h"
#include "tests/unit/world.h"

struct taken {
	u64 ci, xa, si;
};

static struct taken locks(const struct world *w)
{
	return (struct taken){ locks_taken(w, CLASS_CLUSTER), locks_taken(w, CLASS_XARRAY),
			       locks_taken(w, CLASS_SWAP_DEVICE) };
}

static struct taken since(const struct world *w, struct taken then)
{
	struct taken now = locks(w);

	return (struct taken){ now.ci - then.ci, now.xa - then.xa, now.si - then.si };
}

/* Lock sections of one page on the fast path: the CPU has a hint, and no cluster changes its list. */
static void test_sections(const char *release, struct taken out, struct taken in, struct taken readahead)
{
	struct world w;
	struct taken then, n;
	u32 entry;

	world_init(&w, (struct world_size){ .release = release });
	world_write_range(&w, 0, 4);
	world_pageout(&w, 0, 3);
	then = locks(&w);
	CU_ASSERT_EQUAL(world_pageout(&w, 3, 1), 1);
	n = since(&w, then);
	CU_ASSERT_EQUAL(n.ci, out.ci);
	CU_ASSERT_EQUAL(n.xa, out.xa);
	CU_ASSERT_EQUAL(n.si, 0);
	world_read(&w, 0); /* the cluster goes to the nonfull list */
	then = locks(&w);
	world_read(&w, 1);
	n = since(&w, then);
	CU_ASSERT_EQUAL(n.ci, in.ci);
	CU_ASSERT_EQUAL(n.xa, in.xa);
	CU_ASSERT_EQUAL(n.si, 0);
	entry = entry_at(&w, 2);
	then = locks(&w);
	RUN(&w, read_swap_cache_async, .entry = entry, .page = page_of(&w, 2));
	n = since(&w, then);
	CU_ASSERT_EQUAL(n.ci, readahead.ci);
	CU_ASSERT_EQUAL(n.xa, readahead.xa);
	world_release(&w);
}

/* Without refilling the CPU's cache of slots, one more a slot, and without giving a batch back: one more of
 * each a slot. */
static void test_sections_612(void)
{
	test_sections("6.12", (struct taken){ 3, 2, 0 }, (struct taken){ 3, 0, 0 },
		      (struct taken){ 2, 1, 0 });
}

static void test_sections_617(void)
{
	/* out: allocate, count, still referred to?, drop the bit; insert, remove. in: claim, count, release;
	 * shadow. */
	test_sections("6.17", (struct taken){ 4, 2, 0 }, (struct taken){ 3, 1, 0 },
		      (struct taken){ 2, 1, 0 });
}

static void test_sections_618(void)
{
	test_sections("6.18", (struct taken){ 6, 0, 0 }, (struct taken){ 3, 0, 0 },
		      (struct taken){ 3, 0, 0 });
}

static void test_irqs_are_off(const char *release, const char *add, bool add_off, const char *remove)
{
	struct world w;
	u32 task;

	world_init(&w, (struct world_size){ .release = release });
	world_write(&w, 0);
	world_by_hand(&w);
	task = ADD_ON(&w, 0, madvise_pageout, .page = page_of(&w, 0), .count = 1);
	CU_ASSERT(world_step_to(&w, task, add));
	CU_ASSERT_EQUAL(w.k->machine.task[task].irq_off, add_off);
	CU_ASSERT_EQUAL(w.k->machine.task[task].preempt_off, 1);
	CU_ASSERT(world_step_to(&w, task, remove));
	CU_ASSERT_EQUAL(w.k->machine.task[task].irq_off, 1);
	CU_ASSERT(world_step_to(&w, task, NULL));
	world_release(&w);
}

static void test_interrupts(void)
{
	test_irqs_are_off("6.17", "swap_cache_add_folio.UNLOCK_XA", true, "remove_mapping.UNLOCK_XA");
	test_irqs_are_off("6.18", "swap_cache_add_folio.UNLOCK_CI", false, "remove_mapping.UNLOCK_CI");
}

/* Between the claim and the insertion, and between the removal and the end of the claim, there is the bit and
 * no folio. */
static void test_two_sections(const char *release, const char *add, const char *removed)
{
	struct world w;
	u32 task, entry = 1;

	world_init(&w, (struct world_size){ .release = release, .per_cluster = 4, .slots = 3 });
	world_write(&w, 0);
	world_by_hand(&w);
	task = ADD_ON(&w, 0, madvise_pageout, .page = page_of(&w, 0), .count = 1);
	CU_ASSERT(world_step_to(&w, task, add));
	CU_ASSERT_EQUAL(w.k->slot[entry].map, SWAP_HAS_CACHE);
	CU_ASSERT_EQUAL(w.k->slot[entry].cache, 0);
	CU_ASSERT(world_step_to(&w, task, "try_to_unmap_one.LOCK_PTL"));
	CU_ASSERT_EQUAL(word_folio(w.k->slot[entry].cache), w.k->pte[page_of(&w, 0)]);
	CU_ASSERT(world_step_to(&w, task, removed));
	CU_ASSERT(world_step_to(&w, task, "swapcache_clear.LOCK_CI"));
	CU_ASSERT_EQUAL(w.k->slot[entry].map, SWAP_HAS_CACHE | 1);
	CU_ASSERT(word_shadow(w.k->slot[entry].cache) != 0);
	CU_ASSERT(world_step_to(&w, task, NULL));
	CU_ASSERT_EQUAL(w.k->slot[entry].map, 1);
	world_release(&w);
}

static void test_windows(void)
{
	test_two_sections("6.17", "swap_cache_add_folio.LOCK_XA", "remove_mapping.UNLOCK_XA");
	test_two_sections("6.18", "swap_cache_add_folio.LOCK_CI", "remove_mapping.UNLOCK_CI");
}

/* Page 0 was swapped out and read back; the folio, ours, is in a batch yet. */
static u32 world_of_cached(struct world *w)
{
	world_init(w, (struct world_size){ 0 });
	world_write(w, 0);
	world_pageout(w, 0, 1);
	return RUN(w, read_swap_cache_async, .entry = entry_at(w, 0), .page = page_of(w, 0));
}

static void test_removal(void)
{
	struct world w;
	u32 folio = world_of_cached(&w), entry = w.k->folio_io[folio].swap;

	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 3); /* ours, the cache's, the batch's */
	CU_ASSERT_EQUAL(RUN(&w, remove_mapping, .folio = folio), false);
	world_drain(&w, 0);
	w.k->folio[folio].flags |= FOLIO_DIRTY;
	CU_ASSERT_EQUAL(RUN(&w, remove_mapping, .folio = folio), false);
	w.k->folio[folio].flags &= ~FOLIO_DIRTY;
	w.k->scan_control[w.k->machine.tasks].target = 1;
	CU_ASSERT_EQUAL(RUN(&w, remove_mapping, .folio = folio), true);
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 0);
	CU_ASSERT_EQUAL(w.k->folio_io[folio].swap, 0);
	CU_ASSERT_EQUAL(word_shadow(w.k->slot[entry].cache) >> SHADOW_MEMCG_SHIFT & 0xffff, 1);
	CU_ASSERT_EQUAL(w.k->slot[entry].map, 1);
	world_release(&w);
}

/* What left the swap cache while it was being written is in no cache: it is not taken out of one. */
static void test_removal_of_nothing(void)
{
	struct world w;
	u32 folio = world_of_cached(&w);

	world_drain(&w, 0);
	w.k->folio_io[folio].lock = 1;
	CU_ASSERT(RUN(&w, folio_free_swap, .folio = folio, .anyway = true));
	w.k->folio[folio].flags &= ~FOLIO_DIRTY;
	w.k->folio[folio].refs = 2; /* ours, and of one who is about to look whose it is */
	CU_ASSERT_EQUAL(RUN(&w, remove_mapping, .folio = folio), false);
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 2);
	world_release(&w);
}

/* Bytes a slot: 3.18 up to 6.17, 3.19 in 6.18. */
static void test_static_bytes(void)
{
	struct world w;
	u64 slots = 1 << 28, clusters = slots / 512;

	world_init(&w, (struct world_size){ .release = "6.17" });
	CU_ASSERT_EQUAL(swap_static_bytes(w.k, slots, clusters),
			slots * 3 + slots / 8 + clusters * 24 + slots / 16384 * 192);
	CU_ASSERT_EQUAL(swap_static_bytes(w.k, slots, clusters) * 100 / slots, 318);
	world_release(&w);
	world_init(&w, (struct world_size){ .release = "6.18" });
	CU_ASSERT_EQUAL(swap_static_bytes(w.k, slots, clusters), slots * 3 + slots / 8 + clusters * 32);
	CU_ASSERT_EQUAL(swap_static_bytes(w.k, 1, 1), 3 + 1 + 32);
	world_release(&w);
}

static void test_dynamic_bytes(void)
{
	struct world w;

	/* 6.18: 8 bytes for every slot of a cluster in use; 1500 slots and the header are in three. */
	world_init(&w, (struct world_size){ .pages = 2048 });
	world_fill(&w, 1500);
	CU_ASSERT_EQUAL(world_pageout(&w, 0, 1500), 1500);
	CU_ASSERT_EQUAL(w.k->memory->meta_bytes, 3 * 4096);
	world_release(&w);
}

static void test_lookup_cost(void)
{
	struct world w;
	u32 old;

	world_init(&w, (struct world_size){ .release = "6.17" });
	old = swap_cache_lookup_ns(w.k);
	world_release(&w);
	world_init(&w, (struct world_size){ .release = "6.18" });
	CU_ASSERT(old >= 40 && old <= 120); /* three levels against one */
	CU_ASSERT(swap_cache_lookup_ns(w.k) >= 5 && swap_cache_lookup_ns(w.k) <= 15);
	world_release(&w);
}

/* To store into the XArray takes its time, with its lock held. */
static void test_cost_of_storing(void)
{
	static const char *const kernels[] = { "6.17", "6.18" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		u64 ns[2];

		for (u32 slow = 0; slow < 2; slow++) {
			struct cpu_profile costs;
			struct world w;
			u32 folio;

			world_init(&w, (struct world_size){ .release = kernels[i] });
			costs = *w.k->cpu_profile;
			costs.cache_store_ns[SWAP_CACHE_XARRAY] += slow * 12345;
			w.k->cpu_profile = &costs;
			folio = folio_alloc(w.k, 0, 0);
			ns[slow] = w.k->machine.now;
			RUN(&w, swap_cache_add_folio, .folio = folio, .entry = 5);
			ns[slow] = w.k->machine.now - ns[slow];
			world_release(&w);
		}
		CU_ASSERT_EQUAL(ns[1] - ns[0], i ? 0 : 12345);
	}
}

static const struct unit tests[] = {
	{ "6.12: a page out takes 3 cluster and 2 xa sections, in 3; the rest is in batches",
	  test_sections_612 },
	{ "6.17: a page out takes 4 cluster and 2 xa sections, in 3 and 1", test_sections_617 },
	{ "6.18: a page out takes 6 cluster sections, in 3", test_sections_618 },
	{ "interrupts are off where the kernel has them off", test_interrupts },
	{ "the bit is set before the folio is there and cleared after it went", test_windows },
	{ "a folio leaves the cache if it is clean and nobody else holds it", test_removal },
	{ "a folio that is in no cache leaves none", test_removal_of_nothing },
	{ "static metadata is 3.18 and 3.19 bytes a slot", test_static_bytes },
	{ "a table is a page for every cluster in use", test_dynamic_bytes },
	{ "a lookup costs three levels or one", test_lookup_cost },
	{ "storing into the XArray takes its time", test_cost_of_storing },
};

UNIT_MAIN("cache", tests)
