/*
 * filemap.h - the page cache: pages of files that processes have mapped (mm/filemap.c, mm/readahead.c;
 * 6.12-6.18).
 *
 * A page that is not mapped is looked for in the page cache and read if it is not there, with others around
 * it or ahead of it; those around it that are there are mapped along with it. Pages of files are clean, so
 * reclaim drops them and leaves a shadow (remove_mapping()); they stay in the cache when the process ends,
 * and are charged to the cgroup whose task had them read. A write to a page makes a private, anonymous copy.
 *
 * What the page cache knows a file page by, its index, is the number of a page: the process's own or, where
 * several processes have the same files, the page at the same distance from the beginning in an address space
 * without tasks that stands for these files (mm_config.only_files). Such processes have the files mapped at
 * the same place; a folio knows its index and is mapped by any of them. What they are on is one device,
 * machine.disk, that swap is not on.
 *
 * Left out: shared writable mappings; that what write() leaves in the page cache is dirty and has to be
 * written back (it counts as written at once); files at different places in different processes; large
 * folios; the nodes of the page cache's XArray; pages of a mapped file that nobody ever asks for though
 * readahead would fetch them.
 */
#ifndef MODELS_MM_FILEMAP_H
#define MODELS_MM_FILEMAP_H

#include "models/kernel.h"

/* Of all processes. */
u32 files_count(const struct kernel_config *config);
void files_init(struct kernel *k);
/* What somebody outside of all limited cgroups had read before (mm_config.files_cached), as far as memory
 * goes down to the low watermark. */
void files_read_before(struct kernel *k);
/* The open file that a file page of a process is of. */
struct file *file_of(const struct kernel *k, u32 page);

/* The index of a process's file page. */
static inline u32 file_index(const struct kernel *k, u32 page)
{
	const struct mm *mm = mm_of(k, page);

	return k->mm[mm->files].first_page + (page - mm->first_page);
}
/* The folio there; 0: none. */
static inline u32 cached_folio(const struct kernel *k, u32 page)
{
	return word_folio(k->page_cache[file_index(k, page)]);
}
/* vma_flags & VM_EXEC of who has the folio mapped; nobody need. */
bool is_code(const struct kernel *k, u32 folio);

/* filemap_map_pages(): map pages around @page, and itself, that are in the cache and read; the page table
 * lock is held. Returns how many. */
u32 filemap_map_pages(struct kernel *k, u32 page);
enum { FAULT_AROUND_PAGES = 16 };
/* next_uptodate_folio(): what is being read, or marks the end of a window, wants a fault of its own. */
static inline bool may_be_mapped_along(const struct kernel *k, u32 folio)
{
	return folio && k->folio[folio].flags & FOLIO_UPTODATE && !k->folio_io[folio].lock &&
	       !(k->folio[folio].flags & FOLIO_READAHEAD);
}
void map_file_folio(struct kernel *k, u32 page, u32 folio);
/* The mapping of a file page goes: its reference stays to be dropped. */
void unmap_file_folio(struct kernel *k, u32 page);
/* In an interrupt: what is at the index has been read. */
void end_file_read(struct kernel *k, u32 index);

/* ---- file_readahead.c ---- */

enum { RA_PAGES = 32 };

struct filemap_fault;

/* The window for a page that is not in the cache. False: it is read alone. */
bool readahead_around(struct kernel *k, struct filemap_fault *f);
/* The page was there; if it is the one that tells so, the next window is to be read, which may be empty. */
bool readahead_next(struct kernel *k, struct filemap_fault *f);
/* So many pages were there, which speaks for reading around. */
void readahead_hits(struct kernel *k, u32 page, u32 hits);

#endif
