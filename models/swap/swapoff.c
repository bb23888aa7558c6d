#include "models/swap/swapoff.h"

#include "models/cpu.h"
#include "models/paths.h"
#include "models/recheck.h"
#include "models/swap/avail.h"
#include "models/swap/cluster.h"
#include "models/swap/slot_cache.h"
#include "models/swap/swapon.h"
#include "models/work/work.h"
#include "sim/error.h"
#include "sim/object.h"
#include "sim/rcu.h"
#include "sim/sched.h"

static void start_operation(struct machine *m, u32 number)
{
	struct swap_operation_call *f;

	kernel_of(m)->work[m->tasks].mm = WORK_NO_MM;
	f = machine_add_task(m, PATH_swap_operation_call, sizeof *f, sched_idle_cpu(m), false, 0);
	f->operation = number;
}

void swap_operations_start(struct kernel *k)
{
	machine_on_event(&k->machine, EVENT_SWAP_OPERATION, start_operation);
	for (u32 i = 0; i < k->config.swap_operations; i++)
		machine_at(&k->machine, k->config.swap_operation[i].time_ns, EVENT_SWAP_OPERATION, i);
}

PATH(swap_operation_call)
{
	STEPS(ENTER, SWAPOFF, SWAPON);
	const struct swap_operation *const o = &k->config.swap_operation[f->operation];

	BEGIN;
	AT(ENTER);
	if (o->on)
		CALL(SWAPON, swapon, .device = o->device);
	else
		CALL(SWAPOFF, swapoff, .device = o->device);
	RETURN(0);
	END;
}

void swapoff_grace_over(struct machine *m, u32 device)
{
	bit_lock_release(m, &kernel_of(m)->device[device].grace);
}

/* ---- 1 ---- */

static void forget_free_slots(struct kernel *k, const struct swap_device *si)
{
	k->swap->total_pages -= si->pages;
	k->swap->free_pages -= (s64)si->pages;
}

/* del_from_avail_list(). Without avail-list-recheck a slot that is freed between the two puts the device back
 * onto the list, since slots may still be taken. Returns 0, or an error. */
PATH(swapoff_disable)
{
	STEPS(LOCK_FIRST, UNLOCK_FIRST, LOCK_SI, LOCK_AVAIL, UNLOCK_AVAIL, UNLOCK_SI);
	struct swap_device *const si = &k->device[f->device];

	BEGIN;
	if (!k->patch.avail_list_recheck) {
		spin_lock(LOCK_FIRST, &k->swap->avail_lock);
		si->on_avail_list = 0;
		spin_unlock(UNLOCK_FIRST, &k->swap->avail_lock);
	}
	spin_lock(LOCK_SI, &si->lock);
	spin_lock(LOCK_AVAIL, &k->swap->avail_lock);
	if (recheck(k, RECHECK_SWAPOFF_WRITEOK, si->flags & SWP_WRITEOK)) {
		if (k->patch.avail_list_recheck)
			si->on_avail_list = 0;
		swap_avail_remove(k, f->device);
		forget_free_slots(k, si);
	} else {
		f->error = PATH_EINVAL;
	}
	spin_unlock(UNLOCK_AVAIL, &k->swap->avail_lock);
	spin_unlock(UNLOCK_SI, &si->lock);
	RETURN(f->error);
	END;
}

/* ---- 2 ---- */

/* wait_for_allocation(). For the sake of the time it takes: whether slots may be taken is asked, and they are
 * taken, in one step of alloc_swap_scan_cluster(), so that nobody is between the two when it begins. */
PATH(swapoff_wait)
{
	STEPS(LOCK_CI, UNLOCK_CI);
	const struct swap_device *const si = &k->device[f->device];

	BEGIN;
	for (f->cluster = si->first_cluster; f->cluster < si->first_cluster + si->clusters; f->cluster++) {
		spin_lock(LOCK_CI, &k->cluster[f->cluster].lock);
		spin_unlock(UNLOCK_CI, &k->cluster[f->cluster].lock);
	}
	RETURN(0);
	END;
}

/* Up to 6.14: disable_swap_slots_cache_lock(); the mutex is held until the slots are free. */
PATH(swapoff_slot_caches)
{
	STEPS(LOCK_ENABLE, DRAIN);
	BEGIN;
	mutex_lock(LOCK_ENABLE, &k->swap_slots->enable_mutex);
	k->swap_slots->disabled = 1;
	for (f->cpu = 0; f->cpu < m->cpus; f->cpu++)
		CALL(DRAIN, drain_slots_cache_cpu, .cpu = f->cpu);
	RETURN(0);
	END;
}

/* ---- 6 ---- */

static void forget_hint(const struct kernel *k, const struct swap_device *si, u32 *hint)
{
	if (*hint && &k->device[k->cluster[*hint >> k->cluster_shift].device] == si)
		*hint = 0;
}

/* flush_percpu_swap_cluster(), free_percpu(si->percpu_cluster) */
static void forget_hints(struct kernel *k, struct swap_device *si, u32 order)
{
	for (u32 cpu = 0; cpu < k->machine.cpus; cpu++) {
		forget_hint(k, si, swap_hint_of_cpu(k, cpu, order));
		forget_hint(k, si, swap_hint_of(k, cpu, si, order));
	}
}

static void give_back_maps(struct kernel *k, u32 device)
{
	u64 pages = swap_maps_pages(k, device), inuse = k->device[device].inuse;

	if (inuse) {
		k->machine.violated = object_place(&k->machine, &k->device[device]);
		machine_fail(&k->machine, ERROR_FINDING,
			     "lifetime: swapoff frees the maps of device %u, and %" G_GUINT64_FORMAT
			     " of its slots are in use",
			     device, inuse);
		return;
	}
	swap_maps_free(k, device);
	k->memory->free += pages;
}

/* reinsert_swap_info(): with the priority it had, whatever became of the others'. */
static void reinsert(struct kernel *k, u32 device)
{
	swap_avail_insert(k, device);
	k->swap->total_pages += k->device[device].pages;
	k->swap->free_pages += (s64)k->device[device].pages;
}

/* Returns 0, or an error: the device is on as before. */
PATH(swapoff)
{
	STEPS(DISABLE, WAIT_ALLOC, CACHES, UNUSE, LOCK_BACK, LOCK_ENTER, UNLOCK_ENTER, UNLOCK_BACK, ENABLE,
	      KILL, SYNC_RCU, WAIT_USERS, DISCARDS, RECLAIMS, FLUSH_HINTS, LOCK_SI, DROP_SI, SCANNING,
	      LOCK_SI_AGAIN, UNLOCK_SI, CLEAR_USED);
	struct swap_device *const si = &k->device[f->device];

	BEGIN;
	f->start = m->now;
	CALL(DISABLE, swapoff_disable, .device = f->device);
	if (t->ret)
		RETURN(t->ret);
	if (k->release->allocator == SWAP_ALLOC_CLUSTER)
		CALL(WAIT_ALLOC, swapoff_wait, .device = f->device);
	if (k->release->slot_caches)
		CALL(CACHES, swapoff_slot_caches);
	k->work[t->id].oom_origin = 1;
	CALL(UNUSE, try_to_unuse, .device = f->device);
	f->error = t->ret;
	k->work[t->id].oom_origin = 0;
	if (f->error) {
		spin_lock(LOCK_BACK, &si->lock);
		spin_lock(LOCK_ENTER, &k->swap->avail_lock);
		reinsert(k, f->device);
		spin_unlock(UNLOCK_ENTER, &k->swap->avail_lock);
		spin_unlock(UNLOCK_BACK, &si->lock);
	}
	if (k->release->slot_caches) {
		k->swap_slots->disabled = !k->swap->active;
		mutex_unlock(ENABLE, &k->swap_slots->enable_mutex);
	}
	if (f->error)
		RETURN(f->error);

	AT(KILL);
	percpu_ref_kill(m, &si->users);
	si->grace = BIT_LOCK_NOBODY;
	call_rcu(m, EVENT_SWAPOFF_GRACE, f->device);
	bit_wait(SYNC_RCU, &si->grace);
	percpu_ref_wait(WAIT_USERS, &si->users);
	if (si->discarding || si->list[CLUSTER_DISCARD].count)
		si->discard_work = BIT_LOCK_NOBODY;
	bit_wait(DISCARDS, &si->discard_work);
	if (si->reclaim_work)
		bit_wait(RECLAIMS, &si->reclaim_work);
	AT(FLUSH_HINTS);
	for (u32 order = 0; order <= k->config.max_folio_order; order++)
		forget_hints(k, si, order);
	spin_lock(LOCK_SI, &si->lock);
	while (si->scanning) {
		spin_unlock(DROP_SI, &si->lock);
		wait_on(SCANNING, NULL, tick_timeout(m, 1));
		spin_lock(LOCK_SI_AGAIN, &si->lock);
	}
	give_back_maps(k, f->device);
	spin_unlock(UNLOCK_SI, &si->lock);
	AT(CLEAR_USED);
	si->flags = 0;
	swap_note_rotational(k);
	histogram_record(&k->latency[LATENCY_SWAPOFF], m->now - f->start);
	RETURN(PATH_OK);
	END;
}
