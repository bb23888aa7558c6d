/*
 * mem_cgroup_charge() and the allocation around it (mm/memcontrol.c: try_charge_memcg(); 6.12-7.2).
 *
 * A charge ends when there is room, or when its task is to die and has called the OOM killer before. Who has
 * charged a lot above memory.high makes up for it here, who a little on the way back to user mode. A large
 * folio is given up earlier: at once by who may not reclaim, and without calling the OOM killer if the order
 * is costly. In 7.2 a victim that was reaped is not charged any more.
 */
#include "models/cpu.h"
#include "models/mm/folio.h"
#include "models/mm/memcg.h"
#include "models/mm/memcg_notify.h"
#include "models/mm/memory.h"
#include "models/mm/lru.h"
#include "models/mm/oom.h"
#include "models/mm/over_high.h"
#include "models/mm/psi.h"
#include "models/paths.h"

/* A victim of the OOM killer of which there is nothing more to be had. */
static bool is_reaped(const struct kernel *k, const struct task *t)
{
	u32 mm = k->work[t->id].mm;

	return k->release->reaped_not_charged && mm < k->config.mms && k->mm[mm].oom & MM_OOM_VICTIM &&
	       k->mm[mm].oom & MM_OOM_SKIP;
}

PATH(mem_cgroup_charge)
{
	STEPS(TRY_CHARGE, RECLAIM, DRAIN, OOM, OVER_HIGH);
	BEGIN;
	if (!f->memcg)
		RETURN(PATH_OK);
	f->retries = k->config.reclaim_retries;
	f->batch = MAX(k->config.charge_batch, 1u << f->order);
	for (;;) {
		AT(TRY_CHARGE);
		f->over = memcg_try_charge(k, t, f->memcg, 1u << f->order, &f->batch, &f->no_swap);
		if (!f->over) {
			if (is_far_over_high(k, t))
				CALL(OVER_HIGH, mem_cgroup_handle_over_high);
			RETURN(PATH_OK);
		}
		if ((f->gfp & GFP_NO_RECLAIM || is_reaped(k, t)) && !(t->flags & PF_MEMALLOC))
			RETURN(PATH_ENOMEM);
		memcg_memory_event(k, t, f->over, EVENTS_MAX);
		if (t->flags & PF_MEMALLOC) {
			memcg_force_charge(k, f->memcg, 1u << f->order);
			RETURN(PATH_OK);
		}
		psi_memstall_enter(k, t);
		CALL(RECLAIM, try_to_free_mem_cgroup_pages, .memcg = f->over, .nr_pages = 1u << f->order,
		     .no_swap = f->no_swap);
		f->reclaimed = t->ret;
		psi_memstall_leave(k, t);
		if (memcg_margin(k, f->over) >= 1u << f->order)
			continue;
		if (!f->drained) {
			AT(DRAIN);
			memcg_drain_stocks(k, f->over);
			f->drained = 1;
			continue;
		}
		if (f->gfp & GFP_NORETRY)
			RETURN(PATH_ENOMEM);
		if (f->reclaimed && f->order <= COSTLY_ORDER)
			continue; /* as long as there is progress */
		if (f->retries) {
			f->retries--;
			continue;
		}
		if ((f->passed_oom && task_is_dying(k, t)) || f->order > COSTLY_ORDER)
			break;
		CALL(OOM, mem_cgroup_oom, .memcg = f->over, .order = f->order,
		     .optional = k->work[t->id].oom_origin);
		if (!t->ret)
			break;
		f->passed_oom = 1;
		f->retries = k->config.reclaim_retries;
	}
	if (!f->order)
		count_memcg(k, f->memcg, CHARGES_REFUSED, 1);
	RETURN(PATH_ENOMEM);
	END;
}

PATH(alloc_charged_folio)
{
	STEPS(ALLOC, SLOW, CHARGE);
	BEGIN;
	AT(ALLOC);
	f->folio = folio_alloc(k, f->order, k->memory->low);
	if (!f->folio) {
		CALL(SLOW, alloc_pages_slowpath, .order = f->order, .gfp = f->gfp);
		f->folio = t->ret;
	}
	if (!f->folio)
		RETURN(0);
	k->folio[f->folio].page = f->page;
	CALL(CHARGE, mem_cgroup_charge, .memcg = f->memcg, .order = f->order, .gfp = (u8)f->gfp);
	if (t->ret) {
		folio_free(k, f->folio);
		RETURN(f->order ? CHARGE_FAILED : 0);
	}
	k->folio[f->folio].memcg = f->memcg;
	RETURN(f->folio);
	END;
}

PATH(folio_put)
{
	STEPS(LOCK_LRU, UNLOCK_LRU, FREE);
	struct folio *const folio = &k->folio[f->folio];

	BEGIN;
	if (--folio->refs)
		RETURN(0);
	if (folio->flags & FOLIO_LRU) {
		spin_lock_irq(LOCK_LRU, &lruvec_of(k, f->folio)->lru_lock);
		lruvec_del_folio(k, lruvec_of(k, f->folio), f->folio);
		t->work_ns = k->cpu_profile->isolate_ns;
		spin_unlock_irq(UNLOCK_LRU, &lruvec_of(k, f->folio)->lru_lock);
	}
	AT(FREE);
	memcg_uncharge(k, folio->memcg, folio_nr_pages(k, f->folio));
	folio->memcg = 0;
	folio_free(k, f->folio);
	RETURN(1);
	END;
}
