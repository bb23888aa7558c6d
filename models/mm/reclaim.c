/*
 * Reclaim (mm/vmscan.c, 6.12-7.2, classic LRU): of a cgroup that is at its limit and of the machine when it
 * is short of memory, down to the batches. What happens to the pages of a batch is in shrink_folio_list.c,
 * how much of which list is looked at in scan_balance.c, the daemon in kswapd.c.
 *
 * Who reclaims walks the cgroups below its target, a little of each. A direct reclaimer that has what it
 * wants leaves off there, and whoever comes next goes on from there; who found nothing walks all of them once
 * more (from 6.12). Of slab there is zswap's shrinker. One node; left out: compaction, vmpressure. A
 * machine with the multi-gen LRU evicts its own way (mglru_evict.c).
 */
#include "models/block/block.h"
#include "models/cpu.h"
#include "models/mm/filemap.h"
#include "models/mm/folio.h"
#include "models/mm/kswapd.h"
#include "models/mm/lru.h"
#include "models/mm/lruvec_stats.h"
#include "models/mm/memcg.h"
#include "models/mm/memory.h"
#include "models/mm/mglru.h"
#include "models/mm/oom.h"
#include "models/mm/protection.h"
#include "models/mm/psi.h"
#include "models/mm/scan_balance.h"
#include "models/mm/workingset.h"
#include "models/paths.h"
#include "models/swap/zswap.h"

#include <string.h>

#include "sim/lock.h"

enum { THROTTLE_TICKS_DIV = 50 };

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

/* Before anybody is killed, memory.low gives way. */
static bool start_low_reclaim(struct scan_control *sc)
{
	if (!sc->low_skipped)
		return false;
	sc->force_deactivate = 0;
	sc->low_reclaim = 1;
	sc->low_skipped = 0;
	return true;
}

/* skip_throttle_noprogress(): the daemon has given up, or what is missing is not on its way to a device. */
static bool throttling_is_vain(struct kernel *k)
{
	return k->memory->kswapd_failures >= MAX_RECLAIM_RETRIES ||
	       2 * k->memory->writeback <= reclaimable_pages(k);
}

/* From a little of every list to all of it. Who gets nowhere on behalf of the machine rests for a tick.
 * Returns pages reclaimed. */
PATH(do_try_to_free_pages)
{
	STEPS(SHRINK, NO_PROGRESS);
	struct scan_control *const sc = &k->scan_control[t->id];

	BEGIN;
	do {
		if (is_global_reclaim(sc))
			count_memcg(k, 0, ALLOCSTALL, 1);
		for (sc->priority = DEF_PRIORITY; sc->priority >= 0; sc->priority--) {
			sc->nr_scanned = 0;
			CALL(SHRINK, shrink_node);
			if (sc->nr_reclaimed > sc->nr_scanned / 8)
				wake_up_all(m, &k->memory->no_progress_wait);
			else if (is_global_reclaim(sc) && sc->priority == 1 && !sc->nr_reclaimed &&
				 !throttling_is_vain(k))
				wait_on(NO_PROGRESS, &k->memory->no_progress_wait, tick_timeout(m, 1));
			if (sc->nr_reclaimed >= sc->nr_to_reclaim)
				break;
		}
		snapshot_refaults(k, sc->target);
	} while (!sc->nr_reclaimed &&
		 (start_full_walk(k, sc) || start_forced_deactivation(sc) || start_low_reclaim(sc)));
	RETURN(sc->nr_reclaimed);
	END;
}

PATH(try_to_free_mem_cgroup_pages)
{
	STEPS(BEGIN_RECLAIM, TRY, END_RECLAIM);
	struct scan_control *const sc = &k->scan_control[t->id];

	BEGIN;
	f->start = m->now;
	AT(BEGIN_RECLAIM);
	t->flags |= PF_MEMALLOC;
	*sc = (struct scan_control){
		.target = f->memcg,
		.proactive = f->proactive,
		.nr_to_reclaim =
		    f->nr_pages > k->config.reclaim_batch ? f->nr_pages : k->config.reclaim_batch,
		.no_swap = f->no_swap,
	};
	CALL(TRY, do_try_to_free_pages);
	AT(END_RECLAIM);
	t->flags &= ~(u32)PF_MEMALLOC;
	f->nr_pages = sc->nr_reclaimed;
	*sc = (struct scan_control){ 0 };
	histogram_record(&k->latency[LATENCY_RECLAIM], m->now - f->start);
	RETURN(f->nr_pages);
	END;
}

/* Direct reclaim for the machine. Who finds not even half of the min watermark lets the daemon go first,
 * which is as much of a stall as reclaim itself. */
PATH(try_to_free_pages)
{
	STEPS(THROTTLE, BEGIN_RECLAIM, TRY, END_RECLAIM);
	struct scan_control *const sc = &k->scan_control[t->id];

	BEGIN;
	psi_memstall_enter(k, t);
	while (k->memory->free <= k->memory->min / 2 && kswapd_may_help(k) && !task_is_dying(k, t)) {
		wake_kswapd(k);
		k->memory->pfmemalloc |= BIT_LOCK_NOBODY;
		bit_wait(THROTTLE, &k->memory->pfmemalloc);
	}
	f->start = m->now;
	AT(BEGIN_RECLAIM);
	t->flags |= PF_MEMALLOC;
	*sc = (struct scan_control){ .nr_to_reclaim = k->config.reclaim_batch };
	CALL(TRY, do_try_to_free_pages);
	AT(END_RECLAIM);
	psi_memstall_leave(k, t);
	t->flags &= ~(u32)PF_MEMALLOC;
	f->reclaimed = sc->nr_reclaimed;
	*sc = (struct scan_control){ 0 };
	histogram_record(&k->latency[LATENCY_RECLAIM], m->now - f->start);
	RETURN(f->reclaimed);
	END;
}

/* Only who has time, or found nothing so far, walks all the cgroups below the target; in 6.1 everybody does.
 */
static bool walks_partly(const struct kernel *k, const struct task *t, const struct scan_control *sc)
{
	return k->release->full_walk && !(t->flags & PF_KSWAPD) && !sc->full_walk;
}

/* mem_cgroup_iter() to begin with: the cgroups below the target in order, from where the last walk left off.
 */
static u32 walk_begin(struct kernel *k, const struct task *t, const struct scan_control *sc)
{
	struct lruvec *target = &k->lruvec[sc->target];

	if (!walks_partly(k, t, sc))
		return 0;
	if (target->iter == k->memcg_subtree[sc->target])
		target->iter = 0;
	return target->iter;
}

/* With shrink_node_memcgs() and prepare_scan_control() in it. Whoever gets somewhere, be it for a cgroup,
 * shows that the daemon may, too. */
PATH(shrink_node)
{
	STEPS(RESCHED, GENERATIONS, LRUVEC, SLAB);
	struct scan_control *const sc = &k->scan_control[t->id];

	BEGIN;
	prepare_scan_control(k, sc);
	f->before = sc->nr_reclaimed;
	for (f->i = walk_begin(k, t, sc); f->i < k->memcg_subtree[sc->target];) {
		f->memcg = k->memcg_walk[k->memcg_place[sc->target] + f->i++];
		if (walks_partly(k, t, sc))
			k->lruvec[sc->target].iter = f->i;
		cond_resched(RESCHED);
		if (protection_spares(k, sc, f->memcg))
			continue;
		if (lru_gen_enabled(k))
			CALL(GENERATIONS, lru_gen_shrink_lruvec, .memcg = f->memcg, .before = f->before);
		else
			CALL(LRUVEC, shrink_lruvec, .lruvec = f->memcg);
		if (zswap_is_enabled(k) && k->config.zswap.shrinker_enabled)
			CALL(SLAB, shrink_slab, .memcg = f->memcg);
		if (walks_partly(k, t, sc) && sc->nr_reclaimed >= sc->nr_to_reclaim)
			break;
	}
	if (sc->nr_reclaimed != f->before)
		kswapd_note_progress(k);
	else if (sc->cache_trim_mode)
		sc->trim_failed = 1;
	RETURN(0);
	END;
}

static u32 take_chunk(const struct kernel *k, u32 *left)
{
	u32 chunk = *left < k->config.reclaim_batch ? *left : k->config.reclaim_batch;

	*left -= chunk;
	return chunk;
}

/* When there is enough, the type that has less to be scanned is left alone, and of the other as much is
 * scanned as makes the two alike in proportion. False: that is all. */
static bool balance_what_is_left(struct shrink_lruvec *f)
{
	u32 anon = f->nr[LRU_INACTIVE_ANON] + f->nr[LRU_ACTIVE_ANON];
	u32 file = f->nr[LRU_INACTIVE_FILE] + f->nr[LRU_ACTIVE_FILE];
	u32 less = file > anon ? LRU_INACTIVE_ANON : LRU_INACTIVE_FILE;
	u32 more = file > anon ? LRU_INACTIVE_FILE : LRU_INACTIVE_ANON;
	u64 wanted = (u64)f->target[less] + f->target[less + 1] + 1;
	u64 percent = (u64)(file > anon ? anon : file) * 100 / wanted;

	if (!anon || !file)
		return false;
	f->nr[less] = f->nr[less + 1] = 0;
	for (u32 lru = more; lru < more + 2; lru++) {
		u32 scanned = f->target[lru] - f->nr[lru];
		u32 left = (u64)f->target[lru] * (100 - percent) / 100;

		f->nr[lru] = left > scanned ? left - scanned : 0;
	}
	return true;
}

PATH(shrink_lruvec)
{
	STEPS(INACTIVE, ACTIVE, RESCHED, FLUSH, AGE);
	struct scan_control *const sc = &k->scan_control[t->id];

	BEGIN;
	get_scan_count(k, sc, f->lruvec, f->nr);
	memcpy(f->target, f->nr, sizeof f->nr);
	plug_start(k, t);
	while (f->nr[LRU_INACTIVE_ANON] || f->nr[LRU_ACTIVE_FILE] || f->nr[LRU_INACTIVE_FILE]) {
		for (f->lru = 0; f->lru < NR_LRU_LISTS; f->lru++) {
			if (!f->nr[f->lru])
				continue;
			f->chunk = take_chunk(k, &f->nr[f->lru]);
			if (!is_active_lru(f->lru)) {
				CALL(INACTIVE, shrink_inactive_list, .lruvec = f->lruvec, .lru = f->lru,
				     .nr_to_scan = f->chunk);
				f->reclaimed += t->ret;
			} else if (sc->may_deactivate & 1 << is_file_lru(f->lru)) {
				CALL(ACTIVE, shrink_active_list, .lruvec = f->lruvec, .lru = f->lru,
				     .nr_to_scan = f->chunk);
			} else {
				sc->skipped_deactivate = 1;
			}
		}
		cond_resched(RESCHED);
		if (f->reclaimed < sc->nr_to_reclaim ||
		    (is_global_reclaim(sc) && !(t->flags & PF_KSWAPD) && sc->priority == DEF_PRIORITY))
			continue;
		if (!balance_what_is_left(f))
			break;
	}
	plug_finish(k, t);
	if (t->work_ns)
		AT(FLUSH);
	sc->nr_reclaimed += f->reclaimed;
	if (k->swap->total_pages && inactive_is_low(lruvec_stats(k, f->lruvec), LRU_INACTIVE_ANON))
		CALL(AGE, shrink_active_list, .lruvec = f->lruvec, .lru = LRU_ACTIVE_ANON,
		     .nr_to_scan = k->config.reclaim_batch);
	RETURN(0);
	END;
}

/* too_many_isolated(): the counters are the node's, so the lists are too. Reclaim of a cgroup of version 1
 * and the daemon do not care. */
static bool too_many_isolated(const struct kernel *k, const struct task *t, u32 lru)
{
	u64 inactive = 0;

	if (t->flags & PF_KSWAPD)
		return false;
	if (k->config.cgroup_version == 1 && !is_global_reclaim(&k->scan_control[t->id]))
		return false;
	for (u32 i = 0; i < k->config.memcgs; i++)
		inactive += k->lruvec[i].list[lru].count;
	return k->memory->isolated[is_file_lru(lru)] > inactive / 8;
}

/* isolate_lru_folios(): from the tail of the list; the first taken is the first to be looked at. A folio
 * without a reference is about to be taken off the list by folio_put(). Returns pages, which may be more than
 * @nr: folios are taken whole. */
static u32 isolate(struct kernel *k, struct lruvec *v, enum lru_list lru, u32 nr, struct folio_list *to)
{
	u32 scanned = 0;

	while (scanned < nr && v->list[lru].tail) {
		u32 folio = v->list[lru].tail;

		scanned += folio_nr_pages(k, folio);
		lruvec_del_folio(k, v, folio);
		if (!k->folio[folio].refs) {
			lruvec_add_folio(k, v, folio);
			continue;
		}
		k->folio[folio].refs++;
		folio_list_add(k, to, folio);
	}
	k->memory->isolated[is_file_lru(lru)] += to->count;
	lru_scout_from(k, v->list[lru].tail);
	return scanned;
}

/* What it takes to isolate these, under lru_lock. While one folio is worked on, the line of the next is on
 * its way (prefetchw_prev_lru_folio()). */
static u64 isolate_ns(const struct kernel *k, const struct task *t, const struct folio_list *folios)
{
	u64 ns = 0;

	for (u32 i = folios->head; i; i = k->folio[i].next)
		ns += MAX(k->cpu_profile->isolate_ns, page_line_ns(k, t, k->folio[i].page));
	return ns;
}

PATH(shrink_inactive_list)
{
	STEPS(THROTTLE, DRAIN, LOCK_LRU, UNLOCK_LRU, SHRINK, LOCK_BACK, COST, UNLOCK_BACK, FREE, NOTE_COST);
	struct lruvec *const v = &k->lruvec[f->lruvec];

	BEGIN;
	while (too_many_isolated(k, t, f->lru)) {
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
	k->scan_control[t->id].nr_scanned += f->nr_scanned;
	k->scan_control[t->id].nr_taken += f->nr_taken;
	count_scan(k, t, f->lruvec, PGSCAN, f->nr_scanned);
	t->work_ns = isolate_ns(k, t, &f->folios);
	spin_unlock_irq(UNLOCK_LRU, &v->lru_lock);
	if (!f->nr_taken)
		RETURN(0);
	CALL(SHRINK, shrink_folio_list, .folios = machine_place(m, &f->folios),
	     .pageout = machine_place(m, &f->nr_pageout));
	f->nr_reclaimed = t->ret;
	spin_lock_irq(LOCK_BACK, &v->lru_lock);
	t->work_ns = lru_putback_ns(k, &f->folios);
	k->memory->isolated[is_file_lru(f->lru)] -= f->nr_taken;
	count_scan(k, t, f->lruvec, PGSTEAL, f->nr_reclaimed);
	lru_putback(k, f->lruvec, &f->folios, &f->dead);
	f->cost = lru_cost(k, f->nr_pageout, f->nr_scanned - f->nr_reclaimed);
	if (k->release->costs_at_putback)
		CALL(COST, lru_note_cost, .memcg = f->lruvec, .file = is_file_lru(f->lru), .cost = f->cost,
		     .held = true);
	else
		spin_unlock_irq(UNLOCK_BACK, &v->lru_lock);
	if (f->dead.count)
		AT(FREE);
	lru_free_dead(k, &f->dead);
	if (!k->release->costs_at_putback)
		CALL(NOTE_COST, lru_note_cost, .memcg = f->lruvec, .file = is_file_lru(f->lru),
		     .cost = f->cost);
	RETURN(f->nr_reclaimed);
	END;
}

/* Up to 6.14 if there are any, in 6.1 not at all; from 7.1 on the lock is taken in any case. */
static bool notes_rotated(const struct kernel *k, u32 rotated)
{
	if (k->release->costs_at_putback || k->release->pageouts_cost)
		return false;
	return rotated || !k->release->notes_no_cost;
}

/* Code in use stays active; otherwise deactivation does not care whether the page was used, only clears the
 * mark. */
PATH(shrink_active_list)
{
	STEPS(DRAIN, LOCK_LRU, UNLOCK_LRU, REFERENCED, LOCK_BACK, COST, UNLOCK_BACK, FREE, NOTE_COST);
	struct lruvec *const v = &k->lruvec[f->lruvec];

	BEGIN;
	CALL(DRAIN, lru_add_drain, .folio = 0);
	spin_lock_irq(LOCK_LRU, &v->lru_lock);
	isolate(k, v, f->lru, f->nr_to_scan, &f->hold);
	f->nr_taken = f->hold.count;
	count_memcg(k, f->lruvec, PGREFILL, f->nr_taken);
	t->work_ns = isolate_ns(k, t, &f->hold);
	spin_unlock_irq(UNLOCK_LRU, &v->lru_lock);
	while ((f->folio = folio_list_take(k, &f->hold))) {
		lru_scout(k);
		if (folio_mapped(k, f->folio)) {
			CALL(REFERENCED, folio_referenced, .folio = f->folio);
			if (t->ret && is_code(k, f->folio)) {
				folio_list_add(k, &f->active, f->folio);
				continue;
			}
		}
		k->folio[f->folio].flags &= ~FOLIO_ACTIVE;
		k->folio[f->folio].flags |= FOLIO_WORKINGSET;
		folio_list_add(k, &f->inactive, f->folio);
	}
	spin_lock_irq(LOCK_BACK, &v->lru_lock);
	k->memory->isolated[is_file_lru(f->lru)] -= f->nr_taken;
	count_memcg(k, f->lruvec, PGDEACTIVATE, f->inactive.count);
	f->rotated = f->active.count;
	t->work_ns = lru_putback_ns(k, &f->active) + lru_putback_ns(k, &f->inactive);
	lru_putback(k, f->lruvec, &f->active, &f->hold);
	lru_putback(k, f->lruvec, &f->inactive, &f->hold);
	if (k->release->costs_at_putback)
		CALL(COST, lru_note_cost, .memcg = f->lruvec, .file = is_file_lru(f->lru), .cost = f->rotated,
		     .held = true);
	else
		spin_unlock_irq(UNLOCK_BACK, &v->lru_lock);
	if (f->hold.count)
		AT(FREE);
	lru_free_dead(k, &f->hold);
	if (notes_rotated(k, f->rotated))
		CALL(NOTE_COST, lru_note_cost, .memcg = f->lruvec, .file = is_file_lru(f->lru),
		     .cost = f->rotated);
	RETURN(0);
	END;
}
