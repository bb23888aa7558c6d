/*
 * Counts of slots above what a byte of swap_map holds: see continuation.h.
 *
 * A page of swap_map, and so its continuation, is that of many clusters: their locks do not guard it. Up to
 * 4.14 nothing else did (2628bd6fc052, patch continuation-lock): two tasks that found no continuation both
 * made a list of their own, and what the first had counted there was lost with its page. Left out: cont_lock
 * while a count goes down.
 */
#include "models/swap/continuation.h"

#include "models/mm/memory.h"
#include "models/paths.h"
#include "models/recheck.h"

/* Each device has pages of its own, and one number more, as it may begin anywhere in a page. */
static u32 first_map_page(const struct swap_device *si)
{
	return si->first_slot / SLOTS_PER_MAP_PAGE + si->number;
}

static u32 map_page_of(const struct kernel *k, u32 entry)
{
	const struct swap_device *si = device_of(k, entry);

	return first_map_page(si) + (entry - si->first_slot) / SLOTS_PER_MAP_PAGE;
}

u32 continuation_pages(const struct kernel *k)
{
	u32 pages = 0;

	for (u32 i = 0; k->families && i < k->map_pages; i++)
		pages += k->continued[i];
	return pages;
}

void count_borrow(struct kernel *k, u32 entry)
{
	struct swap_slot *slot = &k->slot[entry];

	BUG_ON(!k->count_digit[entry]);
	slot->map = (slot->map & SWAP_HAS_CACHE) | (u8)k->config.swap_map_max;
	if (--k->count_digit[entry])
		slot->map |= COUNT_CONTINUED;
}

/* The byte is full: carry to the next digit. The cluster is locked. Returns whether there is a page for it.
 */
PATH(swap_count_continued)
{
	STEPS(LOCK_CONT, UNLOCK_CONT);
	struct swap_device *const si = device_of(k, f->entry);
	struct swap_slot *const slot = &k->slot[f->entry];

	BEGIN;
	if (!k->continued[map_page_of(k, f->entry)])
		RETURN(false);
	if (k->patch.continuation_lock)
		spin_lock(LOCK_CONT, &si->cont_lock);
	if (!(slot->map & COUNT_CONTINUED))
		k->count_digit[f->entry] = 0; /* nobody zeroed the page */
	BUG_ON(k->count_digit[f->entry] == SWAP_CONT_MAX);
	k->count_digit[f->entry]++;
	slot->map = (slot->map & SWAP_HAS_CACHE) | COUNT_CONTINUED;
	if (k->patch.continuation_lock)
		spin_unlock(UNLOCK_CONT, &si->cont_lock);
	RETURN(true);
	END;
}

/* A list without the page that another task has just put on its own: what that counts is gone. */
static void init_list(struct kernel *k, u32 entry)
{
	const struct swap_device *si = device_of(k, entry);
	u32 first = entry - (entry - si->first_slot) % SLOTS_PER_MAP_PAGE;
	u32 end = MIN(first + SLOTS_PER_MAP_PAGE, si->first_slot + (si->clusters << k->cluster_shift));

	for (u32 i = first; k->continued[map_page_of(k, entry)] && i < end; i++)
		k->count_digit[i] = 0;
}

void continuations_free(struct kernel *k, u32 device)
{
	const struct swap_device *si = &k->device[device];
	u32 first = first_map_page(si), pages = (u32)(si->max / SLOTS_PER_MAP_PAGE + 1);

	for (u32 i = first; k->families && i < first + pages; i++) {
		memory_meta_add(k, -(s64)(k->continued[i] * CONTINUATION_BYTES));
		k->continued[i] = 0;
	}
}

bool count_page_alloc(struct kernel *k, struct task *t, bool atomic)
{
	bool fails = atomic && !memory_above_half_min(k);

	return !choose_usual(&k->machine, atomic ? CHOICE_ATOMIC_ALLOC : CHOICE_SLEEP_ALLOC,
			     ACTOR(ACTOR_TASK, t->id), 2, fails);
}

/* Somebody else may have come first: then the page is not needed. Returns 0, or an error. */
PATH(add_swap_count_continuation)
{
	STEPS(SLEEP, RECLAIM, LOCK_CI, LOCK_CONT, INIT_LIST, UNLOCK_CONT, UNLOCK_CI);
	struct swap_cluster_info *const ci = cluster_of(k, f->entry);
	struct swap_device *const si = device_of(k, f->entry);

	BEGIN;
	if (!f->atomic) {
		might_sleep(SLEEP);
		if (k->memory->free <= k->memory->low) {
			CALL(RECLAIM, alloc_pages_slowpath);
			if (!t->ret)
				RETURN(PATH_ENOMEM);
			folio_free(k, (u32)t->ret);
		}
	}
	if (!count_page_alloc(k, t, f->atomic))
		RETURN(PATH_ENOMEM);
	spin_lock(LOCK_CI, &ci->lock);
	if (recheck(k, RECHECK_CONTINUE_FULL, count_is_full(k, f->entry))) {
		if (k->patch.continuation_lock)
			spin_lock(LOCK_CONT, &si->cont_lock);
		if (recheck(k, RECHECK_CONTINUE_PAGE, !k->continued[map_page_of(k, f->entry)])) {
			AT(INIT_LIST);
			init_list(k, f->entry);
			k->continued[map_page_of(k, f->entry)] = 1;
			memory_meta_add(k, CONTINUATION_BYTES);
		}
		if (k->patch.continuation_lock)
			spin_unlock(UNLOCK_CONT, &si->cont_lock);
	}
	spin_unlock(UNLOCK_CI, &ci->lock);
	RETURN(PATH_OK);
	END;
}
