#include "models/mm/shmem.h"

#include "models/cpu.h"
#include "models/mm/filemap.h"
#include "models/mm/huge_memory.h"
#include "models/mm/lru.h"
#include "models/mm/memcg.h"
#include "models/mm/memory.h"
#include "models/mm/psi.h"
#include "models/paths.h"
#include "models/recheck.h"

void shmem_init(struct kernel *k, u32 mm)
{
	BUG_ON(!mm); /* 0 means none */
	vma_of(k, k->mm[mm].first_page)->segment = mm;
}

void shmem_mmap(struct kernel *k, u32 mm, u32 segment)
{
	struct vma *own = vma_of(k, k->mm[segment].first_page);
	u32 first = k->mm[mm].first_page, number = page_table_of(k, first)->vma;
	struct vma *vma = &k->vma[number];

	BUG_ON(vma->first_page != first || vma->pages > k->mm[segment].pages);
	vma->segment = segment;
	vma->next = own->next;
	own->next = number + 1;
	for (u32 page = first; page < first + vma->pages; page++)
		k->pte_flags[page] = PTE_FILE;
}

/* ---- the index ---- */

static struct mm *segment_of(const struct kernel *k, u32 page)
{
	return &k->mm[vma_of(k, page)->segment];
}

static void index_clear(struct kernel *k, u32 page)
{
	segment_of(k, page)->swap_ents -= k->pte_flags[page] & PTE_SWAP ? 1 : 0;
	k->pte_flags[page] &= PTE_DIRTY;
	k->pte[page] = 0;
	k->index_order[page] = 0;
}

void index_erase(struct kernel *k, u32 page, u32 order)
{
	for (u32 i = 0; i < 1u << order; i++)
		index_clear(k, page + i);
}

void index_forget_data(struct kernel *k, u32 page, u32 end)
{
	for (; page < end; page++)
		k->pte_flags[page] &= ~PTE_DIRTY;
}

void index_store_entry(struct kernel *k, u32 page, u32 order, u32 entry)
{
	for (u32 i = 0; i < 1u << order; i++) {
		index_clear(k, page + i);
		k->pte_flags[page + i] |= PTE_SWAP;
		k->pte[page + i] = entry + i;
		k->index_order[page + i] = (u8)order;
	}
	segment_of(k, page)->swap_ents += 1u << order;
}

/* xas_try_split_min_order(): up to the end of a node at once, then a node further down. */
static u32 next_order(const struct kernel *k, u32 order)
{
	enum { XA_CHUNK_SHIFT = 6 };

	if (!k->release->shmem_splits_near)
		return 0;
	return order % XA_CHUNK_SHIFT ? order - order % XA_CHUNK_SHIFT : order - 1;
}

void index_split(struct kernel *k, u32 page)
{
	for (u32 order = index_order(k, page); order; order = next_order(k, order)) {
		u32 base = index_base(k, page, order);

		for (u32 i = 0; i < 1u << order; i++)
			k->index_order[base + i] = (u8)next_order(k, order);
	}
}

/* The range must be empty, or filled with the entries that the folio was read from, none of which is larger
 * than that. */
static bool makes_way(const struct kernel *k, u32 folio, u32 page, u32 entry)
{
	for (u32 i = 0; i < folio_nr_pages(k, folio); i++) {
		u32 flags = k->pte_flags[page + i];

		if (flags & PTE_PRESENT || !(flags & PTE_SWAP) != !entry ||
		    (entry && k->pte[page + i] != entry + i) ||
		    index_order(k, page + i) > folio_order(k, folio))
			return false;
	}
	return true;
}

static u32 first_used(const struct kernel *k, u32 page, u32 end)
{
	while (page < end && !(k->pte_flags[page] & (PTE_PRESENT | PTE_SWAP)))
		page++;
	return page;
}

/* xas_find_conflict(), twice: the first thing in the range must be the entry, however large, and the only
 * one. */
static bool has_no_other(const struct kernel *k, u32 folio, u32 page, u32 entry)
{
	u32 end = page + folio_nr_pages(k, folio), at = first_used(k, page, end);

	if (at == end || !entry)
		return at == end && !entry;
	if (index_entry(k, at) != entry)
		return false;
	at = index_base(k, at, index_order(k, at)) + (1u << index_order(k, at));
	return at >= end || first_used(k, at, end) == end;
}

/* NR_SHMEM */
static void count_shmem(struct kernel *k, u32 memcg, s64 pages)
{
	for (; memcg; memcg = k->memcg[memcg].parent)
		k->memcg[memcg].shmem += pages;
	k->memcg[0].shmem += pages;
}

static bool may_store_folio(const struct kernel *k, u32 folio, u32 page, u32 entry)
{
	return (k->patch.shmem_verify_before_split ? makes_way : has_no_other)(k, folio, page, entry);
}

/*
 * A leaf of the XArray (lib/xarray.c) has 64 indices, 576 bytes and the pointer to whom it is charged
 * (XA_FLAGS_ACCOUNT of mapping->i_pages, obj_full_size()). What is above the leaves is left out, and so is
 * that leaves are freed where a hole is punched.
 */
enum { NODE_INDICES = 64, NODE_BYTES = 576 + 8, PAGE_BYTES = 4096 };

static void note_node(struct kernel *k, u32 page)
{
	struct mm *segment = segment_of(k, page);
	u32 first = page - (page - segment->first_page) % NODE_INDICES;
	u32 end = MIN(first + NODE_INDICES, segment->first_page + segment->pages);

	if (first_used(k, first, end) == end && segment->nodes * NODE_INDICES < segment->pages)
		segment->nodes++;
}

bool index_lacks_memory(const struct kernel *k, u32 page)
{
	const struct mm *segment = segment_of(k, page);

	return segment->overhead_pages < (u64)segment->nodes * NODE_BYTES / PAGE_BYTES;
}

void index_give_memory(struct kernel *k, u32 page, u32 memcg)
{
	struct mm *segment = segment_of(k, page);

	if (index_lacks_memory(k, page) && (!segment->overhead_pages || segment->memcg == memcg) &&
	    memory_take(k, 1, 0)) {
		segment->memcg = (u16)memcg;
		segment->overhead_pages++;
	} else {
		memcg_uncharge(k, memcg, 1);
	}
}

bool index_store_folio(struct kernel *k, u32 folio, u32 page, u32 entry)
{
	u32 pages = folio_nr_pages(k, folio);

	if (!recheck(k, RECHECK_SHMEM_INDEX, may_store_folio(k, folio, page, entry)))
		return false;
	if (!entry && pages < NODE_INDICES)
		note_node(k, page);
	for (u32 i = 0; i < pages; i++) {
		u32 order = index_order(k, page + i);

		index_erase(k, index_base(k, page + i, order), order);
		k->pte_flags[page + i] |= PTE_PRESENT;
		k->pte[page + i] = folio + i;
	}
	if (pages == 1)
		k->folio[folio].flags &= ~FOLIO_UNSEEN;
	k->folio[folio].flags |= FOLIO_SHMEM;
	k->folio[folio].page = page;
	k->folio[folio].refs += pages;
	segment_of(k, page)->anon_pages += pages;
	count_shmem(k, k->folio[folio].memcg, pages);
	return true;
}

void shmem_forget_folio(struct kernel *k, u32 folio)
{
	struct folio *f = &k->folio[folio];
	u32 pages = folio_nr_pages(k, folio);

	if (G_UNLIKELY(!(f->flags & FOLIO_SHMEM) || f->refs < pages)) {
		folio_misused(k, folio, "is taken out of the page cache, and was not in it");
		return;
	}
	f->flags &= ~FOLIO_SHMEM;
	f->refs -= pages;
	segment_of(k, f->page)->anon_pages -= pages;
	count_shmem(k, f->memcg, -(s64)pages);
}

/* ---- mappings ---- */

/* set_pte_range() */
static void map_pages(struct kernel *k, u32 page, u32 frame, u32 n, bool write)
{
	for (u32 i = 0; i < n; i++) {
		k->pte[page + i] = frame + i;
		k->pte_flags[page + i] =
		    PTE_FILE | PTE_PRESENT | PTE_ACCESSED | PTE_WRITE | write * PTE_DIRTY;
		frame_add_rmap(k, frame + i);
	}
	mm_of(k, page)->shmem_pages += n;
}

static bool are_holes(const struct kernel *k, u32 page, u32 n)
{
	const struct vma *vma = vma_of(k, page);

	if (page < vma->first_page || page + n > vma->first_page + vma->pages ||
	    page_table_of(k, page) != page_table_of(k, page + n - 1))
		return false;
	for (u32 i = 0; i < n; i++)
		if (k->pte_flags[page + i] & PTE_PRESENT)
			return false;
	return true;
}

void map_shmem_folio(struct kernel *k, u32 page, u32 folio, bool write)
{
	u32 i = segment_page(k, page) - k->folio[folio].page, n = folio_nr_pages(k, folio);

	if (n > 1 && are_holes(k, page - i, n)) {
		k->folio[folio].refs += n - 1;
		map_pages(k, page - i, folio, n, write);
	} else {
		map_pages(k, page, folio + i, 1, write);
	}
}

void index_note_written(struct kernel *k, u32 page, u32 frame)
{
	k->pte_flags[page] |= PTE_DIRTY;
	note_written(k, page, frame);
}

void unmap_shmem_page(struct kernel *k, u32 page)
{
	if (k->pte_flags[page] & PTE_DIRTY) {
		k->folio[page_folio(k, k->pte[page])].flags |= FOLIO_DIRTY;
		index_note_written(k, segment_page(k, page), k->pte[page]);
	}
	frame_remove_rmap(k, k->pte[page]);
	k->pte[page] = 0;
	k->pte_flags[page] = PTE_FILE;
	mm_of(k, page)->shmem_pages--;
}

u32 shmem_map_pages(struct kernel *k, u32 page)
{
	const struct vma *vma = vma_of(k, page);
	u32 from = page & ~(u32)(FAULT_AROUND_PAGES - 1), to = from + FAULT_AROUND_PAGES;
	u32 mapped = 0;

	for (u32 p = MAX(from, vma->first_page); p < MIN(to, vma->first_page + vma->pages); p++) {
		u32 index = segment_page(k, p), folio = index_folio(k, index);

		if (k->pte_flags[p] & PTE_PRESENT || !may_be_mapped_along(k, folio))
			continue;
		k->folio[folio].refs++;
		map_pages(k, p, k->pte[index], 1, false);
		mapped++;
	}
	return mapped;
}

/* ---- paths ---- */

/* shmem_allowable_huge_orders() and shmem_suitable_orders(): the order for a page that there is not; one that
 * fits the segment and the mapping, and has nothing in the way. */
static u32 suitable_order(const struct kernel *k, u32 page, u32 fault)
{
	u32 segment = page_table_of(k, page)->mm, order = k->config.mm[segment].huge_order;
	u32 base = index_base(k, page, order), pages = 1u << order;
	const struct vma *vma = vma_of(k, fault);

	if (!order || base - k->mm[segment].first_page + pages > vma->pages)
		return 0;
	return first_used(k, base, base + pages) == base + pages ? order : 0;
}

/* shmem_alloc_folio(), mem_cgroup_charge() and shmem_add_to_page_cache() of a page that there is not. */
PATH(shmem_alloc_and_add_folio)
{
	STEPS(ALLOC, LOCK_INDEX, UNLOCK_INDEX, EXISTS, NODES, LRU_ADD, CLEAR);
	BEGIN;
	f->page = index_base(k, f->page, f->order);
	CALL(ALLOC, alloc_charged_folio, .page = f->page, .memcg = mm_of(k, f->fault)->memcg,
	     .order = (u16)f->order, .gfp = f->order ? (u16)thp_gfp(k, f->fault) : 0);
	f->folio = t->ret == CHARGE_FAILED ? 0 : t->ret;
	if (!f->folio)
		RETURN(0);
	k->folio_io[f->folio].lock = bit_lock_by(t->id);
	spin_lock_irq(LOCK_INDEX, i_pages_of(k, f->page));
	f->exists = !index_store_folio(k, f->folio, f->page, 0);
	spin_unlock_irq(UNLOCK_INDEX, i_pages_of(k, f->page));
	if (f->exists) {
		k->folio_io[f->folio].lock = 0;
		CALL(EXISTS, folio_put, .folio = f->folio);
		RETURN(SHMEM_EEXIST);
	}
	if (index_lacks_memory(k, f->page)) {
		CALL(NODES, mem_cgroup_charge, .memcg = mm_of(k, f->fault)->memcg);
		if (!t->ret)
			index_give_memory(k, f->page, mm_of(k, f->fault)->memcg);
	}
	if (folio_add_lru(k, t, f->folio))
		CALL(LRU_ADD, lru_add_drain, .folio = f->folio);
	t->work_ns = clear_more_ns(k, f->folio);
	AT(CLEAR);
	k->folio[f->folio].flags |= FOLIO_UPTODATE;
	RETURN(f->folio);
	END;
}

/* shmem_get_folio_gfp() of a fault, or of who wants to have what is there and nothing new. */
PATH(shmem_get_folio)
{
	STEPS(LOOKUP, SWAPIN, ALLOC_LARGE, ALLOC, LOCK, UNLOCK, PUT);
	BEGIN;
	for (;;) {
		AT(LOOKUP);
		if (k->pte_flags[f->page] & PTE_SWAP) {
			CALL(SWAPIN, shmem_swapin_folio, .page = f->page, .fault = f->fault,
			     .entry = index_entry(k, f->page));
			f->major |= t->ret >> 32 & FAULT_MAJOR;
			if (t->ret & SHMEM_EEXIST)
				continue;
			RETURN((u32)t->ret | (s64)f->major << 32);
		}
		f->folio = index_folio(k, f->page);
		if (!f->folio && f->noalloc)
			RETURN(0);
		f->order = f->folio ? 0 : suitable_order(k, f->page, f->fault);
		if (f->order) {
			CALL(ALLOC_LARGE, shmem_alloc_and_add_folio, .page = f->page, .fault = f->fault,
			     .order = f->order);
			if (t->ret & SHMEM_EEXIST)
				continue;
			if (t->ret)
				RETURN((u32)t->ret | (s64)f->major << 32);
		}
		if (!f->folio) {
			CALL(ALLOC, shmem_alloc_and_add_folio, .page = f->page, .fault = f->fault);
			if (t->ret & SHMEM_EEXIST)
				continue;
			RETURN((u32)t->ret | (s64)f->major << 32);
		}
		k->folio[f->folio].refs++;
		f->stalled = folio_wait_begin(k, t, f->folio, mm_of(k, f->fault)->memcg);
		bit_lock(LOCK, &k->folio_io[f->folio].lock);
		folio_wait_end(k, t, f->stalled);
		if (recheck(k, RECHECK_SHMEM_PAGE, index_folio(k, f->page) == f->folio))
			RETURN(f->folio | (s64)f->major << 32);
		bit_unlock(UNLOCK, &k->folio_io[f->folio].lock); /* truncated or swapped out */
		CALL(PUT, folio_put, .folio = f->folio);
		f->folio = 0;
	}
	END;
}
