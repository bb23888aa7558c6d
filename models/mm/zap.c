/*
 * Unmapping a range (mm/memory.c: zap_pte_range(); mm/swap_state.c: free_pages_and_swap_cache(); mm/swap.c:
 * folios_put(); 6.12-6.18), for the end of a process, munmap() and MADV_DONTNEED.
 *
 * Page table by page table, under its lock: mapped pages are unmapped and gathered, slots are freed at once,
 * those in a row together. Then, without the lock, the pages that were gathered give up their slots, leave
 * their lists and are uncharged together; pages of files stay in the page cache. Left out: the kernel gathers
 * up to 10 000 pages before it frees any, which is as many as a batch here; the batch in which a page waits
 * to be activated; that from 6.14 on the CPU's batch is not drained before they are freed; mmap_lock.
 */
#include "models/mm/zap.h"

#include <string.h>

#include "models/cpu.h"
#include "models/mm/filemap.h"
#include "models/mm/folio.h"
#include "models/mm/huge_memory.h"
#include "models/mm/lru.h"
#include "models/mm/shmem.h"
#include "models/paths.h"

/* A mapped page, and those after it that are mapped to what follows in its folio: folio_pte_batch(). */
static u32 mapped_batch(const struct kernel *k, u32 page, u32 end)
{
	u32 frame = k->pte[page], folio = page_folio(k, frame), n = 1;
	u32 most = MIN(end - page, folio + folio_nr_pages(k, folio) - frame);

	while (n < most && (k->pte_flags[page + n] & (PTE_PRESENT | PTE_ZERO)) == PTE_PRESENT &&
	       k->pte[page + n] == frame + n)
		n++;
	return n;
}

static void unmap_shmem_pages(struct kernel *k, const struct task *t, u32 page, u32 n)
{
	u32 folio = page_folio(k, k->pte[page]), flags = 0;

	for (u32 i = 0; i < n; i++) {
		flags |= k->pte_flags[page + i];
		unmap_shmem_page(k, page + i);
	}
	if (flags & PTE_ACCESSED)
		folio_mark_accessed(k, t, folio);
}

/* Such pages; the references to their folio are the caller's from now on. */
static void unmap_pages(struct kernel *k, const struct task *t, u32 page, u32 n)
{
	u32 folio = page_folio(k, k->pte[page]), flags = k->pte_flags[page];

	if (k->folio[folio].flags & FOLIO_FILE) {
		if (flags & PTE_ACCESSED)
			folio_mark_accessed(k, t, folio);
		unmap_file_folio(k, page);
		return;
	}
	if (k->folio[folio].flags & FOLIO_SHMEM) {
		unmap_shmem_pages(k, t, page, n);
		return;
	}
	for (u32 i = 0; i < n; i++)
		frame_remove_rmap(k, k->pte[page + i]);
	mm_of(k, page)->anon_pages -= n;
	deferred_split_folio(k, folio);
}

static void forget_mapped(struct kernel *k, u32 page, u32 n)
{
	memset(&k->pte[page], 0, n * sizeof *k->pte);
	for (u32 i = 0; i < n; i++)
		k->pte_flags[page + i] &= PTE_FILE;
}

/* Up to a swapped page, the end of the table, or until the batch is full. */
static void zap_mapped(struct kernel *k, const struct task *t, struct zap_pages *f)
{
	while (f->page < f->stop && f->nr < k->release->lru_batch) {
		u8 flags = k->pte_flags[f->page];
		u32 n = 1;

		if (flags & PTE_SWAP)
			return;
		if ((flags & (PTE_PRESENT | PTE_ZERO)) == PTE_PRESENT) {
			n = mapped_batch(k, f->page, f->stop);
			f->gathered[f->nr] = page_folio(k, k->pte[f->page]);
			f->refs[f->nr++] = (u16)n;
			unmap_pages(k, t, f->page, n);
		}
		if (flags & PTE_PRESENT)
			forget_mapped(k, f->page, n);
		f->page += n;
	}
}

/* The kernel's goes on beyond the cluster, and who frees the slots goes cluster by cluster. */
static bool is_alike(const struct kernel *k, u32 page, u32 i)
{
	u32 entry = k->pte[page];

	return k->pte_flags[page + i] == k->pte_flags[page] && k->pte[page + i] == entry + i &&
	       cluster_of(k, entry + i) == cluster_of(k, entry) &&
	       (k->release->cgroup_in_cluster || k->slot[entry + i].memcg == k->slot[entry].memcg);
}

u32 swap_pte_batch(const struct kernel *k, u32 page, u32 end)
{
	u32 n = 1;

	while (!k->release->frees_singly && page + n < end && is_alike(k, page, n))
		n++;
	return n;
}

void forget_swapped(struct kernel *k, u32 page, u32 n)
{
	mm_of(k, page)->swap_ents -= n;
	memset(&k->pte[page], 0, n * sizeof *k->pte);
	for (u32 i = 0; i < n; i++)
		k->pte_flags[page + i] &= PTE_FILE;
}

PATH(zap_pages)
{
	STEPS(LOCK_PTL, FREE_SWAP, UNLOCK_PTL, FREE, RESCHED);
	BEGIN;
	while (f->page < f->end) {
		f->stop = MIN((f->page | (k->config.pages_per_table - 1)) + 1, f->end);
		spin_lock(LOCK_PTL, &page_table_of(k, f->page)->ptl);
		if (f->stop - f->page < k->config.pages_per_table)
			split_huge_pmd(k, f->page);
		for (;;) {
			zap_mapped(k, t, f);
			if (f->page == f->stop || f->nr == k->release->lru_batch)
				break;
			f->slots = swap_pte_batch(k, f->page, f->stop);
			CALL(FREE_SWAP, free_swap_and_cache, .entry = k->pte[f->page], .nr = f->slots);
			forget_swapped(k, f->page, f->slots);
			f->page += f->slots;
		}
		spin_unlock(UNLOCK_PTL, &page_table_of(k, f->stop - 1)->ptl);
		if (f->nr)
			CALL(FREE, free_pages_and_swap_cache, .folios = machine_place(m, f->gathered),
			     .refs = machine_place(m, f->refs), .nr = f->nr);
		f->nr = 0;
		cond_resched(RESCHED);
	}
	RETURN(0);
	END;
}

/* free_swap_cache(): a lock that is held, or a write in flight, leaves the slot to reclaim. */
static bool only_cached(const struct kernel *k, u32 folio)
{
	return k->folio[folio].flags & FOLIO_SWAPCACHE && !folio_mapped(k, folio);
}

/* Those of one list, off it; who holds another reference frees it. */
static u32 release_of_lruvec(struct kernel *k, struct task *t, struct free_pages_and_swap_cache *f,
			     const u32 *folio, const u16 *refs)
{
	u32 i = f->i;

	for (; i < f->nr && k->folio[folio[i]].memcg == f->lruvec; i++) {
		struct folio *one = &k->folio[folio[i]];

		one->refs -= refs[i];
		if (one->refs)
			continue;
		if (one->flags & FOLIO_LRU)
			lruvec_del_folio(k, &k->lruvec[f->lruvec], folio[i]);
		t->work_ns += k->cpu_profile->isolate_ns;
		folio_list_add(k, &f->dead, folio[i]);
	}
	return i;
}

PATH(free_pages_and_swap_cache)
{
	STEPS(DRAIN, FREE_SWAP, UNLOCK, LOCK_LRU, UNLOCK_LRU, FREE);
	const u32 *const folio = arena_at(&m->arena, f->folios);
	const u16 *const refs = arena_at(&m->arena, f->refs);

	BEGIN;
	CALL(DRAIN, lru_add_drain, .folio = 0);
	for (f->i = 0; f->i < f->nr; f->i++) {
		if (!only_cached(k, folio[f->i]) || !bit_trylock(t, &k->folio_io[folio[f->i]].lock))
			continue;
		CALL(FREE_SWAP, folio_free_swap, .folio = folio[f->i]);
		bit_unlock(UNLOCK, &k->folio_io[folio[f->i]].lock);
	}
	for (f->i = 0; f->i < f->nr;) {
		f->lruvec = k->folio[folio[f->i]].memcg;
		spin_lock_irq(LOCK_LRU, &k->lruvec[f->lruvec].lru_lock);
		f->i = release_of_lruvec(k, t, f, folio, refs);
		spin_unlock_irq(UNLOCK_LRU, &k->lruvec[f->lruvec].lru_lock);
	}
	if (f->dead.count) {
		t->work_ns = f->dead.count * k->cpu_profile->free_folio_ns;
		AT(FREE);
		lru_free_dead(k, &f->dead);
	}
	RETURN(0);
	END;
}
