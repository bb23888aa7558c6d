/*
 * shrink_folio_list() (mm/vmscan.c, 6.17/6.18): what reclaim does with each page of a batch.
 *
 * A page that is written asynchronously stays, and is freed when reclaim meets it again; its end of I/O puts
 * it where that happens soon (FOLIO_RECLAIM). A page met under writeback is activated; under cgroup v1, which
 * cannot throttle who dirties pages, reclaim waits for it if reclaim wrote it.
 *
 * A page that MADV_FREE gave up is dropped unless it was written again, and so is a page of a file, which is
 * clean.
 *
 * A large folio goes as a whole or not at all, but for one that is partly unmapped already, or for which
 * there is no room in a row: such a one is split, and its pages are looked at one by one. Left out:
 * unevictable and pinned pages, demotion.
 */
#include "models/cpu.h"
#include "models/mm/filemap.h"
#include "models/mm/folio.h"
#include "models/mm/lru.h"
#include "models/mm/memcg.h"
#include "models/mm/memory.h"
#include "models/mm/mglru.h"
#include "models/mm/split.h"
#include "models/mm/thp.h"
#include "models/mm/tlb.h"
#include "models/paths.h"
#include "models/recheck.h"
#include "models/swap/slots.h"

enum references { REFERENCES_RECLAIM, REFERENCES_KEEP, REFERENCES_ACTIVATE };

/* folio_check_references(). Code that is in use stays. */
static enum references check_references(struct kernel *k, u32 number, u32 mappings)
{
	struct folio *folio = &k->folio[number];
	bool referenced = folio->flags & FOLIO_REFERENCED;

	if (lru_gen_enabled(k) && k->release->mglru_reworked) {
		if (!mappings)
			return REFERENCES_RECLAIM;
		return lru_gen_set_refs(k, number) ? REFERENCES_ACTIVATE : REFERENCES_KEEP;
	}

	folio->flags &= ~FOLIO_REFERENCED;
	if (!mappings)
		return REFERENCES_RECLAIM;
	folio->flags |= FOLIO_REFERENCED;
	if (is_code(k, number))
		return REFERENCES_ACTIVATE;
	return referenced || mappings > 1 ? REFERENCES_ACTIVATE : REFERENCES_KEEP;
}

static void activate(struct kernel *k, u32 number)
{
	k->folio[number].flags |= FOLIO_ACTIVE;
	count_memcg(k, k->folio[number].memcg, PGACTIVATE, folio_nr_pages(k, number));
}

/* free_unref_folios() after mem_cgroup_uncharge_folios(), batch by batch. */
static void free_batch(struct kernel *k, struct shrink_folio_list *f)
{
	u32 folio, memcg = 0, pages = 0;

	f->to_free = 0;
	while ((folio = folio_list_take(k, &f->free))) {
		if (k->folio[folio].memcg != memcg && pages) {
			memcg_uncharge(k, memcg, pages);
			pages = 0;
		}
		memcg = k->folio[folio].memcg;
		pages += folio_nr_pages(k, folio);
		k->folio[folio].memcg = 0;
		folio_free(k, folio);
	}
	if (pages)
		memcg_uncharge(k, memcg, pages);
}

static bool waits_for_writeback(const struct kernel *k, const struct task *t, const struct folio *folio)
{
	return k->config.cgroup_version == 1 && k->scan_control[t->id].target && folio->flags & FOLIO_RECLAIM;
}

/* Met under writeback: a page that kswapd met so before, when all it looks at is, tells it to slow down. */
static void note_writeback(struct kernel *k, const struct task *t, u32 number)
{
	struct scan_control *sc = &k->scan_control[t->id];
	struct folio *folio = &k->folio[number];
	u32 pages = folio_nr_pages(k, number);

	if (t->flags & PF_KSWAPD && folio->flags & FOLIO_RECLAIM && k->memory->writeback_node)
		sc->nr_immediate += pages;
	else
		sc->nr_writeback += pages;
	folio->flags |= FOLIO_RECLAIM;
}

/* folio_ref_freeze(): a page that MADV_FREE gave up, unmapped, and nobody else knows it. */
static bool drop_lazyfree(struct kernel *k, struct shrink_folio_list *f)
{
	struct folio *folio = &k->folio[f->folio];

	f->unmapped = folio->page;
	if (folio->refs != 1)
		return false;
	folio->refs = 0;
	count_memcg(k, folio->memcg, PGLAZYFREED, folio_nr_pages(k, f->folio));
	return true;
}

/* try_to_unmap_flush(): of the entries of pages that were dropped; pageout() flushes by itself. */
static u64 flush_ns(const struct kernel *k, const struct task *t, struct shrink_folio_list *f)
{
	u32 page = f->unmapped;

	f->unmapped = 0;
	return page ? tlb_flush_ns(k, t, page) : 0;
}

PATH(alloc_swap_large)
{
	STEPS(GET_SLOTS, SPLIT, GET_SLOT);
	BEGIN;
	if (!can_split_folio(k, f->folio))
		RETURN(PATH_EAGAIN);
	f->order = folio_order(k, f->folio);
	if (!(k->folio[f->folio].flags & FOLIO_PARTIALLY_MAPPED)) {
		CALL(GET_SLOTS, folio_alloc_swap, .folio = f->folio);
		f->refused = t->ret != PATH_OK;
		if (!f->refused)
			RETURN(PATH_OK);
	}
	t->work_ns = split_ns(k, f->folio);
	AT(SPLIT);
	if (!split_folio(k, f->folio, arena_at(&m->arena, f->folios)))
		RETURN(PATH_EAGAIN);
	if (f->refused)
		count_swpout_fallback(k, f->folio, f->order);
	CALL(GET_SLOT, folio_alloc_swap, .folio = f->folio);
	RETURN(t->ret);
	END;
}

/* Of a file, or shared: clean, or written already. */
static void note_unmapped(const struct kernel *k, struct shrink_folio_list *f)
{
	if (k->folio[f->folio].flags & (FOLIO_FILE | FOLIO_SHMEM))
		f->unmapped = k->folio[f->folio].page;
}

/* Somebody saw it in use since it was isolated, and could not put it elsewhere (up to 6.13). */
static bool was_promoted(const struct kernel *k, u32 folio)
{
	return lru_gen_enabled(k) && !k->release->mglru_reworked && folio_mapped(k, folio) &&
	       k->folio[folio].flags & FOLIO_REFERENCED;
}

static bool wants_slot(const struct folio *folio)
{
	return !(folio->flags & (FOLIO_SWAPCACHE | FOLIO_LAZYFREE | FOLIO_FILE | FOLIO_SHMEM));
}

static void note_pageout(struct kernel *k, const struct shrink_folio_list *f)
{
	if (f->pageout)
		*(u32 *)arena_at(&k->machine.arena, f->pageout) += folio_nr_pages(k, f->folio);
}

static bool is_written_out(const struct kernel *k, u32 folio)
{
	return !k->folio_io[folio].writeback && !(k->folio[folio].flags & FOLIO_DIRTY);
}

PATH(shrink_folio_list)
{
	STEPS(RESCHED, TRYLOCK, UNLOCK_WAIT, WAIT_WRITEBACK, REFERENCED, GET_SLOT, GET_SLOTS, UNMAP, PAGEOUT,
	      RELOCK, REMOVE, FREE_SWAP, UNLOCK, FREE_BATCH, FREE_REST);
	struct folio_list *const folios = arena_at(&m->arena, f->folios);

	BEGIN;
	while ((f->folio = folio_list_take(k, folios))) {
		lru_scout(k);
		cond_resched(RESCHED);
	again:
		t->work_ns = k->cpu_profile->scan_folio_ns + tlb_interrupts_ns(k, t);
		AT(TRYLOCK);
		if (!bit_trylock(t, &k->folio_io[f->folio].lock))
			goto keep;
		if (!f->ignore_references && was_promoted(k, f->folio))
			goto keep_locked;
		if (k->folio_io[f->folio].writeback) {
			if (waits_for_writeback(k, t, &k->folio[f->folio])) {
				bit_unlock(UNLOCK_WAIT, &k->folio_io[f->folio].lock);
				bit_wait(WAIT_WRITEBACK, &k->folio_io[f->folio].writeback);
				goto again;
			}
			note_writeback(k, t, f->folio);
			goto activate_locked;
		}
		if (!f->ignore_references && folio_mapped(k, f->folio)) {
			CALL(REFERENCED, folio_referenced, .folio = f->folio);
			f->references = check_references(k, f->folio, (u32)t->ret);
			if (f->references == REFERENCES_ACTIVATE)
				goto activate_locked;
			if (f->references == REFERENCES_KEEP)
				goto keep_locked;
		}
		if (wants_slot(&k->folio[f->folio])) {
			if (k->folio[f->folio].flags & FOLIO_LARGE)
				CALL(GET_SLOTS, alloc_swap_large, .folio = f->folio, .folios = f->folios);
			else
				CALL(GET_SLOT, folio_alloc_swap, .folio = f->folio);
			if (t->ret)
				goto activate_locked;
			k->folio[f->folio].flags |= FOLIO_DIRTY;
		}
		if (folio_mapped(k, f->folio)) {
			CALL(UNMAP, try_to_unmap, .folio = f->folio);
			if (folio_mapped(k, f->folio))
				goto activate_locked;
		}
		if (k->folio[f->folio].flags & FOLIO_LAZYFREE) {
			if (!drop_lazyfree(k, f))
				goto keep_locked;
			goto drop;
		}
		if (k->folio[f->folio].flags & FOLIO_DIRTY) {
			CALL(PAGEOUT, pageout, .folio = f->folio, .folios = f->folios);
			if (t->ret == PAGE_KEEP)
				goto keep_locked;
			if (t->ret == PAGE_ACTIVATE)
				goto activate_locked;
			if (t->ret == PAGE_SUCCESS) {
				note_pageout(k, f);
				AT(RELOCK);
				if (!recheck(k, RECHECK_RECLAIM_RELOCK, is_written_out(k, f->folio)) ||
				    !bit_trylock(t, &k->folio_io[f->folio].lock))
					goto keep;
			}
		}
		note_unmapped(k, f);
		CALL(REMOVE, remove_mapping, .folio = f->folio);
		if (!t->ret)
			goto keep_locked;
	drop:
		k->folio_io[f->folio].lock = 0; /* nobody else knows it any more */
		f->reclaimed += folio_nr_pages(k, f->folio);
		folio_list_add(k, &f->free, f->folio);
		if (++f->to_free == k->release->lru_batch) {
			t->work_ns = flush_ns(k, t, f);
			AT(FREE_BATCH);
			free_batch(k, f);
		}
		continue;

	activate_locked:
		if (k->folio[f->folio].flags & FOLIO_SWAPCACHE && mem_cgroup_swap_full(k, f->folio))
			CALL(FREE_SWAP, folio_free_swap, .folio = f->folio);
		activate(k, f->folio);
	keep_locked:
		bit_unlock(UNLOCK, &k->folio_io[f->folio].lock);
	keep:
		folio_list_add(k, &f->kept, f->folio);
	}
	if (f->free.count) {
		t->work_ns = flush_ns(k, t, f);
		AT(FREE_REST);
		free_batch(k, f);
	}
	*folios = f->kept;
	RETURN(f->reclaimed);
	END;
}
