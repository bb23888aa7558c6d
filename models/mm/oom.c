#include "models/mm/oom.h"

#include "models/cpu.h"
#include "models/mm/lruvec_stats.h"
#include "models/mm/memcg.h"
#include "models/paths.h"
#include "sim/error.h"
#include "sim/lock.h"
#include "sim/sched.h"

#define NS_PER_SECOND UINT64_C(1000000000)

/* Why reclaim found nothing, as a user would have to find out. */
static const char *why_nothing_is_left(struct kernel *k, u32 memcg)
{
	if (!k->swap->total_pages)
		return "there is no swap (raise the limit, or swap on a device)";
	if (k->swap->free_pages <= 0)
		return "swap is full (make the devices larger, or the limit)";
	if (lruvec_stats_hide_low_inactive(k, memcg))
		return "the statistics reclaim goes by are old and hide that all pages have become active "
		       "(shorten machine.memory_stat_every, or leave it out; docs/kernel-model.md "
		       "tells more)";
	return "nothing is left to reclaim (raise the limit: overhead is not reclaimed)";
}

static void fail_out_of_memory(struct kernel *k, u32 memcg)
{
	if (!memcg) {
		machine_fail(&k->machine, ERROR_SCENARIO,
			     "the machine is out of memory at %" G_GUINT64_FORMAT
			     " ms, with %" G_GUINT64_FORMAT " pages free, and there is nobody to kill: %s",
			     k->machine.now / 1000000, k->memory->free, why_nothing_is_left(k, 0));
		return;
	}
	machine_fail(&k->machine, ERROR_SCENARIO,
		     "cgroup \"%s\" is out of memory at %" G_GUINT64_FORMAT " ms, with %" G_GUINT64_FORMAT
		     " of %" G_GUINT64_FORMAT " pages charged, and there is nobody to kill: %s",
		     k->config.memcg[memcg].name, k->machine.now / 1000000, k->memcg[memcg].usage,
		     k->memcg[memcg].max, why_nothing_is_left(k, memcg));
}

/* mem_cgroup_get_max(): what oom_score_adj is a share of; who does not swap has no swap. */
static u64 memcg_get_max(const struct kernel *k, u32 memcg)
{
	const struct memcg *cg = &k->memcg[memcg];
	u64 swap = k->config.cgroup_version == 1 ? cg->memsw_max - cg->max : cg->swap_max;

	if (!memcg)
		return k->memory->pages + k->swap->total_pages;
	return cg->max + (k->config.swappiness ? MIN(swap, k->swap->total_pages) : 0);
}

s64 oom_badness(const struct kernel *k, u32 number, u64 total)
{
	const struct mm *mm = &k->mm[number];

	return (s64)mm->anon_pages + mm->file_pages + mm->shmem_pages + mm->swap_ents + mm->overhead_pages +
	       mm->oom_score_adj * (s64)(total / 1000);
}

static bool is_killable(const struct kernel *k, u32 number)
{
	const struct mm *mm = &k->mm[number];

	return mm->users && !(mm->oom & MM_OOM_SKIP) && mm->oom_score_adj != OOM_SCORE_ADJ_MIN;
}

/* oom_task_origin() of one of its tasks: it goes before all others, however small it is. */
static bool is_origin(const struct kernel *k, u32 mm)
{
	for (u32 i = 0; i < k->machine.tasks; i++)
		if (k->work[i].oom_origin && k->work[i].mm == mm)
			return true;
	return false;
}

static s64 points_of(const struct kernel *k, u32 mm, u64 total)
{
	return is_origin(k, mm) ? INT64_MAX : oom_badness(k, mm, total);
}

/* select_bad_process(): mm + 1, 0 when there is nobody. True: an earlier victim is not through yet. */
static bool select_victim(const struct kernel *k, u32 memcg, u32 *chosen)
{
	u64 total = memcg_get_max(k, memcg);
	s64 most = INT64_MIN;

	*chosen = 0;
	for (u32 i = 0; i < k->config.mms; i++) {
		const struct mm *mm = &k->mm[i];

		if (!memcg_is_below(k, mm->memcg, memcg))
			continue;
		if ((mm->oom & (MM_OOM_VICTIM | MM_OOM_SKIP)) == MM_OOM_VICTIM)
			return true;
		if (is_killable(k, i) && points_of(k, i, total) >= most) {
			most = points_of(k, i, total);
			*chosen = i + 1;
		}
	}
	return false;
}

static u32 first_task_of(const struct kernel *k, u32 mm)
{
	for (u32 i = 0; i < k->machine.tasks; i++)
		if (k->work[i].mm == mm)
			return i;
	BUG();
}

/* mark_oom_victim(), queue_oom_reaper() */
static void mark_victim(struct kernel *k, u32 mm)
{
	k->mm[mm].oom |= MM_OOM_VICTIM;
	if (k->mm[mm].oom & MM_REAP_QUEUED)
		return;
	k->mm[mm].oom |= MM_REAP_QUEUED;
	machine_at(&k->machine, k->machine.now + OOM_REAPER_DELAY_SECONDS * NS_PER_SECOND, EVENT_OOM_REAPER,
		   mm);
}

/* __oom_kill_process(); who is killed twice is counted twice. */
static void kill_process(struct kernel *k, u32 memcg, u32 mm)
{
	struct oom_kill kill = {
		.time_ns = k->machine.now,
		.memcg = memcg,
		.task = first_task_of(k, mm),
		.mm = mm,
		.anon_pages = k->mm[mm].anon_pages,
		.swap_pages = k->mm[mm].swap_ents,
		.badness_pages = oom_badness(k, mm, memcg_get_max(k, memcg)),
	};

	bool again = k->mm[mm].oom & MM_OOM_VICTIM;

	machine_catch_up(&k->machine);
	k->mm[mm].oom |= MM_SIGKILL;
	count_event(k, k->mm[mm].memcg, EVENTS_OOM_KILL);
	mark_victim(k, mm);
	wake_up_all(&k->machine, &k->mm[mm].killable);
	work_wake_killed(k, mm);
	if (k->on_oom_kill && !again)
		k->on_oom_kill(k, &kill);
}

/* mem_cgroup_get_oom_group(): of the cgroups from the victim's up to the one that is out of memory the
 * highest with memory.oom.group; 0: none. */
static u32 oom_group_of(const struct kernel *k, u32 memcg, u32 mm)
{
	u32 group = 0;

	for (u32 i = k->mm[mm].memcg; i; i = k->memcg[i].parent) {
		if (k->memcg[i].oom_group)
			group = i;
		if (i == memcg)
			break;
	}
	return group;
}

/* The kernel does not leave out the victim when it kills its whole cgroup. */
static void oom_kill_process(struct kernel *k, u32 memcg, u32 mm)
{
	u32 group = oom_group_of(k, memcg, mm);

	kill_process(k, memcg, mm);
	if (!group)
		return;
	count_event(k, group, EVENTS_OOM_GROUP_KILL);
	for (u32 i = 0; i < k->config.mms; i++)
		if (k->mm[i].users && memcg_is_below(k, k->mm[i].memcg, group) &&
		    k->mm[i].oom_score_adj != OOM_SCORE_ADJ_MIN)
			kill_process(k, memcg, i);
}

/* A swapoff that is no task of a process, and in no cgroup. True: it is to die. */
static bool kill_lone_origin(struct kernel *k)
{
	for (u32 i = 0; i < k->machine.tasks; i++) {
		struct oom_kill kill = { .time_ns = k->machine.now, .task = i, .mm = WORK_NO_MM };

		if (!k->work[i].oom_origin || k->work[i].mm != WORK_NO_MM)
			continue;
		if (!k->work[i].killed && k->on_oom_kill)
			k->on_oom_kill(k, &kill);
		if (!k->work[i].killed)
			count_event(k, 0, EVENTS_OOM_KILL);
		k->work[i].killed = 1;
		return true;
	}
	return false;
}

/* A task that is to die anyway becomes the victim, but for one that gave up its memory already. False: there
 * is nobody to kill. */
static bool kill_somebody(struct kernel *k, struct task *t, u32 memcg)
{
	u32 chosen;

	if (k->work[t->id].killed)
		return true;
	if (task_is_dying(k, t) && !(k->mm[k->work[t->id].mm].oom & MM_OOM_SKIP)) {
		mark_victim(k, k->work[t->id].mm);
		return true;
	}
	if (select_victim(k, memcg, &chosen) || (!memcg && kill_lone_origin(k)))
		return true;
	if (chosen)
		oom_kill_process(k, memcg, chosen - 1);
	return chosen;
}

/* With mem_cgroup_out_of_memory(). The wait for oom_lock is killable there; here who is killed in it gets the
 * lock, which nobody holds for long, and finds that it is to die. */
PATH(mem_cgroup_oom)
{
	STEPS(LOCK_OOM, UNLOCK_OOM);
	BEGIN;
	count_event(k, f->memcg, EVENTS_OOM);
	mutex_lock(LOCK_OOM, &k->oom->lock);
	f->hope = memcg_margin(k, f->memcg) >= 1u << f->order || kill_somebody(k, t, f->memcg);
	if (!f->hope && !f->optional)
		fail_out_of_memory(k, f->memcg);
	mutex_unlock(UNLOCK_OOM, &k->oom->lock);
	RETURN(f->hope);
	END;
}

/* __alloc_pages_may_oom() and out_of_memory() for the machine. Who comes while somebody is at it waits a
 * tick.
 */
PATH(out_of_memory)
{
	STEPS(TRYLOCK, BUSY, KILL, UNLOCK);
	BEGIN;
	AT(TRYLOCK);
	if (!mutex_trylock(m, t, &k->oom->lock)) {
		wait_on(BUSY, NULL, tick_timeout(m, 1));
		RETURN(true);
	}
	AT(KILL);
	f->hope = k->memory->free > k->memory->high || kill_somebody(k, t, 0);
	if (!f->hope)
		fail_out_of_memory(k, 0);
	mutex_unlock(UNLOCK, &k->oom->lock);
	RETURN(f->hope);
	END;
}

/* ---- the reaper ---- */

static void start_reaper(struct kernel *k)
{
	struct machine *m = &k->machine;

	k->oom->has_reaper = 1;
	k->work[m->tasks].mm = WORK_NO_MM;
	machine_add_task(m, PATH_oom_reaper, sizeof(struct oom_reaper), sched_idle_cpu(m), false, 0);
	m->tasks_left--; /* the run does not wait for it */
}

void wake_oom_reaper(struct machine *m, u32 mm)
{
	struct kernel *k = kernel_of(m);

	if (k->mm[mm].oom & MM_OOM_SKIP)
		return;
	k->mm[mm].reaper_next = k->oom->reaper_list;
	k->oom->reaper_list = mm + 1;
	if (!k->oom->has_reaper)
		start_reaper(k);
	else
		bit_lock_release(m, &k->oom->reaper_idle);
}

static u32 next_to_reap(struct kernel *k)
{
	u32 mm = k->oom->reaper_list;

	k->oom->reaper_list = k->mm[mm - 1].reaper_next;
	k->mm[mm - 1].reaper_next = 0;
	return mm;
}

PATH(oom_reaper)
{
	STEPS(WAIT, TAKE, ZAP);
	BEGIN;
	for (;;) {
		if (!k->oom->reaper_list) {
			k->oom->reaper_idle = BIT_LOCK_NOBODY;
			bit_wait(WAIT, &k->oom->reaper_idle);
		}
		AT(TAKE);
		f->mm = next_to_reap(k);
		if (!(k->mm[f->mm - 1].oom & MM_OOM_SKIP)) {
			k->mm[f->mm - 1].oom |= MM_UNSTABLE;
			CALL(ZAP, zap_pages, .page = k->mm[f->mm - 1].first_page,
			     .end = k->mm[f->mm - 1].first_page + k->mm[f->mm - 1].pages);
			k->mm[f->mm - 1].oom |= MM_OOM_SKIP;
		}
	}
	END;
}
