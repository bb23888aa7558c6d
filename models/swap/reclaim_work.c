#include "models/swap/reclaim_work.h"

#include "models/cpu.h"
#include "models/paths.h"
#include "models/work/work.h"

#include "sim/lock.h"
#include "sim/sched.h"

static void start_worker(struct kernel *k)
{
	struct machine *m = &k->machine;

	k->swap->reclaim_worker = m->tasks + 1;
	k->work[m->tasks].mm = WORK_NO_MM;
	machine_add_task(m, PATH_swap_reclaim_worker, sizeof(struct swap_reclaim_worker), sched_idle_cpu(m),
			 false, 0);
	m->tasks_left--; /* the run does not wait for it */
}

void swap_queue_reclaim(struct kernel *k, struct swap_device *si)
{
	si->reclaim_queued = 1;
	si->reclaim_work = BIT_LOCK_NOBODY;
	if (!k->swap->reclaim_worker)
		start_worker(k);
	if (k->swap->reclaim_idle)
		bit_lock_release(&k->machine, &k->swap->reclaim_idle);
}

/* The first device with work to do, + 1; 0: there is none. */
static u32 next_device(const struct kernel *k)
{
	for (u32 i = 0; i < k->config.devices; i++)
		if (k->device[i].reclaim_queued)
			return i + 1;
	return 0;
}

PATH(swap_reclaim_work)
{
	STEPS(FULL, LOCK_SI, FULL_LOCKED, UNLOCK_SI);
	const s32 clusters = (s32)(k->device[f->device].inuse / k->config.slots_per_cluster);

	BEGIN;
	if (k->release->allocator == SWAP_ALLOC_CLUSTER) {
		CALL(FULL, swap_reclaim_full_clusters, .device = f->device, .to_scan = clusters);
	} else {
		spin_lock(LOCK_SI, &k->device[f->device].lock);
		CALL(FULL_LOCKED, swap_reclaim_full_clusters_locked, .device = f->device,
		     .to_scan = clusters);
		spin_unlock(UNLOCK_SI, &k->device[f->device].lock);
	}
	RETURN(0);
	END;
}

static void work_is_done(struct kernel *k, struct swap_device *si)
{
	if (!si->reclaim_queued)
		bit_lock_release(&k->machine, &si->reclaim_work);
}

/* It never returns. */
PATH(swap_reclaim_worker)
{
	STEPS(IDLE, WORK);
	BEGIN;
	for (;;) {
		f->device = next_device(k);
		if (!f->device)
			k->swap->reclaim_idle = BIT_LOCK_NOBODY;
		bit_wait(IDLE, &k->swap->reclaim_idle);
		if (!f->device)
			continue;
		k->device[f->device - 1].reclaim_queued = 0;
		CALL(WORK, swap_reclaim_work, .device = f->device - 1);
		work_is_done(k, &k->device[f->device - 1]);
	}
	END;
}
