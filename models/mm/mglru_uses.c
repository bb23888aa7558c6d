/*
 * Folios that were used: how that is noted, what tier it makes, who is promoted; and what of it their shadows
 * keep (mm/vmscan.c, mm/swap.c, mm/workingset.c, include/linux/mm_inline.h; 6.1-7.2). See mglru.h.
 */
#include "models/mm/mglru_folio.h"
#include "models/swap/swap.h"

#define TOKEN_MASK ((UINT64_C(1) << (64 - SHADOW_AGE_SHIFT)) - 1)

void lru_gen_forget_uses(struct kernel *k, u32 folio)
{
	folio_set_ref_bits(k, folio, 0);
	k->folio[folio].flags &= ~FOLIO_REFERENCED;
	if (!k->release->mglru_reworked)
		k->folio[folio].flags &= ~FOLIO_WORKINGSET;
}

u32 folio_lru_refs(const struct kernel *k, u32 folio)
{
	u32 refs = folio_ref_bits(k, folio);

	if (!k->release->mglru_reworked)
		return refs + !!(k->folio[folio].flags & FOLIO_WORKINGSET);
	return k->folio[folio].flags & FOLIO_REFERENCED ? refs + 1 : 0;
}

/* From 6.14: it was not used before, but is now. */
static bool note_first_use(struct kernel *k, u32 folio)
{
	if (k->folio[folio].flags & (FOLIO_REFERENCED | FOLIO_WORKINGSET))
		return false;
	folio_set_ref_bits(k, folio, 0);
	k->folio[folio].flags |= FOLIO_REFERENCED;
	return true;
}

static void note_workingset(struct kernel *k, u32 folio)
{
	lru_gen_forget_uses(k, folio);
	k->folio[folio].flags |= FOLIO_WORKINGSET;
}

bool lru_gen_set_refs(struct kernel *k, u32 folio)
{
	if (note_first_use(k, folio))
		return false;
	if (!k->release->mglru_restructured || folio_lru_refs(k, folio) > 1)
		note_workingset(k, folio);
	else
		lru_gen_inc_refs(k, folio);
	return true;
}

void lru_gen_inc_refs(struct kernel *k, u32 folio)
{
	struct folio *f = &k->folio[folio];
	u32 refs = folio_ref_bits(k, folio), last = k->release->mglru_reworked ? REFS_MAX : 0;

	if (!(f->flags & FOLIO_REFERENCED)) {
		f->flags |= FOLIO_REFERENCED;
		if (k->release->mglru_reworked)
			folio_set_ref_bits(k, folio, 0);
	} else if (!(f->flags & FOLIO_WORKINGSET) && refs >= last) {
		f->flags |= FOLIO_WORKINGSET;
	} else if (refs < REFS_MAX) {
		folio_set_ref_bits(k, folio, refs + 1);
	}
}

void lru_gen_fault_in(struct kernel *k, u32 folio)
{
	u32 flags = k->folio[folio].flags;

	if (!k->release->mglru_restructured || flags & FOLIO_WORKINGSET)
		k->folio[folio].flags |= FOLIO_ACTIVE;
	else if (!(flags & FOLIO_REFERENCED))
		lru_gen_inc_refs(k, folio);
}

/* folio_update_gen() */
static void update_gen(struct kernel *k, u32 folio, u32 gen)
{
	if (k->release->mglru_reworked) {
		if (note_first_use(k, folio) || folio_lru_gen(k, folio) < 0)
			return;
		note_workingset(k, folio);
		folio_set_lru_gen(k, folio, gen);
	} else if (folio_lru_gen(k, folio) < 0) {
		k->folio[folio].flags |= FOLIO_REFERENCED; /* shrink_folio_list() has it */
	} else {
		lru_gen_forget_uses(k, folio);
		folio_set_lru_gen(k, folio, gen);
	}
}

/* folio_activate() */
static void activate_now(struct kernel *k, u32 folio)
{
	if (!(k->folio[folio].flags & FOLIO_LRU))
		return;
	lru_gen_del_folio(k, folio);
	k->folio[folio].flags |= FOLIO_ACTIVE;
	lru_gen_add_folio(k, folio, false);
	count_memcg(k, k->folio[folio].memcg, PGACTIVATE, folio_nr_pages(k, folio));
}

bool lru_gen_is_older(const struct kernel *k, u32 folio)
{
	s32 gen = folio_lru_gen(k, folio);

	return gen >= 0 && (u32)gen != gen_of_seq(lru_gen_of(k, folio)->max_seq);
}

void lru_gen_promote(struct kernel *k, u32 folio, bool walk)
{
	u32 youngest = gen_of_seq(lru_gen_of(k, folio)->max_seq);
	s32 gen = folio_lru_gen(k, folio);

	if (walk)
		update_gen(k, folio, youngest);
	else if (k->release->mglru_reworked && !lru_gen_set_refs(k, folio))
		return;
	else if (gen < 0 && !k->release->mglru_reworked)
		k->folio[folio].flags |= FOLIO_REFERENCED;
	else if (gen >= 0 && (u32)gen != youngest)
		activate_now(k, folio);
}

/* ---- tiers ---- */

/* Beyond the first, up to 6.13: one for each time it came back soon or was read. */
static u32 tier_of_refs(const struct kernel *k, u32 refs, bool workingset)
{
	u32 tier = 0;

	if (k->release->mglru_reworked && workingset)
		return MAX_NR_TIERS - 1;
	if (!k->release->mglru_reworked)
		refs += 1;
	while (1u << tier < refs)
		tier++;
	return tier;
}

u32 folio_lru_tier(const struct kernel *k, u32 folio)
{
	return tier_of_refs(k, folio_lru_refs(k, folio), k->folio[folio].flags & FOLIO_WORKINGSET);
}

bool folio_is_underprotected(const struct kernel *k, u32 folio)
{
	u32 refs = folio_lru_refs(k, folio);

	if (!k->release->mglru_reworked)
		return refs == REFS_MAX + 1;
	return refs + !!(k->folio[folio].flags & FOLIO_WORKINGSET) == REFS_MAX + 2;
}

/* ---- shadows ---- */

u64 lru_gen_eviction(struct kernel *k, u32 folio)
{
	struct lru_gen *g = lru_gen_of(k, folio);
	u32 type = folio_lru_type(k, folio), refs = folio_lru_refs(k, folio);
	u64 token = g->min_seq[type] << REFS_BITS | (refs ? refs - 1 : 0);
	bool workingset = k->release->mglru_reworked ? k->folio[folio].flags & FOLIO_WORKINGSET : refs;

	g->tier[type][folio_lru_tier(k, folio)].evicted += folio_nr_pages(k, folio);
	return SHADOW_TAG | (workingset ? SHADOW_WORKINGSET : 0) |
	       (u64)k->folio[folio].memcg << SHADOW_MEMCG_SHIFT | (token & TOKEN_MASK) << SHADOW_AGE_SHIFT;
}

static bool is_recent(const struct kernel *k, const struct lru_gen *g, u32 type, u64 token)
{
	u64 seq = token >> REFS_BITS, mask = TOKEN_MASK >> REFS_BITS;

	if (k->release->mglru_reworked)
		return ((g->max_seq - seq) & mask) < MAX_NR_GENS;
	return seq == (g->min_seq[type] & mask);
}

/* What makes the folio of a recent refault dear. Up to 6.13: it will be protected, if it came by a fault;
 * from 6.14, it is what it was when it went. */
static void restore(struct kernel *k, u32 folio, u32 type, u32 refs, bool workingset, bool fault)
{
	bool restored = k->release->mglru_reworked ? workingset : fault || refs >= REFS_MAX;

	if (restored) {
		k->folio[folio].flags |= FOLIO_WORKINGSET;
		count_memcg(k, k->folio[folio].memcg,
			    type == LRU_FILE ? WORKINGSET_RESTORE_FILE : WORKINGSET_RESTORE_ANON,
			    folio_nr_pages(k, folio));
	}
	if (k->release->mglru_reworked && !restored)
		folio_set_ref_bits(k, folio, refs - 1);
	else if (!k->release->mglru_reworked && restored)
		folio_set_ref_bits(k, folio, REFS_MAX);
}

/* Whether a recent refault counts as an activation. */
static bool becomes_active(const struct kernel *k, const struct task *t, bool workingset)
{
	if (!k->release->mglru_reworked)
		return !k->release->mglru_recent_only;
	return lru_gen_in_fault(t) && (workingset || !k->release->mglru_restructured);
}

void lru_gen_refault(struct kernel *k, const struct task *t, u32 folio, u64 shadow)
{
	u32 memcg = shadow >> SHADOW_MEMCG_SHIFT & 0xffff, type = folio_lru_type(k, folio);
	struct lru_gen *g = &k->lru_gen[memcg];
	u64 token = shadow >> SHADOW_AGE_SHIFT & TOKEN_MASK;
	bool workingset = shadow & SHADOW_WORKINGSET, recent = is_recent(k, g, type, token);
	u32 pages = folio_nr_pages(k, folio), refs = token & REFS_MAX;

	if (memcg != k->folio[folio].memcg)
		return;
	if (recent || !k->release->mglru_recent_only)
		count_memcg(k, memcg, type == LRU_FILE ? WORKINGSET_REFAULT_FILE : WORKINGSET_REFAULT_ANON,
			    pages);
	if (!recent)
		return;
	refs += k->release->mglru_reworked ? 1 : workingset;
	g->tier[type][tier_of_refs(k, refs, workingset)].refaulted += pages;
	if (becomes_active(k, t, workingset))
		count_memcg(k, memcg, type == LRU_FILE ? WORKINGSET_ACTIVATE_FILE : WORKINGSET_ACTIVATE_ANON,
			    pages);
	restore(k, folio, type, refs, workingset, lru_gen_in_fault(t));
}
