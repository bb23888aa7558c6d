/*
 * slots_of_612.h - small worlds of releases with slot caches, in which folios that are nobody's ask for
 * slots.
 */
#ifndef TESTS_UNIT_SLOTS_OF_612_H
#define TESTS_UNIT_SLOTS_OF_612_H

#include "models/audit.h"
#include "models/mm/memory.h"
#include "tests/unit/world.h"

enum { PER_CLUSTER = 8, CLUSTERS = 6, CACHE = 4, CPUS = 2 };

/* Free clusters 1 to 5 in this order; the header's, 0, is nonfull. */
static inline void six_clusters_of(struct world *w, const char *release, u32 kept)
{
	struct world_size size = { .release = release,
				   .per_cluster = PER_CLUSTER,
				   .space_clusters = 8,
				   .slots = CLUSTERS * PER_CLUSTER - 1,
				   .check_locks = true };
	struct kernel_config c = world_config(w, &size);

	c.slot_cache = kept;
	w->k = kernel_new(&c, NULL);
	CU_ASSERT_FATAL(w->k != NULL);
}

static inline void six_clusters(struct world *w, u32 kept)
{
	six_clusters_of(w, "6.12", kept);
}

/* The default machine: caches of 64, clusters of 512. */
static inline void big_device(struct world *w, u32 slots)
{
	world_init(w, (struct world_size){ .release = "6.12", .slots = slots, .check_locks = true });
}

static inline u32 take_on(struct world *w, u32 cpu)
{
	u32 folio = folio_alloc(w->k, 0, 0);

	w->k->folio[folio].memcg = 1;
	w->k->folio_io[folio].lock =
	    w->k->machine.tasks + 1; /* for good, so that nobody takes its slot away */
	return RUN_ON(w, cpu, folio_alloc_swap, .folio = folio) ? 0 : w->k->folio_io[folio].swap;
}

static inline u32 take(struct world *w)
{
	return take_on(w, 0);
}

static inline void take_all(struct world *w, u32 n)
{
	while (n--)
		CU_ASSERT_FATAL(take(w) != 0);
}

static inline u32 folio_in(const struct world *w, u32 entry)
{
	return word_folio(w->k->slot[entry].cache);
}

static inline void give_on(struct world *w, u32 cpu, u32 entry)
{
	RUN_ON(w, cpu, folio_free_swap, .folio = folio_in(w, entry));
}

static inline u32 at(u32 cluster, u32 slot)
{
	return cluster * PER_CLUSTER + slot;
}

/* Pretend that so many slots are free. */
static inline void set_free(struct world *w, s64 free)
{
	w->k->swap->free_pages = free;
}

/* Of swap; the folios of these worlds are nobody's. */
static inline void expect_audit(struct world *w, const char *expected)
{
	GString *why = g_string_new(NULL);

	for (const struct audit *a = audits_of_swap; a->what.name && !why->len; a++)
		if (!a->what.holds(&w->k->machine, why)) {
			g_string_prepend(why, ": ");
			g_string_prepend(why, a->what.name);
		}
	CU_ASSERT_STRING_EQUAL(why->str, expected);
	if (strcmp(why->str, expected))
		printf("\n  is: %s\nnot: %s\n", why->str, expected);
	g_string_free(why, TRUE);
}

#endif
