/*
 * short_world.h - a machine of 2000 pages of which few are left: the daemon is woken below 125 and wants 150.
 */
#ifndef TESTS_UNIT_SHORT_WORLD_H
#define TESTS_UNIT_SHORT_WORLD_H

#include "models/mm/memory.h"
#include "tests/unit/world.h"

enum { MEMORY = 2000, MIN = 100 };

/* min 100, low 125, high 150. */
static inline void short_of_memory_on(struct world *w, const char *release, u32 pages)
{
	world_init(w,
		   (struct world_size){ .release = release, .memory = MEMORY, .min = MIN, .pages = pages });
	CU_ASSERT_EQUAL(w->k->memory->low, 125);
	CU_ASSERT_EQUAL(w->k->memory->high, 150);
}
static inline void short_of_memory(struct world *w, u32 pages)
{
	short_of_memory_on(w, NULL, pages);
}

static inline u64 machine_counted(const struct world *w, enum counter id)
{
	return w->k->count[0][id];
}

/* Leave so many pages free; the rest is nobody's. */
static inline u64 hide_free(struct world *w, u64 free)
{
	u64 hidden = w->k->memory->free - free;

	w->k->memory->free = free;
	return hidden;
}

/* Inactive pages of a cgroup. */
static inline u32 in_cgroup(const struct world *w, u32 memcg)
{
	return w->k->lruvec[memcg].list[LRU_INACTIVE_ANON].count;
}

#endif
