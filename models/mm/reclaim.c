/*
 * Direct reclaim of a cgroup (mm/vmscan.c, 6.17/6.18, classic LRU): try_to_free_mem_cgroup_pages() down to
 * the batches. What happens to the pages of a batch is in shrink_folio_list.c.
 *
 * One cgroup, one node; left out: descendants of the target, protection, file pages beyond the balance
 * formula (they are not on lists yet), slab, multi-gen LRU, kswapd.
 */
#include "models/block/block.h"
#include "models/cpu.h"
#include "models/mm/lru.h"
#include "models/mm/lruvec_stats.h"
#include "models/mm/memcg.h"
#include "models/mm/memory.h"
#include "models/mm/oom.h"
#include "models/mm/psi.h"
#include "models/mm/workingset.h"
#include "models/paths.h"

#include "sim/lock.h"

enum { DEF_PRIORITY = 12, THROTTLE_TICKS_DIV = 50 };

/* prepare_scan_control() */
static void prepare_scan(struct kernel *k, struct scan_control *sc)
{
	const struct lruvec *v = &k->lruvec[sc->target];
	const struct lruvec_stats *stats = lruvec_stats(k, sc->target);

	sc->anon_cost = v->anon_cost;
	sc->file_cost = v->file_cost;
	sc->may_deactivate_anon =
	    sc->force_deactivate || stats->activated != v->activated_then || inactive_anon_is_low(stats);
}

static void snapshot_refaults(struct kernel *k, u32 target)
{
	k->lruvec[target].activated_then = lruvec_stats(k, target)->activated;
}

/* get_scan_count(): pages to look at on each list at this priority. */
static void get_scan_count(const struct kernel *k, const struct scan_control *sc, const struct lruvec *v,
			   u32 *nr)
{
	u64 swappiness = k->config.swappiness;
	u64 total = sc->anon_cost + sc->file_cost;
	u64 anon = total + sc->anon_cost, file = total + sc->file_cost;
	u64 part[2];

	total = anon + file;
	part[0] = swappiness * (total + 1) / (anon + 1);
	part[1] = (200 - swappiness) * (total + 1) / (file + 1);
	for (u32 i = 0; i < NR_LRU_LISTS; i++) {
		u64 scan = v->list[i].count >> sc->priority;
		bool is_file = i >= LRU_INACTIVE_FILE;

		if (sc->no_swap || memcg_nr_swap_pages(k, sc->target) <= 0 || !swappiness)
			scan = is_file ? scan : 0;
		else if (sc->priority)
			scan = scan * part[is_file] / (part[0] + part[1]);
		nr[i] = scan;
	}
}

static bool start_full_walk(const struct kernel *k, struct scan_control *sc)
{
	if (!k->release->full_walk || sc->full_walk)
		return false;
	sc->full_walk = 1;
	return true;
}

static bool start_forced_deactivation(struct scan_control *sc)
{
	if (!sc->skipped_deactivate)
		return false;
	sc->force_deactivate = 1;
	sc->skipped_deactivate = 0;
	return true;
}

/* With do_try_to_free_pages() and shrink_node() in it: from a little of every list to all of it. */
PATH(try_to_free_mem_cgroup_pages)
{
	STEPS(BEGIN_RECLAIM, SHRINK, END_RECLAIM);
	struct scan_control *const sc = &k->scan_control[t->id];

	BEGIN;
	f->start = m->now;
	psi_memstall_enter(k, t);
	AT(BEGIN_RECLAIM);
	t->flags |= PF_MEMALLOC;
	*sc = (struct scan_control){
		.target = f->memcg,
		.nr_to_reclaim =
		    f->nr_pages > k->config.reclaim_batch ? f->nr_pages : k->config.reclaim_batch,
		.no_swap = f->no_swap,
	};
	do {
		for (sc->priority = DEF_PRIORITY; sc->priority >= 0; sc->priority--) {
			prepare_scan(k, sc);
			CALL(SHRINK, shrink_lruvec, .lruvec = sc->target);
			if (sc->nr_reclaimed >= sc->nr_to_reclaim)
				break;
		}
		snapshot_refaults(k, sc->target);
	} while (!sc->nr_reclaimed && (start_full_walk(k, sc) || start_forced_deactivation(sc)));
	AT(END_RECLAIM);
	psi_memstall_leave(k, t);
	t->flags &= ~(u32)PF_MEMALLOC;
	f->nr_pages = sc->nr_reclaimed;
	*sc = (struct scan_control){ 0 };
	histogram_record(&k->latency[LATENCY_RECLAIM], m->now - f->start);
	RETURN(f->nr_pages);
	END;
}

static u32 take_chunk(const struct kernel *k, u32 *left)
{
	u32 chunk = *left < k->config.reclaim_batch ? *left : k->config.reclaim_batch;

	*left -= chunk;
	return chunk;
}

PATH(shrink_lruvec)
{
	STEPS(INACTIVE, ACTIVE, RESCHED, FLUSH, AGE);
	struct scan_control *const sc = &k->scan_control[t->id];
	struct lruvec *const v = &k->lruvec[f->lruvec];

	BEGIN;
	get_scan_count(k, sc, v, f->nr);
	plug_start(k, t);
	while (f->nr[LRU_INACTIVE_ANON] || f->nr[LRU_ACTIVE_FILE] || f->nr[LRU_INACTIVE_FILE]) {
		if (f->nr[LRU_INACTIVE_ANON]) {
			f->chunk = take_chunk(k, &f->nr[LRU_INACTIVE_ANON]);
			CALL(INACTIVE, shrink_inactive_list, .lruvec = f->lruvec, .lru = LRU_INACTIVE_ANON,
			     .nr_to_scan = f->chunk);
			f->reclaimed += t->ret;
		}
		if (f->nr[LRU_ACTIVE_ANON]) {
			f->chunk = take_chunk(k, &f->nr[LRU_ACTIVE_ANON]);
			if (sc->may_deactivate_anon)
				CALL(ACTIVE, shrink_active_list, .lruvec = f->lruvec, .nr_to_scan = f->chunk);
			else
				sc->skipped_deactivate = 1;
		}
		cond_resched(RESCHED);
		if (f->reclaimed >= sc->nr_to_reclaim)
			break;
	}
	plug_finish(k, t);
	if (t->work_ns)
		AT(FLUSH);
	sc->nr_reclaimed += f->reclaimed;
	if (k->swap->total_pages && inactive_anon_is_low(lruvec_stats(k, f->lruvec)))
		CALL(AGE, shrink_active_list, .lruvec = f->lruvec, .nr_to_scan = k->config.reclaim_batch);
	RETURN(0);
	END;
}

/* too_many_isolated(): the counter is the node's, so the lists are too. */
static bool too_many_isolated(const struct kernel *k)
{
	u64 inactive = 0;

	if (k->config.cgroup_version == 1)
		return false;
	for (u32 i = 0; i < k->config.memcgs; i++)
		inactive += k->lruvec[i].list[LRU_INACTIVE_ANON].count;
	return k->memory->isolated > inactive / 8;
}

/* isolate_lru_folios(): from the tail of the list; the first taken is the first to be looked at. A folio
 * without a reference is about to be taken off the list by folio_put(), one without FOLIO_LRU to be rotated.
 */
static u32 isolate(struct kernel *k, struct lruvec *v, enum lru_list lru, u32 nr, struct folio_list *to)
{
	u32 scanned = 0;

	for (; scanned < nr && v->list[lru].tail; scanned++) {
		u32 folio = v->list[lru].tail;
		bool on_list = k->folio[folio].flags & FOLIO_LRU;

		lruvec_del_folio(k, v, folio);
		if (!k->folio[folio].refs || !on_list) {
			lruvec_add_folio(k, v, folio);
			if (!on_list)
				k->folio[folio].flags &= ~FOLIO_LRU;
			continue;
		}
		k->folio[folio].refs++;
		folio_list_add(k, to, folio);
	}
	k->memory->isolated += to->count;
	lru_scout_from(k, v->list[lru].tail);
	return scanned;
}

PATH(shrink_inactive_list)
{
	STEPS(THROTTLE, DRAIN, LOCK_LRU, UNLOCK_LRU, SHRINK, LOCK_BACK, UNLOCK_BACK, FREE);
	struct lruvec *const v = &k->lruvec[f->lruvec];

	BEGIN;
	while (too_many_isolated(k)) {
		if (f->stalled)
			RETURN(0);
		f->stalled = 1;
		count_memcg(k, f->lruvec, RECLAIM_THROTTLED, 1);
		wait_on(THROTTLE, &k->memory->isolated_wait,
			tick_timeout(m, m->config.hz / THROTTLE_TICKS_DIV));
		if (task_is_dying(k, t))
			RETURN(k->config.reclaim_batch); /* its memory will come: enough for the caller */
	}
	wake_up_all(m, &k->memory->isolated_wait);
	CALL(DRAIN, lru_add_drain, .folio = 0);
	spin_lock_irq(LOCK_LRU, &v->lru_lock);
	f->nr_scanned = isolate(k, v, f->lru, f->nr_to_scan, &f->folios);
	f->nr_taken = f->folios.count;
	count_memcg(k, f->lruvec, PGSCAN, f->nr_scanned);
	t->work_ns = f->nr_taken * k->cpu_profile->isolate_ns;
	spin_unlock_irq(UNLOCK_LRU, &v->lru_lock);
	if (!f->nr_taken)
		RETURN(0);
	CALL(SHRINK, shrink_folio_list, .folios = machine_place(m, &f->folios),
	     .pageout = machine_place(m, &f->nr_pageout));
	f->nr_reclaimed = t->ret;
	t->work_ns = f->folios.count * k->cpu_profile->isolate_ns;
	spin_lock_irq(LOCK_BACK, &v->lru_lock);
	k->memory->isolated -= f->nr_taken;
	count_memcg(k, f->lruvec, PGSTEAL, f->nr_reclaimed);
	lru_putback(k, f->lruvec, &f->folios, &f->dead);
	spin_unlock_irq(UNLOCK_BACK, &v->lru_lock);
	if (f->dead.count)
		AT(FREE);
	lru_free_dead(k, &f->dead);
	lru_note_cost(k, f->lruvec, false, f->nr_pageout, f->nr_scanned - f->nr_reclaimed);
	RETURN(f->nr_reclaimed);
	END;
}

/* Deactivation does not care whether the page was used, only clears the mark (but for executable file pages).
 */
PATH(shrink_active_list)
{
	STEPS(DRAIN, LOCK_LRU, UNLOCK_LRU, LOCK_PTL, UNLOCK_PTL, LOCK_BACK, UNLOCK_BACK, FREE);
	struct lruvec *const v = &k->lruvec[f->lruvec];

	BEGIN;
	CALL(DRAIN, lru_add_drain, .folio = 0);
	spin_lock_irq(LOCK_LRU, &v->lru_lock);
	isolate(k, v, LRU_ACTIVE_ANON, f->nr_to_scan, &f->hold);
	f->nr_taken = f->hold.count;
	count_memcg(k, f->lruvec, PGREFILL, f->nr_taken);
	t->work_ns = f->nr_taken * k->cpu_profile->isolate_ns;
	spin_unlock_irq(UNLOCK_LRU, &v->lru_lock);
	while ((f->folio = folio_list_take(k, &f->hold))) {
		lru_scout(k);
		if (k->folio[f->folio].mapped) {
			spin_lock(LOCK_PTL, &page_table_of(k, k->folio[f->folio].page)->ptl);
			if (k->folio[f->folio].mapped)
				k->pte_flags[k->folio[f->folio].page] &= ~PTE_ACCESSED;
			spin_unlock(UNLOCK_PTL, &page_table_of(k, k->folio[f->folio].page)->ptl);
		}
		k->folio[f->folio].flags &= ~FOLIO_ACTIVE;
		k->folio[f->folio].flags |= FOLIO_WORKINGSET;
		folio_list_add(k, &f->inactive, f->folio);
	}
	spin_lock_irq(LOCK_BACK, &v->lru_lock);
	k->memory->isolated -= f->nr_taken;
	count_memcg(k, f->lruvec, PGDEACTIVATE, f->inactive.count);
	lru_putback(k, f->lruvec, &f->inactive, &f->hold);
	t->work_ns = f->nr_taken * k->cpu_profile->isolate_ns;
	spin_unlock_irq(UNLOCK_BACK, &v->lru_lock);
	if (f->hold.count)
		AT(FREE);
	lru_free_dead(k, &f->hold);
	RETURN(0);
	END;
}
