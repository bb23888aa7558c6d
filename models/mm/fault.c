/*
 * Page faults (mm/memory.c, 6.17/6.18): handle_mm_fault() and the handlers of missing and write-protected
 * pages. Swapped pages are in swapin.c.
 *
 * Left out: mmap_lock and per-VMA locks (never contended here: nobody changes a mapping), page table
 * allocation (part of the process's overhead pages), large folios, COW of pages shared with another process.
 */
#include "models/cpu.h"
#include "models/mm/filemap.h"
#include "models/mm/folio.h"
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

/* Of a file, and neither it nor a copy of it is mapped or swapped. */
static bool is_file_hole(const struct kernel *k, u32 page)
{
	return k->pte_flags[page] == PTE_FILE;
}

/* Nobody but this task looks at the page while it faults, or what it sees here is checked again under the
 * page table lock. The task then repeats the access; if the page went away meanwhile, it faults again. A
 * fault under the lock of its mapping that found the folio busy is tried again under mmap_lock, and may wait
 * without locking the folio there, too, unless it has read. */
PATH(handle_mm_fault)
{
	STEPS(ENTRY, SWAP, MISSING, FILE_READ, FILE_COPY, WRITE, EXIT);
	BEGIN;
	f->start = m->now;
	AT(ENTRY);
	count_memcg(k, mm_of(k, f->page)->memcg, PGFAULT, 1);
	while (k->pte_flags[f->page] & PTE_SWAP || is_file_hole(k, f->page)) {
		if (k->pte_flags[f->page] & PTE_SWAP)
			CALL(SWAP, do_swap_page, .page = f->page, .write = f->write, .tried = f->tried);
		else if (f->write)
			CALL(FILE_COPY, do_cow_fault, .page = f->page, .tried = f->tried);
		else
			CALL(FILE_READ, do_read_fault, .page = f->page, .tried = f->tried);
		f->major |= t->ret & FAULT_MAJOR;
		if (!(t->ret & FAULT_RETRY))
			goto done;
		f->tried = f->major || f->retried;
		f->retried = 1;
	}
	if (k->pte_flags[f->page] & PTE_PRESENT) {
		if (f->write && !(k->pte_flags[f->page] & PTE_WRITE))
			CALL(WRITE, do_wp_page, .page = f->page);
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
	k->pte_flags[page] =
	    (k->pte_flags[page] & PTE_FILE) | PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY | PTE_WRITE;
	frame_add_rmap(k, folio);
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

/* What is mapped without being writable is the zero page or a page of a file; a write gets a page of its own.
 */
static bool is_write_protected(const struct kernel *k, u32 page)
{
	return (k->pte_flags[page] & (PTE_PRESENT | PTE_WRITE)) == PTE_PRESENT;
}

static void unmap_original(struct kernel *k, u32 page)
{
	u32 folio = k->pte[page];

	if (k->pte_flags[page] & PTE_ZERO)
		return;
	unmap_file_folio(k, page);
	k->folio[page_folio(k, folio)].refs--; /* the page cache has another */
}

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
	if (is_write_protected(k, f->page)) {
		unmap_original(k, f->page);
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

/* A read of a page of a file: it and its neighbours are mapped if they are in the page cache. */
PATH(do_read_fault)
{
	STEPS(LOCK_AROUND, UNLOCK_AROUND, FAULT, LOCK_PTL, UNLOCK_PTL, UNLOCK_FOLIO, LOST);
	struct page_table *const table = page_table_of(k, f->page);

	BEGIN;
	spin_lock(LOCK_AROUND, &table->ptl);
	if (is_stable(k, f->page))
		t->work_ns = filemap_map_pages(k, f->page) * k->cpu_profile->map_page_ns;
	spin_unlock(UNLOCK_AROUND, &table->ptl);
	if (k->pte_flags[f->page] & PTE_PRESENT)
		RETURN(0);
	CALL(FAULT, filemap_fault, .page = f->page, .tried = f->tried);
	f->folio = (u32)t->ret;
	f->result = t->ret >> 32;
	if (!f->folio)
		RETURN(f->result);
	spin_lock(LOCK_PTL, &table->ptl);
	if (is_file_hole(k, f->page) && is_stable(k, f->page)) {
		map_file_folio(k, f->page, f->folio);
		f->folio = 0;
	}
	spin_unlock(UNLOCK_PTL, &table->ptl);
	bit_unlock(UNLOCK_FOLIO, &k->folio[word_folio(k->page_cache[f->page])].lock);
	if (f->folio)
		CALL(LOST, folio_put, .folio = f->folio);
	RETURN(f->result);
	END;
}

/* A write to a page of a file that is not mapped: a private copy is. */
PATH(do_cow_fault)
{
	STEPS(ALLOC, FAULT, RETRY, COPY, LOCK_PTL, LRU_ADD, UNLOCK_PTL, UNLOCK_FOLIO, PUT, LOST);
	struct page_table *const table = page_table_of(k, f->page);

	BEGIN;
	CALL(ALLOC, alloc_charged_folio, .page = f->page, .memcg = mm_of(k, f->page)->memcg);
	f->copy = t->ret;
	if (!f->copy)
		RETURN(0);
	CALL(FAULT, filemap_fault, .page = f->page, .tried = f->tried);
	f->folio = (u32)t->ret;
	f->result = t->ret >> 32;
	if (!f->folio) {
		CALL(RETRY, folio_put, .folio = f->copy);
		RETURN(f->result);
	}
	AT(COPY);
	spin_lock(LOCK_PTL, &table->ptl);
	if (is_file_hole(k, f->page) && is_stable(k, f->page)) {
		map_new_page(k, f->page, f->copy);
		if (folio_add_lru(k, t, f->copy))
			CALL(LRU_ADD, lru_add_drain, .folio = f->copy);
		f->copy = 0;
	}
	spin_unlock(UNLOCK_PTL, &table->ptl);
	bit_unlock(UNLOCK_FOLIO, &k->folio[f->folio].lock);
	CALL(PUT, folio_put, .folio = f->folio);
	if (f->copy)
		CALL(LOST, folio_put, .folio = f->copy);
	RETURN(f->result);
	END;
}
