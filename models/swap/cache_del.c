/*
 * A folio leaves the swap cache, from 7.0 on (mm/swap_state.c: __swap_cache_del_folio(),
 * swap_cache_del_folio(); mm/vmscan.c: __remove_mapping()).
 *
 * It goes, and slots that nobody refers to are freed, in one section of the cluster's lock. Under cgroup v1
 * who is evicted leaves the slot to its cgroup: in the series as it was posted that was noted after the slot
 * was freed (patch memcg-swapout-first, found by syzbot in January 2026).
 */
#include "models/mm/folio.h"
#include "models/mm/memcg.h"
#include "models/mm/workingset.h"
#include "models/paths.h"
#include "models/swap/cache.h"
#include "models/swap/slots.h"
#include "models/swap/usage.h"

static void leave_cache(struct kernel *k, struct task *t, const struct swap_cache_del_folio *f)
{
	struct folio *folio = &k->folio[f->folio];

	swap_cache_store(k, t, f->entry, f->nr, f->shadow);
	folio->flags &= ~(FOLIO_SWAPCACHE | FOLIO_UNSEEN);
	k->folio_io[f->folio].swap = 0;
	folio->refs = f->evict ? 0 : folio->refs - f->nr;
}

/* Free the slots nobody refers to but the last run of them, which is left to the caller: all there are, or
 * one slot. Returns how many are left. */
static u32 free_unused(struct kernel *k, struct task *t, struct swap_cache_del_folio *f)
{
	u32 unused = 0, last = 0;

	for (u32 i = f->entry; i < f->entry + f->nr; i++)
		unused += !swap_count(k, i);
	if (unused == f->nr || !unused)
		return unused;
	for (u32 i = f->entry; i < f->entry + f->nr; i++) {
		if (swap_count(k, i))
			continue;
		if (last) {
			slots_note_freed(k, t, last, 1);
			swap_slots_free(k, last, 1);
		}
		last = i;
	}
	f->entry = last;
	return 1;
}

PATH(swap_cache_del_folio)
{
	STEPS(LOCK_IRQ, UNLOCK_BUSY, LOCK_CI, FREE, UNLOCK_IRQ, UNLOCK_CI);
	BEGIN;
	f->entry = k->folio_io[f->folio].swap;
	f->nr = folio_nr_pages(k, f->folio);
	if (f->evict) {
		spin_lock_irq(LOCK_IRQ, &cluster_of(k, f->entry)->lock);
		if (!swap_cache_may_evict(k, f->folio)) {
			spin_unlock_irq(UNLOCK_BUSY, &cluster_of(k, f->entry)->lock);
			RETURN(false);
		}
		/* first: multi-gen LRU notes the folio's cgroup, which it loses next */
		f->shadow = workingset_eviction(k, t, f->folio, k->scan_control[t->id].target);
		if (k->patch.memcg_swapout_first)
			memcg1_swapout(k, f->folio, f->entry);
	} else {
		spin_lock(LOCK_CI, &cluster_of(k, f->entry)->lock);
	}
	leave_cache(k, t, f);
	f->unused = free_unused(k, t, f);
	if (f->unused)
		CALL(FREE, swap_entry_free, .entry = f->entry, .nr = f->unused);
	if (f->evict) {
		if (!k->patch.memcg_swapout_first)
			memcg1_swapout(k, f->folio, f->entry);
		spin_unlock_irq(UNLOCK_IRQ, &cluster_of(k, f->entry)->lock);
	} else {
		spin_unlock(UNLOCK_CI, &cluster_of(k, f->entry)->lock);
	}
	RETURN(true);
	END;
}
