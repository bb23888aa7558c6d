#include "models/mm/kswapd.h"

#include "models/cpu.h"
#include "models/mm/lruvec_stats.h"
#include "models/mm/lru.h"
#include "models/mm/mglru.h"
#include "models/mm/scan_balance.h"
#include "models/mm/psi.h"
#include "models/paths.h"
#include "models/work/work.h"

#include "sim/lock.h"
#include "sim/sched.h"

enum { NAP_DIV = 10 /* of a second: before it goes to sleep, and while it waits for writes */ };

u64 reclaimable_pages(const struct kernel *k)
{
	u64 pages = 0;

	for (u32 i = 0; i < k->config.memcgs; i++) {
		pages += lruvec_size(k, i, LRU_INACTIVE_FILE) + lruvec_size(k, i, LRU_ACTIVE_FILE);
		if (k->swap->free_pages > 0)
			pages += lruvec_size(k, i, LRU_INACTIVE_ANON) + lruvec_size(k, i, LRU_ACTIVE_ANON);
	}
	return pages;
}

static bool is_balanced(const struct kernel *k)
{
	return k->memory->free > k->memory->high;
}

void kswapd_note_progress(struct kernel *k)
{
	if (!k->release->hopeless_until_balanced || is_balanced(k))
		k->memory->kswapd_failures = 0;
}

static void start(struct kernel *k)
{
	struct machine *m = &k->machine;

	k->memory->kswapd = m->tasks + 1;
	k->work[m->tasks].mm = WORK_NO_MM;
	machine_add_task(m, PATH_kswapd, sizeof(struct kswapd), sched_idle_cpu(m), false, 0);
	m->tasks_left--; /* the run does not wait for it */
	sched_yield_to(m, &m->task[m->tasks - 1]);
}

void wake_kswapd(struct kernel *k)
{
	if (!kswapd_may_help(k) || is_balanced(k))
		return;
	if (!k->memory->kswapd)
		start(k);
	wake_up_all(&k->machine, &k->memory->kswapd_wait);
	if (k->memory->kswapd_asleep)
		bit_lock_release(&k->machine, &k->memory->kswapd_asleep);
}

/* prepare_kswapd_sleep() */
static bool may_sleep(struct kernel *k)
{
	bit_lock_release(&k->machine, &k->memory->pfmemalloc);
	if (kswapd_may_help(k) && !is_balanced(k))
		return false;
	k->memory->writeback_node = 0;
	return true;
}

PATH(kswapd)
{
	STEPS(BEGIN_DAEMON, NAP, SLEEP, BALANCE);
	BEGIN;
	AT(BEGIN_DAEMON);
	t->flags |= PF_MEMALLOC | PF_KSWAPD;
	for (;;) {
		CALL(BALANCE, balance_pgdat);
		if (!may_sleep(k))
			continue;
		wait_on(NAP, &k->memory->kswapd_wait, tick_timeout(m, m->config.hz / NAP_DIV));
		if (!t->timed_out || !may_sleep(k))
			continue;
		k->memory->kswapd_asleep = BIT_LOCK_NOBODY;
		bit_wait(SLEEP, &k->memory->kswapd_asleep);
	}
	END;
}

/* kswapd_age_node(): pages that are to be found unused later have to be inactive first. */
PATH(kswapd_age_node)
{
	STEPS(AGE);
	BEGIN;
	if (lru_gen_enabled(k)) {
		lru_gen_set_initial_priority(k, &k->scan_control[t->id]);
		RETURN(0);
	}
	for (f->i = 0; f->i < k->config.memcgs; f->i++) {
		f->memcg = k->memcg_walk[f->i];
		if (k->swap->total_pages && inactive_is_low(lruvec_stats(k, f->memcg), LRU_INACTIVE_ANON))
			CALL(AGE, shrink_active_list, .lruvec = f->memcg, .lru = LRU_ACTIVE_ANON,
			     .nr_to_scan = k->config.reclaim_batch);
	}
	RETURN(0);
	END;
}

/* What one round of the daemon found: a tail of the lists that is all under writeback is remembered, and to
 * come upon such pages once more means that it is too fast for the device. The multi-gen LRU leaves
 * shrink_node() before it comes to this. */
static bool is_too_fast(struct kernel *k, const struct scan_control *sc)
{
	if (lru_gen_enabled(k))
		return false;
	if (sc->nr_writeback && sc->nr_writeback == sc->nr_taken)
		k->memory->writeback_node = 1;
	return sc->nr_immediate;
}

/* At no priority page cache, which was to go first, gave anything: now what else there is (from 6.10). */
static bool starts_again_without_trim(struct scan_control *sc)
{
	if (sc->nr_reclaimed || sc->no_cache_trim || !sc->trim_failed)
		return false;
	sc->no_cache_trim = 1;
	sc->priority = DEF_PRIORITY;
	return true;
}

/* With kswapd_shrink_node(). */
PATH(balance_pgdat)
{
	STEPS(ROUND, AGE, SHRINK, THROTTLE);
	struct scan_control *const sc = &k->scan_control[t->id];

	BEGIN;
	*sc = (struct scan_control){
		.nr_to_reclaim =
		    k->memory->high > k->config.reclaim_batch ? k->memory->high : k->config.reclaim_batch,
		.priority = DEF_PRIORITY,
	};
	count_memcg(k, 0, PAGEOUTRUN, 1);
	psi_memstall_enter(k, t);
	while (sc->priority >= 1 || starts_again_without_trim(sc)) {
		AT(ROUND);
		if (is_balanced(k))
			break;
		CALL(AGE, kswapd_age_node);
		f->before = sc->nr_reclaimed;
		sc->nr_scanned = sc->nr_taken = sc->nr_writeback = sc->nr_immediate = 0;
		CALL(SHRINK, shrink_node);
		if (is_too_fast(k, sc)) {
			k->memory->throttled_writes = 0;
			wait_on(THROTTLE, &k->memory->writeback_wait,
				tick_timeout(m, m->config.hz / NAP_DIV));
		}
		if (k->memory->free > k->memory->min / 2)
			bit_lock_release(m, &k->memory->pfmemalloc);
		if (sc->nr_scanned < sc->nr_to_reclaim || sc->nr_reclaimed == f->before)
			sc->priority--;
	}
	if (sc->priority < 1 && !sc->nr_reclaimed)
		k->memory->kswapd_failures++;
	snapshot_refaults(k, 0);
	psi_memstall_leave(k, t);
	RETURN(0);
	END;
}
