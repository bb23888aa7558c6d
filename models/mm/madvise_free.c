/*
 * MADV_FREE (mm/madvise.c: madvise_free_pte_range(); mm/swap.c: folio_mark_lazyfree(),
 * lru_lazyfree(); 6.12-6.18): what is in the pages is no longer wanted, but they stay until memory is short.
 *
 * Slots are freed at once. A mapped page loses its slot, too, is made clean and waits in a batch of its CPU
 * to go to the inactive file list, from which reclaim drops it without swap (shrink_folio_list.c) unless it
 * was written again; then it is an ordinary page again. Left out: in the batch a page is off
 * limits to others, as it was up to 6.16 (from 6.17 on, and in 6.12 stable, only once the batch is moved);
 * file pages.
 */
#include "models/cpu.h"
#include "models/mm/folio.h"
#include "models/mm/lru.h"
#include "models/mm/split.h"
#include "models/mm/zap.h"
#include "models/paths.h"

/* The next page up to the end of the table that has something in it; clean lazyfree pages count. */
static u32 next_in_use(const struct kernel *k, u32 page, u32 stop)
{
	for (; page < stop; page++) {
		u8 flags = k->pte_flags[page];

		if (flags & PTE_SWAP || (flags & (PTE_PRESENT | PTE_ZERO | PTE_FILE)) == PTE_PRESENT)
			break;
	}
	return page;
}

/* What was written is another content, though nobody will see it. Returns whether the entry was changed. */
static bool make_page_clean(struct kernel *k, u32 page)
{
	u8 flags = k->pte_flags[page];

	if (flags & PTE_DIRTY)
		note_written(k, page, k->pte[page]);
	k->pte_flags[page] = flags & ~(PTE_ACCESSED | PTE_DIRTY);
	return flags & (PTE_ACCESSED | PTE_DIRTY);
}

/* Written by one process and still wanted by another. */
static bool is_shared(const struct kernel *k, u32 folio)
{
	return folio_mapcount(k, folio) != folio_nr_pages(k, folio);
}

static bool make_clean(struct kernel *k, u32 page, u32 n)
{
	bool changed = false;

	for (u32 i = 0; i < n; i++)
		changed |= make_page_clean(k, page + i);
	return changed;
}

/* folio_mark_lazyfree() and its batch: a page that is isolated or has a slot is left alone. */
static bool can_be_lazyfree(const struct folio *folio)
{
	return folio->flags & FOLIO_LRU && !(folio->flags & (FOLIO_SWAPCACHE | FOLIO_LAZYFREE));
}

static void batch_add(struct kernel *k, struct percpu *cpu, u32 folio)
{
	if (!can_be_lazyfree(&k->folio[folio]))
		return;
	k->folio[folio].refs++;
	lru_batch_isolate(k, folio);
	cpu->lazyfree[cpu->lazyfree_count++] = folio;
}

/* True: it would fill the batch, and lru_lazyfree is to be called with it. */
static bool mark_lazyfree(struct kernel *k, struct task *t, u32 folio)
{
	struct percpu *cpu = this_cpu(&k->machine, t);

	if (can_be_lazyfree(&k->folio[folio]) &&
	    (cpu->lazyfree_count + 1 == k->release->lru_batch || k->folio[folio].flags & FOLIO_LARGE))
		return true;
	batch_add(k, cpu, folio);
	return false;
}

/* lru_lazyfree_fn() of one page on its list. */
static void move_to_file_list(struct kernel *k, struct lruvec *v, u32 folio)
{
	lruvec_del_folio(k, v, folio);
	k->folio[folio].flags &= ~(FOLIO_ACTIVE | FOLIO_REFERENCED);
	k->folio[folio].flags |= FOLIO_LAZYFREE;
	lruvec_add_folio(k, v, folio);
	count_memcg(k, k->folio[folio].memcg, PGLAZYFREE, folio_nr_pages(k, folio));
}

/* Those of one lruvec, whose lock is held. Who isolated one meanwhile keeps it; whom nobody else wants any
 * more dies here. */
static u32 batch_move(struct kernel *k, struct percpu *cpu, u32 from, struct folio_list *dead)
{
	u32 memcg = k->folio[cpu->lazyfree[from]].memcg, i = from;
	struct lruvec *v = &k->lruvec[memcg];

	for (; i < cpu->lazyfree_count && k->folio[cpu->lazyfree[i]].memcg == memcg; i++) {
		u32 folio = cpu->lazyfree[i];

		k->folio[folio].refs--;
		lru_batch_put_back(k, v, folio);
		if (!k->folio[folio].refs) {
			lruvec_del_folio(k, v, folio);
			folio_list_add(k, dead, folio);
		} else if (can_be_lazyfree(&k->folio[folio])) {
			move_to_file_list(k, v, folio);
		}
	}
	return i;
}

PATH(lru_lazyfree)
{
	STEPS(LOCK_BATCH, LOCK_LRU, UNLOCK_LRU, UNLOCK_BATCH, FREE);
	BEGIN;
	local_lock(LOCK_BATCH, lru_lock);
	if (f->folio)
		batch_add(k, this_cpu(m, t), f->folio);
	for (f->next = 0; f->next < this_cpu(m, t)->lazyfree_count;) {
		f->lruvec = k->folio[this_cpu(m, t)->lazyfree[f->next]].memcg;
		spin_lock_irq(LOCK_LRU, &k->lruvec[f->lruvec].lru_lock);
		f->next = batch_move(k, this_cpu(m, t), f->next, &f->dead);
		spin_unlock_irq(UNLOCK_LRU, &k->lruvec[f->lruvec].lru_lock);
	}
	lru_batch_empty(this_cpu(m, t)->lazyfree, &this_cpu(m, t)->lazyfree_count);
	local_unlock(UNLOCK_BATCH, lru_lock);
	if (f->dead.count)
		AT(FREE);
	lru_free_dead(k, &f->dead);
	RETURN(0);
	END;
}

PATH(madvise_free)
{
	STEPS(DRAIN, LOCK_PTL, FREE_SWAP, GIVE_SLOT, UNLOCK_FOLIO, LAZYFREE, UNLOCK_PTL, RESCHED, FLUSH_TLB);
	BEGIN;
	f->first = f->page;
	CALL(DRAIN, lru_add_drain, .folio = 0);
	while (f->page < f->end) {
		f->stop = MIN((f->page | (k->config.pages_per_table - 1)) + 1, f->end);
		spin_lock(LOCK_PTL, &page_table_of(k, f->page)->ptl);
		while ((f->page = next_in_use(k, f->page, f->stop)) < f->stop) {
			if (k->pte_flags[f->page] & PTE_SWAP) {
				f->slots = swap_pte_batch(k, f->page, f->stop);
				CALL(FREE_SWAP, free_swap_and_cache, .entry = k->pte[f->page],
				     .nr = f->slots);
				forget_swapped(k, f->page, f->slots);
				f->page += f->slots;
				continue;
			}
			f->pages = 1;
			if (k->folio[page_folio(k, k->pte[f->page])].flags & FOLIO_LARGE &&
			    !split_for_advice(k, f->page, f->stop, &f->pages))
				goto next;
			f->folio = page_folio(k, k->pte[f->page]);
			if (k->folio[f->folio].flags & (FOLIO_SWAPCACHE | FOLIO_DIRTY)) {
				if (!bit_trylock(t, &k->folio_io[f->folio].lock))
					goto next;
				f->kept = is_shared(k, f->folio);
				if (!f->kept) {
					CALL(GIVE_SLOT, folio_free_swap, .folio = f->folio);
					f->kept = k->folio[f->folio].flags & FOLIO_SWAPCACHE;
				}
				if (!f->kept)
					k->folio[f->folio].flags &= ~FOLIO_DIRTY;
				bit_unlock(UNLOCK_FOLIO, &k->folio_io[f->folio].lock);
				if (f->kept)
					goto next;
			}
			f->flush |= make_clean(k, f->page, f->pages);
			if (mark_lazyfree(k, t, f->folio))
				CALL(LAZYFREE, lru_lazyfree, .folio = f->folio);
		next:
			f->folio = 0;
			f->page += f->pages;
		}
		spin_unlock(UNLOCK_PTL, &page_table_of(k, f->stop - 1)->ptl);
		cond_resched(RESCHED);
	}
	if (f->flush) {
		t->work_ns = tlb_flush_ns(k, t, f->first);
		AT(FLUSH_TLB);
	}
	RETURN(0);
	END;
}
