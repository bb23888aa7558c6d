/* Shadows, the refault distance, and the cost of lists. */
#include "models/mm/workingset.h"

#include "models/cpu.h"
#include "models/mm/lru.h"
#include "models/mm/memory.h"
#include "models/swap/extend_table.h"
#include "tests/unit/world.h"

enum { ACTIVE = 10 };

/* A cgroup with 10 active pages of 31, figures always fresh. */
static void world_with_active(struct world *w, u32 memcgs)
{
	world_init(w, (struct world_size){ .release = "6.18+stats-ratelimited=off", .memcgs = memcgs });
	world_write_range(w, 0, 31);
	for (u32 i = 0; i < ACTIVE; i++) {
		u32 folio = w->k->pte[page_of(w, i)];

		lruvec_del_folio(w->k, &w->k->lruvec[1], folio);
		w->k->folio[folio].flags |= FOLIO_ACTIVE;
		lruvec_add_folio(w->k, &w->k->lruvec[1], folio);
	}
}

static u32 new_folio(struct world *w, u32 memcg)
{
	u32 folio = folio_alloc(w->k, 0, 0);

	w->k->folio[folio].memcg = memcg;
	return folio;
}

static bool activated(struct world *w, u64 shadow)
{
	u32 folio = new_folio(w, 1);

	workingset_refault(w->k, &w->k->machine.task[0], folio, shadow);
	return w->k->folio[folio].flags & FOLIO_ACTIVE;
}

static void test_eviction(void)
{
	struct world w;
	u64 shadow;

	world_init(&w, (struct world_size){ .memcgs = 3 });
	w.k->lruvec[2].nonresident_age = 5;
	shadow = workingset_eviction(w.k, &w.k->machine.task[0], new_folio(&w, 2), 2);
	CU_ASSERT_EQUAL(word_folio(shadow), 0);
	CU_ASSERT_EQUAL(word_shadow(shadow), shadow);
	CU_ASSERT_EQUAL(shadow >> SHADOW_AGE_SHIFT, 5);
	CU_ASSERT_EQUAL(shadow >> SHADOW_MEMCG_SHIFT & 0xffff, 2);
	CU_ASSERT_FALSE(shadow & SHADOW_WORKINGSET);
	CU_ASSERT_EQUAL(w.k->lruvec[2].nonresident_age, 6);
	CU_ASSERT_EQUAL(w.k->lruvec[1].nonresident_age, 1); /* all ancestors age */
	CU_ASSERT_EQUAL(w.k->lruvec[0].nonresident_age, 1);
	world_release(&w);
}

static void test_distance_boundary(void)
{
	struct world w;
	u64 shadow;

	world_with_active(&w, 2);
	shadow = workingset_eviction(w.k, &w.k->machine.task[0], new_folio(&w, 1), 1); /* ages by 1 */
	workingset_age_nonresident(w.k, 1, ACTIVE);
	CU_ASSERT_FALSE(activated(&w, shadow)); /* 11 pages ago, 10 could have been kept */
	CU_ASSERT_EQUAL(counted(&w, WORKINGSET_REFAULT_ANON), 1);
	CU_ASSERT_EQUAL(counted(&w, WORKINGSET_ACTIVATE_ANON), 0);
	w.k->lruvec[1].nonresident_age--;
	CU_ASSERT(activated(&w, shadow));
	CU_ASSERT_EQUAL(counted(&w, WORKINGSET_ACTIVATE_ANON), 1);
	CU_ASSERT_EQUAL(counted(&w, WORKINGSET_RESTORE_ANON), 0);
	CU_ASSERT_FALSE(activated(&w, shadow)); /* the activation aged what is out of memory */
	world_release(&w);
}

static void test_recorded(void)
{
	const struct histogram *h;
	struct world w;
	u64 shadow;

	world_with_active(&w, 2);
	h = w.k->refault;
	shadow = workingset_eviction(w.k, &w.k->machine.task[0], new_folio(&w, 1), 1);
	workingset_age_nonresident(w.k, 1, ACTIVE);
	CU_ASSERT_FALSE(activated(&w, shadow));
	w.k->lruvec[1].nonresident_age -= 2;
	CU_ASSERT(activated(&w, shadow));
	CU_ASSERT(h[REFAULT_DISTANCE].count == 2 && h[REFAULT_DISTANCE].min == ACTIVE - 1);
	CU_ASSERT_EQUAL(h[REFAULT_DISTANCE].max, ACTIVE + 1);
	CU_ASSERT(h[REFAULT_DISTANCE_ACTIVATED].count == 1);
	CU_ASSERT_EQUAL(h[REFAULT_DISTANCE_ACTIVATED].max, ACTIVE - 1);
	CU_ASSERT(h[REFAULT_WORKINGSET_SIZE].count == 2 && h[REFAULT_WORKINGSET_SIZE].min == ACTIVE);
	CU_ASSERT_EQUAL(h[REFAULT_WORKINGSET_SIZE].max, ACTIVE);
	world_release(&w);
}

static void test_no_swap_left(void)
{
	struct world w;
	u64 shadow;

	world_with_active(&w, 2);
	shadow = workingset_eviction(w.k, &w.k->machine.task[0], new_folio(&w, 1), 1);
	w.k->swap->free_pages = 0;
	CU_ASSERT_FALSE(activated(&w, shadow));
	w.k->swap->free_pages = 1;
	CU_ASSERT(activated(&w, shadow));
	world_release(&w);
}

static void test_parent_counts_children(void)
{
	struct world w;
	u64 shadow;

	world_with_active(&w, 2);
	shadow = workingset_eviction(w.k, &w.k->machine.task[0], new_folio(&w, 1),
				     0); /* reclaimed for the root: its figures count */
	workingset_age_nonresident(w.k, 0, ACTIVE - 1);
	CU_ASSERT(activated(&w, shadow));
	CU_ASSERT_FALSE(activated(&w, shadow));
	world_release(&w);
}

static void test_restore(void)
{
	struct world w;
	u32 folio;
	u64 shadow;

	world_with_active(&w, 2);
	folio = new_folio(&w, 1);
	w.k->folio[folio].flags |= FOLIO_WORKINGSET;
	shadow = workingset_eviction(w.k, &w.k->machine.task[0], folio, 1);
	CU_ASSERT(shadow & SHADOW_WORKINGSET);
	folio = new_folio(&w, 1);
	CU_ASSERT(workingset_refault(w.k, &w.k->machine.task[0], folio, shadow));
	CU_ASSERT(w.k->folio[folio].flags & FOLIO_WORKINGSET);
	CU_ASSERT_EQUAL(counted(&w, WORKINGSET_RESTORE_ANON), 1);
	RUN(&w, lru_note_cost_refault, .folio = folio);
	CU_ASSERT_EQUAL(w.k->lruvec[1].cost[LRU_ANON], 16); /* 32, halved: the lists have but 31 pages */
	CU_ASSERT_EQUAL(w.k->lruvec[1].cost[LRU_FILE], 0);
	world_release(&w);
}

static void test_old_figures(void)
{
	struct world w;
	u64 shadow;

	world_with_active(&w, 2);
	w.k->patch.stats_ratelimited = PATCH_ON;
	shadow = workingset_eviction(w.k, &w.k->machine.task[0], new_folio(&w, 1), 1);
	w.k->config.memory_stat_ns = UINT64_C(1000000000);
	w.k->lruvec[1].flushed = (struct lruvec_stats){ 0 }; /* nobody has summed up since the start */
	CU_ASSERT_FALSE(activated(&w, shadow));
	w.k->lruvec[1].flushed.size[LRU_ACTIVE_ANON] = 1;
	CU_ASSERT(activated(&w, shadow));
	world_release(&w);
}

static void test_cost_decays(void)
{
	struct world w;

	world_with_active(&w, 2); /* 31 pages: above 7 both costs are halved */
	RUN(&w, lru_note_cost, .memcg = 1, .cost = 7);
	CU_ASSERT_EQUAL(w.k->lruvec[1].cost[LRU_ANON], 7);
	RUN(&w, lru_note_cost, .memcg = 1, .cost = 5, .file = true);
	CU_ASSERT_EQUAL(w.k->lruvec[1].cost[LRU_ANON], 3);
	CU_ASSERT_EQUAL(w.k->lruvec[1].cost[LRU_FILE], 2);
	RUN(&w, lru_note_cost, .memcg = 1,
	    .cost = lru_cost(w.k, 2, 1)); /* a page written is as 32 looked at */
	CU_ASSERT_EQUAL(w.k->lruvec[1].cost[LRU_ANON], (3 + 65) / 2);
	CU_ASSERT_EQUAL(w.k->lruvec[1].cost[LRU_FILE], 1);
	world_release(&w);
}

/* Sections of lru_lock, with one cgroup below the machine, of a scan of pages that are all wanted still, and
 * of a scan that costs nothing. */
static void test_locks(void)
{
	static const struct {
		const char *release;
		u32 scan, nothing;
	} rows[] = { { "6.12", 2 + 2, 2 }, { "6.14", 2 + 2, 2 }, { "6.17", 2 + 1, 1 },
		     { "7.0", 2 + 1, 1 },  { "7.1", 2 + 2, 1 },	 { "7.2", 2 + 2, 1 } };

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		struct world w;
		u64 before;

		world_init(&w, (struct world_size){ .release = rows[i].release });
		world_write_range(&w, 0, 31);
		before = locks_taken(&w, CLASS_LRU);
		CU_ASSERT_EQUAL(
		    RUN(&w, shrink_inactive_list, .lruvec = 1, .lru = LRU_INACTIVE_ANON, .nr_to_scan = 4), 0);
		CU_ASSERT_EQUAL(locks_taken(&w, CLASS_LRU) - before, rows[i].scan);
		CU_ASSERT_EQUAL(w.k->lruvec[1].cost[LRU_ANON], 4);
		CU_ASSERT_EQUAL(w.k->lruvec[0].cost[LRU_ANON], 4);
		before = locks_taken(&w, CLASS_LRU);
		RUN(&w, lru_note_cost, .memcg = 1);
		CU_ASSERT_EQUAL(locks_taken(&w, CLASS_LRU) - before, rows[i].nothing);
		world_release(&w);
	}
}

/* What an anonymous page could have been kept in place of: pages of files, be they inactive. */
static void test_inactive_files_count(void)
{
	struct world w;
	u64 shadow;

	world_with_active(&w, 2);
	shadow = workingset_eviction(w.k, &w.k->machine.task[0], new_folio(&w, 1), 1);
	workingset_age_nonresident(w.k, 1, ACTIVE);
	w.k->lruvec[1].list[LRU_INACTIVE_FILE].count = 1;
	CU_ASSERT(activated(&w, shadow)); /* 11 pages ago, 10 active ones and one of a file */
	w.k->lruvec[1].list[LRU_INACTIVE_FILE].count = 0;
	world_release(&w);
}

/* All above learn of it: their active pages may be made inactive. */
static void test_activation_is_known_above(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .release = "6.18+stats-ratelimited=off", .memcgs = 3 });
	world_write_range(&w, 0, 31);
	w.k->lruvec[2].nonresident_age = 0;
	w.k->lruvec[2].list[LRU_ACTIVE_ANON].count = 100;
	{
		u32 folio = new_folio(&w, 2);
		u64 shadow = workingset_eviction(w.k, &w.k->machine.task[0], folio, 2);

		workingset_refault(w.k, &w.k->machine.task[0], folio, shadow);
	}
	w.k->lruvec[2].list[LRU_ACTIVE_ANON].count = 0;
	for (u32 i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(w.k->lruvec[i].activated[LRU_ANON], 1);
	world_release(&w);
}

/* From 7.1 on the shadow of an anonymous page leaves room for the slot's count. */
static void test_room_for_a_count(void)
{
	static const char *const kernels[] = { "7.0", "7.1" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct world w;
		u64 anon, file;
		u32 folio;

		world_init(&w, (struct world_size){ .release = kernels[i] });
		w.k->lruvec[1].nonresident_age = UINT64_MAX / 2;
		folio = new_folio(&w, 1);
		anon = workingset_eviction(w.k, &w.k->machine.task[0], folio, 1);
		w.k->lruvec[1].nonresident_age = UINT64_MAX / 2;
		w.k->folio[folio].flags |= FOLIO_FILE;
		file = workingset_eviction(w.k, &w.k->machine.task[0], folio, 1);
		CU_ASSERT_EQUAL(anon & word_flags(w.k), 0);
		CU_ASSERT_EQUAL(anon == file, i == 0);
		CU_ASSERT_EQUAL(file >> SHADOW_AGE_SHIFT, UINT64_MAX >> SHADOW_AGE_SHIFT);
		world_release(&w);
	}
}

/* The counters of all levels are written: lines of another CPU. */
static void test_lines_of_the_age(void)
{
	struct world w;
	struct task *t;

	world_init(&w, (struct world_size){ .memcgs = 3 });
	t = &w.k->machine.task[0];
	for (u32 cpu = 0; cpu < 2; cpu++) {
		t->cpu = cpu;
		t->work_ns = 0;
		workingset_eviction(w.k, t, new_folio(&w, 2), 2);
		CU_ASSERT_EQUAL(t->work_ns, cpu * 3 * w.k->cpu_profile->line_ns);
	}
	world_release(&w);
}

static const struct unit tests[] = {
	{ "an eviction leaves its time and ages all levels", test_eviction },
	{ "a page comes back active if it was away for at most a working set", test_distance_boundary },
	{ "distances and what they are held against are recorded", test_recorded },
	{ "active anonymous pages count only while there is swap left", test_no_swap_left },
	{ "a page reclaimed for an ancestor is judged by the whole subtree", test_parent_counts_children },
	{ "a page that had been active costs when it comes back", test_restore },
	{ "the distance is judged by figures that may be old", test_old_figures },
	{ "costs are noted under lru_lock of each level, from 6.17 to 7.0 as pages go back", test_locks },
	{ "costs are halved above a quarter of the lists", test_cost_decays },
	{ "pages of files are room for others", test_inactive_files_count },
	{ "an activation is known to all above", test_activation_is_known_above },
	{ "from 7.1 on a shadow leaves room for a count", test_room_for_a_count },
	{ "an eviction writes the ages of all levels", test_lines_of_the_age },
};

UNIT_MAIN("workingset", tests)
