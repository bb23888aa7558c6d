/* Which frames folios get: no two overlap, a large one begins where its size says, and blocks come together
 * again. */
#include "models/mm/folio.h"
#include "models/mm/free_frames.h"
#include "models/mm/memory.h"
#include "sim/random.h"
#include "tests/unit/world.h"

enum { MEMORY = 512, ORDERS = 5, FOLIOS = 64 };

static void large_world(struct world *w)
{
	world_init(w, (struct world_size){ .memory = MEMORY,
					   .min = 1,
					   .slots = 31,
					   .per_cluster = 8,
					   .space_clusters = 2,
					   .max_order = ORDERS - 1 });
}

/* Which folio each frame is of; a frame is of one at most. */
static void mark(struct world *w, u32 *owner, u32 folio, u32 as)
{
	for (u32 i = 0; i < folio_nr_pages(w->k, folio); i++) {
		CU_ASSERT_EQUAL(page_folio(w->k, folio + i), folio);
		CU_ASSERT_EQUAL(owner[folio + i], as ? 0 : folio);
		owner[folio + i] = as;
	}
}

static void test_frames_are_of_one_folio(void)
{
	struct world w;
	u32 folio[FOLIOS] = { 0 }, *owner;
	u64 free;

	large_world(&w);
	owner = g_new0(u32, frames_needed(MEMORY, ORDERS - 1));
	free = w.k->memory->free;
	for (u32 i = 0; i < 20000; i++) {
		u32 one = random_below(random_value(1, i), FOLIOS),
		    order = random_below(random_value(2, i), ORDERS);

		if (folio[one]) {
			mark(&w, owner, folio[one], 0);
			folio_free(w.k, folio[one]);
			folio[one] = 0;
			continue;
		}
		folio[one] = folio_alloc(w.k, order, 0);
		if (!folio[one])
			continue;
		CU_ASSERT_EQUAL(folio[one] % (1u << order), 0);
		CU_ASSERT_EQUAL(folio_order(w.k, folio[one]), order);
		mark(&w, owner, folio[one], folio[one]);
	}
	for (u32 i = 0; i < FOLIOS; i++)
		if (folio[i])
			folio_free(w.k, folio[i]);
	CU_ASSERT_EQUAL(w.k->memory->free, free);
	g_free(owner);
	world_release(&w);
}

static void test_buddies_merge(void)
{
	struct world w;
	u32 used;

	large_world(&w);
	folio_free(w.k, folio_alloc(w.k, ORDERS - 1, 0)); /* numbers below it are of smaller blocks */
	used = w.k->memory->folio_used;
	for (u32 i = 0; i < used; i++)
		CU_ASSERT(folio_alloc(w.k, 0, 0) != 0);
	for (u32 i = 1; i <= used; i++)
		if (w.k->folio[i].flags & FOLIO_IN_USE)
			folio_free(w.k, i);
	CU_ASSERT(folio_alloc(w.k, ORDERS - 1, 0) != 0);
	CU_ASSERT_EQUAL(w.k->memory->folio_used, used);
	world_release(&w);
}

static void test_free_memory_is_what_counts(void)
{
	struct world w;
	u64 free;

	large_world(&w);
	free = w.k->memory->free;
	CU_ASSERT_EQUAL(folio_alloc(w.k, 3, free - 7), 0);
	CU_ASSERT(folio_alloc(w.k, 3, free - 8) != 0);
	CU_ASSERT_EQUAL(w.k->memory->free, free - 8);
	world_release(&w);
}

static void test_mappings_are_counted_by_frame_and_folio(void)
{
	struct world w;
	u32 folio;

	large_world(&w);
	folio = folio_alloc(w.k, 2, 0);
	CU_ASSERT_FALSE(folio_mapped(w.k, folio));
	frame_add_rmap(w.k, folio + 3);
	frame_add_rmap(w.k, folio + 3);
	frame_add_rmap(w.k, folio);
	CU_ASSERT_EQUAL(folio_mapcount(w.k, folio), 3);
	CU_ASSERT_EQUAL(w.k->folio[folio + 3].mapcount, 2);
	frame_remove_rmap(w.k, folio + 3);
	CU_ASSERT_EQUAL(folio_mapcount(w.k, folio), 2);
	CU_ASSERT_EQUAL(w.k->folio[folio].mapcount, 1);
	w.k->folio_io[folio].swap = 40;
	CU_ASSERT_EQUAL(frame_slot(w.k, folio + 2), 42);
	CU_ASSERT_EQUAL(slot_frame(w.k, folio, 43), folio + 3);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "frames are of one folio at a time, and folios begin where their size says",
	  test_frames_are_of_one_folio },
	{ "what was split comes together again", test_buddies_merge },
	{ "whether there is memory is a matter of pages", test_free_memory_is_what_counts },
	{ "mappings are counted by frame and by folio", test_mappings_are_counted_by_frame_and_folio },
};

UNIT_MAIN("free_frames", tests)
