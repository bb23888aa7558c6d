/*
 * zswap.h - compressed pages in memory, in front of the swap devices (mm/zswap.c, 6.12-6.18).
 *
 * A page that is about to be written to its slot is compressed and kept, and read back from there; the slot
 * stays taken, the device is not asked. What is kept is an entry: a tree leads from the slot to it, and it is
 * on the list of its cgroup, oldest first, from which entries are written to the device when there are too
 * many of them. A swap-in into the swap cache takes the entry away and leaves the page dirty; one around the
 * cache, which may still fail, leaves the entry where it is.
 *
 * Who writes entries back, by zswap_writeback_entry():
 *	zswap_store() of a cgroup that is at its memory.zswap.max		one entry of its list
 *	the worker, once the pool was full, until the accept threshold		one entry a cgroup, in turn
 *	reclaim of a cgroup (shrink_slab(), module parameter shrinker_enabled)	by priority
 * Each passes over an entry the first time it meets it ("referenced").
 *
 * An entry is a number; the number may be used again for another page as soon as the entry is gone, as the
 * kernel's pointer may. Left out: the locks of tree and lists (what is done under them is part of one step),
 * the memory of entries and tree, size classes of zsmalloc (sizes are rounded up to 16 bytes), byte stocks
 * by CPU (one for each cgroup), change of parameters in a run.
 */
#ifndef MODELS_SWAP_ZSWAP_H
#define MODELS_SWAP_ZSWAP_H

#include "models/kernel.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded" /* state is compared byte by byte */

struct zswap_entry {
	u32 prev, next; /* on the cgroup's list; free: next free */
	u32 slot;
	u32 page;    /* whose content it is */
	u32 content; /* see block/content.h */
	u16 bytes;
	u16 memcg;
	u16 referenced;
	u16 listed;
};

/* Of one cgroup. Bytes and entries count in its ancestors, too. */
struct zswap_memcg {
	u64 bytes;	     /* memory.stat zswap */
	u64 stored;	     /* memory.stat zswapped */
	u64 max;	     /* memory.zswap.max, in pages */
	u64 own_bytes;	     /* without those below it, */
	u64 own_pages;	     /* and what is charged for them */
	u64 nr_disk_swapins; /* that there were since reclaim last asked how much it may take */
	u64 nr_deferred;     /* reclaim came for, and left */
	u32 head, tail;	     /* list_lru: the oldest, the newest */
	u32 count;
	u32 writeback; /* memory.zswap.writeback */
};

/* One for the machine. */
struct zswap {
	u64 stored_pages;
	u32 entry_free;		/* chain of entries used before */
	u32 entry_used;		/* entries ever used */
	u32 next_shrink;	/* cgroups the worker has done of its walk */
	u32 worker;		/* its task + 1; 0: not needed so far */
	bit_lock_t shrink_idle; /* there is no work for the worker */
	u8 reached_full;	/* no more is taken until the accept threshold */
	u8 pad[5];
};

#pragma GCC diagnostic pop

/* For a new machine. */
void zswap_init(struct kernel *k);
/* Entries that there can be. */
u64 zswap_entries_max(const struct kernel_config *config, u64 slots);

static inline bool zswap_is_enabled(const struct kernel *k)
{
	return k->config.zswap.enabled;
}

/* The entry of a slot, 0: none. */
static inline u32 zswap_entry_at(const struct kernel *k, u32 slot)
{
	return zswap_is_enabled(k) ? k->zswap_tree[slot] : 0;
}

/* The buffer of a CPU's compressor. */
static inline struct sleeping_lock *zswap_context(const struct machine *m, u32 cpu)
{
	return &((struct percpu *)percpu_of(m, cpu))->zswap_ctx;
}

/* ---- the pool ---- */

u64 zswap_accept_thr_pages(const struct kernel *k);
/* zswap_check_limits(): at its limit it is full, and remains so down to the accept threshold. */
bool zswap_check_limits(struct kernel *k);
/* Bytes that a page takes, 4096: it does not get smaller. */
u32 zswap_compressed_bytes(const struct kernel *k, u32 page, u32 content);
u64 zswap_compress_ns(const struct kernel *k, u32 page, u32 content);
u64 zswap_decompress_ns(const struct kernel *k, u32 page, u32 content);

/* ---- entries ---- */

/* A page frame, into the tree in place of the entry that was there, charged; not on a list. @bytes are taken
 * from the pool already. */
u32 zswap_insert(struct kernel *k, struct task *t, u32 frame, u32 bytes);
/* Off tree and list, uncharged and freed: zswap_invalidate() of a slot, which need not have one. */
void zswap_erase(struct kernel *k, u32 slot);
void zswap_lru_add(struct kernel *k, u32 entry);
/* It goes to the end of the list. */
void zswap_lru_rotate(struct kernel *k, u32 entry);

/* ---- cgroups ---- */

/* obj_cgroup_may_zswap(): no memory.zswap.max of it or above is met. */
bool zswap_may_store(const struct kernel *k, u32 memcg);
/* mem_cgroup_zswap_writeback_enabled(): neither it nor what is above forbids to write to devices. Without
 * zswap nobody does. */
bool zswap_writeback_enabled(const struct kernel *k, u32 memcg);
/* memory.zswap.max, in pages; without zswap nothing follows from it. */
void zswap_set_max(struct kernel *k, u32 memcg, u64 pages);
/* zswap_folio_swapin(): a page was not here and is read from a device. */
void zswap_folio_swapin(struct kernel *k, u32 memcg);

/* ---- zswap_shrink.c ---- */

/* zswap_shrinker_count(): entries that reclaim of @memcg may look at, in proportion to what is saved by it;
 * the swap-ins from devices since the last time are taken off. */
u64 zswap_shrinker_count(struct kernel *k, u32 memcg);
/* queue_work(): the worker brings the pool down to the accept threshold. */
void zswap_queue_shrink(struct kernel *k);

#endif
