/*
 * Generations and their lists, tiers and who is evicted, shadows; see mglru.h.
 */
#include "models/mm/mglru.h"

#include "models/mm/lru.h"
#include "models/swap/swap.h"

enum {
	REFS_MAX = 3, /* LRU_REFS_WIDTH of 2 bits */
	REFS_BITS = 2,
};
#define TOKEN_MASK ((UINT64_C(1) << (64 - SHADOW_AGE_SHIFT)) - 1)

/* What a folio has beside its flags. The list it is on may be that of an older generation than its own. */
enum {
	GEN_MASK = 7, /* generation + 1, modulo MAX_NR_GENS; 0: on no list */
	LIST_SHIFT = 3,
	LIST_MASK = 3 << LIST_SHIFT,
	REFS_SHIFT = 5,
	REFS_MASK = REFS_MAX << REFS_SHIFT,
};

static u32 gen_of_seq(u64 seq)
{
	return seq % MAX_NR_GENS;
}

static s32 folio_gen(const struct kernel *k, u32 folio)
{
	return (s32)(k->folio_gen[folio] & GEN_MASK) - 1;
}

static u32 folio_refs(const struct kernel *k, u32 folio)
{
	return (k->folio_gen[folio] & REFS_MASK) >> REFS_SHIFT;
}

static void set_refs(struct kernel *k, u32 folio, u32 refs)
{
	k->folio_gen[folio] = (u8)((k->folio_gen[folio] & ~REFS_MASK) | refs << REFS_SHIFT);
}

static u32 type_of(const struct kernel *k, u32 folio)
{
	return is_file_lru(folio_lru_list(&k->folio[folio])) ? LRU_FILE : LRU_ANON;
}

static struct lru_gen *lru_gen_of(const struct kernel *k, u32 folio)
{
	return &k->lru_gen[k->folio[folio].memcg];
}

static u32 generations(const struct lru_gen *g, u32 type)
{
	return (u32)(g->max_seq - g->min_seq[type] + 1);
}

void lru_gen_init(struct kernel *k)
{
	for (u32 i = 0; lru_gen_enabled(k) && i < k->config.memcgs; i++)
		k->lru_gen[i].max_seq = MIN_NR_GENS + 1;
}

/* ---- lists ---- */

struct folio_list *lru_gen_list(const struct kernel *k, u32 folio)
{
	u32 list = (k->folio_gen[folio] & LIST_MASK) >> LIST_SHIFT;

	return &lru_gen_of(k, folio)->list[list][type_of(k, folio)];
}

/* Its number only; a folio on a list stays where it is. */
static void set_gen(struct kernel *k, u32 folio, u32 gen)
{
	struct lru_gen *g = lru_gen_of(k, folio);
	u32 type = type_of(k, folio), pages = folio_nr_pages(k, folio);

	if (folio_gen(k, folio) >= 0)
		g->pages[folio_gen(k, folio)][type] -= pages;
	g->pages[gen][type] += pages;
	k->folio_gen[folio] = (u8)((k->folio_gen[folio] & ~GEN_MASK) | (gen + 1));
}

static void place(struct kernel *k, u32 folio, bool tail)
{
	u32 gen = (u32)folio_gen(k, folio);

	k->folio_gen[folio] = (u8)((k->folio_gen[folio] & ~LIST_MASK) | gen << LIST_SHIFT);
	if (tail)
		folio_list_add_tail(k, lru_gen_list(k, folio), folio);
	else
		folio_list_add(k, lru_gen_list(k, folio), folio);
}

static void move_to_own_list(struct kernel *k, u32 folio, bool tail)
{
	folio_list_del(k, lru_gen_list(k, folio), folio);
	place(k, folio, tail);
}

/* Anonymous and not in the swap cache, or on its way to the device. */
static bool must_be_written(const struct kernel *k, u32 folio, u32 type)
{
	const struct folio *f = &k->folio[folio];

	if (type == LRU_ANON && !(f->flags & FOLIO_SWAPCACHE))
		return true;
	return f->flags & FOLIO_RECLAIM && (f->flags & FOLIO_DIRTY || f->writeback);
}

/* lru_gen_folio_seq(), from 6.14. */
static u64 seq_by_age(const struct kernel *k, u32 folio, bool rotated)
{
	const struct lru_gen *g = lru_gen_of(k, folio);
	u32 type = type_of(k, folio), older = MAX_NR_GENS;
	bool workingset = k->folio[folio].flags & FOLIO_WORKINGSET;

	if (k->folio[folio].flags & FOLIO_ACTIVE)
		older = MIN_NR_GENS - workingset;
	else if (!rotated && must_be_written(k, folio, type))
		older = MIN_NR_GENS;
	else if (!rotated)
		older = MAX_NR_GENS - workingset;
	return MAX(g->max_seq - older + 1, g->min_seq[type]);
}

/* With "fix underprotected page cache" (6.7, in 6.1's stable series). */
static u64 seq_by_rank(const struct kernel *k, u32 folio, bool rotated)
{
	const struct lru_gen *g = lru_gen_of(k, folio);
	u32 type = type_of(k, folio);

	if (k->folio[folio].flags & FOLIO_ACTIVE)
		return g->max_seq;
	if (must_be_written(k, folio, type))
		return g->max_seq - 1;
	if (rotated || g->min_seq[type] + MIN_NR_GENS >= g->max_seq)
		return g->min_seq[type];
	return g->min_seq[type] + 1;
}

bool lru_gen_would_be_oldest(const struct kernel *k, u32 folio)
{
	return seq_by_age(k, folio, false) == lru_gen_of(k, folio)->min_seq[type_of(k, folio)];
}

void lru_gen_forget_refs(struct kernel *k, u32 folio)
{
	set_refs(k, folio, 0);
}

void lru_gen_add_folio(struct kernel *k, u32 folio, bool rotated)
{
	u64 seq = k->release->mglru_reworked ? seq_by_age(k, folio, rotated) : seq_by_rank(k, folio, rotated);

	set_gen(k, folio, gen_of_seq(seq));
	k->folio[folio].flags &= ~FOLIO_ACTIVE;
	place(k, folio, rotated);
}

void lru_gen_del_folio(struct kernel *k, u32 folio)
{
	folio_list_del(k, lru_gen_list(k, folio), folio);
	lru_gen_of(k, folio)->pages[folio_gen(k, folio)][type_of(k, folio)] -= folio_nr_pages(k, folio);
	k->folio_gen[folio] &= (u8) ~(GEN_MASK | LIST_MASK);
}

void lru_gen_add_pages(struct kernel *k, u32 folio, s32 pages)
{
	lru_gen_of(k, folio)->pages[folio_gen(k, folio)][type_of(k, folio)] += (u32)pages;
}

void lru_gen_split(struct kernel *k, u32 folio, u32 frame)
{
	k->folio_gen[frame] = k->folio_gen[folio];
	lru_gen_add_pages(k, folio, 1);
}

u64 lru_gen_size(const struct kernel *k, u32 memcg, enum lru_list lru)
{
	const struct lru_gen *g = &k->lru_gen[memcg];
	u32 type = is_file_lru(lru) ? LRU_FILE : LRU_ANON;
	u64 active = g->pages[gen_of_seq(g->max_seq)][type] + g->pages[gen_of_seq(g->max_seq - 1)][type];
	u64 all = 0;

	for (u32 gen = 0; gen < MAX_NR_GENS; gen++)
		all += g->pages[gen][type];
	return is_active_lru(lru) ? active : all - active;
}

/* ---- folios that were used ---- */

bool lru_gen_set_refs(struct kernel *k, u32 folio)
{
	struct folio *f = &k->folio[folio];
	bool used = f->flags & (FOLIO_REFERENCED | FOLIO_WORKINGSET);

	if (!used) {
		set_refs(k, folio, 0);
		f->flags |= FOLIO_REFERENCED;
		return false;
	}
	f->flags &= ~FOLIO_REFERENCED;
	f->flags |= FOLIO_WORKINGSET;
	return true;
}

void lru_gen_inc_refs(struct kernel *k, u32 folio)
{
	struct folio *f = &k->folio[folio];
	u32 refs = folio_refs(k, folio), last = k->release->mglru_reworked ? REFS_MAX : 0;

	if (!(f->flags & FOLIO_REFERENCED))
		f->flags |= FOLIO_REFERENCED;
	else if (!(f->flags & FOLIO_WORKINGSET) && refs >= last)
		f->flags |= FOLIO_WORKINGSET;
	else if (refs < REFS_MAX)
		set_refs(k, folio, refs + 1);
}

/* folio_update_gen() */
static void update_gen(struct kernel *k, u32 folio, u32 gen)
{
	if (k->release->mglru_reworked) {
		if (lru_gen_set_refs(k, folio) && folio_gen(k, folio) >= 0)
			set_gen(k, folio, gen);
	} else if (folio_gen(k, folio) < 0) {
		k->folio[folio].flags |= FOLIO_REFERENCED; /* shrink_folio_list() has it */
	} else {
		set_refs(k, folio, 0);
		k->folio[folio].flags &= ~(FOLIO_REFERENCED | FOLIO_WORKINGSET);
		set_gen(k, folio, gen);
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
	s32 gen = folio_gen(k, folio);

	return gen >= 0 && (u32)gen != gen_of_seq(lru_gen_of(k, folio)->max_seq);
}

void lru_gen_promote(struct kernel *k, u32 folio, bool walk)
{
	u32 youngest = gen_of_seq(lru_gen_of(k, folio)->max_seq);
	s32 gen = folio_gen(k, folio);

	if (walk)
		update_gen(k, folio, youngest);
	else if (k->release->mglru_reworked && !lru_gen_set_refs(k, folio))
		return;
	else if (gen < 0 && !k->release->mglru_reworked)
		k->folio[folio].flags |= FOLIO_REFERENCED;
	else if (gen >= 0 && (u32)gen != youngest)
		activate_now(k, folio);
}

/* folio_inc_gen(): one younger than the oldest. @reclaiming: its end of I/O shall bring it back. */
static void inc_gen(struct kernel *k, u32 folio, bool reclaiming)
{
	u32 oldest = gen_of_seq(lru_gen_of(k, folio)->min_seq[type_of(k, folio)]);

	if ((u32)folio_gen(k, folio) != oldest)
		return; /* a walk was here */
	if (!k->release->mglru_reworked)
		set_refs(k, folio, 0);
	k->folio[folio].flags &= ~(FOLIO_REFERENCED | FOLIO_WORKINGSET);
	set_gen(k, folio, (oldest + 1) % MAX_NR_GENS);
	if (reclaiming)
		k->folio[folio].flags |= FOLIO_RECLAIM;
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

/* folio_lru_refs() */
static u32 lru_refs(const struct kernel *k, u32 folio)
{
	u32 refs = folio_refs(k, folio);

	if (!k->release->mglru_reworked)
		return refs + !!(k->folio[folio].flags & FOLIO_WORKINGSET);
	return k->folio[folio].flags & FOLIO_REFERENCED ? refs + 1 : 0;
}

static u32 folio_tier(const struct kernel *k, u32 folio)
{
	return tier_of_refs(k, lru_refs(k, folio), k->folio[folio].flags & FOLIO_WORKINGSET);
}

/* ---- eviction ---- */

/* Refaulted lately and not promoted since: it gets a generation more, whatever its tier. */
static bool is_underprotected(const struct kernel *k, u32 folio)
{
	u32 refs = lru_refs(k, folio);

	if (!k->release->mglru_reworked)
		return refs == REFS_MAX + 1;
	return refs + !!(k->folio[folio].flags & FOLIO_WORKINGSET) == REFS_MAX + 2;
}

static void protect(struct kernel *k, u32 folio, u32 type)
{
	u32 tier = folio_tier(k, folio), pages = folio_nr_pages(k, folio);
	bool counts = !k->release->mglru_reworked || !is_underprotected(k, folio);

	inc_gen(k, folio, false);
	move_to_own_list(k, folio, !k->release->mglru_reworked);
	if (counts)
		lru_gen_of(k, folio)->tier[type][tier].protected += pages;
	if (k->release->mglru_recent_only)
		count_memcg(k, k->folio[folio].memcg,
			    type == LRU_FILE ? WORKINGSET_ACTIVATE_FILE : WORKINGSET_ACTIVATE_ANON, pages);
}

/* sort_folio(): whether it was put elsewhere. */
static bool sort_folio(struct kernel *k, u32 folio, u32 type, u32 last)
{
	const struct folio *f = &k->folio[folio];

	if ((u32)folio_gen(k, folio) != gen_of_seq(lru_gen_of(k, folio)->min_seq[type])) {
		move_to_own_list(k, folio, false);
		return true;
	}
	if (folio_tier(k, folio) > last || is_underprotected(k, folio)) {
		protect(k, folio, type);
		return true;
	}
	if (f->writeback || (f->lock && !k->release->mglru_reworked)) {
		inc_gen(k, folio, true);
		move_to_own_list(k, folio, false);
		return true;
	}
	return false;
}

/* isolate_folio(). One without a reference is about to be taken off the list by folio_put(). */
static bool isolate_folio(struct kernel *k, u32 folio, struct folio_list *to)
{
	struct folio *f = &k->folio[folio];

	if (!f->refs)
		return false;
	f->refs++;
	lru_gen_del_folio(k, folio);
	if (!(f->flags & FOLIO_REFERENCED)) {
		set_refs(k, folio, 0);
		if (!k->release->mglru_reworked)
			f->flags &= ~FOLIO_WORKINGSET;
	}
	f->flags &= ~(FOLIO_LRU | FOLIO_RECLAIM);
	if (!k->release->mglru_reworked)
		f->flags &= ~FOLIO_REFERENCED;
	folio_list_add(k, to, folio);
	return true;
}

static u32 scan_folios(struct kernel *k, u32 memcg, u32 type, u32 last, struct folio_list *to)
{
	struct lru_gen *g = &k->lru_gen[memcg];
	struct folio_list *list = &g->list[gen_of_seq(g->min_seq[type])][type];
	u32 scanned = 0, sorted = 0, skipped = 0, remaining = MAX_LRU_BATCH;

	if (generations(g, type) == MIN_NR_GENS)
		return 0;
	while (list->tail && remaining && to->count < MIN_LRU_BATCH && skipped < MIN_LRU_BATCH) {
		u32 folio = list->tail, pages = folio_nr_pages(k, folio);

		scanned += pages;
		remaining--;
		if (sort_folio(k, folio, type, last)) {
			sorted += pages;
		} else if (!isolate_folio(k, folio, to)) {
			move_to_own_list(k, folio, false);
			skipped += pages;
		}
	}
	count_memcg(k, memcg, PGREFILL, sorted);
	lru_scout_from(k, list->tail);
	return to->count || !remaining ? scanned : 0;
}

/* Generations that are empty are the oldest no more. */
static bool try_to_inc_min_seq(struct kernel *k, struct lru_gen *g, u64 swappiness)
{
	u64 min[NR_LRU_TYPES] = { g->min_seq[LRU_ANON], g->min_seq[LRU_FILE] };
	u64 apart = g->max_seq - MIN_NR_GENS;
	bool success = false;

	for (u32 type = !swappiness; type < NR_LRU_TYPES; type++)
		while (min[type] + MIN_NR_GENS <= g->max_seq && !g->list[gen_of_seq(min[type])][type].count)
			min[type]++;
	if (swappiness && !k->release->mglru_reworked) {
		min[LRU_ANON] = MIN(min[LRU_ANON], min[LRU_FILE]);
		min[LRU_FILE] = MAX(min[LRU_ANON], g->min_seq[LRU_FILE]);
	} else if (swappiness) {
		if (min[LRU_ANON] > apart && min[LRU_FILE] < apart)
			min[LRU_ANON] = apart;
		else if (min[LRU_FILE] > apart && min[LRU_ANON] < apart)
			min[LRU_FILE] = apart;
	}
	for (u32 type = !swappiness; type < NR_LRU_TYPES; type++) {
		if (min[type] <= g->min_seq[type])
			continue;
		lru_gen_reset_tiers(g, type);
		g->min_seq[type] = min[type];
		success = true;
	}
	return success;
}

u64 lru_gen_evictable_seq(const struct kernel *k, u32 memcg, u64 swappiness)
{
	const struct lru_gen *g = &k->lru_gen[memcg];

	if (k->release->mglru_reworked)
		return MIN(g->min_seq[swappiness ? LRU_ANON : LRU_FILE], g->min_seq[LRU_FILE]);
	return g->min_seq[swappiness ? LRU_ANON : LRU_FILE];
}

u32 lru_gen_isolate(struct kernel *k, u32 memcg, u64 swappiness, struct folio_list *to)
{
	struct lru_gen *g = &k->lru_gen[memcg];
	u32 unknown = MAX_NR_TIERS, tier = unknown, scanned = 0;
	u32 type = lru_gen_type_to_scan(k, g, swappiness, &tier);

	for (u32 i = !swappiness; i < NR_LRU_TYPES && !scanned; i++) {
		scanned =
		    scan_folios(k, memcg, type, tier == unknown ? lru_gen_tier_idx(k, g, type) : tier, to);
		type = !type;
		tier = unknown;
	}
	scanned += try_to_inc_min_seq(k, g, swappiness);
	if (lru_gen_evictable_seq(k, memcg, swappiness) + MIN_NR_GENS > g->max_seq)
		scanned = 0;
	return scanned;
}

/* ---- ageing ---- */

/* inc_min_seq(): what is left of the oldest generation becomes the next one's. If it cannot go, what is cold
 * becomes hot instead. */
static void inc_min_seq(struct kernel *k, struct lru_gen *g, u32 type, bool swap)
{
	struct folio_list *list = &g->list[gen_of_seq(g->min_seq[type])][type];

	while ((type == LRU_FILE || swap) && list->tail) {
		u32 folio = list->tail;

		inc_gen(k, folio, false);
		move_to_own_list(k, folio, true);
	}
	lru_gen_reset_tiers(g, type);
	g->min_seq[type]++;
}

void lru_gen_inc_max_seq(struct kernel *k, u32 memcg, bool swap)
{
	struct lru_gen *g = &k->lru_gen[memcg];

	for (u32 type = 0; type < NR_LRU_TYPES; type++)
		if (generations(g, type) == MAX_NR_GENS)
			inc_min_seq(k, g, type, swap);
	g->max_seq++;
}

/* ---- shadows ---- */

u64 lru_gen_eviction(struct kernel *k, u32 folio)
{
	struct lru_gen *g = lru_gen_of(k, folio);
	u32 type = type_of(k, folio), refs = lru_refs(k, folio);
	u64 token = g->min_seq[type] << REFS_BITS | (refs ? refs - 1 : 0);
	bool workingset = k->release->mglru_reworked ? k->folio[folio].flags & FOLIO_WORKINGSET : refs;

	g->tier[type][folio_tier(k, folio)].evicted += folio_nr_pages(k, folio);
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
		set_refs(k, folio, refs - 1);
	else if (!k->release->mglru_reworked && restored)
		set_refs(k, folio, REFS_MAX);
}

void lru_gen_refault(struct kernel *k, const struct task *t, u32 folio, u64 shadow)
{
	u32 memcg = shadow >> SHADOW_MEMCG_SHIFT & 0xffff, type = type_of(k, folio);
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
	if (!k->release->mglru_recent_only && (lru_gen_in_fault(t) || !k->release->mglru_reworked))
		count_memcg(k, memcg, type == LRU_FILE ? WORKINGSET_ACTIVATE_FILE : WORKINGSET_ACTIVATE_ANON,
			    pages);
	restore(k, folio, type, refs, workingset, lru_gen_in_fault(t));
}
