/*
 * cache.h - the swap cache of all designs: which lock guards it, what it costs, what memory it takes.
 *
 *			up to 6.17			from 6.18
 *	container	XArray per 64 MiB		table of words per cluster
 *	lock		xa_lock, interrupts off		the cluster's lock
 *	lookup		walk of three levels, RCU	two loads, RCU
 *	memory		576 B nodes, on insertion	4096 B a table, when a free cluster is taken into use;
 *							in 7.2 with 1024 B for cgroups
 *
 * All keep a word per slot, so the word is one array; the designs differ in what is above. A shadow is a
 *word, too, and keeps a node alive. Up to 6.18 folios come and go in cache.c, and has SWAP_HAS_CACHE of
 *swap_map to come before and go after; from 7.0 on they come in alloc.c and cache_alloc.c and go in
 *cache_del.c. Stands for mm/swap_state.c, mm/swap_table.h.
 */
#ifndef MODELS_SWAP_CACHE_H
#define MODELS_SWAP_CACHE_H

#include "models/kernel.h"

enum {
	XA_NODE_BYTES = 576,
	XA_LEAF_SHIFT = 6, /* slots per node */
	SWAP_TABLE_BYTES = 4096,
	MEMCG_TABLE_BYTES = 1024,
};

/* From 7.2: of the cgroups of a cluster's slots, beside its table. */
static inline u32 memcg_table_bytes(const struct kernel *k)
{
	return k->release->cgroup_in_cluster ? MEMCG_TABLE_BYTES : 0;
}

static inline u64 swap_cache_word(const struct kernel *k, u32 entry)
{
	return k->slot[entry].cache;
}
u32 swap_cache_lookup_ns(const struct kernel *k);
/* The folio that the cache has for a slot, with a reference; 0: none. */
u32 swap_cache_get_folio(struct kernel *k, u32 entry);

static inline struct swap_address_space *swap_space_of(const struct kernel *k, u32 entry)
{
	return &k->space[(entry >> k->cluster_shift) / k->config.space_clusters];
}

/* Store a word in @nr slots under the design's lock. False, and nothing changed: a node was needed and there
 * is no memory for it. Storing over words, or 0, cannot fail. What it costs beyond the store itself is added
 * to t->work_ns; no task: a folio takes the place of another, which costs no more. */
bool swap_cache_store(struct kernel *k, struct task *t, u32 entry, u32 nr, u64 word);

/* Put a locked folio into the cache from @entry on, under the design's lock. False: as above. */
bool swap_cache_insert(struct kernel *k, struct task *t, u32 folio, u32 entry);
/* Nobody but the isolation and the cache, which counts for each page, holds the folio, and it was written
 * since it was last dirtied. */
bool swap_cache_may_evict(const struct kernel *k, u32 folio);

/* Bytes that swapon allocates for a device of @slots slots and @clusters clusters. */
u64 swap_static_bytes(const struct kernel *k, u64 slots, u64 clusters);

/* From 6.18: a cluster's table comes and goes with its use; the page is free after a grace period. */
void swap_table_publish(struct kernel *k, u32 cluster);
void swap_table_free(struct kernel *k, u32 cluster);
void swap_table_page_free(struct machine *m, u32 unused);

#endif
