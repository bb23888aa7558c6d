/*
 * Reading and writing pages (mm/page_io.c, mm/swap_state.c, 6.12-6.18).
 *
 * A write drops the folio lock before it starts and is covered by the writeback flag, so that a racing
 * swap-in can find, lock and map the folio while it is written; a read holds the lock until it ends. On a
 * synchronous device both are over when the call returns; on others they end in an interrupt. What zswap
 * takes is written, and read, with the folio locked and no I/O. In 7.2 the cluster is locked to note that a
 * folio is zeroes, or is not. Left out: swap files on file systems, errors.
 */
#include "models/swap/page_io.h"

#include "models/block/block.h"
#include "models/block/device.h"
#include "models/cpu.h"
#include "models/mm/folio.h"
#include "models/mm/lru.h"
#include "models/mm/memcg.h"
#include "models/mm/psi.h"
#include "models/mm/thp.h"
#include "models/mm/workingset.h"
#include "models/paths.h"
#include "models/swap/cache.h"
#include "models/swap/device_ref.h"
#include "models/swap/slots.h"
#include "models/swap/zswap.h"

#include "sim/lock.h"

void folio_start_writeback(struct kernel *k, u32 folio)
{
	k->folio_io[folio].writeback = BIT_LOCK_NOBODY;
	k->memory->writeback++;
}

/* acct_reclaim_writeback(): kswapd waits until a batch of what reclaim wrote is done. */
static void wake_throttled(struct kernel *k)
{
	if (++k->memory->throttled_writes > k->config.reclaim_batch)
		wake_up_all(&k->machine, &k->memory->writeback_wait);
}

void folio_end_writeback(struct kernel *k, u32 folio, u32 cpu)
{
	struct folio *f = &k->folio[folio];

	if (f->flags & FOLIO_RECLAIM) {
		f->flags &= ~FOLIO_RECLAIM;
		folio_rotate_reclaimable(k, cpu, folio);
	}
	k->memory->writeback--;
	bit_lock_release(&k->machine, &k->folio_io[folio].writeback);
	if (k->memory->writeback_wait.head)
		wake_throttled(k);
}

void end_swap_bio(struct kernel *k, u32 entry, bool write, u32 cpu)
{
	u32 folio = word_folio(swap_cache_word(k, entry));
	u32 frame = k->folio[folio].flags & FOLIO_LARGE ? slot_frame(k, folio, entry) : folio;

	if (!write)
		k->folio[frame].content = k->slot[entry].content;
	if (!folio_end_io(k, folio))
		return;
	if (write) {
		folio_end_writeback(k, folio, cpu);
		return;
	}
	k->folio[folio].flags |= FOLIO_UPTODATE;
	bit_lock_release(&k->machine, &k->folio_io[folio].lock);
}

/* is_folio_zero_filled(): every page of it. */
static bool folio_is_zero(const struct kernel *k, u32 folio)
{
	const struct corpus *corpus = corpus_of(k, k->folio[folio].page);

	for (u32 i = folio; i < folio + folio_nr_pages(k, folio); i++)
		if (!content_is_zero(corpus, k->folio[i].content))
			return false;
	return true;
}

static bool device_copies(const struct kernel *k, u32 entry)
{
	return k->device_model[device_of(k, entry)->number]->codec == CODEC_NONE;
}

/* swap_zeromap_folio_clear(); where nothing else is written, the device's write does it. */
static void forget_zeroes(struct kernel *k, u32 folio)
{
	u32 entry = k->folio_io[folio].swap;

	for (u32 i = entry; i < entry + folio_nr_pages(k, folio); i++) {
		slot_note_zero(k, i, false);
		if (k->slot[i].stored == STORED_ZEROMAP)
			k->slot[i].stored = STORED_NOTHING;
	}
}

/* swap_zeromap_folio_set(). The kernel leaves what zswap has, and finds the zeromap first. */
static void note_zeroes(struct kernel *k, u32 folio)
{
	for (u32 frame = folio; frame < folio + folio_nr_pages(k, folio); frame++) {
		u32 entry = frame_slot(k, frame);

		zswap_erase(k, entry);
		device_slot_free(k, entry);
		k->slot[entry].stored = STORED_ZEROMAP;
		slot_note_zero(k, entry, true);
		k->slot[entry].content = k->folio[frame].content;
	}
	count_memcg(k, k->folio[folio].memcg, SWPOUT_ZERO, folio_nr_pages(k, folio));
}

/* What an asynchronous device will have been given; some may have been zero pages. */
static void note_sent(struct kernel *k, u32 folio)
{
	for (u32 frame = folio; frame < folio + folio_nr_pages(k, folio); frame++) {
		device_slot_free(k, frame_slot(k, frame));
		k->slot[frame_slot(k, frame)].content = k->folio[frame].content;
	}
}

/* count_swpout_vm_event() */
static void count_swpout(struct kernel *k, u32 folio)
{
	u32 order = folio_order(k, folio);

	if (order)
		count_mthp(k, order, MTHP_SWPOUT);
	if (order && order == pmd_order(k))
		count_memcg(k, k->folio[folio].memcg, THP_SWPOUT, 1);
	count_memcg(k, k->folio[folio].memcg, PSWPOUT, 1u << order);
}

static void count_swpin(struct kernel *k, u32 folio)
{
	u32 order = folio_order(k, folio);

	if (order)
		count_mthp(k, order, MTHP_SWPIN);
	count_memcg(k, k->folio[folio].memcg, PSWPIN, 1u << order);
}

PATH(swap_writeout)
{
	STEPS(FREE_SWAP, UNLOCK_FREED, CHECK_ZERO, LOCK_CI, UNLOCK_CI, UNLOCK_ZERO, ZSWAP, UNLOCK_ZSWAP,
	      UNLOCK, WRITE, COPY, END_IO, UNLOCK_ASYNC, SUBMIT);
	struct folio *const folio = &k->folio[f->folio];

	BEGIN;
	if (f->resumed)
		goto write;
	CALL(FREE_SWAP, folio_free_swap, .folio = f->folio);
	if (t->ret) { /* nobody needs it: it is no longer in the cache, and dirty */
		bit_unlock(UNLOCK_FREED, &k->folio_io[f->folio].lock);
		RETURN(PAGE_SUCCESS);
	}
	if (k->release->writes_zeroes)
		goto write;
	AT(CHECK_ZERO);
	f->zero = folio_is_zero(k, f->folio);
	if (k->release->cgroup_in_cluster)
		spin_lock(LOCK_CI, &cluster_of(k, k->folio_io[f->folio].swap)->lock);
	if (f->zero)
		note_zeroes(k, f->folio);
	else if (zswap_is_enabled(k) || k->release->cgroup_in_cluster)
		forget_zeroes(k, f->folio);
	if (k->release->cgroup_in_cluster)
		spin_unlock(UNLOCK_CI, &cluster_of(k, k->folio_io[f->folio].swap)->lock);
	if (f->zero) {
		bit_unlock(UNLOCK_ZERO, &k->folio_io[f->folio].lock);
		RETURN(PAGE_SUCCESS);
	}
	if (zswap_is_enabled(k)) {
		CALL(ZSWAP, zswap_store, .folio = f->folio);
		if (t->ret) {
			if (folio_order(k, f->folio))
				count_mthp(k, folio_order(k, f->folio), MTHP_ZSWPOUT);
			bit_unlock(UNLOCK_ZSWAP, &k->folio_io[f->folio].lock);
			RETURN(PAGE_SUCCESS);
		}
		if (!zswap_writeback_enabled(k, folio->memcg)) {
			folio->flags |= FOLIO_DIRTY;
			RETURN(PAGE_ACTIVATE);
		}
	}
write:
	count_swpout(k, f->folio);
	folio_start_writeback(k, f->folio);
	if (device_of(k, k->folio_io[f->folio].swap)->synchronous) {
		bit_unlock(UNLOCK, &k->folio_io[f->folio].lock);
		if (device_copies(k, k->folio_io[f->folio].swap))
			CALL(COPY, pmem_write_page, .folio = f->folio, .entry = k->folio_io[f->folio].swap);
		else
			CALL(WRITE, zram_write_page, .folio = f->folio, .entry = k->folio_io[f->folio].swap);
		AT(END_IO);
		folio_end_writeback(k, f->folio, t->cpu);
		RETURN(PAGE_SUCCESS);
	}
	note_sent(k, f->folio);
	folio_start_io(k, f->folio);
	bit_unlock(UNLOCK_ASYNC, &k->folio_io[f->folio].lock);
	CALL(SUBMIT, submit_bio, .entry = k->folio_io[f->folio].swap, .nr = folio_nr_pages(k, f->folio),
	     .write = true);
	RETURN(PAGE_SUCCESS);
	END;
}

enum { PARTLY_ZERO = 2 };

/* swap_zeromap_batch(): whether all pages to be read are in the zeromap, or none. */
static u32 zeromap_of(const struct kernel *k, u32 entry, u32 nr)
{
	bool zero = k->slot[entry].stored == STORED_ZEROMAP;

	for (u32 i = 1; i < nr; i++)
		if ((k->slot[entry + i].stored == STORED_ZEROMAP) != zero)
			return PARTLY_ZERO;
	return zero;
}

static void fill_zeroes(struct kernel *k, u32 folio, u32 entry)
{
	u32 nr = folio_nr_pages(k, folio);

	for (u32 i = 0; i < nr; i++)
		k->folio[folio + i].content = k->slot[entry + i].content;
	count_memcg(k, k->folio[folio].memcg, SWPIN_ZERO, nr);
}

/* What the kernel warns of, and leaves the folio as it is: not up to date. Who swaps in makes sure that it
 * does not come to this. */
static bool cannot_be_read(const struct kernel *k, u32 folio, u32 entry)
{
	u32 nr = folio_nr_pages(k, folio);

	return nr > 1 && (zswap_is_enabled(k) || zeromap_of(k, entry, nr) == PARTLY_ZERO);
}

/* The folio is locked. On an asynchronous device it is unlocked when the read ends; else the caller does it.
 * Waiting for a page that had been used is what PSI counts. */
PATH(swap_read_folio)
{
	STEPS(ZERO_FILL, ZSWAP, SUBMIT, COPY, READ, WAIT);
	struct folio *const folio = &k->folio[f->folio];

	BEGIN;
	f->stalled = folio->flags & FOLIO_WORKINGSET;
	if (f->stalled)
		psi_memstall_enter(k, t);
	if (cannot_be_read(k, f->folio, f->entry)) {
		if (f->stalled)
			psi_memstall_leave(k, t);
		RETURN(READ_DONE);
	}
	if (k->slot[f->entry].stored == STORED_ZEROMAP) {
		AT(ZERO_FILL);
		fill_zeroes(k, f->folio, f->entry);
	} else if (zswap_entry_at(k, f->entry)) {
		CALL(ZSWAP, zswap_load, .folio = f->folio, .slot = f->entry);
	} else if (!device_of(k, f->entry)->synchronous) {
		zswap_folio_swapin(k, folio->memcg);
		count_swpin(k, f->folio);
		folio_start_io(k, f->folio);
		CALL(SUBMIT, submit_bio, .entry = f->entry, .nr = folio_nr_pages(k, f->folio),
		     .write = false);
		if (f->waits)
			bit_wait(WAIT, &k->folio_io[f->folio].lock);
		if (f->stalled)
			psi_memstall_leave(k, t);
		RETURN(READ_UNDER_WAY);
	} else {
		zswap_folio_swapin(k, folio->memcg);
		if (device_copies(k, f->entry))
			CALL(COPY, pmem_read_page, .folio = f->folio, .entry = f->entry);
		else
			CALL(READ, zram_read_page, .folio = f->folio, .entry = f->entry);
		count_swpin(k, f->folio);
	}
	if (f->stalled)
		psi_memstall_leave(k, t);
	folio->flags |= FOLIO_UPTODATE;
	RETURN(READ_DONE);
	END;
}

/* Up to 6.14 every time, and from then on if the caller has nothing that keeps the device. */
static bool needs_device(const struct kernel *k, const struct read_swap_cache_async *f)
{
	return !f->pinned && (f->pin || (k->release->swapin_pins && k->patch.readahead_device_ref));
}

/* __read_swap_cache_async(): SWAP_HAS_CACHE is taken before the page is charged and goes into the cache, and
 * whoever comes between finds the bit and no folio, and sleeps a tick (patch race-sleep). The caller reads
 * into a folio that is new. */
PATH(read_swap_cache_async)
{
	STEPS(LOOKUP, LOCK_COUNT, UNLOCK_COUNT, ALLOC, PREPARE, RETRY_SLEEP, RETRY_RESCHED, CHARGE, ADD,
	      GIVE_UP, COST, LRU_ADD, DROP, DROP_OWN, DROP_EARLY);
	BEGIN;
	for (;;) {
		t->work_ns = swap_cache_lookup_ns(k);
		AT(LOOKUP);
		if (needs_device(k, f)) {
			f->pinned = get_swap_device(k, f->entry);
			if (!f->pinned)
				RETURN(0);
		}
		swap_access(k, f->entry);
		if (word_folio(swap_cache_word(k, f->entry))) {
			if (f->folio)
				CALL(DROP, folio_put, .folio = f->folio);
			f->folio = word_folio(swap_cache_word(k, f->entry));
			if (!f->folio)
				continue;
			k->folio[f->folio].refs++;
			put_swap_device(k, f->pinned);
			RETURN(f->folio);
		}
		spin_lock(LOCK_COUNT, &cluster_of(k, f->entry)->lock);
		swap_access(k, f->entry);
		f->referenced = swap_count(k, f->entry) > 0;
		spin_unlock(UNLOCK_COUNT, &cluster_of(k, f->entry)->lock);
		if (!f->referenced)
			break;
		if (!f->folio) {
			CALL(ALLOC, alloc_charged_folio, .page = f->page, .memcg = 0);
			f->folio = t->ret;
			if (!f->folio)
				goto out;
		}
		CALL(PREPARE, swapcache_prepare, .entry = f->entry, .nr = 1);
		f->error = t->ret;
		if (f->error != PATH_EEXIST || f->skip_if_exists)
			break;
		count_memcg(k, mm_of(k, f->page)->memcg, SWAPIN_RACES, 1);
		if (k->release->races_afresh) {
			CALL(DROP_EARLY, folio_put, .folio = f->folio);
			f->folio = 0;
		}
		if (k->patch.race_sleep == RACE_SLEEP_TICK) {
			wait_on(RETRY_SLEEP, NULL, tick_timeout(m, 1));
			count_race_sleep(k, f->page, m->now - t->since);
		} else if (k->patch.race_sleep == RACE_SLEEP_RESCHED) {
			cond_resched(RETRY_RESCHED);
		}
	}
	if (!f->folio)
		goto out;
	if (f->error)
		goto drop;

	k->folio_io[f->folio].lock = bit_lock_by(t->id);
	k->folio[f->folio].flags |= FOLIO_UNSEEN;
	f->memcg = swap_memcg(k, f->page, f->entry);
	CALL(CHARGE, mem_cgroup_charge, .memcg = f->memcg);
	f->error = t->ret;
	if (!f->error) {
		k->folio[f->folio].memcg = f->memcg;
		f->shadow = word_shadow(swap_cache_word(k, f->entry));
		CALL(ADD, swap_cache_add_folio, .folio = f->folio, .entry = f->entry);
		f->error = t->ret;
	}
	if (f->error) {
		CALL(GIVE_UP, swapcache_clear, .entry = f->entry, .nr = 1, .put = true);
		k->folio_io[f->folio].lock = 0;
		goto drop;
	}
	memcg1_swapin(k, f->entry, 1);
	if (f->shadow && workingset_refault(k, t, f->folio, f->shadow))
		CALL(COST, lru_note_cost_refault, .folio = f->folio);
	if (folio_add_lru(k, t, f->folio))
		CALL(LRU_ADD, lru_add_drain, .folio = f->folio);
	put_swap_device(k, f->pinned);
	RETURN(f->folio | SWAPIN_NEW);
drop:
	CALL(DROP_OWN, folio_put, .folio = f->folio);
out:
	put_swap_device(k, f->pinned);
	RETURN(0);
	END;
}
