/*
 * References to slots go, from 7.0 on (mm/swapfile.c: swap_put_entries_cluster(), for folio_put_swap() and
 * swap_put_entries_direct()).
 *
 * Slots of which the last reference goes are freed, those in a row together; one with a folio in the swap
 * cache keeps its slot until that leaves the cache. Who gives up memory, and has no folio in hand, looks for
 * such folios once the cluster is unlocked.
 */
#include "models/paths.h"
#include "models/swap/slots.h"

#include "sim/error.h"

static bool is_last(const struct kernel *k, u32 entry)
{
	return swap_count(k, entry) == 1 && !slot_is_cached(k, entry);
}

/* How many of [@entry, @end) are in a row that is freed; none: the first only loses a reference. */
static u32 drop_run(struct kernel *k, u32 entry, u32 end)
{
	u32 n = 0;

	while (entry + n < end && is_last(k, entry + n))
		slot_put(k, entry + n++);
	if (n)
		return n;
	if (swap_count(k, entry))
		slot_put(k, entry);
	else
		machine_fail(&k->machine, ERROR_FINDING,
			     "slot_conservation: slot %u is given back, and has no references", entry);
	return 0;
}

PATH(swap_put_entries_cluster)
{
	STEPS(LOCK_CI, FREE, UNLOCK_CI, RECLAIM);
	struct swap_cluster_info *const ci = cluster_of(k, f->entry);

	BEGIN;
	BUG_ON(!f->nr);
	spin_lock(LOCK_CI, &ci->lock);
	for (f->i = 0; f->i < f->nr; f->i += MAX(f->run, 1)) {
		f->run = drop_run(k, f->entry + f->i, f->entry + f->nr);
		if (f->run)
			CALL(FREE, swap_entry_free, .entry = f->entry + f->i, .nr = f->run);
		else
			f->cache_only |= slot_is_cache_only(k, f->entry + f->i);
	}
	spin_unlock(UNLOCK_CI, &ci->lock);
	for (f->i = 0; f->reclaim && f->cache_only && f->i < f->nr;) {
		CALL(RECLAIM, try_to_reclaim_swap, .entry = f->entry + f->i, .unmapped = true);
		f->i = after_folio(f->entry + f->i, t->ret) - f->entry;
	}
	RETURN(0);
	END;
}
