/* LRU lists, the batches in front of them, and when the inactive list is low. */
#include "models/mm/lru.h"

#include "models/cpu.h"
#include "models/mm/memory.h"
#include "tests/unit/world.h"

enum { BATCH = 31, PAGES_PER_GIB = 1 << 18 };

static void test_batch_is_31(void)
{
	struct world w;

	world_init(&w, (struct world_size){ 0 });
	world_write_range(&w, 0, BATCH - 1);
	CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON), 0);
	CU_ASSERT_FALSE(folio_at(&w, 0)->flags & FOLIO_LRU);
	CU_ASSERT_EQUAL(folio_at(&w, 0)->refs, 2);
	world_write(&w, BATCH - 1);
	CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON), BATCH);
	CU_ASSERT_EQUAL(list_count(&w, LRU_ACTIVE_ANON), 0);
	CU_ASSERT(folio_at(&w, 0)->flags & FOLIO_LRU);
	CU_ASSERT_EQUAL(folio_at(&w, 0)->refs, 1);
	world_release(&w);
}

static void test_list_order(void)
{
	struct world w;

	world_init(&w, (struct world_size){ 0 });
	world_write_range(&w, 0, BATCH);
	CU_ASSERT_EQUAL(w.k->lruvec[1].list[LRU_INACTIVE_ANON].tail, w.k->pte[page_of(&w, 0)]);
	CU_ASSERT_EQUAL(w.k->lruvec[1].list[LRU_INACTIVE_ANON].head, w.k->pte[page_of(&w, BATCH - 1)]);
	world_release(&w);
}

static void test_other_cpu_cannot_isolate(void)
{
	struct world w;

	world_init(&w, (struct world_size){ 0 });
	world_access(&w, 1, 0, true);
	world_access(&w, 0, 1, true);
	CU_ASSERT_EQUAL(world_pageout(&w, 0, 2), 1); /* on CPU 0: its own batch is drained, no other's */
	CU_ASSERT(is_resident(&w, 0));
	CU_ASSERT(is_swapped(&w, 1));
	world_drain(&w, 1);
	CU_ASSERT_EQUAL(world_pageout(&w, 0, 1), 1);
	world_release(&w);
}

/* Twice, by a task on @cpu; page 0 is in the batch of CPU 0. */
static void mark_twice(struct world *w, u16 cpu)
{
	struct task t = { .cpu = cpu };

	for (u32 i = 0; i < 2; i++)
		folio_mark_accessed(w->k, &t, w->k->pte[page_of(w, 0)]);
}

/* What is in this CPU's batch goes onto the active list, and no counter tells; what is in another's does not.
 */
static void test_use_in_batch(void)
{
	for (u16 cpu = 0; cpu < 2; cpu++) {
		struct world w;

		world_init(&w, (struct world_size){ 0 });
		world_access(&w, 0, 0, true);
		mark_twice(&w, cpu);
		CU_ASSERT_FALSE(folio_at(&w, 0)->flags & FOLIO_REFERENCED);
		CU_ASSERT_EQUAL(w.k->lruvec[1].nonresident_age, 1);
		world_drain(&w, 0);
		CU_ASSERT_EQUAL(list_count(&w, LRU_ACTIVE_ANON), !cpu);
		CU_ASSERT_EQUAL(counted(&w, PGACTIVATE), 0);
		if (cpu)
			mark_twice(&w, cpu); /* on a list it is the same to all */
		CU_ASSERT_EQUAL(list_count(&w, LRU_ACTIVE_ANON), 1);
		CU_ASSERT_EQUAL(counted(&w, PGACTIVATE), cpu);
		world_release(&w);
	}
}

static void test_batch_of_two_cgroups(void)
{
	struct world w;
	u32 other;

	world_init(&w, (struct world_size){ .memcgs = 3, .flat = true });
	world_write(&w, 0);
	other = RUN(&w, alloc_charged_folio, .page = page_of(&w, 1), .memcg = 2);
	CU_ASSERT_FALSE(folio_add_lru(w.k, &w.k->machine.task[0], other));
	world_write(&w, 2);
	world_drain(&w, 0);
	CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON), 2);
	CU_ASSERT_EQUAL(w.k->lruvec[2].list[LRU_INACTIVE_ANON].head, other);
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_LRU), 3); /* lists change: 1, 2, 1 */
	world_release(&w);
}

/* Somebody took the batch's folio out of use while it waited there. */
static void test_dead_folio_in_batch(void)
{
	struct world w;
	u32 folio;
	u64 free, usage;

	world_init(&w, (struct world_size){ 0 });
	world_write(&w, 1);
	free = w.k->memory->free;
	usage = w.k->memcg[1].usage;
	folio = RUN(&w, alloc_charged_folio, .page = page_of(&w, 0), .memcg = 1);
	folio_add_lru(w.k, &w.k->machine.task[0], folio);
	CU_ASSERT_EQUAL(RUN(&w, folio_put, .folio = folio), 0);
	world_drain(&w, 0);
	CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON), 1);
	CU_ASSERT_EQUAL(w.k->memory->free, free);
	CU_ASSERT_EQUAL(w.k->folio[folio].flags, 0);
	CU_ASSERT(w.k->memcg[1].usage <= usage);
	world_release(&w);
}

/* A task that filled a batch loses its CPU before it has drained it; the next one adds to the same batch. */
static void test_full_batch_and_preemption(void)
{
	struct world w;
	u32 first, second, a, b;

	world_init(&w, (struct world_size){ .preemption = PREEMPT_FULL });
	world_write_range(&w, 0, BATCH + 1);
	CU_ASSERT_EQUAL(world_pageout(&w, 0, 2), 2);
	world_write_range(&w, BATCH + 1, BATCH - 1);
	CU_ASSERT_EQUAL(((struct percpu *)percpu_of(&w.k->machine, 0))->lru_count, BATCH - 1);
	world_by_hand(&w);
	first = ADD_ON(&w, 0, handle_mm_fault, .page = page_of(&w, 0));
	second = ADD_ON(&w, 0, handle_mm_fault, .page = page_of(&w, 1));
	CU_ASSERT(world_step_to(&w, first, "lru_add_drain.LOCK_BATCH"));
	CU_ASSERT(world_step_to(&w, second, NULL));
	CU_ASSERT(world_step_to(&w, first, NULL));
	a = w.k->pte[page_of(&w, 0)];
	b = w.k->pte[page_of(&w, 1)];
	CU_ASSERT(is_resident(&w, 0) && is_resident(&w, 1));
	CU_ASSERT(w.k->folio[b].flags & FOLIO_LRU);
	CU_ASSERT(a != b && ((struct percpu *)percpu_of(&w.k->machine, 0))->lru_count <= 1);
	CU_ASSERT_EQUAL(((struct percpu *)percpu_of(&w.k->machine, 0))->stock[0].memcg, 1);
	world_release(&w);
}

static bool low(u64 inactive, u64 active)
{
	struct lruvec_stats stats = { .size = {
					  [LRU_INACTIVE_ANON] = inactive, [LRU_ACTIVE_ANON] = active } };

	return inactive_is_low(&stats, LRU_INACTIVE_ANON);
}

static void test_inactive_is_low(void)
{
	CU_ASSERT_FALSE(low(0, 0));
	CU_ASSERT(low(0, 1));
	CU_ASSERT_FALSE(low(100, 100));
	CU_ASSERT(low(100, 101));
	CU_ASSERT_FALSE(low(PAGES_PER_GIB / 2 - 1, PAGES_PER_GIB / 2 - 1)); /* just below 1 GiB: ratio 1 */
	CU_ASSERT(low(PAGES_PER_GIB / 2 - 2, PAGES_PER_GIB / 2 - 1));
	/* 1 GiB: 3 */
	CU_ASSERT_FALSE(low(PAGES_PER_GIB / 4, PAGES_PER_GIB / 4 * 3));
	CU_ASSERT(low(PAGES_PER_GIB / 4 - 1, PAGES_PER_GIB / 4 * 3 + 1));
	/* 10 GiB: 10 */
	CU_ASSERT_FALSE(low(PAGES_PER_GIB, PAGES_PER_GIB * 9));
	CU_ASSERT_FALSE(low(PAGES_PER_GIB, PAGES_PER_GIB * 10));
	CU_ASSERT(low(PAGES_PER_GIB, PAGES_PER_GIB * 10 + 1));
}

static void test_putback_ages_active(void)
{
	struct world w;
	struct folio_list taken = { 0 }, dead = { 0 };
	u64 age;

	world_init(&w, (struct world_size){ 0 });
	world_write_range(&w, 0, BATCH);
	age = w.k->lruvec[1].nonresident_age;
	for (u32 i = 0; i < 3; i++) {
		u32 folio = w.k->pte[page_of(&w, i)];

		lruvec_del_folio(w.k, &w.k->lruvec[1], folio);
		w.k->folio[folio].refs++;
		w.k->folio[folio].flags |= i < 2 ? FOLIO_ACTIVE : 0;
		folio_list_add(w.k, &taken, folio);
	}
	lru_putback(w.k, 1, &taken, &dead);
	CU_ASSERT_EQUAL(dead.count, 0);
	CU_ASSERT_EQUAL(list_count(&w, LRU_ACTIVE_ANON), 2);
	CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON), BATCH - 2);
	CU_ASSERT_EQUAL(w.k->lruvec[1].nonresident_age, age + 2);
	CU_ASSERT_EQUAL(w.k->lruvec[1].list[LRU_INACTIVE_ANON].head, w.k->pte[page_of(&w, 2)]);
	world_release(&w);
}

/* ---- what was written goes to the tail ---- */

static struct percpu *cpu_of(const struct world *w, u32 cpu)
{
	return percpu_of(&w->k->machine, cpu);
}

static u32 folio_of(const struct world *w, u32 page)
{
	return w->k->pte[page_of(w, page)];
}

/* Pages 0.. are on the inactive list, 0 at its tail. */
static void listed_world(struct world *w, u32 pages)
{
	world_init(w, (struct world_size){ 0 });
	world_fill(w, pages);
	CU_ASSERT_EQUAL(list_count(w, LRU_INACTIVE_ANON), pages);
}

static void check_order(const struct world *w, const u32 *page, u32 n)
{
	u32 folio = w->k->lruvec[1].list[LRU_INACTIVE_ANON].tail;

	for (u32 i = 0; i < n; i++, folio = w->k->folio[folio].prev)
		CU_ASSERT_EQUAL(w->k->folio[folio].page, page_of(w, page[i]));
}

static void test_rotation(void)
{
	static const u32 order[] = { 2, 4, 3, 0, 1, 5 };
	struct world w;

	listed_world(&w, 6);
	folio_rotate_reclaimable(w.k, 0, folio_of(&w, 3));
	folio_rotate_reclaimable(w.k, 0, folio_of(&w, 4));
	folio_rotate_reclaimable(w.k, 0, folio_of(&w, 2));
	CU_ASSERT_EQUAL(folio_at(&w, 3)->refs, 2);
	CU_ASSERT_EQUAL(counted(&w, PGROTATED), 0);
	world_drain(&w, 0);
	check_order(&w, order, ARRAY_SIZE(order)); /* the last one first */
	CU_ASSERT_EQUAL(folio_at(&w, 3)->refs, 1);
	CU_ASSERT_EQUAL(counted(&w, PGROTATED), 3);
	CU_ASSERT_EQUAL(cpu_of(&w, 0)->rotate_count, 0);
	world_release(&w);
}

/* Whether a page that waits to be rotated may be isolated meanwhile. */
static void test_who_waits_is_isolated(void)
{
	static const char *const kernels[] = { "6.12", "6.14", "6.17" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		bool off = i == 1;
		struct world w;

		world_init(&w, (struct world_size){ .release = kernels[i] });
		world_write_range(&w, 0, 4);
		world_drain(&w, 0);
		for (u32 n = 0; n < 4; n++)
			folio_at(&w, n)->flags &= ~FOLIO_DIRTY;
		folio_rotate_reclaimable(w.k, 0, folio_of(&w, 2));
		CU_ASSERT_EQUAL(!(folio_at(&w, 2)->flags & FOLIO_LRU), off);
		CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON), 4 - off);
		folio_rotate_reclaimable(w.k, 0, folio_of(&w, 2));
		CU_ASSERT_EQUAL(cpu_of(&w, 0)->rotate_count, 2 - off); /* nor rotated twice */
		world_drain(&w, 0);
		CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON), 4);
		CU_ASSERT_EQUAL(w.k->lruvec[1].list[LRU_INACTIVE_ANON].tail, folio_of(&w, 2));
		CU_ASSERT_EQUAL(folio_at(&w, 2)->refs, 1);
		world_release(&w);
	}
}

static void test_active_is_rotated_too(void)
{
	static const u32 order[] = { 2, 0, 1, 3 };
	struct world w;
	u32 folio;

	listed_world(&w, 4);
	folio = folio_of(&w, 2);
	lruvec_del_folio(w.k, &w.k->lruvec[1], folio);
	w.k->folio[folio].flags |= FOLIO_ACTIVE;
	lruvec_add_folio(w.k, &w.k->lruvec[1], folio);
	folio_rotate_reclaimable(w.k, 0, folio);
	world_drain(&w, 0);
	CU_ASSERT_FALSE(w.k->folio[folio].flags & FOLIO_ACTIVE);
	CU_ASSERT_EQUAL(list_count(&w, LRU_ACTIVE_ANON), 0);
	check_order(&w, order, ARRAY_SIZE(order));
	world_release(&w);
}

static void test_what_is_not_rotated(void)
{
	struct world w;

	listed_world(&w, 4);
	io_of(&w, folio_at(&w, 1))->lock = 1;
	folio_at(&w, 2)->flags |= FOLIO_DIRTY;
	lruvec_del_folio(w.k, &w.k->lruvec[1], folio_of(&w, 3)); /* isolated */
	for (u32 i = 1; i < 4; i++) {
		folio_rotate_reclaimable(w.k, 0, folio_of(&w, i));
		CU_ASSERT_EQUAL(folio_at(&w, i)->refs, 1);
	}
	CU_ASSERT_EQUAL(cpu_of(&w, 0)->rotate_count, 0);
	world_release(&w);
}

static void test_rotation_batch_is_31(void)
{
	struct world w;

	listed_world(&w, BATCH + 2);
	for (u32 i = 1; i < BATCH; i++)
		folio_rotate_reclaimable(w.k, 0, folio_of(&w, i));
	CU_ASSERT_EQUAL(counted(&w, PGROTATED), 0);
	folio_rotate_reclaimable(w.k, 0, folio_of(&w, BATCH)); /* in the interrupt that fills it */
	CU_ASSERT_EQUAL(counted(&w, PGROTATED), BATCH);
	CU_ASSERT_EQUAL(cpu_of(&w, 0)->rotate_count, 0);
	CU_ASSERT_EQUAL(w.k->lruvec[1].list[LRU_INACTIVE_ANON].tail, folio_of(&w, BATCH));
	world_release(&w);
}

static void test_rotation_is_of_one_cpu(void)
{
	struct world w;
	u32 first;

	listed_world(&w, 2 * BATCH + 1);
	first = list_count(&w, LRU_INACTIVE_ANON);
	folio_rotate_reclaimable(w.k, 1, folio_of(&w, 3));
	world_drain(&w, 0);
	CU_ASSERT_EQUAL(counted(&w, PGROTATED), 0);
	folio_rotate_reclaimable(w.k, 0, folio_of(&w, 4));
	world_write_range(&w, first, BATCH); /* a batch of new pages that is full drains itself alone */
	CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON), first + BATCH);
	CU_ASSERT_EQUAL(counted(&w, PGROTATED), 0);
	world_drain(&w, 1);
	CU_ASSERT_EQUAL(w.k->lruvec[1].list[LRU_INACTIVE_ANON].tail, folio_of(&w, 3));
	world_drain(&w, 0);
	CU_ASSERT_EQUAL(w.k->lruvec[1].list[LRU_INACTIVE_ANON].tail, folio_of(&w, 4));
	world_release(&w);
}

/* Nobody holds it back; but the batch's reference keeps it from being written, and it goes on waiting. */
static void test_isolated_while_in_rotation(void)
{
	static const u32 order[] = { 1, 2, 0 };
	struct world w;
	u32 folio;

	listed_world(&w, 3);
	world_age(&w, 0, 3);
	folio = folio_of(&w, 0);
	folio_rotate_reclaimable(w.k, 1, folio);
	w.k->scan_control[w.k->machine.tasks].target = 1;
	CU_ASSERT_EQUAL(RUN(&w, shrink_inactive_list, .lruvec = 1, .nr_to_scan = 1), 0);
	CU_ASSERT_EQUAL(counted(&w, PGSCAN), 1);
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), 0);
	check_order(&w, order, ARRAY_SIZE(order));
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 2); /* the swap cache's and the batch's */
	world_drain(&w, 1);
	CU_ASSERT_EQUAL(w.k->lruvec[1].list[LRU_INACTIVE_ANON].tail, folio);
	w.k->scan_control[w.k->machine.tasks].target = 1;
	CU_ASSERT_EQUAL(RUN(&w, shrink_inactive_list, .lruvec = 1, .nr_to_scan = 1), 1);
	world_release(&w);
}

static void test_rotation_leaves_isolated(void)
{
	struct world w;
	u32 folio;

	listed_world(&w, 3);
	folio = folio_of(&w, 1);
	folio_rotate_reclaimable(w.k, 0, folio);
	lruvec_del_folio(w.k, &w.k->lruvec[1], folio);
	w.k->folio[folio].refs++;
	world_drain(&w, 0);
	CU_ASSERT_EQUAL(counted(&w, PGROTATED), 0);
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 2);
	CU_ASSERT_FALSE(w.k->folio[folio].flags & FOLIO_LRU);
	CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON), 2);
	world_release(&w);
}

static void test_dead_folio_in_rotation(void)
{
	struct world w;
	u32 folio;
	u64 free, usage;

	world_init(&w, (struct world_size){ 0 });
	world_write(&w, 1);
	free = w.k->memory->free;
	usage = w.k->memcg[1].usage;
	folio = RUN(&w, alloc_charged_folio, .page = page_of(&w, 0), .memcg = 1);
	folio_add_lru(w.k, &w.k->machine.task[0], folio);
	world_drain(&w, 0);
	folio_rotate_reclaimable(w.k, 0, folio);
	CU_ASSERT_EQUAL(RUN(&w, folio_put, .folio = folio), 0);
	world_drain(&w, 0);
	CU_ASSERT_EQUAL(counted(&w, PGROTATED), 0);
	CU_ASSERT_EQUAL(list_count(&w, LRU_INACTIVE_ANON), 1);
	CU_ASSERT_EQUAL(w.k->memory->free, free);
	CU_ASSERT_EQUAL(w.k->folio[folio].flags, 0);
	CU_ASSERT(w.k->memcg[1].usage <= usage);
	world_release(&w);
}

enum { MOVED = 10, MOVE_NS = 1000 };

/* ns more that a call takes when to move a folio takes MOVE_NS more. */
#define MOVES_TAKE(w, path, ...)                                                                             \
	({                                                                                                   \
		struct cpu_profile slow = *(w)->k->cpu_profile;                                              \
		u64 began = (w)->k->machine.now, fast;                                                       \
                                                                                                             \
		RUN(w, path, __VA_ARGS__);                                                                   \
		fast = (w)->k->machine.now - began;                                                          \
		world_drain(w, 0);                                                                           \
		world_write_range(w, 0, MOVED);                                                              \
		world_drain(w, 0);                                                                           \
		slow.isolate_ns += MOVE_NS;                                                                  \
		(w)->k->cpu_profile = &slow;                                                                 \
		began = (w)->k->machine.now;                                                                 \
		RUN(w, path, __VA_ARGS__);                                                                   \
		(w)->k->cpu_profile = cpu_profile_find("server");                                            \
		(w)->k->machine.now - began - fast;                                                          \
	})

/* Pages that go back are put onto their list, pages that are given up go off it, under the lock. */
static void test_moves_take_time(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .cpus = 1 });
	world_write_range(&w, 0, MOVED);
	world_drain(&w, 0);
	CU_ASSERT_EQUAL(MOVES_TAKE(&w, madvise_dontneed, .page = page_of(&w, 0), .count = MOVED),
			MOVED * MOVE_NS);
	world_write_range(&w, 0, MOVED);
	world_drain(&w, 0);
	CU_ASSERT_EQUAL(MOVES_TAKE(&w, shrink_inactive_list, .lruvec = 1, .nr_to_scan = MOVED),
			2 * MOVED * MOVE_NS); /* they were used: off it and back */
	world_release(&w);
}

/* While one page is isolated the line of the next comes over: it takes the longer of both. */
static void test_lines_overlap(void)
{
	u64 ns[2];

	for (u32 cpu = 0; cpu < 2; cpu++) {
		struct world w;

		world_init(&w, (struct world_size){ .cpus = 2 });
		for (u32 i = 0; i < MOVED; i++)
			world_access(&w, cpu, i, true);
		world_drain(&w, cpu);
		ns[cpu] = w.k->machine.now;
		RUN(&w, shrink_inactive_list, .lruvec = 1, .nr_to_scan = MOVED);
		ns[cpu] = w.k->machine.now - ns[cpu];
		CU_ASSERT_EQUAL(w.k->cpu_profile->isolate_ns, 95);
		CU_ASSERT_EQUAL(w.k->cpu_profile->line_ns, 107);
		world_release(&w);
	}
	/* And of lru_lock, that of the page table, and of the lock of its mapping before that, two lines. */
	CU_ASSERT_EQUAL(ns[1] - ns[0], MOVED * (107 - 95) + (2 + 2 + 1) * 107);
}

/* A large folio is moved as one. */
static void test_large_is_one(void)
{
	struct folio_list list = { 0 };
	struct world w;
	u32 large;

	world_init(&w, (struct world_size){ .max_order = 4 });
	large = folio_alloc(w.k, 4, 0);
	folio_list_add(w.k, &list, large);
	folio_list_add(w.k, &list, folio_alloc(w.k, 0, 0));
	CU_ASSERT_EQUAL(list.count, 17);
	CU_ASSERT_EQUAL(folio_list_folios(w.k, &list), 2);
	CU_ASSERT_EQUAL(lru_putback_ns(w.k, &list), 2 * 95);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "a new page waits in a batch of 31, which holds a reference", test_batch_is_31 },
	{ "lists are filled at the head in order of the batch", test_list_order },
	{ "a page in another CPU's batch cannot be isolated", test_other_cpu_cannot_isolate },
	{ "a page that is used twice is active, in this CPU's batch, too, but not in another's",
	  test_use_in_batch },
	{ "a batch of two cgroups goes onto two lists", test_batch_of_two_cgroups },
	{ "a folio that died in the batch is freed when it is drained", test_dead_folio_in_batch },
	{ "a preempted task does not overfill the batch", test_full_batch_and_preemption },
	{ "the inactive list is low below 1:1, from 1 GiB on below 1:sqrt(10 GiB)", test_inactive_is_low },
	{ "putting back ages what is out of memory by the active folios", test_putback_ages_active },
	{ "written pages go to the very tail, the last one last", test_rotation },
	{ "in 6.14 who waits for that is off the list", test_who_waits_is_isolated },
	{ "active ones, too, and are active no longer", test_active_is_rotated_too },
	{ "but none that is locked, dirty or isolated", test_what_is_not_rotated },
	{ "31 of them go at once", test_rotation_batch_is_31 },
	{ "or when the CPU they were written by drains its batches", test_rotation_is_of_one_cpu },
	{ "until then they may be isolated, and are kept", test_isolated_while_in_rotation },
	{ "and what is isolated is not moved", test_rotation_leaves_isolated },
	{ "one that died on the way is freed", test_dead_folio_in_rotation },
	{ "to move a folio takes time, with lru_lock held", test_moves_take_time },
	{ "in which the line of the next one comes", test_lines_overlap },
	{ "a large one is moved as one", test_large_is_one },
};

UNIT_MAIN("lru", tests)
