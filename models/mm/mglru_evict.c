/*
 * Eviction of the multi-gen LRU: evict_folios(), try_to_shrink_lruvec(), get_nr_to_scan(), should_run_aging()
 * (mm/vmscan.c, 6.1-7.2). What happens to a folio is shrink_folio_list()'s business, as with the classic
 * LRU; what it could not reclaim becomes the youngest, unless it is on its way to the device.
 */
#include "models/block/block.h"
#include "models/cpu.h"
#include "models/mm/kswapd.h"
#include "models/mm/lru.h"
#include "models/mm/memcg.h"
#include "models/mm/mglru.h"
#include "models/mm/protection.h"
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

static u64 evictable_pages(const struct kernel *k, const struct lru_gen_shrink_lruvec *f)
{
	const struct lru_gen *g = &k->lru_gen[f->memcg];
	u64 pages = 0;

	for (u64 seq = g->max_seq + 1 - MAX_NR_GENS; seq <= g->max_seq; seq++)
		pages += size_of_gen(g, seq, f->swappiness);
	return pages;
}

/* Whether there is another generation due. Up to 6.13 they are to be of about the same size. */
static bool is_too_old(const struct kernel *k, const struct lru_gen_shrink_lruvec *f)
{
	const struct lru_gen *g = &k->lru_gen[f->memcg];
	u64 oldest = lru_gen_evictable_seq(k, f->memcg, f->swappiness), total;

	if (oldest + MIN_NR_GENS != g->max_seq)
		return oldest + MIN_NR_GENS > g->max_seq;
	if (k->release->mglru_reworked)
		return true;
	total = evictable_pages(k, f);
	return size_of_gen(g, g->max_seq, f->swappiness) * MIN_NR_GENS > total ||
	       size_of_gen(g, g->max_seq - MIN_NR_GENS, f->swappiness) * (MIN_NR_GENS + 2) < total;
}

static bool is_used_up(const struct kernel *k, const struct lru_gen_shrink_lruvec *f)
{
	return lru_gen_evictable_seq(k, f->memcg, f->swappiness) + MIN_NR_GENS > k->lru_gen[f->memcg].max_seq;
}

/* should_run_aging() as it is asked for: at the first priority it is put off, up to 7.1 even if there is
 * nothing else to be evicted. */
static bool has_to_age(const struct kernel *k, const struct scan_control *sc,
		       const struct lru_gen_shrink_lruvec *f)
{
	if (k->release->mglru_restructured && is_used_up(k, f))
		return f->nr_to_scan;
	if (sc->priority == DEF_PRIORITY || (k->release->mglru_restructured && !f->nr_to_scan))
		return false;
	return is_too_old(k, f);
}

/* get_nr_to_scan(); of 7.2 once for all. */
static u64 nr_to_scan(const struct kernel *k, struct scan_control *sc, const struct lru_gen_shrink_lruvec *f)
{
	u64 total = evictable_pages(k, f);

	if (k->release->mglru_restructured && f->scanned)
		return f->nr_to_scan;
	if (is_used_up(k, f) && !k->release->mglru_restructured)
		return 0;
	if (k->release->mglru_scans_asked)
		total = protection_scale(k, sc, f->memcg, total);
	return total >> sc->priority;
}

/* How many folios a batch may look at. */
static u32 batch(const struct kernel *k, const struct lru_gen_shrink_lruvec *f)
{
	if (k->release->mglru_restructured)
		return MIN(f->nr_to_scan - f->scanned, MIN_LRU_BATCH);
	return k->release->mglru_scans_asked ? MIN(f->nr_to_scan, MAX_LRU_BATCH) : MAX_LRU_BATCH;
}

/* should_abort_scan(). Up to 7.0 reclaim of a cgroup goes on, but for 6.1: once it has aged, or swapped
 * enough. */
static bool is_enough(const struct kernel *k, const struct task *t, const struct lru_gen_shrink_lruvec *f)
{
	const struct scan_control *sc = &k->scan_control[t->id];
	bool daemon = t->flags & PF_KSWAPD, safe = k->memory->free > k->memory->high + MIN_LRU_BATCH;

	if (daemon && k->release->mglru_ages_along)
		return safe;
	if (k->release->mglru_ages_along)
		return k->lru_gen[f->memcg].max_seq > f->max_seq + 1 ||
		       (sc->nr_reclaimed >= sc->nr_to_reclaim && f->swappiness);
	if (!is_global_reclaim(sc) && !k->release->mglru_stops)
		return false;
	return sc->nr_reclaimed - (daemon ? f->before : 0) >= sc->nr_to_reclaim || (daemon && safe);
}

/* What comes of a walk: up to 7.1 that is all for now, but in 6.1; then for the machine there is a batch
 * more. */
static bool ends_with_age(const struct kernel *k, const struct scan_control *sc, bool evicted)
{
	if (k->release->mglru_restructured)
		return evicted && is_global_reclaim(sc);
	return !k->release->mglru_ages_along;
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
	while (!protection_is_min(k, sc, f->memcg)) {
		f->nr_to_scan = nr_to_scan(k, sc, f);
		if (has_to_age(k, sc, f)) {
			f->aged = 1;
			CALL(AGE, try_to_inc_max_seq, .memcg = f->memcg,
			     .max_seq = k->lru_gen[f->memcg].max_seq, .swap = f->swappiness > 0);
			if (ends_with_age(k, sc, false))
				break;
		}
		if (!f->nr_to_scan)
			break;
		CALL(EVICT, evict_folios, .memcg = f->memcg, .swappiness = f->swappiness, .nr = batch(k, f));
		f->scanned += (u64)t->ret;
		if (!t->ret || f->scanned >= f->nr_to_scan || is_enough(k, t, f) ||
		    (f->aged && ends_with_age(k, sc, true)))
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

static s32 bits(u64 n)
{
	return n ? 64 - __builtin_clzll(n) : 0;
}

/* set_initial_priority(): (all >> priority) * inactive / all = wanted. */
void lru_gen_set_initial_priority(const struct kernel *k, struct scan_control *sc)
{
	u64 inactive = 0;
	s32 priority;

	if (k->release->mglru_ages_along || sc->priority != DEF_PRIORITY || sc->nr_to_reclaim < MIN_LRU_BATCH)
		return;
	for (u32 i = 0; i < k->config.memcgs; i++) {
		inactive += lruvec_size(k, i, LRU_INACTIVE_FILE);
		if (k->swap->free_pages > 0)
			inactive += lruvec_size(k, i, LRU_INACTIVE_ANON);
	}
	priority = bits(inactive) - 1 - bits(sc->nr_to_reclaim - 1);
	sc->priority = (s8)CLAMP(priority, DEF_PRIORITY / 2, DEF_PRIORITY);
}

/* ---- a batch ---- */

static bool is_on_its_way(const struct kernel *k, u32 folio)
{
	const struct folio *f = &k->folio[folio];

	return f->flags & FOLIO_RECLAIM && (f->flags & FOLIO_DIRTY || k->folio_io[folio].writeback);
}

/* Whether its write ended while it was isolated, so that nobody brought it back to the tail. */
static bool missed_rotation(const struct kernel *k, u32 folio)
{
	const struct folio *f = &k->folio[folio];

	if (f->flags & (FOLIO_ACTIVE | FOLIO_DIRTY) || k->folio_io[folio].writeback || folio_mapped(k, folio))
		return false;
	return k->release->mglru_reworked || !(f->flags & FOLIO_REFERENCED || k->folio_io[folio].lock);
}

/* What is rejected is not to be the oldest again. */
static void make_young(struct kernel *k, u32 folio)
{
	struct folio *f = &k->folio[folio];

	if (k->release->mglru_reworked && (f->flags & FOLIO_ACTIVE || !lru_gen_would_be_oldest(k, folio)))
		return;
	lru_gen_forget_uses(k, folio);
	f->flags |= FOLIO_ACTIVE;
}

/* What shrink_folio_list() has left, in its order. */
static void sort_rejected(struct kernel *k, struct evict_folios *f)
{
	struct folio_list kept = { 0 };
	u32 folio;

	while ((folio = folio_list_take(k, &f->folios))) {
		struct folio *o = &k->folio[folio];

		if (is_on_its_way(k, folio) && !k->release->mglru_reworked) {
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

/* Whatever is looked at goes off its list, be it onto another one. */
static u64 scan_ns(const struct kernel *k, const struct evict_folios *f)
{
	u64 moved = f->scanned - MIN(f->scanned, f->folios.count);

	return (moved + folio_list_folios(k, &f->folios)) * k->cpu_profile->isolate_ns;
}

PATH(evict_folios)
{
	STEPS(LOCK_LRU, UNLOCK_LRU, SHRINK, LOCK_BACK, UNLOCK_BACK, FREE);
	struct lruvec *const v = &k->lruvec[f->memcg];

	BEGIN;
	spin_lock_irq(LOCK_LRU, &v->lru_lock);
	f->scanned = lru_gen_isolate(k, f->memcg, f->swappiness, f->nr, &f->folios);
	count_scan(k, t, f->memcg, PGSCAN, f->folios.count);
	t->work_ns = scan_ns(k, f);
	spin_unlock_irq(UNLOCK_LRU, &v->lru_lock);
	while (f->folios.count) {
		k->scan_control[t->id].nr_scanned += f->folios.count;
		CALL(SHRINK, shrink_folio_list, .folios = machine_place(m, &f->folios));
		f->reclaimed = (u32)t->ret;
		k->scan_control[t->id].nr_reclaimed += f->reclaimed;
		sort_rejected(k, f);
		spin_lock_irq(LOCK_BACK, &v->lru_lock);
		t->work_ns = lru_putback_ns(k, &f->folios);
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
