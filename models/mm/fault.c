/*
 * Page faults (mm/memory.c, 6.17/6.18): handle_mm_fault() and the handlers of missing and write-protected
 * pages. Swapped pages are in swapin.c.
 *
 * Left out: mmap_lock and per-VMA locks (never contended here: nobody changes a mapping), page table
 * allocation (part of the process's overhead pages), large folios, COW of pages shared with another process.
 * A file page is resident and charged from its first touch on.
 */
#include "models/cpu.h"
#include "models/mm/lru.h"
#include "models/mm/memory.h"
#include "models/paths.h"

static void fault_done(struct kernel *k, const struct handle_mm_fault *f)
{
	u64 ns = k->machine.now - f->start;

	histogram_record(&k->latency[LATENCY_FAULT], ns);
	if (f->major)
		histogram_record(&k->latency[LATENCY_MAJOR_FAULT], ns);
}

/* Nobody but this task looks at the page while it faults, or what it sees here is checked again under the
 * page table lock. The task then repeats the access; if the page went away meanwhile, it faults again. A
 * fault under the lock of its mapping that found the folio busy is tried again under mmap_lock, and may wait
 * without locking the folio there, too, unless it has read. */
PATH(handle_mm_fault)
{
	STEPS(ENTRY, SWAP, MISSING, FILE_PAGE, WRITE, EXIT);
	BEGIN;
	f->start = m->now;
	AT(ENTRY);
	count_memcg(k, mm_of(k, f->page)->memcg, PGFAULT, 1);
	while (k->pte_flags[f->page] & PTE_SWAP) {
		CALL(SWAP, do_swap_page, .page = f->page, .write = f->write, .tried = f->tried);
		f->major |= t->ret & FAULT_MAJOR;
		if (!(t->ret & FAULT_RETRY))
			goto done;
		f->tried = f->major || f->retried;
		f->retried = 1;
	}
	if (k->pte_flags[f->page] & PTE_PRESENT) {
		if (f->write && !(k->pte_flags[f->page] & PTE_WRITE))
			CALL(WRITE, do_wp_page, .page = f->page);
	} else if (k->pte_flags[f->page] & PTE_FILE) {
		CALL(FILE_PAGE, do_file_page, .page = f->page);
	} else {
		CALL(MISSING, do_anonymous_page, .page = f->page, .write = f->write);
	}
done:
	AT(EXIT);
	fault_done(k, f);
	RETURN(0);
	END;
}

/* check_stable_address_space(): nothing new where the OOM reaper goes about. */
static bool is_stable(const struct kernel *k, u32 page)
{
	return !(mm_of(k, page)->oom & MM_UNSTABLE);
}

static void map_new_page(struct kernel *k, u32 page, u32 folio)
{
	k->pte[page] = folio;
	k->pte_flags[page] = PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY | PTE_WRITE;
	k->folio[folio].mapped = 1;
	k->folio[folio].flags |= FOLIO_UPTODATE;
	mm_of(k, page)->anon_pages++;
}

PATH(do_anonymous_page)
{
	STEPS(ALLOC, CLEAR, LOCK_PTL, LRU_ADD, UNLOCK_PTL, LOST);
	struct page_table *const table = page_table_of(k, f->page);

	BEGIN;
	if (f->write) {
		CALL(ALLOC, alloc_charged_folio, .page = f->page, .memcg = mm_of(k, f->page)->memcg);
		f->folio = t->ret;
		if (!f->folio)
			RETURN(0);
		AT(CLEAR);
	}
	spin_lock(LOCK_PTL, &table->ptl);
	if (!k->pte_flags[f->page] && is_stable(k, f->page)) {
		if (!f->write) {
			k->pte_flags[f->page] = PTE_PRESENT | PTE_ACCESSED | PTE_ZERO;
		} else {
			map_new_page(k, f->page, f->folio);
			if (folio_add_lru(k, t, f->folio))
				CALL(LRU_ADD, lru_add_drain, .folio = f->folio);
			f->folio = 0;
		}
	}
	spin_unlock(UNLOCK_PTL, &table->ptl);
	if (f->folio)
		CALL(LOST, folio_put, .folio = f->folio);
	RETURN(0);
	END;
}

/* The only write-protected page of this model is the zero page. */
PATH(do_wp_page)
{
	STEPS(ALLOC, COPY, LOCK_PTL, LRU_ADD, UNLOCK_PTL, LOST);
	struct page_table *const table = page_table_of(k, f->page);

	BEGIN;
	CALL(ALLOC, alloc_charged_folio, .page = f->page, .memcg = mm_of(k, f->page)->memcg);
	f->folio = t->ret;
	if (!f->folio)
		RETURN(0);
	AT(COPY);
	spin_lock(LOCK_PTL, &table->ptl);
	if (k->pte_flags[f->page] & PTE_ZERO) {
		map_new_page(k, f->page, f->folio);
		if (folio_add_lru(k, t, f->folio))
			CALL(LRU_ADD, lru_add_drain, .folio = f->folio);
		f->folio = 0;
	}
	spin_unlock(UNLOCK_PTL, &table->ptl);
	if (f->folio)
		CALL(LOST, folio_put, .folio = f->folio);
	RETURN(0);
	END;
}

PATH(do_file_page)
{
	STEPS(ALLOC, LOCK_PTL, UNLOCK_PTL, LOST);
	struct page_table *const table = page_table_of(k, f->page);

	BEGIN;
	CALL(ALLOC, alloc_charged_folio, .page = f->page, .memcg = mm_of(k, f->page)->memcg);
	f->folio = t->ret;
	if (!f->folio)
		RETURN(0);
	spin_lock(LOCK_PTL, &table->ptl);
	if (!(k->pte_flags[f->page] & PTE_PRESENT) && is_stable(k, f->page)) {
		k->pte[f->page] = f->folio;
		k->pte_flags[f->page] |= PTE_PRESENT | PTE_ACCESSED | PTE_WRITE;
		k->folio[f->folio].mapped = 1;
		k->folio[f->folio].flags |= FOLIO_UPTODATE | FOLIO_FILE;
		mm_of(k, f->page)->file_pages++;
		f->folio = 0;
	}
	spin_unlock(UNLOCK_PTL, &table->ptl);
	if (f->folio)
		CALL(LOST, folio_put, .folio = f->folio);
	RETURN(0);
	END;
}
