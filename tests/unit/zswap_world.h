/*
 * zswap_world.h - a world with zswap, and what of its pages is kept there. See world.h.
 */
#ifndef TESTS_UNIT_ZSWAP_WORLD_H
#define TESTS_UNIT_ZSWAP_WORLD_H

#include "models/cpu.h"
#include "models/run.h"
#include "models/swap/zswap.h"

#include "tests/unit/world.h"

static inline void zswap_world(struct world *w, struct world_size size, struct zswap_config zswap)
{
	struct kernel_config c = world_config(w, &size);

	c.zswap.enabled = true;
	c.zswap.compressor = CODEC_LZ4;
	c.zswap.shrinker_enabled = zswap.shrinker_enabled;
	if (zswap.max_pool_percent)
		c.zswap.max_pool_percent = zswap.max_pool_percent;
	if (zswap.accept_threshold_percent)
		c.zswap.accept_threshold_percent = zswap.accept_threshold_percent;
	w->k = kernel_new(&c, NULL);
	CU_ASSERT_FATAL(w->k != NULL);
	w->k->mm[0].users = 1;
}

/* All that must agree with what is kept. */
static inline void release(struct world *w)
{
	char *wrong = audit(w->k);

	CU_ASSERT_STRING_EQUAL(wrong ? wrong : "", "");
	g_free(wrong);
	world_release(w);
}

/* The first pages of the process are swapped out. */
static inline void swapped_out(struct world *w, u32 pages)
{
	world_fill(w, pages);
	world_pageout(w, 0, pages);
}

static inline struct zswap_entry *kept_of(const struct world *w, u32 page)
{
	u32 entry = zswap_entry_at(w->k, entry_at(w, page));

	CU_ASSERT_FATAL(entry != 0);
	return &w->k->zswap_entry[entry];
}

static inline bool is_kept(const struct world *w, u32 page)
{
	return zswap_entry_at(w->k, entry_at(w, page)) != 0;
}

/* As a walk that passed over it would have. */
static inline void forget_references(struct world *w, u32 pages)
{
	for (u32 i = 0; i < pages; i++)
		kept_of(w, i)->referenced = 0;
}

#endif
