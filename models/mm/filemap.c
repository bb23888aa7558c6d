#include "models/mm/filemap.h"

#include "models/block/block.h"
#include "models/cpu.h"
#include "models/mm/folio.h"
#include "models/mm/lru.h"
#include "models/mm/memcg.h"
#include "models/mm/memory.h"
#include "models/mm/psi.h"
#include "models/mm/rmap.h"
#include "models/mm/workingset.h"
#include "models/paths.h"
#include "models/recheck.h"

#include "sim/lock.h"

static bool is_file_page(const struct mm_config *c, u32 page)
{
	return c->file_map && c->file_map[page / 8] >> page % 8 & 1;
}

static bool begins_file(const struct mm_config *c, u32 page)
{
	return is_file_page(c, page) && (!page || !is_file_page(c, page - 1));
}

u32 files_count(const struct kernel_config *config)
{
	u32 files = 0;

	for (u32 i = 0; i < config->mms; i++)
		for (u32 page = 0; config->mm[i].file_map && page < config->mm[i].pages; page++)
			files += begins_file(&config->mm[i], page);
	return files;
}

static void files_add_user(struct kernel *k, u32 mm)
{
	struct mm *of = &k->mm[k->mm[mm].files];

	BUG_ON(k->mm[mm].pages > of->pages);
	k->mm[mm].files_next = of->files_first;
	of->files_first = mm + 1;
}

/* In the order of the processes. */
static void files_share(struct kernel *k)
{
	for (u32 i = 0; i < k->config.mms; i++)
		k->mm[i].files = k->config.mm[i].files ? k->config.mm[i].files : i;
	for (u32 i = k->config.mms; i--;)
		if (!k->config.mm[i].only_files)
			files_add_user(k, i);
}

void files_init(struct kernel *k)
{
	u32 n = 0;

	files_share(k);
	for (u32 i = 0; i < k->config.mms; i++) {
		const struct mm_config *c = &k->config.mm[i];
		u32 first = k->mm[i].first_page;

		for (u32 page = 0; c->file_map && page < c->pages; page++) {
			if (begins_file(c, page))
				k->file[n++] =
				    (struct file){ .first_page = first + page, .executable = c->executable };
			if (!is_file_page(c, page))
				continue;
			k->file[n - 1].pages++;
			k->pte_flags[first + page] = PTE_FILE;
		}
	}
}

/* Its only reference is the cache's. */
static bool read_before(struct kernel *k, u32 index)
{
	u32 folio = folio_alloc(k, 0, k->memory->low);

	if (!folio)
		return false;
	k->folio[folio].page = index;
	k->folio[folio].flags |= FOLIO_FILE | FOLIO_UPTODATE;
	memcg_force_charge(k, 0, 1);
	k->page_cache[index] = word_of_folio(folio);
	lruvec_add_folio(k, &k->lruvec[0], folio);
	return true;
}

void files_read_before(struct kernel *k)
{
	for (u32 i = 0; i < k->config.mms; i++) {
		const struct mm_config *c = &k->config.mm[i];
		u32 first = k->mm[i].first_page;

		for (u32 page = 0; c->files_cached && page < c->pages; page++)
			if (is_file_page(c, page) && !cached_folio(k, first + page) &&
			    !read_before(k, file_index(k, first + page)))
				return;
	}
}

struct file *file_of(const struct kernel *k, u32 page)
{
	u32 from = 0, to = k->files;

	while (to - from > 1) {
		u32 middle = from + (to - from) / 2;

		if (k->file[middle].first_page <= page)
			from = middle;
		else
			to = middle;
	}
	return &k->file[from];
}

bool is_code(const struct kernel *k, u32 folio)
{
	u32 page = k->folio[folio].flags & FOLIO_FILE ? rmap_first(k, folio) : 0;

	return page && file_of(k, page)->executable;
}

void map_file_folio(struct kernel *k, u32 page, u32 folio)
{
	k->pte[page] = folio;
	k->pte_flags[page] = PTE_FILE | PTE_PRESENT | PTE_ACCESSED;
	frame_add_rmap(k, folio);
	mm_of(k, page)->file_pages++;
}

void unmap_file_folio(struct kernel *k, u32 page)
{
	frame_remove_rmap(k, k->pte[page]);
	k->pte[page] = 0;
	k->pte_flags[page] = PTE_FILE;
	mm_of(k, page)->file_pages--;
}

u32 filemap_map_pages(struct kernel *k, u32 page)
{
	const struct file *file = file_of(k, page);
	u32 from = page & ~(u32)(FAULT_AROUND_PAGES - 1), to = from + FAULT_AROUND_PAGES;
	u32 mapped = 0, hits = 0;

	for (u32 p = MAX(from, file->first_page); p < MIN(to, file->first_page + file->pages); p++) {
		u32 folio = cached_folio(k, p);

		if (!may_be_mapped_along(k, folio))
			continue;
		/* whether or not it is mapped already, or a copy of it is */
		hits += !(k->folio[folio].flags & FOLIO_WORKINGSET);
		if (k->pte_flags[p] != PTE_FILE)
			continue;
		k->folio[folio].refs++;
		map_file_folio(k, p, folio);
		mapped++;
	}
	readahead_hits(k, page, hits);
	return mapped;
}

void end_file_read(struct kernel *k, u32 index)
{
	u32 folio = word_folio(k->page_cache[index]);

	k->folio[folio].flags |= FOLIO_UPTODATE;
	bit_lock_release(&k->machine, &k->folio_io[folio].lock);
}

PATH(filemap_add_folio)
{
	STEPS(ALLOC, ADD, COST, LRU_ADD, EXISTS);
	BEGIN;
	CALL(ALLOC, alloc_charged_folio, .page = f->index, .memcg = f->memcg, .gfp = (u16)f->gfp);
	f->folio = t->ret;
	if (!f->folio)
		RETURN(0);
	AT(ADD);
	if (word_folio(k->page_cache[f->index])) {
		CALL(EXISTS, folio_put, .folio = f->folio);
		RETURN(0);
	}
	f->shadow = word_shadow(k->page_cache[f->index]);
	k->page_cache[f->index] = word_of_folio(f->folio);
	k->folio[f->folio].flags |= FOLIO_FILE;
	k->folio_io[f->folio].lock = bit_lock_by(t->id);
	k->folio[f->folio].refs++;
	if (f->shadow && workingset_refault(k, t, f->folio, f->shadow))
		CALL(COST, lru_note_cost_refault, .folio = f->folio);
	if (folio_add_lru(k, t, f->folio))
		CALL(LRU_ADD, lru_add_drain, .folio = f->folio);
	RETURN(f->folio);
	END;
}

/* Whether something is to be read ahead. */
static bool begin_fault(struct kernel *k, struct filemap_fault *f)
{
	if (cached_folio(k, f->page))
		return !f->tried && readahead_next(k, f);
	f->major = FAULT_MAJOR;
	count_memcg(k, mm_of(k, f->page)->memcg, PGMAJFAULT, 1);
	return readahead_around(k, f);
}

/* The first time around, who had to read, be it ahead, or to wait tries the whole fault again, without a lock
 * on the address space meanwhile. */
PATH(filemap_fault)
{
	STEPS(LOOKUP, READAHEAD, CREATE, READ, DROP_MMAP, WAIT_READ, RETRY, LOCK, NOT_MINE, PUT, AGAIN);
	BEGIN;
	AT(LOOKUP);
	f->ahead = begin_fault(k, f);
	if (f->ahead)
		CALL(READAHEAD, page_cache_readahead, .index = f->start, .end = f->start + f->pages,
		     .mark = f->mark, .memcg = mm_of(k, f->page)->memcg);
	for (;;) {
		AT(AGAIN);
		f->folio = cached_folio(k, f->page);
		if (f->folio) {
			k->folio[f->folio].refs++;
		} else {
			CALL(CREATE, filemap_add_folio, .index = file_index(k, f->page),
			     .memcg = mm_of(k, f->page)->memcg);
			f->folio = t->ret;
			if (!f->folio && cached_folio(k, f->page))
				continue; /* another task was first: EEXIST */
			if (!f->folio)
				RETURN((s64)f->major << 32);
			CALL(READ, submit_bio, .page = file_index(k, f->page), .nr = 1);
		}
		f->stalled = folio_wait_begin(k, t, f->folio, mm_of(k, f->page)->memcg);
		if (!f->tried && (f->major || f->ahead || k->folio_io[f->folio].lock)) {
			if (k->families)
				up_read(DROP_MMAP, &member_of(k, f->page)->mmap_lock);
			bit_wait(WAIT_READ, &k->folio_io[f->folio].lock);
			folio_wait_end(k, t, f->stalled);
			CALL(RETRY, folio_put, .folio = f->folio);
			RETURN((s64)(f->major | FAULT_RETRY) << 32);
		}
		bit_lock(LOCK, &k->folio_io[f->folio].lock);
		folio_wait_end(k, t, f->stalled);
		if (recheck(k, RECHECK_FILE_FOLIO, cached_folio(k, f->page) == f->folio))
			RETURN(f->folio | (s64)f->major << 32);
		bit_unlock(NOT_MINE, &k->folio_io[f->folio].lock);
		CALL(PUT, folio_put, .folio = f->folio);
	}
	END;
}
