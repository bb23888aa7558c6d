/*
 * zswap_store() and zswap_load() (mm/zswap.c, 6.12-6.18): a page into an entry and back.
 *
 * Both are done with the folio locked, so nobody else stores or drops what is kept of its slot, and as long
 * as the folio is in the swap cache nobody writes the entry back. The entry goes onto its list last: whoever
 * finds it there finds it whole. Compression works in a buffer of the CPU that the task is on when it begins,
 * under a mutex. A large folio is stored page by page, all or none, and is not loaded as one. Left out:
 * errors of the compressor.
 */
#include "models/cpu.h"
#include "models/mm/folio.h"
#include "models/mm/memory.h"
#include "models/paths.h"
#include "models/swap/zswap.h"

enum { PAGE_BYTES = 4096 };

/* zswap_compress(), when it is done: bytes that have been taken from the pool, 0: the page is not kept. One
 * that does not get smaller is, from 6.18 on, unless it could not be written back later. */
static u32 take_room(struct kernel *k, const struct folio *f, u32 content)
{
	u32 bytes = zswap_compressed_bytes(k, f->page, content);

	if (bytes == PAGE_BYTES && !(k->release->zswap_keeps_raw && zswap_writeback_enabled(k, f->memcg))) {
		count_memcg(k, 0, ZSWAP_REJECT_COMPRESS_POOR, 1);
		return 0;
	}
	if (!memory_zswap_add(k, bytes)) {
		count_memcg(k, 0, ZSWAP_REJECT_ALLOC_FAIL, 1);
		return 0;
	}
	return bytes;
}

PATH(zswap_store)
{
	STEPS(CHECK_MAX, SHRINK, CHECK_POOL, LOCK_CTX, COMPRESS, UNLOCK_CTX, INSERT, LRU_ADD, REJECT);
	struct folio *const folio = &k->folio[f->folio];

	BEGIN;
	if (folio->flags & FOLIO_LARGE && !k->release->zswap_large)
		RETURN(false);
	AT(CHECK_MAX);
	if (!zswap_may_store(k, folio->memcg)) {
		CALL(SHRINK, zswap_shrink_memcg, .memcg = folio->memcg);
		if (t->ret)
			goto reject;
	}
	AT(CHECK_POOL);
	if (zswap_check_limits(k))
		goto reject;
	for (; f->i < folio_nr_pages(k, f->folio); f->i++) {
		f->cpu = t->cpu;
		mutex_lock(LOCK_CTX, zswap_context(m, f->cpu));
		t->work_ns = zswap_compress_ns(k, folio->page, k->folio[f->folio + f->i].content);
		AT(COMPRESS);
		f->bytes = take_room(k, folio, k->folio[f->folio + f->i].content);
		mutex_unlock(UNLOCK_CTX, zswap_context(m, f->cpu));
		if (!f->bytes)
			goto reject;
		AT(INSERT);
		f->entry = zswap_insert(k, t, f->folio + f->i, f->bytes);
		AT(LRU_ADD);
		zswap_lru_add(k, f->entry);
	}
	count_memcg(k, folio->memcg, ZSWPOUT, folio_nr_pages(k, f->folio));
	RETURN(true);

reject:
	AT(REJECT);
	if (k->zswap->reached_full)
		zswap_queue_shrink(k);
	/* what was kept of it, and older data, which must not get to the device after this */
	for (u32 i = 0; i < folio_nr_pages(k, f->folio); i++)
		zswap_erase(k, k->folio_io[f->folio].swap + i);
	RETURN(false);
	END;
}

/* The entry is there: nobody but who has claimed the slot takes it away. */
PATH(zswap_load)
{
	STEPS(LOCK_CTX, DECOMPRESS, UNLOCK_CTX, ERASE);
	struct folio *const folio = &k->folio[f->folio];

	BEGIN;
	f->entry = zswap_entry_at(k, f->slot);
	f->cpu = t->cpu;
	mutex_lock(LOCK_CTX, zswap_context(m, f->cpu));
	t->work_ns = zswap_decompress_ns(k, k->zswap_entry[f->entry].page, k->zswap_entry[f->entry].content);
	AT(DECOMPRESS);
	folio->content = k->zswap_entry[f->entry].content;
	mutex_unlock(UNLOCK_CTX, zswap_context(m, f->cpu));
	count_memcg(k, k->zswap_entry[f->entry].memcg, ZSWPIN, 1);
	if (!(folio->flags & FOLIO_SWAPCACHE) && k->patch.zswap_bypass_keeps)
		RETURN(0); /* a page that may be thrown away again must not be the only copy */
	AT(ERASE);
	zswap_erase(k, f->slot);
	folio->flags |= FOLIO_DIRTY;
	RETURN(0);
	END;
}
