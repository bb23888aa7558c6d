/*
 * Eviction of the multi-gen LRU: evict_folios(), try_to_shrink_lruvec(), get_nr_to_scan(), should_run_aging()
 * (mm/vmscan.c, 6.1-6.18). What happens to a folio is shrink_folio_list()'s business, as with the classic
 * LRU; what it could not reclaim becomes the youngest, unless it is on its way to the device.
 */
#include "models/block/block.h"
#include "models/cpu.h"
#include "models/mm/kswapd.h"
#include "models/mm/lru.h"
#include "models/mm/memcg.h"
#include "models/mm/mglru.h"
#include "models/mm/scan_balance.h"
#include "models/paths.h"

#include "sim/lock.h"

/* get_swappiness(): 0, if no anonymous page can go. */
static u64 swappiness_of(const struct kernel *k, const struct scan_control *sc, u32 memcg)
{
	if (sc->no_swap || memcg_nr_swap_pages(k, memcg) < MIN_LRU_BATCH)
		return 0;
	return k->config.swappiness;
}

/* ---- how much ---- */

static u64 size_of_gen(const struct lru_gen *g, u64 seq, u64 swappiness)
{
	return (u64)g->pages[seq % MAX_NR_GENS][LRU_FILE] +
	       (swappiness ? g->pages[seq % MAX_NR_GENS][LRU_ANON] : 0);
}

/* should_run_aging(). Up to 6.13 generations are to be of about the same size. */
static bool is_too_old(const struct kernel *k, u32 memcg, u64 swappiness, u64 total)
{
	const struct lru_gen *g = &k->lru_gen[memcg];
	u64 oldest = lru_gen_evictable_seq(k, memcg, swappiness);

	if (oldest + MIN_NR_GENS != g->max_seq)
		return oldest + MIN_NR_GENS > g->max_seq;
	if (k->release->mglru_reworked)
		return true;
	return size_of_gen(g, g->max_seq, swappiness) * MIN_NR_GENS > total ||
	       size_of_gen(g, g->max_seq - MIN_NR_GENS, swappiness) * (MIN_NR_GENS + 2) < total;
}

/* get_nr_to_scan(); @ages: only after there is another generation. */
static u64 nr_to_scan(const struct kernel *k, const struct scan_control *sc, u32 memcg, u64 swappiness,
		      u32 *ages)
{
	const struct lru_gen *g = &k->lru_gen[memcg];
	u64 total = 0;

	for (u64 seq = g->max_seq + 1 - MAX_NR_GENS; seq <= g->max_seq; seq++)
		total += size_of_gen(g, seq, swappiness);
	*ages = is_too_old(k, memcg, swappiness, total);
	if (lru_gen_evictable_seq(k, memcg, swappiness) + MIN_NR_GENS > g->max_seq)
		total = 0;
	if (sc->priority == DEF_PRIORITY)
		*ages = false;
	return total >> sc->priority;
}

/* should_abort_scan(). Reclaim of a cgroup goes on, but for 6.1: once it has aged, or swapped enough. */
static bool is_enough(const struct kernel *k, const struct task *t, const struct lru_gen_shrink_lruvec *f)
{
	const struct scan_control *sc = &k->scan_control[t->id];

	if (t->flags & PF_KSWAPD)
		return k->memory->free > k->memory->high + MIN_LRU_BATCH;
	if (k->release->mglru_ages_along)
		return k->lru_gen[f->memcg].max_seq > f->max_seq + 1 ||
		       (sc->nr_reclaimed >= sc->nr_to_reclaim && f->swappiness);
	return is_global_reclaim(sc) && sc->nr_reclaimed >= sc->nr_to_reclaim;
}

PATH(lru_gen_shrink_lruvec)
{
	STEPS(DRAIN, AGE, EVICT, RESCHED, FLUSH);
	struct scan_control *const sc = &k->scan_control[t->id];

	BEGIN;
	CALL(DRAIN, lru_add_drain, .folio = 0);
	plug_start(k, t);
	f->swappiness = swappiness_of(k, sc, f->memcg);
	f->max_seq = k->lru_gen[f->memcg].max_seq;
	for (;;) {
		f->nr_to_scan = nr_to_scan(k, sc, f->memcg, f->swappiness, &f->ages);
		if (f->ages) {
			CALL(AGE, try_to_inc_max_seq, .memcg = f->memcg,
			     .max_seq = k->lru_gen[f->memcg].max_seq, .swap = f->swappiness > 0);
			if (!k->release->mglru_ages_along)
				break;
		}
		if (!f->nr_to_scan)
			break;
		CALL(EVICT, evict_folios, .memcg = f->memcg, .swappiness = f->swappiness);
		f->scanned += (u64)t->ret;
		if (!t->ret || f->scanned >= f->nr_to_scan || is_enough(k, t, f))
			break;
		cond_resched(RESCHED);
	}
	sc->gen_walk = 0;
	plug_finish(k, t);
	if (t->work_ns)
		AT(FLUSH);
	RETURN(0);
	END;
}

/* ---- a batch ---- */

static bool is_on_its_way(const struct folio *f)
{
	return f->flags & FOLIO_RECLAIM && (f->flags & FOLIO_DIRTY || f->writeback);
}

/* Whether its write ended while it was isolated, so that nobody brought it back to the tail. */
static bool missed_rotation(const struct kernel *k, u32 folio)
{
	const struct folio *f = &k->folio[folio];

	if (f->flags & (FOLIO_ACTIVE | FOLIO_DIRTY) || f->writeback || folio_mapped(k, folio))
		return false;
	return k->release->mglru_reworked || !(f->flags & FOLIO_REFERENCED || f->lock);
}

/* What is rejected is not to be the oldest again. */
static void make_young(struct kernel *k, u32 folio)
{
	struct folio *f = &k->folio[folio];

	if (k->release->mglru_reworked && (f->flags & FOLIO_ACTIVE || !lru_gen_would_be_oldest(k, folio)))
		return;
	f->flags &= ~(FOLIO_REFERENCED | FOLIO_WORKINGSET);
	if (!k->release->mglru_reworked)
		lru_gen_forget_refs(k, folio);
	f->flags |= FOLIO_ACTIVE;
}

/* What shrink_folio_list() has left, in its order. */
static void sort_rejected(struct kernel *k, struct evict_folios *f)
{
	struct folio_list kept = { 0 };
	u32 folio;

	while ((folio = folio_list_take(k, &f->folios))) {
		struct folio *o = &k->folio[folio];

		if (is_on_its_way(o) && !k->release->mglru_reworked) {
			if (o->flags & FOLIO_WORKINGSET)
				o->flags |= FOLIO_REFERENCED;
		} else if (!f->retried && missed_rotation(k, folio)) {
			folio_list_add(k, &f->clean, folio);
			continue;
		} else {
			make_young(k, folio);
		}
		folio_list_add(k, &kept, folio);
	}
	f->folios = kept;
}

PATH(evict_folios)
{
	STEPS(LOCK_LRU, UNLOCK_LRU, SHRINK, LOCK_BACK, UNLOCK_BACK, FREE);
	struct lruvec *const v = &k->lruvec[f->memcg];

	BEGIN;
	spin_lock_irq(LOCK_LRU, &v->lru_lock);
	f->scanned = lru_gen_isolate(k, f->memcg, f->swappiness, &f->folios);
	count_scan(k, t, f->memcg, PGSCAN, f->folios.count);
	t->work_ns = MAX(f->folios.count, f->scanned) * k->cpu_profile->isolate_ns;
	spin_unlock_irq(UNLOCK_LRU, &v->lru_lock);
	while (f->folios.count) {
		k->scan_control[t->id].nr_scanned += f->folios.count;
		k->scan_control[t->id].nr_taken += f->folios.count;
		CALL(SHRINK, shrink_folio_list, .folios = machine_place(m, &f->folios));
		f->reclaimed = (u32)t->ret;
		k->scan_control[t->id].nr_reclaimed += f->reclaimed;
		sort_rejected(k, f);
		t->work_ns = f->folios.count * k->cpu_profile->isolate_ns;
		spin_lock_irq(LOCK_BACK, &v->lru_lock);
		lru_putback(k, f->memcg, &f->folios, &f->dead);
		count_scan(k, t, f->memcg, PGSTEAL, f->reclaimed);
		spin_unlock_irq(UNLOCK_BACK, &v->lru_lock);
		if (f->dead.count)
			AT(FREE);
		lru_free_dead(k, &f->dead);
		f->folios = f->clean;
		f->clean = (struct folio_list){ 0 };
		f->retried = 1;
	}
	RETURN(f->scanned);
	END;
}
