/*
 * do_swap_page() (mm/memory.c, 6.12-7.0): a fault on a swapped page.
 *
 * Up to 6.18, on a synchronous device a page with one reference is read around the swap cache. Nothing marks
 * the slot as being read while the page is allocated and charged; the claim on it is SWAP_HAS_CACHE, and who
 * comes second throws its page away and sleeps a tick (patches bypass-pin, race-wait-queue).
 *
 * From 7.0 on everything goes through the swap cache, and what the release names brings a page of a
 * synchronous device in (release.swapin, swap/cache_alloc.c). The reference goes when the entry is set, and
 * not before, so that whoever comes finds the folio or the new entry; a page of a synchronous device then
 * leaves the cache. A large folio that was read so is mapped as a whole or thrown away.
 *
 * Who finds the folio locked, as it is while it is read, waits for that without a lock on the address space
 * and tries the whole fault again; with FAULT_FLAG_TRIED (fault.c) it waits for the lock itself.
 *
 * A page that others have too, as they do after fork(), is mapped for reading only, and a write goes on to
 * copy it (fault.c). The retry leaves the lock of the address space to whoever forks it.
 *
 * The device is held from the lookup to the end, so that it is not swapped off meanwhile (patch
 * swap-device-ref); if that has come so far that it cannot be held, the entry is not what it was.
 *
 * A large folio that was read around the swap cache is mapped as a whole or not at all; one in the swap cache
 * as a whole if all its pages are swapped to its slots, else the one page is.
 *
 * Left out: KSM, poisoned pages, userfaultfd, the swap-rate throttle, stable writes.
 */
#include "models/cpu.h"
#include "models/mm/family.h"
#include "models/mm/folio.h"
#include "models/mm/lru.h"
#include "models/mm/memcg.h"
#include "models/mm/psi.h"
#include "models/mm/rmap.h"
#include "models/mm/swapin.h"
#include "models/mm/thp.h"
#include "models/mm/workingset.h"
#include "models/mm/zap.h"
#include "models/paths.h"
#include "models/recheck.h"
#include "models/swap/cache.h"
#include "models/swap/device_ref.h"
#include "models/swap/readahead.h"
#include "models/swap/slots.h"
#include "models/words.h"

#include "sim/error.h"
#include "sim/lock.h"
#include "sim/object.h"

bool pte_is_entry(const struct kernel *k, u32 page, u32 entry)
{
	return k->pte_flags[page] & PTE_SWAP && k->pte[page] == entry;
}

/* Pages from @page on are swapped to slots from @entry on, and alike. */
static bool ptes_are_entries(const struct kernel *k, u32 page, u32 entry, u32 nr)
{
	return pte_is_entry(k, page, entry) && swap_pte_batch(k, page, page + nr) == nr;
}

/* Of a folio in the swap cache: all its pages, if they are in the same mapping and table and swapped to its
 * slots. */
static void take_whole_folio(const struct kernel *k, struct do_swap_page *f)
{
	u32 nr = folio_nr_pages(k, f->folio), before = f->entry - k->folio_io[f->folio].swap;
	u32 table = page_align(f->page, k->table_shift), end = table + k->config.pages_per_table;
	const struct vma *vma = vma_of(k, f->page);

	if (nr == 1 || f->page - MAX(table, vma->first_page) < before ||
	    f->page - before + nr > MIN(end, vma->first_page + vma->pages) ||
	    !ptes_are_entries(k, f->page - before, f->entry - before, nr))
		return;
	f->first -= before;
	f->entry -= before;
	f->nr = nr;
}

/* What is to be mapped, with the page table locked. False: that is no longer swapped there; or other pages of
 * a new folio are not, which may be another cgroup's then. */
static bool find_ptes(const struct kernel *k, struct do_swap_page *f)
{
	if (!f->bypass)
		take_whole_folio(k, f);
	f->frame = slot_frame(k, f->folio, f->entry);
	if (!ptes_are_entries(k, f->first, f->entry, f->nr))
		return false;
	f->useless = k->folio[f->folio].flags & FOLIO_UNSEEN && f->nr != folio_nr_pages(k, f->folio);
	return !f->useless;
}

/* Whether the entry is set before the reference goes. */
static bool maps_first(const struct kernel *k)
{
	return k->release->swapin;
}

/* should_try_to_free_swap(). Nobody else has it: the fault, or the entries that are set, and the cache. */
static bool should_free_swap(const struct kernel *k, const struct do_swap_page *f)
{
	const struct folio *folio = &k->folio[f->folio];
	u32 own = maps_first(k) ? f->nr : 1;

	if (!(folio->flags & FOLIO_SWAPCACHE))
		return false;
	if (maps_first(k) && device_of(k, f->entry)->synchronous)
		return true;
	return mem_cgroup_swap_full(k, f->folio) ||
	       (f->write && folio->refs == own + folio_nr_pages(k, f->folio));
}

/* Nobody else has what @folio, which the faulting task holds, was read from. */
static bool is_exclusive(const struct kernel *k, const struct do_swap_page *f)
{
	return f->bypass || k->pte_flags[f->page] & PTE_EXCLUSIVE || k->folio[f->folio].refs == 1;
}

void swapin_check_content(struct kernel *k, u32 page, u32 frame, const char *how)
{
	if (k->folio[frame].content == page_content(k, page))
		return;
	k->machine.violated = object_place(&k->machine, &k->pte[page]);
	machine_fail(&k->machine, ERROR_FINDING,
		     "content: %s %s with data that is not what was last written to it", PAGE_NAME(k, page),
		     how);
}

/* __page_check_anon_rmap(): what was mapped before is still known at that page. */
static void check_rmap(struct kernel *k, u32 page, u32 frame)
{
	if (k->folio[page_folio(k, frame)].flags & FOLIO_UNSEEN || rmap_reaches(k, frame, page))
		return;
	k->machine.violated = object_place(&k->machine, &k->pte[page]);
	machine_fail(&k->machine, ERROR_FINDING,
		     "cache_bijection: %s was mapped to folio %u of the swap cache, which is another page's",
		     PAGE_NAME(k, page), frame);
}

void map_swapped_page(struct kernel *k, u32 page, u32 frame, u32 flags, bool exclusive)
{
	u32 folio = page_folio(k, frame);
	struct mm *mm = mm_of(k, page);

	swapin_check_content(k, page, frame, "was mapped");
	check_rmap(k, page, frame);
	if (exclusive)
		k->folio[frame].flags |= FOLIO_EXCLUSIVE;
	k->folio[folio].flags &= ~FOLIO_UNSEEN;
	k->pte[page] = frame;
	k->pte_flags[page] = (k->pte_flags[page] & PTE_FILE) | PTE_PRESENT | flags;
	/* readahead by slots does not know whose pages it reads */
	k->folio[folio].page = (exclusive ? page : family_root_page(k, page)) - (frame - folio);
	frame_add_rmap(k, frame);
	mm->anon_pages++;
	mm->swap_ents--;
}

/* Pages that others may have, too, may not be written; in 6.1 one's own have to be asked for once more. The
 * fault's reference is that of one of the entries. */
static void map_own_pages(struct kernel *k, struct do_swap_page *f, bool now)
{
	if (!now)
		return;
	f->exclusive = is_exclusive(k, f);
	for (u32 i = 0; i < f->nr; i++) {
		bool written = f->write && f->first + i == f->page;
		u32 flags = PTE_ACCESSED;

		if (f->exclusive && (written || !k->release->maps_read_only))
			flags |= PTE_WRITE | (written ? PTE_DIRTY : 0);
		map_swapped_page(k, f->first + i, f->frame + i, flags, f->exclusive);
	}
	k->folio[f->folio].refs += f->nr - 1;
}

/* It has been read, or there is somebody who does. */
static void count_swapin(struct kernel *k, struct task *t, struct do_swap_page *f)
{
	u32 memcg = mm_of(k, f->page)->memcg;

	if (f->major)
		count_memcg(k, memcg, PGMAJFAULT, 1);
	if (f->bypass)
		return;
	f->stalled = folio_wait_begin(k, t, f->folio, memcg);
}

static void begin_swapin(const struct kernel *k, struct task *t, struct do_swap_page *f)
{
	f->entry = k->pte[f->page];
	__builtin_prefetch(&k->slot[f->entry]);
	f->first = f->page;
	f->nr = 1;
	t->work_ns = swap_cache_lookup_ns(k);
}

/* The folio just allocated, if there is one: nobody else knows it, and it is for as many pages as it has. */
static bool take_new_folio(struct kernel *k, struct task *t, struct do_swap_page *f)
{
	f->folio = t->ret;
	if (!f->folio)
		return false;
	f->first = k->folio[f->folio].page;
	f->entry -= f->page - f->first;
	f->nr = folio_nr_pages(k, f->folio);
	k->folio_io[f->folio].lock = bit_lock_by(t->id);
	return true;
}

bool swapin_start_bypass(struct kernel *k, const struct task *t, u32 folio, u32 entry)
{
	u64 shadow = word_shadow(swap_cache_word(k, entry));

	k->folio_io[folio].swap = entry;
	memcg1_swapin(k, entry, folio_nr_pages(k, folio));
	return shadow && workingset_refault(k, t, folio, shadow);
}

static bool begin_bypass(struct kernel *k, const struct task *t, struct do_swap_page *f)
{
	f->bypass = 1;
	f->major = FAULT_MAJOR;
	return swapin_start_bypass(k, t, f->folio, f->entry);
}

static void count_lost_race(struct kernel *k, const struct do_swap_page *f)
{
	u32 memcg = mm_of(k, f->page)->memcg;

	count_memcg(k, memcg, SWAPIN_RACES, 1);
	count_memcg(k, memcg, SWAPIN_WASTED_PAGES, f->nr);
}

static bool hold_device(struct kernel *k, struct do_swap_page *f)
{
	if (!k->patch.swap_device_ref)
		return true;
	f->pinned = get_swap_device(k, f->entry);
	return f->pinned;
}

static u32 get_cached(struct kernel *k, const struct do_swap_page *f)
{
	u32 folio = swap_cache_get_folio(k, f->entry);

	if (folio)
		swap_update_readahead(k, f->page, folio);
	return folio;
}

static void end_lost_race(struct kernel *k, const struct do_swap_page *f, u64 slept_ns)
{
	count_race_sleep(k, f->page, slept_ns);
	k->folio_io[f->folio].lock = 0;
}

static struct wait_queue *losers_queue(struct kernel *k)
{
	return k->patch.race_wait_queue ? &k->swap->swapcache_wq : NULL;
}

/* Whether it is read around the swap cache. */
static bool is_bypassed(const struct kernel *k, u32 entry)
{
	return !k->release->swapin && device_of(k, entry)->synchronous && swap_count(k, entry) == 1;
}

static bool claims_first(const struct kernel *k)
{
	return k->patch.bypass_pin && k->release->claims_first;
}

enum { LOST_RACE = -1 };

/* Up to 6.11 the claim comes first, and covers the allocation; who comes second has nothing to throw away. */
PATH(swapin_claim)
{
	STEPS(PREPARE, RACE_SLEEP, ALLOC, GIVE_UP);
	BEGIN;
	CALL(PREPARE, swapcache_prepare, .entry = f->entry, .nr = 1);
	if (t->ret) {
		count_memcg(k, mm_of(k, f->page)->memcg, SWAPIN_RACES, 1);
		wait_on(RACE_SLEEP, losers_queue(k), tick_timeout(m, 1));
		count_race_sleep(k, f->page, m->now - t->since);
		RETURN(LOST_RACE);
	}
	CALL(ALLOC, alloc_charged_folio, .page = f->page, .memcg = swap_memcg(k, f->page, f->entry));
	f->folio = t->ret;
	if (!f->folio)
		CALL(GIVE_UP, swapcache_clear, .entry = f->entry, .nr = 1);
	RETURN(f->folio);
	END;
}

/* Nothing could be read. If the page is still swapped: VM_FAULT_OOM, for which nobody is killed, the fault
 * comes again. */
PATH(swapin_none)
{
	STEPS(LOCK_PTL, UNLOCK_PTL);
	BEGIN;
	spin_lock(LOCK_PTL, &page_table_of(k, f->page)->ptl);
	if (pte_is_entry(k, f->page, f->entry))
		count_memcg(k, mm_of(k, f->page)->memcg, VM_FAULT_OOM, 1);
	spin_unlock(UNLOCK_PTL, &page_table_of(k, f->page)->ptl);
	RETURN(0);
	END;
}

/* For a swap-in around the swap cache. */
PATH(swapin_alloc)
{
	STEPS(CLAIM, ALLOC_FOLIO, ALLOC, NONE);
	BEGIN;
	if (claims_first(k))
		CALL(CLAIM, swapin_claim, .entry = f->entry, .page = f->page);
	else if (has_large_folios(k))
		CALL(ALLOC_FOLIO, alloc_swap_folio, .page = f->page, .entry = f->entry);
	else
		CALL(ALLOC, alloc_charged_folio, .page = f->page, .memcg = swap_memcg(k, f->page, f->entry));
	if (t->ret > 0)
		RETURN(t->ret);
	if (t->ret != LOST_RACE)
		CALL(NONE, swapin_none, .entry = f->entry, .page = f->page);
	RETURN(0);
	END;
}

PATH(do_swap_page)
{
	STEPS(LOOKUP, ALLOC, PREPARE, RACE_SLEEP, RACE_DROP, COST, LRU_ADD, READ, SWAPIN, READAHEAD,
	      DROP_MMAP, WAIT_FOLIO, RETRY, LOCK_FOLIO, DRAIN, LOCK_PTL, FREE_ENTRY, FREE_SWAP, UNLOCK_SHARED,
	      COPY, UNLOCK_FOLIO, UNLOCK_PTL, NONE, GONE, DELETE, BACK_FREE, BACK_OUT, BACK_UNLOCK, CLEAR);
	BEGIN;
	begin_swapin(k, t, f);
	AT(LOOKUP); /* the entry may be stale: nothing looks at the page table again before LOCK_PTL */
	if (!hold_device(k, f))
		RETURN(0);
	f->folio = get_cached(k, f);
	if (!f->folio && is_bypassed(k, f->entry)) {
		CALL(ALLOC, swapin_alloc, .entry = f->entry, .page = f->page);
		if (!take_new_folio(k, t, f))
			goto out;
		if (k->patch.bypass_pin && !k->release->claims_first) {
			CALL(PREPARE, swapcache_prepare, .entry = f->entry, .nr = f->nr);
			if (t->ret) {
				count_lost_race(k, f);
				wait_on(RACE_SLEEP, losers_queue(k), tick_timeout(m, 1));
				end_lost_race(k, f, m->now - t->since);
				CALL(RACE_DROP, folio_put, .folio = f->folio);
				goto out;
			}
		}
		if (begin_bypass(k, t, f))
			CALL(COST, lru_note_cost_refault, .folio = f->folio);
		if (folio_add_lru(k, t, f->folio))
			CALL(LRU_ADD, lru_add_drain, .folio = f->folio);
		CALL(READ, swap_read_folio, .folio = f->folio, .entry = f->entry);
	} else if (!f->folio) {
		if (k->release->swapin && device_of(k, f->entry)->synchronous)
			CALL_ANY(SWAPIN, k->release->swapin, swapin_folio, .entry = f->entry,
				 .page = f->page);
		else
			CALL(READAHEAD, swapin_readahead, .entry = f->entry, .page = f->page);
		f->folio = t->ret;
		if (!f->folio)
			goto none;
		f->major = FAULT_MAJOR;
	}
	count_swapin(k, t, f);
	if (!f->bypass) {
		if (k->folio_io[f->folio].lock && !f->tried) {
			if (k->families)
				up_read(DROP_MMAP, &member_of(k, f->page)->mmap_lock);
			bit_wait(WAIT_FOLIO, &k->folio_io[f->folio].lock);
			folio_wait_end(k, t, f->stalled);
			CALL(RETRY, folio_put, .folio = f->folio);
			f->major |= FAULT_RETRY;
			goto out;
		}
		bit_lock(LOCK_FOLIO, &k->folio_io[f->folio].lock);
		folio_wait_end(k, t, f->stalled);
		if (!recheck(k, RECHECK_SWAPIN_FOLIO, folio_has_slot(k, f->folio, f->entry)))
			goto back_out;
		if (f->write && !(k->folio[f->folio].flags & FOLIO_LRU)) /* a batch's reference hides ours */
			CALL(DRAIN, lru_add_drain, .folio = 0);
	}
	spin_lock(LOCK_PTL, &page_table_of(k, f->page)->ptl);
	if (!recheck(k, RECHECK_SWAPIN_PTE, find_ptes(k, f))) {
		if (f->useless)
			CALL(DELETE, swap_cache_del_folio, .folio = f->folio);
		spin_unlock(BACK_UNLOCK, &page_table_of(k, f->page)->ptl);
		goto back_out;
	}
	map_own_pages(k, f, maps_first(k));
	CALL(FREE_ENTRY, swap_free, .entry = f->entry, .nr = f->nr);
	if (should_free_swap(k, f))
		CALL(FREE_SWAP, folio_free_swap, .folio = f->folio);
	map_own_pages(k, f, !maps_first(k));
	if (f->write && !f->exclusive) {
		bit_unlock(UNLOCK_SHARED, &k->folio_io[f->folio].lock);
		f->folio = 0;
		CALL(COPY, do_wp_page, .page = f->page, .locked = true);
		goto out;
	}
	bit_unlock(UNLOCK_FOLIO,
		   &k->folio_io[f->folio].lock); /* first: our reference is the entry's by now */
	spin_unlock(UNLOCK_PTL, &page_table_of(k, f->page)->ptl);
	f->folio = 0;
	goto out;
none:
	CALL(NONE, swapin_none, .entry = f->entry, .page = f->page);
	goto out;
back_out:
	if (maps_first(k) && k->folio[f->folio].flags & FOLIO_SWAPCACHE)
		CALL(BACK_FREE, folio_free_swap, .folio = f->folio);
	bit_unlock(BACK_OUT, &k->folio_io[f->folio].lock);
	CALL(GONE, folio_put, .folio = f->folio);
	f->folio = 0;
out:
	if (f->bypass && k->patch.bypass_pin) {
		CALL(CLEAR, swapcache_clear, .entry = f->entry, .nr = f->nr);
		wake_up_all(m, &k->swap->swapcache_wq);
	}
	put_swap_device(k, f->pinned);
	RETURN(f->major);
	END;
}
