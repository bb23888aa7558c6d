/*
 * oom.h - out of memory: who has to die, and what becomes of its memory (mm/oom_kill.c, the OOM part of
 * mm/memcontrol.c; 6.12-6.18).
 *
 * A process is killed as a whole: all tasks of an address space. SIGKILL takes effect where a task would go
 * back to its program; it then leaves the kernel by exit_mmap() (exit.c). A victim that has not got there
 * 2 s after it was killed loses its pages to the OOM reaper, a kernel thread, which is started when it is
 * first needed.
 *
 * Who swaps a device off is the first to be killed, while it reads pages back: it stops, and the device
 * stays.
 *
 * With memory.oom.group all processes of the cgroup and of those below it go with the victim.
 *
 * Left out: a wait that SIGKILL would cut short (for a folio lock, for the reserves of a queue) goes on to
 * its end, but for the sleep for memory.high; a task that thinks between two accesses, or is away between two
 * runs, notices at the next; mmap_lock, for which the reaper would have to wait for the victim.
 */
#ifndef MODELS_MM_OOM_H
#define MODELS_MM_OOM_H

#include "models/work/work.h"

enum { OOM_REAPER_DELAY_SECONDS = 2, OOM_SCORE_ADJ_MIN = -1000, OOM_SCORE_ADJ_MAX = 1000 };

/* task_is_dying(): SIGKILL is on its way to it. */
static inline bool task_is_dying(const struct kernel *k, const struct task *t)
{
	const struct work *w = &k->work[t->id];

	return w->mm == WORK_NO_MM ? w->killed : k->mm[w->mm].oom & MM_SIGKILL;
}
/* There are no signals but that. */
static inline bool signal_pending(const struct kernel *k, const struct task *t)
{
	return task_is_dying(k, t);
}

/* oom_badness(): pages that killing a process is good for, with its oom_score_adj in thousandths of @total.
 */
s64 oom_badness(const struct kernel *k, u32 mm, u64 total);
/* Event: the time that victim @mm had is over. */
void wake_oom_reaper(struct machine *m, u32 mm);

#endif
