/*
 * lru.h - LRU lists and the per-CPU batches in front of them (mm/swap.c,
 * include/linux/mm_inline.h; 6.17/6.18).
 *
 * A new folio waits in a batch of its CPU, holding a reference, until the batch is full or this CPU starts a
 * scan; until then nobody can isolate it. A large one has the batch emptied at once, as if it filled it.
 * Pages whose writeback ended wait in a batch of their own, those that MADV_FREE gave up in another
 * (madvise_free.c). Where the LRU is the multi-gen one, the lists are those of mglru.h. Left out: the batches
 * of other operations (activation by mark_page_accessed(), MADV_COLD), unevictable folios.
 */
#ifndef MODELS_MM_LRU_H
#define MODELS_MM_LRU_H

#include <string.h>

#include "models/kernel.h"

static inline struct lruvec *lruvec_of(const struct kernel *k, u32 folio)
{
	return &k->lruvec[k->folio[folio].memcg];
}
static inline enum lru_list folio_lru_list(const struct folio *f)
{
	return (f->flags & (FOLIO_FILE | FOLIO_LAZYFREE) ? LRU_INACTIVE_FILE : LRU_INACTIVE_ANON) +
	       !!(f->flags & FOLIO_ACTIVE);
}

void folio_list_add(struct kernel *k, struct folio_list *list, u32 folio);
void folio_list_add_tail(struct kernel *k, struct folio_list *list, u32 folio);
/* On the head's side of @at, which is on the list. */
void folio_list_add_before(struct kernel *k, struct folio_list *list, u32 at, u32 folio);
void folio_list_del(struct kernel *k, struct folio_list *list, u32 folio);
/* From the tail; 0 when empty. */
u32 folio_list_take(struct kernel *k, struct folio_list *list);
/* How many there are, large ones as one; the list's count is their pages. */
u32 folio_list_folios(const struct kernel *k, const struct folio_list *list);

/* Put a folio into the batch of the task's CPU, taking a reference. True: it would fill the batch and is not
 * in it: CALL lru_add_drain with .folio, which adds and drains without losing the CPU in between. */
bool folio_add_lru(struct kernel *k, struct task *t, u32 folio);
/* All of a batch is on its lists: what lies in it counts no more, and must tell no two states apart. */
static inline void lru_batch_empty(u32 *batch, u32 *count)
{
	memset(batch, 0, *count * sizeof *batch);
	*count = 0;
}
/* Onto the list its flags name; lru_lock held. */
void lruvec_add_folio(struct kernel *k, struct lruvec *v, u32 folio);
void lruvec_del_folio(struct kernel *k, struct lruvec *v, u32 folio);

/* The list that a folio with FOLIO_LRU is on. */
struct folio_list *lru_list_of(const struct kernel *k, u32 folio);
/* Pages on a list of a cgroup. */
u64 lruvec_size(const struct kernel *k, u32 memcg, enum lru_list list);

/* folio_mark_accessed(), 6.1-7.2: the second use makes it active; while it is in a batch, only in that of the
 * task's CPU. Left out: the batch of those on a list that are to be active. */
void folio_mark_accessed(struct kernel *k, const struct task *t, u32 folio);

/* move_folios_to_lru(): give back isolated folios, lru_lock held; the isolation's reference goes. Who let go
 * of a page meanwhile lost it here: those go to @dead, to be freed when the lock is dropped. */
void lru_putback(struct kernel *k, u32 memcg, struct folio_list *from, struct folio_list *dead);
/* What that takes while the lock is held. */
u64 lru_putback_ns(const struct kernel *k, const struct folio_list *from);
void lru_free_dead(struct kernel *k, struct folio_list *dead);

/*
 * Reclaim walks lists whose folios lie all over memory, each of which names the next: nothing but waiting for
 * memory, a quarter of all time. So while a batch is worked on a scout goes ahead, a folio at a time, and has
 * those of the next batch fetched. It is a hint to the CPU this program runs on and changes no result.
 */
static inline void lru_scout_from(struct kernel *k, u32 folio)
{
	k->scout = folio;
}
static inline void lru_scout(struct kernel *k)
{
	const struct folio *f = &k->folio[k->scout];

	__builtin_prefetch(&k->pte_flags[f->page]);
	__builtin_prefetch(&k->pte[f->page]);
	k->scout = f->prev;
	__builtin_prefetch(&k->folio[f->prev]);
}

/* What goes into a batch of those that are to be moved. It may be isolated from its list meanwhile, and is
 * not moved then; but in 6.14 it is off the list until the batch is done (in the kernel it stands there, and
 * who scans it passes over it). */
void lru_batch_isolate(struct kernel *k, u32 folio);
void lru_batch_put_back(struct kernel *k, struct lruvec *v, u32 folio);
/* folio_rotate_reclaimable(): the page of an end of I/O on @cpu waits in a batch of that CPU, which holds a
 * reference, to be put to the tail of its list. In an interrupt: nobody's lru_lock is waited for. */
void folio_rotate_reclaimable(struct kernel *k, u32 cpu, u32 folio);

/* inactive_is_low() of an inactive list (mm/vmscan.c): ratio 1 below 1 GiB, then sqrt(10 x GiB). */
bool inactive_is_low(const struct lruvec_stats *stats, enum lru_list inactive);

#endif
