/*
 * mem_cgroup_charge() and the allocation around it (mm/memcontrol.c: try_charge_memcg(); 6.17/6.18).
 *
 * Left out: charges of more than one page, the memcg OOM killer (a cgroup that cannot get below its limit
 * ends the run), memory.high.
 */
#include "models/cpu.h"
#include "models/mm/memcg.h"
#include "models/mm/memory.h"
#include "models/mm/lru.h"
#include "models/mm/lruvec_stats.h"
#include "models/paths.h"

#include "sim/error.h"

/* Why reclaim found nothing, as a user would have to find out. */
static const char *why_nothing_is_left(struct kernel *k, u32 memcg)
{
	if (k->swap->free_pages <= 0)
		return "swap is full (make the devices larger, or the limit)";
	if (lruvec_stats_hide_low_inactive(k, memcg))
		return "the statistics reclaim goes by are old and hide that all pages have become active "
		       "(shorten machine.memory_stat_every, or leave it out; docs/kernel-model.md "
		       "tells more)";
	return "nothing is left to reclaim (raise the limit: file pages and overhead are not reclaimed)";
}

static void fail_out_of_memory(struct kernel *k, u32 memcg)
{
	machine_fail(&k->machine, ERROR_SCENARIO,
		     "cgroup \"%s\" is out of memory at %" G_GUINT64_FORMAT " ms, with %" G_GUINT64_FORMAT
		     " of %" G_GUINT64_FORMAT " pages charged, and the OOM killer is not modelled: %s",
		     k->config.memcg[memcg].name, k->machine.now / 1000000, k->memcg[memcg].usage,
		     k->memcg[memcg].max, why_nothing_is_left(k, memcg));
}

PATH(mem_cgroup_charge)
{
	STEPS(TRY_CHARGE, RECLAIM, DRAIN);
	BEGIN;
	if (!f->memcg)
		RETURN(PATH_OK);
	f->retries = k->config.reclaim_retries;
	f->batch = k->config.charge_batch;
	for (;;) {
		AT(TRY_CHARGE);
		f->over = memcg_try_charge(k, t, f->memcg, &f->batch);
		if (!f->over)
			RETURN(PATH_OK);
		if (t->flags & PF_MEMALLOC) {
			memcg_force_charge(k, f->memcg, 1);
			RETURN(PATH_OK);
		}
		count_memcg(k, f->over, EVENTS_MAX, 1);
		CALL(RECLAIM, try_to_free_mem_cgroup_pages, .memcg = f->over, .nr_pages = 1);
		f->reclaimed = t->ret;
		if (memcg_margin(k, f->over))
			continue;
		if (!f->drained) {
			AT(DRAIN);
			memcg_drain_stocks(k, f->over);
			f->drained = 1;
			continue;
		}
		if (f->reclaimed)
			continue; /* as long as there is progress */
		if (f->retries) {
			f->retries--;
			continue;
		}
		fail_out_of_memory(k, f->over);
		RETURN(PATH_ENOMEM);
	}
	END;
}

PATH(alloc_charged_folio)
{
	STEPS(ALLOC, CHARGE);
	BEGIN;
	AT(ALLOC);
	f->folio = folio_alloc(k);
	if (!f->folio)
		RETURN(0);
	k->folio[f->folio].page = f->page;
	CALL(CHARGE, mem_cgroup_charge, .memcg = f->memcg);
	if (t->ret) {
		folio_free(k, f->folio);
		RETURN(0);
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
		spin_unlock_irq(UNLOCK_LRU, &lruvec_of(k, f->folio)->lru_lock);
	}
	AT(FREE);
	memcg_uncharge(k, folio->memcg, 1);
	folio->memcg = 0;
	folio_free(k, f->folio);
	RETURN(1);
	END;
}
