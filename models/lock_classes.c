#include "models/lock_classes.h"

#include "models/kernel.h"

static const char *const lock_class_name[NR_LOCK_CLASSES] = {
	[CLASS_PTL] = "ptl",
	[CLASS_LRU] = "lruvec->lru_lock",
	[CLASS_CLUSTER] = "ci->lock",
	[CLASS_SWAP_DEVICE] = "si->lock",
	[CLASS_SWAP_AVAIL] = "swap_avail_lock",
	[CLASS_XARRAY] = "xa_lock",
	[CLASS_PERCPU_SWAP] = "percpu_swap_cluster.lock",
	[CLASS_LRU_BATCH] = "cpu_fbatches.lock",
	[CLASS_SLOTS_ON_OFF] = "swap_slots_cache_mutex",
	[CLASS_SLOTS_ENABLE] = "swap_slots_cache_enable_mutex",
	[CLASS_SLOTS_ALLOC] = "swap_slots_cache.alloc_lock",
	[CLASS_SLOTS_FREE] = "swap_slots_cache.free_lock",
	[CLASS_OOM] = "oom_lock",
	[CLASS_GLOBAL_CLUSTER] = "global_cluster_lock",
	[CLASS_ZSWAP_CTX] = "zswap acomp_ctx->mutex",
	[CLASS_MMAP] = "mmap_lock",
	[CLASS_CONT] = "si->cont_lock",
	[CLASS_I_PAGES] = "i_pages.xa_lock",
	[CLASS_CSD] = "csd_lock",
};

/* How often who takes such a lock has to wait for lines that who had it last wrote, beside the lock's own; of
 * lines that are known together one. Locks of a CPU have none. */
static const u8 lock_class_lines[NR_LOCK_CLASSES] = {
	[CLASS_PTL] = 1,			     /* entries */
	[CLASS_LRU] = 1,			     /* the head of a list */
	[CLASS_CLUSTER] = 1,			     /* swap_map, the table */
	[CLASS_SWAP_DEVICE] = 2,		     /* the head of a list, the cluster there */
	[CLASS_SWAP_AVAIL] = 1,	 [CLASS_XARRAY] = 1, /* a leaf: its counts, the slot */
	[CLASS_CONT] = 1,	 [CLASS_I_PAGES] = 1,
};

void lock_classes_add(struct machine *m)
{
	for (u32 i = 0; i < NR_LOCK_CLASSES; i++) {
		BUG_ON(machine_lock_class(m, lock_class_name[i]) != i);
		m->lock_lines[i] = lock_class_lines[i];
	}
}
