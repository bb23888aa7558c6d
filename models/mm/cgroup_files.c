#include "models/mm/cgroup_files.h"

#include "models/cpu.h"
#include "models/mm/kswapd.h"
#include "models/mm/memcg.h"
#include "models/mm/protection.h"
#include "models/paths.h"
#include "models/swap/zswap.h"
#include "models/work/work.h"
#include "sim/sched.h"

enum { RECLAIM_PART = 4 /* of what is missing, at a time */ };

const char *const cgroup_file_name[NR_CGROUP_FILES] = {
	[CGROUP_MEMORY_MIN] = "memory.min",	      [CGROUP_MEMORY_LOW] = "memory.low",
	[CGROUP_MEMORY_HIGH] = "memory.high",	      [CGROUP_MEMORY_MAX] = "memory.max",
	[CGROUP_MEMORY_RECLAIM] = "memory.reclaim",   [CGROUP_MEMORY_SWAP_HIGH] = "memory.swap.high",
	[CGROUP_MEMORY_SWAP_MAX] = "memory.swap.max", [CGROUP_MEMORY_ZSWAP_MAX] = "memory.zswap.max",
};

static void start_writer(struct machine *m, u32 write)
{
	struct cgroup_file_write *f;

	kernel_of(m)->work[m->tasks].mm = WORK_NO_MM;
	f = machine_add_task(m, PATH_cgroup_file_write, sizeof *f, sched_idle_cpu(m), false, 0);
	f->write = write;
}

void cgroup_writes_start(struct kernel *k)
{
	machine_on_event(&k->machine, EVENT_CGROUP_WRITE, start_writer);
	for (u32 i = 0; i < k->config.cgroup_writes; i++)
		machine_at(&k->machine, k->config.cgroup_write[i].time_ns, EVENT_CGROUP_WRITE, i);
}

/* Files that nothing follows from at once. */
static void set_value(struct kernel *k, const struct cgroup_write *w)
{
	struct memcg *cg = &k->memcg[w->memcg];

	if (w->file == CGROUP_MEMORY_MIN)
		protection_set(k, w->memcg, PROTECT_MIN, w->pages);
	else if (w->file == CGROUP_MEMORY_LOW)
		protection_set(k, w->memcg, PROTECT_LOW, w->pages);
	else if (w->file == CGROUP_MEMORY_SWAP_HIGH)
		cg->swap_high = w->pages;
	else if (w->file == CGROUP_MEMORY_ZSWAP_MAX)
		zswap_set_max(k, w->memcg, w->pages);
	else
		cg->swap_max = w->pages;
}

PATH(cgroup_file_write)
{
	STEPS(WRITE, MAX_WRITE, HIGH_WRITE, RECLAIM);
	const struct cgroup_write *const w = &k->config.cgroup_write[f->write];

	BEGIN;
	AT(WRITE);
	if (w->file == CGROUP_MEMORY_MAX)
		CALL(MAX_WRITE, memory_max_write, .memcg = w->memcg, .pages = w->pages);
	else if (w->file == CGROUP_MEMORY_HIGH)
		CALL(HIGH_WRITE, memory_high_write, .memcg = w->memcg, .pages = w->pages);
	else if (w->file == CGROUP_MEMORY_RECLAIM)
		CALL(RECLAIM, memory_reclaim, .memcg = w->memcg, .pages = w->pages);
	else
		set_value(k, w);
	RETURN(0);
	END;
}

PATH(memory_max_write)
{
	STEPS(CHECK, RECLAIM, OOM, RESCHED);
	struct memcg *const cg = &k->memcg[f->memcg];

	BEGIN;
	cg->max = f->pages;
	f->retries = MAX_RECLAIM_RETRIES;
	for (;;) {
		AT(CHECK);
		if (cg->usage <= f->pages)
			break;
		if (!f->drained) {
			memcg_drain_stocks(k, f->memcg);
			f->drained = 1;
			continue;
		}
		if (f->retries) {
			CALL(RECLAIM, try_to_free_mem_cgroup_pages, .memcg = f->memcg,
			     .nr_pages = cg->usage - f->pages);
			if (!t->ret)
				f->retries--;
			continue;
		}
		CALL(OOM, mem_cgroup_oom, .memcg = f->memcg, .optional = 1);
		if (!t->ret)
			break;
		cond_resched(RESCHED);
	}
	RETURN(0);
	END;
}

PATH(memory_high_write)
{
	STEPS(CHECK, RECLAIM);
	struct memcg *const cg = &k->memcg[f->memcg];

	BEGIN;
	cg->high = f->pages;
	f->retries = MAX_RECLAIM_RETRIES;
	for (;;) {
		AT(CHECK);
		if (cg->usage <= f->pages)
			break;
		if (!f->drained) {
			memcg_drain_stocks(k, f->memcg);
			f->drained = 1;
			continue;
		}
		CALL(RECLAIM, try_to_free_mem_cgroup_pages, .memcg = f->memcg,
		     .nr_pages = cg->usage - f->pages);
		if (!t->ret && !f->retries--)
			break;
	}
	RETURN(0);
	END;
}

PATH(memory_reclaim)
{
	STEPS(RECLAIM);
	BEGIN;
	f->retries = MAX_RECLAIM_RETRIES;
	while (f->reclaimed < f->pages) {
		CALL(RECLAIM, try_to_free_mem_cgroup_pages, .memcg = f->memcg, .proactive = 1,
		     .nr_pages = (f->pages - f->reclaimed) / RECLAIM_PART);
		if (!t->ret && !f->retries--) {
			count_memcg(k, f->memcg, RECLAIM_SHORT, 1);
			RETURN(1);
		}
		f->reclaimed += t->ret;
	}
	RETURN(0);
	END;
}
