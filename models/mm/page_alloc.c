/*
 * Allocation of a page when there are few (mm/page_alloc.c: __alloc_pages_slowpath(), should_reclaim_retry(),
 * __alloc_pages_may_oom(); 6.12-6.18), GFP_HIGHUSER_MOVABLE or less.
 *
 * Below the low watermark kswapd is woken, below min the task reclaims itself, and when reclaim gets nowhere
 * for long enough the OOM killer is called; then everything again. Who reclaims already may use the last
 * page, who is an OOM victim half of the reserve, and both do without when that is gone. For a large folio
 * the task reclaims only if it is told so, once if the order is costly, and nobody is killed for a costly
 * one. Left out: per-CPU lists of free pages, the reserves of lower zones, compaction.
 */
#include "models/cpu.h"
#include "models/mm/kswapd.h"
#include "models/mm/memory.h"
#include "models/mm/oom.h"
#include "models/paths.h"

/* What of the reserves the task may use up. */
static u64 reserve_of(const struct kernel *k, const struct task *t)
{
	if (t->flags & PF_MEMALLOC)
		return 0;
	return task_is_dying(k, t) ? k->memory->min / 2 : k->memory->min;
}

/* should_reclaim_retry() */
static bool is_worth_a_try(struct kernel *k, struct alloc_pages_slowpath *f)
{
	f->no_progress_loops = f->reclaimed ? 0 : f->no_progress_loops + 1;
	return f->no_progress_loops <= MAX_RECLAIM_RETRIES &&
	       k->memory->free + reclaimable_pages(k) > k->memory->min;
}

PATH(alloc_pages_slowpath)
{
	STEPS(WAKE, RECLAIM, RETRY, OOM, OOM_RETRY);
	BEGIN;
	for (;;) {
		AT(WAKE);
		if (!(f->gfp & GFP_NO_KSWAPD))
			wake_kswapd(k);
		f->folio = folio_alloc(k, f->order, reserve_of(k, t));
		if (f->folio || t->flags & PF_MEMALLOC || f->gfp & GFP_NO_RECLAIM)
			RETURN(f->folio);
		CALL(RECLAIM, try_to_free_pages);
		f->reclaimed = t->ret;
		f->folio = folio_alloc(k, f->order, reserve_of(k, t));
		if (f->folio || f->gfp & GFP_NORETRY || f->order > COSTLY_ORDER)
			RETURN(f->folio);
		if (is_worth_a_try(k, f)) {
			cond_resched(RETRY);
			continue;
		}
		CALL(OOM, out_of_memory);
		f->no_progress_loops = 0;
		if (!t->ret || task_is_dying(k, t))
			RETURN(0);
		cond_resched(OOM_RETRY);
	}
	END;
}
