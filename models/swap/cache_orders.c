/*
 * A swapped page gets a folio in the swap cache, 7.2 (mm/swap_state.c: __swap_cache_alloc(),
 * swap_cache_alloc_folio(), swap_cache_read_folio(), swapin_sync()).
 *
 * One helper for all, which is told the orders that would do. For each, from the largest down: see under the
 * cluster's lock that the slot has a reference and no folio, and the slots around it the same; allocate
 * without the lock; see again, and that all slots are of one cgroup; put the locked folio there; and only
 * then charge it, to the cgroup of the slots. So a folio that is there is seen before anything is allocated,
 * who loses the race after that has charged nothing, and a folio that cannot be charged leaves its shadow
 * where it was. EEXIST, the slot has a folio, and ENOENT, it is no longer in use, are the caller's affair;
 * EBUSY, a slot around it is not as it should be, and ENOMEM mean the next order. The patch charge can have
 * each folio charged before, or large ones.
 */
#include "models/cpu.h"
#include "models/mm/folio.h"
#include "models/mm/lru.h"
#include "models/mm/memcg.h"
#include "models/mm/swapin.h"
#include "models/mm/thp.h"
#include "models/mm/workingset.h"
#include "models/paths.h"
#include "models/recheck.h"
#include "models/swap/cache.h"
#include "models/swap/device_ref.h"
#include "models/swap/slots.h"

static bool is_zero(const struct kernel *k, u32 entry)
{
	return k->slot[entry].stored == STORED_ZEROMAP;
}

/* Whether slot @i may come with that of the fault; with @claim the second time. */
static bool may_be_part(const struct kernel *k, u32 entry, u32 i, bool claim)
{
	if (!claim)
		return !slot_is_cached(k, i) && swap_count(k, i) && is_zero(k, i) == is_zero(k, entry);
	return recheck(k, RECHECK_PART_CACHE, !slot_is_cached(k, i)) &&
	       recheck(k, RECHECK_PART_COUNT, swap_count(k, i)) &&
	       recheck(k, RECHECK_PART_ZERO, is_zero(k, i) == is_zero(k, entry)) &&
	       recheck(k, RECHECK_PART_CGROUP, k->slot[i].memcg == k->slot[entry].memcg);
}

/* __swap_cache_add_check() */
static enum path_error check_slots(struct kernel *k, struct swap_cache_alloc_order *f, bool claim)
{
	u32 first = page_align(f->entry, f->order);

	swap_access(k, f->entry);
	if (!recheck(k, RECHECK_CLAIM_CACHE, !slot_is_cached(k, f->entry)))
		return PATH_EEXIST;
	if (!recheck(k, RECHECK_CLAIM_COUNT, swap_count(k, f->entry)))
		return PATH_ENOENT;
	f->shadow = slot_shadow(k, f->entry);
	f->memcg = swap_memcg(k, f->fault, f->entry);
	for (u32 i = first; f->order && i < first + (1u << f->order); i++)
		if (!may_be_part(k, f->entry, i, claim))
			return PATH_EBUSY;
	return PATH_OK;
}

static bool charges_first(const struct kernel *k, u32 order)
{
	return k->patch.charge == CHARGE_BEFORE_INSERT ||
	       (k->patch.charge == CHARGE_ORDER_AS_CHARGED && order);
}

static enum path_error claim_slots(struct kernel *k, struct task *t, struct swap_cache_alloc_order *f)
{
	enum path_error error = check_slots(k, f, true);

	if (error)
		return error;
	k->folio[f->folio].flags |= FOLIO_UNSEEN;
	swap_cache_insert(k, t, f->folio, page_align(f->entry, f->order));
	return PATH_OK;
}

static void count_lost_race(struct kernel *k, const struct swap_cache_alloc_order *f)
{
	u32 memcg = mm_of(k, f->fault)->memcg;

	count_memcg(k, memcg, SWAPIN_RACES, 1);
	count_memcg(k, memcg, SWAPIN_WASTED_PAGES, 1u << f->order);
	if (k->folio[f->folio].memcg)
		count_memcg(k, memcg, SWAPIN_WASTED_CHARGES, 1u << f->order);
}

/* Of one order. */
PATH(swap_cache_alloc_order)
{
	STEPS(LOCK_CHECK, UNLOCK_CHECK, ALLOC, LOCK_CI, UNLOCK_CI, DROP, CHARGE, DELETE, UNLOCK,
	      DROP_UNCHARGED, LOCK_RECORD, UNLOCK_RECORD, COST, LRU_ADD);
	struct swap_cluster_info *const ci = cluster_of(k, f->entry);

	BEGIN;
	spin_lock(LOCK_CHECK, &ci->lock);
	f->error = check_slots(k, f, false);
	spin_unlock(UNLOCK_CHECK, &ci->lock);
	if (f->error)
		RETURN(-(s64)f->error);

	CALL(ALLOC, alloc_charged_folio, .page = page_align(f->page, f->order),
	     .memcg = charges_first(k, f->order) ? f->memcg : 0, .order = (u16)f->order,
	     .gfp = f->order ? (u16)thp_gfp(k, f->fault) : 0);
	if (t->ret == CHARGE_FAILED)
		count_mthp(k, f->order, MTHP_SWPIN_FALLBACK_CHARGE);
	if (t->ret <= 0)
		RETURN(-(s64)PATH_ENOMEM);
	f->folio = (u32)t->ret;
	k->folio_io[f->folio].lock = bit_lock_by(t->id);

	spin_lock(LOCK_CI, &ci->lock);
	f->error = claim_slots(k, t, f);
	spin_unlock(UNLOCK_CI, &ci->lock);
	if (f->error) {
		count_lost_race(k, f);
		k->folio_io[f->folio].lock = 0; /* nobody else knows it */
		CALL(DROP, folio_put, .folio = f->folio);
		RETURN(-(s64)f->error);
	}
	if (!charges_first(k, f->order)) {
		CALL(CHARGE, mem_cgroup_charge, .memcg = f->memcg, .order = f->order,
		     .gfp = f->order ? (u8)thp_gfp(k, f->fault) : 0);
		f->error = t->ret;
		if (f->error) {
			CALL(DELETE, swap_cache_del_folio, .folio = f->folio, .shadow = f->shadow);
			bit_unlock(UNLOCK, &k->folio_io[f->folio].lock);
			CALL(DROP_UNCHARGED, folio_put, .folio = f->folio);
			if (f->order)
				count_mthp(k, f->order, MTHP_SWPIN_FALLBACK_CHARGE);
			RETURN(-(s64)PATH_ENOMEM);
		}
		k->folio[f->folio].memcg = f->memcg;
	}
	if (counts_memsw(k)) {
		spin_lock(LOCK_RECORD, &ci->lock);
		memcg1_swapin(k, page_align(f->entry, f->order), 1u << f->order);
		spin_unlock(UNLOCK_RECORD, &ci->lock);
	}
	if (f->shadow && workingset_refault(k, t, f->folio, f->shadow))
		CALL(COST, lru_note_cost_refault, .folio = f->folio);
	if (folio_add_lru(k, t, f->folio))
		CALL(LRU_ADD, lru_add_drain, .folio = f->folio);
	RETURN(f->folio);
	END;
}

PATH(swap_cache_alloc)
{
	STEPS(ORDER);
	BEGIN;
	do {
		f->order = highest_order(f->orders);
		CALL(ORDER, swap_cache_alloc_order, .entry = f->entry, .page = f->page, .fault = f->fault,
		     .order = f->order);
		if (t->ret > 0 || !f->order || (t->ret != -PATH_EBUSY && t->ret != -PATH_ENOMEM))
			break;
		count_mthp(k, f->order, MTHP_SWPIN_FALLBACK);
		f->orders &= ~(1u << f->order);
	} while (f->orders);
	RETURN(t->ret);
	END;
}

PATH(swap_cache_read_folio)
{
	STEPS(LOOKUP, ALLOC);
	BEGIN;
	do {
		t->work_ns = swap_cache_lookup_ns(k);
		AT(LOOKUP);
		if (f->pin && !f->pinned) {
			f->pinned = get_swap_device(k, f->entry);
			if (!f->pinned)
				RETURN(0);
		}
		f->folio = swap_cache_get_folio(k, f->entry);
		if (f->folio) {
			put_swap_device(k, f->pinned);
			RETURN(f->folio);
		}
		CALL(ALLOC, swap_cache_alloc, .entry = f->entry, .page = f->page, .fault = f->page,
		     .orders = 1);
	} while (t->ret == -PATH_EEXIST);
	put_swap_device(k, f->pinned);
	RETURN(t->ret > 0 ? t->ret | SWAPIN_NEW : 0);
	END;
}

PATH(swapin_sync)
{
	STEPS(LOCK_PTL, UNLOCK_PTL, LOOKUP, ALLOC, READ, UNLOCK);
	struct page_table *const table = page_table_of(k, f->page);

	BEGIN;
	if (!f->fault) {
		f->fault = f->page;
		f->orders = swapin_orders(k, f->page, f->entry);
		if (f->orders) {
			spin_lock(LOCK_PTL, &table->ptl);
			f->orders = suitable_orders(k, f->page, f->entry, f->orders);
			spin_unlock(UNLOCK_PTL, &table->ptl);
		}
		f->orders |= 1;
	}
	do {
		t->work_ns = swap_cache_lookup_ns(k);
		AT(LOOKUP);
		f->folio = swap_cache_get_folio(k, f->entry);
		if (f->folio)
			RETURN(f->folio);
		CALL(ALLOC, swap_cache_alloc, .entry = f->entry, .page = f->page, .fault = f->fault,
		     .orders = f->orders);
	} while (t->ret == -PATH_EEXIST);
	if (t->ret < 0)
		RETURN(0);
	f->folio = (u32)t->ret;
	CALL(READ, swap_read_folio, .folio = f->folio, .entry = k->folio_io[f->folio].swap);
	if (t->ret == READ_DONE)
		bit_unlock(UNLOCK, &k->folio_io[f->folio].lock);
	RETURN(f->folio);
	END;
}
