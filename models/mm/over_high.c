#include "models/mm/over_high.h"

#include "models/cpu.h"
#include "models/mm/kswapd.h"
#include "models/mm/memcg_notify.h"
#include "models/mm/oom.h"
#include "models/mm/psi.h"
#include "models/paths.h"
#include "sim/lock.h"

enum {
	DELAY_PRECISION_SHIFT = 20, /* fraction bits of an overage */
	DELAY_SCALING_SHIFT = 14,
	DELAY_SECONDS_MAX = 2,
	DELAY_WORTH_IT_DIV = 100, /* of a second: no sleep up to that */
};

u64 memcg_overage(u64 usage, u64 limit)
{
	if (usage <= limit)
		return 0;
	limit = MAX(limit, 1);
	return ((usage - limit) << DELAY_PRECISION_SHIFT) / limit;
}

u64 memcg_high_delay(u64 overage, u32 pages, u32 hz, u32 charge_batch)
{
	u64 ticks = overage * overage * hz >> (DELAY_PRECISION_SHIFT + DELAY_SCALING_SHIFT);

	return ticks * pages / charge_batch;
}

void note_pages_over_high(struct kernel *k, const struct task *t, u32 memcg, u32 pages)
{
	for (; memcg; memcg = k->memcg[memcg].parent) {
		const struct memcg *cg = &k->memcg[memcg];

		if (cg->usage <= cg->high && cg->swap_usage <= cg->swap_high)
			continue;
		k->memcg_task[t->id].pages_over_high += pages;
		return;
	}
}

/* swap_find_max_overage() counts what it finds, mem_find_max_overage() does not. */
static u64 delay_of(struct kernel *k, u32 memcg, u32 pages)
{
	u64 memory = 0, swap = 0, delay;
	u32 hz = k->machine.config.hz;

	for (; memcg; memcg = k->memcg[memcg].parent) {
		const struct memcg *cg = &k->memcg[memcg];
		u64 over = memcg_overage(cg->swap_usage, cg->swap_high);

		if (over)
			count_memcg(k, memcg, SWAP_EVENTS_HIGH, 1);
		swap = MAX(swap, over);
		memory = MAX(memory, memcg_overage(cg->usage, cg->high));
	}
	delay = memcg_high_delay(memory, pages, hz, k->config.charge_batch) +
		memcg_high_delay(swap, pages, hz, k->config.charge_batch);
	return MIN(delay, (u64)DELAY_SECONDS_MAX * hz);
}

PATH(reclaim_high)
{
	STEPS(RECLAIM);
	BEGIN;
	for (; f->memcg; f->memcg = k->memcg[f->memcg].parent) {
		if (k->memcg[f->memcg].usage <= k->memcg[f->memcg].high)
			continue;
		memcg_memory_event(k, t, f->memcg, EVENTS_HIGH);
		psi_memstall_enter(k, t);
		CALL(RECLAIM, try_to_free_mem_cgroup_pages, .memcg = f->memcg, .nr_pages = f->nr_pages);
		f->reclaimed += t->ret;
		psi_memstall_leave(k, t);
	}
	RETURN(f->reclaimed);
	END;
}

static u32 take_pages_over_high(struct kernel *k, const struct task *t)
{
	u32 pages = k->memcg_task[t->id].pages_over_high;

	k->memcg_task[t->id].pages_over_high = 0;
	return pages;
}

static bool may_retry(struct mem_cgroup_handle_over_high *f)
{
	f->in_retry = 1;
	return f->reclaimed || f->retries--;
}

/* Who has no process here, such as an operation that swaps a device off, is of the root: what it charges to
 * others, and they have above their limit, it does not make up for. */
static u32 memcg_of(const struct kernel *k, const struct task *t)
{
	u32 mm = k->work[t->id].mm;

	return mm == WORK_NO_MM ? 0 : k->mm[mm].memcg;
}

PATH(mem_cgroup_handle_over_high)
{
	STEPS(RECLAIM, PENALTY, SLEEP);
	BEGIN;
	f->memcg = memcg_of(k, t);
	f->nr_pages = take_pages_over_high(k, t);
	f->retries = MAX_RECLAIM_RETRIES;
	do {
		if (task_is_dying(k, t))
			RETURN(0);
		CALL(RECLAIM, reclaim_high, .memcg = f->memcg,
		     .nr_pages = f->in_retry ? k->config.reclaim_batch : f->nr_pages);
		f->reclaimed = t->ret;
		AT(PENALTY);
		f->penalty = delay_of(k, f->memcg, f->nr_pages);
		if (f->penalty <= m->config.hz / DELAY_WORTH_IT_DIV)
			RETURN(0);
	} while (may_retry(f));
	f->start = m->now;
	count_memcg(k, f->memcg, HIGH_SLEEPS, 1);
	psi_memstall_enter(k, t);
	wait_on(SLEEP, &k->mm[k->work[t->id].mm].killable, tick_timeout(m, f->penalty));
	psi_memstall_leave(k, t);
	count_memcg(k, f->memcg, HIGH_SLEEP_NS, m->now - f->start);
	RETURN(0);
	END;
}
