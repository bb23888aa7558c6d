/*
 * The parts of the invariants one by one: each state here is wrong in one way only, so that a part that does
 * not look lets it pass.
 */
#include "models/mm/memory.h"
#include "models/mm/shmem.h"
#include "models/swap/cluster.h"
#include "models/words.h"
#include "tests/unit/files_world.h"
#include "tests/unit/fork_world.h"
#include "tests/unit/shmem_world.h"
#include "tests/unit/world.h"
#include "tests/unit/wrong_state.h"
#include "tests/unit/zswap_world.h"

static struct world w;

#define check(...) expect_violation(&w.k->machine, __VA_ARGS__)

/* Pages 0..31 are swapped, 32..63 resident. */
static void begin(void)
{
	world_init(&w, (struct world_size){ .pages = 64, .per_cluster = 16, .slots = 63, .per_table = 64 });
	world_write_range(&w, 0, 64);
	world_drain(&w, 0);
	CU_ASSERT_EQUAL_FATAL(world_pageout(&w, 0, 32), 32);
}

/* ---- lifetime ---- */

static void test_devices(void)
{
	begin();
	w.k->device[0].users.count++;
	check(&lifetime, &w.k->device[0], "device 0 counts 1 users, and operations in progress are 0");
	w.k->device[0].users.count -= 2;
	CU_ASSERT(!lifetime.holds(&w.k->machine, NULL));
	w.k->device[0].users.count++;
	w.k->device[0].flags &= ~SWP_WRITEOK;
	check(&lifetime, &w.k->device[0],
	      "the list of devices with free slots has device 0, which is being swapped off");
	w.k->device[0].on_avail_list = 0;
	CU_ASSERT(lifetime.holds(&w.k->machine, NULL));
	world_release(&w);
}

static void begin_without_maps(const char *release)
{
	world_init(&w, (struct world_size){
			   .release = release, .pages = 8, .per_cluster = 16, .slots = 63, .devices = 2 });
	CU_ASSERT_EQUAL_FATAL(RUN(&w, swapoff, .device = 1), PATH_OK);
	CU_ASSERT_FATAL(!w.k->device[1].has_maps);
	CU_ASSERT(lifetime.holds(&w.k->machine, NULL));
}

/* A CPU's place is one for all devices, or up to 6.14 one for each. */
static void test_freed_maps(void)
{
	static const char *const releases[] = { "6.12", "6.18" };

	for (u32 i = 0; i < ARRAY_SIZE(releases); i++) {
		u32 *hint, slot;

		begin_without_maps(releases[i]);
		hint = swap_hint_of(w.k, 1, &w.k->device[1], 0);
		slot = w.k->device[1].first_slot + 5;
		*hint = slot;
		check(&lifetime, percpu_of(&w.k->machine, 1),
		      "CPU 1 goes on in device 1, whose maps are freed");
		*hint = 0;
		w.k->slot[slot].map = 1;
		check(&lifetime, &w.k->slot[slot], "slot %u is in use, and the maps of device 1 are freed",
		      slot);
		world_release(&w);
	}
}

static void test_held_cluster(void)
{
	struct alloc_swap_scan_cluster *f;
	struct task *t;
	u32 cluster;

	begin_without_maps("6.18");
	cluster = w.k->device[1].first_cluster + 1;
	f = machine_add_task(&w.k->machine, PATH_alloc_swap_scan_cluster, sizeof *f, 0, true, 0);
	t = &w.k->machine.task[w.k->machine.tasks - 1];
	f->cluster = w.k->device[0].first_cluster + 1;
	CU_ASSERT(lifetime.holds(&w.k->machine, NULL));
	f->cluster = cluster + 1;
	check(&lifetime, &w.k->cluster[cluster],
	      "somebody has cluster %u in hand, and the maps of device 1 are freed", cluster);
	t->state = TASK_DONE;
	CU_ASSERT(lifetime.holds(&w.k->machine, NULL));
	world_release(&w);
}

static void test_too_few_references(void)
{
	u32 folio;

	begin();
	folio = w.k->pte[page_of(&w, 40)];
	w.k->folio[folio].refs--;
	check(
	    &lifetime, &w.k->folio[folio],
	    "folio %u has 0 references, page tables, cache and batches have 1 and operations in progress at "
	    "most 0",
	    folio);
	world_release(&w);
}

/* A free folio in each of the batches in turn. */
static void test_batches(void)
{
	struct percpu *cpu;

	begin();
	cpu = percpu_of(&w.k->machine, 1);
	for (u32 i = 0; i < 3; i++) {
		u32 *const batch[] = { cpu->lru_add, cpu->rotate, cpu->lazyfree };
		u32 *const count[] = { &cpu->lru_count, &cpu->rotate_count, &cpu->lazyfree_count };

		batch[i][0] = w.k->memory->folio_used + 1;
		*count[i] = 1;
		check(&lifetime, NULL, "folio %u is in a CPU's batch, and free", batch[i][0]);
		batch[i][0] = 0;
		*count[i] = 0;
		CU_ASSERT(lifetime.holds(&w.k->machine, NULL));
	}
	world_release(&w);
}

static void test_page_cache(void)
{
	struct files_world f;
	u32 folio, page;

	fw_init(&f, (struct world_size){ .pages = 700 });
	fw_access(&f, 0, 3, false);
	world_drain(&f.w, 0);
	page = fw_page(&f, FILES, FILES_PAGES + FILES_MORE - 1);
	CU_ASSERT_EQUAL_FATAL(f.w.k->page_cache[page], 0);
	CU_ASSERT(lifetime.holds(&f.w.k->machine, NULL));
	folio = folio_alloc(f.w.k, 0, 0);
	f.w.k->folio[folio].refs = 0;
	folio_free(f.w.k, folio);
	f.w.k->page_cache[page] = word_of_folio(folio);
	expect_violation(&f.w.k->machine, &lifetime, &f.w.k->folio[folio],
			 "the page cache has folio %u for page %u, and it is free", folio, page);
	world_release(&f.w);
}

/* ---- slot_conservation, content ---- */

static void test_bad_slot(void)
{
	u32 page;

	begin();
	page = page_of(&w, 3);
	w.k->pte[page] = 0; /* the header */
	check(&slot_conservation, &w.k->pte[page], "%s is swapped to slot 0, which there is not",
	      PAGE_NAME(w.k, page));
	world_release(&w);
}

static void test_cached_content(void)
{
	u32 slot, folio;

	begin();
	slot = entry_at(&w, 3);
	folio = folio_alloc(w.k, 0, 0);
	w.k->folio[folio].content = w.k->slot[slot].content;
	w.k->folio[folio].flags |= FOLIO_SWAPCACHE | FOLIO_UPTODATE;
	w.k->folio_io[folio].swap = slot;
	w.k->slot[slot].cache = word_of_folio(folio);
	CU_ASSERT(content.holds(&w.k->machine, NULL));
	w.k->folio[folio].content ^= 2;
	check(&content, &w.k->folio[folio],
	      "%s is swapped, and folio %u in the cache is not what it held last",
	      PAGE_NAME(w.k, page_of(&w, 3)), folio);
	/* the slot need not agree while it is being written */
	w.k->folio[folio].content ^= 2;
	w.k->slot[slot].content ^= 2;
	check(&content, &w.k->slot[slot], "%s is swapped, and slot %u is not what it held last",
	      PAGE_NAME(w.k, page_of(&w, 3)), slot);
	w.k->folio[folio].flags |= FOLIO_DIRTY;
	CU_ASSERT(content.holds(&w.k->machine, NULL));
	world_release(&w);
}

static void test_zswap_content(void)
{
	struct zswap_entry *kept;

	zswap_world(&w, (struct world_size){ .pages = 64, .device = "nvme-client" },
		    (struct zswap_config){ 0 });
	swapped_out(&w, 32);
	kept = kept_of(&w, 3);
	CU_ASSERT(content.holds(&w.k->machine, NULL));
	kept->content ^= 2;
	check(&content, kept, "%s is swapped, and what zswap has is not what it held last",
	      PAGE_NAME(w.k, page_of(&w, 3)));
	world_release(&w);
}

static void test_may_write(void)
{
	u32 folio;

	begin();
	folio = w.k->pte[page_of(&w, 40)];
	w.k->folio[folio].flags &= ~FOLIO_EXCLUSIVE;
	check(&content, &w.k->folio[folio], "%s may be written, and folio %u is not its own",
	      PAGE_NAME(w.k, page_of(&w, 40)), folio);
	w.k->folio[folio].flags |= FOLIO_EXCLUSIVE;
	w.k->folio[folio].mapcount = 2;
	check(&content, &w.k->folio[folio], "%s may be written, and folio %u is mapped elsewhere, too",
	      PAGE_NAME(w.k, page_of(&w, 40)), folio);
	world_release(&w);
}

static void test_segment(void)
{
	struct shm s;
	u32 page;

	shm_init(&s, (struct world_size){ .pages = 16 });
	shm_write(&s, 0, 3);
	shm_write(&s, 1, 3); /* both may write */
	world_drain(&s.w, 0);
	CU_ASSERT(content.holds(&s.w.k->machine, NULL));
	page = shm_index(&s, 5);
	s.w.k->pte_flags[page] = PTE_DIRTY;
	expect_violation(&s.w.k->machine, &content, &s.w.k->pte[page],
			 "%s was written, and there is nothing in its place", PAGE_NAME(s.w.k, page));
	shm_release(&s);
}

/* ---- accounting, order_agreement ---- */

static void test_anonymous(void)
{
	begin();
	w.k->mm[0].anon_pages++;
	check(&accounting, &w.k->mm[0],
	      "process process counts 33 anonymous pages and 32 swapped ones, its tables have 32 and 32");
	page_table_of(w.k, page_of(&w, 0))->ptl.owner = 1; /* it is about to be written */
	CU_ASSERT(accounting.holds(&w.k->machine, NULL));
	world_release(&w);
}

/* A page that is charged for a program that begins, and no more. */
static void test_charge_in_progress(void)
{
	begin();
	world_by_hand(&w);
	ADD_ON(&w, 0, exec_mmap, .mm = 0);
	w.k->memcg[1].usage++;
	CU_ASSERT(accounting.holds(&w.k->machine, NULL));
	w.k->memcg[1].usage++;
	check(&accounting, &w.k->memcg[1],
	      "cgroup \"group\" has %u pages charged; overhead, folios, zswap and stocks come to %u, charges "
	      "in progress to 1 at most",
	      (u32)w.k->memcg[1].usage, (u32)w.k->memcg[1].usage - 2);
	world_release(&w);
}

static void test_slot_owners(void)
{
	u32 folio, slot;

	world_init(&w, (struct world_size){
			   .pages = 16, .per_cluster = 16, .slots = 63, .memcgs = 3, .flat = true });
	folio = folio_alloc(w.k, 0, 0);
	CU_ASSERT_EQUAL(RUN(&w, folio_alloc_swap, .folio = folio), PATH_OK);
	slot = w.k->folio_io[folio].swap;
	w.k->slot[slot].memcg = 1;
	w.k->folio[folio].memcg = 2;
	w.k->memcg[1].swap_usage++;
	w.k->memcg[2].usage++;
	check(&accounting, &w.k->folio[folio],
	      "folio %u is charged to cgroup \"group\", and its slot %u to \"group\"", folio, slot);
	w.k->slot[slot].memcg = 2;
	w.k->memcg[1].swap_usage--;
	w.k->memcg[2].swap_usage++;
	CU_ASSERT(accounting.holds(&w.k->machine, NULL));
	w.k->slot[slot + 1].memcg = 2;
	w.k->memcg[2].swap_usage++;
	check(&accounting, &w.k->slot[slot + 1], "slot %u is free, and cgroup \"group\" is charged for it",
	      slot + 1);
	world_release(&w);
}

static void test_free_cluster(void)
{
	u32 cluster;

	world_init(&w, (struct world_size){ .per_cluster = 16, .slots = 63, .max_order = 3 });
	cluster = w.k->device[0].list[CLUSTER_FREE].head - 1;
	CU_ASSERT(order_agreement.holds(&w.k->machine, NULL));
	w.k->cluster[cluster].order = 2;
	check(&order_agreement, &w.k->cluster[cluster], "cluster %u with 0 slots in use is of order 2",
	      cluster);
	world_release(&w);
}

/* And a large folio is as many. */
static void test_large_charge_in_progress(void)
{
	begin();
	world_by_hand(&w);
	ADD_ON(&w, 0, mem_cgroup_charge, .memcg = 1, .order = 2);
	w.k->memcg[1].usage += 4;
	CU_ASSERT(accounting.holds(&w.k->machine, NULL));
	w.k->memcg[1].usage++;
	check(&accounting, &w.k->memcg[1],
	      "cgroup \"group\" has %u pages charged; overhead, folios, zswap and stocks come to %u, charges "
	      "in progress to 4 at most",
	      (u32)w.k->memcg[1].usage, (u32)w.k->memcg[1].usage - 5);
	world_release(&w);
}

/* A folio that the cache knows no more is being taken out by who has it in hand, and not by anybody. */
static void test_leaving(void)
{
	u32 slot, folio;

	begin();
	slot = entry_at(&w, 3);
	folio = folio_alloc(w.k, 0, 0);
	w.k->folio[folio].flags |= FOLIO_SWAPCACHE;
	w.k->folio_io[folio].swap = slot;
	world_by_hand(&w);
	ADD_ON(&w, 0, swap_read_folio, .folio = folio, .entry = slot);
	check(&cache_bijection, &w.k->folio[folio],
	      "folio %u is in the cache at slot %u, which does not know", folio, slot);
	ADD_ON(&w, 1, folio_free_swap, .folio = folio);
	CU_ASSERT(cache_bijection.holds(&w.k->machine, NULL));
	world_release(&w);
}

/* The references of the cache, one of each slot, go with the slots. */
static void test_references_of_slots(void)
{
	u32 folio;

	world_init(&w, (struct world_size){ .pages = 16, .per_cluster = 16, .slots = 63, .max_order = 2 });
	folio = folio_alloc(w.k, 2, 0);
	world_by_hand(&w);
	ADD_ON(&w, 0, folio_free_swap, .folio = folio);
	w.k->folio[folio].refs = 4;
	CU_ASSERT(lifetime.holds(&w.k->machine, NULL));
	w.k->folio[folio].refs = 5;
	check(&lifetime, &w.k->folio[folio],
	      "folio %u has 5 references, page tables, cache and batches have 0 and operations in progress "
	      "at most 4",
	      folio);
	world_release(&w);
}

/* Who unmapped pages has gathered them, and frees one after the other; nobody else has free ones in hand. */
static void test_gathered(void)
{
	struct zap_pages *f;
	u32 folio;

	begin();
	folio = folio_alloc(w.k, 0, 0);
	w.k->folio[folio].refs = 0;
	folio_free(w.k, folio);
	world_by_hand(&w);
	f = machine_add_task(&w.k->machine, PATH_zap_pages, sizeof *f, 0, true, 0);
	f->nr = 1;
	f->gathered[0] = folio;
	f->refs[0] = 1;
	CU_ASSERT(lifetime.holds(&w.k->machine, NULL));
	ADD_ON(&w, 1, folio_put, .folio = folio);
	check(&lifetime, &w.k->folio[folio], "folio %u is free, and folio_put.START has it in hand", folio);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "lifetime: a device's users, and the list it is on", test_devices },
	{ "lifetime: nobody goes on where maps are freed, and no slot is in use", test_freed_maps },
	{ "lifetime: nobody has a cluster in hand whose maps are freed", test_held_cluster },
	{ "lifetime: a reference that is not counted", test_too_few_references },
	{ "lifetime: a free folio in a batch, whichever", test_batches },
	{ "lifetime: a free folio in the page cache", test_page_cache },
	{ "slot_conservation: an entry that names a bad slot", test_bad_slot },
	{ "content: in the swap cache, whose slot may wait for it", test_cached_content },
	{ "content: in zswap", test_zswap_content },
	{ "content: who may write has the page alone", test_may_write },
	{ "content: a segment has what was written to it", test_segment },
	{ "accounting: anonymous pages, but not under the lock", test_anonymous },
	{ "accounting: no more than is being charged", test_charge_in_progress },
	{ "accounting: a slot is its folio's cgroup's, a free one nobody's", test_slot_owners },
	{ "order_agreement: a free cluster is of no order", test_free_cluster },
	{ "accounting: a large folio is charged by pages", test_large_charge_in_progress },
	{ "cache_bijection: who takes a folio out of the cache", test_leaving },
	{ "lifetime: references that go with slots", test_references_of_slots },
	{ "lifetime: folios that were gathered", test_gathered },
};

UNIT_MAIN("invariants_parts", tests)
