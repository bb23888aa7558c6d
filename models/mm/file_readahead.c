/*
 * Readahead of mapped files (mm/filemap.c: do_sync_mmap_readahead(), do_async_mmap_readahead();
 * mm/readahead.c: page_cache_async_ra(), page_cache_ra_unbounded(); 6.12-6.18), order 0.
 *
 * A fault on a page that is not in the cache reads 32 pages around it and marks the 25th; of an executable
 * file 32 pages from it on, without a mark, from 6.17 on ("mm/filemap: allow arch to request folio size for
 * exec memory"; 3b61a3f08949). A fault that meets the mark reads the next 32. When faults miss much more
 * often than they find their page (mmap_miss), pages are read one at a time. Left out: what madvise() says of
 * the access pattern, congested cgroups.
 */
#include "models/block/block.h"
#include "models/cpu.h"
#include "models/mm/filemap.h"
#include "models/mm/lru.h"
#include "models/mm/psi.h"
#include "models/paths.h"

enum { MMAP_LOTSAMISS = 100 };

static void submit_window(const struct kernel *k, const struct file *file, struct filemap_fault *f)
{
	u32 end = MIN(file->ra_start + file->ra_size, file->pages);

	f->start = file_index(k, file->first_page) + file->ra_start;
	f->pages = end > file->ra_start ? end - file->ra_start : 0;
	f->mark = file->ra_async && file->ra_async <= f->pages ? f->start + f->pages - file->ra_async : 0;
}

bool readahead_around(struct kernel *k, struct filemap_fault *f)
{
	struct file *file = file_of(k, f->page);
	u32 offset = f->page - file->first_page;

	if (file->mmap_miss < MMAP_LOTSAMISS * 10)
		file->mmap_miss++;
	if (file->mmap_miss > MMAP_LOTSAMISS)
		return false;
	file->ra_size = RA_PAGES;
	if (file->executable && k->release->exec_ahead) {
		file->ra_start = offset;
		file->ra_async = 0;
	} else {
		file->ra_start = offset - MIN(offset, RA_PAGES / 2);
		file->ra_async = RA_PAGES / 4;
	}
	submit_window(k, file, f);
	return true;
}

void readahead_hits(struct kernel *k, u32 page, u32 hits)
{
	struct file *file = file_of(k, page);

	file->mmap_miss -= MIN(hits, file->mmap_miss);
}

/* page_cache_next_miss(): offset of the first page after @offset that is not in the cache, at most RA_PAGES
 * away. */
static u32 next_miss(const struct kernel *k, const struct file *file, u32 offset)
{
	u32 next = offset + 1;

	while (next < file->pages && next - offset <= RA_PAGES && cached_folio(k, file->first_page + next))
		next++;
	return next;
}

bool readahead_next(struct kernel *k, struct filemap_fault *f)
{
	struct file *file = file_of(k, f->page);
	u32 number = cached_folio(k, f->page);
	struct folio *folio = &k->folio[number];
	u32 offset = f->page - file->first_page;

	if (!k->folio_io[number].lock || !k->release->busy_is_no_hit)
		readahead_hits(k, f->page, 1);
	if (!(folio->flags & FOLIO_READAHEAD))
		return false;
	folio->flags &= ~FOLIO_READAHEAD;
	if (offset == file->ra_start + file->ra_size - file->ra_async) {
		file->ra_start += file->ra_size;
	} else {
		u32 miss = next_miss(k, file, offset);

		if (miss - offset > RA_PAGES)
			return true; /* nothing is read, but the lock is let go of all the same */
		file->ra_start = miss;
	}
	file->ra_size = file->ra_async = RA_PAGES; /* a window is at its largest from the start */
	submit_window(k, file, f);
	return true;
}

/* Pages that are in the cache and to be read, one after the other. */
PATH(page_cache_readahead)
{
	STEPS(LOOK, ADD, SUBMIT, PUT, FLUSH);
	BEGIN;
	f->first = f->index;
	plug_start(k, t);
	for (f->next = f->index;; f->next++) {
		AT(LOOK);
		if (f->next < f->end && !word_folio(k->page_cache[f->next])) {
			CALL(ADD, filemap_add_folio, .index = f->next, .memcg = f->memcg, .gfp = GFP_NORETRY);
			if (t->ret) {
				f->workingset |= k->folio[t->ret].flags & FOLIO_WORKINGSET;
				if (f->next == f->mark)
					k->folio[t->ret].flags |= FOLIO_READAHEAD;
				continue;
			}
			if (!word_folio(k->page_cache[f->next]))
				f->end = f->next; /* there is no memory for more */
		}
		if (f->workingset)
			psi_memstall_enter(k, t);
		for (; f->first < f->next; f->first++) {
			CALL(SUBMIT, submit_bio, .page = f->first, .nr = 1);
			CALL(PUT, folio_put, .folio = word_folio(k->page_cache[f->first]));
		}
		if (f->workingset)
			psi_memstall_leave(k, t);
		f->workingset = 0;
		f->first = f->next + 1;
		if (f->next >= f->end)
			break;
	}
	plug_finish(k, t);
	if (t->work_ns)
		AT(FLUSH);
	RETURN(0);
	END;
}
