/*
 * MADV_PAGEOUT (mm/madvise.c: madvise_cold_or_pageout_pte_range(), mm/vmscan.c: reclaim_pages(); 6.17/6.18):
 * isolate the pages of one page table and reclaim them whatever their references. This reclaim is on nobody's
 * behalf: shadows are the root's, and what it isolates throttles nobody. Pages that another process has, too,
 * are left alone.
 */
#include "models/block/block.h"
#include "models/cpu.h"
#include "models/mm/folio.h"
#include "models/mm/lru.h"
#include "models/mm/split.h"
#include "models/paths.h"

static bool is_mapped(const struct kernel *k, u32 page)
{
	return (k->pte_flags[page] & (PTE_PRESENT | PTE_ZERO)) == PTE_PRESENT;
}

/* Whom the page is charged to, or would be. */
static u32 memcg_of_page(const struct kernel *k, u32 page)
{
	return is_mapped(k, page) ? k->folio[page_folio(k, k->pte[page])].memcg : mm_of(k, page)->memcg;
}

/* Pages of one page table from @page on that are mapped, here alone, and on an LRU list of @memcg, up to the
 * first that is another cgroup's. A large folio that is in the range in part is split; the kernel drops both
 * locks for that. */
static u32 isolate_range(struct kernel *k, u32 page, u32 end, u32 memcg, struct folio_list *to)
{
	u32 stop = (page | (k->config.pages_per_table - 1)) + 1, pages;

	for (stop = stop < end ? stop : end; page < stop; page += pages) {
		u32 folio = page_folio(k, k->pte[page]);
		struct folio *f = &k->folio[folio];

		pages = 1;
		if (!is_mapped(k, page))
			continue;
		if (f->flags & FOLIO_LARGE && !split_for_advice(k, page, stop, &pages))
			continue;
		folio = page_folio(k, k->pte[page]);
		f = &k->folio[folio];
		if (k->folio[k->pte[page]].mapcount > 1 || !(f->flags & FOLIO_LRU))
			continue;
		if (f->memcg != memcg)
			break;
		lruvec_del_folio(k, &k->lruvec[memcg], folio);
		if (f->flags & FOLIO_ACTIVE)
			f->flags |= FOLIO_WORKINGSET;
		f->flags &= ~(FOLIO_ACTIVE | FOLIO_REFERENCED);
		f->refs++;
		folio_list_add(k, to, folio);
	}
	return page;
}

PATH(madvise_pageout)
{
	STEPS(DRAIN, LOCK_PTL, LOCK_LRU, UNLOCK_LRU, UNLOCK_PTL, SHRINK, LOCK_BACK, UNLOCK_BACK, FLUSH);
	BEGIN;
	plug_start(k, t);
	CALL(DRAIN, lru_add_drain, .folio = 0);
	for (f->done = 0; f->done < f->count;) {
		f->memcg = memcg_of_page(k, f->page + f->done);
		spin_lock(LOCK_PTL, &page_table_of(k, f->page + f->done)->ptl);
		spin_lock_irq(LOCK_LRU, &k->lruvec[f->memcg].lru_lock);
		f->next = isolate_range(k, f->page + f->done, f->page + f->count, f->memcg, &f->folios);
		t->work_ns = folio_list_folios(k, &f->folios) * k->cpu_profile->isolate_ns;
		spin_unlock_irq(UNLOCK_LRU, &k->lruvec[f->memcg].lru_lock);
		spin_unlock(UNLOCK_PTL, &page_table_of(k, f->page + f->done)->ptl);
		f->done = f->next - f->page;
		t->flags |= PF_MEMALLOC;
		CALL(SHRINK, shrink_folio_list, .folios = machine_place(m, &f->folios),
		     .ignore_references = 1);
		f->reclaimed += t->ret;
		t->flags &= ~(u32)PF_MEMALLOC;
		spin_lock_irq(LOCK_BACK, &k->lruvec[f->memcg].lru_lock);
		t->work_ns = lru_putback_ns(k, &f->folios);
		lru_putback(k, f->memcg, &f->folios, &f->dead);
		spin_unlock_irq(UNLOCK_BACK, &k->lruvec[f->memcg].lru_lock);
		lru_free_dead(k, &f->dead);
	}
	plug_finish(k, t);
	if (t->work_ns)
		AT(FLUSH);
	RETURN(f->reclaimed);
	END;
}
