/*
 * slots.h - what is known of a slot: its state, its count, its owner, whether swap is getting full
 * (mm/swapfile.c).
 *
 *		up to 6.18		7.0			from 7.1
 *	count	map			map			the word, above 14 an extend table
 *	free	map is 0		count 0, no folio	the word is 0
 *	cached	SWAP_HAS_CACHE, and a	a folio			same
 *		folio sooner or later
 */
#ifndef MODELS_SWAP_SLOTS_H
#define MODELS_SWAP_SLOTS_H

#include "models/swap/continuation.h"
#include "models/swap/extend_table.h"

/* Whether a bit of swap_map says that a slot is in the swap cache, or that somebody is about to put something
 * there. */
static inline bool has_cache_bit(const struct kernel *k)
{
	return k->release->slots == SLOT_MAP_AND_BIT;
}
static inline bool count_is_in_word(const struct kernel *k)
{
	return k->release->slots == SLOT_WORD;
}
static inline bool slot_is_bad(const struct kernel *k, u32 entry)
{
	return count_is_in_word(k) ? k->slot[entry].cache == WORD_BAD : k->slot[entry].map == SWAP_MAP_BAD;
}
static inline bool slot_is_cached(const struct kernel *k, u32 entry)
{
	return has_cache_bit(k) ? k->slot[entry].map & SWAP_HAS_CACHE : word_folio(k->slot[entry].cache) != 0;
}
static inline bool slot_is_free(const struct kernel *k, u32 entry)
{
	if (count_is_in_word(k))
		return !k->slot[entry].cache;
	return !k->slot[entry].map && (has_cache_bit(k) || !word_folio(k->slot[entry].cache));
}
static inline bool slot_is_used(const struct kernel *k, u32 entry)
{
	return !slot_is_free(k, entry) && !slot_is_bad(k, entry);
}
static inline bool slot_is_cache_only(const struct kernel *k, u32 entry)
{
	if (count_is_in_word(k))
		return slot_is_cached(k, entry) && !word_count(k->slot[entry].cache);
	return k->slot[entry].map == (has_cache_bit(k) ? SWAP_HAS_CACHE : 0) && slot_is_cached(k, entry);
}

static inline u32 swap_count(const struct kernel *k, u32 entry)
{
	u8 map = k->slot[entry].map & ~SWAP_HAS_CACHE;

	if (count_is_in_word(k))
		return slot_is_bad(k, entry) ? 0 : count_of_word(k, entry);
	return map == SWAP_MAP_SHMEM ? 1 : (map & SWAP_MAP_BAD) + count_continued(k, entry);
}
/* What the word says of a page that was evicted; 0: nothing. An empty shadow is one of age 0, as the kernel
 * takes it.
 */
static inline u64 slot_shadow(const struct kernel *k, u32 entry)
{
	return word_shadow(k->slot[entry].cache & ~word_flags(k));
}
/* Whether one more reference needs more memory than there is for the count. */
static inline bool slot_count_is_full(const struct kernel *k, u32 entry)
{
	return count_is_in_word(k) ? word_count_is_full(k, entry) : count_is_full(k, entry);
}
/* One reference more, which fits. */
static inline void slot_get(struct kernel *k, u32 entry)
{
	if (count_is_in_word(k))
		word_count_get(k, entry);
	else
		k->slot[entry].map++;
}
/* One reference less. */
static inline void slot_put(struct kernel *k, u32 entry)
{
	struct swap_slot *slot = &k->slot[entry];

	if (count_is_in_word(k))
		word_count_put(k, entry);
	else if ((slot->map & ~SWAP_HAS_CACHE) == SWAP_MAP_SHMEM)
		slot->map &= SWAP_HAS_CACHE;
	else if (slot->map & COUNT_CONTINUED && !map_digit(slot))
		count_borrow(k, entry);
	else
		slot->map--;
}
/* From 7.2 the word says so, too; what the device holds is beside it here. */
static inline void slot_note_zero(struct kernel *k, u32 entry, bool zero)
{
	if (k->release->cgroup_in_cluster)
		k->slot[entry].cache =
		    zero ? k->slot[entry].cache | WORD_ZERO : k->slot[entry].cache & ~WORD_ZERO;
}

static inline bool vm_swap_full(const struct kernel *k)
{
	return k->swap->free_pages * 2 < (s64)k->swap->total_pages;
}

/* Whom a page that is read from @entry is charged to: the slot's record. */
static inline u32 swap_memcg(const struct kernel *k, u32 page, u32 entry)
{
	u32 memcg = k->slot[entry].memcg;

	return memcg ? memcg : mm_of(k, page)->memcg;
}

static inline void count_race_sleep(struct kernel *k, u32 page, u64 ns)
{
	count_memcg(k, mm_of(k, page)->memcg, SWAPIN_RACE_SLEEPS, 1);
	count_memcg(k, mm_of(k, page)->memcg, SWAPIN_RACE_SLEEP_NS, ns);
	histogram_record(&k->latency[LATENCY_RACE_SLEEP], ns);
}

/* cluster_alloc_range(): swapoff may have begun since the device was chosen (patch scan-writeok-recheck). */
static inline bool may_take_slots(const struct kernel *k, const struct swap_device *si)
{
	return si->flags & SWP_WRITEOK || !k->patch.scan_writeok_recheck;
}

/* swap_range_alloc() and swap_range_free() with the cluster's count, but for the count of free slots when
 * they are taken (which 6.12 counts beforehand) and the cache's words when they are freed. */
void swap_range_alloc(struct kernel *k, u32 entry, u32 nr);
void swap_range_free(struct kernel *k, u32 entry, u32 nr);
/* The same with them, where a table has them. */
void swap_slots_free(struct kernel *k, u32 entry, u32 nr);

/* From what try_to_reclaim_swap() returned: the slots of the folio that it freed or could not free, 1 if
 * there was none. */
static inline u32 slots_seen(s64 reclaimed)
{
	return (u32)MAX(reclaimed < 0 ? -reclaimed : reclaimed, 1);
}

/* Where to look for the next folio: one that was found there is aligned to its size. */
static inline u32 after_folio(u32 entry, s64 reclaimed)
{
	u32 pages = slots_seen(reclaimed);

	return (entry / pages + 1) * pages;
}

/* First and last + 1 slot of a cluster. */
static inline u32 cluster_first(const struct kernel *k, u32 cluster)
{
	return cluster << k->cluster_shift;
}
static inline u32 cluster_end(const struct kernel *k, u32 cluster)
{
	return (cluster + 1) << k->cluster_shift;
}

#endif
