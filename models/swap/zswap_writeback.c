/*
 * zswap_writeback_entry() and the walk that picks entries for it (mm/zswap.c: shrink_memcg_cb(),
 * mm/list_lru.c; 6.12-7.2).
 *
 * An entry that has been picked is not taken off its list, since whoever fails could not put it back: it goes
 * to the end. Nothing keeps it from being dropped, and its slot from being used again, until a new folio is
 * in the swap cache for the slot, and so the tree is asked again then. A slot that somebody reads at the
 * time, who has SWAP_HAS_CACHE and no folio in the cache yet, is passed over (patch zswap-skip-if-exists);
 * before that there was waiting, be it for the own task further up its stack. In 7.2 who finds a folio there
 * does not look whose it is.
 */
#include "models/cpu.h"
#include "models/paths.h"
#include "models/recheck.h"
#include "models/swap/cache.h"
#include "models/swap/device_ref.h"
#include "models/swap/zswap.h"

PATH(zswap_lru_walk)
{
	STEPS(PICK, WRITEBACK);
	struct zswap_memcg *const z = &k->zswap_memcg[f->memcg];

	BEGIN;
	while (f->nr_to_walk) {
		AT(PICK);
		f->entry = z->head;
		if (!f->entry)
			break;
		f->nr_to_walk--;
		zswap_lru_rotate(k, f->entry);
		if (k->zswap_entry[f->entry].referenced) {
			k->zswap_entry[f->entry].referenced = 0;
			if (z->count == 1)
				break; /* the end of the list was reached with it */
			continue;
		}
		CALL(WRITEBACK, zswap_writeback_entry, .entry = f->entry,
		     .slot = k->zswap_entry[f->entry].slot, .page = k->zswap_entry[f->entry].page);
		if (!t->ret) {
			f->written++;
			continue;
		}
		count_memcg(k, 0, ZSWAP_REJECT_RECLAIM_FAIL, 1);
		if (t->ret == PATH_EEXIST && f->dynamic)
			RETURN(f->written | ZSWAP_WALK_STOPPED); /* warm enough to be swapped in just now */
	}
	RETURN(f->written);
	END;
}

/* The entry's data is in the folio now, which is to go soon after it is written. */
static void take_over(struct kernel *k, struct folio *folio, u32 entry)
{
	const struct zswap_entry *e = &k->zswap_entry[entry];

	folio->content = e->content;
	folio->flags |= FOLIO_UPTODATE | FOLIO_RECLAIM;
	count_memcg(k, e->memcg, ZSWPWB, 1);
	zswap_erase(k, e->slot);
}

PATH(zswap_writeback_entry)
{
	STEPS(PIN, CLAIM, ALLOC, PUT_CACHED, RECHECK, DELETE, UNLOCK, PUT_STALE, LOCK_CTX, DECOMPRESS,
	      UNLOCK_CTX, WRITE, PUT);
	BEGIN;
	if (k->release->allocs_in_cache) {
		AT(PIN);
		f->pinned = get_swap_device(k, f->slot);
		if (!f->pinned)
			RETURN(PATH_EEXIST);
		CALL(CLAIM, swap_cache_alloc, .entry = f->slot, .page = f->page, .fault = f->page,
		     .orders = 1);
		put_swap_device(k, f->pinned);
		f->pinned = 0;
		if (t->ret < 0)
			RETURN(-t->ret);
		f->folio = (u32)t->ret;
		goto claimed;
	}
	CALL_ANY(ALLOC, k->release->read_swap_cache, read_swap_cache_async, .entry = f->slot, .page = f->page,
		 .pin = 1, .skip_if_exists = k->patch.zswap_skip_if_exists);
	f->folio = (u32)t->ret;
	if (!f->folio)
		RETURN(PATH_ENOMEM);
	if (!(t->ret >> 32)) { /* somebody swaps it in, or writes it back, too */
		CALL(PUT_CACHED, folio_put, .folio = f->folio);
		RETURN(PATH_EEXIST);
	}
claimed:
	AT(RECHECK);
	if (!recheck(k, RECHECK_ZSWAP_ENTRY, zswap_entry_at(k, f->slot) == f->entry)) {
		CALL(DELETE, folio_free_swap, .folio = f->folio, .anyway = 1);
		bit_unlock(UNLOCK, &k->folio_io[f->folio].lock);
		CALL(PUT_STALE, folio_put, .folio = f->folio);
		RETURN(PATH_ENOMEM);
	}
	f->cpu = t->cpu;
	mutex_lock(LOCK_CTX, zswap_context(m, f->cpu));
	t->work_ns = zswap_decompress_ns(k, k->zswap_entry[f->entry].page, k->zswap_entry[f->entry].content);
	AT(DECOMPRESS);
	take_over(k, &k->folio[f->folio], f->entry);
	mutex_unlock(UNLOCK_CTX, zswap_context(m, f->cpu));
	CALL(WRITE, swap_writeout, .folio = f->folio, .resumed = 1);
	CALL(PUT, folio_put, .folio = f->folio);
	RETURN(PATH_OK);
	END;
}
