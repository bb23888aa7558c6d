/*
 * Isolating a cluster and giving it a swap table (mm/swapfile.c, 6.18: isolate_lock_cluster(),
 * swap_cluster_alloc_table()).
 *
 * A table is a page that is allocated without sleeping while the locks are held, and if that fails with all
 * of them dropped; a sleeper may wake on another CPU. Version 3 of the series then looked at the hint of the
 * CPU it woke on and could return that cluster in place of the isolated one, or nothing, and left the
 * isolated cluster on no list (found by Chris Mason, 2025-09-15). Version 4, which is 6.18, keeps the
 * cluster, and puts it back at the tail of the free list when there is no table.
 *
 * A task that reclaims (PF_MEMALLOC) is refused direct reclaim in the second attempt, so both attempts have
 * the same floor (memory_above_half_min()); in v3 the second attempt lacked __GFP_NOMEMALLOC and could use
 * all reserves.
 */
#include "models/cpu.h"
#include "models/mm/memory.h"
#include "models/paths.h"
#include "models/recheck.h"
#include "models/swap/cache.h"
#include "models/swap/cluster.h"

static bool is_injected(struct kernel *k, const struct task *t)
{
	return k->config.fail_page_alloc &&
	       choose(&k->machine, CHOICE_FAULT_INJECTION, ACTOR(ACTOR_TASK, t->id), 1000) <
		   k->config.fail_page_alloc;
}

static bool table_alloc(struct kernel *k, struct task *t, enum model_choice kind, bool reserves)
{
	bool fails = !(reserves ? k->memory->free > 0 : memory_above_half_min(k)) || is_injected(k, t);

	fails = choose_usual(&k->machine, kind, ACTOR(ACTOR_TASK, t->id), 2, fails);
	if (fails)
		count_memcg(k, 0, TABLE_ALLOC_FAILED, 1);
	return !fails;
}

PATH(swap_cluster_alloc_table)
{
	STEPS(DROP_CI, DROP_GLOBAL, DROP_PCP, SLEEP, LOCK_PCP, LOCK_GLOBAL, LOCK_HINT, UNLOCK_HINT, LOCK_CI,
	      LOCK_SI, UNLOCK_SI, PUT_BACK);
	struct swap_cluster_info *const ci = &k->cluster[f->cluster - 1];
	struct swap_device *const si = &k->device[ci->device];

	BEGIN;
	if (table_alloc(k, t, CHOICE_ATOMIC_ALLOC, false)) {
		swap_table_publish(k, f->cluster - 1);
		RETURN(f->cluster);
	}

	spin_unlock(DROP_CI, &ci->lock);
	if (si->rotational)
		spin_unlock(DROP_GLOBAL, &si->global_cluster_lock);
	local_unlock(DROP_PCP, swap_lock);
	might_sleep(SLEEP);
	f->have_table = table_alloc(k, t, CHOICE_SLEEP_ALLOC, k->patch.table_alloc == TABLE_ALLOC_V3);
	local_lock(LOCK_PCP, swap_lock);
	if (si->rotational)
		spin_lock(LOCK_GLOBAL, &si->global_cluster_lock);

	if (k->patch.table_alloc == TABLE_ALLOC_V3) {
		f->hint = *swap_hint_of_cpu(k, t->cpu, f->order);
		if (f->hint) {
			f->hint = (f->hint >> k->cluster_shift) + 1;
			spin_lock(LOCK_HINT, &k->cluster[f->hint - 1].lock);
			if (cluster_is_usable(k, f->hint - 1, f->order) && !cluster_is_full(k, f->hint - 1))
				RETURN(f->hint);
			spin_unlock(UNLOCK_HINT, &k->cluster[f->hint - 1].lock);
		}
		if (!f->have_table)
			RETURN(0);
	}

	spin_lock(LOCK_CI, &ci->lock);
	if (f->have_table) {
		swap_table_publish(k, f->cluster - 1);
		RETURN(f->cluster);
	}
	spin_lock(LOCK_SI, &si->lock);
	cluster_move(k, f->cluster - 1, CLUSTER_FREE);
	spin_unlock(UNLOCK_SI, &si->lock);
	spin_unlock(PUT_BACK, &ci->lock);
	RETURN(0);
	END;
}

/* A cluster whose lock is taken is passed over, so that a list that is not empty may yield nothing. */
static u32 first_lockable(struct kernel *k, struct task *t, const struct cluster_list *list)
{
	u32 cluster = list->head;

	while (cluster && !spin_trylock(&k->machine, t, &k->cluster[cluster - 1].lock))
		cluster = k->cluster[cluster - 1].next;
	if (cluster)
		cluster_list_del(k, cluster - 1);
	return cluster;
}

PATH(isolate_lock_cluster)
{
	STEPS(LOCK_SI, UNLOCK_SI, TABLE);
	struct swap_device *const si = &k->device[f->device];

	BEGIN;
	spin_lock(LOCK_SI, &si->lock);
	if (k->release->cache == SWAP_CACHE_TABLE ||
	    recheck(k, RECHECK_ISOLATE_WRITEOK, si->flags & SWP_WRITEOK))
		f->cluster = first_lockable(k, t, cluster_list_of(k, f->device, f->list));
	spin_unlock(UNLOCK_SI, &si->lock);
	if (f->cluster && k->release->cache == SWAP_CACHE_TABLE && !k->cluster[f->cluster - 1].has_table) {
		CALL(TABLE, swap_cluster_alloc_table, .cluster = f->cluster, .order = f->order);
		RETURN(t->ret);
	}
	RETURN(f->cluster);
	END;
}
