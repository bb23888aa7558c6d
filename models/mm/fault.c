/*
 * Page faults (mm/memory.c, 6.17/6.18): handle_mm_fault() and the handlers of missing and write-protected
 * pages. Swapped pages are in swapin.c, large folios in huge_memory.c.
 *
 * Left out: per-VMA locks, and mmap_lock where no process is forked (never contended there: nobody changes a
 * mapping), page table allocation (part of the process's overhead pages).
 */
#include "models/cpu.h"
#include "models/mm/displace.h"
#include "models/mm/exec.h"
#include "models/mm/filemap.h"
#include "models/mm/huge_memory.h"
#include "models/mm/lru.h"
#include "models/mm/memory.h"
#include "models/mm/mglru.h"
#include "models/mm/rmap.h"
#include "models/mm/shmem.h"
#include "models/mm/tlb.h"
#include "models/paths.h"
#include "models/recheck.h"

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
	STEPS(ENTRY, LOCK_MMAP, SWAP, SHARED_WRITE, FILE_COPY, FILE_READ, RELOCK_MMAP, WRITE, HUGE, MISSING,
	      UNLOCK_MMAP, EXIT);
	BEGIN;
	f->start = m->now;
	__builtin_prefetch(&k->pte[f->page]); /* of use where others have their turn meanwhile */
	__builtin_prefetch(&k->page_version[f->page]);
	t->work_ns += tlb_interrupts_ns(k, t);
	AT(ENTRY);
	if (lru_gen_enabled(k)) {
		t->flags |= PF_LRU_FAULT;
		displace_was_in_user_mode(k, t);
	}
	count_memcg(k, mm_of(k, f->page)->memcg, PGFAULT, 1);
	if (k->families)
		down_read(LOCK_MMAP, &member_of(k, f->page)->mmap_lock);
	while (k->pte_flags[f->page] & PTE_SWAP || is_file_hole(k, f->page)) {
		if (k->pte_flags[f->page] & PTE_SWAP)
			CALL(SWAP, do_swap_page, .page = f->page, .write = f->write, .tried = f->tried);
		else if (f->write && is_shmem(k, f->page))
			CALL(SHARED_WRITE, do_shared_fault, .page = f->page);
		else if (f->write)
			CALL(FILE_COPY, do_cow_fault, .page = f->page, .tried = f->tried);
		else
			CALL(FILE_READ, do_read_fault, .page = f->page, .tried = f->tried);
		f->major |= t->ret & FAULT_MAJOR;
		if (!(t->ret & FAULT_RETRY))
			goto done;
		f->tried = f->major || f->retried;
		f->retried = 1;
		if (k->families)
			down_read(RELOCK_MMAP, &member_of(k, f->page)->mmap_lock);
	}
	if (k->pte_flags[f->page] & PTE_PRESENT) {
		if (f->write && !(k->pte_flags[f->page] & PTE_WRITE))
			CALL(WRITE, do_wp_page, .page = f->page);
	} else {
		if (f->write && may_map_huge(k, f->page)) {
			CALL(HUGE, do_huge_pmd_anonymous_page, .page = f->page);
			if (t->ret)
				goto done;
		}
		CALL(MISSING, do_anonymous_page, .page = f->page, .write = f->write);
	}
done:
	if (k->families)
		up_read(UNLOCK_MMAP, &member_of(k, f->page)->mmap_lock);
	AT(EXIT);
	t->flags &= ~(u32)PF_LRU_FAULT;
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
	k->folio[folio].flags |= FOLIO_UPTODATE | FOLIO_EXCLUSIVE;
	mm_of(k, page)->anon_pages++;
}

/* All that the folio is for, or the page if there is none. */
static bool is_still_missing(const struct kernel *k, u32 page, u32 folio)
{
	return folio ? is_range_none(k, k->folio[folio].page, folio_nr_pages(k, folio)) : !k->pte_flags[page];
}

PATH(do_anonymous_page)
{
	STEPS(LARGE, ALLOC, CLEAR, LOCK_PTL, LRU_ADD, UNLOCK_PTL, LOST);
	struct page_table *const table = page_table_of(k, f->page);

	BEGIN;
	if (f->write) {
		if (has_large_folios(k)) {
			CALL(LARGE, alloc_anon_folio, .page = f->page);
			f->folio = t->ret;
		}
		if (!f->folio) {
			CALL(ALLOC, alloc_charged_folio, .page = f->page, .memcg = mm_of(k, f->page)->memcg);
			f->folio = t->ret;
		}
		if (!f->folio)
			RETURN(0);
		t->work_ns = clear_more_ns(k, f->folio);
		AT(CLEAR);
	}
	spin_lock(LOCK_PTL, &table->ptl);
	if (recheck(k, RECHECK_ANON_PTE, is_still_missing(k, f->page, f->folio)) &&
	    recheck(k, RECHECK_ANON_STABLE, is_stable(k, f->page))) {
		table->has_ptes = has_large_folios(k);
		if (!f->write) {
			k->pte_flags[f->page] = PTE_PRESENT | PTE_ACCESSED | PTE_ZERO;
		} else {
			if (k->folio[f->folio].flags & FOLIO_LARGE)
				map_new_large_folio(k, f->page, f->folio);
			else
				map_new_page(k, f->page, f->folio);
			if (folio_add_lru(k, t, f->folio))
				CALL(LRU_ADD, lru_add_drain, .folio = f->folio);
			if (is_argument_page(k, f->page))
				exec_touch_arguments(k, t, f->folio);
			f->folio = 0;
		}
	}
	spin_unlock(UNLOCK_PTL, &table->ptl);
	if (f->folio)
		CALL(LOST, folio_put, .folio = f->folio);
	RETURN(0);
	END;
}

/* What is mapped without being writable is the zero page, a page of a file, or one that a forked process has
 * too; a write gets a page of its own. */
static bool is_write_protected(const struct kernel *k, u32 page)
{
	return (k->pte_flags[page] & (PTE_PRESENT | PTE_WRITE)) == PTE_PRESENT;
}

static bool is_shared_anon(const struct kernel *k, u32 page)
{
	return is_write_protected(k, page) && !(k->pte_flags[page] & PTE_ZERO) &&
	       !(k->folio[page_folio(k, k->pte[page])].flags & FOLIO_FILE);
}

/* Whether folio @old, if any, or what is not anonymous is still what a write has to replace. */
static bool is_to_be_copied(const struct kernel *k, const struct do_wp_page *f)
{
	return is_write_protected(k, f->page) && (!f->old || pte_maps(k, f->page, f->old));
}

static void unmap_original(struct kernel *k, u32 page)
{
	u32 frame = k->pte[page];

	if (k->pte_flags[page] & PTE_ZERO)
		return;
	if (k->folio[page_folio(k, frame)].flags & FOLIO_FILE) {
		unmap_file_folio(k, page);
	} else {
		frame_remove_rmap(k, frame);
		mm_of(k, page)->anon_pages--;
		deferred_split_folio(k, page_folio(k, frame));
	}
	k->folio[page_folio(k, frame)].refs--; /* the page cache has another, or the fault */
}

/* wp_page_reuse(): from now on the page is this process's own, if it was not before. */
static void reuse_page(struct kernel *k, u32 page)
{
	struct folio *frame = &k->folio[k->pte[page]];
	u32 folio = page_folio(k, k->pte[page]);

	if (!(frame->flags & FOLIO_EXCLUSIVE))
		k->folio[folio].page = page - (k->pte[page] - folio);
	frame->flags |= FOLIO_EXCLUSIVE;
	k->pte_flags[page] |= PTE_WRITE | PTE_ACCESSED | PTE_DIRTY;
}

/* The lock of the page table is held. References in batches of other CPUs count as other users. Left out:
 * large folios that only this process has left (they are copied, as up to 6.14). */
PATH(wp_can_reuse_anon_folio)
{
	STEPS(DRAIN, FREE_SWAP, UNLOCK_FOLIO);
	struct folio *const folio = &k->folio[f->folio];

	BEGIN;
	if (folio->refs > 3)
		RETURN(false);
	if (!(folio->flags & FOLIO_LRU))
		CALL(DRAIN, lru_add_drain, .folio = 0);
	if (folio->refs > 1 + !!(folio->flags & FOLIO_SWAPCACHE) ||
	    !bit_trylock(t, &k->folio_io[f->folio].lock))
		RETURN(false);
	if (folio->flags & FOLIO_SWAPCACHE)
		CALL(FREE_SWAP, folio_free_swap, .folio = f->folio);
	f->reuse = recheck(k, RECHECK_WP_REFS, folio->refs == 1);
	bit_unlock(UNLOCK_FOLIO, &k->folio_io[f->folio].lock);
	RETURN(f->reuse);
	END;
}

/* free_swap_cache(), for the folio that was copied; whether its lock was free. */
static bool leaves_slot(struct kernel *k, struct task *t, u32 folio)
{
	return k->folio[folio].flags & FOLIO_SWAPCACHE && !folio_mapped(k, folio) &&
	       bit_trylock(t, &k->folio_io[folio].lock);
}

PATH(do_wp_page)
{
	STEPS(LOCK_SHARED, REUSE, UNLOCK_REUSED, UNLOCK_GONE, UNLOCK_SHARED, ALLOC, NO_MEMORY, COPY, LOCK_PTL,
	      LRU_ADD, UNLOCK_PTL, FREE_SWAP, UNLOCK_OLD, PUT_OLD, LOST);
	struct page_table *const table = page_table_of(k, f->page);

	BEGIN;
	if (f->locked || is_shared_anon(k, f->page)) {
		if (!f->locked)
			spin_lock(LOCK_SHARED, &table->ptl);
		if (!recheck(k, RECHECK_WP_SHARED, is_shared_anon(k, f->page))) {
			spin_unlock(UNLOCK_GONE, &table->ptl);
			RETURN(0);
		}
		f->old = k->pte[f->page];
		t->ret = k->folio[f->old].flags & FOLIO_EXCLUSIVE;
		if (!t->ret)
			CALL(REUSE, wp_can_reuse_anon_folio, .folio = page_folio(k, f->old));
		if (t->ret) {
			reuse_page(k, f->page);
			spin_unlock(UNLOCK_REUSED, &table->ptl);
			RETURN(0);
		}
		k->folio[page_folio(k, f->old)].refs++;
		spin_unlock(UNLOCK_SHARED, &table->ptl);
	}
	CALL(ALLOC, alloc_charged_folio, .page = f->page, .memcg = mm_of(k, f->page)->memcg);
	f->folio = t->ret;
	if (!f->folio) {
		if (f->old)
			CALL(NO_MEMORY, folio_put, .folio = page_folio(k, f->old));
		RETURN(0);
	}
	t->work_ns = f->old ? k->cpu_profile->copy_page_ns : 0;
	AT(COPY);
	spin_lock(LOCK_PTL, &table->ptl);
	if (recheck(k, RECHECK_WP_PTE, is_to_be_copied(k, f))) {
		split_huge_pmd(k, f->page);
		unmap_original(k, f->page);
		map_new_page(k, f->page, f->folio);
		if (folio_add_lru(k, t, f->folio))
			CALL(LRU_ADD, lru_add_drain, .folio = f->folio);
		f->folio = 0;
		t->work_ns = f->old ? tlb_flush_ns(k, t, f->page) : 0;
	}
	spin_unlock(UNLOCK_PTL, &table->ptl);
	if (f->old) {
		if (!f->folio && leaves_slot(k, t, page_folio(k, f->old))) {
			CALL(FREE_SWAP, folio_free_swap, .folio = page_folio(k, f->old));
			bit_unlock(UNLOCK_OLD, &k->folio_io[page_folio(k, f->old)].lock);
		}
		CALL(PUT_OLD, folio_put, .folio = page_folio(k, f->old));
		f->old = 0;
	}
	if (f->folio)
		CALL(LOST, folio_put, .folio = f->folio);
	RETURN(0);
	END;
}

static u32 map_pages_around(struct kernel *k, u32 page)
{
	return is_shmem(k, page) ? shmem_map_pages(k, page) : filemap_map_pages(k, page);
}

/* finish_fault(): map what the fault brought, which takes its reference, and of a large folio of shared
 * memory all that the mapping and the page table have room for if nothing is mapped there. False: there is
 * something by now. */
static bool finish_fault(struct kernel *k, u32 page, u32 folio, bool write)
{
	if (!recheck(k, RECHECK_FILE_PTE, is_file_hole(k, page)) || !is_stable(k, page))
		return false;
	if (is_shmem(k, page))
		map_shmem_folio(k, page, folio, write);
	else
		map_file_folio(k, page, folio);
	return true;
}

/* A read of a page of a file: it and its neighbours are mapped if they are in the page cache. */
PATH(do_read_fault)
{
	STEPS(LOCK_AROUND, UNLOCK_AROUND, SHMEM, FAULT, LOCK_PTL, UNLOCK_PTL, UNLOCK_FOLIO, LOST);
	struct page_table *const table = page_table_of(k, f->page);

	BEGIN;
	spin_lock(LOCK_AROUND, &table->ptl);
	if (is_stable(k, f->page))
		t->work_ns = map_pages_around(k, f->page) * k->cpu_profile->map_page_ns;
	spin_unlock(UNLOCK_AROUND, &table->ptl);
	if (k->pte_flags[f->page] & PTE_PRESENT)
		RETURN(0);
	if (is_shmem(k, f->page))
		CALL(SHMEM, shmem_get_folio, .page = segment_page(k, f->page), .fault = f->page);
	else
		CALL(FAULT, filemap_fault, .page = f->page, .tried = f->tried);
	f->folio = (u32)t->ret;
	f->result = t->ret >> 32;
	if (!f->folio)
		RETURN(f->result);
	spin_lock(LOCK_PTL, &table->ptl);
	f->mapped = finish_fault(k, f->page, f->folio, false);
	spin_unlock(UNLOCK_PTL, &table->ptl);
	bit_unlock(UNLOCK_FOLIO, &k->folio_io[f->folio].lock);
	if (!f->mapped)
		CALL(LOST, folio_put, .folio = f->folio);
	RETURN(f->result);
	END;
}

/* A write to a page of shared memory that is not mapped. */
PATH(do_shared_fault)
{
	STEPS(FAULT, LOCK_PTL, UNLOCK_PTL, DIRTY, UNLOCK_FOLIO, LOST);
	struct page_table *const table = page_table_of(k, f->page);

	BEGIN;
	CALL(FAULT, shmem_get_folio, .page = segment_page(k, f->page), .fault = f->page);
	f->folio = (u32)t->ret;
	f->result = t->ret >> 32;
	if (!f->folio)
		RETURN(f->result);
	spin_lock(LOCK_PTL, &table->ptl);
	f->mapped = finish_fault(k, f->page, f->folio, true);
	spin_unlock(UNLOCK_PTL, &table->ptl);
	if (f->mapped) {
		AT(DIRTY); /* fault_dirty_shared_page() */
		k->folio[f->folio].flags |= FOLIO_DIRTY;
	}
	bit_unlock(UNLOCK_FOLIO, &k->folio_io[f->folio].lock);
	if (!f->mapped)
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
	if (recheck(k, RECHECK_COW_PTE, is_file_hole(k, f->page)) && is_stable(k, f->page)) {
		map_new_page(k, f->page, f->copy);
		if (folio_add_lru(k, t, f->copy))
			CALL(LRU_ADD, lru_add_drain, .folio = f->copy);
		f->copy = 0;
	}
	spin_unlock(UNLOCK_PTL, &table->ptl);
	bit_unlock(UNLOCK_FOLIO, &k->folio_io[f->folio].lock);
	CALL(PUT, folio_put, .folio = f->folio);
	f->folio = 0;
	if (f->copy)
		CALL(LOST, folio_put, .folio = f->copy);
	RETURN(f->result);
	END;
}
