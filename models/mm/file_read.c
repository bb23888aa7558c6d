/*
 * read() and write() of whole files (mm/filemap.c: filemap_read(), filemap_get_pages(),
 * generic_perform_write(); mm/readahead.c: page_cache_sync_ra(), page_cache_async_ra(); 6.12-6.18).
 *
 * A file is opened, read in one call from its beginning, and closed, as compilers do: the first page that is
 * not there has a window of 32 pages read, and whoever comes to the first page of a window has the next one
 * read while it copies this one. Each page is marked as accessed once, so what two read is activated.
 *
 * Left out: reads of a part, whose windows begin small; that what was written is dirty, which would have to
 * be written back before it can go: it counts as on the disk at once; reading the rest of a page that is
 * written in part; large folios.
 */
#include "models/block/block.h"
#include "models/cpu.h"
#include "models/mm/filemap.h"
#include "models/mm/lru.h"
#include "models/mm/psi.h"
#include "models/paths.h"

/* Whether a window, f->start to f->ahead, is to be read. */
static bool next_window(const struct kernel *k, struct filemap_read *f)
{
	if (f->index >= f->ahead && !word_folio(k->page_cache[f->index]))
		f->start = f->index;
	else if (f->index == f->mark && f->ahead < f->end)
		f->start = f->ahead;
	else
		return false;
	f->mark = f->start;
	f->ahead = MIN(f->start + RA_PAGES, f->end);
	return true;
}

/* The folio at the index, with a reference, if it can be copied; otherwise 0, and f->folio, if there is one,
 * is to be waited for. */
static bool get_folio(struct kernel *k, struct filemap_read *f)
{
	f->folio = word_folio(k->page_cache[f->index]);
	if (f->folio)
		k->folio[f->folio].refs++;
	return f->folio && k->folio[f->folio].flags & FOLIO_UPTODATE;
}

PATH(filemap_read)
{
	STEPS(LOOKUP, READAHEAD, AGAIN, CREATE, READ, WAIT_READ, PUT_READ, COPY, PUT);
	BEGIN;
	for (; f->index < f->end; f->index++) {
		AT(LOOKUP);
		while (next_window(k, f))
			CALL(READAHEAD, page_cache_readahead, .index = f->start, .end = f->ahead,
			     .memcg = f->memcg);
		for (;;) {
			AT(AGAIN);
			if (get_folio(k, f))
				break;
			if (!f->folio) {
				CALL(CREATE, filemap_add_folio, .index = f->index, .memcg = f->memcg);
				f->folio = t->ret;
				if (!f->folio && !word_folio(k->page_cache[f->index]))
					RETURN(PATH_ENOMEM);
				if (f->folio)
					CALL(READ, submit_bio, .page = f->index, .nr = 1);
			}
			if (!f->folio)
				continue; /* another task was first */
			f->stalled = folio_wait_begin(k, t, f->folio, f->memcg);
			bit_wait(WAIT_READ, &k->folio_io[f->folio].lock);
			folio_wait_end(k, t, f->stalled);
			CALL(PUT_READ, folio_put, .folio = f->folio);
			f->folio = 0;
		}
		t->work_ns = k->cpu_profile->copy_page_ns;
		AT(COPY);
		folio_mark_accessed(k, t, f->folio);
		CALL(PUT, folio_put, .folio = f->folio);
		f->folio = 0;
	}
	RETURN(PATH_OK);
	END;
}

PATH(generic_perform_write)
{
	STEPS(LOOKUP, CREATE, LOCK, COPY, UNLOCK, PUT);
	BEGIN;
	while (f->index < f->end) {
		AT(LOOKUP);
		f->folio = word_folio(k->page_cache[f->index]);
		if (f->folio) {
			k->folio[f->folio].refs++;
			bit_lock(LOCK, &k->folio_io[f->folio].lock);
		} else {
			CALL(CREATE, filemap_add_folio, .index = f->index, .memcg = f->memcg);
			f->folio = t->ret;
			if (!f->folio && !word_folio(k->page_cache[f->index]))
				RETURN(PATH_ENOMEM);
		}
		if (!f->folio)
			continue; /* another task was first */
		t->work_ns = k->cpu_profile->copy_page_ns;
		AT(COPY);
		k->folio[f->folio].flags |= FOLIO_UPTODATE;
		bit_unlock(UNLOCK, &k->folio_io[f->folio].lock);
		CALL(PUT, folio_put, .folio = f->folio);
		f->folio = 0;
		f->index++;
	}
	RETURN(PATH_OK);
	END;
}
