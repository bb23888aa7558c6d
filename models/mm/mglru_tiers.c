/*
 * Which type is evicted, and which of its tiers: a feedback loop whose controlled variable is the share of
 * what went that came back (mm/vmscan.c: read_ctrl_pos(), positive_ctrl_err(), get_tier_idx(),
 * get_type_to_scan(); 6.1-6.18).
 */
#include "models/mm/mglru.h"
#include "models/mm/scan_balance.h"

enum { ALL_TIERS = MAX_NR_TIERS };

struct ctrl_pos {
	u64 refaulted;
	u64 total; /* evicted or protected */
	u64 gain;
};

/* One tier, or ALL_TIERS. */
static struct ctrl_pos read_ctrl_pos(const struct lru_gen *g, u32 type, u32 tier, u64 gain)
{
	struct ctrl_pos pos = { .gain = gain };

	for (u32 i = tier % ALL_TIERS; i <= MIN(tier, MAX_NR_TIERS - 1); i++) {
		const struct lru_gen_tier *n = &g->tier[type][i];

		pos.refaulted += n->avg_refaulted + n->refaulted;
		pos.total += n->avg_total + n->evicted + n->protected;
	}
	return pos;
}

/* When a generation is used up. */
void lru_gen_reset_tiers(struct lru_gen *g, u32 type)
{
	for (u32 i = 0; i < MAX_NR_TIERS; i++) {
		struct lru_gen_tier *n = &g->tier[type][i];

		n->avg_refaulted = (n->avg_refaulted + n->refaulted) / 2;
		n->avg_total = (n->avg_total + n->evicted + n->protected) / 2;
		n->refaulted = n->evicted = n->protected = 0;
	}
}

/* positive_ctrl_err(): @pv comes back seldom, or no oftener than @sp. */
static bool comes_back_less(const struct ctrl_pos *sp, const struct ctrl_pos *pv)
{
	return pv->refaulted < MIN_LRU_BATCH || pv->refaulted * (sp->total + MIN_LRU_BATCH) * sp->gain <=
						    (sp->refaulted + 1) * pv->total * pv->gain;
}

/* The last tier of @type that may go; @sp is what the others are held against. */
static u32 last_tier(const struct lru_gen *g, u32 type, const struct ctrl_pos *sp, u64 gain)
{
	u32 tier = 1;

	for (; tier < MAX_NR_TIERS; tier++) {
		struct ctrl_pos pv = read_ctrl_pos(g, type, tier, gain);

		if (!comes_back_less(sp, &pv))
			break;
	}
	return tier - 1;
}

/* get_tier_idx(), with a margin for fluctuations. */
u32 lru_gen_tier_idx(const struct kernel *k, const struct lru_gen *g, u32 type)
{
	bool reworked = k->release->mglru_reworked;
	struct ctrl_pos sp = read_ctrl_pos(g, type, 0, reworked ? 2 : 1);

	return last_tier(g, type, &sp, reworked ? 3 : 2);
}

/* get_type_to_scan(), and what isolate_folios() takes for obvious. Up to 6.13 the tiers of the chosen type
 * are held against the first of the other one. */
u32 lru_gen_type_to_scan(const struct kernel *k, const struct lru_gen *g, u64 swappiness, u32 *tier)
{
	u64 gain[NR_LRU_TYPES] = { swappiness, MAX_SWAPPINESS - swappiness };
	u32 tiers = k->release->mglru_reworked ? ALL_TIERS : 0, type;
	struct ctrl_pos sp, pv;

	if (swappiness <= 1 &&
	    (!swappiness || k->release->mglru_reworked || g->min_seq[LRU_ANON] >= g->min_seq[LRU_FILE]))
		return LRU_FILE;
	if (swappiness == MAX_SWAPPINESS ||
	    (!k->release->mglru_reworked && g->min_seq[LRU_ANON] < g->min_seq[LRU_FILE]))
		return LRU_ANON;
	sp = read_ctrl_pos(g, LRU_ANON, tiers, gain[LRU_ANON]);
	pv = read_ctrl_pos(g, LRU_FILE, tiers, gain[LRU_FILE]);
	type = comes_back_less(&sp, &pv) ? LRU_FILE : LRU_ANON;
	if (!k->release->mglru_reworked) {
		sp = read_ctrl_pos(g, !type, 0, gain[!type]);
		*tier = last_tier(g, type, &sp, gain[type]);
	}
	return type;
}
