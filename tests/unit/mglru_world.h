/*
 * mglru_world.h - worlds whose pages are in generations.
 */
#ifndef TESTS_UNIT_MGLRU_WORLD_H
#define TESTS_UNIT_MGLRU_WORLD_H

#include "models/mm/lru.h"
#include "models/mm/mglru.h"
#include "tests/unit/world.h"

enum { PAGES = 512 };

static inline void world_with_generations(struct world *w, struct world_size size)
{
	struct kernel_config c = world_config(w, &size);

	c.lru = LRU_MULTI_GEN;
	w->k = kernel_new(&c, NULL);
	CU_ASSERT_FATAL(w->k != NULL);
	w->k->mm[0].users = 1;
}

static inline void world_of_generations_on(struct world *w, const char *release, const char *device)
{
	world_with_generations(
	    w, (struct world_size){
		   .release = release, .device = device, .pages = PAGES, .per_table = 64, .cpus = 1 });
}
static inline void world_of_generations(struct world *w, const char *release)
{
	world_of_generations_on(w, release, "zram-lz4");
}

static inline struct lru_gen *generations(const struct world *w)
{
	return &w->k->lru_gen[1];
}

/* Pages whose folios say they are of generation @seq. */
static inline u32 in_generation(const struct world *w, u64 seq)
{
	return generations(w)->pages[seq % MAX_NR_GENS][LRU_ANON];
}

/* Somebody used the process since the last walk, and there is one. */
static inline bool age_once(struct world *w)
{
	lru_gen_use_mm(w->k, 0);
	return RUN(w, try_to_inc_max_seq, .memcg = 1, .max_seq = generations(w)->max_seq, .swap = 1);
}

static inline u32 evict(struct world *w)
{
	w->k->scan_control[w->k->machine.tasks].target = 1;
	return RUN(w, evict_folios, .memcg = 1, .swappiness = 60, .nr = MAX_LRU_BATCH);
}

static inline u32 resident(const struct world *w, u32 first, u32 n)
{
	u32 there = 0;

	for (u32 i = first; i < first + n; i++)
		there += is_resident(w, i);
	return there;
}

/* All pages in the oldest generation, unused. */
static inline void world_of_old_pages_on(struct world *w, const char *release, const char *device)
{
	u64 seq;

	world_of_generations_on(w, release, device);
	world_fill(w, PAGES);
	world_age(w, 0, PAGES);
	seq = generations(w)->max_seq - w->k->release->mglru_reworked;
	while (generations(w)->max_seq < seq + MIN_NR_GENS)
		CU_ASSERT_FATAL(age_once(w));
	CU_ASSERT_EQUAL(in_generation(w, seq), PAGES);
	lru_gen_isolate(w->k, 1, 60, 0, &(struct folio_list){ 0 }); /* empty ones are no longer the oldest */
	CU_ASSERT_EQUAL(generations(w)->min_seq[LRU_ANON], seq);
}

static inline void world_of_old_pages(struct world *w, const char *release)
{
	world_of_old_pages_on(w, release, "zram-lz4");
}

#endif
