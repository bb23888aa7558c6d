/*
 * A swapped page gets a folio in the swap cache, 7.0 and 7.1 (mm/swap_state.c:
 * __swap_cache_prepare_and_add(), swap_cache_alloc_folio(), swapin_folio(); mm/memory.c: do_swap_page()).
 *
 * Who puts a locked folio there reads into it; who finds one there waits for its lock and drops its own,
 * which was allocated for nothing. A large folio that finds anything there is given up, and the fault comes
 * again. Slots with references and without a folio are what may be swapped in.
 *
 * When the folio is charged is a matter of debate (patch charge). What was merged for 7.0 inserted first and
 * charged then, so that nobody but the winner charges; but the folio was counted as swap cache before it had
 * a cgroup, and 9acbe135588e, which is in 7.0 as it came out (here 7.0-fix), charges first. Synchronous
 * devices are always charged first, as the folio may be a large one; order-as-charged (Barry Song, November
 * 2025) does so for large ones only. A folio that cannot be charged after all leaves the cache with no
 * shadow.
 */
#include "models/cpu.h"
#include "models/mm/folio.h"
#include "models/mm/lru.h"
#include "models/mm/memcg.h"
#include "models/mm/workingset.h"
#include "models/paths.h"
#include "models/recheck.h"
#include "models/swap/cache.h"
#include "models/swap/device_ref.h"
#include "models/swap/slots.h"

/* swap_cache_add_folio(). The shadow is the last there is. */
static enum path_error add_folio(struct kernel *k, struct task *t, struct swap_cache_prepare_and_add *f)
{
	u32 nr = folio_nr_pages(k, f->folio);

	swap_access(k, f->entry);
	for (u32 i = f->entry; i < f->entry + nr; i++) {
		if (!recheck(k, RECHECK_CLAIM_CACHE, !slot_is_cached(k, i)))
			return PATH_EEXIST;
		if (!recheck(k, RECHECK_CLAIM_COUNT, swap_count(k, i)))
			return PATH_ENOENT;
		if (slot_shadow(k, i))
			f->shadow = slot_shadow(k, i);
	}
	swap_cache_insert(k, t, f->folio, f->entry);
	return PATH_OK;
}

static void count_lost_race(struct kernel *k, const struct swap_cache_prepare_and_add *f)
{
	u32 memcg = mm_of(k, f->page)->memcg, nr = folio_nr_pages(k, f->folio);

	count_memcg(k, memcg, SWAPIN_RACES, 1);
	count_memcg(k, memcg, SWAPIN_WASTED_PAGES, nr);
	if (k->folio[f->folio].memcg)
		count_memcg(k, memcg, SWAPIN_WASTED_CHARGES, nr);
}

PATH(swap_cache_prepare_and_add)
{
	STEPS(CHARGE_FIRST, LOCK_CI, UNLOCK_CI, LOOKUP, CHARGE, DELETE, COST, LRU_ADD, UNLOCK, DROP);
	struct folio *const folio = &k->folio[f->folio];

	BEGIN;
	k->folio_io[f->folio].lock = bit_lock_by(t->id);
	if (!f->charged && k->patch.charge == CHARGE_BEFORE_INSERT) {
		f->memcg = swap_memcg(k, f->page, f->entry);
		CALL(CHARGE_FIRST, mem_cgroup_charge, .memcg = f->memcg);
		f->error = t->ret;
		if (f->error)
			goto failed;
		folio->memcg = f->memcg;
	}
	do {
		spin_lock(LOCK_CI, &cluster_of(k, f->entry)->lock);
		f->error = add_folio(k, t, f);
		spin_unlock(UNLOCK_CI, &cluster_of(k, f->entry)->lock);
		if (f->error != PATH_EEXIST || folio->flags & FOLIO_LARGE)
			break;
		t->work_ns = swap_cache_lookup_ns(k);
		AT(LOOKUP);
		f->found = swap_cache_get_folio(k, f->entry);
	} while (!f->found);
	if (f->error)
		count_lost_race(k, f);
	if (!f->error && !f->charged && k->patch.charge != CHARGE_BEFORE_INSERT) {
		f->memcg = swap_memcg(k, f->page, f->entry);
		CALL(CHARGE, mem_cgroup_charge, .memcg = f->memcg);
		f->error = t->ret;
		if (f->error)
			CALL(DELETE, swap_cache_del_folio, .folio = f->folio);
		else
			folio->memcg = f->memcg;
	}
	if (f->error)
		goto failed;
	folio->flags |= FOLIO_UNSEEN;
	memcg1_swapin(k, f->entry, folio_nr_pages(k, f->folio));
	if (f->shadow && workingset_refault(k, t, f->folio, f->shadow))
		CALL(COST, lru_note_cost_refault, .folio = f->folio);
	if (folio_add_lru(k, t, f->folio))
		CALL(LRU_ADD, lru_add_drain, .folio = f->folio);
	RETURN(f->folio | SWAPIN_NEW);
failed:
	bit_unlock(UNLOCK, &k->folio_io[f->folio].lock);
	CALL(DROP, folio_put, .folio = f->folio);
	RETURN(f->found);
	END;
}

PATH(swap_cache_alloc_folio)
{
	STEPS(LOOKUP, LOCK_COUNT, UNLOCK_COUNT, ALLOC, ADD);
	BEGIN;
	t->work_ns = swap_cache_lookup_ns(k);
	AT(LOOKUP);
	if (f->pin) {
		f->pinned = get_swap_device(k, f->entry);
		if (!f->pinned)
			RETURN(0);
	}
	f->folio = swap_cache_get_folio(k, f->entry);
	if (f->folio) {
		put_swap_device(k, f->pinned);
		RETURN(f->folio);
	}
	spin_lock(LOCK_COUNT, &cluster_of(k, f->entry)->lock);
	swap_access(k, f->entry);
	f->referenced = swap_count(k, f->entry) > 0;
	spin_unlock(UNLOCK_COUNT, &cluster_of(k, f->entry)->lock);
	if (f->referenced) {
		CALL(ALLOC, alloc_charged_folio, .page = f->page, .memcg = 0);
		f->folio = t->ret;
	}
	if (f->folio)
		CALL(ADD, swap_cache_prepare_and_add, .folio = f->folio, .entry = f->entry, .page = f->page);
	put_swap_device(k, f->pinned);
	RETURN(f->folio ? t->ret : 0);
	END;
}

static bool is_charged(const struct kernel *k, u32 folio)
{
	return k->patch.charge != CHARGE_ORDER_AS_CHARGED || k->folio[folio].flags & FOLIO_LARGE;
}

PATH(swapin_folio)
{
	STEPS(ALLOC, ADD, READ, UNLOCK);
	BEGIN;
	CALL(ALLOC, alloc_swap_folio, .page = f->page, .entry = f->entry);
	f->folio = t->ret;
	if (!f->folio)
		RETURN(0);
	f->entry -= f->page - k->folio[f->folio].page;
	CALL(ADD, swap_cache_prepare_and_add, .folio = f->folio, .entry = f->entry, .page = f->page,
	     .charged = is_charged(k, f->folio));
	f->folio = (u32)t->ret;
	if (!(t->ret >> 32))
		RETURN(f->folio);
	CALL(READ, swap_read_folio, .folio = f->folio, .entry = f->entry);
	if (t->ret == READ_DONE)
		bit_unlock(UNLOCK, &k->folio_io[f->folio].lock);
	RETURN(f->folio);
	END;
}
