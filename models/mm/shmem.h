/*
 * shmem.h - shared memory: segments that processes map, and whose pages go to swap (mm/shmem.c; 6.12-6.18).
 *
 * A segment is an address space without tasks; its pages are the indices of its mapping, and what stands in
 * their page table entries is what the mapping's XArray (i_pages) has there: nothing, a page frame of a folio
 * in the page cache (PTE_PRESENT), or a slot (PTE_SWAP). A swap entry of order n stands at 2^n aligned
 * indices, with the slots in a row. PTE_DIRTY says, of our own accord, that there is data: an index that has
 * data and nothing in it has lost it. The lock of the segment's first page table is i_pages.xa_lock.
 *
 * mm.anon_pages of a segment are its pages in memory (nrpages), mm.swap_ents those in swap
 * (shmem_inode_info.swapped), which change with the index here. A folio knows the segment's page, and the
 * contents that are compared are the segment's, whoever wrote to it. It is on the anonymous lists and charged
 * to the cgroup whose task touched it first. A segment outlives who has it mapped.
 *
 * Processes map a segment from its beginning, shared and writable; their entries have PTE_FILE and never a
 * slot. Left out: files on tmpfs, read() and write(), seals, quotas, the list of segments in swap
 * (shmem_swaplist) and its lock, the inode's lock. Nodes of the XArray are charged to the first who touched
 * the segment and are there until it goes; what they hold is what the page table entries do.
 */
#ifndef MODELS_MM_SHMEM_H
#define MODELS_MM_SHMEM_H

#include "models/mm/folio.h"

/* Segment @mm of the configuration, empty. */
void shmem_init(struct kernel *k, u32 mm);
/* The memory of process @mm is a mapping of a segment. */
void shmem_mmap(struct kernel *k, u32 mm, u32 segment);

/* vma_is_shmem() of a process's page, or the page is a segment's. */
static inline bool is_shmem(const struct kernel *k, u32 page)
{
	return vma_of(k, page)->segment;
}
static inline bool is_segment(const struct kernel *k, u32 mm)
{
	return k->config.mm[mm].segment;
}
/* Whether what is mapped there is the process's own. What a segment has in memory is counted likewise. */
static inline bool counts_as_anon(const struct kernel *k, u32 page)
{
	if (is_shmem(k, page))
		return is_segment(k, page_table_of(k, page)->mm);
	return !(k->folio[page_folio(k, k->pte[page])].flags & FOLIO_FILE);
}
/* The segment's page that a page of a mapping is. */
static inline u32 segment_page(const struct kernel *k, u32 page)
{
	const struct vma *vma = vma_of(k, page);

	return k->mm[vma->segment].first_page + (page - vma->first_page);
}
/* The page whose versions are the contents of @page: itself, if it is not shared. */
static inline u32 page_of_content(const struct kernel *k, u32 page)
{
	return is_shmem(k, page) ? segment_page(k, page) : page;
}
/* i_pages.xa_lock of the segment that @page is of. */
static inline struct spinlock *i_pages_of(const struct kernel *k, u32 page)
{
	return &page_table_of(k, k->mm[vma_of(k, page)->segment].first_page)->ptl;
}

/* ---- what is at an index; @page is the segment's ---- */

static inline u32 index_folio(const struct kernel *k, u32 page)
{
	return k->pte_flags[page] & PTE_PRESENT ? page_folio(k, k->pte[page]) : 0;
}
/* First index of the naturally aligned 2^order that @page is one of. */
static inline u32 index_base(const struct kernel *k, u32 page, u32 order)
{
	u32 first = k->mm[vma_of(k, page)->segment].first_page;

	return first + ((page - first) >> order << order);
}
/* The swap entry there, which is that of its first index; 0: there is none. */
static inline u32 index_entry(const struct kernel *k, u32 page)
{
	if (!(k->pte_flags[page] & PTE_SWAP))
		return 0;
	return k->pte[page] - (page - index_base(k, page, k->index_order[page]));
}
/* xa_get_order() of a swap entry. */
static inline u32 index_order(const struct kernel *k, u32 page)
{
	return k->pte_flags[page] & PTE_SWAP ? k->index_order[page] : 0;
}
/* shmem_confirm_swap(): the order of the entry there if it is @entry, otherwise -1. */
static inline s32 shmem_confirm_swap(const struct kernel *k, u32 page, u32 entry)
{
	return index_entry(k, page) == entry ? (s32)index_order(k, page) : -1;
}

/* The lock is held, and the indices of the folio are free or have entries that make way for it; false: they
 * are not, or have others than that of its slot. */
bool index_store_folio(struct kernel *k, u32 folio, u32 page, u32 entry);
/* Nothing, or entry @entry of @order, in place of what is at 2^order indices from @page on. */
void index_erase(struct kernel *k, u32 page, u32 order);
void index_store_entry(struct kernel *k, u32 page, u32 order, u32 entry);
/* Split the entry at @page, if it is large, so that @page has one of its own; from 6.15 on what is far from
 * it stays larger. */
void index_split(struct kernel *k, u32 page);
/* Whether nodes take more pages than are charged for them, and one for them that was charged to @memcg; it is
 * given back if they need none any more. */
bool index_lacks_memory(const struct kernel *k, u32 page);
void index_give_memory(struct kernel *k, u32 page, u32 memcg);
/* Segment pages [page, end) are holes by right. */
void index_forget_data(struct kernel *k, u32 page, u32 end);
/* What is written to a segment's page in @frame makes it another content. */
void index_note_written(struct kernel *k, u32 page, u32 frame);
/* The folio is no longer in the page cache; its references to it go. What is at its indices is the caller's.
 */
void shmem_forget_folio(struct kernel *k, u32 folio);

/* The page that segment page @page is in mapping @vma, or would be, if that is shorter, its end. */
static inline u32 page_in_mapping(const struct kernel *k, u32 vma, u32 page)
{
	u32 i = page - k->mm[k->vma[vma].segment].first_page;

	return k->vma[vma].first_page + MIN(i, k->vma[vma].pages);
}

/* ---- mappings; the page table lock is held ---- */

/* What a fault on @page brought. All of a large folio is mapped if the mapping and the page table have room
 * for it and nothing is there yet. The fault's reference is the mapping's from now on. */
void map_shmem_folio(struct kernel *k, u32 page, u32 folio, bool write);
/* A mapping goes, its reference stays to be dropped; what was written through it the folio knows now. */
void unmap_shmem_page(struct kernel *k, u32 page);
/* filemap_map_pages() of a shared mapping. Returns how many. */
u32 shmem_map_pages(struct kernel *k, u32 page);

#endif
