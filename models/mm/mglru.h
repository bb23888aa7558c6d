/*
 * mglru.h - the multi-gen LRU (mm/vmscan.c, mm/workingset.c, include/linux/mm_inline.h: lru_gen_*; 6.1-7.2).
 *
 * In place of an active and an inactive list a cgroup has up to four generations of either type, numbered
 * without end: max_seq is the youngest, min_seq the oldest that has folios. What faults goes to the youngest,
 * from 6.14 on, unless it is of the working set, to the second youngest; in 7.2 what is not of it goes to
 * where its flags put it, as used once. Ageing (mglru_age.c) walks page tables, makes what was used the
 * youngest and opens another generation; eviction (mglru_evict.c) takes the oldest from the tail. Two
 * generations are never evicted from, so eviction that comes to them has to wait for ageing.
 *
 * A folio's generation is a number with the folio. A walk changes that number and leaves the folio on the
 * list it is on; eviction, when it comes to the folio, puts it where it belongs. "Active" are the two
 * youngest.
 *
 * Tiers of a generation are folios by how often they were used through file descriptors, or, up to 6.13, came
 * back soon. Who comes back is counted by tier, and a tier that comes back too often is protected: its folios
 * get a generation more. In the same way anonymous and file pages are balanced. A folio that goes leaves the
 * number of the oldest generation in its shadow (lru_gen_eviction()); a refault is recent if that is still
 * the oldest one (up to 6.13), or not far from the youngest (from 6.14).
 *
 * Counters mean other things than those of the classic LRU. pgscan is what was isolated, not what was looked
 * at (that is pgrefill, if it was put elsewhere). workingset_refault is every refault, of 6.1 only the recent
 * ones; workingset_activate is the recent refaults, of 6.1 the folios that were protected, from 6.14 on those
 * of faults only, and in 7.2 of these what is of the working set.
 *
 * Left out: accesses through file descriptors, and so all tiers but those of refaults; lists by zone; the LRU
 * of cgroups (all are walked in order, as by the classic LRU); min_ttl; accessed bits of page directories;
 * hash collisions of the Bloom filter; the batch through which neighbours of a page in use are activated;
 * kswapd of 6.1 ages when it evicts.
 */
#ifndef MODELS_MM_MGLRU_H
#define MODELS_MM_MGLRU_H

#include "models/mm/folio.h"

enum { MIN_LRU_BATCH = 64, MAX_LRU_BATCH = 64 * MIN_LRU_BATCH };

static inline bool lru_gen_enabled(const struct kernel *k)
{
	return k->config.lru == LRU_MULTI_GEN;
}
/* In a fault: what comes into memory is in use. */
static inline bool lru_gen_in_fault(const struct task *t)
{
	return t->flags & PF_LRU_FAULT;
}

void lru_gen_init(struct kernel *k);

/* Onto the list of the generation its flags ask for, at the tail if it was @rotated there by its end of I/O;
 * and off its list. lru_lock held. */
void lru_gen_add_folio(struct kernel *k, u32 folio, bool rotated);
void lru_gen_del_folio(struct kernel *k, u32 folio);
/* The list that it is on. */
struct folio_list *lru_gen_list(const struct kernel *k, u32 folio);
/* @folio is split: its generation has @pages more; @frame, which was split off and stays, is on its list. */
void lru_gen_add_pages(struct kernel *k, u32 folio, s32 pages);
void lru_gen_split(struct kernel *k, u32 folio, u32 frame);
/* Pages of the generations that are active or are not. */
u64 lru_gen_size(const struct kernel *k, u32 memcg, enum lru_list lru);

/* Whether it is on a list, and not of the youngest generation. */
bool lru_gen_is_older(const struct kernel *k, u32 folio);
/* A page of it was used. Seen by a walk (@walk): the youngest generation is where it belongs. Seen by
 * eviction on its way: it is moved there now. */
void lru_gen_promote(struct kernel *k, u32 folio, bool walk);
/* folio_inc_refs(): it was read, or written, through a file descriptor. */
void lru_gen_inc_refs(struct kernel *k, u32 folio);
/* folio_add_lru() in a fault. */
void lru_gen_fault_in(struct kernel *k, u32 folio);
/* folio_check_references() from 6.14: whether it was used before. */
bool lru_gen_set_refs(struct kernel *k, u32 folio);

/* Of the type that is to be evicted, the last tier that may go. A generation is used up. */
u32 lru_gen_tier_idx(const struct kernel *k, const struct lru_gen *g, u32 type);
void lru_gen_reset_tiers(struct lru_gen *g, u32 type);
/* That type; up to 6.13, if it is no obvious choice, @tier, too. */
u32 lru_gen_type_to_scan(const struct kernel *k, const struct lru_gen *g, u64 swappiness, u32 *tier);

/* Opens another generation; lru_lock held. @swap: anonymous pages can go. */
void lru_gen_inc_max_seq(struct kernel *k, u32 memcg, bool swap);
/* Until another one is opened, the oldest generation of what can go cannot become younger than this. */
u64 lru_gen_evictable_seq(const struct kernel *k, u32 memcg, u64 swappiness);
/* isolate_folios() and try_to_inc_min_seq(): up to MIN_LRU_BATCH folios of the oldest generation, when @nr
 * have been looked at at most. Returns how many pages that were, 0 if there are none to evict. */
u32 lru_gen_isolate(struct kernel *k, u32 memcg, u64 swappiness, u32 nr, struct folio_list *to);
/* A run of kswapd begins at the priority at which it is likely to get what it wants (from 6.12). */
void lru_gen_set_initial_priority(const struct kernel *k, struct scan_control *sc);

/* From 6.14: whether it would go back to the oldest generation. */
bool lru_gen_would_be_oldest(const struct kernel *k, u32 folio);
/* How often it was used; up to 6.13, that it came back soon, too. */
void lru_gen_forget_uses(struct kernel *k, u32 folio);

u64 lru_gen_eviction(struct kernel *k, u32 folio);
void lru_gen_refault(struct kernel *k, const struct task *t, u32 folio, u64 shadow);

/* Eviction found the entry of @page, which maps @frame, with the accessed bit or without it: clear it, and of
 * those near it. Returns whether it had it. The page table's lock is held. */
bool lru_gen_look_around(struct kernel *k, const struct task *t, u32 frame, u32 page);
/* A walk over the page tables of one process; returns entries looked at. */
u32 lru_gen_walk_mm(struct kernel *k, u32 memcg, u32 mm, bool force);
/* The address space is gone; the next one is walked whatever the filter says. */
void lru_gen_del_mm(struct kernel *k, u32 mm);
/* A CPU begins to run a task of it. */
void lru_gen_use_mm(struct kernel *k, u32 mm);

#endif
