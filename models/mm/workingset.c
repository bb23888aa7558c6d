#include "models/mm/workingset.h"

#include "models/cpu.h"
#include "models/mm/folio.h"
#include "models/mm/lruvec_stats.h"
#include "models/mm/memcg.h"
#include "models/mm/mglru.h"
#include "models/paths.h"

/* What a shadow has room for: from 7.1 on those of anonymous pages share their word with a count. The kernel
 * makes ages coarser on machines whose memory needs more bits than are left, which is above 8 TiB. */
static u64 age_mask(const struct kernel *k, bool file)
{
	return (UINT64_C(1) << (64 - SHADOW_AGE_SHIFT - (file ? 0 : k->release->word_flags))) - 1;
}

void workingset_age_nonresident(struct kernel *k, u32 memcg, u64 pages)
{
	if (machine_forgets(&k->machine))
		return;
	for (; memcg; memcg = k->memcg[memcg].parent)
		k->lruvec[memcg].nonresident_age += pages;
	k->lruvec[0].nonresident_age += pages;
}

static void write_nonresident_age(struct kernel *k, struct task *t, u32 memcg)
{
	for (; memcg; memcg = k->memcg[memcg].parent)
		line_take(&k->machine, t, &k->lruvec[memcg].nonresident_line, 1);
	line_take(&k->machine, t, &k->lruvec[0].nonresident_line, 1);
}

u64 workingset_eviction(struct kernel *k, struct task *t, u32 folio, u32 target)
{
	u64 age = k->lruvec[target].nonresident_age & age_mask(k, k->folio[folio].flags & FOLIO_FILE);
	u64 workingset = k->folio[folio].flags & FOLIO_WORKINGSET ? SHADOW_WORKINGSET : 0;

	if (lru_gen_enabled(k))
		return lru_gen_eviction(k, folio);
	workingset_age_nonresident(k, target, folio_nr_pages(k, folio));
	write_nonresident_age(k, t, target);
	return SHADOW_TAG | workingset | (u64)target << SHADOW_MEMCG_SHIFT | age << SHADOW_AGE_SHIFT;
}

/* workingset_test_recent(): pages that could have been kept in its place. Anonymous ones only if they could
 * have gone to swap instead. */
static u64 workingset_size(struct kernel *k, u32 memcg, bool file)
{
	const struct lruvec_stats *stats = lruvec_stats(k, memcg);
	u64 size = (u64)stats->size[LRU_ACTIVE_FILE] + (file ? 0 : stats->size[LRU_INACTIVE_FILE]);

	if (memcg_nr_swap_pages(k, memcg) <= 0)
		return size;
	return size + stats->size[LRU_ACTIVE_ANON] + (file ? stats->size[LRU_INACTIVE_ANON] : 0);
}

u32 lru_cost(const struct kernel *k, u32 pageouts, u32 rotated)
{
	return k->release->pageouts_cost ? pageouts : pageouts * k->config.reclaim_batch + rotated;
}

/* Up to 6.14 what cost nothing makes older costs count less, too. */
static bool is_worth_noting(const struct kernel *k, const struct lru_note_cost *f)
{
	return f->cost || k->release->notes_no_cost;
}

static void note_cost(struct kernel *k, u32 memcg, bool file, u32 cost)
{
	const u32 *sizes = lruvec_stats(k, memcg)->size;
	struct lruvec *v = &k->lruvec[memcg];
	u64 size = 0;

	v->cost[file] += cost;
	for (u32 i = 0; i < NR_LRU_LISTS; i++)
		size += sizes[i];
	if (v->cost[LRU_ANON] + v->cost[LRU_FILE] > size / 4) {
		v->cost[LRU_ANON] /= 2;
		v->cost[LRU_FILE] /= 2;
	}
}

PATH(lru_note_cost)
{
	STEPS(LOCK_LRU, UNLOCK_LRU, LOCK_PARENT, UNLOCK_PARENT);
	BEGIN;
	if (!f->held)
		spin_lock_irq(LOCK_LRU, &k->lruvec[f->memcg].lru_lock);
	if (is_worth_noting(k, f))
		note_cost(k, f->memcg, f->file, f->cost);
	spin_unlock_irq(UNLOCK_LRU, &k->lruvec[f->memcg].lru_lock);
	while (f->memcg && is_worth_noting(k, f)) {
		f->memcg = k->memcg[f->memcg].parent;
		spin_lock_irq(LOCK_PARENT, &k->lruvec[f->memcg].lru_lock);
		note_cost(k, f->memcg, f->file, f->cost);
		spin_unlock_irq(UNLOCK_PARENT, &k->lruvec[f->memcg].lru_lock);
	}
	RETURN(0);
	END;
}

PATH(lru_note_cost_refault)
{
	STEPS(NOTE);
	const struct folio *const folio = &k->folio[f->folio];

	BEGIN;
	CALL(NOTE, lru_note_cost, .memcg = folio->memcg, .file = !!(folio->flags & FOLIO_FILE),
	     .cost = lru_cost(k, folio_nr_pages(k, f->folio), 0));
	RETURN(0);
	END;
}

/* The classic LRU's. */
static bool refault(struct kernel *k, u32 folio, u64 shadow)
{
	struct folio *f = &k->folio[folio];
	bool file = f->flags & FOLIO_FILE;
	u32 evicted_from = shadow >> SHADOW_MEMCG_SHIFT & 0xffff;
	u64 distance =
	    (k->lruvec[evicted_from].nonresident_age - (shadow >> SHADOW_AGE_SHIFT)) & age_mask(k, file);
	u64 size = workingset_size(k, evicted_from, file);
	u32 pages = folio_nr_pages(k, folio);

	machine_asks(&k->machine);
	count_memcg(k, f->memcg, file ? WORKINGSET_REFAULT_FILE : WORKINGSET_REFAULT_ANON, pages);
	histogram_record(&k->refault[REFAULT_DISTANCE], distance);
	histogram_record(&k->refault[REFAULT_WORKINGSET_SIZE], size);
	if (distance > size)
		return false;
	histogram_record(&k->refault[REFAULT_DISTANCE_ACTIVATED], distance);
	f->flags |= FOLIO_ACTIVE;
	workingset_age_nonresident(k, f->memcg, pages);
	count_memcg(k, f->memcg, file ? WORKINGSET_ACTIVATE_FILE : WORKINGSET_ACTIVATE_ANON, pages);
	for (u32 i = f->memcg; i; i = k->memcg[i].parent)
		k->lruvec[i].activated[file] += pages;
	k->lruvec[0].activated[file] += pages;
	if (!(shadow & SHADOW_WORKINGSET))
		return false;
	f->flags |= FOLIO_WORKINGSET;
	count_memcg(k, f->memcg, file ? WORKINGSET_RESTORE_FILE : WORKINGSET_RESTORE_ANON, pages);
	return true;
}

bool workingset_refault(struct kernel *k, const struct task *t, u32 folio, u64 shadow)
{
	if (!lru_gen_enabled(k))
		return refault(k, folio, shadow);
	lru_gen_refault(k, t, folio, shadow);
	return false;
}
