/*
 * Generations and their lists, and who is evicted; see mglru.h.
 */
#include "models/mm/lru.h"
#include "models/mm/mglru_folio.h"

static u32 generations(const struct lru_gen *g, u32 type)
{
	return (u32)(g->max_seq - g->min_seq[type] + 1);
}

void lru_gen_init(struct kernel *k)
{
	for (u32 i = 0; lru_gen_enabled(k) && i < k->config.memcgs; i++)
		k->lru_gen[i].max_seq = MIN_NR_GENS + 1, k->lru_gen[i].walked = MIN_NR_GENS;
}

/* ---- lists ---- */

struct folio_list *lru_gen_list(const struct kernel *k, u32 folio)
{
	u32 list = (k->folio_gen[folio] & LIST_MASK) >> LIST_SHIFT;

	return &lru_gen_of(k, folio)->list[list][folio_lru_type(k, folio)];
}

void folio_set_lru_gen(struct kernel *k, u32 folio, u32 gen)
{
	struct lru_gen *g = lru_gen_of(k, folio);
	u32 type = folio_lru_type(k, folio), pages = folio_nr_pages(k, folio);

	if (folio_lru_gen(k, folio) >= 0)
		g->pages[folio_lru_gen(k, folio)][type] -= pages;
	g->pages[gen][type] += pages;
	k->folio_gen[folio] = (u8)((k->folio_gen[folio] & ~GEN_MASK) | (gen + 1));
}

static void place(struct kernel *k, u32 folio, bool tail)
{
	u32 gen = (u32)folio_lru_gen(k, folio);

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
	return f->flags & FOLIO_RECLAIM && (f->flags & FOLIO_DIRTY || k->folio_io[folio].writeback);
}

/* lru_gen_folio_seq(), from 6.14. */
static u64 seq_by_age(const struct kernel *k, u32 folio, bool rotated)
{
	const struct lru_gen *g = lru_gen_of(k, folio);
	u32 type = folio_lru_type(k, folio), older = MAX_NR_GENS, flags = k->folio[folio].flags;
	u32 used = k->release->mglru_restructured ? FOLIO_WORKINGSET | FOLIO_REFERENCED : FOLIO_WORKINGSET;

	if (flags & FOLIO_ACTIVE)
		older = MIN_NR_GENS - !!(flags & FOLIO_WORKINGSET);
	else if (!rotated && must_be_written(k, folio, type))
		older = MIN_NR_GENS;
	else if (!rotated)
		older = MAX_NR_GENS - !!(flags & used);
	return MAX(g->max_seq - older + 1, g->min_seq[type]);
}

/* With "fix underprotected page cache" (6.7, in 6.1's stable series). */
static u64 seq_by_rank(const struct kernel *k, u32 folio, bool rotated)
{
	const struct lru_gen *g = lru_gen_of(k, folio);
	u32 type = folio_lru_type(k, folio);

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
	return seq_by_age(k, folio, false) == lru_gen_of(k, folio)->min_seq[folio_lru_type(k, folio)];
}

void lru_gen_add_folio(struct kernel *k, u32 folio, bool rotated)
{
	u64 seq = k->release->mglru_reworked ? seq_by_age(k, folio, rotated) : seq_by_rank(k, folio, rotated);

	folio_set_lru_gen(k, folio, gen_of_seq(seq));
	/* not that it is of the working set: PSI wants to know */
	if (k->patch.mglru_resets_tiers && k->folio[folio].flags & FOLIO_ACTIVE) {
		folio_set_ref_bits(k, folio, 0);
		k->folio[folio].flags &= ~FOLIO_REFERENCED;
	}
	k->folio[folio].flags &= ~FOLIO_ACTIVE;
	place(k, folio, rotated);
}

void lru_gen_del_folio(struct kernel *k, u32 folio)
{
	folio_list_del(k, lru_gen_list(k, folio), folio);
	lru_gen_of(k, folio)->pages[folio_lru_gen(k, folio)][folio_lru_type(k, folio)] -=
	    folio_nr_pages(k, folio);
	k->folio_gen[folio] &= (u8) ~(GEN_MASK | LIST_MASK);
}

void lru_gen_add_pages(struct kernel *k, u32 folio, s32 pages)
{
	lru_gen_of(k, folio)->pages[folio_lru_gen(k, folio)][folio_lru_type(k, folio)] += (u32)pages;
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

/* folio_inc_gen(): one younger than the oldest. @reclaiming: its end of I/O shall bring it back. */
static void inc_gen(struct kernel *k, u32 folio, bool reclaiming)
{
	u32 oldest = gen_of_seq(lru_gen_of(k, folio)->min_seq[folio_lru_type(k, folio)]);

	if ((u32)folio_lru_gen(k, folio) != oldest)
		return; /* a walk was here */
	lru_gen_forget_uses(k, folio);
	folio_set_lru_gen(k, folio, (oldest + 1) % MAX_NR_GENS);
	if (reclaiming)
		k->folio[folio].flags |= FOLIO_RECLAIM;
}

/* ---- eviction ---- */

/* It gets a generation more: whether for its tier, or (from 6.14) as is_underprotected() says. */
static void count_protected(struct kernel *k, u32 folio, u32 type)
{
	if (!k->release->mglru_reworked || !folio_is_underprotected(k, folio))
		lru_gen_of(k, folio)->tier[type][folio_lru_tier(k, folio)].protected +=
		    folio_nr_pages(k, folio);
}

static void protect(struct kernel *k, u32 folio, u32 type)
{
	count_protected(k, folio, type);
	inc_gen(k, folio, false);
	move_to_own_list(k, folio, !k->release->mglru_reworked);
	if (k->release->mglru_recent_only)
		count_memcg(k, k->folio[folio].memcg,
			    type == LRU_FILE ? WORKINGSET_ACTIVATE_FILE : WORKINGSET_ACTIVATE_ANON,
			    folio_nr_pages(k, folio));
}

/* sort_folio(): whether it was put elsewhere. What is locked or being written, unless shrink_folio_list() is
 * to see to that (mglru-reactivates). */
static bool sort_folio(struct kernel *k, u32 folio, u32 type, u32 last)
{
	const struct folio_io *io = &k->folio_io[folio];

	if ((u32)folio_lru_gen(k, folio) != gen_of_seq(lru_gen_of(k, folio)->min_seq[type])) {
		move_to_own_list(k, folio, false);
		return true;
	}
	if (folio_lru_tier(k, folio) > last || folio_is_underprotected(k, folio)) {
		protect(k, folio, type);
		return true;
	}
	if ((io->writeback || (io->lock && !k->release->mglru_reworked)) && !k->patch.mglru_reactivates) {
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
		folio_set_ref_bits(k, folio, 0);
		if (!k->release->mglru_reworked)
			f->flags &= ~FOLIO_WORKINGSET;
	}
	f->flags &= ~FOLIO_LRU;
	if (!k->patch.mglru_reactivates)
		f->flags &= ~FOLIO_RECLAIM;
	if (!k->release->mglru_reworked)
		f->flags &= ~FOLIO_REFERENCED;
	folio_list_add(k, to, folio);
	return true;
}

/* At most @nr folios; returns pages looked at, which of 7.2 may come to nothing. */
static u32 scan_folios(struct kernel *k, u32 memcg, u32 type, u32 last, u32 nr, struct folio_list *to)
{
	struct lru_gen *g = &k->lru_gen[memcg];
	struct folio_list *list = &g->list[gen_of_seq(g->min_seq[type])][type];
	u32 scanned = 0, sorted = 0, skipped = 0, remaining = nr;

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
	return to->count || !remaining || k->release->mglru_restructured ? scanned : 0;
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

/* isolate_folios(). The type that is to go first gets another try, or, if there is none of it, up to 7.1 also
 * if nothing could be isolated, the other one. */
static u32 isolate_folios(struct kernel *k, u32 memcg, u64 swappiness, u32 nr, struct folio_list *to)
{
	const struct lru_gen *g = &k->lru_gen[memcg];
	u32 unknown = MAX_NR_TIERS, tier = unknown, scanned, all = 0;
	u32 type = lru_gen_type_to_scan(k, g, swappiness, &tier);

	for (u32 i = !swappiness; i < NR_LRU_TYPES && !to->count; i++) {
		scanned = scan_folios(k, memcg, type, tier == unknown ? lru_gen_tier_idx(k, g, type) : tier,
				      nr, to);
		all += scanned;
		if (scanned && !k->release->mglru_restructured)
			break;
		if (!scanned)
			type = !type;
		tier = unknown;
	}
	return all;
}

u32 lru_gen_isolate(struct kernel *k, u32 memcg, u64 swappiness, u32 nr, struct folio_list *to)
{
	struct lru_gen *g = &k->lru_gen[memcg];
	u32 scanned;

	if (k->release->mglru_restructured) {
		try_to_inc_min_seq(k, g, swappiness);
		scanned = isolate_folios(k, memcg, swappiness, nr, to);
		if (scanned)
			try_to_inc_min_seq(k, g, swappiness);
		return scanned;
	}
	scanned = isolate_folios(k, memcg, swappiness, nr, to);
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

		if (k->release->mglru_reworked)
			count_protected(k, folio, type);
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
