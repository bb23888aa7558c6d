/*
 * Swap readahead (mm/swap_state.c, 6.12-6.18): swapin_readahead(), swap_vma_readahead(),
 * swap_cluster_readahead() and the size of the window.
 *
 * Around the virtual address of the fault, or around the slot if a rotational device is in use or the page is
 * of shared memory (shmem_swapin_cluster()). The
 * pages of a window are allocated and charged one by one under one plug, and charging may reclaim. Both look
 * the target up again at the end, and read it if it is not there, as when the window is a single page.
 */
#include "models/swap/readahead.h"

#include "models/block/block.h"
#include "models/cpu.h"
#include "models/mm/shmem.h"
#include "models/paths.h"
#include "models/swap/cache.h"
#include "models/swap/slots.h"

enum { RA_HITS_MAX = 63, RA_ORDER_CEILING = 5, RA_WINDOW_LEAST = 4 };

static u32 least(u32 a, u32 b)
{
	return a < b ? a : b;
}

static u32 most(u32 a, u32 b)
{
	return a > b ? a : b;
}

/* __swapin_nr_pages() */
static u32 window_pages(u32 prev, u32 now, u32 hits, u32 limit, u32 prev_window)
{
	u32 pages = hits + 2;

	if (pages == 2) {
		if (now != prev + 1 && now != prev - 1)
			pages = 1;
	} else {
		u32 rounded = RA_WINDOW_LEAST;

		while (rounded < pages)
			rounded <<= 1;
		pages = rounded;
	}
	if (pages > limit)
		pages = limit;
	return pages < prev_window / 2 ? prev_window / 2 : pages;
}

static u32 most_pages(const struct kernel *k)
{
	u32 order = k->config.page_cluster;

	return 1u << (k->swap->rotational || order < RA_ORDER_CEILING ? order : RA_ORDER_CEILING);
}

/* swap_vma_ra_win(): pages [*start, *end); the number of pages, of which the mapping's end may cut some off.
 */
static u32 vma_window(struct kernel *k, u32 page, u32 *start, u32 *end)
{
	struct vma *vma = vma_of(k, page);
	u32 prev = vma->ra_prev, table = page >> k->table_shift << k->table_shift;
	s64 first = page; /* may lie before the first page there is */
	u32 pages;

	if (most_pages(k) == 1)
		return 1;
	pages = window_pages(prev, page, vma->ra_hits, most_pages(k), vma->ra_window);
	vma->ra_prev = page;
	vma->ra_window = pages;
	vma->ra_hits = 0;
	if (prev == page + 1)
		first -= pages - 1;
	else if (page != prev + 1)
		first -= (pages - 1) / 2;
	*end = least((u32)(first + pages),
		     least(vma->first_page + vma->pages, table + k->config.pages_per_table));
	*start = most(first < 0 ? 0 : (u32)first, most(vma->first_page, table));
	return pages;
}

/* swapin_nr_pages(), and the slots [*start, *end) of the aligned window. */
static u32 cluster_window(struct kernel *k, u32 entry, u32 *start, u32 *end)
{
	const struct swap_device *si = device_of(k, entry);
	u32 hits = k->swap->ra_hits, offset = entry - si->first_slot, pages;

	if (most_pages(k) == 1)
		return 1;
	k->swap->ra_hits = 0;
	pages = window_pages(k->swap->ra_prev, offset, hits, most_pages(k), k->swap->ra_window);
	if (!hits)
		k->swap->ra_prev = offset;
	k->swap->ra_window = pages;
	*start = most(offset & ~(pages - 1), 1) + si->first_slot;
	*end = least((offset | (pages - 1)) + 1, (u32)si->max) + si->first_slot;
	return pages;
}

void swap_update_readahead(struct kernel *k, u32 page, u32 folio)
{
	struct folio *f = &k->folio[folio];
	struct vma *vma = vma_of(k, page);
	bool hit = f->flags & FOLIO_READAHEAD;

	if (f->flags & FOLIO_LARGE)
		return; /* it was not read ahead */
	f->flags &= ~FOLIO_READAHEAD;
	if (!k->swap->rotational && !is_shmem(k, page)) {
		vma->ra_prev = page;
		vma->ra_hits = least(vma->ra_hits + hit, RA_HITS_MAX);
	} else if (k->swap->ra_hits < UINT8_MAX) {
		k->swap->ra_hits += hit;
	}
	if (hit)
		count_memcg(k, mm_of(k, page)->memcg, SWAP_RA_HIT, 1);
}

/* The slot of the next page of the window, 0 if that page is not swapped. */
static u32 entry_at(const struct kernel *k, const struct swapin_readahead *f)
{
	if (f->by_slots)
		return f->next;
	return k->pte_flags[f->next] & PTE_SWAP ? k->pte[f->next] : 0;
}

/* On another device than the target, which the caller holds (patch readahead-device-ref). */
static bool is_elsewhere(const struct kernel *k, const struct swapin_readahead *f)
{
	return k->patch.readahead_device_ref && device_of(k, f->neighbour) != device_of(k, f->entry);
}

PATH(swapin_readahead)
{
	STEPS(WINDOW, LOOK, PAGE, READ, UNLOCK, PUT, FLUSH, DRAIN, TARGET, READ_TARGET, UNLOCK_TARGET);
	BEGIN;
	AT(WINDOW);
	f->by_slots = k->swap->rotational || is_shmem(k, f->page);
	f->window = f->by_slots ? cluster_window(k, f->entry, &f->next, &f->end)
				: vma_window(k, f->page, &f->next, &f->end);
	if (f->window > 1) {
		plug_start(k, t);
		for (; f->next < f->end; f->next++) {
			AT(LOOK);
			f->neighbour = entry_at(k, f);
			if (!f->neighbour)
				continue;
			CALL_ANY(PAGE, k->release->read_swap_cache, read_swap_cache_async,
				 .entry = f->neighbour, .pin = is_elsewhere(k, f),
				 .page = f->by_slots ? f->page : f->next);
			f->folio = (u32)t->ret;
			f->is_new = t->ret >> 32;
			if (!f->folio)
				continue;
			if (f->is_new) {
				CALL(READ, swap_read_folio, .folio = f->folio, .entry = f->neighbour);
				if (t->ret == READ_DONE)
					bit_unlock(UNLOCK, &k->folio_io[f->folio].lock);
				if (f->neighbour != f->entry) {
					k->folio[f->folio].flags |= FOLIO_READAHEAD;
					count_memcg(k, k->folio[f->folio].memcg, SWAP_RA, 1);
				}
			}
			CALL(PUT, folio_put, .folio = f->folio);
			f->folio = 0;
		}
		plug_finish(k, t);
		AT(FLUSH);
		CALL(DRAIN, lru_add_drain, .folio = 0);
	}
	CALL_ANY(TARGET, k->release->read_swap_cache, read_swap_cache_async, .entry = f->entry,
		 .page = f->page);
	f->folio = (u32)t->ret;
	if (t->ret >> 32) {
		CALL(READ_TARGET, swap_read_folio, .folio = f->folio, .entry = f->entry,
		     .waits = k->release->waits_in_read && f->window == 1);
		if (t->ret == READ_DONE)
			bit_unlock(UNLOCK_TARGET, &k->folio_io[f->folio].lock);
	}
	RETURN(f->folio);
	END;
}
